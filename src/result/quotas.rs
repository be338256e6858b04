//! Quotas: how far they are used and what a licence is worth.

use super::trade::Trade;
use crate::data::Table;
use crate::scenario::ceilings::{Ceiling, Counted, Holder};

/// A quota at an equilibrium: what it counts a year, and the price of a licence.
pub(crate) struct Use<'a> {
    pub ceiling: &'a Ceiling,
    pub used: f64,
    pub price: f64,
}

/// One row a quota, commodity and stretch of the period: `measure, commodity, share_of_period, ceiling,
/// used, licence_price, holder, unit`, at annual rates. `uses` are those of a commodity's variant.
///
/// `licence_price` is in the flows' currency per unit (of money at the border where the quota counts
/// money); 0 where the quota is slack.
pub(crate) fn quota_table<'a>(solution: &impl Trade, uses: impl Fn(usize, usize) -> Vec<Use<'a>>) -> Table {
    let (mut measure, mut commodity, mut holder, mut unit) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut columns: [Vec<f64>; 4] = Default::default();
    let units = &solution.flows_data().units;
    for k in 0..solution.commodities() {
        for (variant, (weight, _)) in solution.compiled().weighted(k).enumerate() {
            for Use { ceiling, used, price } in uses(k, variant) {
                measure.push(ceiling.label.clone());
                commodity.push(k);
                holder.push(if ceiling.holder == Holder::Importer { "importer" } else { "exporter" }.to_string());
                unit.push(match ceiling.counted {
                    Counted::Quantity => units.quantity[k].clone(),
                    Counted::Value => units.currency.clone(),
                });
                let values = [weight, ceiling.amount, used, price];
                columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            }
        }
    }
    let [share, amount, used, price] = columns;
    Table::default()
        .text("measure", measure)
        .text("commodity", solution.commodity_names(&commodity))
        .number("share_of_period", "share", share)
        .number("ceiling", "see unit, per year", amount)
        .number("used", "see unit, per year", used)
        .number("licence_price", "currency per unit", price)
        .text("holder", holder)
        .text("unit", unit)
}
