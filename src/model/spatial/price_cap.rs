//! A cap on the price at an exporter's port, for shipments that use services; others pay more for a
//! fleet of limited size.
//!
//! Johnson, Rachel & Wolfram (2023), A theory of price caps on non-renewable resources, NBER 31347;
//! Wachtmeister, Gars & Spiro (2023), Quantity restrictions and price discounts on Russian oil. With p̄
//! the cap, c_O and K_O the cost and capacity without services, buyers' rent ρ and the fleet's rent μ_O:
//!
//! ```text
//! 0 ≤ x^O ⊥ p + f + γ + c_O + μ_O − P ≥ 0        0 ≤ μ_O ⊥ K_O − Σ x^O ≥ 0
//! 0 ≤ x^S ⊥ n + ρ + f + γ − P ≥ 0                0 ≤ ρ ⊥ p̄ − n ≥ 0        0 ≤ Σ x^S ⊥ p − n ≥ 0
//! ```
//!
//! Both ways of shipping put one wedge w on all covered lanes of an exporter: ρ where services are
//! used, c_O + μ_O where the fleet is. With F(w) = p − p̄ and G(w) = Σ x − K_O, both falling in w:
//!
//! ```text
//! 0 ≤ w ⊥ −min(F(w), max(c_O − w, G(w))) ≥ 0
//! ```
//!
//! Services are used where F ≤ 0: at w ≤ c_O no one would pay for the fleet, beyond that the fleet is
//! full and services carry the rest.

use std::cell::RefCell;

use super::equilibrium::{Ended, Found, find};
use super::problem::{Point, Problem};
use crate::solve::{Stop, complementarity};

/// A cap on lanes of one exporter.
#[derive(Debug, Clone, PartialEq)]
pub struct CappedLanes {
    pub lanes: Vec<usize>,
    /// p̄, at the border.
    pub price: f64,
    pub outside_cost: f64,
    /// May be infinite.
    pub outside_capacity: f64,
}

/// Which of the five cases holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regime {
    /// 0: the price is below the cap.
    Slack,
    /// 1: everything uses services and is sold at the cap.
    AtCap,
    /// 2: everything is shipped without services.
    Outside,
    /// 3: the fleet is full, the rest uses services at the cap.
    FleetFull,
    /// 4: the fleet is full and carries all there is.
    FleetOnly,
}

impl Regime {
    pub fn number(self) -> i64 {
        match self {
            Self::Slack => 0,
            Self::AtCap => 1,
            Self::Outside => 2,
            Self::FleetFull => 3,
            Self::FleetOnly => 4,
        }
    }
}

/// What a cap does at an equilibrium.
#[derive(Debug, Clone, PartialEq)]
pub struct CapOutcome {
    /// That it covers.
    pub lanes: Vec<usize>,
    pub regime: Regime,
    /// w, per unit.
    pub wedge: f64,
    /// Shipped with services and without.
    pub services: f64,
    pub outside: f64,
    /// ρ, per unit with services.
    pub buyers_rent: f64,
    /// μ_O, per unit without.
    pub fleet_rent: f64,
    /// How far the complementarity condition is missed, relative to prices or quantities.
    pub error: f64,
}

/// In units of prices and of the fleet; the conditions are asked to hold to 1e-6.
const SETTINGS: complementarity::Settings = complementarity::Settings { tolerance: 1e-9, max_iterations: 60 };
/// Within this of the cap a price is at it.
const AT_CAP: f64 = 1e-7;
/// No wedge is larger, in units of the price.
const LARGEST_WEDGE: f64 = 1e6;

/// The equilibrium under caps: the problem with its wedges, where it ended, and each cap's outcome.
pub fn find_capped(
    problem: &Problem,
    caps: &[CappedLanes],
    start: Option<&Point>,
    stop: &Stop,
) -> (Problem, Found, Vec<CapOutcome>) {
    if caps.is_empty() {
        return (problem.clone(), find(problem, start, stop), Vec::new());
    }
    let free = find(problem, start, stop);
    if free.ended != Ended::Found {
        return (problem.clone(), free, Vec::new());
    }
    let last = RefCell::new((problem.clone(), free));
    let mut wedges = vec![0.0; caps.len()];
    let missed = |y: &[f64], f: &mut [f64]| {
        let (at, found) = solved(problem, caps, y, &last.borrow().1, stop);
        for (c, cap) in caps.iter().enumerate() {
            f[c] = -excess(&at, cap, y[c], &found.point);
        }
        let ended = found.ended == Ended::Found;
        if ended {
            *last.borrow_mut() = (at, found);
        }
        ended
    };
    let upper = vec![LARGEST_WEDGE; caps.len()];
    let outcome = complementarity::complementarity(&mut wedges, &upper, missed, SETTINGS, stop);
    let (at, mut found) = solved(problem, caps, &wedges, &last.borrow().1, stop);
    if !outcome.converged {
        found.ended = Ended::Lost;
    }
    let outcomes = caps.iter().zip(&wedges).map(|(cap, &w)| outcome_of(&at, cap, w, &found.point)).collect();
    (at, found, outcomes)
}

/// The problem and its equilibrium at given wedges, in units of the price.
fn solved(problem: &Problem, caps: &[CappedLanes], wedges: &[f64], near: &Found, stop: &Stop) -> (Problem, Found) {
    let mut at = problem.clone();
    for (cap, &w) in caps.iter().zip(wedges) {
        cap.lanes.iter().for_each(|&a| at.lanes[a].wedge = w * problem.price_unit);
    }
    let mut found = find(&at, Some(&near.point), stop);
    found.programs += near.programs;
    found.steps += near.steps;
    (at, found)
}

/// F and G: the price above the cap, what is shipped beyond the fleet; both relative.
fn above(problem: &Problem, cap: &CappedLanes, point: &Point) -> (f64, f64) {
    let border = |&a: &usize| problem.lanes[a].border(point.producer_price[problem.lanes[a].from]);
    let price = cap.lanes.iter().map(border).fold(f64::NEG_INFINITY, f64::max);
    let shipped: f64 = cap.lanes.iter().map(|&a| point.flow[a]).sum();
    let size = if cap.outside_capacity > 0.0 { cap.outside_capacity } else { problem.quantity_unit };
    ((price - cap.price) / problem.price_unit, (shipped - cap.outside_capacity) / size)
}

fn excess(problem: &Problem, cap: &CappedLanes, wedge: f64, point: &Point) -> f64 {
    let (price, shipped) = above(problem, cap, point);
    // An infinite fleet is never full.
    let fleet = if cap.outside_capacity.is_infinite() { f64::NEG_INFINITY } else { shipped };
    price.min(fleet.max(cap.outside_cost / problem.price_unit - wedge))
}

fn outcome_of(problem: &Problem, cap: &CappedLanes, wedge: f64, point: &Point) -> CapOutcome {
    let (price, _) = above(problem, cap, point);
    let shipped: f64 = cap.lanes.iter().map(|&a| point.flow[a]).sum();
    let cost = cap.outside_cost / problem.price_unit;
    let regime = match price {
        _ if price < -AT_CAP => Regime::Slack,
        _ if price <= AT_CAP && wedge <= cost => Regime::AtCap,
        _ if price <= AT_CAP && shipped > cap.outside_capacity * (1.0 + AT_CAP) => Regime::FleetFull,
        _ if wedge > cost * (1.0 + AT_CAP) + AT_CAP => Regime::FleetOnly,
        _ => Regime::Outside,
    };
    let unit = problem.price_unit;
    let outside = match regime {
        Regime::Slack | Regime::AtCap => 0.0,
        Regime::FleetFull => cap.outside_capacity,
        Regime::Outside | Regime::FleetOnly => shipped,
    };
    let (at_cap, fleet) = (regime == Regime::AtCap || regime == Regime::FleetFull, outside > 0.0);
    let missed = wedge.min(-excess(problem, cap, wedge, point)).abs();
    CapOutcome {
        lanes: cap.lanes.clone(),
        regime,
        wedge: wedge * unit,
        services: shipped - outside,
        outside,
        buyers_rent: if at_cap { wedge * unit } else { 0.0 },
        fleet_rent: if fleet { (wedge - cost).max(0.0) * unit } else { 0.0 },
        error: missed,
    }
}
