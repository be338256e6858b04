//! The spatial model over time: see [`crate::model::adjusts`]. Prices are relative to the point that a
//! curve was calibrated through.

use std::sync::Arc;

use super::conditions;
use super::problem::Node;
use super::{Calibrated, Spatial, SpatialEquilibrium};
use crate::data::{Adjusting, Curve, Horizon};
use crate::error::{Error, Result};
use crate::model::adjusts::{Adjusts, adjusted, carried};
use crate::scenario::{State, Wedges};

impl Spatial {
    /// The model with elasticities that adjust.
    ///
    /// # Errors
    /// [`Error::Data`]: see [`Adjusting::check`]. [`Error::Model`]: a straight curve, or supply to a buyer with a hold on the price, adjusts.
    pub fn with_adjusting(self, adjusting: Adjusting) -> Result<Self> {
        let flows = &self.baseline.flows;
        let short = |name: &str, [k, i]: [usize; 2]| {
            let market = &self.markets[k];
            let curve = if name == "supply" { market.supply[i] } else { market.demand[i] };
            match curve {
                Some(Curve::Isoelastic { elasticity, .. }) => elasticity,
                _ => 0.0,
            }
        };
        adjusting.check(&flows.commodities, &flows.countries, short)?;
        let model = Self { adjusting: Arc::new(adjusting), ..self };
        for (commodity, market) in model.markets.iter().enumerate() {
            for (name, side) in sides(&model.adjusting, market) {
                let Some(i) = (0..side.1.len()).find(|&i| gap(side, commodity, i) != 0.0) else { continue };
                let flows = &model.baseline.flows;
                let place = format!("{name} for {} in {}", flows.commodities.name(commodity), flows.countries.name(i));
                if !matches!(side.1[i], Some(Curve::Isoelastic { .. })) {
                    return Err(Error::Model(format!(
                        "{place} adjusts, but its curve is straight; use curves=\"isoelastic\", or a plain number"
                    )));
                }
                if name == "supply" && model.conduct[commodity].iter().any(|kappa| *kappa > 0.0) {
                    return Err(Error::Model(format!(
                        "{place} adjusts, but a buyer of it has a hold on the price (conduct above 0), and which \
                         elasticity that buyer reckons with is not said; leave conduct out, or give a plain number"
                    )));
                }
            }
        }
        Ok(model)
    }
}

/// A horizon and the short-run curves by country.
type Side<'a> = (&'a Option<Horizon>, &'a [Option<Curve>]);

fn sides<'a>(adjusting: &'a Adjusting, market: &'a Calibrated) -> [(&'static str, Side<'a>); 2] {
    [("supply", (&adjusting.supply, &market.supply)), ("demand", (&adjusting.demand, &market.demand))]
}

/// Long-run less short-run elasticity of a country's curve; of a straight one what was asked for less 0.
fn gap(side: Side, commodity: usize, country: usize) -> f64 {
    let (Some(horizon), Some(curve)) = (side.0, &side.1[country]) else { return 0.0 };
    match *curve {
        Curve::Isoelastic { elasticity, .. } => horizon.gap([commodity, country], elasticity),
        Curve::Linear { .. } => f64::from(horizon.half_life[[commodity, country]].is_finite()),
    }
}

impl Adjusts for Spatial {
    fn rest(&self, commodity: usize) -> State {
        let moves = |side: Side| (0..side.1.len()).any(|country| gap(side, commodity, country) != 0.0);
        let [supply, demand] = sides(&self.adjusting, &self.markets[commodity])
            .map(|(_, side)| if moves(side) { vec![0.0; side.1.len()] } else { Vec::new() });
        State { supply, demand, weight: Vec::new() }
    }

    fn over(&self, years: f64) -> Self {
        let reaching = |side: Side, commodity: usize| -> Vec<Option<Curve>> {
            let one = |(country, curve): (usize, &Option<Curve>)| match (side.0, *curve) {
                (Some(horizon), Some(Curve::Isoelastic { price, quantity, elasticity })) => {
                    let elasticity = horizon.over([commodity, country], elasticity, years);
                    Some(Curve::Isoelastic { price, quantity, elasticity })
                }
                (_, curve) => curve,
            };
            side.1.iter().enumerate().map(one).collect()
        };
        let markets = self.markets.iter().enumerate().map(|(commodity, market)| {
            let [supply, demand] = sides(&self.adjusting, market).map(|(_, side)| reaching(side, commodity));
            Calibrated { supply, demand, ..market.clone() }
        });
        Self { markets: Arc::new(markets.collect()), adjusting: Arc::default(), ..self.clone() }
    }

    fn carried(&self, commodity: usize, years: f64, before: &State) -> State {
        let kept = |horizon: &Option<Horizon>, before: &[f64]| {
            horizon.as_ref().map_or(Vec::new(), |horizon| carried(horizon, |i| [commodity, i], years, before))
        };
        State {
            supply: kept(&self.adjusting.supply, &before.supply),
            demand: kept(&self.adjusting.demand, &before.demand),
            weight: Vec::new(),
        }
    }

    fn adjusted(
        &self,
        commodity: usize,
        years: f64,
        before: &State,
        _: &Wedges,
        equilibrium: &SpatialEquilibrium,
    ) -> State {
        let (problem, point) = (&equilibrium.problem, &equilibrium.point);
        let moved = |side: Side, before: &[f64], nodes: &[Node], prices: &[f64]| {
            let Some(horizon) = side.0 else { return Vec::new() };
            let mut log_price = vec![f64::NAN; side.1.len()];
            for (node, price) in nodes.iter().zip(prices) {
                if let Some(Curve::Isoelastic { price: given, .. }) = side.1[node.country] {
                    log_price[node.country] = (price / given).ln();
                }
            }
            adjusted(horizon, |i| [commodity, i], years, before, |i| (gap(side, commodity, i), log_price[i]))
        };
        let [(_, supply), (_, demand)] = sides(&self.adjusting, &self.markets[commodity]);
        State {
            supply: moved(supply, &before.supply, &problem.supply, &point.producer_price),
            demand: moved(demand, &before.demand, &problem.demand, &point.consumer_price),
            weight: Vec::new(),
        }
    }

    fn restated(&self, commodity: usize, wedges: &Wedges, mut equilibrium: SpatialEquilibrium) -> SpatialEquilibrium {
        let market = &self.markets[commodity];
        let problem = &mut equilibrium.problem;
        let sides = [
            (&mut problem.supply, &market.supply, &wedges.supply_shift),
            (&mut problem.demand, &market.demand, &wedges.demand_shift),
        ];
        for (nodes, curves, shift) in sides {
            for node in nodes {
                let curve = curves[node.country].expect("a node has a curve");
                node.curve = curve.scaled(shift.at(node.country));
            }
        }
        equilibrium.errors = conditions::errors(problem, &equilibrium.point);
        equilibrium
    }
}
