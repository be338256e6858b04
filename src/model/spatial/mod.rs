//! Spatial equilibrium: one homogeneous good, routes, capacities.

pub mod conditions;
pub mod equilibrium;
pub mod newton;
pub mod problem;
pub mod program;
