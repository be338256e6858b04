//! Nonlinear least squares by Gauss–Newton within bounds, for few unknowns.
//!
//! min ½ |r(θ)|². The step solves the linear least squares of r + J d by singular values, with the columns
//! of J scaled to length 1, so that directions the data say nothing about are left alone. Unknowns that
//! the gradient presses against a bound stay there; the others' step is cut at the bounds and halved
//! until the sum of squares falls (Björck 1996, Numerical Methods for Least Squares Problems, ch. 9).

use nalgebra::{DMatrix, DVector};

use super::Stop;

#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Length of the last step, relative to the size of each unknown, at which the iteration ends.
    pub step_tolerance: f64,
    pub max_iterations: usize,
}

/// Singular values below this, relative to the largest of the scaled matrix, count as zero.
pub const RANK_TOLERANCE: f64 = 1e-10;
const SMALLEST_STEP: f64 = 1e-8;

/// Where the iteration ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    pub residual: DVector<f64>,
    pub jacobian: DMatrix<f64>,
    pub iterations: usize,
    pub converged: bool,
}

/// A trial point: its residuals, or `None` where they can't be computed.
pub type Residuals<'a, E> = dyn FnMut(&[f64]) -> Result<Option<Vec<f64>>, E> + 'a;
/// The derivative of the residuals at the point last accepted, a row a residual.
pub type Jacobian<'a, E> = dyn FnMut(&[f64]) -> Result<DMatrix<f64>, E> + 'a;

/// Moves `x` in place, from a start within `bounds`; `None` where the residuals of the first point can't be computed.
///
/// # Errors
/// Those of the functions.
pub fn gauss_newton<E>(
    x: &mut [f64],
    bounds: &[(f64, f64)],
    residuals: &mut Residuals<'_, E>,
    jacobian: &mut Jacobian<'_, E>,
    settings: Settings,
    stop: &Stop,
) -> Result<Option<Fitted>, E> {
    let Some(first) = residuals(x)? else { return Ok(None) };
    let mut fitted =
        Fitted { residual: DVector::from_vec(first), jacobian: jacobian(x)?, iterations: 0, converged: false };
    while fitted.iterations < settings.max_iterations && !stop.requested() {
        fitted.iterations += 1;
        let step = step(x, bounds, &fitted.residual, &fitted.jacobian);
        let mut share = 1.0;
        let accepted = loop {
            let trial: Vec<f64> = (x.iter().zip(step.iter()).zip(bounds))
                .map(|((x, step), (low, high))| (x + share * step).clamp(*low, *high))
                .collect();
            let length = moved(x, &trial);
            let found = residuals(&trial)?.map(DVector::from_vec);
            let better = found.filter(|found| found.norm_squared() < fitted.residual.norm_squared());
            match better {
                Some(found) => break Some((trial, found, length)),
                None if length <= settings.step_tolerance => break None,
                None => share *= 0.5,
            }
            if share < SMALLEST_STEP {
                break None;
            }
        };
        let whole = moved(x, &clamped(x, &step, bounds));
        let Some((trial, found, length)) = accepted else {
            // Rounding keeps the sum of squares from falling: the end, if the whole step was short.
            fitted.converged = whole <= settings.step_tolerance.sqrt();
            return Ok(Some(fitted));
        };
        x.copy_from_slice(&trial);
        fitted.residual = found;
        fitted.jacobian = jacobian(x)?;
        if share == 1.0 && length <= settings.step_tolerance {
            fitted.converged = true;
            break;
        }
    }
    Ok(Some(fitted))
}

fn clamped(x: &[f64], step: &DVector<f64>, bounds: &[(f64, f64)]) -> Vec<f64> {
    x.iter().zip(step.iter()).zip(bounds).map(|((x, step), (low, high))| (x + step).clamp(*low, *high)).collect()
}

/// Largest movement, relative to the size of each unknown where that is above 1e-6.
fn moved(from: &[f64], to: &[f64]) -> f64 {
    from.iter().zip(to).map(|(from, to)| (to - from).abs() / from.abs().max(1e-6)).fold(0.0, f64::max)
}

/// The Gauss–Newton step of the unknowns that are free to move.
fn step(x: &[f64], bounds: &[(f64, f64)], residual: &DVector<f64>, jacobian: &DMatrix<f64>) -> DVector<f64> {
    let gradient = jacobian.transpose() * residual;
    let mut free: Vec<usize> = (0..x.len())
        .filter(|&place| {
            let (low, high) = bounds[place];
            !(x[place] <= low && gradient[place] > 0.0 || x[place] >= high && gradient[place] < 0.0)
        })
        .collect();
    loop {
        let mut step = DVector::zeros(x.len());
        let own = Decomposed::of(&jacobian.select_columns(&free));
        let moves = own.solve(&(-residual));
        free.iter().zip(moves.iter()).for_each(|(&place, change)| step[place] = *change);
        // A step of an unknown at its bound that leads outside holds the others back: without it.
        let outward = |place: usize| {
            let (low, high) = bounds[place];
            x[place] <= low && step[place] < 0.0 || x[place] >= high && step[place] > 0.0
        };
        let before = free.len();
        free.retain(|&place| !outward(place));
        if free.len() == before {
            return step;
        }
    }
}

/// Singular values of a matrix whose columns are scaled to length 1.
pub struct Decomposed {
    scale: Vec<f64>,
    left: DMatrix<f64>,
    right: DMatrix<f64>,
    singular: Vec<f64>,
}

impl Decomposed {
    pub fn of(matrix: &DMatrix<f64>) -> Self {
        let scale: Vec<f64> = matrix.column_iter().map(|column| column.norm()).collect();
        let mut scaled = matrix.clone();
        for (mut column, scale) in scaled.column_iter_mut().zip(&scale) {
            if *scale > 0.0 {
                column /= *scale;
            }
        }
        if scaled.ncols() == 0 {
            let none = DMatrix::zeros(scaled.nrows(), 0);
            return Self { scale, left: none, right: DMatrix::zeros(0, 0), singular: Vec::new() };
        }
        let found = scaled.svd(true, true);
        let (left, right) = (found.u.expect("asked for"), found.v_t.expect("asked for").transpose());
        Self { scale, left, right, singular: found.singular_values.as_slice().to_vec() }
    }

    fn largest(&self) -> f64 {
        self.singular.iter().copied().fold(0.0, f64::max)
    }

    fn kept(&self) -> impl Iterator<Item = usize> + '_ {
        let least = RANK_TOLERANCE * self.largest();
        (0..self.singular.len()).filter(move |&place| self.singular[place] > least)
    }

    pub fn rank(&self) -> usize {
        self.kept().count()
    }

    /// Largest over smallest singular value, of the scaled matrix.
    pub fn condition(&self) -> f64 {
        let smallest = self.singular.iter().copied().fold(f64::INFINITY, f64::min);
        if smallest > 0.0 { self.largest() / smallest } else { f64::INFINITY }
    }

    /// The unknowns that take part in the direction of the smallest singular value.
    pub fn weakest(&self) -> Vec<usize> {
        const TAKES_PART: f64 = 0.1;
        let smallest = (0..self.singular.len()).min_by(|&a, &b| self.singular[a].total_cmp(&self.singular[b]));
        let Some(smallest) = smallest else { return Vec::new() };
        let direction = self.right.column(smallest);
        (0..direction.len()).filter(|&place| direction[place].abs() > TAKES_PART).collect()
    }

    /// The shortest least-squares solution.
    fn solve(&self, wanted: &DVector<f64>) -> DVector<f64> {
        let mut found = DVector::zeros(self.scale.len());
        for place in self.kept() {
            let along = self.left.column(place).dot(wanted) / self.singular[place];
            found += self.right.column(place) * along;
        }
        found
            .iter_mut()
            .zip(&self.scale)
            .for_each(|(value, scale)| *value = if *scale > 0.0 { *value / scale } else { 0.0 });
        found
    }

    /// (JᵀJ)⁻¹; infinite on the diagonal of unknowns that the data do not identify, and missing beside.
    pub fn inverse_of_squares(&self) -> DMatrix<f64> {
        const TOUCHED: f64 = 1e-7;
        let n = self.scale.len();
        let mut found = DMatrix::zeros(n, n);
        for place in self.kept() {
            let column = self.right.column(place);
            found += column * column.transpose() / self.singular[place].powi(2);
        }
        let lost: Vec<usize> =
            (0..self.singular.len()).filter(|place| !self.kept().any(|kept| kept == *place)).collect();
        let unknown: Vec<bool> = (0..n)
            .map(|i| self.scale[i] == 0.0 || lost.iter().any(|&place| self.right[(i, place)].abs() > TOUCHED))
            .collect();
        for i in 0..n {
            for j in 0..n {
                found[(i, j)] = match unknown[i] || unknown[j] {
                    true if i == j => f64::INFINITY,
                    true => f64::NAN,
                    false => found[(i, j)] / (self.scale[i] * self.scale[j]),
                };
            }
        }
        found
    }
}
