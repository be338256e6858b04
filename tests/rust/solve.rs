//! The numerics by themselves.

use std::cell::Cell;

use nalgebra::DMatrix;
use tradewinds::solve::matrix::{self, Pattern};
use tradewinds::solve::quantiles::{Sketch, of_sorted};
use tradewinds::solve::{Stop, anderson, complementarity, krylov, mathfn, newton};

use crate::support::close;

const ANDERSON: anderson::Settings =
    anderson::Settings { memory: 5, damping: 1.0, tolerance: 1e-12, max_iterations: 300 };
const NEWTON: newton::Settings = newton::Settings { step_tolerance: 1e-12, max_iterations: 50 };

#[test]
fn anderson_finds_the_fixed_point_of_a_linear_contraction() {
    let map = |x: &[f64], out: &mut [f64]| {
        out[0] = 0.5 * x[0] + 0.2 * x[1] + 1.0;
        out[1] = 0.1 * x[0] + 0.3 * x[1] - 2.0;
    };
    let mut x = [10.0, 10.0];
    let outcome = anderson::fixed_point(&mut x, map, ANDERSON, &Stop::default());
    assert!(outcome.converged);
    // Two dimensions: Anderson with a memory of two and more ends after a few steps, plain iteration needs about 45.
    assert!(outcome.iterations < 12, "{outcome:?}");
    // By Cramer's rule from (I − A) x = c. The residual is at most 1e-12 and 1/(1 − 0.7) is below 4.
    close(x[0], (0.7 - 0.4) / 0.33, 4e-12);
    close(x[1], (-1.0 + 0.1) / 0.33, 4e-12);
}

#[test]
fn anderson_solves_a_contraction_that_plain_iteration_would_take_for_ever_over() {
    // Modulus 0.99995 on a chain of 40, where plain iteration needs more than 300,000 steps.
    let map = |x: &[f64], out: &mut [f64]| {
        for i in 0..x.len() {
            let left = if i > 0 { x[i - 1] } else { 1.0 };
            let right = if i + 1 < x.len() { x[i + 1] } else { 2.0 };
            out[i] = 0.99995 * 0.5 * (left + right);
        }
    };
    let mut x = vec![0.0; 40];
    let settings = anderson::Settings { memory: 40, max_iterations: 2000, tolerance: 1e-10, ..ANDERSON };
    let outcome = anderson::fixed_point(&mut x, map, settings, &Stop::default());
    assert!(outcome.converged, "{outcome:?}");
    let mut image = vec![0.0; 40];
    map(&x, &mut image);
    // The last point is one step beyond the one whose residual was 1e-10.
    x.iter().zip(&image).for_each(|(x, g)| close(*x, *g, 2e-10));
}

#[test]
fn damping_makes_anderson_converge_where_the_map_overshoots() {
    let map = |x: &[f64], out: &mut [f64]| out[0] = -5.0 * x[0] + 12.0;
    for memory in [0, 5] {
        let mut x = [0.0];
        let settings = anderson::Settings { memory, damping: 0.25, ..ANDERSON };
        assert!(anderson::fixed_point(&mut x, map, settings, &Stop::default()).converged);
        close(x[0], 2.0, 1e-12);
    }
}

#[test]
fn anderson_says_when_it_did_not_converge_and_returns_its_best_point() {
    // No fixed point: the residual is 1 + x² at least 1.
    let mut x = [0.3];
    let outcome = anderson::fixed_point(&mut x, |x, out| out[0] = x[0] + 1.0 + x[0] * x[0], ANDERSON, &Stop::default());
    assert!(!outcome.converged);
    assert_eq!(outcome.iterations, ANDERSON.max_iterations);
    close(outcome.residual, 1.0 + x[0] * x[0], 0.0);
}

#[test]
fn maps_that_are_not_finite_are_not_reported_as_converged() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut x = [1.0, 1.0];
        let outcome = anderson::fixed_point(&mut x, |_, out| out.fill(value), ANDERSON, &Stop::default());
        assert!(!outcome.converged, "{value}: {outcome:?}");
        assert_eq!(x, [1.0, 1.0]);
    }
    // Finite at the start, not a number afterwards.
    let calls = Cell::new(0);
    let map = |_: &[f64], out: &mut [f64]| {
        calls.set(calls.get() + 1);
        out[0] = if calls.get() < 3 { calls.get() as f64 } else { f64::NAN };
    };
    let mut x = [0.0];
    let outcome = anderson::fixed_point(&mut x, map, ANDERSON, &Stop::default());
    assert!(!outcome.converged && outcome.residual.is_finite() && x[0].is_finite());
}

#[test]
fn an_empty_fixed_point_is_converged() {
    assert!(anderson::fixed_point(&mut [], |_, _| {}, ANDERSON, &Stop::default()).converged);
}

#[test]
fn newton_solves_a_small_nonlinear_system() {
    // x² + y² = 25, x y = 12: (4, 3) from (6, 1).
    let system = |x: &[f64], f: &mut [f64]| {
        f[0] = x[0] * x[0] + x[1] * x[1] - 25.0;
        f[1] = x[0] * x[1] - 12.0;
    };
    let jacobian = |x: &[f64]| DMatrix::from_row_slice(2, 2, &[2.0 * x[0], 2.0 * x[1], x[1], x[0]]);
    let mut x = [6.0, 1.0];
    let outcome = newton::newton(&mut x, system, jacobian, NEWTON, &Stop::default());
    assert!(outcome.converged);
    assert!(outcome.iterations < 12);
    // Quadratic convergence leaves rounding only.
    close(x[0], 4.0, 1e-14);
    close(x[1], 3.0, 1e-14);
}

#[test]
fn newton_backtracks_where_full_steps_diverge() {
    // arctan: full steps from 3 run away.
    let mut x = [3.0];
    let jacobian = |x: &[f64]| DMatrix::from_element(1, 1, 1.0 / (1.0 + x[0] * x[0]));
    let outcome = newton::newton(&mut x, |x, f| f[0] = x[0].atan(), jacobian, NEWTON, &Stop::default());
    assert!(outcome.converged);
    close(x[0], 0.0, 1e-12);
}

#[test]
fn newton_says_when_it_did_not_converge() {
    let stop = Stop::default();
    // No root.
    let jacobian = |x: &[f64]| DMatrix::from_element(1, 1, 2.0 * x[0]);
    assert!(!newton::newton(&mut [0.7], |x, f| f[0] = x[0] * x[0] + 1.0, jacobian, NEWTON, &stop).converged);
    // A singular Jacobian.
    let flat = |_: &[f64]| DMatrix::zeros(1, 1);
    assert!(!newton::newton(&mut [1.0], |x, f| f[0] = x[0], flat, NEWTON, &stop).converged);
    // Not a number from the start.
    let one = |_: &[f64]| DMatrix::identity(1, 1);
    assert!(!newton::newton(&mut [1.0], |_, f| f[0] = f64::NAN, one, NEWTON, &stop).converged);
}

#[test]
fn a_stop_request_is_honoured_at_once_and_is_shared_by_clones() {
    let stop = Stop::default();
    let calls = Cell::new(0);
    let map = |x: &[f64], out: &mut [f64]| {
        calls.set(calls.get() + 1);
        if calls.get() == 4 {
            stop.clone().request();
        }
        out[0] = x[0] + 1.0;
    };
    let outcome = anderson::fixed_point(&mut [0.0], map, ANDERSON, &stop);
    assert!(!outcome.converged && stop.requested());
    assert_eq!(calls.get(), 4);
    let steps = Cell::new(0);
    let jacobian = |_: &[f64]| {
        steps.set(steps.get() + 1);
        DMatrix::identity(1, 1)
    };
    let outcome = newton::newton(&mut [1.0], |x, f| f[0] = x[0], jacobian, NEWTON, &stop);
    assert!(!outcome.converged);
    assert_eq!(steps.get(), 0);
}

/// Distance in units of the last place between two finite numbers of one sign.
fn ulps(a: f64, b: f64) -> u64 {
    (a.to_bits() as i64 - b.to_bits() as i64).unsigned_abs()
}

#[test]
fn exp_and_ln_are_within_two_ulps_of_correctly_rounded_values() {
    // Made with mpmath at 200 bits and rounded once; arguments and values as bits.
    let oracle = include_str!("../oracles/exp_ln.csv");
    let bits = |text: &str| f64::from_bits(u64::from_str_radix(text, 16).unwrap());
    let mut worst = (0, 0);
    for line in oracle.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let mut value = [bits(fields[1])];
        let place = match fields[0] {
            "exp" => {
                mathfn::exp(&mut value);
                &mut worst.0
            }
            _ => {
                mathfn::ln(&mut value);
                &mut worst.1
            }
        };
        *place = (*place).max(ulps(value[0], bits(fields[2])));
    }
    assert!(worst.0 <= 2 && worst.1 <= 2, "exp within {} ulps, ln within {}", worst.0, worst.1);
}

#[test]
fn exp_and_ln_have_the_edges_of_the_standard_library() {
    let edges = [f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, -1.0, 1.0, 5e-324, 1e-310, 800.0, -800.0, -744.0];
    let (mut exponentials, mut logarithms) = (edges, edges);
    mathfn::exp(&mut exponentials);
    mathfn::ln(&mut logarithms);
    for ((x, exp), ln) in edges.iter().zip(exponentials).zip(logarithms) {
        // Subnormal results have fewer bits, so a unit in the last place is an absolute 5e-324.
        assert!(exp == x.exp() || (exp - x.exp()).abs() <= 1e-323 || ulps(exp, x.exp()) <= 2, "exp {x}: {exp}");
        assert!(
            ln.is_nan() == x.ln().is_nan() && (ln.is_nan() || ln == x.ln() || ulps(ln, x.ln()) <= 2),
            "ln {x}: {ln}"
        );
    }
    let mut nothing = [f64::NAN; 2];
    mathfn::exp(&mut nothing);
    mathfn::ln(&mut nothing);
    assert!(nothing.iter().all(|value| value.is_nan()));
}

#[test]
fn sparse_and_dense_products_are_those_of_the_definition() {
    let (rows, columns) = (7, 5);
    for filled in [3, 10, 35] {
        let places: Vec<(u32, u32)> = (0..35).filter(|p| p * filled % 35 < filled).map(|p| (p / 5, p % 5)).collect();
        let starts = (0..=rows).map(|row| places.partition_point(|&(i, _)| (i as usize) < row) as u32).collect();
        let pattern = Pattern::new(columns, starts, places.iter().map(|&(_, j)| j).collect());
        let number = |place: usize| f64::from(3 * places[place].0 + places[place].1 + 1);
        let values = pattern.values(number);
        let mut dense = vec![vec![0.0; columns]; rows];
        for (place, &(i, j)) in places.iter().enumerate() {
            assert_eq!(pattern.at(place), (i as usize, j as usize));
            assert_eq!(values[pattern.slot(place)], number(place));
            dense[i as usize][j as usize] = number(place);
        }
        let (left, right): (Vec<f64>, Vec<f64>) = ((0..7).map(f64::from).collect(), (1..6).map(f64::from).collect());
        let (mut down, mut across) = (vec![0.0; columns], vec![0.0; rows]);
        pattern.transposed_times(&values, &left, &mut down);
        pattern.times(&values, &right, &mut across);
        // Whole numbers: sums are exact in any order.
        for j in 0..columns {
            assert_eq!(down[j], (0..rows).map(|i| dense[i][j] * left[i]).sum::<f64>());
        }
        for i in 0..rows {
            assert_eq!(across[i], (0..columns).map(|j| dense[i][j] * right[j]).sum::<f64>());
        }
    }
}

#[test]
fn a_complementarity_problem_finds_what_binds_and_what_does_not() {
    let settings = complementarity::Settings { tolerance: 1e-12, max_iterations: 60 };
    let solve = |upper: [f64; 2]| {
        let mut y = [0.0, 0.0];
        // f rises with its own argument; the first binds at 1, the second is slack.
        let function = |y: &[f64], f: &mut [f64]| {
            f[0] = y[0].powi(3) + 0.1 * y[1] - 1.0;
            f[1] = y[1] + 2.0 - 0.5 * y[0];
            true
        };
        let outcome = complementarity::complementarity(&mut y, &upper, function, settings, &Stop::default());
        (y, outcome)
    };
    let (y, outcome) = solve([f64::INFINITY; 2]);
    assert!(outcome.converged);
    assert!((y[0] - 1.0).abs() < 1e-9 && y[1] == 0.0, "{y:?}");
    let (y, outcome) = solve([0.5, f64::INFINITY]);
    assert!(outcome.converged && y == [0.5, 0.0], "at an upper bound f may stay negative: {y:?}");
}

#[test]
fn short_rows_are_products_of_the_definition() {
    // 19 rows: blocks of 8 and 3 left over; small whole numbers, so every order of summing is exact.
    for columns in [8, 24] {
        let values: Vec<f64> = (0..19 * columns).map(|k| f64::from((k * 7 % 11) as u32) - 5.0).collect();
        let g: Vec<f64> = (0..columns).map(|k| f64::from((k * 5 % 7) as u32) - 3.0).collect();
        let mut out = vec![f64::NAN; 19];
        matrix::short_times(&values, &g, &mut out);
        for (row, found) in values.chunks(columns).zip(out) {
            assert_eq!(found, row.iter().zip(&g).map(|(a, b)| a * b).sum::<f64>());
        }
    }
}

const KRYLOV: krylov::Settings = krylov::Settings { tolerance: 1e-12, max_evaluations: 2000, directions: 30 };

#[test]
fn newton_krylov_solves_a_system_that_plain_iteration_leaves() {
    // x_i³ + 3 x_i − x_(i−1) + x_(i+1) = b_i with the solution x_i = sin i: strictly monotone, far from a contraction.
    let system = |x: &[f64], out: &mut [f64]| {
        for i in 0..x.len() {
            let (left, right) = (if i > 0 { x[i - 1] } else { 0.0 }, x.get(i + 1).copied().unwrap_or(0.0));
            out[i] = x[i].powi(3) + 3.0 * x[i] - left + right;
        }
    };
    let wanted: Vec<f64> = (0..25).map(|i| f64::from(i).sin()).collect();
    let mut right = vec![0.0; 25];
    system(&wanted, &mut right);
    let residual = |x: &[f64], out: &mut [f64]| {
        system(x, out);
        out.iter_mut().zip(&right).for_each(|(out, right)| *out -= right);
    };
    let mut x = vec![5.0; 25];
    let outcome = krylov::newton_krylov(&mut x, residual, KRYLOV, &Stop::default());
    assert!(outcome.converged, "{outcome:?}");
    // The derivative is at least 3, so an error is at most a third of the residual.
    x.iter().zip(&wanted).for_each(|(x, wanted)| close(*x, *wanted, 1e-12));
}

#[test]
fn newton_krylov_says_so_where_there_is_no_solution() {
    let mut x = vec![2.0, -1.0];
    let above = |x: &[f64], out: &mut [f64]| {
        out[0] = x[0] * x[0] + 1.0;
        out[1] = x[1];
    };
    let outcome = krylov::newton_krylov(&mut x, above, KRYLOV, &Stop::default());
    assert!(!outcome.converged && outcome.residual >= 1.0, "{outcome:?}");
    let stop = Stop::default();
    stop.request();
    let outcome = krylov::newton_krylov(&mut [1.0], |x, out| out[0] = x[0], KRYLOV, &stop);
    assert!(!outcome.converged && outcome.iterations == 1);
}

#[test]
fn quantiles_are_linear_between_neighbours() {
    let sorted = [1.0, 2.0, 4.0, 8.0];
    let found: Vec<f64> = [0.0, 0.5, 0.75, 1.0].iter().map(|q| of_sorted(&sorted, *q)).collect();
    // By hand: places 0, 1.5, 2.25 and 3; all exact in binary.
    assert_eq!(found, [1.0, 3.0, 5.0, 8.0]);
    assert_eq!(of_sorted(&[f64::INFINITY, f64::INFINITY], 0.5), f64::INFINITY);
    assert_eq!(of_sorted(&[3.0], 0.7), 3.0);
    assert!(of_sorted(&[], 0.5).is_nan());
}

/// Numbers in an order that is far from theirs.
fn shuffled(count: u64) -> impl Iterator<Item = f64> {
    (0..count).map(move |place| ((place * 7919) % count) as f64)
}

#[test]
fn a_sketch_is_exact_until_it_forgets() {
    let mut sketch = Sketch::default();
    shuffled(1000).for_each(|value| sketch.add(value));
    assert_eq!(sketch.error(), 0.0);
    let sorted: Vec<f64> = (0..1000).map(f64::from).collect();
    for q in [0.0, 0.123, 0.5, 0.999, 1.0] {
        assert_eq!(sketch.quantiles(&[q]), [of_sorted(&sorted, q)]);
    }
}

#[test]
fn sketches_come_back_from_their_bytes_and_go_on() {
    use ndarray::Array2;
    use tradewinds::evidence::sample::sketches::Sketches;

    let stream: Vec<f64> = shuffled(20_000).collect();
    let block = |range: std::ops::Range<usize>| {
        Array2::from_shape_fn((range.len(), 3), |(row, cell)| match cell {
            0 => stream[range.start + row],
            1 if row % 7 == 0 => f64::INFINITY,
            1 => -stream[range.start + row],
            _ => f64::NAN,
        })
    };
    let mut sketches = Sketches::new(3);
    sketches.add(block(0..12_345).view());
    let bytes = sketches.to_bytes();
    let mut again = Sketches::from_bytes(3, &bytes).unwrap();
    for sketches in [&mut sketches, &mut again] {
        sketches.add(block(12_345..20_000).view());
    }
    assert_eq!(again, sketches);
    for (cells, bytes) in [(2, &bytes[..]), (4, &bytes[..]), (3, &bytes[..bytes.len() - 8]), (3, &bytes[1..])] {
        assert!(Sketches::from_bytes(cells, bytes).unwrap_err().to_string().contains("no sketches"));
    }
}

#[test]
fn a_sketch_stays_within_its_error_and_small() {
    for count in [5_000, 50_000, 500_000] {
        let mut sketch = Sketch::default();
        shuffled(count).for_each(|value| sketch.add(value));
        assert_eq!(sketch.count(), count);
        // Levels of 1,024 × (2/3)^h values, 8 at least.
        assert!(sketch.held() < 3072 + 10 * 8, "{}", sketch.held());
        assert!(sketch.error() > 0.0 && sketch.error() < 0.006, "{}", sketch.error());
        for q in [0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 1.0] {
            // The value v has v values below it: its order is within the bound, which a rank in a hundred may exceed.
            let order = sketch.quantiles(&[q])[0] / (count - 1) as f64;
            assert!((order - q).abs() <= sketch.error() + 1.0 / count as f64, "{count} {q} {order}");
        }
    }
}

#[test]
fn a_sketch_passes_over_what_is_no_number() {
    let mut sketch = Sketch::default();
    assert!(sketch.quantiles(&[0.5])[0].is_nan());
    [f64::NAN, 2.0, f64::INFINITY, f64::NAN].iter().for_each(|value| sketch.add(*value));
    assert_eq!(sketch.count(), 2);
    assert_eq!(sketch.quantiles(&[0.0, 1.0]), [2.0, f64::INFINITY]);
}
