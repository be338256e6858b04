//! Random baselines and scenarios, drawn from a seed.

use std::sync::Arc;

use ndarray::Array2;
use tradewinds::data::{Baseline, Column, Duplicates, Elasticities, FlowRows, Flows, Labels, Period, Table, Units};
use tradewinds::model::Armington;
use tradewinds::result::Solution;
use tradewinds::result::trade::Trade;
use tradewinds::scenario::select::{Groups, Selection};
use tradewinds::scenario::{Measure, Scenario, Selector, Verb};
use tradewinds::solve::Stop;
use tradewinds::{Options, Result, solve_scenario};

pub const BASELINE: Period = Period::Year(2021);
pub const NEXT: Period = Period::Year(2022);

/// SplitMix64 (Steele, Lea & Flood 2014).
pub struct Draw(pub u64);

impl Draw {
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }
}

/// A flow: commodity, exporter, importer, mode, value, quantity (NaN: not known).
pub type Flow = (usize, usize, usize, usize, f64, f64);

/// Countries C0, C1, …, commodities g0, g1, … in tonnes, modes sea and pipe.
pub fn model(countries: usize, commodities: usize, flows: &[Flow], [sigma, eta, epsilon]: [f64; 3]) -> Armington {
    let column = |of: &dyn Fn(&Flow) -> usize| flows.iter().map(|flow| of(flow) as u32).collect();
    let rows = FlowRows {
        period: vec![0; flows.len()],
        commodity: column(&|flow| flow.0),
        exporter: column(&|flow| flow.1),
        importer: column(&|flow| flow.2),
        mode: Some(column(&|flow| flow.3)),
        value: flows.iter().map(|flow| flow.4).collect(),
        quantity: flows.iter().map(|flow| flow.5).collect(),
    };
    let names = |prefix: &str, count: usize| Labels::new((0..count).map(|place| format!("{prefix}{place}")));
    let (places, goods, modes) = (names("C", countries), names("g", commodities), Labels::new(["sea", "pipe"]));
    let units = Units { currency: "USD".to_string(), quantity: vec!["t".to_string(); commodities] };
    let flows = Flows::new(places, goods, vec![BASELINE], Some(modes), units, rows, Duplicates::Raise);
    let flows = Arc::new(flows.expect("good flows"));
    let table = |value: f64| Array2::from_elem((commodities, countries), value);
    let elasticities =
        Elasticities::new(vec![sigma; commodities], table(eta), table(epsilon), &flows.commodities, &flows.countries);
    Armington {
        baseline: Arc::new(Baseline::new(flows, BASELINE, None).expect("a good baseline")),
        elasticities: Arc::new(elasticities.expect("good elasticities")),
    }
}

/// Three to seven countries, two commodities, two modes, unit values that differ by a factor of ten;
/// in every third baseline some quantities are not known.
pub fn random_model(seed: u64) -> Armington {
    let mut draw = Draw(seed);
    let countries = 3 + draw.below(5);
    let mut flows = Vec::new();
    for k in 0..2 {
        for i in 0..countries {
            for j in 0..countries {
                for mode in 0..2 {
                    if draw.unit() < 0.4 {
                        let value = 10f64.powf(draw.between(0.0, 4.0));
                        let known = !seed.is_multiple_of(3) || draw.unit() < 0.8;
                        let quantity = if known { value / draw.between(0.3, 3.0) } else { f64::NAN };
                        flows.push((k, i, j, mode, value, quantity));
                    }
                }
            }
        }
    }
    flows.push((0, 0, 1, 1, 0.0, f64::NAN));
    flows.sort_by_key(|flow| (flow.0, flow.1, flow.2, flow.3));
    flows.dedup_by_key(|flow| (flow.0, flow.1, flow.2, flow.3));
    model(countries, 2, &flows, [draw.between(2.0, 8.0), draw.between(-1.5, -0.1), draw.between(0.1, 2.0)])
}

pub fn measure(verb: Verb, exporter: &str, importer: &str) -> Measure {
    Measure { exporters: [exporter].into(), importers: [importer].into(), ..Measure::new(verb) }
}

pub fn ban(exporter: &str, importer: &str) -> Measure {
    measure(Verb::Ban, exporter, importer)
}

pub fn scenario(measures: Vec<Measure>) -> Scenario {
    Scenario { measures, ..Scenario::default() }
}

/// Bans in part and in full, duties, export taxes, costs, shifts, quotas of either holder; half of
/// them begin within [`NEXT`].
pub fn random_scenario(seed: u64, model: &Armington) -> Scenario {
    let mut draw = Draw(seed ^ 0x5EED);
    let countries = model.baseline.countries();
    let mut measures = Vec::new();
    for _ in 0..1 + draw.below(5) {
        let pair = (format!("C{}", draw.below(countries)), format!("C{}", draw.below(countries)));
        let importer = if draw.unit() < 0.2 { "*" } else { pair.1.as_str() };
        let on = |verb| measure(verb, &pair.0, importer);
        let mut next = match draw.below(7) {
            0 => Measure { coverage: Some(draw.unit()), ..on(Verb::Ban) },
            1 => on(Verb::Ban),
            2 => Measure { rate: Some(draw.between(-0.2, 0.8)), ..on(Verb::Tariff) },
            3 => Measure { rate: Some(draw.between(-0.2, 0.8)), ..on(Verb::ExportTax) },
            4 => Measure { change: Some(draw.between(-0.2, 0.5)), ..on(Verb::TradeCost) },
            5 => Measure { supply: Some(draw.between(0.5, 1.5)), ..measure(Verb::Shift, &pair.0, "*") },
            _ => {
                let value = Some(draw.between(10.0, 3000.0));
                let rent = (draw.unit() < 0.5).then(|| "exporter".to_string());
                let commodities = [if draw.unit() < 0.5 { "g0" } else { "g1" }].into();
                Measure { value, rent, commodities, ..on(Verb::Quota) }
            }
        };
        if draw.unit() < 0.5 {
            next.start = Some("2022-05-01".parse().expect("a date"));
        }
        measures.push(next);
    }
    scenario(measures)
}

pub fn solve(model: &Armington, scenario: &Scenario, at: Option<Period>) -> Result<Solution> {
    solve_scenario(model, scenario, Options { at, ..Options::default() }, &Stop::default())
}

/// A random baseline under a random scenario with segments.
pub fn random_solution(seed: u64) -> Solution {
    let model = random_model(seed);
    solve(&model, &random_scenario(seed, &model), Some(NEXT)).expect("supply and demand both move")
}

pub fn select(solution: &Solution, terms: &[&str]) -> Selection {
    let terms = terms.iter().map(|term| term.to_string()).collect();
    solution.select(&Selector(terms), &Groups::new()).expect("known countries")
}

/// The words of a column of text or labels.
pub fn words(table: &Table, name: &str) -> Vec<String> {
    match table.columns.iter().find(|(key, _)| *key == name) {
        Some((_, Column::Text(values))) => values.clone(),
        Some((_, Column::Label { codes, labels })) => codes.iter().map(|&code| labels[code as usize].clone()).collect(),
        _ => panic!("the table has no column of words called {name}"),
    }
}

/// A row of the flows as reported.
#[derive(Debug, Clone)]
pub struct Row {
    pub commodity: String,
    pub exporter: String,
    pub importer: String,
    pub value: (f64, f64),
    pub quantity: (f64, f64),
    /// Whether the quantity is one, not money at baseline prices.
    pub known: bool,
}

/// The flows of positive value.
pub fn rows(solution: &Solution) -> Vec<Row> {
    let table = solution.flows();
    let (commodity, exporter, importer) =
        (words(&table, "commodity"), words(&table, "exporter"), words(&table, "importer"));
    let (before, after) = (table.numbers("value_before"), table.numbers("value_after"));
    let (shipped_before, shipped_after) = (table.numbers("quantity_before"), table.numbers("quantity_after"));
    let unit = words(&table, "quantity_unit");
    (0..before.len())
        .filter(|&row| before[row] > 0.0)
        .map(|row| Row {
            commodity: commodity[row].clone(),
            exporter: exporter[row].clone(),
            importer: importer[row].clone(),
            value: (before[row], after[row]),
            quantity: (shipped_before[row], shipped_after[row]),
            known: unit[row] == "t",
        })
        .collect()
}

#[track_caller]
pub fn close(found: f64, wanted: f64, tolerance: f64) {
    let same = found == wanted || found.is_nan() && wanted.is_nan();
    assert!(same || (found - wanted).abs() <= tolerance, "found {found:?}, wanted {wanted:?} to {tolerance:?}");
}
