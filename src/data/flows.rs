//! Trade flows, sparse: a row for each observed period, commodity, exporter, importer (and mode).

use std::ops::Range;

use super::labels::{Labels, some_of};
use super::market::Market;
use super::order::Ordered;
use super::period::Period;
use crate::error::{Error, Result};

/// Stands in for the period of flows that have none, until a model says which it is.
pub const UNDATED: Period = Period::Year(1000);

/// What to do with rows of equal keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    Raise,
    /// As `Raise`, for a published file, which has each flow once.
    Published,
    /// Values add up; quantities too, unless one of them is unknown.
    Sum,
}

/// Rows in any order, as positions into the labels. A quantity of NaN is unknown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlowRows {
    pub period: Vec<u32>,
    pub commodity: Vec<u32>,
    pub exporter: Vec<u32>,
    pub importer: Vec<u32>,
    pub mode: Option<Vec<u32>>,
    pub value: Vec<f64>,
    pub quantity: Vec<f64>,
}

pub(super) type Key = (u32, u32, u32, u32, u32);

impl FlowRows {
    pub fn len(&self) -> usize {
        self.value.len()
    }

    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    pub(super) fn key(&self, row: usize) -> Key {
        let mode = self.mode.as_ref().map_or(0, |mode| mode[row]);
        (self.period[row], self.commodity[row], self.exporter[row], self.importer[row], mode)
    }

    /// The rows at some places, in that order.
    fn taken(&self, places: &[u32]) -> Self {
        Self {
            period: pick(&self.period, places),
            commodity: pick(&self.commodity, places),
            exporter: pick(&self.exporter, places),
            importer: pick(&self.importer, places),
            mode: self.mode.as_ref().map(|mode| pick(mode, places)),
            value: pick(&self.value, places),
            quantity: pick(&self.quantity, places),
        }
    }

    /// Puts the rows at `places` in that order, a column at a time: no second copy of all of them is held.
    pub(super) fn reorder(&mut self, places: &[u32]) {
        self.codes_mut().for_each(|codes| *codes = pick(codes, places));
        self.value = pick(&self.value, places);
        self.quantity = pick(&self.quantity, places);
    }

    /// Writes the row at `from` over the one at `to`.
    pub(super) fn copy_within(&mut self, from: usize, to: usize) {
        self.codes_mut().for_each(|codes| codes[to] = codes[from]);
        self.value[to] = self.value[from];
        self.quantity[to] = self.quantity[from];
    }

    /// Keeps the first rows, and gives back the memory of the others.
    pub(super) fn truncate(&mut self, length: usize) {
        for codes in self.codes_mut() {
            codes.truncate(length);
            codes.shrink_to_fit();
        }
        for amounts in [&mut self.value, &mut self.quantity] {
            amounts.truncate(length);
            amounts.shrink_to_fit();
        }
    }

    fn codes_mut(&mut self) -> impl Iterator<Item = &mut Vec<u32>> {
        [&mut self.period, &mut self.commodity, &mut self.exporter, &mut self.importer]
            .into_iter()
            .chain(&mut self.mode)
    }
}

/// What the numbers are in.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    pub currency: String,
    /// By commodity.
    pub quantity: Vec<String>,
}

impl Units {
    /// The unit of an amount counted in baseline quantities, or in money at baseline prices where
    /// quantities are not known.
    pub fn amount(&self, commodity: usize, known: bool) -> String {
        match known {
            true => self.quantity[commodity].clone(),
            false => format!("{} at baseline prices", self.currency),
        }
    }
}

/// Flows sorted by period, commodity, exporter, importer, mode. Immutable.
///
/// Values are in one currency at the exporter's border; a row of value zero is a known zero, a
/// missing row is an absent flow. Rows with equal exporter and importer are domestic sales.
#[derive(Debug, Clone, PartialEq)]
pub struct Flows {
    pub countries: Labels,
    pub commodities: Labels,
    pub periods: Vec<Period>,
    pub modes: Option<Labels>,
    pub units: Units,
    rows: FlowRows,
    /// Where each (period, commodity) begins in `rows`.
    starts: Vec<usize>,
}

impl Flows {
    /// Checks, sorts and keeps the rows.
    ///
    /// # Errors
    /// [`Error::Data`] names the first offending rows: no rows at all, a value that is negative,
    /// infinite or missing, a quantity that is negative or infinite, or zero where the value is
    /// positive, and rows of equal keys unless they are to be summed.
    pub fn new(
        countries: Labels,
        commodities: Labels,
        periods: Vec<Period>,
        modes: Option<Labels>,
        units: Units,
        rows: FlowRows,
        duplicates: Duplicates,
    ) -> Result<Self> {
        check_amounts(&rows)?;
        let ordered = Ordered::new(rows);
        let rows = match ordered.first_repeated() {
            None => ordered.rows,
            Some(_) if duplicates == Duplicates::Sum => ordered.merged(),
            Some(row) => {
                let flow = describe(&countries, &commodities, &periods, &ordered.rows, row);
                return Err(Error::Data(match duplicates {
                    Duplicates::Published => {
                        format!("{flow} is there twice, but what was published has each flow once; download it afresh")
                    }
                    _ => format!(
                        "rows {} and {} (counted from 0) are both {flow}; drop one, or sum them with duplicates=\"sum\"",
                        ordered.given_at(row - 1),
                        ordered.given_at(row)
                    ),
                }));
            }
        };
        let starts = starts(&rows, periods.len(), commodities.len());
        Ok(Self { countries, commodities, periods, modes, units, rows, starts })
    }

    pub fn rows(&self) -> &FlowRows {
        &self.rows
    }

    /// The position of a period in `periods`.
    pub fn period_position(&self, period: Period) -> Result<usize> {
        self.periods.iter().position(|known| *known == period).ok_or_else(|| {
            let known: Vec<String> = self.periods.iter().map(Period::to_string).collect();
            Error::Data(format!(
                "there is no period {period} in the flows, which have {}; choose one of these",
                some_of(known.iter().map(String::as_str))
            ))
        })
    }

    /// The rows of one period and commodity.
    pub fn range(&self, period: usize, commodity: usize) -> Range<usize> {
        let slot = period * self.commodities.len() + commodity;
        self.starts[slot]..self.starts[slot + 1]
    }

    /// The rows of one period.
    pub fn period_range(&self, period: usize) -> Range<usize> {
        let commodities = self.commodities.len();
        self.starts[period * commodities]..self.starts[(period + 1) * commodities]
    }

    /// The flows of one period and commodity, without duties.
    pub fn market(&self, period: usize, commodity: usize) -> Market<'_> {
        let range = self.range(period, commodity);
        Market {
            exporter: &self.rows.exporter[range.clone()],
            importer: &self.rows.importer[range.clone()],
            mode: self.rows.mode.as_ref().map(|mode| &mode[range.clone()]),
            value: &self.rows.value[range.clone()],
            quantity: &self.rows.quantity[range],
            tariff_power: None,
            every_row: false,
        }
    }

    /// The rows of one period, under all labels.
    ///
    /// # Errors
    /// [`Error::Data`]: there is no such period.
    pub fn of_period(&self, period: Period) -> Result<Self> {
        let range = self.period_range(self.period_position(period)?);
        let places: Vec<u32> = range.map(|row| row as u32).collect();
        let mut rows = self.rows.taken(&places);
        rows.period.fill(0);
        let starts = starts(&rows, 1, self.commodities.len());
        Ok(Self { periods: vec![period], rows, starts, ..self.clone() })
    }

    /// The same flows as those of another period.
    ///
    /// # Errors
    /// [`Error::Data`] where there are several periods.
    pub fn dated(&self, period: Period) -> Result<Self> {
        if self.periods.len() != 1 {
            return Err(Error::Data("only flows of a single period can be given another date".to_string()));
        }
        Ok(Self { periods: vec![period], ..self.clone() })
    }

    /// The same rows with other values and quantities, in their order.
    ///
    /// # Errors
    /// As [`Flows::new`].
    pub fn with_amounts(&self, value: Vec<f64>, quantity: Vec<f64>) -> Result<Self> {
        let rows = FlowRows { value, quantity, ..self.rows.clone() };
        check_amounts(&rows)?;
        Ok(Self { rows, ..self.clone() })
    }

    /// The rows, one a mode, of one exporter and importer; empty where the flow is absent.
    pub fn pair(&self, period: usize, commodity: u32, exporter: u32, importer: u32) -> Range<usize> {
        let range = self.range(period, commodity as usize);
        let exporters = &self.rows.exporter[range.clone()];
        let from = range.start + exporters.partition_point(|code| *code < exporter);
        let to = range.start + exporters.partition_point(|code| *code <= exporter);
        let importers = &self.rows.importer[from..to];
        let first = from + importers.partition_point(|code| *code < importer);
        first..from + importers.partition_point(|code| *code <= importer)
    }

    /// The rows that `keep` accepts, with the labels that are left.
    ///
    /// # Errors
    /// [`Error::Data`] where nothing is left.
    pub fn filter(&self, keep: impl Fn(&FlowRows, usize) -> bool) -> Result<Self> {
        let kept: Vec<u32> = (0..self.rows.len()).filter(|&row| keep(&self.rows, row)).map(|row| row as u32).collect();
        if kept.is_empty() {
            return Err(Error::Data("the selection leaves no rows; widen it".to_string()));
        }
        let mut rows = self.rows.taken(&kept);
        let periods = left(&mut [&mut rows.period], self.periods.len());
        let commodities = left(&mut [&mut rows.commodity], self.commodities.len());
        let countries = left(&mut [&mut rows.exporter, &mut rows.importer], self.countries.len());
        let named = |labels: &Labels, kept: &[usize]| Labels::new(kept.iter().map(|&place| labels.name(place)));
        let units = Units {
            currency: self.units.currency.clone(),
            quantity: commodities.iter().map(|&k| self.units.quantity[k].clone()).collect(),
        };
        Self::new(
            named(&self.countries, &countries),
            named(&self.commodities, &commodities),
            periods.iter().map(|&place| self.periods[place]).collect(),
            self.modes.clone(),
            units,
            rows,
            Duplicates::Raise,
        )
    }

    /// Sums over merged countries and commodities: `country[i]` and `commodity[k]` are new names.
    ///
    /// Flows between merged countries become sales of the new region to itself. A quantity that is
    /// unknown in a part is unknown in the sum.
    pub fn aggregate(&self, country: &[String], commodity: &[String]) -> Result<Self> {
        let countries = Labels::new(sorted_unique(country));
        let commodities = Labels::new(sorted_unique(commodity));
        let place = |names: &[String], labels: &Labels| -> Vec<u32> {
            names.iter().map(|name| labels.position(name).expect("labels were made from these") as u32).collect()
        };
        let (to_country, to_commodity) = (place(country, &countries), place(commodity, &commodities));
        let mut rows = self.rows.clone();
        rows.exporter.iter_mut().for_each(|code| *code = to_country[*code as usize]);
        rows.importer.iter_mut().for_each(|code| *code = to_country[*code as usize]);
        rows.commodity.iter_mut().for_each(|code| *code = to_commodity[*code as usize]);
        let units = self.merged_units(commodity, &commodities)?;
        Self::new(countries, commodities, self.periods.clone(), self.modes.clone(), units, rows, Duplicates::Sum)
    }

    fn merged_units(&self, commodity: &[String], merged: &Labels) -> Result<Units> {
        let mut quantity: Vec<Option<&str>> = vec![None; merged.len()];
        for (name, unit) in commodity.iter().zip(&self.units.quantity) {
            let place = &mut quantity[merged.position(name).expect("merged from these")];
            match place {
                Some(other) if *other != unit => {
                    return Err(Error::Data(format!(
                        "'{name}' would add up quantities in {other} and in {unit}; convert them to one unit first"
                    )));
                }
                _ => *place = Some(unit),
            }
        }
        let quantity = quantity.into_iter().map(|unit| unit.unwrap_or_default().to_string()).collect();
        Ok(Units { currency: self.units.currency.clone(), quantity })
    }
}

fn pick<T: Copy>(column: &[T], places: &[u32]) -> Vec<T> {
    places.iter().map(|&place| column[place as usize]).collect()
}

/// The positions still in use, in order; the codes are renumbered to them.
fn left(codes: &mut [&mut Vec<u32>], length: usize) -> Vec<usize> {
    let mut used = vec![false; length];
    codes.iter().flat_map(|codes| codes.iter()).for_each(|&code| used[code as usize] = true);
    let kept: Vec<usize> = (0..length).filter(|&place| used[place]).collect();
    let mut renumbered = vec![0; length];
    kept.iter().enumerate().for_each(|(new, &old)| renumbered[old] = new as u32);
    codes.iter_mut().flat_map(|codes| codes.iter_mut()).for_each(|code| *code = renumbered[*code as usize]);
    kept
}

fn sorted_unique(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

fn describe(countries: &Labels, commodities: &Labels, periods: &[Period], rows: &FlowRows, row: usize) -> String {
    let flow = format!(
        "{} {} to {}",
        commodities.name(rows.commodity[row] as usize),
        countries.name(rows.exporter[row] as usize),
        countries.name(rows.importer[row] as usize)
    );
    match periods[rows.period[row] as usize] {
        UNDATED => flow,
        period => format!("{flow} in {period}"),
    }
}

fn check_amounts(rows: &FlowRows) -> Result<()> {
    if rows.is_empty() {
        return Err(Error::Data("the flows have no rows; give at least one flow".to_string()));
    }
    let sound = |(value, quantity): (&f64, &f64)| {
        value.is_finite()
            && *value >= 0.0
            && !(quantity.is_infinite() || *quantity < 0.0 || *quantity == 0.0 && *value > 0.0)
    };
    if rows.value.iter().zip(&rows.quantity).all(sound) {
        return Ok(());
    }
    let refuse = |what: &str, remedy: &str, bad: &dyn Fn(usize) -> bool| -> Result<()> {
        let found: Vec<String> = (0..rows.len()).filter(|&row| bad(row)).map(|row| row.to_string()).collect();
        if found.is_empty() {
            return Ok(());
        }
        Err(Error::Data(format!(
            "{what} in row {} (counted from 0); {remedy}",
            some_of(found.iter().map(String::as_str))
        )))
    };
    let (value, quantity) = (&rows.value, &rows.quantity);
    refuse("missing value", "drop the row if the flow is absent, write 0 if it is known to be zero", &|r| {
        value[r].is_nan()
    })?;
    refuse("infinite value", "give a finite amount of money", &|r| value[r].is_infinite())?;
    refuse(
        "negative value",
        "trade flows are 0 or more: give exports and imports as flows of their own direction",
        &|r| value[r] < 0.0,
    )?;
    refuse("infinite quantity", "give a finite quantity, or leave it missing where it is not known", &|r| {
        quantity[r].is_infinite()
    })?;
    refuse("negative quantity", "give 0 or more, or leave it missing where it is not known", &|r| quantity[r] < 0.0)?;
    refuse("quantity 0 beside a positive value", "leave the quantity missing where it is not known", &|r| {
        quantity[r] == 0.0 && value[r] > 0.0
    })
}

fn starts(rows: &FlowRows, periods: usize, commodities: usize) -> Vec<usize> {
    let mut starts = vec![0; periods * commodities + 1];
    for row in 0..rows.len() {
        starts[rows.period[row] as usize * commodities + rows.commodity[row] as usize + 1] += 1;
    }
    for slot in 1..starts.len() {
        starts[slot] += starts[slot - 1];
    }
    starts
}
