//! Equilibria against closed forms, brute force, and cases that must collapse.

use std::sync::Arc;

use tradewinds::Error;
use tradewinds::data::{Duplicates, FlowRows, Flows, Labels, Period, Units};
use tradewinds::model::General;
use tradewinds::model::general::Deficits;
use tradewinds::model::general::nest::Nests;
use tradewinds::result::GeneralSolution;
use tradewinds::scenario::{Measure, Verb};
use tradewinds::solve::Stop;

use super::support::*;

const EVERY: [Deficits; 3] = [Deficits::Zero, Deficits::Additive, Deficits::Multiplicative];

#[test]
fn no_measure_changes_nothing() {
    for deficits in EVERY {
        for nests in [Nests::default(), Nests { value_added: 0.4, inputs: 0.2, goods: 1.7 }] {
            let model = model(shares(5, 4, 0.6, true, true, 11), 6.0, deficits, nests);
            let solution = solve(&model, Vec::new()).unwrap();
            // The baseline is a solution to 1e-12 in logs, and percent are a hundred times that.
            assert!(real_income(&solution).iter().all(|change| change.abs() < 1e-9));
            let flows = solution.flows();
            let (before, after) = (flows.numbers("value_before"), flows.numbers("value_after"));
            assert!(before.iter().zip(after).all(|(b, a)| (a / b - 1.0).abs() < 1e-10));
        }
    }
}

#[test]
fn accounts_rebuilt_from_flows_agree() {
    for (seed, deficits) in (0..12).flat_map(|seed| EVERY.map(|deficits| (seed, deficits))) {
        let nests = [Nests::default(), Nests { value_added: 0.5, inputs: 0.1, goods: 0.8 }][seed % 2];
        let model = model(shares(5, 3, 0.6, true, seed % 3 > 0, seed as u64), 4.0, deficits, nests);
        let tax = Measure { rate: Some(0.2), ..measure(Verb::ExportTax, &["C1"], &["*"], &["S0"]) };
        let cost = Measure { change: Some(0.3), ..measure(Verb::TradeCost, &["C2"], &["C3"], &["*"]) };
        let partial = Measure { coverage: Some(0.6), ..ban(&["C3"], &["C0"], &["*"]) };
        let measures = vec![duty(&["C4"], &["*"], 0.4), tax, cost, partial, ban(&["C0"], &["C4"], &["S1"])];
        let solution = solve(&model, measures).unwrap();
        assert!(solution.status().converged, "{seed} {deficits:?}");
        let certificate = solution.certificate();
        for name in ["demand", "labour", "trade_balance", "budget"] {
            // The promise of every result.
            assert!(certificate.numbers(name)[0] < 1e-10, "{seed} {deficits:?} {name}");
        }
    }
}

#[test]
fn the_scale_of_values_does_not_matter() {
    let given = shares(4, 3, 0.6, true, true, 5);
    let mut scaled = given.clone();
    scaled.value_added *= 1e7;
    let measures = || vec![duty(&["C0"], &["*"], 0.5), ban(&["C1"], &["C2"], &["S2"])];
    let found: Vec<Vec<f64>> = [given, scaled]
        .into_iter()
        .map(|shares| {
            real_income(&solve(&model(shares, 5.0, Deficits::Additive, Nests::default()), measures()).unwrap())
        })
        .collect();
    // Two searches that end within 1e-12 in logs, in percent, with a factor for what they amplify.
    assert!(apart(&found[0], &found[1]) < 1e-9);
}

/// Autarky of Cobb–Douglas sectors: ln Ŵ_n = Σ_j α_j Σ_k [(1 − Γᵀ)⁻¹]_jk ln π_nn^k/θ_k.
#[test]
fn autarky_is_the_closed_form() {
    let (n, sectors, theta) = (3, 3, [4.0, 6.0, 9.0]);
    let mut given = shares(n, sectors, 0.6, true, false, 9);
    given.deficit = Some(vec![0.0; n].into());
    let table = table(given);
    let model =
        General::new(&table, settings(&theta, Deficits::Zero, Nests::default()), None, &Stop::default()).unwrap();
    let everyone = ["C0", "C1", "C2"];
    let measures = everyone.iter().map(|own| {
        let others: Vec<&str> = everyone.iter().copied().filter(|other| other != own).collect();
        ban(&others, &[own], &["*"])
    });
    let solution = solve(&model, measures.collect()).unwrap();
    let economy = &model.economy;
    for i in 0..n {
        // ln P = ln(π_nn)/θ + Γᵀ ln P with the wage 1, by its own series.
        let own = |j: usize| economy.import_share[economy.flow(j, i, i)].ln() / theta[j];
        let mut price = vec![0.0; sectors];
        for _ in 0..400 {
            price = (0..sectors)
                .map(|j| {
                    own(j) + (0..sectors).map(|k| economy.inputs(i)[k * economy.width() + j] * price[k]).sum::<f64>()
                })
                .map(|log| -log)
                .collect();
            price.iter_mut().for_each(|log| *log = -*log);
        }
        let gain: f64 = (0..sectors).map(|j| economy.wants(i)[j] * price[j]).sum();
        // −ln P^C = ln Ŵ; searched to 1e-12, in percent.
        let closed = 100.0 * gain.exp_m1();
        let found = real_income(&solution)[i];
        assert!((found - closed).abs() < 1e-8, "{found} {closed}");
        assert!(closed < 0.0);
    }
}

fn flows(n: usize, seed: u64) -> Flows {
    let mut random = Random(seed);
    let mut rows = FlowRows::default();
    for exporter in 0..n as u32 {
        for importer in 0..n as u32 {
            rows.period.push(0);
            rows.commodity.push(0);
            rows.exporter.push(exporter);
            rows.importer.push(importer);
            rows.value.push(if exporter == importer { 500.0 } else { 40.0 * random.next() });
            rows.quantity.push(f64::NAN);
        }
    }
    let units = Units { currency: "USD".to_string(), quantity: vec![String::new()] };
    let labels = (Labels::new(names("C", n)), Labels::new(["S0"]));
    Flows::new(labels.0, labels.1, vec![Period::Year(2014)], None, units, rows, Duplicates::Raise).unwrap()
}

#[test]
fn one_sector_without_inputs_is_gravity() {
    let flows = flows(6, 77);
    let of_flows = tradewinds::data::one_sector::one_sector(&flows, Period::Year(2014)).unwrap();
    let gravity = General::new(
        &Arc::new(of_flows.clone()),
        settings(&[4.0], Deficits::Additive, Nests::default()),
        None,
        &Stop::default(),
    )
    .unwrap();
    // Two equal sectors without inputs are one.
    let mut twice = of_flows.shares.clone();
    let one = of_flows.shares.import_share.view();
    twice.import_share = ndarray::concatenate(ndarray::Axis(0), &[one, one]).unwrap();
    twice.input_share = ndarray::Array3::zeros((6, 2, 2));
    twice.value_added_share = ndarray::Array2::ones((2, 6));
    twice.final_share = ndarray::Array2::from_elem((2, 6), 0.5);
    let two = model(twice, 4.0, Deficits::Additive, Nests::default());
    let measures = || vec![duty(&["C0"], &["C1"], 0.3), ban(&["C2"], &["C3"], &["*"])];
    let (one, two) = (solve(&gravity, measures()).unwrap(), solve(&two, measures()).unwrap());
    // Both searched to 1e-12 in logs, in percent.
    assert!(apart(&real_income(&one), &real_income(&two)) < 1e-8);
    // By hand: wages from the market-clearing equation alone, one country at a time.
    let economy = &gravity.economy;
    let wages = brute_force(&gravity, &one);
    let found = one.wages();
    for (i, wage) in wages.iter().enumerate() {
        assert!((found.numbers("wage")[i] - wage).abs() < 1e-9, "{i} of {}", economy.countries);
    }
}

/// Wages by damped steps on excess demand, everything else recomputed from scratch each time.
fn brute_force(model: &General, solution: &tradewinds::result::GeneralSolution) -> Vec<f64> {
    let economy = &model.economy;
    let n = economy.countries;
    let theta = economy.trade_elasticity[0];
    let mut tariff = vec![1.0; economy.import_share.len()];
    let mut kernel = economy.import_share.to_vec();
    for cell in &solution.equilibria[0].cells {
        let flow = economy.flow(0, cell.importer as usize, cell.exporter as usize);
        tariff[flow] = cell.tariff_power;
        kernel[flow] *= cell.availability * cell.tariff_power.powf(-theta);
    }
    let mut wage = vec![1.0f64; n];
    for _ in 0..20_000 {
        let share = |buyer: usize, seller: usize| {
            let of = |i: usize| kernel[economy.flow(0, buyer, i)] * wage[i].powf(-theta);
            of(seller) / (0..n).map(of).sum::<f64>()
        };
        let shares: Vec<Vec<f64>> = (0..n).map(|m| (0..n).map(|i| share(m, i)).collect()).collect();
        let spending: Vec<f64> = (0..n)
            .map(|m| {
                let kept: f64 = (0..n).map(|i| shares[m][i] / tariff[economy.flow(0, m, i)]).sum();
                // Duties come back as income: X = w L + D + (1 − kept) X.
                (wage[m] * economy.value_added[m] + model.deficit[m]) / kept
            })
            .collect();
        let sales = |i: usize| (0..n).map(|m| shares[m][i] * spending[m] / tariff[economy.flow(0, m, i)]).sum::<f64>();
        let ratio: Vec<f64> = (0..n).map(|i| sales(i) / (wage[i] * economy.value_added[i])).collect();
        wage.iter_mut().zip(&ratio).for_each(|(wage, ratio)| *wage *= ratio.powf(0.2));
        let world: f64 = wage.iter().zip(&economy.value_added).map(|(w, v)| w * v).sum();
        let factor = economy.value_added.iter().sum::<f64>() / world;
        wage.iter_mut().for_each(|wage| *wage *= factor);
        if ratio.iter().all(|ratio| (ratio - 1.0).abs() < 1e-14) {
            break;
        }
    }
    wage
}

#[test]
fn nests_at_one_are_cobb_douglas() {
    let measures = || vec![duty(&["C0"], &["*"], 0.5), ban(&["C1"], &["C2"], &["S0"])];
    let with = |nests: Nests| {
        real_income(
            &solve(&model(shares(4, 3, 0.6, true, true, 5), 5.0, Deficits::Additive, nests), measures()).unwrap(),
        )
    };
    let plain = with(Nests::default());
    for near in [1.0 + 1e-9, 1.0 - 1e-7] {
        // The distance of the elasticity from 1 times changes of order 1, in percent.
        assert!(apart(&plain, &with(Nests { value_added: near, inputs: near, goods: near })) < 1e-5);
    }
    // One nest is two of the same elasticity: near enough to 0.5 that only the form of the sums differs.
    let single = with(Nests { value_added: 0.5, inputs: 0.5, goods: 1.0 });
    let nested = with(Nests { value_added: 0.5 + 1e-12, inputs: 0.5, goods: 1.0 });
    assert!(apart(&single, &nested) < 1e-8);
    assert!(apart(&plain, &single) > 1e-3);
}

#[test]
fn prohibitive_duties_are_nearly_bans() {
    for deficits in [Deficits::Zero, Deficits::Multiplicative] {
        let model = model(shares(4, 3, 0.7, true, true, 21), 6.0, deficits, Nests::default());
        let closed = solve(&model, vec![ban(&["C0"], &["C1"], &["*"])]).unwrap();
        let taxed = solve(&model, vec![duty(&["C0"], &["C1"], 999.0)]).unwrap();
        // (1000)^(−6) of trade is left.
        assert!(apart(&real_income(&closed), &real_income(&taxed)) < 1e-6);
    }
}

#[test]
fn duties_of_525_percent_on_everything_are_solved() {
    for deficits in EVERY {
        // Balanced but for a little: with fixed deficits the trade that is left must carry them.
        let mut given = shares(4, 3, 0.7, true, false, 33);
        let sum: f64 = given.value_added.sum();
        given.deficit = Some(vec![1e-3 * sum, -1e-3 * sum, 0.0, 0.0].into());
        let model = model(given, 4.0, deficits, Nests::default());
        let solution = solve(&model, vec![duty(&["*"], &["*"], 5.25)]).unwrap();
        let status = solution.status();
        assert!(status.converged, "{deficits:?} {status:?}");
        assert!(status.residual < 1e-10);
    }
}

#[test]
fn a_surplus_that_takes_all_that_is_earned_has_no_equilibrium() {
    let mut given = shares(4, 3, 0.7, true, false, 33);
    let sum: f64 = given.value_added.sum();
    given.deficit = Some(vec![0.1 * sum, -0.1 * sum, 0.0, 0.0].into());
    let model = model(given, 4.0, Deficits::Additive, Nests::default());
    let left = |solution: &GeneralSolution| 1.0 + real_income(solution)[1] / 100.0;
    let rates = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
    let mut last = 1.0;
    for rate in rates {
        match solve(&model, vec![duty(&["*"], &["*"], rate)]) {
            Ok(solution) => {
                assert!(solution.status().converged, "{rate} {:?}", solution.status());
                assert!(left(&solution) < last, "{rate} {} {last}", left(&solution));
                last = left(&solution);
            }
            Err(Error::Infeasible { message, countries }) => {
                assert_eq!(countries, ["C1"]);
                assert!(message.contains("fixed surplus of C1"), "{message}");
                // It came near the end: real income was falling to nothing.
                assert!(last < 0.5, "{rate} {last}");
                return;
            }
            Err(other) => panic!("{rate}: {other}"),
        }
    }
    panic!("solved at every rate, with {last} of income left");
}

#[test]
fn a_period_is_its_segments_weighted_by_days() {
    let model = model(shares(4, 3, 0.6, true, true, 5), 5.0, Deficits::Additive, Nests::default());
    let from = || Measure { start: Some(day("2014-07-02")), ..duty(&["C0"], &["*"], 0.5) };
    let half = solve_at(&model, vec![from()], Some(Period::Year(2014))).unwrap();
    let full = solve(&model, vec![from()]).unwrap();
    let weight = 183.0 / 365.0;
    let expected: Vec<f64> = real_income(&full).iter().map(|change| weight * change).collect();
    // The part without the measure is 0 to 1e-12 in logs, in percent.
    assert!(apart(&real_income(&half), &expected) < 1e-9);
    let (part, whole) = (half.flows(), full.flows());
    for row in 0..part.numbers("value_after").len() {
        let mixed = (1.0 - weight) * whole.numbers("value_before")[row] + weight * whole.numbers("value_after")[row];
        assert!((part.numbers("value_after")[row] / mixed - 1.0).abs() < 1e-10);
    }
}

#[test]
fn many_scenarios_come_out_as_each_alone_bit_for_bit() {
    let model = model(shares(4, 3, 0.6, true, true, 5), 5.0, Deficits::Additive, Nests::default());
    let all: Vec<_> = (1..9).map(|k| scenario(vec![duty(&["C0"], &["*"], 0.1 * f64::from(k))])).collect();
    let together = tradewinds::solve_general_each(&model, &all, Default::default(), &Stop::default()).unwrap();
    for (one, scenario) in together.into_iter().zip(&all) {
        let alone = tradewinds::solve_general_each(
            &model,
            std::slice::from_ref(scenario),
            Default::default(),
            &Stop::default(),
        );
        assert_eq!(one.unwrap().equilibria[0].point, alone.unwrap().remove(0).unwrap().equilibria[0].point);
    }
}

#[test]
fn deficits_follow_from_the_shares_where_they_are_not_given() {
    let given = shares(4, 3, 0.6, true, true, 5);
    let implied = model(given.clone(), 5.0, Deficits::Additive, Nests::default());
    assert!(implied.rebalanced < 1e-10, "{}", implied.rebalanced);
    let sum: f64 = implied.deficit.iter().sum();
    let size: f64 = given.value_added.sum();
    // The search for spending ends at 1e-13 in logs.
    assert!(sum.abs() < 1e-11 * size && implied.deficit.iter().any(|d| d.abs() > 1e-3 * size));
    let eliminated = model(given, 5.0, Deficits::Zero, Nests::default());
    assert!(eliminated.rebalanced > 1e-3 && eliminated.deficit.iter().all(|d| *d == 0.0));
}
