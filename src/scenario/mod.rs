//! What is supposed to change: measures with their dates, resolved to wedges on flows.

mod builder;
pub mod caps;
pub mod ceilings;
pub mod compile;
pub mod coverage;
pub mod file;
pub mod measure;
mod network;
pub mod schedule;
pub mod schema;
pub mod select;
pub mod state;
mod target;
pub mod wedges;

pub use compile::Compiled;
pub use coverage::{Coverage, coverage};
pub use measure::{Measure, Verb};
pub use schedule::{Exposure, Segment};
pub use select::{Groups, Selector};
pub use state::State;
pub use wedges::{Change, Factor, PerUnit, Wedges};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How several bans on one flow overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// Shares left multiply.
    #[default]
    Independent,
    /// The smallest share left counts.
    Nested,
    /// Shares taken add up, to at most everything.
    Disjoint,
}

/// A line of a schedule: rates (not powers) on one flow, always in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRow {
    pub exporter: String,
    pub importer: String,
    pub commodity: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tariff_add: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tariff_to: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_tax_add: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_change: Option<f64>,
}

/// A name, measures, a schedule, and the user's own groups of countries.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scenario {
    pub name: String,
    pub overlap: Overlap,
    pub groups: Groups,
    pub measures: Vec<Measure>,
    pub schedule: Vec<ScheduleRow>,
}

impl Scenario {
    /// What a measure is called in messages and results: its name, or its verb and position.
    pub fn label(&self, measure: usize) -> String {
        let given = &self.measures[measure];
        given.name.clone().unwrap_or_else(|| format!("{} {}", given.verb, measure + 1))
    }

    /// # Errors
    /// [`Error::Scenario`] for a measure or a schedule row that is not admissible by itself, or two
    /// measures of one name.
    pub fn check(&self) -> Result<()> {
        for (position, measure) in self.measures.iter().enumerate() {
            measure.check().map_err(|error| named(&self.label(position), error))?;
            let twin = self.measures[..position].iter().any(|other| other.name.is_some() && other.name == measure.name);
            if twin {
                return Err(Error::Scenario(format!(
                    "two measures are called '{}'; give each a name of its own",
                    self.label(position)
                )));
            }
        }
        self.schedule.iter().enumerate().try_for_each(|(line, row)| row.check(line))
    }
}

fn named(label: &str, error: Error) -> Error {
    Error::Scenario(format!("measure '{label}': {error}"))
}

impl ScheduleRow {
    fn check(&self, line: usize) -> Result<()> {
        let within = |name: &str, value: Option<f64>, low: f64, high: f64| match value {
            Some(value) if !(value >= low && value <= high && value.is_finite()) => Err(Error::Scenario(format!(
                "schedule row {line}: {name} is {value}; expected a number from {low} to {high}"
            ))),
            _ => Ok(()),
        };
        within("coverage", self.coverage, 0.0, 1.0)?;
        for (name, value) in [
            ("tariff_add", self.tariff_add),
            ("tariff_to", self.tariff_to),
            ("export_tax_add", self.export_tax_add),
            ("cost_change", self.cost_change),
        ] {
            within(name, value, -1.0, f64::INFINITY)?;
        }
        Ok(())
    }
}
