//! Input–output tables.

use std::sync::Arc;

use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3};
use pyo3::prelude::*;

use super::door;
use crate::data::{self, input_output::Shares};

#[pyclass(frozen, module = "tradewinds._core")]
pub struct InputOutput(pub Arc<data::InputOutput>);

#[pymethods]
impl InputOutput {
    #[new]
    #[pyo3(signature = (*, countries, sectors, import_share, input_share, value_added_share, final_share, value_added, tariff_power, deficit))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        countries: Vec<String>,
        sectors: Vec<String>,
        import_share: PyReadonlyArray3<'_, f64>,
        input_share: PyReadonlyArray3<'_, f64>,
        value_added_share: PyReadonlyArray2<'_, f64>,
        final_share: PyReadonlyArray2<'_, f64>,
        value_added: PyReadonlyArray1<'_, f64>,
        tariff_power: Option<PyReadonlyArray3<'_, f64>>,
        deficit: Option<PyReadonlyArray1<'_, f64>>,
    ) -> PyResult<Self> {
        let shares = Shares {
            import_share: import_share.as_array().to_owned(),
            input_share: input_share.as_array().to_owned(),
            value_added_share: value_added_share.as_array().to_owned(),
            final_share: final_share.as_array().to_owned(),
            value_added: value_added.as_array().to_owned(),
            tariff_power: tariff_power.map(|power| power.as_array().to_owned()),
            deficit: deficit.map(|deficit| deficit.as_array().to_owned()),
        };
        door::enter(py, |_| data::InputOutput::new(countries, sectors, shares)).map(|table| Self(Arc::new(table)))
    }

    #[getter]
    fn countries(&self) -> Vec<String> {
        self.0.countries.names().to_vec()
    }

    #[getter]
    fn sectors(&self) -> Vec<String> {
        self.0.sectors.names().to_vec()
    }

    #[getter]
    fn import_share<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray3<f64>> {
        self.0.shares.import_share.clone().into_pyarray(py)
    }

    #[getter]
    fn input_share<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray3<f64>> {
        self.0.shares.input_share.clone().into_pyarray(py)
    }

    #[getter]
    fn value_added_share<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.0.shares.value_added_share.clone().into_pyarray(py)
    }

    #[getter]
    fn final_share<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.0.shares.final_share.clone().into_pyarray(py)
    }

    #[getter]
    fn value_added<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.0.shares.value_added.clone().into_pyarray(py)
    }

    #[getter]
    fn tariff_power<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray3<f64>>> {
        self.0.shares.tariff_power.as_ref().map(|power| power.clone().into_pyarray(py))
    }

    #[getter]
    fn deficit<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<f64>>> {
        self.0.shares.deficit.as_ref().map(|deficit| deficit.clone().into_pyarray(py))
    }

    /// `(shares, off, negative, lowest)` of each family that was not exact as given.
    #[getter]
    fn adjustments(&self) -> Vec<(&'static str, f64, usize, f64)> {
        self.0.adjustments.iter().map(|found| (found.shares, found.off, found.negative, found.lowest)).collect()
    }
}
