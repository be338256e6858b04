//! General equilibrium.

mod equilibrium;
mod files;
mod nest;
mod path;
mod reach;
mod sample;
mod support;
mod table;
mod welfare;
