//! `meta.json`: labels, settings, the scenario, and what arrays there are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::network::NetworkMeta;
use super::table::TableMeta;
use crate::data::{Flows, Labels, Period, Units};
use crate::error::{Error, Result};
use crate::scenario::{Exposure, Scenario};
use crate::{Options, VERSION};

/// The format that this version writes.
pub const FORMAT: u32 = 3;
/// The formats that this version reads.
const READABLE: std::ops::RangeInclusive<u32> = 1..=FORMAT;

pub const ARMINGTON: &str = "Armington";
pub const SPATIAL: &str = "Spatial";
pub const GENERAL: &str = "General";

/// The type and shape of an array.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    #[serde(rename = "type")]
    pub kind: String,
    pub shape: Vec<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    pub format: u32,
    /// The version that wrote the file.
    pub tradewinds: String,
    pub model: String,
    pub flows: FlowLabels,
    /// Of the baseline.
    pub period: String,
    pub settings: Settings,
    pub scenario: Box<RawValue>,
    /// What the array `reason` has positions into.
    pub reasons: Vec<String>,
    /// Of the spatial model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkMeta>,
    /// Of general equilibrium.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableMeta>,
    pub arrays: BTreeMap<String, Declared>,
    /// What the caller wants to find again.
    pub notes: Box<RawValue>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowLabels {
    pub countries: Vec<String>,
    pub commodities: Vec<String>,
    pub periods: Vec<String>,
    pub modes: Option<Vec<String>>,
    pub currency: String,
    /// By commodity.
    pub quantity_units: Vec<String>,
}

/// What rows of flows have positions into.
pub struct Named {
    pub countries: Labels,
    pub commodities: Labels,
    pub periods: Vec<Period>,
    pub modes: Option<Labels>,
    pub units: Units,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    at: Option<String>,
    /// 1: first order.
    order: Option<u8>,
    exposure: Exposure,
    unsupported: Unsupported,
}

/// What is done with measures that the model does not take.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unsupported {
    Raise,
    LeaveOut,
}

/// Which model a result is of.
#[derive(Deserialize)]
struct Modelled {
    #[serde(default)]
    model: String,
}

/// What is read before everything else: later formats have keys that this one does not know.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
    #[serde(default)]
    tradewinds: String,
}

impl Meta {
    pub fn new(
        flows: &Flows,
        period: Period,
        options: Options,
        scenario: &Scenario,
        reasons: Vec<String>,
        arrays: BTreeMap<String, Declared>,
        notes: &str,
    ) -> Result<Self> {
        Ok(Self {
            format: FORMAT,
            tradewinds: VERSION.to_string(),
            model: ARMINGTON.to_string(),
            flows: FlowLabels::of(flows),
            period: period.to_string(),
            settings: Settings::of(options),
            scenario: raw(&scenario.to_json()?, "the scenario")?,
            reasons,
            network: None,
            table: None,
            arrays,
            notes: raw(notes, "the notes")?,
        })
    }

    pub fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| Error::Data(format!("the result can't be written as JSON: {error}")))
    }

    /// # Errors
    /// [`Error::Data`]: no JSON, another format, another model, keys that are missing or unknown.
    pub fn from_json(bytes: &[u8], model: &str) -> Result<Self> {
        let refuse = |error: serde_json::Error| {
            Error::Data(format!(
                "meta.json is not that of a saved result: {error}; save the result again, or take another copy"
            ))
        };
        let Versioned { format, tradewinds } = serde_json::from_slice(bytes).map_err(refuse)?;
        if !READABLE.contains(&format) {
            let writer = if tradewinds.is_empty() { "an unnamed version" } else { &tradewinds };
            return Err(Error::Data(format!(
                "the file has format {format}, written by tradewinds {writer}; tradewinds {VERSION} reads formats \
                 up to {FORMAT}: load it with the version that wrote it"
            )));
        }
        let meta: Self = serde_json::from_slice(bytes).map_err(refuse)?;
        if meta.model != model {
            return Err(Error::Data(format!(
                "the result is of the model '{}', which tradewinds {VERSION} does not have; it has {ARMINGTON}, \
                 {SPATIAL} and {GENERAL}",
                meta.model
            )));
        }
        Ok(meta)
    }

    /// Which model the result is of, where that can be read; all else is for [`Meta::from_json`] to say.
    pub fn model_of(bytes: &[u8]) -> Option<String> {
        serde_json::from_slice(bytes).ok().map(|Modelled { model }| model)
    }

    pub fn scenario(&self) -> Result<Scenario> {
        Scenario::from_json(self.scenario.get(), "scenario")
    }
}

impl FlowLabels {
    fn of(flows: &Flows) -> Self {
        Self {
            countries: flows.countries.names().to_vec(),
            commodities: flows.commodities.names().to_vec(),
            periods: flows.periods.iter().map(Period::to_string).collect(),
            modes: flows.modes.as_ref().map(|modes| modes.names().to_vec()),
            currency: flows.units.currency.clone(),
            quantity_units: flows.units.quantity.clone(),
        }
    }

    /// # Errors
    /// [`Error::Data`]: a label twice, something that is no period, not a unit a commodity.
    pub fn labels(self) -> Result<Named> {
        let countries = unique("country", self.countries)?;
        let commodities = unique("commodity", self.commodities)?;
        let modes = self.modes.map(|modes| unique("mode", modes)).transpose()?;
        let periods = unique("period", self.periods)?;
        let periods = periods.iter().map(|text| text.parse().map_err(Error::Data)).collect::<Result<_>>()?;
        if self.quantity_units.len() != commodities.len() {
            return Err(Error::Data(format!(
                "there are {} units of quantity for {} commodities; expected one each",
                self.quantity_units.len(),
                commodities.len()
            )));
        }
        let units = Units { currency: self.currency, quantity: self.quantity_units };
        Ok(Named { countries, commodities, periods, modes, units })
    }
}

impl Settings {
    fn of(options: Options) -> Self {
        Self {
            at: options.at.map(|period| period.to_string()),
            order: options.first_order.then_some(1),
            exposure: options.exposure,
            unsupported: if options.leave_out { Unsupported::LeaveOut } else { Unsupported::Raise },
        }
    }

    /// # Errors
    /// [`Error::Data`]: a date that is none, an order that there is not.
    pub fn options(&self) -> Result<Options> {
        let first_order = match self.order {
            None => false,
            Some(1) => true,
            Some(order) => return Err(Error::Data(format!("the setting order is {order}; expected 1 or null"))),
        };
        let at = self.at.as_ref().map(|text| text.parse().map_err(Error::Data)).transpose()?;
        Ok(Options { at, exposure: self.exposure, first_order, leave_out: self.unsupported == Unsupported::LeaveOut })
    }
}

fn raw(json: &str, what: &str) -> Result<Box<RawValue>> {
    RawValue::from_string(json.to_string()).map_err(|error| Error::Data(format!("{what} can't be written: {error}")))
}

fn unique(kind: &str, names: Vec<String>) -> Result<Labels> {
    let labels = Labels::new(names.iter().map(String::as_str));
    if labels.len() == names.len() {
        return Ok(labels);
    }
    let twice = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name));
    let name = twice.map_or("", |(_, name)| name.as_str());
    Err(Error::Data(format!("the {kind} '{name}' is there twice; expected each once")))
}
