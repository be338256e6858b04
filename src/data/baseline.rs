//! The period a model starts from: one year's flows and the import duties on them.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::flows::Flows;
use super::market::{Market, Totals};
use super::parts::Parts;
use super::period::Period;
use super::routes::Network;
use crate::error::{Error, Result};

/// Flows of one period with the power of their import duties.
#[derive(Debug, Clone)]
pub struct Baseline {
    pub flows: Arc<Flows>,
    pub period: Period,
    position: usize,
    /// Power T⁰ = 1 + rate of each of the period's rows; `None`: no duties are known.
    tariff_power: Option<Vec<f64>>,
    network: Option<Arc<Network>>,
    parts: Option<Arc<Parts>>,
    /// By commodity, computed when first asked for.
    totals: Vec<OnceLock<Totals>>,
}

/// An import duty: exporter, importer and commodity as positions, and the rate (0.05 is 5 %).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TariffRow {
    pub exporter: u32,
    pub importer: u32,
    pub commodity: u32,
    pub rate: f64,
}

impl Baseline {
    /// # Errors
    /// [`Error::Data`]: no such period, no flow of positive value in it, a duty of −100 % or less,
    /// two duties on one flow.
    pub fn new(flows: Arc<Flows>, period: Period, tariffs: Option<&[TariffRow]>) -> Result<Self> {
        let position = flows.period_position(period)?;
        if !flows.rows().value[flows.period_range(position)].iter().any(|value| *value > 0.0) {
            return Err(Error::Data(format!("no flow of {period} has a positive value; choose another period")));
        }
        let tariff_power = tariffs.map(|rows| tariff_powers(&flows, position, rows)).transpose()?;
        Ok(Self { tariff_power, ..Self::bare(flows, period, position) })
    }

    /// Routes whose flows are not known yet: rows may all be 0.
    ///
    /// # Errors
    /// [`Error::Data`]: no such period.
    pub fn of_routes(flows: Arc<Flows>, period: Period, network: Network) -> Result<Self> {
        let position = flows.period_position(period)?;
        Ok(Self::bare(flows, period, position).with_network(network))
    }

    fn bare(flows: Arc<Flows>, period: Period, position: usize) -> Self {
        let totals = vec![OnceLock::new(); flows.commodities.len()];
        Self { flows, period, position, tariff_power: None, network: None, parts: None, totals }
    }

    /// As [`Baseline::new`], with the power 1 + rate of the duty on each row of the period, in their
    /// order, instead of rates by flow.
    ///
    /// # Errors
    /// As [`Baseline::new`]; another number of rows.
    pub fn with_powers(flows: Arc<Flows>, period: Period, tariff_power: Option<Vec<f64>>) -> Result<Self> {
        let bare = Self::new(flows, period, None)?;
        if let Some(power) = &tariff_power {
            if power.len() != bare.rows().len() {
                return Err(Error::Data(format!(
                    "there are {} powers of tariffs for {} flows; give one a flow",
                    power.len(),
                    bare.rows().len()
                )));
            }
            if let Some(row) = power.iter().position(|power| !(*power > 0.0 && power.is_finite())) {
                return Err(Error::Data(format!(
                    "the power of the tariff on flow {row} (counted from 0) is {}; expected 1 + rate, above 0",
                    power[row]
                )));
            }
        }
        Ok(Self { tariff_power, ..bare })
    }

    /// The same with a network: every row is a route, also those without a flow.
    pub fn with_network(self, network: Network) -> Self {
        Self { network: Some(Arc::new(network)), ..self }
    }

    /// The same with commodities that are parts of those of the flows; measures may name them.
    pub fn with_parts(self, parts: Parts) -> Self {
        Self { parts: Some(Arc::new(parts)), ..self }
    }

    pub fn parts(&self) -> Option<&Parts> {
        self.parts.as_deref()
    }

    pub fn network(&self) -> Option<&Network> {
        self.network.as_deref()
    }

    /// The power T⁰ of the duty on each row of the period; `None`: no duties are known.
    pub fn tariff_power(&self) -> Option<&[f64]> {
        self.tariff_power.as_deref()
    }

    pub fn has_tariffs(&self) -> bool {
        self.tariff_power.is_some()
    }

    /// The rows of the whole period in `flows.rows()`.
    pub fn rows(&self) -> Range<usize> {
        self.flows.period_range(self.position)
    }

    pub fn countries(&self) -> usize {
        self.flows.countries.len()
    }

    pub fn commodities(&self) -> usize {
        self.flows.commodities.len()
    }

    /// Receipts and spending by country of one commodity.
    pub fn totals(&self, commodity: usize) -> &Totals {
        self.totals[commodity].get_or_init(|| Totals::of(&self.market(commodity), self.countries()))
    }

    pub fn market(&self, commodity: usize) -> Market<'_> {
        let range = self.flows.range(self.position, commodity);
        let offset = self.rows().start;
        let tariff_power = self.tariff_power.as_ref().map(|power| &power[range.start - offset..range.end - offset]);
        Market { tariff_power, every_row: self.network.is_some(), ..self.flows.market(self.position, commodity) }
    }
}

fn tariff_powers(flows: &Flows, period: usize, tariffs: &[TariffRow]) -> Result<Vec<f64>> {
    let all = flows.period_range(period);
    let mut power = vec![f64::NAN; all.len()];
    for tariff in tariffs {
        let named = || {
            format!(
                "{} from {} to {}",
                flows.commodities.name(tariff.commodity as usize),
                flows.countries.name(tariff.exporter as usize),
                flows.countries.name(tariff.importer as usize)
            )
        };
        if !(tariff.rate > -1.0 && tariff.rate.is_finite()) {
            return Err(Error::Data(format!(
                "the tariff on {} is {}; expected a rate above -1 (0.05 is 5 %)",
                named(),
                tariff.rate
            )));
        }
        for row in flows.pair(period, tariff.commodity, tariff.exporter, tariff.importer) {
            if !power[row - all.start].is_nan() {
                return Err(Error::Data(format!("there are two tariffs on {}; keep one", named())));
            }
            power[row - all.start] = 1.0 + tariff.rate;
        }
    }
    power.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 1.0);
    Ok(power)
}
