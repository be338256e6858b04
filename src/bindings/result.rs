//! Questions to a solution: each gives `(columns, units)`.

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::model::Armington;
use super::table::to_python;
use super::{door, errors};
use crate::data::{Date, Table};
use crate::error::Result;
use crate::result::ledger::Question;
use crate::result::{self, By, file};
use crate::scenario::Exposure;
use crate::scenario::select::{Groups, Selector};

#[pyclass(frozen, module = "tradewinds._core")]
pub struct Solution(pub Arc<result::Solution>);

/// First and last day, weight, share of each measure in force.
type Segment = (Option<(String, String)>, f64, Vec<f64>);
pub type Answer<'py> = PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)>;

impl Solution {
    fn ask<'py>(
        &self,
        py: Python<'py>,
        question: impl FnOnce(&result::Solution) -> Result<Table> + Send,
    ) -> Answer<'py> {
        let solution = self.0.clone();
        let table = door::enter(py, move |_| question(&solution))?;
        to_python(py, table)
    }
}

/// A saved solution, and the notes saved with it.
#[pyfunction]
pub fn load_solution(py: Python<'_>, path: PathBuf) -> PyResult<(Solution, String)> {
    let loaded = door::enter(py, |stop| crate::load_solution(file::open(&path)?, &path.display().to_string(), stop));
    loaded.map(|(solution, notes)| (Solution(Arc::new(solution)), notes))
}

/// As [`load_solution`], of the bytes of [`Solution::to_bytes`].
#[pyfunction]
pub fn solution_from_bytes(py: Python<'_>, data: &[u8]) -> PyResult<(Solution, String)> {
    let loaded = door::enter(py, |stop| crate::load_solution(Cursor::new(data), "the pickled result", stop));
    loaded.map(|(solution, notes)| (Solution(Arc::new(solution)), notes))
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
        let written = |days: Option<(Date, Date)>| days.map(|(first, last)| (first.to_string(), last.to_string()));
        self.0.compiled.segments.iter().map(|s| (written(s.days), s.weight, s.force.clone())).collect()
    }

    fn flows<'py>(&self, py: Python<'py>) -> Answer<'py> {
        self.ask(py, |solution| Ok(solution.flows()))
    }

    fn prices<'py>(&self, py: Python<'py>) -> Answer<'py> {
        self.ask(py, |solution| Ok(solution.prices()))
    }

    fn wedges<'py>(&self, py: Python<'py>) -> Answer<'py> {
        self.ask(py, |solution| Ok(solution.wedges()))
    }

    fn shifts<'py>(&self, py: Python<'py>) -> Answer<'py> {
        self.ask(py, |solution| Ok(solution.shifts()))
    }

    fn quotas<'py>(&self, py: Python<'py>) -> Answer<'py> {
        self.ask(py, |solution| Ok(solution.quotas()))
    }

    fn closed<'py>(&self, py: Python<'py>) -> Answer<'py> {
        self.ask(py, |solution| Ok(solution.closed()))
    }

    fn certificate<'py>(&self, py: Python<'py>) -> Answer<'py> {
        self.ask(py, |solution| Ok(solution.certificate()))
    }

    fn shares<'py>(&self, py: Python<'py>, exporter: Vec<String>, groups: Groups) -> Answer<'py> {
        self.ask(py, move |solution| Ok(solution.shares(&solution.select(&Selector(exporter), &groups)?)))
    }

    fn destinations<'py>(&self, py: Python<'py>, exporter: Vec<String>, groups: Groups) -> Answer<'py> {
        self.ask(py, move |solution| Ok(solution.destinations(&solution.select(&Selector(exporter), &groups)?)))
    }

    fn share_shift<'py>(
        &self,
        py: Python<'py>,
        exporter: Vec<String>,
        away: Vec<String>,
        toward: Vec<String>,
        groups: Groups,
    ) -> Answer<'py> {
        self.ask(py, move |solution| {
            let select = |terms: Vec<String>| solution.select(&Selector(terms), &groups);
            Ok(solution.share_shift(&select(exporter)?, &select(away)?, &select(toward)?))
        })
    }

    /// `by`: "total", "destination" or "supplier".
    #[pyo3(signature = (exporter, importers, by, groups, against))]
    fn diversion<'py>(
        &self,
        py: Python<'py>,
        exporter: Vec<String>,
        importers: Vec<String>,
        by: &str,
        groups: Groups,
        against: Option<&Self>,
    ) -> Answer<'py> {
        let against = against.map(|other| other.0.clone());
        self.ask(py, move |solution| {
            let select = |terms: Vec<String>| solution.select(&Selector(terms), &groups);
            let (exporters, importers) = (select(exporter)?, select(importers)?);
            let question = Question { exporters: &exporters, importers: &importers, against: against.as_deref() };
            match by {
                "destination" => solution.diversion_by_destination(&question),
                "supplier" => solution.diversion_by_supplier(&question),
                _ => solution.diversion(&question),
            }
        })
    }

    /// `by`: "country", "commodity" or "country_commodity".
    fn welfare<'py>(&self, py: Python<'py>, by: &str, choke: f64) -> Answer<'py> {
        let by = match by {
            "commodity" => By::Commodity,
            "country_commodity" => By::CountryCommodity,
            _ => By::Country,
        };
        self.ask(py, move |solution| Ok(solution.welfare(by, choke)))
    }

    /// `reference`: None is every other exporter.
    #[pyo3(signature = (exporter, reference, groups))]
    fn revenue<'py>(
        &self,
        py: Python<'py>,
        exporter: Vec<String>,
        reference: Option<Vec<String>>,
        groups: Groups,
    ) -> Answer<'py> {
        self.ask(py, move |solution| {
            let select = |terms: Vec<String>| solution.select(&Selector(terms), &groups);
            solution.revenue(&select(exporter)?, reference.map(select).transpose()?.as_ref())
        })
    }

    /// Rows of the roles whose selector is given.
    #[pyo3(signature = (exporter, importer, groups))]
    fn concentration<'py>(
        &self,
        py: Python<'py>,
        exporter: Option<Vec<String>>,
        importer: Option<Vec<String>>,
        groups: Groups,
    ) -> Answer<'py> {
        self.ask(py, move |solution| {
            let select = |terms: Option<Vec<String>>| terms.map(|t| solution.select(&Selector(t), &groups)).transpose();
            Ok(solution.concentration(select(exporter)?.as_ref(), select(importer)?.as_ref()))
        })
    }
}
