//! What the codes of rows are found in, while the rows are read: places in order of appearance.

use std::collections::{BTreeSet, HashMap};

use super::another_year;
use super::codes::Countries;
use super::lines::{CODE, Keys, Place, wrong_code};
use super::wanted::Wanted;
use crate::error::Result;

/// Years of rows.
pub(super) struct Years<'a> {
    asked: &'a [i32],
    pub taken: Vec<i32>,
    met: BTreeSet<i32>,
    /// That of the file's name.
    named: Option<i32>,
    last: Option<(i32, Option<u32>)>,
}

impl<'a> Years<'a> {
    pub fn new(asked: &'a [i32]) -> Self {
        Self { asked, taken: Vec::new(), met: BTreeSet::new(), named: None, last: None }
    }

    /// A year asked for that no row has is an error.
    pub fn check_met(&self, shown: &str) -> Result<()> {
        match self.asked.iter().find(|year| !self.met.contains(year)) {
            Some(year) => Err(another_year(shown, *year, &self.met.iter().copied().collect::<Vec<_>>())),
            None => Ok(()),
        }
    }

    /// The next file, and its year by its name.
    pub fn begin(&mut self, named: Option<i32>) {
        self.named = named;
        self.last = None;
    }

    /// The places of what is wanted; `None`: the row is not.
    #[inline]
    pub fn wanted(&mut self, year: i32, place: &Place) -> Result<Option<u32>> {
        match self.last {
            Some((last, found)) if last == year => Ok(found),
            _ => self.turn(year, place),
        }
    }

    #[cold]
    fn turn(&mut self, year: i32, place: &Place) -> Result<Option<u32>> {
        if let Some(named) = self.named.filter(|named| *named != year) {
            return Err(place.refuse(format!(
                "column t has {year}, but by its name the file is of {named}; rename it, or download it again"
            )));
        }
        self.met.insert(year);
        let found = (self.asked.is_empty() || self.asked.contains(&year)).then(|| {
            let known = self.taken.iter().position(|taken| *taken == year);
            known.unwrap_or_else(|| {
                self.taken.push(year);
                self.taken.len() - 1
            }) as u32
        });
        self.last = Some((year, found));
        Ok(found)
    }
}

const UNSEEN: u32 = u32::MAX;
const REFUSED: u32 = u32::MAX - 1;

/// Countries of rows.
pub(super) struct CountryTable<'a> {
    known: &'a Countries,
    wanted: &'a Wanted,
    /// By numeric code: its place, or `UNSEEN`.
    places: Vec<u32>,
    pub codes: Vec<usize>,
    exports: Vec<bool>,
    imports: Vec<bool>,
}

impl<'a> CountryTable<'a> {
    pub fn new(known: &'a Countries, wanted: &'a Wanted) -> Self {
        let places = vec![UNSEEN; 10_000];
        Self { known, wanted, places, codes: Vec::new(), exports: Vec::new(), imports: Vec::new() }
    }

    /// The places of what is wanted; `None`: the row is not.
    #[inline]
    pub fn wanted(&mut self, keys: &Keys, place: &Place) -> Result<Option<(u32, u32)>> {
        let exporter = self.place(keys.exporter, place)?;
        let importer = self.place(keys.importer, place)?;
        let takes = self.exports[exporter as usize] && self.imports[importer as usize];
        Ok(takes.then_some((exporter, importer)))
    }

    #[inline]
    fn place(&mut self, code: usize, place: &Place) -> Result<u32> {
        match self.places.get(code) {
            Some(&known) if known != UNSEEN => Ok(known),
            _ => self.meet(code, place),
        }
    }

    #[cold]
    fn meet(&mut self, code: usize, place: &Place) -> Result<u32> {
        let position = self.known.position(code, place)?;
        let takes = |side: &Option<Vec<bool>>| side.as_ref().is_none_or(|side| side[position]);
        self.exports.push(takes(&self.wanted.exporters));
        self.imports.push(takes(&self.wanted.importers));
        self.places[code] = self.codes.len() as u32;
        self.codes.push(code);
        Ok(self.places[code])
    }

    /// Of the countries met, in their order.
    pub fn labels(&self) -> Vec<String> {
        let place = Place { shown: "", line: 0 };
        let label = |code: &usize| self.known.position(*code, &place).expect("met before");
        self.codes.iter().map(|code| self.known.labels.name(label(code)).to_string()).collect()
    }
}

/// Products of rows.
pub(super) struct ProductTable<'a> {
    wanted: &'a Wanted,
    /// By the number that a code of digits is.
    places: Vec<u32>,
    /// Of other codes, such as 9999AA.
    special: HashMap<[u8; CODE], u32>,
    codes: Vec<[u8; CODE]>,
}

impl<'a> ProductTable<'a> {
    pub fn new(wanted: &'a Wanted) -> Self {
        let places = vec![UNSEEN; 10_usize.pow(CODE as u32)];
        Self { wanted, places, special: HashMap::new(), codes: Vec::new() }
    }

    /// The places of what is wanted; `None`: the row is not.
    #[inline]
    pub fn wanted(&mut self, code: &[u8; CODE], place: &Place) -> Result<Option<u32>> {
        let known = match number(code) {
            Some(number) => self.places[number],
            None => self.special.get(code).copied().unwrap_or(UNSEEN),
        };
        match known {
            UNSEEN => self.meet(code, place),
            REFUSED => Ok(None),
            known => Ok(Some(known)),
        }
    }

    #[cold]
    fn meet(&mut self, code: &[u8; CODE], place: &Place) -> Result<Option<u32>> {
        let text = String::from_utf8_lossy(code);
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(place.refuse(wrong_code(&text)));
        }
        let found = self.wanted.takes(&text).then(|| {
            self.codes.push(*code);
            self.codes.len() as u32 - 1
        });
        match number(code) {
            Some(number) => self.places[number] = found.unwrap_or(REFUSED),
            None => _ = self.special.insert(*code, found.unwrap_or(REFUSED)),
        }
        Ok(found)
    }

    pub fn codes(&self) -> Vec<String> {
        self.codes.iter().map(|code| String::from_utf8_lossy(code).into_owned()).collect()
    }

    /// Codes of all products that were met, wanted or not.
    pub fn seen(&self) -> BTreeSet<String> {
        let digits = (0..self.places.len()).filter(|&number| self.places[number] != UNSEEN);
        let special = self.special.keys().map(|code| String::from_utf8_lossy(code).into_owned());
        digits.map(|number| format!("{number:0width$}", width = CODE)).chain(special).collect()
    }
}

/// The number that six digits are.
#[inline]
fn number(code: &[u8; CODE]) -> Option<usize> {
    code.iter().try_fold(0, |number, byte| match byte.wrapping_sub(b'0') {
        digit @ 0..10 => Some(number * 10 + usize::from(digit)),
        _ => None,
    })
}
