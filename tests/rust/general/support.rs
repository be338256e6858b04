//! Random tables, and models of them.

use std::sync::Arc;

use ndarray::{Array1, Array2, Array3};
use tradewinds::data::input_output::{InputOutput, Shares};
use tradewinds::data::{Date, Period};
use tradewinds::model::General;
use tradewinds::model::general::nest::Nests;
use tradewinds::model::general::{Deficits, Settings};
use tradewinds::result::GeneralSolution;
use tradewinds::scenario::{Measure, Scenario, Verb};
use tradewinds::solve::Stop;
use tradewinds::{Options, Result, solve_general_each};

/// Numbers in 0..1 (xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Positive shares that sum to 1.
    fn shares(&mut self, count: usize) -> Vec<f64> {
        let raw: Vec<f64> = (0..count).map(|_| 0.1 + self.next()).collect();
        let sum: f64 = raw.iter().sum();
        raw.into_iter().map(|share| share / sum).collect()
    }
}

pub fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|k| format!("{prefix}{k}")).collect()
}

/// Shares of a world whose value added is what its spending pays, with a home share of about `home`.
pub fn shares(n: usize, sectors: usize, home: f64, inputs: bool, tariffs: bool, seed: u64) -> Shares {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut import_share = Array3::zeros((sectors, n, n));
    let mut tariff_power = Array3::ones((sectors, n, n));
    for j in 0..sectors {
        for importer in 0..n {
            for (exporter, share) in random.shares(n).into_iter().enumerate() {
                let own = exporter == importer;
                import_share[[j, importer, exporter]] = (1.0 - home) * share + if own { home } else { 0.0 };
                if tariffs && !own {
                    tariff_power[[j, importer, exporter]] = 1.0 + 0.3 * random.next();
                }
            }
        }
    }
    let value_added_share =
        Array2::from_shape_fn((sectors, n), |_| if inputs { 0.3 + 0.4 * random.next() } else { 1.0 });
    let mut input_share = Array3::zeros((n, sectors, sectors));
    for i in 0..n {
        for j in 0..sectors {
            for (k, share) in random.shares(sectors).into_iter().enumerate() {
                input_share[[i, k, j]] = share * (1.0 - value_added_share[[j, i]]);
            }
        }
    }
    let mut final_share = Array2::zeros((sectors, n));
    for i in 0..n {
        random.shares(sectors).into_iter().enumerate().for_each(|(j, share)| final_share[[j, i]] = share);
    }
    let income: Vec<f64> = (0..n).map(|_| 50.0 + 100.0 * random.next()).collect();
    let mut spending = Array2::from_shape_fn((sectors, n), |(j, i)| final_share[[j, i]] * income[i]);
    let mut output = Array2::<f64>::zeros((sectors, n));
    // The expenditure system by its own series: shares of inputs are below 0.7.
    for _ in 0..300 {
        output = Array2::from_shape_fn((sectors, n), |(j, i)| {
            (0..n).map(|m| import_share[[j, m, i]] * spending[[j, m]] / tariff_power[[j, m, i]]).sum()
        });
        spending = Array2::from_shape_fn((sectors, n), |(k, i)| {
            let used: f64 = (0..sectors).map(|j| input_share[[i, k, j]] * output[[j, i]]).sum();
            used + final_share[[k, i]] * income[i]
        });
    }
    let value_added =
        Array1::from_shape_fn(n, |i| (0..sectors).map(|j| value_added_share[[j, i]] * output[[j, i]]).sum());
    Shares {
        import_share,
        input_share,
        value_added_share,
        final_share,
        value_added,
        tariff_power: tariffs.then_some(tariff_power),
        deficit: None,
    }
}

pub fn table(shares: Shares) -> Arc<InputOutput> {
    let (n, sectors) = (shares.value_added.len(), shares.final_share.nrows());
    Arc::new(InputOutput::new(names("C", n), names("S", sectors), shares).unwrap())
}

pub fn settings(theta: &[f64], deficits: Deficits, nests: Nests) -> Settings {
    Settings {
        trade_elasticity: theta.to_vec(),
        deficits,
        nests,
        period: Period::Year(2014),
        currency: "USD".to_string(),
    }
}

pub fn model(shares: Shares, theta: f64, deficits: Deficits, nests: Nests) -> General {
    let table = table(shares);
    let theta = vec![theta; table.sectors.len()];
    General::new(&table, settings(&theta, deficits, nests), None, &Stop::default()).unwrap()
}

pub fn measure(verb: Verb, exporters: &[&str], importers: &[&str], sectors: &[&str]) -> Measure {
    let terms = |names: &[&str]| tradewinds::scenario::Selector(names.iter().map(|name| name.to_string()).collect());
    Measure {
        exporters: terms(exporters),
        importers: terms(importers),
        commodities: terms(sectors),
        ..Measure::new(verb)
    }
}

pub fn duty(exporters: &[&str], importers: &[&str], rate: f64) -> Measure {
    Measure { rate: Some(rate), ..measure(Verb::Tariff, exporters, importers, &["*"]) }
}

pub fn ban(exporters: &[&str], importers: &[&str], sectors: &[&str]) -> Measure {
    measure(Verb::Ban, exporters, importers, sectors)
}

pub fn scenario(measures: Vec<Measure>) -> Scenario {
    Scenario { name: "test".to_string(), measures, ..Scenario::default() }
}

pub fn solve_at(model: &General, measures: Vec<Measure>, at: Option<Period>) -> Result<GeneralSolution> {
    let options = Options { at, ..Options::default() };
    solve_general_each(model, &[scenario(measures)], options, &Stop::default())?.remove(0)
}

pub fn solve(model: &General, measures: Vec<Measure>) -> Result<GeneralSolution> {
    solve_at(model, measures, None)
}

/// Î/P̂^C − 1 by country, percent.
pub fn real_income(solution: &GeneralSolution) -> Vec<f64> {
    solution.real_income().numbers("real_income").to_vec()
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Largest absolute difference.
pub fn apart(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
