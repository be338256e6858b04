//! Elasticities: signs and meaning are the same wherever a user types them.

use ndarray::Array2;

use super::adjusting::Adjusting;
use super::labels::Labels;
use crate::error::{Error, Result};

/// Elasticities of a differentiated good's market.
///
/// Published packages disagree about signs and meaning. Here:
/// - `substitution` σ > 1, between origins; the trade elasticity is σ − 1;
/// - `demand` η ≤ 0, own-price elasticity of *import* demand;
/// - `supply` ε ≥ 0, elasticity of *export* supply; infinity is a price that does not move.
#[derive(Debug, Clone, PartialEq)]
pub struct Elasticities {
    /// σ by commodity.
    pub substitution: Vec<f64>,
    /// η by commodity and importer.
    pub demand: Array2<f64>,
    /// ε by commodity and exporter.
    pub supply: Array2<f64>,
    /// Those that differ in the long run; the ones above are then of the short run.
    pub adjusting: Adjusting,
}

impl Elasticities {
    /// # Errors
    /// [`Error::Data`] for a value of the wrong sign or range, naming commodity, country and value.
    pub fn new(
        substitution: Vec<f64>,
        demand: Array2<f64>,
        supply: Array2<f64>,
        commodities: &Labels,
        countries: &Labels,
    ) -> Result<Self> {
        let shape = (commodities.len(), countries.len());
        if substitution.len() != shape.0 || demand.dim() != shape || supply.dim() != shape {
            return Err(Error::Data(format!(
                "elasticities must be given for {} commodities and {} countries",
                shape.0, shape.1
            )));
        }
        for (k, &value) in substitution.iter().enumerate() {
            if !(value > 1.0 && value.is_finite()) {
                return Err(Error::Data(format!(
                    "substitution for {} is {value}; expected the elasticity of substitution between origins, above 1 \
                     (if yours is the trade elasticity of a gravity equation, add 1 to its size)",
                    commodities.name(k)
                )));
            }
        }
        for ((k, j), &value) in demand.indexed_iter() {
            if !(value <= 0.0 && value.is_finite()) {
                return Err(Error::Data(format!(
                    "demand for {} in {} is {value}; expected the own-price elasticity of import demand, 0 or negative \
                     (packages that print it unsigned mean its negative)",
                    commodities.name(k),
                    countries.name(j)
                )));
            }
        }
        for ((k, i), &value) in supply.indexed_iter() {
            if value.is_nan() || value < 0.0 {
                return Err(Error::Data(format!(
                    "supply for {} in {} is {value}; expected the elasticity of export supply, 0 or more, infinity allowed",
                    commodities.name(k),
                    countries.name(i)
                )));
            }
        }
        Ok(Self { substitution, demand, supply, adjusting: Adjusting::default() })
    }

    /// The same as short-run values of elasticities that adjust.
    ///
    /// # Errors
    /// [`Error::Data`]: see [`Adjusting::check`].
    pub fn with_adjusting(self, adjusting: Adjusting, commodities: &Labels, countries: &Labels) -> Result<Self> {
        adjusting.check(commodities, countries, |name, cell| match name {
            "substitution" => self.substitution[cell[0]],
            "demand" => self.demand[cell],
            _ => self.supply[cell],
        })?;
        Ok(Self { adjusting, ..self })
    }
}
