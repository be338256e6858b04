//! Spatial equilibrium: one homogeneous good, routes, capacities, price levels.
//!
//! Samuelson (1952), Spatial price equilibrium and linear programming, AER 42; Takayama & Judge (1971).
//! With routes r from i to j, unit freight f, facilities F of capacity K, margins γ of the routes:
//!
//! ```text
//! max  Σ_j ∫ D_j⁻¹ − Σ_i ∫ S_i⁻¹ − Σ_r [ f_r x_r + ∫ γ_r ]     s.t.   Σ_{r∈F} x_r ≤ K_F,  x ≥ 0
//! ```
//!
//! - [`calibrate`] makes curves and margins that give observed flows back,
//! - [`market`] poses a commodity's [`problem`] under its wedges,
//! - [`equilibrium`] finds it by a quadratic [`program`] and [`newton`], [`conditions`] says how well,
//! - [`price_cap`] finds the wedges of caps,
//! - `adjusting` says how curves move with time.

mod adjusting;
pub mod calibrate;
pub mod conditions;
pub mod equilibrium;
pub mod market;
pub mod newton;
pub mod price_cap;
pub mod problem;
pub mod program;

use std::sync::Arc;

pub use calibrate::{Calibrated, Calibration};
use conditions::Errors;
use equilibrium::{Ended, Found};
use market::Posed;
use price_cap::CapOutcome;
use problem::{Origin, Point, Problem};

use super::{Model, Status};
use crate::data::labels::some_of;
use crate::data::{Adjusting, Baseline, Curve};
use crate::error::{Error, Result};
use crate::scenario::compile::Support;
use crate::scenario::{Measure, Verb, Wedges};
use crate::solve::Stop;

/// What a model is made of besides its baseline, conduct and price levels.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// By commodity.
    Calibration(Vec<Calibration>),
    /// By commodity and country.
    Curves { supply: Vec<Vec<Option<Curve>>>, demand: Vec<Vec<Option<Curve>>> },
}

/// A baseline whose rows are routes, and what its markets are calibrated to.
#[derive(Debug, Clone)]
pub struct Spatial {
    /// With a network.
    pub baseline: Arc<Baseline>,
    pub given: Arc<Given>,
    /// By commodity.
    pub markets: Arc<Vec<Calibrated>>,
    /// By commodity: the baseline as an equilibrium.
    pub before: Arc<Vec<SpatialEquilibrium>>,
    /// κ by commodity and country: 0 takes prices, 1 buys as one.
    pub conduct: Arc<Vec<Vec<f64>>>,
    /// By commodity: prices on the dates asked about over those of the baseline, where they are said.
    pub price_level: Vec<Option<f64>>,
    /// Elasticities that differ in the long run; those of the curves are then of the short run.
    pub adjusting: Arc<Adjusting>,
}

/// One commodity's equilibrium: the problem that was solved, and its solution.
#[derive(Debug, Clone)]
pub struct SpatialEquilibrium {
    pub problem: Problem,
    pub point: Point,
    /// By cap of the wedges.
    pub caps: Vec<CapOutcome>,
    pub errors: Errors,
    pub status: Status,
    /// Quadratic programs solved.
    pub programs: usize,
    /// Whether other flows make the same prices.
    pub flows_unique: bool,
}

impl Spatial {
    /// A model calibrated to observed flows; `calibration` by commodity.
    ///
    /// # Errors
    /// [`Error::Data`]: see [`calibrate::calibrate`].
    pub fn calibrated(
        baseline: Baseline,
        calibration: Vec<Calibration>,
        conduct: Vec<Vec<f64>>,
        price_level: Vec<Option<f64>>,
    ) -> Result<Self> {
        let markets = (calibration.iter().enumerate())
            .map(|(commodity, given)| calibrate::calibrate(&baseline, commodity, given, &conduct[commodity]))
            .collect::<Result<Vec<_>>>()?;
        let (baseline, markets, before) = (Arc::new(baseline), Arc::new(markets), Arc::new(Vec::new()));
        let given = Arc::new(Given::Calibration(calibration));
        let model = Self {
            baseline,
            given,
            markets,
            before,
            conduct: Arc::new(conduct),
            price_level,
            adjusting: Arc::default(),
        };
        let before = (0..model.baseline.commodities()).map(|k| model.observed(k)).collect::<Result<_>>()?;
        Ok(Self { before: Arc::new(before), ..model })
    }

    /// The model on `baseline`, which differs in freights at most, with `calibration` where `moved`.
    ///
    /// # Errors
    /// As [`Spatial::calibrated`].
    pub fn recalibrated(&self, baseline: Arc<Baseline>, calibration: Vec<Calibration>, moved: &[bool]) -> Result<Self> {
        let mut markets = (*self.markets).clone();
        for k in (0..moved.len()).filter(|&k| moved[k]) {
            markets[k] = calibrate::calibrate(&baseline, k, &calibration[k], &self.conduct[k])?;
        }
        let given = Arc::new(Given::Calibration(calibration));
        let model = Self { baseline, given, markets: Arc::new(markets), ..self.clone() };
        let before = |k: usize| if moved[k] { model.observed(k) } else { Ok(model.before[k].clone()) };
        let before = (0..moved.len()).map(before).collect::<Result<_>>()?;
        Ok(Self { before: Arc::new(before), ..model })
    }

    /// The observed flows, which the calibration makes an equilibrium.
    fn observed(&self, commodity: usize) -> Result<SpatialEquilibrium> {
        let Posed { problem, start: point, .. } = market::pose(self, commodity, &self.untouched(commodity))?;
        let errors = conditions::errors(&problem, &point);
        let found = Found { errors, point, ended: Ended::Found, programs: 0, steps: 0 };
        match errors.largest() <= equilibrium::ACCEPTED {
            true => Ok(self.equilibrium(problem, found, Vec::new())),
            false => Err(self.lost(commodity, &format!("the observed flows miss its conditions by {errors:?}"))),
        }
    }

    /// A model of curves by commodity and country; its baseline flows are those of its own equilibrium,
    /// so the flows of `baseline` are not read.
    ///
    /// # Errors
    /// [`Error::Data`] names buyers without a route; [`Error::Infeasible`] as [`Model::solve`].
    pub fn of_curves(
        baseline: Baseline,
        supply: Vec<Vec<Option<Curve>>>,
        demand: Vec<Vec<Option<Curve>>>,
        conduct: Vec<Vec<f64>>,
        stop: &Stop,
    ) -> Result<Self> {
        let network = baseline.network().expect("a spatial model has a network");
        let (countries, facilities) = (baseline.countries(), network.facilities.len());
        let unknown = |commodity: usize, (supply, demand)| {
            let rows = baseline.market(commodity).len();
            Calibrated {
                supply,
                demand,
                margin: vec![0.0; rows],
                margin_slope: vec![0.0; rows],
                flow: vec![0.0; rows],
                producer_price: vec![f64::NAN; countries],
                consumer_price: vec![f64::NAN; countries],
                shadow_price: vec![0.0; facilities],
            }
        };
        let given = Arc::new(Given::Curves { supply: supply.clone(), demand: demand.clone() });
        let markets = supply.into_iter().zip(demand).enumerate().map(|(k, curves)| unknown(k, curves)).collect();
        let price_level = vec![Some(1.0); baseline.commodities()];
        let (baseline, markets, before) = (Arc::new(baseline), Arc::new(markets), Arc::new(Vec::new()));
        let mut model = Self {
            baseline,
            given,
            markets,
            before,
            conduct: Arc::new(conduct),
            price_level,
            adjusting: Arc::default(),
        };
        model.check_routes()?;
        for commodity in 0..model.baseline.commodities() {
            let found = model.solve(commodity, &model.untouched(commodity), None, stop)?;
            if !found.status.converged {
                return Err(model.lost(commodity, &found.status.reason));
            }
            Arc::make_mut(&mut model.markets)[commodity].adopt(&found);
            Arc::make_mut(&mut model.before).push(found);
        }
        model.adopt_flows()
    }

    /// The same with the flows of its markets as those of the baseline.
    fn adopt_flows(self) -> Result<Self> {
        let (mut value, mut quantity) = (Vec::new(), Vec::new());
        for (commodity, market) in self.markets.iter().enumerate() {
            let rows = self.baseline.market(commodity);
            for (row, &flow) in market.flow.iter().enumerate() {
                let price = market.producer_price[rows.exporter[row] as usize];
                value.push(if flow > 0.0 { (flow * price).max(0.0) } else { 0.0 });
                quantity.push(flow.max(0.0));
            }
        }
        let flows = Arc::new(self.baseline.flows.with_amounts(value, quantity)?);
        let network = self.baseline.network().expect("a spatial model has a network").clone();
        let baseline = Arc::new(Baseline::of_routes(flows, self.baseline.period, network)?);
        Ok(Self { baseline, ..self })
    }

    /// What this model says about measures; `leave_out` leaves out what it does not take.
    pub fn support(leave_out: bool) -> Support {
        Support { refusal, leave_out }
    }

    /// The wedges of no measure: facilities carry what they carry in the baseline.
    pub fn untouched(&self, commodity: usize) -> Wedges {
        let network = self.baseline.network().expect("a spatial model has a network");
        let day = self.baseline.period.last_day();
        let places = network.of_commodity(commodity);
        let capacities = places.map(|place| (place, network.facilities[place].capacity(Some(day)))).collect();
        Wedges { capacities, ..Wedges::default() }
    }

    /// By row of a commodity's market.
    pub fn freight(&self, commodity: usize) -> &[f64] {
        let start = calibrate::offset(&self.baseline, commodity);
        let network = self.baseline.network().expect("a spatial model has a network");
        &network.freight[start..start + self.baseline.market(commodity).len()]
    }

    fn check_routes(&self) -> Result<()> {
        for (commodity, market) in self.markets.iter().enumerate() {
            let rows = self.baseline.market(commodity);
            let served = |j: usize| {
                (0..rows.len())
                    .any(|row| rows.importer[row] as usize == j && market.supply[rows.exporter[row] as usize].is_some())
            };
            let flows = &self.baseline.flows;
            let unserved = (0..market.demand.len()).filter(|&j| market.demand[j].is_some() && !served(j));
            let names: Vec<&str> = unserved.map(|j| flows.countries.name(j)).collect();
            if !names.is_empty() {
                return Err(Error::Data(format!(
                    "{}: no route from a seller leads to {}; add routes, or leave their demand out",
                    flows.commodities.name(commodity),
                    some_of(names)
                )));
            }
        }
        Ok(())
    }

    fn lost(&self, commodity: usize, reason: &str) -> Error {
        let name = self.baseline.flows.commodities.name(commodity);
        Error::Data(format!("{name}: the curves' own equilibrium was not found: {reason}"))
    }

    fn infeasible(&self, commodity: usize, problem: &Problem) -> Error {
        let flows = &self.baseline.flows;
        let rigid = problem.demand.iter().filter(|node| node.curve.fixed_quantity().is_some());
        let countries: Vec<String> = rigid.map(|node| flows.countries.name(node.country).to_string()).collect();
        let message = format!(
            "{}: the fixed demand of {} can't be met through the routes, facilities and fixed supplies that are left; \
             give demand an elasticity below 0, or more capacity",
            flows.commodities.name(commodity),
            some_of(countries.iter().map(String::as_str))
        );
        Error::Infeasible { message, countries }
    }

    fn unbounded(&self, commodity: usize, problem: &Problem) -> Error {
        let flows = &self.baseline.flows;
        let flat = |node: &&problem::Node| node.curve.slope(problem.quantity_unit) == 0.0;
        let buyers = problem.demand.iter().filter(flat).filter(|node| node.curve.fixed_quantity().is_none());
        let countries: Vec<String> = buyers.map(|node| flows.countries.name(node.country).to_string()).collect();
        let message = format!(
            "{}: the problem is unbounded: {} would buy any amount at a price above what it costs to supply; give \
             demand or supply a slope, or a facility between them",
            flows.commodities.name(commodity),
            some_of(countries.iter().map(String::as_str))
        );
        Error::Infeasible { message, countries }
    }

    /// Why nothing was found, with the fullest facility's name.
    fn reason(&self, problem: &Problem, point: &Point) -> String {
        let network = self.baseline.network().expect("a spatial model has a network");
        let shadow = point.shadow_price.iter().zip(&problem.limits);
        let dearest = shadow.filter(|(price, _)| **price > 0.0).max_by(|a, b| a.0.total_cmp(b.0));
        let at = match dearest.map(|(_, limit)| limit.origin) {
            Some(Origin::Facility(place)) => {
                format!(" (the facility '{}' is nearly cut)", network.facilities[place].name)
            }
            _ => String::new(),
        };
        format!("the conditions of the equilibrium could not be met to the tolerance{at}")
    }
}

impl Calibrated {
    /// Takes an equilibrium as what was observed.
    fn adopt(&mut self, found: &SpatialEquilibrium) {
        for (lane, flow) in found.problem.lanes.iter().zip(&found.point.flow) {
            self.flow[lane.row] += flow;
        }
        for (node, price) in found.problem.supply.iter().zip(&found.point.producer_price) {
            self.producer_price[node.country] = *price;
        }
        for (node, price) in found.problem.demand.iter().zip(&found.point.consumer_price) {
            self.consumer_price[node.country] = *price;
        }
        for (limit, price) in found.problem.limits.iter().zip(&found.point.shadow_price) {
            if let Origin::Facility(place) = limit.origin {
                self.shadow_price[place] = *price;
            }
        }
    }
}

fn refusal(measure: &Measure) -> Option<String> {
    match measure.verb {
        Verb::ExportTax if measure.rate_to.is_some() => Some(
            "Spatial has no baseline export taxes, so a rate that replaces them is not known; give rate, the added rate"
                .to_string(),
        ),
        _ => None,
    }
}

impl Model for Spatial {
    type Equilibrium = SpatialEquilibrium;

    /// # Errors
    /// [`Error::Infeasible`]: fixed demand that can't be met, named; an unbounded problem.
    fn solve(
        &self,
        commodity: usize,
        wedges: &Wedges,
        warm: Option<&SpatialEquilibrium>,
        stop: &Stop,
    ) -> Result<SpatialEquilibrium> {
        let posed = market::pose(self, commodity, wedges)?;
        let same = |warm: &&SpatialEquilibrium| {
            warm.problem.lanes.len() == posed.problem.lanes.len()
                && warm.problem.limits.len() == posed.problem.limits.len()
        };
        let observed = posed.start.consumer_price.iter().all(|price| price.is_finite());
        let start = warm.filter(same).map(|warm| &warm.point).or_else(|| observed.then_some(&posed.start));
        let (problem, found, caps) = price_cap::find_capped(&posed.problem, &posed.caps, start, stop);
        if stop.requested() {
            return Err(Error::Interrupted);
        }
        match found.ended {
            Ended::Infeasible => return Err(self.infeasible(commodity, &problem)),
            Ended::Unbounded => return Err(self.unbounded(commodity, &problem)),
            Ended::Found | Ended::Lost => {}
        }
        Ok(self.equilibrium(problem, found, caps))
    }
}

impl Spatial {
    fn equilibrium(&self, problem: Problem, found: Found, caps: Vec<CapOutcome>) -> SpatialEquilibrium {
        let capped = caps.iter().map(|cap| cap.error).fold(0.0, f64::max);
        let converged = found.ended == Ended::Found;
        let reason = if converged { "converged".to_string() } else { self.reason(&problem, &found.point) };
        let status = Status {
            converged,
            iterations: found.programs + found.steps,
            residual: found.errors.largest().max(capped),
            modulus: f64::NAN,
            reason: reason.into(),
        };
        let flows_unique = problem.flows_are_unique(&found.point);
        SpatialEquilibrium {
            problem,
            point: found.point,
            caps,
            errors: found.errors,
            status,
            programs: found.programs,
            flows_unique,
        }
    }
}
