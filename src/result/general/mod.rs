//! A scenario solved in general equilibrium: flows, prices, wages, and who pays.

mod certificate;
mod decomposition;
mod first_order;
mod flows;
mod inputs;
mod prices;
mod shipped;
mod welfare;

use std::sync::{Arc, OnceLock};

use certificate::{Certificate, certify};

use crate::Options;
use crate::error::Result;
use crate::model::general::GeneralEquilibrium;
use crate::model::general::economy::Cell;
use crate::model::general::system::{State, System};
use crate::model::general::trade::Trade;
use crate::model::{General, Status};
use crate::scenario::{Compiled, Scenario};
use crate::solve::Stop;

/// A model, a scenario, how it was solved, what it compiles to, and the equilibria.
#[derive(Debug, Clone)]
pub struct GeneralSolution {
    pub model: General,
    pub scenario: Arc<Scenario>,
    pub options: Options,
    pub compiled: Compiled,
    /// The different equilibria of the segments, and what was recomputed from their flows.
    pub equilibria: Vec<GeneralEquilibrium>,
    certificates: Vec<Certificate>,
    reals: Vec<Real>,
    /// Which of them holds in each segment.
    pub of_segment: Vec<usize>,
    /// All sectors share their prices, so a question by sector would open every equilibrium again for each.
    accounts: OnceLock<Vec<flows::Account>>,
}

/// An equilibrium, and what was recomputed from its flows.
#[derive(Debug, Clone)]
pub(crate) struct Certified {
    equilibrium: GeneralEquilibrium,
    certificate: Certificate,
    real: Real,
}

/// What is earned and what it buys, by country: I' and ln P̂^C.
#[derive(Debug, Clone)]
struct Real {
    income: Vec<f64>,
    consumer_price: Vec<f64>,
}

impl Certified {
    /// # Errors
    /// As [`General::solve`].
    pub fn solve(model: &General, cells: Vec<Cell>, stop: &Stop) -> Result<Self> {
        let certified = |system: System, equilibrium: &GeneralEquilibrium| {
            let mut state = system.state();
            system.evaluate(&equilibrium.point, &mut state);
            let certificate = certify(&system, &state, &equilibrium.point);
            (certificate, Real { income: state.income, consumer_price: state.consumer_price })
        };
        let (equilibrium, (certificate, real)) = model.solve_then(cells, None, stop, certified)?;
        Ok(Self { equilibrium, certificate, real })
    }
}

/// An equilibrium opened up: all that follows from its unknowns.
pub(crate) struct Opened<'a> {
    /// Share of the period.
    pub weight: f64,
    pub equilibrium: &'a GeneralEquilibrium,
    pub system: System<'a>,
    pub state: State,
    pub trade: Trade,
}

impl GeneralSolution {
    /// Solves what a scenario compiles to.
    ///
    /// # Errors
    /// As [`General::solve`].
    pub fn solve(
        model: &General,
        scenario: Arc<Scenario>,
        options: Options,
        compiled: Compiled,
        stop: &Stop,
    ) -> Result<Self> {
        let (states, of_segment) = compiled.joint();
        let one = |variants: &Vec<usize>| Certified::solve(model, model.cells(&compiled.wedges(variants)), stop);
        let found = states.iter().map(one).collect::<Result<Vec<_>>>()?;
        Ok(Self::new(model.clone(), scenario, options, compiled, (found, of_segment)))
    }

    /// Of what was solved, and which of it holds in each segment.
    pub(crate) fn new(
        model: General,
        scenario: Arc<Scenario>,
        options: Options,
        compiled: Compiled,
        (found, of_segment): (Vec<Certified>, Vec<usize>),
    ) -> Self {
        let (mut equilibria, mut certificates, mut reals) = (Vec::new(), Vec::new(), Vec::new());
        for one in found {
            equilibria.push(one.equilibrium);
            certificates.push(one.certificate);
            reals.push(one.real);
        }
        let accounts = OnceLock::new();
        Self { model, scenario, options, compiled, equilibria, certificates, reals, of_segment, accounts }
    }

    /// What was solved under these wedges.
    pub(crate) fn solved(&self, cells: &[Cell]) -> Option<Certified> {
        let place = self.equilibria.iter().position(|known| known.cells == cells)?;
        let (equilibrium, real) = (self.equilibria[place].clone(), self.reals[place].clone());
        Some(Certified { equilibrium, certificate: self.certificates[place], real })
    }

    /// The share of the period that each equilibrium holds for.
    pub(crate) fn weights(&self) -> Vec<f64> {
        let mut weights = vec![0.0; self.equilibria.len()];
        self.of_segment.iter().zip(&self.compiled.segments).for_each(|(&one, segment)| weights[one] += segment.weight);
        weights
    }

    pub(crate) fn opened(&self) -> impl Iterator<Item = Opened<'_>> {
        self.weights()
            .into_iter()
            .zip(&self.equilibria)
            .map(|(weight, equilibrium)| open(&self.model, equilibrium, weight))
    }

    /// The baseline, opened up.
    pub(crate) fn baseline(&self) -> GeneralEquilibrium {
        let status = self.equilibria[0].status.clone();
        GeneralEquilibrium { point: self.model.start.to_vec(), cells: Vec::new(), status }
    }

    /// The worst of all solves; the residual is the larger of the solver's and the certificate's.
    pub fn status(&self) -> Status {
        let mut worst =
            Status { converged: true, iterations: 0, residual: 0.0, modulus: f64::NAN, reason: "converged".into() };
        for (GeneralEquilibrium { status, .. }, certificate) in self.equilibria.iter().zip(&self.certificates) {
            let recomputed = certificate.largest();
            if worst.converged && !status.converged {
                worst.reason = status.reason.clone();
            }
            worst.converged &= status.converged;
            if worst.converged && recomputed > certificate::DISAGREEMENT {
                worst.reason = "accounts rebuilt from the flows do not agree".into();
                worst.converged = false;
            }
            worst.iterations = worst.iterations.max(status.iterations);
            worst.residual = worst.residual.max(status.residual).max(recomputed);
        }
        worst
    }
}

/// An equilibrium of a model and all that follows from it.
pub(crate) fn open<'a>(model: &'a General, equilibrium: &'a GeneralEquilibrium, weight: f64) -> Opened<'a> {
    let system = model.system(&equilibrium.cells).expect("an equilibrium that was found is feasible");
    let mut state = system.state();
    system.evaluate(&equilibrium.point, &mut state);
    let trade = Trade::of(&system, &state);
    Opened { weight, equilibrium, system, state, trade }
}

impl Opened<'_> {
    /// ln ŵ by country.
    pub fn wage(&self) -> &[f64] {
        &self.equilibrium.point[..self.system.economy.countries]
    }

    /// D' by country: what is spent beyond own income.
    pub fn transfer(&self, country: usize) -> f64 {
        let earned = self.wage()[country].exp() * self.system.economy.value_added[country];
        self.state.income[country] - earned - self.state.revenue[country]
    }
}
