//! From the measures in force to the wedges of one commodity's market.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use super::ceilings::{Ceiling, ceiling, in_unit, same_currency};
use super::compile::CompiledMarket;
use super::measure::{Measure, Verb};
use super::schedule::{Exposure, Segment};
use super::target::{ScheduleCells, Target};
use super::wedges::{Change, Factor, PerUnit, Wedges};
use super::{Overlap, Scenario};
use crate::data::{Baseline, Market};
use crate::error::{Error, Result};

/// Builds the wedges of one commodity.
pub(super) struct Builder<'a> {
    pub scenario: &'a Scenario,
    pub baseline: &'a Baseline,
    pub targets: &'a [Target],
    pub schedule: &'a ScheduleCells,
    pub commodity: usize,
}

/// Absolute rates of one row while measures are being added up.
#[derive(Clone, Copy)]
struct Rates {
    left: f64,
    tariff: f64,
    replaced: bool,
    export_tax: f64,
    cost: f64,
    per_unit: PerUnit,
}

/// The rates of the rows that are touched.
struct Touched {
    /// Where each row is in `rates`, or [`Touched::NOWHERE`].
    place: Vec<u32>,
    rates: Vec<(u32, Rates)>,
}

impl Touched {
    const NOWHERE: u32 = u32::MAX;

    fn none(rows: usize) -> Self {
        Self { place: vec![Self::NOWHERE; rows], rates: Vec::new() }
    }

    fn entry(&mut self, market: &Market, row: usize) -> &mut Rates {
        if self.place[row] == Self::NOWHERE {
            self.place[row] = self.rates.len() as u32;
            self.rates.push((row as u32, untouched(market, row)));
        }
        &mut self.rates[self.place[row] as usize].1
    }

    fn get(&self, market: &Market, row: usize) -> Rates {
        match self.place[row] {
            Self::NOWHERE => untouched(market, row),
            place => self.rates[place as usize].1,
        }
    }
}

fn untouched(market: &Market, row: usize) -> Rates {
    Rates {
        left: 1.0,
        tariff: market.tariff_power(row) - 1.0,
        replaced: false,
        export_tax: 0.0,
        cost: 1.0,
        per_unit: PerUnit::default(),
    }
}

impl Builder<'_> {
    /// Marks in `met` the measures that meet a flow of positive value.
    pub fn market(&self, segments: &[Segment], exposure: Exposure, met: &[AtomicBool]) -> Result<CompiledMarket> {
        let market = self.baseline.market(self.commodity);
        let touching: Vec<usize> = self.aimed();
        for &m in &touching {
            if !met[m].load(Ordering::Relaxed) && self.meets(m, &market) {
                met[m].store(true, Ordering::Relaxed);
            }
        }
        let mut states: Vec<Vec<f64>> = Vec::new();
        let mut variant_of_segment = Vec::with_capacity(segments.len());
        for segment in segments {
            let force = touching.iter().map(|&m| segment.force[m]);
            let state: Vec<f64> = force.chain(self.capacities(segment).map(|(_, capacity)| capacity)).collect();
            let variant = states.iter().position(|known| *known == state).unwrap_or(states.len());
            if variant == states.len() {
                states.push(state);
            }
            variant_of_segment.push(variant);
        }
        let mut weights = vec![0.0; states.len()];
        variant_of_segment.iter().zip(segments).for_each(|(&variant, segment)| weights[variant] += segment.weight);
        let rates: Vec<Touched> =
            states.iter().map(|state| self.rates(&market, &touching, state)).collect::<Result<_>>()?;
        match exposure {
            Exposure::Segments => {
                let variants = (states.iter().zip(&rates))
                    .map(|(state, rates)| {
                        let wedges = self.wedges(&market, rates, &self.shifts(&touching, state))?;
                        let ceilings = self.ceilings(&market, &touching, state)?;
                        let caps = self.caps(&market, &touching, state)?;
                        let capacities = self.changed_capacities(&touching, state)?;
                        Ok(Wedges { ceilings, caps, capacities, ..wedges })
                    })
                    .collect::<Result<_>>()?;
                Ok(CompiledMarket { variants, variant_of_segment })
            }
            Exposure::Average => {
                let shifts: Vec<Shifts> = states.iter().map(|state| self.shifts(&touching, state)).collect();
                if let Some(&m) = touching.iter().find(|&&m| self.scenario.measures[m].verb == Verb::Quota) {
                    return Err(Error::Scenario(format!(
                        "measure '{}': a quota can't be averaged over days; solve with exposure=\"segments\"",
                        self.scenario.label(m)
                    )));
                }
                let (rates, shifts) = (average_rates(&market, &rates, &weights), average_shifts(&shifts, &weights));
                let wedges = self.wedges(&market, &rates, &shifts)?;
                Ok(CompiledMarket { variants: vec![wedges], variant_of_segment: vec![0] })
            }
        }
    }

    /// The measures whose commodities, or whose facility, are of this one.
    fn aimed(&self) -> Vec<usize> {
        (0..self.targets.len()).filter(|&m| self.aims(m)).collect()
    }

    fn aims(&self, m: usize) -> bool {
        let facility = self.scenario.measures[m].facility.as_deref();
        let network = self.baseline.network();
        let elsewhere = |name: &str| {
            network.and_then(|network| network.facility(name).map(|place| network.facilities[place].commodity))
                != Some(self.commodity)
        };
        self.targets[m].aims(self.baseline, self.commodity) && !facility.is_some_and(elsewhere)
    }

    /// The measures that meet a flow of positive value, or a route.
    pub fn touching(&self) -> Vec<usize> {
        let market = self.baseline.market(self.commodity);
        self.aimed().into_iter().filter(|&m| self.meets(m, &market)).collect()
    }

    fn meets(&self, m: usize, market: &Market) -> bool {
        (0..market.len()).any(|row| market.counts(row) && self.reaches(m, market, row))
    }

    fn reaches(&self, m: usize, market: &Market, row: usize) -> bool {
        let (measure, target) = (&self.scenario.measures[m], &self.targets[m]);
        match measure.verb {
            Verb::Capacity => true,
            Verb::Shift => {
                measure.supply.is_some() && target.exporters.taken[market.exporter[row] as usize]
                    || measure.demand.is_some() && target.importers.taken[market.importer[row] as usize]
            }
            _ => target.meets(market, row),
        }
    }

    fn rates(&self, market: &Market, touching: &[usize], state: &[f64]) -> Result<Touched> {
        let mut touched = Touched::none(market.len());
        let lines = self.schedule.of(self.commodity);
        // What replaces a duty comes before what adds to it, measures and schedule alike.
        for replacing in [true, false] {
            for (&m, &force) in touching.iter().zip(state) {
                let (measure, target) = (&self.scenario.measures[m], &self.targets[m]);
                let force = force * target.mode_share;
                if force == 0.0 || measure.verb == Verb::Shift || measure.rate_to.is_some() != replacing {
                    continue;
                }
                for row in target.rows(market) {
                    let share = target.share(self.baseline, self.commodity, market.exporter[row], market.importer[row]);
                    self.add(measure, force * share, market.quantity[row], touched.entry(market, row))
                        .map_err(|error| self.at(market, row, &self.scenario.label(m), error))?;
                }
            }
            for &(_, row, line) in lines {
                self.add_line(line, replacing, touched.entry(market, row))
                    .map_err(|error| self.at(market, row, &format!("schedule row {line}"), error))?;
            }
        }
        Ok(touched)
    }

    fn add(&self, measure: &Measure, force: f64, quantity: f64, rates: &mut Rates) -> std::result::Result<(), String> {
        match measure.verb {
            Verb::Ban => rates.left = overlap(self.scenario.overlap, rates.left, force * measure.taken()),
            Verb::Tariff => {
                if let Some(to) = measure.rate_to {
                    self.replace(rates, rates.tariff + force * (to - rates.tariff))?;
                }
                rates.tariff += force * measure.rate.unwrap_or(0.0);
                rates.per_unit.tariff += force * self.specific(measure, quantity)?;
            }
            Verb::ExportTax => {
                rates.export_tax += force * measure.rate.unwrap_or(0.0);
                rates.per_unit.export_tax += force * self.specific(measure, quantity)?;
            }
            Verb::TradeCost => {
                rates.cost *= 1.0 + force * measure.change.unwrap_or(0.0);
                rates.per_unit.cost += force * self.specific(measure, quantity)?;
            }
            // A quota of zero closes what it covers; any other is a ceiling.
            Verb::Quota if [measure.quantity, measure.value, measure.share].contains(&Some(0.0)) => {
                rates.left = overlap(self.scenario.overlap, rates.left, force);
            }
            _ => {}
        }
        Ok(())
    }

    /// The measure's amount per unit in the flows' currency and unit; 0 where it has none.
    fn specific(&self, measure: &Measure, quantity: f64) -> std::result::Result<f64, String> {
        let Some(amount) = measure.specific else { return Ok(0.0) };
        if !quantity.is_finite() {
            return Err(
                "it is an amount per unit, but the flow has no quantity; give quantities, or a rate".to_string()
            );
        }
        let flows = &self.baseline.flows;
        same_currency(measure, flows)?;
        Ok(amount / in_unit(measure.unit.as_deref(), &flows.units.quantity[self.commodity])?)
    }

    fn ceilings(&self, market: &Market, touching: &[usize], state: &[f64]) -> Result<Vec<Ceiling>> {
        let mut ceilings = Vec::new();
        for (&m, &force) in touching.iter().zip(state) {
            let measure = &self.scenario.measures[m];
            if measure.verb != Verb::Quota || force == 0.0 {
                continue;
            }
            let rows: Vec<u32> = self.targets[m].rows(market).map(|row| row as u32).collect();
            if rows.is_empty() {
                continue;
            }
            let label = self.scenario.label(m);
            let name = self.baseline.flows.commodities.name(self.commodity);
            let made = ceiling(measure, &label, &self.baseline.flows, self.commodity, market, rows)
                .map_err(|error| Error::Scenario(format!("measure '{label}' on {name}: {error}")))?;
            ceilings.extend(made);
        }
        Ok(ceilings)
    }

    fn add_line(&self, line: usize, replacing: bool, rates: &mut Rates) -> std::result::Result<(), String> {
        let row = &self.scenario.schedule[line];
        if replacing {
            return row.tariff_to.map_or(Ok(()), |to| self.replace(rates, to));
        }
        rates.left = overlap(self.scenario.overlap, rates.left, row.coverage.unwrap_or(0.0));
        rates.tariff += row.tariff_add.unwrap_or(0.0);
        rates.export_tax += row.export_tax_add.unwrap_or(0.0);
        rates.cost *= 1.0 + row.cost_change.unwrap_or(0.0);
        Ok(())
    }

    fn replace(&self, rates: &mut Rates, to: f64) -> std::result::Result<(), String> {
        if !self.baseline.has_tariffs() {
            return Err("it replaces the duty in force, but the model has no baseline duties; give the model tariffs=, or add a rate".to_string());
        }
        if rates.replaced {
            return Err("a second measure replaces the duty; keep one".to_string());
        }
        *rates = Rates { tariff: to, replaced: true, ..*rates };
        Ok(())
    }

    fn at(&self, market: &Market, row: usize, label: &str, message: String) -> Error {
        Error::Scenario(format!("measure '{label}' on {}: {message}", self.flow(market, row)))
    }

    fn flow(&self, market: &Market, row: usize) -> String {
        let flows = &self.baseline.flows;
        format!(
            "{} {} to {}",
            flows.commodities.name(self.commodity),
            flows.countries.name(market.exporter[row] as usize),
            flows.countries.name(market.importer[row] as usize)
        )
    }

    fn shifts(&self, touching: &[usize], state: &[f64]) -> Shifts {
        let countries = self.baseline.countries();
        let mut shifts = Shifts { supply: vec![1.0; countries], demand: vec![1.0; countries] };
        for (&m, &force) in touching.iter().zip(state) {
            let (measure, target) = (&self.scenario.measures[m], &self.targets[m]);
            let sides = [
                (measure.supply, &target.exporters, &mut shifts.supply),
                (measure.demand, &target.importers, &mut shifts.demand),
            ];
            for (factor, selection, values) in sides {
                if let (Verb::Shift, Some(factor)) = (measure.verb, factor) {
                    selection
                        .positions()
                        .into_iter()
                        .for_each(|country| values[country] *= 1.0 + force * (factor - 1.0));
                }
            }
        }
        shifts
    }

    fn wedges(&self, market: &Market, touched: &Touched, shifts: &Shifts) -> Result<Wedges> {
        let mut changes = Vec::with_capacity(touched.rates.len());
        for &(row, rate) in &touched.rates {
            self.check_powers(market, row as usize, &rate)?;
            let change = Change {
                row,
                availability: rate.left,
                weight: 1.0,
                tariff_hat: (1.0 + rate.tariff) / market.tariff_power(row as usize),
                export_tax_power: 1.0 + rate.export_tax,
                cost_factor: rate.cost,
                per_unit: rate.per_unit,
            };
            changes.extend(change.changes().then_some(change));
        }
        changes.sort_unstable_by_key(|change| change.row);
        let (demand_shift, supply_shift) = (Factor::set(shifts.demand.clone()), Factor::set(shifts.supply.clone()));
        Ok(Wedges { changes, demand_shift, supply_shift, ..Wedges::default() })
    }

    fn check_powers(&self, market: &Market, row: usize, rate: &Rates) -> Result<()> {
        let powers =
            [("import duty", 1.0 + rate.tariff), ("export tax", 1.0 + rate.export_tax), ("trade cost", rate.cost)];
        match powers.into_iter().find(|(_, power)| !(*power > 0.0 && power.is_finite())) {
            Some((what, power)) => Err(Error::Scenario(format!(
                "the measures make the {what} on {} {} %; it must stay above -100 %",
                self.flow(market, row),
                100.0 * (power - 1.0)
            ))),
            None => Ok(()),
        }
    }
}

/// Shifters by country.
struct Shifts {
    supply: Vec<f64>,
    demand: Vec<f64>,
}

fn overlap(how: Overlap, left: f64, taken: f64) -> f64 {
    match how {
        Overlap::Independent => left * (1.0 - taken),
        Overlap::Nested => left.min(1.0 - taken),
        Overlap::Disjoint => (left - taken).max(0.0),
    }
}

fn average_rates(market: &Market, states: &[Touched], weights: &[f64]) -> Touched {
    let mut average = Touched::none(market.len());
    let rows: BTreeSet<u32> = states.iter().flat_map(|state| state.rates.iter().map(|(row, _)| *row)).collect();
    for row in rows {
        let rates: Vec<Rates> = states.iter().map(|state| state.get(market, row as usize)).collect();
        let mean =
            |of: &dyn Fn(&Rates) -> f64| weights.iter().zip(&rates).map(|(weight, rate)| weight * of(rate)).sum();
        *average.entry(market, row as usize) = Rates {
            left: mean(&|rate| rate.left),
            tariff: mean(&|rate| rate.tariff),
            replaced: false,
            export_tax: mean(&|rate| rate.export_tax),
            cost: mean(&|rate| rate.cost),
            per_unit: PerUnit {
                tariff: mean(&|rate| rate.per_unit.tariff),
                export_tax: mean(&|rate| rate.per_unit.export_tax),
                cost: mean(&|rate| rate.per_unit.cost),
            },
        };
    }
    average
}

fn average_shifts(shifts: &[Shifts], weights: &[f64]) -> Shifts {
    let mean = |of: &dyn Fn(&Shifts) -> &Vec<f64>| {
        (0..of(&shifts[0]).len())
            .map(|country| weights.iter().zip(shifts).map(|(weight, shift)| weight * of(shift)[country]).sum())
            .collect()
    };
    Shifts { supply: mean(&|shift| &shift.supply), demand: mean(&|shift| &shift.demand) }
}
