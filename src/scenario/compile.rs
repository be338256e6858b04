//! From a scenario to wedges: positions and numbers only, no names.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Scenario;
use super::builder::Builder;
use super::measure::Measure;
use super::schedule::{Exposure, Segment, cut, in_full};
use super::target::{ScheduleCells, Target, resolve_all};
use super::wedges::Wedges;
use crate::data::{Baseline, Network, Period};
use crate::error::{Error, Result};

/// The different wedges a commodity sees, and which of them holds in each segment.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledMarket {
    pub variants: Vec<Wedges>,
    pub variant_of_segment: Vec<usize>,
}

impl CompiledMarket {
    /// The market over a part of the segments, with the variants they use; also where those were.
    pub fn during(&self, segments: Range<usize>) -> (Self, Vec<usize>) {
        let (used, variant_of_segment) = used(&self.variant_of_segment[segments]);
        let variants = used.iter().map(|&variant| self.variants[variant].clone()).collect();
        (Self { variants, variant_of_segment }, used)
    }

    /// The wedges that hold in each segment, in order.
    pub fn by_segment(&self) -> impl Iterator<Item = &Wedges> {
        self.variant_of_segment.iter().map(|&variant| &self.variants[variant])
    }

    /// A market whose wedges differ in every segment.
    pub fn of_segments(variants: Vec<Wedges>) -> Self {
        Self { variant_of_segment: (0..variants.len()).collect(), variants }
    }
}

/// The different positions among `of_segments` in order of first use, and where each segment's own is there.
pub fn used(of_segments: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let mut used: Vec<usize> = Vec::new();
    let place = |position: &usize| {
        used.iter().position(|known| known == position).unwrap_or_else(|| {
            used.push(*position);
            used.len() - 1
        })
    };
    let places = of_segments.iter().map(place).collect();
    (used, places)
}

/// A scenario resolved against a baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    pub segments: Vec<Segment>,
    /// By commodity.
    pub markets: Vec<CompiledMarket>,
    /// Measures the model does not take, left out because the caller said so.
    pub left_out: Vec<String>,
    /// Measures that meet no flow of positive value.
    pub without_effect: Vec<String>,
    /// Schedule rows on flows that are zero or absent.
    pub schedule_without_effect: usize,
}

impl Compiled {
    /// What is to be solved: every commodity under every of its wedges.
    pub fn tasks(&self) -> impl Iterator<Item = (usize, &Wedges)> {
        (self.markets.iter().enumerate())
            .flat_map(|(commodity, market)| market.variants.iter().map(move |wedges| (commodity, wedges)))
    }

    /// For models that solve all commodities at once: the different combinations of their wedges, a variant
    /// by commodity, and which of them holds in each segment.
    pub fn joint(&self) -> (Vec<Vec<usize>>, Vec<usize>) {
        let mut states: Vec<Vec<usize>> = Vec::new();
        let of_segment = (0..self.segments.len()).map(|segment| {
            let state: Vec<usize> = self.markets.iter().map(|market| market.variant_of_segment[segment]).collect();
            states.iter().position(|known| *known == state).unwrap_or_else(|| {
                states.push(state);
                states.len() - 1
            })
        });
        let of_segment = of_segment.collect();
        (states, of_segment)
    }

    /// The wedges of a combination, by commodity.
    pub fn wedges(&self, variants: &[usize]) -> Vec<&Wedges> {
        self.markets.iter().zip(variants).map(|(market, &variant)| &market.variants[variant]).collect()
    }

    /// The wedges of a commodity with the share of the period for which they hold.
    pub fn weighted(&self, commodity: usize) -> impl Iterator<Item = (f64, &Wedges)> {
        let market = &self.markets[commodity];
        let mut weights = vec![0.0; market.variants.len()];
        for (variant, segment) in market.variant_of_segment.iter().zip(&self.segments) {
            weights[*variant] += segment.weight;
        }
        weights.into_iter().zip(&market.variants)
    }

    /// Results of [`Compiled::tasks`], in that order, by commodity and variant.
    pub fn by_commodity<T>(&self, of_tasks: impl IntoIterator<Item = T>) -> Vec<Vec<T>> {
        let mut rest = of_tasks.into_iter();
        self.markets.iter().map(|market| rest.by_ref().take(market.variants.len()).collect()).collect()
    }
}

/// What a model says about the measures it is given.
pub struct Support {
    /// The reason why the model does not take a measure; `None`: it does.
    pub refusal: fn(&Measure) -> Option<String>,
    /// Leave such measures out instead of refusing the scenario.
    pub leave_out: bool,
}

/// Resolves `scenario` at a date or period (`None`: every measure fully in force).
///
/// # Errors
/// [`Error::Scenario`] for unknown names, dates that never meet, duties of −100 % and less, two
/// replacing duties on one flow, modes on flows without modes; [`Error::Model`] for measures the
/// model does not take.
pub fn compile(
    scenario: &Scenario,
    baseline: &Baseline,
    at: Option<Period>,
    exposure: Exposure,
    support: &Support,
    stopped: &dyn Fn() -> bool,
) -> Result<Compiled> {
    let resolved = Resolved::new(scenario, baseline, at, exposure, support)?;
    let market = |commodity| match stopped() {
        true => Err(Error::Interrupted),
        false => resolved.market(commodity, &resolved.segments),
    };
    let markets = (0..baseline.commodities()).map(market).collect::<Result<_>>()?;
    Ok(resolved.compiled(markets, &resolved.segments))
}

/// A scenario whose names and dates are resolved, its markets still to be built, side by side if need be.
pub struct Resolved<'a> {
    /// The measures that the model takes, each with a name.
    pub kept: Scenario,
    /// With the share of each kept measure in force.
    pub segments: Vec<Segment>,
    baseline: &'a Baseline,
    exposure: Exposure,
    targets: Vec<Target>,
    schedule: ScheduleCells,
    left_out: Vec<String>,
    /// By kept measure: whether it meets a flow of positive value in one of the markets built so far.
    met: Vec<AtomicBool>,
}

impl<'a> Resolved<'a> {
    /// # Errors
    /// As [`compile`], but for what only building a market finds: duties of −100 % and less, two
    /// replacing duties on one flow.
    pub fn new(
        scenario: &Scenario,
        baseline: &'a Baseline,
        at: Option<Period>,
        exposure: Exposure,
        support: &Support,
    ) -> Result<Self> {
        scenario.check()?;
        let (kept, left_out) = supported(scenario, support)?;
        let segments = match at {
            None => vec![in_full(&kept)?],
            Some(period) => cut(&kept, period, &baseline.network().map_or(Vec::new(), Network::days)),
        };
        let targets = resolve_all(&kept, baseline)?;
        let schedule = ScheduleCells::locate(&kept, baseline)?;
        let met = kept.measures.iter().map(|_| AtomicBool::new(false)).collect();
        Ok(Self { met, kept, segments, baseline, exposure, targets, schedule, left_out })
    }

    /// The segments of another period than the one asked about.
    pub fn segments_of(&self, period: Period) -> Vec<Segment> {
        cut(&self.kept, period, &self.baseline.network().map_or(Vec::new(), Network::days))
    }

    fn builder(&self, commodity: usize) -> Builder<'_> {
        Builder {
            scenario: &self.kept,
            baseline: self.baseline,
            targets: &self.targets,
            schedule: &self.schedule,
            commodity,
        }
    }

    /// The market of a commodity over `segments`, which may have other shares in force than the
    /// scenario's own.
    pub fn market(&self, commodity: usize, segments: &[Segment]) -> Result<CompiledMarket> {
        self.builder(commodity).market(segments, self.exposure, &self.met)
    }

    /// Where a measure of that label is among the kept ones.
    pub fn position(&self, label: &str) -> Option<usize> {
        self.kept.measures.iter().position(|measure| measure.name.as_deref() == Some(label))
    }

    /// The kept measures that meet a flow of a commodity.
    pub fn touching(&self, commodity: usize) -> Vec<usize> {
        self.builder(commodity).touching()
    }

    /// Markets built over `segments`, by commodity, as a compiled scenario.
    pub fn compiled(&self, markets: Vec<CompiledMarket>, segments: &[Segment]) -> Compiled {
        let missed = |m: &usize| !self.met[*m].load(Ordering::Relaxed);
        Compiled {
            segments: match self.exposure {
                Exposure::Segments => segments.to_vec(),
                Exposure::Average => vec![average(segments)],
            },
            markets,
            left_out: self.left_out.clone(),
            without_effect: (0..self.met.len()).filter(missed).map(|m| self.kept.label(m)).collect(),
            schedule_without_effect: self.schedule.without_effect,
        }
    }
}

fn supported(scenario: &Scenario, support: &Support) -> Result<(Scenario, Vec<String>)> {
    let mut kept = scenario.clone();
    let mut left_out = Vec::new();
    kept.measures.clear();
    for (position, measure) in scenario.measures.iter().enumerate() {
        let label = scenario.label(position);
        match (support.refusal)(measure) {
            None => kept.measures.push(Measure { name: Some(label), ..measure.clone() }),
            Some(_) if support.leave_out => left_out.push(label),
            Some(reason) => return Err(Error::Model(format!("measure '{label}': {reason}"))),
        }
    }
    Ok((kept, left_out))
}

fn average(segments: &[Segment]) -> Segment {
    let mut force = vec![0.0; segments[0].force.len()];
    for segment in segments {
        force.iter_mut().zip(&segment.force).for_each(|(sum, share)| *sum += segment.weight * share);
    }
    let days = segments[0].days.zip(segments[segments.len() - 1].days).map(|(first, last)| (first.0, last.1));
    Segment { days, weight: 1.0, force }
}
