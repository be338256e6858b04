//! The flows of an equilibrium, one by one.

use super::Settings;
use super::economy::Economy;
use super::system::{State, System};
use crate::data::flows::FlowRows;
use crate::data::{Duplicates, Flows, InputOutput, Units};
use crate::error::Result;

/// All flows of an equilibrium, arrays as [`Economy::import_share`].
pub struct Trade {
    /// Spending π' X', duties included.
    pub spending: Vec<f64>,
    /// V' at the exporter's border: with export tax, without duty.
    pub value: Vec<f64>,
}

impl Trade {
    pub fn of(system: &System, state: &State) -> Self {
        let (n, stride) = (system.economy.countries, system.economy.stride());
        let flow = |kernel: &[f64]| {
            let rows = kernel.chunks_exact(stride).zip(state.spending.iter().zip(&state.weight)).enumerate();
            let mut out = Vec::with_capacity(kernel.len());
            for (row, (kernel, (spending, weight))) in rows {
                let density = if *spending > 0.0 { spending / weight } else { 0.0 };
                let powers = &state.power[row / n * n..][..n];
                out.extend(kernel.iter().zip(powers).map(|(kernel, power)| kernel * power * density));
                out.resize((row + 1) * stride, 0.0);
            }
            out
        };
        let spending = flow(&system.kernel);
        let value = system.border.as_deref().map_or_else(|| spending.clone(), flow);
        Self { spending, value }
    }
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
    let mut rows = FlowRows::default();
    let mut power = Vec::new();
    for sector in 0..sectors {
        for exporter in 0..n {
            for importer in 0..n {
                let flow = economy.flow(sector, importer, exporter);
                let share = economy.import_share[flow];
                if share > 0.0 {
                    let tariff = economy.tariff(flow);
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
