//! Many solves at once, with the same bits on any number of threads.

pub mod batch;
pub mod pool;

pub use batch::{Task, solve_all, solve_each};
