//! Draws of elasticities and sizes of measures.

use ndarray::{Array2, array};
use tradewinds::Error;
use tradewinds::data::Column;
use tradewinds::evidence::sample::{Draws, Uncertain, draws};
use tradewinds::model::General;
use tradewinds::model::general::Deficits;
use tradewinds::model::general::nest::Nests;
use tradewinds::result::ask::Question;
use tradewinds::result::{Answers, GeneralSolution};
use tradewinds::run::pool::set_threads;
use tradewinds::scenario::Measure;
use tradewinds::solve::Stop;

use super::support::*;

const EVERY: [Deficits; 3] = [Deficits::Zero, Deficits::Additive, Deficits::Multiplicative];
const NESTS: Nests = Nests { value_added: 0.6, inputs: 0.2, goods: 1.4 };

fn economy(theta: &[f64], deficits: Deficits, nests: Nests) -> General {
    let table = table(shares(4, 2, 0.6, true, true, 8));
    General::new(&table, settings(theta, deficits, nests), None, &Stop::default()).unwrap()
}

fn measures(rate: f64) -> Vec<Measure> {
    let named = Measure { name: Some("duty".to_string()), ..duty(&["C0"], &["C1", "C2"], rate) };
    vec![named, ban(&["C3"], &["C1"], &["S0"])]
}

fn uncertain(name: &str, measure: Option<&str>, places: &[usize]) -> Uncertain {
    let entries = places.iter().map(|&place| (place, 0)).collect();
    Uncertain { name: name.to_string(), measure: measure.map(str::to_string), entries }
}

fn everything() -> Vec<Uncertain> {
    vec![
        uncertain("trade_elasticity", None, &[0]),
        uncertain("trade_elasticity", None, &[1]),
        uncertain("between_inputs", None, &[0]),
        uncertain("between_inputs", None, &[1]),
        uncertain("between_goods", None, &[2]),
        uncertain("rate", Some("duty"), &[]),
    ]
}

fn numbers(solution: &GeneralSolution) -> Vec<f64> {
    let table = Answers::real_income(solution).unwrap();
    let columns = table.columns.into_iter().filter_map(|(_, column)| match column {
        Column::Number(values) => Some(values),
        _ => None,
    });
    columns.flatten().collect()
}

fn drawn(solution: &GeneralSolution, uncertain: &[Uncertain], values: &Array2<f64>) -> Draws {
    draws(solution, &[Question::RealIncome], uncertain, values.view(), &Stop::default()).unwrap()
}

fn values() -> Array2<f64> {
    array![[5.0, 8.0, 0.6, 0.2, 1.4, 0.3], [3.0, 8.0, 0.6, 0.2, 1.4, 0.3], [9.0, 2.5, 0.1, 0.4, 0.7, 0.05]]
}

#[test]
fn its_own_numbers_are_the_solution_bit_for_bit() {
    for deficits in EVERY {
        let solution = solve(&economy(&[5.0, 8.0], deficits, NESTS), measures(0.3)).unwrap();
        let found = drawn(&solution, &everything(), &values());
        let bits = |numbers: Vec<f64>| -> Vec<u64> { numbers.into_iter().map(f64::to_bits).collect() };
        assert_eq!(bits(found.answers.row(0).to_vec()), bits(numbers(&solution)), "{deficits:?}");
        assert_eq!(found.converged, array![[true], [true], [true]]);
    }
}

#[test]
fn a_draw_is_what_a_model_of_its_numbers_answers() {
    for deficits in EVERY {
        let solution = solve(&economy(&[5.0, 8.0], deficits, NESTS), measures(0.3)).unwrap();
        let found = drawn(&solution, &everything(), &values());
        for (row, own) in values().rows().into_iter().zip(found.answers.rows()) {
            let nests = Nests { value_added: row[2], inputs: row[3], goods: row[4] };
            let alone = solve(&economy(&[row[0], row[1]], deficits, nests), measures(row[5])).unwrap();
            // Incomes of order 100 and percent; two searches of a baseline, each to 1e-12 in logs. Without deficits
            // the baseline is found anew and is the same.
            let near = if deficits == Deficits::Zero { 0.0 } else { 1e-9 };
            assert!(apart(own.as_slice().unwrap(), &numbers(&alone)) <= near, "{deficits:?}");
        }
    }
}

#[test]
fn the_baseline_moves_only_where_it_depends_on_elasticities() {
    for deficits in EVERY {
        let model = economy(&[5.0, 8.0], deficits, NESTS);
        let other = model.with_elasticities(vec![3.0, 8.0], NESTS, &Stop::default()).unwrap();
        let value = |model: &General| model.baseline.flows.rows().value.clone();
        assert_eq!(value(&model) == value(&other), deficits != Deficits::Zero);
        assert_eq!(model.is_rebalanced(), deficits == Deficits::Zero);
        assert_eq!(other.economy.trade_elasticity, [3.0, 8.0]);
        assert_ne!(other.economy.wage_elasticity, model.economy.wage_elasticity);
        // Nothing happens without measures, at any elasticity.
        let change = real_income(&solve(&other, Vec::new()).unwrap());
        assert!(change.iter().all(|change| change.abs() < 1e-9), "{deficits:?}");
    }
}

#[test]
fn threads_change_no_bit() {
    let solution = solve(&economy(&[5.0, 8.0], Deficits::Zero, NESTS), measures(0.3)).unwrap();
    let rows: Vec<f64> = (0..30).flat_map(|k| [3.0 + 0.2 * k as f64, 8.0, 0.6, 0.2, 1.4, 0.3]).collect();
    let values = Array2::from_shape_vec((30, 6), rows).unwrap();
    let found: Vec<Draws> = [1, 2, 4, 7]
        .into_iter()
        .map(|threads| {
            set_threads(threads);
            drawn(&solution, &everything(), &values)
        })
        .collect();
    assert!(found.iter().all(|one| *one == found[0]));
}

#[test]
fn what_can_not_be_is_said() {
    let solution = solve(&economy(&[5.0, 8.0], Deficits::Additive, NESTS), measures(0.3)).unwrap();
    let theta = [uncertain("trade_elasticity", None, &[1])];
    let found = drawn(&solution, &theta, &array![[0.0], [f64::INFINITY], [4.0]]);
    assert_eq!(found.converged, array![[false], [false], [true]]);
    assert!(found.reasons[0].2.contains("the trade elasticity of S1 is 0"), "{:?}", found.reasons);
    let unknown = [uncertain("substitution", None, &[0])];
    let found = drawn(&solution, &unknown, &array![[4.0]]);
    assert!(found.reasons[0].2.contains("'substitution' is no number of this model"), "{:?}", found.reasons);
    let stop = Stop::default();
    stop.request();
    let stopped = draws(&solution, &[Question::RealIncome], &theta, array![[4.0]].view(), &stop);
    assert!(matches!(stopped, Err(Error::Interrupted)));
}

#[test]
fn inputs_tell_models_apart_and_not_scenarios() {
    let inputs =
        |theta: f64, deficits, rate| solve(&economy(&[theta, 8.0], deficits, NESTS), measures(rate)).unwrap().inputs();
    let given = inputs(5.0, Deficits::Zero, 0.3);
    assert_eq!(given, inputs(5.0, Deficits::Zero, 0.4));
    assert_ne!(given, inputs(5.0 + 1e-15, Deficits::Zero, 0.3));
    assert_ne!(given, inputs(5.0, Deficits::Additive, 0.3));
    assert_ne!(inputs(5.0, Deficits::Additive, 0.3), inputs(5.0, Deficits::Multiplicative, 0.3));
}
