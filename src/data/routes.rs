//! Routes and the facilities they go through.

use super::labels::Labels;
use super::period::Date;
use crate::error::{Error, Result};

/// What a baseline knows of its routes. Where there is a network every row of the baseline is a route,
/// used or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Per unit, by row of the baseline's period.
    pub freight: Vec<f64>,
    pub facilities: Vec<Facility>,
}

/// A pipeline, bridge, port or fleet that some routes of one commodity share.
#[derive(Debug, Clone, PartialEq)]
pub struct Facility {
    pub name: String,
    pub commodity: usize,
    /// Of the commodity's market, ascending.
    pub rows: Vec<u32>,
    /// Units per year from a day on, ascending; the first may have no day. Infinite: no limit.
    pub capacities: Vec<(Option<Date>, f64)>,
    /// The country that earns its rent; `None`: the exporters who use it.
    pub owner: Option<usize>,
}

impl Facility {
    /// Units per year on a day; 0 before the first; without a day that of the last one.
    pub fn capacity(&self, day: Option<Date>) -> f64 {
        let reached = |from: &Option<Date>| day.is_none_or(|day| from.is_none_or(|from| from <= day));
        self.capacities.iter().rev().find(|(from, _)| reached(from)).map_or(0.0, |(_, capacity)| *capacity)
    }
}

impl Network {
    /// # Errors
    /// [`Error::Data`]: a freight below 0, with its row; a facility without routes, with a capacity below
    /// 0 or missing, with dates out of order, or of another's name.
    pub fn new(freight: Vec<f64>, facilities: Vec<Facility>) -> Result<Self> {
        if let Some(row) = freight.iter().position(|freight| !(*freight >= 0.0 && freight.is_finite())) {
            return Err(Error::Data(format!(
                "the freight of route {row} (counted from 0) is {}; expected currency per unit, at least 0",
                freight[row]
            )));
        }
        let mut names = Labels::default();
        for (place, facility) in facilities.iter().enumerate() {
            let refuse = |what: String| Err(Error::Data(format!("facility '{}': {what}", facility.name)));
            if names.insert(facility.name.clone()) != place {
                return refuse("there are two of this name; give each a name of its own".to_string());
            }
            if facility.rows.is_empty() {
                return refuse("no route uses it; name routes that the model has, or leave it out".to_string());
            }
            if let Some((_, capacity)) = facility.capacities.iter().find(|(_, amount)| amount.is_nan() || *amount < 0.0)
            {
                return refuse(format!("its capacity is {capacity}; expected units per year, at least 0"));
            }
            if facility.capacities.is_empty() || facility.capacities.windows(2).any(|pair| pair[1].0 <= pair[0].0) {
                return refuse("give its capacities with dates in order, each once".to_string());
            }
        }
        Ok(Self { freight, facilities })
    }

    /// The facilities of one commodity, by position.
    pub fn of_commodity(&self, commodity: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.facilities.len()).filter(move |&place| self.facilities[place].commodity == commodity)
    }

    pub fn facility(&self, name: &str) -> Option<usize> {
        self.facilities.iter().position(|facility| facility.name == name)
    }

    /// The days on which capacities change.
    pub fn days(&self) -> Vec<Date> {
        self.facilities.iter().flat_map(|facility| facility.capacities.iter().filter_map(|(day, _)| *day)).collect()
    }
}
