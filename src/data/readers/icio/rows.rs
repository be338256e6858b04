//! The lines after the first, summed into accounts.

use std::collections::HashSet;

use ndarray::Array2;

use super::header::{Header, Into, unquoted};
use super::names::{self, Row};
use crate::data::Accounts;
use crate::data::labels::some_of;
use crate::data::readers::decimal::Decimal;
use crate::data::readers::place::Place;
use crate::data::readers::source::Member;
use crate::data::readers::{Report, chunks, source};
use crate::error::{Error, Result};

pub(super) fn read(member: &Member, threads: usize, report: &Report) -> Result<Accounts> {
    let shown = member.shown();
    let mut place = Place { shown: &shown, line: 0 };
    let mut rows: Option<Rows> = None;
    let mut done = 0;
    chunks::each(member, threads, |piece| {
        let piece = piece.map_err(|error| source::damaged(&shown, &format!(" after line {}", place.line), &error))?;
        for line in piece.split(|byte| *byte == b'\n') {
            if line.trim_ascii().is_empty() {
                continue;
            }
            place.line += 1;
            match &mut rows {
                None => rows = Some(Rows::new(Header::read(line, &place)?)),
                Some(rows) => rows.take(line, &place)?,
            }
        }
        done += piece.len() as u64;
        report(done.min(member.size), member.size)
    })?;
    rows.ok_or_else(|| place.refuse("there are no lines; download the file again"))?.finish(&place)
}

struct Rows {
    header: Header,
    accounts: Accounts,
    output: Array2<f64>,
    value_added: Array2<f64>,
    taxes: Array2<f64>,
    taken: HashSet<String>,
    has_output: bool,
    has_value_added: bool,
}

impl Rows {
    fn new(header: Header) -> Self {
        let (j, n) = (header.sectors.len(), header.countries.len());
        let accounts = Accounts::new(header.countries.clone(), header.sectors.clone());
        let none = Array2::zeros((j, n));
        Self {
            header,
            accounts,
            output: none.clone(),
            value_added: none.clone(),
            taxes: none,
            taken: HashSet::new(),
            has_output: false,
            has_value_added: false,
        }
    }

    fn take(&mut self, line: &[u8], place: &Place) -> Result<()> {
        let mut fields = line.trim_ascii_end().split(|byte| *byte == b',');
        let label = String::from_utf8_lossy(fields.next().unwrap_or_default()).into_owned();
        let label = unquoted(&label);
        let row = names::row(label).ok_or_else(|| {
            place.refuse(format!(
                "the row '{label}' is not one of the ICIO; expected labels such as AUS_A01_02, TLS, VA and OUT. Give \
                 the file as the OECD publishes it"
            ))
        })?;
        if !self.taken.insert(label.to_string()) {
            return Err(place.refuse(format!("the row '{label}' is there twice; download the file again")));
        }
        match row {
            Row::Industry { country, sector } => self.take_industry(label, (country, sector), fields, place),
            Row::Taxes => totals(&self.header, &mut self.taxes, fields, place),
            Row::ValueAdded => {
                self.has_value_added = true;
                totals(&self.header, &mut self.value_added, fields, place)
            }
            Row::Output => {
                self.has_output = true;
                totals(&self.header, &mut self.output, fields, place)
            }
        }
    }

    fn take_industry<'a>(
        &mut self,
        label: &str,
        (country, sector): (&str, &str),
        mut fields: impl Iterator<Item = &'a [u8]>,
        place: &Place,
    ) -> Result<()> {
        if !self.header.industries.contains(label) {
            return Err(place.refuse(format!("the row '{label}' has no column of its name; download the file again")));
        }
        let position = |labels: &crate::data::Labels, name| labels.position(name).expect("its column is there");
        let seller = (position(&self.header.countries, country), position(&self.header.sectors, sector));
        let mut count = 0;
        for (into, field) in self.header.columns.iter().zip(&mut fields) {
            count += 1;
            let value = number(field).ok_or_else(|| not_a_number(field, count, place))?;
            if value == 0.0 {
                continue;
            }
            let added = match *into {
                Into::Input(user) => self.accounts.deliver(seller, user, value),
                Into::Final { country, inventory } => self.accounts.deliver_finally(seller, country, inventory, value),
                Into::Output => Ok(()),
            };
            added.map_err(|error| place.refuse(error))?;
        }
        check_width(&self.header, count, fields.count(), place)
    }

    fn finish(mut self, place: &Place) -> Result<Accounts> {
        let mut missing: Vec<&str> =
            self.header.industries.iter().filter(|label| !self.taken.contains(*label)).map(String::as_str).collect();
        missing.sort_unstable();
        if !missing.is_empty() {
            return Err(place.refuse(format!(
                "the file ends without the rows {}; it may be cut short: download it again",
                some_of(missing)
            )));
        }
        if !self.has_output || !self.has_value_added {
            return Err(place.refuse(
                "the file ends without the rows VA and OUT, which stand at its end; it may be cut short: download it \
                 again",
            ));
        }
        self.accounts.output = Some(self.output);
        self.accounts.value_added = Some(self.value_added);
        self.accounts.taxes = Some(self.taxes);
        Ok(self.accounts)
    }
}

/// Adds a row of totals by using industry; what it says of final demand is not needed, and may be blank.
fn totals<'a>(
    header: &Header,
    into: &mut Array2<f64>,
    mut fields: impl Iterator<Item = &'a [u8]>,
    place: &Place,
) -> Result<()> {
    let mut count = 0;
    for (column, field) in header.columns.iter().zip(&mut fields) {
        count += 1;
        if let Into::Input((country, sector)) = *column {
            into[[sector, country]] += number(field).ok_or_else(|| not_a_number(field, count, place))?;
        }
    }
    check_width(header, count, fields.count(), place)
}

fn check_width(header: &Header, count: usize, more: usize, place: &Place) -> Result<()> {
    match count + more == header.columns.len() {
        true => Ok(()),
        false => Err(place.refuse(format!(
            "there are {} fields after the label; the first line has {}. The file may be cut short: download it again",
            count + more,
            header.columns.len()
        ))),
    }
}

/// A finite number, in any decimal notation.
fn number(field: &[u8]) -> Option<f64> {
    let (negative, digits) = match field.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, field),
    };
    match Decimal::read(digits) {
        Some((decimal, length)) if length == digits.len() => {
            Some(if negative { -decimal.value() } else { decimal.value() })
        }
        _ => std::str::from_utf8(field).ok()?.trim().parse().ok().filter(|value: &f64| value.is_finite()),
    }
}

fn not_a_number(field: &[u8], column: usize, place: &Place) -> Error {
    place.refuse(format!(
        "field {} has '{}'; expected million USD, with a decimal point. Give the file as the OECD publishes it",
        column + 1,
        String::from_utf8_lossy(field).chars().take(40).collect::<String>()
    ))
}
