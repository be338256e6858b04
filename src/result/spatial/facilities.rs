//! Facilities, fleets, price caps and quotas.

use super::accounts::{Account, accounts};
use super::{Episode, SpatialSolution};
use crate::data::{Column, Table};
use crate::model::spatial::problem::Origin;
use crate::result::quotas::{Use, quota_table};
use crate::result::trade::Trade;

impl SpatialSolution {
    /// Facilities and the fleets of caps: `facility, commodity, share_of_period, use_before, use, capacity,
    /// shadow_price, rent, earned_by, unit`.
    pub fn facilities(&self) -> Table {
        let (mut facility, mut commodity, mut earner, mut unit) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 6] = Default::default();
        let network = self.model.baseline.network().expect("a spatial model has a network");
        let country = |i: usize| self.flows_data().countries.name(i).to_string();
        for k in 0..self.commodities() {
            let before = self.accounts_before(k);
            for episode in self.episodes(k) {
                let now = accounts(episode.equilibrium, before.len());
                let mut push = |name: String, by: String, values: [f64; 6]| {
                    facility.push(name);
                    commodity.push(k);
                    earner.push(by);
                    unit.push(self.unit(k, true));
                    columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
                };
                for &(place, capacity) in &episode.wedges.capacities {
                    let given = &network.facilities[place];
                    let through = |accounts: &[Account]| -> f64 {
                        given.rows.iter().map(|&row| accounts[row as usize].flow).sum()
                    };
                    let shadow = shadow_price(&episode, Origin::Facility(place));
                    let by = given.owner.map_or("exporters".to_string(), country);
                    let used = through(&now);
                    push(
                        given.name.clone(),
                        by,
                        [episode.weight, through(&before), used, capacity, shadow, shadow * used],
                    );
                }
                for (cap, outcome) in episode.wedges.caps.iter().zip(&episode.equilibrium.caps) {
                    let rent = outcome.fleet_rent * outcome.outside;
                    push(
                        format!("fleet without services, {}", cap.label),
                        country(cap.exporter),
                        [episode.weight, f64::NAN, outcome.outside, cap.outside_capacity, outcome.fleet_rent, rent],
                    );
                }
            }
        }
        let price = self.price_unit();
        let [share, before, used, capacity, shadow, rent] = columns;
        Table::default()
            .text("facility", facility)
            .text("commodity", self.commodity_names(&commodity))
            .number("share_of_period", "share", share)
            .number("use_before", "see unit", before)
            .number("use", "see unit", used)
            .number("capacity", "see unit", capacity)
            .number("shadow_price", &price, shadow)
            .number("rent", &self.flows_data().units.currency, rent)
            .text("earned_by", earner)
            .text("unit", unit)
    }

    /// Price caps: `measure, exporter, commodity, share_of_period, regime, price, wedge, services, outside,
    /// buyers_rent, fleet_rent, error`.
    ///
    /// Regimes: 0 the price is below the cap; 1 all use services at the cap; 2 all go without; 3 the fleet
    /// is full, the rest uses services at the cap; 4 the fleet is full and carries all.
    pub fn price_caps(&self) -> Table {
        let (mut measure, mut exporter, mut commodity, mut regime) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 8] = Default::default();
        for k in 0..self.commodities() {
            for episode in self.episodes(k) {
                for (cap, outcome) in episode.wedges.caps.iter().zip(&episode.equilibrium.caps) {
                    measure.push(cap.label.clone());
                    exporter.push(cap.exporter);
                    commodity.push(k);
                    regime.push(outcome.regime.number());
                    let values = [
                        episode.weight,
                        cap.price,
                        outcome.wedge,
                        outcome.services,
                        outcome.outside,
                        outcome.buyers_rent,
                        outcome.fleet_rent,
                        outcome.error,
                    ];
                    columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
                }
            }
        }
        let unit = self.price_unit();
        let [share, price, wedge, services, outside, buyers, fleet, error] = columns;
        Table::default()
            .text("measure", measure)
            .text("exporter", self.country_names(&exporter))
            .text("commodity", self.commodity_names(&commodity))
            .number("share_of_period", "share", share)
            .with("regime", Column::Count(regime))
            .number("price", &unit, price)
            .number("wedge", &unit, wedge)
            .number("services", "quantity", services)
            .number("outside", "quantity", outside)
            .number("buyers_rent", &unit, buyers)
            .number("fleet_rent", &unit, fleet)
            .number("error", "relative", error)
    }

    /// One row a quota, commodity and stretch of the period: `measure, commodity, share_of_period, ceiling,
    /// used, licence_price, holder, unit`, at annual rates; `licence_price` is 0 where the quota is slack.
    pub fn quotas(&self) -> Table {
        quota_table(self, |k, variant| {
            let episode = &self.episodes(k)[variant];
            let problem = &episode.equilibrium.problem;
            let used = |place| {
                let limit = problem.limits.iter().find(|limit| limit.origin == Origin::Quota(place));
                limit.map_or(0.0, |limit| problem.used(limit, &episode.equilibrium.point))
            };
            let price = |place| shadow_price(episode, Origin::Quota(place));
            let ceilings = episode.wedges.ceilings.iter().enumerate();
            ceilings.map(|(place, ceiling)| Use { ceiling, used: used(place), price: price(place) }).collect()
        })
    }
}

fn shadow_price(episode: &Episode, origin: Origin) -> f64 {
    let equilibrium = episode.equilibrium;
    let place = equilibrium.problem.limits.iter().position(|limit| limit.origin == origin);
    place.map_or(0.0, |place| equilibrium.point.shadow_price[place])
}
