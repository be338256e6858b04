//! Armington: goods differentiated by origin, one market a commodity, solved exactly.
//!
//! Armington (1969), A theory of demand for products distinguished by place of production, IMF
//! Staff Papers 16. Its first-order form is GSIM: Francois & Hall (2003), Global Simulation
//! Analysis of Industry-Level Trade Policy.
//!
//! - [`market`] takes out closed flows and refuses markets without a price level,
//! - [`powers`] says what stands between the producer's and the buyer's price,
//! - [`price_map`] is the equation of a market, [`exact`] solves it, [`quota`] finds the licence prices,
//! - [`first_order`] solves the linearised system,
//! - [`accounts`] says what follows for each flow,
//! - `adjusting` says how curves move with time,
//! - [`tangent`] says how prices move with elasticities and wedges.

pub mod accounts;
mod adjusting;
pub mod exact;
pub mod first_order;
pub mod licence;
pub mod market;
pub mod powers;
pub mod price_map;
pub mod quota;
pub mod tangent;

use std::sync::Arc;

pub use first_order::FirstOrder;

use super::{Equilibrium, Model};
use crate::data::{Baseline, Elasticities};
use crate::error::Result;
use crate::scenario::compile::Support;
use crate::scenario::{Measure, Verb, Wedges};
use crate::solve::Stop;

/// A baseline and its elasticities.
#[derive(Debug, Clone)]
pub struct Armington {
    pub baseline: Arc<Baseline>,
    pub elasticities: Arc<Elasticities>,
}

impl Armington {
    /// What this model says about measures; `leave_out` leaves out what it does not take.
    pub fn support(leave_out: bool) -> Support {
        Support { refusal, leave_out }
    }
}

fn refusal(measure: &Measure) -> Option<String> {
    let verb = measure.verb;
    match verb {
        Verb::PriceCap | Verb::Capacity => Some(format!(
            "Armington does not take {verb}: it has no price levels and no routes. The model that takes it is Spatial. \
             Remove the measure, or leave it out with unsupported=\"leave_out\""
        )),
        Verb::ExportTax if measure.rate_to.is_some() => Some(
            "Armington has no baseline export taxes, so a rate that replaces them is not known; give rate, the added rate"
                .to_string(),
        ),
        _ => None,
    }
}

impl Model for Armington {
    type Equilibrium = Equilibrium;

    fn solve(&self, commodity: usize, wedges: &Wedges, warm: Option<&Equilibrium>, stop: &Stop) -> Result<Equilibrium> {
        exact::solve(self, commodity, wedges, warm, stop)
    }
}
