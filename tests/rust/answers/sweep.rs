//! Many scenarios at once come out as each does alone.

use tradewinds::data::{Column, Table};
use tradewinds::result::Solution;
use tradewinds::run::pool::set_threads;
use tradewinds::scenario::{Measure, Scenario, Verb};
use tradewinds::solve::Stop;
use tradewinds::{Error, Options, solve_scenarios};

use crate::answers::support::{NEXT, ban, measure, model, random_model, random_scenario, scenario, solve};

/// Every number of a table, as bits.
fn bits(table: &Table) -> Vec<u64> {
    let of = |column: &Column| match column {
        Column::Number(values) => values.iter().map(|value| value.to_bits()).collect(),
        Column::Count(values) => values.iter().map(|value| *value as u64).collect(),
        Column::Flag(values) => values.iter().map(|value| u64::from(*value)).collect(),
        Column::Text(_) | Column::Label { .. } => Vec::new(),
    };
    table.columns.iter().flat_map(|(_, column)| -> Vec<u64> { of(column) }).collect()
}

fn answers(solution: &Solution) -> Vec<Vec<u64>> {
    [
        solution.flows(),
        solution.prices(),
        solution.wedges(),
        solution.quotas(),
        solution.closed(),
        solution.certificate(),
    ]
    .iter()
    .map(bits)
    .collect()
}

#[test]
fn a_sweep_equals_single_solves_bit_for_bit_on_any_number_of_threads() {
    for seed in 0..12 {
        let model = random_model(seed);
        let scenarios: Vec<Scenario> = (0..8).map(|member| random_scenario(100 * seed + member, &model)).collect();
        for at in [None, Some(NEXT)] {
            let options = Options { at, ..Options::default() };
            for threads in [1, 3] {
                set_threads(threads);
                let swept = solve_scenarios(&model, &scenarios, options, &Stop::default()).unwrap();
                assert_eq!(swept.len(), scenarios.len());
                for (scenario, found) in scenarios.iter().zip(swept) {
                    let (found, alone) = (found.unwrap(), solve(&model, scenario, at).unwrap());
                    assert_eq!(answers(&found), answers(&alone));
                    assert_eq!(found.status(), alone.status());
                }
            }
        }
    }
}

#[test]
fn first_order_sweeps_too() {
    let model = random_model(1);
    let duty = |rate| scenario(vec![Measure { rate: Some(rate), ..measure(Verb::Tariff, "C0", "*") }]);
    let options = Options { first_order: true, ..Options::default() };
    let scenarios = [duty(0.1), duty(0.2)];
    let swept = solve_scenarios(&model, &scenarios, options, &Stop::default()).unwrap();
    for (scenario, found) in scenarios.iter().zip(swept) {
        let alone = tradewinds::solve_scenario(&model, scenario, options, &Stop::default()).unwrap();
        assert_eq!(answers(&found.unwrap()), answers(&alone));
    }
}

#[test]
fn a_member_that_fails_is_no_other_members_business() {
    // With fixed supply and demand only the whole market balances; nothing clears a part of it.
    let flows = [(0, 0, 1, 0, 10.0, 5.0), (0, 2, 1, 0, 10.0, 5.0), (0, 2, 3, 0, 10.0, 5.0)];
    let rigid = model(4, 1, &flows, [4.0, 0.0, 0.0]);
    let moving = model(4, 1, &flows, [4.0, -0.5, 0.5]);
    let scenarios = [scenario(vec![ban("C0", "C1")]), scenario(vec![ban("NOWHERE", "C1")]), scenario(vec![])];
    let swept = solve_scenarios(&moving, &scenarios, Options::default(), &Stop::default()).unwrap();
    assert!(swept[0].is_ok() && swept[2].is_ok());
    assert!(matches!(&swept[1], Err(Error::Scenario(message)) if message.contains("NOWHERE")));
    let swept = solve_scenarios(&rigid, &scenarios, Options::default(), &Stop::default()).unwrap();
    assert!(matches!(&swept[0], Err(Error::Infeasible { countries, .. }) if !countries.is_empty()));
    assert!(matches!(&swept[1], Err(Error::Scenario(_))));
}

#[test]
fn nothing_to_solve_is_an_empty_list() {
    assert!(solve_scenarios(&random_model(1), &[], Options::default(), &Stop::default()).unwrap().is_empty());
}

#[test]
fn a_stop_ends_the_whole_sweep() {
    let (model, stop) = (random_model(1), Stop::default());
    stop.request();
    let scenarios = [random_scenario(1, &model), random_scenario(2, &model)];
    let swept = solve_scenarios(&model, &scenarios, Options::default(), &stop);
    assert!(matches!(swept, Err(Error::Interrupted)));
}
