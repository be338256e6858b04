//! What holds for every problem. Random ones with every kind of shock; see `support`.

use proptest::prelude::*;
use tradewinds::model::{Equilibrium, Model};
use tradewinds::result::Solution;
use tradewinds::result::ledger::{Question, diversion, diversion_by_supplier};
use tradewinds::result::shares::shares;
use tradewinds::result::trade::Trade;
use tradewinds::scenario::{Groups, Measure, Selector, Verb};
use tradewinds::solve::Stop;
use tradewinds::{Options, Result};

use crate::support::{Problem, Rigid, ban, cases, close, magnified, problems, scenario, tariff};

fn all(problem: &Problem) -> Vec<Equilibrium> {
    let found: Vec<Equilibrium> =
        (0..problem.goods.len()).map(|k| problem.equilibrium(k).expect("there is always an equilibrium")).collect();
    found
}

/// Errors in log prices relative to their size, in units of what rounding may be magnified to.
#[track_caller]
fn same_prices(a: &Equilibrium, b: &Equilibrium, country: impl Fn(usize) -> usize, tolerance: f64) {
    let scale = tolerance * magnified(a);
    for i in 0..a.log_producer_price.len() {
        let pairs = [
            (a.log_producer_price[i], b.log_producer_price[country(i)]),
            (a.log_price_index[i], b.log_price_index[country(i)]),
        ];
        for (x, y) in pairs {
            close(x, y, scale * x.abs().max(1.0));
        }
    }
}

fn plain(mut problem: Problem) -> Problem {
    for cell in &mut problem.cells {
        (cell.coverage, cell.tariff_add, cell.tax, cell.cost) = (0.0, 0.0, 0.0, 0.0);
    }
    problem.supply_shift.iter_mut().chain(&mut problem.demand_shift).for_each(|row| row.fill(1.0));
    problem
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn every_solution_certifies_itself(problem in problems(6, Rigid::OneSide)) {
        let solution = problem.solve().unwrap();
        let status = solution.status();
        prop_assert!(status.converged, "{:?}", status);
        // Prices good to 1e-12 in logs, with powers of up to σ + |η| = 42.
        prop_assert!(status.residual < 1e-9, "{:?}", status);
    }

}

proptest! {
    #![proptest_config(cases(250))]

    #[test]
    fn the_order_of_countries_and_commodities_does_not_matter(problem in problems(6, Rigid::OneSide), turn in 1usize..6) {
        let (n, goods) = (problem.names.len(), problem.goods.len());
        let place = |i: usize| (n - 1 - i + turn) % n;
        let good = |k: usize| goods - 1 - k;
        let mut other = problem.clone();
        for i in 0..n {
            other.names[place(i)] = problem.names[i].clone();
            for k in 0..goods {
                other.eta[good(k)][place(i)] = problem.eta[k][i];
                other.epsilon[good(k)][place(i)] = problem.epsilon[k][i];
                other.supply_shift[good(k)][place(i)] = problem.supply_shift[k][i];
                other.demand_shift[good(k)][place(i)] = problem.demand_shift[k][i];
            }
        }
        for k in 0..goods {
            other.goods[good(k)] = problem.goods[k].clone();
            other.sigma[good(k)] = problem.sigma[k];
        }
        for cell in &mut other.cells {
            (cell.k, cell.i, cell.j) = (good(cell.k), place(cell.i), place(cell.j));
        }
        other.cells.reverse();
        let (here, there) = (all(&problem), all(&other));
        prop_assume!(here.iter().chain(&there).all(|found| found.status.converged));
        for k in 0..goods {
            // Both stop at 1e-12; sums in another order, magnified by 1/(1 − modulus).
            same_prices(&here[k], &there[good(k)], place, 1e-10);
        }
    }

    #[test]
    fn measures_of_size_zero_change_nothing(problem in problems(6, Rigid::OneSide), from in -1.0..1.0f64) {
        let problem = plain(problem);
        let nothing = scenario(vec![
            Measure { coverage: Some(0.0), ..Measure::new(Verb::Ban) },
            Measure { leakage: Some(1.0), ..Measure::new(Verb::Ban) },
            Measure { rate: Some(0.0), ..Measure::new(Verb::Tariff) },
            Measure { rate: Some(0.0), ..Measure::new(Verb::ExportTax) },
            Measure { change: Some(0.0), ..Measure::new(Verb::TradeCost) },
            Measure { supply: Some(1.0), demand: Some(1.0), ..Measure::new(Verb::Shift) },
        ]);
        let solution = problem.solve_with(&nothing, Options::default()).unwrap();
        let flows = solution.flows();
        for (before, after) in flows.numbers("value_before").iter().zip(flows.numbers("value_after")) {
            // Rounding of a sum of shares with powers of up to 42.
            close(*after, *before, 1e-12 * before);
        }
        // The same through the iterations: from a start that is wrong.
        let (model, compiled) = (problem.model(), problem.compiled());
        for k in 0..problem.goods.len() {
            let wedges = &compiled.markets[k].variants[0];
            let mut start = model.solve(k, wedges, None, &Stop::default()).unwrap();
            let wrong = start.log_producer_price.iter_mut().enumerate();
            wrong.for_each(|(i, price)| *price += from / (1.0 + i as f64));
            let found = model.solve(k, wedges, Some(&start), &Stop::default()).unwrap();
            prop_assert!(found.status.converged);
            // The solver stops at an error of 1e-12 in log prices.
            found.log_producer_price.iter().filter(|p| !p.is_nan()).for_each(|p| close(*p, 0.0, 1e-11 * magnified(&found)));
        }
    }

    #[test]
    fn money_in_another_unit_changes_no_price(problem in problems(6, Rigid::OneSide), digits in -9i32..10) {
        let factor = 10f64.powi(digits);
        let mut other = problem.clone();
        other.cells.iter_mut().for_each(|cell| cell.value *= factor);
        let (here, there) = (all(&problem), all(&other));
        prop_assume!(here.iter().chain(&there).all(|found| found.status.converged));
        for (a, b) in here.iter().zip(&there) {
            same_prices(a, b, |i| i, 1e-10);
        }
        let (a, b) = (problem.solve().unwrap(), other.solve().unwrap());
        let tolerance = 1e-8 * (1.0f64).max(here.iter().map(magnified).fold(0.0, f64::max));
        for (a, b) in a.flows().numbers("value_after").iter().zip(b.flows().numbers("value_after")) {
            // Errors of prices with powers of up to 42.
            close(*b, *a * factor, tolerance * (a * factor).abs());
        }
    }

    #[test]
    fn a_full_ban_leaves_exactly_nothing_and_everything_else_open(problem in problems(6, Rigid::OneSide), which in any::<prop::sample::Index>()) {
        let mut problem = plain(problem);
        let place = which.index(problem.cells.len());
        problem.cells[place].coverage = 1.0;
        problem.cells.sort_by_key(|cell| (cell.k, cell.i, cell.j));
        let flows = problem.solve().unwrap().flows();
        for (row, cell) in problem.cells.iter().enumerate() {
            prop_assert_eq!(flows.numbers("value_after")[row] == 0.0, cell.coverage == 1.0);
        }
    }

    #[test]
    fn a_duty_never_raises_the_flow_it_is_on(problem in problems(5, Rigid::OneSide), which in any::<prop::sample::Index>(), rate in 0.0..1.0f64) {
        // Gross substitutes: σ + η ≥ 0 for every importer.
        let mut problem = plain(problem);
        for (k, eta) in problem.eta.iter_mut().enumerate() {
            let sigma = problem.sigma[k];
            eta.iter_mut().for_each(|eta| *eta = eta.max(-sigma));
        }
        let cell = problem.cells[which.index(problem.cells.len())].clone();
        let one = |name: &str| Selector(vec![name.to_string()]);
        let duty = Measure {
            commodities: one(&problem.goods[cell.k]),
            ..tariff(&problem.names[cell.i], &problem.names[cell.j], rate)
        };
        let flows = problem.solve_with(&scenario(vec![duty]), Options::default()).unwrap().flows();
        problem.cells.sort_by_key(|cell| (cell.k, cell.i, cell.j));
        let row = problem.cells.iter().position(|other| (other.k, other.i, other.j) == (cell.k, cell.i, cell.j)).unwrap();
        let (before, after) = (flows.numbers("quantity_before")[row], flows.numbers("quantity_after")[row]);
        prop_assert!(after <= before * (1.0 + 1e-9), "{} to {}", before, after);
    }

    #[test]
    fn the_ledgers_add_up(problem in problems(6, Rigid::OneSide), split in 0usize..64) {
        let solution = problem.solve().unwrap();
        prop_assume!(solution.status().converged);
        let names = |bit: &dyn Fn(usize) -> bool| -> Selector {
            Selector((0..problem.names.len()).filter(|&i| bit(i)).map(|i| problem.names[i].clone()).collect())
        };
        let some = names(&|i| split >> i & 1 == 1);
        if some.0.is_empty() {
            return Ok(());
        }
        let chosen = solution.select(&some, &Groups::new()).unwrap();
        let question = Question { exporters: &chosen, importers: &chosen, against: None };
        let ledger = diversion(&solution, &question).unwrap();
        for row in 0..ledger.numbers("lost").len() {
            let [lost, redirected, not_produced, mix] =
                ["lost", "redirected", "not_produced", "mix"].map(|name| ledger.numbers(name)[row]);
            let size: f64 = [lost, redirected, not_produced, mix].iter().map(|amount| amount.abs()).sum();
            let total: f64 = problem.cells.iter().map(|cell| if cell.quantity.is_nan() { cell.value } else { cell.quantity }).sum();
            // The supply curve meets the flows up to the solver's error with powers of up to 42.
            close(lost, redirected + not_produced + mix, 1e-9 * (size + total));
        }
        let by = diversion_by_supplier(&solution, &question).unwrap();
        let entries = crate::support::words(&by, "entry");
        let sum: f64 = entries.iter().zip(by.numbers("amount")).map(|(e, a)| if e == "lost" { *a } else { -a }).sum();
        let size: f64 = by.numbers("amount").iter().map(|a| a.abs()).sum();
        close(sum, 0.0, 1e-12 * (size + 1e5));
    }

    #[test]
    fn shares_sum_to_one_or_are_missing(problem in problems(6, Rigid::OneSide)) {
        let solution: Result<Solution> = problem.solve();
        let solution = solution.unwrap();
        prop_assume!(solution.status().converged);
        for name in &problem.names {
            let exporters = solution.select(&Selector(vec![name.clone()]), &Groups::new()).unwrap();
            let shares = shares(&solution, &exporters);
            let goods = crate::support::words(&shares, "commodity");
            for good in &problem.goods {
                let rows: Vec<usize> = (0..goods.len()).filter(|&row| goods[row] == *good).collect();
                if rows.is_empty() {
                    continue;
                }
                let sum = |column: &str| rows.iter().map(|&row| shares.numbers(column)[row]).sum::<f64>();
                close(sum("before"), 1.0, 1e-14);
                prop_assert!(sum("after").is_nan() || (sum("after") - 1.0).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn a_scenario_of_bans_in_any_order_is_one_scenario(problem in problems(5, Rigid::OneSide), turn in 0usize..7) {
        let problem = plain(problem);
        let mut bans: Vec<Measure> = (problem.cells.iter().enumerate())
            .filter(|(row, cell)| cell.k == 0 && row % 3 != 0)
            .map(|(row, cell)| Measure {
                coverage: Some((row % 5) as f64 / 5.0),
                name: Some(format!("ban {row}")),
                ..ban(&problem.names[cell.i], &problem.names[cell.j])
            })
            .collect();
        let one = problem.solve_with(&scenario(bans.clone()), Options::default()).unwrap().flows();
        let turn = turn % bans.len().max(1);
        bans.rotate_left(turn);
        let two = problem.solve_with(&scenario(bans), Options::default()).unwrap().flows();
        // Each flow has one ban, so not a bit may differ.
        prop_assert_eq!(one.numbers("value_after"), two.numbers("value_after"));
    }
}
