//! One market as a problem: nodes with curves, lanes between them, limits on sums of lanes.
//!
//! A lane is a route as one buyer pays for it; a route that a quota with a duty beyond it covers is
//! two lanes. What a unit on a lane costs its buyer:
//!
//! ```text
//! T (x p_i + τ_x + f + λ) + τ_T + γ(x_r) + Σ μ + κ x_ij (S_i⁻¹)'(Q_i) + w
//! ```
//!
//! with λ what holders of licences among the exporters earn, μ facilities' and importers' licences,
//! and w the wedge of a price cap.

use std::ops::Range;

use crate::data::curves::Curve;

/// Where goods come from or go to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    pub country: usize,
    pub curve: Curve,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Of the market.
    pub row: usize,
    /// Positions in `supply` and `demand`.
    pub from: usize,
    pub to: usize,
    /// T and τ_T.
    pub tariff_power: f64,
    pub tariff: f64,
    /// x and τ_x.
    pub export_tax_power: f64,
    pub export_tax: f64,
    /// f with what measures add to it.
    pub freight: f64,
    /// γ at flow 0 of the route, and dγ/dx.
    pub margin: f64,
    pub margin_slope: f64,
    /// w.
    pub wedge: f64,
    /// Pays the duty beyond a quota instead of needing a licence.
    pub beyond: bool,
}

impl Lane {
    /// Price at the exporter's border.
    pub fn border(&self, producer_price: f64) -> f64 {
        self.export_tax_power * producer_price + self.export_tax
    }

    /// What a unit costs without margins, shadow prices and conduct.
    pub fn landed(&self, producer_price: f64) -> f64 {
        self.tariff_power * (self.border(producer_price) + self.freight) + self.tariff + self.wedge
    }
}

/// What a limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Of the network's facilities.
    Facility(usize),
    /// Of the wedges' ceilings.
    Quota(usize),
    /// What a partial ban leaves of the baseline flow of a row.
    Ban(usize),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    pub origin: Origin,
    pub lanes: Vec<usize>,
    /// Above 0; money where `by_value`.
    pub capacity: f64,
    /// Counts money at the border instead of units.
    pub by_value: bool,
    /// The licence is part of what duty is levied on.
    pub exporter_held: bool,
}

impl Limit {
    /// What a unit on the lane counts.
    pub fn counted(&self, lane: &Lane, producer_price: f64) -> f64 {
        if self.by_value { lane.border(producer_price) } else { 1.0 }
    }

    /// What a unit on the lane pays where the shadow price is 1.
    pub fn charged(&self, lane: &Lane, producer_price: f64) -> f64 {
        let duty = if self.exporter_held { lane.tariff_power } else { 1.0 };
        duty * self.counted(lane, producer_price)
    }
}

/// Lanes of one exporter and importer, and how far the importer buys as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    pub lanes: Range<usize>,
    pub from: usize,
    pub to: usize,
    /// κ.
    pub conduct: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub supply: Vec<Node>,
    pub demand: Vec<Node>,
    /// Sorted by pair.
    pub lanes: Vec<Lane>,
    pub pairs: Vec<Pair>,
    pub limits: Vec<Limit>,
    /// By lane: the limits it counts in.
    pub limits_of: Vec<Vec<usize>>,
    /// Sizes that make prices and quantities numbers near 1.
    pub price_unit: f64,
    pub quantity_unit: f64,
}

/// Flows by lane, prices by node, shadow prices by limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Point {
    pub flow: Vec<f64>,
    pub producer_price: Vec<f64>,
    pub consumer_price: Vec<f64>,
    pub shadow_price: Vec<f64>,
}

impl Problem {
    /// `lanes` sorted by exporter and importer; `conduct` by position in `demand`.
    pub fn new(
        supply: Vec<Node>,
        demand: Vec<Node>,
        lanes: Vec<Lane>,
        limits: Vec<Limit>,
        conduct: impl Fn(usize) -> f64,
    ) -> Self {
        let mut pairs: Vec<Pair> = Vec::new();
        for (a, lane) in lanes.iter().enumerate() {
            match pairs.last_mut() {
                Some(last) if (last.from, last.to) == (lane.from, lane.to) => last.lanes.end = a + 1,
                _ => pairs.push(Pair { lanes: a..a + 1, from: lane.from, to: lane.to, conduct: conduct(lane.to) }),
            }
        }
        let mut limits_of = vec![Vec::new(); lanes.len()];
        for (c, limit) in limits.iter().enumerate() {
            limit.lanes.iter().for_each(|&a| limits_of[a].push(c));
        }
        let (price_unit, quantity_unit) = units(&supply, &demand);
        Self { supply, demand, lanes, pairs, limits, limits_of, price_unit, quantity_unit }
    }

    pub fn supplied(&self, flow: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.supply.len()];
        self.lanes.iter().zip(flow).for_each(|(lane, x)| sums[lane.from] += x);
        sums
    }

    pub fn consumed(&self, flow: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.demand.len()];
        self.lanes.iter().zip(flow).for_each(|(lane, x)| sums[lane.to] += x);
        sums
    }

    /// What the lanes of a limit count together.
    pub fn used(&self, limit: &Limit, point: &Point) -> f64 {
        let counted =
            |&a: &usize| limit.counted(&self.lanes[a], point.producer_price[self.lanes[a].from]) * point.flow[a];
        limit.lanes.iter().map(counted).sum()
    }

    /// dcost/dflow between two lanes of a pair: the route's margin, and the buyer's hold on the price.
    pub fn coupling(&self, pair: &Pair, a: usize, b: usize, supply_slope: f64) -> f64 {
        let margin = if self.lanes[a].row == self.lanes[b].row { self.lanes[a].margin_slope } else { 0.0 };
        margin + pair.conduct * supply_slope
    }

    /// By how much the lanes of a pair are dearer than the consumer's price.
    pub fn slacks(&self, pair: &Pair, point: &Point, supply_slope: f64, out: &mut [f64]) {
        let (price, delivered) = (point.producer_price[pair.from], point.consumer_price[pair.to]);
        for a in pair.lanes.clone() {
            let lane = &self.lanes[a];
            let mut cost = lane.landed(price) + lane.margin;
            for b in pair.lanes.clone() {
                cost += self.coupling(pair, a, b, supply_slope) * point.flow[b];
            }
            for &c in &self.limits_of[a] {
                cost += self.limits[c].charged(lane, price) * point.shadow_price[c];
            }
            out[a] = cost - delivered;
        }
    }

    /// Whether one quadratic program is the whole truth: straight curves, no duty in proportion to a
    /// price, no ceiling on money.
    pub fn is_quadratic(&self) -> bool {
        let straight = |node: &Node| !node.curve.is_isoelastic();
        self.supply.iter().chain(&self.demand).all(straight)
            && self.lanes.iter().all(|lane| lane.tariff_power * lane.export_tax_power == 1.0)
            && self.limits.iter().all(|limit| !limit.by_value && !limit.exporter_held)
    }

    /// What consumers gain less what producers, carriers and routes' margins cost, at a point: from
    /// quantity 0 of straight curves, from the given quantity of isoelastic ones.
    pub fn quasi_welfare(&self, point: &Point) -> f64 {
        let area = |node: &Node, quantity: f64| match node.curve {
            Curve::Linear { .. } => node.curve.integral(0.0, quantity),
            Curve::Isoelastic { quantity: given, .. } => node.curve.integral(given, quantity),
        };
        let side = |nodes: &[Node], quantities: &[f64]| -> f64 {
            nodes.iter().zip(quantities).map(|(node, &quantity)| area(node, quantity)).sum()
        };
        let carried: f64 = (self.lanes.iter().zip(&point.flow)).map(|(lane, x)| x * (lane.freight + lane.margin)).sum();
        let margins: f64 = (self.pairs.iter())
            .flat_map(|pair| pair.lanes.clone().flat_map(|a| pair.lanes.clone().map(move |b| (a, b))))
            .filter(|&(a, b)| self.lanes[a].row == self.lanes[b].row)
            .map(|(a, b)| 0.5 * self.lanes[a].margin_slope * point.flow[a] * point.flow[b])
            .sum();
        side(&self.demand, &self.consumed(&point.flow))
            - side(&self.supply, &self.supplied(&point.flow))
            - carried
            - margins
    }
}

impl Problem {
    /// Whether no other flows make the same prices: lanes at no loss whose costs do not rise with their
    /// flow form no circle.
    pub fn flows_are_unique(&self, point: &Point) -> bool {
        let supplied = self.supplied(&point.flow);
        let mut slack = vec![0.0; self.lanes.len()];
        let mut group: Vec<usize> = (0..self.supply.len() + self.demand.len()).collect();
        for pair in &self.pairs {
            let slope = self.supply[pair.from].curve.slope(supplied[pair.from]);
            self.slacks(pair, point, slope, &mut slack);
            let at_no_loss = |&a: &usize| slack[a] < 1e-7 * self.price_unit.max(point.consumer_price[pair.to]);
            for a in pair.lanes.clone().filter(at_no_loss) {
                if self.coupling(pair, a, a, slope) > 0.0 {
                    continue;
                }
                let (from, to) = (root(&group, pair.from), root(&group, self.supply.len() + pair.to));
                if from == to {
                    return false;
                }
                group[from] = to;
            }
        }
        true
    }
}

fn root(group: &[usize], mut node: usize) -> usize {
    while group[node] != node {
        node = group[node];
    }
    node
}

/// A size for prices and one for quantities: means of what the curves say of themselves.
fn units(supply: &[Node], demand: &[Node]) -> (f64, f64) {
    let said = |nodes: &[Node]| {
        let mut sums = (0.0, 0.0, 0.0, 0.0);
        for node in nodes {
            let (price, quantity) = match node.curve {
                Curve::Linear { intercept, slope } if slope != 0.0 => {
                    (intercept.abs(), 0.5 * (intercept / slope).abs())
                }
                Curve::Linear { intercept, .. } => (intercept.abs(), 0.0),
                Curve::Isoelastic { price, quantity, .. } => (price, quantity),
            };
            sums.0 += price;
            sums.1 += f64::from(price > 0.0);
            sums.2 += quantity;
            sums.3 += f64::from(quantity > 0.0);
        }
        (sums.0 / sums.1, sums.2 / sums.3)
    };
    let (buyers, sellers) = (said(demand), said(supply));
    let first = |a: f64, b: f64| [a, b].into_iter().find(|size| *size > 0.0 && size.is_finite()).unwrap_or(1.0);
    (first(buyers.0, sellers.0), first(buyers.1, sellers.1))
}
