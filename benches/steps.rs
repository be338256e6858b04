//! Where the time of a solve goes: the steps of the Armington kernel, one thread, no Python.
//!
//!     cargo bench --bench steps
//!
//! The synthetic markets are as in `kernel.py`: 100 commodities of 230 countries, a ban and a duty. Each
//! figure is the best of the runs, in microseconds a commodity.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use ndarray::Array2;
use tradewinds::data::{Adjusting, Baseline, Duplicates, Elasticities, FlowRows, Flows, Labels, Period, Units};
use tradewinds::model::armington::market::Open;
use tradewinds::model::armington::price_map::PriceMap;
use tradewinds::model::{Armington, Model};
use tradewinds::result::Solved;
use tradewinds::scenario::compile::compile;
use tradewinds::scenario::{Exposure, Measure, Scenario, Verb, Wedges};
use tradewinds::solve::Stop;
use tradewinds::solve::matrix::Pattern;

const COUNTRIES: usize = 230;
const COMMODITIES: usize = 100;
const RUNS: usize = 30;
const STEPS: [&str; 8] = [
    "compile",
    "open rows",
    "matrices",
    "one evaluation",
    "solve, all of it",
    "certificate",
    "product, warm",
    "transposed, warm",
];
/// Products are too short to be timed one by one.
const AGAIN: usize = 20;

/// Xorshift numbers in 0..1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Log-normal of sum-of-uniforms normals.
    fn value(&mut self) -> f64 {
        1e6 * ((0..12).map(|_| self.next()).sum::<f64>() - 6.0).exp()
    }
}

fn model(filled: f64) -> Armington {
    let mut random = Random(88_172_645_463_325_252);
    let mut rows = FlowRows::default();
    for commodity in 0..COMMODITIES as u32 {
        for (exporter, importer) in (0..COUNTRIES as u32).flat_map(|i| (0..COUNTRIES as u32).map(move |j| (i, j))) {
            if exporter != importer && random.next() < filled {
                rows.period.push(0);
                rows.commodity.push(commodity);
                rows.exporter.push(exporter);
                rows.importer.push(importer);
                rows.value.push(random.value());
                rows.quantity.push(f64::NAN);
            }
        }
    }
    let labels = |letter: &str, count: usize| Labels::new((0..count).map(|place| format!("{letter}{place:03}")));
    let units = Units { currency: "USD".into(), quantity: vec!["t".into(); COMMODITIES] };
    let (countries, commodities) = (labels("C", COUNTRIES), labels("K", COMMODITIES));
    let shape = (COMMODITIES, COUNTRIES);
    let (demand, supply) = (Array2::from_elem(shape, -0.5), Array2::from_elem(shape, 0.1));
    let elasticities =
        Elasticities { substitution: vec![6.0; COMMODITIES], demand, supply, adjusting: Adjusting::default() };
    let year = Period::Year(2021);
    let flows = Flows::new(countries, commodities, vec![year], None, units, rows, Duplicates::Raise);
    let baseline = Baseline::new(Arc::new(flows.expect("sound flows")), year, None).expect("a sound baseline");
    Armington { baseline: Arc::new(baseline), elasticities: Arc::new(elasticities) }
}

fn scenario() -> Scenario {
    let mut ban = Measure::new(Verb::Ban);
    ban.exporters = ["C001"].into();
    ban.importers = ["C000", "C001", "C002", "C003", "C004"].into();
    let mut duty = Measure::new(Verb::Tariff);
    duty.exporters = ["C002"].into();
    duty.rate = Some(0.3);
    Scenario { name: "steps".into(), measures: vec![ban, duty], ..Scenario::default() }
}

/// What a step gives, and the seconds it took added to `spent`.
fn timed<T>(spent: &mut f64, step: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let found = black_box(step());
    *spent += begun.elapsed().as_secs_f64();
    found
}

fn run(model: &Armington, scenario: &Scenario) -> [f64; STEPS.len()] {
    let mut spent = [0.0; STEPS.len()];
    let support = Armington::support(false);
    let compiled = timed(&mut spent[0], || {
        compile(scenario, &model.baseline, None, Exposure::Segments, &support, &|| false).expect("it compiles")
    });
    for (commodity, wedges) in compiled.tasks() {
        let market = model.baseline.market(commodity);
        let open = timed(&mut spent[1], || Open::of(&market, wedges, COUNTRIES));
        let mut map = timed(&mut spent[2], || PriceMap::new(model, commodity, &market, wedges, &open));
        let (x, mut image) = (vec![0.0; open.exporters.len()], vec![0.0; open.exporters.len()]);
        timed(&mut spent[3], || map.apply(&x, &mut image));
        drop(map);
        drop(open);
        let found = timed(&mut spent[4], || model.solve(commodity, wedges, None, &Stop::default()));
        timed(&mut spent[5], || Solved::new(model, commodity, wedges, found.expect("it solves")));
    }
    compiled.tasks().for_each(|(commodity, wedges)| products(model, commodity, wedges, &mut spent));
    spent
}

/// The two products with a matrix that the caches hold.
fn products(model: &Armington, commodity: usize, wedges: &Wedges, spent: &mut [f64; STEPS.len()]) {
    let market = model.baseline.market(commodity);
    let open = Open::of(&market, wedges, COUNTRIES);
    let pattern = Pattern::new(open.importers.len(), open.starts.clone(), open.importer_of(&market));
    let values = pattern.values(|place| market.value[open.rows[place] as usize]);
    let (mut across, mut down) = (vec![1.0; open.exporters.len()], vec![1.0; open.importers.len()]);
    pattern.times(&values, &down, &mut across);
    let mut took = [0.0; 2];
    timed(&mut took[0], || (0..AGAIN).for_each(|_| pattern.times(black_box(&values), &down, &mut across)));
    timed(&mut took[1], || (0..AGAIN).for_each(|_| pattern.transposed_times(black_box(&values), &across, &mut down)));
    spent[6..].iter_mut().zip(took).for_each(|(spent, took)| *spent += took / AGAIN as f64);
}

fn main() {
    for filled in [0.115, 0.95] {
        let (model, scenario) = (model(filled), scenario());
        let mut best = [f64::INFINITY; STEPS.len()];
        for _ in 0..RUNS {
            best.iter_mut().zip(run(&model, &scenario)).for_each(|(best, spent)| *best = best.min(spent));
        }
        println!("{:.1} % filled:", 100.0 * filled);
        for (step, seconds) in STEPS.iter().zip(best) {
            println!("  {step:<18}{:7.1} us", 1e6 * seconds / COMMODITIES as f64);
        }
    }
}
