//! Newton's method with a backtracking line search, for small dense systems f(x) = 0.

use nalgebra::{DMatrix, DVector};

use super::{Outcome, Stop, sup_norm};

#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Length of the last step, relative to max(1, |x|), at which the iteration ends. A Newton step
    /// is an estimate of the error of the point it starts from.
    pub step_tolerance: f64,
    pub max_iterations: usize,
}

const SMALLEST_STEP: f64 = 1e-10;

/// Iterates `x` in place. `system(x, f)` writes f(x); `jacobian(x)` is ∂f/∂x, rows equations.
///
/// Ends as converged when the step is short enough, or when rounding keeps the residual from
/// falling any further after a step that was already short to the square root of the tolerance.
pub fn newton(
    x: &mut [f64],
    mut system: impl FnMut(&[f64], &mut [f64]),
    mut jacobian: impl FnMut(&[f64]) -> DMatrix<f64>,
    settings: Settings,
    stop: &Stop,
) -> Outcome {
    let n = x.len();
    let mut residual = vec![0.0; n];
    system(x, &mut residual);
    let mut outcome = Outcome { iterations: 0, residual: sup_norm(&residual), converged: false };
    let mut trial = vec![0.0; n];
    while outcome.iterations < settings.max_iterations && !stop.requested() && outcome.residual.is_finite() {
        outcome.iterations += 1;
        let Some(step) = jacobian(x).lu().solve(&DVector::from_column_slice(&residual)) else {
            return outcome;
        };
        let length = sup_norm(step.as_slice()) / sup_norm(x).max(1.0);
        if !length.is_finite() {
            return outcome;
        }
        let mut share = 1.0;
        let improved = loop {
            trial.iter_mut().zip(x.iter()).zip(step.iter()).for_each(|((t, x), d)| *t = x - share * d);
            system(&trial, &mut residual);
            if sup_norm(&residual) < outcome.residual {
                break true;
            }
            share *= 0.5;
            if share < SMALLEST_STEP || length <= settings.step_tolerance {
                break false;
            }
        };
        if improved {
            x.copy_from_slice(&trial);
            outcome.residual = sup_norm(&residual);
        } else {
            system(x, &mut residual);
        }
        outcome.converged = length <= settings.step_tolerance || !improved && length <= settings.step_tolerance.sqrt();
        if outcome.converged || !improved {
            return outcome;
        }
    }
    outcome
}
