//! A solved scenario: equilibria by commodity and segment, from which all questions are answered.

use std::sync::Arc;

use super::certificate::{Certificate, certify};
use super::shipped::shipped;
use crate::Options;
use crate::data::{Baseline, Table, Totals};
use crate::model::armington::accounts::{Account, accounts};
use crate::model::{Armington, Equilibrium, Kind, Status};
use crate::result::closed::Closed;
use crate::result::trade::{Compared, Sales, Shipped, Trade};
use crate::scenario::select::Selection;
use crate::scenario::{Compiled, Scenario, State, Wedges};

/// A model, a scenario, how it was solved, what it compiles to, and the equilibrium of every commodity
/// under every of its wedges.
#[derive(Debug, Clone)]
pub struct Solution {
    pub model: Armington,
    pub scenario: Arc<Scenario>,
    pub options: Options,
    pub compiled: Compiled,
    /// By commodity and variant of its wedges.
    solved: Vec<Vec<Solved>>,
    /// Alike: the states of adjusting curves that stretches began with. Empty where nothing adjusts; a
    /// commodity that adjusts has wedges of its own in every segment, on curves with the state it ended with.
    pub(crate) history: Vec<Vec<State>>,
}

/// An equilibrium and what was recomputed from its flows.
#[derive(Debug, Clone)]
pub struct Solved {
    pub equilibrium: Equilibrium,
    pub certificate: Certificate,
}

impl Solved {
    pub fn new(model: &Armington, commodity: usize, wedges: &Wedges, equilibrium: Equilibrium) -> Self {
        let certificate = certify(model, commodity, wedges, &equilibrium);
        Self { equilibrium, certificate }
    }
}

/// One equilibrium and the share of the period it holds for.
pub(crate) struct Episode<'a> {
    pub weight: f64,
    pub wedges: &'a Wedges,
    pub equilibrium: &'a Equilibrium,
    pub certificate: &'a Certificate,
}

/// A certificate beyond this is a failed solve, whatever the solver says.
const DISAGREEMENT: f64 = 1e-6;

impl Episode<'_> {
    pub fn solved(&self) -> Solved {
        Solved { equilibrium: self.equilibrium.clone(), certificate: *self.certificate }
    }

    /// The accounts of every row of a commodity, at annual rates.
    pub fn accounts(&self, solution: &Solution, commodity: usize) -> Vec<Account> {
        accounts(&solution.model, commodity, self.wedges, self.equilibrium).collect()
    }
}

impl Solution {
    /// `solved[commodity][variant]` belongs to `compiled.markets[commodity].variants[variant]`.
    pub fn new(
        model: Armington,
        scenario: Arc<Scenario>,
        options: Options,
        compiled: Compiled,
        solved: Vec<Vec<Solved>>,
    ) -> Self {
        Self { model, scenario, options, compiled, solved, history: Vec::new() }
    }

    /// The same with what curves had adjusted before, by commodity and variant.
    pub(crate) fn with_history(self, history: Vec<Vec<State>>) -> Self {
        Self { history, ..self }
    }

    /// Every equilibrium with its commodity and wedges, in the order of the tasks that gave them.
    pub(crate) fn equilibria(&self) -> impl Iterator<Item = (usize, &Wedges, &Equilibrium)> {
        self.compiled.tasks().zip(self.solved.iter().flatten()).map(|((k, wedges), one)| (k, wedges, &one.equilibrium))
    }

    pub(crate) fn totals(&self, commodity: usize) -> &Totals {
        self.model.baseline.totals(commodity)
    }

    pub(crate) fn episodes(&self, commodity: usize) -> Vec<Episode<'_>> {
        let weighted = self.compiled.weighted(commodity).zip(&self.solved[commodity]);
        weighted
            .map(|((weight, wedges), Solved { equilibrium, certificate })| Episode {
                weight,
                wedges,
                equilibrium,
                certificate,
            })
            .collect()
    }

    /// The accounts of every row of a commodity at annual rates, weighted by days.
    pub(crate) fn accounts(&self, commodity: usize) -> Vec<Account> {
        let episodes = self.episodes(commodity);
        if let [only] = episodes.as_slice()
            && only.weight == 1.0
        {
            return only.accounts(self, commodity);
        }
        let mut mean = vec![Account::default(); self.market(commodity).len()];
        for episode in episodes {
            for (sum, account) in mean.iter_mut().zip(episode.accounts(self, commodity)) {
                sum.border_value += episode.weight * account.border_value;
                sum.receipts += episode.weight * account.receipts;
                sum.duty += episode.weight * account.duty;
                sum.export_tax += episode.weight * account.export_tax;
                sum.importer_rent += episode.weight * account.importer_rent;
                sum.exporter_rent += episode.weight * account.exporter_rent;
                sum.shipped_hat += episode.weight * account.shipped_hat;
                sum.arrived_hat += episode.weight * account.arrived_hat;
            }
        }
        mean
    }

    /// The worst of all solves; the residual is the larger of the solver's and the certificate's.
    pub fn status(&self) -> Status {
        let mut worst =
            Status { converged: true, iterations: 0, residual: 0.0, modulus: 0.0, reason: "converged".into() };
        for Solved { equilibrium, certificate } in self.solved.iter().flatten() {
            let status = &equilibrium.status;
            if worst.converged && !status.converged {
                worst.reason = status.reason.clone();
            }
            worst.converged &= status.converged;
            let recomputed = certificate.market_clearing.max(certificate.demand).max(certificate.quota);
            if worst.converged && recomputed > DISAGREEMENT {
                worst.reason = "supply and demand rebuilt from the flows do not agree".into();
                worst.converged = false;
            }
            worst.iterations = worst.iterations.max(status.iterations);
            worst.residual = worst.residual.max(status.residual).max(recomputed);
            worst.modulus = worst.modulus.max(status.modulus);
        }
        worst
    }

    /// Whether this solution is the first-order form.
    pub fn is_first_order(&self) -> bool {
        self.solved.iter().flatten().any(|solved| matches!(solved.equilibrium.kind, Kind::FirstOrder(_)))
    }

    /// Who lost every partner: role, country, commodity, share of the period, and for exporters of
    /// fixed supply the quantity left unsold.
    pub fn closed(&self) -> Table {
        let mut found = Closed::default();
        for commodity in 0..self.compiled.markets.len() {
            let (totals, episodes) = (self.totals(commodity), self.episodes(commodity));
            let share = |closed: &dyn Fn(&Equilibrium) -> bool| -> f64 {
                episodes.iter().filter(|episode| closed(episode.equilibrium)).map(|episode| episode.weight).sum()
            };
            for country in 0..self.model.baseline.countries() {
                let sells = totals.received[country] > 0.0;
                let buys = totals.spent[country] > 0.0;
                let exporter = share(&|e| sells && !e.log_producer_price[country].is_finite());
                let importer = share(&|e| buys && !e.log_price_index[country].is_finite());
                if exporter > 0.0 {
                    found.push("exporter", country, commodity, exporter, self.unsold(commodity, country));
                }
                if importer > 0.0 {
                    let unit = self.flows_data().units.amount(commodity, false);
                    found.push("importer", country, commodity, importer, (f64::NAN, unit));
                }
            }
        }
        found.table(self)
    }

    /// What a closed exporter has on its hands at annual rates: its supply where that is fixed, else
    /// nothing is produced; with its unit.
    fn unsold(&self, commodity: usize, exporter: usize) -> (f64, String) {
        let market = self.market(commodity);
        let known = market.all_quantities(|i, _| i == exporter);
        let supplied: f64 = market.trading(|i, _| i == exporter).map(|row| market.amount(row, known)).sum();
        let rigid = self.model.elasticities.supply[[commodity, exporter]] == 0.0;
        let closed =
            self.episodes(commodity).into_iter().filter(|e| !e.equilibrium.log_producer_price[exporter].is_finite());
        let offered: f64 = closed.map(|e| e.weight * e.wedges.supply_shift.at(exporter)).sum();
        (if rigid { supplied * offered } else { 0.0 }, self.flows_data().units.amount(commodity, known))
    }
}

impl Trade for Solution {
    fn baseline(&self) -> &Baseline {
        &self.model.baseline
    }

    fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    fn sales(&self, commodity: usize) -> Sales {
        let (market, accounts) = (self.market(commodity), self.accounts(commodity));
        let shipped = market.quantity.iter().zip(&accounts).map(|(before, account)| before * account.shipped_hat);
        Sales {
            quantity: Compared { before: market.quantity.to_vec(), after: shipped.collect() },
            money: Compared {
                before: market.value.to_vec(),
                after: accounts.iter().map(|account| account.border_value).collect(),
            },
        }
    }

    fn shipped(&self, commodity: usize, exporters: &Selection, quantity: bool) -> Shipped {
        shipped(self, commodity, exporters, quantity)
    }
}
