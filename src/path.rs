//! The road taken period by period.

mod general;

pub use general::solve_general_path;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Options;
use crate::data::{Baseline, Period};
use crate::error::{Error, Result};
use crate::model::{Adjusts, Armington, Equilibrium, Model, Spatial, SpatialEquilibrium, Status};
use crate::result::{Solution, Solved, SpatialSolution};
use crate::run;
use crate::run::path::{Outcome, Paces, Piece, Stretch, solve_pieces, step};
use crate::scenario::compile::{Compiled, CompiledMarket, Resolved, Support};
use crate::scenario::schedule::check_consecutive;
use crate::scenario::{Exposure, Scenario, Segment, State, Wedges};
use crate::solve::Stop;

/// Called with the solves done and all there are.
pub type Watch<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// Solves consecutive years, quarters or months against the baseline: each by the segments within it,
/// with the state of adjusting curves carried from segment to segment in order of time. Curves start
/// from rest after the baseline's period, or with the first of `periods` where that is not later;
/// periods in between are solved on the way. Where nothing adjusts every period is what
/// [`crate::solve_scenario`] gives at it, bit for bit.
///
/// # Errors
/// As [`crate::solve_scenario`], and [`Error::Scenario`] for periods that do not follow on each other.
/// That a period has no equilibrium is its own error.
pub fn solve_path(
    model: &Armington,
    scenario: &Scenario,
    periods: &[Period],
    leave_out: bool,
    stop: &Stop,
    watch: Watch,
) -> Result<Vec<Result<Solution>>> {
    let asked = Asked { scenario, periods, support: &Armington::support(leave_out), baseline: &model.baseline };
    let finish = |commodity, wedges: &Wedges, found: Equilibrium| Solved::new(model, commodity, wedges, found);
    let shared = Arc::new(scenario.clone());
    let made = |period, Solutions { compiled, found, before }| {
        Solution::new(model.clone(), shared.clone(), at(period, leave_out), compiled, found).with_history(before)
    };
    let found = path(model, &asked, |equilibrium| &equilibrium.status, finish, stop, watch)?;
    Ok(periods.iter().zip(found).map(|(&period, found)| found.map(|found| made(period, found))).collect())
}

/// As [`solve_path`], by the spatial model.
///
/// # Errors
/// As there.
pub fn solve_spatial_path(
    model: &Spatial,
    scenario: &Scenario,
    periods: &[Period],
    leave_out: bool,
    stop: &Stop,
    watch: Watch,
) -> Result<Vec<Result<SpatialSolution>>> {
    let asked = Asked { scenario, periods, support: &Spatial::support(leave_out), baseline: &model.baseline };
    let finish = |_, _: &Wedges, found: SpatialEquilibrium| found;
    let shared = Arc::new(scenario.clone());
    let made = |period, Solutions { compiled, found, before }| {
        SpatialSolution::new(model.clone(), shared.clone(), at(period, leave_out), compiled, found).with_history(before)
    };
    let found = path(model, &asked, |equilibrium| &equilibrium.status, finish, stop, watch)?;
    Ok(periods.iter().zip(found).map(|(&period, found)| found.map(|found| made(period, found))).collect())
}

/// One period of a path again, from the states that its stretches began with.
///
/// # Errors
/// As [`crate::solve_spatial`].
pub(crate) fn solve_spatial_from(
    model: &Spatial,
    scenario: &Scenario,
    options: Options,
    compiled: Compiled,
    history: Vec<Vec<State>>,
    stop: &Stop,
) -> Result<SpatialSolution> {
    let lengths: Vec<f64> = compiled.segments.iter().map(Segment::years).collect();
    let paces = Paces::of(model, lengths.iter().copied());
    let again = |&k: &usize| -> Result<(CompiledMarket, Vec<SpatialEquilibrium>)> {
        let market = &compiled.markets[k];
        if history[k].is_empty() {
            let found = market.variants.iter().map(|wedges| model.solve(k, wedges, None, stop));
            return Ok((market.clone(), found.collect::<Result<_>>()?));
        }
        let stretches = lengths.iter().copied().zip(market.by_segment()).zip(&history[k]);
        let solved = stretches.map(|(stretch, before)| {
            let (solved, _) = step((model, &paces), k, stretch, before.clone(), stop)?;
            Ok((solved.wedges, solved.equilibrium))
        });
        let (wedges, found) = solved.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        Ok((CompiledMarket::of_segments(wedges), found))
    };
    let commodities: Vec<usize> = (0..compiled.markets.len()).collect();
    let solved = run::each(&commodities, stop, again).into_iter().collect::<Result<Vec<_>>>()?;
    let (markets, found) = solved.into_iter().unzip();
    let compiled = Compiled { markets, ..compiled };
    Ok(SpatialSolution::new(model.clone(), Arc::new(scenario.clone()), options, compiled, found).with_history(history))
}

fn at(period: Period, leave_out: bool) -> Options {
    Options { at: Some(period), leave_out, ..Options::default() }
}

struct Asked<'a> {
    scenario: &'a Scenario,
    periods: &'a [Period],
    support: &'a Support,
    baseline: &'a Baseline,
}

/// What a solution of one period is made of.
struct Solutions<F> {
    compiled: Compiled,
    /// By commodity and variant.
    found: Vec<Vec<F>>,
    /// By commodity and variant: the states that stretches began with; empty where nothing adjusts.
    before: Vec<Vec<State>>,
}

/// What became of a commodity, with the outcomes of its wedges or stretches.
enum Commodity<F> {
    Market(CompiledMarket, Vec<Result<F>>),
    Walk(Vec<Result<(State, Wedges, F)>>),
}

fn path<M, F>(
    model: &M,
    asked: &Asked,
    status: impl Fn(&M::Equilibrium) -> &Status + Sync,
    finish: impl Fn(usize, &Wedges, M::Equilibrium) -> F + Sync,
    stop: &Stop,
    watch: Watch,
) -> Result<Vec<Result<Solutions<F>>>>
where
    M: Adjusts + Send,
    M::Equilibrium: Send,
    F: Clone + Send,
{
    check_consecutive(asked.periods)?;
    let first = asked.periods[0];
    let resolved = Resolved::new(asked.scenario, asked.baseline, Some(first), Exposure::Segments, asked.support)?;
    let commodities: Vec<usize> = (0..asked.baseline.commodities()).collect();
    let adjusts: Vec<bool> = commodities.iter().map(|&k| model.adjusts(k)).collect();
    let lead = if adjusts.contains(&true) { between(asked.baseline.period, first) } else { Vec::new() };
    let by_period: Vec<Vec<Segment>> =
        lead.iter().chain(asked.periods).map(|period| resolved.segments_of(*period)).collect();
    let segments: Vec<Segment> = by_period.iter().flatten().cloned().collect();
    let skipped: usize = by_period[..lead.len()].iter().map(Vec::len).sum();
    let own = |k: usize| if adjusts[k] { &segments[..] } else { &segments[skipped..] };
    let markets = run::each(&commodities, stop, |&k| resolved.market(k, own(k)));
    let markets = markets.into_iter().collect::<Result<Vec<CompiledMarket>>>()?;
    let lengths: Vec<f64> = segments.iter().map(Segment::years).collect();
    let paces = Paces::of(model, lengths.iter().copied().filter(|_| adjusts.contains(&true)));
    let pieces: Vec<Piece> = (markets.iter().zip(0..))
        .flat_map(|(market, k)| match adjusts[k] {
            true => vec![Piece::Walk(k, lengths.iter().copied().zip(market.by_segment()).collect())],
            false => market.variants.iter().map(|wedges| Piece::Market(k, wedges)).collect(),
        })
        .collect();
    let total = pieces.iter().map(Piece::solves).sum::<usize>() as u64;
    let done = AtomicU64::new(0);
    watch(0, total);
    let told = || watch(done.fetch_add(1, Ordering::Relaxed) + 1, total);
    let mut outcomes = solve_pieces((model, &paces), &pieces, status, stop, &told)?.into_iter();
    if stop.requested() {
        return Err(Error::Interrupted);
    }
    drop(pieces);
    let mut solved: Vec<Commodity<F>> = Vec::with_capacity(markets.len());
    for (k, market) in markets.into_iter().enumerate() {
        let count = if adjusts[k] { 1 } else { market.variants.len() };
        let own: Vec<Outcome<M::Equilibrium>> = outcomes.by_ref().take(count).collect();
        solved.push(finished(k, market, own, &finish));
    }
    let mut end = skipped;
    let periods = by_period[lead.len()..].iter().map(|own| {
        let start = end;
        end += own.len();
        of_period(&resolved, &solved, start..end, skipped, own)
    });
    Ok(periods.collect())
}

/// The periods between that of the baseline and the first one asked about, of the latter's length.
fn between(baseline: Period, first: Period) -> Vec<Period> {
    let mut periods = Vec::new();
    let mut earlier = first.previous();
    while earlier.first_day() > baseline.last_day() {
        periods.push(earlier);
        earlier = earlier.previous();
    }
    periods.reverse();
    periods
}

fn finished<E, F>(
    commodity: usize,
    market: CompiledMarket,
    outcomes: Vec<Outcome<E>>,
    finish: &impl Fn(usize, &Wedges, E) -> F,
) -> Commodity<F> {
    let mut found = Vec::with_capacity(market.variants.len());
    for (place, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Outcome::Market(one) => {
                found.push(one.map(|one| finish(commodity, &market.variants[place], one)));
            }
            Outcome::Walk(stretches) => {
                let one = |stretch: Stretch<E>| {
                    let made = finish(commodity, &stretch.wedges, stretch.equilibrium);
                    (stretch.before, stretch.wedges, made)
                };
                return Commodity::Walk(stretches.into_iter().map(|stretch| stretch.map(one)).collect());
            }
        }
    }
    Commodity::Market(market, found)
}

/// The markets of one period, whose segments are at `place` among all; the first `skipped` belong to no
/// period asked about.
fn of_period<F: Clone>(
    resolved: &Resolved,
    solved: &[Commodity<F>],
    place: Range<usize>,
    skipped: usize,
    segments: &[Segment],
) -> Result<Solutions<F>> {
    let (mut markets, mut found, mut before) = (Vec::new(), Vec::new(), Vec::new());
    for one in solved {
        match one {
            Commodity::Market(market, all) => {
                let (market, used) = market.during(place.start - skipped..place.end - skipped);
                markets.push(market);
                found.push(used.iter().map(|&variant| all[variant].clone()).collect::<Result<Vec<F>>>()?);
                before.push(Vec::new());
            }
            Commodity::Walk(stretches) => {
                let own = stretches[place.clone()].iter().cloned().collect::<Result<Vec<_>>>()?;
                markets.push(CompiledMarket::of_segments(own.iter().map(|(_, wedges, _)| wedges.clone()).collect()));
                before.push(own.iter().map(|(before, _, _)| before.clone()).collect());
                found.push(own.into_iter().map(|(_, _, made)| made).collect());
            }
        }
    }
    if before.iter().all(Vec::is_empty) {
        before.clear();
    }
    Ok(Solutions { compiled: resolved.compiled(markets, segments), found, before })
}
