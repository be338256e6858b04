//! Amounts by destination: they add up to what was sold, with what is not produced.

use std::collections::BTreeMap;

use tradewinds::result::destinations::destinations;

use crate::answers::support::{close, random_solution, rows, select, words};

#[test]
fn both_sides_add_up_and_amounts_are_those_of_the_flows() {
    for seed in 0..100 {
        let solution = random_solution(seed);
        for country in 0..solution.model.baseline.countries() {
            let exporter = format!("C{country}");
            let table = destinations(&solution, &select(&solution, &[&exporter]));
            let [commodity, entry, importer] = ["commodity", "entry", "importer"].map(|name| words(&table, name));
            let mut wanted: BTreeMap<(String, String), (f64, f64)> = BTreeMap::new();
            for row in rows(&solution).into_iter().filter(|row| row.exporter == exporter) {
                let sums = wanted.entry((row.commodity, row.importer)).or_default();
                sums.0 += row.value.0;
                sums.1 += row.value.0 * row.quantity.1 / row.quantity.0;
            }
            let mut totals: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
            for (row, (before, after)) in table.numbers("before").iter().zip(table.numbers("after")).enumerate() {
                let total = totals.entry(&commodity[row]).or_default();
                *total = (total.0 + before, total.1 + after);
                if entry[row] == "sold" {
                    let (was, is) = wanted.remove(&(commodity[row].clone(), importer[row].clone())).unwrap();
                    // Two modes and two segments in another order.
                    close(*before, was, 8.0 * f64::EPSILON * was);
                    close(*after, is, 8.0 * f64::EPSILON * is.max(was));
                }
            }
            assert!(wanted.is_empty());
            for (before, after) in totals.values() {
                // What is not produced comes from the supply curve, not as a remainder: markets clear
                // to 1e-12 relative, magnified by at most 1/(1 − modulus) here far below 1e3.
                close(*after, *before, 1e-9 * before);
            }
        }
    }
}
