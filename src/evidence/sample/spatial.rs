//! A draw of the spatial model: calibrated again where its elasticities, freights or capacities differ.

use std::sync::Arc;

use super::{Drawn, Uncertain, sized, unknown};
use crate::data::{Baseline, Network};
use crate::error::{Error, Result};
use crate::model::spatial::calibrate::offset;
use crate::model::spatial::{Calibration, Given};
use crate::model::{Model, Spatial, SpatialEquilibrium, Status};
use crate::result::SpatialSolution;
use crate::scenario::Exposure;
use crate::scenario::compile::compile;
use crate::solve::Stop;

impl Drawn for SpatialSolution {
    fn draw(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<Self> {
        let (model, moved) = redrawn(&self.model, uncertain, values, stop)?;
        let options = self.options;
        let changed = sized(&self.scenario, uncertain, values)?;
        let scenario = changed.map_or_else(|| self.scenario.clone(), Arc::new);
        let support = Spatial::support(options.leave_out);
        let stopped = || stop.requested();
        let compiled = compile(&scenario, &model.baseline, options.at, Exposure::Segments, &support, &stopped)?;
        let mut solved = Vec::with_capacity(moved.len());
        for (k, market) in compiled.markets.iter().enumerate() {
            if !moved[k] && *market == self.compiled.markets[k] {
                solved.push(self.episodes(k).iter().map(|one| one.equilibrium.clone()).collect());
                continue;
            }
            let one = |wedges| model.solve(k, wedges, None, stop);
            solved.push(market.variants.iter().map(one).collect::<Result<Vec<SpatialEquilibrium>>>()?);
        }
        Ok(SpatialSolution::new(model, scenario, options, compiled, solved))
    }

    fn ended(&self) -> Status {
        self.status()
    }
}

/// The model with other elasticities, freights and capacities, and which commodities have them.
pub(super) fn redrawn(
    model: &Spatial,
    uncertain: &[Uncertain],
    values: &[f64],
    stop: &Stop,
) -> Result<(Spatial, Vec<bool>)> {
    let mut moved = vec![false; model.baseline.commodities()];
    let own: Vec<(&Uncertain, f64)> =
        uncertain.iter().zip(values.iter().copied()).filter(|(one, _)| one.measure.is_none()).collect();
    if own.is_empty() {
        return Ok((model.clone(), moved));
    }
    let (of_network, of_markets): (Vec<_>, Vec<_>) =
        own.into_iter().partition(|(one, _)| matches!(one.name.as_str(), "freight" | "capacity"));
    let baseline = match of_network.is_empty() {
        true => model.baseline.clone(),
        false => Arc::new(rerouted(model, &of_network, &mut moved)),
    };
    match &*model.given {
        Given::Curves { .. } if !of_markets.is_empty() => Err(Error::Model(
            "a model of curves has no elasticities that can be uncertain; let capacities or sizes of measures be"
                .to_string(),
        )),
        Given::Curves { supply, demand } => {
            let (baseline, conduct) = ((*baseline).clone(), (*model.conduct).clone());
            Ok((Spatial::of_curves(baseline, supply.clone(), demand.clone(), conduct, stop)?, moved))
        }
        Given::Calibration(given) => {
            let mut given: Vec<Calibration> = given.clone();
            let mut adjusting = (*model.adjusting).clone();
            for (one, value) in of_markets {
                for &(k, country) in &one.entries {
                    let of_horizon = adjusting.draw(&one.name, [k, country], value);
                    match one.name.as_str() {
                        "demand" => given[k].demand[country] = value,
                        "supply" => given[k].supply[country] = value,
                        "route_elasticity" => given[k].route_elasticity = value,
                        _ if of_horizon => {}
                        other => return Err(unknown(other, None)),
                    }
                    moved[k] = true;
                }
            }
            let model = Spatial { adjusting: Arc::new(adjusting), ..model.clone() };
            Ok((model.recalibrated(baseline, given, &moved)?, moved))
        }
    }
}

/// The baseline with other freights and capacities.
fn rerouted(model: &Spatial, of_network: &[(&Uncertain, f64)], moved: &mut [bool]) -> Baseline {
    let mut network: Network = model.baseline.network().expect("a spatial model has a network").clone();
    for (one, value) in of_network {
        for &(first, second) in &one.entries {
            let commodity = match one.name.as_str() {
                "capacity" => {
                    let facility = &mut network.facilities[first];
                    facility.capacities[second].1 = *value;
                    facility.commodity
                }
                _ => {
                    network.freight[offset(&model.baseline, first) + second] = *value;
                    first
                }
            };
            moved[commodity] = true;
        }
    }
    (*model.baseline).clone().with_network(network)
}
