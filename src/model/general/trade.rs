//! The flows of an equilibrium, one by one.

use super::Settings;
use super::economy::Economy;
use super::system::{State, System};
use crate::data::flows::FlowRows;
use crate::data::{Duplicates, Flows, InputOutput, Units};
use crate::error::Result;
use crate::solve::arrays;

/// All flows of an equilibrium, arrays as [`Economy::import_share`].
pub struct Trade {
    /// Spending π' X', duties included.
    pub spending: Vec<f64>,
    /// V' at the exporter's border: with export tax, without duty.
    pub value: Vec<f64>,
}

impl Trade {
    pub fn of(system: &System, state: &State) -> Self {
        let economy = system.economy;
        let flows = economy.import_share.len();
        let mut trade = Self { spending: vec![0.0; flows], value: vec![0.0; flows] };
        for sector in 0..economy.sectors {
            for importer in 0..economy.countries {
                let row = economy.flow(sector, importer, 0);
                let (spending, value) = (&mut trade.spending[row..], &mut trade.value[row..]);
                purchases(system, state, (sector, importer), spending, value);
            }
        }
        trade
    }
}

/// What an importer spends on a sector and its border value, by exporter.
pub fn purchases(
    system: &System,
    state: &State,
    (sector, importer): (usize, usize),
    spending: &mut [f64],
    value: &mut [f64],
) {
    let n = system.economy.countries;
    let powers = &state.power[sector * system.economy.stride()..][..n];
    let density = density(state, sector * n + importer);
    for (row, out) in system.kernel.of_buyer(sector, importer).into_iter().zip([spending, value]) {
        arrays::products(row, powers, density, &mut out[..n]);
    }
}

/// The border value of one flow.
pub fn value(system: &System, state: &State, sector: usize, importer: usize, exporter: usize) -> f64 {
    let n = system.economy.countries;
    let [_, border] = system.kernel.of_buyer(sector, importer);
    border[exporter] * state.power[sector * system.economy.stride() + exporter] * density(state, sector * n + importer)
}

fn density(state: &State, cell: usize) -> f64 {
    if state.spending[cell] > 0.0 { state.spending[cell] / state.weight[cell] } else { 0.0 }
}

/// The flows of the baseline and the powers of their duties, in the order of the flows' rows; `spending` is ln X
/// by sector and importer, where they have `bought`.
pub(super) fn flows(
    economy: &Economy,
    spending: &[f64],
    bought: &[bool],
    table: &InputOutput,
    settings: &Settings,
) -> Result<(Flows, Vec<f64>)> {
    let (n, sectors) = (economy.countries, economy.sectors);
    let count = economy.import_share.iter().filter(|share| **share > 0.0).count();
    let codes = || Vec::with_capacity(count);
    let amounts = || Vec::with_capacity(count);
    let mut rows = FlowRows {
        period: codes(),
        commodity: codes(),
        exporter: codes(),
        importer: codes(),
        mode: None,
        value: amounts(),
        quantity: amounts(),
    };
    let mut power = amounts();
    for sector in 0..sectors {
        for exporter in 0..n {
            for importer in 0..n {
                let flow = economy.flow(sector, importer, exporter);
                let share = economy.import_share[flow];
                if share > 0.0 {
                    let tariff = table.tariff_power(sector, importer, exporter);
                    rows.period.push(0);
                    rows.commodity.push(sector as u32);
                    rows.exporter.push(exporter as u32);
                    rows.importer.push(importer as u32);
                    let bought = bought[sector * n + importer];
                    let value = if bought { share * spending[sector * n + importer].exp() / tariff } else { 0.0 };
                    rows.value.push(value);
                    rows.quantity.push(f64::NAN);
                    power.push(tariff);
                }
            }
        }
    }
    let units = Units { currency: settings.currency.clone(), quantity: vec![String::new(); sectors] };
    let labels = (table.countries.clone(), table.sectors.clone());
    let flows = Flows::new(labels.0, labels.1, vec![settings.period], None, units, rows, Duplicates::Raise)?;
    Ok((flows, power))
}
