//! Surplus by country: who pays.
//!
//! Consumer b E (1 − P̂^(1+η))/(1+η); producer z R (p̂^(1+ε) − 1)/(1+ε); the supply shift itself
//! R (z − 1)/(1+ε) in its own column. A change of tastes (b) is no welfare.

use super::solution::{Episode, Solution};
use crate::data::Table;
use crate::model::Kind;
use crate::model::armington::accounts::baseline_accounts;
use crate::result::surplus::{By, Surplus, surplus_table};
use crate::result::trade::Trade;

impl Solution {
    /// Change of surplus against the baseline at annual rates: `country` and/or `commodity,
    /// consumer, producer, government, rent, shift, total, choke, unit`.
    ///
    /// Government is duty and export tax; rent is that of quota licences, to whoever holds them. `choke` truncates price indices here and only here, at
    /// that multiple of the baseline: an importer that loses every supplier has an infinite index,
    /// and with η ≥ −1 an infinite loss. Under the first-order form the surpluses are those of
    /// second order in the price changes.
    pub fn welfare(&self, by: By, choke: f64) -> Table {
        let of_commodity = |k| self.surpluses(k, choke);
        surplus_table(self, by, choke, of_commodity)
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
                sum.add(episode.weight, &Surplus { consumer, producer, shift, ..Surplus::default() });
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
