//! A spatial model in a file: its network and what it was made of.

use std::io::{Read, Seek};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::archive::{Archive, Arrays, Values};
use super::meta::FlowLabels;
use super::{history, inputs};
use crate::data::{Baseline, Curve, Date, Facility, Flows, Network};
use crate::error::{Error, Result};
use crate::model::Spatial;
use crate::model::spatial::{Calibration, Given};
use crate::solve::Stop;

/// What `meta.json` says of a network; the capacities are the array `capacity`, facility by facility.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkMeta {
    facilities: Vec<FacilityMeta>,
    /// Straight calibrated curves; null where curves were given.
    straight: Option<bool>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FacilityMeta {
    name: String,
    commodity: usize,
    rows: Vec<u32>,
    /// The first day of each capacity.
    from: Vec<Option<String>>,
    owner: Option<usize>,
}

/// Kind (0 none, 1 linear, 2 isoelastic) and the three numbers of a curve.
fn coded(curve: &Option<Curve>) -> [f64; 4] {
    match *curve {
        None => [0.0; 4],
        Some(Curve::Linear { intercept, slope }) => [1.0, intercept, slope, 0.0],
        Some(Curve::Isoelastic { price, quantity, elasticity }) => [2.0, price, quantity, elasticity],
    }
}

fn decoded(code: &[f64]) -> Result<Option<Curve>> {
    match *code {
        [0.0, ..] => Ok(None),
        [1.0, intercept, slope, _] if intercept.is_finite() && slope.is_finite() => {
            Ok(Some(Curve::Linear { intercept, slope }))
        }
        [2.0, price, quantity, elasticity] if price > 0.0 && quantity > 0.0 && !elasticity.is_nan() => {
            Ok(Some(Curve::Isoelastic { price, quantity, elasticity }))
        }
        _ => {
            Err(Error::Data(format!("the file has a curve {code:?}, which is none; take another copy, or solve again")))
        }
    }
}

pub fn add<'a>(model: &'a Spatial, arrays: &mut Arrays<'a>) -> NetworkMeta {
    let network = model.baseline.network().expect("a spatial model has a network");
    let shape = [model.baseline.commodities(), model.baseline.countries()];
    inputs::add_flows(&model.baseline, arrays);
    arrays.add("freight", &[network.freight.len()], Values::Numbers(&network.freight));
    let capacities: Vec<f64> = network.facilities.iter().flat_map(|f| f.capacities.iter().map(|(_, k)| *k)).collect();
    arrays.add("capacity", &[capacities.len()], Values::OwnNumbers(capacities));
    arrays.add("conduct", &shape, Values::OwnNumbers(model.conduct.iter().flatten().copied().collect()));
    let levels = model.price_level.iter().map(|level| level.unwrap_or(f64::NAN)).collect();
    arrays.add("price_level", &shape[..1], Values::OwnNumbers(levels));
    let straight = match &*model.given {
        Given::Calibration(given) => {
            let table =
                |of: fn(&Calibration) -> &[f64]| Values::OwnNumbers(given.iter().flat_map(of).copied().collect());
            arrays.add("demand", &shape, table(|one| &one.demand));
            arrays.add("supply", &shape, table(|one| &one.supply));
            let elasticity = given.iter().map(|one| one.route_elasticity).collect();
            history::add_adjusting(&model.adjusting, arrays);
            arrays.add("route_elasticity", &shape[..1], Values::OwnNumbers(elasticity));
            Some(given.iter().all(|one| one.straight))
        }
        Given::Curves { supply, demand } => {
            let shape = [shape[0], shape[1], 4];
            for (name, curves) in [("supply_curve", supply), ("demand_curve", demand)] {
                arrays.add(name, &shape, Values::OwnNumbers(curves.iter().flatten().flat_map(coded).collect()));
            }
            None
        }
    };
    let one = |facility: &Facility| FacilityMeta {
        name: facility.name.clone(),
        commodity: facility.commodity,
        rows: facility.rows.clone(),
        from: facility.capacities.iter().map(|(from, _)| from.map(|day| day.to_string())).collect(),
        owner: facility.owner,
    };
    NetworkMeta { facilities: network.facilities.iter().map(one).collect(), straight }
}

pub fn read<R: Read + Seek>(
    archive: &mut Archive<R>,
    labels: FlowLabels,
    period: &str,
    meta: NetworkMeta,
    stop: &Stop,
) -> Result<Spatial> {
    let flows = Arc::new(inputs::flows(archive, labels)?);
    let period = period.parse().map_err(Error::Data)?;
    let shape = [flows.commodities.len(), flows.countries.len()];
    let routes = flows.period_range(flows.period_position(period)?);
    let network = network(archive, &flows, routes.len(), meta.facilities)?;
    let conduct = archive.table("conduct", &shape)?;
    match meta.straight {
        Some(straight) => {
            let (demand, supply) = (archive.table("demand", &shape)?, archive.table("supply", &shape)?);
            let elasticity: Vec<f64> = archive.array("route_elasticity", &shape[..1])?;
            let levels: Vec<f64> = archive.array("price_level", &shape[..1])?;
            let power = inputs::tariff_power(archive)?;
            let one = |((demand, supply), route_elasticity)| Calibration { demand, supply, route_elasticity, straight };
            let calibration = demand.into_iter().zip(supply).zip(elasticity).map(one).collect();
            let baseline = Baseline::with_powers(flows, period, power)?.with_network(network);
            let levels = levels.into_iter().map(|level| (!level.is_nan()).then_some(level)).collect();
            let adjusting = history::adjusting(archive, shape)?;
            Spatial::calibrated(baseline, calibration, conduct, levels)?.with_adjusting(adjusting)
        }
        None => {
            let mut side = |name: &str| -> Result<Vec<Vec<Option<Curve>>>> {
                let codes: Vec<f64> = archive.array(name, &[shape[0], shape[1], 4])?;
                let curves = codes.chunks(4).map(decoded).collect::<Result<Vec<_>>>()?;
                Ok(curves.chunks(shape[1]).map(<[_]>::to_vec).collect())
            };
            let (supply, demand) = (side("supply_curve")?, side("demand_curve")?);
            Spatial::of_curves(Baseline::of_routes(flows, period, network)?, supply, demand, conduct, stop)
        }
    }
}

fn network<R: Read + Seek>(
    archive: &mut Archive<R>,
    flows: &Flows,
    routes: usize,
    facilities: Vec<FacilityMeta>,
) -> Result<Network> {
    let freight = archive.array("freight", &[routes])?;
    let capacity: Vec<f64> =
        archive.array("capacity", &[facilities.iter().map(|facility| facility.from.len()).sum()])?;
    let mut capacity = capacity.into_iter();
    let one = |meta: FacilityMeta| {
        let day = |text: Option<String>| text.map(|text| text.parse::<Date>().map_err(Error::Data)).transpose();
        let known = meta.commodity < flows.commodities.len()
            && meta.owner.is_none_or(|owner| owner < flows.countries.len())
            && meta.rows.iter().all(|&row| (row as usize) < flows.range(0, meta.commodity).len());
        if !known {
            return Err(Error::Data(format!(
                "the facility '{}' names a commodity, route or owner that the file does not have; take another copy",
                meta.name
            )));
        }
        let amounts = capacity.by_ref().take(meta.from.len());
        let capacities = meta.from.into_iter().zip(amounts).map(|(from, k)| Ok((day(from)?, k)));
        let capacities = capacities.collect::<Result<Vec<_>>>()?;
        Ok(Facility { name: meta.name, commodity: meta.commodity, rows: meta.rows, capacities, owner: meta.owner })
    };
    Network::new(freight, facilities.into_iter().map(one).collect::<Result<Vec<_>>>()?)
}
