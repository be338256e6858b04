//! The equations. A hat is new / baseline; exporters i, importers j; commodities one by one.
//!
//! | symbol | meaning | unit | name |
//! |---|---|---|---|
//! | V | baseline value at the exporter's border, without import duty | currency | `value` |
//! | q, u = V/q | baseline quantity, unit value | tonnes, … | `quantity` |
//! | T = 1 + t | power of the ad-valorem import duty | 1 | `tariff_power` |
//! | x | power of the export tax (base: the tax-exclusive price) | 1 | `export_tax_power` |
//! | c | trade-cost factor (iceberg: paid in the good, nobody earns it) | 1 | `cost_factor` |
//! | ρ | power of a quota licence | 1 | `licence_power` |
//! | a | availability: the share of varieties a ban leaves, 0 is closed | 1 | `availability` |
//! | b, z | demand and supply shifters | 1 | `demand_shift`, `supply_shift` |
//! | p, P | producer price, buyer's price index | hat | `producer_price`, `price_index` |
//! | σ > 1 | elasticity of substitution between origins | 1 | `substitution` |
//! | η ≤ 0 | own-price elasticity of import demand | 1 | `demand` |
//! | ε ≥ 0 | elasticity of export supply, infinity allowed | 1 | `supply` |
//!
//! Baseline export taxes are not an input: x⁰ = 1, so baseline receipts R equal V.

pub mod adjusts;
pub mod armington;
pub mod general;
pub mod prior;
pub mod spatial;

use std::borrow::Cow;

pub use adjusts::Adjusts;
pub use armington::{Armington, FirstOrder};
pub use general::{General, GeneralEquilibrium};
pub use spatial::{Spatial, SpatialEquilibrium};

use crate::error::Result;
use crate::scenario::Wedges;
use crate::solve::Stop;

/// What all of `run` uses: compiled wedges of one commodity and an optional warm start in, an
/// equilibrium or an error out.
pub trait Model: Sync {
    type Equilibrium;

    fn solve(
        &self,
        commodity: usize,
        wedges: &Wedges,
        warm: Option<&Self::Equilibrium>,
        stop: &Stop,
    ) -> Result<Self::Equilibrium>;
}

/// How a solve ended. A status is a value: only the caller decides whether a failure is an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    pub converged: bool,
    pub iterations: usize,
    /// Largest market-clearing error of the solver, relative to supply.
    pub residual: f64,
    /// Bound on the contraction modulus of the price map; errors are about residual/(1 − modulus).
    pub modulus: f64,
    pub reason: Cow<'static, str>,
}

/// Which account of the flows follows from the prices.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// CES demand at the new prices.
    Exact,
    /// Relative change of the shipped quantity, by row of the market.
    FirstOrder(Vec<f64>),
}

/// A quota's licence at an equilibrium.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Licence {
    /// μ, per unit of quantity, or per unit of money at the border. 0 where the quota is slack.
    pub price: f64,
    /// What the quota counts, per year.
    pub used: f64,
    /// The part of it that is within the ceiling: below 1 only where more comes in at a duty.
    pub within: f64,
}

/// New prices of one commodity's market. Countries without trade in it hold NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct Equilibrium {
    pub kind: Kind,
    /// ln p̂ by country; −∞ for an exporter that lost every buyer, NaN where nothing is supplied.
    pub log_producer_price: Vec<f64>,
    /// ln P̂ by country; +∞ for an importer that lost every supplier.
    pub log_price_index: Vec<f64>,
    /// Quantity supplied relative to the baseline, z p̂^ε from the supply curve, by country; NaN
    /// where the curve does not say (ε infinite), 0 where closed.
    pub supply_hat: Vec<f64>,
    /// By ceiling of the wedges.
    pub licences: Vec<Licence>,
    pub status: Status,
}
