//! Real income taken apart along the way from the baseline to the equilibrium.
//!
//! ```text
//! I dlnW = Σ [E_in dln(c_n x_in) − M_ni dln(c_i x_ni)]                           terms of trade
//!        + Σ τ M [dlnM − dln(c_i x_ni)] + Σ (E − Y)(dlnY − dln c_n)              volume of trade
//!        − Σ T M dln d  +  Σ T M dln a / θ  +  dD                                cost, availability, transfer
//! ```
//!
//! Rates and availability move linearly, trade costs in logs. Each of K steps takes amounts at its middle
//! and differences between its ends, which leaves an error of order 1/K². What closes altogether closes at
//! the very end, so no amount is ever divided by 0.

use super::{GeneralSolution, Opened, open};
use crate::error::{Error, Result};
use crate::model::general::GeneralEquilibrium;
use crate::model::general::economy::{Cell, Economy};
use crate::solve::Stop;

/// Contributions to ln Ŵ, by sector and country; the transfer by country.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub terms_of_trade: Vec<f64>,
    pub volume_of_trade: Vec<f64>,
    pub trade_cost: Vec<f64>,
    pub availability: Vec<f64>,
    pub transfer: Vec<f64>,
}

impl Parts {
    pub fn zero(economy: &Economy) -> Self {
        let cells = || vec![0.0; economy.countries * economy.sectors];
        Self {
            terms_of_trade: cells(),
            volume_of_trade: cells(),
            trade_cost: cells(),
            availability: cells(),
            transfer: vec![0.0; economy.countries],
        }
    }

    /// What they miss of ln Ŵ, by country.
    pub fn residual(&self, logs: &[f64]) -> Vec<f64> {
        let n = logs.len();
        let by_cell = [&self.terms_of_trade, &self.volume_of_trade, &self.trade_cost, &self.availability];
        let of = |i: usize| by_cell.iter().map(|cells| cells.iter().skip(i).step_by(n).sum::<f64>()).sum::<f64>();
        (0..n).map(|i| logs[i] - self.transfer[i] - of(i)).collect()
    }

    pub fn add(&mut self, weight: f64, other: &Self) {
        let pairs = [
            (&mut self.terms_of_trade, &other.terms_of_trade),
            (&mut self.volume_of_trade, &other.volume_of_trade),
            (&mut self.trade_cost, &other.trade_cost),
            (&mut self.availability, &other.availability),
            (&mut self.transfer, &other.transfer),
        ];
        for (sums, values) in pairs {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight * value);
        }
    }
}

impl GeneralSolution {
    pub(super) fn parts(&self, equilibrium: &GeneralEquilibrium, steps: usize, stop: &Stop) -> Result<Parts> {
        let mut parts = Parts::zero(&self.model.economy);
        let mut from = self.baseline();
        for step in 0..steps {
            let share = |half: usize| (2 * step + half) as f64 / (2 * steps) as f64;
            let middle = self.along(equilibrium, share(1), &from.point, stop)?;
            let to = match step + 1 == steps {
                true => equilibrium.clone(),
                false => self.along(equilibrium, share(2), &middle.point, stop)?,
            };
            let [a, m, b] = [&from, &middle, &to].map(|one| open(&self.model, one, 1.0));
            add_step(&mut parts, &a, &m, &b);
            drop((a, m, b));
            from = to;
        }
        Ok(parts)
    }

    /// The equilibrium a share `s` of the way.
    fn along(&self, end: &GeneralEquilibrium, s: f64, warm: &[f64], stop: &Stop) -> Result<GeneralEquilibrium> {
        let cells = self.model.along(&end.cells, s);
        let found = self.model.solve(cells, Some(warm), stop)?;
        match found.status.converged {
            true => Ok(found),
            false => Err(Error::Model(format!(
                "the decomposition of welfare needs the equilibrium {:.0} % of the way, which was not found (residual \
                 {:.1e}); real_income has the total",
                100.0 * s,
                found.status.residual
            ))),
        }
    }
}

/// Adds a step from `a` to `b` with amounts at `m`.
fn add_step(parts: &mut Parts, a: &Opened, m: &Opened, b: &Opened) {
    let economy = m.system.economy;
    let n = economy.countries;
    let income = &m.state.income;
    for sector in 0..economy.sectors {
        let rise: Vec<f64> =
            (sector * n..(sector + 1) * n).map(|cell| b.state.cost[cell] - a.state.cost[cell]).collect();
        for importer in 0..n {
            for exporter in 0..n {
                let flow = economy.flow(sector, importer, exporter);
                let value = m.trade.value[flow];
                if value == 0.0 {
                    continue;
                }
                parts.terms_of_trade[sector * n + exporter] += value * rise[exporter] / income[exporter];
                parts.terms_of_trade[sector * n + importer] -= value * rise[exporter] / income[importer];
                let duty = m.trade.spending[flow] - value;
                if duty != 0.0 {
                    let growth = (b.trade.value[flow] - a.trade.value[flow]) / value;
                    parts.volume_of_trade[sector * n + importer] += duty * (growth - rise[exporter]) / income[importer];
                }
            }
        }
    }
    let triples = a.equilibrium.cells.iter().map(Some).chain(std::iter::repeat(None));
    for ((from, middle), to) in triples.zip(&m.equilibrium.cells).zip(&b.equilibrium.cells) {
        add_wedge(parts, from, middle, to, (a, m, b));
    }
    (0..n).for_each(|i| parts.transfer[i] += (b.transfer(i) - a.transfer(i)) / income[i]);
}

/// What the wedges of one flow add. The baseline has none: `from` is `None` there.
fn add_wedge(parts: &mut Parts, from: Option<&Cell>, middle: &Cell, to: &Cell, (a, m, b): (&Opened, &Opened, &Opened)) {
    let economy = m.system.economy;
    let n = economy.countries;
    let (sector, importer, exporter) = (middle.sector as usize, middle.importer as usize, middle.exporter as usize);
    let flow = economy.flow(sector, importer, exporter);
    let (value, spending) = (m.trade.value[flow], m.trade.spending[flow]);
    let (at_importer, at_exporter) = (sector * n + importer, sector * n + exporter);
    let income = &m.state.income;
    let before = from.map_or((1.0, 1.0, 1.0), |cell| (cell.availability, cell.export_tax_power, cell.cost_factor));
    parts.trade_cost[at_importer] -= spending * (to.cost_factor / before.2).ln() / income[importer];
    let opened = (to.availability - before.0) / (middle.availability * economy.trade_elasticity[sector]);
    parts.availability[at_importer] += spending * opened / income[importer];
    let tax = middle.export_tax_power;
    if tax != 1.0 {
        let rise = (to.export_tax_power / before.1).ln();
        parts.terms_of_trade[at_exporter] += value * rise / income[exporter];
        parts.terms_of_trade[at_importer] -= value * rise / income[importer];
        parts.volume_of_trade[at_importer] -= (spending - value) * rise / income[importer];
        let grown = b.trade.value[flow] / to.export_tax_power - a.trade.value[flow] / before.1;
        let cost = b.state.cost[at_exporter] - a.state.cost[at_exporter];
        parts.volume_of_trade[at_exporter] += (tax - 1.0) * (grown - value / tax * cost) / income[exporter];
    }
}
