//! Evidence: what the finished road says when it is asked about observations, and about itself.
//!
//! - [`shapley`] attributes an answer to the measures of a scenario.

mod answers;
pub mod shapley;
