//! Scenarios cross the wall as JSON of the file format.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::errors::to_python;
use crate::error::{Error, Result};
use crate::scenario::schema::{Default, Required};
use crate::scenario::{Measure, Scenario, Verb};

fn answer<T>(py: Python<'_>, result: Result<T>) -> PyResult<T> {
    result.map_err(|error| to_python(py, error))
}

pub fn read(json: &str) -> Result<Scenario> {
    Scenario::from_json(json, "scenario")
}

/// The parameters of every verb: `{verb: {"fields": [...], "required": (rule, names)}}`.
#[pyfunction]
pub fn measure_schema(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let schema = PyDict::new(py);
    for verb in Verb::ALL {
        let fields = verb
            .fields()
            .iter()
            .map(|field| {
                let entry = PyDict::new(py);
                entry.set_item("name", field.name)?;
                entry.set_item("unit", field.unit)?;
                entry.set_item("range", field.range)?;
                match field.default {
                    None => entry.set_item("default", py.None())?,
                    Some(Default::Number(number)) => entry.set_item("default", number)?,
                    Some(Default::Text(text)) => entry.set_item("default", text)?,
                }
                entry.set_item("description", field.description)?;
                Ok(entry)
            })
            .collect::<PyResult<Vec<_>>>()?;
        let (rule, names): (&str, &[&str]) = match verb.required() {
            Required::Nothing => ("nothing", &[]),
            Required::All(names) => ("all", names),
            Required::OneOf(names) => ("one of", names),
            Required::AtLeastOneOf(names) => ("at least one of", names),
        };
        let entry = PyDict::new(py);
        entry.set_item("fields", fields)?;
        entry.set_item("required", (rule, names.to_vec()))?;
        schema.set_item(verb.to_string(), entry)?;
    }
    Ok(schema)
}

/// Checks one measure given as JSON.
#[pyfunction]
pub fn check_measure(py: Python<'_>, json: &str) -> PyResult<()> {
    let measure = serde_json::from_str::<Measure>(json).map_err(|error| Error::Scenario(error.to_string()));
    answer(py, measure.and_then(|measure| measure.check()))
}

/// Checks a whole scenario given as JSON.
#[pyfunction]
pub fn check_scenario(py: Python<'_>, json: &str) -> PyResult<()> {
    answer(py, read(json).map(|_| ()))
}

#[pyfunction]
pub fn scenario_to_toml(py: Python<'_>, json: &str) -> PyResult<String> {
    answer(py, read(json).and_then(|scenario| scenario.to_toml()))
}

#[pyfunction]
pub fn scenario_to_json(py: Python<'_>, json: &str) -> PyResult<String> {
    answer(py, read(json).and_then(|scenario| scenario.to_json()))
}

/// TOML to JSON; `place` begins every message.
#[pyfunction]
pub fn scenario_from_toml(py: Python<'_>, text: &str, place: &str) -> PyResult<String> {
    answer(py, Scenario::from_toml(text, place).and_then(|scenario| scenario.to_json()))
}

/// The line on which each measure of a TOML text begins.
#[pyfunction]
pub fn scenario_lines(py: Python<'_>, text: &str) -> PyResult<Vec<usize>> {
    answer(py, Scenario::toml_lines(text))
}

/// JSON of the file format, checked and written anew; `place` begins every message.
#[pyfunction]
pub fn scenario_from_json(py: Python<'_>, text: &str, place: &str) -> PyResult<String> {
    answer(py, Scenario::from_json(text, place).and_then(|scenario| scenario.to_json()))
}
