//! A scenario solved by the spatial model: the same questions in price levels and quantities, and those
//! about routes, facilities and discounts.

pub mod accounts;
mod certificate;
mod facilities;
mod prices;
mod revenue;
mod routes;
mod shipped;
mod welfare;

use std::sync::Arc;

use accounts::{Account, accounts};

use crate::Options;
use crate::data::Table;
use crate::model::{Spatial, SpatialEquilibrium, Status};
use crate::result::closed::Closed;
use crate::result::trade::Trade;
use crate::scenario::{Compiled, Scenario, State, Wedges};

/// A model, a scenario, how it was solved, what it compiles to, and the equilibria.
#[derive(Debug, Clone)]
pub struct SpatialSolution {
    pub model: Spatial,
    pub scenario: Arc<Scenario>,
    pub options: Options,
    pub compiled: Compiled,
    /// By commodity and variant of its wedges.
    solved: Vec<Vec<SpatialEquilibrium>>,
    /// Alike: the states of adjusting curves that stretches began with. Empty where nothing adjusts; a
    /// commodity that adjusts has wedges of its own in every segment, on curves with the state it ended with.
    pub(crate) history: Vec<Vec<State>>,
}

/// One equilibrium and the share of the period it holds for.
pub(crate) struct Episode<'a> {
    pub weight: f64,
    pub wedges: &'a Wedges,
    pub equilibrium: &'a SpatialEquilibrium,
}

impl SpatialSolution {
    /// `solved[commodity][variant]` belongs to `compiled.markets[commodity].variants[variant]`.
    pub fn new(
        model: Spatial,
        scenario: Arc<Scenario>,
        options: Options,
        compiled: Compiled,
        solved: Vec<Vec<SpatialEquilibrium>>,
    ) -> Self {
        Self { model, scenario, options, compiled, solved, history: Vec::new() }
    }

    /// The same with what curves had adjusted before, by commodity and variant.
    pub(crate) fn with_history(self, history: Vec<Vec<State>>) -> Self {
        Self { history, ..self }
    }

    pub(crate) fn episodes(&self, commodity: usize) -> Vec<Episode<'_>> {
        let weighted = self.compiled.weighted(commodity).zip(&self.solved[commodity]);
        weighted.map(|((weight, wedges), equilibrium)| Episode { weight, wedges, equilibrium }).collect()
    }

    /// The accounts of the baseline, by row.
    pub(crate) fn accounts_before(&self, commodity: usize) -> Vec<Account> {
        accounts(&self.model.before[commodity], self.market(commodity).len())
    }

    /// The accounts by row at annual rates, weighted by days.
    pub(crate) fn accounts_after(&self, commodity: usize) -> Vec<Account> {
        let rows = self.market(commodity).len();
        let mut mean = vec![Account::default(); rows];
        for episode in self.episodes(commodity) {
            for (sum, account) in mean.iter_mut().zip(accounts(episode.equilibrium, rows)) {
                sum.add(episode.weight, &account);
            }
        }
        mean
    }

    /// The worst of all solves.
    pub fn status(&self) -> Status {
        let mut worst =
            Status { converged: true, iterations: 0, residual: 0.0, modulus: f64::NAN, reason: "converged".into() };
        for SpatialEquilibrium { status, .. } in self.solved.iter().flatten() {
            if worst.converged && !status.converged {
                worst.reason = status.reason.clone();
            }
            worst.converged &= status.converged;
            worst.iterations = worst.iterations.max(status.iterations);
            worst.residual = worst.residual.max(status.residual);
        }
        worst
    }

    /// Quasi-welfare, in the flows' currency: what consumers gain less what producers, carriers and
    /// margins cost; summed over commodities, weighted by days.
    pub fn objective(&self) -> f64 {
        let all = (0..self.commodities()).flat_map(|k| self.episodes(k));
        all.map(|e| e.weight * e.equilibrium.problem.quasi_welfare(&e.equilibrium.point)).sum()
    }

    /// Whether no other flows make the same prices, in any of the equilibria.
    pub fn flows_unique(&self) -> bool {
        self.solved.iter().flatten().all(|equilibrium| equilibrium.flows_unique)
    }

    /// What a reader must know before using the numbers.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for (k, market) in self.compiled.markets.iter().enumerate() {
            let capped = market.variants.iter().flat_map(|wedges| &wedges.caps).next();
            if let (Some(cap), None) = (capped, self.model.price_level[k]) {
                warnings.push(format!(
                    "price cap '{}' meets prices of {}: no price level of {} is given for the date; give the model \
                     price_level=, the world price on that date over that of the baseline",
                    cap.label,
                    self.model.baseline.period,
                    self.flows_data().commodities.name(k)
                ));
            }
        }
        warnings
    }

    /// Currency per unit of quantity; units differ between commodities.
    pub(crate) fn price_unit(&self) -> String {
        format!("{} per unit", self.flows_data().units.currency)
    }

    /// Who lost every partner: `role, country, commodity, share_of_period, unsold, unit`; `unsold` is what an
    /// exporter of fixed supply has on its hands.
    pub fn closed(&self) -> Table {
        let mut found = Closed::default();
        for k in 0..self.commodities() {
            let (market, before) = (self.market(k), self.accounts_before(k));
            let codes = [("exporter", market.exporter), ("importer", market.importer)];
            for (role, code) in codes {
                for i in 0..self.countries() {
                    let rows: Vec<usize> = (0..market.len()).filter(|&row| code[row] as usize == i).collect();
                    let traded: f64 = rows.iter().map(|&row| before[row].flow).sum();
                    let gone = |episode: &&Episode| {
                        let now = accounts(episode.equilibrium, market.len());
                        rows.iter().map(|&row| now[row].flow).sum::<f64>() <= 1e-9 * traded
                    };
                    let of_period: f64 = self.episodes(k).iter().filter(gone).map(|episode| episode.weight).sum();
                    if traded > 0.0 && of_period > 0.0 {
                        let curve = self.model.markets[k].supply[i].filter(|_| role == "exporter");
                        let unsold = curve.map_or(f64::NAN, |curve| curve.fixed_quantity().unwrap_or(0.0) * of_period);
                        found.push(role, i, k, of_period, (unsold, self.unit(k, true)));
                    }
                }
            }
        }
        found.table(self)
    }
}
