//! Revenue: adds up, and is what its definition says of the reported flows.

use tradewinds::model::Armington;
use tradewinds::result::Solution;
use tradewinds::scenario::{Measure, Verb};

use crate::answers::support::{ban, close, measure, model, random_solution, rows, scenario, select, solve, words};

/// By commodity: every number of a row.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    before: f64,
    after: f64,
    volume: f64,
    world_price: f64,
    discount: f64,
    freight: f64,
    /// Sizes of what was added and subtracted, for the tolerance.
    scale: f64,
}

fn ask(solution: &Solution, exporters: &[&str], reference: Option<&[&str]>) -> Vec<(String, String, Found)> {
    let reference = reference.map(|terms| select(solution, terms));
    let table = solution.revenue(&select(solution, exporters), reference.as_ref()).unwrap();
    let column = |name: &str| table.numbers(name).to_vec();
    let columns = ["before", "after", "volume", "world_price", "discount", "freight"].map(column);
    let (commodity, basis) = (words(&table, "commodity"), words(&table, "basis"));
    let change = column("change");
    (0..commodity.len())
        .map(|row| {
            let [before, after, volume, world_price, discount, freight] = columns.each_ref().map(|c| c[row]);
            assert_eq!(change[row], after - before);
            let found = Found { before, after, volume, world_price, discount, freight, scale: 0.0 };
            (commodity[row].clone(), basis[row].clone(), found)
        })
        .collect()
}

/// The definition, written out on the flows as reported: n̄ΔQ, Q̄ΔP^w and −Q̄ΔD with D = P^w − n.
fn by_hand(solution: &Solution, exporter: &str, commodity: &str) -> Option<(&'static str, Found)> {
    let flows = rows(solution);
    let abroad = || flows.iter().filter(|row| row.commodity == commodity && row.exporter != row.importer);
    let own: Vec<_> = abroad().filter(|row| row.exporter == exporter).collect();
    if own.is_empty() {
        return None;
    }
    let quantity = own.iter().all(|row| row.known);
    let amount = |row: &crate::answers::support::Row| match quantity {
        true => row.quantity,
        false => (row.value.0, row.value.0 * row.quantity.1 / row.quantity.0),
    };
    let sum = |of: &dyn Fn(&crate::answers::support::Row) -> f64| own.iter().map(|row| of(row)).sum::<f64>();
    let revenue = (sum(&|row| row.value.0), sum(&|row| row.value.1));
    let shipped = (sum(&|row| amount(row).0), sum(&|row| amount(row).1));
    let basis = if quantity { "quantity" } else { "value" };
    let mut found = Found { before: revenue.0, after: revenue.1, ..Found::default() };
    found.scale = revenue.0 + revenue.1;
    if shipped.1 == 0.0 {
        found.volume = revenue.1 - revenue.0;
        return Some((basis, found));
    }
    let n = (revenue.0 / shipped.0, revenue.1 / shipped.1);
    let mut others: Vec<_> = abroad().filter(|row| row.exporter != exporter && row.quantity.1 > 0.0).collect();
    let comparable = !quantity || others.iter().any(|row| row.known);
    if comparable && quantity {
        others.retain(|row| row.known);
    }
    let basket = |row: &crate::answers::support::Row| if comparable { amount(row).0 } else { row.value.0 / n.0 };
    let weight: f64 = others.iter().map(|row| basket(row)).sum();
    let before: f64 = others.iter().map(|row| row.value.0).sum();
    let after: f64 = others.iter().map(|row| row.value.1 * row.quantity.0 / row.quantity.1).sum();
    let world = if others.is_empty() { n } else { (before / weight, after / weight) };
    let mean = (shipped.0 + shipped.1) / 2.0;
    found.volume = (n.0 + n.1) / 2.0 * (shipped.1 - shipped.0);
    found.world_price = mean * (world.1 - world.0);
    found.discount = -mean * ((world.1 - n.1) - (world.0 - n.0));
    found.scale += mean * (n.0 + n.1 + world.0 + world.1);
    Some((basis, found))
}

#[test]
fn it_adds_up_and_follows_its_definition_on_random_problems() {
    let (mut checked, mut collapsed, mut of_quantity) = (0, 0, 0);
    for seed in 0..250 {
        let solution = random_solution(seed);
        for country in 0..solution.model.baseline.countries() {
            let exporter = format!("C{country}");
            for (commodity, basis, found) in ask(&solution, &[&exporter], None) {
                let (expected, wanted) = by_hand(&solution, &exporter, &commodity).expect("it sells abroad");
                assert_eq!(basis, expected);
                // A dozen operations on numbers of this size, each rounded by half an epsilon.
                let tolerance = 16.0 * f64::EPSILON * wanted.scale;
                let sum = found.volume + found.world_price + found.discount + found.freight;
                close(sum, found.after - found.before, tolerance);
                // Sums over up to 84 flows in another order, and the hats of quantities divided back.
                let tolerance = 300.0 * f64::EPSILON * wanted.scale;
                close(found.before, wanted.before, tolerance);
                close(found.after, wanted.after, tolerance);
                close(found.volume, wanted.volume, tolerance);
                close(found.world_price, wanted.world_price, tolerance);
                close(found.discount, wanted.discount, tolerance);
                assert_eq!(found.freight.to_bits(), 0.0f64.to_bits());
                checked += 1;
                collapsed += usize::from(found.after == 0.0);
                of_quantity += usize::from(basis == "quantity");
            }
        }
    }
    // The cases the test is for do occur.
    assert!(checked > 1500 && collapsed > 5 && of_quantity > 500 && of_quantity < checked - 100);
}

/// C0 and C1 sell to C2 and C3, in tonnes of unit values 2 and 1.
fn two_sellers() -> Armington {
    let flows = [
        (0, 0, 2, 0, 200.0, 100.0),
        (0, 0, 3, 0, 100.0, 50.0),
        (0, 1, 2, 0, 80.0, 80.0),
        (0, 1, 3, 0, 40.0, 40.0),
        (0, 0, 0, 0, 500.0, 250.0),
    ];
    model(4, 1, &flows, [4.0, -0.5, 0.5])
}

fn only(solution: &Solution, exporter: &str) -> Found {
    let found = ask(solution, &[exporter], None);
    assert_eq!(found.len(), 1);
    found[0].2
}

#[test]
fn without_measures_nothing_changes_and_home_sales_are_no_revenue() {
    let solution = solve(&two_sellers(), &scenario(vec![]), None).unwrap();
    let found = only(&solution, "C0");
    assert_eq!(found.before, 300.0);
    // Hats of 1 are exponentials of logarithms: a rounding or two of numbers below 1000.
    [found.volume, found.world_price, found.discount].into_iter().for_each(|part| close(part, 0.0, 1e-12));
}

#[test]
fn a_collapse_is_all_volume() {
    let solution = solve(&two_sellers(), &scenario(vec![ban("C1", "C2"), ban("C1", "C3")]), None).unwrap();
    let found = only(&solution, "C1");
    assert_eq!((found.before, found.after, found.volume), (120.0, 0.0, -120.0));
    assert_eq!((found.world_price, found.discount, found.freight), (0.0, 0.0, 0.0));
}

#[test]
fn a_rival_without_buyers_is_no_longer_a_price() {
    let solution = solve(&two_sellers(), &scenario(vec![ban("C1", "C2"), ban("C1", "C3")]), None).unwrap();
    // Nobody else is left: the own price is the world's, and there is no discount to it.
    let found = only(&solution, "C0");
    assert_eq!(found.discount, 0.0);
    assert!(found.world_price > 0.0);
}

#[test]
fn a_lower_price_with_the_world_unmoved_is_discount() {
    // C0 sells to C1 and C2 and loses C1; C3 with all others sells so much that its price hardly moves.
    let flows = [(0, 0, 1, 0, 100.0, 50.0), (0, 0, 2, 0, 100.0, 50.0), (0, 3, 2, 0, 1e7, 1e7), (0, 3, 1, 0, 1e7, 1e7)];
    let model = model(4, 1, &flows, [4.0, -0.5, 0.0]);
    let found = only(&solve(&model, &scenario(vec![ban("C0", "C1")]), None).unwrap(), "C0");
    // Its supply is fixed: what C1 took is sold to C2 at (1/2)^(1/σ) of the price, nearly: 1e-4 is
    // its share in the market.
    let lost = 200.0 * (1.0 - 0.5f64.powf(0.25));
    close(found.discount, -lost, 1e-4 * lost + 0.02);
    close(found.volume, 0.0, 1e-9 * 200.0);
    assert!(found.world_price.abs() < 0.01);
}

#[test]
fn a_quotas_rent_is_revenue_where_the_exporter_holds_it() {
    let quota =
        |rent: &str| Measure { share: Some(0.5), rent: Some(rent.to_string()), ..measure(Verb::Quota, "C0", "C2") };
    let held = |rent| solve(&two_sellers(), &scenario(vec![quota(rent)]), None).unwrap();
    let shipped = |solution: &Solution| rows(solution).iter().map(|row| row.quantity.1).collect::<Vec<_>>();
    for (one, other) in shipped(&held("exporter")).iter().zip(shipped(&held("importer"))) {
        // The buyer pays the same under either holder; the quota's residual is below 1e-9.
        close(*one, other, 1e-7 * other);
    }
    let (exporter, importer) = (only(&held("exporter"), "C0"), only(&held("importer"), "C0"));
    assert!(exporter.after > importer.after);
    assert!(exporter.discount > importer.discount);
    for found in [exporter, importer] {
        let sum = found.volume + found.world_price + found.discount;
        // Ten roundings of numbers below 1000.
        close(sum, found.after - found.before, 1e-12);
    }
}

#[test]
fn several_exporters_count_as_one() {
    let solution = solve(&two_sellers(), &scenario(vec![ban("C0", "C2")]), None).unwrap();
    let both = ask(&solution, &["C0", "C1"], None)[0].2;
    let each = [only(&solution, "C0"), only(&solution, "C1")];
    // Sums of two numbers below 1000, in another order.
    close(both.before, each[0].before + each[1].before, 1e-12);
    close(both.after, each[0].after + each[1].after, 1e-12);
    assert_eq!(both.discount, 0.0);
}

#[test]
fn a_named_reference_is_that_exporters_price() {
    let solution = random_solution(4);
    let named = ask(&solution, &["C0"], Some(&["C1"]));
    let all = ask(&solution, &["C0"], None);
    for ((_, _, named), (_, _, all)) in named.iter().zip(&all) {
        assert_eq!(named.volume.to_bits(), all.volume.to_bits());
    }
    let itself = solution.revenue(&select(&solution, &["C0"]), Some(&select(&solution, &["C0"])));
    assert!(itself.unwrap_err().to_string().contains("reference= is the exporter itself"));
    // C3 sells nothing here.
    let silent = solve(&two_sellers(), &scenario(vec![ban("C0", "C2")]), None).unwrap();
    let found = ask(&silent, &["C0"], Some(&["C3"]))[0].2;
    assert!(found.world_price.is_nan() && found.discount.is_nan() && found.volume.is_finite());
}
