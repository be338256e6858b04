//! Unknown quantities at the unit values of known ones.

use tradewinds::Error;
use tradewinds::data::{Duplicates, FlowRows, Flows, Labels, Period, Units};

/// Exporters A and B sell x to C and D in 2021; B has no quantity.
fn flows(quantity: [f64; 4]) -> Flows {
    let rows = FlowRows {
        period: vec![0; 4],
        commodity: vec![0; 4],
        exporter: vec![0, 0, 1, 1],
        importer: vec![2, 3, 2, 3],
        mode: None,
        value: vec![8.0, 4.0, 6.0, 0.0],
        quantity: quantity.to_vec(),
    };
    let units = Units { currency: "USD".into(), quantity: vec!["t".into()] };
    let labels = Labels::new(["A", "B", "C", "D"]);
    Flows::new(labels, Labels::new(["x"]), vec![Period::Year(2021)], None, units, rows, Duplicates::Raise).unwrap()
}

#[test]
fn the_own_unit_value_comes_first_and_that_of_all_next() {
    let (made, filled) = flows([2.0, f64::NAN, f64::NAN, f64::NAN]).with_unit_values().unwrap();
    // Powers of two and a 6 / 4: nothing is rounded. A's unit value is 4, and so is that of all.
    assert_eq!(made.rows().quantity, [2.0, 1.0, 1.5, 0.0]);
    assert_eq!(filled, [false, true, true, true]);
    let (made, filled) = flows([2.0, f64::NAN, 3.0, f64::NAN]).with_unit_values().unwrap();
    assert_eq!(made.rows().quantity, [2.0, 1.0, 3.0, 0.0]);
    assert_eq!(filled, [false, true, false, true]);
}

#[test]
fn what_is_known_stays_and_nothing_is_made_of_nothing() {
    let known = flows([2.0, 1.0, 3.0, 0.0]);
    assert_eq!(known.with_unit_values().unwrap().0, known);
    let refused = flows([f64::NAN; 4]).with_unit_values().unwrap_err();
    assert!(matches!(&refused, Error::Data(text) if text.contains("no flow of x in 2021 has a quantity")), "{refused}");
}
