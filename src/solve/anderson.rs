//! Anderson acceleration of a fixed point x = G(x).
//!
//! Anderson, D. G. (1965), Iterative procedures for nonlinear integral equations, J. ACM 12;
//! Walker & Ni (2011), Anderson acceleration for fixed-point iterations, SIAM J. Numer. Anal. 49
//! (the difference form used here).

use nalgebra::{DMatrix, DVector};

use super::matrix::dot;
use super::{Outcome, Stop, sup_norm};

#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How many past differences are combined.
    pub memory: usize,
    /// Share of the residual that a step takes; below 1 where G itself overshoots.
    pub damping: f64,
    /// Largest absolute residual at which the iteration ends.
    pub tolerance: f64,
    pub max_iterations: usize,
}

/// Residual growth over the best one so far at which history is dropped and the best point resumed.
const GROWTH: f64 = 10.0;
/// Tikhonov term on the normalised Gram matrix, whose diagonal is 1.
const RIDGE: f64 = 1e-13;

/// Iterates `x` in place from its value on entry. `map(x, out)` writes G(x).
///
/// The outcome is not converged when `max_iterations` is reached, the caller asks to stop, or even
/// the damped plain step from the best point does not lead to finite numbers.
pub fn fixed_point(x: &mut [f64], mut map: impl FnMut(&[f64], &mut [f64]), settings: Settings, stop: &Stop) -> Outcome {
    let n = x.len();
    let mut image = vec![0.0; n];
    map(x, &mut image);
    let mut residual: Vec<f64> = image.iter().zip(x.iter()).map(|(g, x)| g - x).collect();
    let mut best = (sup_norm(&residual), x.to_vec(), residual.clone());
    let mut history = History::new(settings.memory, n);
    let mut previous = (vec![0.0; n], vec![0.0; n]);
    let mut iterations = 1;
    loop {
        let size = sup_norm(&residual);
        if size <= settings.tolerance {
            x.iter_mut().zip(&residual).for_each(|(x, f)| *x += settings.damping * f);
            return Outcome { iterations, residual: size, converged: true };
        }
        if iterations >= settings.max_iterations || stop.requested() || (!size.is_finite() && iterations == 1) {
            x.copy_from_slice(&best.1);
            return Outcome { iterations, residual: best.0, converged: false };
        }
        if size < best.0 {
            best = (size, x.to_vec(), residual.clone());
        } else if !size.is_finite() || size > GROWTH * best.0 {
            x.copy_from_slice(&best.1);
            residual.copy_from_slice(&best.2);
            history.clear();
        }
        previous.0.copy_from_slice(x);
        previous.1.copy_from_slice(&residual);
        history.step(x, &residual, settings.damping);
        map(x, &mut image);
        iterations += 1;
        residual.iter_mut().zip(&image).zip(x.iter()).for_each(|((f, g), x)| *f = g - x);
        history.push(x, &residual, &previous);
    }
}

/// The last differences of x and of the residual.
struct History {
    capacity: usize,
    dx: Vec<Vec<f64>>,
    df: Vec<Vec<f64>>,
    length: usize,
    oldest: usize,
}

impl History {
    fn new(capacity: usize, n: usize) -> Self {
        Self { capacity, dx: vec![vec![0.0; n]; capacity], df: vec![vec![0.0; n]; capacity], length: 0, oldest: 0 }
    }

    fn clear(&mut self) {
        (self.length, self.oldest) = (0, 0);
    }

    fn push(&mut self, x: &[f64], residual: &[f64], previous: &(Vec<f64>, Vec<f64>)) {
        if self.capacity == 0 {
            return;
        }
        let slot = match self.length < self.capacity {
            true => {
                self.length += 1;
                self.length - 1
            }
            false => {
                let slot = self.oldest;
                self.oldest = (self.oldest + 1) % self.capacity;
                slot
            }
        };
        self.dx[slot].iter_mut().zip(x).zip(&previous.0).for_each(|((d, now), before)| *d = now - before);
        self.df[slot].iter_mut().zip(residual).zip(&previous.1).for_each(|((d, now), before)| *d = now - before);
    }

    /// x ← x + βf − (ΔX + βΔF)γ with γ minimising |f − ΔFγ|.
    fn step(&mut self, x: &mut [f64], residual: &[f64], damping: f64) {
        let weights = self.weights(residual);
        x.iter_mut().zip(residual).for_each(|(x, f)| *x += damping * f);
        for (slot, weight) in weights.iter().enumerate() {
            for ((x, dx), df) in x.iter_mut().zip(&self.dx[slot]).zip(&self.df[slot]) {
                *x -= weight * (dx + damping * df);
            }
        }
    }

    /// γ by the normal equations of the columns scaled to length 1; none where they are dependent.
    fn weights(&mut self, residual: &[f64]) -> Vec<f64> {
        let m = self.length;
        let lengths: Vec<f64> = self.df[..m].iter().map(|df| dot(df, df).sqrt()).collect();
        if m == 0 || lengths.iter().any(|length| !(*length > 0.0 && length.is_finite())) {
            self.clear();
            return Vec::new();
        }
        let gram = DMatrix::from_fn(m, m, |i, j| {
            dot(&self.df[i], &self.df[j]) / (lengths[i] * lengths[j]) + if i == j { RIDGE } else { 0.0 }
        });
        let right = DVector::from_fn(m, |i, _| dot(&self.df[i], residual) / lengths[i]);
        match gram.cholesky() {
            Some(factor) => factor.solve(&right).iter().zip(&lengths).map(|(weight, length)| weight / length).collect(),
            None => {
                self.clear();
                Vec::new()
            }
        }
    }
}
