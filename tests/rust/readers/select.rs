//! The first digits of HS codes select them.

use tradewinds::data::Labels;
use tradewinds::scenario::select::{Context, Selector};

const CODES: [&str; 6] = ["010121", "2709", "270900", "271111", "9999AA", "2709 crude"];

fn taken(labels: &Labels, kind: &'static str, term: &str) -> Option<Vec<usize>> {
    let context = Context { labels, kind, groups: None };
    context.resolve(&Selector(vec![term.to_string()])).ok().map(|selection| selection.positions())
}

#[test]
fn digits_take_the_codes_that_begin_with_them() {
    let labels = Labels::new(CODES);
    assert_eq!(taken(&labels, "commodity", "27"), Some(vec![1, 2, 3]));
    assert_eq!(taken(&labels, "commodity", "2711"), Some(vec![3]));
    assert_eq!(taken(&labels, "commodity", "99"), Some(vec![4]));
    assert_eq!(taken(&labels, "commodity", "!27"), Some(vec![0, 4, 5]));
}

#[test]
fn a_label_means_itself() {
    assert_eq!(taken(&Labels::new(CODES), "commodity", "2709"), Some(vec![1]));
}

#[test]
fn an_unknown_beginning_and_another_kind_are_refused() {
    let labels = Labels::new(CODES);
    assert_eq!(taken(&labels, "commodity", "28"), None);
    assert_eq!(taken(&labels, "commodity", "2"), None);
    assert_eq!(taken(&labels, "mode", "27"), None);
}
