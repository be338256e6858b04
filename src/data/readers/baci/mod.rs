//! BACI, the database of trade by HS product of CEPII: `BACI_HS17_Y2021_V202601.csv` and its like,
//! with the country and product codes beside them.
//!
//! [`Published::open`] sees what is there, [`Published::read`] reads the rows that are wanted into
//! [`Flows`]: thousand USD become USD, metric tons stay tonnes.

mod codes;
mod lines;
mod names;
mod rows;
mod tables;
mod wanted;

use std::io::Read;
use std::path::{Path, PathBuf};

pub use wanted::{Commodity, Wanted};

use self::codes::{Countries, Products};
use self::lines::{Place, first_year};
use self::names::{Kind, kind};
use super::Report;
use super::source::{self, Member};
use crate::data::labels::some_of;
use crate::data::{Flows, Labels};
use crate::error::{Error, Result};

/// What is at a path, and which years of it are wanted.
#[derive(Debug)]
pub struct Published {
    path: PathBuf,
    years: Vec<YearFile>,
    /// The years asked for; empty: all.
    asked: Vec<i32>,
    /// The last year that will be read, as far as can be known before.
    pub last_year: i32,
    countries: Countries,
    products: Option<Products>,
    /// `HS17`, where the names say so.
    pub revision: Option<String>,
    /// `202601`, where the names say so.
    pub release: Option<String>,
}

#[derive(Debug)]
struct YearFile {
    member: Member,
    /// By its name.
    year: Option<i32>,
}

impl Published {
    /// Looks at a zip, a CSV file, or a folder of those.
    ///
    /// # Errors
    /// [`Error::Data`]: what is at the path can't be read or is not BACI, has two HS revisions or two
    /// releases, a year twice, or not the years asked for; code files that are not as published.
    pub fn open(path: &Path, asked: &[i32]) -> Result<Self> {
        let members = source::members(path)?;
        let bare = members.len() == 1 && path.is_file() && members[0].shown() == path.display().to_string();
        let mut found = Sorted::default();
        for member in members {
            found.add(member, bare);
        }
        if found.years.is_empty() {
            return Err(nothing(path, &found.others));
        }
        found.check_one_edition()?;
        found.years.sort_by_key(|file| file.year);
        check_years(&found.years)?;
        let years = chosen(path, found.years, asked)?;
        let last_year = match years.last().expect("at least one is chosen").year {
            Some(year) => year,
            None => asked.iter().copied().max().map_or_else(|| peek(&years[0].member), Ok)?,
        };
        Ok(Self {
            path: path.to_path_buf(),
            years,
            asked: asked.to_vec(),
            last_year,
            countries: Countries::new(found.countries.as_ref())?,
            products: found.products.as_ref().map(Products::read).transpose()?,
            revision: found.editions.first().map(|edition| edition.revision.clone()),
            release: found.editions.first().map(|edition| edition.release.clone()),
        })
    }

    /// The labels that exporters and importers can be chosen from.
    pub fn countries(&self) -> &Labels {
        &self.countries.labels
    }

    /// Reads the rows wanted. `threads`: with two or more, one unpacks while another reads.
    ///
    /// Where commodities are wanted, products are summed into them, and a quantity that is unknown in
    /// a part is unknown in the sum; else commodities are the products' codes. A missing quantity,
    /// and one rounded to 0 beside a positive value, is unknown.
    ///
    /// # Errors
    /// [`Error::Data`] for rows that are not as published, with member and line, for codes that begin
    /// no product, and where nothing is left; what `report` returns.
    pub fn read(&self, wanted: &Wanted, threads: usize, report: &Report) -> Result<Flows> {
        if let Some(products) = &self.products {
            wanted.check(&products.codes, &products.shown)?;
        }
        let total: u64 = self.years.iter().map(|file| file.member.size).sum();
        let mut rows = rows::Rows::new(self, wanted);
        let mut before = 0;
        for file in &self.years {
            let told = |done: u64| report((before + done).min(total), total);
            rows.take(file, threads, &told)?;
            before += file.member.size;
        }
        rows.into_flows()
    }
}

/// Release and HS revision of a file, by its name.
struct Edition {
    revision: String,
    release: String,
    shown: String,
}

/// What is at the path, sorted by kind.
#[derive(Default)]
struct Sorted {
    years: Vec<YearFile>,
    editions: Vec<Edition>,
    countries: Option<Member>,
    products: Option<Member>,
    others: Vec<String>,
}

impl Sorted {
    fn add(&mut self, member: Member, bare: bool) {
        match kind(&member.name) {
            Kind::Year { revision, year, release } => {
                self.editions.push(Edition { revision, release, shown: member.shown() });
                self.years.push(YearFile { member, year: Some(year) });
            }
            Kind::Countries => self.countries = Some(member),
            Kind::Products => self.products = Some(member),
            Kind::Other if bare => self.years.push(YearFile { member, year: None }),
            Kind::Other => self.others.push(member.name),
        }
    }

    fn check_one_edition(&self) -> Result<()> {
        let first = match self.editions.first() {
            Some(first) => first,
            None => return Ok(()),
        };
        for other in &self.editions {
            if other.revision != first.revision {
                return Err(Error::Data(format!(
                    "two revisions of the Harmonized System are mixed: {} is {}, {} is {}; their codes do not mean the \
                     same goods, so give the files of one revision",
                    first.shown, first.revision, other.shown, other.revision
                )));
            }
            if other.release != first.release {
                return Err(Error::Data(format!(
                    "two releases are mixed: {} is V{}, {} is V{}; each release revises all years, so give the files \
                     of one release",
                    first.shown, first.release, other.shown, other.release
                )));
            }
        }
        Ok(())
    }
}

fn nothing(path: &Path, others: &[String]) -> Error {
    Error::Data(format!(
        "{} has no file of BACI; expected names such as BACI_HS17_Y2021_V202601.csv, and it has {}: give the zip as \
         CEPII publishes it, or the CSV file itself",
        path.display(),
        some_of(others.iter().map(String::as_str))
    ))
}

/// `years` in order.
fn check_years(years: &[YearFile]) -> Result<()> {
    match years.windows(2).find(|pair| pair[0].year == pair[1].year) {
        None => Ok(()),
        Some(pair) => Err(Error::Data(format!(
            "the year {} is there twice: {} and {}; take one away",
            pair[0].year.unwrap_or_default(),
            pair[0].member.shown(),
            pair[1].member.shown()
        ))),
    }
}

fn chosen(path: &Path, years: Vec<YearFile>, asked: &[i32]) -> Result<Vec<YearFile>> {
    let there: Vec<i32> = years.iter().filter_map(|file| file.year).collect();
    if asked.is_empty() || there.is_empty() {
        return Ok(years);
    }
    match asked.iter().find(|year| !there.contains(year)) {
        Some(year) => Err(another_year(&path.display().to_string(), *year, &there)),
        None => Ok(years.into_iter().filter(|file| file.year.is_some_and(|year| asked.contains(&year))).collect()),
    }
}

fn another_year(shown: &str, asked: i32, there: &[i32]) -> Error {
    let there: Vec<String> = there.iter().map(i32::to_string).collect();
    Error::Data(format!(
        "{shown} has no year {asked}; it has {}: ask for years= of these, or give the file of {asked}",
        some_of(there.iter().map(String::as_str))
    ))
}

/// The year of the first row.
fn peek(member: &Member) -> Result<i32> {
    const ENOUGH: u64 = 1 << 12;
    let mut start = Vec::new();
    member
        .read(|reader| reader.take(ENOUGH).read_to_end(&mut start))?
        .map_err(|error| source::damaged(&member.shown(), "", &error))?;
    first_year(&start, &Place { shown: &member.shown(), line: 1 })
}
