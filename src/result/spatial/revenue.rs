//! What an exporter earns abroad, why that changed ([`crate::result::revenue`]), and what its discount is
//! made of. P^w is the price at which the reference exporters' goods arrive before duty.

use super::SpatialSolution;
use super::accounts::Account;
use crate::data::Table;
use crate::error::Result;
use crate::result::revenue::{Revenues, Sales};
use crate::result::trade::{Trade, refers};
use crate::scenario::select::Selection;

impl SpatialSolution {
    /// Sums over the exports of the exporters taken, before and after.
    fn exports(&self, commodity: usize, exporters: &dyn Fn(usize) -> bool) -> [Account; 2] {
        let market = self.market(commodity);
        let abroad =
            |row: &usize| market.exporter[*row] != market.importer[*row] && exporters(market.exporter[*row] as usize);
        let rows: Vec<usize> = (0..market.len()).filter(abroad).collect();
        [self.accounts_before(commodity), self.accounts_after(commodity)].map(|accounts| {
            let mut sum = Account::default();
            rows.iter().for_each(|&row| sum.add(1.0, &accounts[row]));
            sum
        })
    }

    /// Revenue of the exporters as one at their border, a row a commodity they sell abroad: `commodity,
    /// before, after, change, volume, world_price, discount, freight, basis, unit`; the four add up to the
    /// change. The reference is every other exporter if not given; where it sells nothing, world price and
    /// discount are NaN.
    ///
    /// # Errors
    /// [`crate::Error::Model`]: the reference is the exporter itself.
    pub fn revenue(&self, exporters: &Selection, reference: Option<&Selection>) -> Result<Table> {
        let refers = refers(exporters, reference)?;
        let mut rows = Revenues::default();
        for k in 0..self.commodities() {
            let own = self.exports(k, &|i| exporters.taken[i]);
            let others = self.exports(k, &refers);
            if own[0].flow == 0.0 && own[1].flow == 0.0 {
                continue;
            }
            let [before, after] = [0, 1].map(|when| Sales {
                revenue: own[when].border_value(),
                amount: own[when].flow,
                world_price: (others[when].border_value() + others[when].carriage()) / others[when].flow,
                freight: own[when].carriage() / own[when].flow,
            });
            rows.push(k, true, before, after);
        }
        Ok(rows.table(self))
    }

    /// By how much less than the reference exporters the exporters' producers get a unit they sell abroad,
    /// and why: `commodity, when, reference_price, netback, discount, destination, freight, residual,
    /// scarcity, margin, cap_rent, tax, unit`; the seven add up to the discount.
    ///
    /// Means weighted by flow. `destination` is what buyers pay less; the others what stands between them
    /// and the producer and does not between buyers and the reference. Freight is with the cost of going
    /// without services, scarcity with the rents of fleets and licences, tax with duties.
    ///
    /// # Errors
    /// [`crate::Error::Model`]: the reference is the exporter itself.
    pub fn discount(&self, exporters: &Selection, reference: Option<&Selection>) -> Result<Table> {
        let refers = refers(exporters, reference)?;
        let (mut commodity, mut when, mut unit) = (Vec::new(), Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 10] = Default::default();
        for k in 0..self.commodities() {
            let own = self.exports(k, &|i| exporters.taken[i]);
            let others = self.exports(k, &refers);
            for (place, name) in ["before", "after"].into_iter().enumerate() {
                if own[place].flow <= 0.0 {
                    continue;
                }
                let (mine, theirs) = (parts(&own[place]), parts(&others[place]));
                let gap = |at: usize| mine[at] - theirs[at];
                commodity.push(k);
                when.push(name.to_string());
                unit.push(format!("{} per {}", self.flows_data().units.currency, self.unit(k, true)));
                let values =
                    [theirs[1], mine[1], theirs[1] - mine[1], -gap(0), gap(2), gap(3), gap(4), gap(5), gap(6), gap(7)];
                columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            }
        }
        let names = [
            "reference_price",
            "netback",
            "discount",
            "destination",
            "freight",
            "residual",
            "scarcity",
            "margin",
            "cap_rent",
            "tax",
        ];
        let table = Table::default().text("commodity", self.commodity_names(&commodity)).text("when", when);
        let table = names.into_iter().zip(columns).fold(table, |table, (name, v)| table.number(name, "see unit", v));
        Ok(table.text("unit", unit))
    }
}

/// Per unit: buyer's price, producer's price, freight, residual, scarcity, margin, cap rent, tax.
fn parts(sum: &Account) -> [f64; 8] {
    [
        sum.paid,
        sum.producer,
        sum.carriage(),
        sum.residual - sum.slack,
        sum.scarcity + sum.fleet_rent + sum.importer_licence + sum.exporter_licence,
        sum.margin,
        sum.cap_rent,
        sum.export_tax + sum.duty,
    ]
    .map(|amount| amount / sum.flow)
}
