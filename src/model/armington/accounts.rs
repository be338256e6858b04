//! What follows from the prices for each flow: who pays, who receives, what is shipped.

use super::Armington;
use super::market::is_open;
use crate::data::Market;
use crate::model::{Equilibrium, Kind};
use crate::scenario::Wedges;

/// The accounts of one row at one equilibrium; money in the flows' currency.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Account {
    /// W, at the exporter's border: with export tax and iceberg loss, without duty.
    pub border_value: f64,
    /// r = W/x, what the producer receives.
    pub receipts: f64,
    /// (T − 1) W, to the importer.
    pub duty: f64,
    /// (x − 1) r, to the exporter's treasury.
    pub export_tax: f64,
    /// Shipped quantity relative to the baseline.
    pub shipped_hat: f64,
    /// Arrived quantity relative to the baseline.
    pub arrived_hat: f64,
}

/// The accounts of every row of a commodity's market.
pub fn accounts(model: &Armington, commodity: usize, wedges: &Wedges, equilibrium: &Equilibrium) -> Vec<Account> {
    let market = model.baseline.market(commodity);
    (0..market.len())
        .map(|row| match &equilibrium.kind {
            Kind::Exact => exact(model, commodity, &market, wedges, equilibrium, row),
            Kind::FirstOrder(change) => first_order(&market, wedges, equilibrium, change[row], row),
        })
        .collect()
}

/// The accounts of every row before any measure.
pub fn baseline_accounts(market: &Market) -> Vec<Account> {
    (0..market.len())
        .map(|row| {
            let value = market.value[row];
            let one = if value > 0.0 { 1.0 } else { 0.0 };
            Account {
                border_value: value,
                receipts: value,
                duty: (market.tariff_power(row) - 1.0) * value,
                export_tax: 0.0,
                shipped_hat: one,
                arrived_hat: one,
            }
        })
        .collect()
}

fn exact(
    model: &Armington,
    commodity: usize,
    market: &Market,
    wedges: &Wedges,
    equilibrium: &Equilibrium,
    row: usize,
) -> Account {
    if !is_open(market, wedges, row) {
        return Account::default();
    }
    let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
    let sigma = model.elasticities.substitution[commodity];
    let eta = model.elasticities.demand[[commodity, j]];
    let (tariff, tax, cost) = (wedges.tariff_hat.at(row), wedges.export_tax_power.at(row), wedges.cost_factor.at(row));
    let log_price = equilibrium.log_producer_price[i] + (tariff * tax * cost).ln();
    let log_spent = (wedges.availability.at(row) * wedges.demand_shift.at(j)).ln()
        + (1.0 - sigma) * log_price
        + (sigma + eta) * equilibrium.log_price_index[j];
    let border_value = market.value[row] * (log_spent - tariff.ln()).exp();
    let arrived_hat = (log_spent - log_price).exp();
    money(market, wedges, row, border_value, cost * arrived_hat, arrived_hat)
}

fn first_order(market: &Market, wedges: &Wedges, equilibrium: &Equilibrium, change: f64, row: usize) -> Account {
    if market.value[row] <= 0.0 {
        return Account::default();
    }
    let price = equilibrium.log_producer_price[market.exporter[row] as usize].exp();
    let shipped_hat = 1.0 + change;
    let border_value = market.value[row] * price * wedges.export_tax_power.at(row) * shipped_hat;
    money(market, wedges, row, border_value, shipped_hat, shipped_hat - (wedges.cost_factor.at(row) - 1.0))
}

fn money(
    market: &Market,
    wedges: &Wedges,
    row: usize,
    border_value: f64,
    shipped_hat: f64,
    arrived_hat: f64,
) -> Account {
    let tax = wedges.export_tax_power.at(row);
    let receipts = border_value / tax;
    Account {
        border_value,
        receipts,
        duty: (market.tariff_power(row) * wedges.tariff_hat.at(row) - 1.0) * border_value,
        export_tax: (tax - 1.0) * receipts,
        shipped_hat,
        arrived_hat,
    }
}
