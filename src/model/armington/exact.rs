//! The exact equilibrium: Anderson acceleration of the price map, Newton where that is not enough.

use super::Armington;
use super::market::{Open, check_feasible, check_shifts};
use super::price_map::PriceMap;
use super::quota;
use crate::data::Market;
use crate::error::{Error, Result};
use crate::model::{Equilibrium, Kind, Licence, Status};
use crate::scenario::Wedges;
use crate::solve::{Stop, anderson, newton};

/// Wanted size of the error in log prices; the residual at which to stop is (1 − modulus) times it.
const TOLERANCE: f64 = 1e-12;
/// Residuals smaller than this are rounding.
const FLOOR: f64 = 4.0 * f64::EPSILON;
const MEMORY: usize = 8;
const MAX_ITERATIONS: usize = 300;
const PLAIN_STEPS: usize = 5000;
/// Logs of prices beyond this can't be written as numbers.
const LARGEST_LOG: f64 = 700.0;
const NEWTON: newton::Settings = newton::Settings { step_tolerance: TOLERANCE, max_iterations: 60 };

pub fn solve(
    model: &Armington,
    commodity: usize,
    wedges: &Wedges,
    warm: Option<&Equilibrium>,
    stop: &Stop,
) -> Result<Equilibrium> {
    let market = model.baseline.market(commodity);
    check_shifts(model, commodity, &market, wedges)?;
    let mut equilibrium = closed_everywhere(model, commodity, &market, wedges);
    check_feasible(model, commodity, &market, wedges)?;
    let open = Open::of(&market, wedges, model.baseline.countries());
    if open.rows.is_empty() {
        return Ok(equilibrium);
    }
    let mut map = PriceMap::new(model, commodity, &market, wedges, &open);
    let mut x: Vec<f64> = open.exporters.iter().map(|&i| start(warm, i as usize)).collect();
    let ceilings = quota::Ceilings::over(&market, wedges, &open);
    equilibrium.status = match ceilings.is_empty() {
        true => solve_prices(&mut map, &mut x, stop),
        false => ceilings.solve(&mut map, &mut x, stop),
    };
    if stop.requested() {
        return Err(Error::Interrupted);
    }
    let index = map.log_price_index(&x);
    if equilibrium.status.converged && !(within_range(&x) && within_range(&index)) {
        equilibrium.status.converged = false;
        equilibrium.status.reason = "prices run out of the range of numbers".into();
    }
    fill(&mut equilibrium, model, commodity, wedges, &open, &x, &index);
    ceilings.fill(&mut equilibrium, map.licences());
    quota::count(model, commodity, wedges, &mut equilibrium);
    Ok(equilibrium)
}

fn within_range(logs: &[f64]) -> bool {
    logs.iter().all(|log| log.abs() <= LARGEST_LOG)
}

fn start(warm: Option<&Equilibrium>, exporter: usize) -> f64 {
    warm.map(|warm| warm.log_producer_price[exporter]).filter(|price| price.is_finite()).unwrap_or(0.0)
}

/// The market before it is solved: all who trade in the baseline have lost their partners.
fn closed_everywhere(model: &Armington, commodity: usize, market: &Market, wedges: &Wedges) -> Equilibrium {
    let countries = model.baseline.countries();
    let totals = model.baseline.totals(commodity);
    let mut equilibrium = Equilibrium {
        kind: Kind::Exact,
        log_producer_price: vec![f64::NAN; countries],
        log_price_index: vec![f64::NAN; countries],
        supply_hat: vec![f64::NAN; countries],
        licences: vec![Licence { price: 0.0, used: 0.0, within: 1.0 }; wedges.ceilings.len()],
        status: Status {
            converged: true,
            iterations: 0,
            residual: 0.0,
            modulus: 0.0,
            reason: if market.value.iter().any(|value| *value > 0.0) { "no open flow" } else { "no trade" }.into(),
        },
    };
    for country in 0..countries {
        if totals.received[country] > 0.0 {
            let supplies = wedges.supply_shift.at(country) > 0.0;
            equilibrium.log_producer_price[country] = if supplies { f64::NEG_INFINITY } else { f64::NAN };
            equilibrium.supply_hat[country] = 0.0;
        }
        if totals.spent[country] > 0.0 {
            let wants = wedges.demand_shift.at(country) > 0.0;
            equilibrium.log_price_index[country] = if wants { f64::INFINITY } else { f64::NAN };
        }
    }
    equilibrium
}

/// Solves for log producer prices at given licence prices.
pub(super) fn solve_prices(map: &mut PriceMap, x: &mut [f64], stop: &Stop) -> Status {
    let (modulus, adding) = map.modulus();
    let wanted = TOLERANCE * (1.0 - adding).max(0.0);
    let settings = anderson::Settings {
        memory: MEMORY,
        damping: if modulus < 1.0 { 1.0 } else { 2.0 / (2.0 + modulus) },
        tolerance: wanted.max(FLOOR),
        max_iterations: MAX_ITERATIONS,
    };
    let first = anderson::fixed_point(x, |x, out| map.apply(x, out), settings, stop);
    let status = |outcome: crate::solve::Outcome, reason: &'static str| Status {
        converged: outcome.converged,
        iterations: outcome.iterations,
        residual: outcome.residual,
        modulus,
        reason: reason.into(),
    };
    if first.converged && wanted >= FLOOR && within_range(x) || stop.requested() {
        return status(first, "converged");
    }
    let cell = std::cell::RefCell::new(map);
    let system = |x: &[f64], out: &mut [f64]| {
        cell.borrow_mut().apply(x, out);
        out.iter_mut().zip(x).for_each(|(f, x)| *f = x - *f);
    };
    let mut second = newton::newton(x, system, |x| cell.borrow_mut().jacobian(x), NEWTON, stop);
    second.iterations += first.iterations;
    if (!second.converged || !within_range(x)) && !stop.requested() {
        // Plain steps short enough for the steepest demand, then Newton from where they lead.
        let steps = anderson::Settings {
            memory: 0,
            damping: 1.0 / (1.0 + modulus),
            tolerance: 1e-6,
            max_iterations: PLAIN_STEPS,
        };
        x.fill(0.0);
        let plain = anderson::fixed_point(x, |x, out| cell.borrow_mut().apply(x, out), steps, stop);
        let before = second.iterations + plain.iterations;
        second = newton::newton(x, system, |x| cell.borrow_mut().jacobian(x), NEWTON, stop);
        second.iterations += before;
    }
    let reason =
        if second.converged { "converged" } else { "the price equations could not be solved to the tolerance" };
    status(second, reason)
}

fn fill(
    equilibrium: &mut Equilibrium,
    model: &Armington,
    commodity: usize,
    wedges: &Wedges,
    open: &Open,
    log_price: &[f64],
    log_index: &[f64],
) {
    for (&exporter, &price) in open.exporters.iter().zip(log_price) {
        let i = exporter as usize;
        let epsilon = model.elasticities.supply[[commodity, i]];
        equilibrium.log_producer_price[i] = price;
        equilibrium.supply_hat[i] = match epsilon.is_infinite() {
            true => f64::NAN,
            false => wedges.supply_shift.at(i) * (epsilon * price).exp(),
        };
    }
    for (&importer, &index) in open.importers.iter().zip(log_index) {
        equilibrium.log_price_index[importer as usize] = index;
    }
}
