//! Models.

use std::sync::Arc;

use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use super::data::{Flows, period};
use super::door;
use super::errors::to_python;
use super::result::Solution;
use super::scenario::read;
use crate::data::baseline::TariffRow;
use crate::data::{Baseline, Elasticities, Period};
use crate::error::{Error, Result};
use crate::scenario::Exposure;
use crate::scenario::coverage::{Coverage, coverage, together};
use crate::{Options, model, solve_scenario, solve_scenarios};

#[pyclass(frozen, module = "tradewinds._core")]
pub struct Armington(pub model::Armington);

/// Columns of a table of import duties: exporter, importer, commodity positions and rates.
type TariffColumns<'py> =
    (PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, f64>);

pub(super) fn parsed(at: Option<&str>) -> Result<Option<Period>> {
    at.map(|text| text.parse().map_err(Error::Scenario)).transpose()
}

/// What `convert` makes of an outcome, or the error as an exception that is not raised.
pub(super) fn or_error<'py, T>(
    py: Python<'py>,
    outcome: Result<T>,
    convert: impl FnOnce(T) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    match outcome {
        Ok(found) => convert(found),
        Err(error) => Ok(to_python(py, error).into_value(py).into_bound(py).into_any()),
    }
}

#[pymethods]
impl Armington {
    #[new]
    #[pyo3(signature = (flows, *, period, substitution, demand, supply, tariffs))]
    fn new(
        py: Python<'_>,
        flows: &Flows,
        period: &str,
        substitution: PyReadonlyArray1<'_, f64>,
        demand: PyReadonlyArray2<'_, f64>,
        supply: PyReadonlyArray2<'_, f64>,
        tariffs: Option<TariffColumns<'_>>,
    ) -> PyResult<Self> {
        let (substitution, demand, supply) =
            (substitution.as_array().to_vec(), demand.as_array().to_owned(), supply.as_array().to_owned());
        let tariffs: Option<Vec<TariffRow>> = tariffs.map(|(exporter, importer, commodity, rate)| {
            let (exporter, importer, commodity) = (exporter.as_array(), importer.as_array(), commodity.as_array());
            rate.as_array()
                .iter()
                .enumerate()
                .map(|(row, &rate)| TariffRow {
                    exporter: exporter[row],
                    importer: importer[row],
                    commodity: commodity[row],
                    rate,
                })
                .collect()
        });
        let flows = flows.0.clone();
        door::enter(py, move |_| {
            let elasticities = Elasticities::new(substitution, demand, supply, &flows.commodities, &flows.countries)?;
            let baseline = Baseline::new(flows, self::period(period)?, tariffs.as_deref())?;
            Ok(model::Armington { baseline: Arc::new(baseline), elasticities: Arc::new(elasticities) })
        })
        .map(Self)
    }

    /// As the constructor, with the power of the duty on each row of the baseline.
    #[staticmethod]
    #[pyo3(signature = (flows, *, period, substitution, demand, supply, tariff_power))]
    fn with_tariff_power(
        py: Python<'_>,
        flows: &Flows,
        period: &str,
        substitution: PyReadonlyArray1<'_, f64>,
        demand: PyReadonlyArray2<'_, f64>,
        supply: PyReadonlyArray2<'_, f64>,
        tariff_power: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<Self> {
        let (substitution, demand, supply) =
            (substitution.as_array().to_vec(), demand.as_array().to_owned(), supply.as_array().to_owned());
        let (flows, power) = (flows.0.clone(), tariff_power.as_array().to_vec());
        door::enter(py, move |_| {
            let elasticities = Elasticities::new(substitution, demand, supply, &flows.commodities, &flows.countries)?;
            let baseline = Baseline::with_powers(flows, self::period(period)?, Some(power))?;
            Ok(model::Armington { baseline: Arc::new(baseline), elasticities: Arc::new(elasticities) })
        })
        .map(Self)
    }

    /// Those of the baseline, dated.
    #[getter]
    fn flows(&self) -> Flows {
        Flows(self.0.baseline.flows.clone())
    }

    #[getter]
    fn period(&self) -> String {
        self.0.baseline.period.to_string()
    }

    /// `substitution, demand, supply`.
    #[getter]
    #[allow(clippy::type_complexity)]
    fn elasticities<'py>(
        &self,
        py: Python<'py>,
    ) -> (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>) {
        let elasticities = &self.0.elasticities;
        (
            PyArray1::from_slice(py, &elasticities.substitution),
            PyArray2::from_array(py, &elasticities.demand),
            PyArray2::from_array(py, &elasticities.supply),
        )
    }

    /// Power of the duty on each row of the baseline; None where no duties are known.
    #[getter]
    fn tariff_power<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<f64>>> {
        self.0.baseline.tariff_power().map(|power| PyArray1::from_slice(py, power))
    }

    /// What each measure of a scenario meets, in order: `(exporters, importers, commodities, flows,
    /// value, trade, refusal)` with numbers of countries and names of commodities, or an error; then the number of
    /// schedule rows without effect, or what is wrong with the measures together.
    #[pyo3(signature = (scenario, *, at))]
    fn check<'py>(
        &self,
        py: Python<'py>,
        scenario: &str,
        at: Option<&str>,
    ) -> PyResult<(Vec<Bound<'py, PyAny>>, Bound<'py, PyAny>)> {
        let support = model::Armington::support(true);
        let (measures, together) = door::enter(py, |_| {
            let (scenario, at) = (read(scenario)?, parsed(at)?);
            let baseline = &self.0.baseline;
            let one = |position| coverage(&scenario, position, baseline, &support);
            let measures: Vec<_> = (0..scenario.measures.len()).map(one).collect();
            Ok((measures, together(&scenario, baseline, at, &support)))
        })?;
        let row = |found: Coverage| {
            let names = found.commodities.iter().map(|&k| self.0.baseline.flows.commodities.name(k)).collect();
            let commodities: Vec<&str> = names;
            let countries = (found.exporters.len(), found.importers.len());
            (countries.0, countries.1, commodities, found.flows, found.value, found.trade, found.refusal)
                .into_bound_py_any(py)
        };
        let measures = measures.into_iter().map(|found| or_error(py, found, row)).collect::<PyResult<_>>()?;
        Ok((measures, or_error(py, together, |rows| rows.into_bound_py_any(py))?))
    }

    /// Solves many scenarios as one list of tasks: a solution each, or its error.
    #[pyo3(signature = (scenarios, *, at, exposure, first_order, leave_out))]
    fn solve_many<'py>(
        &self,
        py: Python<'py>,
        scenarios: Vec<String>,
        at: Option<&str>,
        exposure: &str,
        first_order: bool,
        leave_out: bool,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let exposure = if exposure == "average" { Exposure::Average } else { Exposure::Segments };
        let solved = door::enter(py, |stop| {
            let scenarios = scenarios.iter().map(|scenario| read(scenario)).collect::<Result<Vec<_>>>()?;
            let options = Options { at: parsed(at)?, exposure, first_order, leave_out };
            solve_scenarios(&self.0, &scenarios, options, stop)
        })?;
        let member = |solution| Solution(Arc::new(solution)).into_bound_py_any(py);
        solved.into_iter().map(|one| or_error(py, one, member)).collect()
    }

    /// Solves a scenario given as JSON of the file format.
    #[pyo3(signature = (scenario, *, at, exposure, first_order, leave_out))]
    fn solve(
        &self,
        py: Python<'_>,
        scenario: &str,
        at: Option<&str>,
        exposure: &str,
        first_order: bool,
        leave_out: bool,
    ) -> PyResult<Solution> {
        let exposure = if exposure == "average" { Exposure::Average } else { Exposure::Segments };
        door::enter(py, |stop| {
            let options = Options { at: parsed(at)?, exposure, first_order, leave_out };
            solve_scenario(&self.0, &read(scenario)?, options, stop)
        })
        .map(|solution| Solution(Arc::new(solution)))
    }
}
