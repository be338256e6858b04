//! The five regimes of a price cap against their closed forms.

use tradewinds::model::spatial::equilibrium::Ended;
use tradewinds::model::spatial::price_cap::{CapOutcome, CappedLanes, Regime, find_capped};
use tradewinds::model::spatial::problem::Problem;
use tradewinds::solve::Stop;

use super::support::{Draws, lane, linear, problem};
use crate::support::close;

/// Two countries with P = top − fall·q, p = bottom + rise·q.
struct Two {
    top: f64,
    fall: f64,
    bottom: f64,
    rise: f64,
    freight: f64,
    cap: CappedLanes,
}

impl Two {
    fn drawn(draws: &mut Draws) -> Self {
        let (top, fall) = (draws.between(60.0, 120.0), draws.between(0.5, 2.0));
        let (bottom, rise) = (draws.between(5.0, 25.0), draws.between(0.2, 2.0));
        let freight = draws.between(0.0, 10.0);
        let free = (top - bottom - freight) / (fall + rise);
        let price = bottom + rise * free * draws.between(0.2, 1.3);
        let cap = CappedLanes {
            lanes: vec![0],
            price,
            outside_cost: draws.between(0.5, 25.0),
            outside_capacity: free * draws.between(0.05, 1.3),
        };
        Self { top, fall, bottom, rise, freight, cap }
    }

    fn market(&self) -> Problem {
        let supply = linear(self.bottom, self.rise);
        problem(&[supply], &[linear(self.top, -self.fall)], vec![lane(0, 0, self.freight)], vec![], 0.0)
    }

    /// The regime, output, buyers' rent and fleet's rent.
    fn closed_form(&self) -> (Regime, f64, f64, f64) {
        let demand = |quantity: f64| self.top - self.fall * quantity;
        let supply = |quantity: f64| self.bottom + self.rise * quantity;
        let (cost, fleet) = (self.cap.outside_cost, self.cap.outside_capacity);
        let capped = (self.cap.price - self.bottom) / self.rise;
        let gap = demand(capped) - self.freight - self.cap.price;
        let outside = (self.top - self.freight - cost - self.bottom) / (self.fall + self.rise);
        match () {
            _ if gap <= 0.0 => {
                (Regime::Slack, (self.top - self.bottom - self.freight) / (self.fall + self.rise), 0.0, 0.0)
            }
            _ if gap <= cost => (Regime::AtCap, capped, gap, 0.0),
            _ if fleet >= outside => (Regime::Outside, outside, 0.0, 0.0),
            _ if fleet < capped => (Regime::FleetFull, capped, gap, gap - cost),
            _ => {
                let rent = demand(fleet) - self.freight - cost - supply(fleet);
                (Regime::FleetOnly, fleet, 0.0, rent)
            }
        }
    }

    fn check(&self, output: f64, price: f64, outcome: &CapOutcome) {
        let (regime, quantity, buyers, fleet) = self.closed_form();
        assert_eq!(outcome.regime, regime, "{outcome:?}");
        // Complementarity holds to 1e-9 of prices below 120 and of fleets; slopes are at least 0.2.
        close(output, quantity, 1e-6);
        close(price, self.bottom + self.rise * quantity, 1e-6);
        close(outcome.buyers_rent, buyers, 1e-6);
        close(outcome.fleet_rent, fleet, 1e-6);
        close(outcome.services + outcome.outside, quantity, 1e-6);
        let outside = match regime {
            Regime::Slack | Regime::AtCap => 0.0,
            Regime::Outside => quantity,
            Regime::FleetFull | Regime::FleetOnly => self.cap.outside_capacity,
        };
        close(outcome.outside, outside, 1e-6);
        assert!(outcome.error <= 1e-6, "{outcome:?}");
    }
}

#[test]
fn the_five_regimes_have_their_closed_forms() {
    let mut draws = Draws::new(11);
    let mut met = [0; 5];
    for _ in 0..2000 {
        let two = Two::drawn(&mut draws);
        let market = two.market();
        let (_, found, outcomes) = find_capped(&market, std::slice::from_ref(&two.cap), None, &Stop::default());
        assert_eq!(found.ended, Ended::Found);
        two.check(found.point.flow[0], found.point.producer_price[0], &outcomes[0]);
        met[outcomes[0].regime.number() as usize] += 1;
    }
    assert!(met.iter().all(|&count| count >= 50), "{met:?}");
}

/// The conditions as they are written, of two capped exporters who serve two buyers and of one who is not
/// capped.
#[test]
fn two_capped_exporters_meet_the_complementarity_conditions() {
    let mut draws = Draws::new(23);
    let mut met = [0; 5];
    for _ in 0..300 {
        let supply: Vec<_> = (0..3).map(|_| linear(draws.between(5.0, 25.0), draws.between(0.2, 2.0))).collect();
        let demand: Vec<_> = (0..2).map(|_| linear(draws.between(60.0, 120.0), -draws.between(0.5, 2.0))).collect();
        let mut lanes = Vec::new();
        for r in 0..6 {
            let mut lane = lane(r / 2, r % 2, draws.between(0.0, 10.0));
            lane.margin_slope = draws.between(0.05, 0.5);
            lanes.push(lane);
        }
        let market = problem(&supply, &demand, lanes, vec![], 0.0);
        // The second exporter has a pipeline, which needs no services.
        let cap = |lanes: Vec<usize>, draws: &mut Draws| CappedLanes {
            lanes,
            price: draws.between(10.0, 60.0),
            outside_cost: draws.between(0.5, 20.0),
            outside_capacity: draws.between(1.0, 30.0),
        };
        let caps = [cap(vec![0, 1], &mut draws), cap(vec![2], &mut draws)];
        let (at, found, outcomes) = find_capped(&market, &caps, None, &Stop::default());
        assert_eq!(found.ended, Ended::Found);
        let mut slack = vec![0.0; 6];
        for pair in &at.pairs {
            at.slacks(pair, &found.point, 0.0, &mut slack);
        }
        for (cap, outcome) in caps.iter().zip(&outcomes) {
            met[outcome.regime.number() as usize] += 1;
            let price = found.point.producer_price[at.lanes[cap.lanes[0]].from];
            // Received with services: at most the cap, and the producer's price where they are used.
            let received = price.min(cap.price);
            let complementary = |a: f64, b: f64| {
                // 1e-6 of prices and quantities near 100 and 10.
                assert!(a >= -1e-4 && b >= -1e-4 && (a / 100.0).min(b / 100.0) <= 1e-6, "{a} {b} {outcome:?} {cap:?}");
            };
            let fleet = if outcome.outside > 0.0 { outcome.fleet_rent } else { 0.0 };
            let without = cap.outside_cost + fleet;
            for &a in &cap.lanes {
                let paid = slack[a] - at.lanes[a].wedge;
                complementary(outcome.outside.min(found.point.flow[a]), paid + without);
                let rent =
                    if outcome.services > 0.0 { outcome.buyers_rent } else { -(paid + received - price).min(0.0) };
                complementary(outcome.services.min(found.point.flow[a]), paid + received - price + rent);
            }
            complementary(fleet, cap.outside_capacity - outcome.outside);
            complementary(outcome.services, price - received);
            complementary(outcome.buyers_rent, cap.price - received);
        }
    }
    assert!(met.iter().filter(|&&count| count >= 5).count() >= 4, "{met:?}");
}
