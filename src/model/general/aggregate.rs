//! The world as one sector: what the joint map does to changes that a country's sectors have in common.
//!
//! Plain iterations need longest for the level of each country's wage, prices and spending. Their derivative
//! at the baseline, J of the means over sectors (weighted by spending), is small enough to be inverted once a
//! model. To the image x + f of a point x is added P [(1 − J)⁻¹ − 1] R f, where R takes the means and P gives
//! them to every sector: a step that is Newton's for what is common and leaves the rest alone. As R P = 1, it
//! is 0 only where f is, so the fixed point is the same.
//!
//! Two-level preconditioning; Nicolaides (1987), Deflation of conjugate gradients with applications to
//! boundary value problems, SIAM J. Numer. Anal. 24.

use nalgebra::DMatrix;

use super::economy::{Economy, Transfers};
use super::system::{State, System};
use crate::solve::Stop;
use crate::solve::matrix::dense_times;

/// Of n countries: ln ŵ, then the means of ln P̂, then those of ln X'.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    countries: usize,
    /// (1 − J)⁻¹ − 1, row by row.
    step: Vec<f64>,
    /// Share of each sector in a country's spending, `[sector][country]`.
    weight: Vec<f64>,
}

/// The derivatives of labour's receipts, of spending on inputs, and of duties, each by exporter or importer
/// with respect to wages, price levels and levels of spending.
struct Derivatives {
    labour: [DMatrix<f64>; 3],
    inputs: [DMatrix<f64>; 3],
    duties: [DMatrix<f64>; 3],
    price: [DMatrix<f64>; 2],
}

impl Aggregate {
    /// At an equilibrium in which all hats are 1; `None` where its derivative is singular.
    pub fn new(system: &System, state: &State, stop: &Stop) -> Option<Self> {
        let economy = system.economy;
        let n = economy.countries;
        let mut total = vec![0.0; n];
        state.spending.chunks_exact(n).for_each(|row| total.iter_mut().zip(row).for_each(|(sum, x)| *sum += x));
        let weight = state.spending.iter().enumerate().map(|(cell, x)| x / total[cell % n]).collect::<Vec<f64>>();
        let mut sums = Derivatives::zero(n);
        for sector in 0..economy.sectors {
            if stop.requested() {
                return None;
            }
            sums.add(system, state, sector, &weight[sector * n..(sector + 1) * n]);
        }
        let jacobian = sums.jacobian(economy, &system.transfers, state, &total);
        let identity = DMatrix::identity(3 * n, 3 * n);
        let step = (&identity - jacobian).try_inverse()? - identity;
        let step: Vec<f64> = step.transpose().as_slice().to_vec();
        step.iter().all(|entry| entry.is_finite()).then_some(Self { countries: n, step, weight })
    }

    /// Adds the step to the image of `x`, but in the cells that stay as they are. `scratch` is written over.
    pub fn refine(&self, x: &[f64], image: &mut [f64], idle: &[usize], scratch: &mut Vec<f64>) {
        let n = self.countries;
        let cells = self.weight.len();
        scratch.clear();
        scratch.resize(6 * n, 0.0);
        let (mean, step) = scratch.split_at_mut(3 * n);
        (0..n).for_each(|i| mean[i] = image[i] - x[i]);
        for (block, mean) in mean[n..].chunks_exact_mut(n).enumerate() {
            let from = n + block * cells;
            let rows = x[from..].chunks_exact(n).zip(image[from..].chunks_exact(n)).zip(self.weight.chunks_exact(n));
            for ((x, image), weight) in rows {
                for (((mean, x), image), weight) in mean.iter_mut().zip(x).zip(image).zip(weight) {
                    *mean += weight * (image - x);
                }
            }
        }
        dense_times(&self.step, mean, step);
        (0..n).for_each(|i| image[i] += step[i]);
        for (block, step) in step[n..].chunks_exact(n).enumerate() {
            let image = &mut image[n + block * cells..][..cells];
            image.chunks_exact_mut(n).for_each(|row| row.iter_mut().zip(step).for_each(|(x, step)| *x += step));
            idle.iter().for_each(|&cell| image[cell] = x[n + block * cells + cell]);
        }
    }
}

impl Derivatives {
    fn zero(n: usize) -> Self {
        let zero = || DMatrix::zeros(n, n);
        Self {
            labour: [zero(), zero(), zero()],
            inputs: [zero(), zero(), zero()],
            duties: [zero(), zero(), zero()],
            price: [zero(), zero()],
        }
    }

    fn add(&mut self, system: &System, state: &State, sector: usize, weight: &[f64]) {
        let economy = system.economy;
        let n = economy.countries;
        let theta = economy.trade_elasticity[sector];
        let share = DMatrix::from_fn(n, n, |importer, exporter| system.kernel.of_buyer(sector, importer)[0][exporter]);
        let spending = &state.spending[sector * n..(sector + 1) * n];
        let value = DMatrix::from_fn(n, n, |importer, exporter| {
            system.kernel.of_buyer(sector, importer)[1][exporter] * spending[importer]
        });
        let own: Vec<f64> = (0..n).map(|country| economy.labour(country)[sector]).collect();
        let (sold, bought) = (value.row_sum(), value.column_sum());
        // With respect to ln ĉ of each country: receipts by exporter, purchases by importer.
        let mut receipts = value.tr_mul(&share) * theta;
        (0..n).for_each(|i| receipts[(i, i)] -= theta * sold[i]);
        for m in 0..n {
            for i in 0..n {
                let (labour, receipt) = (own[i], receipts[(i, m)]);
                let purchase = theta * (bought[i] * share[(i, m)] - value[(i, m)]);
                for (place, cost) in [own[m], 1.0 - own[m]].into_iter().enumerate() {
                    self.labour[place][(i, m)] += labour * receipt * cost;
                    self.inputs[place][(i, m)] += (1.0 - labour) * receipt * cost;
                    self.duties[place][(i, m)] -= purchase * cost;
                    self.price[place][(i, m)] += weight[i] * share[(i, m)] * cost;
                }
                self.labour[2][(i, m)] += labour * value[(m, i)];
                self.inputs[2][(i, m)] += (1.0 - labour) * value[(m, i)];
            }
            self.duties[2][(m, m)] += spending[m] - bought[m];
        }
    }

    /// Of the means of [`System::map`], with respect to themselves.
    fn jacobian(&self, economy: &Economy, transfers: &Transfers, state: &State, spending: &[f64]) -> DMatrix<f64> {
        let n = economy.countries;
        let world: f64 = economy.value_added.iter().sum();
        let mut jacobian = DMatrix::zeros(3 * n, 3 * n);
        for i in 0..n {
            let earned = economy.value_added[i] + state.revenue[i];
            let passed_on = match transfers {
                Transfers::Fixed(_) => 1.0,
                Transfers::Proportional(_) => state.income[i] / earned,
            };
            let length = 1.0 / (1.0 + economy.wage_elasticity[i]);
            for m in 0..n {
                let one = if i == m { 1.0 } else { 0.0 };
                for place in 0..3 {
                    let at = (i, place * n + m);
                    let wage = if place == 0 { one } else { 0.0 };
                    jacobian[at] = wage + length * (self.labour[place][(i, m)] / economy.value_added[i] - wage);
                    let income = wage * economy.value_added[i] + self.duties[place][(i, m)];
                    jacobian[(2 * n + i, at.1)] = (self.inputs[place][(i, m)] + passed_on * income) / spending[i];
                }
                for place in 0..2 {
                    jacobian[(n + i, place * n + m)] = self.price[place][(i, m)];
                }
            }
        }
        // The numeraire: no change of the mean wage.
        for column in 0..3 * n {
            let mean: f64 = (0..n).map(|i| economy.value_added[i] / world * jacobian[(i, column)]).sum();
            (0..n).for_each(|i| jacobian[(i, column)] -= mean);
        }
        jacobian
    }
}
