//! The Inter-Country Input-Output tables of the OECD, a CSV file a year: `2020_SML.csv` and its like,
//! in million USD at basic prices.
//!
//! A row a selling industry (`AUS_A01_02`), a column a using industry or a category of final demand
//! (`AUS_HFCE`); below them the rows TLS (taxes less subsidies), VA and OUT, at the right the column
//! OUT. [`Published::open`] finds the file, [`Published::read`] sums it into [`Accounts`] line by line.

mod header;
mod names;
mod rows;

use std::path::{Path, PathBuf};

use super::Report;
use super::source::{self, Member};
use crate::data::Accounts;
use crate::data::labels::some_of;
use crate::error::{Error, Result};

/// One year's file.
#[derive(Debug)]
pub struct Published {
    member: Member,
    /// By its name.
    pub year: Option<i32>,
}

impl Published {
    /// Looks at a CSV file, a zip or a folder; `year` chooses among several.
    ///
    /// # Errors
    /// [`Error::Data`]: nothing can be read there, no file of that year, or several.
    pub fn open(path: &Path, year: Option<i32>) -> Result<Self> {
        let members = source::members(path)?;
        let bare = members.len() == 1 && path.is_file() && members[0].shown() == path.display().to_string();
        if bare {
            let member = members.into_iter().next().expect("there is one");
            let named = names::year(&member.name);
            return match (year, named) {
                (Some(asked), Some(named)) if asked != named => Err(no_year(path, asked, &[named])),
                _ => Ok(Self { member, year: named.or(year) }),
            };
        }
        let others: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
        let mut tables: Vec<Self> = members
            .into_iter()
            .filter_map(|member| names::year(&member.name).map(|year| Self { member, year: Some(year) }))
            .collect();
        if tables.is_empty() {
            return Err(Error::Data(format!(
                "{} has no table of the OECD ICIO; expected names such as 2020_SML.csv, and it has {}: give the zip as \
                 the OECD publishes it, or a CSV file of it",
                path.display(),
                some_of(others.iter().map(String::as_str))
            )));
        }
        let there: Vec<i32> = tables.iter().filter_map(|table| table.year).collect();
        tables.retain(|table| year.is_none() || table.year == year);
        match (tables.len(), year) {
            (0, Some(year)) => Err(no_year(path, year, &there)),
            (1, _) => Ok(tables.remove(0)),
            _ => Err(several(path, &tables)),
        }
    }

    /// Reads the table. CN1 and CN2 become CHN, MX1 and MX2 MEX. Inventories (INVNT) are kept apart.
    /// With two or more threads, one unpacks while another reads.
    ///
    /// # Errors
    /// [`Error::Data`] for labels, rows and numbers that are not as published, with member and line;
    /// what `report` returns.
    pub fn read(&self, threads: usize, report: &Report) -> Result<Accounts> {
        rows::read(&self.member, threads, report)
    }

    /// An error about what was read, with the file's name before it.
    pub fn named(&self, error: Error) -> Error {
        match error {
            Error::Data(message) => Error::Data(format!("{}: {message}", self.member.shown())),
            other => other,
        }
    }
}

fn no_year(path: &Path, asked: i32, there: &[i32]) -> Error {
    let there: Vec<String> = there.iter().map(i32::to_string).collect();
    Error::Data(format!(
        "{} has no year {asked}; it has {}: ask for year= of these, or give the file of {asked}",
        path.display(),
        some_of(there.iter().map(String::as_str))
    ))
}

fn several(path: &Path, tables: &[Published]) -> Error {
    let names: Vec<PathBuf> = tables.iter().map(|table| PathBuf::from(&table.member.name)).collect();
    let shown = some_of(names.iter().filter_map(|name| name.to_str()));
    Error::Data(format!(
        "{} has {} tables: {shown}; say which with year=, or give one file of one edition",
        path.display(),
        tables.len()
    ))
}
