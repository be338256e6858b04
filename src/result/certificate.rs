//! Certificates: supply and demand rebuilt from the reported flows and prices.

use super::solution::Solution;
use crate::data::{Column, Table};
use crate::model::armington::accounts::accounts;
use crate::model::armington::price_map::Totals;
use crate::model::{Armington, Equilibrium, Kind};
use crate::scenario::Wedges;

/// Largest relative errors of one equilibrium.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Certificate {
    /// |receipts of the flows − supply curve| / the larger of supply and baseline, over exporters.
    pub market_clearing: f64,
    /// |spending on the flows − demand curve| / the larger of demand and baseline, over importers.
    pub demand: f64,
}

pub fn certify(model: &Armington, commodity: usize, wedges: &Wedges, equilibrium: &Equilibrium) -> Certificate {
    if let Kind::FirstOrder(_) = equilibrium.kind {
        return Certificate { market_clearing: equilibrium.status.residual, demand: 0.0 };
    }
    let market = model.baseline.market(commodity);
    let countries = model.baseline.countries();
    let baseline = Totals::of(&market, countries);
    let (mut received, mut spent) = (vec![0.0; countries], vec![0.0; countries]);
    for (row, account) in accounts(model, commodity, wedges, equilibrium).iter().enumerate() {
        received[market.exporter[row] as usize] += account.receipts;
        spent[market.importer[row] as usize] +=
            account.border_value * market.tariff_power(row) * wedges.tariff_hat.at(row);
    }
    let mut certificate = Certificate::default();
    for country in 0..countries {
        let price = equilibrium.log_producer_price[country];
        let epsilon = model.elasticities.supply[[commodity, country]];
        if price.is_finite() && epsilon.is_finite() {
            let supply = baseline.received[country] * wedges.supply_shift.at(country) * ((1.0 + epsilon) * price).exp();
            certificate.market_clearing =
                certificate.market_clearing.max(relative(received[country], supply, baseline.received[country]));
        }
        let index = equilibrium.log_price_index[country];
        if index.is_finite() {
            let eta = model.elasticities.demand[[commodity, country]];
            let demand = baseline.spent[country] * wedges.demand_shift.at(country) * ((1.0 + eta) * index).exp();
            certificate.demand = certificate.demand.max(relative(spent[country], demand, baseline.spent[country]));
        }
    }
    certificate
}

fn relative(found: f64, wanted: f64, baseline: f64) -> f64 {
    match found.is_nan() || wanted.is_nan() {
        true => f64::INFINITY,
        false => (found - wanted).abs() / wanted.max(baseline),
    }
}

impl Solution {
    /// One row a commodity and episode: `commodity, share_of_period, market_clearing, demand, modulus,
    /// iterations, converged`.
    pub fn certificate(&self) -> Table {
        let mut commodity = Vec::new();
        let (mut share, mut clearing, mut demand, mut modulus) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut iterations, mut converged) = (Vec::new(), Vec::new());
        for k in 0..self.compiled.markets.len() {
            for episode in self.episodes(k) {
                commodity.push(k);
                share.push(episode.weight);
                clearing.push(episode.certificate.market_clearing);
                demand.push(episode.certificate.demand);
                modulus.push(episode.equilibrium.status.modulus);
                iterations.push(episode.equilibrium.status.iterations as i64);
                converged.push(episode.equilibrium.status.converged);
            }
        }
        Table::default()
            .text("commodity", self.commodity_names(&commodity))
            .number("share_of_period", "share", share)
            .number("market_clearing", "relative", clearing)
            .number("demand", "relative", demand)
            .number("modulus", "1", modulus)
            .with("iterations", Column::Count(iterations))
            .with("converged", Column::Flag(converged))
    }
}
