//! A scenario solved by the Armington model.

mod certificate;
mod flows;
mod quotas;
mod revenue;
mod shipped;
mod solution;
mod welfare;

pub use certificate::{Certificate, certify};
pub(crate) use solution::Episode;
pub use solution::{Solution, Solved};
