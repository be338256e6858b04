//! General equilibrium: exact hat algebra with input–output links.
//!
//! Caliendo & Parro (2015), Estimates of the trade and welfare effects of NAFTA, REStud 82; Dekle, Eaton &
//! Kortum (2008), Global rebalancing with gravity, IMF Staff Papers 55. n imports from i; sectors j, k;
//! κ̂ = T̂ x̂ d̂ with d the trade cost; a zero stays zero.
//!
//! ```text
//! ĉ_n^j = ŵ_n^(γ_n^j) Π_k (P̂_n^k)^(γ_n^(k,j))
//! P̂_n^j = [ Σ_i π_ni^j a_ni^j (κ̂_ni^j ĉ_i^j)^(−θ_j) ]^(−1/θ_j)
//! π'_ni^j = π_ni^j a_ni^j (κ̂_ni^j ĉ_i^j / P̂_n^j)^(−θ_j)
//! Y'_i^k = Σ_n π'_ni^k X'_n^k / (T' x')_ni^k
//! X'_n^j = Σ_k γ_n^(j,k) Y'_n^k + α_n^j I'_n
//! I'_n = ŵ_n w_n L_n + R'_n + D'_n        R'_n = Σ τ' M' + Σ (x' − 1) Y'
//! ŵ_n w_n L_n = Σ_j γ_n^j Y'_n^j          Σ ŵ_n w_n L_n = Σ w_n L_n in every component
//! ```
//!
//! - [`economy`] is where it starts from, [`calibrate`] makes it of a table,
//! - [`reach`] says whether an equilibrium can exist, [`nest`] has the costs and shares,
//! - [`system`] is the joint system, [`equilibrium`] its solution, `aggregate` the shortcut to it.

mod aggregate;
pub mod calibrate;
pub mod economy;
pub mod equilibrium;
pub mod kernel;
pub mod nest;
mod production;
pub mod reach;
mod search;
pub mod system;
pub mod trade;

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::Status;
use crate::data::input_output::ROUNDING;
use crate::data::labels::some_of;
use crate::data::{Baseline, InputOutput, Labels, Parts, Period};
use crate::error::{Error, Result};
use crate::scenario::compile::Support;
use crate::scenario::{Measure, Verb, Wedges};
use crate::solve::Stop;
use aggregate::Aggregate;
use calibrate::{implied_deficit, own_equilibrium, rebased, spending_ratio, wage_elasticity};
use economy::{Cell, Economy, Transfers};
use nest::Nests;
use reach::Obstacle;
use system::System;

/// What becomes of deficits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deficits {
    /// Eliminated: the baseline is the equilibrium without them.
    Zero,
    /// D' = D, in the unit of value added.
    Additive,
    /// Final spending keeps its ratio to a country's own income, up to a common factor.
    Multiplicative,
}

/// A table, its elasticities, and the equilibrium that is its baseline.
#[derive(Debug, Clone)]
pub struct General {
    /// Sectors as commodities, at border values of the baseline equilibrium.
    pub baseline: Arc<Baseline>,
    /// At the baseline equilibrium.
    pub economy: Arc<Economy>,
    /// Its unknowns: zeros, and ln X.
    pub start: Arc<Vec<f64>>,
    /// D of the baseline.
    pub deficit: Arc<Vec<f64>>,
    pub deficits: Deficits,
    pub transfers: Arc<Transfers>,
    /// Makes searches from the baseline short; none where wages alone do, or where it is singular.
    aggregate: Option<Arc<Aggregate>>,
    /// Largest change of a wage, |ŵ − 1|, from the table to its equilibrium.
    pub rebalanced: f64,
    /// What it was made of.
    pub given: Arc<Given>,
    rest: Arc<OnceLock<Rest>>,
}

/// A table and how it was made a model.
#[derive(Debug, Clone)]
pub struct Given {
    pub table: Arc<InputOutput>,
    pub settings: Settings,
}

/// The baseline's spending by sector and country, and income by country.
#[derive(Debug, Clone)]
pub struct Rest {
    pub spending: Vec<f64>,
    pub income: Vec<f64>,
}

/// Up to this change of a wage a table is its own equilibrium, whatever the elasticities.
const BALANCED: f64 = 1e-9;

/// An equilibrium under wedges.
#[derive(Debug, Clone)]
pub struct GeneralEquilibrium {
    /// ln ŵ, ln P̂, ln X', as [`System`] orders them.
    pub point: Vec<f64>,
    /// The wedges it was solved under.
    pub cells: Vec<Cell>,
    pub status: Status,
}

/// How a table is made a model.
#[derive(Debug, Clone)]
pub struct Settings {
    /// θ by sector.
    pub trade_elasticity: Vec<f64>,
    pub deficits: Deficits,
    pub nests: Nests,
    /// Of the baseline: the day on which undated groups count is its last.
    pub period: Period,
    pub currency: String,
}

impl General {
    /// # Errors
    /// [`Error::Model`]: θ that is not positive, an elasticity below 0. [`Error::Infeasible`]: the table has
    /// no equilibrium with these deficits. [`Error::Data`]: its shares can't be reconciled with its value
    /// added.
    pub fn new(table: &Arc<InputOutput>, settings: Settings, parts: Option<Parts>, stop: &Stop) -> Result<Self> {
        check(&settings.trade_elasticity, settings.nests, &table.sectors)?;
        let Settled { economy, start, bought, deficit, transfers, rebalanced } = settle(table, &settings, stop)?;
        let spending = &start[economy.countries * (1 + economy.sectors)..];
        let (flows, power) = trade::flows(&economy, spending, &bought, table, &settings)?;
        let baseline = Baseline::with_powers(Arc::new(flows), settings.period, Some(power))?;
        let baseline = match parts {
            Some(parts) => baseline.with_parts(parts),
            None => baseline,
        };
        let aggregate = shortcut(&economy, &transfers, &start, stop).map(Arc::new);
        Ok(Self {
            baseline: Arc::new(baseline),
            economy: Arc::new(economy),
            start: Arc::new(start),
            deficit: Arc::new(deficit),
            deficits: settings.deficits,
            transfers: Arc::new(transfers),
            aggregate,
            rebalanced,
            given: Arc::new(Given { table: table.clone(), settings }),
            rest: Arc::default(),
        })
    }

    /// The model of the same table with other elasticities. A table that is its own equilibrium keeps its
    /// baseline; any other has one that depends on them, which is found anew.
    ///
    /// # Errors
    /// As [`General::new`].
    pub fn with_elasticities(&self, trade_elasticity: Vec<f64>, nests: Nests, stop: &Stop) -> Result<Self> {
        let table = self.given.table.clone();
        let settings = Settings { trade_elasticity, nests, ..self.given.settings.clone() };
        if self.is_rebalanced() {
            return Self::new(&table, settings, self.baseline.parts().cloned(), stop);
        }
        check(&settings.trade_elasticity, nests, &self.baseline.flows.commodities)?;
        let trade_elasticity = settings.trade_elasticity.clone();
        let mut economy = Economy { trade_elasticity, nests, ..(*self.economy).clone() };
        economy.wage_elasticity = wage_elasticity(&economy, &self.rest().spending);
        Ok(Self { economy: Arc::new(economy), given: Arc::new(Given { table, settings }), ..self.clone() })
    }

    /// Whether the table had to move to become an equilibrium, so that other elasticities have another baseline.
    pub fn is_rebalanced(&self) -> bool {
        self.rebalanced > BALANCED
    }

    /// Of the baseline.
    pub fn rest(&self) -> &Rest {
        self.rest.get_or_init(|| {
            let system = self.system(&[]).expect("the baseline is an equilibrium");
            let mut state = system.state();
            system.evaluate(&self.start, &mut state);
            Rest { spending: state.spending, income: state.income }
        })
    }

    /// What this model says about measures; `leave_out` leaves out what it does not take.
    pub fn support(leave_out: bool) -> Support {
        Support { refusal, leave_out }
    }

    /// The flows that wedges touch, by sector.
    pub fn cells(&self, wedges: &[&Wedges]) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (sector, wedges) in wedges.iter().enumerate() {
            let market = self.baseline.market(sector);
            cells.extend(wedges.changes.iter().map(|change| {
                let row = change.row as usize;
                Cell {
                    sector: sector as u32,
                    importer: market.importer[row],
                    exporter: market.exporter[row],
                    availability: change.availability,
                    tariff_power: change.tariff_hat * market.tariff_power(row),
                    tariff_before: market.tariff_power(row),
                    export_tax_power: change.export_tax_power,
                    cost_factor: change.cost_factor,
                }
            }));
        }
        cells
    }

    /// The system under wedges.
    ///
    /// # Errors
    /// [`Error::Infeasible`] names the countries that have no equilibrium, and why.
    pub fn system(&self, cells: &[Cell]) -> Result<System<'_>> {
        let flows = &self.baseline.flows;
        let names = Names { countries: &flows.countries, sectors: &flows.commodities };
        System::new(&self.economy, cells, (*self.transfers).clone())
            .map_err(|obstacle| names.infeasible(&obstacle, &self.economy))
    }
}

fn refusal(measure: &Measure) -> Option<String> {
    let verb = measure.verb;
    let not_taken = |why: &str, other: &str| {
        Some(format!(
            "general equilibrium does not take {verb}: {why}. {other} Remove the measure, or leave it out with \
             unsupported=\"leave_out\""
        ))
    };
    match verb {
        Verb::PriceCap | Verb::Capacity => {
            not_taken("it has no price levels and no routes", "The model that takes it is Spatial.")
        }
        Verb::Quota => not_taken("it has no licences", "Armington and Spatial take it."),
        Verb::Shift => not_taken("its supply and demand follow from the whole economy", "Armington and Spatial take it."),
        Verb::ExportTax if measure.rate_to.is_some() => Some(
            "general equilibrium has no baseline export taxes, so a rate that replaces them is not known; give rate, the \
             added rate"
                .to_string(),
        ),
        _ => None,
    }
}

fn check(trade_elasticity: &[f64], nests: Nests, sectors: &Labels) -> Result<()> {
    let wrong = |theta: &f64| !(*theta > 0.0 && theta.is_finite());
    if let Some(sector) = trade_elasticity.iter().position(wrong) {
        return Err(Error::Model(format!(
            "the trade elasticity of {} is {}; expected θ = σ − 1 above 0 (not 1/θ, and without its sign)",
            sectors.name(sector),
            trade_elasticity[sector]
        )));
    }
    let Nests { value_added, inputs, goods } = nests;
    let nests = [("value_added", value_added), ("inputs", inputs), ("goods", goods)];
    match nests.into_iter().find(|(_, elasticity)| !(*elasticity >= 0.0 && elasticity.is_finite())) {
        Some((name, elasticity)) => Err(Error::Model(format!(
            "the elasticity of substitution '{name}' is {elasticity}; expected a number of at least 0 (1 is Cobb–Douglas)"
        ))),
        None => Ok(()),
    }
}

/// D of the baseline: 0, as given, or implied by the shares and the value added.
fn target_deficit(
    economy: &Economy,
    table: &InputOutput,
    settings: &Settings,
    names: &Names,
    stop: &Stop,
) -> Result<Vec<f64>> {
    match (&table.shares.deficit, settings.deficits) {
        (_, Deficits::Zero) => Ok(vec![0.0; economy.countries]),
        (Some(deficit), _) => Ok(deficit.to_vec()),
        (None, _) => {
            let even = Transfers::Proportional(vec![1.0; economy.countries]);
            let system = System::new(economy, &[], even).map_err(|obstacle| names.infeasible(&obstacle, economy))?;
            let (deficit, outcome) = implied_deficit(&system, stop);
            match (outcome.converged || outcome.residual < 1e-10, stop.requested()) {
                (_, true) => Err(Error::Interrupted),
                (true, _) => Ok(deficit),
                (false, _) => Err(Error::Data(
                    "the shares of the table can't pay its value added, so no deficits follow from it; give deficit, or \
                     solve with deficits=\"zero\""
                        .to_string(),
                )),
            }
        }
    }
}

/// What a table becomes: the economy at its equilibrium, and the unknowns and accounts there.
struct Settled {
    economy: Economy,
    start: Vec<f64>,
    bought: Vec<bool>,
    deficit: Vec<f64>,
    transfers: Transfers,
    rebalanced: f64,
}

fn settle(table: &InputOutput, settings: &Settings, stop: &Stop) -> Result<Settled> {
    let given = Economy::new(table, settings.trade_elasticity.clone(), settings.nests);
    let names = Names { countries: &table.countries, sectors: &table.sectors };
    let deficit = target_deficit(&given, table, settings, &names, stop)?;
    let system = System::new(&given, &[], Transfers::Fixed(deficit.clone()))
        .map_err(|obstacle| names.infeasible(&obstacle, &given))?;
    let (point, status) = own_equilibrium(&system, stop);
    if stop.requested() {
        return Err(Error::Interrupted);
    }
    if !status.converged {
        let nothing_left = |&i: &usize| given.value_added[i] + deficit[i] <= 0.0;
        let broke: Vec<&str> = (0..given.countries).filter(nothing_left).map(|i| table.countries.name(i)).collect();
        let why = match broke.is_empty() {
            true => String::new(),
            false => format!("the surplus of {} is as large as the value added there; ", some_of(broke)),
        };
        return Err(Error::Data(format!(
            "the table has no equilibrium with these deficits that could be found ({why}residual {:.1e}); check its \
             deficit and value added, or solve with deficits=\"zero\"",
            status.residual
        )));
    }
    let economy = rebased(&system, &point);
    let (n, spending) = (given.countries, given.countries * (1 + given.sectors));
    let mut start = vec![0.0; system.len()];
    start[spending..].copy_from_slice(&point[spending..]);
    let transfers = match settings.deficits {
        Deficits::Multiplicative => {
            let mut state = system.state();
            system.evaluate(&point, &mut state);
            spending_ratio(&economy, &deficit, &state.revenue)
        }
        _ => Transfers::Fixed(deficit.clone()),
    };
    let rebalanced = point[..n].iter().map(|wage| wage.exp_m1().abs()).fold(0.0, f64::max);
    Ok(Settled { economy, start, bought: system.reach.bought.clone(), deficit, transfers, rebalanced })
}

/// None where goods are made of labour alone: incomes then follow wages at once, and few steps are taken.
fn shortcut(economy: &Economy, transfers: &Transfers, start: &[f64], stop: &Stop) -> Option<Aggregate> {
    if economy.is_without_inputs() {
        return None;
    }
    let system = System::new(economy, &[], transfers.clone()).ok()?;
    let mut state = system.state();
    system.evaluate(start, &mut state);
    Aggregate::new(&system, &state, stop)
}

struct Names<'a> {
    countries: &'a Labels,
    sectors: &'a Labels,
}

impl Names<'_> {
    fn infeasible(&self, obstacle: &Obstacle, economy: &Economy) -> Error {
        let names = |countries: &[usize]| some_of(countries.iter().map(|&i| self.countries.name(i)));
        let fixed = |countries: &[usize], deficit: f64| {
            let size: f64 = countries.iter().map(|&i| economy.value_added[i]).sum();
            match deficit / size {
                share if share.abs() < ROUNDING => "a fixed balance of trade".to_string(),
                share if share < 0.0 => format!("a fixed surplus of {:.4} % of value added", -100.0 * share),
                share => format!("a fixed deficit of {:.4} % of value added", 100.0 * share),
            }
        };
        let (message, countries) = match obstacle {
            Obstacle::NoSupplier { country, sector } => (
                format!(
                    "{} has no supplier of {} left, which it can't do without: its price would be infinite. Leave a supplier \
                     open (coverage below 1), or give an elasticity of substitution above 1",
                    self.countries.name(*country),
                    self.sectors.name(*sector)
                ),
                vec![*country],
            ),
            Obstacle::NoBuyer { country } => (
                format!(
                    "{} has nobody left to sell to, itself included; its wage would be 0",
                    self.countries.name(*country)
                ),
                vec![*country],
            ),
            Obstacle::CutOff { countries, deficit } => (
                format!(
                    "{} {} cut off from all others, with {} that nobody can pay for; use deficits=\"multiplicative\" or \
                     \"zero\"",
                    names(countries),
                    if countries.len() == 1 { "is" } else { "are" },
                    fixed(countries, *deficit)
                ),
                countries.clone(),
            ),
            Obstacle::OneWay { countries, sells, deficit } => (
                format!(
                    "{} {} others and {} them, which {} does not allow: trade can't balance at any wage. Close the other \
                     direction too, or leave a flow open (coverage below 1)",
                    names(countries),
                    if *sells { "can sell to" } else { "can buy from" },
                    if *sells { "buy nothing from" } else { "sell nothing to" },
                    match deficit.is_nan() {
                        true => "the ratio of spending to income that deficits keep".to_string(),
                        false => fixed(countries, *deficit),
                    },
                ),
                countries.clone(),
            ),
        };
        debug_assert_eq!(economy.countries, self.countries.len());
        Error::Infeasible {
            message,
            countries: countries.iter().map(|&i| self.countries.name(i).to_string()).collect(),
        }
    }
}
