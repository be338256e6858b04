//! Elasticities that differ between the short and the long run, and how fast one becomes the other.

use ndarray::Array2;

use super::labels::Labels;
use crate::error::{Error, Result};

/// Long-run values of one elasticity and half-lives of the way there, by commodity and country (one
/// column where it does not differ between countries). Where nothing adjusts the long-run value is the
/// short-run one.
#[derive(Debug, Clone, PartialEq)]
pub struct Horizon {
    pub long: Array2<f64>,
    /// In years, above 0; infinite where nothing adjusts.
    pub half_life: Array2<f64>,
}

impl Horizon {
    /// Long-run less short-run value; 0 where nothing adjusts, infinite elasticities included.
    pub fn gap(&self, cell: [usize; 2], short: f64) -> f64 {
        if self.long[cell] == short { 0.0 } else { self.long[cell] - short }
    }

    /// λ = 1 − 2^(−Δt/half-life), with Δt in years.
    pub fn speed(&self, cell: [usize; 2], years: f64) -> f64 {
        -f64::exp_m1(-std::f64::consts::LN_2 * years / self.half_life[cell])
    }

    /// The elasticity over a stretch of that many years in which prices stay: short + λ (long − short).
    pub fn over(&self, cell: [usize; 2], short: f64, years: f64) -> f64 {
        match self.gap(cell, short) {
            0.0 => short,
            gap => short + self.speed(cell, years) * gap,
        }
    }
}

/// The elasticities of a model that adjust.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Adjusting {
    pub substitution: Option<Horizon>,
    pub demand: Option<Horizon>,
    pub supply: Option<Horizon>,
}

impl Adjusting {
    /// Name and horizon of each elasticity, adjusting or not.
    pub fn named(&self) -> [(&'static str, &Option<Horizon>); 3] {
        [("substitution", &self.substitution), ("demand", &self.demand), ("supply", &self.supply)]
    }

    /// Gives a cell the long run or half-life that a name such as "demand_long" or "supply_half_life" speaks
    /// of; whether it does. Where the name is that of the elasticity and the cell does not adjust, its long
    /// run stays that value.
    pub fn draw(&mut self, name: &str, cell: [usize; 2], value: f64) -> bool {
        for (own, horizon) in
            [("substitution", &mut self.substitution), ("demand", &mut self.demand), ("supply", &mut self.supply)]
        {
            let (Some(horizon), Some(part)) = (horizon, name.strip_prefix(own)) else { continue };
            match part {
                "_long" => horizon.long[cell] = value,
                "_half_life" => horizon.half_life[cell] = value,
                "" if horizon.half_life[cell].is_infinite() => horizon.long[cell] = value,
                "" => {}
                _ => continue,
            }
            return !part.is_empty();
        }
        false
    }

    pub fn is_none(&self) -> bool {
        self.named().iter().all(|(_, horizon)| horizon.is_none())
    }

    /// Refuses long-run values and half-lives that elasticities can't have; `short` is the short-run value.
    ///
    /// # Errors
    /// [`Error::Data`] names the elasticity, commodity, country and value.
    pub fn check(
        &self,
        commodities: &Labels,
        countries: &Labels,
        short: impl Fn(&str, [usize; 2]) -> f64,
    ) -> Result<()> {
        for (name, horizon) in self.named() {
            let Some(horizon) = horizon else { continue };
            for ((k, i), &long) in horizon.long.indexed_iter() {
                let half_life = horizon.half_life[[k, i]];
                let place = match name {
                    "substitution" => commodities.name(k).to_string(),
                    _ => format!("{} in {}", commodities.name(k), countries.name(i)),
                };
                if half_life.is_nan() || half_life <= 0.0 {
                    return Err(Error::Data(format!(
                        "the half-life of {name} for {place} is {half_life}; expected years, above 0"
                    )));
                }
                let expected = match name {
                    "substitution" if !(long > 1.0 && long.is_finite()) => "above 1",
                    "demand" if !(long <= 0.0 && long.is_finite()) => "0 or negative",
                    "supply" if long.is_nan() || long < 0.0 => "0 or more",
                    _ if !horizon.gap([k, i], short(name, [k, i])).is_finite() => {
                        "a finite number, as an infinite elasticity has nothing to adjust to or from"
                    }
                    _ => continue,
                };
                return Err(Error::Data(format!(
                    "{name} for {place} adjusts from {} to {long} in the long run; expected {expected}",
                    short(name, [k, i])
                )));
            }
        }
        Ok(())
    }
}
