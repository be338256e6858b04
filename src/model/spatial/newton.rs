//! From near an equilibrium to it: semismooth Newton on the true conditions.
//!
//! Which lanes are used and which limits bind is guessed from the signs of flow and slack (the
//! primal–dual active set; Hintermüller, Ito & Kunisch 2002, SIAM J. Optim. 13), then flows are
//! eliminated and prices solved for. Isoelastic curves are equations in logs.

use std::ops::Range;

use nalgebra::{DMatrix, DVector};

use super::conditions::{errors, price_size};
use super::problem::{Lane, Limit, Node, Pair, Point, Problem};
use crate::solve::Stop;

/// A flow, or a price, that falls falls at most to this share of itself in one step.
const LEAST: f64 = 0.05;
/// Slope that makes flows of lanes without margins unique, relative to the consumer's price and
/// quantity: it pulls towards the flows at hand and not at all at the solution.
const PROXIMAL: f64 = 1e-7;
/// Quantities below this share of the market's size are nothing.
const SPECK: f64 = 1e-30;
/// Shares of a consumer's quantity, and of the market's price, that are rounding.
const ROUNDING: f64 = 1e-14;
/// Keeps rows without any used lane from being singular, relative to quantity over price.
const RIDGE: f64 = 1e-13;

/// Iterates until the largest error is below `tolerance`, or for `most` steps; the best point met and
/// the number of steps.
pub fn polish(problem: &Problem, start: &Point, tolerance: f64, most: usize, stop: &Stop) -> (Point, usize) {
    let mut best = (errors(problem, start).largest(), start.clone());
    let mut point = start.clone();
    for step in 1..=most {
        if stop.requested() {
            break;
        }
        let Some(next) = System::of(problem, &point).step() else { return (best.1, step) };
        point = next;
        let rounded = rounded(problem, &point);
        let error = errors(problem, &rounded).largest();
        if error < best.0 {
            best = (error, rounded);
        }
        if best.0 <= tolerance {
            return (best.1, step);
        }
    }
    (best.1, most)
}

/// Without negative flows and shadow prices, and without those that are rounding.
fn rounded(problem: &Problem, point: &Point) -> Point {
    let consumed = problem.consumed(&point.flow);
    let flow = |(lane, &x): (&Lane, &f64)| if x > ROUNDING * consumed[lane.to] { x } else { 0.0 };
    let shadow = |&z: &f64| if z > ROUNDING * problem.price_unit { z } else { 0.0 };
    Point {
        flow: problem.lanes.iter().zip(&point.flow).map(flow).collect(),
        shadow_price: point.shadow_price.iter().map(shadow).collect(),
        ..point.clone()
    }
}

/// One linear system: rows and unknowns are supply nodes, demand nodes, limits.
struct System<'a> {
    problem: &'a Problem,
    point: &'a Point,
    supplied: Vec<f64>,
    consumed: Vec<f64>,
    matrix: DMatrix<f64>,
    right: DVector<f64>,
    /// By row: what a unit of flow adds to it, next to what the lane counts in a limit.
    weight: Vec<f64>,
    /// By lane: its flow's change as a constant and coefficients of the unknowns.
    change: Vec<(f64, Vec<(usize, f64)>)>,
}

impl<'a> System<'a> {
    fn of(problem: &'a Problem, point: &'a Point) -> Self {
        let size = problem.supply.len() + problem.demand.len() + problem.limits.len();
        let mut system = Self {
            problem,
            point,
            supplied: problem.supplied(&point.flow),
            consumed: problem.consumed(&point.flow),
            matrix: DMatrix::zeros(size, size),
            right: DVector::zeros(size),
            weight: vec![0.0; size],
            change: vec![(0.0, Vec::new()); problem.lanes.len()],
        };
        system.node_rows();
        system.limit_rows();
        system.lanes();
        system
    }

    fn demand_row(&self, node: usize) -> usize {
        self.problem.supply.len() + node
    }

    fn limit_row(&self, limit: usize) -> usize {
        self.problem.supply.len() + self.problem.demand.len() + limit
    }

    fn node_rows(&mut self) {
        let problem = self.problem;
        let ridge = |amount: f64, price: f64| RIDGE * amount / problem.price_unit.max(price.abs());
        for (i, node) in problem.supply.iter().enumerate() {
            let (quantity, price) = (self.supplied[i], self.point.producer_price[i]);
            match node.curve.fixed_quantity() {
                Some(most) if price / problem.price_unit + quantity / most > 1.0 => {
                    self.set(i, -ridge(most, price), 1.0, most - quantity);
                }
                Some(_) => self.set(i, 1.0, 0.0, -price),
                None => self.curve_row(i, node, quantity, price),
            }
        }
        for (j, node) in problem.demand.iter().enumerate() {
            let (quantity, price) = (self.consumed[j], self.point.consumer_price[j]);
            let row = self.demand_row(j);
            match node.curve.fixed_quantity() {
                Some(wanted) => self.set(row, ridge(wanted, price), 1.0, wanted - quantity),
                None => self.curve_row(row, node, quantity, price),
            }
        }
    }

    fn set(&mut self, row: usize, diagonal: f64, weight: f64, right: f64) {
        self.matrix[(row, row)] = diagonal;
        self.weight[row] = weight;
        self.right[row] = right;
    }

    /// dp − p'(Q) dQ = p(Q) − p, or the same of logs times p.
    fn curve_row(&mut self, row: usize, node: &Node, quantity: f64, price: f64) {
        let curve = &node.curve;
        let in_logs = curve.is_isoelastic() && quantity > 0.0 && price > 0.0;
        let on_curve = curve.price(quantity.max(0.0));
        match in_logs && on_curve > 0.0 && on_curve.is_finite() {
            true => {
                let slope = curve.slope(quantity) * (price / on_curve);
                self.set(row, 1.0, -slope, price * (on_curve / price).ln());
            }
            false if curve.is_isoelastic() => {
                let quantity = quantity.max(SPECK * self.problem.quantity_unit);
                self.set(row, 1.0, -curve.slope(quantity), curve.price(quantity) - price);
            }
            false => self.set(row, 1.0, -curve.slope(quantity), on_curve - price),
        }
    }

    fn limit_rows(&mut self) {
        for (c, limit) in self.problem.limits.iter().enumerate() {
            let (used, shadow) = (self.problem.used(limit, self.point), self.point.shadow_price[c]);
            let unit = if limit.by_value { 1.0 } else { self.problem.price_unit };
            let row = self.limit_row(c);
            match shadow / unit + used / limit.capacity > 1.0 {
                true => self.set(row, -RIDGE * limit.capacity / self.dearest(limit), 1.0, limit.capacity - used),
                false => self.set(row, 1.0, 0.0, -shadow),
            }
        }
    }

    /// The highest price that the lanes of a limit earn.
    fn dearest(&self, limit: &Limit) -> f64 {
        let price = |&a: &usize| self.point.consumer_price[self.problem.lanes[a].to].abs();
        limit.lanes.iter().map(price).fold(self.problem.price_unit, f64::max)
    }

    fn lanes(&mut self) {
        let problem = self.problem;
        let mut slack = vec![0.0; problem.lanes.len()];
        for pair in &problem.pairs {
            let least = SPECK * problem.quantity_unit;
            let supply_slope = problem.supply[pair.from].curve.slope(self.supplied[pair.from].max(least));
            problem.slacks(pair, self.point, supply_slope, &mut slack);
            let delivered = self.point.consumer_price[pair.to];
            let size = self.consumed[pair.to].max(SPECK * problem.quantity_unit);
            let flow = &self.point.flow;
            let is_used = |&a: &usize| flow[a] / size > slack[a] / price_size(problem, delivered, slack[a]);
            let used: Vec<usize> = pair.lanes.clone().filter(is_used).collect();
            for a in pair.lanes.clone() {
                self.change[a] = (-flow[a], Vec::new());
            }
            self.eliminate(pair, &used, supply_slope, &slack);
        }
        for a in 0..problem.lanes.len() {
            self.add(a);
        }
    }

    /// Flow changes of the used lanes of a pair as functions of the unknowns.
    fn eliminate(&mut self, pair: &Pair, used: &[usize], supply_slope: f64, slack: &[f64]) {
        let problem = self.problem;
        if used.is_empty() {
            return;
        }
        let size = self.consumed[pair.to].max(SPECK * problem.quantity_unit);
        let proximal = PROXIMAL * price_size(problem, self.point.consumer_price[pair.to], 0.0) / size;
        let m = used.len();
        let coupling = DMatrix::from_fn(m, m, |s, t| {
            problem.coupling(pair, used[s], used[t], supply_slope) + if s == t { proximal } else { 0.0 }
        });
        let Some(inverse) = coupling.try_inverse() else { return };
        let gradients: Vec<(f64, Vec<(usize, f64)>)> =
            used.iter().map(|&a| self.gradient(pair, a, used, slack, supply_slope)).collect();
        for (s, &a) in used.iter().enumerate() {
            let mut constant = 0.0;
            let mut coefficients: Vec<(usize, f64)> = Vec::new();
            for (t, (rest, gradient)) in gradients.iter().enumerate() {
                constant += inverse[(s, t)] * rest;
                coefficients.extend(gradient.iter().map(|&(column, g)| (column, inverse[(s, t)] * g)));
            }
            self.change[a] = (constant, coefficients);
        }
    }

    /// What a lane gains: now, with the other lanes of the pair closed, and by each unknown.
    fn gradient(
        &self,
        pair: &Pair,
        a: usize,
        used: &[usize],
        slack: &[f64],
        supply_slope: f64,
    ) -> (f64, Vec<(usize, f64)>) {
        let (problem, lane) = (self.problem, &self.problem.lanes[a]);
        let price = self.point.producer_price[pair.from];
        let closing: f64 = (pair.lanes.clone().filter(|b| !used.contains(b)))
            .map(|b| problem.coupling(pair, a, b, supply_slope) * self.point.flow[b])
            .sum();
        let curve = &problem.supply[pair.from].curve;
        // The hold on the price moves with the slope of supply, and that with its price.
        let bought: f64 = pair.lanes.clone().map(|b| self.point.flow[b]).sum();
        let hold = pair.conduct * bought * curve.bend(self.supplied[pair.from].max(SPECK * problem.quantity_unit));
        let mut by_price = lane.tariff_power * lane.export_tax_power + hold;
        let mut gradient = vec![(self.demand_row(pair.to), 1.0)];
        for &c in &problem.limits_of[a] {
            let limit = &problem.limits[c];
            gradient.push((self.limit_row(c), -limit.charged(lane, price)));
            if limit.by_value {
                let duty = if limit.exporter_held { lane.tariff_power } else { 1.0 };
                by_price += duty * lane.export_tax_power * self.point.shadow_price[c];
            }
        }
        gradient.push((pair.from, -by_price));
        (closing - slack[a], gradient)
    }

    /// Puts a lane's change of flow into the rows that count it.
    fn add(&mut self, a: usize) {
        let lane = &self.problem.lanes[a];
        let mut rows = vec![(lane.from, self.weight[lane.from])];
        let to = self.demand_row(lane.to);
        rows.push((to, self.weight[to]));
        for &c in &self.problem.limits_of[a] {
            let row = self.limit_row(c);
            let counted = self.problem.limits[c].counted(lane, self.point.producer_price[lane.from]);
            rows.push((row, self.weight[row] * counted));
        }
        let (constant, coefficients) = &self.change[a];
        for (row, weight) in rows.into_iter().filter(|(_, weight)| *weight != 0.0) {
            self.right[row] -= weight * constant;
            for &(column, value) in coefficients {
                self.matrix[(row, column)] += weight * value;
            }
        }
    }

    /// The next point; `None` where the system is singular.
    fn step(self) -> Option<Point> {
        let Self { problem, point, supplied, consumed, matrix, right, change, .. } = self;
        let (sellers, buyers) = (problem.supply.len(), problem.demand.len());
        let y = solve(matrix, right, sellers..sellers + buyers)?;
        let moved: Vec<f64> = (change.iter())
            .map(|(constant, coefficients)| constant + coefficients.iter().map(|&(at, g)| g * y[at]).sum::<f64>())
            .collect();
        if moved.iter().chain(y.iter()).any(|value| !value.is_finite()) {
            return None;
        }
        let share = share_of_step(&problem.supply, &supplied, &problem.supplied(&moved)).min(share_of_step(
            &problem.demand,
            &consumed,
            &problem.consumed(&moved),
        ));
        let price = |nodes: &[Node], at: &[f64], from: usize| -> Vec<f64> {
            let next = |(k, (&price, node)): (usize, (&f64, &Node))| {
                let change = share * y[from + k];
                match node.curve.is_isoelastic() && price > 0.0 && change < (LEAST - 1.0) * price {
                    true => price * (change / price).exp().max(f64::MIN_POSITIVE),
                    false => price + change,
                }
            };
            at.iter().zip(nodes).enumerate().map(next).collect()
        };
        Some(Point {
            flow: point.flow.iter().zip(&moved).map(|(x, dx)| x + share * dx).collect(),
            producer_price: price(&problem.supply, &point.producer_price, 0),
            consumer_price: price(&problem.demand, &point.consumer_price, sellers),
            shadow_price: (point.shadow_price.iter().enumerate())
                .map(|(c, z)| z + share * y[sellers + buyers + c])
                .collect(),
        })
    }
}

/// Solves a system whose block of the rows and columns `diagonal` is a diagonal matrix: these unknowns
/// are eliminated first. `None` where it is singular.
fn solve(mut matrix: DMatrix<f64>, mut right: DVector<f64>, diagonal: Range<usize>) -> Option<DVector<f64>> {
    let rest: Vec<usize> = (0..right.len()).filter(|k| !diagonal.contains(k)).collect();
    for j in diagonal.clone() {
        for &row in &rest {
            let factor = matrix[(row, j)] / matrix[(j, j)];
            if factor != 0.0 {
                rest.iter().for_each(|&column| matrix[(row, column)] -= factor * matrix[(j, column)]);
                right[row] -= factor * right[j];
            }
        }
    }
    let reduced = DMatrix::from_fn(rest.len(), rest.len(), |row, column| matrix[(rest[row], rest[column])]);
    let found = reduced.lu().solve(&DVector::from_fn(rest.len(), |row, _| right[rest[row]]))?;
    for j in diagonal {
        let known: f64 = rest.iter().zip(found.iter()).map(|(&column, y)| matrix[(j, column)] * y).sum();
        right[j] = (right[j] - known) / matrix[(j, j)];
    }
    rest.iter().zip(found.iter()).for_each(|(&row, y)| right[row] = *y);
    Some(right)
}

/// The share of a step that leaves isoelastic nodes a positive quantity.
fn share_of_step(nodes: &[Node], quantity: &[f64], change: &[f64]) -> f64 {
    (nodes.iter().zip(quantity).zip(change))
        .filter(|((node, quantity), _)| node.curve.is_isoelastic() && **quantity > 0.0)
        .map(|((_, quantity), change)| if *change < 0.0 { (LEAST - 1.0) * quantity / change } else { 1.0 })
        .fold(1.0, f64::min)
}
