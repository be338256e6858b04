//! A scenario solved by the spatial model: the same questions in price levels and quantities, and those
//! about routes, facilities and discounts.

pub mod accounts;
pub mod amounts;
pub mod certificate;
pub mod network;
pub mod revenue;
pub mod welfare;

use std::sync::Arc;

use accounts::{Account, accounts};

use crate::Options;
use crate::data::{Flows, Market, Table};
use crate::error::Result;
use crate::model::{Spatial, SpatialEquilibrium, Status};
use crate::scenario::select::{Context, Selection};
use crate::scenario::{Compiled, Groups, Scenario, Selector, Wedges};

/// A model, a scenario, how it was solved, what it compiles to, and the equilibria.
#[derive(Debug, Clone)]
pub struct SpatialSolution {
    pub model: Spatial,
    pub scenario: Arc<Scenario>,
    pub options: Options,
    pub compiled: Compiled,
    /// By commodity and variant of its wedges.
    solved: Vec<Vec<SpatialEquilibrium>>,
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
        Self { model, scenario, options, compiled, solved }
    }

    pub fn flows_data(&self) -> &Flows {
        &self.model.baseline.flows
    }

    pub(crate) fn market(&self, commodity: usize) -> Market<'_> {
        self.model.baseline.market(commodity)
    }

    pub(crate) fn commodities(&self) -> usize {
        self.solved.len()
    }

    pub(crate) fn countries(&self) -> usize {
        self.model.baseline.countries()
    }

    pub(crate) fn episodes(&self, commodity: usize) -> Vec<Episode<'_>> {
        let market = &self.compiled.markets[commodity];
        let mut weights = vec![0.0; market.variants.len()];
        for (variant, segment) in market.variant_of_segment.iter().zip(&self.compiled.segments) {
            weights[*variant] += segment.weight;
        }
        let one =
            |(v, weight)| Episode { weight, wedges: &market.variants[v], equilibrium: &self.solved[commodity][v] };
        weights.into_iter().enumerate().map(one).collect()
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

    /// Countries meant by a question; groups count as of the baseline period's last day.
    pub fn select(&self, selector: &Selector, groups: &Groups) -> Result<Selection> {
        let day = self.model.baseline.period.last_day();
        Context { labels: &self.flows_data().countries, kind: "country", groups: Some((groups, day)) }.resolve(selector)
    }

    pub(crate) fn unit(&self, commodity: usize) -> String {
        self.flows_data().units.quantity[commodity].clone()
    }

    /// Currency per unit of quantity; units differ between commodities.
    pub(crate) fn price_unit(&self) -> String {
        format!("{} per unit", self.flows_data().units.currency)
    }

    pub(crate) fn commodity_names(&self, codes: &[usize]) -> Vec<String> {
        codes.iter().map(|&k| self.flows_data().commodities.name(k).to_string()).collect()
    }

    pub(crate) fn country_names(&self, codes: &[usize]) -> Vec<String> {
        codes.iter().map(|&i| self.flows_data().countries.name(i).to_string()).collect()
    }

    /// Who lost every partner: `role, country, commodity, share_of_period, unsold, unit`. `unsold` is what
    /// an exporter of fixed supply has on its hands.
    pub fn closed(&self) -> Table {
        let (mut role, mut country, mut commodity) = (Vec::new(), Vec::new(), Vec::new());
        let (mut share, mut unsold, mut unit) = (Vec::new(), Vec::new(), Vec::new());
        for k in 0..self.commodities() {
            let (market, before) = (self.market(k), self.accounts_before(k));
            let codes = [("exporter", market.exporter), ("importer", market.importer)];
            for (name, code) in codes {
                for i in 0..self.countries() {
                    let rows: Vec<usize> = (0..market.len()).filter(|&row| code[row] as usize == i).collect();
                    let traded: f64 = rows.iter().map(|&row| before[row].flow).sum();
                    let gone = |episode: &&Episode| {
                        let now = accounts(episode.equilibrium, market.len());
                        rows.iter().map(|&row| now[row].flow).sum::<f64>() <= 1e-9 * traded
                    };
                    let episodes = self.episodes(k);
                    let of_period: f64 = episodes.iter().filter(gone).map(|episode| episode.weight).sum();
                    if traded > 0.0 && of_period > 0.0 {
                        let curve = self.model.markets[k].supply[i].filter(|_| name == "exporter");
                        role.push(name.to_string());
                        country.push(i);
                        commodity.push(k);
                        share.push(of_period);
                        unsold.push(curve.map_or(f64::NAN, |curve| curve.fixed_quantity().unwrap_or(0.0) * of_period));
                        unit.push(self.unit(k));
                    }
                }
            }
        }
        Table::default()
            .text("role", role)
            .text("country", self.country_names(&country))
            .text("commodity", self.commodity_names(&commodity))
            .number("share_of_period", "share", share)
            .number("unsold", "see unit", unsold)
            .text("unit", unit)
    }
}
