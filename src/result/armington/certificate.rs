//! Certificates: supply and demand rebuilt from the reported flows and prices.

use ndarray::ArrayView1;

use super::solution::Solution;
use crate::data::{Column, Table};
use crate::model::armington::accounts::totals;
use crate::model::{Armington, Equilibrium, Kind, Licence};
use crate::result::trade::Trade;
use crate::scenario::Wedges;
use crate::scenario::ceilings::Ceiling;
use crate::solve::mathfn;

/// Largest relative errors of one equilibrium.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Certificate {
    /// |receipts of the flows − supply curve| / the larger of supply and baseline, over exporters.
    pub market_clearing: f64,
    /// |spending on the flows − demand curve| / the larger of demand and baseline, over importers.
    pub demand: f64,
    /// Quotas: what is above the ceiling, or what is missing from it while its licence has a price.
    pub quota: f64,
}

pub fn certify(model: &Armington, commodity: usize, wedges: &Wedges, equilibrium: &Equilibrium) -> Certificate {
    if let Kind::FirstOrder(_) = equilibrium.kind {
        return Certificate { market_clearing: equilibrium.status.residual, ..Certificate::default() };
    }
    let baseline = model.baseline.totals(commodity);
    let found = totals(model, commodity, wedges, equilibrium);
    let (log_price, log_index) = (&equilibrium.log_producer_price, &equilibrium.log_price_index);
    let curve = |logs: &[f64], elasticity: ArrayView1<f64>| {
        let mut hats: Vec<f64> =
            logs.iter().zip(elasticity).map(|(log, elasticity)| (1.0 + elasticity) * log).collect();
        mathfn::exp(&mut hats);
        hats
    };
    let supply = curve(log_price, model.elasticities.supply.row(commodity));
    let demand = curve(log_index, model.elasticities.demand.row(commodity));
    let mut certificate = Certificate::default();
    for country in 0..model.baseline.countries() {
        if log_price[country].is_finite() && model.elasticities.supply[[commodity, country]].is_finite() {
            let before = baseline.received[country];
            let supply = before * wedges.supply_shift.at(country) * supply[country];
            certificate.market_clearing =
                certificate.market_clearing.max(relative(found.received[country], supply, before));
        }
        if log_index[country].is_finite() {
            let before = baseline.spent[country];
            let demand = before * wedges.demand_shift.at(country) * demand[country];
            certificate.demand = certificate.demand.max(relative(found.spent[country], demand, before));
        }
    }
    certificate.quota = (wedges.ceilings.iter().zip(&equilibrium.licences)).map(quota_error).fold(0.0, f64::max);
    certificate
}

/// Relative to the ceiling; beyond one with a duty more may come in.
fn quota_error((ceiling, licence): (&Ceiling, &Licence)) -> f64 {
    let over = licence.used / ceiling.amount - 1.0;
    match (licence.price > 0.0, ceiling.beyond.is_some()) {
        (false, false) => over.max(0.0),
        (true, false) => over.abs(),
        (true, true) => (-over).max(0.0),
        (false, true) => 0.0,
    }
}

fn relative(found: f64, wanted: f64, baseline: f64) -> f64 {
    let error = (found - wanted).abs() / wanted.max(baseline);
    // inf − inf and the like: f64::max would drop a NaN and leave a clean certificate.
    if error.is_nan() { f64::INFINITY } else { error }
}

impl Solution {
    /// One row a commodity and episode: `commodity, share_of_period, market_clearing, demand, quota, modulus,
    /// iterations, converged`.
    pub fn certificate(&self) -> Table {
        let mut commodity = Vec::new();
        let (mut share, mut clearing, mut demand) = (Vec::new(), Vec::new(), Vec::new());
        let (mut quota, mut modulus) = (Vec::new(), Vec::new());
        let (mut iterations, mut converged) = (Vec::new(), Vec::new());
        for k in 0..self.compiled.markets.len() {
            for episode in self.episodes(k) {
                commodity.push(k);
                share.push(episode.weight);
                clearing.push(episode.certificate.market_clearing);
                demand.push(episode.certificate.demand);
                quota.push(episode.certificate.quota);
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
            .number("quota", "relative", quota)
            .number("modulus", "1", modulus)
            .with("iterations", Column::Count(iterations))
            .with("converged", Column::Flag(converged))
    }
}
