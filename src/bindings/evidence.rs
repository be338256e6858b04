//! What the finished road is asked about observations, and about itself.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use super::door;
use super::model::{Armington, parsed};
use super::result::Solution;
use super::scenario::read;
use super::table::to_python;
use crate::error::{Error, Result};
use crate::evidence::shapley::{self, Method, Unconverged};
use crate::result::ask::Question;

/// A question from JSON; `against` is the other solution of a diversion.
fn question(json: &str, other: Option<&Solution>) -> Result<Question> {
    let mut asked: Question = serde_json::from_str(json).map_err(|error| Error::Model(error.to_string()))?;
    if let Question::Diversion { against, .. } = &mut asked {
        *against = other.map(|solution| solution.0.clone());
    }
    Ok(asked)
}

/// Shapley values: `(values, standard errors or None)`, or the labels of a subset that did not converge.
/// `permutations`: None solves every subset.
#[pyfunction]
#[pyo3(signature = (model, scenario, question, against, *, at, permutations, seed))]
#[allow(clippy::too_many_arguments)]
pub fn attribution<'py>(
    py: Python<'py>,
    model: &Armington,
    scenario: &str,
    question: &str,
    against: Option<&Solution>,
    at: Option<&str>,
    permutations: Option<usize>,
    seed: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let method = permutations.map_or(Method::Exact, |permutations| Method::Sampled { permutations, seed });
    let found = door::enter(py, |stop| {
        let asked = self::question(question, against)?;
        shapley::attribution(&model.0, &read(scenario)?, &asked, parsed(at)?, method, stop)
    })?;
    match found {
        Ok(found) => {
            let errors = found.standard_error.map(|table| to_python(py, table)).transpose()?;
            (to_python(py, found.value)?, errors).into_bound_py_any(py)
        }
        Err(Unconverged(measures)) => measures.into_bound_py_any(py),
    }
}
