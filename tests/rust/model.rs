//! The equations: against a slow reference, against closed forms, and in the cases that must work.

use proptest::prelude::*;
use tradewinds::model::armington::accounts::accounts;
use tradewinds::model::{FirstOrder, Model};
use tradewinds::scenario::{Measure, Selector, Verb};
use tradewinds::solve::Stop;
use tradewinds::{Error, Options};

use crate::reference;
use crate::support::{
    Cell, Problem, Rigid, Tape, ban, cases, close, is_infeasible, magnified, near, problems, random, scenario, words,
};

const INF: f64 = f64::INFINITY;
/// A 3 × 3 market in which everyone trades, with domestic sales.
const VALUES: [&[f64]; 3] = [&[50.0, 20.0, 30.0], &[60.0, 30.0, 40.0], &[10.0, 40.0, 60.0]];
const NAMES: [&str; 3] = ["A", "B", "C"];

fn market(sigma: f64, eta: f64, epsilon: f64) -> Problem {
    Problem::matrix(&NAMES, &VALUES, sigma, eta, epsilon)
}

/// Compares prices, indices and accounts of every commodity with the slow reference.
fn agrees_with_the_reference(problem: &Problem) {
    let (model, compiled) = (problem.model(), problem.compiled());
    for k in 0..problem.goods.len() {
        let wedges = &compiled.markets[k].variants[0];
        let solved = model.solve(k, wedges, None, &Stop::default());
        if reference::has_no_price_level(problem, k) {
            assert!(is_infeasible(&solved), "commodity {k} has no price level");
            continue;
        }
        let found = solved.expect("there is a solution");
        let wanted = reference::solve(problem, k).expect("the reference finds a root");
        assert!(found.status.converged, "commodity {k}: {:?}", found.status);
        // 1e-9 times 1/(1 − modulus) where the map contracts; else rounding of the equations (about
        // 1e-14) times the sensitivity of prices to them.
        let tolerance = (1e-9 * magnified(&found)).max(1e-13 * wanted.magnification);
        for i in 0..problem.names.len() {
            if problem.supply_shift[k][i] > 0.0 {
                near(found.log_producer_price[i], wanted.log_price[i], tolerance);
            }
            if problem.demand_shift[k][i] > 0.0 {
                near(found.log_price_index[i], wanted.log_index[i], tolerance);
            }
        }
        // Powers up to σ + |η| of the prices.
        let steep = problem.sigma[k] + problem.eta[k].iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        let cells = reference::cells(problem, k);
        for ((account, cell), spent_hat) in accounts(&model, k, wedges, &found).zip(&cells).zip(&wanted.spent_hat) {
            let (duty, tax, cost) = cell.hats();
            let same = |found: f64, wanted: f64| {
                close(found, wanted, tolerance * 10.0 * steep * wanted.abs().max(1e-3 * cell.value));
            };
            let border = cell.value * spent_hat / duty;
            same(account.border_value, border);
            same(account.receipts, border / tax);
            same(account.duty, ((1.0 + cell.tariff) * duty - 1.0) * border);
            same(account.export_tax, (tax - 1.0) * border / tax);
            let price = if *spent_hat > 0.0 { wanted.log_price[cell.i].exp() } else { 1.0 };
            let shipped = spent_hat / (duty * tax * price);
            close(account.shipped_hat, shipped, tolerance * 10.0 * steep * shipped.max(1e-3));
            close(account.arrived_hat, shipped / cost, tolerance * 10.0 * steep * (shipped / cost).max(1e-3));
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]
    #[test]
    fn random_problems_agree_with_a_slow_reference_solve(problem in problems(5, Rigid::OneSide)) {
        agrees_with_the_reference(&problem);
    }

    #[test]
    fn markets_rigid_on_both_sides_converge_or_say_that_they_did_not(problem in problems(5, Rigid::Anywhere)) {
        let (model, compiled) = (problem.model(), problem.compiled());
        for k in 0..problem.goods.len() {
            let wedges = &compiled.markets[k].variants[0];
            let solved = model.solve(k, wedges, None, &Stop::default());
            prop_assert_eq!(is_infeasible(&solved), reference::has_no_price_level(&problem, k));
            let Ok(found) = solved else { continue };
            if found.status.converged {
                let finite = accounts(&model, k, wedges, &found).all(|row| row.border_value.is_finite());
                prop_assert!(finite, "commodity {}: converged, but not to numbers: {:?}", k, found);
            }
        }
    }
}

#[test]
fn a_wider_problem_agrees_with_the_reference() {
    for seed in 0..6 {
        agrees_with_the_reference(&random(&mut Tape::seeded(seed, 5000), 14, Rigid::OneSide));
    }
}

#[test]
fn no_measures_change_nothing() {
    for (eta, epsilon) in [(-0.13, 0.05), (-1.0, 0.0), (0.0, 2.0), (-30.0, 0.3), (-2.0, INF)] {
        let solution = market(4.0, eta, epsilon).solve().unwrap();
        let (flows, prices) = (solution.flows(), solution.prices());
        // Rounding of shares only: the start is the solution.
        for (before, after) in flows.numbers("value_before").iter().zip(flows.numbers("value_after")) {
            near(*after, *before, 1e-12);
        }
        for column in ["producer_price", "price_index"] {
            prices.numbers(column).iter().for_each(|hat| close(*hat, 1.0, 1e-12));
        }
    }
}

#[test]
fn one_exporter_and_one_buyer_have_a_closed_form() {
    // One origin: P̂ = w p̂ with w = T̂ x̂ ĉ a^(1/(1−σ)); so p̂^(ε−η) = w^(1+η) b / (T̂ x̂ z).
    for (sigma, eta, epsilon) in
        [(4.0, -0.5, 0.3), (10.0, -1.0, 0.0), (2.0, 0.0, 1.0), (6.0, -30.0, 0.7), (3.0, -2.0, INF)]
    {
        let mut problem = Problem::matrix(&["A", "B"], &[&[0.0, 80.0], &[0.0, 0.0]], sigma, eta, epsilon);
        *problem.cell(0, 1) =
            Cell { tariff: 0.1, tariff_add: 0.25, tax: 0.2, cost: 0.5, coverage: 0.3, ..Cell::new(0, 0, 1, 80.0) };
        problem.demand_shift[0][1] = 0.9;
        if epsilon.is_finite() {
            problem.supply_shift[0][0] = 1.4;
        }
        let (duty, tax, cost) = problem.cell(0, 1).hats();
        let w = duty * tax * cost * 0.7f64.powf(1.0 / (1.0 - sigma));
        let z = problem.supply_shift[0][0];
        let wanted = ((1.0 + eta) * w.ln() + (0.9 / (duty * tax * z)).ln()) / (epsilon - eta);
        let found = problem.equilibrium(0).unwrap();
        // The error in log prices that the solver stops at is 1e-12.
        close(found.log_producer_price[0], wanted, 1e-11);
        close(found.log_price_index[1], wanted + w.ln(), 1e-11);
        assert!(found.log_producer_price[1].is_nan() && found.log_price_index[0].is_nan());
    }
}

#[test]
fn infinite_supply_everywhere_leaves_every_producer_price_at_one() {
    let mut problem = market(5.0, -0.8, INF);
    problem.cell(0, 1).tariff_add = 0.4;
    problem.cell(1, 1).coverage = 1.0;
    let found = problem.equilibrium(0).unwrap();
    assert_eq!(found.log_producer_price, [0.0; 3]);
    // B spends 20 of 90 on A at 1.4 times the price, nothing on itself, 40 on C.
    let index = ((20.0 * 1.4f64.powf(-4.0) + 40.0) / 90.0).ln() / -4.0;
    close(found.log_price_index[1], index, 1e-14);
}

#[test]
fn unit_demand_keeps_spending() {
    let mut problem = market(7.0, -1.0, 0.4);
    problem.cell(0, 1).coverage = 1.0;
    problem.cell(2, 0).cost = 3.0;
    let flows = problem.solve().unwrap().flows();
    let spent = |column: &str, importer: &str| -> f64 {
        words(&flows, "importer")
            .iter()
            .zip(flows.numbers(column))
            .filter(|(j, _)| *j == importer)
            .map(|(_, v)| v)
            .sum()
    };
    for importer in NAMES {
        // No duties here: value at the border is what the buyer spends. Prices are good to 1e-12.
        near(spent("value_after", importer), spent("value_before", importer), 1e-11);
    }
}

#[test]
fn a_full_ban_is_a_structural_zero() {
    let mut problem = market(4.0, -0.5, 0.6);
    problem.cell(0, 1).coverage = 1.0;
    let flows = problem.solve().unwrap().flows();
    for column in ["value_after", "quantity_after", "quantity_arrived"] {
        assert_eq!(flows.numbers(column)[1].to_bits(), 0.0f64.to_bits(), "{column}");
        assert!(flows.numbers(column).iter().enumerate().all(|(row, value)| row == 1 || *value > 0.0));
    }
}

#[test]
fn a_full_ban_is_the_market_without_that_flow_up_to_lost_variety() {
    // A duty so large that nothing is left of the flow gives the same prices as the ban.
    let mut banned = market(9.0, -0.5, 0.6);
    let mut taxed = banned.clone();
    banned.cell(0, 1).coverage = 1.0;
    taxed.cell(0, 1).tariff_add = 1e6;
    let (banned, taxed) = (banned.equilibrium(0).unwrap(), taxed.equilibrium(0).unwrap());
    for (a, b) in banned.log_producer_price.iter().zip(&taxed.log_producer_price) {
        // What is left is (1e6)^−8 of the flow; the solver stops at 1e-12.
        close(*a, *b, 1e-11);
    }
}

#[test]
fn an_exporter_that_loses_every_buyer_is_closed() {
    for epsilon in [0.0, 0.5, INF] {
        let problem = market(4.0, -0.5, epsilon);
        let all = Measure { importers: Selector::default(), ..ban("A", "A") };
        let solution = problem.solve_with(&scenario(vec![all, ban("A", "A")]), Options::default()).unwrap();
        assert!(solution.status().converged);
        assert_eq!(solution.prices().numbers("producer_price")[0], 0.0);
        let closed = solution.closed();
        assert_eq!((words(&closed, "role"), words(&closed, "country")), (vec!["exporter".into()], vec!["A".into()]));
        assert_eq!(closed.numbers("share_of_period"), [1.0]);
        assert_eq!(closed.numbers("unsold"), [if epsilon == 0.0 { 100.0 } else { 0.0 }]);
        assert!(solution.flows().numbers("quantity_after")[..3].iter().all(|value| *value == 0.0));
        let welfare = solution.welfare(tradewinds::result::By::Country, INF);
        // −R/(1+ε), a quotient.
        close(welfare.numbers("producer")[0], if epsilon == INF { 0.0 } else { -100.0 / (1.0 + epsilon) }, 1e-12);
    }
}

#[test]
fn a_supplier_cut_in_half_and_then_banned_leaves_only_its_remaining_supply_unsold() {
    let mut problem = market(4.0, -0.5, 0.0);
    problem.supply_shift[0][0] = 0.5;
    for j in 0..3 {
        problem.cell(0, j).coverage = 1.0;
    }
    // Fixed supply is z Q⁰ = 50 of 100.
    close(problem.solve().unwrap().closed().numbers("unsold")[0], 50.0, 1e-12);
}

#[test]
fn an_importer_that_loses_every_supplier_is_closed() {
    let mut problem = market(4.0, -0.5, 0.3);
    for i in 0..3 {
        problem.cell(i, 2).coverage = 1.0;
    }
    let solution = problem.solve().unwrap();
    assert!(solution.status().converged);
    assert_eq!(solution.prices().numbers("price_index")[2], INF);
    let closed = solution.closed();
    assert_eq!((words(&closed, "role"), words(&closed, "country")), (vec!["importer".into()], vec!["C".into()]));
    let flows = solution.flows();
    let left =
        words(&flows, "importer").iter().zip(flows.numbers("quantity_after")).any(|(j, q)| j == "C" && *q != 0.0);
    assert!(!left);
}

#[test]
fn a_total_ban_of_everything_is_no_error() {
    let mut problem = market(4.0, 0.0, 0.0);
    problem.cells.iter_mut().for_each(|cell| cell.coverage = 1.0);
    let solution = problem.solve().unwrap();
    assert!(solution.status().converged);
    assert_eq!(solution.closed().numbers("share_of_period").len(), 6);
    assert!(solution.flows().numbers("value_after").iter().all(|value| *value == 0.0));
    assert_eq!(solution.certificate().numbers("market_clearing"), [0.0]);
}

#[test]
fn fixed_supply_and_fixed_demand_are_infeasible_and_named() {
    // Two separate halves: A, B sell to each other with fixed everything; C and D have a demand curve.
    let values: [&[f64]; 4] =
        [&[0.0, 5.0, 0.0, 0.0], &[5.0, 0.0, 0.0, 0.0], &[0.0, 0.0, 0.0, 7.0], &[0.0, 0.0, 7.0, 0.0]];
    let mut problem = Problem::matrix(&["A", "B", "C", "D"], &values, 3.0, 0.0, 0.0);
    problem.eta[0][3] = -0.5;
    problem.eta[0][2] = -0.5;
    problem.cell(0, 1).tariff_add = 0.1;
    match problem.solve() {
        Err(Error::Infeasible { message, countries }) => {
            assert_eq!(countries, ["A", "B"]);
            assert!(message.contains("oil") && message.contains("A, B"), "{message}");
        }
        other => panic!("expected an infeasible market, found {other:?}"),
    }
    // The ban that closes the half for good makes the rest solvable.
    problem.cell(0, 1).coverage = 1.0;
    problem.cell(1, 0).coverage = 1.0;
    assert!(problem.solve().unwrap().status().converged);
}

/// A sells to B only; C sells to B and to D; D buys from C only, at a cost of 1e60.
fn captive(sigma: f64) -> Problem {
    let values: [&[f64]; 4] = [&[0.0, 60.0, 0.0, 0.0], &[0.0; 4], &[0.0, 40.0, 0.0, 30.0], &[0.0; 4]];
    let mut problem = Problem::matrix(&["A", "B", "C", "D"], &values, sigma, -0.5, 1.0);
    problem.cell(2, 3).cost = 1e60;
    problem
}

#[test]
fn a_prohibitive_cost_for_a_captive_buyer_converges() {
    for sigma in [2.0, 4.0, 10.0, 20.0] {
        let solution = captive(sigma).solve().unwrap();
        let status = solution.status();
        assert!(status.converged, "substitution {sigma}: {status:?}");
        // Certificates are relative; the solver's error of 1e-12 in logs enters with powers of up to 20.
        assert!(status.residual < 1e-9, "substitution {sigma}: {status:?}");
        let flows = solution.flows();
        assert!(flows.numbers("value_after").iter().all(|value| value.is_finite() && *value > 0.0 || sigma > 4.0));
    }
}

#[test]
fn near_degenerate_markets_converge_or_say_that_they_did_not() {
    for (eta, banned) in [(-1e-2, true), (-1e-3, true), (-1e-4, true), (-1e-4, false), (-1e-6, false), (-1e-9, false)] {
        let mut problem = market(4.0, eta, 0.0);
        match banned {
            true => (0..3).for_each(|j| problem.cell(1, j).coverage = 1.0),
            false => problem.cell(0, 1).tariff_add = 0.1,
        }
        let Ok(solution) = problem.solve() else { continue };
        let status = solution.status();
        if status.converged {
            // What is called converged has finite numbers that clear the market.
            assert!(status.residual < 1e-9, "demand {eta}, banned {banned}: {status:?}");
            let (prices, flows) = (solution.prices(), solution.flows());
            let open = |value: &f64| value.is_finite();
            assert!(
                prices.numbers("price_index").iter().all(open) && flows.numbers("value_after").iter().all(open),
                "demand {eta}, banned {banned}: converged to {:?}",
                prices.numbers("price_index")
            );
        }
    }
}

#[test]
fn a_market_without_representable_prices_does_not_have_a_clean_certificate() {
    // All that A sold is gone: fixed demand of almost no elasticity for what is left drives prices beyond
    // the range of numbers. Either an error, or not converged, or a certificate that says so.
    let mut problem = market(4.0, -1e-4, 0.0);
    (0..3).for_each(|j| problem.cell(0, j).coverage = 1.0);
    let Ok(solution) = problem.solve() else { return };
    let finite = solution.flows().numbers("value_after").iter().all(|value| value.is_finite());
    let status = solution.status();
    assert!(finite || !status.converged || status.residual > 1e-9, "{status:?} with values that are not finite");
}

#[test]
fn a_rigid_buyer_of_a_rigid_seller_may_have_no_equilibrium_and_is_told() {
    // B takes what needs 110 tonnes at the port whatever the price; A has 101, and C's elastic demand for 1 of them
    // makes the part look solvable.
    let values: [&[f64]; 3] = [&[0.0, 100.0, 1.0], &[0.0; 3], &[0.0; 3]];
    let mut problem = Problem::matrix(&NAMES, &values, 4.0, 0.0, 0.0);
    problem.eta[0][2] = -1.0;
    problem.cell(0, 1).cost = 0.1;
    assert!(reference::solve(&problem, 0).is_none());
    assert!(problem.solve().map_or(true, |solution| !solution.status().converged));
}

#[test]
fn elastic_long_run_demand_converges() {
    for epsilon in [0.0, 0.05, 2.0] {
        let mut problem = market(4.0, -29.0, epsilon);
        (0..3).for_each(|j| problem.cell(0, j).tariff_add = 0.5);
        problem.cell(1, 2).coverage = 1.0;
        let solution = problem.solve().unwrap();
        let status = solution.status();
        assert!(status.converged && status.residual < 1e-9, "supply {epsilon}: {status:?}");
        agrees_with_the_reference(&problem);
    }
}

#[test]
fn supply_shifts_are_refused_where_supply_is_infinite() {
    let mut problem = market(4.0, -0.5, 0.3);
    problem.epsilon[0][0] = INF;
    problem.supply_shift[0][0] = 0.5;
    assert!(problem.solve().is_err(), "a shift of an infinitely elastic supply has no effect: models.md refuses it");
}

#[test]
fn export_tax_cost_and_duty_move_the_buyer_s_price_alike_but_not_the_receipts() {
    let shock = |change: &dyn Fn(&mut Cell)| {
        let mut problem = market(4.0, -0.5, INF);
        change(problem.cell(0, 1));
        problem.solve().unwrap().flows()
    };
    let duty = shock(&|cell| cell.tariff_add = 0.25);
    let tax = shock(&|cell| cell.tax = 0.25);
    let cost = shock(&|cell| cell.cost = 0.25);
    let at = |flows: &tradewinds::data::Table, column: &str| flows.numbers(column)[1];
    // Supply is infinite, so these are products of a few numbers.
    near(at(&tax, "value_after"), 1.25 * at(&duty, "value_after"), 1e-13);
    near(at(&cost, "value_after"), 1.25 * at(&duty, "value_after"), 1e-13);
    near(at(&duty, "quantity_after"), at(&tax, "quantity_after"), 1e-13);
    near(at(&cost, "quantity_after"), 1.25 * at(&duty, "quantity_after"), 1e-13);
    near(at(&cost, "quantity_arrived"), at(&duty, "quantity_after"), 1e-13);
}

/// Francois & Hall (2003), Global Simulation Analysis of Industry-Level Trade Policy: the 4 × 4 example.
/// Rows exporters, columns importers: US, JP, EU, RW.
const TRADE: [[f64; 4]; 4] =
    [[0.0, 50.0, 200.0, 300.0], [500.0, 0.0, 150.0, 200.0], [300.0, 100.0, 200.0, 200.0], [50.0, 100.0, 110.0, 20.0]];
const POWER: [[f64; 4]; 4] =
    [[1.0, 1.21, 1.41, 1.22], [1.37, 1.0, 1.31, 1.23], [1.32, 1.36, 1.0, 1.18], [1.57, 1.41, 1.25, 1.15]];
const PRICE_CHANGE: [f64; 4] = [0.07918131342789829, -0.031620942079123186, 0.04804929662302419, -0.018371709850974333];
const QUANTITY_CHANGE: [[f64; 4]; 4] = [
    [-0.7195644037655693, -0.29885364809358306, 0.7877706332945921, -0.2576228689207438],
    [-0.16555312623046195, 0.2551576294415243, -0.11211879839015845, 0.2963884086143635],
    [0.6482168923800132, -0.14319356406921258, -0.5104699919008954, -0.10196278489637339],
    [-0.23179928737120623, 0.18891146830078004, -0.17836495953090273, 0.23014224747361922],
];
const TRADE_NEW: [[f64; 4]; 4] = [
    [0.0, 37.83320204777732, 385.86573202933664, 240.347858213084],
    [404.03043875298306, 0.0, 128.97083423408918, 251.07907716670445],
    [518.2237664223178, 89.7975382519342, 102.61031613282599, 188.23745432613106],
    [37.704377601453295, 116.70691317666622, 88.7194219892426, 24.150848620552168],
];

fn gsim() -> Problem {
    let rows: Vec<&[f64]> = TRADE.iter().map(|row| row.as_slice()).collect();
    let mut problem = Problem::matrix(&["US", "JP", "EU", "RW"], &rows, 5.0, -1.25, 1.5);
    problem.cells.iter_mut().for_each(|cell| cell.tariff = POWER[cell.i][cell.j] - 1.0);
    problem
}

#[test]
fn the_first_order_form_prints_the_numbers_of_gsim() {
    let free =
        |exporter: &str, importer: &str| Measure { rate_to: Some(0.0), verb: Verb::Tariff, ..ban(exporter, importer) };
    let options = Options { first_order: true, ..Options::default() };
    let problem = gsim();
    let solution = problem.solve_with(&scenario(vec![free("US", "EU"), free("EU", "US")]), options).unwrap();
    let (prices, flows) = (solution.prices(), solution.flows());
    for (i, change) in PRICE_CHANGE.iter().enumerate() {
        // A linear system of four equations in double precision against the stored output of another program.
        close(prices.numbers("producer_price")[i] - 1.0, *change, 1e-10);
    }
    for (row, cell) in problem.cells.iter().enumerate() {
        let hat = flows.numbers("quantity_after")[row] / cell.quantity;
        close(hat - 1.0, QUANTITY_CHANGE[cell.i][cell.j], 1e-10);
        near(flows.numbers("value_after")[row], TRADE_NEW[cell.i][cell.j], 1e-10);
    }
    // As the book prints the producer prices.
    let printed = [0.0792, -0.0316, 0.0480, -0.0184];
    printed.iter().zip(prices.numbers("producer_price")).for_each(|(p, hat)| close(hat - 1.0, *p, 5e-5));
}

#[test]
fn the_exact_solve_of_gsim_s_example_differs_from_its_first_order_form() {
    let mut problem = gsim();
    for (i, j) in [(0, 2), (2, 0)] {
        problem.cell(i, j).tariff_add = 1.0 - POWER[i][j];
    }
    let exact = problem.equilibrium(0).unwrap();
    assert!((exact.log_producer_price[0].exp_m1() - PRICE_CHANGE[0]).abs() > 1e-3);
    agrees_with_the_reference(&problem);
}

#[test]
fn the_first_order_form_is_the_limit_of_the_exact_one() {
    let shocked = |size: f64| {
        let mut problem = market(4.0, -0.7, 0.8);
        problem.cells.iter_mut().enumerate().for_each(|(row, cell)| {
            cell.tariff = 0.05 * row as f64;
            cell.tariff_add = size * [0.5, -0.3, 1.0][row % 3];
            cell.tax = size * [0.0, 0.6, 0.0][cell.i];
            cell.cost = size * [0.4, 0.0, -0.2][cell.j];
        });
        problem.supply_shift[0] = vec![1.0, 1.0 - size, 1.0];
        problem.demand_shift[0] = vec![1.0 + 0.5 * size, 1.0, 1.0];
        problem
    };
    let error = |size: f64| -> (f64, f64) {
        let problem = shocked(size);
        let options = Options { first_order: true, ..Options::default() };
        let (exact, linear) = (problem.solve().unwrap(), problem.solve_with(&problem.scenario(), options).unwrap());
        let worst = |of: &dyn Fn(&tradewinds::result::Solution) -> Vec<f64>| {
            of(&exact).iter().zip(of(&linear)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        (
            worst(&|solution| solution.prices().numbers("producer_price").to_vec()),
            worst(&|solution| solution.flows().numbers("quantity_after").to_vec()),
        )
    };
    let (large, small) = (error(1e-2), error(1e-3));
    for (large, small) in [(large.0, small.0), (large.1, small.1)] {
        let ratio = large / small;
        // Second order: 100 up to terms of third order in a shock of 1 %.
        assert!((80.0..125.0).contains(&ratio), "the error fell by {ratio}");
        assert!(small > 1e-12, "nothing to compare");
    }
}

#[test]
fn the_first_order_form_refuses_what_has_no_first_order() {
    let solve = |change: &dyn Fn(&mut Problem)| {
        let mut problem = market(4.0, -0.7, 0.8);
        change(&mut problem);
        let options = Options { first_order: true, ..Options::default() };
        problem.solve_with(&problem.scenario(), options)
    };
    assert!(matches!(solve(&|problem| problem.cell(0, 1).coverage = 1.0), Err(Error::Model(_))));
    assert!(matches!(solve(&|problem| problem.cell(0, 1).coverage = 0.1), Err(Error::Model(_))));
    assert!(matches!(solve(&|problem| problem.supply_shift[0][0] = 0.0), Err(Error::Model(_))));
    assert!(solve(&|problem| problem.cell(0, 1).tariff_add = 0.1).is_ok());
}

#[test]
fn the_first_order_certificate_is_the_linear_residual() {
    let mut problem = gsim();
    problem.cell(0, 1).tariff_add = 0.1;
    let model = FirstOrder(problem.model());
    let found = model.solve(0, &problem.compiled().markets[0].variants[0], None, &Stop::default()).unwrap();
    // Rounding of a 4 × 4 elimination.
    assert!(found.status.converged && found.status.residual < 1e-13);
}

#[test]
fn measures_the_model_does_not_take_are_refused_or_left_out() {
    let problem = market(4.0, -0.5, 0.3);
    let cap = Measure { price: Some(60.0), name: Some("the cap".into()), ..Measure::new(Verb::PriceCap) };
    let both = scenario(vec![cap, ban("A", "B")]);
    match problem.solve_with(&both, Options::default()) {
        Err(Error::Model(message)) => assert!(message.contains("the cap") && message.contains("Spatial"), "{message}"),
        other => panic!("{other:?}"),
    }
    let solution = problem.solve_with(&both, Options { leave_out: true, ..Options::default() }).unwrap();
    assert_eq!(solution.compiled.left_out, ["the cap"]);
    assert_eq!(solution.flows().numbers("value_after")[1], 0.0);
}

#[test]
fn a_warm_start_far_away_leads_to_the_same_prices() {
    let mut problem = market(4.0, -0.5, 0.3);
    problem.cell(0, 1).coverage = 1.0;
    let (model, compiled) = (problem.model(), problem.compiled());
    let wedges = &compiled.markets[0].variants[0];
    let cold = model.solve(0, wedges, None, &Stop::default()).unwrap();
    let mut far = cold.clone();
    far.log_producer_price = vec![3.0, -4.0, f64::NEG_INFINITY];
    let warm = model.solve(0, wedges, Some(&far), &Stop::default()).unwrap();
    for (a, b) in cold.log_producer_price.iter().zip(&warm.log_producer_price) {
        // Each stops at an error of 1e-12.
        close(*a, *b, 1e-11);
    }
}

#[test]
fn commodities_without_trade_are_solved_as_such() {
    let mut problem = market(4.0, -0.5, 0.3);
    problem.goods.push("nothing".into());
    problem.sigma.push(3.0);
    for table in [&mut problem.eta, &mut problem.epsilon, &mut problem.supply_shift, &mut problem.demand_shift] {
        let row = table[0].clone();
        table.push(row);
    }
    let found = problem.equilibrium(1).unwrap();
    assert!(found.status.converged);
    assert_eq!(found.status.reason, "no trade");
    assert!(found.log_producer_price.iter().all(|price| price.is_nan()));
}

/// Found among 20,000 random problems by the reference solve; the second commodity of each.
#[test]
fn prices_that_spread_over_a_hundred_logs_are_found() {
    // Contractions (modulus below 1, so an equilibrium exists) whose prices lie e^70 to e^130 apart.
    for seed in [2709, 5424, 5525, 9917, 12149, 14113, 16846, 19907] {
        let problem = random(&mut Tape::seeded(seed, 900), 5, Rigid::OneSide);
        let status = problem.equilibrium(1).unwrap().status;
        assert!(status.converged, "seed {seed}: {status:?}");
        agrees_with_the_reference(&problem);
    }
}

#[test]
fn elastic_demand_beside_rigid_demand_converges_to_moderate_prices() {
    // Demand of −30 beside −0.13 or 0 at a low substitution; log prices from −6 to 25.
    for seed in [9720, 11780] {
        let problem = random(&mut Tape::seeded(seed, 900), 5, Rigid::OneSide);
        let status = problem.equilibrium(1).unwrap().status;
        assert!(status.converged, "seed {seed}: {status:?}");
        agrees_with_the_reference(&problem);
    }
}
