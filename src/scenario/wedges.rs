//! The wedges that measures drive into one commodity's market.

use std::collections::BTreeMap;

use super::ceilings::{Ceiling, ceiling, in_unit, same_currency};
use super::compile::CompiledMarket;
use super::measure::{Measure, Verb};
use super::schedule::{Exposure, Segment};
use super::target::{ScheduleCells, Target};
use super::{Overlap, Scenario};
use crate::data::Baseline;
use crate::data::Market;
use crate::error::{Error, Result};

/// One number a row (or a country); `None` stands for 1 everywhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Factor(Option<Box<[f64]>>);

impl Factor {
    pub fn at(&self, position: usize) -> f64 {
        self.0.as_ref().map_or(1.0, |values| values[position])
    }

    pub fn is_one(&self) -> bool {
        self.0.is_none()
    }

    fn set(values: Vec<f64>) -> Self {
        Self(values.iter().any(|value| *value != 1.0).then(|| values.into_boxed_slice()))
    }
}

/// What a commodity's market faces, relative to its baseline. By row of the market where not said
/// otherwise; see the notation table in [`crate::model`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wedges {
    /// a: share of varieties left, 0 is closed.
    pub availability: Factor,
    /// T̂ = T/T⁰.
    pub tariff_hat: Factor,
    /// x̂ = x.
    pub export_tax_power: Factor,
    /// ĉ.
    pub cost_factor: Factor,
    /// b by country.
    pub demand_shift: Factor,
    /// z by country.
    pub supply_shift: Factor,
    /// Amounts per unit, by the rows that have any.
    pub per_unit: BTreeMap<usize, PerUnit>,
    /// Quotas.
    pub ceilings: Vec<Ceiling>,
}

/// Amounts per unit on one row, in the flows' currency and unit of quantity.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PerUnit {
    /// Import duty, per unit that arrives.
    pub tariff: f64,
    /// Export tax, per unit shipped.
    pub export_tax: f64,
    /// Trade cost, per unit shipped; paid in the good.
    pub cost: f64,
}

/// Builds the wedges of one commodity.
pub(super) struct Builder<'a> {
    pub scenario: &'a Scenario,
    pub baseline: &'a Baseline,
    pub targets: &'a [Target],
    pub schedule: &'a ScheduleCells,
    pub commodity: usize,
}

/// Absolute rates of one row while measures are being added up.
#[derive(Clone)]
struct Rates {
    left: f64,
    tariff: f64,
    replaced: bool,
    export_tax: f64,
    cost: f64,
    per_unit: PerUnit,
}

impl Builder<'_> {
    /// Marks in `met` the measures that meet a flow of positive value.
    pub fn market(&self, segments: &[Segment], exposure: Exposure, met: &mut [bool]) -> Result<CompiledMarket> {
        let market = self.baseline.market(self.commodity);
        let touching: Vec<usize> =
            (0..self.targets.len()).filter(|&m| self.targets[m].commodities[self.commodity]).collect();
        for &m in &touching {
            met[m] |= (0..market.len()).any(|row| market.value[row] > 0.0 && self.reaches(m, &market, row));
        }
        let mut states: Vec<Vec<f64>> = Vec::new();
        let mut variant_of_segment = Vec::with_capacity(segments.len());
        for segment in segments {
            let state: Vec<f64> = touching.iter().map(|&m| segment.force[m]).collect();
            let variant = states.iter().position(|known| *known == state).unwrap_or(states.len());
            if variant == states.len() {
                states.push(state);
            }
            variant_of_segment.push(variant);
        }
        let mut weights = vec![0.0; states.len()];
        variant_of_segment.iter().zip(segments).for_each(|(&variant, segment)| weights[variant] += segment.weight);
        let rates: Vec<Vec<Rates>> =
            states.iter().map(|state| self.rates(&market, &touching, state)).collect::<Result<_>>()?;
        match exposure {
            Exposure::Segments => {
                let variants = (states.iter().zip(&rates))
                    .map(|(state, rates)| {
                        let ceilings = self.ceilings(&market, &touching, state)?;
                        self.wedges(&market, rates, &self.shifts(&touching, state), ceilings)
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
                let (rates, shifts) = (average_rates(&rates, &weights), average_shifts(&shifts, &weights));
                let wedges = self.wedges(&market, &rates, &shifts, Vec::new())?;
                Ok(CompiledMarket { variants: vec![wedges], variant_of_segment: vec![0] })
            }
        }
    }

    fn reaches(&self, m: usize, market: &Market, row: usize) -> bool {
        let (measure, target) = (&self.scenario.measures[m], &self.targets[m]);
        match measure.verb {
            Verb::Shift => {
                measure.supply.is_some() && target.exporters.taken[market.exporter[row] as usize]
                    || measure.demand.is_some() && target.importers.taken[market.importer[row] as usize]
            }
            _ => target.meets(market, row),
        }
    }

    fn rates(&self, market: &Market, touching: &[usize], state: &[f64]) -> Result<Vec<Rates>> {
        let mut rates: Vec<Rates> = (0..market.len())
            .map(|row| Rates {
                left: 1.0,
                tariff: market.tariff_power(row) - 1.0,
                replaced: false,
                export_tax: 0.0,
                cost: 1.0,
                per_unit: PerUnit::default(),
            })
            .collect();
        let replaces = |m: usize| self.scenario.measures[m].rate_to.is_some();
        let in_order = touching.iter().zip(state).filter(|(m, _)| replaces(**m));
        for (&m, &force) in in_order.chain(touching.iter().zip(state).filter(|(m, _)| !replaces(**m))) {
            let target = &self.targets[m];
            let force = force * target.mode_share;
            if force == 0.0 {
                continue;
            }
            let met = |row: usize| market.value[row] > 0.0 && target.meets(market, row);
            for (row, rate) in rates.iter_mut().enumerate().filter(|(row, _)| met(*row)) {
                self.add(&self.scenario.measures[m], force, market.quantity[row], rate)
                    .map_err(|error| self.at(market, row, &self.scenario.label(m), error))?;
            }
        }
        for &(_, row, line) in self.schedule.of(self.commodity) {
            self.add_line(line, &mut rates[row])
                .map_err(|error| self.at(market, row, &format!("schedule row {line}"), error))?;
        }
        Ok(rates)
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
            let met = |row: &u32| market.value[*row as usize] > 0.0 && self.targets[m].meets(market, *row as usize);
            let rows: Vec<u32> = (0..market.len() as u32).filter(met).collect();
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

    fn add_line(&self, line: usize, rates: &mut Rates) -> std::result::Result<(), String> {
        let row = &self.scenario.schedule[line];
        if let Some(to) = row.tariff_to {
            self.replace(rates, to)?;
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
        *rates = Rates { tariff: to, replaced: true, ..rates.clone() };
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

    fn wedges(&self, market: &Market, rates: &[Rates], shifts: &Shifts, ceilings: Vec<Ceiling>) -> Result<Wedges> {
        for (row, rate) in rates.iter().enumerate() {
            for (what, power) in
                [("import duty", 1.0 + rate.tariff), ("export tax", 1.0 + rate.export_tax), ("trade cost", rate.cost)]
            {
                if !(power > 0.0 && power.is_finite()) {
                    return Err(Error::Scenario(format!(
                        "the measures make the {what} on {} {} %; it must stay above -100 %",
                        self.flow(market, row),
                        100.0 * (power - 1.0)
                    )));
                }
            }
        }
        let by_row = |value: &dyn Fn(usize, &Rates) -> f64| {
            Factor::set(rates.iter().enumerate().map(|(row, rate)| value(row, rate)).collect())
        };
        Ok(Wedges {
            availability: by_row(&|_, rate| rate.left),
            tariff_hat: by_row(&|row, rate| (1.0 + rate.tariff) / market.tariff_power(row)),
            export_tax_power: by_row(&|_, rate| 1.0 + rate.export_tax),
            cost_factor: by_row(&|_, rate| rate.cost),
            demand_shift: Factor::set(shifts.demand.clone()),
            supply_shift: Factor::set(shifts.supply.clone()),
            per_unit: (rates.iter().enumerate())
                .filter(|(_, rate)| rate.per_unit != PerUnit::default())
                .map(|(row, rate)| (row, rate.per_unit))
                .collect(),
            ceilings,
        })
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

fn average_rates(rates: &[Vec<Rates>], weights: &[f64]) -> Vec<Rates> {
    (0..rates[0].len())
        .map(|row| {
            let mean = |of: &dyn Fn(&Rates) -> f64| {
                weights.iter().zip(rates).map(|(weight, state)| weight * of(&state[row])).sum()
            };
            Rates {
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
            }
        })
        .collect()
}

fn average_shifts(shifts: &[Shifts], weights: &[f64]) -> Shifts {
    let mean = |of: &dyn Fn(&Shifts) -> &Vec<f64>| {
        (0..of(&shifts[0]).len())
            .map(|country| weights.iter().zip(shifts).map(|(weight, shift)| weight * of(shift)[country]).sum())
            .collect()
    };
    Shifts { supply: mean(&|shift| &shift.supply), demand: mean(&|shift| &shift.demand) }
}
