//! Newton's method without a matrix: steps by GMRES on differences of the residual.
//!
//! Saad & Schultz (1986), GMRES, SIAM J. Sci. Stat. Comput. 7; Knoll & Keyes (2004), Jacobian-free
//! Newton–Krylov methods, J. Comput. Phys. 193.

use super::matrix::dot;
use super::{Outcome, Stop, sup_norm};

#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Largest absolute residual at which the iteration ends.
    pub tolerance: f64,
    /// Evaluations of the residual.
    pub max_evaluations: usize,
    /// Directions that one step may combine.
    pub directions: usize,
}

/// Relative length of the difference that stands for a derivative.
const DIFFERENCE: f64 = 1e-7;
/// Relative residual of the linear system at which a step is good enough.
const FORCING: f64 = 1e-3;
/// Share of a step below which it is given up.
const SMALLEST_STEP: f64 = 1e-4;

/// Iterates `x` in place until `residual(x, out)` is 0. `iterations` counts evaluations.
pub fn newton_krylov(
    x: &mut [f64],
    mut residual: impl FnMut(&[f64], &mut [f64]),
    settings: Settings,
    stop: &Stop,
) -> Outcome {
    let n = x.len();
    let (mut f, mut trial, mut at_trial) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    residual(x, &mut f);
    let mut evaluations = 1;
    loop {
        let size = sup_norm(&f);
        if size <= settings.tolerance {
            return Outcome { iterations: evaluations, residual: size, converged: true };
        }
        let gone = |evaluations: usize| evaluations >= settings.max_evaluations || stop.requested();
        if gone(evaluations) || !size.is_finite() {
            return Outcome { iterations: evaluations, residual: size, converged: false };
        }
        let step = {
            let length = DIFFERENCE * (1.0 + norm(x));
            let derivative = |direction: &[f64], out: &mut [f64]| {
                let small = length / norm(direction);
                trial.iter_mut().zip(x.iter()).zip(direction).for_each(|((t, x), d)| *t = x + small * d);
                residual(&trial, out);
                out.iter_mut().zip(&f).for_each(|(g, f)| *g = (*g - f) / small);
                evaluations += 1;
            };
            gmres(derivative, &f, settings.directions, stop)
        };
        let before = norm(&f);
        let mut share = 1.0;
        loop {
            trial.iter_mut().zip(x.iter()).zip(&step).for_each(|((t, x), d)| *t = x - share * d);
            residual(&trial, &mut at_trial);
            evaluations += 1;
            if norm(&at_trial) < (1.0 - 1e-4 * share) * before {
                break;
            }
            share *= 0.5;
            if share < SMALLEST_STEP || gone(evaluations) {
                return Outcome { iterations: evaluations, residual: size, converged: false };
            }
        }
        x.copy_from_slice(&trial);
        f.copy_from_slice(&at_trial);
    }
}

fn norm(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}

/// d with J d ≈ f from `times(v, out)`, which writes J v; the best of at most `directions`.
fn gmres(mut times: impl FnMut(&[f64], &mut [f64]), f: &[f64], directions: usize, stop: &Stop) -> Vec<f64> {
    let n = f.len();
    let first = norm(f);
    let mut basis: Vec<Vec<f64>> = vec![f.iter().map(|value| value / first).collect()];
    // The Hessenberg matrix by columns, made triangular by rotations as it grows.
    let mut triangle: Vec<Vec<f64>> = Vec::new();
    let mut rotations: Vec<(f64, f64)> = Vec::new();
    let mut right = vec![first];
    let mut image = vec![0.0; n];
    while triangle.len() < directions.min(n) && !stop.requested() {
        let k = triangle.len();
        times(&basis[k], &mut image);
        let mut column = vec![0.0; k + 2];
        // Twice: one pass loses orthogonality to rounding.
        for _ in 0..2 {
            for (known, entry) in basis.iter().zip(&mut column) {
                let along = dot(known, &image);
                *entry += along;
                image.iter_mut().zip(known).for_each(|(value, known)| *value -= along * known);
            }
        }
        let rest = norm(&image);
        column[k + 1] = rest;
        for (row, (cos, sin)) in rotations.iter().enumerate() {
            let (a, b) = (column[row], column[row + 1]);
            (column[row], column[row + 1]) = (cos * a + sin * b, cos * b - sin * a);
        }
        let length = column[k].hypot(column[k + 1]);
        if !(length > 0.0 && length.is_finite()) {
            break;
        }
        let (cos, sin) = (column[k] / length, column[k + 1] / length);
        rotations.push((cos, sin));
        (column[k], column[k + 1]) = (length, 0.0);
        right.push(-sin * right[k]);
        right[k] *= cos;
        triangle.push(column);
        if right[k + 1].abs() <= FORCING * first || rest <= f64::EPSILON * first {
            break;
        }
        basis.push(image.iter().map(|value| value / rest).collect());
    }
    let mut weights = right;
    for k in (0..triangle.len()).rev() {
        weights[k] /= triangle[k][k];
        let weight = weights[k];
        (0..k).for_each(|row| weights[row] -= triangle[k][row] * weight);
    }
    let mut step = vec![0.0; n];
    for (direction, weight) in basis.iter().zip(&weights[..triangle.len()]) {
        step.iter_mut().zip(direction).for_each(|(value, d)| *value += weight * d);
    }
    step
}
