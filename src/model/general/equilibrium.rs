//! The fixed point of the joint system: Anderson acceleration, Newton–Krylov behind it, and behind both
//! the way there in steps.

use super::super::Status;
use super::aggregate::Aggregate;
use super::economy::Transfers;
use super::system::{State, System};
use crate::solve::{Outcome, Stop, anderson, krylov};

const ANDERSON: anderson::Settings =
    anderson::Settings { memory: 10, damping: 1.0, tolerance: TOLERANCE, max_iterations: 160 };
const KRYLOV: krylov::Settings = krylov::Settings { tolerance: TOLERANCE, max_evaluations: 1500, directions: 100 };
/// Largest change of ln ŵ, ln P̂ or ln X' that one more evaluation would make.
const TOLERANCE: f64 = 1e-12;
/// Where rounding keeps the residual from the tolerance, it is still good enough below this.
const ACCEPTED: f64 = 1e-11;
/// Largest |ln| of a wage or price that can be written as a number.
const FARTHEST: f64 = 700.0;
/// Shares of the way at first and at least.
const FIRST: f64 = 0.125;
const SHORTEST: f64 = 1.0 / 512.0;

/// Iterates `x` in place from its value on entry; `aggregate` makes the way shorter.
pub fn find(system: &System, aggregate: Option<&Aggregate>, x: &mut [f64], stop: &Stop) -> Status {
    let (mut state, mut scratch) = (system.state(), Vec::new());
    let map = |x: &[f64], out: &mut [f64]| {
        system.map(x, out, &mut state);
        if let Some(aggregate) = aggregate {
            aggregate.refine(x, out, &system.idle, &mut scratch);
            let countries = system.economy.countries;
            system.normalise(&mut out[..countries], &mut scratch[..countries]);
        }
    };
    let first = anderson::fixed_point(x, map, ANDERSON, stop);
    if first.converged || first.residual <= ACCEPTED || stop.requested() {
        return status(system, first, 0, &state, x);
    }
    let residual = |x: &[f64], out: &mut [f64]| {
        system.map(x, out, &mut state);
        out.iter_mut().zip(x).for_each(|(f, x)| *f -= x);
    };
    let second = krylov::newton_krylov(x, residual, KRYLOV, stop);
    status(system, second, first.iterations, &state, x)
}

/// Where the equilibrium can be followed to.
pub enum Followed {
    /// All the way: the point there.
    Through(Vec<f64>),
    /// To a share of the wedges and no further: the share, and the point there.
    To(f64, Vec<f64>),
}

/// Follows the equilibrium from `start`, that of a share 0 of the wedges, towards all of them: each one begins
/// on the line through the two before. `system` poses a share. Also the evaluations it took.
pub fn follow<'a, E>(
    system: impl Fn(f64) -> Result<System<'a>, E>,
    aggregate: Option<&Aggregate>,
    start: &[f64],
    stop: &Stop,
) -> Result<(Followed, usize), E> {
    let (mut at, mut step, mut evaluations) = (0.0, FIRST, 0);
    let (mut before, mut point) = ((0.0, start.to_vec()), start.to_vec());
    while at < 1.0 && step >= SHORTEST && !stop.requested() {
        let next = f64::min(1.0, at + step);
        let ahead = if at > 0.0 { (next - at) / (at - before.0) } else { 0.0 };
        let mut x: Vec<f64> = point.iter().zip(&before.1).map(|(now, was)| now + ahead * (now - was)).collect();
        let found = find(&system(next)?, aggregate, &mut x, stop);
        evaluations += found.iterations;
        if !found.converged {
            step *= 0.5;
            continue;
        }
        before = (at, std::mem::replace(&mut point, x));
        (at, step) = (next, 1.5 * step);
    }
    Ok((if at == 1.0 { Followed::Through(point) } else { Followed::To(at, point) }, evaluations))
}

/// Of a search whose last point `x` the `state` is of. The equations also hold where a country spends less than
/// nothing on final goods, which is no equilibrium, and where prices are beyond all numbers, which is none that
/// could be reported.
fn status(system: &System, outcome: Outcome, before: usize, state: &State, x: &[f64]) -> Status {
    let solved = outcome.converged || outcome.residual <= ACCEPTED;
    let spends = state.income.iter().all(|income| *income > 0.0);
    let countries = system.economy.countries;
    let told = |log: &f64| log.abs() < FARTHEST;
    let told = x[..countries * (1 + system.economy.sectors)].iter().all(told) && state.consumer_price.iter().all(told);
    let reason = match (solved, spends, told, &system.transfers) {
        (true, true, true, _) => "converged",
        (true, true, false, _) => {
            "where the equations hold, prices change by a factor beyond e^±700: trade elasticities this close to 0 leave \
             nothing to take a supplier's place"
        }
        (true, false, ..) => {
            "where the equations hold, a fixed surplus takes more than a country earns: try deficits=\"multiplicative\" \
             or \"zero\", or smaller measures"
        }
        (false, _, _, Transfers::Fixed(_)) => {
            "Anderson acceleration, Newton–Krylov and small steps from the baseline found no equilibrium; with fixed \
             deficits there may be none: try deficits=\"multiplicative\" or \"zero\", or smaller measures"
        }
        (false, _, _, Transfers::Proportional(_)) => {
            "Anderson acceleration, Newton–Krylov and small steps from the baseline found no equilibrium; where some \
             countries can only buy or only sell there may be none: try smaller measures, or close both directions"
        }
    };
    Status {
        converged: solved && spends && told,
        iterations: before + outcome.iterations,
        residual: outcome.residual,
        modulus: f64::NAN,
        reason: reason.into(),
    }
}
