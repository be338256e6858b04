//! What real income is made of.

use tradewinds::model::general::Deficits;
use tradewinds::model::general::nest::Nests;
use tradewinds::scenario::{Measure, Verb};
use tradewinds::solve::Stop;

use super::support::*;

fn measures() -> Vec<Measure> {
    let tax = Measure { rate: Some(0.1), ..measure(Verb::ExportTax, &["C1"], &["*"], &["S0"]) };
    let cost = Measure { change: Some(0.2), ..measure(Verb::TradeCost, &["C2"], &["C3"], &["*"]) };
    let partial = Measure { coverage: Some(0.5), ..ban(&["C3"], &["C0"], &["*"]) };
    vec![duty(&["C4"], &["*"], 0.2), tax, cost, partial, ban(&["C0"], &["C4"], &["S1"])]
}

#[test]
fn the_residual_falls_by_four_as_steps_double() {
    for (deficits, nests) in [
        (Deficits::Additive, Nests::default()),
        (Deficits::Multiplicative, Nests::default()),
        (Deficits::Zero, Nests { value_added: 0.5, inputs: 0.2, goods: 0.7 }),
    ] {
        let model = model(shares(5, 3, 0.6, true, true, 3), 4.0, deficits, nests);
        let solution = solve(&model, measures()).unwrap();
        let residual = |steps: usize| {
            let table = solution.welfare(false, Some(steps), &Stop::default()).unwrap();
            table.numbers("residual").iter().fold(0.0, |worst: f64, r| worst.max(r.abs()))
        };
        let found: Vec<f64> = [16, 32, 64].map(residual).to_vec();
        for pair in found.windows(2) {
            let ratio = pair[0] / pair[1];
            // The next term of the error is smaller by the square of the step.
            assert!((3.7..4.3).contains(&ratio), "{deficits:?} {found:?}");
        }
        let table = solution.welfare(false, None, &Stop::default()).unwrap();
        assert!(table.numbers("residual").iter().all(|r| r.abs() < 1e-3), "{:?}", table.numbers("residual"));
        let names = ["terms_of_trade", "volume_of_trade", "trade_cost", "availability", "transfer", "residual"];
        for i in 0..5 {
            let sum: f64 = names.iter().map(|name| table.numbers(name)[i]).sum();
            assert!((sum - table.numbers("log_real_income")[i]).abs() < 1e-12);
            let change = 100.0 * (table.numbers("log_real_income")[i] / 100.0).exp_m1();
            assert!((change - table.numbers("real_income")[i]).abs() < 1e-12);
        }
    }
}

#[test]
fn sectors_add_up_to_countries() {
    let model = model(shares(5, 3, 0.6, true, true, 3), 4.0, Deficits::Additive, Nests::default());
    let solution = solve(&model, measures()).unwrap();
    let country = solution.welfare(false, Some(8), &Stop::default()).unwrap();
    let sector = solution.welfare(true, Some(8), &Stop::default()).unwrap();
    for name in ["terms_of_trade", "volume_of_trade", "trade_cost", "availability"] {
        for i in 0..5 {
            let sum: f64 = sector.numbers(name).iter().skip(i).step_by(5).sum();
            // The same numbers in the same order.
            assert_eq!(sum, country.numbers(name)[i], "{name}");
        }
    }
    let (first, by_sector) = (solution.welfare_first_order(false), solution.welfare_first_order(true));
    for i in 0..5 {
        let sum: f64 = by_sector.numbers("welfare").iter().skip(i).step_by(5).sum();
        // Other orders of summing, numbers of order 1.
        assert!((sum - first.numbers("welfare")[i]).abs() < 1e-12);
    }
}

#[test]
fn the_first_order_figures_are_those_of_a_small_change() {
    let model = model(shares(4, 3, 0.6, true, true, 8), 4.0, Deficits::Additive, Nests::default());
    let gap = |rate: f64| {
        let solution = solve(&model, vec![duty(&["C0"], &["C1"], rate)]).unwrap();
        apart(solution.welfare_first_order(false).numbers("welfare"), &real_income(&solution))
    };
    let (large, small) = (gap(0.02), gap(0.01));
    // Of second order in the duty.
    assert!((3.6..4.4).contains(&(large / small)), "{large} {small}");
}
