//! The rows that are wanted, gathered line by line and made into flows.

use std::collections::HashMap;

use super::lines::{Place, amounts, careful_amounts, careful_keys, check_header, keys};
use super::tables::{CountryTable, ProductTable, Years};
use super::wanted::Wanted;
use super::{Published, YearFile};
use crate::data::labels::some_of;
use crate::data::readers::{chunks, source};
use crate::data::{Duplicates, FlowRows, Flows, Labels, Period, Units};
use crate::error::{Error, Result};

/// While rows are read, their codes are the places in `countries`, `products` and `years`.
pub(super) struct Rows<'a> {
    published: &'a Published,
    wanted: &'a Wanted,
    countries: CountryTable<'a>,
    products: ProductTable<'a>,
    years: Years<'a>,
    rows: FlowRows,
}

impl<'a> Rows<'a> {
    pub fn new(published: &'a Published, wanted: &'a Wanted) -> Self {
        Self {
            published,
            wanted,
            countries: CountryTable::new(&published.countries, wanted),
            products: ProductTable::new(wanted),
            years: Years::new(&published.asked),
            rows: FlowRows::default(),
        }
    }

    /// Reads one file; `told` is given the bytes that have been read.
    pub fn take(&mut self, file: &YearFile, threads: usize, told: &dyn Fn(u64) -> Result<()>) -> Result<()> {
        let shown = file.member.shown();
        let mut place = Place { shown: &shown, line: 0 };
        let mut done = 0;
        self.years.begin(file.year);
        chunks::each(&file.member, threads, |piece| {
            let piece =
                piece.map_err(|error| source::damaged(&shown, &format!(" after line {}", place.line), &error))?;
            self.take_lines(piece, &mut place)?;
            done += piece.len() as u64;
            told(done)
        })?;
        if place.line < 2 {
            return Err(place.refuse("there are no rows; download the file again"));
        }
        Ok(())
    }

    fn take_lines(&mut self, piece: &[u8], place: &mut Place) -> Result<()> {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', piece).chain((!piece.ends_with(b"\n")).then_some(piece.len())) {
            let line = &piece[start..end];
            start = end + 1;
            place.line += 1;
            match place.line {
                1 => check_header(line, place)?,
                _ => self.take_line(line, place)?,
            }
        }
        Ok(())
    }

    fn take_line(&mut self, line: &[u8], place: &Place) -> Result<()> {
        let (keys, rest) = match keys(line) {
            Some((keys, rest)) => (keys, Some(rest)),
            None if line.trim_ascii().is_empty() => return Ok(()),
            None => (careful_keys(line, place)?, None),
        };
        let Some(year) = self.years.wanted(keys.year, place)? else { return Ok(()) };
        let Some(product) = self.products.wanted(keys.product, place)? else { return Ok(()) };
        let Some((exporter, importer)) = self.countries.wanted(&keys, place)? else { return Ok(()) };
        let (value, quantity) = match rest.and_then(amounts) {
            Some(found) => found,
            None => careful_amounts(line, place)?,
        };
        self.push([year, product, exporter, importer], value, quantity, place)
    }

    fn push(&mut self, codes: [u32; 4], value: f64, quantity: f64, place: &Place) -> Result<()> {
        let rows = &mut self.rows;
        let [year, product, exporter, importer] = codes;
        if let (Some(&last_importer), Some(&last_product)) = (rows.importer.last(), rows.commodity.last())
            && (last_importer, last_product) == (importer, product)
            && rows.exporter.last() == Some(&exporter)
            && rows.period.last() == Some(&year)
        {
            return Err(place.refuse(
                "the flow of the line before is there once more, but BACI has each flow once; download the file again",
            ));
        }
        rows.period.push(year);
        rows.commodity.push(product);
        rows.exporter.push(exporter);
        rows.importer.push(importer);
        rows.value.push(value);
        rows.quantity.push(quantity);
        Ok(())
    }

    /// Flows of what was read.
    pub fn into_flows(mut self) -> Result<Flows> {
        self.check_found()?;
        let labels = self.countries.labels();
        let names = distinct(&labels, &self.countries.codes);
        let countries = ordered(names.clone(), &mut [&mut self.rows.exporter, &mut self.rows.importer]);
        let products = ordered(self.products.codes(), &mut [&mut self.rows.commodity]);
        let years = ordered(std::mem::take(&mut self.years.taken), &mut [&mut self.rows.period]);
        let units = Units { currency: "USD".to_string(), quantity: vec!["t".to_string(); products.len()] };
        let periods = years.into_iter().map(Period::Year).collect();
        let (countries, products) = (Labels::new(countries), Labels::new(products));
        let rows = std::mem::take(&mut self.rows);
        let flows = Flows::new(countries, products, periods, None, units, rows, Duplicates::Published)
            .map_err(|error| Error::Data(format!("{}: {error}", self.published.path.display())))?;
        if !self.wanted.sums() && names == labels {
            return Ok(flows);
        }
        let merged: HashMap<&String, &String> = names.iter().zip(&labels).collect();
        let country: Vec<String> = flows.countries.names().iter().map(|name| merged[name].clone()).collect();
        let commodity: Vec<String> = flows.commodities.iter().map(|code| self.wanted.commodity_of(code)).collect();
        flows.aggregate(&country, &commodity)
    }

    /// Something of every year asked for, and of every product where the files alone say which there are.
    fn check_found(&self) -> Result<()> {
        let shown = self.published.path.display().to_string();
        self.years.check_met(&shown)?;
        if !self.rows.is_empty() && self.published.products.is_some() {
            return Ok(());
        }
        let seen = self.products.seen();
        self.wanted.check(&seen, &shown)?;
        if !self.rows.is_empty() {
            return Ok(());
        }
        Err(Error::Data(format!(
            "the selection leaves no rows of {shown}, which has {} products ({}); widen years, products, exporters or \
             importers",
            seen.len(),
            some_of(seen.iter().map(String::as_str))
        )))
    }
}

/// Labels; where two codes have the same one, both have their code instead.
fn distinct(labels: &[String], codes: &[usize]) -> Vec<String> {
    let mut count: HashMap<&str, usize> = HashMap::new();
    labels.iter().for_each(|label| *count.entry(label).or_default() += 1);
    let unique =
        |(label, code): (&String, &usize)| if count[label.as_str()] > 1 { code.to_string() } else { label.clone() };
    labels.iter().zip(codes).map(unique).collect()
}

/// Sorts the names that rows have, and renumbers the rows' positions among them.
fn ordered<T: Ord>(names: Vec<T>, columns: &mut [&mut Vec<u32>]) -> Vec<T> {
    let mut used = vec![false; names.len()];
    columns.iter().flat_map(|column| column.iter()).for_each(|&code| used[code as usize] = true);
    let mut order: Vec<(T, usize)> = names.into_iter().zip(0..).filter(|(_, old)| used[*old]).collect();
    order.sort_unstable();
    let mut renumbered = vec![0; used.len()];
    order.iter().zip(0..).for_each(|((_, old), new)| renumbered[*old] = new);
    for column in columns {
        column.iter_mut().for_each(|code| *code = renumbered[*code as usize]);
    }
    order.into_iter().map(|(name, _)| name).collect()
}
