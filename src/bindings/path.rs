//! Paths over time, and elasticities that adjust.

use std::sync::Arc;

use numpy::{PyArray2, PyReadonlyArray2};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use super::general::{General, GeneralSolution};
use super::model::{Armington, or_error};
use super::result::Solution;
use super::scenario::read;
use super::spatial::{Spatial, SpatialSolution};
use super::{door, errors};
use crate::data::{Adjusting, Horizon, Period};
use crate::error::{Error, Result};
use crate::scenario::schedule::{check_consecutive, share_in_force};

/// Long-run values and half-lives by commodity and country; None: it does not adjust.
type HorizonArrays<'py> = Option<(PyReadonlyArray2<'py, f64>, PyReadonlyArray2<'py, f64>)>;
type HorizonTables<'py> = Option<(Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>)>;

fn horizon(arrays: HorizonArrays<'_>) -> Option<Horizon> {
    let (long, half_life) = arrays?;
    Some(Horizon { long: long.as_array().to_owned(), half_life: half_life.as_array().to_owned() })
}

fn tables<'py>(py: Python<'py>, adjusting: &Adjusting) -> [HorizonTables<'py>; 3] {
    adjusting.named().map(|(_, horizon)| {
        let horizon = horizon.as_ref()?;
        Some((PyArray2::from_array(py, &horizon.long), PyArray2::from_array(py, &horizon.half_life)))
    })
}

pub(super) fn parsed(periods: &[String]) -> Result<Vec<Period>> {
    periods.iter().map(|text| text.parse().map_err(Error::Scenario)).collect()
}

/// A model of any kind.
#[derive(FromPyObject)]
pub enum AnyModel<'py> {
    Armington(Bound<'py, Armington>),
    Spatial(Bound<'py, Spatial>),
    General(Bound<'py, General>),
}

/// The model with elasticities that adjust: long-run values and half-lives.
#[pyfunction]
#[pyo3(signature = (model, *, substitution, demand, supply))]
pub fn with_adjusting<'py>(
    py: Python<'py>,
    model: AnyModel<'py>,
    substitution: HorizonArrays<'py>,
    demand: HorizonArrays<'py>,
    supply: HorizonArrays<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let [substitution, demand, supply] = [substitution, demand, supply].map(horizon);
    let adjusting = Adjusting { substitution, demand, supply };
    match model {
        AnyModel::Armington(model) => {
            let model = &model.get().0;
            let made = door::enter(py, move |_| {
                let (elasticities, flows) = ((*model.elasticities).clone(), &model.baseline.flows);
                let elasticities = elasticities.with_adjusting(adjusting, &flows.commodities, &flows.countries)?;
                Ok(crate::model::Armington { elasticities: Arc::new(elasticities), ..model.clone() })
            })?;
            Armington(made).into_bound_py_any(py)
        }
        AnyModel::Spatial(model) => {
            let model = &model.get().0;
            let made = door::enter(py, move |_| model.clone().with_adjusting(adjusting))?;
            Spatial(made).into_bound_py_any(py)
        }
        AnyModel::General(_) => {
            Err(errors::to_python(py, Error::Model("trade elasticities do not adjust".to_string())))
        }
    }
}

/// Of `substitution, demand, supply`: long-run values and half-lives, or None.
#[pyfunction]
pub fn adjusting<'py>(py: Python<'py>, model: AnyModel<'py>) -> [HorizonTables<'py>; 3] {
    match model {
        AnyModel::Armington(model) => tables(py, &model.get().0.elasticities.adjusting),
        AnyModel::Spatial(model) => tables(py, &model.get().0.adjusting),
        AnyModel::General(_) => tables(py, &Adjusting::default()),
    }
}

/// A solution a period, or its error: a KeyboardInterrupt for those that Ctrl-C kept from being solved. The watcher is called with the solves done and all there are.
#[pyfunction]
#[pyo3(signature = (model, scenario, *, periods, leave_out, watcher))]
pub fn solve_path<'py>(
    py: Python<'py>,
    model: AnyModel<'py>,
    scenario: &str,
    periods: Vec<String>,
    leave_out: bool,
    watcher: Option<Py<PyAny>>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    match model {
        AnyModel::Armington(model) => {
            let model = &model.get().0;
            let (found, _) = door::enter_partly(py, watcher, |stop, progress| {
                let told = |done, total| progress.tell(done, total);
                crate::solve_path(model, &read(scenario)?, &parsed(&periods)?, leave_out, stop, &told)
            })?;
            let member = |solution| Solution(Arc::new(solution)).into_bound_py_any(py);
            found.into_iter().map(|one| or_error(py, one, member)).collect()
        }
        AnyModel::Spatial(model) => {
            let model = &model.get().0;
            let (found, _) = door::enter_partly(py, watcher, |stop, progress| {
                let told = |done, total| progress.tell(done, total);
                crate::solve_spatial_path(model, &read(scenario)?, &parsed(&periods)?, leave_out, stop, &told)
            })?;
            let member = |solution| SpatialSolution(Arc::new(solution)).into_bound_py_any(py);
            found.into_iter().map(|one| or_error(py, one, member)).collect()
        }
        AnyModel::General(model) => {
            let model = &model.get().0;
            let (found, _) = door::enter_partly(py, watcher, |stop, progress| {
                let told = |done, total| progress.tell(done, total);
                crate::solve_general_path(model, &read(scenario)?, &parsed(&periods)?, leave_out, stop, &told)
            })?;
            let member = |solution| GeneralSolution(Arc::new(solution)).into_bound_py_any(py);
            found.into_iter().map(|one| or_error(py, one, member)).collect()
        }
    }
}

/// Refuses periods that do not follow on each other.
#[pyfunction]
pub fn check_periods(py: Python<'_>, periods: Vec<String>) -> PyResult<()> {
    door::enter(py, |_| check_consecutive(&parsed(&periods)?))
}

/// The share of each measure in force, averaged over the days of each period, and the first day of each
/// period.
#[pyfunction]
pub fn in_force(py: Python<'_>, scenario: &str, periods: Vec<String>) -> PyResult<Vec<(String, Vec<f64>)>> {
    door::enter(py, |_| {
        let scenario = read(scenario)?;
        let one = |period: Period| (period.first_day().to_string(), share_in_force(&scenario, period));
        Ok(parsed(&periods)?.into_iter().map(one).collect())
    })
}
