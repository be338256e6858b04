//! Surplus by country: who pays.
//!
//! Consumer b E (1 − P̂^(1+η))/(1+η); producer z R (p̂^(1+ε) − 1)/(1+ε); the supply shift itself
//! R (z − 1)/(1+ε) in its own column. A change of tastes (b) is no welfare.

use serde::Deserialize;

use super::solution::{Episode, Solution};
use crate::data::{Column, Table};
use crate::model::Kind;
use crate::model::armington::accounts::baseline_accounts;

/// What a row of the welfare table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Country,
    Commodity,
    CountryCommodity,
}

#[derive(Debug, Clone, Copy, Default)]
struct Surplus {
    consumer: f64,
    producer: f64,
    government: f64,
    rent: f64,
    shift: f64,
}

impl Surplus {
    fn add(&mut self, weight: f64, other: Self) {
        self.consumer += weight * other.consumer;
        self.producer += weight * other.producer;
        self.government += weight * other.government;
        self.rent += weight * other.rent;
        self.shift += weight * other.shift;
    }

    fn total(&self) -> f64 {
        self.consumer + self.producer + self.government + self.rent + self.shift
    }
}

impl Solution {
    /// Change of surplus against the baseline at annual rates: `country` and/or `commodity,
    /// consumer, producer, government, rent, shift, total, choke, unit`.
    ///
    /// Government is duty and export tax; rent is that of quota licences, to whoever holds them. `choke` truncates price indices here and only here, at
    /// that multiple of the baseline: an importer that loses every supplier has an infinite index,
    /// and with η ≥ −1 an infinite loss. Under the first-order form the surpluses are those of
    /// second order in the price changes.
    pub fn welfare(&self, by: By, choke: f64) -> Table {
        let countries = self.model.baseline.countries();
        let mut rows: Vec<(usize, usize, Surplus)> = Vec::new();
        let mut by_country = vec![None; countries];
        for k in 0..self.compiled.markets.len() {
            let mut of_commodity = Surplus::default();
            for (country, surplus) in self.surpluses(k, choke).into_iter().enumerate() {
                let Some(surplus) = surplus else { continue };
                match by {
                    By::Country => by_country[country].get_or_insert_with(Surplus::default).add(1.0, surplus),
                    By::Commodity => of_commodity.add(1.0, surplus),
                    By::CountryCommodity => rows.push((country, k, surplus)),
                }
            }
            if by == By::Commodity {
                rows.push((0, k, of_commodity));
            }
        }
        if by == By::Country {
            rows = by_country.into_iter().enumerate().filter_map(|(i, surplus)| Some((i, 0, surplus?))).collect();
        }
        self.welfare_table(by, choke, &rows)
    }

    fn welfare_table(&self, by: By, choke: f64, rows: &[(usize, usize, Surplus)]) -> Table {
        let country: Vec<usize> = rows.iter().map(|row| row.0).collect();
        let commodity: Vec<usize> = rows.iter().map(|row| row.1).collect();
        let mut table = Table::default();
        if by != By::Commodity {
            table = table.text("country", self.country_names(&country));
        }
        if by != By::Country {
            table = table.text("commodity", self.commodity_names(&commodity));
        }
        let currency = self.flows_data().units.currency.clone();
        let column = |of: &dyn Fn(&Surplus) -> f64| rows.iter().map(|row| of(&row.2)).collect();
        table
            .number("consumer", &currency, column(&|s| s.consumer))
            .number("producer", &currency, column(&|s| s.producer))
            .number("government", &currency, column(&|s| s.government))
            .number("rent", &currency, column(&|s| s.rent))
            .number("shift", &currency, column(&|s| s.shift))
            .number("total", &currency, column(&Surplus::total))
            .number("choke", "multiple of the baseline price", vec![choke; rows.len()])
            .with("unit", Column::Text(vec![currency; rows.len()]))
    }

    /// By country; `None` where it does not trade the commodity.
    fn surpluses(&self, commodity: usize, choke: f64) -> Vec<Option<Surplus>> {
        let totals = self.totals(commodity);
        let mut found: Vec<Option<Surplus>> = (totals.received.iter().zip(&totals.spent))
            .map(|(received, spent)| (*received > 0.0 || *spent > 0.0).then(Surplus::default))
            .collect();
        for episode in self.episodes(commodity) {
            for (country, sum) in found.iter_mut().enumerate() {
                let Some(sum) = sum else { continue };
                let (producer, shift) = self.producer(commodity, country, &episode, totals.received[country]);
                let consumer = self.consumer(commodity, country, &episode, totals.spent[country], choke);
                sum.add(episode.weight, Surplus { consumer, producer, shift, ..Surplus::default() });
            }
        }
        let market = self.market(commodity);
        let before = baseline_accounts(&market);
        for (row, (after, before)) in self.accounts(commodity).iter().zip(before).enumerate() {
            if let Some(sum) = &mut found[market.importer[row] as usize] {
                sum.government += after.duty - before.duty;
                sum.rent += after.importer_rent;
            }
            if let Some(sum) = &mut found[market.exporter[row] as usize] {
                sum.government += after.export_tax - before.export_tax;
                sum.rent += after.exporter_rent;
            }
        }
        found
    }

    fn consumer(&self, commodity: usize, country: usize, episode: &Episode, spent: f64, choke: f64) -> f64 {
        let shift = episode.wedges.demand_shift.at(country);
        if spent == 0.0 || shift == 0.0 {
            return 0.0;
        }
        let eta = self.model.elasticities.demand[[commodity, country]];
        let log_index = episode.equilibrium.log_price_index[country].min(choke.ln());
        -shift * spent * integral(log_index, eta, &episode.equilibrium.kind)
    }

    fn producer(&self, commodity: usize, country: usize, episode: &Episode, received: f64) -> (f64, f64) {
        let epsilon = self.model.elasticities.supply[[commodity, country]];
        if received == 0.0 || epsilon.is_infinite() {
            return (0.0, 0.0);
        }
        let supply = episode.wedges.supply_shift.at(country);
        let log_price = episode.equilibrium.log_producer_price[country];
        let surplus = match log_price.is_finite() {
            true => integral(log_price, epsilon, &episode.equilibrium.kind),
            false => -1.0 / (1.0 + epsilon),
        };
        (supply * received * surplus, received * (supply - 1.0) / (1.0 + epsilon))
    }
}

/// ∫ p^e dp from 1 to the new price: (p^(1+e) − 1)/(1 + e), ln p at e = −1; to second order in the
/// change where the equilibrium is of first order.
fn integral(log_price: f64, elasticity: f64, kind: &Kind) -> f64 {
    match kind {
        Kind::FirstOrder(_) => {
            let change = log_price.exp_m1();
            change + elasticity * change * change / 2.0
        }
        Kind::Exact => {
            let power = 1.0 + elasticity;
            match power == 0.0 {
                true => log_price,
                false => (power * log_price).exp_m1() / power,
            }
        }
    }
}
