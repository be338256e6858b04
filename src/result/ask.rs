//! Questions as values: what [`Solution`] answers with a table whose rows do not depend on the measures.

use std::sync::Arc;

use serde::Deserialize;

use super::ledger;
use super::solution::Solution;
use super::welfare::By;
use crate::data::Table;
use crate::error::Result;
use crate::scenario::Selector;
use crate::scenario::select::Selection;

/// A question with its arguments. Its answers on one baseline have equal rows, whatever the scenario:
/// they can be subtracted.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
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
        against: Option<Arc<Solution>>,
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
        choke: f64,
    },
}

/// A detailed ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ledger {
    Destination,
    Supplier,
}

impl Question {
    /// The answer; groups are those of the solution's scenario.
    ///
    /// # Errors
    /// Those of the question itself: unknown countries, a reference that is the exporter.
    pub fn ask(&self, solution: &Solution) -> Result<Table> {
        let select = |selector: &Selector| solution.select(selector, &solution.scenario.groups);
        let if_given =
            |selector: &Option<Selector>| -> Result<Option<Selection>> { selector.as_ref().map(select).transpose() };
        Ok(match self {
            Self::Flows => solution.flows(),
            Self::Prices => solution.prices(),
            Self::Shares { exporter } => solution.shares(&select(exporter)?),
            Self::ShareShift { exporter, away, toward } => {
                solution.share_shift(&select(exporter)?, &select(away)?, &select(toward)?)
            }
            Self::Destinations { exporter } => solution.destinations(&select(exporter)?),
            Self::Diversion { exporter, importers, by, against } => {
                let (exporters, importers) = (select(exporter)?, select(importers)?);
                let question =
                    ledger::Question { exporters: &exporters, importers: &importers, against: against.as_deref() };
                match by {
                    None => solution.diversion(&question)?,
                    Some(Ledger::Destination) => solution.diversion_by_destination(&question)?,
                    Some(Ledger::Supplier) => solution.diversion_by_supplier(&question)?,
                }
            }
            Self::Revenue { exporter, reference } => {
                solution.revenue(&select(exporter)?, if_given(reference)?.as_ref())?
            }
            Self::Concentration { exporter, importer } => {
                solution.concentration(if_given(exporter)?.as_ref(), if_given(importer)?.as_ref())
            }
            Self::Welfare { by, choke } => solution.welfare(*by, *choke),
        })
    }
}
