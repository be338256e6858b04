//! A small complementarity problem: 0 ≤ y ⊥ f(y) ≥ 0 with upper bounds on y.
//!
//! Semismooth Newton on the componentwise middle of y, f(y) and y − u (Qi & Sun 1993, A nonsmooth
//! version of Newton's method, Math. Programming 58), and coordinate bisection where it stalls. At
//! an upper bound f may be negative.

use nalgebra::{DMatrix, DVector};

use super::{Outcome, Stop, sup_norm};

#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Largest absolute value of the middle function at which the iteration ends.
    pub tolerance: f64,
    pub max_iterations: usize,
}

/// Step of the difference quotients.
const STEP: f64 = 1e-6;
/// Shorter Newton steps make too little of an evaluation; each coordinate is then bisected instead.
const SMALLEST_STEP: f64 = 0.1;
const BISECTIONS: usize = 80;

/// Iterates `y` in place within [0, upper]. `function(y, f)` writes f(y), which should rise with its
/// own argument; it says false where it can't be evaluated.
pub fn complementarity(
    y: &mut [f64],
    upper: &[f64],
    mut function: impl FnMut(&[f64], &mut [f64]) -> bool,
    settings: Settings,
    stop: &Stop,
) -> Outcome {
    let n = y.len();
    let mut f = vec![0.0; n];
    let mut outcome = Outcome { iterations: 0, residual: f64::INFINITY, converged: false };
    if !function(y, &mut f) {
        return outcome;
    }
    while outcome.iterations < settings.max_iterations && !stop.requested() {
        outcome.iterations += 1;
        outcome.residual = sup_norm(&middle(y, &f, upper));
        if outcome.residual <= settings.tolerance {
            outcome.converged = true;
            return outcome;
        }
        let moved = newton_step(y, &mut f, upper, &mut function) || bisect(y, &mut f, upper, &mut function);
        if !moved {
            return outcome;
        }
    }
    outcome
}

/// 0 exactly at a solution.
fn middle(y: &[f64], f: &[f64], upper: &[f64]) -> Vec<f64> {
    y.iter().zip(f).zip(upper).map(|((y, f), u)| y.min(f.max(y - u))).collect()
}

fn newton_step(
    y: &mut [f64],
    f: &mut [f64],
    upper: &[f64],
    function: &mut impl FnMut(&[f64], &mut [f64]) -> bool,
) -> bool {
    let n = y.len();
    let residual = middle(y, f, upper);
    let size = sup_norm(&residual);
    let mut jacobian = DMatrix::identity(n, n);
    let free: Vec<usize> = (0..n).filter(|&q| residual[q] == f[q] && residual[q] != y[q]).collect();
    let mut shifted = vec![0.0; n];
    for column in 0..n {
        let mut trial = y.to_vec();
        let step = if y[column] + STEP <= upper[column] { STEP } else { -STEP };
        trial[column] += step;
        if free.is_empty() || !function(&trial, &mut shifted) {
            continue;
        }
        for &row in &free {
            jacobian[(row, column)] = (shifted[row] - f[row]) / step;
        }
    }
    let Some(direction) = jacobian.lu().solve(&DVector::from_vec(residual)) else { return false };
    let mut share = 1.0;
    while share >= SMALLEST_STEP {
        let trial: Vec<f64> = (0..n).map(|q| (y[q] - share * direction[q]).clamp(0.0, upper[q])).collect();
        if trial.iter().all(|value| value.is_finite())
            && function(&trial, &mut shifted)
            && sup_norm(&middle(&trial, &shifted, upper)) < size
        {
            y.copy_from_slice(&trial);
            f.copy_from_slice(&shifted);
            return true;
        }
        share *= 0.5;
    }
    false
}

/// Solves each coordinate on its own, once around.
fn bisect(y: &mut [f64], f: &mut [f64], upper: &[f64], function: &mut impl FnMut(&[f64], &mut [f64]) -> bool) -> bool {
    let before = y.to_vec();
    for q in 0..y.len() {
        let mut at = |value: f64, y: &mut [f64], f: &mut [f64]| {
            y[q] = value;
            function(y, f).then(|| f[q])
        };
        let (mut low, mut high) = (0.0, 1.0_f64.min(upper[q]));
        let Some(mut slack) = at(low, y, f) else { return false };
        if slack >= 0.0 {
            continue;
        }
        while let Some(value) = at(high, y, f) {
            slack = value;
            if slack >= 0.0 || high >= upper[q] {
                break;
            }
            (low, high) = (high, (2.0 * high).min(upper[q]));
        }
        for _ in 0..BISECTIONS {
            let centre = 0.5 * (low + high);
            if slack < 0.0 || centre <= low || centre >= high {
                break;
            }
            match at(centre, y, f) {
                Some(value) if value >= 0.0 => high = centre,
                Some(_) => low = centre,
                None => return false,
            }
        }
        if at(high, y, f).is_none() {
            return false;
        }
    }
    y.iter().zip(&before).any(|(now, before)| now != before)
}
