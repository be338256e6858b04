//! To whom exporters sell, before and after, in one unit for all commodities.

use super::trade::{Both, Trade, total};
use crate::data::Table;
use crate::scenario::select::Selection;

/// Amounts by destination in money at baseline prices: `commodity, entry, importer, before, after,
/// unit`. The entries `sold` have an importer; `not_produced` is the supply curve's Q⁰ (1 − z p̂^ε),
/// below 0 where more is produced. Both columns add up to the baseline's sales.
pub fn destinations(solution: &impl Trade, exporters: &Selection) -> Table {
    let (mut commodity, mut entry, mut importer) = (Vec::new(), Vec::new(), Vec::new());
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for k in 0..solution.commodities() {
        let shipped = solution.shipped(k, exporters, false);
        let sold = shipped.rows.by_importer(&solution.market(k), exporters);
        let mut push = |kind: &str, name: &str, amounts: Both| {
            commodity.push(k);
            entry.push(kind.to_string());
            importer.push(name.to_string());
            before.push(amounts.0);
            after.push(amounts.1);
        };
        for (j, amounts) in sold.iter().enumerate().filter_map(|(j, amounts)| Some((j, (*amounts)?))) {
            push("sold", solution.flows_data().countries.name(j), amounts);
        }
        if total(&sold).0 > 0.0 {
            push("not_produced", "", (0.0, shipped.not_produced));
        }
    }
    let unit = solution.unit(0, false);
    let units = vec![unit.clone(); commodity.len()];
    Table::default()
        .text("commodity", solution.commodity_names(&commodity))
        .text("entry", entry)
        .text("importer", importer)
        .number("before", &unit, before)
        .number("after", &unit, after)
        .text("unit", units)
}
