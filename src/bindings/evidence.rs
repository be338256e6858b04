//! What the finished road is asked about observations, and about itself.

use ndarray::Array2;
use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::data::{Flows, period};
use super::door;
use super::model::{Armington, parsed};
use super::result::{self, Answer, Solution};
use super::scenario::read;
use super::table::to_python;
use crate::Options;
use crate::error::{Error, Result};
use crate::evidence::decomposition::{self, Method as Decomposition};
use crate::evidence::fit::{Data, Free};
use crate::evidence::inversion::{self, Normalisation};
use crate::evidence::parameter::Asked;
use crate::evidence::shapley::{self, Method, Unconverged};

/// Shapley values: `(values, standard errors or None)`, or the labels of a subset that did not converge.
/// `permutations`: None solves every subset.
#[pyfunction]
#[pyo3(signature = (solution, question, against, *, permutations, seed))]
pub fn attribution<'py>(
    py: Python<'py>,
    solution: &Solution,
    question: &str,
    against: Option<&Solution>,
    permutations: Option<usize>,
    seed: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let method = permutations.map_or(Method::Exact, |permutations| Method::Sampled { permutations, seed });
    let found = door::enter(py, |stop| {
        shapley::attribution(
            &solution.0,
            &result::question(question, against.map(|other| other.0.clone()))?,
            method,
            stop,
        )
    })?;
    match found {
        Ok(found) => {
            let errors = found.standard_error.map(|table| to_python(py, table)).transpose()?;
            (to_python(py, found.value)?, errors).into_bound_py_any(py)
        }
        Err(Unconverged(measures)) => measures.into_bound_py_any(py),
    }
}

/// Shapley values by player, of the answers `[subset, column]` of all subsets in the order of their bits.
#[pyfunction]
pub fn shapley_values<'py>(
    py: Python<'py>,
    answers: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let answers: Vec<Vec<f64>> = answers.as_array().rows().into_iter().map(|row| row.to_vec()).collect();
    let found = door::enter(py, |stop| shapley::values(&answers, stop))?;
    Ok(PyArray2::from_vec2(py, &found)?)
}

/// Parameters from JSON.
fn parameters(json: &str) -> Result<Vec<Asked>> {
    serde_json::from_str(json).map_err(|error| Error::Model(error.to_string()))
}

/// The derivatives of an answer by each of the parameters, a JSON list.
#[pyfunction]
#[pyo3(signature = (solution, question, against, parameters))]
pub fn derivative<'py>(
    py: Python<'py>,
    solution: &Solution,
    question: &str,
    against: Option<&Solution>,
    parameters: &str,
) -> Answer<'py> {
    let found = door::enter(py, |stop| {
        let asked = result::question(question, against.map(|other| other.0.clone()))?;
        crate::evidence::derivative::derivative(&solution.0, &asked, &self::parameters(parameters)?, stop)
    })?;
    to_python(py, found)
}

/// A parameter's start and bounds; None: as the model has it, and what is admissible.
type Limits = (Option<f64>, Option<f64>, Option<f64>);

/// Fits parameters, with `(start, low, high)` each, to `observed` in `rows` of a column of the answer.
/// Gives `solution, value, start, low, high, at_bound, covariance, fitted, iterations, converged, rank,
/// condition, weakest`.
#[pyfunction]
#[pyo3(signature = (model, scenario, question, against, *, at, column, rows, observed, weight, parameters, limits))]
#[allow(clippy::too_many_arguments)]
pub fn fit<'py>(
    py: Python<'py>,
    model: &Armington,
    scenario: &str,
    question: &str,
    against: Option<&Solution>,
    at: Option<&str>,
    column: &str,
    rows: Vec<usize>,
    observed: PyReadonlyArray1<'py, f64>,
    weight: PyReadonlyArray1<'py, f64>,
    parameters: &str,
    limits: Vec<Limits>,
) -> PyResult<Bound<'py, PyDict>> {
    let (observed, weight) = (observed.as_array().to_vec(), weight.as_array().to_vec());
    let found = door::enter(py, |stop| {
        let question = result::question(question, against.map(|other| other.0.clone()))?;
        let data = Data { question: &question, column, rows: &rows, observed: &observed, weight: &weight };
        let asked = self::parameters(parameters)?.into_iter().zip(limits);
        let free: Vec<Free> = asked.map(|(asked, (start, low, high))| Free { asked, start, low, high }).collect();
        let options = Options { at: parsed(at)?, ..Options::default() };
        crate::evidence::fit::fit(&model.0, &read(scenario)?, options, &data, &free, stop)
    })?;
    let (low, high): (Vec<f64>, Vec<f64>) = found.bounds.into_iter().unzip();
    let n = found.value.len();
    let covariance = Array2::from_shape_fn((n, n), |place| found.covariance[place]);
    let answer = PyDict::new(py);
    answer.set_item("solution", Solution(std::sync::Arc::new(found.solution)).into_bound_py_any(py)?)?;
    answer.set_item("value", PyArray1::from_vec(py, found.value))?;
    answer.set_item("start", PyArray1::from_vec(py, found.start))?;
    answer.set_item("low", PyArray1::from_vec(py, low))?;
    answer.set_item("high", PyArray1::from_vec(py, high))?;
    answer.set_item("at_bound", PyArray1::from_vec(py, found.at_bound))?;
    answer.set_item("covariance", PyArray2::from_owned_array(py, covariance))?;
    answer.set_item("fitted", PyArray1::from_vec(py, found.fitted))?;
    answer.set_item("iterations", found.iterations)?;
    answer.set_item("converged", found.converged)?;
    answer.set_item("rank", found.rank)?;
    answer.set_item("condition", found.condition)?;
    answer.set_item("weakest", found.weakest)?;
    Ok(answer)
}

/// A table of columns and units.
type Columns<'py> = (Bound<'py, PyDict>, Bound<'py, PyDict>);

/// Implied wedges and shifts; flows left out, their value, and that of all observed flows.
/// `normalisation`: "prices" or "shifters".
#[pyfunction]
#[pyo3(signature = (model, observed, *, period, normalisation, leave_out))]
pub fn invert<'py>(
    py: Python<'py>,
    model: &Armington,
    observed: &Flows,
    period: &str,
    normalisation: &str,
    leave_out: bool,
) -> PyResult<(Columns<'py>, Columns<'py>, usize, f64, f64)> {
    let normalisation = match normalisation {
        "shifters" => Normalisation::Shifters,
        _ => Normalisation::Prices,
    };
    let found =
        door::enter(py, |_| inversion::invert(&model.0, &observed.0, self::period(period)?, normalisation, leave_out))?;
    let left_out = found.left_out;
    let (wedges, shifts) = (to_python(py, found.wedges)?, to_python(py, found.shifts)?);
    Ok((wedges, shifts, left_out.flows, left_out.value, left_out.observed))
}

/// `method`: "cms" or "lmdi".
#[pyfunction]
#[pyo3(signature = (before, after, *, method, by_commodity))]
pub fn decompose<'py>(py: Python<'py>, before: &Flows, after: &Flows, method: &str, by_commodity: bool) -> Answer<'py> {
    let method = match method {
        "lmdi" => Decomposition::LogMeanDivisia,
        _ => Decomposition::ConstantMarketShare,
    };
    let found = door::enter(py, |_| decomposition::decompose(&before.0, &after.0, method, by_commodity))?;
    to_python(py, found)
}
