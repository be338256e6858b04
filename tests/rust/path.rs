//! The road taken period by period.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{Array2, array};
use proptest::prelude::*;
use tradewinds::data::{Adjusting, Column, Date, Horizon, Period};
use tradewinds::evidence::sample::paths::PathCase;
use tradewinds::evidence::sample::{Uncertain, draws};
use tradewinds::model::Armington;
use tradewinds::result::{Question, Solution};
use tradewinds::run::pool::set_threads;
use tradewinds::scenario::schedule::{check_consecutive, cut, share_in_force};
use tradewinds::scenario::{Measure, Scenario, Selector, Verb};
use tradewinds::solve::Stop;
use tradewinds::{Error, Journey, Options, Result, load_solution, solve_path, solve_scenario};

use crate::support::Problem;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

fn selector(term: &str) -> Selector {
    Selector(vec![term.to_string()])
}

fn duty(exporter: &str, rate: f64, start: Option<&str>, end: Option<&str>) -> Measure {
    Measure {
        exporters: selector(exporter),
        rate: Some(rate),
        start: start.map(day),
        end: end.map(day),
        ..Measure::new(Verb::Tariff)
    }
}

fn scenario(measures: Vec<Measure>) -> Scenario {
    Scenario { name: "dated".to_string(), measures, ..Scenario::default() }
}

fn three() -> Problem {
    Problem::matrix(&["A", "B", "C"], &[&[0.0, 50.0, 20.0], &[30.0, 0.0, 60.0], &[15.0, 25.0, 0.0]], 4.0, -0.3, 0.4)
}

/// All three elasticities of `three` adjust.
fn adjusting() -> Armington {
    let model = three().model();
    let flows = model.baseline.flows.clone();
    let horizon = |long: f64, half_life: f64, columns: usize| {
        let table = |value| Array2::from_elem((1, columns), value);
        Some(Horizon { long: table(long), half_life: table(half_life) })
    };
    let adjusting =
        Adjusting { substitution: horizon(7.0, 1.5, 1), demand: horizon(-0.9, 2.0, 3), supply: horizon(1.6, 0.7, 3) };
    let elasticities = (*model.elasticities).clone();
    let elasticities = elasticities.with_adjusting(adjusting, &flows.commodities, &flows.countries).unwrap();
    Armington { elasticities: Arc::new(elasticities), ..model }
}

fn path(model: &Armington, scenario: &Scenario, periods: &[&str]) -> Vec<Solution> {
    let periods: Vec<Period> = periods.iter().map(|text| period(text)).collect();
    let found = solve_path(model, scenario, &periods, false, &Stop::default(), &|_, _| {}).unwrap();
    found.into_iter().collect::<Result<_>>().unwrap()
}

fn bits(solutions: &[Solution]) -> Vec<u64> {
    let numbers = |solution: &Solution| {
        let (flows, shifts) = (solution.flows(), tradewinds::result::shifts::shifts(solution));
        [flows.numbers("value_after"), shifts.numbers("supply_shift"), shifts.numbers("demand_shift")].concat()
    };
    solutions.iter().flat_map(numbers).map(f64::to_bits).collect()
}

#[test]
fn a_period_leads_to_the_next_and_back() {
    for (before, after) in [
        ("2023", "2024"),
        ("2023Q4", "2024Q1"),
        ("2024Q1", "2024Q2"),
        ("2023-12", "2024-01"),
        ("2024-02", "2024-03"),
        ("2024-02-28", "2024-02-29"),
        ("2023-12-31", "2024-01-01"),
    ] {
        assert_eq!(period(before).next(), period(after));
        assert_eq!(period(after).previous(), period(before));
        assert_eq!(period(before).last_day().next(), period(after).first_day());
    }
}

#[test]
fn lengths_are_shares_of_calendar_years() {
    let dated = scenario(vec![duty("A", 0.1, Some("2024-02-29"), Some("2024-02-29"))]);
    let years = |text: &str| -> Vec<f64> { cut(&dated, period(text), &[]).iter().map(|s| s.years()).collect() };
    assert_eq!(years("2023"), [1.0]);
    assert_eq!(years("2024"), [59.0 / 366.0, 1.0 / 366.0, 306.0 / 366.0]);
    assert_eq!(years("2024-02"), [28.0 / 366.0, 1.0 / 366.0]);
    assert_eq!(years("2023-02"), [28.0 / 365.0]);
    assert_eq!(share_in_force(&dated, period("2024-02")), [1.0 / 29.0]);
    assert_eq!(share_in_force(&dated, period("2024")), [1.0 / 366.0]);
    assert_eq!(share_in_force(&dated, period("2023")), [0.0]);
}

#[test]
fn what_does_not_follow_on_each_other_is_no_path() {
    let check = |texts: &[&str]| check_consecutive(&texts.iter().map(|text| period(text)).collect::<Vec<_>>());
    assert_eq!(check(&["2021", "2022", "2023"]), Ok(()));
    assert_eq!(check(&["2021-12"]), Ok(()));
    for (texts, says) in [
        (&[][..], "there are no periods"),
        (&["2021", "2023"], "2022 is missing"),
        (&["2021Q4", "2021Q3"], "2021Q3 does not come after 2021Q4"),
        (&["2021", "2021-01"], "2021 is a year, 2021-01 a month"),
        (&["2021-01-01"], "is a day"),
    ] {
        let Err(Error::Scenario(message)) = check(texts) else { panic!("{texts:?} were taken") };
        assert!(message.contains(says), "{message}");
    }
}

#[test]
fn a_path_compiles_to_what_each_period_compiles_to() {
    let model = three().model();
    let dated = scenario(vec![
        duty("A", 0.2, Some("2023-02-10"), Some("2024-02-29")),
        duty("B", 0.1, Some("2023-08-01"), None),
        Measure { phase: vec![(day("2023-02-10"), 0.5), (day("2024-03-01"), 1.0)], ..duty("C", 0.3, None, None) },
    ]);
    for (text, found) in ["2022", "2023", "2024"].iter().zip(path(&model, &dated, &["2022", "2023", "2024"])) {
        let options = Options { at: Some(period(text)), ..Options::default() };
        let single = solve_scenario(&model, &dated, options, &Stop::default()).unwrap();
        assert_eq!(found.compiled, single.compiled, "{text}");
        assert_eq!(found.options, single.options);
        assert_eq!(bits(std::slice::from_ref(&found)), bits(std::slice::from_ref(&single)));
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let dated = scenario(vec![duty("A", 0.2, Some("2022-02-10"), None)]);
    let model = adjusting();
    let quarters = ["2022Q1", "2022Q2", "2022Q3", "2022Q4"];
    let on = |threads: usize| {
        set_threads(threads);
        bits(&path(&model, &dated, &quarters))
    };
    let one = on(1);
    for threads in [2, 4, 7] {
        assert_eq!(on(threads), one, "{threads} threads");
    }
}

#[test]
fn a_saved_period_is_read_with_its_history() {
    let dated = scenario(vec![duty("A", 0.2, Some("2022-02-10"), Some("2022-05-20"))]);
    let found = path(&adjusting(), &dated, &["2022Q1", "2022Q2", "2022Q3"]);
    for solution in &found {
        let bytes = solution.to_bytes("{}", &Stop::default()).unwrap();
        let (again, _) = load_solution(std::io::Cursor::new(bytes), "here", &Stop::default()).unwrap();
        assert_eq!(again.compiled, solution.compiled);
        assert_eq!(bits(&[again]), bits(std::slice::from_ref(solution)));
    }
}

#[test]
fn progress_counts_every_solve_and_a_stop_is_heard() {
    let dated = scenario(vec![duty("A", 0.2, Some("2023-02-10"), None)]);
    let (done, all) = (AtomicU64::new(0), AtomicU64::new(0));
    let watch = |now: u64, total: u64| {
        done.fetch_max(now, Ordering::Relaxed);
        all.store(total, Ordering::Relaxed);
    };
    let periods = [period("2023"), period("2024")];
    solve_path(&adjusting(), &dated, &periods, false, &Stop::default(), &watch).unwrap();
    // 2022 on the way, two stretches of 2023, one of 2024.
    assert_eq!((done.into_inner(), all.into_inner()), (4, 4));
    let stop = Stop::default();
    stop.request();
    let stopped = solve_path(&adjusting(), &dated, &periods, false, &stop, &|_, _| {});
    assert_eq!(stopped.err(), Some(Error::Interrupted));
}

proptest! {
    /// However a stretch is cut, at prices that stay nothing is lost: ln k tends to gap · ln p alike.
    #[test]
    fn speeds_of_parts_make_that_of_the_whole(half_life in 0.05..20.0, first in 0.001..1.0, second in 0.001..1.0) {
        let table = |value: f64| Array2::from_elem((1, 1), value);
        let horizon = Horizon { long: table(-1.0), half_life: table(half_life) };
        let left = |years: f64| 1.0 - horizon.speed([0, 0], years);
        // Two roundings of numbers up to 1.
        prop_assert!((left(first) * left(second) - left(first + second)).abs() < 1e-15);
        prop_assert!((left(half_life) - 0.5).abs() < 1e-15);
        let over = horizon.over([0, 0], -0.2, first);
        prop_assert!((-1.0..=-0.2).contains(&over));
        prop_assert_eq!(horizon.over([0, 0], -1.0, first), -1.0);
    }
}

#[test]
fn a_draw_of_a_path_is_the_path_of_its_numbers() {
    let dated = scenario(vec![duty("A", 0.2, Some("2022-07-01"), None)]);
    let periods: Vec<Period> = ["2022", "2023"].map(period).to_vec();
    let case = PathCase::new(adjusting(), Journey::of(&dated, &periods, false), &Stop::default()).unwrap();
    let uncertain =
        |name: &str, entries: Vec<(usize, usize)>| Uncertain { name: name.to_string(), measure: None, entries };
    let everywhere = vec![(0, 0), (0, 1), (0, 2)];
    let names = ["supply", "supply_long", "demand_half_life"].map(|name| uncertain(name, everywhere.clone()));
    let values = array![[0.4, 1.6, 2.0], [0.3, 1.2, 4.0]];
    let questions = [Question::Prices, Question::Flows];
    let found = draws(&case, &questions, &names, values.view(), &Stop::default()).unwrap();

    let mut other = adjusting();
    let elasticities = Arc::make_mut(&mut other.elasticities);
    elasticities.supply.fill(0.3);
    elasticities.adjusting.supply.as_mut().unwrap().long.fill(1.2);
    elasticities.adjusting.demand.as_mut().unwrap().half_life.fill(4.0);
    for (draw, model) in [adjusting(), other].iter().enumerate() {
        let solutions = path(model, &dated, &["2022", "2023"]);
        // Question after question, of each column after column, of each period after period.
        let mut wanted = Vec::new();
        for question in &questions {
            let answers: Vec<_> = solutions.iter().map(|solution| question.ask(solution).unwrap()).collect();
            for (place, (_, column)) in answers[0].columns.iter().enumerate() {
                if matches!(column, Column::Number(_)) {
                    let name = answers[0].columns[place].0;
                    wanted.extend(answers.iter().flat_map(|answer| answer.numbers(name).to_vec()));
                }
            }
        }
        let own: Vec<u64> = found.answers.row(draw).iter().map(|x| x.to_bits()).collect();
        assert_eq!(own, wanted.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
    }
    assert!(found.converged.iter().all(|converged| *converged) && found.converged.dim() == (2, 2));
    let unknown =
        draws(&case, &questions, &[uncertain("demand_slope", everywhere)], array![[1.0]].view(), &Stop::default());
    assert!(unknown.unwrap().reasons[0].2.contains("'demand_slope' is no number of this model"));
}
