//! Commodities that are a part of what the data calls a commodity: crude within mining.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::labels::Labels;
use crate::error::{Error, Result};

/// By how much shares may add up to more than 1 by rounding.
const ROUNDING: f64 = 1e-9;

/// One line of the table: the share of the flows of `whole` that `part` is. Positions; `None` is any
/// country.
#[derive(Debug, Clone, PartialEq)]
pub struct PartRow {
    pub part: String,
    pub whole: u32,
    pub exporter: Option<u32>,
    pub importer: Option<u32>,
    pub share: f64,
}

/// Which commodities are parts of which, and their share of each flow by value.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    pub names: Labels,
    pub rows: Vec<PartRow>,
    share: HashMap<(u32, u32, Option<u32>, Option<u32>), f64>,
}

impl Parts {
    /// # Errors
    /// [`Error::Data`]: a share outside 0 to 1, a line twice, a part that is itself among `wholes`.
    pub fn new(rows: Vec<PartRow>, wholes: &Labels) -> Result<Self> {
        let mut parts = Self::default();
        for row in &rows {
            let refuse = |what: String| Err(Error::Data(format!("sector_of: '{}' {what}", row.part)));
            if !(0.0..=1.0).contains(&row.share) {
                return refuse(format!(
                    "has the share {} of '{}'; expected 0 to 1",
                    row.share,
                    wholes.name(row.whole as usize)
                ));
            }
            if wholes.position(&row.part).is_some() {
                return refuse("is a sector of the table itself; give the commodity another name".to_string());
            }
            let part = parts.names.insert(row.part.clone()) as u32;
            if parts.share.insert((part, row.whole, row.exporter, row.importer), row.share).is_some() {
                return refuse(format!("is twice a part of '{}'; keep one line", wholes.name(row.whole as usize)));
            }
        }
        let parts = Self { rows, ..parts };
        parts.check_sums(wholes)?;
        Ok(parts)
    }

    /// The parts of a flow are no more than all of it.
    fn check_sums(&self, wholes: &Labels) -> Result<()> {
        let mut named: BTreeMap<u32, [BTreeSet<Option<u32>>; 2]> = BTreeMap::new();
        for row in &self.rows {
            let [exporters, importers] = named.entry(row.whole).or_insert_with(|| [[None].into(), [None].into()]);
            exporters.insert(row.exporter);
            importers.insert(row.importer);
        }
        // A country that is nowhere named stands for all that aren't.
        let code = |country: &Option<u32>| country.unwrap_or(u32::MAX);
        for (whole, [exporters, importers]) in named {
            for (exporter, importer) in exporters.iter().flat_map(|one| importers.iter().map(move |other| (one, other)))
            {
                let share = |part: usize| self.share(part as u32, whole, code(exporter), code(importer));
                let sum: f64 = (0..self.names.len()).map(share).sum();
                if sum > 1.0 + ROUNDING {
                    let parts: Vec<&str> = (0..self.names.len())
                        .filter(|&part| share(part) > 0.0)
                        .map(|part| self.names.name(part))
                        .collect();
                    return Err(Error::Data(format!(
                        "sector_of: {} are together {sum} of '{}' on one flow; expected at most 1",
                        parts.join(", "),
                        wholes.name(whole as usize)
                    )));
                }
            }
        }
        Ok(())
    }

    /// The share of a part in a flow: what is said of the pair, else of its exporter, its importer, or all.
    pub fn share(&self, part: u32, whole: u32, exporter: u32, importer: u32) -> f64 {
        let keys = [(Some(exporter), Some(importer)), (Some(exporter), None), (None, Some(importer)), (None, None)];
        let said = keys.iter().find_map(|&(exporter, importer)| self.share.get(&(part, whole, exporter, importer)));
        said.copied().unwrap_or(0.0)
    }

    /// Whether a part is one of `whole` on any flow.
    pub fn is_within(&self, part: u32, whole: u32) -> bool {
        let name = self.names.name(part as usize);
        self.rows.iter().any(|row| row.whole == whole && row.part == name && row.share > 0.0)
    }
}
