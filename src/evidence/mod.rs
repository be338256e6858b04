//! Evidence: what the finished road says when it is asked about observations, and about itself.
//!
//! - [`shapley`] attributes an answer to the measures of a scenario,
//! - [`derivative`] says how an answer moves with a [`parameter`],
//! - [`fit`] finds parameters from observations,
//! - [`inversion`] finds the wedges between two observations,
//! - [`decomposition`] says why exporters' sales changed between them,
//! - [`sample`] draws uncertain parameters and keeps quantiles of the answers,
//! - [`score`] says how far a prediction was from what happened.

mod answers;
pub mod decomposition;
pub mod derivative;
pub mod fit;
pub mod inversion;
mod narrow;
pub mod parameter;
pub mod sample;
pub mod score;
pub mod shapley;
