//! Tables as a dictionary of columns: arrays, lists of text, or (codes, labels).

use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::data::{Column, Table};

/// `(columns, units)`.
pub fn to_python<'py>(py: Python<'py>, table: Table) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let columns = PyDict::new(py);
    for (name, column) in table.columns {
        match column {
            Column::Number(values) => columns.set_item(name, values.into_pyarray(py))?,
            Column::Count(values) => columns.set_item(name, values.into_pyarray(py))?,
            Column::Flag(values) => columns.set_item(name, values.into_pyarray(py))?,
            Column::Text(values) => columns.set_item(name, values)?,
            Column::Label { codes, labels } => columns.set_item(name, (codes.into_pyarray(py), labels.to_vec()))?,
        }
    }
    let units = PyDict::new(py);
    for (name, unit) in table.units {
        units.set_item(name, unit)?;
    }
    Ok((columns, units))
}
