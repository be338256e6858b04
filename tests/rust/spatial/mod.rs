//! The spatial equilibrium.

mod equilibrium;
mod price_cap;
mod support;
