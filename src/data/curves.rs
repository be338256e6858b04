//! Supply and demand curves: inverse, in price levels.

/// A curve between price and quantity. One type serves both sides: the sign of the slope or of the
/// elasticity says which.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Curve {
    /// price = intercept + slope × quantity; a slope of 0 is a fixed price.
    Linear { intercept: f64, slope: f64 },
    /// Through (quantity, price) with a constant elasticity of quantity to price; infinite is a fixed
    /// price, 0 a fixed quantity: supplied at any price that is not negative, demanded at any price.
    Isoelastic { price: f64, quantity: f64, elasticity: f64 },
}

use Curve::{Isoelastic, Linear};

impl Curve {
    /// The quantity of a curve that does not react to the price.
    pub fn fixed_quantity(&self) -> Option<f64> {
        match *self {
            Isoelastic { quantity, elasticity: 0.0, .. } => Some(quantity),
            _ => None,
        }
    }

    /// Whether prices move in proportion: such a curve has no price at quantity 0.
    pub fn is_isoelastic(&self) -> bool {
        matches!(self, Isoelastic { elasticity, .. } if *elasticity != 0.0 && elasticity.is_finite())
    }

    /// Price at a quantity; at a fixed quantity the price the curve was given with.
    pub fn price(&self, at: f64) -> f64 {
        match *self {
            Linear { intercept, slope } => intercept + slope * at,
            Isoelastic { price, elasticity: 0.0, .. } => price,
            Isoelastic { price, quantity, elasticity } => price * (at / quantity).powf(1.0 / elasticity),
        }
    }

    /// dprice/dquantity.
    pub fn slope(&self, at: f64) -> f64 {
        match *self {
            Linear { slope, .. } => slope,
            Isoelastic { elasticity: 0.0, .. } => 0.0,
            Isoelastic { elasticity, .. } if elasticity.is_infinite() => 0.0,
            Isoelastic { elasticity, .. } => self.price(at) / (elasticity * at),
        }
    }

    /// d ln slope/dquantity.
    pub fn bend(&self, at: f64) -> f64 {
        match *self {
            Isoelastic { elasticity, .. } if self.is_isoelastic() => (1.0 / elasticity - 1.0) / at,
            _ => 0.0,
        }
    }

    /// Quantity at a price, not below 0; `None` where the price is fixed.
    pub fn quantity(&self, at: f64) -> Option<f64> {
        match *self {
            Linear { slope: 0.0, .. } => None,
            Linear { intercept, slope } => Some(((at - intercept) / slope).max(0.0)),
            Isoelastic { quantity, elasticity: 0.0, .. } => Some(quantity),
            Isoelastic { elasticity, .. } if elasticity.is_infinite() => None,
            Isoelastic { price, quantity, elasticity } => Some(quantity * (at.max(0.0) / price).powf(elasticity)),
        }
    }

    /// ∫ price dquantity from `from` to `to`; infinite where an isoelastic curve of |elasticity| ≤ 1 is
    /// followed down to 0.
    pub fn integral(&self, from: f64, to: f64) -> f64 {
        match *self {
            Linear { intercept, slope } => (to - from) * (intercept + 0.5 * slope * (from + to)),
            Isoelastic { price, elasticity: 0.0, .. } => price * (to - from),
            Isoelastic { price, elasticity, .. } if elasticity.is_infinite() => price * (to - from),
            Isoelastic { price, quantity, elasticity } => {
                let power = 1.0 + 1.0 / elasticity;
                let value = |at: f64| match power == 0.0 {
                    true => (at / quantity).ln(),
                    false => ((at / quantity).powf(power) - 1.0) / power,
                };
                price * quantity * (value(to) - value(from))
            }
        }
    }

    /// The price below which a seller supplies nothing.
    pub fn reservation(&self) -> f64 {
        match *self {
            Linear { intercept, .. } => intercept,
            Isoelastic { .. } => 0.0,
        }
    }

    /// ∫ quantity dprice from `from` to `to`, with quantities not below 0; 0 where the price is fixed.
    pub fn area(&self, from: f64, to: f64) -> f64 {
        match *self {
            Linear { slope: 0.0, .. } => 0.0,
            Linear { intercept, slope } => {
                let beside = |price: f64| {
                    let distance = price - intercept;
                    if distance * slope > 0.0 { 0.5 * distance * distance / slope } else { 0.0 }
                };
                beside(to) - beside(from)
            }
            Isoelastic { quantity, elasticity: 0.0, .. } => quantity * (to - from),
            Isoelastic { elasticity, .. } if elasticity.is_infinite() => 0.0,
            Isoelastic { price, quantity, elasticity } => {
                let power = 1.0 + elasticity;
                let value = |at: f64| match power == 0.0 {
                    true => (at / price).ln(),
                    false => (at / price).powf(power) / power,
                };
                price * quantity * (value(to) - value(from))
            }
        }
    }

    /// The curve with `factor` times the quantity at every price; the factor is above 0.
    pub fn scaled(&self, factor: f64) -> Self {
        match *self {
            Linear { intercept, slope } => Linear { intercept, slope: slope / factor },
            Isoelastic { price, quantity, elasticity } => Isoelastic { price, quantity: factor * quantity, elasticity },
        }
    }

    /// The straight line through a point with an elasticity there; fixed quantities stay fixed.
    pub fn line_through(price: f64, quantity: f64, elasticity: f64) -> Self {
        match elasticity {
            0.0 => Isoelastic { price, quantity, elasticity },
            _ => {
                let slope = price / (elasticity * quantity);
                Linear { intercept: price - slope * quantity, slope }
            }
        }
    }
}
