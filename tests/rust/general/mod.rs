//! General equilibrium.

mod equilibrium;
mod nest;
mod path;
mod reach;
mod support;
mod table;
mod welfare;
