//! Anderson acceleration of a fixed point x = G(x).
//!
//! Anderson, D. G. (1965), Iterative procedures for nonlinear integral equations, J. ACM 12;
//! Walker & Ni (2011), Anderson acceleration for fixed-point iterations, SIAM J. Numer. Anal. 49
//! (the difference form used here).

use nalgebra::{DMatrix, DVector};

use super::arrays::{add, difference};
use super::matrix::{dense_times, dense_transposed_times, dot};
use super::wide::wide;
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
    let point = || Point { x: vec![0.0; n], residual: vec![0.0; n] };
    let (mut now, mut before, mut kept) = (point(), point(), point());
    now.x.copy_from_slice(x);
    now.evaluate(&mut map);
    let (mut best, mut at) = (f64::INFINITY, Best::Now);
    let mut history = History::new(settings.memory, n, settings.damping);
    let mut iterations = 1;
    loop {
        let size = sup_norm(&now.residual);
        if size <= settings.tolerance {
            let steps = x.iter_mut().zip(&now.x).zip(&now.residual);
            steps.for_each(|((x, now), f)| *x = now + settings.damping * f);
            return Outcome { iterations, residual: size, converged: true };
        }
        if size < best || iterations == 1 {
            (best, at) = (size, Best::Now);
        } else if at == Best::Before {
            std::mem::swap(&mut kept, &mut before);
            at = Best::Kept;
        }
        if iterations >= settings.max_iterations || stop.requested() || (!size.is_finite() && iterations == 1) {
            x.copy_from_slice(if at == Best::Now { &now.x } else { &kept.x });
            return Outcome { iterations, residual: best, converged: false };
        }
        if at == Best::Kept && (!size.is_finite() || size > GROWTH * best) {
            now.clone_from(&kept);
            history.clear();
        }
        std::mem::swap(&mut now, &mut before);
        if at == Best::Now {
            at = Best::Before;
        }
        history.step(&before, &mut now.x);
        now.evaluate(&mut map);
        iterations += 1;
        history.push(&now, &before);
    }
}

/// A point and G(x) − x there.
#[derive(Clone)]
struct Point {
    x: Vec<f64>,
    residual: Vec<f64>,
}

impl Point {
    fn evaluate(&mut self, map: &mut impl FnMut(&[f64], &mut [f64])) {
        map(&self.x, &mut self.residual);
        add(&mut self.residual, -1.0, &self.x);
    }
}

/// Where the best point so far is.
#[derive(Clone, Copy, PartialEq)]
enum Best {
    Now,
    Before,
    Kept,
}

wide! {
    /// step ← x + β f − step.
    fn stepped(x: &[f64], residual: &[f64], damping: f64, step: &mut [f64]) {
        for ((step, x), f) in step.iter_mut().zip(x).zip(residual) {
            *step = x + (damping * f - *step);
        }
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
    /// ΔF f of the newest residual, and what a push adds to it.
    products: Vec<f64>,
    change: Vec<f64>,
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
            change: vec![0.0; capacity],
        }
    }

    fn clear(&mut self) {
        (self.length, self.oldest) = (0, 0);
    }

    fn push(&mut self, now: &Point, before: &Point) {
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
        let n = now.x.len();
        let row = slot * n..(slot + 1) * n;
        difference(&now.residual, &before.residual, &mut self.residuals[row.clone()]);
        difference(&now.x, &before.x, &mut self.moves[row.clone()]);
        add(&mut self.moves[row.clone()], self.damping, &self.residuals[row.clone()]);
        // ΔF Δf = ΔF f − ΔF f_before, of which the step before had the latter.
        let (known, change) = (&self.products[..self.length], &mut self.change[..self.length]);
        change.iter_mut().zip(known).for_each(|(change, before)| *change = -before);
        let products = &mut self.products[..self.length];
        dense_times(&self.residuals[..self.length * n], &now.residual, products);
        change.iter_mut().zip(products.iter()).for_each(|(change, now)| *change += now);
        change[slot] = dot(&self.residuals[row.clone()], &self.residuals[row]);
        for (other, product) in change.iter().enumerate() {
            self.gram[slot * self.capacity + other] = *product;
            self.gram[other * self.capacity + slot] = *product;
        }
    }

    /// out ← x + βf − (ΔX + βΔF)γ with γ minimising |f − ΔFγ|.
    fn step(&mut self, from: &Point, out: &mut [f64]) {
        let weights = self.weights();
        dense_transposed_times(&self.moves[..weights.len() * out.len()], &weights, out);
        stepped(&from.x, &from.residual, self.damping, out);
    }

    /// γ by the normal equations of the columns scaled to length 1; none where they are dependent.
    fn weights(&mut self) -> Vec<f64> {
        let m = self.length;
        let lengths: Vec<f64> = (0..m).map(|i| self.gram[i * self.capacity + i].sqrt()).collect();
        if m == 0 || lengths.iter().any(|length| !(*length > 0.0 && length.is_finite())) {
            self.clear();
            return Vec::new();
        }
        let products = &self.products[..m];
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
