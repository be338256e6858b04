//! Sanctions-impact and trade-diversion scenarios by commodity.
//!
//! A run goes one way: [`data`] (what was observed) → [`scenario`] (what is supposed to change) →
//! [`model`] (the equations) → [`run`] (many solves at once) → [`result`] (how it came out).
//! [`solve`] is a leaf of pure numerics beside the road.
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
pub mod model;
pub mod result;
pub mod run;
pub mod scenario;
pub mod solve;

pub use error::{Error, Result};

use data::Period;
use model::{Armington, FirstOrder};
use result::{Solution, Solved};
use scenario::compile::{Compiled, compile};
use scenario::{Exposure, Scenario};
use solve::Stop;

/// How a scenario is solved.
#[derive(Debug, Clone, Copy, Default)]
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
    let compiled = run::each(scenarios, stop, |scenario| {
        compile(scenario, &model.baseline, options.at, options.exposure, &support, &|| stop.requested())
    });
    if stop.requested() {
        return Err(Error::Interrupted);
    }
    let tasks: Vec<run::Task> = compiled.iter().flatten().flat_map(tasks).collect();
    let certified = |(commodity, wedges): run::Task, equilibrium| Solved::new(model, commodity, wedges, equilibrium);
    let solved = match options.first_order {
        true => run::solve_each(&FirstOrder(model.clone()), &tasks, stop, certified),
        false => run::solve_each(model, &tasks, stop, certified),
    };
    let mut solved = solved.into_iter();
    if stop.requested() {
        return Err(Error::Interrupted);
    }
    let mut solution = |compiled: Compiled| {
        let count = compiled.markets.iter().map(|market| market.variants.len()).sum();
        let own: Vec<Result<Solved>> = solved.by_ref().take(count).collect();
        let mut own = own.into_iter().collect::<Result<Vec<Solved>>>()?.into_iter();
        let by_commodity =
            compiled.markets.iter().map(|market| own.by_ref().take(market.variants.len()).collect()).collect();
        Ok(Solution::new(model.clone(), compiled, by_commodity))
    };
    Ok(compiled.into_iter().map(|compiled| compiled.and_then(&mut solution)).collect())
}

fn tasks(compiled: &Compiled) -> impl Iterator<Item = run::Task<'_>> {
    (compiled.markets.iter().enumerate())
        .flat_map(|(commodity, market)| market.variants.iter().map(move |wedges| (commodity, wedges)))
}
