//! Scenario files: TOML and JSON, format 1, read and written exactly.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{Groups, Measure, Overlap, Scenario, ScheduleRow};
use crate::error::{Error, Result};

/// The version of the file format that this version writes and reads.
pub const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<M> {
    format: u32,
    #[serde(default)]
    name: String,
    #[serde(default)]
    overlap: Overlap,
    #[serde(default = "Groups::new", skip_serializing_if = "Groups::is_empty")]
    groups: Groups,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    measure: Vec<M>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    schedule: Vec<ScheduleRow>,
}

/// The version alone, read before everything else: later formats have keys that this one does not know.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

fn check_format(format: u32, place: &str) -> Result<()> {
    match format == FORMAT {
        true => Ok(()),
        false => {
            Err(Error::Scenario(format!("{place}: the file has format {format}, this version reads format {FORMAT}")))
        }
    }
}

impl<M> Document<M> {
    fn into_scenario(self, measures: Vec<Measure>, place: &str) -> Result<Scenario> {
        check_format(self.format, place)?;
        Ok(Scenario { name: self.name, overlap: self.overlap, groups: self.groups, measures, schedule: self.schedule })
    }
}

fn document(scenario: &Scenario) -> Document<Measure> {
    Document {
        format: FORMAT,
        name: scenario.name.clone(),
        overlap: scenario.overlap,
        groups: scenario.groups.clone(),
        measure: scenario.measures.clone(),
        schedule: scenario.schedule.clone(),
    }
}

impl Scenario {
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(&document(self))
            .map_err(|error| Error::Scenario(format!("the scenario can't be written as TOML: {error}")))
    }

    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(&document(self))
            .map_err(|error| Error::Scenario(format!("the scenario can't be written as JSON: {error}")))
    }

    /// Reads TOML; `place` (a path, or "text") begins every message.
    ///
    /// # Errors
    /// [`Error::Scenario`] with the line for syntax, unknown keys, wrong types and measures that are
    /// not admissible.
    pub fn from_toml(text: &str, place: &str) -> Result<Self> {
        if let Ok(Versioned { format }) = toml::from_str(text) {
            check_format(format, place)?;
        }
        let document: Document<Spanned<Measure>> = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(String::new(), |span| format!(", line {}", line_of(text, span.start)));
            Error::Scenario(format!("{place}{line}: {}", error.message().replace('\n', "; ")))
        })?;
        let lines: Vec<usize> = document.measure.iter().map(|measure| line_of(text, measure.span().start)).collect();
        let measures = document.measure.iter().map(|measure| measure.get_ref().clone()).collect();
        let scenario = document.into_scenario(measures, place)?;
        for (position, (measure, line)) in scenario.measures.iter().zip(lines).enumerate() {
            measure.check().map_err(|error| {
                Error::Scenario(format!("{place}, line {line}: measure '{}': {error}", scenario.label(position)))
            })?;
        }
        scenario.check_at(place)
    }

    /// The line on which each measure of a TOML text begins.
    ///
    /// # Errors
    /// [`Error::Scenario`]: the text is not a scenario; [`Scenario::from_toml`] says where.
    pub fn toml_lines(text: &str) -> Result<Vec<usize>> {
        let document: Document<Spanned<Measure>> =
            toml::from_str(text).map_err(|error| Error::Scenario(error.message().to_string()))?;
        Ok(document.measure.iter().map(|measure| line_of(text, measure.span().start)).collect())
    }

    /// Reads JSON; `place` (a path, or "text") begins every message.
    ///
    /// # Errors
    /// As [`Scenario::from_toml`]; measures are named instead of lines once the syntax is right.
    pub fn from_json(text: &str, place: &str) -> Result<Self> {
        if let Ok(Versioned { format }) = serde_json::from_str(text) {
            check_format(format, place)?;
        }
        let document: Document<Measure> = serde_json::from_str(text)
            .map_err(|error| Error::Scenario(format!("{place}, line {}: {error}", error.line())))?;
        let measures = document.measure.clone();
        document.into_scenario(measures, place)?.check_at(place)
    }

    fn check_at(self, place: &str) -> Result<Self> {
        self.check().map_err(|error| Error::Scenario(format!("{place}: {error}")))?;
        Ok(self)
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text[..offset.min(text.len())].matches('\n').count() + 1
}
