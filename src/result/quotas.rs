//! Quotas: how far they are used and what a licence is worth.

use super::solution::Solution;
use crate::data::{Column, Table};
use crate::scenario::ceilings::{Counted, Holder};

impl Solution {
    /// One row a quota, commodity and stretch of the period: `measure, commodity, share_of_period,
    /// ceiling, used, licence_price, holder, unit`, at annual rates.
    ///
    /// `licence_price` is in the flows' currency per unit (of money at the border where the quota
    /// counts money); 0 where the quota is slack.
    pub fn quotas(&self) -> Table {
        let (mut measure, mut commodity, mut holder, mut unit) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut share, mut ceiling, mut used, mut price) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let units = &self.flows_data().units;
        for k in 0..self.compiled.markets.len() {
            for episode in self.episodes(k) {
                for (limit, licence) in episode.wedges.ceilings.iter().zip(&episode.equilibrium.licences) {
                    measure.push(limit.label.clone());
                    commodity.push(k);
                    share.push(episode.weight);
                    ceiling.push(limit.amount);
                    used.push(licence.used);
                    price.push(licence.price);
                    holder.push(if limit.holder == Holder::Importer { "importer" } else { "exporter" }.to_string());
                    unit.push(match limit.counted {
                        Counted::Quantity => units.quantity[k].clone(),
                        Counted::Value => units.currency.clone(),
                    });
                }
            }
        }
        Table::default()
            .text("measure", measure)
            .text("commodity", self.commodity_names(&commodity))
            .number("share_of_period", "share", share)
            .number("ceiling", "see unit, per year", ceiling)
            .number("used", "see unit, per year", used)
            .number("licence_price", "currency per unit", price)
            .text("holder", holder)
            .with("unit", Column::Text(unit))
    }
}
