//! Period after period.

use std::sync::atomic::{AtomicU64, Ordering};

use tradewinds::data::Period;
use tradewinds::model::General;
use tradewinds::model::general::Deficits;
use tradewinds::model::general::nest::Nests;
use tradewinds::result::GeneralSolution;
use tradewinds::run::pool::set_threads;
use tradewinds::scenario::{Measure, Scenario, Verb};
use tradewinds::solve::Stop;
use tradewinds::{Error, Result, solve_general_path};

use super::support::*;

const YEARS: [Period; 4] = [Period::Year(2013), Period::Year(2014), Period::Year(2015), Period::Year(2016)];

fn economy() -> General {
    model(shares(5, 3, 0.6, true, true, 21), 5.0, Deficits::Additive, Nests::default())
}

fn measures() -> Vec<Measure> {
    let duty = Measure { start: Some(day("2014-03-01")), ..duty(&["C0"], &["C1"], 0.3) };
    let cost = Measure { change: Some(0.2), ..measure(Verb::TradeCost, &["C2"], &["*"], &["S1"]) };
    let cost = Measure { start: Some(day("2014-07-01")), end: Some(day("2014-12-31")), ..cost };
    vec![duty, cost]
}

fn path(measures: Vec<Measure>, total: &AtomicU64) -> Result<Vec<Result<GeneralSolution>>> {
    let watch = |_, all| total.store(all, Ordering::Relaxed);
    solve_general_path(&economy(), &scenario(measures), &YEARS, false, &Stop::default(), &watch)
}

fn points(solution: &GeneralSolution) -> Vec<u64> {
    solution.equilibria.iter().flat_map(|one| one.point.iter().map(|x| x.to_bits())).collect()
}

#[test]
fn a_period_is_the_static_solve_at_it_bit_for_bit() {
    for threads in [1, 2, 4, 7] {
        set_threads(threads);
        let total = AtomicU64::new(0);
        let found = path(measures(), &total).unwrap();
        // Nothing, the duty, the duty and the cost.
        assert_eq!(total.load(Ordering::Relaxed), 3);
        for (period, one) in YEARS.iter().zip(found) {
            let (one, alone) = (one.unwrap(), solve_at(&economy(), measures(), Some(*period)).unwrap());
            assert_eq!(points(&one), points(&alone));
            assert_eq!((&one.compiled, &one.of_segment), (&alone.compiled, &alone.of_segment));
            assert_eq!(one.status().residual.to_bits(), alone.status().residual.to_bits());
            for table in [GeneralSolution::flows, GeneralSolution::wages, GeneralSolution::certificate] {
                assert_eq!(table(&one), table(&alone));
            }
        }
    }
}

#[test]
fn a_period_without_equilibrium_fails_alone() {
    let cut = |measure: Measure| Measure { start: Some(day("2015-06-01")), end: Some(day("2015-06-30")), ..measure };
    let measures = vec![cut(ban(&["C0"], &["C1", "C2", "C3", "C4"], &["*"])), cut(ban(&["*"], &["C0"], &["*"]))];
    let found = path(measures, &AtomicU64::new(0)).unwrap();
    let ended: Vec<bool> = found.iter().map(Result::is_ok).collect();
    assert_eq!(ended, [true, true, false, true]);
    assert!(matches!(found[2], Err(Error::Infeasible { .. })));
}

#[test]
fn a_stop_ends_the_path() {
    let stop = Stop::default();
    stop.request();
    let model = economy();
    let found = solve_general_path(&model, &Scenario::default(), &YEARS, false, &stop, &|_, _| ());
    assert!(matches!(found, Err(Error::Interrupted)));
}
