//! Questions to a solution: each gives `(columns, units)`.

use std::io::{Cursor, Read, Seek};
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::general::GeneralSolution;
use super::model::Armington;
use super::spatial::SpatialSolution;
use super::table::to_python;
use super::{door, errors};
use crate::data::{Date, Table};
use crate::error::{Error, Result};
use crate::result::file::Reader;
use crate::result::shifts::shifts;
use crate::result::{self, Answers, Question, file};
use crate::scenario::{Compiled, Exposure};

#[pyclass(frozen, module = "tradewinds._core")]
pub struct Solution(pub Arc<result::Solution>);

/// First and last day, weight, share of each measure in force.
pub type Segment = (Option<(String, String)>, f64, Vec<f64>);
pub type Answer<'py> = PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)>;

/// A question from JSON; `against` is the other solution of a diversion.
pub fn question<S>(json: &str, other: Option<Arc<S>>) -> Result<Question<S>> {
    let mut asked: Question<S> = serde_json::from_str(json).map_err(|error| Error::Model(error.to_string()))?;
    if let Question::Diversion { against, .. } = &mut asked {
        *against = other;
    }
    Ok(asked)
}

/// The answer to a question given as JSON.
pub fn ask<'py, S: Answers + Send + Sync>(
    py: Python<'py>,
    solution: &Arc<S>,
    json: &str,
    against: Option<Arc<S>>,
) -> Answer<'py> {
    let table = door::enter(py, |_| question(json, against)?.ask(solution))?;
    to_python(py, table)
}

/// The answer to what needs no arguments; `None`: nothing is called so.
pub fn tabled<'py, S: Send + Sync>(
    py: Python<'py>,
    solution: &S,
    name: &str,
    asked: Option<fn(&S) -> Table>,
) -> Answer<'py> {
    let asked = asked.ok_or_else(|| PyKeyError::new_err(name.to_string()))?;
    let table = door::enter(py, |_| Ok(asked(solution)))?;
    to_python(py, table)
}

pub fn segments(compiled: &Compiled) -> Vec<Segment> {
    let written = |days: Option<(Date, Date)>| days.map(|(first, last)| (first.to_string(), last.to_string()));
    compiled.segments.iter().map(|s| (written(s.days), s.weight, s.force.clone())).collect()
}

/// A saved solution of either model, and the notes saved with it.
type Loaded<'py> = (Bound<'py, PyAny>, String);

fn load<'py, R: Read + Seek + Send>(
    py: Python<'py>,
    place: &str,
    open: impl Fn() -> Result<R> + Send + Sync,
) -> PyResult<Loaded<'py>> {
    match door::enter(py, |_| Ok(file::reader(open()?)))? {
        Reader::Armington => {
            let (solution, notes) = door::enter(py, |stop| crate::load_solution(open()?, place, stop))?;
            Ok((Solution(Arc::new(solution)).into_bound_py_any(py)?, notes))
        }
        Reader::Spatial => {
            let (solution, notes) = door::enter(py, |stop| file::spatial::read(open()?, place, stop))?;
            Ok((SpatialSolution(Arc::new(solution)).into_bound_py_any(py)?, notes))
        }
        Reader::General => {
            let (solution, notes) = door::enter(py, |stop| file::general::read(open()?, place, stop))?;
            Ok((GeneralSolution(Arc::new(solution)).into_bound_py_any(py)?, notes))
        }
    }
}

#[pyfunction]
pub fn load_solution(py: Python<'_>, path: PathBuf) -> PyResult<Loaded<'_>> {
    load(py, &path.display().to_string(), || file::open(&path))
}

/// As [`load_solution`], of the bytes of `to_bytes`.
#[pyfunction]
pub fn solution_from_bytes<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Loaded<'py>> {
    load(py, "the pickled result", || Ok(Cursor::new(data)))
}

#[pymethods]
impl Solution {
    /// Writes the solution to a file, whole or not at all; `notes` is JSON.
    fn save(&self, py: Python<'_>, path: PathBuf, notes: &str) -> PyResult<()> {
        door::enter(py, |stop| self.0.save(&path, notes, stop))
    }

    /// What `save` writes, without compression.
    fn to_bytes<'py>(&self, py: Python<'py>, notes: &str) -> PyResult<Bound<'py, PyBytes>> {
        door::enter(py, |stop| self.0.to_bytes(notes, stop)).map(|bytes| PyBytes::new(py, &bytes))
    }

    #[getter]
    fn model(&self) -> Armington {
        Armington(self.0.model.clone())
    }

    /// JSON of the file format.
    fn scenario(&self, py: Python<'_>) -> PyResult<String> {
        self.0.scenario.to_json().map_err(|error| errors::to_python(py, error))
    }

    /// `at, order, exposure, unsupported`.
    fn settings(&self) -> (Option<String>, Option<u8>, &'static str, &'static str) {
        let options = &self.0.options;
        (
            options.at.map(|period| period.to_string()),
            options.first_order.then_some(1),
            if options.exposure == Exposure::Average { "average" } else { "segments" },
            if options.leave_out { "leave_out" } else { "raise" },
        )
    }

    /// `converged, iterations, residual, modulus, reason`.
    fn status(&self) -> (bool, usize, f64, f64, String) {
        let status = self.0.status();
        (status.converged, status.iterations, status.residual, status.modulus, status.reason.into_owned())
    }

    #[getter]
    fn left_out(&self) -> Vec<String> {
        self.0.compiled.left_out.clone()
    }

    #[getter]
    fn without_effect(&self) -> Vec<String> {
        self.0.compiled.without_effect.clone()
    }

    #[getter]
    fn schedule_without_effect(&self) -> usize {
        self.0.compiled.schedule_without_effect
    }

    fn segments(&self) -> Vec<Segment> {
        segments(&self.0.compiled)
    }

    /// A table without arguments, by its name.
    fn table<'py>(&self, py: Python<'py>, name: &str) -> Answer<'py> {
        let asked: Option<fn(&result::Solution) -> Table> = match name {
            "flows" => Some(result::Solution::flows),
            "prices" => Some(result::Solution::prices),
            "wedges" => Some(result::Solution::wedges),
            "shifts" => Some(shifts),
            "quotas" => Some(result::Solution::quotas),
            "closed" => Some(result::Solution::closed),
            "certificate" => Some(result::Solution::certificate),
            _ => None,
        };
        tabled(py, &*self.0, name, asked)
    }

    /// A question as JSON; `against` is the other solution of a diversion.
    #[pyo3(signature = (question, against=None))]
    fn ask<'py>(&self, py: Python<'py>, question: &str, against: Option<&Self>) -> Answer<'py> {
        ask(py, &self.0, question, against.map(|other| other.0.clone()))
    }
}
