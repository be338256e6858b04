//! The spatial model and its solutions.

use std::sync::Arc;

use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use super::data::{Flows, period};
use super::model::{or_error, parsed};
use super::result::{Answer, Segment, ask, segments, tabled};
use super::scenario::read;
use super::table::to_python;
use super::{door, errors};
use crate::data::baseline::TariffRow;
use crate::data::{Baseline, Curve, Date, Facility, Network, Table};
use crate::error::{Error, Result};
use crate::model::spatial::Calibration;
use crate::result::SpatialSolution as Solved;
use crate::result::shifts::shifts;
use crate::result::trade::Trade;
use crate::scenario::Selector;
use crate::{Options, data, model, solve_spatial, solve_spatial_each};

#[pyclass(frozen, module = "tradewinds._core")]
pub struct Spatial(pub model::Spatial);

#[pyclass(frozen, module = "tradewinds._core")]
pub struct SpatialSolution(Arc<Solved>);

/// Name, commodity, positions of its routes among the flows, capacities with their first days, owner.
type FacilityRow = (String, usize, Vec<usize>, Vec<(Option<String>, f64)>, Option<usize>);
/// Commodity, country, and either "linear", intercept, slope or "isoelastic", price, quantity,
/// elasticity.
type CurveRow = (usize, usize, String, f64, f64, f64);
type TariffColumns<'py> =
    (PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, f64>);

fn network(flows: &data::Flows, freight: Vec<f64>, facilities: Vec<FacilityRow>) -> Result<Network> {
    let made = facilities.into_iter().map(|(name, commodity, rows, capacities, owner)| {
        let start = flows.range(0, commodity).start;
        let day = |text: String| text.parse::<Date>().map_err(Error::Data);
        let mut rows: Vec<u32> = rows.into_iter().map(|row| (row - start) as u32).collect();
        rows.sort_unstable();
        rows.dedup();
        let capacities = capacities
            .into_iter()
            .map(|(from, capacity)| Ok((from.map(day).transpose()?, capacity)))
            .collect::<Result<Vec<_>>>()?;
        Ok(Facility { name, commodity, rows, capacities, owner })
    });
    Network::new(freight, made.collect::<Result<Vec<_>>>()?)
}

fn tables(array: PyReadonlyArray2<'_, f64>) -> Vec<Vec<f64>> {
    array.as_array().rows().into_iter().map(|row| row.to_vec()).collect()
}

#[pymethods]
impl Spatial {
    /// Calibrated to flows of one period, whose rows are all routes, used or not; `freight` by row.
    #[staticmethod]
    #[pyo3(signature = (flows, *, period, demand, supply, freight, facilities, conduct, route_elasticity, straight,
                        price_level, tariffs))]
    #[allow(clippy::too_many_arguments)]
    fn calibrated(
        py: Python<'_>,
        flows: &Flows,
        period: &str,
        demand: PyReadonlyArray2<'_, f64>,
        supply: PyReadonlyArray2<'_, f64>,
        freight: PyReadonlyArray1<'_, f64>,
        facilities: Vec<FacilityRow>,
        conduct: PyReadonlyArray2<'_, f64>,
        route_elasticity: PyReadonlyArray1<'_, f64>,
        straight: bool,
        price_level: Vec<Option<f64>>,
        tariffs: Option<TariffColumns<'_>>,
    ) -> PyResult<Self> {
        let (demand, supply, conduct) = (tables(demand), tables(supply), tables(conduct));
        let (freight, elasticity) = (freight.as_array().to_vec(), route_elasticity.as_array().to_vec());
        let tariffs: Option<Vec<TariffRow>> = tariffs.map(|(exporter, importer, commodity, rate)| {
            let codes = exporter.as_array().to_vec().into_iter().zip(importer.as_array().to_vec());
            let rest = commodity.as_array().to_vec().into_iter().zip(rate.as_array().to_vec());
            codes
                .zip(rest)
                .map(|((exporter, importer), (commodity, rate))| TariffRow { exporter, importer, commodity, rate })
                .collect()
        });
        let flows = flows.0.clone();
        door::enter(py, move |_| {
            let network = network(&flows, freight, facilities)?;
            let given = |k: usize| Calibration {
                demand: demand[k].clone(),
                supply: supply[k].clone(),
                route_elasticity: elasticity[k],
                straight,
            };
            let calibration: Vec<Calibration> = (0..flows.commodities.len()).map(given).collect();
            let baseline = Baseline::new(flows, self::period(period)?, tariffs.as_deref())?.with_network(network);
            model::Spatial::calibrated(baseline, &calibration, conduct, price_level)
        })
        .map(Self)
    }

    /// Of curves; the values and quantities of `flows`, whose rows are routes, are not read.
    #[staticmethod]
    #[pyo3(signature = (flows, *, period, supply, demand, freight, facilities, conduct))]
    #[allow(clippy::too_many_arguments)]
    fn of_curves(
        py: Python<'_>,
        flows: &Flows,
        period: &str,
        supply: Vec<CurveRow>,
        demand: Vec<CurveRow>,
        freight: PyReadonlyArray1<'_, f64>,
        facilities: Vec<FacilityRow>,
        conduct: PyReadonlyArray2<'_, f64>,
    ) -> PyResult<Self> {
        let (freight, conduct) = (freight.as_array().to_vec(), tables(conduct));
        let flows = flows.0.clone();
        door::enter(py, move |stop| {
            let shape = (flows.commodities.len(), flows.countries.len());
            let curves = |rows: Vec<CurveRow>| {
                let mut found: Vec<Vec<Option<Curve>>> = vec![vec![None; shape.1]; shape.0];
                for (commodity, country, form, a, b, c) in rows {
                    found[commodity][country] = Some(match form.as_str() {
                        "linear" => Curve::Linear { intercept: a, slope: b },
                        _ => Curve::Isoelastic { price: a, quantity: b, elasticity: c },
                    });
                }
                found
            };
            let network = network(&flows, freight, facilities)?;
            let baseline = Baseline::of_routes(flows, self::period(period)?, network)?;
            model::Spatial::of_curves(baseline, curves(supply), curves(demand), conduct, stop)
        })
        .map(Self)
    }

    /// Those of the baseline, dated.
    #[getter]
    fn flows(&self) -> Flows {
        Flows(self.0.baseline.flows.clone())
    }

    /// Names of facilities.
    #[getter]
    fn facilities(&self) -> Vec<String> {
        let network = self.0.baseline.network();
        network.map_or(Vec::new(), |network| network.facilities.iter().map(|facility| facility.name.clone()).collect())
    }

    /// Solves a scenario given as JSON of the file format.
    #[pyo3(signature = (scenario, *, at, leave_out))]
    fn solve(&self, py: Python<'_>, scenario: &str, at: Option<&str>, leave_out: bool) -> PyResult<SpatialSolution> {
        door::enter(py, |stop| {
            let options = Options { at: parsed(at)?, leave_out, ..Options::default() };
            solve_spatial(&self.0, &read(scenario)?, options, stop)
        })
        .map(|solution| SpatialSolution(Arc::new(solution)))
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
            solve_spatial_each(&self.0, &scenarios, options, stop)
        })?;
        let member = |solution| SpatialSolution(Arc::new(solution)).into_bound_py_any(py);
        solved.into_iter().map(|one| or_error(py, one, member)).collect()
    }
}

#[pymethods]
impl SpatialSolution {
    /// JSON of the file format.
    fn scenario(&self, py: Python<'_>) -> PyResult<String> {
        self.0.scenario.to_json().map_err(|error| errors::to_python(py, error))
    }

    /// `at, unsupported`.
    fn settings(&self) -> (Option<String>, &'static str) {
        let options = &self.0.options;
        (options.at.map(|period| period.to_string()), if options.leave_out { "leave_out" } else { "raise" })
    }

    /// `converged, iterations, residual, reason, objective`.
    fn status(&self) -> (bool, usize, f64, String, f64) {
        let status = self.0.status();
        (status.converged, status.iterations, status.residual, status.reason.into_owned(), self.0.objective())
    }

    #[getter]
    fn flows_unique(&self) -> bool {
        self.0.flows_unique()
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings()
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
            "routes" => Some(Solved::routes),
            "facilities" => Some(Solved::facilities),
            "price_caps" => Some(Solved::price_caps),
            "quotas" => Some(Solved::quotas),
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

    /// `reference`: None is every other exporter.
    #[pyo3(signature = (exporter, reference))]
    fn discount<'py>(&self, py: Python<'py>, exporter: Vec<String>, reference: Option<Vec<String>>) -> Answer<'py> {
        let table = door::enter(py, |_| {
            let select = |terms: Vec<String>| self.0.select(&Selector(terms), &self.0.scenario.groups);
            self.0.discount(&select(exporter)?, reference.map(select).transpose()?.as_ref())
        })?;
        to_python(py, table)
    }
}
