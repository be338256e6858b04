//! The servant that asks the finished road about observations and about itself, on random problems.

use ndarray::array;
use proptest::prelude::*;
use tradewinds::Options;
use tradewinds::data::Period;
use tradewinds::data::labels::Labels;
use tradewinds::evidence::decomposition::{self, decompose};
use tradewinds::evidence::derivative::derivative;
use tradewinds::evidence::inversion::{Normalisation, invert};
use tradewinds::evidence::parameter::Asked;
use tradewinds::evidence::sample::{Uncertain, draws};
use tradewinds::evidence::shapley::{Method, attribution};
use tradewinds::result::ask::Question;
use tradewinds::scenario::{Measure, Scenario, ScheduleRow, Selector, Verb};
use tradewinds::solve::Stop;

use crate::support::{BASELINE, Problem, Rigid, ban, cases, message, problems, scenario, tariff, words};

fn some(terms: &[&str]) -> Selector {
    Selector(terms.iter().map(|term| term.to_string()).collect())
}

/// Four measures that meet whatever the problem has.
fn measures() -> Scenario {
    let named = |name: &str, measure: Measure| Measure { name: Some(name.to_string()), ..measure };
    let partly = Measure { coverage: Some(0.6), ..ban("*", "C0") };
    let cost = Measure { exporters: some(&["C1", "C0"]), change: Some(0.1), ..Measure::new(Verb::TradeCost) };
    let shift = Measure { importers: some(&["C0"]), demand: Some(0.7), ..Measure::new(Verb::Shift) };
    scenario(vec![
        named("partly", partly),
        named("duty", tariff("C0", "*", 0.3)),
        named("cost", cost),
        named("shift", shift),
    ])
}

fn asked(name: &str, measure: Option<&str>) -> Asked {
    Asked {
        label: name.to_string(),
        name: name.to_string(),
        commodity: Selector::default(),
        country: Selector::default(),
        measure: measure.map(str::to_string),
    }
}

/// Two countries or more, so that the measures find their names.
fn wide(problem: &Problem) -> bool {
    problem.names.len() > 1
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn shapley_values_add_up(problem in problems(4, Rigid::OneSide)) {
        prop_assume!(wide(&problem));
        let whole = measures();
        let value = |scenario: &Scenario| {
            let flows = problem.solve_with(scenario, Options::default()).unwrap().flows();
            flows.numbers("value_after").to_vec()
        };
        let (full, none) = (value(&whole), value(&Scenario::default()));
        for method in [Method::Exact, Method::Sampled { permutations: 3, seed: 5 }] {
            let solution = problem.solve_with(&whole, Options::default()).unwrap();
            let found = attribution(&solution, &Question::Flows, method, &Stop::default()).unwrap().unwrap();
            prop_assert_eq!(found.standard_error.is_some(), method != Method::Exact);
            let values = found.value.numbers("value_after");
            let largest = none.iter().copied().fold(0.0, f64::max);
            for row in 0..full.len() {
                let sum: f64 = (0..4).map(|m| values[m * full.len() + row]).sum();
                // The same solves on both sides: only sums round.
                prop_assert!((sum - (full[row] - none[row])).abs() <= 1e-12 * largest.max(1.0));
            }
        }
    }

    #[test]
    fn derivatives_are_the_limit_of_solves(problem in problems(4, Rigid::OneSide)) {
        prop_assume!(wide(&problem));
        let scenario = measures();
        let solution = problem.solve_with(&scenario, Options::default()).unwrap();
        prop_assume!(solution.status().converged && solution.status().modulus < 0.99);
        for (measure, name, place) in [("partly", "coverage", 0), ("duty", "rate", 1), ("cost", "change", 2), ("shift", "demand", 3)] {
            let found = derivative(&solution, &Question::Flows, &[asked(name, Some(measure))], &Stop::default()).unwrap();
            let moved = |by: f64| {
                let mut other = scenario.clone();
                let at = other.measures[place].number(name).unwrap();
                other.measures[place].set_number(name, at + by);
                problem.solve_with(&other, Options::default()).unwrap().flows().numbers("value_after").to_vec()
            };
            const STEP: f64 = 1e-3;
            let points = [moved(STEP), moved(-STEP), moved(2.0 * STEP), moved(-2.0 * STEP)];
            let level = points[0].iter().copied().fold(0.0, f64::max);
            let found = found.numbers("value_after");
            let wanted: Vec<f64> = (0..found.len())
                .map(|row| (8.0 * (points[0][row] - points[1][row]) - points[2][row] + points[3][row]) / (12.0 * STEP))
                .collect();
            let largest = wanted.iter().map(|slope| slope.abs()).fold(0.0, f64::max);
            for (found, wanted) in found.iter().zip(&wanted) {
                // Solves to 1e-12 / (1 − modulus) over the step, and the fourth power of the step.
                prop_assert!((found - wanted).abs() <= 1e-6 * largest + 1e-7 * level, "{measure}: {found} {wanted}");
            }
        }
    }

    #[test]
    fn inverting_what_a_scenario_made_and_solving_again_returns_it(problem in problems(4, Rigid::OneSide)) {
        let mut calm = problem.clone();
        // Shifts to 0 close whole countries, and what is closed has no wedge to find.
        calm.supply_shift.iter_mut().flatten().for_each(|shift| *shift = shift.max(0.5));
        calm.demand_shift.iter_mut().flatten().for_each(|shift| *shift = shift.max(0.5));
        calm.cells.iter_mut().for_each(|cell| cell.tariff_add = 0.0);
        let after = calm.solve().unwrap();
        prop_assume!(after.status().converged);
        let values = after.flows().numbers("value_after").to_vec();
        let mut observed = calm.clone();
        let names = |table: &tradewinds::data::Table, name: &str| words(table, name);
        let table = after.flows();
        let keys: Vec<(String, String, String)> = (0..values.len())
            .map(|row| (names(&table, "commodity")[row].clone(), names(&table, "exporter")[row].clone(), names(&table, "importer")[row].clone()))
            .collect();
        for cell in &mut observed.cells {
            let key = (calm.goods[cell.k].clone(), calm.names[cell.i].clone(), calm.names[cell.j].clone());
            cell.value = values[keys.iter().position(|known| *known == key).unwrap()];
            cell.quantity = f64::NAN;
        }
        let found = invert(&calm.model(), &observed.flows(), BASELINE, Normalisation::Prices, false).unwrap();
        let (coverage, cost) = (found.wedges.numbers("coverage"), found.wedges.numbers("cost_change"));
        let schedule = (0..coverage.len())
            .map(|row| ScheduleRow {
                exporter: words(&found.wedges, "exporter")[row].clone(),
                importer: words(&found.wedges, "importer")[row].clone(),
                commodity: words(&found.wedges, "commodity")[row].clone(),
                coverage: Some(coverage[row]),
                tariff_add: None,
                tariff_to: None,
                export_tax_add: None,
                cost_change: cost[row].is_finite().then_some(cost[row]),
            })
            .collect();
        let mut measures = Vec::new();
        for row in 0..found.shifts.numbers("supply_shift").len() {
            let on = |verb: Measure| Measure { commodities: some(&[&words(&found.shifts, "commodity")[row]]), ..verb };
            let country = some(&[&words(&found.shifts, "country")[row]]);
            let (supply, demand) = (found.shifts.numbers("supply_shift")[row], found.shifts.numbers("demand_shift")[row]);
            if supply.is_finite() && supply != 1.0 {
                measures.push(on(Measure { exporters: country.clone(), supply: Some(supply), ..Measure::new(Verb::Shift) }));
            }
            if demand.is_finite() && demand != 1.0 {
                measures.push(on(Measure { importers: country, demand: Some(demand), ..Measure::new(Verb::Shift) }));
            }
        }
        let again = calm.solve_with(&Scenario { schedule, measures, ..Scenario::default() }, Options::default()).unwrap();
        for (found, wanted) in again.flows().numbers("value_after").iter().zip(&values) {
            // Prices of 1 are solved to 1e-12 over 1 − modulus, which σ multiplies.
            prop_assert!((found - wanted).abs() <= 1e-8 * wanted, "{found} {wanted}");
        }
    }

    #[test]
    fn decompositions_add_up(problem in problems(5, Rigid::OneSide), drop in any::<u64>()) {
        let mut other = problem.clone();
        for (place, cell) in other.cells.iter_mut().enumerate() {
            cell.value *= [0.0, 0.5, 1.0, 7.0][(drop >> (2 * (place % 32)) & 3) as usize];
        }
        other.cells.iter_mut().for_each(|cell| cell.quantity = f64::NAN);
        prop_assume!(problem.cells.iter().any(|cell| cell.i != cell.j));
        for method in [decomposition::Method::ConstantMarketShare, decomposition::Method::LogMeanDivisia] {
            let found = decompose(&problem.flows(), &other.flows(), method, true).unwrap();
            let of = |name: &str| found.numbers(name);
            for row in 0..of("change").len() {
                let sum = of("structure")[row] + of("competitiveness")[row] + of("interaction")[row];
                let size = of("before")[row].max(of("after")[row]);
                prop_assert!((sum - of("change")[row]).abs() <= 1e-10 * size);
            }
        }
    }
}

#[test]
fn an_empty_scenario_has_nothing_to_attribute_to() {
    let problem = Problem::matrix(&["C0", "C1"], &[&[0.0, 5.0], &[4.0, 0.0]], 4.0, -0.5, 0.3);
    let solution = problem.solve_with(&Scenario::default(), Options::default()).unwrap();
    let found = attribution(&solution, &Question::Flows, Method::Exact, &Stop::default());
    assert!(message(found).contains("no measures"));
}

#[test]
fn a_request_to_stop_interrupts() {
    let problem = Problem::matrix(&["C0", "C1"], &[&[0.0, 5.0], &[4.0, 0.0]], 4.0, -0.5, 0.3);
    let stop = Stop::default();
    stop.request();
    let solution = problem.solve_with(&measures(), Options::default()).unwrap();
    let found = attribution(&solution, &Question::Flows, Method::Exact, &stop);
    assert_eq!(found.err(), Some(tradewinds::Error::Interrupted));
    let found = derivative(&solution, &Question::Flows, &[asked("substitution", None)], &stop);
    assert_eq!(found.err(), Some(tradewinds::Error::Interrupted));
}

#[test]
fn another_period_and_other_commodities_are_refused() {
    let problem = Problem::matrix(&["C0", "C1"], &[&[0.0, 5.0], &[4.0, 0.0]], 4.0, -0.5, 0.3);
    let model = problem.model();
    let late = invert(&model, &problem.flows(), Period::Year(2030), Normalisation::Prices, false);
    assert!(message(late).contains("no period 2030"));
    let mut other = problem.flows();
    other.commodities = Labels::new(["gas"]);
    let wrong = invert(&model, &other, BASELINE, Normalisation::Prices, false);
    assert!(message(wrong).contains("only in the baseline: oil"));
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn a_draw_is_the_solve_with_its_numbers(problem in problems(4, Rigid::OneSide), coverage in 0.1..0.9) {
        prop_assume!(wide(&problem));
        let whole = measures();
        let solution = problem.solve_with(&whole, Options::default()).unwrap();
        let uncertain = |name: &str, measure: Option<&str>, entries| {
            Uncertain { name: name.to_string(), measure: measure.map(str::to_string), entries }
        };
        let numbers =
            [uncertain("coverage", Some("partly"), vec![]), uncertain("substitution", None, vec![(0, 0)])];
        let sigma = problem.model().elasticities.substitution[0];
        let values = array![[coverage, sigma], [0.6, sigma], [0.6, 4.5]];
        let found = draws(&solution, &[Question::Flows], &numbers, values.view(), &Stop::default()).unwrap();
        let rows = solution.flows().numbers("value_after").len();
        let after = |draw: usize| found.answers.row(draw).slice(ndarray::s![rows..2 * rows]).to_vec();

        let mut other = whole.clone();
        other.measures[0].set_number("coverage", coverage);
        let fresh = problem.solve_with(&other, Options::default()).unwrap();
        // The same solves from the same start: bit for bit.
        prop_assert_eq!(after(0), fresh.flows().numbers("value_after").to_vec());
        prop_assert_eq!(after(1), solution.flows().numbers("value_after").to_vec());
        prop_assert!(found.reasons.is_empty() && found.converged.iter().all(|converged| *converged));
    }
}

#[test]
fn draws_say_what_failed_and_what_is_no_number() {
    let problem = Problem::matrix(&["A", "B"], &[&[0.0, 2.0], &[1.0, 0.0]], 5.0, -0.5, 0.5);
    let cut = |rate| Measure { name: Some("cut".to_string()), ..tariff("A", "B", rate) };
    let solution = problem.solve_with(&scenario(vec![cut(-0.5)]), Options::default()).unwrap();
    let of = |name: &str, measure: Option<&str>| {
        [Uncertain { name: name.to_string(), measure: measure.map(str::to_string), entries: vec![(0, 0)] }]
    };
    let values = array![[-0.5], [-1.0], [0.2]];
    let found =
        draws(&solution, &[Question::Prices], &of("rate", Some("cut")), values.view(), &Stop::default()).unwrap();
    assert_eq!(found.converged, array![[true], [false], [true]]);
    assert_eq!(found.reasons.len(), 1);
    assert_eq!(found.reasons[0].0, 1);
    assert!(found.answers.row(1).iter().all(|value| value.is_nan()));
    for wrong in [of("rate", Some("other")), of("coverage", Some("cut")), of("freight", None)] {
        let refused = draws(&solution, &[Question::Prices], &wrong, values.view(), &Stop::default()).unwrap();
        assert!(
            refused.reasons.iter().all(|(_, _, reason)| reason.contains("can be uncertain")),
            "{:?}",
            refused.reasons
        );
    }
    let stop = Stop::default();
    stop.request();
    let stopped = draws(&solution, &[Question::Prices], &of("rate", Some("cut")), values.view(), &stop);
    assert!(matches!(stopped, Err(tradewinds::Error::Interrupted)));
}
