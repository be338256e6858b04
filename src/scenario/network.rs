//! What measures do to facilities and to prices at ports, as [`Builder`] adds it to the wedges.

use super::builder::Builder;
use super::caps::{Cap, caps};
use super::ceilings::in_unit;
use super::measure::Verb;
use super::schedule::Segment;
use crate::data::{Market, Network, units};
use crate::error::{Error, Result};

impl Builder<'_> {
    /// The commodity's facilities and what they carry in a segment before any measure.
    pub(super) fn capacities(&self, segment: &Segment) -> impl Iterator<Item = (usize, f64)> {
        let day = segment.days.map(|(first, _)| first);
        let network = self.baseline.network();
        let of_commodity = |network: &Network| -> Vec<(usize, f64)> {
            network.of_commodity(self.commodity).map(|f| (f, network.facilities[f].capacity(day))).collect()
        };
        network.map_or(Vec::new(), of_commodity).into_iter()
    }

    /// `state`: the forces, then what facilities carry before any measure.
    pub(super) fn changed_capacities(&self, touching: &[usize], state: &[f64]) -> Result<Vec<(usize, f64)>> {
        let Some(network) = self.baseline.network() else { return Ok(Vec::new()) };
        let places = network.of_commodity(self.commodity);
        let mut capacities: Vec<(usize, f64)> = places.zip(state[touching.len()..].iter().copied()).collect();
        for (&m, &force) in touching.iter().zip(state) {
            let measure = &self.scenario.measures[m];
            let (Verb::Capacity, Some(place)) =
                (measure.verb, measure.facility.as_deref().and_then(|n| network.facility(n)))
            else {
                continue;
            };
            if measure.to.is_some() == measure.add.is_some() {
                let label = self.scenario.label(m);
                return Err(Error::Scenario(format!("measure '{label}': Capacity takes exactly one of to, add")));
            }
            let flows = &self.baseline.flows;
            let unit = capacity_unit(measure.unit.as_deref(), &flows.units.quantity[self.commodity])
                .map_err(|error| Error::Scenario(format!("measure '{}': {error}", self.scenario.label(m))))?;
            for (_, capacity) in capacities.iter_mut().filter(|(facility, _)| *facility == place && force > 0.0) {
                let change = measure.to.map_or(measure.add.unwrap_or(0.0) * unit, |to| to * unit - *capacity);
                *capacity = (*capacity + force * change).max(0.0);
            }
        }
        Ok(capacities)
    }

    pub(super) fn caps(&self, market: &Market, touching: &[usize], state: &[f64]) -> Result<Vec<Cap>> {
        let mut found: Vec<Cap> = Vec::new();
        for (&m, &force) in touching.iter().zip(state) {
            let measure = &self.scenario.measures[m];
            if measure.verb != Verb::PriceCap || force == 0.0 {
                continue;
            }
            let label = self.scenario.label(m);
            let rows: Vec<usize> = self.targets[m].rows(market).collect();
            let refused = |error: String| Error::Scenario(format!("measure '{label}': {error}"));
            if force != 1.0 || self.targets[m].mode_share != 1.0 {
                return Err(refused(
                    "a price cap is in force or not: write 0 or 1 in its phase, and no mode_share".to_string(),
                ));
            }
            let made = caps(measure, &label, &self.baseline.flows, self.commodity, market, &rows).map_err(refused)?;
            for cap in made {
                if let Some(other) = found.iter().find(|other| other.exporter == cap.exporter) {
                    let exporter = self.baseline.flows.countries.name(cap.exporter);
                    return Err(refused(format!(
                        "the exports of {exporter} are already capped by '{}'; keep one",
                        other.label
                    )));
                }
                found.push(cap);
            }
        }
        Ok(found)
    }
}

/// As [`in_unit`]; where the unit of the quantities was not said everything is in that unit.
fn capacity_unit(given: Option<&str>, unit: &str) -> std::result::Result<f64, String> {
    if unit == units::NOT_SAID { Ok(1.0) } else { in_unit(given, unit) }
}
