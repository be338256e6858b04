//! Concentration: the sum of squared shares, by brute force from the reported flows.

use std::collections::BTreeMap;

use tradewinds::result::Solution;
use tradewinds::result::concentration::concentration;

use crate::answers::support::{Row, ban, close, model, random_solution, rows, scenario, select, solve, words};

type Key = (String, String, String);

fn ask(solution: &Solution) -> BTreeMap<Key, (f64, f64, String)> {
    let all = select(solution, &["*"]);
    let table = concentration(solution, Some(&all), Some(&all));
    let keys = ["role", "country", "commodity"].map(|name| words(&table, name));
    let (before, after, change) = (table.numbers("before"), table.numbers("after"), table.numbers("change"));
    let basis = words(&table, "basis");
    (0..before.len())
        .map(|row| {
            close(change[row], after[row] - before[row], 0.0);
            let [role, country, commodity] = keys.each_ref().map(|column| column[row].clone());
            ((role, country, commodity), (before[row], after[row], basis[row].clone()))
        })
        .collect()
}

fn by_hand(flows: &[Row]) -> BTreeMap<Key, (f64, f64, String)> {
    let mut partners: BTreeMap<Key, Vec<(&str, &Row)>> = BTreeMap::new();
    for row in flows {
        let key = |role: &str, country: &str| (role.to_string(), country.to_string(), row.commodity.clone());
        partners.entry(key("exporter", &row.exporter)).or_default().push((&row.importer, row));
        partners.entry(key("importer", &row.importer)).or_default().push((&row.exporter, row));
    }
    let index = |rows: &[(&str, &Row)], amount: &dyn Fn(&Row) -> f64| {
        let mut by_partner: BTreeMap<&str, f64> = BTreeMap::new();
        rows.iter().for_each(|(partner, row)| *by_partner.entry(partner).or_default() += amount(row));
        let total: f64 = by_partner.values().sum();
        if total > 0.0 { by_partner.values().map(|part| (part / total).powi(2)).sum() } else { f64::NAN }
    };
    partners
        .into_iter()
        .map(|(key, rows)| match rows.iter().all(|(_, row)| row.known) {
            true => {
                let found = (index(&rows, &|row| row.quantity.0), index(&rows, &|row| row.quantity.1));
                (key, (found.0, found.1, "quantity".to_string()))
            }
            false => {
                let found = (index(&rows, &|row| row.value.0), index(&rows, &|row| row.value.1));
                (key, (found.0, found.1, "value".to_string()))
            }
        })
        .collect()
}

#[test]
fn it_is_the_sum_of_squared_shares_on_random_problems() {
    let (mut checked, mut collapsed) = (0, 0);
    for seed in 0..250 {
        let solution = random_solution(seed);
        let (found, wanted) = (ask(&solution), by_hand(&rows(&solution)));
        assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
        for (key, (before, after, basis)) in &found {
            let wanted = &wanted[key];
            // Indices of at most 1 from up to 14 flows, squared before rather than after the division.
            close(*before, wanted.0, 32.0 * f64::EPSILON);
            close(*after, wanted.1, 32.0 * f64::EPSILON);
            assert_eq!(*basis, wanted.2);
            checked += 1;
            collapsed += usize::from(after.is_nan());
        }
    }
    assert!(checked > 3000 && collapsed > 5);
}

#[test]
fn equal_partners_and_a_single_one_are_the_ends_of_the_scale() {
    let flows: Vec<_> = (1..5).map(|importer| (0, 0, importer, 0, 10.0, 5.0)).collect();
    let solution = solve(&model(5, 1, &flows, [4.0, -0.5, 0.5]), &scenario(vec![]), None).unwrap();
    let found = ask(&solution);
    let index = |role: &str, country: &str| found[&(role.to_string(), country.to_string(), "g0".to_string())].0;
    assert_eq!(index("exporter", "C0"), 0.25);
    assert_eq!(index("importer", "C3"), 1.0);
}

#[test]
fn modes_of_one_pair_are_one_outlet() {
    let flows = [(0, 0, 1, 0, 10.0, 5.0), (0, 0, 1, 1, 10.0, 5.0)];
    let solution = solve(&model(2, 1, &flows, [4.0, -0.5, 0.5]), &scenario(vec![]), None).unwrap();
    assert!(ask(&solution).values().all(|(before, after, _)| (*before, *after) == (1.0, 1.0)));
}

#[test]
fn a_role_that_is_not_asked_for_is_not_answered() {
    let flows = [(0, 0, 1, 0, 10.0, 5.0), (0, 1, 0, 0, 10.0, 5.0)];
    let solution = solve(&model(2, 1, &flows, [4.0, -0.5, 0.5]), &scenario(vec![ban("C0", "C1")]), None).unwrap();
    let one = select(&solution, &["C0"]);
    let table = concentration(&solution, Some(&one), None);
    assert_eq!((words(&table, "role"), words(&table, "country")), (vec!["exporter".into()], vec!["C0".into()]));
    assert!(table.numbers("after")[0].is_nan());
    let table = concentration(&solution, None, Some(&one));
    assert_eq!((words(&table, "role"), words(&table, "country")), (vec!["importer".into()], vec!["C0".into()]));
}
