//! Problems for the tests: by hand from a matrix, and at random from a tape of numbers.

use std::sync::Arc;

use ndarray::Array2;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tradewinds::data::baseline::TariffRow;
use tradewinds::data::{Baseline, Column, Duplicates, Elasticities, FlowRows, Flows, Labels, Period, Table, Units};
use tradewinds::model::{Armington, Equilibrium, Model};
use tradewinds::result::Solution;
use tradewinds::scenario::compile::{Compiled, compile};
use tradewinds::scenario::{Exposure, Measure, Scenario, ScheduleRow, Selector, Verb};
use tradewinds::solve::Stop;
use tradewinds::{Error, Options, Result, solve_scenario};

/// A flow with its baseline duty and what a schedule does to it; rates, not powers.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub k: usize,
    pub i: usize,
    pub j: usize,
    pub value: f64,
    pub quantity: f64,
    pub tariff: f64,
    pub coverage: f64,
    pub tariff_add: f64,
    pub tax: f64,
    pub cost: f64,
}

impl Cell {
    pub fn new(k: usize, i: usize, j: usize, value: f64) -> Self {
        let quantity = value;
        Self { k, i, j, value, quantity, tariff: 0.0, coverage: 0.0, tariff_add: 0.0, tax: 0.0, cost: 0.0 }
    }

    /// T̂, x̂, ĉ.
    pub fn hats(&self) -> (f64, f64, f64) {
        ((1.0 + self.tariff + self.tariff_add) / (1.0 + self.tariff), 1.0 + self.tax, 1.0 + self.cost)
    }
}

/// A baseline, elasticities and shocks, all in plain vectors; second index the country.
#[derive(Debug, Clone)]
pub struct Problem {
    pub names: Vec<String>,
    pub goods: Vec<String>,
    pub cells: Vec<Cell>,
    pub sigma: Vec<f64>,
    pub eta: Vec<Vec<f64>>,
    pub epsilon: Vec<Vec<f64>>,
    pub supply_shift: Vec<Vec<f64>>,
    pub demand_shift: Vec<Vec<f64>>,
}

pub const BASELINE: Period = Period::Year(2021);

impl Problem {
    /// One commodity, "oil"; rows exporters, columns importers, 0 is no flow; quantities equal values.
    pub fn matrix(names: &[&str], values: &[&[f64]], sigma: f64, eta: f64, epsilon: f64) -> Self {
        let n = names.len();
        let cells = (0..n)
            .flat_map(|i| (0..n).map(move |j| (i, j)))
            .filter(|&(i, j)| values[i][j] > 0.0)
            .map(|(i, j)| Cell::new(0, i, j, values[i][j]))
            .collect();
        Self {
            names: names.iter().map(|name| name.to_string()).collect(),
            goods: vec!["oil".to_string()],
            cells,
            sigma: vec![sigma],
            eta: vec![vec![eta; n]],
            epsilon: vec![vec![epsilon; n]],
            supply_shift: vec![vec![1.0; n]],
            demand_shift: vec![vec![1.0; n]],
        }
    }

    pub fn cell(&mut self, i: usize, j: usize) -> &mut Cell {
        self.cells.iter_mut().find(|cell| cell.k == 0 && cell.i == i && cell.j == j).expect("there is such a cell")
    }

    pub fn flows(&self) -> Flows {
        let column = |of: &dyn Fn(&Cell) -> usize| self.cells.iter().map(|cell| of(cell) as u32).collect();
        let rows = FlowRows {
            period: vec![0; self.cells.len()],
            commodity: column(&|cell| cell.k),
            exporter: column(&|cell| cell.i),
            importer: column(&|cell| cell.j),
            mode: None,
            value: self.cells.iter().map(|cell| cell.value).collect(),
            quantity: self.cells.iter().map(|cell| cell.quantity).collect(),
        };
        let units = Units { currency: "USD".to_string(), quantity: vec!["t".to_string(); self.goods.len()] };
        let (countries, goods) = (Labels::new(self.names.clone()), Labels::new(self.goods.clone()));
        Flows::new(countries, goods, vec![BASELINE], None, units, rows, Duplicates::Raise).expect("good flows")
    }

    pub fn model(&self) -> Armington {
        let flows = Arc::new(self.flows());
        let tariffs: Vec<TariffRow> = (self.cells.iter())
            .map(|cell| TariffRow {
                exporter: cell.i as u32,
                importer: cell.j as u32,
                commodity: cell.k as u32,
                rate: cell.tariff,
            })
            .collect();
        let (k, n) = (self.goods.len(), self.names.len());
        let table = |rows: &[Vec<f64>]| Array2::from_shape_fn((k, n), |(k, i)| rows[k][i]);
        let elasticities = Elasticities::new(
            self.sigma.clone(),
            table(&self.eta),
            table(&self.epsilon),
            &flows.commodities,
            &flows.countries,
        );
        Armington {
            baseline: Arc::new(Baseline::new(flows, BASELINE, Some(&tariffs)).expect("a good baseline")),
            elasticities: Arc::new(elasticities.expect("good elasticities")),
        }
    }

    /// The shocks of the cells as a schedule, and the shifts as measures.
    pub fn scenario(&self) -> Scenario {
        let some = |value: f64| (value != 0.0).then_some(value);
        let schedule = (self.cells.iter())
            .filter(|cell| [cell.coverage, cell.tariff_add, cell.tax, cell.cost].iter().any(|value| *value != 0.0))
            .map(|cell| ScheduleRow {
                exporter: self.names[cell.i].clone(),
                importer: self.names[cell.j].clone(),
                commodity: self.goods[cell.k].clone(),
                coverage: some(cell.coverage),
                tariff_add: some(cell.tariff_add),
                tariff_to: None,
                export_tax_add: some(cell.tax),
                cost_change: some(cell.cost),
            })
            .collect();
        let mut measures = Vec::new();
        for (k, good) in self.goods.iter().enumerate() {
            for (i, name) in self.names.iter().enumerate() {
                let on = |measure: Measure| Measure { commodities: Selector(vec![good.clone()]), ..measure };
                let this = Selector(vec![name.clone()]);
                if self.supply_shift[k][i] != 1.0 {
                    let factor = Some(self.supply_shift[k][i]);
                    measures.push(on(Measure { exporters: this.clone(), supply: factor, ..Measure::new(Verb::Shift) }));
                }
                if self.demand_shift[k][i] != 1.0 {
                    let factor = Some(self.demand_shift[k][i]);
                    measures.push(on(Measure { importers: this, demand: factor, ..Measure::new(Verb::Shift) }));
                }
            }
        }
        Scenario { measures, schedule, ..Scenario::default() }
    }

    pub fn compiled(&self) -> Compiled {
        let model = self.model();
        compile(&self.scenario(), &model.baseline, None, Exposure::Segments, &Armington::support(false), &|| false)
            .expect("a good scenario")
    }

    /// The equilibrium of one commodity under the problem's own shocks.
    pub fn equilibrium(&self, k: usize) -> Result<Equilibrium> {
        self.model().solve(k, &self.compiled().markets[k].variants[0], None, &Stop::default())
    }

    pub fn solve(&self) -> Result<Solution> {
        self.solve_with(&self.scenario(), Options::default())
    }

    pub fn solve_with(&self, scenario: &Scenario, options: Options) -> Result<Solution> {
        solve_scenario(&self.model(), scenario, options, &Stop::default())
    }
}

/// A scenario of these measures.
pub fn scenario(measures: Vec<Measure>) -> Scenario {
    Scenario { measures, ..Scenario::default() }
}

/// A ban of exporters' goods by importers.
pub fn ban(exporter: &str, importer: &str) -> Measure {
    let one = |name: &str| Selector(vec![name.to_string()]);
    Measure { exporters: one(exporter), importers: one(importer), ..Measure::new(Verb::Ban) }
}

/// An added import duty.
pub fn tariff(exporter: &str, importer: &str, rate: f64) -> Measure {
    Measure { verb: Verb::Tariff, rate: Some(rate), ..ban(exporter, importer) }
}

/// The message of what must be an error.
pub fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("this should have been an error"),
        Err(error) => error.to_string(),
    }
}

pub fn is_infeasible<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::Infeasible { .. }))
}

/// The words of a column of text or labels.
pub fn words(table: &Table, name: &str) -> Vec<String> {
    match table.columns.iter().find(|(key, _)| *key == name) {
        Some((_, Column::Text(values))) => values.clone(),
        Some((_, Column::Label { codes, labels })) => codes.iter().map(|&code| labels[code as usize].clone()).collect(),
        _ => panic!("the table has no column of words called {name}"),
    }
}

#[track_caller]
pub fn close(found: f64, wanted: f64, tolerance: f64) {
    let same = found == wanted || found.is_nan() && wanted.is_nan();
    assert!(same || (found - wanted).abs() <= tolerance, "found {found:?}, wanted {wanted:?} to {tolerance:?}");
}

/// Close relative to the size of `wanted` where that is above 1.
#[track_caller]
pub fn near(found: f64, wanted: f64, tolerance: f64) {
    close(found, wanted, tolerance * wanted.abs().max(1.0));
}

/// How much an error of the residual is magnified in the prices: 1/(1 − modulus) for a contraction.
pub fn magnified(equilibrium: &Equilibrium) -> f64 {
    match equilibrium.status.modulus {
        modulus if modulus < 1.0 => 1.0 / (1.0 - modulus),
        _ => 1.0,
    }
}

/// Numbers from 0 to 1 that a random problem is read from, round and round.
pub struct Tape {
    values: Vec<f64>,
    next: usize,
}

impl Tape {
    pub fn new(values: Vec<f64>) -> Self {
        Self { values, next: 0 }
    }

    /// SplitMix64 (Steele, Lea & Flood 2014).
    pub fn seeded(seed: u64, length: usize) -> Self {
        let mut state = seed;
        let mut draw = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        };
        Self::new((0..length).map(|_| draw()).collect())
    }

    pub fn draw(&mut self) -> f64 {
        let value = self.values[self.next % self.values.len()];
        self.next += 1;
        value
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.draw()
    }

    pub fn pick(&mut self, values: &[f64]) -> f64 {
        values[(self.draw() * values.len() as f64) as usize]
    }

    fn chance(&mut self, share: f64, mut then: impl FnMut(&mut Self) -> f64) -> f64 {
        if self.draw() < share { then(self) } else { 0.0 }
    }
}

/// Where elasticities of 0 may occur.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rigid {
    /// In a commodity either in supply or in demand: there is always an equilibrium.
    OneSide,
    /// Anywhere: a captive part of a market may have no equilibrium, or one beyond the range of numbers.
    Anywhere,
}

/// Up to `most` countries and 3 commodities, about two cells in three traded, every kind of shock.
pub fn random(tape: &mut Tape, most: usize, rigid: Rigid) -> Problem {
    let n = 1 + (tape.draw() * most as f64) as usize;
    let goods = 1 + (tape.draw() * 3.0) as usize;
    let mut cells = Vec::new();
    for k in 0..goods {
        for i in 0..n {
            for j in 0..n {
                if tape.draw() > 0.65 {
                    continue;
                }
                let value = 10f64.powf(tape.between(0.0, 4.0));
                let mut cell = Cell::new(k, i, j, value);
                cell.quantity = if tape.draw() < 0.1 { f64::NAN } else { value / tape.between(0.2, 3.0) };
                cell.tariff = tape.chance(0.4, |tape| tape.between(-0.1, 0.6));
                cell.coverage = tape.chance(0.35, |tape| (2.0 * tape.draw()).min(1.0));
                cell.tariff_add = tape.chance(0.3, |tape| tape.between(-0.3, 0.8));
                cell.tax = tape.chance(0.2, |tape| tape.between(-0.2, 0.5));
                cell.cost = tape.chance(0.2, |tape| tape.between(-0.3, 1.0));
                cells.push(cell);
            }
        }
    }
    if cells.is_empty() {
        cells.push(Cell::new(0, 0, 0, 1.0));
    }
    let mut by_country =
        |values: &[f64]| -> Vec<Vec<f64>> { (0..goods).map(|_| (0..n).map(|_| tape.pick(values)).collect()).collect() };
    let mut eta = by_country(&[0.0, -0.13, -1.0, -1.7, -4.0, -30.0]);
    let mut epsilon = by_country(&[0.0, 0.05, 0.7, 2.0, 6.0, f64::INFINITY]);
    if rigid == Rigid::OneSide {
        for (k, (eta, epsilon)) in eta.iter_mut().zip(&mut epsilon).enumerate() {
            match k % 2 {
                0 => eta.iter_mut().for_each(|value| *value = value.min(-0.13)),
                _ => epsilon.iter_mut().for_each(|value| *value = value.max(0.05)),
            }
        }
    }
    let mut supply_shift = by_country(&[1.0, 1.0, 1.0, 1.0, 0.6, 1.3, 0.0]);
    let demand_shift = by_country(&[1.0, 1.0, 1.0, 1.0, 0.7, 1.4, 0.0]);
    for (shift, epsilon) in supply_shift.iter_mut().flatten().zip(epsilon.iter().flatten()) {
        if epsilon.is_infinite() {
            *shift = 1.0;
        }
    }
    let sigma = (0..goods).map(|_| tape.between(1.3, 12.0)).collect();
    Problem {
        names: (0..n).map(|i| format!("C{i}")).collect(),
        goods: (0..goods).map(|k| format!("g{k}")).collect(),
        cells,
        sigma,
        eta,
        epsilon,
        supply_shift,
        demand_shift,
    }
}

pub fn problems(most: usize, rigid: Rigid) -> impl Strategy<Value = Problem> {
    proptest::collection::vec(0.0..1.0f64, 700).prop_map(move |values| random(&mut Tape::new(values), most, rigid))
}

/// A moderate number of cases, the same in every run, and no files of past failures.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        rng_seed: RngSeed::Fixed(2021),
        ..ProptestConfig::default()
    }
}
