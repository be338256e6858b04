//! Nests of constant elasticity of substitution: cost indices and shares, in logs of hats.
//!
//! With r = 1 − elasticity and z(l) = (e^(r l) − 1)/r, which is l itself at elasticity 1:
//!
//! ```text
//! z(ln index) = Σ share z(ln price)           share' = share e^(r (ln price − ln index))
//! ```
//!
//! so one formula serves every elasticity, and passes through Cobb–Douglas smoothly.

use serde::{Deserialize, Serialize};

use crate::solve::mathfn;

/// Distance of r from 0 below which expm1 and log1p are used.
const NEAR_ONE: f64 = 1e-6;

/// Elasticities of substitution; 1 is Cobb–Douglas.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nests {
    /// φ: between value added and the bundle of inputs.
    pub value_added: f64,
    /// ν: between inputs. Equal to φ, it is one nest with value added in it.
    pub inputs: f64,
    /// μ: between goods in final spending.
    pub goods: f64,
}

impl Default for Nests {
    fn default() -> Self {
        Self { value_added: 1.0, inputs: 1.0, goods: 1.0 }
    }
}

/// One nest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nest(f64);

impl Nest {
    pub fn new(elasticity: f64) -> Self {
        Self(1.0 - elasticity)
    }

    pub fn is_cobb_douglas(self) -> bool {
        self.0 == 0.0
    }

    /// Whether it can do without one of its parts.
    pub fn spares(self) -> bool {
        self.0 < 0.0
    }

    /// Replaces each log of a price by z.
    pub fn terms(self, logs: &mut [f64]) {
        let r = self.0;
        if r == 0.0 {
            return;
        }
        if r.abs() < NEAR_ONE {
            return logs.iter_mut().for_each(|log| *log = (r * *log).exp_m1() / r);
        }
        logs.iter_mut().for_each(|log| *log *= r);
        mathfn::exp(logs);
        logs.iter_mut().for_each(|power| *power = (*power - 1.0) / r);
    }

    /// Replaces each Σ share z by the log of its index, where the shares sum to 1.
    pub fn indices(self, terms: &mut [f64]) {
        let r = self.0;
        if r == 0.0 {
            return;
        }
        if r.abs() < NEAR_ONE {
            return terms.iter_mut().for_each(|term| *term = (r * *term).ln_1p() / r);
        }
        terms.iter_mut().for_each(|term| *term = 1.0 + r * *term);
        mathfn::ln(terms);
        terms.iter_mut().for_each(|log| *log /= r);
    }

    pub fn term(self, log: f64) -> f64 {
        let mut one = [log];
        self.terms(&mut one);
        one[0]
    }

    pub fn index(self, term: f64) -> f64 {
        let mut one = [term];
        self.indices(&mut one);
        one[0]
    }

    /// share'/share of a part, from the logs of its price and of the index.
    pub fn share_hat(self, price: f64, index: f64) -> f64 {
        match self.0 == 0.0 {
            true => 1.0,
            false => (self.0 * (price - index)).exp(),
        }
    }

    /// Multiplies each value by e^(r log), the part of a share's change that prices make; what is 0 stays 0.
    /// `powers` is written over.
    pub fn scale(self, values: &mut [f64], log: impl Fn(usize) -> f64, powers: &mut [f64]) {
        let r = self.0;
        if r == 0.0 {
            return;
        }
        powers.iter_mut().enumerate().for_each(|(place, power)| *power = r * log(place));
        mathfn::exp(powers);
        for (value, power) in values.iter_mut().zip(powers.iter()).filter(|(value, _)| **value != 0.0) {
            *value *= power;
        }
    }
}
