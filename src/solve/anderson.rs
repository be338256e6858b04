//! Anderson acceleration of a fixed point x = G(x).
//!
//! Anderson, D. G. (1965), Iterative procedures for nonlinear integral equations, J. ACM 12;
//! Walker & Ni (2011), Anderson acceleration for fixed-point iterations, SIAM J. Numer. Anal. 49
//! (the difference form used here).

use nalgebra::{DMatrix, DVector};

use super::matrix::{dense_times, dense_transposed_times};
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
    let mut history = History::new(settings.memory, n, settings.damping);
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
            best.0 = size;
            best.1.copy_from_slice(x);
            best.2.copy_from_slice(&residual);
        } else if !size.is_finite() || size > GROWTH * best.0 {
            x.copy_from_slice(&best.1);
            residual.copy_from_slice(&best.2);
            history.clear();
        }
        previous.0.copy_from_slice(x);
        previous.1.copy_from_slice(&residual);
        history.step(x, &residual);
        map(x, &mut image);
        iterations += 1;
        residual.iter_mut().zip(&image).zip(x.iter()).for_each(|((f, g), x)| *f = g - x);
        history.push(x, &residual, &previous);
    }
}

/// The last differences, each a row.
struct History {
    capacity: usize,
    damping: f64,
    /// ΔF.
    residuals: Vec<f64>,
    /// ΔX + βΔF.
    moves: Vec<f64>,
    /// ΔF ΔFᵀ, of which a push changes one row and column; `capacity` apart.
    gram: Vec<f64>,
    length: usize,
    oldest: usize,
    /// ΔF f or the like, and a combination of moves.
    products: Vec<f64>,
    step: Vec<f64>,
}

impl History {
    fn new(capacity: usize, n: usize, damping: f64) -> Self {
        Self {
            capacity,
            damping,
            residuals: vec![0.0; capacity * n],
            moves: vec![0.0; capacity * n],
            gram: vec![0.0; capacity * capacity],
            length: 0,
            oldest: 0,
            products: vec![0.0; capacity],
            step: vec![0.0; n],
        }
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
        let n = x.len();
        let row = slot * n..(slot + 1) * n;
        self.residuals[row.clone()]
            .iter_mut()
            .zip(residual)
            .zip(&previous.1)
            .for_each(|((d, now), was)| *d = now - was);
        let moved = x.iter().zip(&previous.0).map(|(now, was)| now - was);
        let moves = self.moves[row.clone()].iter_mut().zip(&self.residuals[row.clone()]).zip(moved);
        moves.for_each(|((d, df), dx)| *d = dx + self.damping * df);
        let products = &mut self.products[..self.length];
        dense_times(&self.residuals[..self.length * n], &self.residuals[row], products);
        for (other, product) in products.iter().enumerate() {
            self.gram[slot * self.capacity + other] = *product;
            self.gram[other * self.capacity + slot] = *product;
        }
    }

    /// x ← x + βf − (ΔX + βΔF)γ with γ minimising |f − ΔFγ|.
    fn step(&mut self, x: &mut [f64], residual: &[f64]) {
        let weights = self.weights(residual);
        dense_transposed_times(&self.moves[..weights.len() * x.len()], &weights, &mut self.step);
        for ((x, f), step) in x.iter_mut().zip(residual).zip(&self.step) {
            *x += self.damping * f - step;
        }
    }

    /// γ by the normal equations of the columns scaled to length 1; none where they are dependent.
    fn weights(&mut self, residual: &[f64]) -> Vec<f64> {
        let m = self.length;
        let lengths: Vec<f64> = (0..m).map(|i| self.gram[i * self.capacity + i].sqrt()).collect();
        if m == 0 || lengths.iter().any(|length| !(*length > 0.0 && length.is_finite())) {
            self.clear();
            return Vec::new();
        }
        let products = &mut self.products[..m];
        dense_times(&self.residuals[..m * residual.len()], residual, products);
        let gram = DMatrix::from_fn(m, m, |i, j| {
            self.gram[i * self.capacity + j] / (lengths[i] * lengths[j]) + if i == j { RIDGE } else { 0.0 }
        });
        let right = DVector::from_fn(m, |i, _| products[i] / lengths[i]);
        match gram.cholesky() {
            Some(factor) => factor.solve(&right).iter().zip(&lengths).map(|(weight, length)| weight / length).collect(),
            None => {
                self.clear();
                Vec::new()
            }
        }
    }
}
