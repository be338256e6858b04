//! Flows, price levels, routes, facilities, caps and quotas.

use super::accounts::{Account, accounts, wedges};
use super::{Episode, SpatialSolution};
use crate::data::{Column, Curve, Table};
use crate::model::spatial::problem::Origin;

/// The keys of routes: dictionary-encoded columns.
#[derive(Default)]
struct Keys {
    exporter: Vec<u32>,
    importer: Vec<u32>,
    commodity: Vec<u32>,
    mode: Vec<u32>,
}

impl Keys {
    fn push(&mut self, solution: &SpatialSolution, commodity: usize, row: usize) {
        let market = solution.market(commodity);
        self.exporter.push(market.exporter[row]);
        self.importer.push(market.importer[row]);
        self.commodity.push(commodity as u32);
        self.mode.extend(market.mode.map(|mode| mode[row]));
    }

    fn table(self, solution: &SpatialSolution) -> Table {
        let flows = solution.flows_data();
        let label = |codes, labels: &[String]| Column::Label { codes, labels: labels.into() };
        let table = Table::default()
            .with("exporter", label(self.exporter, flows.countries.names()))
            .with("importer", label(self.importer, flows.countries.names()))
            .with("commodity", label(self.commodity, flows.commodities.names()));
        match &flows.modes {
            Some(modes) => table.with("mode", label(self.mode, modes.names())),
            None => table,
        }
    }
}

impl SpatialSolution {
    /// Every route before and after, at annual rates: `exporter, importer, commodity[, mode],
    /// value_before, value_after, quantity_before, quantity_after, quantity_arrived, quantity_unit,
    /// value_observed`.
    ///
    /// Values are at the exporter's border, at its one price; `value_observed` is what the flows say.
    pub fn flows(&self) -> Table {
        let mut keys = Keys::default();
        let mut columns: [Vec<f64>; 5] = Default::default();
        let mut unit = Vec::new();
        for k in 0..self.commodities() {
            let market = self.market(k);
            for (row, (before, after)) in self.accounts_before(k).iter().zip(self.accounts_after(k)).enumerate() {
                keys.push(self, k, row);
                let values = [before.border_value(), after.border_value(), before.flow, after.flow, market.value[row]];
                columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
                unit.push(k as u32);
            }
        }
        let currency = self.flows_data().units.currency.as_str();
        let [before, after, quantity, shipped, observed] = columns;
        keys.table(self)
            .number("value_before", currency, before)
            .number("value_after", currency, after)
            .number("quantity_before", "see quantity_unit", quantity)
            .number("quantity_after", "see quantity_unit", shipped.clone())
            .number("quantity_arrived", "see quantity_unit", shipped)
            .with("quantity_unit", self.unit_column(unit))
            .number("value_observed", currency, observed)
    }

    /// Each unit once, though several commodities have it.
    fn unit_column(&self, commodities: Vec<u32>) -> Column {
        let mut labels = crate::data::Labels::default();
        let units = &self.flows_data().units.quantity;
        let codes = commodities.into_iter().map(|k| labels.insert(units[k as usize].clone()) as u32).collect();
        Column::Label { codes, labels: labels.names().into() }
    }

    /// Price levels: `country, commodity, producer_price, producer_price_before, consumer_price,
    /// consumer_price_before`, weighted by quantity over the period.
    ///
    /// Who sells nothing has the price at which it would begin to; an isoelastic buyer without supply an
    /// infinite one. NaN where a country does not sell, or buy.
    pub fn prices(&self) -> Table {
        let (mut country, mut commodity) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 4] = Default::default();
        for k in 0..self.commodities() {
            let market = &self.model.markets[k];
            for i in 0..self.countries() {
                if market.supply[i].is_none() && market.demand[i].is_none() {
                    continue;
                }
                country.push(i as u32);
                commodity.push(k as u32);
                let values = [
                    self.mean_price(k, i, true),
                    market.producer_price[i],
                    self.mean_price(k, i, false),
                    market.consumer_price[i],
                ];
                columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            }
        }
        let flows = self.flows_data();
        let [producer, producer_before, consumer, consumer_before] = columns;
        let unit = self.price_unit();
        Table::default()
            .with("country", Column::Label { codes: country, labels: flows.countries.names().into() })
            .with("commodity", Column::Label { codes: commodity, labels: flows.commodities.names().into() })
            .number("producer_price", &unit, producer)
            .number("producer_price_before", &unit, producer_before)
            .number("consumer_price", &unit, consumer)
            .number("consumer_price_before", &unit, consumer_before)
    }

    fn mean_price(&self, commodity: usize, country: usize, sells: bool) -> f64 {
        let market = &self.model.markets[commodity];
        let curve = if sells { market.supply[country] } else { market.demand[country] };
        let Some(curve) = curve else { return f64::NAN };
        let (mut value, mut quantity, mut idle) = (0.0, 0.0, 0.0);
        for episode in self.episodes(commodity) {
            let (price, traded) = price_of(&episode, country, sells, &curve);
            // Not 0 times an infinite price.
            if traded > 0.0 {
                value += episode.weight * traded * price;
                quantity += episode.weight * traded;
            }
            idle += episode.weight * price;
        }
        if quantity > 0.0 { value / quantity } else { idle }
    }

    /// Every route and what its price is made of, a row a route and stretch of the period: `exporter,
    /// importer, commodity[, mode], share_of_period, flow_before, flow_after, unit, consumer_price, netback,
    /// producer_price, export_tax, freight, outside_cost, duty, residual, scarcity, fleet_rent, licence,
    /// margin, cap_rent, slack`.
    ///
    /// Per unit; the consumer's price is the producer's and all wedges less the slack, the netback the
    /// producer's price less the slack. NaN on routes that are closed.
    pub fn routes(&self) -> Table {
        let mut keys = Keys::default();
        let mut columns: [Vec<f64>; 17] = Default::default();
        let mut unit = Vec::new();
        for k in 0..self.commodities() {
            let before = self.accounts_before(k);
            for episode in self.episodes(k) {
                for (row, account) in per_unit(&episode, before.len()).into_iter().enumerate() {
                    keys.push(self, k, row);
                    unit.push(k as u32);
                    let flow = account.map_or(0.0, |account| account.flow);
                    let of = |value: fn(&Account) -> f64| account.as_ref().map_or(f64::NAN, value);
                    let values = [
                        episode.weight,
                        before[row].flow,
                        flow,
                        of(|a| a.paid),
                        of(|a| a.producer - a.slack),
                        of(|a| a.producer),
                        of(|a| a.export_tax),
                        of(|a| a.freight),
                        of(|a| a.outside_cost),
                        of(|a| a.duty),
                        of(|a| a.residual),
                        of(|a| a.scarcity),
                        of(|a| a.fleet_rent),
                        of(|a| a.importer_licence + a.exporter_licence),
                        of(|a| a.margin),
                        of(|a| a.cap_rent),
                        of(|a| a.slack),
                    ];
                    columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
                }
            }
        }
        let price = self.price_unit();
        let [share, before, after, rest @ ..] = columns;
        let table = keys
            .table(self)
            .number("share_of_period", "share", share)
            .number("flow_before", "see unit", before)
            .number("flow_after", "see unit", after)
            .with("unit", self.unit_column(unit));
        PER_UNIT.into_iter().zip(rest).fold(table, |table, (name, values)| table.number(name, &price, values))
    }

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
                    unit.push(self.unit(k));
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

    /// Quotas: `measure, commodity, share_of_period, ceiling, used, licence_price, holder, unit`.
    pub fn quotas(&self) -> Table {
        let (mut measure, mut commodity, mut holder, mut unit) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 4] = Default::default();
        for k in 0..self.commodities() {
            for episode in self.episodes(k) {
                let problem = &episode.equilibrium.problem;
                for (place, ceiling) in episode.wedges.ceilings.iter().enumerate() {
                    let limit = problem.limits.iter().find(|limit| limit.origin == Origin::Quota(place));
                    let used = limit.map_or(0.0, |limit| problem.used(limit, &episode.equilibrium.point));
                    let price = shadow_price(&episode, Origin::Quota(place));
                    let by_value = ceiling.counted == crate::scenario::ceilings::Counted::Value;
                    measure.push(ceiling.label.clone());
                    commodity.push(k);
                    let by = if limit.is_some_and(|limit| limit.exporter_held) { "exporter" } else { "importer" };
                    holder.push(by.to_string());
                    unit.push(if by_value { self.flows_data().units.currency.clone() } else { self.unit(k) });
                    let values = [episode.weight, ceiling.amount, used, price];
                    columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
                }
            }
        }
        let [share, amount, used, price] = columns;
        Table::default()
            .text("measure", measure)
            .text("commodity", self.commodity_names(&commodity))
            .number("share_of_period", "share", share)
            .number("ceiling", "see unit", amount)
            .number("used", "see unit", used)
            .number("licence_price", "currency per unit", price)
            .text("holder", holder)
            .text("unit", unit)
    }

    /// Shifters other than 1: `country, commodity, share_of_period, supply_shift, demand_shift`.
    pub fn shifts(&self) -> Table {
        let (mut country, mut commodity) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 3] = Default::default();
        for k in 0..self.commodities() {
            for episode in self.episodes(k) {
                for i in 0..self.countries() {
                    let (z, b) = (episode.wedges.supply_shift.at(i), episode.wedges.demand_shift.at(i));
                    if z != 1.0 || b != 1.0 {
                        country.push(i);
                        commodity.push(k);
                        columns.iter_mut().zip([episode.weight, z, b]).for_each(|(column, value)| column.push(value));
                    }
                }
            }
        }
        let [share, supply, demand] = columns;
        Table::default()
            .text("country", self.country_names(&country))
            .text("commodity", self.commodity_names(&commodity))
            .number("share_of_period", "share", share)
            .number("supply_shift", "factor", supply)
            .number("demand_shift", "factor", demand)
    }
}

const PER_UNIT: [&str; 14] = [
    "consumer_price",
    "netback",
    "producer_price",
    "export_tax",
    "freight",
    "outside_cost",
    "duty",
    "residual",
    "scarcity",
    "fleet_rent",
    "licence",
    "margin",
    "cap_rent",
    "slack",
];

/// By row: the mean over the units shipped, or what a first unit would pay; `None` where it is closed.
/// The flow is the row's.
fn per_unit(episode: &Episode, rows: usize) -> Vec<Option<Account>> {
    let lanes = wedges(episode.equilibrium);
    let mut shipped = vec![0.0; rows];
    lanes.iter().for_each(|(row, _, flow)| shipped[*row] += flow);
    let mut found: Vec<Option<Account>> = vec![None; rows];
    for (row, unit, flow) in lanes {
        let share = match shipped[row] > 0.0 {
            true => flow / shipped[row],
            false if found[row].is_none() => 1.0,
            false => 0.0,
        };
        found[row].get_or_insert_default().add(share, &unit);
    }
    found.iter_mut().zip(shipped).for_each(|(account, flow)| account.iter_mut().for_each(|a| a.flow = flow));
    found
}

fn shadow_price(episode: &Episode, origin: Origin) -> f64 {
    let equilibrium = episode.equilibrium;
    let place = equilibrium.problem.limits.iter().position(|limit| limit.origin == origin);
    place.map_or(0.0, |place| equilibrium.point.shadow_price[place])
}

/// Price and quantity of a country in an episode.
pub(super) fn price_of(episode: &Episode, country: usize, sells: bool, curve: &Curve) -> (f64, f64) {
    let (problem, point) = (&episode.equilibrium.problem, &episode.equilibrium.point);
    let (nodes, prices, quantities) = match sells {
        true => (&problem.supply, &point.producer_price, problem.supplied(&point.flow)),
        false => (&problem.demand, &point.consumer_price, problem.consumed(&point.flow)),
    };
    match nodes.iter().position(|node| node.country == country) {
        Some(place) => (prices[place], quantities[place]),
        None if curve.fixed_quantity().is_some() => (if sells { 0.0 } else { f64::INFINITY }, 0.0),
        None => (curve.price(0.0), 0.0),
    }
}
