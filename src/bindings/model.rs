//! Models.

use std::sync::Arc;

use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::data::{Flows, period};
use super::door;
use super::result::Solution;
use super::scenario::read;
use crate::data::baseline::TariffRow;
use crate::data::{Baseline, Elasticities};
use crate::error::Error;
use crate::scenario::Exposure;
use crate::{Options, model, solve_scenario};

#[pyclass(frozen, module = "tradewinds._core")]
pub struct Armington(model::Armington);

/// Columns of a table of import duties: exporter, importer, commodity positions and rates.
type TariffColumns<'py> =
    (PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, f64>);

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
            let at = at.map(|text| text.parse().map_err(Error::Scenario)).transpose()?;
            let options = Options { at, exposure, first_order, leave_out };
            solve_scenario(&self.0, &read(scenario)?, options, stop)
        })
        .map(|solution| Solution(Arc::new(solution)))
    }
}
