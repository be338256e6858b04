//! Evidence: what the finished road says when it is asked about observations, and about itself.
//!
//! - [`shapley`] attributes an answer to the measures of a scenario,
//! - [`derivative`] says how an answer moves with a [`parameter`],
//! - [`fit`] finds parameters from observations.

mod answers;
pub mod derivative;
pub mod fit;
pub mod parameter;
pub mod shapley;
