//! Draws: a solved scenario solved again with other elasticities, sizes of measures and freights, and
//! asked.
//!
//! A draw is solved cold, and only where it differs from the solution it starts from: a draw of the very
//! same numbers has the very same bits. Draws share nothing, so neither the number of threads nor how they
//! are cut into chunks changes a bit.
//!
//! - `armington`, `spatial` and `general` say what a draw of each model is,
//! - [`paths`] draws whole paths,
//! - [`sketches`] keeps quantiles of every number of an answer.

mod armington;
mod general;
pub mod paths;
pub mod sketches;
mod spatial;

use ndarray::{Array2, ArrayView2};
use serde::Deserialize;

use super::answers::{columns, numbers, rows, same_keys};
use crate::data::{Column, Table};
use crate::error::{Error, Result};
use crate::model::Status;
use crate::result::ask::{Answers, Question};
use crate::run;
use crate::scenario::{Scenario, schema};
use crate::solve::Stop;

/// An uncertain number by name: an elasticity or freight with the positions it stands at, or a number of a
/// measure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uncertain {
    pub name: String,
    /// The label of a measure.
    pub measure: Option<String>,
    /// Commodity and country; of freight commodity and row of its market; of capacity facility and place among
    /// its dates; of `between_inputs` 0 for value added and 1 for inputs.
    #[serde(default)]
    pub entries: Vec<(usize, usize)>,
}

/// A solution that can be drawn again.
pub trait Drawn: Answers + Send + Sync {
    /// Solves with `values` of `uncertain` instead of its own numbers.
    ///
    /// # Errors
    /// Those of the draw: no equilibrium, or measures that contradict each other at these sizes.
    fn draw(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<Self>;

    fn ended(&self) -> Status;
}

/// What is drawn: a solution, or those of consecutive periods.
pub trait Case: Sync {
    type Solution: Answers;

    /// By period; one where it is not over time.
    fn central(&self) -> Vec<&Self::Solution>;

    /// Alike, with `values` of `uncertain` instead of its own numbers; a period without an equilibrium is
    /// its own error.
    ///
    /// # Errors
    /// Those of the whole draw: elasticities no model can have, measures that contradict each other.
    fn draw(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<Vec<Result<Self::Solution>>>;

    fn ended(solution: &Self::Solution) -> Status;
}

impl<S: Drawn> Case for S {
    type Solution = S;

    fn central(&self) -> Vec<&S> {
        vec![self]
    }

    fn draw(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<Vec<Result<S>>> {
        Ok(vec![Drawn::draw(self, uncertain, values, stop)])
    }

    fn ended(solution: &S) -> Status {
        Drawn::ended(solution)
    }
}

/// What came of some draws, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// Draw × the numbers of all answers: question after question, of each column after column, of each
    /// period after period; NaN where a period of a draw failed.
    pub answers: Array2<f64>,
    /// Draw × period, as all that follow.
    pub converged: Array2<bool>,
    pub iterations: Array2<u32>,
    pub residual: Array2<f64>,
    /// Of those that failed: draw, period and why.
    pub reasons: Vec<(usize, usize, String)>,
    /// Rows of answers that some draws have and the solution does not, and that were left out.
    pub left_out: usize,
}

/// How a period of a draw ended: with its answers by question and the rows left out of them, or why not.
type Ended = std::result::Result<(Status, Vec<Vec<f64>>, usize), String>;

/// Solves a draw a row of `values` (draw × uncertain number), spread over the pool, and asks each.
///
/// # Errors
/// [`Error::Interrupted`]; a question or an uncertain number that can't be of this solution. A draw that
/// has no equilibrium is its own failure.
pub fn draws<C: Case>(
    case: &C,
    questions: &[Question<C::Solution>],
    uncertain: &[Uncertain],
    values: ArrayView2<f64>,
    stop: &Stop,
) -> Result<Draws>
where
    Question<C::Solution>: Sync,
{
    // By question and period.
    let asked = questions
        .iter()
        .map(|question| case.central().into_iter().map(|solution| question.ask(solution)).collect())
        .collect::<Result<Vec<Vec<Table>>>>()?;
    let places: Vec<usize> = (0..values.nrows()).collect();
    let found = run::each(&places, stop, |&place| -> Result<Vec<Ended>> {
        let periods = case.central().len();
        let drawn = match case.draw(uncertain, values.row(place).as_slice().expect("rows are whole"), stop) {
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => return Ok(vec![Err(error.to_string()); periods]),
            Ok(drawn) => drawn,
        };
        let one = |(period, solution): (usize, Result<C::Solution>)| match solution {
            Err(Error::Interrupted) => Err(Error::Interrupted),
            Err(error) => Ok(Err(error.to_string())),
            Ok(solution) => {
                let status = C::ended(&solution);
                let (mut answers, mut left_out) = (Vec::with_capacity(asked.len()), 0);
                for (question, asked) in questions.iter().zip(&asked).filter(|_| status.converged) {
                    let mut answer = Vec::new();
                    left_out += aligned(&question.ask(&solution)?, &asked[period], &mut answer);
                    answers.push(answer);
                }
                Ok(Ok((status, answers, left_out)))
            }
        };
        drawn.into_iter().enumerate().map(one).collect()
    });
    gathered(&asked, case.central().len(), found)
}

fn gathered(asked: &[Vec<Table>], periods: usize, found: Vec<Result<Vec<Ended>>>) -> Result<Draws> {
    let counts = asked.iter().map(|of_question| of_question.iter().map(|answer| numbers(answer).len()).sum::<usize>());
    let shape = (found.len(), periods);
    let mut draws = Draws {
        answers: Array2::from_elem((found.len(), counts.sum()), f64::NAN),
        converged: Array2::from_elem(shape, false),
        iterations: Array2::zeros(shape),
        residual: Array2::from_elem(shape, f64::NAN),
        reasons: Vec::new(),
        left_out: 0,
    };
    for (place, of_draw) in found.into_iter().enumerate() {
        let of_draw = of_draw?;
        for (period, one) in of_draw.iter().enumerate() {
            match one {
                Err(reason) => draws.reasons.push((place, period, reason.clone())),
                Ok((status, _, left_out)) => {
                    draws.converged[[place, period]] = status.converged;
                    draws.iterations[[place, period]] = status.iterations as u32;
                    draws.residual[[place, period]] = status.residual;
                    draws.left_out += left_out;
                    if !status.converged {
                        draws.reasons.push((place, period, status.reason.to_string()));
                    }
                }
            }
        }
        let mut cells = draws.answers.row_mut(place).into_iter();
        for (question, of_question) in asked.iter().enumerate() {
            for column in 0..of_question.first().map_or(0, columns) {
                for (own, asked) in of_draw.iter().zip(of_question) {
                    let rows = rows(asked);
                    let answer = own.as_ref().ok().and_then(|(_, answers, _)| answers.get(question));
                    for (row, cell) in cells.by_ref().take(rows).enumerate() {
                        *cell = answer.map_or(f64::NAN, |answer| answer[column * rows + row]);
                    }
                }
            }
        }
    }
    Ok(draws)
}

/// Appends the numbers of an answer in the rows of `asked`, NaN in rows it does not have; gives the number
/// of rows that only it has.
fn aligned(answer: &Table, asked: &Table, into: &mut Vec<f64>) -> usize {
    if rows(answer) == rows(asked) && (0..rows(asked)).all(|row| same_keys((answer, row), (asked, row))) {
        into.extend(numbers(answer));
        return 0;
    }
    let place = |row: usize| (0..rows(answer)).find(|&own| same_keys((answer, own), (asked, row)));
    let places: Vec<Option<usize>> = (0..rows(asked)).map(place).collect();
    for (_, column) in &answer.columns {
        if let Column::Number(values) = column {
            into.extend(places.iter().map(|place| place.map_or(f64::NAN, |place| values[place])));
        }
    }
    rows(answer) - places.iter().flatten().count()
}

/// Gives the numbers of measures their values; the others are for the model.
fn sized(scenario: &Scenario, uncertain: &[Uncertain], values: &[f64]) -> Result<Option<Scenario>> {
    let mut changed: Option<Scenario> = None;
    for (Uncertain { name, measure, .. }, &value) in uncertain.iter().zip(values) {
        let Some(label) = measure else { continue };
        let position = (0..scenario.measures.len()).find(|&m| scenario.label(m) == *label);
        let field = position.and_then(|m| scenario.measures[m].verb.field(name));
        match (position, field) {
            (Some(position), Some(schema::Field { name, range: Some(_), .. })) => {
                changed.get_or_insert_with(|| scenario.clone()).measures[position].set_number(name, value);
            }
            _ => return Err(unknown(name, Some(label))),
        }
    }
    Ok(changed)
}

fn unknown(name: &str, measure: Option<&str>) -> Error {
    let of = measure.map_or("of this model".to_string(), |label| format!("of the measure '{label}'"));
    Error::Model(format!("'{name}' is no number {of} that can be uncertain"))
}
