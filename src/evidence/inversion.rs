//! The wedges that reconcile two observations: what must have changed for the baseline to become what
//! was observed.
//!
//! A flow's value moves by Ê_ij = (ĉ_ij p̂_i)^(1−σ) P̂_j^(σ+η_j) b_j. Bilateral trade costs ĉ are therefore
//! identified up to a factor an exporter and a factor an importer: p̂_i and P̂_j^(σ+η) b_j can be
//! anything. A [`Normalisation`] chooses them. Free of that choice, with domestic sales, is the index of
//! Head & Ries (2001, American Economic Review 91), the geometric mean of both directions relative to
//! trade at home:
//!
//! ```text
//! (ĉ_ij ĉ_ji / (ĉ_ii ĉ_jj))^(1/2) = (Ê_ij Ê_ji / (Ê_ii Ê_jj))^(1/(2(1−σ)))
//! ```

use crate::data::labels::some_of;
use crate::data::{Column, Flows, Labels, Period, Table};
use crate::error::{Error, Result};
use crate::model::Armington;

/// What the factors of exporters and importers are put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalisation {
    /// Producer prices and price indices stay as they were, p̂ = P̂ = 1: shifts of supply and demand
    /// move each country's totals, costs only their composition, ĉ^(1−σ) = Ê_ij / b_j.
    Prices,
    /// Supply and demand curves stay as they were, z = b = 1: costs move everything.
    Shifters,
}

/// Flows that the baseline does not have, which no wedge can make.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LeftOut {
    pub flows: usize,
    /// In the flows' currency, and the value of all observed flows.
    pub value: f64,
    pub observed: f64,
}

/// Implied wedges; the tables' columns are said by [`invert`].
#[derive(Debug, Clone, PartialEq)]
pub struct Inversion {
    pub wedges: Table,
    pub shifts: Table,
    pub left_out: LeftOut,
}

/// The wedges under which `model` returns the values of `observed` in `period`.
///
/// `wedges` has a row a flow of positive baseline value: `exporter, importer, commodity, value_before,
/// value_observed, coverage, cost_change, head_ries`. A flow that is not observed, or 0, has coverage 1 and
/// no cost; `cost_change` is ĉ − 1, `head_ries` the index − 1, NaN without sales of both at home and in both
/// directions. `shifts` has `country, commodity, supply_shift, demand_shift`, NaN for who does not trade.
/// Baseline duties are taken to be in force still. Quantities are not reconciled.
///
/// # Errors
/// [`Error::Data`]: another currency, no such period, commodities in one of the two only, modes; flows
/// that the baseline does not have, unless they are to be left out; spending that changed under
/// [`Normalisation::Shifters`] where η is −1; costs beyond the range of numbers.
pub fn invert(
    model: &Armington,
    observed: &Flows,
    period: Period,
    normalisation: Normalisation,
    leave_out: bool,
) -> Result<Inversion> {
    let flows = &model.baseline.flows;
    comparable(flows, observed)?;
    let seen = Observed::new(model, observed, period)?;
    if !leave_out && seen.left_out.flows > 0 {
        return Err(Error::Data(format!(
            "{} observed flows have no baseline value ({:.1} % of what was observed; the first is {}), and no wedge makes \
             a flow that did not exist; leave them out with new_flows=\"leave_out\", or give a baseline that has them",
            seen.left_out.flows,
            100.0 * seen.left_out.value / seen.left_out.observed,
            seen.first_new.as_deref().unwrap_or_default()
        )));
    }
    let mut found = Columns::default();
    for k in 0..flows.commodities.len() {
        found.commodity(model, k, &seen.value[k], normalisation)?;
    }
    Ok(found.inversion(model, seen.left_out))
}

/// # Errors
/// [`Error::Data`]: currencies, modes or commodities that differ.
fn comparable(baseline: &Flows, observed: &Flows) -> Result<()> {
    if baseline.units.currency != observed.units.currency {
        return Err(Error::Data(format!(
            "the observed flows are in {}, the baseline in {}; convert one of them",
            observed.units.currency, baseline.units.currency
        )));
    }
    if baseline.modes.is_some() || observed.modes.is_some() {
        return Err(Error::Data(
            "the flows have modes, and an implied wedge is one a pair of countries; leave the mode column out and sum \
             with duplicates=\"sum\""
                .to_string(),
        ));
    }
    same_commodities(("the baseline", &baseline.commodities), ("the observed flows", &observed.commodities))
}

/// # Errors
/// [`Error::Data`]: a commodity that only one of two tables of flows has.
pub(super) fn same_commodities(one: (&str, &Labels), other: (&str, &Labels)) -> Result<()> {
    for ((name, own), (_, theirs)) in [(one, other), (other, one)] {
        let alone: Vec<&str> = own.iter().filter(|commodity| theirs.position(commodity).is_none()).collect();
        if !alone.is_empty() {
            return Err(Error::Data(format!(
                "only in {name}: {}; select the commodities that both have, or give rows of 0 where trade is known to be \
                 none",
                some_of(alone)
            )));
        }
    }
    Ok(())
}

/// Observed values in the baseline's order.
struct Observed {
    /// By commodity and row of its market; 0 where not observed.
    value: Vec<Vec<f64>>,
    left_out: LeftOut,
    first_new: Option<String>,
}

impl Observed {
    fn new(model: &Armington, observed: &Flows, period: Period) -> Result<Self> {
        let (baseline, flows) = (&model.baseline, &model.baseline.flows);
        let position = observed.period_position(period)?;
        let at = flows.period_position(baseline.period)?;
        let value = (0..flows.commodities.len()).map(|k| vec![0.0; baseline.market(k).len()]).collect();
        let mut found = Self { value, left_out: LeftOut::default(), first_new: None };
        let countries: Vec<Option<usize>> =
            observed.countries.iter().map(|name| flows.countries.position(name)).collect();
        for (k, values) in found.value.iter_mut().enumerate() {
            let name = flows.commodities.name(k);
            let theirs = observed.commodities.position(name).expect("commodities are the same");
            let (market, seen) = (baseline.market(k), observed.market(position, theirs));
            for row in seen.trading(|_, _| true) {
                let (i, j) = (seen.exporter[row] as usize, seen.importer[row] as usize);
                found.left_out.observed += seen.value[row];
                let place = match (countries[i], countries[j]) {
                    (Some(i), Some(j)) => flows.pair(at, k as u32, i as u32, j as u32).next(),
                    _ => None,
                };
                let own = place.map(|place| place - flows.range(at, k).start).filter(|&own| market.value[own] > 0.0);
                if let Some(own) = own {
                    values[own] = seen.value[row];
                    continue;
                }
                found.left_out.flows += 1;
                found.left_out.value += seen.value[row];
                found.first_new.get_or_insert_with(|| {
                    format!("{name} {} to {}", observed.countries.name(i), observed.countries.name(j))
                });
            }
        }
        Ok(found)
    }
}

/// The tables while they grow.
#[derive(Default)]
struct Columns {
    exporter: Vec<u32>,
    importer: Vec<u32>,
    commodity: Vec<u32>,
    before: Vec<f64>,
    observed: Vec<f64>,
    coverage: Vec<f64>,
    cost: Vec<f64>,
    head_ries: Vec<f64>,
    country: Vec<u32>,
    of: Vec<u32>,
    supply: Vec<f64>,
    demand: Vec<f64>,
}

impl Columns {
    fn commodity(&mut self, model: &Armington, k: usize, observed: &[f64], normalisation: Normalisation) -> Result<()> {
        let (market, totals) = (model.baseline.market(k), model.baseline.totals(k));
        let countries = model.baseline.countries();
        let sigma = model.elasticities.substitution[k];
        let (mut received, mut spent) = (vec![0.0; countries], vec![0.0; countries]);
        for row in market.trading(|_, _| true) {
            received[market.exporter[row] as usize] += observed[row];
            spent[market.importer[row] as usize] += observed[row] * market.tariff_power(row);
        }
        // ln p̂ and (σ + η) ln P̂ + ln b, with the shifts that go with them.
        let (mut price, mut weight) = (vec![0.0; countries], vec![0.0; countries]);
        for c in 0..countries {
            let (sells, buys) = (totals.received[c] > 0.0, totals.spent[c] > 0.0);
            let (supplied, bought) = (received[c] / totals.received[c], spent[c] / totals.spent[c]);
            let (eta, epsilon) = (model.elasticities.demand[[k, c]], model.elasticities.supply[[k, c]]);
            let (mut z, mut b) = (1.0, 1.0);
            match normalisation {
                Normalisation::Prices => {
                    if supplied > 0.0 && epsilon.is_finite() {
                        z = supplied;
                    }
                    if bought > 0.0 {
                        (b, weight[c]) = (bought, bought.ln());
                    }
                }
                Normalisation::Shifters => {
                    if supplied > 0.0 && epsilon.is_finite() {
                        price[c] = supplied.ln() / (1.0 + epsilon);
                    }
                    if bought > 0.0 && bought != 1.0 {
                        if eta == -1.0 {
                            return Err(self.unitary(model, k, c));
                        }
                        weight[c] = (sigma + eta) * bought.ln() / (1.0 + eta);
                    }
                }
            }
            if sells || buys {
                self.country.push(c as u32);
                self.of.push(k as u32);
                self.supply.push(if sells { z } else { f64::NAN });
                self.demand.push(if buys { b } else { f64::NAN });
            }
        }
        let hat = |i: usize, j: usize| {
            let row = market.rows_of(i).find(|&row| market.importer[row] as usize == j && market.value[row] > 0.0);
            row.map_or(f64::NAN, |row| observed[row] / market.value[row])
        };
        let at_home: Vec<f64> = (0..countries).map(|c| hat(c, c)).collect();
        for row in market.trading(|_, _| true) {
            let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
            let own = observed[row] / market.value[row];
            let cost = ((own.ln() - weight[j]) / (1.0 - sigma) - price[i]).exp_m1();
            if own > 0.0 && !(cost > -1.0 && cost.is_finite()) {
                return Err(Error::Data(format!(
                    "the implied cost of {} is beyond the range of numbers: {own:e} times the baseline is too far; leave \
                     the flow out",
                    self.flow(model, k, i, j)
                )));
            }
            // Only a pair of which both sell at home can have an index: no search for the others.
            let home = at_home[i] * at_home[j];
            let index = if home > 0.0 { (own * hat(j, i) / home).ln() / (2.0 * (1.0 - sigma)) } else { f64::NAN };
            self.exporter.push(i as u32);
            self.importer.push(j as u32);
            self.commodity.push(k as u32);
            self.before.push(market.value[row]);
            self.observed.push(observed[row]);
            self.coverage.push(if own > 0.0 { 0.0 } else { 1.0 });
            self.cost.push(if own > 0.0 { cost } else { f64::NAN });
            self.head_ries.push(if index.is_finite() { index.exp_m1() } else { f64::NAN });
        }
        Ok(())
    }

    fn unitary(&self, model: &Armington, k: usize, importer: usize) -> Error {
        let flows = &model.baseline.flows;
        Error::Data(format!(
            "what {} spends on {} changed, and with a demand elasticity of -1 no cost changes it; use \
             normalisation=\"prices\", or another elasticity",
            flows.countries.name(importer),
            flows.commodities.name(k)
        ))
    }

    fn flow(&self, model: &Armington, k: usize, i: usize, j: usize) -> String {
        let flows = &model.baseline.flows;
        format!("{} {} to {}", flows.commodities.name(k), flows.countries.name(i), flows.countries.name(j))
    }

    fn inversion(self, model: &Armington, left_out: LeftOut) -> Inversion {
        let flows = &model.baseline.flows;
        let label = |codes, labels: &Labels| Column::Label { codes, labels: labels.names().into() };
        let currency = &flows.units.currency;
        let wedges = Table::default()
            .with("exporter", label(self.exporter, &flows.countries))
            .with("importer", label(self.importer, &flows.countries))
            .with("commodity", label(self.commodity, &flows.commodities))
            .number("value_before", currency, self.before)
            .number("value_observed", currency, self.observed)
            .number("coverage", "share", self.coverage)
            .number("cost_change", "rate", self.cost)
            .number("head_ries", "rate", self.head_ries);
        let shifts = Table::default()
            .with("country", label(self.country, &flows.countries))
            .with("commodity", label(self.of, &flows.commodities))
            .number("supply_shift", "factor", self.supply)
            .number("demand_shift", "factor", self.demand);
        Inversion { wedges, shifts, left_out }
    }
}
