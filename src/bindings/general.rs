//! General equilibrium: models and their solutions.

use std::path::PathBuf;
use std::sync::Arc;

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::data::{Flows, period};
use super::input_output::InputOutput;
use super::model::{or_error, parsed};
use super::result::{Answer, Segment, ask, segments, tabled};
use super::scenario::read;
use super::table::to_python;
use super::{door, errors};
use crate::data::one_sector::one_sector;
use crate::data::{Column, PartRow, Parts, Table};
use crate::error::{Error, Result};
use crate::model::general::nest::Nests;
use crate::model::general::{Deficits, Settings};
use crate::result::GeneralSolution as Solved;
use crate::result::shifts::shifts;
use crate::{Options, model, solve_general_each};

#[pyclass(frozen, module = "tradewinds._core")]
pub struct General(pub model::General);

#[pyclass(frozen, module = "tradewinds._core")]
pub struct GeneralSolution(pub Arc<Solved>);

/// Commodity, sector, exporter, importer (None is any), share.
type PartTuple = (String, u32, Option<u32>, Option<u32>, f64);

fn deficits(text: &str) -> Result<Deficits> {
    match text {
        "zero" => Ok(Deficits::Zero),
        "additive" => Ok(Deficits::Additive),
        "multiplicative" => Ok(Deficits::Multiplicative),
        _ => Err(Error::Model(format!("deficits is '{text}'; expected 'additive', 'multiplicative' or 'zero'"))),
    }
}

fn named(deficits: Deficits) -> &'static str {
    match deficits {
        Deficits::Zero => "zero",
        Deficits::Additive => "additive",
        Deficits::Multiplicative => "multiplicative",
    }
}

#[pymethods]
impl General {
    /// Of an input–output table. `nests`: elasticities between value added and inputs, between inputs, and
    /// between goods.
    #[staticmethod]
    #[pyo3(signature = (table, *, trade_elasticity, deficits, nests, period, currency, parts))]
    #[allow(clippy::too_many_arguments)]
    fn of_table(
        py: Python<'_>,
        table: &InputOutput,
        trade_elasticity: PyReadonlyArray1<'_, f64>,
        deficits: &str,
        nests: (f64, f64, f64),
        period: &str,
        currency: String,
        parts: Vec<PartTuple>,
    ) -> PyResult<Self> {
        let trade_elasticity = trade_elasticity.as_array().to_vec();
        let table = table.0.clone();
        door::enter(py, move |stop| {
            let settings = Settings {
                trade_elasticity,
                deficits: self::deficits(deficits)?,
                nests: Nests { value_added: nests.0, inputs: nests.1, goods: nests.2 },
                period: self::period(period)?,
                currency,
            };
            let row = |(part, whole, exporter, importer, share)| PartRow { part, whole, exporter, importer, share };
            let parts = match parts.is_empty() {
                true => None,
                false => Some(Parts::new(parts.into_iter().map(row).collect(), &table.sectors)?),
            };
            model::General::new(&table, settings, parts, stop)
        })
        .map(Self)
    }

    /// Of flows of one commodity with domestic sales.
    #[staticmethod]
    #[pyo3(signature = (flows, *, period, trade_elasticity, deficits))]
    fn of_flows(
        py: Python<'_>,
        flows: &Flows,
        period: &str,
        trade_elasticity: PyReadonlyArray1<'_, f64>,
        deficits: &str,
    ) -> PyResult<Self> {
        let trade_elasticity = trade_elasticity.as_array().to_vec();
        let flows = flows.0.clone();
        door::enter(py, move |stop| {
            let period = self::period(period)?;
            let table = Arc::new(one_sector(&flows, period)?);
            let settings = Settings {
                trade_elasticity,
                deficits: self::deficits(deficits)?,
                nests: Nests::default(),
                period,
                currency: flows.units.currency.clone(),
            };
            model::General::new(&table, settings, None, stop)
        })
        .map(Self)
    }

    /// Sectors as commodities, at the baseline equilibrium.
    #[getter]
    fn flows(&self) -> Flows {
        Flows(self.0.baseline.flows.clone())
    }

    /// Largest |ŵ − 1| from the table to the baseline equilibrium.
    #[getter]
    fn rebalanced(&self) -> f64 {
        self.0.rebalanced
    }

    /// What it was made of.
    #[getter]
    fn table(&self) -> InputOutput {
        InputOutput(self.0.given.table.clone())
    }

    /// What becomes of deficits, and the elasticities between value added and inputs, between inputs, and between
    /// goods.
    fn settings(&self) -> (&'static str, (f64, f64, f64)) {
        let Settings { deficits, nests, .. } = &self.0.given.settings;
        (named(*deficits), (nests.value_added, nests.inputs, nests.goods))
    }

    #[getter]
    fn trade_elasticity<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.0.given.settings.trade_elasticity.clone().into_pyarray(py)
    }

    #[getter]
    fn has_tariffs(&self) -> bool {
        self.0.economy.border_share.is_some()
    }

    /// `commodity, sector, exporter, importer, share`.
    fn parts<'py>(&self, py: Python<'py>) -> Answer<'py> {
        let flows = &self.0.baseline.flows;
        let rows = self.0.baseline.parts().map_or(&[][..], |parts| &parts.rows);
        let country =
            |code: Option<u32>| code.map_or("*".to_string(), |i| flows.countries.name(i as usize).to_string());
        let sectors: Vec<u32> = rows.iter().map(|row| row.whole).collect();
        let table = Table::default()
            .text("commodity", rows.iter().map(|row| row.part.clone()).collect())
            .with("sector", Column::Label { codes: sectors, labels: flows.commodities.names().into() })
            .text("exporter", rows.iter().map(|row| country(row.exporter)).collect())
            .text("importer", rows.iter().map(|row| country(row.importer)).collect())
            .number("share", "share of the sector's flow", rows.iter().map(|row| row.share).collect());
        to_python(py, table)
    }

    /// Solves a scenario given as JSON of the file format.
    #[pyo3(signature = (scenario, *, at, leave_out))]
    fn solve(&self, py: Python<'_>, scenario: &str, at: Option<&str>, leave_out: bool) -> PyResult<GeneralSolution> {
        door::enter(py, |stop| {
            let options = Options { at: parsed(at)?, leave_out, ..Options::default() };
            let one = solve_general_each(&self.0, &[read(scenario)?], options, stop)?;
            one.into_iter().next().expect("as many solutions as scenarios")
        })
        .map(|solution| GeneralSolution(Arc::new(solution)))
    }

    /// Solves many scenarios: a solution each, or its error.
    #[pyo3(signature = (scenarios, *, at, leave_out))]
    fn solve_many<'py>(
        &self,
        py: Python<'py>,
        scenarios: Vec<String>,
        at: Option<&str>,
        leave_out: bool,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let solved = door::enter(py, |stop| {
            let scenarios = scenarios.iter().map(|scenario| read(scenario)).collect::<Result<Vec<_>>>()?;
            let options = Options { at: parsed(at)?, leave_out, ..Options::default() };
            solve_general_each(&self.0, &scenarios, options, stop)
        })?;
        let member = |solution| GeneralSolution(Arc::new(solution)).into_bound_py_any(py);
        solved.into_iter().map(|one| or_error(py, one, member)).collect()
    }
}

#[pymethods]
impl GeneralSolution {
    /// Writes the solution to a file, whole or not at all; `notes` is JSON.
    fn save(&self, py: Python<'_>, path: PathBuf, notes: &str) -> PyResult<()> {
        door::enter(py, |stop| self.0.save(&path, notes, stop))
    }

    #[getter]
    fn model(&self) -> General {
        General(self.0.model.clone())
    }

    /// JSON of the file format.
    fn scenario(&self, py: Python<'_>) -> PyResult<String> {
        self.0.scenario.to_json().map_err(|error| errors::to_python(py, error))
    }

    /// What the solution follows from, but for its scenario: equal where solving gives the same.
    fn inputs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        door::enter(py, |_| Ok(self.0.inputs())).map(|inputs| PyBytes::new(py, inputs.as_bytes()))
    }

    /// `at, unsupported`.
    fn settings(&self) -> (Option<String>, &'static str) {
        let options = &self.0.options;
        (options.at.map(|period| period.to_string()), if options.leave_out { "leave_out" } else { "raise" })
    }

    /// `converged, iterations, residual, reason`.
    fn status(&self) -> (bool, usize, f64, String) {
        let status = self.0.status();
        (status.converged, status.iterations, status.residual, status.reason.into_owned())
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
        let asked: Option<fn(&Solved) -> Table> = match name {
            "flows" => Some(Solved::flows),
            "prices" => Some(Solved::prices),
            "wages" => Some(Solved::wages),
            "real_income" => Some(Solved::real_income),
            "wedges" => Some(Solved::wedges),
            "shifts" => Some(shifts),
            "closed" => Some(Solved::closed),
            "certificate" => Some(Solved::certificate),
            _ => None,
        };
        tabled(py, &*self.0, name, asked)
    }

    /// A question as JSON; `against` is the other solution of a diversion.
    #[pyo3(signature = (question, against=None))]
    fn ask<'py>(&self, py: Python<'py>, question: &str, against: Option<&Self>) -> Answer<'py> {
        ask(py, &self.0, question, against.map(|other| other.0.clone()))
    }

    /// Exact, with the decomposition in midpoint steps; or of first order.
    #[pyo3(signature = (*, by_sector, first_order, steps))]
    fn welfare<'py>(&self, py: Python<'py>, by_sector: bool, first_order: bool, steps: Option<usize>) -> Answer<'py> {
        let table = door::enter(py, |stop| match first_order {
            true => Ok(self.0.welfare_first_order(by_sector)),
            false => self.0.welfare(by_sector, steps, stop),
        })?;
        to_python(py, table)
    }
}
