//! What time has done to a market's curves.

use super::wedges::{Change, Factor, Wedges};

/// Logs of the factors by which adjustment has moved a market's curves; empty where a side does not
/// adjust, 0 where nothing has yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Of supply, by country.
    pub supply: Vec<f64>,
    /// Of demand, by country.
    pub demand: Vec<f64>,
    /// Of the weights of flows, by row of the market.
    pub weight: Vec<f64>,
}

impl Wedges {
    /// The same measures on curves that have moved.
    pub fn under(&self, state: &State) -> Self {
        Self {
            supply_shift: moved(&self.supply_shift, &state.supply),
            demand_shift: moved(&self.demand_shift, &state.demand),
            changes: if state.weight.is_empty() { self.changes.clone() } else { weighted(self, &state.weight) },
            ..self.clone()
        }
    }
}

fn moved(shift: &Factor, logs: &[f64]) -> Factor {
    match logs.is_empty() {
        true => shift.clone(),
        false => Factor::set(logs.iter().enumerate().map(|(country, log)| shift.at(country) * log.exp()).collect()),
    }
}

fn weighted(wedges: &Wedges, logs: &[f64]) -> Vec<Change> {
    let along = wedges.along(logs.len()).zip(logs);
    along.map(|((row, change), log)| Change::of(row, change).times(log.exp())).filter(Change::changes).collect()
}
