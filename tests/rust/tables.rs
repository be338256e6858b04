//! Accounts of world tables, the shares made of them, and the values behind shares.

use ndarray::{Array1, Array2, Array3, Axis};
use proptest::prelude::*;
use tradewinds::data::accounts::{Inventories, NegativeValueAdded};
use tradewinds::data::balance::Finding;
use tradewinds::data::input_output::Shares;
use tradewinds::data::{Accounts, Balance, InputOutput, Labels};

/// Fixed points to 1e-14 with an amplification of at most ten, and sums of a few dozen terms.
const ROUNDING: f64 = 1e-11;

fn names(prefix: &str, count: usize) -> Labels {
    Labels::new((0..count).map(|position| format!("{prefix}{position}")))
}

/// Deliveries drawn one by one; final demand is at least twice as large as any input.
fn accounts(n: usize, j: usize, draws: &[f64]) -> Accounts {
    let mut draws = draws.iter().copied().cycle();
    let mut made = Accounts::new(names("c", n), names("s", j));
    for seller in (0..n).flat_map(|country| (0..j).map(move |sector| (country, sector))) {
        for importer in 0..n {
            for use_ in 0..j {
                made.deliver(seller, (importer, use_), draws.next().unwrap()).unwrap();
            }
            made.deliver_finally(seller, importer, false, 10.0 + draws.next().unwrap()).unwrap();
            made.deliver_finally(seller, importer, true, draws.next().unwrap() - 0.5).unwrap();
        }
        // Home markets are large, so that every sector has value added.
        made.deliver_finally(seller, seller.0, false, 2.0 * (n * j) as f64).unwrap();
    }
    made
}

fn table(of: &Accounts) -> (InputOutput, Balance) {
    of.table(Inventories::Keep, NegativeValueAdded::Refuse).unwrap()
}

fn close(found: &Array3<f64>, expected: &Array3<f64>) -> bool {
    let size = expected.iter().fold(0.0_f64, |size, value| size.max(value.abs()));
    found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() <= ROUNDING * size)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn values_of_the_shares_are_the_accounts(draws in prop::collection::vec(0.0..1.0_f64, 60), n in 1..5_usize, j in 1..5_usize) {
        let made = accounts(n, j, &draws);
        let (found, balance) = table(&made);
        let values = found.values().unwrap();
        let bought = &made.deliveries + &made.final_demand + &made.inventories;
        prop_assert!(close(&values.trade, &bought));
        prop_assert!(close(&values.inputs, &made.inputs));
        let output = bought.sum_axis(Axis(1));
        let added = &output - &made.inputs.sum_axis(Axis(1)).t();
        prop_assert!((&values.value_added - &added).iter().all(|off| off.abs() <= ROUNDING * output.sum()));
        prop_assert!(balance.0.iter().all(|entry| entry.what == Finding::InventoriesKept));
    }

    #[test]
    fn sums_then_shares_are_shares_of_sums(draws in prop::collection::vec(0.0..1.0_f64, 60), places in prop::collection::vec(0..2_usize, 7)) {
        let (n, j) = (4, 3);
        let made = accounts(n, j, &draws);
        let into = |prefix: &str, places: &[usize]| places.iter().map(|place| format!("{prefix}{place}")).collect::<Vec<_>>();
        let (countries, sectors) = (into("C", &places[..n]), into("S", &places[n..]));
        let found = table(&made).0.aggregate(&countries, &sectors).unwrap();
        let mut merged = Accounts::new(Labels::new(countries.clone()), Labels::new(sectors.clone()));
        let country = |position: usize| merged.countries.position(&countries[position]).unwrap();
        let sector = |position: usize| merged.sectors.position(&sectors[position]).unwrap();
        let sum = |of: &Array3<f64>, into: &Array3<f64>, place: &dyn Fn([usize; 3]) -> [usize; 3]| {
            let mut summed = into.clone();
            of.indexed_iter().for_each(|((a, b, c), value)| summed[place([a, b, c])] += value);
            summed
        };
        let flows = |[s, m, i]: [usize; 3]| [sector(s), country(m), country(i)];
        let uses = |[m, s, k]: [usize; 3]| [country(m), sector(s), sector(k)];
        let deliveries = sum(&made.deliveries, &merged.deliveries, &flows);
        let inventories = sum(&made.inventories, &merged.inventories, &flows);
        let final_demand = sum(&made.final_demand, &merged.final_demand, &flows);
        let inputs = sum(&made.inputs, &merged.inputs, &uses);
        (merged.deliveries, merged.inventories, merged.final_demand, merged.inputs) = (deliveries, inventories, final_demand, inputs);
        let expected = table(&merged).0;
        prop_assert!(close(&found.shares.import_share, &expected.shares.import_share));
        prop_assert!(close(&found.shares.input_share, &expected.shares.input_share));
        let off = |found: &Array1<f64>, expected: &Array1<f64>| (found - expected).iter().all(|off| off.abs() < ROUNDING * expected.sum().abs().max(1e3));
        prop_assert!(off(&found.shares.value_added, &expected.shares.value_added));
        prop_assert!(off(found.shares.deficit.as_ref().unwrap(), expected.shares.deficit.as_ref().unwrap()));
    }
}

#[test]
fn one_country_and_one_sector_by_hand() {
    let mut made = Accounts::new(names("c", 1), names("s", 1));
    made.deliver((0, 0), (0, 0), 25.0).unwrap();
    made.deliver_finally((0, 0), 0, false, 80.0).unwrap();
    made.deliver_finally((0, 0), 0, true, -5.0).unwrap();
    let (kept, _) = table(&made);
    assert_eq!((kept.shares.value_added[0], kept.shares.input_share[[0, 0, 0]]), (75.0, 0.25));
    // Without inventories 80 are wanted, and 80 / (1 − 0.25) made.
    let (without, balance) = made.table(Inventories::LeaveOut, NegativeValueAdded::Refuse).unwrap();
    assert!((without.shares.value_added[0] - 80.0).abs() < 1e-12 * 80.0);
    let (change, size) = balance.total(Finding::OutputChange);
    assert!((change - (80.0 / 0.75 - 100.0)).abs() < 1e-11 && change == size);
    assert_eq!(balance.total(Finding::InventoriesLeftOut), (-5.0, 5.0));
}

#[test]
fn a_row_that_does_not_add_up_and_inputs_beyond_output() {
    let mut made = accounts(2, 2, &[0.3, 0.9, 0.1, 0.7]);
    let sold = (&made.deliveries + &made.final_demand + &made.inventories).sum_axis(Axis(1));
    let mut stated: Array2<f64> = sold.clone();
    stated[[1, 0]] += 0.5;
    made.output = Some(stated);
    let (_, balance) = table(&made);
    let (row, size) = balance.total(Finding::RowImbalance);
    assert!((row - 0.5).abs() < 1e-12 && row == size);
    let mut stated = sold;
    stated[[1, 0]] = 0.1;
    made.output = Some(stated);
    let message = made.table(Inventories::Keep, NegativeValueAdded::Refuse).unwrap_err().to_string();
    assert!(message.contains("s1 in c0 has a value added of -"), "{message}");
    let (scaled, balance) = made.table(Inventories::Keep, NegativeValueAdded::Zero).unwrap();
    assert_eq!(scaled.shares.value_added_share[[1, 0]], 0.0);
    assert!(balance.total(Finding::NegativeValueAdded).0 < 0.0);
}

#[test]
fn stated_deficits_that_do_not_belong_to_the_shares_are_summed_as_they_are() {
    let (found, _) = table(&accounts(3, 2, &[0.2, 0.8, 0.5, 0.1, 0.9]));
    let shares = Shares { deficit: Some(Array1::zeros(3)), ..found.shares.clone() };
    let zero = InputOutput::new(found.countries.names().to_vec(), found.sectors.names().to_vec(), shares).unwrap();
    // The values are those of the shares and the value added, whatever deficits are stated.
    assert!(close(&zero.values().unwrap().trade, &found.values().unwrap().trade));
    let merged = zero.aggregate(&["x".into(), "x".into(), "y".into()], found.sectors.names()).unwrap();
    assert_eq!(merged.shares.deficit, Some(Array1::zeros(2)));
}
