//! Flows of one commodity as a table of one sector that is made of labour alone.

use ndarray::{Array1, Array2, Array3};

use super::flows::Flows;
use super::input_output::{InputOutput, Shares};
use super::labels::some_of;
use super::period::Period;
use crate::error::{Error, Result};

/// The table of a period's flows, with domestic sales; modes are added up. Deficits are those of the flows.
///
/// # Errors
/// [`Error::Data`]: several commodities, a country without domestic sales, without sales or without
/// purchases, no such period.
pub fn one_sector(flows: &Flows, period: Period) -> Result<InputOutput> {
    let refuse = |what: String| Err(Error::Data(what));
    if flows.commodities.len() != 1 {
        return refuse(format!(
            "gravity has one sector, but the flows have {} commodities ({}); sum them first with \
             flows.aggregate(commodities=...), or select one",
            flows.commodities.len(),
            some_of(flows.commodities.iter())
        ));
    }
    let n = flows.countries.len();
    let market = flows.market(flows.period_position(period)?, 0);
    let mut value = Array3::zeros((1, n, n));
    for row in 0..market.len() {
        value[[0, market.importer[row] as usize, market.exporter[row] as usize]] += market.value[row];
    }
    let without: Vec<&str> = (0..n).filter(|&i| value[[0, i, i]] == 0.0).map(|i| flows.countries.name(i)).collect();
    if !without.is_empty() {
        return refuse(format!(
            "gravity needs domestic sales, rows whose exporter is the importer, but {} has none (gross output less \
             exports); add them, or take the country out",
            some_of(without)
        ));
    }
    let (mut sold, mut bought) = (Array1::<f64>::zeros(n), Array1::<f64>::zeros(n));
    for ((_, importer, exporter), amount) in value.indexed_iter() {
        sold[exporter] += amount;
        bought[importer] += amount;
    }
    value.indexed_iter_mut().for_each(|((_, importer, _), amount)| *amount /= bought[importer]);
    let shares = Shares {
        import_share: value,
        input_share: Array3::zeros((n, 1, 1)),
        value_added_share: Array2::ones((1, n)),
        final_share: Array2::ones((1, n)),
        deficit: Some(&bought - &sold),
        value_added: sold,
        tariff_power: None,
    };
    InputOutput::new(flows.countries.names().to_vec(), flows.commodities.names().to_vec(), shares)
}
