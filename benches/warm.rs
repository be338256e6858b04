//! What starting from a neighbour's solution saves along a grid of one size of a measure.
//!
//!     python benches/warm.py
//!
//! Reads saved results (the script makes them), solves their scenario at every size of the grid cold and from
//! the solution of the size before, and prints the iterations of both, their time, and how many bits differ.

use std::fs::File;
use std::time::Instant;

use tradewinds::model::{Model, Status};
use tradewinds::result::file;
use tradewinds::scenario::compile::{Compiled, Support, compile};
use tradewinds::scenario::{Exposure, Scenario};
use tradewinds::solve::Stop;
use tradewinds::{data::Baseline, load_solution};

const SIZES: usize = 50;
const RUNS: usize = 5;

/// The scenario at each size of the field of its first measure.
fn grid(scenario: &Scenario, baseline: &Baseline, support: &Support, field: &str, ends: (f64, f64)) -> Vec<Compiled> {
    let sizes = (0..SIZES).map(|place| ends.0 + (ends.1 - ends.0) * place as f64 / (SIZES - 1) as f64);
    let compiled = sizes.map(|size| {
        let mut sized = scenario.clone();
        sized.measures[0].set_number(field, size);
        compile(&sized, baseline, None, Exposure::Segments, support, &|| false).expect("it compiles")
    });
    compiled.collect()
}

/// Iterations a solve and microseconds a solve, cold and from the neighbour, and the share of numbers of equal bits.
fn compare<M: Model>(
    name: &str,
    model: &M,
    grid: &[Compiled],
    status: impl Fn(&M::Equilibrium) -> &Status,
    numbers: impl Fn(&M::Equilibrium) -> Vec<f64>,
) {
    let commodities = grid[0].markets.len();
    let mut lines = Vec::new();
    let mut bits: Vec<Vec<u64>> = Vec::new();
    for warm in [false, true] {
        let (mut best, mut iterations) = (f64::INFINITY, 0);
        let mut own = Vec::new();
        for _ in 0..RUNS {
            (iterations, own) = (0, Vec::new());
            let begun = Instant::now();
            for k in 0..commodities {
                let mut before: Option<M::Equilibrium> = None;
                for compiled in grid {
                    let wedges = &compiled.markets[k].variants[0];
                    let start = before.as_ref().filter(|_| warm);
                    let found = model.solve(k, wedges, start, &Stop::default()).expect("it has an equilibrium");
                    iterations += status(&found).iterations;
                    own.extend(numbers(&found).into_iter().map(f64::to_bits));
                    before = Some(found);
                }
            }
            best = best.min(begun.elapsed().as_secs_f64());
        }
        let solves = (commodities * grid.len()) as f64;
        lines.push(format!("{:.2} iterations, {:.0} us", iterations as f64 / solves, 1e6 * best / solves));
        bits.push(own);
    }
    let same = bits[0].iter().zip(&bits[1]).filter(|(one, other)| one == other).count();
    let share = 100.0 * same as f64 / bits[0].len() as f64;
    println!("{name}: cold {}; from the neighbour {}; {share:.0} % of prices of equal bits", lines[0], lines[1]);
}

fn main() {
    let mut files = std::env::args().skip(1).filter(|argument| argument.ends_with(".zip"));
    let open = |place: &str| File::open(place).expect("a saved result");
    let (stop, armington) = (Stop::default(), files.next().expect("a result of Armington"));
    let (solution, _) = load_solution(open(&armington), &armington, &stop).expect("it is read");
    let support = tradewinds::model::Armington::support(false);
    let sizes = grid(&solution.scenario, &solution.model.baseline, &support, "coverage", (0.5, 0.99));
    let prices = |found: &tradewinds::model::Equilibrium| found.log_producer_price.clone();
    compare("Armington", &solution.model, &sizes, |found| &found.status, prices);
    let spatial = files.next().expect("a result of Spatial");
    let (solution, _) = file::spatial::read(open(&spatial), &spatial, &stop).expect("it is read");
    let support = tradewinds::model::Spatial::support(false);
    let sizes = grid(&solution.scenario, &solution.model.baseline, &support, "coverage", (0.5, 0.99));
    let prices = |found: &tradewinds::model::SpatialEquilibrium| found.point.producer_price.clone();
    compare("Spatial", &solution.model, &sizes, |found| &found.status, prices);
}
