//! A draw in general equilibrium: other elasticities on the same baseline, or on that which they have.

use std::sync::Arc;

use super::{Drawn, Uncertain, sized, unknown};
use crate::error::Result;
use crate::model::{General, Status};
use crate::result::GeneralSolution;
use crate::result::general::Certified;
use crate::scenario::Exposure;
use crate::scenario::compile::compile;
use crate::solve::Stop;

impl Drawn for GeneralSolution {
    fn draw(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<Self> {
        let model = redrawn(&self.model, uncertain, values, stop)?;
        let options = self.options;
        let changed = sized(&self.scenario, uncertain, values)?;
        let compiled = match (&changed, Arc::ptr_eq(&model.baseline, &self.model.baseline)) {
            (None, true) => self.compiled.clone(),
            _ => {
                let scenario = changed.as_ref().unwrap_or(&self.scenario);
                let support = General::support(options.leave_out);
                let stopped = || stop.requested();
                compile(scenario, &model.baseline, options.at, Exposure::Segments, &support, &stopped)?
            }
        };
        let unmoved = Arc::ptr_eq(&model.economy, &self.model.economy);
        let (states, of_segment) = compiled.joint();
        let one = |variants: &Vec<usize>| {
            let cells = model.cells(&compiled.wedges(variants));
            match unmoved.then(|| self.solved(&cells)).flatten() {
                Some(known) => Ok(known),
                None => Certified::solve(&model, cells, stop),
            }
        };
        let found = states.iter().map(one).collect::<Result<Vec<_>>>()?;
        let scenario = changed.map_or_else(|| self.scenario.clone(), Arc::new);
        Ok(Self::new(model, scenario, options, compiled, (found, of_segment)))
    }

    fn ended(&self) -> Status {
        self.status()
    }
}

/// The model with other elasticities; itself where they are its own.
pub(super) fn redrawn(model: &General, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<General> {
    let economy = &*model.economy;
    let (mut theta, mut nests) = (economy.trade_elasticity.clone(), economy.nests);
    for (one, &value) in uncertain.iter().zip(values).filter(|(one, _)| one.measure.is_none()) {
        for &(place, _) in &one.entries {
            match (one.name.as_str(), place) {
                ("trade_elasticity", sector) => theta[sector] = value,
                ("between_inputs", 0) => nests.value_added = value,
                ("between_inputs", 1) => nests.inputs = value,
                ("between_goods", _) => nests.goods = value,
                (other, _) => return Err(unknown(other, None)),
            }
        }
    }
    match theta == economy.trade_elasticity && nests == economy.nests {
        true => Ok(model.clone()),
        false => model.with_elasticities(theta, nests, stop),
    }
}
