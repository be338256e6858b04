//! General equilibrium.

mod equilibrium;
mod nest;
mod reach;
mod support;
mod table;
mod welfare;
