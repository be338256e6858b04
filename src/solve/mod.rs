//! Pure numerics: a fixed point, a complementarity problem, Newton systems, a quadratic program, quantiles, biproportional
//! fitting. Nothing here knows what trade is.

pub mod anderson;
pub mod arrays;
pub mod balance;
pub mod complementarity;
pub mod extremes;
pub mod krylov;
pub mod least_squares;
pub mod mathfn;
pub mod matrix;
pub mod newton;
pub mod quadratic;
pub mod quantiles;
pub mod spare;
mod wide;

pub(crate) use extremes::sup_norm;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request to stop, shared between the caller and the solvers.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How an iteration ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    pub iterations: usize,
    /// Largest absolute residual at the returned point.
    pub residual: f64,
    pub converged: bool,
}
