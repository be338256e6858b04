//! What follows from the prices for each flow: who pays, who receives, what is shipped.

use std::ops::Range;

use super::Armington;
use super::market::is_open_under;
use super::powers::{Powers, powers};
use crate::data::{Market, Totals};
use crate::model::{Equilibrium, Kind};
use crate::scenario::ceilings::Holder;
use crate::scenario::{Change, Wedges};
use crate::solve::mathfn;
use crate::solve::matrix::sparse_dot;

/// The accounts of one row at one equilibrium; money in the flows' currency.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Account {
    /// W, at the exporter's border: with export tax, iceberg loss and exporters' licences, without
    /// duty.
    pub border_value: f64,
    /// r, what the producer receives.
    pub receipts: f64,
    /// (T − 1) W, to the importer; and what comes in beyond a quota pays.
    pub duty: f64,
    /// (x − 1) r, to the exporter's treasury.
    pub export_tax: f64,
    /// Rent of quota licences that importers hold, and that exporters hold.
    pub importer_rent: f64,
    pub exporter_rent: f64,
    /// Shipped quantity relative to the baseline.
    pub shipped_hat: f64,
    /// Arrived quantity relative to the baseline.
    pub arrived_hat: f64,
}

/// The accounts of every row of a commodity's market, in order.
pub fn accounts<'a>(
    model: &'a Armington,
    commodity: usize,
    wedges: &'a Wedges,
    equilibrium: &'a Equilibrium,
) -> impl Iterator<Item = Account> + 'a {
    let market = model.baseline.market(commodity);
    let prices = Prices::of(model, commodity, wedges, equilibrium);
    wedges.along(market.len()).map(move |(row, change)| match &equilibrium.kind {
        Kind::Exact => prices.account(&market, row, change),
        Kind::FirstOrder(changes) => first_order(&market, wedges, equilibrium, changes[row], row),
    })
}

/// What exporters receive and importers spend, licences included, as the exact accounts of all rows
/// add up.
pub fn totals(model: &Armington, commodity: usize, wedges: &Wedges, equilibrium: &Equilibrium) -> Totals {
    let market = model.baseline.market(commodity);
    let countries = model.baseline.countries();
    let prices = Prices::of(model, commodity, wedges, equilibrium);
    let mut totals = Totals { received: vec![0.0; countries], spent: vec![0.0; countries] };
    let mut changes = wedges.changes.iter().peekable();
    for (exporter, rows) in market.by_exporter() {
        let plain = wedges.ceilings.is_empty() && changes.peek().is_none_or(|change| change.row as usize >= rows.end);
        if plain && let Some(received) = prices.plain_totals(&market, exporter, rows.clone(), &mut totals.spent) {
            totals.received[exporter] = received;
            continue;
        }
        for row in rows {
            let change = changes.next_if(|change| change.row as usize == row);
            let account = prices.account(&market, row, change);
            totals.received[exporter] += account.receipts;
            totals.spent[market.importer[row] as usize] += account.border_value + account.duty + account.importer_rent;
        }
    }
    totals
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
                importer_rent: 0.0,
                exporter_rent: 0.0,
                shipped_hat: one,
                arrived_hat: one,
            }
        })
        .collect()
}

/// What rows of one exporter or importer have in common, so that a row without a wedge takes no
/// exponential of its own.
struct Prices<'a> {
    wedges: &'a Wedges,
    equilibrium: &'a Equilibrium,
    licences: Vec<f64>,
    sigma: f64,
    /// σ + η by country.
    reaction: Vec<f64>,
    /// p̂ by country.
    price: Vec<f64>,
    /// p̂^(1−σ) by country; NaN where this or p̂ is beyond the bounds below.
    sold: Vec<f64>,
    /// P̂^(σ+η) b by country; NaN where beyond.
    bought: Vec<f64>,
}

/// Beyond these, rows are taken in logs, so that a product of two does not leave the range of numbers.
const SMALLEST: f64 = 1e-130;
const LARGEST: f64 = 1e130;

impl<'a> Prices<'a> {
    fn of(model: &Armington, commodity: usize, wedges: &'a Wedges, equilibrium: &'a Equilibrium) -> Self {
        let sigma = model.elasticities.substitution[commodity];
        let reaction: Vec<f64> = model.elasticities.demand.row(commodity).iter().map(|eta| sigma + eta).collect();
        let exponentials = |mut logs: Vec<f64>| {
            mathfn::exp(&mut logs);
            logs.iter_mut().filter(|value| !(SMALLEST..LARGEST).contains(*value)).for_each(|value| *value = f64::NAN);
            logs
        };
        let log_price = &equilibrium.log_producer_price;
        let index = equilibrium.log_price_index.iter().zip(&reaction).enumerate();
        let bought = index.map(|(j, (index, reaction))| reaction * index + wedges.demand_shift.at(j).ln()).collect();
        let price = exponentials(log_price.clone());
        let mut sold = exponentials(log_price.iter().map(|price| (1.0 - sigma) * price).collect());
        sold.iter_mut().zip(&price).filter(|(_, price)| price.is_nan()).for_each(|(sold, _)| *sold = f64::NAN);
        Self {
            wedges,
            equilibrium,
            licences: equilibrium.licences.iter().map(|licence| licence.price).collect(),
            sigma,
            price,
            sold,
            bought: exponentials(bought),
            reaction,
        }
    }

    /// What an exporter receives on rows without a wedge; adds what importers spend on them. `None`,
    /// and nothing is added, where one has to be taken in logs.
    fn plain_totals(&self, market: &Market, exporter: usize, rows: Range<usize>, spent: &mut [f64]) -> Option<f64> {
        let sold = self.sold[exporter];
        let (value, importer) = (&market.value[rows.clone()], &market.importer[rows.clone()]);
        let received = sold * sparse_dot(value, importer, &self.bought);
        if received.is_nan() {
            return None;
        }
        for ((row, value), &importer) in rows.zip(value).zip(importer) {
            spent[importer as usize] += value * market.tariff_power(row) * (sold * self.bought[importer as usize]);
        }
        Some(received)
    }

    fn account(&self, market: &Market, row: usize, change: Option<&Change>) -> Account {
        if !is_open_under(market, self.wedges, row, change) {
            return Account::default();
        }
        let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
        let hat = self.sold[i] * self.bought[j];
        if change.is_none() && !hat.is_nan() && !self.wedges.ceilings.iter().any(|ceiling| ceiling.covers(row)) {
            let value = market.value[row] * hat;
            return Account {
                border_value: value,
                receipts: value,
                duty: (market.tariff_power(row) - 1.0) * value,
                shipped_hat: hat / self.price[i],
                arrived_hat: hat / self.price[i],
                ..Account::default()
            };
        }
        let log_producer = self.equilibrium.log_producer_price[i];
        let powers = powers(market, self.wedges, &self.licences, row, log_producer);
        let log_price = log_producer + powers.price().ln();
        let log_spent = (self.wedges.at(row).varieties() * self.wedges.demand_shift.at(j)).ln()
            + (1.0 - self.sigma) * log_price
            + self.reaction[j] * self.equilibrium.log_price_index[j];
        let arrived_hat = (log_spent - log_price).exp();
        let spent = market.expenditure(row) * log_spent.exp();
        let within = |holder| within(self.wedges, self.equilibrium, row, holder);
        money(&powers, spent, &within, powers.cost * arrived_hat, arrived_hat)
    }
}

/// The part of a row's licences that is within their ceilings, weighted by licence price.
fn within(wedges: &Wedges, equilibrium: &Equilibrium, row: usize, holder: Holder) -> f64 {
    let held = wedges
        .ceilings
        .iter()
        .zip(&equilibrium.licences)
        .filter(|(c, l)| c.holder == holder && c.covers(row) && l.price > 0.0);
    let (inside, all) = held.fold((0.0, 0.0), |(inside, all), (_, l)| (inside + l.price * l.within, all + l.price));
    if all > 0.0 { inside / all } else { 1.0 }
}

fn first_order(market: &Market, wedges: &Wedges, equilibrium: &Equilibrium, change: f64, row: usize) -> Account {
    if market.value[row] <= 0.0 {
        return Account::default();
    }
    let price = equilibrium.log_producer_price[market.exporter[row] as usize].exp();
    let powers = powers(market, wedges, &[], row, 0.0);
    let shipped_hat = 1.0 + change;
    let spent = market.value[row] * price * powers.export_tax * shipped_hat * powers.tariff;
    money(&powers, spent, &|_| 1.0, shipped_hat, shipped_hat - (powers.cost - 1.0))
}

/// Splits what the buyer spends, E = T x ρ r, among producer, treasuries and licence holders.
fn money(powers: &Powers, spent: f64, within: &dyn Fn(Holder) -> f64, shipped_hat: f64, arrived_hat: f64) -> Account {
    let (exporter, importer) = (powers.exporter_licence, powers.importer_licence);
    let receipts = spent / (powers.tariff * powers.export_tax * exporter * importer);
    let border = powers.export_tax * receipts;
    let exporter_rent = within(Holder::Exporter) * (exporter - 1.0) * border;
    let importer_rent = within(Holder::Importer) * (importer - 1.0) * powers.tariff * exporter * border;
    Account {
        border_value: border + exporter_rent,
        receipts,
        duty: spent - border - exporter_rent - importer_rent,
        export_tax: (powers.export_tax - 1.0) * receipts,
        importer_rent,
        exporter_rent,
        shipped_hat,
        arrived_hat,
    }
}
