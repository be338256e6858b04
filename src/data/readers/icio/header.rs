//! The first line: what each column is.

use std::collections::HashSet;

use super::names::{self, Column};
use crate::data::Labels;
use crate::data::labels::some_of;
use crate::data::readers::place::Place;
use crate::error::Result;

/// What a column's values are added to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Into {
    /// `(country, sector)`.
    Input((usize, usize)),
    Final {
        country: usize,
        inventory: bool,
    },
    Output,
}

#[derive(Debug)]
pub(super) struct Header {
    pub countries: Labels,
    pub sectors: Labels,
    pub columns: Vec<Into>,
    /// Labels of the industries, each of which has a row.
    pub industries: HashSet<String>,
}

impl Header {
    pub fn read(line: &[u8], place: &Place) -> Result<Self> {
        let text = String::from_utf8_lossy(line);
        let labels: Vec<&str> = text.trim_end().split(',').skip(1).map(unquoted).collect();
        let mut header = Self {
            countries: Labels::default(),
            sectors: Labels::default(),
            columns: Vec::with_capacity(labels.len()),
            industries: HashSet::new(),
        };
        let mut seen = HashSet::new();
        for label in &labels {
            if !seen.insert(*label) {
                return Err(place.refuse(format!("the column '{label}' is there twice; download the file again")));
            }
            let column = names::column(label).ok_or_else(|| {
                let given = some_of(labels.iter().copied());
                place.refuse(format!(
                    "the column '{label}' is not one of the ICIO ({given}); expected labels such as AUS_A01_02, \
                     AUS_HFCE and OUT, divided by commas. Give the file as the OECD publishes it"
                ))
            })?;
            header.add(label, column);
        }
        if header.industries.is_empty() {
            return Err(place.refuse(
                "there are no columns of industries; expected labels such as AUS_A01_02, divided by commas. Give the \
                 file as the OECD publishes it",
            ));
        }
        header.check_final(place)?;
        Ok(header)
    }

    fn add(&mut self, label: &str, column: Column<'_>) {
        self.columns.push(match column {
            Column::Industry { country, sector } => {
                self.industries.insert(label.to_string());
                Into::Input((self.countries.insert(country.into()), self.sectors.insert(sector.into())))
            }
            Column::Final { country, inventory } => {
                Into::Final { country: self.countries.insert(country.into()), inventory }
            }
            Column::Output => Into::Output,
        });
    }

    fn check_final(&self, place: &Place) -> Result<()> {
        let buys = |country| {
            self.columns.iter().any(|column| matches!(column, Into::Final { country: buyer, .. } if *buyer == country))
        };
        match (0..self.countries.len()).find(|country| !buys(*country)) {
            Some(country) => Err(place.refuse(format!(
                "{} has no column of final demand, such as {0}_HFCE; the file may be cut short: download it again",
                self.countries.name(country)
            ))),
            None => Ok(()),
        }
    }
}

pub(super) fn unquoted(field: &str) -> &str {
    let field = field.trim_start_matches('\u{feff}').trim();
    field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field).trim()
}
