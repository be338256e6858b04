//! Priors for flows that did not exist.

use std::sync::Arc;

use numpy::ndarray::{ArrayView2, ArrayView3};
use numpy::{PyArray1, PyArray2, PyReadonlyArray2, PyReadonlyArray3};
use pyo3::prelude::*;

use super::data::{Flows, period};
use super::door;
use crate::error::{Error, Result};
use crate::model::prior;

type Observed<'py> = Bound<'py, PyArray1<f64>>;

/// θ of exp(−θ d), per unit of `distance` (countries × countries).
#[pyfunction]
pub fn gravity_decay(
    py: Python<'_>,
    flows: &Flows,
    period: &str,
    commodity: usize,
    distance: PyReadonlyArray2<'_, f64>,
) -> PyResult<f64> {
    let (flows, distance) = (flows.0.clone(), square(distance.as_array(), &flows.0));
    door::enter(py, move |stop| {
        prior::decay(&flows, flows.period_position(self::period(period)?)?, commodity, &distance?, stop)
    })
}

/// The trade of a commodity spread over a kernel, with the margins that were observed.
#[pyfunction]
pub fn gravity_trade<'py>(
    py: Python<'py>,
    flows: &Flows,
    period: &str,
    commodity: usize,
    kernel: PyReadonlyArray2<'_, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (flows, kernel) = (flows.0.clone(), square(kernel.as_array(), &flows.0));
    let n = flows.countries.len();
    let spread = door::enter(py, move |stop| {
        prior::gravity(&flows, flows.period_position(self::period(period)?)?, commodity, &kernel?, stop)
    })?;
    let rows: Vec<Vec<f64>> = spread.chunks_exact(n).map(<[f64]>::to_vec).collect();
    Ok(PyArray2::from_vec2(py, &rows)?)
}

/// The flows of one period mixed with a prediction, and what was observed of each.
#[pyfunction]
pub fn mix_prior<'py>(
    py: Python<'py>,
    flows: &Flows,
    period: &str,
    kernels: PyReadonlyArray3<'_, f64>,
    contestable: PyReadonlyArray2<'_, f64>,
    weight: f64,
) -> PyResult<(Flows, Observed<'py>)> {
    let flows = flows.0.clone();
    let kernels = slices(kernels.as_array(), &flows);
    let contestable: Vec<Vec<f64>> = contestable.as_array().outer_iter().map(|row| row.to_vec()).collect();
    let mixed = door::enter(py, move |stop| {
        let position = flows.period_position(self::period(period)?)?;
        prior::mix(&flows, position, &kernels?, &contestable, weight, stop)
    })?;
    Ok((Flows(Arc::new(mixed.flows)), PyArray1::from_vec(py, mixed.observed)))
}

fn slices(kernels: ArrayView3<'_, f64>, flows: &crate::data::Flows) -> Result<Vec<Vec<f64>>> {
    kernels.outer_iter().map(|kernel| square(kernel, flows)).collect()
}

fn square(matrix: ArrayView2<'_, f64>, flows: &crate::data::Flows) -> Result<Vec<f64>> {
    let n = flows.countries.len();
    match matrix.dim() == (n, n) {
        true => Ok(matrix.iter().copied().collect()),
        false => Err(Error::Data(format!("a matrix has the shape {:?}; expected {n} countries squared", matrix.dim()))),
    }
}
