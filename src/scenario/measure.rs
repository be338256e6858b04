//! A measure: a verb, whom and what it touches, when, and its own parameters.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::schema::Required;
use super::select::Selector;
use crate::data::Date;
use crate::error::{Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verb {
    Ban,
    Tariff,
    ExportTax,
    Quota,
    PriceCap,
    TradeCost,
    Capacity,
    Shift,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A step of a phased measure: from this day on, this share of it is in force.
pub type PhaseStep = (Date, f64);

macro_rules! measure {
    (numbers: [$($number:ident),*], texts: [$($text:ident),*]) => {
        /// One flat record: which parameters a verb takes is said by [`super::schema`].
        ///
        /// `start` is the first and `end` the last day in force. With `phase`, the share in force is
        /// that of the last step reached, and 0 before the first.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Measure {
            pub verb: Verb,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub name: Option<String>,
            #[serde(default)]
            pub exporters: Selector,
            #[serde(default)]
            pub importers: Selector,
            #[serde(default)]
            pub commodities: Selector,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub modes: Option<Selector>,
            /// Share of each flow that the named modes carry, for flows without modes.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub mode_share: Option<f64>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub start: Option<Date>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub end: Option<Date>,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub phase: Vec<PhaseStep>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub announced: Option<Date>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub sender: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub source: Option<String>,
            $(
                #[serde(default, skip_serializing_if = "Option::is_none", with = "amount")]
                pub $number: Option<f64>,
            )*
            $(
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $text: Option<String>,
            )*
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub ramp: Vec<PhaseStep>,
        }

        impl Measure {
            /// A measure on everything, always in force, with no parameter given.
            pub fn new(verb: Verb) -> Self {
                Self {
                    verb,
                    name: None,
                    exporters: Selector::default(),
                    importers: Selector::default(),
                    commodities: Selector::default(),
                    modes: None,
                    mode_share: None,
                    start: None,
                    end: None,
                    phase: Vec::new(),
                    announced: None,
                    sender: None,
                    source: None,
                    $($number: None,)*
                    $($text: None,)*
                    ramp: Vec::new(),
                }
            }

            fn numbers(&self) -> Vec<(&'static str, Option<f64>)> {
                vec![$((stringify!($number), self.$number),)*]
            }

            /// The number called `name`, where it is given.
            pub fn number(&self, name: &str) -> Option<f64> {
                self.numbers().into_iter().find(|(number, _)| *number == name).and_then(|(_, value)| value)
            }

            /// Gives the number called `name`; another name changes nothing.
            pub fn set_number(&mut self, name: &str, value: f64) {
                $(if name == stringify!($number) { self.$number = Some(value); })*
            }

            fn given(&self) -> Vec<&'static str> {
                let mut given = Vec::new();
                $(if self.$number.is_some() { given.push(stringify!($number)); })*
                $(if self.$text.is_some() { given.push(stringify!($text)); })*
                if !self.ramp.is_empty() { given.push("ramp"); }
                given
            }
        }
    };
}

measure!(
    numbers: [coverage, leakage, rate, rate_to, specific, quantity, value, share, beyond, price,
              services_share, outside_cost, outside_capacity, change, to, add, supply, demand],
    texts: [unit, currency, rent, per, facility]
);

impl Measure {
    /// The share of a banned flow that a ban takes away: coverage × (1 − leakage).
    pub fn taken(&self) -> f64 {
        self.coverage.unwrap_or(1.0) * (1.0 - self.leakage.unwrap_or(0.0))
    }

    /// The day on which groups are resolved: the first on which the measure is in force.
    pub fn effective(&self) -> Option<Date> {
        self.start.or_else(|| self.phase.first().map(|(day, _)| *day))
    }

    /// # Errors
    /// [`Error::Scenario`] for a parameter the verb does not take, one that is missing or out of
    /// range, an end before its start, a start before its announcement, or steps of a phase that are out of
    /// order or out of range.
    pub fn check(&self) -> Result<()> {
        self.check_parameters()?;
        self.check_required()?;
        self.check_dates()
    }

    fn check_parameters(&self) -> Result<()> {
        for name in self.given() {
            if self.verb.field(name).is_none() {
                let takes: Vec<&str> = self.verb.fields().iter().map(|field| field.name).collect();
                return refuse(format!("{} does not take '{name}'; it takes {}", self.verb, takes.join(", ")));
            }
        }
        let mode_share = self.mode_share.map(|value| ("mode_share", value, (0.0, 1.0)));
        let own = self.numbers().into_iter().filter_map(|(name, value)| {
            self.verb.field(name)?.range.map(|range| (name, value, range)).and_then(|(n, v, r)| Some((n, v?, r)))
        });
        for (name, value, (low, high)) in own.chain(mode_share) {
            let infinite_price = name == "price" && value == f64::INFINITY;
            if !(value >= low && value <= high && (value.is_finite() || infinite_price)) {
                return refuse(match high.is_finite() {
                    true => format!("{name} is {value}; expected a number from {low} to {high}"),
                    false if low.is_finite() => {
                        format!("{name} is {value}; expected a finite number of at least {low}")
                    }
                    false => format!("{name} is {value}; expected a finite number"),
                });
            }
        }
        match self.rent.as_deref() {
            None | Some("importer" | "exporter") => Ok(()),
            Some(other) => refuse(format!("rent is '{other}'; expected 'importer' or 'exporter'")),
        }
    }

    fn check_required(&self) -> Result<()> {
        let given = self.given();
        let present = |names: &[&'static str]| names.iter().filter(|name| given.contains(*name)).count();
        match self.verb.required() {
            Required::OneOf(names) if present(names) != 1 => {
                refuse(format!("{} takes exactly one of {}; {} given", self.verb, names.join(", "), present(names)))
            }
            Required::AtLeastOneOf(names) if present(names) == 0 => {
                refuse(format!("{} needs {}", self.verb, names.join(" or ")))
            }
            Required::All(names) if present(names) < names.len() => {
                refuse(format!("{} needs {}", self.verb, names.join(" and ")))
            }
            _ if self.verb == Verb::Shift => self.check_shift(),
            _ if self.verb == Verb::Quota => self.check_quota(),
            _ => Ok(()),
        }
    }

    fn check_shift(&self) -> Result<()> {
        let narrowed = |selector: &Selector| *selector != Selector::default();
        if self.supply.is_some() && narrowed(&self.importers) {
            return refuse(
                "a supply shift moves an exporter's offer to all buyers; leave importers at \"*\"".to_string(),
            );
        }
        if self.demand.is_some() && narrowed(&self.exporters) {
            return refuse(
                "a demand shift moves an importer's demand for all origins; leave exporters at \"*\" \
                           (for a boycott of one origin use Ban with a coverage)"
                    .to_string(),
            );
        }
        Ok(())
    }

    fn check_quota(&self) -> Result<()> {
        if let Some((day, share)) = self.phase.iter().find(|(_, share)| *share != 0.0 && *share != 1.0) {
            return refuse(format!(
                "phase has the share {share} on {day}; a quota is in force or not, so write 0 or 1"
            ));
        }
        match self.mode_share {
            Some(_) => refuse("mode_share does not go with a quota; give flows with a mode column".to_string()),
            None => Ok(()),
        }
    }

    fn check_dates(&self) -> Result<()> {
        if let (Some(start), Some(end)) = (self.start, self.end)
            && end < start
        {
            return refuse(format!("its end {end} is before its start {start}; end is the last day in force"));
        }
        if let (Some(announced), Some(effective)) = (self.announced, self.effective())
            && announced > effective
        {
            return refuse(format!(
                "it is announced on {announced}, after its first day in force, {effective}; announced is the day on \
                 which it became known"
            ));
        }
        for (name, steps) in [("phase", &self.phase), ("ramp", &self.ramp)] {
            if let Some((day, share)) = steps.iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
                return refuse(format!("{name} has the share {share} on {day}; expected 0 to 1"));
            }
            if let Some(pair) = steps.windows(2).find(|pair| pair[1].0 <= pair[0].0) {
                return refuse(format!(
                    "{name} has {} after {}; write its dates in order, each once",
                    pair[1].0, pair[0].0
                ));
            }
        }
        match (self.phase.last(), self.end) {
            (Some((day, _)), Some(end)) if end < *day => {
                refuse(format!("its end {end} is before the last step of its phase, {day}"))
            }
            _ => Ok(()),
        }
    }
}

fn refuse(message: String) -> Result<()> {
    Err(Error::Scenario(message))
}

/// A number that may be infinite: JSON has no infinity, so it is written as the text "inf".
mod amount {
    use serde::{Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) if value.is_finite() => serializer.serialize_f64(*value),
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
        struct Amount;
        impl de::Visitor<'_> for Amount {
            type Value = Option<f64>;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a number")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Some(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Some(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Some(value as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                match text {
                    "inf" => Ok(Some(f64::INFINITY)),
                    "NaN" => Ok(Some(f64::NAN)),
                    _ => Err(E::invalid_type(de::Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Amount)
    }
}
