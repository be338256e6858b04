//! Results of the spatial model: what was put in, and the prices and flows that came out, to be compared
//! with those of solving again.

use std::io::{Read, Seek};
use std::path::Path;

use zip::CompressionMethod;

use super::again::{self, Outcome};
use super::archive::{Archive, Arrays};
use super::meta::{Meta, SPATIAL};
use super::{atomic, history, network, placed, unless};
use crate::error::{Error, Result};
use crate::model::Spatial;
use crate::result::SpatialSolution;
use crate::result::trade::Trade;
use crate::scenario::compile::compile;
use crate::solve::Stop;
use crate::{solve_spatial, solve_spatial_from};

/// What is compared: prices and flows at the end, in the order of the answers.
fn outcome(solution: &SpatialSolution) -> Outcome {
    let prices = solution.prices();
    let flow = (0..solution.commodities()).flat_map(|k| solution.accounts_after(k)).map(|account| account.flow);
    vec![
        ("producer_price", prices.numbers("producer_price").to_vec()),
        ("consumer_price", prices.numbers("consumer_price").to_vec()),
        ("flow", flow.collect()),
    ]
}

impl SpatialSolution {
    /// As [`crate::result::Solution::save`].
    ///
    /// # Errors
    /// As there.
    pub fn save(&self, path: &Path, notes: &str, stop: &Stop) -> Result<()> {
        atomic::write(path, &self.packed(notes, CompressionMethod::Deflated, stop)?)
    }

    /// What [`SpatialSolution::save`] writes, without compression.
    ///
    /// # Errors
    /// [`Error::Data`]: `notes` is no JSON; [`Error::Interrupted`].
    pub fn to_bytes(&self, notes: &str, stop: &Stop) -> Result<Vec<u8>> {
        self.packed(notes, CompressionMethod::Stored, stop)
    }

    fn packed(&self, notes: &str, method: CompressionMethod, stop: &Stop) -> Result<Vec<u8>> {
        let mut arrays = Arrays::default();
        let network = network::add(&self.model, &mut arrays);
        history::add(&self.history, &mut arrays);
        again::add(outcome(self), &mut arrays);
        let baseline = &self.model.baseline;
        let declared = arrays.declared();
        let meta =
            Meta::new(&baseline.flows, baseline.period, self.options, &self.scenario, Vec::new(), declared, notes)?;
        let meta = Meta { model: SPATIAL.to_string(), network: Some(network), ..meta };
        arrays.to_zip(&meta.to_json()?, method, || unless(stop))
    }
}

/// Reads what [`SpatialSolution::save`] writes, solves the scenario again, and compares: the same version
/// gives the same bits. Also the notes saved with it.
///
/// # Errors
/// [`Error::Data`] with `place` in front: as [`super::read`], and prices or flows that are not those of
/// the saved result. [`Error::Interrupted`].
pub fn read(file: impl Read + Seek, place: &str, stop: &Stop) -> Result<(SpatialSolution, String)> {
    placed(place, unpacked(file, stop))
}

fn unpacked(file: impl Read + Seek, stop: &Stop) -> Result<(SpatialSolution, String)> {
    let mut archive = Archive::open(file)?;
    let mut meta = Meta::from_json(&archive.meta()?, SPATIAL)?;
    archive.declare(std::mem::take(&mut meta.arrays))?;
    let (scenario, options) = (meta.scenario()?, meta.settings.options()?);
    let network = meta.network.take().ok_or_else(|| Error::Data("meta.json has no network".to_string()))?;
    let model = network::read(&mut archive, meta.flows, &meta.period, network, stop)?;
    let support = Spatial::support(options.leave_out);
    let stopped = || stop.requested();
    let compiled = compile(&scenario, &model.baseline, options.at, options.exposure, &support, &stopped)?;
    let history = history::read(&mut archive, &model, &compiled)?;
    let solution = match history.is_empty() {
        true => solve_spatial(&model, &scenario, options, stop)?,
        false => solve_spatial_from(&model, &scenario, options, compiled, history, stop)?,
    };
    again::check(&mut archive, outcome(&solution), &meta.tradewinds)?;
    Ok((solution, meta.notes.get().to_string()))
}
