//! Where an exporter's goods go: shares by destination before and after.

use super::solution::Solution;
use crate::data::Table;
use crate::data::destinations::{Destinations, basis, share};
use crate::scenario::select::Selection;

/// Sales by destination before and after, in one basis.
struct Compared {
    quantity: bool,
    before: Destinations,
    after: Destinations,
}

impl Compared {
    /// Quantities only if every flow of the exporters has one, else values at the border.
    fn of(solution: &Solution, commodity: usize, exporters: &Selection) -> Self {
        let market = solution.market(commodity);
        let quantity = market.all_quantities(|i, _| exporters.taken[i]);
        let accounts = solution.accounts(commodity);
        let sold = |row: usize| match quantity {
            true => market.quantity[row] * accounts[row].shipped_hat,
            false => accounts[row].border_value,
        };
        let by = |amount: &dyn Fn(usize) -> f64| {
            Destinations::of(&market, solution.model.baseline.countries(), &exporters.taken, amount)
        };
        Self { quantity, before: by(&|row| market.amount(row, quantity)), after: by(&sold) }
    }

    fn totals(&self) -> (f64, f64) {
        (self.before.total(), self.after.total())
    }
}

impl Solution {
    /// Shares of the exporters' sales by destination: `commodity, importer, before, after, shift,
    /// total_hat, basis`; shares 0–1, shift in percentage points. After a collapse they are NaN.
    pub fn shares(&self, exporters: &Selection) -> Table {
        let (mut commodity, mut importer, mut bases) = (Vec::new(), Vec::new(), Vec::new());
        let (mut before, mut after, mut hat) = (Vec::new(), Vec::new(), Vec::new());
        for k in 0..self.compiled.markets.len() {
            let found = Compared::of(self, k, exporters);
            let (total_before, total_after) = found.totals();
            for j in found.before.importers() {
                commodity.push(k);
                importer.push(j);
                before.push(share(found.before.amount[j], total_before));
                after.push(share(found.after.amount[j], total_after));
                hat.push(total_after / total_before);
                bases.push(basis(found.quantity));
            }
        }
        let shift = before.iter().zip(&after).map(|(before, after)| 100.0 * (after - before)).collect();
        Table::default()
            .text("commodity", self.commodity_names(&commodity))
            .text("importer", self.country_names(&importer))
            .number("before", "share", before)
            .number("after", "share", after)
            .number("shift", "percentage points", shift)
            .number("total_hat", "new / baseline", hat)
            .text("basis", bases)
    }

    /// The headline: how the exporters' share to one set of importers fell and to another rose.
    /// `commodity, away_before, away_after, away_shift, toward_before, toward_after, toward_shift,
    /// basis`; a row for each commodity that the exporters sell.
    pub fn share_shift(&self, exporters: &Selection, away: &Selection, toward: &Selection) -> Table {
        let (mut commodity, mut bases) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 4] = Default::default();
        for k in 0..self.compiled.markets.len() {
            let found = Compared::of(self, k, exporters);
            let (total_before, total_after) = found.totals();
            if total_before == 0.0 {
                continue;
            }
            let sum = |amounts: &[f64], set: &Selection| set.positions().iter().map(|&j| amounts[j]).sum::<f64>();
            commodity.push(k);
            columns[0].push(share(sum(&found.before.amount, away), total_before));
            columns[1].push(share(sum(&found.after.amount, away), total_after));
            columns[2].push(share(sum(&found.before.amount, toward), total_before));
            columns[3].push(share(sum(&found.after.amount, toward), total_after));
            bases.push(basis(found.quantity));
        }
        let shift = |before: &[f64], after: &[f64]| before.iter().zip(after).map(|(b, a)| 100.0 * (a - b)).collect();
        let (away_shift, toward_shift) = (shift(&columns[0], &columns[1]), shift(&columns[2], &columns[3]));
        let [away_before, away_after, toward_before, toward_after] = columns;
        Table::default()
            .text("commodity", self.commodity_names(&commodity))
            .number("away_before", "share", away_before)
            .number("away_after", "share", away_after)
            .number("away_shift", "percentage points", away_shift)
            .number("toward_before", "share", toward_before)
            .number("toward_after", "share", toward_after)
            .number("toward_shift", "percentage points", toward_shift)
            .text("basis", bases)
    }
}
