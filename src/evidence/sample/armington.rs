//! A draw of the Armington model.

use std::sync::Arc;

use super::{Drawn, Uncertain, sized, unknown};
use crate::data::Elasticities;
use crate::error::Result;
use crate::model::{Armington, FirstOrder, Model, Status};
use crate::result::{Episode, Solution, Solved};
use crate::scenario::compile::compile;
use crate::solve::Stop;

/// The model with other elasticities, and which commodities have them.
pub(super) fn redrawn(model: &Armington, uncertain: &[Uncertain], values: &[f64]) -> Result<(Armington, Vec<bool>)> {
    let mut elasticities: Elasticities = (*model.elasticities).clone();
    let mut moved = vec![false; model.baseline.commodities()];
    for (one, &value) in uncertain.iter().zip(values).filter(|(one, _)| one.measure.is_none()) {
        for &(k, country) in &one.entries {
            let of_horizon = elasticities.adjusting.draw(&one.name, [k, country], value);
            match one.name.as_str() {
                "substitution" => elasticities.substitution[k] = value,
                "demand" => elasticities.demand[[k, country]] = value,
                "supply" => elasticities.supply[[k, country]] = value,
                _ if of_horizon => {}
                other => return Err(unknown(other, None)),
            }
            moved[k] = true;
        }
    }
    Ok((Armington { elasticities: Arc::new(elasticities), ..model.clone() }, moved))
}

impl Drawn for Solution {
    fn draw(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<Self> {
        let (model, moved) = redrawn(&self.model, uncertain, values)?;
        let options = self.options;
        let changed = sized(&self.scenario, uncertain, values)?;
        let compiled = match &changed {
            None => self.compiled.clone(),
            Some(scenario) => {
                let support = Armington::support(options.leave_out);
                let stopped = || stop.requested();
                compile(scenario, &model.baseline, options.at, options.exposure, &support, &stopped)?
            }
        };
        let mut solved = Vec::with_capacity(moved.len());
        for (k, market) in compiled.markets.iter().enumerate() {
            if !moved[k] && *market == self.compiled.markets[k] {
                solved.push(self.episodes(k).iter().map(Episode::solved).collect());
                continue;
            }
            let mut own = Vec::with_capacity(market.variants.len());
            for wedges in &market.variants {
                let equilibrium = match options.first_order {
                    true => FirstOrder(model.clone()).solve(k, wedges, None, stop)?,
                    false => model.solve(k, wedges, None, stop)?,
                };
                own.push(Solved::new(&model, k, wedges, equilibrium));
            }
            solved.push(own);
        }
        let scenario = changed.map_or_else(|| self.scenario.clone(), Arc::new);
        Ok(Solution::new(model, scenario, options, compiled, solved))
    }

    fn ended(&self) -> Status {
        self.status()
    }
}
