//! To whom exporters sell, before and after, in one unit for all commodities.

use super::ledger::Amounts;
use super::solution::Solution;
use crate::data::Table;
use crate::data::destinations::Destinations;
use crate::scenario::select::Selection;

impl Solution {
    /// Amounts by destination in money at baseline prices: `commodity, entry, importer, before, after,
    /// unit`. The entries `sold` have an importer; `not_produced` is the supply curve's
    /// Q⁰ (1 − z p̂^ε), below 0 where more is produced. Both columns add up to the baseline's sales.
    pub fn destinations(&self, exporters: &Selection) -> Table {
        let (mut commodity, mut entry, mut importer) = (Vec::new(), Vec::new(), Vec::new());
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for k in 0..self.compiled.markets.len() {
            let (market, amounts) = (self.market(k), Amounts::of(self, k, exporters, false));
            let by = |amount: &[f64]| {
                Destinations::of(&market, self.model.baseline.countries(), &exporters.taken, |row| amount[row])
            };
            let (sold_before, sold_after) = (by(&amounts.before), by(&amounts.after));
            if sold_before.total() == 0.0 {
                continue;
            }
            let mut push = |kind: &str, name: &str, amounts: (f64, f64)| {
                commodity.push(k);
                entry.push(kind.to_string());
                importer.push(name.to_string());
                before.push(amounts.0);
                after.push(amounts.1);
            };
            for j in sold_before.importers() {
                push("sold", self.flows_data().countries.name(j), (sold_before.amount[j], sold_after.amount[j]));
            }
            push("not_produced", "", (0.0, amounts.not_produced));
        }
        let unit = self.flows_data().units.amount(0, false);
        let units = vec![unit.clone(); commodity.len()];
        Table::default()
            .text("commodity", self.commodity_names(&commodity))
            .text("entry", entry)
            .text("importer", importer)
            .number("before", &unit, before)
            .number("after", &unit, after)
            .text("unit", units)
    }
}
