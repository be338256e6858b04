//! Sales and amounts shipped, in quantities throughout.

use super::SpatialSolution;
use super::accounts::Account;
use crate::data::Baseline;
use crate::result::trade::{Compared, Sales, Shipped, Trade};
use crate::scenario::Compiled;
use crate::scenario::select::Selection;

impl Trade for SpatialSolution {
    fn baseline(&self) -> &Baseline {
        &self.model.baseline
    }

    fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    fn in_quantities(&self, _commodity: usize, _taken: impl Fn(usize, usize) -> bool) -> bool {
        true
    }

    fn sales(&self, commodity: usize) -> Sales {
        let (before, after) = (self.accounts_before(commodity), self.accounts_after(commodity));
        let compared = |of: fn(&Account) -> f64| Compared {
            before: before.iter().map(of).collect(),
            after: after.iter().map(of).collect(),
        };
        Sales { money: compared(Account::border_value), quantity: compared(|account| account.flow) }
    }

    /// Money is at the baseline producer prices.
    fn shipped(&self, commodity: usize, exporters: &Selection, quantity: bool) -> Shipped {
        let (market, prices) = (self.market(commodity), &self.model.markets[commodity].producer_price);
        let price = |i: usize| match quantity {
            true => 1.0,
            false if prices[i].is_finite() => prices[i],
            false => 0.0,
        };
        let mut rows = self.sales(commodity).quantity;
        let Compared { before, after } = &mut rows;
        let mut not_produced = 0.0;
        for (row, (before, after)) in before.iter_mut().zip(after).enumerate() {
            let i = market.exporter[row] as usize;
            (*before, *after) = (*before * price(i), *after * price(i));
            if exporters.taken[i] {
                not_produced += *before;
            }
        }
        let produced = self.produced(commodity);
        not_produced -= exporters.positions().into_iter().map(|i| produced[i] * price(i)).sum::<f64>();
        Shipped { rows, not_produced, mix: 0.0 }
    }
}

impl SpatialSolution {
    /// What each country's supply curve says is produced, at annual rates.
    fn produced(&self, commodity: usize) -> Vec<f64> {
        let market = &self.model.markets[commodity];
        let mut produced = vec![0.0; self.countries()];
        for episode in self.episodes(commodity) {
            let (problem, point) = (&episode.equilibrium.problem, &episode.equilibrium.point);
            let supplied = problem.supplied(&point.flow);
            for (place, node) in problem.supply.iter().enumerate() {
                // A fixed price or quantity does not say; then it is what is shipped.
                let curve = market.supply[node.country].map(|_| node.curve);
                let says = curve.filter(|curve| curve.fixed_quantity().is_none());
                let quantity = says.and_then(|curve| curve.quantity(point.producer_price[place]));
                produced[node.country] += episode.weight * quantity.unwrap_or(supplied[place]);
            }
        }
        produced
    }
}
