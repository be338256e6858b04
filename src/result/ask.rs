//! Questions as values: what a solution answers with a table whose rows do not depend on the measures.

use std::sync::Arc;

use serde::Deserialize;

use super::concentration::concentration;
use super::destinations::destinations;
use super::ledger::{self, diversion, diversion_by_destination, diversion_by_supplier};
use super::shares::{share_shift, shares};
use super::surplus::By;
use super::trade::Trade;
use super::{GeneralSolution, Solution, SpatialSolution};
use crate::data::Table;
use crate::error::{Error, Result};
use crate::scenario::select::Selection;
use crate::scenario::{Scenario, Selector};

/// What each model's solution answers in its own way.
pub trait Answers: Trade + Sized {
    fn scenario(&self) -> &Scenario;
    fn flows(&self) -> Table;
    fn prices(&self) -> Table;
    /// # Errors
    /// The reference is the exporter itself.
    fn revenue(&self, exporters: &Selection, reference: Option<&Selection>) -> Result<Table>;
    fn welfare(&self, by: By, choke: f64) -> Table;

    /// # Errors
    /// The model has no incomes.
    fn real_income(&self) -> Result<Table> {
        Err(Error::Model("this model has no incomes; CaliendoParro and Gravity answer 'real_income'".to_string()))
    }
}

macro_rules! answers {
    ($solution:ty) => {
        impl Answers for $solution {
            fn scenario(&self) -> &Scenario {
                &self.scenario
            }

            fn flows(&self) -> Table {
                self.flows()
            }

            fn prices(&self) -> Table {
                self.prices()
            }

            fn revenue(&self, exporters: &Selection, reference: Option<&Selection>) -> Result<Table> {
                self.revenue(exporters, reference)
            }

            fn welfare(&self, by: By, choke: f64) -> Table {
                self.welfare(by, choke)
            }
        }
    };
}
impl Answers for GeneralSolution {
    fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    fn flows(&self) -> Table {
        self.flows()
    }

    fn prices(&self) -> Table {
        self.prices()
    }

    /// Refused: there is no world price of a sector that others could be measured by.
    fn revenue(&self, _exporters: &Selection, _reference: Option<&Selection>) -> Result<Table> {
        Err(Error::Model(
            "general equilibrium has no decomposition of revenue; ask flows, or welfare for the terms of trade"
                .to_string(),
        ))
    }

    /// Real income and real wages, whatever the arguments: there are no areas beside curves.
    fn welfare(&self, _by: By, _choke: f64) -> Table {
        self.real_income()
    }

    fn real_income(&self) -> Result<Table> {
        Ok(self.real_income())
    }
}

answers!(Solution);
answers!(SpatialSolution);

/// A question with its arguments. Its answers on one baseline have equal rows, whatever the scenario:
/// they can be subtracted.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case", deny_unknown_fields, bound = "")]
pub enum Question<S = Solution> {
    Flows,
    Prices,
    Shares {
        exporter: Selector,
    },
    ShareShift {
        exporter: Selector,
        away: Selector,
        toward: Selector,
    },
    Destinations {
        exporter: Selector,
    },
    Diversion {
        exporter: Selector,
        importers: Selector,
        by: Option<Ledger>,
        /// Another solution of the same baseline.
        #[serde(skip)]
        against: Option<Arc<S>>,
    },
    Revenue {
        exporter: Selector,
        reference: Option<Selector>,
    },
    Concentration {
        exporter: Option<Selector>,
        importer: Option<Selector>,
    },
    Welfare {
        by: By,
        /// `None`: prices are not truncated.
        choke: Option<f64>,
    },
    RealIncome,
}

/// A detailed ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ledger {
    Destination,
    Supplier,
}

impl<S: Answers> Question<S> {
    /// The answer; groups are those of the solution's scenario.
    ///
    /// # Errors
    /// Those of the question itself: unknown countries, a reference that is the exporter.
    pub fn ask(&self, solution: &S) -> Result<Table> {
        let select = |selector: &Selector| solution.select(selector, &solution.scenario().groups);
        let if_given =
            |selector: &Option<Selector>| -> Result<Option<Selection>> { selector.as_ref().map(select).transpose() };
        Ok(match self {
            Self::Flows => solution.flows(),
            Self::Prices => solution.prices(),
            Self::Shares { exporter } => shares(solution, &select(exporter)?),
            Self::ShareShift { exporter, away, toward } => {
                share_shift(solution, &select(exporter)?, &select(away)?, &select(toward)?)
            }
            Self::Destinations { exporter } => destinations(solution, &select(exporter)?),
            Self::Diversion { exporter, importers, by, against } => {
                let (exporters, importers) = (select(exporter)?, select(importers)?);
                let question =
                    ledger::Question { exporters: &exporters, importers: &importers, against: against.as_deref() };
                match by {
                    None => diversion(solution, &question)?,
                    Some(Ledger::Destination) => diversion_by_destination(solution, &question)?,
                    Some(Ledger::Supplier) => diversion_by_supplier(solution, &question)?,
                }
            }
            Self::Revenue { exporter, reference } => {
                solution.revenue(&select(exporter)?, if_given(reference)?.as_ref())?
            }
            Self::Concentration { exporter, importer } => {
                concentration(solution, if_given(exporter)?.as_ref(), if_given(importer)?.as_ref())
            }
            Self::Welfare { by, choke } => solution.welfare(*by, choke.unwrap_or(f64::INFINITY)),
            Self::RealIncome => solution.real_income()?,
        })
    }
}
