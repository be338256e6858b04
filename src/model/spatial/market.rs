//! The problem of one commodity under its wedges.

use super::Spatial;
use super::price_cap::CappedLanes;
use super::problem::{Lane, Limit, Node, Origin, Point, Problem};
use crate::data::Curve;
use crate::data::labels::some_of;
use crate::error::{Error, Result};
use crate::scenario::Wedges;
use crate::scenario::ceilings::{Counted, Holder};

/// A problem, its caps, and the baseline as a point of it.
pub struct Posed {
    pub problem: Problem,
    pub caps: Vec<CappedLanes>,
    pub start: Point,
}

/// Curves by country with their shifts; `None` where a country does not trade.
struct Curves {
    supply: Vec<Option<Curve>>,
    demand: Vec<Option<Curve>>,
}

impl Curves {
    fn of(model: &Spatial, commodity: usize, wedges: &Wedges) -> Self {
        let calibrated = &model.markets[commodity];
        let shifted = |curves: &[Option<Curve>], factor: &crate::scenario::Factor| {
            let one = |(country, curve): (usize, &Option<Curve>)| {
                let factor = factor.at(country);
                curve.filter(|_| factor > 0.0).map(|curve| curve.scaled(factor))
            };
            curves.iter().enumerate().map(one).collect()
        };
        Self {
            supply: shifted(&calibrated.supply, &wedges.supply_shift),
            demand: shifted(&calibrated.demand, &wedges.demand_shift),
        }
    }
}

/// # Errors
/// [`Error::Infeasible`]: buyers of a fixed quantity have no route left.
pub fn pose(model: &Spatial, commodity: usize, wedges: &Wedges) -> Result<Posed> {
    let baseline = &model.baseline;
    let (market, calibrated) = (baseline.market(commodity), &model.markets[commodity]);
    let curves = Curves::of(model, commodity, wedges);
    let shut: Vec<bool> = shut_rows(model, commodity, wedges);
    let open = |row: usize| {
        let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
        let change = wedges.at(row);
        let left = change.availability > 0.0 && (change.availability >= 1.0 || calibrated.flow[row] > 0.0);
        left && !shut[row] && curves.supply[i].is_some() && curves.demand[j].is_some()
    };
    let rows: Vec<usize> = (0..market.len()).filter(|&row| open(row)).collect();
    check_served(model, commodity, &curves, &rows)?;
    let (supply, place_of_seller) = nodes(&curves.supply, rows.iter().map(|&row| market.exporter[row]));
    let (demand, place_of_buyer) = nodes(&curves.demand, rows.iter().map(|&row| market.importer[row]));
    let mut lanes: Vec<Lane> = Vec::with_capacity(rows.len());
    for &row in &rows {
        let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
        let lane = lane(model, commodity, wedges, row, (place_of_seller[i], place_of_buyer[j]));
        let beyond = wedges.ceilings.iter().filter(|ceiling| ceiling.covers(row)).filter_map(|ceiling| ceiling.beyond);
        let dearest = beyond.fold(None, |most: Option<f64>, power| Some(most.map_or(power, |most| most.max(power))));
        lanes.push(lane.clone());
        lanes.extend(dearest.map(|tariff_power| Lane { tariff_power, beyond: true, ..lane }));
    }
    let limits = limits(model, wedges, &lanes, &calibrated.flow);
    let caps = caps(model, commodity, wedges, &lanes);
    let conduct = &model.conduct[commodity];
    let buyers: Vec<usize> = demand.iter().map(|node| node.country).collect();
    let problem = Problem::new(supply, demand, lanes, limits, |to| conduct[buyers[to]]);
    let start = start(model, commodity, &problem);
    Ok(Posed { problem, caps, start })
}

/// Rows that a facility without capacity, or a cap without services and fleet, closes.
fn shut_rows(model: &Spatial, commodity: usize, wedges: &Wedges) -> Vec<bool> {
    let mut shut = vec![false; model.baseline.market(commodity).len()];
    let network = model.baseline.network().expect("a spatial model has a network");
    for &(facility, capacity) in &wedges.capacities {
        if capacity == 0.0 {
            network.facilities[facility].rows.iter().for_each(|&row| shut[row as usize] = true);
        }
    }
    for cap in wedges.caps.iter().filter(|cap| cap.price == 0.0 && cap.outside_capacity == 0.0) {
        cap.rows.iter().for_each(|&row| shut[row as usize] = true);
    }
    shut
}

fn check_served(model: &Spatial, commodity: usize, curves: &Curves, rows: &[usize]) -> Result<()> {
    let market = model.baseline.market(commodity);
    let served = |country: usize| rows.iter().any(|&row| market.importer[row] as usize == country);
    let fixed = |country: &usize| {
        curves.demand[*country].is_some_and(|curve| curve.fixed_quantity().is_some_and(|quantity| quantity > 0.0))
    };
    let unserved: Vec<usize> = (0..curves.demand.len()).filter(|country| fixed(country) && !served(*country)).collect();
    if unserved.is_empty() {
        return Ok(());
    }
    let flows = &model.baseline.flows;
    let countries: Vec<String> = unserved.iter().map(|&j| flows.countries.name(j).to_string()).collect();
    Err(Error::Infeasible {
        message: format!(
            "{}: no route is left to {}, whose demand is fixed (elasticity 0); leave a route open, or give demand an \
             elasticity below 0",
            flows.commodities.name(commodity),
            some_of(countries.iter().map(String::as_str))
        ),
        countries,
    })
}

/// Nodes of the countries that trade, and each country's place among them.
fn nodes(curves: &[Option<Curve>], trading: impl Iterator<Item = u32>) -> (Vec<Node>, Vec<usize>) {
    let mut trades = vec![false; curves.len()];
    trading.for_each(|country| trades[country as usize] = true);
    let (mut nodes, mut places) = (Vec::new(), vec![usize::MAX; curves.len()]);
    for (country, curve) in curves.iter().enumerate() {
        if let (true, Some(curve)) = (trades[country], curve) {
            places[country] = nodes.len();
            nodes.push(Node { country, curve: *curve });
        }
    }
    (nodes, places)
}

fn lane(model: &Spatial, commodity: usize, wedges: &Wedges, row: usize, (from, to): (usize, usize)) -> Lane {
    let (market, calibrated) = (model.baseline.market(commodity), &model.markets[commodity]);
    let change = wedges.at(row);
    let delivered = calibrated.consumer_price[market.importer[row] as usize];
    let dearer = if change.cost_factor == 1.0 { 0.0 } else { (change.cost_factor - 1.0) * delivered };
    Lane {
        row,
        from,
        to,
        tariff_power: market.tariff_power(row) * change.tariff_hat,
        tariff: change.per_unit.tariff,
        export_tax_power: change.export_tax_power,
        export_tax: change.per_unit.export_tax,
        freight: model.freight(commodity)[row] + change.per_unit.cost + dearer,
        margin: calibrated.margin[row],
        margin_slope: calibrated.margin_slope[row],
        wedge: 0.0,
        beyond: false,
    }
}

fn limits(model: &Spatial, wedges: &Wedges, lanes: &[Lane], flow: &[f64]) -> Vec<Limit> {
    let network = model.baseline.network().expect("a spatial model has a network");
    let of_rows = |rows: &[u32], counts: &dyn Fn(&Lane) -> bool| -> Vec<usize> {
        let covered = |lane: &Lane| rows.binary_search(&(lane.row as u32)).is_ok() && counts(lane);
        (0..lanes.len()).filter(|&a| covered(&lanes[a])).collect()
    };
    let units = |origin, lanes, capacity| Limit { origin, lanes, capacity, by_value: false, exporter_held: false };
    let mut limits = Vec::new();
    for &(facility, capacity) in wedges.capacities.iter().filter(|(_, capacity)| capacity.is_finite()) {
        let lanes = of_rows(&network.facilities[facility].rows, &|_| true);
        limits.push(units(Origin::Facility(facility), lanes, capacity));
    }
    for (place, ceiling) in wedges.ceilings.iter().enumerate() {
        let lanes = of_rows(&ceiling.rows, &|lane| !(lane.beyond && ceiling.beyond.is_some()));
        limits.push(Limit {
            by_value: ceiling.counted == Counted::Value,
            exporter_held: ceiling.holder == Holder::Exporter,
            ..units(Origin::Quota(place), lanes, ceiling.amount)
        });
    }
    for change in wedges.changes.iter().filter(|change| change.availability < 1.0) {
        let (row, lanes) = (change.row as usize, of_rows(&[change.row], &|_| true));
        limits.push(units(Origin::Ban(row), lanes, change.availability * flow[row]));
    }
    limits.retain(|limit| !limit.lanes.is_empty());
    limits
}

fn caps(model: &Spatial, commodity: usize, wedges: &Wedges, lanes: &[Lane]) -> Vec<CappedLanes> {
    let level = model.price_level[commodity].unwrap_or(1.0);
    let capped = |cap: &crate::scenario::caps::Cap| CappedLanes {
        lanes: (0..lanes.len()).filter(|&a| cap.rows.binary_search(&(lanes[a].row as u32)).is_ok()).collect(),
        price: cap.price / level,
        outside_cost: cap.outside_cost,
        outside_capacity: cap.outside_capacity,
    };
    wedges.caps.iter().map(capped).collect()
}

/// The observed flows and prices, of what is still open.
fn start(model: &Spatial, commodity: usize, problem: &Problem) -> Point {
    let calibrated = &model.markets[commodity];
    let shadow = |limit: &Limit| match limit.origin {
        Origin::Facility(facility) => calibrated.shadow_price[facility],
        _ => 0.0,
    };
    Point {
        flow: problem.lanes.iter().map(|lane| if lane.beyond { 0.0 } else { calibrated.flow[lane.row] }).collect(),
        producer_price: problem.supply.iter().map(|node| calibrated.producer_price[node.country]).collect(),
        consumer_price: problem.demand.iter().map(|node| calibrated.consumer_price[node.country]).collect(),
        shadow_price: problem.limits.iter().map(shadow).collect(),
    }
}
