//! Flows, prices and the wedges behind them.

use std::sync::Arc;

use super::solution::Solution;
use crate::data::{Column, Table};
use crate::model::armington::powers::powers;
use crate::result::keys::Keys;
use crate::result::trade::Trade;

impl Solution {
    /// Every flow of the baseline before and after, at annual rates.
    ///
    /// Columns `exporter, importer, commodity[, mode], value_before, value_after, quantity_before,
    /// quantity_after, quantity_arrived, quantity_unit`. Values are at the exporter's border: with
    /// export tax and iceberg loss, without duty. Where a flow has no observed quantity its baseline
    /// price is 1 and the unit says so.
    pub fn flows(&self) -> Table {
        let mut keys = Keys::new(self);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let (mut quantity, mut shipped, mut arrived) = (Vec::new(), Vec::new(), Vec::new());
        let mut units: Vec<String> = self.flows_data().units.quantity.clone();
        units.push(self.flows_data().units.amount(0, false));
        let mut unit = Vec::new();
        for k in 0..self.compiled.markets.len() {
            let market = self.market(k);
            for (row, account) in self.accounts(k).iter().enumerate() {
                keys.push(k, row);
                let known = market.quantity[row].is_finite();
                let q = if known { market.quantity[row] } else { market.value[row] };
                before.push(market.value[row]);
                after.push(account.border_value);
                quantity.push(q);
                shipped.push(q * account.shipped_hat);
                arrived.push(q * account.arrived_hat);
                unit.push(if known { k } else { units.len() - 1 } as u32);
            }
        }
        let currency = self.flows_data().units.currency.as_str();
        let (unit, units) = compact(unit, units);
        keys.table()
            .number("value_before", currency, before)
            .number("value_after", currency, after)
            .number("quantity_before", "see quantity_unit", quantity)
            .number("quantity_after", "see quantity_unit", shipped)
            .number("quantity_arrived", "see quantity_unit", arrived)
            .with("quantity_unit", Column::Label { codes: unit, labels: units })
    }

    /// New over baseline price by country and commodity: `country, commodity, producer_price,
    /// price_index`.
    ///
    /// Producer prices are weighted by quantity supplied over the period, price indices by quantity
    /// bought. 0 for an exporter that lost every buyer, infinite for an importer that lost every
    /// supplier, missing where a country does not export or import the commodity.
    pub fn prices(&self) -> Table {
        let (mut country, mut commodity) = (Vec::new(), Vec::new());
        let (mut producer, mut index) = (Vec::new(), Vec::new());
        for k in 0..self.compiled.markets.len() {
            let totals = self.totals(k);
            let produced = self.producer_prices(k);
            let bought = self.price_indices(k);
            for i in 0..self.model.baseline.countries() {
                if totals.received[i] > 0.0 || totals.spent[i] > 0.0 {
                    country.push(i as u32);
                    commodity.push(k as u32);
                    producer.push(if totals.received[i] > 0.0 { produced[i] } else { f64::NAN });
                    index.push(if totals.spent[i] > 0.0 { bought[i] } else { f64::NAN });
                }
            }
        }
        Table::default()
            .with("country", Column::Label { codes: country, labels: self.country_labels() })
            .with("commodity", Column::Label { codes: commodity, labels: self.commodity_labels() })
            .number("producer_price", "new / baseline", producer)
            .number("price_index", "new / baseline", index)
    }

    fn producer_prices(&self, commodity: usize) -> Vec<f64> {
        let totals = self.totals(commodity);
        let sold = |wedge_receipts: f64, price: f64| if price > 0.0 { wedge_receipts / price } else { 0.0 };
        let mut weighted = vec![(0.0, 0.0); totals.received.len()];
        for episode in self.episodes(commodity) {
            let mut received = vec![0.0; totals.received.len()];
            let market = self.market(commodity);
            for (row, account) in episode.accounts(self, commodity).iter().enumerate() {
                received[market.exporter[row] as usize] += account.receipts;
            }
            for (i, sums) in weighted.iter_mut().enumerate() {
                let price = episode.equilibrium.log_producer_price[i].exp();
                let quantity = episode.weight * sold(received[i], price);
                if quantity > 0.0 {
                    sums.0 += quantity * price;
                    sums.1 += quantity;
                }
            }
        }
        weighted.into_iter().map(|(value, quantity)| if quantity > 0.0 { value / quantity } else { 0.0 }).collect()
    }

    fn price_indices(&self, commodity: usize) -> Vec<f64> {
        // Quantities relative to the largest, in logs: bought may be so little that it is 0 as a number.
        let mut bought: Vec<Vec<(f64, f64)>> = vec![Vec::new(); self.model.baseline.countries()];
        for episode in self.episodes(commodity) {
            for (j, bought) in bought.iter_mut().enumerate() {
                let index = episode.equilibrium.log_price_index[j];
                if index.is_finite() {
                    let eta = self.model.elasticities.demand[[commodity, j]];
                    let quantity = (episode.weight * episode.wedges.demand_shift.at(j)).ln() + eta * index;
                    bought.push((quantity, index));
                }
            }
        }
        let mean = |bought: Vec<(f64, f64)>| {
            let largest = bought.iter().map(|(quantity, _)| *quantity).fold(f64::NEG_INFINITY, f64::max);
            let (value, quantity) = bought.iter().fold((0.0, 0.0), |(value, quantity), (log_quantity, index)| {
                let share = (log_quantity - largest).exp();
                (value + share * index.exp(), quantity + share)
            });
            if quantity > 0.0 { value / quantity } else { f64::INFINITY }
        };
        bought.into_iter().map(mean).collect()
    }

    /// The wedges on flows that a measure touches: `exporter, importer, commodity[, mode],
    /// share_of_period, availability, tariff_power, export_tax_power, cost_factor, licence_power`;
    /// powers are levels at the new prices, 1 is none.
    pub fn wedges(&self) -> Table {
        let mut keys = Keys::new(self);
        let mut share = Vec::new();
        let mut columns: [Vec<f64>; 5] = Default::default();
        for k in 0..self.compiled.markets.len() {
            let market = self.market(k);
            for episode in self.episodes(k) {
                let licences: Vec<f64> = episode.equilibrium.licences.iter().map(|licence| licence.price).collect();
                for row in 0..market.len() {
                    let log_price = episode.equilibrium.log_producer_price[market.exporter[row] as usize];
                    let at = if log_price.is_finite() { log_price } else { 0.0 };
                    let powers = powers(&market, episode.wedges, &licences, row, at);
                    let availability = episode.wedges.at(row).availability;
                    let licence = powers.exporter_licence * powers.importer_licence;
                    if [availability, powers.tariff_hat, powers.export_tax, powers.cost, licence] == [1.0; 5] {
                        continue;
                    }
                    keys.push(k, row);
                    share.push(episode.weight);
                    let values = [availability, powers.tariff, powers.export_tax, powers.cost, licence];
                    columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
                }
            }
        }
        let [availability, tariff, tax, cost, licence] = columns;
        keys.table()
            .number("share_of_period", "share", share)
            .number("availability", "share", availability)
            .number("tariff_power", "power", tariff)
            .number("export_tax_power", "power", tax)
            .number("cost_factor", "factor", cost)
            .number("licence_power", "power", licence)
    }
}

/// Codes into the labels that are used, each label once.
fn compact(codes: Vec<u32>, labels: Vec<String>) -> (Vec<u32>, Arc<[String]>) {
    let mut kept = crate::data::Labels::default();
    let mut place: Vec<Option<u32>> = vec![None; labels.len()];
    let codes = codes
        .into_iter()
        .map(|code| *place[code as usize].get_or_insert_with(|| kept.insert(labels[code as usize].clone()) as u32))
        .collect();
    (codes, kept.names().into())
}
