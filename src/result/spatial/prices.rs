//! Price levels by country.

use super::{Episode, SpatialSolution};
use crate::data::{Column, Curve, Table};
use crate::result::trade::Trade;

impl SpatialSolution {
    /// Price levels: `country, commodity, producer_price, producer_price_before, consumer_price,
    /// consumer_price_before`, weighted by quantity over the period.
    ///
    /// Who sells nothing has the price at which it would begin to; an isoelastic buyer without supply an
    /// infinite one. NaN where a country does not sell, or buy.
    pub fn prices(&self) -> Table {
        let (mut country, mut commodity) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 4] = Default::default();
        for k in 0..self.commodities() {
            let market = &self.model.markets[k];
            for i in 0..self.countries() {
                if market.supply[i].is_none() && market.demand[i].is_none() {
                    continue;
                }
                country.push(i as u32);
                commodity.push(k as u32);
                let values = [
                    self.mean_price(k, i, true),
                    market.producer_price[i],
                    self.mean_price(k, i, false),
                    market.consumer_price[i],
                ];
                columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            }
        }
        let flows = self.flows_data();
        let [producer, producer_before, consumer, consumer_before] = columns;
        let unit = self.price_unit();
        Table::default()
            .with("country", Column::Label { codes: country, labels: flows.countries.names().into() })
            .with("commodity", Column::Label { codes: commodity, labels: flows.commodities.names().into() })
            .number("producer_price", &unit, producer)
            .number("producer_price_before", &unit, producer_before)
            .number("consumer_price", &unit, consumer)
            .number("consumer_price_before", &unit, consumer_before)
    }

    fn mean_price(&self, commodity: usize, country: usize, sells: bool) -> f64 {
        let market = &self.model.markets[commodity];
        let curve = if sells { market.supply[country] } else { market.demand[country] };
        let Some(curve) = curve else { return f64::NAN };
        let (mut value, mut quantity, mut idle) = (0.0, 0.0, 0.0);
        for episode in self.episodes(commodity) {
            let (price, traded) = price_of(&episode, country, sells, &curve);
            // Not 0 times an infinite price.
            if traded > 0.0 {
                value += episode.weight * traded * price;
                quantity += episode.weight * traded;
            }
            idle += episode.weight * price;
        }
        if quantity > 0.0 { value / quantity } else { idle }
    }
}

/// Price and quantity of a country in an episode.
pub(super) fn price_of(episode: &Episode, country: usize, sells: bool, curve: &Curve) -> (f64, f64) {
    let (problem, point) = (&episode.equilibrium.problem, &episode.equilibrium.point);
    let (nodes, prices, quantities) = match sells {
        true => (&problem.supply, &point.producer_price, problem.supplied(&point.flow)),
        false => (&problem.demand, &point.consumer_price, problem.consumed(&point.flow)),
    };
    match nodes.iter().position(|node| node.country == country) {
        Some(place) => (prices[place], quantities[place]),
        None if curve.fixed_quantity().is_some() => (if sells { 0.0 } else { f64::INFINITY }, 0.0),
        None => (curve.price(0.0), 0.0),
    }
}
