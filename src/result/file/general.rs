//! Results in general equilibrium: the table that was put in, and the wages, prices and flows that came out,
//! to be compared with those of solving again.

use std::io::{Read, Seek};
use std::path::Path;

use zip::CompressionMethod;

use super::again::{self, Outcome};
use super::archive::{Archive, Arrays};
use super::meta::{GENERAL, Meta};
use super::{atomic, placed, table, unless};
use crate::error::{Error, Result};
use crate::result::GeneralSolution;
use crate::solve::Stop;
use crate::solve_general_each;

/// What is compared.
fn outcome(solution: &GeneralSolution) -> Outcome {
    let (wages, prices, flows) = (solution.wages(), solution.prices(), solution.flows());
    vec![
        ("wage", wages.numbers("wage").to_vec()),
        ("producer_price", prices.numbers("producer_price").to_vec()),
        ("price_index", prices.numbers("price_index").to_vec()),
        ("value_after", flows.numbers("value_after").to_vec()),
    ]
}

impl GeneralSolution {
    /// As [`crate::result::Solution::save`].
    ///
    /// # Errors
    /// As there.
    pub fn save(&self, path: &Path, notes: &str, stop: &Stop) -> Result<()> {
        atomic::write(path, &self.packed(notes, stop)?)
    }

    fn packed(&self, notes: &str, stop: &Stop) -> Result<Vec<u8>> {
        let mut arrays = Arrays::default();
        let table = table::add(&self.model, &mut arrays);
        again::add(outcome(self), &mut arrays);
        let (baseline, declared) = (&self.model.baseline, arrays.declared());
        let meta =
            Meta::new(&baseline.flows, baseline.period, self.options, &self.scenario, Vec::new(), declared, notes)?;
        let meta = Meta { model: GENERAL.to_string(), table: Some(table), ..meta };
        arrays.to_zip(&meta.to_json()?, CompressionMethod::Deflated, || unless(stop))
    }
}

/// Reads what [`GeneralSolution::save`] writes, solves the scenario again, and compares: the same version
/// gives the same bits. Also the notes saved with it.
///
/// # Errors
/// [`Error::Data`] with `place` in front: as [`super::read`], and wages, prices or flows that are not those of
/// the saved result. [`Error::Interrupted`].
pub fn read(file: impl Read + Seek, place: &str, stop: &Stop) -> Result<(GeneralSolution, String)> {
    placed(place, unpacked(file, stop))
}

fn unpacked(file: impl Read + Seek, stop: &Stop) -> Result<(GeneralSolution, String)> {
    let mut archive = Archive::open(file)?;
    let mut meta = Meta::from_json(&archive.meta()?, GENERAL)?;
    archive.declare(std::mem::take(&mut meta.arrays))?;
    let (scenario, options) = (meta.scenario()?, meta.settings.options()?);
    let table = meta.table.take().ok_or_else(|| Error::Data("meta.json has no table".to_string()))?;
    let model = table::read(&mut archive, meta.flows, &meta.period, table, stop)?;
    let solved = solve_general_each(&model, &[scenario], options, stop)?;
    let solution = solved.into_iter().next().expect("as many solutions as scenarios")?;
    again::check(&mut archive, outcome(&solution), &meta.tradewinds)?;
    Ok((solution, meta.notes.get().to_string()))
}
