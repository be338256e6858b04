//! A nonnegative matrix scaled by rows and columns to given sums: biproportional fitting.
//!
//! Deming & Stephan (1940); called RAS in economics. Where the sums can be met on the support of the
//! matrix the result is unique, the one nearest to the matrix in relative entropy. The iteration is a
//! fixed point in the logs of the columns' factors; Anderson acceleration takes it through kernels on
//! which the plain one crawls.

use super::{Outcome, Stop, anderson};

const SETTINGS: anderson::Settings =
    anderson::Settings { memory: 8, damping: 1.0, tolerance: 1e-13, max_iterations: 5000 };

/// Scales `kernel`, row by row with as many rows and columns as there are sums, in place.
///
/// Rows and columns of sum 0 become 0. Row sums are met exactly; the residual is the largest relative
/// error of a column. It does not fall to the tolerance where the support can't carry the sums.
pub fn balance(kernel: &mut [f64], rows: &[f64], columns: &[f64], stop: &Stop) -> Outcome {
    let filled: Vec<usize> = (0..columns.len()).filter(|&column| columns[column] > 0.0).collect();
    let mut by_row = vec![0.0; rows.len()];
    let mut by_column = vec![0.0; columns.len()];
    let mut sums = vec![0.0; columns.len()];
    let mut step = |logs: &[f64], out: &mut [f64]| {
        filled.iter().zip(logs).for_each(|(&column, log)| by_column[column] = log.exp());
        sums.fill(0.0);
        for ((row, factor), wanted) in kernel.chunks_exact(columns.len().max(1)).zip(&mut by_row).zip(rows) {
            let sum: f64 = row.iter().zip(&by_column).map(|(cell, factor)| cell * factor).sum();
            *factor = if *wanted > 0.0 { wanted / sum } else { 0.0 };
            sums.iter_mut().zip(row).for_each(|(sum, cell)| *sum += cell * *factor);
        }
        filled.iter().zip(out).for_each(|(&column, out)| *out = (columns[column] / sums[column]).ln());
    };
    let mut logs = vec![0.0; filled.len()];
    let mut outcome = anderson::fixed_point(&mut logs, &mut step, SETTINGS, stop);
    let mut next = vec![0.0; filled.len()];
    step(&logs, &mut next);
    let errors: Vec<f64> = next.iter().zip(&logs).map(|(next, log)| next - log).collect();
    outcome.residual = super::sup_norm(&errors);
    for (row, by_row) in kernel.chunks_exact_mut(columns.len().max(1)).zip(&by_row) {
        row.iter_mut().zip(&by_column).for_each(|(cell, by_column)| *cell *= by_row * by_column);
    }
    outcome
}
