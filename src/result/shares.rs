//! Where an exporter's goods go: shares by destination before and after.

use super::trade::{Both, Trade, total};
use crate::data::Table;
use crate::data::destinations::{basis, share};
use crate::scenario::select::Selection;

/// Sales by importer, in quantities only if every flow of the exporters has one, else in values at the
/// border.
fn by_importer(solution: &impl Trade, commodity: usize, exporters: &Selection) -> (bool, Vec<Option<Both>>) {
    let quantity = solution.in_quantities(commodity, |i, _| exporters.taken[i]);
    let sales = solution.sales(commodity);
    let sold = if quantity { sales.quantity } else { sales.money };
    (quantity, sold.by_importer(&solution.market(commodity), exporters))
}

/// Shares of the exporters' sales by destination: `commodity, importer, before, after, shift,
/// total_hat, basis`; shares 0–1, shift in percentage points. After a collapse they are NaN.
pub fn shares(solution: &impl Trade, exporters: &Selection) -> Table {
    let (mut commodity, mut importer, mut bases) = (Vec::new(), Vec::new(), Vec::new());
    let mut columns: [Vec<f64>; 4] = Default::default();
    for k in 0..solution.commodities() {
        let (quantity, sold) = by_importer(solution, k, exporters);
        let all = total(&sold);
        for (j, amount) in sold.into_iter().enumerate().filter_map(|(j, amount)| Some((j, amount?))) {
            commodity.push(k);
            importer.push(j);
            bases.push(basis(quantity));
            let (before, after) = (share(amount.0, all.0), share(amount.1, all.1));
            let values = [before, after, 100.0 * (after - before), all.1 / all.0];
            columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        }
    }
    let [before, after, shift, hat] = columns;
    Table::default()
        .text("commodity", solution.commodity_names(&commodity))
        .text("importer", solution.country_names(&importer))
        .number("before", "share", before)
        .number("after", "share", after)
        .number("shift", "percentage points", shift)
        .number("total_hat", "new / baseline", hat)
        .text("basis", bases)
}

/// The headline: how the exporters' share to one set of importers fell and to another rose.
/// `commodity, away_before, away_after, away_shift, toward_before, toward_after, toward_shift, basis`;
/// a row for each commodity that the exporters sell.
pub fn share_shift(solution: &impl Trade, exporters: &Selection, away: &Selection, toward: &Selection) -> Table {
    let (mut commodity, mut bases) = (Vec::new(), Vec::new());
    let mut columns: [Vec<f64>; 6] = Default::default();
    for k in 0..solution.commodities() {
        let (quantity, sold) = by_importer(solution, k, exporters);
        let all = total(&sold);
        if all.0 == 0.0 {
            continue;
        }
        let of = |set: &Selection| {
            let sum = total(set.positions().iter().map(|&j| &sold[j]));
            (share(sum.0, all.0), share(sum.1, all.1))
        };
        let (from, to) = (of(away), of(toward));
        commodity.push(k);
        bases.push(basis(quantity));
        let values = [from.0, from.1, 100.0 * (from.1 - from.0), to.0, to.1, 100.0 * (to.1 - to.0)];
        columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
    }
    let [away_before, away_after, away_shift, toward_before, toward_after, toward_shift] = columns;
    Table::default()
        .text("commodity", solution.commodity_names(&commodity))
        .number("away_before", "share", away_before)
        .number("away_after", "share", away_after)
        .number("away_shift", "percentage points", away_shift)
        .number("toward_before", "share", toward_before)
        .number("toward_after", "share", toward_after)
        .number("toward_shift", "percentage points", toward_shift)
        .text("basis", bases)
}
