//! Draws and their quantiles.

use std::sync::{Arc, Mutex, PoisonError};

use ndarray::ArrayView2;
use numpy::{PyArray2, PyReadonlyArray2};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use super::general::GeneralSolution;
use super::result::{Solution, question};
use super::spatial::SpatialSolution;
use super::{door, errors};
use crate::error::{Error, Result};
use crate::evidence::sample::sketches::{self, Sketches as Kept};
use crate::evidence::sample::{self, Case, Draws, Uncertain};
use crate::solve::Stop;

/// Questions as JSON, each with the other solution of a diversion.
pub(super) type Questions<S> = Vec<(String, Option<Arc<S>>)>;

pub(super) fn drawn<C: Case>(
    case: &C,
    questions: Questions<C::Solution>,
    uncertain: &str,
    values: ArrayView2<f64>,
    stop: &Stop,
) -> Result<Draws>
where
    C::Solution: Send + Sync,
{
    let questions =
        questions.into_iter().map(|(json, against)| question(&json, against)).collect::<Result<Vec<_>>>()?;
    let uncertain: Vec<Uncertain> = serde_json::from_str(uncertain).map_err(|error| Error::Model(error.to_string()))?;
    sample::draws(case, &questions, &uncertain, values, stop)
}

pub(super) fn to_python(py: Python<'_>, draws: Draws) -> PyResult<Bound<'_, PyTuple>> {
    let answers = PyArray2::from_owned_array(py, draws.answers);
    let converged = PyArray2::from_owned_array(py, draws.converged);
    let iterations = PyArray2::from_owned_array(py, draws.iterations);
    let residual = PyArray2::from_owned_array(py, draws.residual);
    let found = (answers, converged, iterations, residual, draws.reasons, draws.left_out).into_bound_py_any(py)?;
    Ok(found.cast_into::<PyTuple>()?)
}

pub(super) fn of_armington(other: &Bound<'_, PyAny>) -> PyResult<Arc<crate::result::Solution>> {
    Ok(other.cast::<Solution>()?.get().0.clone())
}

pub(super) fn of_spatial(other: &Bound<'_, PyAny>) -> PyResult<Arc<crate::result::SpatialSolution>> {
    Ok(other.cast::<SpatialSolution>()?.get().0.clone())
}

pub(super) fn of_general(other: &Bound<'_, PyAny>) -> PyResult<Arc<crate::result::GeneralSolution>> {
    Ok(other.cast::<GeneralSolution>()?.get().0.clone())
}

/// Solves a solution of any model again, a draw a row of `values`, and asks each draw: `answers` (draw ×
/// numbers), `converged, iterations, residual` (draw × period, here one), reasons of failures by draw and
/// period, rows left out. A question is JSON with the other solution of a diversion; `uncertain` is JSON.
#[pyfunction]
pub fn draws<'py>(
    py: Python<'py>,
    solution: Bound<'py, PyAny>,
    questions: Vec<(String, Option<Bound<'py, PyAny>>)>,
    uncertain: &str,
    values: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyTuple>> {
    let values = values.as_array().as_standard_layout().into_owned();
    if let Ok(spatial) = solution.cast::<SpatialSolution>() {
        let (solution, asked) = (spatial.get().0.clone(), against(questions, of_spatial)?);
        return to_python(py, door::enter(py, |stop| drawn(&*solution, asked, uncertain, values.view(), stop))?);
    }
    if let Ok(general) = solution.cast::<GeneralSolution>() {
        let (solution, asked) = (general.get().0.clone(), against(questions, of_general)?);
        return to_python(py, door::enter(py, |stop| drawn(&*solution, asked, uncertain, values.view(), stop))?);
    }
    let (solution, asked) = (of_armington(&solution)?, against(questions, of_armington)?);
    to_python(py, door::enter(py, |stop| drawn(&*solution, asked, uncertain, values.view(), stop))?)
}

/// Questions with their other solutions, by `of`.
pub(super) fn against<'py, S>(
    questions: Vec<(String, Option<Bound<'py, PyAny>>)>,
    of: impl Fn(&Bound<'py, PyAny>) -> PyResult<Arc<S>>,
) -> PyResult<Questions<S>> {
    questions.into_iter().map(|(json, other)| Ok((json, other.as_ref().map(&of).transpose()?))).collect()
}

/// Quantiles of a stream of draws.
#[pyclass(frozen, module = "tradewinds._core")]
pub struct Sketches(Mutex<Kept>);

impl Sketches {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Sketches {
    #[new]
    fn new(cells: usize) -> Self {
        Self(Mutex::new(Kept::new(cells)))
    }

    /// Adds draws × cells.
    fn add(&self, py: Python<'_>, block: PyReadonlyArray2<'_, f64>) -> PyResult<()> {
        let block = block.as_array();
        door::enter(py, |_| {
            self.kept().add(block);
            Ok(())
        })
    }

    /// Order × cell.
    fn quantiles<'py>(&self, py: Python<'py>, orders: Vec<f64>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let found = door::enter(py, |_| Ok(self.kept().quantiles(&orders)))?;
        Ok(PyArray2::from_owned_array(py, found))
    }

    /// The largest error of a rank, as a share of the draws, that is exceeded with probability 0.01 at most.
    #[getter]
    fn error(&self) -> f64 {
        self.kept().error()
    }

    fn __getnewargs__(&self) -> (usize,) {
        (self.kept().cells(),)
    }

    fn __getstate__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.kept().to_bytes())
    }

    fn __setstate__(&self, py: Python<'_>, state: &[u8]) -> PyResult<()> {
        let cells = self.kept().cells();
        *self.kept() = Kept::from_bytes(cells, state).map_err(|error| errors::to_python(py, error))?;
        Ok(())
    }

    /// How many numbers are held.
    #[getter]
    fn held(&self) -> usize {
        self.kept().held()
    }
}

/// Exact quantiles of draws × cells: order × cell.
#[pyfunction]
pub fn exact_quantiles<'py>(
    py: Python<'py>,
    draws: PyReadonlyArray2<'py, f64>,
    orders: Vec<f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let draws = draws.as_array();
    let found = door::enter(py, |_| Ok(sketches::exact(draws, &orders)))?;
    Ok(PyArray2::from_owned_array(py, found))
}
