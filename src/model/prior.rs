//! What flows that did not exist might have been: a gravity prediction mixed into the baseline.
//!
//! With V the observed flows between different countries, φ_i the share of an exporter's sales that is
//! contestable and K a kernel of attraction,
//!
//! ```text
//! C_ij  = φ_i V_ij
//! G_ij  = A_i B_j K_ij,      Σ_j G_ij = Σ_j C_ij,   Σ_i G_ij = Σ_i C_ij
//! V^p   = (V − C) + (1 − w) C + w G
//! ```
//!
//! so that every exporter and importer trades as much as was observed, whatever the weight w. Domestic
//! sales stay as they are. With K = exp(−θ d) G is the doubly constrained gravity model (Wilson 1967);
//! θ may be set so that goods travel as far in G as they did (Hyman 1969). A Poisson pseudo-maximum
//! likelihood fit (Santos Silva & Tenreyro 2006) with exporter and importer effects gives K as well.

use crate::data::labels::some_of;
use crate::data::{Duplicates, FlowRows, Flows};
use crate::error::{Error, Result};
use crate::solve::balance::balance;
use crate::solve::{Outcome, Stop};

/// Margins that are further off than this, relative, are not those observed.
const MARGIN: f64 = 1e-9;
/// Relative change of the mean haul per unit of it at which its θ is good enough.
const HAUL: f64 = 1e-10;
const MAX_STEPS: usize = 200;

/// Flows of one commodity between different countries, row by row.
struct Trade<'a> {
    flows: &'a Flows,
    commodity: usize,
    countries: usize,
    values: Vec<f64>,
}

impl<'a> Trade<'a> {
    fn of(flows: &'a Flows, period: usize, commodity: usize) -> Result<Self> {
        if flows.modes.is_some() {
            return Err(Error::Data(
                "a prior knows no modes of transport; sum the flows over modes first, with Flows.from_frame(..., \
                 duplicates=\"sum\") without the mode column"
                    .to_string(),
            ));
        }
        let countries = flows.countries.len();
        let mut values = vec![0.0; countries * countries];
        let market = flows.market(period, commodity);
        for row in 0..market.len() {
            let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
            values[i * countries + j] += if i == j { 0.0 } else { market.value[row] };
        }
        Ok(Self { flows, commodity, countries, values })
    }

    /// Its values over a kernel, with the same margins.
    fn spread(&self, kernel: &[f64], stop: &Stop) -> Result<Vec<f64>> {
        let n = self.countries;
        let rows: Vec<f64> = self.values.chunks_exact(n).map(|row| row.iter().sum()).collect();
        let columns: Vec<f64> = (0..n).map(|j| self.values[j..].iter().step_by(n).sum()).collect();
        let possible = |i: usize, j: usize| i != j && rows[i] > 0.0 && columns[j] > 0.0;
        let cells = kernel.iter().enumerate().map(|(place, cell)| (place / n, place % n, *cell));
        let mut spread: Vec<f64> = cells.map(|(i, j, cell)| if possible(i, j) { cell } else { 0.0 }).collect();
        self.check(&spread)?;
        let outcome = balance(&mut spread, &rows, &columns, stop);
        match outcome {
            _ if stop.requested() => Err(Error::Interrupted),
            Outcome { residual, .. } if residual <= MARGIN => Ok(spread),
            Outcome { residual, iterations, .. } => Err(Error::Data(format!(
                "{}: the prior's flows can't be scaled to the margins that were observed (off by {residual:.1e} after \
                 {iterations} iterations): some country has partners only among those it has no prior flow with; drop \
                 such countries or aggregate them",
                self.name()
            ))),
        }
    }

    fn check(&self, kernel: &[f64]) -> Result<()> {
        let n = self.countries;
        let bad: Vec<String> = (0..n * n)
            .filter(|place| !(kernel[*place].is_finite() && kernel[*place] >= 0.0))
            .map(|place| format!("{}→{}", self.flows.countries.name(place / n), self.flows.countries.name(place % n)))
            .collect();
        if bad.is_empty() {
            return Ok(());
        }
        Err(Error::Data(format!(
            "{}: the prior has no value for {}; give a distance for every pair of an exporter and an importer",
            self.name(),
            some_of(bad.iter().map(String::as_str))
        )))
    }

    fn name(&self) -> &str {
        self.flows.commodities.name(self.commodity)
    }

    fn haul(&self, values: &[f64], distance: &[f64]) -> f64 {
        let pairs = values.iter().zip(distance).filter(|(value, _)| **value > 0.0);
        let (sum, total) = pairs.fold((0.0, 0.0), |(sum, total), (value, d)| (sum + value * d, total + value));
        sum / total
    }
}

/// θ at which goods travel as far on average, in exp(−θ d), as they did: per unit of `distance`.
///
/// # Errors
/// [`Error::Data`]: no trade, distances that are missing or all the same, a haul that no θ gives.
pub fn decay(flows: &Flows, period: usize, commodity: usize, distance: &[f64], stop: &Stop) -> Result<f64> {
    let trade = Trade::of(flows, period, commodity)?;
    let spread = |theta: f64| {
        let kernel: Vec<f64> = distance.iter().map(|d| (-theta * d).exp()).collect();
        trade.spread(&kernel, stop)
    };
    let anywhere = trade.haul(&spread(0.0)?, distance);
    let wanted = trade.haul(&trade.values, distance);
    if !wanted.is_finite() {
        return Err(Error::Data(format!("{}: there is no trade to take the mean haul from; give decay", trade.name())));
    }
    let excess = |theta: f64| -> Result<f64> { Ok(trade.haul(&spread(theta)?, distance) / wanted - 1.0) };
    // The haul falls with θ. In units of 1/haul, which it is of the order of.
    let (mut low, mut high) = (0.0, 1.0 / wanted);
    let mut above = anywhere / wanted - 1.0;
    if above.abs() <= HAUL {
        return Ok(low);
    }
    if above < 0.0 {
        return Err(Error::Data(format!(
            "{}: goods travelled further on average ({wanted:.6}) than if distance did not matter; give decay",
            trade.name()
        )));
    }
    let mut below = excess(high)?;
    let mut steps = 0;
    while below > 0.0 && steps < MAX_STEPS {
        (low, above) = (high, below);
        high *= 2.0;
        below = excess(high)?;
        steps += 1;
    }
    // The secant through the ends, with the end that stays halved in weight: the Illinois method.
    let mut last = 0.0;
    while steps < MAX_STEPS {
        let theta = (low * below - high * above) / (below - above);
        let value = excess(theta)?;
        if value.abs() <= HAUL || (high - low) <= f64::EPSILON * high {
            return Ok(theta);
        }
        if value > 0.0 {
            below *= if last > 0.0 { 0.5 } else { 1.0 };
            (low, above) = (theta, value);
        } else {
            above *= if last < 0.0 { 0.5 } else { 1.0 };
            (high, below) = (theta, value);
        }
        last = value;
        steps += 1;
    }
    Err(Error::Data(format!("{}: no θ gives the mean haul of {wanted:.6}; give decay", trade.name())))
}

/// The trade of one commodity spread over a kernel, with every exporter's and importer's total as observed:
/// countries × countries, row by row.
///
/// # Errors
/// [`Error::Data`]: a kernel that is missing or negative where both trade, or that can't carry the margins.
pub fn gravity(flows: &Flows, period: usize, commodity: usize, kernel: &[f64], stop: &Stop) -> Result<Vec<f64>> {
    Trade::of(flows, period, commodity)?.spread(kernel, stop)
}

/// The flows of one period mixed with a gravity prediction, and what was observed of each.
pub struct Mixed {
    pub flows: Flows,
    /// V by row of `flows`; 0 for flows that did not exist.
    pub observed: Vec<f64>,
}

/// Mixes a prediction into the flows of one period, with weight `weight` in 0 to 1.
///
/// `kernels[commodity]` is countries × countries, row by row; `contestable[commodity][country]` in 0 to 1. A flow
/// keeps its unit value; one that did not exist takes the mean unit value of its exporter, if all of the
/// exporter's quantities are known.
///
/// # Errors
/// [`Error::Data`]: flows with modes, and as in [`gravity`].
pub fn mix(
    flows: &Flows,
    period: usize,
    kernels: &[Vec<f64>],
    contestable: &[Vec<f64>],
    weight: f64,
    stop: &Stop,
) -> Result<Mixed> {
    let mut rows = FlowRows::default();
    let mut observed = Vec::new();
    for commodity in 0..flows.commodities.len() {
        let mut trade = Trade::of(flows, period, commodity)?;
        let n = trade.countries;
        trade.values.iter_mut().enumerate().for_each(|(place, value)| *value *= contestable[commodity][place / n]);
        let predicted = match trade.values.iter().any(|value| *value > 0.0) {
            true => trade.spread(&kernels[commodity], stop)?,
            false => vec![0.0; n * n],
        };
        let change = predicted.iter().zip(&trade.values).map(|(g, c)| weight * (g - c)).collect::<Vec<f64>>();
        lay(flows, period, commodity, &change, &mut rows, &mut observed);
    }
    let flows = Flows::new(
        flows.countries.clone(),
        flows.commodities.clone(),
        vec![flows.periods[period]],
        None,
        flows.units.clone(),
        rows,
        Duplicates::Raise,
    )?;
    Ok(Mixed { flows, observed })
}

/// Appends the rows of one commodity, sorted as flows are, with the change of each added.
fn lay(flows: &Flows, period: usize, commodity: usize, change: &[f64], rows: &mut FlowRows, observed: &mut Vec<f64>) {
    let n = flows.countries.len();
    let market = flows.market(period, commodity);
    let mut next = 0;
    for i in 0..n {
        let mine = market.rows_of(i);
        let (sold, shipped) = mine.fold((0.0, 0.0), |(sold, shipped), row| {
            let counts = market.value[row] > 0.0;
            let (value, quantity) = (market.value[row], market.quantity[row]);
            (sold + value, shipped + if counts { quantity } else { 0.0 })
        });
        for j in 0..n {
            let there = next < market.len() && (market.exporter[next], market.importer[next]) == (i as u32, j as u32);
            let known = if there { market.value[next] } else { 0.0 };
            let value = (known + change[i * n + j]).max(0.0);
            let unit_value = if known > 0.0 { market.unit_value(next) } else { sold / shipped };
            next += usize::from(there);
            if !there && value == 0.0 {
                continue;
            }
            rows.period.push(0);
            rows.commodity.push(commodity as u32);
            rows.exporter.push(i as u32);
            rows.importer.push(j as u32);
            rows.value.push(value);
            rows.quantity.push(value / unit_value);
            observed.push(known);
        }
    }
}
