//! How it came out: every question is a table, and every table can be certified.
//!
//! A solution of a model says what [`trade`] asks of it; shares, destinations, ledgers and concentration
//! are then the same code for all. `armington`, `spatial` and `general` have what only they
//! can say.

mod armington;
pub mod ask;
mod closed;
pub mod concentration;
pub mod destinations;
pub mod file;
pub mod general;
mod keys;
pub mod ledger;
mod quotas;
mod revenue;
pub mod shares;
pub mod shifts;
pub mod spatial;
mod surplus;
pub mod trade;

pub(crate) use armington::Episode;
pub use armington::{Certificate, Solution, Solved, certify};
pub use ask::{Answers, Question};
pub use general::GeneralSolution;
pub use spatial::SpatialSolution;
pub use surplus::By;
