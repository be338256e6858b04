//! How far a point is from an equilibrium.

use super::problem::{Node, Point, Problem};

/// Largest relative errors.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Errors {
    /// Prices off their curves, and lanes cheaper than the consumer's price, relative to prices.
    pub stationarity: f64,
    /// Used lanes that are dearer, each by its share of what the consumer gets; shadow prices of
    /// facilities that are not full.
    pub complementarity: f64,
    /// Limits exceeded, fixed quantities missed, negative flows, relative to quantities.
    pub feasibility: f64,
}

impl Errors {
    pub fn largest(&self) -> f64 {
        self.stationarity.max(self.complementarity).max(self.feasibility)
    }
}

/// Quantities below this share of the market's size are nothing.
const SPECK: f64 = 1e-30;

/// The true conditions at a point, with every curve, duty and licence as it is.
pub fn errors(problem: &Problem, point: &Point) -> Errors {
    let mut errors = Errors::default();
    let (supplied, consumed) = (problem.supplied(&point.flow), problem.consumed(&point.flow));
    nodes(problem, &problem.supply, &supplied, &point.producer_price, &mut errors, true);
    nodes(problem, &problem.demand, &consumed, &point.consumer_price, &mut errors, false);
    let mut slack = vec![0.0; problem.lanes.len()];
    for pair in &problem.pairs {
        let slope = problem.supply[pair.from].curve.slope(supplied[pair.from].max(SPECK * problem.quantity_unit));
        problem.slacks(pair, point, slope, &mut slack);
        let size = consumed[pair.to].max(SPECK * problem.quantity_unit);
        for a in pair.lanes.clone() {
            let price = price_size(problem, point.consumer_price[pair.to], slack[a]);
            worst(&mut errors.stationarity, -slack[a] / price);
            worst(&mut errors.complementarity, slack[a] / price * point.flow[a] / size);
            worst(&mut errors.feasibility, -point.flow[a] / size);
        }
    }
    for (limit, &shadow) in problem.limits.iter().zip(&point.shadow_price) {
        let free = 1.0 - problem.used(limit, point) / limit.capacity;
        worst(&mut errors.feasibility, -free);
        let price = price_size(problem, shadow, 0.0);
        worst(&mut errors.stationarity, -shadow / price);
        worst(&mut errors.complementarity, (shadow / price).min(1.0) * free.abs());
    }
    errors
}

/// What errors of a price are relative to.
pub fn price_size(problem: &Problem, consumer_price: f64, slack: f64) -> f64 {
    problem.price_unit.max(consumer_price.abs()).max((consumer_price + slack).abs())
}

fn nodes(problem: &Problem, nodes: &[Node], quantity: &[f64], price: &[f64], errors: &mut Errors, sells: bool) {
    for ((node, &quantity), &price) in nodes.iter().zip(quantity).zip(price) {
        match node.curve.fixed_quantity() {
            Some(fixed) if sells => {
                worst(&mut errors.feasibility, quantity / fixed - 1.0);
                let share = (price / problem.price_unit.max(price.abs())).min(1.0);
                worst(&mut errors.stationarity, -share);
                worst(&mut errors.complementarity, share * (1.0 - quantity / fixed).abs());
            }
            Some(fixed) => worst(&mut errors.feasibility, (quantity / fixed - 1.0).abs()),
            None => {
                let wanted = node.curve.price(quantity.max(0.0));
                worst(&mut errors.stationarity, (price - wanted).abs() / problem.price_unit.max(wanted.abs()));
            }
        }
    }
}

/// The larger; a NaN is never dropped.
fn worst(error: &mut f64, other: f64) {
    *error = if other.is_nan() { f64::INFINITY } else { error.max(other) };
}
