//! Equilibria against a book, closed forms and their own conditions.

use tradewinds::data::curves::Curve;
use tradewinds::model::spatial::equilibrium::{Ended, Found, find};
use tradewinds::model::spatial::problem::{Lane, Limit, Problem};
use tradewinds::solve::Stop;

use super::support::{Draws, facility, isoelastic, lane, linear, problem};
use crate::support::close;

fn solved(problem: &Problem) -> Found {
    let found = find(problem, None, &Stop::default());
    assert_eq!(found.ended, Ended::Found, "{:?} {problem:?}", found.errors);
    found
}

/// Miranda & Fackler (2002), Applied Computational Economics and Finance: three countries.
#[test]
fn the_three_countries_of_miranda_and_fackler_come_out_as_printed() {
    let supply = [linear(9.0, 1.0), linear(3.0, 2.0), linear(18.0, 1.0)];
    let demand = [linear(42.0, -3.0), linear(54.0, -2.0), linear(51.0, -1.0)];
    let freight = [[0.0, 3.0, 9.0], [3.0, 0.0, 3.0], [6.0, 3.0, 0.0]];
    let lanes = (0..9).map(|r| lane(r / 3, r % 3, freight[r / 3][r % 3])).collect();
    let market = problem(&supply, &demand, lanes, Vec::new(), 0.0);
    let found = solved(&market);
    // Printed to six decimals.
    for (price, printed) in found.point.consumer_price.iter().zip([24.346154, 27.346154, 30.346154]) {
        close(*price, printed, 1e-6);
    }
    for (price, printed) in found.point.producer_price.iter().zip([24.346154, 27.346154, 30.346154]) {
        close(*price, printed, 1e-6);
    }
    close(market.quasi_welfare(&found.point), 784.990385, 1e-6);
}

/// Two countries: q = (A − a − f)/(B + b (1 + κ)).
#[test]
fn conduct_has_its_closed_form() {
    let mut draws = Draws::new(5);
    for round in 0..300 {
        let (top, fall) = (draws.between(50.0, 100.0), draws.between(0.5, 3.0));
        let (bottom, rise) = (draws.between(5.0, 30.0), draws.between(0.1, 3.0));
        let (freight, conduct) = (draws.between(0.0, 10.0), [0.0, 0.5, 1.0][round % 3]);
        let market =
            problem(&[linear(bottom, rise)], &[linear(top, -fall)], vec![lane(0, 0, freight)], vec![], conduct);
        let found = solved(&market);
        let flow = (top - bottom - freight) / (fall + rise * (1.0 + conduct));
        // The conditions hold to 1e-8 of a price and slopes are above 0.5 on prices below 100.
        close(found.point.flow[0], flow, 1e-6);
        close(found.point.producer_price[0], bottom + rise * flow, 1e-5);
    }
}

/// Isoelastic supply is not integrable under conduct: D(q) = f + S⁻¹(q) (1 + κ/ε).
#[test]
fn conduct_with_isoelastic_supply_solves_its_equation() {
    for conduct in [0.0, 0.5, 1.0] {
        let (supply, demand) = (isoelastic(10.0, 4.0, 0.8), isoelastic(14.0, 4.0, -0.6));
        let found = solved(&problem(&[supply], &[demand], vec![lane(0, 0, 4.0)], vec![], conduct));
        let flow = found.point.flow[0];
        close(demand.price(flow), 4.0 + supply.price(flow) * (1.0 + conduct / 0.8), 1e-8);
        close(found.point.producer_price[0], supply.price(flow), 1e-8);
    }
}

/// One supplier, one buyer, a pipe that lets through so little that the price is a power of 1/share.
#[test]
fn nearly_cut_isoelastic_demand_has_its_closed_form() {
    for elasticity in [-0.05, -0.3, -0.5, -1.0, -2.0] {
        for share in [1e-1, 1e-3, 1e-6] {
            let demand = isoelastic(20.0, 50.0, elasticity);
            let price = demand.price(share * 50.0);
            if price > 1e60 {
                continue;
            }
            let supply = isoelastic(18.0, 50.0, 0.5);
            let market =
                problem(&[supply], &[demand], vec![lane(0, 0, 2.0)], vec![facility(vec![0], share * 50.0)], 0.0);
            let found = solved(&market);
            // Feasibility to 1e-11 is 1e-11/|η| of the price.
            assert!((found.point.consumer_price[0] / price - 1.0).abs() < 1e-8, "{elasticity} {share} {found:?}");
            let rent = found.point.consumer_price[0] - 2.0 - supply.price(share * 50.0);
            assert!((found.point.shadow_price[0] / rent - 1.0).abs() < 1e-8, "{elasticity} {share} {found:?}");
        }
    }
}

struct Drawn {
    market: Problem,
    nearly_cut: bool,
}

/// Everything at once: curves of both forms, fixed quantities, margins, duties, conduct, facilities.
fn drawn(seed: u64) -> Drawn {
    let mut draws = Draws::new(seed);
    let (sellers, buyers) = (1 + draws.below(6), 1 + draws.below(6));
    let isoelastic_curves = draws.unit() < 0.6;
    let scale = 10f64.powf(draws.between(-3.0, 7.0));
    let curve = |sells: bool, draws: &mut Draws| {
        let (price, quantity) = (draws.between(5.0, 20.0), scale * draws.between(0.2, 5.0));
        let elasticity = if sells { draws.between(0.05, 3.0) } else { -draws.between(0.05, 2.5) };
        match isoelastic_curves {
            true if sells && draws.unit() < 0.1 => isoelastic(price, quantity, 0.0),
            true => isoelastic(price, quantity, elasticity),
            false => Curve::line_through(if sells { 0.7 * price } else { 1.5 * price }, quantity, elasticity),
        }
    };
    let supply: Vec<Curve> = (0..sellers).map(|_| curve(true, &mut draws)).collect();
    let demand: Vec<Curve> = (0..buyers).map(|_| curve(false, &mut draws)).collect();
    let (margins, duties) = (draws.unit() < 0.5, draws.unit() < 0.3);
    let mut lanes: Vec<Lane> = Vec::new();
    for from in 0..sellers {
        for to in 0..buyers {
            // The first seller serves all and each serves one, so that nobody is without a lane.
            if from > 0 && to != from % buyers && draws.unit() < 0.4 {
                continue;
            }
            let mut lane = lane(from, to, draws.between(0.0, 5.0));
            if margins {
                lane.margin = draws.between(-1.0, 1.0);
                lane.margin_slope = draws.between(0.1, 5.0) / scale;
            }
            if duties {
                lane.tariff_power = 1.0 + draws.between(0.0, 0.5);
                lane.export_tax_power = 1.0 + draws.between(0.0, 0.3);
            }
            lanes.push(lane);
        }
    }
    let mut limits: Vec<Limit> = Vec::new();
    let nearly_cut = isoelastic_curves && draws.unit() < 0.4;
    if nearly_cut {
        // Everything one buyer can get goes through one pipe.
        let buyer = draws.below(buyers);
        let through: Vec<usize> = (0..lanes.len()).filter(|&a| lanes[a].to == buyer).collect();
        let Curve::Isoelastic { quantity, elasticity, .. } = demand[buyer] else { unreachable!() };
        // As little as a price of 1e12 times the usual one goes with.
        let least = (elasticity * 12.0).max(-6.0);
        limits.push(facility(through, quantity * 10f64.powf(draws.between(least, 0.3 * least))));
    } else if draws.unit() < 0.6 {
        let some: Vec<usize> = (0..lanes.len()).filter(|_| draws.unit() < 0.6).collect();
        if !some.is_empty() {
            // Enough to keep the price within reach of the steepest demand, 0.3^(1/−0.05) = 1e10.
            let served = |&to: &usize| some.iter().any(|&a| lanes[a].to == to);
            let usual = |curve: &Curve| match *curve {
                Curve::Linear { intercept, slope } => -0.4 * intercept / slope,
                Curve::Isoelastic { quantity, .. } => quantity,
            };
            let wanted: f64 = (0..buyers).filter(served).map(|to| usual(&demand[to])).sum();
            limits.push(facility(some, wanted * draws.between(0.3, 1.2)));
        }
    }
    let conduct = if draws.unit() < 0.2 { draws.unit() } else { 0.0 };
    Drawn { market: problem(&supply, &demand, lanes, limits, conduct), nearly_cut }
}

#[test]
fn a_thousand_random_problems_are_all_solved() {
    let (mut binding, mut cut, mut lost) = (0, 0, Vec::new());
    for seed in 1..=1000 {
        let drawn = drawn(seed);
        let found = find(&drawn.market, None, &Stop::default());
        if found.ended != Ended::Found {
            lost.push((seed, found.ended, found.errors));
            continue;
        }
        let full = found.point.shadow_price.iter().any(|&mu| mu > 1e-6 * drawn.market.price_unit);
        binding += usize::from(full);
        cut += usize::from(drawn.nearly_cut && full);
        // What is certified on every result.
        assert!(found.errors.largest() <= 1e-8, "{seed}: {:?}", found.errors);
    }
    assert!(lost.is_empty(), "{} lost: {:?}", lost.len(), &lost[..lost.len().min(12)]);
    assert!(binding >= 300, "{binding}");
    assert!(cut >= 100, "{cut}");
}
