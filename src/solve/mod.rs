//! Pure numerics: a fixed point, a complementarity problem, a Newton system, a quadratic program. Nothing here knows what trade is.

pub mod anderson;
pub mod complementarity;
pub mod mathfn;
pub mod matrix;
pub mod newton;
pub mod quadratic;

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

/// Largest absolute value; infinite where one is not a number.
pub(crate) fn sup_norm(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| match value.is_nan() {
        true => f64::INFINITY,
        false => largest.max(value.abs()),
    })
}
