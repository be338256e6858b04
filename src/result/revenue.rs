//! Revenue of an exporter at its border, and why it changed.
//!
//! With R revenue, Q the amount shipped and n = R/Q = P^w − D − F what a unit earns, bars the mean of
//! before and after:
//!
//! ```text
//! ΔR = n̄ ΔQ + Q̄ ΔP^w − Q̄ ΔD − Q̄ ΔF
//! ```
//!
//! P^w is the price of a fixed basket: what the reference exporters sold abroad in the baseline and
//! still sell, at their borders, Σ V_r b_r / Σ q_r with b the new over baseline border price. F = 0
//! here, D is the remainder. Where nothing is shipped any more, all of the change is volume.

use super::solution::Solution;
use crate::data::Table;
use crate::data::destinations::basis;
use crate::error::{Error, Result};
use crate::model::armington::accounts::Account;
use crate::scenario::select::Selection;

/// Revenue and amount shipped of some flows.
#[derive(Debug, Clone, Copy, Default)]
struct Sales {
    revenue: f64,
    amount: f64,
}

/// Contributions to a change of revenue.
#[derive(Debug, Clone, Copy, Default)]
struct Contributions {
    volume: f64,
    world_price: f64,
    discount: f64,
    freight: f64,
}

impl Contributions {
    /// `world` is P^w before and after.
    fn of(before: Sales, after: Sales, world: (f64, f64)) -> Self {
        if !(before.amount > 0.0 && after.amount > 0.0) {
            return Self { volume: after.revenue - before.revenue, ..Self::default() };
        }
        let (unit_before, unit_after) = (before.revenue / before.amount, after.revenue / after.amount);
        let amount = (before.amount + after.amount) / 2.0;
        let narrowing = (unit_after - world.1) - (unit_before - world.0);
        Self {
            volume: (unit_before + unit_after) / 2.0 * (after.amount - before.amount),
            world_price: amount * (world.1 - world.0),
            discount: amount * narrowing,
            freight: 0.0,
        }
    }
}

/// What one commodity's revenue is counted in, and its rows.
struct Exports<'a> {
    solution: &'a Solution,
    commodity: usize,
    accounts: Vec<Account>,
    quantity: bool,
}

impl Exports<'_> {
    /// Rows that cross a border and whose exporter `keep` accepts.
    fn rows(&self, keep: impl Fn(usize) -> bool) -> Vec<usize> {
        self.solution.market(self.commodity).trading(|i, j| i != j && keep(i)).collect()
    }

    fn sales(&self, exporters: &Selection) -> (Sales, Sales) {
        let market = self.solution.market(self.commodity);
        let (mut before, mut after) = (Sales::default(), Sales::default());
        for row in self.rows(|i| exporters.taken[i]) {
            let (amount, account) = (market.amount(row, self.quantity), &self.accounts[row]);
            before.revenue += market.value[row];
            before.amount += amount;
            after.revenue += account.border_value;
            after.amount += amount * account.shipped_hat;
        }
        (before, after)
    }

    /// P^w before and after; `None` where no reference exporter is left. `own` is n before: the level
    /// where amounts are quantities that no reference exporter has.
    fn world_price(&self, reference: impl Fn(usize) -> bool, own: f64) -> Option<(f64, f64)> {
        let market = self.solution.market(self.commodity);
        let mut rows = self.rows(reference);
        rows.retain(|&row| self.accounts[row].shipped_hat > 0.0);
        let known = |row: &usize| !self.quantity || market.quantity[*row].is_finite();
        let comparable = rows.iter().any(known);
        let (mut amount, mut before, mut after) = (0.0, 0.0, 0.0);
        for &row in rows.iter().filter(|row| !comparable || known(row)) {
            let account = &self.accounts[row];
            amount += if comparable { market.amount(row, self.quantity) } else { market.value[row] / own };
            before += market.value[row];
            after += account.border_value / account.shipped_hat;
        }
        (amount > 0.0).then(|| (before / amount, after / amount))
    }
}

impl Solution {
    /// Revenue of the exporters as one at their border, a row a commodity they sell abroad:
    /// `commodity, before, after, change, volume, world_price, discount, freight, basis, unit`; the
    /// four add up to the change.
    ///
    /// Values with export tax and exporters' licences, without duty, at annual rates. Amounts are
    /// quantities if every export has one, else money at baseline prices. The reference is every other
    /// exporter; where there is none the own price is the world's. A named reference that sells
    /// nothing of a commodity leaves world price and discount missing.
    ///
    /// # Errors
    /// [`Error::Model`]: the reference is the exporter itself.
    pub fn revenue(&self, exporters: &Selection, reference: Option<&Selection>) -> Result<Table> {
        if reference.is_some_and(|other| other.positions().iter().all(|&i| exporters.taken[i])) {
            return Err(Error::Model(
                "reference= is the exporter itself; name other exporters, or leave it out for all others".to_string(),
            ));
        }
        let refers = |i: usize| !exporters.taken[i] && reference.is_none_or(|named| named.taken[i]);
        let (mut commodity, mut bases) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 7] = Default::default();
        for k in 0..self.compiled.markets.len() {
            let quantity = self.market(k).all_quantities(|i, j| i != j && exporters.taken[i]);
            let exports = Exports { solution: self, commodity: k, accounts: self.accounts(k), quantity };
            let (before, after) = exports.sales(exporters);
            if before.revenue == 0.0 {
                continue;
            }
            let (own, own_after) = (before.revenue / before.amount, after.revenue / after.amount);
            let world = match exports.world_price(refers, own) {
                Some(prices) => prices,
                None if reference.is_some() => (f64::NAN, f64::NAN),
                None => (own, own_after),
            };
            let found = Contributions::of(before, after, world);
            commodity.push(k);
            bases.push(basis(quantity));
            let change = after.revenue - before.revenue;
            let values =
                [before.revenue, after.revenue, change, found.volume, found.world_price, found.discount, found.freight];
            columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        }
        let currency = &self.flows_data().units.currency;
        let [before, after, change, volume, world_price, discount, freight] = columns;
        let unit = vec![currency.clone(); commodity.len()];
        Ok(Table::default()
            .text("commodity", self.commodity_names(&commodity))
            .number("before", currency, before)
            .number("after", currency, after)
            .number("change", currency, change)
            .number("volume", currency, volume)
            .number("world_price", currency, world_price)
            .number("discount", currency, discount)
            .number("freight", currency, freight)
            .text("basis", bases)
            .text("unit", unit))
    }
}
