//! Many solves at once, with the same bits on any number of threads.

pub mod batch;
pub mod path;
pub mod pool;

pub use batch::{Task, each, solve_all, solve_each};
