//! The fixed point of the joint system: Anderson acceleration, and Newton–Krylov behind it.

use super::super::Status;
use super::system::{State, System};
use crate::solve::{Outcome, Stop, anderson, krylov};

const ANDERSON: anderson::Settings =
    anderson::Settings { memory: 10, damping: 1.0, tolerance: TOLERANCE, max_iterations: 400 };
const KRYLOV: krylov::Settings = krylov::Settings { tolerance: TOLERANCE, max_evaluations: 6000, directions: 100 };
/// Largest change of ln ŵ, ln P̂ or ln X' that one more evaluation would make.
const TOLERANCE: f64 = 1e-12;
/// Where rounding keeps the residual from the tolerance, it is still good enough below this.
const ACCEPTED: f64 = 1e-11;

/// Iterates `x` in place from its value on entry.
pub fn find(system: &System, x: &mut [f64], stop: &Stop) -> Status {
    let mut state = system.state();
    let start = x.to_vec();
    let first = anderson::fixed_point(x, |x, out| system.map(x, out, &mut state), ANDERSON, stop);
    if first.converged || first.residual <= ACCEPTED || stop.requested() {
        return status(first, 0);
    }
    let from_best = newton(system, x, &mut state, stop);
    if from_best.converged || stop.requested() {
        return status(from_best, first.iterations);
    }
    let best = x.to_vec();
    x.copy_from_slice(&start);
    let from_start = newton(system, x, &mut state, stop);
    if from_start.residual > from_best.residual {
        x.copy_from_slice(&best);
    }
    let better = if from_start.residual > from_best.residual { from_best } else { from_start };
    status(better, first.iterations + from_best.iterations)
}

fn newton(system: &System, x: &mut [f64], state: &mut State, stop: &Stop) -> Outcome {
    let residual = |x: &[f64], out: &mut [f64]| {
        system.map(x, out, state);
        out.iter_mut().zip(x).for_each(|(f, x)| *f -= x);
    };
    krylov::newton_krylov(x, residual, KRYLOV, stop)
}

fn status(outcome: Outcome, before: usize) -> Status {
    let converged = outcome.converged || outcome.residual <= ACCEPTED;
    Status {
        converged,
        iterations: before + outcome.iterations,
        residual: outcome.residual,
        modulus: f64::NAN,
        reason: match converged {
            true => "converged".into(),
            false => "neither Anderson acceleration nor Newton–Krylov found an equilibrium; with fixed deficits there \
                      may be none: try deficits=\"multiplicative\" or \"zero\", or smaller measures"
                .into(),
        },
    }
}
