//! A draw of the spatial model: calibrated again where its elasticities or freights differ.

use std::sync::Arc;

use super::{Drawn, Uncertain, sized, unknown};
use crate::data::Network;
use crate::error::{Error, Result};
use crate::model::spatial::{Calibration, Given};
use crate::model::{Model, Spatial, SpatialEquilibrium, Status};
use crate::result::SpatialSolution;
use crate::scenario::Exposure;
use crate::scenario::compile::compile;
use crate::solve::Stop;

impl Drawn for SpatialSolution {
    fn draw(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<Self> {
        let (model, moved) = redrawn(&self.model, uncertain, values)?;
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

/// The model with other elasticities and freights, and which commodities have them.
pub(super) fn redrawn(model: &Spatial, uncertain: &[Uncertain], values: &[f64]) -> Result<(Spatial, Vec<bool>)> {
    let mut moved = vec![false; model.baseline.commodities()];
    let own: Vec<(&Uncertain, f64)> =
        uncertain.iter().zip(values.iter().copied()).filter(|(one, _)| one.measure.is_none()).collect();
    if own.is_empty() {
        return Ok((model.clone(), moved));
    }
    let Given::Calibration(given) = &*model.given else {
        return Err(Error::Model(
            "a model of curves has no elasticities that can be uncertain; let sizes of measures be".to_string(),
        ));
    };
    let mut given: Vec<Calibration> = given.clone();
    let mut adjusting = (*model.adjusting).clone();
    let mut freight: Option<Vec<f64>> = None;
    let network = model.baseline.network().expect("a spatial model has a network");
    for (one, value) in own {
        for &(k, place) in &one.entries {
            let of_horizon = adjusting.draw(&one.name, [k, place], value);
            match one.name.as_str() {
                "demand" => given[k].demand[place] = value,
                "supply" => given[k].supply[place] = value,
                "route_elasticity" => given[k].route_elasticity = value,
                "freight" => {
                    let start = crate::model::spatial::calibrate::offset(&model.baseline, k);
                    freight.get_or_insert_with(|| network.freight.clone())[start + place] = value;
                }
                _ if of_horizon => {}
                other => return Err(unknown(other, None)),
            }
            moved[k] = true;
        }
    }
    let baseline = match freight {
        None => model.baseline.clone(),
        Some(freight) => {
            let network = Network { freight, ..network.clone() };
            Arc::new((*model.baseline).clone().with_network(network))
        }
    };
    let model = Spatial { adjusting: Arc::new(adjusting), ..model.clone() };
    Ok((model.recalibrated(baseline, given, &moved)?, moved))
}
