//! Flows by route, and what the price of each is made of.

use super::accounts::{Account, wedges};
use super::{Episode, SpatialSolution};
use crate::data::{Column, Table};
use crate::result::keys::Keys;
use crate::result::trade::Trade;

impl SpatialSolution {
    /// Every route before and after, at annual rates: `exporter, importer, commodity[, mode],
    /// value_before, value_after, quantity_before, quantity_after, quantity_arrived, quantity_unit,
    /// value_observed`.
    ///
    /// Values are at the exporter's border, at its one price; `value_observed` is what the flows say.
    pub fn flows(&self) -> Table {
        let mut keys = Keys::new(self);
        let mut columns: [Vec<f64>; 5] = Default::default();
        let mut unit = Vec::new();
        for k in 0..self.commodities() {
            let market = self.market(k);
            for (row, (before, after)) in self.accounts_before(k).iter().zip(self.accounts_after(k)).enumerate() {
                keys.push(k, row);
                let values = [before.border_value(), after.border_value(), before.flow, after.flow, market.value[row]];
                columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
                unit.push(k as u32);
            }
        }
        let currency = self.flows_data().units.currency.as_str();
        let [before, after, quantity, shipped, observed] = columns;
        keys.table()
            .number("value_before", currency, before)
            .number("value_after", currency, after)
            .number("quantity_before", "see quantity_unit", quantity)
            .number("quantity_after", "see quantity_unit", shipped.clone())
            .number("quantity_arrived", "see quantity_unit", shipped)
            .with("quantity_unit", self.unit_column(unit))
            .number("value_observed", currency, observed)
    }

    /// Each unit once, though several commodities have it.
    fn unit_column(&self, commodities: Vec<u32>) -> Column {
        let mut labels = crate::data::Labels::default();
        let units = &self.flows_data().units.quantity;
        let codes = commodities.into_iter().map(|k| labels.insert(units[k as usize].clone()) as u32).collect();
        Column::Label { codes, labels: labels.names().into() }
    }

    /// Every route and what its price is made of, a row a route and stretch of the period: `exporter,
    /// importer, commodity[, mode], share_of_period, flow_before, flow_after, unit, consumer_price, netback,
    /// producer_price, export_tax, freight, outside_cost, duty, residual, scarcity, fleet_rent, licence,
    /// margin, cap_rent, slack`.
    ///
    /// Per unit; the consumer's price is the producer's and all wedges less the slack, the netback the
    /// producer's price less the slack. NaN on routes that are closed.
    pub fn routes(&self) -> Table {
        let mut keys = Keys::new(self);
        let mut columns: [Vec<f64>; 17] = Default::default();
        let mut unit = Vec::new();
        for k in 0..self.commodities() {
            let before = self.accounts_before(k);
            for episode in self.episodes(k) {
                for (row, account) in per_unit(&episode, before.len()).into_iter().enumerate() {
                    keys.push(k, row);
                    unit.push(k as u32);
                    let flow = account.map_or(0.0, |account| account.flow);
                    let of = |value: fn(&Account) -> f64| account.as_ref().map_or(f64::NAN, value);
                    let values = [
                        episode.weight,
                        before[row].flow,
                        flow,
                        of(|a| a.paid),
                        of(|a| a.producer - a.slack),
                        of(|a| a.producer),
                        of(|a| a.export_tax),
                        of(|a| a.freight),
                        of(|a| a.outside_cost),
                        of(|a| a.duty),
                        of(|a| a.residual),
                        of(|a| a.scarcity),
                        of(|a| a.fleet_rent),
                        of(|a| a.importer_licence + a.exporter_licence),
                        of(|a| a.margin),
                        of(|a| a.cap_rent),
                        of(|a| a.slack),
                    ];
                    columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
                }
            }
        }
        let price = self.price_unit();
        let [share, before, after, rest @ ..] = columns;
        let table = keys
            .table()
            .number("share_of_period", "share", share)
            .number("flow_before", "see unit", before)
            .number("flow_after", "see unit", after)
            .with("unit", self.unit_column(unit));
        PER_UNIT.into_iter().zip(rest).fold(table, |table, (name, values)| table.number(name, &price, values))
    }
}

const PER_UNIT: [&str; 14] = [
    "consumer_price",
    "netback",
    "producer_price",
    "export_tax",
    "freight",
    "outside_cost",
    "duty",
    "residual",
    "scarcity",
    "fleet_rent",
    "licence",
    "margin",
    "cap_rent",
    "slack",
];

/// By row: the mean over the units shipped, or what a first unit would pay; `None` where it is closed.
/// The flow is the row's.
fn per_unit(episode: &Episode, rows: usize) -> Vec<Option<Account>> {
    let lanes = wedges(episode.equilibrium);
    let mut shipped = vec![0.0; rows];
    lanes.iter().for_each(|(row, _, flow)| shipped[*row] += flow);
    let mut found: Vec<Option<Account>> = vec![None; rows];
    for (row, unit, flow) in lanes {
        let share = match shipped[row] > 0.0 {
            true => flow / shipped[row],
            false if found[row].is_none() => 1.0,
            false => 0.0,
        };
        found[row].get_or_insert_default().add(share, &unit);
    }
    found.iter_mut().zip(shipped).for_each(|(account, flow)| account.iter_mut().for_each(|a| a.flow = flow));
    found
}
