//! Saved results, format 3: a zip of `meta.json` and `.npy` arrays.
//!
//! What is saved is what was put in (flows, duties, elasticities, the scenario, the settings) and the
//! equilibria; everything else is computed again from them. K commodities, N countries, R rows of
//! flows, P of them in the baseline; E equilibria, of every commodity under every of its wedges, in the
//! order of [`crate::scenario::Compiled::tasks`]; L licences, those of each equilibrium in the order of
//! its quotas.
//!
//! | array | shape | |
//! |---|---|---|
//! | `flow_period`, `flow_commodity`, `flow_exporter`, `flow_importer`, `flow_mode` | R | positions into the labels of `meta.json`; `flow_mode` where there are modes |
//! | `flow_value`, `flow_quantity` | R | NaN: not known |
//! | `tariff_power` | P | 1 + rate; where there are baseline duties |
//! | `substitution`, `demand`, `supply` | K; K, N; K, N | infinity allowed in `supply` |
//! | `commodity` | E | |
//! | `log_producer_price`, `log_price_index`, `supply_hat` | E, N | as in [`Equilibrium`], infinities and NaN included |
//! | `converged`, `iterations`, `residual`, `modulus`, `reason` | E | `reason`: position into `reasons` |
//! | `licence_price`, `licence_used`, `licence_within` | L | |
//! | `shipped_change` | rows of each equilibrium's market | first order only |
//!
//! Where elasticities adjust, those above are of the short run, and there are (format 1 had none of these):
//!
//! | array | shape | |
//! |---|---|---|
//! | `<elasticity>_long`, `<elasticity>_half_life` | K, N; K, 1 of substitution | years; infinite where nothing adjusts |
//! | `state_supply`, `state_demand`, `state_weight` | countries or rows of each stretch's market | of a period of a path: [`State`] at the start of each stretch of it |
//!
//! A result of the spatial model has the flows and duties alike (every row is a route), and instead of
//! the rest:
//!
//! | array | shape | |
//! |---|---|---|
//! | `freight` | P | currency per unit |
//! | `capacity` | capacities | facility by facility, as `network` in `meta.json` lists them |
//! | `conduct`, `price_level` | K, N; K | NaN: no price level is said |
//! | `demand`, `supply`, `route_elasticity` | K, N; K, N; K | of a calibrated model |
//! | `demand_curve`, `supply_curve` | K, N, 4 | of a model of curves: kind (0 none, 1 linear, 2 isoelastic) and its numbers |
//! | `producer_price`, `consumer_price`, `flow` | rows of `prices`; rows | what came out: solving again must give it |
//!
//! A result in general equilibrium has a table of K sectors and how it was made a model (formats 1 and 2 had
//! none of these), and no flows, which follow from it; S rows of shares of commodities in sectors:
//!
//! | array | shape | |
//! |---|---|---|
//! | `import_share`, `duty_power` | K, N, N | by sector, importer, exporter; `duty_power` where there are duties |
//! | `input_share` | N, K, K | by country, input, output |
//! | `value_added_share`, `final_share` | K, N | |
//! | `value_added`, `deficit` | N | `deficit` where it is not what the shares imply |
//! | `trade_elasticity` | K | |
//! | `part_sector`, `part_exporter`, `part_importer`, `part_share` | S | the commodities are in `meta.json`; N: any country |
//! | `wage`, `producer_price`, `price_index`, `value_after` | rows of `wages`, `prices` and `flows` | what came out: solving again must give it |

mod again;
mod archive;
mod atomic;
mod equilibria;
pub mod general;
mod history;
mod inputs;
mod meta;
mod network;
pub mod npy;
pub mod spatial;
mod table;

use std::io::{Read, Seek};
use std::path::Path;

use zip::CompressionMethod;

use self::archive::{Archive, Arrays};
use self::meta::Meta;
use super::Solution;
use crate::Options;
use crate::error::{Error, Result};
use crate::model::{Adjusts, Armington, Equilibrium};
use crate::scenario::compile::{Compiled, compile};
use crate::scenario::{Scenario, State};
use crate::solve::Stop;

pub use self::meta::FORMAT;

/// What a file has, its scenario compiled.
#[derive(Debug, Clone)]
pub struct Saved {
    pub model: Armington,
    pub scenario: Scenario,
    pub options: Options,
    pub compiled: Compiled,
    /// In the order of the compiled scenario's tasks.
    pub equilibria: Vec<Equilibrium>,
    /// By commodity and stretch, where curves adjust.
    pub history: Vec<Vec<State>>,
    /// What the caller had saved with it, as JSON.
    pub notes: String,
}

impl Solution {
    /// Writes the result to a file, whole or not at all. `notes` is any JSON, given back when the file
    /// is read.
    ///
    /// # Errors
    /// [`Error::Data`]: the file can't be written; [`Error::Interrupted`].
    pub fn save(&self, path: &Path, notes: &str, stop: &Stop) -> Result<()> {
        atomic::write(path, &self.packed(notes, CompressionMethod::Deflated, stop)?)
    }

    /// What [`Solution::save`] writes, without compression: for another process, not for a disk.
    ///
    /// # Errors
    /// [`Error::Data`]: `notes` is no JSON; [`Error::Interrupted`].
    pub fn to_bytes(&self, notes: &str, stop: &Stop) -> Result<Vec<u8>> {
        self.packed(notes, CompressionMethod::Stored, stop)
    }

    fn packed(&self, notes: &str, method: CompressionMethod, stop: &Stop) -> Result<Vec<u8>> {
        let mut arrays = Arrays::default();
        inputs::add(&self.model, &mut arrays);
        let reasons = equilibria::add(self, &mut arrays);
        history::add(&self.history, &mut arrays);
        let baseline = &self.model.baseline;
        let (scenario, declared) = (&self.scenario, arrays.declared());
        let meta =
            Meta::new(&baseline.flows, baseline.period, self.options, scenario, reasons, declared, notes)?.to_json()?;
        arrays.to_zip(&meta, method, || unless(stop))
    }
}

/// Reads what [`Solution::save`] and [`Solution::to_bytes`] write, and compiles the scenario.
///
/// # Errors
/// [`Error::Data`] with `place` in front: no zip, one cut short or damaged, another format, a member
/// that is missing, unknown, a path, or larger than `meta.json` says, an array of another type or
/// shape, numbers that the inputs or an equilibrium can't have, a scenario that no longer compiles to
/// as many equilibria. [`Error::Interrupted`].
pub fn read(file: impl Read + Seek, place: &str, stop: &Stop) -> Result<Saved> {
    placed(place, unpacked(file, stop))
}

/// Who reads a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// [`read`], which also says what is wrong with a file that nobody reads.
    Armington,
    /// [`spatial::read`].
    Spatial,
    /// [`general::read`].
    General,
}

pub fn reader(file: impl Read + Seek) -> Reader {
    let model = Archive::open(file).and_then(|mut archive| archive.meta()).ok().and_then(|meta| Meta::model_of(&meta));
    match model.as_deref() {
        Some(meta::SPATIAL) => Reader::Spatial,
        Some(meta::GENERAL) => Reader::General,
        _ => Reader::Armington,
    }
}

fn placed<T>(place: &str, found: Result<T>) -> Result<T> {
    found.map_err(|error| match error {
        Error::Interrupted => error,
        error => Error::Data(format!("{place}: {error}")),
    })
}

fn unpacked(file: impl Read + Seek, stop: &Stop) -> Result<Saved> {
    let mut archive = Archive::open(file)?;
    let mut meta = Meta::from_json(&archive.meta()?, meta::ARMINGTON)?;
    archive.declare(std::mem::take(&mut meta.arrays))?;
    let (scenario, options) = (meta.scenario()?, meta.settings.options()?);
    let model = inputs::read(&mut archive, meta.flows, &meta.period)?;
    unless(stop)?;
    let support = Armington::support(options.leave_out);
    let compiled = compile(&scenario, &model.baseline, options.at, options.exposure, &support, &|| stop.requested())?;
    let history = history::read(&mut archive, &model, &compiled)?;
    let plain = history::by_stretch(&compiled, &history, |wedges, _, _, _| wedges.clone());
    let equilibria = equilibria::read(&mut archive, &model, &plain, options.first_order, &meta.reasons)?;
    let of_market = plain.by_commodity(&equilibria);
    let compiled = history::by_stretch(&compiled, &history, |wedges, k, stretch, years| {
        wedges.under(&model.adjusted(k, years, &history[k][stretch], wedges, of_market[k][stretch]))
    });
    unless(stop)?;
    Ok(Saved { model, scenario, options, compiled, equilibria, history, notes: meta.notes.get().to_string() })
}

/// Opens a file for [`read`].
///
/// # Errors
/// [`Error::Data`]: there is no such file, it is a folder, it can't be read.
pub fn open(path: &Path) -> Result<std::io::BufReader<std::fs::File>> {
    if path.is_dir() {
        return Err(Error::Data(format!("{} is a folder; give the file that result.save(path) wrote", path.display())));
    }
    let opened = std::fs::File::open(path).map(std::io::BufReader::new);
    opened.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Error::Data(format!("there is no file {}; give one that result.save(path) wrote", path.display()))
        }
        _ => Error::Data(format!("{} can't be read: {error}", path.display())),
    })
}

fn unless(stop: &Stop) -> Result<()> {
    if stop.requested() { Err(Error::Interrupted) } else { Ok(()) }
}
