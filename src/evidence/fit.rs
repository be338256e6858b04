//! Parameters fitted to observations: Gauss–Newton on the derivatives of the exact equilibrium.
//!
//! With r = √w (answer − observed) and J its derivative at the fit, the covariance of the p parameters
//! that are not at a bound is s² (JᵀJ)⁻¹ with s² = Σ r² / (m − p) of m observations: that of weighted
//! least squares, asymptotically, where errors are independent with variances in proportion to 1/w
//! (Seber & Wild 1989, Nonlinear Regression, ch. 2).

use std::cell::RefCell;
use std::sync::Arc;

use nalgebra::DMatrix;

use super::answers::{numbers, rows};
use super::derivative;
use super::parameter::{Asked, Parameter};
use crate::data::{Column, Elasticities, Table};
use crate::error::{Error, Result};
use crate::model::Armington;
use crate::result::Solution;
use crate::result::ask::Question;
use crate::scenario::Scenario;
use crate::solve::Stop;
use crate::solve::least_squares::{Decomposed, Settings, gauss_newton};
use crate::{Options, solve_scenario};

const SETTINGS: Settings = Settings { step_tolerance: 1e-9, max_iterations: 100 };
/// Default bounds keep this far from a substitution of 1, and from sizes that close a flow.
const MARGIN_OF_SUBSTITUTION: f64 = 1e-2;
const MARGIN_OF_CLOSURE: f64 = 1e-3;

/// What is fitted to what.
#[derive(Debug, Clone)]
pub struct Data<'a> {
    pub question: &'a Question,
    /// The column of numbers that was observed.
    pub column: &'a str,
    /// Rows of the answer, their observed values and weights.
    pub rows: &'a [usize],
    pub observed: &'a [f64],
    pub weight: &'a [f64],
}

/// A parameter, where it starts (`None`: as the model has it) and its bounds (`None`: admissible).
#[derive(Debug, Clone)]
pub struct Free {
    pub asked: Asked,
    pub start: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// A fit; vectors are in the order of the parameters or of the observations.
#[derive(Debug, Clone)]
pub struct Fit {
    pub solution: Solution,
    pub value: Vec<f64>,
    pub start: Vec<f64>,
    pub bounds: Vec<(f64, f64)>,
    pub at_bound: Vec<bool>,
    /// NaN at a bound and where no degrees of freedom are left, infinite where the data do not identify.
    pub covariance: DMatrix<f64>,
    pub fitted: Vec<f64>,
    pub iterations: usize,
    pub converged: bool,
    /// Of the derivatives by the parameters not at a bound, scaled to length 1.
    pub rank: usize,
    pub condition: f64,
    /// The parameters in the direction that the data identify least.
    pub weakest: Vec<String>,
}

/// Fits parameters of a model and a scenario to observations.
///
/// # Errors
/// [`Error::Model`]: fewer observations than parameters, a start out of its bounds, entries of one
/// parameter that differ and have no start; what [`derivative::derivative`] refuses; and the errors of a
/// solve at the start.
pub fn fit(
    model: &Armington,
    scenario: &Scenario,
    options: Options,
    data: &Data,
    free: &[Free],
    stop: &Stop,
) -> Result<Fit> {
    if data.rows.len() < free.len() {
        return Err(Error::Model(format!(
            "there are {} observations for {} parameters; give at least as many, or fit fewer",
            data.rows.len(),
            free.len()
        )));
    }
    let problem = Problem::new(model, scenario, options, data, free)?;
    let mut value = problem.start.clone();
    let last: RefCell<Solution> = RefCell::new(problem.solve(&value, stop)?);
    let mut residuals = |x: &[f64]| -> Result<Option<Vec<f64>>> {
        let solution = match problem.solve(x, stop) {
            Err(Error::Infeasible { .. }) => return Ok(None),
            other => other?,
        };
        let fitted = problem.fitted(&solution)?;
        let sound = solution.status().converged && fitted.iter().all(|value| value.is_finite());
        *last.borrow_mut() = solution;
        Ok(sound.then(|| problem.weighted(&fitted)))
    };
    let mut jacobian = |_: &[f64]| problem.jacobian(&last.borrow(), stop);
    let found = gauss_newton(&mut value, &problem.bounds, &mut residuals, &mut jacobian, SETTINGS, stop)?;
    if stop.requested() {
        return Err(Error::Interrupted);
    }
    let Some(found) = found else {
        let status = last.borrow().status();
        return Err(Error::Model(match status.converged {
            true => {
                format!("'{}' is missing or infinite in an observed row at the start; leave that row out", data.column)
            }
            false => format!("the solve at the start did not converge: {}; start elsewhere", status.reason),
        }));
    };
    let solution = problem.solve(&value, stop)?;
    let at_bound: Vec<bool> =
        value.iter().zip(&problem.bounds).map(|(value, (low, high))| value <= low || value >= high).collect();
    let inner: Vec<usize> = (0..value.len()).filter(|&place| !at_bound[place]).collect();
    let decomposed = Decomposed::of(&found.jacobian.select_columns(&inner));
    let freedom = data.rows.len() as f64 - inner.len() as f64;
    let variance = if freedom > 0.0 { found.residual.norm_squared() / freedom } else { f64::NAN };
    let inverse = decomposed.inverse_of_squares();
    let mut covariance = DMatrix::from_element(value.len(), value.len(), f64::NAN);
    for (a, &i) in inner.iter().enumerate() {
        for (b, &j) in inner.iter().enumerate() {
            covariance[(i, j)] = if inverse[(a, b)].is_infinite() { f64::INFINITY } else { variance * inverse[(a, b)] };
        }
    }
    Ok(Fit {
        fitted: problem.fitted(&solution)?,
        solution,
        start: problem.start,
        bounds: problem.bounds,
        covariance,
        iterations: found.iterations,
        converged: found.converged,
        rank: decomposed.rank(),
        condition: decomposed.condition(),
        weakest: decomposed.weakest().into_iter().map(|place| free[inner[place]].asked.label.clone()).collect(),
        value,
        at_bound,
    })
}

struct Problem<'a> {
    model: &'a Armington,
    scenario: &'a Scenario,
    options: Options,
    data: &'a Data<'a>,
    parameters: Vec<(String, Parameter)>,
    start: Vec<f64>,
    bounds: Vec<(f64, f64)>,
}

impl<'a> Problem<'a> {
    fn new(
        model: &'a Armington,
        scenario: &'a Scenario,
        options: Options,
        data: &'a Data,
        free: &[Free],
    ) -> Result<Self> {
        let mut problem =
            Self { model, scenario, options, data, parameters: Vec::new(), start: Vec::new(), bounds: Vec::new() };
        for one in free {
            let parameter = one.asked.resolve(model, scenario)?;
            let label = one.asked.label.clone();
            let (low, high) = admissible(&parameter, scenario);
            let bounds = (one.low.unwrap_or(low), one.high.unwrap_or(high));
            let start = match one.start {
                Some(start) => start,
                None => common(&label, &parameter.values(&model.elasticities, scenario))?.clamp(low, high),
            };
            let (least, most) = parameter.range(scenario);
            if !(bounds.0 <= start && start <= bounds.1 && bounds.0 >= least && bounds.1 <= most) {
                return Err(Error::Model(format!(
                    "parameter '{label}' starts at {start} with the bounds {} to {}; expected bounds within {least} and \
                     {most}, and a start within its bounds",
                    bounds.0, bounds.1
                )));
            }
            problem.parameters.push((label, parameter));
            problem.start.push(start);
            problem.bounds.push(bounds);
        }
        Ok(problem)
    }

    fn solve(&self, values: &[f64], stop: &Stop) -> Result<Solution> {
        let mut elasticities: Elasticities = (*self.model.elasticities).clone();
        let mut scenario = self.scenario.clone();
        for ((_, parameter), value) in self.parameters.iter().zip(values) {
            parameter.set(&mut elasticities, &mut scenario, *value);
        }
        let model = Armington { elasticities: Arc::new(elasticities), ..self.model.clone() };
        solve_scenario(&model, &scenario, self.options, stop)
    }

    /// The observed column of the answer in the observed rows.
    fn fitted(&self, solution: &Solution) -> Result<Vec<f64>> {
        let answer = self.data.question.ask(solution)?;
        let from = offset(&answer, self.data.column)?;
        let values = numbers(&answer);
        Ok(self.data.rows.iter().map(|row| values[from + row]).collect())
    }

    fn weighted(&self, fitted: &[f64]) -> Vec<f64> {
        let pairs = fitted.iter().zip(self.data.observed).zip(self.data.weight);
        pairs.map(|((fitted, observed), weight)| weight.sqrt() * (fitted - observed)).collect()
    }

    fn jacobian(&self, solution: &Solution, stop: &Stop) -> Result<DMatrix<f64>> {
        let from = offset(&self.data.question.ask(solution)?, self.data.column)?;
        let columns = derivative::columns(solution, self.data.question, &self.parameters, stop)?;
        let entry = |row: usize, parameter: usize| {
            self.data.weight[row].sqrt() * columns[parameter][from + self.data.rows[row]]
        };
        Ok(DMatrix::from_fn(self.data.rows.len(), self.parameters.len(), entry))
    }
}

/// Where a column begins among the numbers of an answer.
fn offset(answer: &Table, column: &str) -> Result<usize> {
    let columns = answer.columns.iter().filter(|(_, values)| matches!(values, Column::Number(_)));
    let names: Vec<&str> = columns.map(|(name, _)| *name).collect();
    match names.iter().position(|name| *name == column) {
        Some(place) => Ok(place * rows(answer)),
        None => {
            Err(Error::Model(format!("the answer has no column of numbers '{column}'; it has {}", names.join(", "))))
        }
    }
}

/// The one value that all entries have.
fn common(label: &str, values: &[f64]) -> Result<f64> {
    match values.iter().find(|value| **value != values[0]) {
        None => Ok(values[0]),
        Some(other) => Err(Error::Model(format!(
            "parameter '{label}' stands for several numbers that differ ({} and {other}), and a fit gives them one; say \
             where it starts with start=, or name fewer commodities or countries",
            values[0]
        ))),
    }
}

/// The admissible range, without the sizes at which flows close.
fn admissible(parameter: &Parameter, scenario: &Scenario) -> (f64, f64) {
    let (low, high) = parameter.range(scenario);
    match parameter {
        Parameter::Substitution(_) => (low + MARGIN_OF_SUBSTITUTION, high),
        Parameter::Size { name: "coverage", .. } => (low, high - MARGIN_OF_CLOSURE),
        Parameter::Size { name: "leakage" | "supply" | "demand", .. } => (low + MARGIN_OF_CLOSURE, high),
        Parameter::Size { name: "rate" | "rate_to" | "change", .. } => (low + MARGIN_OF_CLOSURE, high),
        _ => (low, high),
    }
}
