//! Where an exporter's goods go: shares by destination before and after.

use super::solution::{Solution, amount};
use crate::data::Table;
use crate::scenario::select::Selection;

/// An exporter's amounts by importing country, all in one basis.
struct Destinations {
    quantity: bool,
    traded: Vec<bool>,
    before: Vec<f64>,
    after: Vec<f64>,
}

impl Destinations {
    /// Quantities only if every flow of the exporters has one, else values at the border.
    fn of(solution: &Solution, commodity: usize, exporters: &Selection) -> Self {
        let quantity = solution.all_quantities(commodity, |i, _| exporters.taken[i]);
        let market = solution.market(commodity);
        let countries = solution.model.baseline.countries();
        let mut found = Self {
            quantity,
            traded: vec![false; countries],
            before: vec![0.0; countries],
            after: vec![0.0; countries],
        };
        for (row, account) in solution.accounts(commodity).iter().enumerate() {
            let importer = market.importer[row] as usize;
            if exporters.taken[market.exporter[row] as usize] && market.value[row] > 0.0 {
                found.traded[importer] = true;
                found.before[importer] += amount(&market, row, quantity);
                found.after[importer] +=
                    if quantity { market.quantity[row] * account.shipped_hat } else { account.border_value };
            }
        }
        found
    }

    fn totals(&self) -> (f64, f64) {
        (self.before.iter().sum(), self.after.iter().sum())
    }

    fn basis(&self) -> String {
        if self.quantity { "quantity" } else { "value" }.to_string()
    }
}

/// 0/0 after a collapse is not a share.
fn share(part: f64, total: f64) -> f64 {
    if total > 0.0 { part / total } else { f64::NAN }
}

impl Solution {
    /// Shares of the exporters' sales by destination: `commodity, importer, before, after, shift,
    /// total_hat, basis`; shares 0–1, shift in percentage points. After a collapse they are NaN.
    pub fn shares(&self, exporters: &Selection) -> Table {
        let (mut commodity, mut importer, mut basis) = (Vec::new(), Vec::new(), Vec::new());
        let (mut before, mut after, mut hat) = (Vec::new(), Vec::new(), Vec::new());
        for k in 0..self.compiled.markets.len() {
            let found = Destinations::of(self, k, exporters);
            let (total_before, total_after) = found.totals();
            for j in (0..found.traded.len()).filter(|&j| found.traded[j]) {
                commodity.push(k);
                importer.push(j);
                before.push(share(found.before[j], total_before));
                after.push(share(found.after[j], total_after));
                hat.push(total_after / total_before);
                basis.push(found.basis());
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
            .text("basis", basis)
    }

    /// The headline: how the exporters' share to one set of importers fell and to another rose.
    /// `commodity, away_before, away_after, away_shift, toward_before, toward_after, toward_shift,
    /// basis`; a row for each commodity that the exporters sell.
    pub fn share_shift(&self, exporters: &Selection, away: &Selection, toward: &Selection) -> Table {
        let (mut commodity, mut basis) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 4] = Default::default();
        for k in 0..self.compiled.markets.len() {
            let found = Destinations::of(self, k, exporters);
            let (total_before, total_after) = found.totals();
            if total_before == 0.0 {
                continue;
            }
            let sum = |amounts: &[f64], set: &Selection| set.positions().iter().map(|&j| amounts[j]).sum::<f64>();
            commodity.push(k);
            columns[0].push(share(sum(&found.before, away), total_before));
            columns[1].push(share(sum(&found.after, away), total_after));
            columns[2].push(share(sum(&found.before, toward), total_before));
            columns[3].push(share(sum(&found.after, toward), total_after));
            basis.push(found.basis());
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
            .text("basis", basis)
    }
}
