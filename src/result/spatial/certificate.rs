//! How well the conditions hold, recomputed at the reported point.

use super::SpatialSolution;
use crate::data::{Column, Table};
use crate::model::spatial::conditions::errors;

use crate::result::trade::Trade;

impl SpatialSolution {
    /// A row a commodity and stretch of the period: `commodity, share_of_period, stationarity,
    /// complementarity, feasibility, price_cap, flows_unique, programs, iterations, converged`; errors are
    /// relative.
    pub fn certificate(&self) -> Table {
        let mut commodity = Vec::new();
        let mut columns: [Vec<f64>; 5] = Default::default();
        let (mut unique, mut programs, mut iterations, mut converged) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for k in 0..self.commodities() {
            for episode in self.episodes(k) {
                let equilibrium = episode.equilibrium;
                let found = errors(&equilibrium.problem, &equilibrium.point);
                let cap = equilibrium.caps.iter().map(|cap| cap.error).fold(0.0, f64::max);
                commodity.push(k);
                let values = [episode.weight, found.stationarity, found.complementarity, found.feasibility, cap];
                columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
                unique.push(equilibrium.flows_unique);
                programs.push(equilibrium.programs as i64);
                iterations.push(equilibrium.status.iterations as i64);
                converged.push(equilibrium.status.converged);
            }
        }
        let [share, stationarity, complementarity, feasibility, cap] = columns;
        Table::default()
            .text("commodity", self.commodity_names(&commodity))
            .number("share_of_period", "share", share)
            .number("stationarity", "relative", stationarity)
            .number("complementarity", "relative", complementarity)
            .number("feasibility", "relative", feasibility)
            .number("price_cap", "relative", cap)
            .with("flows_unique", Column::Flag(unique))
            .with("programs", Column::Count(programs))
            .with("iterations", Column::Count(iterations))
            .with("converged", Column::Flag(converged))
    }
}
