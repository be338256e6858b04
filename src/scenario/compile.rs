//! From a scenario to wedges: positions and numbers only, no names.

use super::Scenario;
use super::builder::Builder;
use super::measure::Measure;
use super::schedule::{Exposure, Segment, cut, in_full};
use super::target::{ScheduleCells, resolve_all};
use super::wedges::Wedges;
use crate::data::{Baseline, Network, Period};
use crate::error::{Error, Result};

/// The different wedges a commodity sees, and which of them holds in each segment.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledMarket {
    pub variants: Vec<Wedges>,
    pub variant_of_segment: Vec<usize>,
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
    scenario.check()?;
    let (kept, left_out) = supported(scenario, support)?;
    let segments = match at {
        None => vec![in_full(&kept)?],
        Some(period) => cut(&kept, period, &baseline.network().map_or(Vec::new(), Network::days)),
    };
    let targets = resolve_all(&kept, baseline)?;
    let rows = ScheduleCells::locate(&kept, baseline)?;
    let mut compiled = Compiled {
        segments,
        markets: Vec::with_capacity(baseline.commodities()),
        left_out,
        without_effect: Vec::new(),
        schedule_without_effect: rows.without_effect,
    };
    let mut met = vec![false; kept.measures.len()];
    for commodity in 0..baseline.commodities() {
        if stopped() {
            return Err(Error::Interrupted);
        }
        let builder = Builder { scenario: &kept, baseline, targets: &targets, schedule: &rows, commodity };
        compiled.markets.push(builder.market(&compiled.segments, exposure, &mut met)?);
    }
    if exposure == Exposure::Average {
        compiled.segments = vec![average(&compiled.segments)];
    }
    compiled.without_effect = (0..met.len()).filter(|&m| !met[m]).map(|m| kept.label(m)).collect();
    Ok(compiled)
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
