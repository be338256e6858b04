//! Sanctions-impact and trade-diversion scenarios by commodity.
//!
//! A run goes one way: [`data`] (what was observed) → [`scenario`] (what is supposed to change) →
//! [`model`] (the equations) → [`run`] (many solves at once) → [`result`] (how it came out).
//! Beside the road, [`solve`] is a leaf of pure numerics, and [`evidence`] asks the finished road about
//! observations and about itself.
//!
//! Where to start: an analyst at [`solve_scenario`]; someone who wants the equations at [`model`];
//! someone who adds a measure at [`scenario::schema`].
//!
//! # Conventions
//! A hat is new / baseline. Values are at the exporter's border. Elasticities carry their signs:
//! substitution > 1, demand ≤ 0, supply ≥ 0.

#[cfg(feature = "python")]
mod bindings;
pub mod data;
pub mod error;
pub mod evidence;
pub mod model;
mod path;
pub mod result;
pub mod run;
pub mod scenario;
pub mod solve;

pub use error::{Error, Result};
pub(crate) use path::solve_spatial_from;
pub use path::{Followed, Journey, Known, Walked, Watch, solve_general_path, solve_path, solve_spatial_path};

use std::io::{Read, Seek};
use std::sync::Arc;

use data::Period;
use model::{Armington, FirstOrder, General, Spatial};
use result::{GeneralSolution, Solution, Solved, SpatialSolution, file};
use scenario::compile::{Compiled, Resolved, compile};
use scenario::{Exposure, Scenario};
use solve::Stop;

/// The version of this crate and of the Python package.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How a scenario is solved.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Options {
    /// The date or period asked about; `None`: every measure fully in force.
    pub at: Option<Period>,
    pub exposure: Exposure,
    /// First-order (GSIM) instead of exact.
    pub first_order: bool,
    /// Leave out measures that the model does not take.
    pub leave_out: bool,
}

/// The whole road: compiles `scenario` against the model's baseline, solves every commodity in every
/// segment, and returns what can be asked.
///
/// # Errors
/// [`Error::Scenario`] and [`Error::Model`] for what was put in, [`Error::Infeasible`] where no
/// equilibrium exists. A solve that did not converge is no error: see [`Solution::status`].
pub fn solve_scenario(model: &Armington, scenario: &Scenario, options: Options, stop: &Stop) -> Result<Solution> {
    let one = solve_scenarios(model, std::slice::from_ref(scenario), options, stop)?;
    one.into_iter().next().expect("as many solutions as scenarios")
}

/// Many scenarios against one baseline: all their markets are one list of tasks, and each scenario
/// comes out as it does alone, bit for bit.
///
/// # Errors
/// [`Error::Interrupted`]. What is wrong with one scenario is that scenario's own error, as in
/// [`solve_scenario`].
pub fn solve_scenarios(
    model: &Armington,
    scenarios: &[Scenario],
    options: Options,
    stop: &Stop,
) -> Result<Vec<Result<Solution>>> {
    let support = Armington::support(options.leave_out);
    let commodities: Vec<usize> = (0..model.baseline.commodities()).collect();
    let compiled = run::each(scenarios, stop, |scenario| {
        let resolved = Resolved::new(scenario, &model.baseline, options.at, options.exposure, &support)?;
        let markets = run::each(&commodities, stop, |commodity| resolved.market(*commodity, &resolved.segments));
        Ok(resolved.compiled(markets.into_iter().collect::<Result<_>>()?, &resolved.segments))
    });
    if stop.requested() {
        return Err(Error::Interrupted);
    }
    let tasks: Vec<run::Task> = compiled.iter().flatten().flat_map(Compiled::tasks).collect();
    let certified = |(commodity, wedges): run::Task, equilibrium| Solved::new(model, commodity, wedges, equilibrium);
    let solved = match options.first_order {
        true => run::solve_each(&FirstOrder(model.clone()), &tasks, stop, certified),
        false => run::solve_each(model, &tasks, stop, certified),
    };
    let mut solved = solved.into_iter();
    if stop.requested() {
        return Err(Error::Interrupted);
    }
    let mut solution = |scenario: &Scenario, compiled: Compiled| {
        let own: Vec<Result<Solved>> = solved.by_ref().take(compiled.tasks().count()).collect();
        let by_commodity = compiled.by_commodity(own.into_iter().collect::<Result<Vec<Solved>>>()?);
        Ok(Solution::new(model.clone(), Arc::new(scenario.clone()), options, compiled, by_commodity))
    };
    let with_scenarios = scenarios.iter().zip(compiled);
    Ok(with_scenarios.map(|(scenario, compiled)| compiled.and_then(|compiled| solution(scenario, compiled))).collect())
}

/// As [`solve_scenario`], by the spatial model: `options.at` and `options.leave_out` are read.
///
/// # Errors
/// As [`solve_scenario`].
pub fn solve_spatial(model: &Spatial, scenario: &Scenario, options: Options, stop: &Stop) -> Result<SpatialSolution> {
    let one = solve_spatial_each(model, std::slice::from_ref(scenario), options, stop)?;
    one.into_iter().next().expect("as many solutions as scenarios")
}

/// As [`solve_scenarios`], by the spatial model.
///
/// # Errors
/// [`Error::Interrupted`]. What is wrong with one scenario is that scenario's own error.
pub fn solve_spatial_each(
    model: &Spatial,
    scenarios: &[Scenario],
    options: Options,
    stop: &Stop,
) -> Result<Vec<Result<SpatialSolution>>> {
    let solutions = run::each(scenarios, stop, |scenario| {
        let support = Spatial::support(options.leave_out);
        let stopped = || stop.requested();
        let compiled = compile(scenario, &model.baseline, options.at, Exposure::Segments, &support, &stopped)?;
        let tasks: Vec<run::Task> = compiled.tasks().collect();
        let solved = run::solve_all(model, &tasks, stop, |_, equilibrium| equilibrium)?;
        let by_commodity = compiled.by_commodity(solved);
        Ok(SpatialSolution::new(model.clone(), Arc::new(scenario.clone()), options, compiled, by_commodity))
    });
    if stop.requested() { Err(Error::Interrupted) } else { Ok(solutions) }
}

/// As [`solve_scenarios`], in general equilibrium: `options.at` and `options.leave_out` are read.
///
/// # Errors
/// [`Error::Interrupted`]. What is wrong with one scenario is that scenario's own error.
pub fn solve_general_each(
    model: &General,
    scenarios: &[Scenario],
    options: Options,
    stop: &Stop,
) -> Result<Vec<Result<GeneralSolution>>> {
    let solutions = run::each(scenarios, stop, |scenario| {
        let support = General::support(options.leave_out);
        let stopped = || stop.requested();
        let compiled = compile(scenario, &model.baseline, options.at, Exposure::Segments, &support, &stopped)?;
        GeneralSolution::solve(model, Arc::new(scenario.clone()), options, compiled, stop)
    });
    if stop.requested() { Err(Error::Interrupted) } else { Ok(solutions) }
}

/// A saved result, ready for every question: its scenario is compiled again against its baseline and
/// its equilibria are certified again; nothing is solved. Also the notes saved with it.
///
/// # Errors
/// [`Error::Data`] with `place` in front: see [`file::read`].
pub fn load_solution(saved: impl Read + Seek, place: &str, stop: &Stop) -> Result<(Solution, String)> {
    let file::Saved { model, scenario, options, compiled, equilibria, history, notes } =
        file::read(saved, place, stop)?;
    let tasks: Vec<_> = compiled.tasks().zip(equilibria).collect();
    let certified = run::each(&tasks, stop, |((commodity, wedges), equilibrium)| {
        Ok(Solved::new(&model, *commodity, wedges, equilibrium.clone()))
    });
    let by_commodity = compiled.by_commodity(certified.into_iter().collect::<Result<Vec<Solved>>>()?);
    let solution = Solution::new(model, Arc::new(scenario), options, compiled, by_commodity).with_history(history);
    Ok((solution, notes))
}
