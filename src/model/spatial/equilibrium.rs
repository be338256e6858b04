//! The equilibrium of one problem: quadratic programs that come near it, Newton's method that ends on
//! it.

use super::conditions::{Errors, errors};
use super::newton::polish;
use super::problem::{Point, Problem};
use super::program::{self, Tangents};
use crate::solve::Stop;
use crate::solve::quadratic::End;

/// Wanted size of the largest error.
pub const TOLERANCE: f64 = 1e-11;
/// An error up to which a point counts as an equilibrium where Newton's method gets no further.
pub const ACCEPTED: f64 = 1e-8;
/// Of programs: enough to tell which lanes are used, and as much as there is where that was not enough.
const FIRST_PROGRAM: f64 = 1e-8;
const LATER_PROGRAMS: f64 = 1e-10;
const MAX_PROGRAMS: usize = 40;
const STEPS: usize = 30;
/// Steps from a given point before a program is solved instead.
const FIRST_STEPS: usize = 8;

/// How the search ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ended {
    Found,
    /// Fixed demand can't be met.
    Infeasible,
    /// A fixed demand price above a fixed supply price, and nothing between them.
    Unbounded,
    Lost,
}

const UNKNOWN: Errors =
    Errors { stationarity: f64::INFINITY, complementarity: f64::INFINITY, feasibility: f64::INFINITY };

#[derive(Debug, Clone)]
pub struct Found {
    pub point: Point,
    pub errors: Errors,
    pub ended: Ended,
    /// Quadratic programs solved, and Newton steps.
    pub programs: usize,
    pub steps: usize,
}

/// `start`: a point that may be near. Where buyers hold the price of a curved supply no program is
/// near; they are then led from price takers to where they are.
pub fn find(problem: &Problem, start: Option<&Point>, stop: &Stop) -> Found {
    let found = search(problem, start, stop);
    match found.ended == Ended::Lost && problem.pairs.iter().any(|pair| pair.conduct > 0.0) {
        true => led_to_conduct(problem, found, stop),
        false => found,
    }
}

fn led_to_conduct(problem: &Problem, lost: Found, stop: &Stop) -> Found {
    let with = |share: f64| {
        let mut eased = problem.clone();
        eased.pairs.iter_mut().for_each(|pair| pair.conduct *= share);
        eased
    };
    let mut found = search(&with(0.0), None, stop);
    let (mut share, mut stride) = (0.0, 0.25);
    while share < 1.0 && found.ended == Ended::Found && stride > 1e-3 && !stop.requested() {
        let next = f64::min(share + stride, 1.0);
        let mut further = Found { errors: UNKNOWN, ..found.clone() };
        further.improve(&with(next), found.point.clone(), STEPS, stop);
        if further.errors.largest() <= TOLERANCE {
            (found, share, stride) = (further, next, 2.0 * stride);
        } else {
            stride /= 4.0;
        }
    }
    let (programs, steps) = (lost.programs + found.programs, lost.steps + found.steps);
    if share == 1.0 { Found { programs, steps, ..found } } else { Found { programs, steps, ..lost } }
}

fn search(problem: &Problem, start: Option<&Point>, stop: &Stop) -> Found {
    let mut best = Found { point: Point::default(), errors: UNKNOWN, ended: Ended::Lost, programs: 0, steps: 0 };
    if let Some(start) = start {
        let errors = errors(problem, start);
        if errors.largest() <= TOLERANCE {
            return Found { point: start.clone(), errors, ended: Ended::Found, ..best };
        }
        best.improve(problem, start.clone(), FIRST_STEPS, stop);
        if best.errors.largest() <= TOLERANCE {
            return best.ended_as(Ended::Found);
        }
    }
    let mut tangents = Tangents::given(problem);
    while best.programs < MAX_PROGRAMS && !stop.requested() {
        let tolerance = if best.programs == 0 { FIRST_PROGRAM } else { LATER_PROGRAMS };
        let (end, point, _) = program::solve(problem, &tangents, tolerance);
        best.programs += 1;
        match end {
            End::Infeasible => return best.ended_as(Ended::Infeasible),
            End::Unbounded => return best.ended_as(Ended::Unbounded),
            End::Failed => break,
            End::Solved => {}
        }
        tangents.follow(problem, &point);
        best.improve(problem, point, STEPS, stop);
        if best.errors.largest() <= TOLERANCE || problem.is_quadratic() && best.errors.largest() <= ACCEPTED {
            break;
        }
    }
    let ended = if best.errors.largest() <= ACCEPTED { Ended::Found } else { Ended::Lost };
    best.ended_as(ended)
}

impl Found {
    fn improve(&mut self, problem: &Problem, point: Point, most: usize, stop: &Stop) {
        let (point, steps) = polish(problem, &point, TOLERANCE, most, stop);
        self.steps += steps;
        let errors = errors(problem, &point);
        if errors.largest() < self.errors.largest() {
            (self.point, self.errors) = (point, errors);
        }
    }

    fn ended_as(self, ended: Ended) -> Self {
        Self { ended, ..self }
    }
}
