//! Draws: a solved scenario solved again with other elasticities, sizes of measures and freights, and
//! asked.
//!
//! A draw is solved cold, and only where it differs from the solution it starts from: a draw of the very
//! same numbers has the very same bits. Draws share nothing, so neither the number of threads nor how they
//! are cut into chunks changes a bit.
//!
//! - `armington`, `spatial` and `general` say what a draw of each model is,
//! - [`sketches`] keeps quantiles of every number of an answer.

mod armington;
mod general;
pub mod sketches;
mod spatial;

use ndarray::{Array2, ArrayView2};
use serde::Deserialize;

use super::answers::{numbers, rows, same_keys};
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
    /// Commodity and country; of freight commodity and row of its market; of `between_inputs` 0 for value added
    /// and 1 for inputs.
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

/// What came of some draws, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// Draw × the numbers of all answers; NaN where a draw failed.
    pub answers: Array2<f64>,
    pub converged: Vec<bool>,
    pub iterations: Vec<u32>,
    pub residual: Vec<f64>,
    /// Of the draws that failed: which, and why.
    pub reasons: Vec<(usize, String)>,
    /// Rows of answers that some draws have and the solution does not, and that were left out.
    pub left_out: usize,
}

/// Solves a draw a row of `values` (draw × uncertain number), spread over the pool, and asks each.
///
/// # Errors
/// [`Error::Interrupted`]; a question or an uncertain number that can't be of this solution. A draw that
/// has no equilibrium is its own failure.
pub fn draws<S: Drawn>(
    solution: &S,
    questions: &[Question<S>],
    uncertain: &[Uncertain],
    values: ArrayView2<f64>,
    stop: &Stop,
) -> Result<Draws> {
    let asked = questions.iter().map(|question| question.ask(solution)).collect::<Result<Vec<_>>>()?;
    let cells = asked.iter().map(|answer| numbers(answer).len()).sum();
    let places: Vec<usize> = (0..values.nrows()).collect();
    let found = run::each(&places, stop, |&place| {
        let drawn = match solution.draw(uncertain, values.row(place).as_slice().expect("rows are whole"), stop) {
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => return Ok(Err(error.to_string())),
            Ok(drawn) => drawn,
        };
        let status = drawn.ended();
        let (mut answer, mut left_out) = (Vec::with_capacity(cells), 0);
        for (question, asked) in questions.iter().zip(&asked).filter(|_| status.converged) {
            let own = question.ask(&drawn)?;
            left_out += aligned(&own, asked, &mut answer);
        }
        Ok(Ok((status, answer, left_out)))
    });
    let mut draws = Draws {
        answers: Array2::from_elem((values.nrows(), cells), f64::NAN),
        converged: vec![false; values.nrows()],
        iterations: vec![0; values.nrows()],
        residual: vec![f64::NAN; values.nrows()],
        reasons: Vec::new(),
        left_out: 0,
    };
    for (place, one) in found.into_iter().enumerate() {
        match one? {
            Err(reason) => draws.reasons.push((place, reason)),
            Ok((status, answer, left_out)) => {
                draws.converged[place] = status.converged;
                draws.iterations[place] = status.iterations as u32;
                draws.residual[place] = status.residual;
                draws.left_out += left_out;
                match status.converged {
                    true => draws.answers.row_mut(place).iter_mut().zip(answer).for_each(|(to, from)| *to = from),
                    false => draws.reasons.push((place, status.reason.into_owned())),
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
