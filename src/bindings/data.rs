//! Flows, countries and groups.

use std::sync::Arc;

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::door;
use super::errors::to_python;
use super::table;
use crate::data::{self, Column, Date, Duplicates, FlowRows, Labels, Period, Table, Units, countries};
use crate::error::{Error, Result};
use crate::scenario::select::{Context, Groups};

#[pyclass(frozen, module = "tradewinds._core")]
pub struct Flows(pub Arc<data::Flows>);

pub fn period(text: &str) -> Result<Period> {
    text.parse().map_err(Error::Data)
}

fn positions(codes: PyReadonlyArray1<'_, u32>) -> Vec<u32> {
    codes.as_array().to_vec()
}

#[pymethods]
impl Flows {
    #[new]
    #[pyo3(signature = (*, countries, commodities, periods, modes, currency, quantity_units, period, commodity, exporter, importer, mode, value, quantity, duplicates))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        countries: Vec<String>,
        commodities: Vec<String>,
        periods: Vec<String>,
        modes: Option<Vec<String>>,
        currency: String,
        quantity_units: Vec<String>,
        period: PyReadonlyArray1<'_, u32>,
        commodity: PyReadonlyArray1<'_, u32>,
        exporter: PyReadonlyArray1<'_, u32>,
        importer: PyReadonlyArray1<'_, u32>,
        mode: Option<PyReadonlyArray1<'_, u32>>,
        value: PyReadonlyArray1<'_, f64>,
        quantity: PyReadonlyArray1<'_, f64>,
        duplicates: &str,
    ) -> PyResult<Self> {
        let rows = FlowRows {
            period: positions(period),
            commodity: positions(commodity),
            exporter: positions(exporter),
            importer: positions(importer),
            mode: mode.map(positions),
            value: value.as_array().to_vec(),
            quantity: quantity.as_array().to_vec(),
        };
        let duplicates = if duplicates == "sum" { Duplicates::Sum } else { Duplicates::Raise };
        let units = Units { currency, quantity: quantity_units };
        door::enter(py, move |_| {
            let periods = periods.iter().map(|text| self::period(text)).collect::<Result<_>>()?;
            let labels = (Labels::new(countries), Labels::new(commodities), modes.map(Labels::new));
            data::Flows::new(labels.0, labels.1, periods, labels.2, units, rows, duplicates)
        })
        .map(|flows| Self(Arc::new(flows)))
    }

    fn __len__(&self) -> usize {
        self.0.rows().len()
    }

    #[getter]
    fn countries(&self) -> Vec<String> {
        self.0.countries.names().to_vec()
    }

    #[getter]
    fn commodities(&self) -> Vec<String> {
        self.0.commodities.names().to_vec()
    }

    #[getter]
    fn periods(&self) -> Vec<String> {
        self.0.periods.iter().map(Period::to_string).collect()
    }

    #[getter]
    fn modes(&self) -> Option<Vec<String>> {
        self.0.modes.as_ref().map(|modes| modes.names().to_vec())
    }

    #[getter]
    fn currency(&self) -> &str {
        &self.0.units.currency
    }

    #[getter]
    fn quantity_units(&self) -> Vec<String> {
        self.0.units.quantity.clone()
    }

    /// All rows: `period, commodity, exporter, importer[, mode], value, quantity`.
    fn table<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
        let rows = self.0.rows();
        let label =
            |codes: &[u32], labels: &Labels| Column::Label { codes: codes.to_vec(), labels: labels.names().into() };
        let periods = Labels::new(self.periods());
        let mut found = Table::default()
            .with("period", label(&rows.period, &periods))
            .with("commodity", label(&rows.commodity, &self.0.commodities))
            .with("exporter", label(&rows.exporter, &self.0.countries))
            .with("importer", label(&rows.importer, &self.0.countries));
        if let (Some(mode), Some(modes)) = (&rows.mode, &self.0.modes) {
            found = found.with("mode", label(mode, modes));
        }
        let found = found.number("value", &self.0.units.currency, rows.value.clone());
        table::to_python(py, found.number("quantity", "by commodity", rows.quantity.clone()))
    }

    /// Commodities that have rows of equal exporter and importer.
    fn with_domestic_sales(&self) -> Vec<String> {
        let rows = self.0.rows();
        let mut found = vec![false; self.0.commodities.len()];
        (0..rows.len())
            .filter(|&row| rows.exporter[row] == rows.importer[row] && rows.value[row] > 0.0)
            .for_each(|row| found[rows.commodity[row] as usize] = true);
        (0..found.len()).filter(|&k| found[k]).map(|k| self.0.commodities.name(k).to_string()).collect()
    }

    /// Positions of the countries that a selector takes, groups as of `day`.
    fn select_countries(&self, py: Python<'_>, terms: Vec<String>, groups: Groups, day: &str) -> PyResult<Vec<usize>> {
        let found = day.parse::<Date>().map_err(Error::Data).and_then(|day| {
            let context = Context { labels: &self.0.countries, kind: "country", groups: Some((&groups, day)) };
            context.resolve(&crate::scenario::Selector(terms))
        });
        found.map(|selection| selection.positions()).map_err(|error| to_python(py, error))
    }

    /// Positions of the commodities that a selector takes.
    fn select_commodities(&self, py: Python<'_>, terms: Vec<String>) -> PyResult<Vec<usize>> {
        let context = Context { labels: &self.0.commodities, kind: "commodity", groups: None };
        let found = context.resolve(&crate::scenario::Selector(terms));
        found.map(|selection| selection.positions()).map_err(|error| to_python(py, error))
    }

    /// The rows whose exporter, importer, commodity and period are all among the given positions.
    fn filter(
        &self,
        py: Python<'_>,
        exporters: Vec<usize>,
        importers: Vec<usize>,
        commodities: Vec<usize>,
        periods: Vec<String>,
    ) -> PyResult<Self> {
        let mask = |positions: Vec<usize>, length: usize| {
            let mut mask = vec![false; length];
            positions.into_iter().for_each(|position| mask[position] = true);
            mask
        };
        let exporters = mask(exporters, self.0.countries.len());
        let importers = mask(importers, self.0.countries.len());
        let commodities = mask(commodities, self.0.commodities.len());
        door::enter(py, |_| {
            let wanted = periods
                .iter()
                .map(|text| period(text).and_then(|period| self.0.period_position(period)))
                .collect::<Result<_>>()?;
            let periods = mask(wanted, self.0.periods.len());
            self.0.filter(|rows, row| {
                exporters[rows.exporter[row] as usize]
                    && importers[rows.importer[row] as usize]
                    && commodities[rows.commodity[row] as usize]
                    && periods[rows.period[row] as usize]
            })
        })
        .map(|flows| Self(Arc::new(flows)))
    }

    /// The last day of the last of some periods.
    fn last_day(&self, py: Python<'_>, periods: Vec<String>) -> PyResult<String> {
        let last = || -> Result<String> {
            let mut last = self.0.periods[0];
            for text in &periods {
                let position = self.0.period_position(period(text)?)?;
                last = last.max(self.0.periods[position]);
            }
            Ok(last.last_day().to_string())
        };
        last().map_err(|error| to_python(py, error))
    }

    /// The rows of one period under all labels.
    fn of_period(&self, py: Python<'_>, period: &str) -> PyResult<Self> {
        let flows = self::period(period).and_then(|period| self.0.of_period(period));
        flows.map(|flows| Self(Arc::new(flows))).map_err(|error| to_python(py, error))
    }

    /// The same flows as those of another period.
    fn dated(&self, py: Python<'_>, period: &str) -> PyResult<Self> {
        let flows = self::period(period).and_then(|period| self.0.dated(period));
        flows.map(|flows| Self(Arc::new(flows))).map_err(|error| to_python(py, error))
    }

    /// With unknown quantities filled, and which rows were.
    fn with_unit_values<'py>(&self, py: Python<'py>) -> PyResult<(Self, Bound<'py, PyArray1<bool>>)> {
        let (flows, filled) = door::enter(py, |_| self.0.with_unit_values())?;
        Ok((Self(Arc::new(flows)), PyArray1::from_vec(py, filled)))
    }

    /// `commodity, importer, amount, share, basis` of the exporters' sales in one period.
    fn shares<'py>(
        &self,
        py: Python<'py>,
        exporter: Vec<String>,
        groups: Groups,
        period: &str,
    ) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
        let found = self::period(period).and_then(|period| {
            let context =
                Context { labels: &self.0.countries, kind: "country", groups: Some((&groups, period.last_day())) };
            let exporters = context.resolve(&crate::scenario::Selector(exporter))?;
            Ok(self.0.shares(&exporters.taken, self.0.period_position(period)?))
        });
        table::to_python(py, found.map_err(|error| to_python(py, error))?)
    }

    /// Sums with new names for every country and commodity.
    fn aggregate(&self, py: Python<'_>, countries: Vec<String>, commodities: Vec<String>) -> PyResult<Self> {
        door::enter(py, |_| self.0.aggregate(&countries, &commodities)).map(|flows| Self(Arc::new(flows)))
    }
}

/// ISO alpha-3 codes of countries under any of their names; None where a name is not known.
#[pyfunction]
pub fn resolve_countries(names: Vec<String>) -> Vec<Option<String>> {
    names.iter().map(|name| countries::resolve(name)).collect()
}

#[pyfunction]
pub fn near_countries(name: &str) -> Vec<String> {
    countries::near_matches(name)
}

#[pyfunction]
pub fn group_names() -> Vec<String> {
    countries::groups().keys().cloned().collect()
}

/// Members of a bundled group on a day; None where there is no such group.
#[pyfunction]
pub fn group_members(py: Python<'_>, group: &str, day: &str) -> PyResult<Option<Vec<&'static str>>> {
    let day = day.parse().map_err(|text| to_python(py, Error::Data(text)))?;
    Ok(countries::members(group, day))
}
