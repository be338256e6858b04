//! Accounts of world tables: made into input–output tables, aggregated, read back.

use std::sync::Arc;

use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3, PyReadonlyArray4};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::door;
use super::errors::to_python;
use super::input_output::InputOutput;
use super::table;
use crate::data::accounts::{Inventories, NegativeValueAdded};
use crate::data::{self, Accounts, Balance, Date, Labels};
use crate::error::{Error, Result};
use crate::scenario::Selector;
use crate::scenario::select::{Context, Groups};

/// A table, and the columns and units of its balance.
pub type Assembled<'py> = (InputOutput, (Bound<'py, PyDict>, Bound<'py, PyDict>));

pub fn settings(inventories: &str, negative_value_added: &str) -> (Inventories, NegativeValueAdded) {
    let inventories = if inventories == "drop" { Inventories::LeaveOut } else { Inventories::Keep };
    let negative = if negative_value_added == "zero" { NegativeValueAdded::Zero } else { NegativeValueAdded::Refuse };
    (inventories, negative)
}

pub fn assembled<'py>(
    py: Python<'py>,
    (found, balance): (data::InputOutput, Balance),
    unit: &str,
) -> PyResult<Assembled<'py>> {
    let report = balance.table(&found.countries, &found.sectors, unit);
    Ok((InputOutput(Arc::new(found)), table::to_python(py, report)?))
}

/// Axes: `intermediate[exporter, sector, importer, use]`, `final_demand` and `inventories`
/// `[exporter, sector, importer]`, `output`, `value_added` and `taxes` `[country, sector]`.
#[pyfunction]
#[pyo3(signature = (*, countries, sectors, intermediate, final_demand, inventories, output, value_added, taxes, keep_inventories, negative_value_added, unit))]
#[allow(clippy::too_many_arguments)]
pub fn table_of_arrays<'py>(
    py: Python<'py>,
    countries: Vec<String>,
    sectors: Vec<String>,
    intermediate: PyReadonlyArray4<'py, f64>,
    final_demand: PyReadonlyArray3<'py, f64>,
    inventories: Option<PyReadonlyArray3<'py, f64>>,
    output: Option<PyReadonlyArray2<'py, f64>>,
    value_added: Option<PyReadonlyArray2<'py, f64>>,
    taxes: Option<PyReadonlyArray2<'py, f64>>,
    keep_inventories: &str,
    negative_value_added: &str,
    unit: &str,
) -> PyResult<Assembled<'py>> {
    let (keep, negative) = settings(keep_inventories, negative_value_added);
    let (intermediate, final_demand) = (intermediate.as_array(), final_demand.as_array());
    let inventories = inventories.as_ref().map(|array| array.as_array());
    let by_sector = |array: Option<PyReadonlyArray2<'py, f64>>| array.map(|array| array.as_array().t().to_owned());
    let (output, value_added, taxes) = (by_sector(output), by_sector(value_added), by_sector(taxes));
    let found = door::enter(py, |_| {
        let mut accounts = Accounts::new(Labels::new(countries), Labels::new(sectors));
        for ((exporter, sector, importer, use_), value) in
            intermediate.indexed_iter().filter(|(_, value)| **value != 0.0)
        {
            accounts.deliver((exporter, sector), (importer, use_), *value)?;
        }
        for (array, inventory) in [(Some(final_demand), false), (inventories, true)] {
            for ((exporter, sector, importer), value) in array.iter().flat_map(|array| array.indexed_iter()) {
                accounts.deliver_finally((exporter, sector), importer, inventory, *value)?;
            }
        }
        (accounts.output, accounts.value_added, accounts.taxes) = (output, value_added, taxes);
        accounts.table(keep, negative)
    })?;
    assembled(py, found, unit)
}

/// Uses are positions of sectors; after them come final demand and inventories.
#[pyfunction]
#[pyo3(signature = (*, countries, sectors, exporter, sector, importer, use_, value, keep_inventories, negative_value_added, unit))]
#[allow(clippy::too_many_arguments)]
pub fn table_of_rows<'py>(
    py: Python<'py>,
    countries: Vec<String>,
    sectors: Vec<String>,
    exporter: PyReadonlyArray1<'py, u32>,
    sector: PyReadonlyArray1<'py, u32>,
    importer: PyReadonlyArray1<'py, u32>,
    use_: PyReadonlyArray1<'py, u32>,
    value: PyReadonlyArray1<'py, f64>,
    keep_inventories: &str,
    negative_value_added: &str,
    unit: &str,
) -> PyResult<Assembled<'py>> {
    let (keep, negative) = settings(keep_inventories, negative_value_added);
    let (exporter, sector, importer) = (exporter.as_array(), sector.as_array(), importer.as_array());
    let (use_, value) = (use_.as_array(), value.as_array());
    let found = door::enter(py, |_| {
        let final_use = sectors.len();
        let mut accounts = Accounts::new(Labels::new(countries), Labels::new(sectors));
        for row in 0..value.len() {
            let seller = (exporter[row] as usize, sector[row] as usize);
            match (importer[row] as usize, use_[row] as usize) {
                user if user.1 < final_use => accounts.deliver(seller, user, value[row])?,
                (buyer, use_) => accounts.deliver_finally(seller, buyer, use_ > final_use, value[row])?,
            }
        }
        accounts.table(keep, negative)
    })?;
    assembled(py, found, unit)
}

/// Every delivery that is not 0: `exporter, sector, importer, use, value[, tariff_power]`.
#[pyfunction]
pub fn table_rows<'py>(
    py: Python<'py>,
    of: &InputOutput,
    final_use: &str,
    unit: &str,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let rows = door::enter(py, |_| of.0.rows(final_use, unit))?;
    table::to_python(py, rows)
}

/// Sums with new names for every country and sector.
#[pyfunction]
pub fn aggregate_table(
    py: Python<'_>,
    of: &InputOutput,
    countries: Vec<String>,
    sectors: Vec<String>,
) -> PyResult<InputOutput> {
    door::enter(py, |_| of.0.aggregate(&countries, &sectors)).map(|found| InputOutput(Arc::new(found)))
}

/// Positions of the countries that a selector takes, groups as of `day`; without a day, of the sectors.
#[pyfunction]
pub fn table_select(
    py: Python<'_>,
    of: &InputOutput,
    terms: Vec<String>,
    groups: Groups,
    day: Option<&str>,
) -> PyResult<Vec<usize>> {
    let found = || -> Result<Vec<usize>> {
        let day: Option<Date> = day.map(|day| day.parse().map_err(Error::Data)).transpose()?;
        let context = match day {
            Some(day) => Context { labels: &of.0.countries, kind: "country", groups: Some((&groups, day)) },
            None => Context { labels: &of.0.sectors, kind: "sector", groups: None },
        };
        Ok(context.resolve(&Selector(terms))?.positions())
    };
    found().map_err(|error| to_python(py, error))
}
