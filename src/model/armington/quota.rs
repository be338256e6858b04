//! Licence prices of quotas: 0 ≤ μ ⊥ Q̄ − Σ q' ≥ 0, in logs, which makes both sides nearly linear.
//!
//! The unknown is ν = ln(1 + μ/m) with m the *new* producer price of what the quota covers: at a given
//! ν licences are nearly ad valorem, so that neither a price that collapses under a quota nor one
//! that does not move makes the problem steep. The slack is ln(Q̄/Σ q'). Every evaluation is an
//! equilibrium at given ν. With a duty beyond the quota, licences stop at the price where that duty
//! is as good, and the slack may be negative. A quota by value counts money at the border without
//! the licence itself.

use super::Armington;
use super::accounts::{Account, accounts};
use super::exact::solve_prices;
use super::market::{Open, is_open};
use super::powers::powers;
use super::price_map::PriceMap;
use crate::data::Market;
use crate::model::{Equilibrium, Status};
use crate::scenario::Wedges;
use crate::scenario::ceilings::{Ceiling, Counted, Holder};
use crate::solve::{Stop, complementarity};

const SETTINGS: complementarity::Settings = complementarity::Settings { tolerance: 1e-11, max_iterations: 60 };
/// How far apart the prices under one quota may move before the licence at which a duty is as good
/// for all of them is out of bounds.
const MARGIN: f64 = 1e3;

/// The ceilings that cover open rows.
pub struct Ceilings<'a> {
    market: &'a Market<'a>,
    wedges: &'a Wedges,
    active: Vec<Active>,
}

struct Active {
    /// Place in the wedges' ceilings.
    place: usize,
    /// Open rows, with the place of their exporter and importer among the open ones.
    rows: Vec<(usize, usize, usize)>,
    /// Largest ν; infinite where the quota is closed beyond its ceiling.
    upper: f64,
}

impl<'a> Ceilings<'a> {
    pub fn over(market: &'a Market<'a>, wedges: &'a Wedges, open: &Open) -> Self {
        let place = |list: &[u32], code: u32| list.iter().position(|&other| other == code);
        let active = (wedges.ceilings.iter().enumerate())
            .filter_map(|(position, ceiling)| {
                let rows: Vec<(usize, usize, usize)> = (ceiling.rows.iter().map(|&row| row as usize))
                    .filter(|&row| is_open(market, wedges, row))
                    .filter_map(|row| {
                        let exporter = place(&open.exporters, market.exporter[row])?;
                        Some((row, exporter, place(&open.importers, market.importer[row])?))
                    })
                    .collect();
                (!rows.is_empty()).then(|| Active::new(market, wedges, position, ceiling, rows))
            })
            .collect();
        Self { market, wedges, active }
    }

    pub fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// Finds licence and producer prices together; leaves the licences in `map`.
    pub fn solve(&self, map: &mut PriceMap, x: &mut [f64], stop: &Stop) -> Status {
        let mut status =
            Status { converged: false, iterations: 0, residual: f64::INFINITY, modulus: 0.0, reason: "".into() };
        let mut y = vec![0.0; self.active.len()];
        let upper: Vec<f64> = self.active.iter().map(|active| active.upper).collect();
        let mut iterations = 0;
        let outcome = complementarity::complementarity(
            &mut y,
            &upper,
            |y, slack| {
                self.set(map, y);
                status = solve_prices(map, x, stop);
                iterations += status.iterations;
                let index = map.log_price_index(x);
                let map = &*map;
                self.active.iter().zip(slack).for_each(|(active, slack)| {
                    *slack = (self.wedges.ceilings[active.place].amount / self.counted(map, active, x, &index)).ln();
                });
                status.converged
            },
            SETTINGS,
            stop,
        );
        y.iter_mut().filter(|y| **y <= SETTINGS.tolerance).for_each(|y| *y = 0.0);
        self.set(map, &y);
        let last = solve_prices(map, x, stop);
        let converged = outcome.converged && last.converged;
        Status {
            converged,
            iterations,
            residual: last.residual.max(outcome.residual),
            reason: if converged { "converged" } else { "the licence prices of the quotas could not be found" }.into(),
            ..last
        }
    }

    fn set(&self, map: &mut PriceMap, y: &[f64]) {
        for (active, y) in self.active.iter().zip(y) {
            map.set_licence(active.place, y.exp_m1());
        }
    }

    /// What a ceiling counts, at prices.
    fn counted(&self, map: &PriceMap, active: &Active, x: &[f64], index: &[f64]) -> f64 {
        let (market, ceiling) = (self.market, &self.wedges.ceilings[active.place]);
        let one = |&(row, exporter, importer): &(usize, usize, usize)| {
            let powers = powers(market, self.wedges, map.licences(), row, x[exporter]);
            let spent = map.log_spending(row, importer, x[exporter] + powers.price().ln(), index[importer]);
            let received = spent - powers.taxes().ln();
            match ceiling.counted {
                Counted::Quantity => market.quantity[row] * (received - x[exporter]).exp(),
                Counted::Value => market.value[row] * powers.export_tax * received.exp(),
            }
        };
        active.rows.iter().map(one).sum()
    }

    /// Writes the licence prices.
    pub fn fill(&self, equilibrium: &mut Equilibrium, licences: &[f64]) {
        for active in &self.active {
            equilibrium.licences[active.place].price = licences[active.place];
        }
    }
}

impl Active {
    fn new(
        market: &Market,
        wedges: &Wedges,
        place: usize,
        ceiling: &Ceiling,
        rows: Vec<(usize, usize, usize)>,
    ) -> Self {
        let upper = ceiling.beyond.map_or(f64::INFINITY, |beyond| {
            let free = vec![0.0; wedges.ceilings.len()];
            let duties = rows.iter().map(|&(row, _, _)| beyond - powers(market, wedges, &free, row, 0.0).tariff);
            (MARGIN * duties.fold(0.0, f64::max)).ln_1p()
        });
        Self { place, rows, upper }
    }
}

/// Writes what each ceiling counts, from the accounts, and how much of it is within.
pub fn count(model: &Armington, commodity: usize, wedges: &Wedges, equilibrium: &mut Equilibrium) {
    if wedges.ceilings.is_empty() {
        return;
    }
    let market = model.baseline.market(commodity);
    let accounts: Vec<Account> = accounts(model, commodity, wedges, equilibrium).collect();
    let prices = equilibrium.log_producer_price.clone();
    let licences: Vec<f64> = equilibrium.licences.iter().map(|licence| licence.price).collect();
    for (ceiling, licence) in wedges.ceilings.iter().zip(&mut equilibrium.licences) {
        let one = |&row: &u32| match ceiling.counted {
            Counted::Quantity => market.quantity[row as usize] * accounts[row as usize].shipped_hat,
            Counted::Value => accounts[row as usize].receipts + accounts[row as usize].export_tax,
        };
        licence.used = ceiling.rows.iter().map(one).sum();
        licence.price = licence.price.min(alternative(&market, wedges, &prices, &licences, ceiling));
        licence.within = if ceiling.beyond.is_some() { (ceiling.amount / licence.used).min(1.0) } else { 1.0 };
    }
}

/// The licence price at which the duty beyond a ceiling is as good for every row it covers; infinite
/// where there is none.
fn alternative(market: &Market, wedges: &Wedges, log_prices: &[f64], licences: &[f64], ceiling: &Ceiling) -> f64 {
    let Some(beyond) = ceiling.beyond else { return f64::INFINITY };
    (ceiling.rows.iter().map(|&row| row as usize))
        .filter(|&row| is_open(market, wedges, row))
        .map(|row| {
            let log_price = log_prices[market.exporter[row] as usize];
            let powers = powers(market, wedges, licences, row, log_price);
            let border = match (ceiling.counted, ceiling.holder) {
                (Counted::Value, _) => 1.0,
                (_, Holder::Exporter) => market.unit_value(row) * log_price.exp() * powers.export_tax,
                (_, Holder::Importer) => {
                    market.unit_value(row) * log_price.exp() * powers.export_tax * powers.exporter_licence
                }
            };
            let duty = if ceiling.holder == Holder::Importer { powers.tariff } else { 1.0 };
            (beyond / powers.tariff - 1.0).max(0.0) * border * duty
        })
        .fold(0.0, f64::max)
}
