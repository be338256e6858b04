//! A model of the commodities that move, for answers in which only these do.

use std::sync::Arc;

use ndarray::Axis;

use super::answers::{numbers, rows, same_keys};
use crate::data::{Adjusting, Baseline, Duplicates, Elasticities, FlowRows, Flows, Labels, Table, Units};
use crate::error::Result;
use crate::model::Armington;
use crate::result::Episode;
use crate::result::Solution;
use crate::result::ask::Question;
use crate::scenario::Compiled;

/// Some commodities of a model, with all its countries.
#[derive(Debug, Clone)]
pub struct Narrow {
    pub model: Armington,
    /// Positions in the whole model, ascending.
    pub commodities: Vec<usize>,
}

impl Narrow {
    /// The whole model where `commodities` are all or have no trade, and for a question that compares with
    /// another solution of it.
    ///
    /// # Errors
    /// None that the whole model would not have had.
    pub fn to(model: &Armington, commodities: Vec<usize>, question: &Question) -> Result<Self> {
        let compares = matches!(question, Question::Diversion { against: Some(_), .. });
        let trades = commodities.iter().any(|&k| model.baseline.market(k).trading(|_, _| true).next().is_some());
        let all = model.baseline.commodities();
        match trades && !compares && commodities.len() < all {
            true => Ok(Self { model: narrowed(model, &commodities)?, commodities }),
            false => Ok(Self { model: model.clone(), commodities: (0..all).collect() }),
        }
    }

    /// The part of a solution of the whole model.
    pub fn solution(&self, whole: &Solution) -> Solution {
        let market = |&k: &usize| whole.compiled.markets[k].clone();
        let compiled = Compiled {
            segments: whole.compiled.segments.clone(),
            markets: self.commodities.iter().map(market).collect(),
            left_out: whole.compiled.left_out.clone(),
            without_effect: whole.compiled.without_effect.clone(),
            schedule_without_effect: whole.compiled.schedule_without_effect,
        };
        let solved = |&k: &usize| whole.episodes(k).iter().map(Episode::solved).collect();
        let solved = self.commodities.iter().map(solved).collect();
        Solution::new(self.model.clone(), whole.scenario.clone(), whole.options, compiled, solved)
    }
}

fn narrowed(model: &Armington, commodities: &[usize]) -> Result<Armington> {
    let (baseline, flows) = (&model.baseline, &model.baseline.flows);
    let mut kept = FlowRows { mode: flows.modes.as_ref().map(|_| Vec::new()), ..FlowRows::default() };
    let mut power = Vec::new();
    for (new, &k) in commodities.iter().enumerate() {
        let market = baseline.market(k);
        kept.period.extend(std::iter::repeat_n(0, market.len()));
        kept.commodity.extend(std::iter::repeat_n(new as u32, market.len()));
        kept.exporter.extend(market.exporter);
        kept.importer.extend(market.importer);
        kept.value.extend(market.value);
        kept.quantity.extend(market.quantity);
        if let (Some(modes), Some(mode)) = (&mut kept.mode, market.mode) {
            modes.extend(mode);
        }
        power.extend((0..market.len()).map(|row| market.tariff_power(row)));
    }
    let units = Units {
        currency: flows.units.currency.clone(),
        quantity: commodities.iter().map(|&k| flows.units.quantity[k].clone()).collect(),
    };
    let names = Labels::new(commodities.iter().map(|&k| flows.commodities.name(k)));
    let (countries, modes, periods) = (flows.countries.clone(), flows.modes.clone(), vec![baseline.period]);
    let flows = Flows::new(countries, names, periods, modes, units, kept, Duplicates::Raise)?;
    let power = baseline.has_tariffs().then_some(power);
    let whole = &model.elasticities;
    let elasticities = Elasticities {
        substitution: commodities.iter().map(|&k| whole.substitution[k]).collect(),
        demand: whole.demand.select(Axis(0), commodities),
        supply: whole.supply.select(Axis(0), commodities),
        adjusting: Adjusting::default(),
    };
    Ok(Armington {
        baseline: Arc::new(Baseline::with_powers(Arc::new(flows), baseline.period, power)?),
        elasticities: Arc::new(elasticities),
    })
}

/// Where the rows of an answer of a narrow model are in that of the whole one.
pub struct Places {
    places: Vec<usize>,
    /// The numbers of the whole answer, and how many rows they are in.
    whole: Vec<f64>,
    rows: usize,
}

impl Places {
    /// Answers list commodities or countries in order, so that one is a part of the other in order.
    pub fn of(narrow: &Table, whole: &Table) -> Self {
        let mut places = Vec::with_capacity(rows(narrow));
        for row in 0..rows(whole) {
            if places.len() < rows(narrow) && same_keys((narrow, places.len()), (whole, row)) {
                places.push(row);
            }
        }
        assert_eq!(places.len(), rows(narrow), "an answer of some commodities is part of that of all");
        Self { places, whole: numbers(whole), rows: rows(whole) }
    }

    /// Changes of the narrow answer among those of the whole one: elsewhere 0, missing where it is.
    pub fn spread(&self, changes: &[f64]) -> Vec<f64> {
        let mut found: Vec<f64> = self.whole.iter().map(|value| if value.is_nan() { *value } else { 0.0 }).collect();
        let length = self.places.len();
        for (column, values) in changes.chunks_exact(length.max(1)).enumerate() {
            let places = self.places.iter().map(|place| column * self.rows + place);
            places.zip(values).for_each(|(place, value)| found[place] = *value);
        }
        found
    }
}
