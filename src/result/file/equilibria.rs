//! The equilibria: prices, quantities, licences, and how each solve ended.

use std::borrow::Cow;
use std::io::{Read, Seek};

use super::archive::{Archive, Arrays, Values};
use super::inputs::positions;
use crate::error::{Error, Result};
use crate::model::{Armington, Equilibrium, Kind, Licence, Status};
use crate::result::Solution;
use crate::scenario::{Compiled, Wedges};

/// Adds the arrays; returns the reasons, each once.
pub fn add(solution: &Solution, arrays: &mut Arrays) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    let mut place = |reason: &str| {
        let known = reasons.iter().position(|other| other == reason);
        known.unwrap_or_else(|| {
            reasons.push(reason.to_string());
            reasons.len() - 1
        }) as u32
    };
    let all: Vec<(usize, &Equilibrium)> = solution.equilibria().map(|(k, _, found)| (k, found)).collect();
    let reason = all.iter().map(|(_, found)| place(&found.status.reason)).collect();
    let shape = [all.len(), solution.model.baseline.countries()];
    let one = &shape[..1];
    let table = |of: &dyn Fn(&Equilibrium) -> &[f64]| {
        Values::OwnNumbers(all.iter().flat_map(|(_, found)| of(found)).copied().collect())
    };
    let number =
        |of: &dyn Fn(&Status) -> f64| Values::OwnNumbers(all.iter().map(|(_, found)| of(&found.status)).collect());
    arrays.add("commodity", one, Values::OwnCodes(all.iter().map(|(k, _)| *k as u32).collect()));
    arrays.add("log_producer_price", &shape, table(&|found| &found.log_producer_price));
    arrays.add("log_price_index", &shape, table(&|found| &found.log_price_index));
    arrays.add("supply_hat", &shape, table(&|found| &found.supply_hat));
    arrays.add("converged", one, Values::Flags(all.iter().map(|(_, found)| found.status.converged.into()).collect()));
    let iterations = all.iter().map(|(_, found)| found.status.iterations.try_into().unwrap_or(u32::MAX)).collect();
    arrays.add("iterations", one, Values::OwnCodes(iterations));
    arrays.add("residual", one, number(&|status| status.residual));
    arrays.add("modulus", one, number(&|status| status.modulus));
    arrays.add("reason", one, Values::OwnCodes(reason));
    let licences: Vec<Licence> = all.iter().flat_map(|(_, found)| found.licences.iter().copied()).collect();
    let licence = |of: &dyn Fn(&Licence) -> f64| Values::OwnNumbers(licences.iter().map(of).collect());
    arrays.add("licence_price", &[licences.len()], licence(&|licence| licence.price));
    arrays.add("licence_used", &[licences.len()], licence(&|licence| licence.used));
    arrays.add("licence_within", &[licences.len()], licence(&|licence| licence.within));
    if solution.options.first_order {
        let change: Vec<f64> = all.iter().flat_map(|(_, found)| change(found)).copied().collect();
        arrays.add("shipped_change", &[change.len()], Values::OwnNumbers(change));
    }
    reasons
}

fn change(equilibrium: &Equilibrium) -> &[f64] {
    match &equilibrium.kind {
        Kind::Exact => &[],
        Kind::FirstOrder(change) => change,
    }
}

/// One equilibrium a task of the compiled scenario.
pub fn read<R: Read + Seek>(
    archive: &mut Archive<R>,
    model: &Armington,
    compiled: &Compiled,
    first_order: bool,
    reasons: &[String],
) -> Result<Vec<Equilibrium>> {
    let tasks: Vec<(usize, &Wedges)> = compiled.tasks().collect();
    check_tasks(archive, &tasks)?;
    let countries = model.baseline.countries();
    let (one, shape) = ([tasks.len()], [tasks.len(), countries]);
    let log_producer_price: Vec<f64> = archive.array("log_producer_price", &shape)?;
    let log_price_index: Vec<f64> = archive.array("log_price_index", &shape)?;
    let supply_hat: Vec<f64> = archive.array("supply_hat", &shape)?;
    let converged: Vec<u8> = archive.array("converged", &one)?;
    let iterations: Vec<u32> = archive.array("iterations", &one)?;
    let residual: Vec<f64> = archive.array("residual", &one)?;
    let modulus: Vec<f64> = archive.array("modulus", &one)?;
    let reason = positions(archive, "reason", &one, reasons.len())?;
    let mut licences = licences(archive, &tasks)?.into_iter();
    let mut kinds = kinds(archive, model, &tasks, first_order)?.into_iter();
    let own = |values: &[f64], e: usize| values[e * countries..(e + 1) * countries].to_vec();
    (tasks.iter().enumerate())
        .map(|(e, (commodity, wedges))| {
            let equilibrium = Equilibrium {
                kind: kinds.next().expect("one a task"),
                log_producer_price: own(&log_producer_price, e),
                log_price_index: own(&log_price_index, e),
                supply_hat: own(&supply_hat, e),
                licences: licences.by_ref().take(wedges.ceilings.len()).collect(),
                status: Status {
                    converged: converged[e] != 0,
                    iterations: iterations[e] as usize,
                    residual: residual[e],
                    modulus: modulus[e],
                    reason: Cow::Owned(reasons[reason[e] as usize].clone()),
                },
            };
            Checked { model, commodity: *commodity, wedges, equilibrium: &equilibrium }.check()?;
            Ok(equilibrium)
        })
        .collect()
}

fn check_tasks<R: Read + Seek>(archive: &mut Archive<R>, tasks: &[(usize, &Wedges)]) -> Result<()> {
    let commodity: Vec<u32> = archive.array("commodity", &[archive.length("commodity")?])?;
    let same =
        commodity.len() == tasks.len() && commodity.iter().zip(tasks).all(|(found, (k, _))| *found as usize == *k);
    match same {
        true => Ok(()),
        false => Err(Error::Data(format!(
            "the scenario has {} markets to solve, by commodity and stretch of the period, and the file has \
             equilibria of others, {} in all; solve again",
            tasks.len(),
            commodity.len()
        ))),
    }
}

fn licences<R: Read + Seek>(archive: &mut Archive<R>, tasks: &[(usize, &Wedges)]) -> Result<Vec<Licence>> {
    let shape = [tasks.iter().map(|(_, wedges)| wedges.ceilings.len()).sum()];
    let price: Vec<f64> = archive.array("licence_price", &shape)?;
    let used: Vec<f64> = archive.array("licence_used", &shape)?;
    let within: Vec<f64> = archive.array("licence_within", &shape)?;
    Ok((0..shape[0]).map(|l| Licence { price: price[l], used: used[l], within: within[l] }).collect())
}

fn kinds<R: Read + Seek>(
    archive: &mut Archive<R>,
    model: &Armington,
    tasks: &[(usize, &Wedges)],
    first_order: bool,
) -> Result<Vec<Kind>> {
    if !first_order {
        return Ok(vec![Kind::Exact; tasks.len()]);
    }
    let lengths: Vec<usize> = tasks.iter().map(|(k, _)| model.baseline.market(*k).len()).collect();
    let mut rest = archive.array("shipped_change", &[lengths.iter().sum()])?.into_iter();
    Ok(lengths.into_iter().map(|length| Kind::FirstOrder(rest.by_ref().take(length).collect())).collect())
}

/// What the numbers of an equilibrium that converged can be.
struct Checked<'a> {
    model: &'a Armington,
    commodity: usize,
    wedges: &'a Wedges,
    equilibrium: &'a Equilibrium,
}

impl Checked<'_> {
    /// A number is missing only where nothing is traded, and infinite only where all partners are lost.
    fn check(&self) -> Result<()> {
        let (found, status) = (self.equilibrium, &self.equilibrium.status);
        if !status.converged {
            return Ok(());
        }
        self.number("residual", status.residual, status.residual >= 0.0 && status.residual.is_finite())?;
        self.number("modulus", status.modulus, status.modulus >= 0.0)?;
        let totals = self.model.baseline.totals(self.commodity);
        for country in 0..self.model.baseline.countries() {
            let sells = totals.received[country] > 0.0 && self.wedges.supply_shift.at(country) > 0.0;
            let buys = totals.spent[country] > 0.0 && self.wedges.demand_shift.at(country) > 0.0;
            let hat = found.supply_hat[country];
            let unsaid = !sells || self.model.elasticities.supply[[self.commodity, country]].is_infinite();
            let negative = found.kind == Kind::Exact && hat < 0.0;
            self.number("supply_hat", hat, !negative && (unsaid || !hat.is_nan()))?;
            let price = found.log_producer_price[country];
            self.number("log_producer_price", price, price < f64::INFINITY || price.is_nan() && !sells)?;
            let index = found.log_price_index[country];
            self.number("log_price_index", index, index > f64::NEG_INFINITY || index.is_nan() && !buys)?;
        }
        for licence in &found.licences {
            self.number("licence_price", licence.price, licence.price >= 0.0 && licence.price.is_finite())?;
            self.number("licence_used", licence.used, licence.used >= 0.0 && licence.used.is_finite())?;
            self.number("licence_within", licence.within, (0.0..=1.0).contains(&licence.within))?;
        }
        change(found).iter().try_for_each(|value| self.number("shipped_change", *value, value.is_finite()))
    }

    fn number(&self, array: &str, value: f64, good: bool) -> Result<()> {
        match good {
            true => Ok(()),
            false => Err(Error::Data(format!(
                "the array '{array}' has {value} for {}, which no equilibrium has; take another copy, or solve again",
                self.model.baseline.flows.commodities.name(self.commodity)
            ))),
        }
    }
}
