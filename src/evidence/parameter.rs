//! Parameters by name: elasticities of some commodities and countries, sizes of measures.

use serde::Deserialize;

use crate::data::Elasticities;
use crate::data::labels::{did_you_mean, some_of};
use crate::error::{Error, Result};
use crate::model::Armington;
use crate::scenario::schema;
use crate::scenario::select::Context;
use crate::scenario::{Overlap, Scenario, Selector, Verb};

/// A parameter as it is asked for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// What it is called in answers.
    pub label: String,
    /// "substitution", "demand", "supply", or a number of the measure.
    pub name: String,
    #[serde(default)]
    pub commodity: Selector,
    /// Buyers for demand, sellers for supply.
    #[serde(default)]
    pub country: Selector,
    pub measure: Option<String>,
}

/// A parameter of a model and a scenario: the entries move together.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// σ of commodities.
    Substitution(Vec<usize>),
    /// η of commodities and importers.
    Demand(Vec<(usize, usize)>),
    /// ε of commodities and exporters.
    Supply(Vec<(usize, usize)>),
    /// A number of the measure at that position.
    Size { measure: usize, name: &'static str },
}

impl Asked {
    /// # Errors
    /// [`Error::Model`]: no such parameter, an elasticity that nobody who trades has, or one that is
    /// infinite; [`Error::Scenario`]: no such measure, a number it does not have.
    pub fn resolve(&self, model: &Armington, scenario: &Scenario) -> Result<Parameter> {
        if let Some(label) = &self.measure {
            return self.size(label, scenario);
        }
        let flows = &model.baseline.flows;
        let commodities = Context { labels: &flows.commodities, kind: "commodity", groups: None };
        let commodities = commodities.resolve(&self.commodity)?.positions();
        let day = model.baseline.period.last_day();
        let groups = Some((&scenario.groups, day));
        let countries = Context { labels: &flows.countries, kind: "country", groups }.resolve(&self.country)?;
        let traders = |trades: &dyn Fn(usize, usize) -> bool| -> Result<Vec<(usize, usize)>> {
            let pairs = commodities.iter().flat_map(|&k| countries.positions().into_iter().map(move |c| (k, c)));
            let found: Vec<(usize, usize)> = pairs.filter(|&(k, country)| trades(k, country)).collect();
            match found.is_empty() {
                true => Err(self.refused("nobody it names trades that; name commodities and countries that do")),
                false => Ok(found),
            }
        };
        match self.name.as_str() {
            "substitution" => Ok(Parameter::Substitution(commodities)),
            "demand" => Ok(Parameter::Demand(traders(&|k, j| model.baseline.totals(k).spent[j] > 0.0)?)),
            "supply" => {
                let entries = traders(&|k, i| model.baseline.totals(k).received[i] > 0.0)?;
                match entries.iter().find(|&&(k, i)| model.elasticities.supply[[k, i]].is_infinite()) {
                    Some(&(k, i)) => Err(self.refused(&format!(
                        "supply of {} for {} is infinite, so it can't be moved; name others, or make it finite",
                        flows.countries.name(i),
                        flows.commodities.name(k)
                    ))),
                    None => Ok(Parameter::Supply(entries)),
                }
            }
            other => {
                let known = ["substitution", "demand", "supply"];
                let hint = did_you_mean(other, known);
                Err(self.refused(&format!(
                    "it is none of {}; the size of a measure needs measure=, its label.{hint}",
                    known.join(", ")
                )))
            }
        }
    }

    fn size(&self, label: &str, scenario: &Scenario) -> Result<Parameter> {
        let labels: Vec<String> = (0..scenario.measures.len()).map(|m| scenario.label(m)).collect();
        let Some(position) = labels.iter().position(|known| known == label) else {
            return Err(Error::Scenario(format!(
                "parameter '{}': no measure is called '{label}'; there are {}",
                self.label,
                some_of(labels.iter().map(String::as_str))
            )));
        };
        let measure = &scenario.measures[position];
        let sizes: Vec<&schema::Field> = match measure.verb {
            Verb::Quota | Verb::PriceCap | Verb::Capacity => {
                return Err(self.refused(&format!(
                    "derivatives in the size of a {} are not available; take a Ban, Tariff, ExportTax, TradeCost or Shift",
                    measure.verb
                )));
            }
            verb => verb.fields().iter().filter(|field| field.range.is_some()).collect(),
        };
        let given = |field: &schema::Field| measure.number(field.name).is_some() || field.default.is_some();
        let Some(field) = sizes.iter().find(|field| field.name == self.name && given(field)) else {
            let has: Vec<&str> = sizes.iter().filter(|field| given(field)).map(|field| field.name).collect();
            return Err(Error::Scenario(format!(
                "parameter '{}': '{label}' has no number '{}'; it has {}",
                self.label,
                self.name,
                has.join(", ")
            )));
        };
        if measure.verb == Verb::Ban && scenario.overlap != Overlap::Independent {
            return Err(self.refused(
                "where bans overlap other than independently, the share left has kinks and no derivative; use \
                 overlap=\"independent\"",
            ));
        }
        Ok(Parameter::Size { measure: position, name: field.name })
    }

    fn refused(&self, why: &str) -> Error {
        Error::Model(format!("parameter '{}': {why}", self.label))
    }
}

impl Parameter {
    /// The value of each entry.
    pub fn values(&self, elasticities: &Elasticities, scenario: &Scenario) -> Vec<f64> {
        match self {
            Self::Substitution(commodities) => commodities.iter().map(|&k| elasticities.substitution[k]).collect(),
            Self::Demand(entries) => entries.iter().map(|&entry| elasticities.demand[entry]).collect(),
            Self::Supply(entries) => entries.iter().map(|&entry| elasticities.supply[entry]).collect(),
            Self::Size { measure, name } => {
                let measure = &scenario.measures[*measure];
                let default = || match measure.verb.field(name).and_then(|field| field.default) {
                    Some(schema::Default::Number(number)) => number,
                    _ => f64::NAN,
                };
                vec![measure.number(name).unwrap_or_else(default)]
            }
        }
    }

    /// Sets every entry.
    pub fn set(&self, elasticities: &mut Elasticities, scenario: &mut Scenario, value: f64) {
        match self {
            Self::Substitution(commodities) => commodities.iter().for_each(|&k| elasticities.substitution[k] = value),
            Self::Demand(entries) => entries.iter().for_each(|&entry| elasticities.demand[entry] = value),
            Self::Supply(entries) => entries.iter().for_each(|&entry| elasticities.supply[entry] = value),
            Self::Size { measure, name } => scenario.measures[*measure].set_number(name, value),
        }
    }

    /// Smallest and largest admissible value; both included, but for a substitution of 1.
    pub fn range(&self, scenario: &Scenario) -> (f64, f64) {
        match self {
            Self::Substitution(_) => (1.0, f64::INFINITY),
            Self::Demand(_) => (f64::NEG_INFINITY, 0.0),
            Self::Supply(_) => (0.0, f64::INFINITY),
            Self::Size { measure, name } => {
                let field = scenario.measures[*measure].verb.field(name);
                field.and_then(|field| field.range).unwrap_or((f64::NEG_INFINITY, f64::INFINITY))
            }
        }
    }
}
