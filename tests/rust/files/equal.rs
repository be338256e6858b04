//! A result read again gives the same tables. Nothing is computed in another way, so no tolerance.

use std::io::Cursor;

use proptest::prelude::*;
use tradewinds::data::{Column, Period, Table};
use tradewinds::result::{By, Solution, file};
use tradewinds::scenario::{Exposure, Measure, Scenario, Selector, Verb};
use tradewinds::solve::Stop;
use tradewinds::{Error, Options, load_solution};

use crate::support::{Problem, Rigid, ban, cases, problems, scenario, tariff};

pub fn bytes(solution: &Solution) -> Vec<u8> {
    solution.to_bytes("{}", &Stop::default()).expect("a result can be packed")
}

pub fn loaded(bytes: &[u8]) -> Solution {
    load_solution(Cursor::new(bytes), "file", &Stop::default()).expect("what was packed is read").0
}

fn tables(solution: &Solution) -> Vec<Table> {
    vec![
        solution.flows(),
        solution.prices(),
        solution.wedges(),
        tradewinds::result::shifts::shifts(solution),
        solution.quotas(),
        solution.closed(),
        solution.certificate(),
        solution.welfare(By::CountryCommodity, 10.0),
    ]
}

fn bits(table: &Table) -> Vec<Vec<u64>> {
    let of = |column: &Column| match column {
        Column::Number(values) => values.iter().map(|value| value.to_bits()).collect(),
        Column::Count(values) => values.iter().map(|value| *value as u64).collect(),
        Column::Flag(values) => values.iter().map(|value| u64::from(*value)).collect(),
        Column::Text(_) => Vec::new(),
        Column::Label { codes, .. } => codes.iter().map(|code| u64::from(*code)).collect(),
    };
    table.columns.iter().map(|(_, column)| of(column)).collect()
}

fn words(table: &Table) -> Vec<String> {
    table.columns.iter().map(|(name, column)| format!("{name} {}", text(column))).collect()
}

fn text(column: &Column) -> String {
    match column {
        Column::Text(values) => values.join("|"),
        Column::Label { labels, .. } => labels.join("|"),
        _ => String::new(),
    }
}

fn same(found: &Solution, wanted: &Solution) {
    assert_eq!(found.scenario, wanted.scenario);
    assert_eq!(found.options, wanted.options);
    assert_eq!(found.compiled, wanted.compiled);
    assert_eq!(format!("{:?}", found.status()), format!("{:?}", wanted.status()));
    for (found, wanted) in tables(found).iter().zip(&tables(wanted)) {
        assert_eq!(bits(found), bits(wanted));
        assert_eq!(words(found), words(wanted));
        assert_eq!(found.units, wanted.units);
    }
}

fn triangle() -> Problem {
    Problem::matrix(&["A", "B", "C"], &[&[0.0, 10.0, 5.0], &[4.0, 0.0, 6.0], &[3.0, 2.0, 0.0]], 5.0, -0.5, 0.3)
}

fn solve(measures: Vec<Measure>, options: Options) -> Solution {
    triangle().solve_with(&scenario(measures), options).expect("a good scenario")
}

fn there_and_back(solution: &Solution) {
    let bytes = bytes(solution);
    same(&loaded(&bytes), solution);
    assert!(self::bytes(&loaded(&bytes)) == bytes, "saved again it is the same bytes");
}

#[test]
fn bans_duties_and_quotas() {
    let quota = Measure { verb: Verb::Quota, share: Some(0.5), beyond: Some(0.2), ..ban("A", "B") };
    there_and_back(&solve(vec![ban("A", "B")], Options::default()));
    there_and_back(&solve(vec![quota, tariff("B", "C", 0.3)], Options::default()));
    there_and_back(&solve(vec![ban("A", "B"), ban("A", "C"), ban("C", "B")], Options::default()));
}

#[test]
fn segments_averages_first_order_and_what_is_left_out() {
    let day = |text: &str| Some(text.parse().expect("a date"));
    let dated = vec![Measure { start: day("2022-03-01"), ..tariff("A", "B", 0.2) }];
    let at = Some(Period::Year(2022));
    there_and_back(&solve(dated.clone(), Options { at, ..Options::default() }));
    there_and_back(&solve(dated.clone(), Options { at, exposure: Exposure::Average, ..Options::default() }));
    there_and_back(&solve(dated, Options { at, first_order: true, ..Options::default() }));
    let cap = Measure { verb: Verb::PriceCap, price: Some(f64::INFINITY), ..ban("A", "B") };
    let left = solve(vec![cap, ban("B", "C")], Options { leave_out: true, ..Options::default() });
    assert_eq!(loaded(&bytes(&left)).compiled.left_out, ["PriceCap 1"]);
    there_and_back(&left);
}

#[test]
fn infinite_supply_and_names_of_all_kinds() {
    let mut problem = triangle();
    problem.epsilon = vec![vec![f64::INFINITY, 0.0, 2.0]];
    problem.names = ["Россия", "../A\"\\\n!", ""].map(String::from).to_vec();
    let one = |name: &str| Selector(vec![name.to_string()]);
    let measure = Measure { exporters: one("Россия"), importers: one("../A\"\\\n!"), ..Measure::new(Verb::Ban) };
    let named = Scenario { name: "🛢".to_string(), ..scenario(vec![measure]) };
    there_and_back(&problem.solve_with(&named, Options::default()).expect("a good scenario"));
}

#[test]
fn notes_are_given_back_as_they_were() {
    let solution = solve(vec![], Options::default());
    for notes in ["null", "{\"b\": 1.0e-400, \"a\": [1,  2], \"b\": \"\\u0000\"}", "123456789012345678901234567890"] {
        let bytes = solution.to_bytes(notes, &Stop::default()).expect("JSON is taken");
        assert_eq!(load_solution(Cursor::new(&bytes), "file", &Stop::default()).expect("read").1, notes);
    }
    for notes in ["", "{", "NaN", "{} {}"] {
        assert!(matches!(solution.to_bytes(notes, &Stop::default()), Err(Error::Data(text)) if text.contains("notes")));
    }
}

#[test]
fn a_file_has_what_bytes_have() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("result");
    let solution = solve(vec![ban("A", "B")], Options::default());
    solution.save(&path, "{}", &Stop::default()).expect("saved");
    let file = file::open(&path).expect("opened");
    same(&load_solution(file, "file", &Stop::default()).expect("read").0, &solution);
}

#[test]
fn a_stop_is_heeded_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let stop = Stop::default();
    let solution = solve(vec![ban("A", "B")], Options::default());
    let bytes = bytes(&solution);
    stop.request();
    assert_eq!(solution.save(&folder.path().join("result"), "{}", &stop), Err(Error::Interrupted));
    assert_eq!(folder.path().read_dir().expect("read").count(), 0);
    assert!(matches!(load_solution(Cursor::new(&bytes), "file", &stop), Err(Error::Interrupted)));
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn random_problems(problem in problems(6, Rigid::Anywhere)) {
        if let Ok(solution) = problem.solve() {
            there_and_back(&solution);
        }
    }
}
