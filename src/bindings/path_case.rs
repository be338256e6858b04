//! Paths that are drawn again.

use std::sync::Arc;

use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::door;
use super::path::{AnyModel, parsed};
use super::result::{Answer, question};
use super::sample::{against, drawn, of_armington, of_general, of_spatial, to_python};
use super::scenario::read;
use super::table;
use crate::evidence::sample::paths;
use crate::model;
use crate::path::Journey;

/// The central path of a model.
#[pyclass(frozen, module = "tradewinds._core")]
pub struct PathCase(Kind);

enum Kind {
    Armington(paths::PathCase<model::Armington>),
    Spatial(paths::PathCase<model::Spatial>),
    General(paths::PathCase<model::General>),
}

/// The answer of a path to a question given as JSON.
fn ask<'py, M>(py: Python<'py>, case: &paths::PathCase<M>, json: &str, other: Option<Arc<M::Solution>>) -> Answer<'py>
where
    M: paths::Follows,
{
    let answer = door::enter(py, |_| case.ask(&question(json, other)?))?;
    table::to_python(py, answer)
}

#[pymethods]
impl PathCase {
    /// Solves the central path; a period without an equilibrium is an error.
    #[new]
    #[pyo3(signature = (model, scenario, *, periods, leave_out))]
    fn new(
        py: Python<'_>,
        model: AnyModel<'_>,
        scenario: &str,
        periods: Vec<String>,
        leave_out: bool,
    ) -> PyResult<Self> {
        let journey = || Ok(Journey::of(&read(scenario)?, &parsed(&periods)?, leave_out));
        Ok(Self(match model {
            AnyModel::Armington(model) => {
                let model = model.get().0.clone();
                Kind::Armington(door::enter(py, |stop| paths::PathCase::new(model, journey()?, stop))?)
            }
            AnyModel::Spatial(model) => {
                let model = model.get().0.clone();
                Kind::Spatial(door::enter(py, |stop| paths::PathCase::new(model, journey()?, stop))?)
            }
            AnyModel::General(model) => {
                let model = model.get().0.clone();
                Kind::General(door::enter(py, |stop| paths::PathCase::new(model, journey()?, stop))?)
            }
        }))
    }

    /// The answers of all periods one below the other.
    #[pyo3(signature = (question, against=None))]
    fn ask<'py>(&self, py: Python<'py>, question: &str, against: Option<Bound<'py, PyAny>>) -> Answer<'py> {
        match &self.0 {
            Kind::Armington(case) => ask(py, case, question, against.as_ref().map(of_armington).transpose()?),
            Kind::Spatial(case) => ask(py, case, question, against.as_ref().map(of_spatial).transpose()?),
            Kind::General(case) => ask(py, case, question, against.as_ref().map(of_general).transpose()?),
        }
    }

    /// As `draws`, of whole paths.
    fn draws<'py>(
        &self,
        py: Python<'py>,
        questions: Vec<(String, Option<Bound<'py, PyAny>>)>,
        uncertain: &str,
        values: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let values = values.as_array().as_standard_layout().into_owned();
        let values = values.view();
        let found = match &self.0 {
            Kind::Armington(case) => {
                let asked = against(questions, of_armington)?;
                door::enter(py, |stop| drawn(case, asked, uncertain, values, stop))
            }
            Kind::Spatial(case) => {
                let asked = against(questions, of_spatial)?;
                door::enter(py, |stop| drawn(case, asked, uncertain, values, stop))
            }
            Kind::General(case) => {
                let asked = against(questions, of_general)?;
                door::enter(py, |stop| drawn(case, asked, uncertain, values, stop))
            }
        };
        to_python(py, found?)
    }
}
