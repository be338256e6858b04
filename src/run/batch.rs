//! A list of solves, spread over the pool, results in order.

use rayon::prelude::*;

use super::pool::pool;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::scenario::Wedges;
use crate::solve::Stop;

/// A commodity and the wedges it is solved under.
pub type Task<'a> = (usize, &'a Wedges);

/// Solves each task and keeps what `finish` makes of its equilibrium, on the same thread. Tasks do
/// not share numbers, so the number of threads changes no bit.
///
/// # Errors
/// The error of the first task in order that has one; [`Error::Interrupted`] once a stop is requested.
pub fn solve_all<M: Model, T: Send>(
    model: &M,
    tasks: &[Task],
    stop: &Stop,
    finish: impl Fn(Task, M::Equilibrium) -> T + Sync,
) -> Result<Vec<T>> {
    solve_each(model, tasks, stop, finish).into_iter().collect()
}

/// As [`solve_all`], with the outcome of every task: the failure of one is none of the others'.
pub fn solve_each<M: Model, T: Send>(
    model: &M,
    tasks: &[Task],
    stop: &Stop,
    finish: impl Fn(Task, M::Equilibrium) -> T + Sync,
) -> Vec<Result<T>> {
    each(tasks, stop, |task| model.solve(task.0, task.1, None, stop).map(|equilibrium| finish(*task, equilibrium)))
}

/// The outcome of every item, in order, spread over the pool; [`Error::Interrupted`] for those that
/// were still to come when a stop was requested.
pub fn each<A: Sync, T: Send>(items: &[A], stop: &Stop, one: impl Fn(&A) -> Result<T> + Sync) -> Vec<Result<T>> {
    let unless_stopped = |item: &A| if stop.requested() { Err(Error::Interrupted) } else { one(item) };
    pool().install(|| items.par_iter().map(unless_stopped).collect())
}
