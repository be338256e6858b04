//! Further questions: revenue, concentration, sweeps, what a scenario meets.

mod concentration;
mod coverage;
mod destinations;
mod revenue;
mod support;
mod sweep;
