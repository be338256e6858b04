//! Armington over time: see [`crate::model::adjusts`].

use std::sync::Arc;

use super::Armington;
use super::powers::powers;
use crate::data::{Adjusting, Elasticities, Horizon};
use crate::model::adjusts::{Adjusts, adjusted, carried};
use crate::model::{Equilibrium, Licence};
use crate::scenario::{State, Wedges};

impl Adjusts for Armington {
    fn rest(&self, commodity: usize) -> State {
        let elasticities = &self.elasticities;
        let adjusting = &elasticities.adjusting;
        let countries = 0..self.baseline.countries();
        let moves = |horizon: &Option<Horizon>, short: &dyn Fn(usize) -> f64, columns: std::ops::Range<usize>| {
            let moving = |horizon: &Horizon| columns.clone().any(|i| horizon.gap([commodity, i], short(i)) != 0.0);
            horizon.as_ref().is_some_and(moving)
        };
        let zeros = |moves: bool, count: usize| vec![0.0; if moves { count } else { 0 }];
        let supply = moves(&adjusting.supply, &|i| elasticities.supply[[commodity, i]], countries.clone());
        let demand = moves(&adjusting.demand, &|j| elasticities.demand[[commodity, j]], countries.clone());
        let weight = moves(&adjusting.substitution, &|_| elasticities.substitution[commodity], 0..1);
        State {
            supply: zeros(supply, countries.end),
            demand: zeros(demand, countries.end),
            weight: zeros(weight, self.baseline.market(commodity).len()),
        }
    }

    fn over(&self, years: f64) -> Self {
        let short = &self.elasticities;
        let adjusting = &short.adjusting;
        let table = |horizon: &Option<Horizon>, values: &ndarray::Array2<f64>| match horizon {
            None => values.clone(),
            Some(horizon) => {
                let one = |(k, i): (usize, usize)| horizon.over([k, i], values[[k, i]], years);
                ndarray::Array2::from_shape_fn(values.dim(), one)
            }
        };
        let substitution = short.substitution.iter().enumerate().map(|(k, sigma)| {
            adjusting.substitution.as_ref().map_or(*sigma, |horizon| horizon.over([k, 0], *sigma, years))
        });
        let elasticities = Elasticities {
            substitution: substitution.collect(),
            demand: table(&adjusting.demand, &short.demand),
            supply: table(&adjusting.supply, &short.supply),
            adjusting: Adjusting::default(),
        };
        Self { baseline: self.baseline.clone(), elasticities: Arc::new(elasticities) }
    }

    fn carried(&self, commodity: usize, years: f64, before: &State) -> State {
        let adjusting = &self.elasticities.adjusting;
        let kept = |horizon: &Option<Horizon>, before: &[f64], by_country: bool| {
            let cell = |place| [commodity, if by_country { place } else { 0 }];
            horizon.as_ref().map_or(Vec::new(), |horizon| carried(horizon, cell, years, before))
        };
        State {
            supply: kept(&adjusting.supply, &before.supply, true),
            demand: kept(&adjusting.demand, &before.demand, true),
            weight: kept(&adjusting.substitution, &before.weight, false),
        }
    }

    fn adjusted(
        &self,
        commodity: usize,
        years: f64,
        before: &State,
        wedges: &Wedges,
        equilibrium: &Equilibrium,
    ) -> State {
        let elasticities = &self.elasticities;
        let adjusting = &elasticities.adjusting;
        let (log_price, log_index) = (&equilibrium.log_producer_price, &equilibrium.log_price_index);
        let by_country = |horizon: &Option<Horizon>, before: &[f64], short: &ndarray::Array2<f64>, logs: &[f64]| {
            let Some(horizon) = horizon else { return Vec::new() };
            let cell = |i| [commodity, i];
            adjusted(horizon, cell, years, before, |i| (horizon.gap(cell(i), short[cell(i)]), logs[i]))
        };
        let weight = adjusting.substitution.as_ref().map_or(Vec::new(), |horizon| {
            let market = self.baseline.market(commodity);
            let licences: Vec<f64> = equilibrium.licences.iter().map(|licence: &Licence| licence.price).collect();
            // A dearer origin loses weight.
            let gap = -horizon.gap([commodity, 0], elasticities.substitution[commodity]);
            let relative = |row: usize| {
                let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
                log_price[i] + powers(&market, wedges, &licences, row, log_price[i]).price().ln() - log_index[j]
            };
            adjusted(horizon, |_| [commodity, 0], years, &before.weight, |row| (gap, relative(row)))
        });
        State {
            supply: by_country(&adjusting.supply, &before.supply, &elasticities.supply, log_price),
            demand: by_country(&adjusting.demand, &before.demand, &elasticities.demand, log_index),
            weight,
        }
    }

    fn restated(&self, _: usize, _: &Wedges, equilibrium: Equilibrium) -> Equilibrium {
        equilibrium
    }
}
