//! An input–output table in a file, and how it was made a model.

use std::io::{Read, Seek};
use std::sync::Arc;

use ndarray::{Array1, Array2, Array3};
use serde::{Deserialize, Serialize};

use super::archive::{Archive, Arrays, Values};
use super::inputs::positions;
use super::meta::FlowLabels;
use crate::data::input_output::Shares;
use crate::data::{InputOutput, Labels, PartRow, Parts};
use crate::error::{Error, Result};
use crate::model::General;
use crate::model::general::nest::Nests;
use crate::model::general::{Deficits, Settings};
use crate::solve::Stop;

/// What `meta.json` says beside the arrays.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableMeta {
    deficits: Deficits,
    nests: Nests,
    /// The commodity of each row of shares in sectors; null where measures name sectors alone.
    parts: Option<Vec<String>>,
}

pub fn add<'a>(model: &'a General, arrays: &mut Arrays<'a>) -> TableMeta {
    let (table, settings) = (&model.given.table, &model.given.settings);
    let Shares { import_share, input_share, value_added_share, final_share, value_added, tariff_power, deficit } =
        &table.shares;
    let mut cube = |name, values: &Array3<f64>| arrays.add(name, values.shape(), numbers(values.iter()));
    cube("import_share", import_share);
    cube("input_share", input_share);
    if let Some(power) = tariff_power {
        cube("duty_power", power);
    }
    for (name, values) in [("value_added_share", value_added_share), ("final_share", final_share)] {
        arrays.add(name, values.shape(), numbers(values.iter()));
    }
    for (name, values) in [("value_added", Some(value_added)), ("deficit", deficit.as_ref())] {
        if let Some(values) = values {
            arrays.add(name, values.shape(), numbers(values.iter()));
        }
    }
    let theta = &settings.trade_elasticity;
    arrays.add("trade_elasticity", &[theta.len()], Values::Numbers(theta));
    let parts = model.baseline.parts().map(|parts| add_parts(parts, table.countries.len(), arrays));
    TableMeta { deficits: settings.deficits, nests: settings.nests, parts }
}

fn numbers<'a>(values: impl Iterator<Item = &'a f64>) -> Values<'static> {
    Values::OwnNumbers(values.copied().collect())
}

/// Adds the arrays; returns the commodities.
fn add_parts(parts: &Parts, countries: usize, arrays: &mut Arrays) -> Vec<String> {
    let count = [parts.rows.len()];
    let codes = |of: &dyn Fn(&PartRow) -> u32| Values::OwnCodes(parts.rows.iter().map(of).collect());
    let any = countries as u32;
    arrays.add("part_sector", &count, codes(&|row| row.whole));
    arrays.add("part_exporter", &count, codes(&|row| row.exporter.unwrap_or(any)));
    arrays.add("part_importer", &count, codes(&|row| row.importer.unwrap_or(any)));
    arrays.add("part_share", &count, Values::OwnNumbers(parts.rows.iter().map(|row| row.share).collect()));
    parts.rows.iter().map(|row| row.part.clone()).collect()
}

/// The model is made again: its baseline is the equilibrium that it was.
pub fn read<R: Read + Seek>(
    archive: &mut Archive<R>,
    labels: FlowLabels,
    period: &str,
    meta: TableMeta,
    stop: &Stop,
) -> Result<General> {
    let named = labels.labels()?;
    let names = |labels: &Labels| labels.names().to_vec();
    let (n, sectors) = (named.countries.len(), named.commodities.len());
    let shares = Shares {
        import_share: cube(archive, "import_share", [sectors, n, n])?,
        input_share: cube(archive, "input_share", [n, sectors, sectors])?,
        value_added_share: square(archive, "value_added_share", [sectors, n])?,
        final_share: square(archive, "final_share", [sectors, n])?,
        value_added: Array1::from_vec(archive.array("value_added", &[n])?),
        tariff_power: match archive.has("duty_power") {
            true => Some(cube(archive, "duty_power", [sectors, n, n])?),
            false => None,
        },
        deficit: match archive.has("deficit") {
            true => Some(Array1::from_vec(archive.array("deficit", &[n])?)),
            false => None,
        },
    };
    let table = Arc::new(InputOutput::new(names(&named.countries), names(&named.commodities), shares)?);
    let settings = Settings {
        trade_elasticity: archive.array("trade_elasticity", &[sectors])?,
        deficits: meta.deficits,
        nests: meta.nests,
        period: period.parse().map_err(Error::Data)?,
        currency: named.units.currency,
    };
    let parts = meta.parts.map(|names| parts(archive, names, &table)).transpose()?;
    General::new(&table, settings, parts, stop)
}

fn cube<R: Read + Seek>(archive: &mut Archive<R>, name: &str, shape: [usize; 3]) -> Result<Array3<f64>> {
    let values = archive.array(name, &shape)?;
    Ok(Array3::from_shape_vec(shape, values).expect("as many numbers as the shape has"))
}

fn square<R: Read + Seek>(archive: &mut Archive<R>, name: &str, shape: [usize; 2]) -> Result<Array2<f64>> {
    let values = archive.array(name, &shape)?;
    Ok(Array2::from_shape_vec(shape, values).expect("as many numbers as the shape has"))
}

fn parts<R: Read + Seek>(archive: &mut Archive<R>, names: Vec<String>, table: &InputOutput) -> Result<Parts> {
    let (count, n) = ([names.len()], table.countries.len());
    let sector = positions(archive, "part_sector", &count, table.sectors.len())?;
    let mut country = |name| -> Result<Vec<Option<u32>>> {
        let codes = positions(archive, name, &count, n + 1)?;
        Ok(codes.into_iter().map(|code| (code < n as u32).then_some(code)).collect())
    };
    let (exporter, importer) = (country("part_exporter")?, country("part_importer")?);
    let share: Vec<f64> = archive.array("part_share", &count)?;
    let places = sector.into_iter().zip(exporter.into_iter().zip(importer)).zip(share);
    let row = |(part, ((whole, (exporter, importer)), share))| PartRow { part, whole, exporter, importer, share };
    Parts::new(names.into_iter().zip(places).map(row).collect(), &table.sectors)
}
