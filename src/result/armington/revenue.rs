//! Revenue of an exporter at its border, and why it changed: see [`crate::result::revenue`].
//!
//! P^w is the price of a fixed basket: what the reference exporters sold abroad in the baseline and
//! still sell, at their borders, Σ V_r b_r / Σ q_r with b the new over baseline border price. F = 0.

use super::solution::Solution;
use crate::data::Table;
use crate::error::Result;
use crate::model::armington::accounts::Account;
use crate::result::revenue::{Revenues, Sales};
use crate::result::trade::{Trade, refers};
use crate::scenario::select::Selection;

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
    /// [`crate::Error::Model`]: the reference is the exporter itself.
    pub fn revenue(&self, exporters: &Selection, reference: Option<&Selection>) -> Result<Table> {
        let refers = refers(exporters, reference)?;
        let mut rows = Revenues::default();
        for k in 0..self.commodities() {
            let quantity = self.market(k).all_quantities(|i, j| i != j && exporters.taken[i]);
            let exports = Exports { solution: self, commodity: k, accounts: self.accounts(k), quantity };
            let (mut before, mut after) = exports.sales(exporters);
            if before.revenue == 0.0 {
                continue;
            }
            let (own, own_after) = (before.revenue / before.amount, after.revenue / after.amount);
            (before.world_price, after.world_price) = match exports.world_price(&refers, own) {
                Some(prices) => prices,
                None if reference.is_some() => (f64::NAN, f64::NAN),
                None => (own, own_after),
            };
            rows.push(k, quantity, before, after);
        }
        Ok(rows.table(self))
    }
}
