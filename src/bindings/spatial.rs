//! The spatial model and its solutions.

use std::sync::Arc;

use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::data::{Flows, period};
use super::model::{or_error, parsed};
use super::scenario::read;
use super::table::to_python;
use super::{door, errors};
use crate::data::baseline::TariffRow;
use crate::data::{Baseline, Curve, Date, Facility, Network, Table};
use crate::error::{Error, Result};
use crate::model::spatial::Calibration;
use crate::result::spatial::amounts::Question;
use crate::result::{By, SpatialSolution as Solved};
use crate::scenario::select::{Groups, Selector};
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
type Answer<'py> = PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)>;

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

impl SpatialSolution {
    fn ask<'py>(&self, py: Python<'py>, question: impl FnOnce(&Solved) -> Result<Table> + Send) -> Answer<'py> {
        let solution = self.0.clone();
        let table = door::enter(py, move |_| question(&solution))?;
        to_python(py, table)
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

    #[allow(clippy::type_complexity)]
    fn segments(&self) -> Vec<(Option<(String, String)>, f64, Vec<f64>)> {
        let written = |days: Option<(Date, Date)>| days.map(|(first, last)| (first.to_string(), last.to_string()));
        self.0.compiled.segments.iter().map(|s| (written(s.days), s.weight, s.force.clone())).collect()
    }

    fn flows<'py>(&self, py: Python<'py>) -> Answer<'py> {
        self.table(py, "flows")
    }

    /// A table without arguments, by its name.
    fn table<'py>(&self, py: Python<'py>, name: &str) -> Answer<'py> {
        let question: fn(&Solved) -> Table = match name {
            "flows" => Solved::flows,
            "prices" => Solved::prices,
            "routes" => Solved::routes,
            "facilities" => Solved::facilities,
            "price_caps" => Solved::price_caps,
            "quotas" => Solved::quotas,
            "shifts" => Solved::shifts,
            "closed" => Solved::closed,
            "certificate" => Solved::certificate,
            _ => return Err(pyo3::exceptions::PyKeyError::new_err(name.to_string())),
        };
        self.ask(py, move |solution| Ok(question(solution)))
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

    /// As `revenue`.
    #[pyo3(signature = (exporter, reference, groups))]
    fn discount<'py>(
        &self,
        py: Python<'py>,
        exporter: Vec<String>,
        reference: Option<Vec<String>>,
        groups: Groups,
    ) -> Answer<'py> {
        self.ask(py, move |solution| {
            let select = |terms: Vec<String>| solution.select(&Selector(terms), &groups);
            solution.discount(&select(exporter)?, reference.map(select).transpose()?.as_ref())
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
