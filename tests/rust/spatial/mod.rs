//! The spatial equilibrium.

mod equilibrium;
mod support;
