//! From observed flows, freight and elasticities to curves and margins that give the flows back.
//!
//! Positive mathematical programming: Howitt (1995), Amer. J. Agr. Econ. 77; for trade Paris, Drogué &
//! Anania (2011), Calibrating spatial models of trade, Economic Modelling 28.
//!
//! ```text
//! p_i = Σ V / Σ q      P_j = Σ q T (u + f) / Σ q      w_r = P_j − T (p_i + f_r) − κ_j x⁰_ij S_i⁻¹′(Q_i)
//! μ_F = max(0, min of w_r over the used routes of a full facility), in the order given
//! used:    γ_r(x) = w_r − Σ μ_F + β_r (x − x⁰),   β_r = P_j / (φ x⁰)
//! unused:  γ_r(x) = max(0, w_r) + β_r x,          β_r = P_j / (φ min(Q_i, X_j))
//! closed:  γ_r(x) = β_r x, where a facility on the way carried nothing because it could carry nothing: that
//!          the route was not used says nothing of its margin
//! ```

use std::collections::BTreeMap;

use crate::data::{Baseline, Curve};
use crate::error::{Error, Result};

/// What a spatial model is calibrated with besides its baseline and κ, how far each country buys as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// η and ε by country.
    pub demand: Vec<f64>,
    pub supply: Vec<f64>,
    /// φ: how far a route's flow moves with what it pays. Infinite: margins do not move.
    pub route_elasticity: f64,
    /// Straight curves through the observed points instead of constant elasticities.
    pub straight: bool,
}

/// Curves by country, margins by row, and the observed equilibrium they make.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibrated {
    pub supply: Vec<Option<Curve>>,
    pub demand: Vec<Option<Curve>>,
    /// γ at flow 0 and dγ/dx.
    pub margin: Vec<f64>,
    pub margin_slope: Vec<f64>,
    pub flow: Vec<f64>,
    /// NaN where a country does not sell, or buy.
    pub producer_price: Vec<f64>,
    pub consumer_price: Vec<f64>,
    /// By the network's facilities; 0 for those of other commodities.
    pub shadow_price: Vec<f64>,
}

/// A flow this close to a capacity fills it.
const FULL: f64 = 1e-9;
/// Unit values that differ by more within a market are in other units.
const SAME_UNITS: f64 = 300.0;
/// Freight that is a larger multiple of the good's value is in other units.
const DEAREST_FREIGHT: f64 = 10.0;

/// # Errors
/// [`Error::Data`]: a flow without a quantity, unit values in other units, more through a facility than
/// it carries, a facility or a freight that costs more than the good is worth.
pub fn calibrate(baseline: &Baseline, commodity: usize, given: &Calibration, conduct: &[f64]) -> Result<Calibrated> {
    let (market, countries) = (baseline.market(commodity), baseline.countries());
    let network = baseline.network().expect("a spatial model has a network");
    let freight = &network.freight[offset(baseline, commodity)..];
    check_units(baseline, commodity)?;
    let mut found = Calibrated {
        flow: market.quantity.to_vec(),
        producer_price: vec![f64::NAN; countries],
        consumer_price: vec![f64::NAN; countries],
        shadow_price: vec![0.0; network.facilities.len()],
        supply: vec![None; countries],
        demand: vec![None; countries],
        margin: vec![0.0; market.len()],
        margin_slope: vec![0.0; market.len()],
    };
    let (mut sold, mut bought) = (vec![(0.0, 0.0); countries], vec![(0.0, 0.0); countries]);
    for row in market.trading(|_, _| true) {
        let (quantity, value) = (market.quantity[row], market.value[row]);
        let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
        sold[i] = (sold[i].0 + value, sold[i].1 + quantity);
        let paid = market.tariff_power(row) * (value + freight[row] * quantity);
        bought[j] = (bought[j].0 + paid, bought[j].1 + quantity);
    }
    let curve = |price: f64, quantity: f64, elasticity: f64| match given.straight {
        true => Curve::line_through(price, quantity, elasticity),
        false => Curve::Isoelastic { price, quantity, elasticity },
    };
    for country in 0..countries {
        if sold[country].1 > 0.0 {
            let price = sold[country].0 / sold[country].1;
            found.producer_price[country] = price;
            found.supply[country] = Some(curve(price, sold[country].1, given.supply[country]));
        }
        if bought[country].1 > 0.0 {
            let price = bought[country].0 / bought[country].1;
            found.consumer_price[country] = price;
            found.demand[country] = Some(curve(price, bought[country].1, given.demand[country]));
        }
    }
    let mut between: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for row in market.trading(|_, _| true) {
        let pair = (market.exporter[row] as usize, market.importer[row] as usize);
        *between.entry(pair).or_default() += market.quantity[row];
    }
    let hold = |i: usize, j: usize| match (found.supply[i], between.get(&(i, j))) {
        (Some(curve), Some(bought)) if conduct[j] > 0.0 => conduct[j] * bought * curve.slope(sold[i].1),
        _ => 0.0,
    };
    let worth = |row: usize| {
        let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
        let landed = market.tariff_power(row) * (found.producer_price[i] + freight[row]);
        found.consumer_price[j] - landed - hold(i, j)
    };
    let mut left: Vec<f64> = (0..market.len()).map(worth).collect();
    let day = baseline.period.last_day();
    for place in network.of_commodity(commodity) {
        let facility = &network.facilities[place];
        let rows = || facility.rows.iter().map(|&row| row as usize);
        let through: f64 = rows().map(|row| found.flow[row]).sum();
        let capacity = facility.capacity(Some(day));
        if through > capacity * (1.0 + FULL) {
            let unit = &baseline.flows.units.quantity[commodity];
            return Err(Error::Data(format!(
                "facility '{}' carries {through:.6} {unit} in {}, above its capacity of {capacity:.6}; raise the \
                 capacity, or check the unit and the routes that use it",
                facility.name, baseline.period
            )));
        }
        if capacity == 0.0 {
            rows().for_each(|row| left[row] = left[row].min(0.0));
        }
        if through >= capacity * (1.0 - FULL) && through > 0.0 {
            let used = rows().filter(|&row| found.flow[row] > 0.0);
            let rent = used.map(|row| left[row]).fold(f64::INFINITY, f64::min).max(0.0);
            found.shadow_price[place] = rent;
            rows().for_each(|row| left[row] -= rent);
        }
    }
    for (row, &left) in left.iter().enumerate() {
        let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
        let (price, flow) = (found.consumer_price[j], found.flow[row]);
        if flow > 0.0 {
            found.margin_slope[row] = price / (given.route_elasticity * flow);
            found.margin[row] = left - found.margin_slope[row] * flow;
        } else if sold[i].1 > 0.0 && bought[j].1 > 0.0 {
            found.margin_slope[row] = price / (given.route_elasticity * sold[i].1.min(bought[j].1));
            found.margin[row] = left.max(0.0);
        }
    }
    Ok(found)
}

/// Where a commodity's rows begin among those of the period.
pub fn offset(baseline: &Baseline, commodity: usize) -> usize {
    (0..commodity).map(|k| baseline.market(k).len()).sum()
}

fn check_units(baseline: &Baseline, commodity: usize) -> Result<()> {
    let (market, flows) = (baseline.market(commodity), &baseline.flows);
    let named = |row: usize| {
        let country = |code: u32| flows.countries.name(code as usize);
        let name = flows.commodities.name(commodity);
        format!("{name} {} to {}", country(market.exporter[row]), country(market.importer[row]))
    };
    if let Some(row) = market.trading(|_, _| true).find(|&row| !market.quantity[row].is_finite()) {
        return Err(Error::Data(format!(
            "{} has no quantity; a spatial model needs one for every flow, so give it or drop the flow",
            named(row)
        )));
    }
    let mut rows: Vec<usize> = market.trading(|_, _| true).collect();
    rows.sort_by(|&a, &b| market.unit_value(a).total_cmp(&market.unit_value(b)));
    let Some(&middle) = rows.get(rows.len() / 2) else { return Ok(()) };
    let usual = market.unit_value(middle);
    let off = |&&row: &&usize| !(usual / SAME_UNITS..=usual * SAME_UNITS).contains(&market.unit_value(row));
    let network = baseline.network().expect("a spatial model has a network");
    if let Some(&row) = rows.iter().find(off) {
        return Err(Error::Data(format!(
            "{} is worth {:.3e} {} per {}, the middle one of its market {usual:.3e}; its value or quantity is in other \
             units (a factor of 1,000?), so convert it",
            named(row),
            market.unit_value(row),
            flows.units.currency,
            flows.units.quantity[commodity]
        )));
    }
    let freight = &network.freight[offset(baseline, commodity)..];
    if let Some(row) = (0..market.len()).find(|&row| freight[row] > DEAREST_FREIGHT * usual) {
        return Err(Error::Data(format!(
            "the freight of {} is {:.3e} {} per {}, but the good is worth {usual:.3e}; it is in other units (a factor \
             of 1,000?), so convert it",
            named(row),
            freight[row],
            flows.units.currency,
            flows.units.quantity[commodity]
        )));
    }
    Ok(())
}
