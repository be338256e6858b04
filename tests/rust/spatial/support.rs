//! Small problems by hand and random ones.

use tradewinds::data::curves::Curve;
use tradewinds::model::spatial::problem::{Lane, Limit, Node, Origin, Problem};

/// Numbers between 0 and 1 that a seed fixes (xorshift).
pub struct Draws(u64);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count - 1)
    }
}

pub fn linear(intercept: f64, slope: f64) -> Curve {
    Curve::Linear { intercept, slope }
}

pub fn isoelastic(price: f64, quantity: f64, elasticity: f64) -> Curve {
    Curve::Isoelastic { price, quantity, elasticity }
}

/// A lane without duties.
pub fn lane(from: usize, to: usize, freight: f64) -> Lane {
    Lane {
        row: 0,
        from,
        to,
        tariff_power: 1.0,
        tariff: 0.0,
        export_tax_power: 1.0,
        export_tax: 0.0,
        freight,
        margin: 0.0,
        margin_slope: 0.0,
        wedge: 0.0,
        beyond: false,
    }
}

pub fn facility(lanes: Vec<usize>, capacity: f64) -> Limit {
    Limit { origin: Origin::Facility(0), lanes, capacity, by_value: false, exporter_held: false }
}

/// Lanes are numbered as the rows of a market are.
pub fn problem(supply: &[Curve], demand: &[Curve], mut lanes: Vec<Lane>, limits: Vec<Limit>, conduct: f64) -> Problem {
    let nodes = |curves: &[Curve]| {
        curves.iter().enumerate().map(|(country, &curve)| Node { country, curve }).collect::<Vec<_>>()
    };
    lanes.iter_mut().enumerate().for_each(|(row, lane)| lane.row = row);
    Problem::new(nodes(supply), nodes(demand), lanes, limits, |_| conduct)
}
