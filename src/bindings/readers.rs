//! Files as their publishers ship them.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;

use super::accounts::{Assembled, assembled, settings};
use super::data::Flows;
use super::door;
use crate::data::Period;
use crate::data::readers::baci::{Commodity, Published, Wanted};
use crate::data::readers::icio;
use crate::error::{Error, Result};
use crate::run::pool;
use crate::scenario::Selector;
use crate::scenario::select::{Context, Groups};

/// Flows of BACI, and its HS revision and release where its names say so.
#[pyfunction]
#[pyo3(signature = (path, *, years, products, commodities, exporters, importers, watcher))]
#[allow(clippy::too_many_arguments)]
pub fn read_baci(
    py: Python<'_>,
    path: PathBuf,
    years: Vec<i32>,
    products: Vec<String>,
    commodities: Vec<Commodity>,
    exporters: Option<Vec<String>>,
    importers: Option<Vec<String>>,
    watcher: Option<Py<PyAny>>,
) -> PyResult<(Flows, Option<String>, Option<String>)> {
    let read = door::enter_watched(py, watcher, |stop, progress| {
        let wanted = Wanted::new(products, commodities)?;
        let published = Published::open(&path, &years)?;
        let wanted = wanted.between(chosen(&published, exporters)?, chosen(&published, importers)?);
        let flows = published.read(&wanted, pool::threads(), &|done, total| {
            progress.tell(done, total);
            if stop.requested() { Err(Error::Interrupted) } else { Ok(()) }
        })?;
        Ok((flows, published.revision, published.release))
    });
    read.map(|(flows, revision, release)| (Flows(Arc::new(flows)), revision, release))
}

/// An input–output table of the OECD ICIO, its balance, and its year where its name says so.
#[pyfunction]
#[pyo3(signature = (path, *, year, inventories, negative_value_added, unit, watcher))]
pub fn read_oecd_icio<'py>(
    py: Python<'py>,
    path: PathBuf,
    year: Option<i32>,
    inventories: &str,
    negative_value_added: &str,
    unit: &str,
    watcher: Option<Py<PyAny>>,
) -> PyResult<(Assembled<'py>, Option<i32>)> {
    let (inventories, negative) = settings(inventories, negative_value_added);
    let (found, year) = door::enter_watched(py, watcher, |stop, progress| {
        let published = icio::Published::open(&path, year)?;
        let accounts = published.read(pool::threads(), &|done, total| {
            progress.tell(done, total);
            if stop.requested() { Err(Error::Interrupted) } else { Ok(()) }
        })?;
        let found = accounts.table(inventories, negative);
        found.map(|found| (found, published.year)).map_err(|error| published.named(error))
    })?;
    Ok((assembled(py, found, unit)?, year))
}

/// Groups as of the last day of the last year.
fn chosen(published: &Published, terms: Option<Vec<String>>) -> Result<Option<Vec<bool>>> {
    let Some(terms) = terms else { return Ok(None) };
    let groups = Groups::new();
    let day = Period::Year(published.last_year).last_day();
    let context = Context { labels: published.countries(), kind: "country", groups: Some((&groups, day)) };
    Ok(Some(context.resolve(&Selector(terms))?.taken))
}
