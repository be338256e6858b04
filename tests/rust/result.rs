//! How it came out: every table rebuilt from others, and from closed forms.

use tradewinds::data::{Period, Table};
use tradewinds::model::Model;
use tradewinds::model::armington::accounts::accounts;
use tradewinds::result::ledger::{Question, diversion, diversion_by_destination, diversion_by_supplier};
use tradewinds::result::shares::{share_shift, shares};
use tradewinds::result::shifts::shifts;
use tradewinds::result::trade::Trade;
use tradewinds::result::{By, Solution};
use tradewinds::scenario::select::Selection;
use tradewinds::scenario::{Exposure, Groups, Measure, Scenario, Selector, Verb};
use tradewinds::solve::Stop;
use tradewinds::{Error, Options};

use crate::support::{Problem, ban, close, near, scenario, tariff, words};

const INF: f64 = f64::INFINITY;

/// Baseline of models.md, section 0.
const HALF_YEAR: [&[f64]; 3] = [&[50.0, 20.0, 1.0, 29.0], &[60.0, 30.0, 40.0, 50.0], &[40.0, 40.0, 60.0, 80.0]];

fn half_year(exposure: Exposure) -> Solution {
    let rows: Vec<&[f64]> = HALF_YEAR.iter().copied().chain([&[0.0; 4][..]]).collect();
    let problem = Problem::matrix(&["C1", "C2", "C3", "C4"], &rows, 10.0, -0.13, 0.05);
    let measure = Measure { start: Some("2024-07-02".parse().unwrap()), ..ban("C1", "C1") };
    let options = Options { at: Some(Period::Year(2024)), exposure, ..Options::default() };
    problem.solve_with(&scenario(vec![measure]), options).unwrap()
}

#[test]
fn half_a_year_of_a_ban_is_a_mixture_of_equilibria() {
    for (exposure, wanted) in [(Exposure::Segments, 0.250), (Exposure::Average, 0.380)] {
        let solution = half_year(exposure);
        let shares = shares(&solution, &pick(&solution, &["C1"]));
        assert_eq!(words(&shares, "importer")[0], "C1");
        close(shares.numbers("before")[0], 0.5, 1e-15);
        // models.md prints three digits.
        close(shares.numbers("after")[0], wanted, 5e-4);
    }
    let certificate = half_year(Exposure::Segments).certificate();
    // 1 January to 1 July are 183 of 366 days.
    assert_eq!(certificate.numbers("share_of_period"), [0.5, 0.5]);
    assert_eq!(half_year(Exposure::Average).certificate().numbers("share_of_period"), [1.0]);
}

#[test]
fn the_flows_of_a_period_are_the_means_of_its_segments() {
    let mixed = half_year(Exposure::Segments);
    let rows: Vec<&[f64]> = HALF_YEAR.iter().copied().chain([&[0.0; 4][..]]).collect();
    let problem = Problem::matrix(&["C1", "C2", "C3", "C4"], &rows, 10.0, -0.13, 0.05);
    let banned = problem.solve_with(&scenario(vec![ban("C1", "C1")]), Options::default()).unwrap();
    for column in ["value_after", "quantity_after", "quantity_arrived"] {
        let (mixed, banned) = (mixed.flows(), banned.flows());
        for (row, mixed) in mixed.numbers(column).iter().enumerate() {
            let before = banned.numbers("value_before")[row];
            // Two solves, each good to 1e-12 in logs with powers of about 10.
            near(*mixed, 0.5 * before + 0.5 * banned.numbers(column)[row], 1e-10);
        }
    }
    // Prices are weighted by quantity: (q0 + p q) / (q0 + q) with q = p^ε; the flow 1→1 stays closed half the time.
    let (mixed, banned) = (mixed.prices(), banned.prices());
    for i in 0..3 {
        let p = banned.numbers("producer_price")[i];
        close(mixed.numbers("producer_price")[i], (1.0 + p.powf(1.05)) / (1.0 + p.powf(0.05)), 1e-10);
    }
}

fn pick(solution: &Solution, names: &[&str]) -> Selection {
    let selector = Selector(names.iter().map(|name| name.to_string()).collect());
    solution.select(&selector, &Groups::new()).unwrap()
}

/// Four countries with unequal unit values; A loses B by half, faces a duty in C, and its supply is cut.
fn busy() -> Problem {
    let values: [&[f64]; 4] =
        [&[0.0, 80.0, 50.0, 30.0], &[20.0, 10.0, 40.0, 0.0], &[10.0, 60.0, 0.0, 25.0], &[5.0, 15.0, 35.0, 45.0]];
    let mut problem = Problem::matrix(&["A", "B", "C", "D"], &values, 5.0, -0.8, 0.6);
    problem.cells.iter_mut().enumerate().for_each(|(row, cell)| {
        cell.quantity = cell.value / [0.5, 1.7, 0.9, 2.4, 1.1][row % 5];
        cell.tariff = [0.0, 0.12, 0.3][row % 3];
    });
    problem.cell(0, 1).coverage = 0.5;
    problem.cell(0, 2).tariff_add = 0.2;
    problem.cell(0, 3).tax = 0.15;
    problem.cell(2, 1).cost = 0.25;
    problem.eta[0][1] = -1.0;
    problem.eta[0][3] = -2.5;
    problem.epsilon[0] = vec![0.6, 0.0, 1.4, INF];
    problem.supply_shift[0][0] = 0.85;
    problem.demand_shift[0][2] = 1.1;
    problem
}

fn ask<'a>(exporters: &'a Selection, importers: &'a Selection) -> Question<'a, Solution> {
    Question { exporters, importers, against: None }
}

fn price_of(prices: &Table, country: &str) -> f64 {
    let row = words(prices, "country").iter().position(|name| name == country).unwrap();
    prices.numbers("producer_price")[row]
}

#[test]
fn the_exporter_s_ledger_adds_up_with_every_term_rebuilt() {
    let problem = busy();
    let solution = problem.solve().unwrap();
    let (flows, prices) = (solution.flows(), solution.prices());
    for (i, exporter) in problem.names.iter().enumerate() {
        let (of, to) = (pick(&solution, &[exporter]), pick(&solution, &["B", "C"]));
        let ledger = diversion(&solution, &ask(&of, &to)).unwrap();
        let [lost, redirected, not_produced, mix] =
            ["lost", "redirected", "not_produced", "mix"].map(|name| ledger.numbers(name)[0]);
        let (mut q0, mut v0, mut wanted_lost, mut wanted_redirected) = (0.0, 0.0, 0.0, 0.0);
        let rows: Vec<usize> =
            (0..problem.cells.len()).filter(|&row| words(&flows, "exporter")[row] == *exporter).collect();
        let (before, after) = (flows.numbers("quantity_before"), flows.numbers("quantity_after"));
        for &row in &rows {
            q0 += before[row];
            v0 += flows.numbers("value_before")[row];
            match words(&flows, "importer")[row].as_str() {
                "B" | "C" => wanted_lost += before[row] - after[row],
                _ => wanted_redirected += after[row] - before[row],
            }
        }
        let epsilon = problem.epsilon[0][i];
        let (wanted_not_produced, wanted_mix) = match epsilon.is_finite() {
            true => (
                q0 * (1.0 - problem.supply_shift[0][i] * price_of(&prices, exporter).powf(epsilon)),
                rows.iter()
                    .map(|&row| (q0 * flows.numbers("value_before")[row] / v0 - before[row]) * after[row] / before[row])
                    .sum(),
            ),
            false => (wanted_lost - wanted_redirected, 0.0),
        };
        // The same numbers by other sums; prices are good to 1e-12 and enter with powers of about 5.
        near(lost, wanted_lost, 1e-9);
        near(redirected, wanted_redirected, 1e-9);
        near(not_produced, wanted_not_produced, 1e-9);
        near(mix, wanted_mix, 1e-9);
        near(lost, redirected + not_produced + mix, 1e-9);
        assert!(epsilon.is_infinite() || mix.abs() > 1e-3, "unequal unit values make a mix term");
        let fraction = ledger.numbers("redirected_fraction")[0];
        close(fraction, if lost > 0.0 { redirected / lost } else { f64::NAN }, 1e-12);
        assert_eq!(words(&ledger, "unit"), ["t"]);

        let by = diversion_by_destination(&solution, &ask(&of, &to)).unwrap();
        let total = |entry: &str| -> f64 {
            words(&by, "entry").iter().zip(by.numbers("amount")).filter(|(e, _)| *e == entry).map(|(_, a)| a).sum()
        };
        for (entry, amount) in
            [("lost", lost), ("redirected", redirected), ("not_produced", not_produced), ("mix", mix)]
        {
            near(total(entry), amount, 1e-12);
        }
    }
}

#[test]
fn in_money_at_baseline_prices_there_is_no_mix() {
    let mut problem = busy();
    problem.cell(0, 1).quantity = f64::NAN;
    let solution = problem.solve().unwrap();
    let (of, to) = (pick(&solution, &["A"]), pick(&solution, &["B"]));
    let ledger = diversion(&solution, &ask(&of, &to)).unwrap();
    assert_eq!(words(&ledger, "unit"), ["USD at baseline prices"]);
    // Sums of three terms of about 50.
    close(ledger.numbers("mix")[0], 0.0, 1e-12);
    near(ledger.numbers("lost")[0], ledger.numbers("redirected")[0] + ledger.numbers("not_produced")[0], 1e-9);
}

#[test]
fn the_importers_ledger_adds_up() {
    let problem = busy();
    let solution = problem.solve().unwrap();
    let (of, to) = (pick(&solution, &["A"]), pick(&solution, &["B", "C"]));
    let ledger = diversion_by_supplier(&solution, &ask(&of, &to)).unwrap();
    let flows = solution.flows();
    let change = |supplier: &str| -> f64 {
        (0..problem.cells.len())
            .filter(|&row| words(&flows, "exporter")[row] == supplier)
            .filter(|&row| ["B", "C"].contains(&words(&flows, "importer")[row].as_str()))
            .map(|row| flows.numbers("quantity_after")[row] - flows.numbers("quantity_before")[row])
            .sum()
    };
    let (mut lost, mut rest) = (0.0, 0.0);
    for (entry, (supplier, amount)) in
        words(&ledger, "entry").iter().zip(words(&ledger, "supplier").iter().zip(ledger.numbers("amount")))
    {
        match entry.as_str() {
            "lost" => {
                near(*amount, -change(supplier), 1e-12);
                lost += amount;
            }
            "replaced" => {
                near(*amount, change(supplier), 1e-12);
                rest += amount;
            }
            "not_imported" => rest += amount,
            other => panic!("{other}"),
        }
    }
    assert!(lost > 1.0);
    // Sums of the same few numbers in another order.
    near(lost, rest, 1e-12);
}

#[test]
fn a_ledger_against_another_result_is_the_difference_of_two() {
    let problem = busy();
    let (one, two) = (problem.solve().unwrap(), {
        let mut other = problem.clone();
        other.cell(0, 1).coverage = 1.0;
        other.solve().unwrap()
    });
    let (of, to) = (pick(&two, &["A"]), pick(&two, &["B"]));
    let own = |solution: &Solution| diversion(solution, &ask(&of, &to)).unwrap();
    let both = diversion(&two, &Question { against: Some(&one), ..ask(&of, &to) }).unwrap();
    for column in ["lost", "redirected", "not_produced", "mix"] {
        near(both.numbers(column)[0], own(&two).numbers(column)[0] - own(&one).numbers(column)[0], 1e-12);
    }
    let mut other = problem.clone();
    other.cell(0, 1).value = 81.0;
    let other = other.solve().unwrap();
    assert!(matches!(diversion(&two, &Question { against: Some(&other), ..ask(&of, &to) }), Err(Error::Model(_))));
}

#[test]
fn a_closed_exporter_produced_nothing_even_at_fixed_supply() {
    for epsilon in [0.0, 0.7, INF] {
        let mut problem = busy();
        problem.epsilon[0][0] = epsilon;
        problem.supply_shift[0][0] = 1.0;
        (1..4).for_each(|j| problem.cell(0, j).coverage = 1.0);
        let solution = problem.solve().unwrap();
        let (of, to) = (pick(&solution, &["A"]), pick(&solution, &["B"]));
        let ledger = diversion(&solution, &ask(&of, &to)).unwrap();
        let q0: f64 = problem.cells.iter().filter(|cell| cell.i == 0).map(|cell| cell.quantity).sum();
        near(ledger.numbers("not_produced")[0], q0, 1e-14);
        close(ledger.numbers("mix")[0], 0.0, 0.0);
        let shares = shares(&solution, &of);
        assert!(shares.numbers("after").iter().all(|share| share.is_nan()));
        assert!(shares.numbers("total_hat").iter().all(|hat| *hat == 0.0));
    }
}

#[test]
fn shares_sum_to_one_and_follow_the_flows() {
    let problem = busy();
    let solution = problem.solve().unwrap();
    let flows = solution.flows();
    for exporters in [vec!["A"], vec!["A", "C"]] {
        let shares = shares(&solution, &pick(&solution, &exporters));
        for column in ["before", "after"] {
            // Four quotients.
            close(shares.numbers(column).iter().sum(), 1.0, 1e-14);
        }
        assert!(words(&shares, "basis").iter().all(|basis| basis == "quantity"));
        let sold = |importer: Option<&str>| -> f64 {
            (0..problem.cells.len())
                .filter(|&row| exporters.contains(&words(&flows, "exporter")[row].as_str()))
                .filter(|&row| importer.is_none_or(|importer| words(&flows, "importer")[row] == importer))
                .map(|row| flows.numbers("quantity_after")[row])
                .sum()
        };
        for (row, importer) in words(&shares, "importer").iter().enumerate() {
            close(shares.numbers("after")[row], sold(Some(importer)) / sold(None), 1e-14);
            let shift = 100.0 * (shares.numbers("after")[row] - shares.numbers("before")[row]);
            close(shares.numbers("shift")[row], shift, 1e-12);
        }
    }
    let (of, away, toward) = (pick(&solution, &["A"]), pick(&solution, &["B"]), pick(&solution, &["C", "D"]));
    let shift = share_shift(&solution, &of, &away, &toward);
    // A sells to B, C and D only, so that what leaves one goes to the others.
    close(shift.numbers("away_shift")[0], -shift.numbers("toward_shift")[0], 1e-11);
    assert!(shift.numbers("away_shift")[0].abs() > 0.1, "{shift:?}");
}

#[test]
fn shares_are_by_value_where_a_quantity_is_missing() {
    let mut problem = busy();
    problem.cell(0, 3).quantity = f64::NAN;
    let solution = problem.solve().unwrap();
    let shares = shares(&solution, &pick(&solution, &["A"]));
    assert!(words(&shares, "basis").iter().all(|basis| basis == "value"));
    close(shares.numbers("before")[0], 80.0 / 160.0, 1e-15);
    let flows = solution.flows();
    assert_eq!(words(&flows, "quantity_unit").iter().filter(|unit| *unit == "USD at baseline prices").count(), 1);
}

#[test]
fn the_accounts_of_every_flow_add_up() {
    let problem = busy();
    let (model, compiled) = (problem.model(), problem.compiled());
    let wedges = &compiled.markets[0].variants[0];
    let equilibrium = model.solve(0, wedges, None, &Stop::default()).unwrap();
    let mut cells = problem.cells.clone();
    cells.sort_by_key(|cell| (cell.i, cell.j));
    for (account, cell) in accounts(&model, 0, wedges, &equilibrium).zip(&cells) {
        let (power, tax) = ((1.0 + cell.tariff + cell.tariff_add), 1.0 + cell.tax);
        // Each a product of two or three factors.
        near(account.receipts + account.export_tax, account.border_value, 1e-14);
        near(account.receipts * tax, account.border_value, 1e-14);
        near(account.duty, (power - 1.0) * account.border_value, 1e-13);
        near(account.arrived_hat * (1.0 + cell.cost), account.shipped_hat, 1e-14);
        // The producer receives p on each unit shipped.
        let price = equilibrium.log_producer_price[cell.i].exp();
        near(account.receipts, cell.value * price * account.shipped_hat, 1e-11);
    }
}

/// ∫ from 1 to `to` of p^e dp by Simpson's rule in logs: no closed form of the crate in it.
fn area(to: f64, elasticity: f64) -> f64 {
    const STEPS: usize = 2000;
    let width = to.ln() / STEPS as f64;
    let at = |step: usize| ((1.0 + elasticity) * width * step as f64).exp();
    let inner: f64 = (1..STEPS).map(|step| if step % 2 == 1 { 4.0 * at(step) } else { 2.0 * at(step) }).sum();
    width / 3.0 * (at(0) + inner + at(STEPS))
}

#[test]
fn surpluses_are_areas_under_the_curves() {
    let problem = busy();
    let solution = problem.solve().unwrap();
    let (welfare, prices, flows) = (solution.welfare(By::Country, INF), solution.prices(), solution.flows());
    for (c, country) in problem.names.iter().enumerate() {
        let spent: f64 =
            problem.cells.iter().filter(|cell| cell.j == c).map(|cell| cell.value * (1.0 + cell.tariff)).sum();
        let received: f64 = problem.cells.iter().filter(|cell| cell.i == c).map(|cell| cell.value).sum();
        let demand = problem.demand_shift[0][c] * spent;
        let index = prices.numbers("price_index")[c];
        // Simpson's error at 2,000 steps over less than one log is below 1e-12 of the area.
        near(welfare.numbers("consumer")[c], -demand * area(index, problem.eta[0][c]), 1e-9);
        let epsilon = problem.epsilon[0][c];
        let z = problem.supply_shift[0][c];
        let (producer, shift) = match epsilon.is_finite() {
            true => (z * received * area(price_of(&prices, country), epsilon), received * (z - 1.0) / (1.0 + epsilon)),
            false => (0.0, 0.0),
        };
        near(welfare.numbers("producer")[c], producer, 1e-9);
        near(welfare.numbers("shift")[c], shift, 1e-12);
        let mut government = 0.0;
        for row in 0..problem.cells.len() {
            let (i, j) = (&words(&flows, "exporter")[row], &words(&flows, "importer")[row]);
            let cell =
                problem.cells.iter().find(|cell| problem.names[cell.i] == *i && problem.names[cell.j] == *j).unwrap();
            let after = flows.numbers("value_after")[row];
            if j == country {
                government += (cell.tariff + cell.tariff_add) * after - cell.tariff * cell.value;
            }
            if i == country {
                government += after * cell.tax / (1.0 + cell.tax);
            }
        }
        near(welfare.numbers("government")[c], government, 1e-11);
        assert_eq!(welfare.numbers("rent")[c], 0.0);
        let parts = ["consumer", "producer", "government", "rent", "shift"].map(|name| welfare.numbers(name)[c]);
        near(welfare.numbers("total")[c], parts.iter().sum(), 1e-14);
    }
}

#[test]
fn the_welfare_of_a_period_is_the_mean_of_its_segments() {
    let problem =
        Problem::matrix(&["A", "B", "C"], &[&[0.0, 80.0, 10.0], &[5.0, 0.0, 7.0], &[0.0, 40.0, 0.0]], 4.0, -0.8, 1.0);
    let duty = tariff("A", "B", 0.2);
    let tax = Measure { verb: Verb::ExportTax, ..duty.clone() };
    let always = problem.solve_with(&scenario(vec![duty.clone(), tax.clone()]), Options::default()).unwrap();
    let from = |measure: Measure| Measure { start: Some("2024-07-02".parse().unwrap()), ..measure };
    let options = Options { at: Some(Period::Year(2024)), ..Options::default() };
    let half = problem.solve_with(&scenario(vec![from(duty), from(tax)]), options).unwrap();
    for column in ["consumer", "producer", "government", "total"] {
        let (half, always) = (half.welfare(By::Country, INF), always.welfare(By::Country, INF));
        for (half, always) in half.numbers(column).iter().zip(always.numbers(column)) {
            // 183 of 366 days; the other half is the baseline. Prices are good to 1e-12, values are about 100.
            close(*half, 0.5 * always, 1e-9);
        }
    }
}

#[test]
fn welfare_by_commodity_and_by_country_have_one_total() {
    let solution = busy().solve().unwrap();
    let total = |by: By| -> f64 { solution.welfare(by, INF).numbers("total").iter().sum() };
    // The same numbers in another order.
    near(total(By::Country), total(By::Commodity), 1e-12);
    near(total(By::Country), total(By::CountryCommodity), 1e-12);
    assert_eq!(solution.welfare(By::Commodity, INF).numbers("total").len(), 1);
}

#[test]
fn a_duty_hurts_the_exporter_and_the_buyers_and_fills_the_treasury() {
    let values: [&[f64]; 3] = [&[0.0, 80.0, 10.0], &[0.0, 0.0, 0.0], &[0.0, 40.0, 0.0]];
    let problem = Problem::matrix(&["A", "B", "C"], &values, 4.0, -0.8, 1.0);
    let solution = problem.solve_with(&scenario(vec![tariff("A", "B", 0.2)]), Options::default()).unwrap();
    let welfare = solution.welfare(By::Country, INF);
    let (consumer, producer) = (welfare.numbers("consumer"), welfare.numbers("producer"));
    assert!(producer[0] < 0.0 && producer[2] > 0.0 && consumer[1] < 0.0 && consumer[2] > 0.0);
    assert!(welfare.numbers("government")[1] > 0.0 && welfare.numbers("government")[0] == 0.0);
    // A tariff is a loss to the world: the triangles.
    assert!(welfare.numbers("total").iter().sum::<f64>() < 0.0);
}

#[test]
fn only_in_welfare_an_infinite_price_index_is_truncated_at_choke() {
    for (eta, choke, wanted) in [
        (-0.5, 3.0, -(3f64.sqrt() - 1.0) / 0.5),
        (-1.0, 3.0, -(3f64.ln())),
        (-2.0, 3.0, -(1.0 - 1.0 / 3.0)),
        (-2.0, INF, -1.0),
        (-1.5, INF, -2.0),
        (-1.0, INF, f64::NEG_INFINITY),
        (-0.5, INF, f64::NEG_INFINITY),
        (0.0, INF, f64::NEG_INFINITY),
    ] {
        let values: [&[f64]; 3] = [&[0.0, 80.0, 20.0], &[0.0; 3], &[0.0; 3]];
        let problem = Problem::matrix(&["A", "B", "C"], &values, 4.0, eta, 1.0);
        let solution = problem.solve_with(&scenario(vec![ban("A", "B")]), Options::default()).unwrap();
        let welfare = solution.welfare(By::Country, choke);
        // One closed form against itself by hand.
        near(welfare.numbers("consumer")[1], 80.0 * wanted, 1e-13);
        assert!(welfare.numbers("choke").iter().all(|value| *value == choke));
        assert_eq!(solution.prices().numbers("price_index")[1], INF);
    }
}

#[test]
fn certificates_are_small_and_would_notice_wrong_prices() {
    let problem = busy();
    let solution = problem.solve().unwrap();
    let certificate = solution.certificate();
    for column in ["market_clearing", "demand"] {
        // Prices good to 1e-12 with powers of about 6.
        assert!(certificate.numbers(column)[0] < 1e-10, "{column}");
    }
    let (model, compiled) = (problem.model(), problem.compiled());
    let wedges = &compiled.markets[0].variants[0];
    let mut wrong = model.solve(0, wedges, None, &Stop::default()).unwrap();
    wrong.log_producer_price[0] += 1e-4;
    let seen = tradewinds::result::certify(&model, 0, wedges, &wrong);
    assert!(seen.market_clearing > 1e-5 && seen.demand > 1e-5, "{seen:?}");
    wrong.log_producer_price[0] = 1e4;
    let seen = tradewinds::result::certify(&model, 0, wedges, &wrong);
    assert!(seen.market_clearing > 1.0, "numbers out of range are no clean certificate: {seen:?}");
}

#[test]
fn the_wedges_and_shifts_in_force_are_listed() {
    let problem = busy();
    let solution = problem.solve().unwrap();
    let wedges = solution.wedges();
    assert_eq!(words(&wedges, "exporter"), ["A", "A", "A", "C"]);
    assert_eq!(words(&wedges, "importer"), ["B", "C", "D", "B"]);
    assert_eq!(wedges.numbers("availability"), [0.5, 1.0, 1.0, 1.0]);
    let mut problem = problem;
    let duty = 1.0 + problem.cell(0, 2).tariff + 0.2;
    close(wedges.numbers("tariff_power")[1], duty, 1e-15);
    assert_eq!((wedges.numbers("export_tax_power")[2], wedges.numbers("cost_factor")[3]), (1.15, 1.25));
    let shifts = shifts(&solution);
    assert_eq!(words(&shifts, "country"), ["A", "C"]);
    assert_eq!((shifts.numbers("supply_shift"), shifts.numbers("demand_shift")), (&[0.85, 1.0][..], &[1.0, 1.1][..]));
}

#[test]
fn a_shift_to_nothing_is_not_reported_as_the_loss_of_partners() {
    // Nothing is supplied, nobody closed the door: 0 unsold at fixed supply.
    let values: [&[f64]; 2] = [&[0.0, 80.0], &[20.0, 30.0]];
    let mut problem = Problem::matrix(&["A", "B"], &values, 4.0, -0.5, 0.0);
    problem.supply_shift[0][0] = 0.0;
    let solution = problem.solve().unwrap();
    assert_eq!(solution.flows().numbers("quantity_after")[0], 0.0);
    let closed = solution.closed();
    let unsold: f64 = closed.numbers("unsold").iter().filter(|amount| amount.is_finite()).sum();
    assert_eq!(unsold, 0.0, "an exporter that offers nothing leaves nothing unsold");
}

#[test]
fn an_empty_scenario_has_empty_lists() {
    let solution = busy().solve_with(&Scenario::default(), Options::default()).unwrap();
    assert!(
        solution.wedges().numbers("availability").is_empty() && shifts(&solution).numbers("supply_shift").is_empty()
    );
    assert!(solution.closed().numbers("unsold").is_empty());
    let (of, to) = (pick(&solution, &["A"]), pick(&solution, &["B"]));
    let ledger = diversion(&solution, &ask(&of, &to)).unwrap();
    assert!(ledger.numbers("lost")[0].abs() < 1e-9, "rounding of quantities of about 100");
    let question = Measure { exporters: Selector(vec!["A".into()]), supply: Some(0.5), ..Measure::new(Verb::Shift) };
    assert!(question.check().is_ok());
}
