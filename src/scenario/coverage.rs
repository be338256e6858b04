//! What a scenario's measures meet in a baseline, measure by measure, before anything is solved.

use super::Scenario;
use super::compile::{Support, compile};
use super::schedule::Exposure;
use super::target::resolve_all;
use crate::data::{Baseline, Period};
use crate::error::Result;

/// What one measure meets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Coverage {
    /// Countries and commodities that its selectors take, by position.
    pub exporters: Vec<usize>,
    pub importers: Vec<usize>,
    pub commodities: Vec<usize>,
    /// Flows of positive value among them.
    pub flows: usize,
    /// Their value, and the value of all flows of these commodities, in the flows' currency.
    pub value: f64,
    pub trade: f64,
    /// Why the model does not take the measure; `None`: it does.
    pub refusal: Option<String>,
}

/// What the measure at `position` of a scenario meets, compiled alone.
///
/// # Errors
/// Whatever is wrong with this measure against this baseline.
pub fn coverage(scenario: &Scenario, position: usize, baseline: &Baseline, support: &Support) -> Result<Coverage> {
    let mut measure = scenario.measures[position].clone();
    measure.name = Some(scenario.label(position));
    let alone = Scenario { measures: vec![measure], schedule: Vec::new(), ..scenario.clone() };
    let target = resolve_all(&alone, baseline)?.remove(0);
    let lenient = Support { refusal: support.refusal, leave_out: true };
    compile(&alone, baseline, None, Exposure::Segments, &lenient, &|| false)?;
    let commodities: Vec<usize> = (0..baseline.commodities()).filter(|&k| target.aims(baseline, k)).collect();
    let mut found = Coverage {
        exporters: target.exporters.positions(),
        importers: target.importers.positions(),
        refusal: (support.refusal)(&alone.measures[0]),
        ..Coverage::default()
    };
    for &commodity in &commodities {
        let market = baseline.market(commodity);
        for row in market.trading(|_, _| true) {
            found.trade += market.value[row];
            if target.meets(&market, row) {
                found.flows += 1;
                found.value += market.value[row];
            }
        }
    }
    Ok(Coverage { commodities, ..found })
}

/// Compiles the whole scenario: what is wrong with its measures together, or with its schedule.
/// Gives the number of schedule rows on flows that are zero or absent.
///
/// # Errors
/// As [`compile`], but for measures the model does not take.
pub fn together(scenario: &Scenario, baseline: &Baseline, at: Option<Period>, support: &Support) -> Result<usize> {
    let lenient = Support { refusal: support.refusal, leave_out: true };
    Ok(compile(scenario, baseline, at, Exposure::Segments, &lenient, &|| false)?.schedule_without_effect)
}
