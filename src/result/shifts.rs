//! Shifters of supply and demand.

use super::trade::Trade;
use crate::data::Table;

/// The shifters that differ from 1: `country, commodity, share_of_period, supply_shift, demand_shift`.
pub fn shifts(solution: &impl Trade) -> Table {
    let (mut country, mut commodity) = (Vec::new(), Vec::new());
    let (mut share, mut supply, mut demand) = (Vec::new(), Vec::new(), Vec::new());
    for k in 0..solution.commodities() {
        for (weight, wedges) in solution.compiled().weighted(k) {
            for i in 0..solution.countries() {
                let (z, b) = (wedges.supply_shift.at(i), wedges.demand_shift.at(i));
                if z != 1.0 || b != 1.0 {
                    country.push(i);
                    commodity.push(k);
                    share.push(weight);
                    supply.push(z);
                    demand.push(b);
                }
            }
        }
    }
    Table::default()
        .text("country", solution.country_names(&country))
        .text("commodity", solution.commodity_names(&commodity))
        .number("share_of_period", "share", share)
        .number("supply_shift", "factor", supply)
        .number("demand_shift", "factor", demand)
}
