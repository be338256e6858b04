//! Elasticities that adjust, and what curves had adjusted when the stretches of a period began.

use std::io::{Read, Seek};

use ndarray::Array2;

use super::archive::{Archive, Arrays, Values};
use crate::data::{Adjusting, Horizon};
use crate::error::{Error, Result};
use crate::model::Adjusts;
use crate::scenario::compile::{Compiled, CompiledMarket};
use crate::scenario::{State, Wedges};

const LONG: [&str; 3] = ["substitution_long", "demand_long", "supply_long"];
const HALF_LIFE: [&str; 3] = ["substitution_half_life", "demand_half_life", "supply_half_life"];
const STATE: [&str; 3] = ["state_supply", "state_demand", "state_weight"];

pub fn add_adjusting(adjusting: &Adjusting, arrays: &mut Arrays) {
    for (place, (_, horizon)) in adjusting.named().into_iter().enumerate() {
        let Some(horizon) = horizon else { continue };
        for (name, values) in [(LONG[place], &horizon.long), (HALF_LIFE[place], &horizon.half_life)] {
            arrays.add(name, values.shape(), Values::OwnNumbers(values.iter().copied().collect()));
        }
    }
}

pub fn adjusting<R: Read + Seek>(archive: &mut Archive<R>, [commodities, countries]: [usize; 2]) -> Result<Adjusting> {
    let mut horizon = |place: usize, columns: usize| -> Result<Option<Horizon>> {
        if !archive.has(LONG[place]) {
            return Ok(None);
        }
        let shape = [commodities, columns];
        let mut table = |name: &str| -> Result<Array2<f64>> {
            let values = archive.array(name, &shape)?;
            Ok(Array2::from_shape_vec(shape, values).expect("as many numbers as the shape has"))
        };
        Ok(Some(Horizon { long: table(LONG[place])?, half_life: table(HALF_LIFE[place])? }))
    };
    Ok(Adjusting { substitution: horizon(0, 1)?, demand: horizon(1, countries)?, supply: horizon(2, countries)? })
}

fn sides(state: &State) -> [&Vec<f64>; 3] {
    [&state.supply, &state.demand, &state.weight]
}

/// Nothing where no curve adjusts.
pub fn add(history: &[Vec<State>], arrays: &mut Arrays) {
    if history.is_empty() {
        return;
    }
    for (place, name) in STATE.into_iter().enumerate() {
        let all: Vec<f64> = history.iter().flatten().flat_map(|state| sides(state)[place]).copied().collect();
        arrays.add(name, &[all.len()], Values::OwnNumbers(all));
    }
}

/// By commodity and stretch; empty where the file has none.
pub fn read<R: Read + Seek>(
    archive: &mut Archive<R>,
    model: &impl Adjusts,
    compiled: &Compiled,
) -> Result<Vec<Vec<State>>> {
    if !archive.has(STATE[0]) {
        return Ok(Vec::new());
    }
    let stretches = compiled.segments.len();
    let rest: Vec<State> = (0..compiled.markets.len()).map(|k| model.rest(k)).collect();
    let mut flat = Vec::new();
    for (place, name) in STATE.into_iter().enumerate() {
        let length = rest.iter().map(|state| stretches * sides(state)[place].len()).sum();
        let values: Vec<f64> = archive.array(name, &[length])?;
        if let Some(bad) = values.iter().find(|value| !value.is_finite()) {
            return Err(Error::Data(format!(
                "the array '{name}' has {bad}, which no curve adjusts to; take another copy, or solve again"
            )));
        }
        flat.push(values.into_iter());
    }
    let [supply, demand, weight] = &mut flat[..] else { unreachable!("as many as sides") };
    let mut one = |rest: &State| State {
        supply: supply.by_ref().take(rest.supply.len()).collect(),
        demand: demand.by_ref().take(rest.demand.len()).collect(),
        weight: weight.by_ref().take(rest.weight.len()).collect(),
    };
    let of_commodity = |(k, rest): (usize, &State)| -> Vec<State> {
        (0..if model.adjusts(k) { stretches } else { 0 }).map(|_| one(rest)).collect()
    };
    Ok(rest.iter().enumerate().map(of_commodity).collect())
}

/// A period compiled by itself, with wedges of its own in every stretch of a commodity that adjusts;
/// `one` says them from those compiled and the commodity, stretch and its length in years.
pub fn by_stretch(
    compiled: &Compiled,
    history: &[Vec<State>],
    one: impl Fn(&Wedges, usize, usize, f64) -> Wedges,
) -> Compiled {
    let market = |(k, market): (usize, &CompiledMarket)| {
        if history.get(k).is_none_or(Vec::is_empty) {
            return market.clone();
        }
        let stretches = compiled.segments.iter().zip(market.by_segment()).enumerate();
        let wedges = stretches.map(|(stretch, (segment, wedges))| one(wedges, k, stretch, segment.years()));
        CompiledMarket::of_segments(wedges.collect())
    };
    Compiled { markets: compiled.markets.iter().enumerate().map(market).collect(), ..compiled.clone() }
}
