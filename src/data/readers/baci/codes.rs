//! The files that say which countries and products there are.

use std::collections::BTreeSet;

use csv::StringRecord;

use super::lines::{CODE, Place, wrong_code};
use crate::data::readers::source::Member;
use crate::data::{Labels, countries};
use crate::error::{Error, Result};

/// Country codes are below this.
const COUNTRY_CODES: usize = 1000;
/// Aggregates whose own three letters (S19, R20, ZA1) no other data uses.
const OUR_NAMES: [usize; 3] = [490, 697, 711];

/// Numeric codes of countries and the labels they stand for.
#[derive(Debug)]
pub(super) struct Countries {
    pub labels: Labels,
    /// The position of the label, by numeric code.
    by_code: Vec<Option<u32>>,
    from_file: bool,
}

impl Countries {
    /// By the country file where there is one, else by the bundled table.
    pub fn new(file: Option<&Member>) -> Result<Self> {
        let mut found =
            Self { labels: Labels::default(), by_code: vec![None; COUNTRY_CODES], from_file: file.is_some() };
        (0..COUNTRY_CODES).for_each(|code| found.name(code, countries::resolve(&code.to_string())));
        if let Some(file) = file {
            for record in Records::open(file, &["country_code"])? {
                let (place, record) = record?;
                let text = record.field("country_code");
                let code = text.parse().ok().filter(|code| *code < COUNTRY_CODES).ok_or_else(|| {
                    Place { shown: &place.0, line: place.1 }
                        .refuse(format!("the country code is '{text}'; expected a number below {COUNTRY_CODES}"))
                })?;
                found.name(code, label(code, &record));
            }
        }
        found.labels = sorted(&found.labels, &mut found.by_code);
        Ok(found)
    }

    fn name(&mut self, code: usize, label: Option<String>) {
        if let Some(label) = label {
            self.by_code[code] = Some(self.labels.insert(label) as u32);
        }
    }

    /// The position of the label that a numeric code stands for.
    pub fn position(&self, code: usize, place: &Place) -> Result<usize> {
        match self.by_code.get(code).copied().flatten() {
            Some(position) => Ok(position as usize),
            None => Err(place.refuse(match self.from_file {
                true => {
                    format!("unknown country code {code}; neither the country_codes file nor the bundled table has it")
                }
                false => format!(
                    "unknown country code {code}; the bundled table does not have it, so give the folder or the zip \
                     in which the country_codes file stands beside this one"
                ),
            })),
        }
    }
}

/// ISO alpha-3 by the file's own, by the numeric code, by the name; else the file's three letters.
fn label(code: usize, record: &Record) -> Option<String> {
    let by_code = || countries::resolve(&code.to_string());
    if OUR_NAMES.contains(&code) {
        return by_code();
    }
    let given = [record.field("country_iso3"), record.field("iso_3digit_alpha")].concat();
    let own = || (given.len() == 3).then(|| given.to_uppercase());
    countries::resolve(&given)
        .or_else(by_code)
        .or_else(|| countries::resolve(record.field("country_name")))
        .or_else(own)
}

fn sorted(labels: &Labels, codes: &mut [Option<u32>]) -> Labels {
    let mut names = labels.names().to_vec();
    names.sort_unstable();
    let sorted = Labels::new(names);
    codes.iter_mut().flatten().for_each(|code| {
        *code = sorted.position(labels.name(*code as usize)).expect("sorted from these") as u32;
    });
    sorted
}

/// The codes of the product file.
#[derive(Debug)]
pub(super) struct Products {
    pub codes: BTreeSet<String>,
    pub shown: String,
}

impl Products {
    pub fn read(file: &Member) -> Result<Self> {
        let mut codes = BTreeSet::new();
        for record in Records::open(file, &["code"])? {
            let (place, record) = record?;
            let code = record.field("code");
            if code.len() != CODE {
                return Err(Place { shown: &place.0, line: place.1 }.refuse(wrong_code(code)));
            }
            codes.insert(code.to_string());
        }
        Ok(Self { codes, shown: file.shown() })
    }
}

/// The lines of a small table with a header.
struct Records {
    columns: StringRecord,
    records: csv::StringRecordsIntoIter<std::io::Cursor<String>>,
    shown: String,
}

struct Record {
    columns: StringRecord,
    fields: StringRecord,
}

impl Record {
    /// Blank where there is no such column.
    fn field(&self, column: &str) -> &str {
        self.columns.iter().position(|name| name == column).and_then(|at| self.fields.get(at)).unwrap_or("")
    }
}

impl Records {
    fn open(file: &Member, needed: &[&str]) -> Result<Self> {
        let shown = file.shown();
        let text = file.text()?.trim_start_matches('\u{feff}').to_string();
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(std::io::Cursor::new(text));
        let columns = reader.headers().cloned().unwrap_or_default();
        if let Some(column) = needed.iter().find(|column| !columns.iter().any(|name| name == **column)) {
            let given: Vec<&str> = columns.iter().collect();
            return Err(Place { shown: &shown, line: 1 }.refuse(format!(
                "the header is '{}'; expected a column '{column}'. Give the file as CEPII publishes it",
                given.join(",")
            )));
        }
        Ok(Self { columns, records: reader.into_records(), shown })
    }
}

impl Iterator for Records {
    /// Member and line, and the record.
    type Item = Result<((String, u64), Record)>;

    fn next(&mut self) -> Option<Self::Item> {
        let fields = match self.records.next()? {
            Ok(fields) => fields,
            Err(error) => return Some(Err(Error::Data(format!("{}: {error}; download it again", self.shown)))),
        };
        let line = fields.position().map_or(0, csv::Position::line);
        Some(Ok(((self.shown.clone(), line), Record { columns: self.columns.clone(), fields })))
    }
}
