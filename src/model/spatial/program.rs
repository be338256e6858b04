//! The quadratic program of a market: exact for straight curves and specific duties, a tangent
//! elsewhere.
//!
//! Takayama & Judge (1971), Spatial and Temporal Price and Allocation Models. Unknowns: flows by lane,
//! quantities by node. Prices are the multipliers of the nodes' balances.

use super::problem::{Node, Point, Problem};
use crate::data::curves::Curve;
use crate::solve::quadratic::{self, End, Program};

/// Where what is not straight is linearised.
#[derive(Debug, Clone)]
pub struct Tangents {
    /// Quantities by node.
    pub supplied: Vec<f64>,
    pub consumed: Vec<f64>,
    /// Duties in proportion to a price are those at these prices.
    pub producer_price: Vec<f64>,
    last: Vec<Move>,
    last_price: Vec<Move>,
}

/// The longest move down a curve, as the log of a quantity.
const LONGEST: f64 = -30.0;

impl Tangents {
    /// At the points the curves were given with.
    pub fn given(problem: &Problem) -> Self {
        let quantity = |node: &Node| match node.curve {
            Curve::Isoelastic { quantity, .. } => quantity,
            Curve::Linear { .. } => problem.quantity_unit,
        };
        let price = |node: &Node| match node.curve {
            Curve::Isoelastic { price, .. } => price,
            Curve::Linear { intercept, slope: 0.0 } => intercept,
            Curve::Linear { .. } => problem.price_unit,
        };
        Self {
            supplied: problem.supply.iter().map(quantity).collect(),
            consumed: problem.demand.iter().map(quantity).collect(),
            producer_price: problem.supply.iter().map(price).collect(),
            last: vec![Move::NONE; problem.supply.len() + problem.demand.len()],
            last_price: vec![Move::NONE; problem.supply.len()],
        }
    }

    /// Moves along the isoelastic curves towards what the program found, in logs. Of the two points of a
    /// curve with the program's quantity and with its price the nearer: the tangent of a steep curve
    /// falls far short of one of them. Whoever turned back goes half as far.
    pub fn follow(&mut self, problem: &Problem, found: &Point) {
        let (supplied, consumed) = (problem.supplied(&found.flow), problem.consumed(&found.flow));
        let (netback, delivered) = marginal_prices(problem, found);
        let sellers = problem.supply.len();
        step(&problem.supply, &mut self.supplied, &supplied, &netback, &mut self.last[..sellers]);
        step(&problem.demand, &mut self.consumed, &consumed, &delivered, &mut self.last[sellers..]);
        for ((at, &price), last) in self.producer_price.iter_mut().zip(&found.producer_price).zip(&mut self.last_price)
        {
            *at += last.damped(price - *at);
        }
    }
}

/// The last move and the share of the full one that it was.
#[derive(Debug, Clone, Copy)]
struct Move {
    by: f64,
    share: f64,
}

impl Move {
    const NONE: Self = Self { by: 0.0, share: 1.0 };

    fn damped(&mut self, wanted: f64) -> f64 {
        let turned = wanted * self.by < 0.0;
        let share = if turned { 0.5 * self.share } else { (1.5 * self.share).min(1.0) };
        *self = Self { by: wanted, share };
        share * wanted
    }
}

fn step(nodes: &[Node], at: &mut [f64], quantity: &[f64], price: &[f64], last: &mut [Move]) {
    for ((((node, at), &quantity), &price), last) in nodes.iter().zip(at).zip(quantity).zip(price).zip(last) {
        if !node.curve.is_isoelastic() {
            continue;
        }
        let log = |target: f64| if target > 0.0 { (target / *at).ln() } else { f64::NEG_INFINITY };
        let by_quantity = log(quantity);
        let by_price = if price > 0.0 { node.curve.quantity(price).map_or(by_quantity, log) } else { by_quantity };
        let nearer = if by_quantity.abs() < by_price.abs() { by_quantity } else { by_price };
        *at *= last.damped(nearer.max(LONGEST)).exp();
    }
}

/// What the next unit would earn each seller and cost each buyer: their prices where they trade.
fn marginal_prices(problem: &Problem, point: &Point) -> (Vec<f64>, Vec<f64>) {
    let supplied = problem.supplied(&point.flow);
    let mut slack = vec![0.0; problem.lanes.len()];
    let mut least = (vec![f64::INFINITY; problem.supply.len()], vec![f64::INFINITY; problem.demand.len()]);
    for pair in &problem.pairs {
        let slope = problem.supply[pair.from].curve.slope(supplied[pair.from].max(1e-9 * problem.quantity_unit));
        problem.slacks(pair, point, slope, &mut slack);
        for a in pair.lanes.clone() {
            least.0[pair.from] = slack[a].min(least.0[pair.from]);
            least.1[pair.to] = slack[a].min(least.1[pair.to]);
        }
    }
    let netback = point.producer_price.iter().zip(&least.0).map(|(price, slack)| price - slack).collect();
    let delivered = point.consumer_price.iter().zip(&least.1).map(|(price, slack)| price + slack).collect();
    (netback, delivered)
}

/// The program in units of the problem: variables are flows by lane, then quantities supplied and
/// consumed; equations are the balances of supply and demand nodes, then fixed demands.
pub fn assemble(problem: &Problem, tangents: &Tangents) -> Program {
    let (lanes, sellers, buyers) = (problem.lanes.len(), problem.supply.len(), problem.demand.len());
    let (price, quantity) = (problem.price_unit, problem.quantity_unit);
    let mut program = Program { linear: vec![0.0; lanes + sellers + buyers], ..Program::default() };
    for (a, lane) in problem.lanes.iter().enumerate() {
        let at = tangents.producer_price[lane.from];
        program.linear[a] = (lane.landed(at) - at + lane.margin) / price;
        program.rows.extend([(lane.from, a, -1.0), (sellers + lane.to, a, -1.0)]);
    }
    for pair in &problem.pairs {
        let slope = problem.supply[pair.from].curve.slope(tangents.supplied[pair.from]);
        for b in pair.lanes.clone() {
            for a in pair.lanes.start..=b {
                let coupling = problem.coupling(pair, a, b, slope) * quantity / price;
                if coupling != 0.0 {
                    program.quadratic.push((a, b, coupling));
                }
            }
        }
    }
    let mut fixed = Vec::new();
    let mut caps = Vec::new();
    let sides = [(&problem.supply, &tangents.supplied, 1.0), (&problem.demand, &tangents.consumed, -1.0)];
    for (node_row, (node, &at, sign)) in
        sides.into_iter().flat_map(|(nodes, at, sign)| nodes.iter().zip(at).map(move |(n, a)| (n, a, sign))).enumerate()
    {
        let column = lanes + node_row;
        program.rows.push((node_row, column, 1.0));
        match node.curve.fixed_quantity() {
            Some(most) if sign > 0.0 => caps.push((column, most)),
            Some(wanted) => fixed.push((column, wanted)),
            None => {
                let slope = node.curve.slope(at);
                program.linear[column] = sign * (node.curve.price(at) - slope * at) / price;
                program.quadratic.push((column, column, sign * slope * quantity / price));
            }
        }
    }
    program.bounds = vec![0.0; sellers + buyers];
    let bounded = |column, amount: f64, program: &mut Program| {
        program.rows.push((program.bounds.len(), column, 1.0));
        program.bounds.push(amount / quantity);
    };
    fixed.into_iter().for_each(|(column, wanted)| bounded(column, wanted, &mut program));
    program.equal = program.bounds.len();
    for limit in &problem.limits {
        let row = program.bounds.len();
        // Money is counted in units of price, so that rows are near 1.
        let size = if limit.by_value { price } else { 1.0 };
        for &a in &limit.lanes {
            let lane = &problem.lanes[a];
            program.rows.push((row, a, limit.counted(lane, tangents.producer_price[lane.from]) / size));
        }
        program.bounds.push(limit.capacity / (quantity * size));
    }
    caps.into_iter().for_each(|(column, most)| bounded(column, most, &mut program));
    for a in 0..lanes {
        program.rows.push((program.bounds.len(), a, -1.0));
        program.bounds.push(0.0);
    }
    program
}

/// Solves the program of the tangents.
pub fn solve(problem: &Problem, tangents: &Tangents, tolerance: f64) -> (End, Point, usize) {
    let program = assemble(problem, tangents);
    let optimum = quadratic::minimise(&program, tolerance);
    let (sellers, buyers) = (problem.supply.len(), problem.demand.len());
    let (price, quantity) = (problem.price_unit, problem.quantity_unit);
    let shadow = |(limit, z): (&super::problem::Limit, &f64)| match limit.by_value {
        true => z.max(0.0),
        false => z.max(0.0) * price,
    };
    let point = Point {
        flow: optimum.x[..problem.lanes.len()].iter().map(|x| x.max(0.0) * quantity).collect(),
        producer_price: optimum.multipliers[..sellers].iter().map(|z| -z * price).collect(),
        consumer_price: optimum.multipliers[sellers..sellers + buyers].iter().map(|z| z * price).collect(),
        shadow_price: problem.limits.iter().zip(&optimum.multipliers[program.equal..]).map(shadow).collect(),
    };
    (optimum.end, point, optimum.iterations)
}
