//! Trade graphs on which no equilibrium exists, and those on which one does.

use tradewinds::Error;
use tradewinds::model::general::Deficits;
use tradewinds::model::general::nest::Nests;

use super::support::*;

const BLOC: [&str; 2] = ["C0", "C1"];
const OTHERS: [&str; 2] = ["C2", "C3"];

fn infeasible(deficits: Deficits, measures: Vec<tradewinds::scenario::Measure>, named: &[&str], why: &str) {
    let model = model(shares(4, 3, 0.5, true, true, 7), 5.0, deficits, Nests::default());
    match solve(&model, measures) {
        Err(Error::Infeasible { message, countries }) => {
            assert!(message.contains(why), "{message}");
            assert_eq!(countries, named, "{message}");
        }
        other => panic!("{:?}", other.map(|solution| solution.status())),
    }
}

#[test]
fn a_bloc_cut_off_with_a_fixed_deficit_has_no_equilibrium() {
    let cut = || vec![ban(&BLOC, &OTHERS, &["*"]), ban(&OTHERS, &BLOC, &["*"])];
    infeasible(Deficits::Additive, cut(), &BLOC, "cut off from all others, with a fixed surplus");
    infeasible(
        Deficits::Additive,
        vec![ban(&["C3"], &["*"], &["*"]), ban(&["*"], &["C3"], &["*"])],
        &["C3"],
        "C3 is cut off",
    );
}

#[test]
fn a_ban_in_one_direction_has_no_equilibrium_without_the_transfer_it_takes() {
    infeasible(Deficits::Zero, vec![ban(&OTHERS, &BLOC, &["*"])], &BLOC, "can sell to others and buy nothing");
    infeasible(Deficits::Zero, vec![ban(&BLOC, &OTHERS, &["*"])], &BLOC, "can buy from others and sell nothing");
}

#[test]
fn one_direction_is_enough_for_those_who_pay() {
    let mut given = shares(2, 2, 0.5, true, false, 3);
    given.deficit = Some(vec![5.0, -5.0].into());
    let model = model(given, 4.0, Deficits::Additive, Nests::default());
    // C1 lends, so it can go on selling to C0 and buy nothing.
    let solution = solve(&model, vec![ban(&["C0"], &["C1"], &["*"])]).unwrap();
    assert!(solution.status().converged, "{:?}", solution.status());
    assert!(solution.certificate().numbers("trade_balance")[0] < 1e-10);
    let flows = solution.flows();
    let exports: Vec<f64> = (0..flows.numbers("value_after").len())
        .filter(|&row| flows.numbers("value_after")[row] == 0.0)
        .map(|row| flows.numbers("value_before")[row])
        .collect();
    assert_eq!(exports.len(), 2, "C0's exports of both sectors are closed exactly");
}

#[test]
fn a_sector_without_a_supplier_has_no_price() {
    let every = || vec![ban(&["*"], &["C2"], &["S1"]), ban(&["C2"], &["C2"], &["S1"])];
    for deficits in [Deficits::Zero, Deficits::Additive, Deficits::Multiplicative] {
        infeasible(deficits, every(), &["C2"], "no supplier of S1");
    }
    let nests = Nests { value_added: 1.5, inputs: 1.5, goods: 2.0 };
    let model = model(shares(4, 3, 0.5, true, true, 7), 5.0, Deficits::Additive, nests);
    let solution = solve(&model, every()).unwrap();
    assert!(solution.status().converged);
    let prices = solution.prices();
    assert_eq!(prices.numbers("price_index")[4 + 2], f64::INFINITY);
    assert!(real_income(&solution)[2] < -1.0);
}

#[test]
fn each_component_has_its_own_numeraire() {
    let model = model(shares(4, 3, 0.5, true, true, 7), 5.0, Deficits::Zero, Nests::default());
    let solution = solve(&model, vec![ban(&BLOC, &OTHERS, &["*"]), ban(&OTHERS, &BLOC, &["*"])]).unwrap();
    assert!(solution.status().converged);
    let wages = solution.wages();
    let (before, after) = (wages.numbers("value_added_before"), wages.numbers("value_added"));
    for pair in [0..2, 2..4] {
        let (was, is): (f64, f64) = (before[pair.clone()].iter().sum(), after[pair].iter().sum());
        // Rounding of exp and of the sums.
        assert!((is / was - 1.0).abs() < 1e-14);
    }
}
