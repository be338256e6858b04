//! Why an exporter's revenue changed.
//!
//! With R revenue, Q the amount shipped, F freight a unit, P^w the world price and n = R/Q = P^w − D − F
//! what a unit earns, bars the mean of before and after:
//!
//! ```text
//! ΔR = n̄ ΔQ + Q̄ ΔP^w − Q̄ ΔD − Q̄ ΔF
//! ```
//!
//! D is the remainder. Where nothing is shipped before or after, all of the change is volume.

use super::trade::Trade;
use crate::data::Table;
use crate::data::destinations::basis;

/// One exporter's sales at one time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sales {
    pub revenue: f64,
    pub amount: f64,
    /// P^w and F, per unit.
    pub world_price: f64,
    pub freight: f64,
}

impl Sales {
    /// What the change is made of: volume, world price, discount, freight.
    fn contributions(before: Self, after: Self) -> [f64; 4] {
        if !(before.amount > 0.0 && after.amount > 0.0) {
            return [after.revenue - before.revenue, 0.0, 0.0, 0.0];
        }
        let unit = |sales: Self| sales.revenue / sales.amount;
        let discount = |sales: Self| sales.world_price - sales.freight - unit(sales);
        let amount = (before.amount + after.amount) / 2.0;
        [
            (unit(before) + unit(after)) / 2.0 * (after.amount - before.amount),
            amount * (after.world_price - before.world_price),
            amount * (discount(before) - discount(after)),
            amount * (before.freight - after.freight),
        ]
    }
}

/// Rows of the table.
#[derive(Default)]
pub(crate) struct Revenues {
    commodity: Vec<usize>,
    basis: Vec<String>,
    columns: [Vec<f64>; 7],
}

impl Revenues {
    pub fn push(&mut self, commodity: usize, quantity: bool, before: Sales, after: Sales) {
        let change = after.revenue - before.revenue;
        let parts = Sales::contributions(before, after);
        let values = [before.revenue, after.revenue, change].into_iter().chain(parts);
        self.columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        self.commodity.push(commodity);
        self.basis.push(basis(quantity));
    }

    /// `commodity, before, after, change, volume, world_price, discount, freight, basis, unit`; the four
    /// add up to the change.
    pub fn table(self, solution: &impl Trade) -> Table {
        let currency = solution.flows_data().units.currency.as_str();
        let unit = vec![currency.to_string(); self.commodity.len()];
        let names = ["before", "after", "change", "volume", "world_price", "discount", "freight"];
        let table = Table::default().text("commodity", solution.commodity_names(&self.commodity));
        let numbers = names.into_iter().zip(self.columns);
        let table = numbers.fold(table, |table, (name, values)| table.number(name, currency, values));
        table.text("basis", self.basis).text("unit", unit)
    }
}
