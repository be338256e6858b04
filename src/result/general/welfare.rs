//! Who pays: real income and real wages, exact, and what they are made of.

use super::decomposition::Parts;
use super::first_order::by_country;
use super::{GeneralSolution, Real};
use crate::data::Table;
use crate::error::Result;
use crate::model::general::GeneralEquilibrium;
use crate::result::trade::Trade;
use crate::solve::Stop;

/// Steps of the decomposition at first and at most, and the residual in logs that is small enough.
const FEWEST: usize = 8;
const MOST: usize = 256;
const SMALL: f64 = 5e-6;

impl GeneralSolution {
    /// `country[, commodity]`, the first columns of every table of welfare.
    pub(super) fn keys(&self, by_sector: bool) -> Table {
        let economy = &self.model.economy;
        let sectors = if by_sector { economy.sectors } else { 1 };
        let countries: Vec<usize> = (0..sectors).flat_map(|_| 0..economy.countries).collect();
        let table = Table::default().text("country", self.country_names(&countries));
        match by_sector {
            false => table,
            true => {
                let codes: Vec<usize> = (0..countries.len()).map(|cell| cell / economy.countries).collect();
                table.text("commodity", self.commodity_names(&codes))
            }
        }
    }

    /// ŵ/P̂^C − 1 in percent.
    pub(super) fn real_wage(&self) -> Vec<f64> {
        let one = |(equilibrium, real): (&GeneralEquilibrium, &Real)| {
            equilibrium.point.iter().zip(&real.consumer_price).map(|(wage, price)| wage - price).collect()
        };
        let found: Vec<Vec<f64>> = self.equilibria.iter().zip(&self.reals).map(one).collect();
        self.mean(&found, |log| 100.0 * log.exp_m1())
    }

    /// ŵ/P̂^j − 1 in percent.
    pub(super) fn real_wage_by_sector(&self) -> Vec<f64> {
        let economy = &self.model.economy;
        let n = economy.countries;
        let mut mean = vec![0.0; n * economy.sectors];
        for opened in self.opened() {
            for (cell, sum) in mean.iter_mut().enumerate() {
                let price = if opened.system.reach.bought[cell] { opened.state.price[cell] } else { f64::NAN };
                *sum += opened.weight * 100.0 * (opened.wage()[cell % n] - price).exp_m1();
            }
        }
        mean
    }

    /// ln(Î/P̂^C) by equilibrium and country.
    fn log_real_income(&self) -> Vec<Vec<f64>> {
        let before = &self.model.rest().income;
        let one = |real: &Real| {
            let hats = real.income.iter().zip(before).zip(&real.consumer_price);
            hats.map(|((after, before), price)| (after / before).ln() - price).collect()
        };
        self.reals.iter().map(one).collect()
    }

    /// Means over the period of what equilibria say by country.
    fn mean(&self, found: &[Vec<f64>], of: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.model.economy.countries];
        for (weight, values) in self.weights().into_iter().zip(found) {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight * of(*value));
        }
        sums
    }

    /// `country, income_before, real_income, real_wage, unit`: baseline income, and Î/P̂^C − 1 and ŵ/P̂^C − 1
    /// in percent.
    pub fn real_income(&self) -> Table {
        let before = self.model.rest().income.clone();
        let income = self.mean(&self.log_real_income(), |log| 100.0 * log.exp_m1());
        let rows = income.len();
        self.keys(false)
            .number("income_before", &self.flows_data().units.currency, before)
            .number("real_income", "percent", income)
            .number("real_wage", "percent", self.real_wage())
            .text("unit", vec!["percent".to_string(); rows])
    }

    /// The parts of ln Ŵ over the period; as many steps as it takes where they are not given.
    fn decomposed(&self, logs: &[f64], steps: Option<usize>, stop: &Stop) -> Result<Parts> {
        let mut taken = steps.unwrap_or(FEWEST);
        loop {
            let mut sums = Parts::zero(&self.model.economy);
            for (weight, equilibrium) in self.weights().into_iter().zip(&self.equilibria) {
                sums.add(weight, &self.parts(equilibrium, taken, stop)?);
            }
            let enough = sums.residual(logs).iter().all(|residual| residual.abs() <= SMALL);
            if steps.is_some() || enough || taken >= MOST {
                return Ok(sums);
            }
            taken *= 2;
        }
    }

    /// Real income and wage, and the integrated decomposition of ln Ŵ in `steps` midpoint steps (`None`: doubled
    /// from 8 until the residual is below 0.0005, at most 256), all times 100: `terms_of_trade, volume_of_trade, trade_cost, availability, transfer, residual` add up to
    /// `log_real_income`. By sector the columns that have one, which add up to the country's.
    ///
    /// # Errors
    /// [`crate::Error::Infeasible`] where a point on the way has no equilibrium; interruption.
    pub fn welfare(&self, by_sector: bool, steps: Option<usize>, stop: &Stop) -> Result<Table> {
        let economy = &self.model.economy;
        let n = economy.countries;
        let logs = self.mean(&self.log_real_income(), |log| log);
        let sums = self.decomposed(&logs, steps, stop)?;
        let unit = "100 log points";
        let scaled = |cells: &[f64]| -> Vec<f64> {
            let cells: Vec<f64> = cells.iter().map(|cell| 100.0 * cell).collect();
            if by_sector { cells } else { by_country(&cells, n) }
        };
        let columns = [
            ("terms_of_trade", scaled(&sums.terms_of_trade)),
            ("volume_of_trade", scaled(&sums.volume_of_trade)),
            ("trade_cost", scaled(&sums.trade_cost)),
            ("availability", scaled(&sums.availability)),
        ];
        if by_sector {
            let table = self.keys(true).number("real_wage", "percent", self.real_wage_by_sector());
            let table = columns.into_iter().fold(table, |table, (name, values)| table.number(name, unit, values));
            return Ok(
                table.text("unit", vec!["real_wage percent, others 100 log points".to_string(); n * economy.sectors])
            );
        }
        let percent = |values: &[f64]| values.iter().map(|value| 100.0 * value).collect::<Vec<f64>>();
        let residual = sums.residual(&logs);
        let income = self.mean(&self.log_real_income(), |log| 100.0 * log.exp_m1());
        let table = self
            .keys(false)
            .number("real_income", "percent", income)
            .number("real_wage", "percent", self.real_wage())
            .number("log_real_income", unit, percent(&logs));
        Ok(columns
            .into_iter()
            .fold(table, |table, (name, values)| table.number(name, unit, values))
            .number("transfer", unit, percent(&sums.transfer))
            .number("residual", unit, percent(&residual))
            .text("unit", vec!["real_income and real_wage percent, others 100 log points".to_string(); n]))
    }
}
