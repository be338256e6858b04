//! What a table must be.

use tradewinds::data::InputOutput;
use tradewinds::data::input_output::Shares;

use super::support::{names, shares};

fn refused(change: impl Fn(&mut Shares), expected: &[&str]) {
    let mut given = shares(3, 2, 0.5, true, true, 1);
    change(&mut given);
    let message = InputOutput::new(names("C", 3), names("S", 2), given).unwrap_err().to_string();
    expected.iter().for_each(|part| assert!(message.contains(part), "{message}"));
}

#[test]
fn what_is_wrong_is_named() {
    refused(|s| s.import_share[[1, 2, 0]] += 0.1, &["import_share", "S1", "C2", "sum to 1.1"]);
    refused(|s| s.input_share[[1, 0, 1]] += 0.2, &["input_share", "S1", "C1", "sum to 1.2"]);
    refused(|s| s.final_share[[0, 1]] -= 0.3, &["final_share", "C1", "sum to 0.7"]);
    refused(|s| s.value_added[2] = -1.0, &["value added of C2", "-1", "above 0"]);
    refused(|s| s.value_added[2] = 0.0, &["value added of C2", "above 0"]);
    refused(|s| s.tariff_power.as_mut().unwrap()[[0, 1, 2]] = 0.0, &["tariff_power", "C2 to C1", "−100 %"]);
    refused(|s| s.deficit = Some(vec![1.0, 2.0, 3.0].into()), &["deficits sum to 6"]);
    refused(|s| s.deficit = Some(vec![0.0; 2].into()), &["deficit has the shape [2]", "[3]"]);
    refused(|s| s.final_share[[0, 1]] = f64::NAN, &["final_share", "S0 in C1", "NaN"]);
    refused(|s| s.import_share.slice_mut(ndarray::s![1, 2, ..]).fill(0.0), &["S1 is used in C2", "no supplier"]);
    refused(
        |s| {
            s.input_share.slice_mut(ndarray::s![0, .., 1]).fill(0.0);
            s.value_added_share[[1, 0]] = 0.0;
        },
        &["S1 in C0", "neither inputs nor value added", "bought by C0, C1, C2"],
    );
    refused(
        |s| {
            s.import_share[[0, 0, 1]] += s.import_share[[0, 0, 0]] + 0.01;
            s.import_share[[0, 0, 0]] = -0.01;
        },
        &["import_share", "share of C0", "-0.01", "at least 0"],
    );
}

#[test]
fn labels_are_each_once() {
    let twice =
        InputOutput::new(vec!["A".into(), "A".into(), "B".into()], names("S", 2), shares(3, 2, 0.5, true, false, 1));
    assert!(twice.unwrap_err().to_string().contains("'A' is among the countries twice"));
}

#[test]
fn residuals_of_published_tables_are_taken_away_and_told() {
    let mut given = shares(3, 2, 0.5, true, true, 1);
    let moved = given.input_share[[0, 1, 0]] + 5e-4;
    given.input_share[[0, 1, 0]] = -5e-4;
    given.input_share[[0, 0, 0]] += moved;
    given.final_share[[1, 2]] += 1e-6;
    let table = InputOutput::new(names("C", 3), names("S", 2), given).unwrap();
    let costs = &table.adjustments[0];
    assert_eq!((costs.shares, costs.negative, costs.lowest), ("input_share and value_added_share", 1, -5e-4));
    let spending = &table.adjustments[1];
    assert_eq!((spending.shares, spending.negative), ("final_share", 0));
    assert!((spending.off - 1e-6).abs() < 1e-12);
    let sum = table.shares.input_share.slice(ndarray::s![0, .., 0]).sum() + table.shares.value_added_share[[0, 0]];
    // One rounding of a division and a sum.
    assert!((sum - 1.0).abs() < 4.0 * f64::EPSILON);
    assert_eq!(table.shares.input_share[[0, 1, 0]], 0.0);
}
