//! Derivatives of answers with respect to elasticities and sizes of measures, by the implicit function
//! theorem: nothing is solved again.
//!
//! Prices move along the tangent that [`crate::model::armington::tangent`] finds from the Jacobian of
//! Newton's method. Wedges are affine in the size of one measure, so the difference of two compilations
//! over that of the sizes is their derivative. An answer is a formula of elasticities, wedges and
//! prices; its derivative along the tangent line is taken by the difference of sixth order
//!
//! ```text
//! f' = [45 (f₁ − f₋₁) − 9 (f₂ − f₋₂) + (f₃ − f₋₃)] / 60 h
//! ```
//!
//! with h such that no log of a flow, price or supply moves by more than 0.005 between two points: the
//! truncation is then below rounding, which leaves about 1e-13 of an answer over the largest movement.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answers::{difference, numbers, stacked};
use super::narrow::{Narrow, Places};
use super::parameter::{Asked, Parameter};
use crate::data::Table;
use crate::error::{Error, Result};
use crate::model::Armington;
use crate::model::armington::tangent::{Direction, Linear, Tangent};
use crate::result::Episode;
use crate::result::ask::Question;
use crate::result::trade::Trade;
use crate::result::{Solution, Solved};
use crate::run;
use crate::scenario::compile::{CompiledMarket, Resolved};
use crate::scenario::{Change, Factor, PerUnit, Scenario, Wedges};
use crate::solve::Stop;

/// Largest movement of a log between two points of the difference.
const STEP: f64 = 5e-3;
const WEIGHTS: [f64; 3] = [45.0 / 60.0, -9.0 / 60.0, 1.0 / 60.0];

/// The derivatives of every column of numbers of `question`: the answer's rows once a parameter, with
/// `parameter` as leading column, in the answer's units per unit of the parameter.
///
/// # Errors
/// [`Error::Model`]: a solve that did not converge or is of first order; a quota that binds on what the
/// parameter moves; a ban or shift that closes a flow at its very size; what [`Asked::resolve`] refuses.
pub fn derivative(solution: &Solution, question: &Question, asked: &[Asked], stop: &Stop) -> Result<Table> {
    let resolve = |asked: &Asked| Ok((asked.label.clone(), asked.resolve(&solution.model, &solution.scenario)?));
    let parameters = asked.iter().map(resolve).collect::<Result<Vec<_>>>()?;
    let found = columns(solution, question, &parameters, stop)?;
    let labels: Vec<String> = parameters.into_iter().map(|(label, _)| label).collect();
    let per = |unit: &str| format!("{unit} per unit of the parameter");
    Ok(stacked(&question.ask(solution)?, "parameter", &labels, &found, per))
}

/// The derivative of the answer's numbers by each parameter, which has a name for messages.
pub(super) fn columns(
    solution: &Solution,
    question: &Question,
    parameters: &[(String, Parameter)],
    stop: &Stop,
) -> Result<Vec<Vec<f64>>> {
    check(solution)?;
    let moves: Vec<Moves> =
        parameters.iter().map(|(label, parameter)| moves(solution, label, parameter)).collect::<Result<_>>()?;
    let mut commodities: Vec<usize> = moves.iter().flat_map(|moves| moves.keys().copied()).collect();
    commodities.sort_unstable();
    commodities.dedup();
    let narrow = Narrow::to(&solution.model, commodities, question)?;
    let part = narrow.solution(solution);
    let places = Places::of(&question.ask(&part)?, &question.ask(solution)?);
    let renumbered = |moves: Moves| -> Moves {
        let place = |k| narrow.commodities.binary_search(&k).expect("what moves is kept");
        moves.into_iter().map(|(k, directions)| (place(k), directions)).collect()
    };
    let moves: Vec<Moves> = moves.into_iter().map(renumbered).collect();
    let linear = run::each(&(0..narrow.commodities.len()).collect::<Vec<usize>>(), stop, |&k| {
        let moving = if moves.iter().any(|moves| moves.contains_key(&k)) { part.episodes(k) } else { Vec::new() };
        Ok(moving.iter().map(|one| Linear::new(&part.model, k, one.wedges, one.equilibrium)).collect::<Vec<_>>())
    });
    let linear: Vec<Vec<Linear>> = linear.into_iter().collect::<Result<_>>()?;
    let tasks: Vec<(&String, Moves)> = parameters.iter().map(|(label, _)| label).zip(moves).collect();
    let found = run::each(&tasks, stop, |(label, moves)| {
        let path = Path::along(&part, moves, &linear).ok_or_else(|| {
            Error::Model(format!(
                "parameter '{label}': the equilibrium has no derivative here: prices are out of the range of numbers, \
                 or not locally unique"
            ))
        })?;
        path.differentiate(question).map(|changes| places.spread(&changes))
    });
    found.into_iter().collect()
}

fn check(solution: &Solution) -> Result<()> {
    let status = solution.status();
    if !status.converged {
        return Err(Error::Model(format!("the solve did not converge ({}), so it has no derivatives", status.reason)));
    }
    if !solution.history.is_empty() {
        return Err(Error::Model(
            "this is a period of a path whose curves adjust: how it moves depends on the periods before it, so it has no \
             derivative of its own; solve the scenario at a date instead, or compare two paths"
                .to_string(),
        ));
    }
    match solution.is_first_order() {
        true => Err(Error::Model(
            "derivatives are those of the exact equilibrium, and this result is of first order; solve without order=1"
                .to_string(),
        )),
        false => Ok(()),
    }
}

/// By commodity that a parameter moves: the direction of each variant of its wedges.
type Moves = BTreeMap<usize, Vec<Direction>>;

fn moves(solution: &Solution, label: &str, parameter: &Parameter) -> Result<Moves> {
    let countries = solution.model.baseline.countries();
    let mut found = Moves::new();
    let mut of = |k: usize, change: &dyn Fn(&mut Direction)| {
        let variants = solution.compiled.markets[k].variants.len();
        let directions = found.entry(k).or_insert_with(|| vec![Direction::none(countries); variants]);
        directions.iter_mut().for_each(change);
    };
    match parameter {
        Parameter::Substitution(commodities) => commodities.iter().for_each(|&k| of(k, &|d| d.substitution = 1.0)),
        Parameter::Demand(entries) => entries.iter().for_each(|&(k, j)| of(k, &|d| d.demand[j] = 1.0)),
        Parameter::Supply(entries) => entries.iter().for_each(|&(k, i)| of(k, &|d| d.supply[i] = 1.0)),
        Parameter::Size { .. } => found = sized(solution, label, parameter)?,
    }
    let binding = |&&k: &&usize| {
        solution.episodes(k).iter().any(|one| one.equilibrium.licences.iter().any(|licence| licence.price > 0.0))
    };
    match found.keys().find(binding) {
        Some(&k) => Err(Error::Model(format!(
            "parameter '{label}': a quota on {} binds, and derivatives do not cover binding quotas; take them by solving \
             twice",
            solution.flows_data().commodities.name(k)
        ))),
        None => Ok(found),
    }
}

/// The directions of a measure's size, from the wedges at this size and at another.
fn sized(solution: &Solution, label: &str, parameter: &Parameter) -> Result<Moves> {
    let mut other: Scenario = (*solution.scenario).clone();
    let mut elasticities = (*solution.model.elasticities).clone();
    let here = parameter.values(&elasticities, &other)[0];
    let there = elsewhere(here, parameter.range(&other));
    parameter.set(&mut elasticities, &mut other, there);
    let (baseline, options) = (&solution.model.baseline, &solution.options);
    let support = Armington::support(options.leave_out);
    let resolved = Resolved::new(&other, baseline, options.at, options.exposure, &support)?;
    let Parameter::Size { measure, .. } = parameter else { return Ok(Moves::new()) };
    let position = resolved.position(&solution.scenario.label(*measure));
    let mut found = Moves::new();
    for k in 0..baseline.commodities() {
        if position.is_none_or(|position| !resolved.touching(k).contains(&position)) {
            continue;
        }
        let moved: CompiledMarket = resolved.market(k, &resolved.segments)?;
        let pairs = solution.compiled.markets[k].variants.iter().zip(&moved.variants);
        let directions = pairs.map(|(from, to)| between(solution, k, label, (from, to), there - here));
        found.insert(k, directions.collect::<Result<_>>()?);
    }
    Ok(found)
}

/// An admissible size well away from this one, inside the range.
fn elsewhere(here: f64, (low, high): (f64, f64)) -> f64 {
    match high.is_finite() && low.is_finite() {
        true if here < (low + high) / 2.0 => here + (high - low) / 4.0,
        true => here - (high - low) / 4.0,
        false => here + here.abs().max(1.0),
    }
}

/// The derivative of wedges that are affine in a size which differs by `step`.
fn between(
    solution: &Solution,
    commodity: usize,
    label: &str,
    (from, to): (&Wedges, &Wedges),
    step: f64,
) -> Result<Direction> {
    let countries = solution.model.baseline.countries();
    let market = solution.market(commodity);
    let mut direction = Direction::none(countries);
    let slope = |from: f64, to: f64| (to - from) / step;
    for country in 0..countries {
        direction.demand_shift[country] = slope(from.demand_shift.at(country), to.demand_shift.at(country));
        direction.supply_shift[country] = slope(from.supply_shift.at(country), to.supply_shift.at(country));
    }
    for row in (0..market.len()).filter(|&row| from.at(row) != to.at(row)) {
        let (a, b) = (from.at(row), to.at(row));
        direction.rows.push(Change {
            row: row as u32,
            availability: slope(a.availability, b.availability),
            weight: 0.0,
            tariff_hat: slope(a.tariff_hat, b.tariff_hat),
            export_tax_power: slope(a.export_tax_power, b.export_tax_power),
            cost_factor: slope(a.cost_factor, b.cost_factor),
            per_unit: PerUnit {
                tariff: slope(a.per_unit.tariff, b.per_unit.tariff),
                export_tax: slope(a.per_unit.export_tax, b.per_unit.export_tax),
                cost: slope(a.per_unit.cost, b.per_unit.cost),
            },
        });
    }
    let shut = |at: f64, slope: f64| at == 0.0 && slope != 0.0;
    let closed = market.trading(|_, _| true).find(|&row| {
        let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
        let change = direction.rows.iter().find(|change| change.row as usize == row);
        change.is_some_and(|change| shut(from.at(row).availability, change.availability))
            || shut(from.supply_shift.at(i), direction.supply_shift[i])
            || shut(from.demand_shift.at(j), direction.demand_shift[j])
    });
    match closed {
        Some(row) => {
            let flows = solution.flows_data();
            Err(Error::Model(format!(
                "parameter '{label}': at this size it closes {} {} to {}, where an answer has no derivative on both \
                 sides; take a size that leaves something, such as a coverage of 0.999",
                flows.commodities.name(commodity),
                flows.countries.name(market.exporter[row] as usize),
                flows.countries.name(market.importer[row] as usize)
            )))
        }
        None => Ok(direction),
    }
}

/// A solution and how it moves.
struct Path<'a> {
    solution: &'a Solution,
    /// By commodity that moves and variant of its wedges.
    moving: BTreeMap<usize, Vec<(&'a Direction, Tangent)>>,
    step: f64,
}

impl<'a> Path<'a> {
    fn along(solution: &'a Solution, moves: &'a Moves, linear: &[Vec<Linear>]) -> Option<Self> {
        let mut moving = BTreeMap::new();
        let mut fastest = 0.0_f64;
        for (&k, directions) in moves {
            let steepness = 1.0 / (solution.model.elasticities.substitution[k] - 1.0);
            let mut of_commodity = Vec::with_capacity(directions.len());
            for (direction, linear) in directions.iter().zip(&linear[k]) {
                let tangent = linear.tangent(direction)?;
                fastest = fastest.max(tangent.largest).max(direction.substitution.abs() * steepness);
                of_commodity.push((direction, tangent));
            }
            moving.insert(k, of_commodity);
        }
        Some(Self { solution, moving, step: if fastest > 0.0 { STEP / fastest } else { 1.0 } })
    }

    fn differentiate(&self, question: &Question) -> Result<Vec<f64>> {
        let answer = |steps: f64| question.ask(&self.displaced(steps * self.step)).map(|answer| numbers(&answer));
        let mut sum: Vec<f64> = Vec::new();
        for (place, weight) in WEIGHTS.iter().enumerate() {
            let (ahead, behind) = (answer(place as f64 + 1.0)?, answer(-(place as f64 + 1.0))?);
            sum.resize(ahead.len(), 0.0);
            (sum.iter_mut().zip(ahead.iter().zip(&behind)))
                .for_each(|(sum, (ahead, behind))| *sum += weight * difference(*ahead, *behind) / self.step);
        }
        Ok(sum)
    }

    /// The solution `by` units of the parameter along the tangent line.
    fn displaced(&self, by: f64) -> Solution {
        let mut elasticities = (*self.solution.model.elasticities).clone();
        let mut compiled = self.solution.compiled.clone();
        for (&k, of_commodity) in &self.moving {
            for (variant, (direction, _)) in of_commodity.iter().enumerate() {
                let wedges = &mut compiled.markets[k].variants[variant];
                *wedges = moved(wedges, direction, by);
            }
            if let Some((direction, _)) = of_commodity.first() {
                elasticities.substitution[k] += by * direction.substitution;
                let ends = elasticities.demand.row_mut(k).into_iter().zip(&direction.demand);
                ends.for_each(|(eta, change)| *eta += by * change);
                let ends = elasticities.supply.row_mut(k).into_iter().zip(&direction.supply);
                ends.for_each(|(epsilon, change)| *epsilon += by * change);
            }
        }
        let solved = (0..compiled.markets.len()).map(|k| self.solved(k, by)).collect();
        let model = Armington { elasticities: Arc::new(elasticities), ..self.solution.model.clone() };
        Solution::new(model, self.solution.scenario.clone(), self.solution.options, compiled, solved)
    }

    fn solved(&self, commodity: usize, by: f64) -> Vec<Solved> {
        let mut found: Vec<Solved> = self.solution.episodes(commodity).iter().map(Episode::solved).collect();
        let moving = self.moving.get(&commodity).into_iter().flatten();
        for (Solved { equilibrium, .. }, (_, tangent)) in found.iter_mut().zip(moving) {
            let add = |values: &mut [f64], changes: &[f64]| {
                values.iter_mut().zip(changes).for_each(|(value, change)| *value += by * change);
            };
            add(&mut equilibrium.log_producer_price, &tangent.log_producer_price);
            add(&mut equilibrium.log_price_index, &tangent.log_price_index);
            let supplies = equilibrium.supply_hat.iter_mut().zip(&tangent.log_supply);
            supplies.for_each(|(hat, change)| *hat *= (by * change).exp());
        }
        found
    }
}

/// Wedges `by` units along a direction.
fn moved(wedges: &Wedges, direction: &Direction, by: f64) -> Wedges {
    let factor = |from: &Factor, change: &[f64]| {
        Factor::set(change.iter().enumerate().map(|(country, change)| from.at(country) + by * change).collect())
    };
    let mut changes: Vec<Change> = wedges.changes.clone();
    changes.retain(|change| direction.rows.binary_search_by_key(&change.row, |moving| moving.row).is_err());
    changes.extend(direction.rows.iter().map(|change| {
        let at = wedges.at(change.row as usize);
        Change {
            row: change.row,
            availability: at.availability + by * change.availability,
            weight: at.weight,
            tariff_hat: at.tariff_hat + by * change.tariff_hat,
            export_tax_power: at.export_tax_power + by * change.export_tax_power,
            cost_factor: at.cost_factor + by * change.cost_factor,
            per_unit: PerUnit {
                tariff: at.per_unit.tariff + by * change.per_unit.tariff,
                export_tax: at.per_unit.export_tax + by * change.per_unit.export_tax,
                cost: at.per_unit.cost + by * change.per_unit.cost,
            },
        }
    }));
    changes.sort_unstable_by_key(|change| change.row);
    Wedges {
        changes,
        demand_shift: factor(&wedges.demand_shift, &direction.demand_shift),
        supply_shift: factor(&wedges.supply_shift, &direction.supply_shift),
        ..wedges.clone()
    }
}
