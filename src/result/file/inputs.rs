//! What was put in: flows, baseline duties, elasticities.

use std::io::{Read, Seek};
use std::sync::Arc;

use ndarray::Array2;

use super::archive::{Archive, Arrays, Values};
use super::history;
use super::meta::{FlowLabels, Named};
use crate::data::{Baseline, Duplicates, Elasticities, FlowRows, Flows};
use crate::error::{Error, Result};
use crate::model::Armington;

pub fn add<'a>(model: &'a Armington, arrays: &mut Arrays<'a>) {
    let (baseline, elasticities) = (&model.baseline, &model.elasticities);
    add_flows(baseline, arrays);
    let shape = [baseline.commodities(), baseline.countries()];
    let table = |values: &Array2<f64>| Values::OwnNumbers(values.iter().copied().collect());
    arrays.add("substitution", &shape[..1], Values::Numbers(&elasticities.substitution));
    arrays.add("demand", &shape, table(&elasticities.demand));
    arrays.add("supply", &shape, table(&elasticities.supply));
    history::add_adjusting(&elasticities.adjusting, arrays);
}

/// Flows of all periods, and the duties of the baseline.
pub fn add_flows<'a>(baseline: &'a Baseline, arrays: &mut Arrays<'a>) {
    let rows = baseline.flows.rows();
    let count = [rows.len()];
    arrays.add("flow_period", &count, Values::Codes(&rows.period));
    arrays.add("flow_commodity", &count, Values::Codes(&rows.commodity));
    arrays.add("flow_exporter", &count, Values::Codes(&rows.exporter));
    arrays.add("flow_importer", &count, Values::Codes(&rows.importer));
    if let Some(mode) = &rows.mode {
        arrays.add("flow_mode", &count, Values::Codes(mode));
    }
    arrays.add("flow_value", &count, Values::Numbers(&rows.value));
    arrays.add("flow_quantity", &count, Values::Numbers(&rows.quantity));
    if let Some(power) = baseline.tariff_power() {
        arrays.add("tariff_power", &[power.len()], Values::Numbers(power));
    }
}

pub fn read<R: Read + Seek>(archive: &mut Archive<R>, labels: FlowLabels, period: &str) -> Result<Armington> {
    let flows = flows(archive, labels)?;
    let shape = [flows.commodities.len(), flows.countries.len()];
    let mut table = |name: &str| -> Result<Array2<f64>> {
        let values = archive.array(name, &shape)?;
        Ok(Array2::from_shape_vec(shape, values).expect("as many numbers as the shape has"))
    };
    let (demand, supply) = (table("demand")?, table("supply")?);
    let substitution = archive.array("substitution", &shape[..1])?;
    let elasticities = Elasticities::new(substitution, demand, supply, &flows.commodities, &flows.countries)?;
    let adjusting = history::adjusting(archive, shape)?;
    let elasticities = elasticities.with_adjusting(adjusting, &flows.commodities, &flows.countries)?;
    let power = tariff_power(archive)?;
    let period = period.parse().map_err(Error::Data)?;
    let baseline = Baseline::with_powers(Arc::new(flows), period, power)?;
    Ok(Armington { baseline: Arc::new(baseline), elasticities: Arc::new(elasticities) })
}

pub fn tariff_power<R: Read + Seek>(archive: &mut Archive<R>) -> Result<Option<Vec<f64>>> {
    match archive.has("tariff_power") {
        true => Ok(Some(archive.array("tariff_power", &[archive.length("tariff_power")?])?)),
        false => Ok(None),
    }
}

pub fn flows<R: Read + Seek>(archive: &mut Archive<R>, labels: FlowLabels) -> Result<Flows> {
    let Named { countries, commodities, periods, modes, units } = labels.labels()?;
    let count = [archive.length("flow_value")?];
    let mut codes = |name: &str, most: usize| positions(archive, name, &count, most);
    let rows = FlowRows {
        period: codes("flow_period", periods.len())?,
        commodity: codes("flow_commodity", commodities.len())?,
        exporter: codes("flow_exporter", countries.len())?,
        importer: codes("flow_importer", countries.len())?,
        mode: modes.as_ref().map(|modes| codes("flow_mode", modes.len())).transpose()?,
        value: archive.array("flow_value", &count)?,
        quantity: archive.array("flow_quantity", &count)?,
    };
    Flows::new(countries, commodities, periods, modes, units, rows, Duplicates::Raise)
}

/// An array of positions below `most`.
pub fn positions<R: Read + Seek>(
    archive: &mut Archive<R>,
    name: &str,
    shape: &[usize],
    most: usize,
) -> Result<Vec<u32>> {
    let codes: Vec<u32> = archive.array(name, shape)?;
    match codes.iter().position(|code| *code as usize >= most) {
        None => Ok(codes),
        Some(row) => Err(Error::Data(format!(
            "the array '{name}' has {} in row {row} (counted from 0); expected a position below {most}",
            codes[row]
        ))),
    }
}
