//! A path in general equilibrium, where nothing adjusts: each of its combinations of wedges is solved once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Watch, at, some_reached};
use crate::data::Period;
use crate::error::Result;
use crate::model::General;
use crate::result::GeneralSolution;
use crate::result::general::Certified;
use crate::run;
use crate::scenario::compile::{Resolved, used};
use crate::scenario::schedule::check_consecutive;
use crate::scenario::{Exposure, Scenario, Segment};
use crate::solve::Stop;

/// As [`super::solve_path`], in general equilibrium: every period is what [`crate::solve_general_each`] gives at
/// it, bit for bit.
///
/// # Errors
/// As there.
pub fn solve_general_path(
    model: &General,
    scenario: &Scenario,
    periods: &[Period],
    leave_out: bool,
    stop: &Stop,
    watch: Watch,
) -> Result<Vec<Result<GeneralSolution>>> {
    check_consecutive(periods)?;
    let (baseline, support) = (&model.baseline, General::support(leave_out));
    let resolved = Resolved::new(scenario, baseline, Some(periods[0]), Exposure::Segments, &support)?;
    let by_period: Vec<Vec<Segment>> = periods.iter().map(|period| resolved.segments_of(*period)).collect();
    let segments = by_period.concat();
    let sectors: Vec<usize> = (0..baseline.commodities()).collect();
    let markets = run::each(&sectors, stop, |&sector| resolved.market(sector, &segments));
    let whole = resolved.compiled(markets.into_iter().collect::<Result<_>>()?, &segments);
    let (states, of_segment) = whole.joint();
    let (done, total) = (AtomicU64::new(0), states.len() as u64);
    watch(0, total);
    let found = run::each(&states, stop, |variants| {
        let found = Certified::solve(model, model.cells(&whole.wedges(variants)), stop);
        watch(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        found
    });
    let shared = Arc::new(scenario.clone());
    let mut end = 0;
    let solutions = periods.iter().zip(&by_period).map(|(&period, own)| {
        let place = end..end + own.len();
        end = place.end;
        let (states, of_segment) = used(&of_segment[place.clone()]);
        let found = states.iter().map(|&state| found[state].clone()).collect::<Result<Vec<_>>>()?;
        let markets = whole.markets.iter().map(|market| market.during(place.clone()).0).collect();
        let compiled = resolved.compiled(markets, own);
        let options = at(period, leave_out);
        Ok(GeneralSolution::new(model.clone(), shared.clone(), options, compiled, (found, of_segment)))
    });
    some_reached(solutions.collect(), stop)
}
