//! The road taken period by period.

mod general;
mod work;

pub use general::solve_general_path;
use work::{Found, Outcomes, Work, in_order};

use std::ops::Range;
use std::sync::Arc;

use crate::Options;
use crate::data::{Baseline, Period};
use crate::error::{Error, Result};
use crate::model::{Adjusts, Armington, Equilibrium, Model, Spatial, SpatialEquilibrium, Status};
use crate::result::{Solution, Solved, SpatialSolution};
use crate::run;
use crate::run::path::{Paces, step};
use crate::scenario::compile::{Compiled, CompiledMarket, Resolved, Support};
use crate::scenario::schedule::check_consecutive;
use crate::scenario::{Exposure, Scenario, Segment, State, Wedges};
use crate::solve::Stop;

/// Called with the solves done and all there are.
pub type Watch<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// What a path is of: consecutive periods of a scenario.
#[derive(Debug, Clone)]
pub struct Journey {
    pub scenario: Arc<Scenario>,
    pub periods: Vec<Period>,
    /// Leave out measures that the model does not take.
    pub leave_out: bool,
}

impl Journey {
    pub fn of(scenario: &Scenario, periods: &[Period], leave_out: bool) -> Self {
        Self { scenario: Arc::new(scenario.clone()), periods: periods.to_vec(), leave_out }
    }
}

/// What was solved on a journey, from which another one takes what is the same in it.
#[derive(Debug)]
pub struct Walked<F>(Vec<Commodity<F>>);

/// A solution a period, or its error, and what they are made of.
pub type Followed<S, W> = (Vec<Result<S>>, W);

/// Another journey over the same periods by a model that differs in the commodities that are marked.
pub type Known<'a, W> = Option<(&'a W, &'a [bool])>;

/// Solves consecutive years, quarters or months against the baseline: each by the segments within it,
/// with the state of adjusting curves carried from segment to segment in order of time. Curves start
/// from rest after the baseline's period, or with the first of the periods where that is not later;
/// periods in between are solved on the way. Where nothing adjusts every period is what
/// [`crate::solve_scenario`] gives at it, bit for bit.
///
/// # Errors
/// As [`crate::solve_scenario`], and [`Error::Scenario`] for periods that do not follow on each other.
/// That a period has no equilibrium is its own error. Once a stop is requested the periods that are not
/// solved by then are [`Error::Interrupted`], and all of it if none is.
pub fn solve_path(
    model: &Armington,
    scenario: &Scenario,
    periods: &[Period],
    leave_out: bool,
    stop: &Stop,
    watch: Watch,
) -> Result<Vec<Result<Solution>>> {
    Ok(follow(model, &Journey::of(scenario, periods, leave_out), None, stop, watch)?.0)
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
    Ok(follow_spatial(model, &Journey::of(scenario, periods, leave_out), None, stop, watch)?.0)
}

/// As [`solve_path`], with what is the same on another journey taken from there.
///
/// # Errors
/// As there.
pub(crate) fn follow(
    model: &Armington,
    journey: &Journey,
    known: Known<Walked<Solved>>,
    stop: &Stop,
    watch: Watch,
) -> Result<Followed<Solution, Walked<Solved>>> {
    let asked = Asked { journey, support: &Armington::support(journey.leave_out), baseline: &model.baseline };
    let finish = |commodity, wedges: &Wedges, found: Equilibrium| Solved::new(model, commodity, wedges, found);
    let made = |period, Solutions { compiled, found, before }| {
        let options = at(period, journey.leave_out);
        Solution::new(model.clone(), journey.scenario.clone(), options, compiled, found).with_history(before)
    };
    let (found, walked) = path(model, &asked, known, |equilibrium| &equilibrium.status, finish, stop, watch)?;
    Ok((dated(&journey.periods, found, made), walked))
}

/// As [`follow`], by the spatial model.
///
/// # Errors
/// As there.
pub(crate) fn follow_spatial(
    model: &Spatial,
    journey: &Journey,
    known: Known<Walked<SpatialEquilibrium>>,
    stop: &Stop,
    watch: Watch,
) -> Result<Followed<SpatialSolution, Walked<SpatialEquilibrium>>> {
    let asked = Asked { journey, support: &Spatial::support(journey.leave_out), baseline: &model.baseline };
    let finish = |_, _: &Wedges, found: SpatialEquilibrium| found;
    let made = |period, Solutions { compiled, found, before }| {
        let options = at(period, journey.leave_out);
        SpatialSolution::new(model.clone(), journey.scenario.clone(), options, compiled, found).with_history(before)
    };
    let (found, walked) = path(model, &asked, known, |equilibrium| &equilibrium.status, finish, stop, watch)?;
    Ok((dated(&journey.periods, found, made), walked))
}

/// What is made of the periods that have an equilibrium.
fn dated<F, S>(periods: &[Period], found: Vec<Result<F>>, made: impl Fn(Period, F) -> S) -> Vec<Result<S>> {
    periods.iter().zip(found).map(|(&period, found)| found.map(|found| made(period, found))).collect()
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
    journey: &'a Journey,
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

/// What became of a commodity: its market over all segments, with the outcomes of its wedges or, where it
/// adjusts, of its stretches.
#[derive(Debug, Clone)]
struct Commodity<F> {
    market: CompiledMarket,
    outcomes: Outcomes<F>,
}

fn path<M, F>(
    model: &M,
    asked: &Asked,
    known: Known<Walked<F>>,
    status: impl Fn(&M::Equilibrium) -> &Status + Sync,
    finish: impl Fn(usize, &Wedges, M::Equilibrium) -> F + Sync,
    stop: &Stop,
    watch: Watch,
) -> Result<Followed<Solutions<F>, Walked<F>>>
where
    M: Adjusts + Send,
    M::Equilibrium: Send,
    F: Clone + Send,
{
    let periods = &asked.journey.periods;
    check_consecutive(periods)?;
    let first = periods[0];
    let scenario = &asked.journey.scenario;
    let resolved = Resolved::new(scenario, asked.baseline, Some(first), Exposure::Segments, asked.support)?;
    let commodities: Vec<usize> = (0..asked.baseline.commodities()).collect();
    let adjusts: Vec<bool> = commodities.iter().map(|&k| model.adjusts(k)).collect();
    let lead = if adjusts.contains(&true) { between(asked.baseline.period, first) } else { Vec::new() };
    let by_period: Vec<Vec<Segment>> = lead.iter().chain(periods).map(|period| resolved.segments_of(*period)).collect();
    let segments: Vec<Segment> = by_period.iter().flatten().cloned().collect();
    let skipped: usize = by_period[..lead.len()].iter().map(Vec::len).sum();
    let own = |k: usize| if adjusts[k] { &segments[..] } else { &segments[skipped..] };
    let markets = run::each(&commodities, stop, |&k| resolved.market(k, own(k)));
    let markets = markets.into_iter().collect::<Result<Vec<CompiledMarket>>>()?;
    let lengths: Vec<f64> = segments.iter().map(Segment::years).collect();
    let paces = Paces::of(model, lengths.iter().copied().filter(|_| adjusts.contains(&true)));
    let again: Vec<Option<&Commodity<F>>> = (markets.iter().zip(0..))
        .map(|(market, k)| {
            let (Walked(walked), moved) = known?;
            (!moved[k] && walked[k].market == *market).then_some(&walked[k])
        })
        .collect();
    let works = (markets.iter().zip(0..)).map(|(market, k)| match adjusts[k] {
        _ if again[k].is_some() => Work::None,
        true => Work::walk(lengths.iter().copied().zip(market.by_segment()).collect(), model.rest(k)),
        false => Work::markets(market, skipped),
    });
    let works = in_order((model, &paces), works.collect(), &by_period, status, stop, watch);
    let found: Vec<Option<Found<M::Equilibrium>>> = works.into_iter().map(Work::found).collect();
    let again: Vec<Option<Commodity<F>>> = again.into_iter().map(Option::<&_>::cloned).collect();
    let mut solved: Vec<Commodity<F>> = Vec::with_capacity(markets.len());
    for (k, ((market, again), found)) in markets.into_iter().zip(again).zip(found).enumerate() {
        let finished = found.map(|found| found.finished(k, &market, &finish));
        solved.push(again.or(finished.map(|outcomes| Commodity { market, outcomes })).expect("known or solved"));
    }
    let mut end = skipped;
    let periods = by_period[lead.len()..].iter().map(|own| {
        let start = end;
        end += own.len();
        of_period(&resolved, &solved, start..end, skipped, own)
    });
    Ok((some_reached(periods.collect(), stop)?, Walked(solved)))
}

/// The periods, of which those that a stop kept from being solved are [`Error::Interrupted`].
///
/// # Errors
/// [`Error::Interrupted`] where all are.
fn some_reached<T>(periods: Vec<Result<T>>, stop: &Stop) -> Result<Vec<Result<T>>> {
    match stop.requested() && periods.iter().all(|period| matches!(period, Err(Error::Interrupted))) {
        true => Err(Error::Interrupted),
        false => Ok(periods),
    }
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
    for Commodity { market, outcomes } in solved {
        match outcomes {
            Outcomes::OfWedges(all) => {
                let (market, used) = market.during(place.start - skipped..place.end - skipped);
                markets.push(market);
                found.push(used.iter().map(|&variant| all[variant].clone()).collect::<Result<Vec<F>>>()?);
                before.push(Vec::new());
            }
            Outcomes::OfStretches(stretches) => {
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
