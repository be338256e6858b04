//! How it came out: every question is a table, and every table can be certified.

pub mod ask;
pub mod certificate;
pub mod concentration;
pub mod destinations;
pub mod file;
pub mod flows;
pub mod general;
pub mod ledger;
pub mod quotas;
pub mod revenue;
pub mod shares;
pub mod solution;
pub mod spatial;
pub mod welfare;

pub use certificate::Certificate;
pub use general::GeneralSolution;
pub use solution::{Solution, Solved};
pub use spatial::SpatialSolution;
pub use welfare::By;
