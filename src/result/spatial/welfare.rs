//! Surplus by country: who pays.
//!
//! Areas beside the curves between the old and the new price. Without shifts of curves the total over
//! countries is the change of quasi-welfare less what carrying without services costs.

use super::accounts::Account;
use super::{Episode, SpatialSolution};
use crate::data::{Curve, Table};
use crate::result::surplus::{By, Surplus, surplus_table};
use crate::result::trade::Trade;

impl SpatialSolution {
    /// Change of surplus against the baseline at annual rates: `country` and/or `commodity, consumer,
    /// producer, government, rent, shift, total, choke, unit`.
    ///
    /// Rent goes to importers: licences, the hold of a buyer on the price, a cap's rent; and to exporters:
    /// licences they hold, fleets, what routes earn. A facility's goes to its owner, to the exporters where
    /// none is named. `choke` truncates consumers' prices here and only here.
    pub fn welfare(&self, by: By, choke: f64) -> Table {
        surplus_table(self, by, choke, |k| {
            let market = &self.model.markets[k];
            let trades = |i: usize| market.supply[i].is_some() || market.demand[i].is_some();
            self.surpluses(k, choke).into_iter().enumerate().map(|(i, found)| trades(i).then_some(found)).collect()
        })
    }

    /// By country.
    fn surpluses(&self, commodity: usize, choke: f64) -> Vec<Surplus> {
        let mut found = vec![Surplus::default(); self.countries()];
        for episode in self.episodes(commodity) {
            for (country, sum) in found.iter_mut().enumerate() {
                let (producer, shift) = self.producer(commodity, country, &episode);
                let consumer = self.consumer(commodity, country, &episode, choke);
                sum.add(episode.weight, &Surplus { consumer, producer, shift, ..Surplus::default() });
            }
        }
        let market = self.market(commodity);
        let after = self.accounts_after(commodity);
        for (row, (after, before)) in after.iter().zip(&self.accounts_before(commodity)).enumerate() {
            let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
            let change = |of: fn(&Account) -> f64| of(after) - of(before);
            found[j].government += change(|a| a.duty);
            found[i].government += change(|a| a.export_tax);
            found[j].rent += change(|a| a.importer_licence + a.margin + a.cap_rent);
            found[i].rent += change(|a| a.exporter_licence + a.fleet_rent + a.scarcity + a.route_surplus);
        }
        self.to_owners(commodity, &mut found);
        found
    }

    /// Moves the rent of facilities that have an owner from the exporters to it.
    fn to_owners(&self, commodity: usize, found: &mut [Surplus]) {
        use crate::model::spatial::problem::Origin;
        let market = self.market(commodity);
        let network = self.model.baseline.network().expect("a spatial model has a network");
        let mut move_rent = |equilibrium: &crate::model::SpatialEquilibrium, weight: f64| {
            let (problem, point) = (&equilibrium.problem, &equilibrium.point);
            for (limit, shadow) in problem.limits.iter().zip(&point.shadow_price) {
                let Origin::Facility(place) = limit.origin else { continue };
                let Some(owner) = network.facilities[place].owner else { continue };
                for &a in &limit.lanes {
                    let rent = weight * shadow * point.flow[a];
                    found[market.exporter[problem.lanes[a].row] as usize].rent -= rent;
                    found[owner].rent += rent;
                }
            }
        };
        move_rent(&self.model.before[commodity], -1.0);
        for episode in self.episodes(commodity) {
            move_rent(episode.equilibrium, episode.weight);
        }
    }

    fn consumer(&self, commodity: usize, country: usize, episode: &Episode, choke: f64) -> f64 {
        let market = &self.model.markets[commodity];
        let shift = episode.wedges.demand_shift.at(country);
        let (Some(curve), true) = (market.demand[country], shift > 0.0) else { return 0.0 };
        let before = market.consumer_price[country];
        let after = self.price_in(episode, country, false, &curve).min(choke * before.abs());
        -curve.scaled(shift).area(before, after)
    }

    fn producer(&self, commodity: usize, country: usize, episode: &Episode) -> (f64, f64) {
        let market = &self.model.markets[commodity];
        let shift = episode.wedges.supply_shift.at(country);
        let Some(curve) = market.supply[country] else { return (0.0, 0.0) };
        let before = market.producer_price[country];
        // From the price at which nothing is supplied.
        let earned = curve.area(curve.reservation(), before);
        if shift == 0.0 {
            return (0.0, -earned);
        }
        let after = self.price_in(episode, country, true, &curve);
        (curve.scaled(shift).area(before, after), (shift - 1.0) * earned)
    }

    fn price_in(&self, episode: &Episode, country: usize, sells: bool, curve: &Curve) -> f64 {
        super::prices::price_of(episode, country, sells, curve).0
    }
}
