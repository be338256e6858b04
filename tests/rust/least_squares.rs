//! Nonlinear least squares against certified values.

use nalgebra::DMatrix;
use tradewinds::solve::Stop;
use tradewinds::solve::least_squares::{Decomposed, Settings, gauss_newton};

use crate::support::near;

const SETTINGS: Settings = Settings { step_tolerance: 1e-9, max_iterations: 100 };
type Never = std::convert::Infallible;

/// NIST Statistical Reference Datasets, Misra1a: y = b1 (1 − exp(−b2 x)), certified to 11 digits.
const X: [f64; 14] = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0];
const Y: [f64; 14] = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78];
const CERTIFIED: [f64; 2] = [2.3894212918e2, 5.5015643181e-4];
const DEVIATIONS: [f64; 2] = [2.7070075241, 7.2668688436e-6];
const SUM_OF_SQUARES: f64 = 1.2455138894e-1;

fn misra(b: &[f64]) -> Vec<f64> {
    X.iter().zip(Y).map(|(x, y)| b[0] * (1.0 - (-b[1] * x).exp()) - y).collect()
}

fn slopes(b: &[f64]) -> DMatrix<f64> {
    DMatrix::from_fn(X.len(), 2, |row, column| match column {
        0 => 1.0 - (-b[1] * X[row]).exp(),
        _ => b[0] * X[row] * (-b[1] * X[row]).exp(),
    })
}

fn solved(start: [f64; 2], bounds: &[(f64, f64)]) -> ([f64; 2], f64, DMatrix<f64>) {
    let mut b = start;
    let mut residuals = |b: &[f64]| Ok::<_, Never>(Some(misra(b)));
    let mut jacobian = |b: &[f64]| Ok::<_, Never>(slopes(b));
    let found = gauss_newton(&mut b, bounds, &mut residuals, &mut jacobian, SETTINGS, &Stop::default());
    let found = found.unwrap().unwrap();
    assert!(found.converged);
    (b, found.residual.norm_squared(), found.jacobian)
}

#[test]
fn certified_values_from_both_certified_starts() {
    let free = [(f64::NEG_INFINITY, f64::INFINITY); 2];
    for start in [[500.0, 1e-4], [250.0, 5e-4]] {
        let (b, sum, jacobian) = solved(start, &free);
        let covariance = Decomposed::of(&jacobian).inverse_of_squares() * (sum / 12.0);
        // The certificate has eleven digits; the last step was below 1e-9.
        near(sum / SUM_OF_SQUARES, 1.0, 1e-10);
        for place in 0..2 {
            near(b[place] / CERTIFIED[place], 1.0, 1e-9);
            near(covariance[(place, place)].sqrt() / DEVIATIONS[place], 1.0, 1e-8);
        }
    }
}

#[test]
fn a_bound_holds_and_the_other_unknown_finds_its_own_minimum() {
    let (b, sum, _) = solved([200.0, 5e-4], &[(0.0, 230.0), (0.0, 1.0)]);
    assert_eq!(b[0], 230.0);
    assert!(sum > SUM_OF_SQUARES);
    let gradient: f64 = misra(&b).iter().zip(slopes(&b).column(1).iter()).map(|(r, slope)| r * slope).sum();
    // Next to the size of what is summed, about 1e4 times 0.3.
    assert!(gradient.abs() < 1e-3, "{gradient}");
}

#[test]
fn a_point_that_cannot_be_computed_is_stepped_over_or_said() {
    let mut b = [500.0, 1e-4];
    let mut residuals = |b: &[f64]| Ok::<_, Never>((b[0] > 100.0).then(|| misra(b)));
    let mut jacobian = |b: &[f64]| Ok::<_, Never>(slopes(b));
    let free = [(f64::NEG_INFINITY, f64::INFINITY); 2];
    let found = gauss_newton(&mut b, &free, &mut residuals, &mut jacobian, SETTINGS, &Stop::default());
    assert!(found.unwrap().unwrap().converged);
    near(b[0] / CERTIFIED[0], 1.0, 1e-9);
    let mut nowhere = |_: &[f64]| Ok::<_, Never>(None);
    let found = gauss_newton(&mut b, &free, &mut nowhere, &mut jacobian, SETTINGS, &Stop::default());
    assert!(found.unwrap().is_none());
}

#[test]
fn unknowns_that_are_not_told_apart_are_named_and_have_no_error() {
    let matrix = DMatrix::from_row_slice(4, 3, &[1.0, 2.0, 0.5, 3.0, 6.0, -1.0, 0.0, 0.0, 2.0, 5.0, 10.0, 1.0]);
    let found = Decomposed::of(&matrix);
    assert_eq!(found.rank(), 2);
    assert_eq!(found.weakest(), [0, 1]);
    let inverse = found.inverse_of_squares();
    assert!(inverse[(0, 0)].is_infinite() && inverse[(1, 1)].is_infinite() && inverse[(0, 2)].is_nan());
    // The third column after the first is taken out of it.
    let (first, third) = (matrix.column(0), matrix.column(2));
    let rest = third - first * (first.dot(&third) / first.norm_squared());
    near(inverse[(2, 2)], 1.0 / rest.norm_squared(), 1e-12);
    let zero = Decomposed::of(&DMatrix::from_row_slice(3, 2, &[1.0, 0.0, 2.0, 0.0, 3.0, 0.0]));
    assert_eq!(zero.rank(), 1);
    assert!(zero.inverse_of_squares()[(1, 1)].is_infinite());
    near(zero.inverse_of_squares()[(0, 0)], 1.0 / 14.0, 1e-14);
}
