//! Which flows a measure or a schedule row meets.

use std::ops::Range;

use super::Scenario;
use super::measure::Measure;
use super::select::{Context, Groups, Selection, Selector};
use crate::data::labels::{did_you_mean, some_of};
use crate::data::{Baseline, Labels, Market};
use crate::error::{Error, Result};

/// Rows that are looked through in the time that finding a run of importers takes.
const SEARCH: usize = 8;

/// Whom one measure touches.
pub(super) struct Target {
    pub exporters: Selection,
    pub importers: Selection,
    pub commodities: Vec<bool>,
    /// Parts of commodities, by position in the baseline's table of parts.
    pub parts: Vec<u32>,
    pub modes: Option<Vec<bool>>,
    /// Share of each flow that the modes carry, where flows have no modes.
    pub mode_share: f64,
}

impl Target {
    /// The rows of positive value, or routes, that the measure meets, in order.
    pub fn rows<'a>(&'a self, market: &'a Market) -> impl Iterator<Item = usize> + 'a {
        let sellers = (0..self.exporters.taken.len()).filter(|&exporter| self.exporters.taken[exporter]);
        let buyers = runs(&self.importers.taken);
        let rows = sellers.flat_map(move |exporter| {
            let own = market.rows_of(exporter);
            let found = match buyers.len() * SEARCH < own.len() {
                true => buyers.iter().map(|run| market.rows_to(own.clone(), run)).collect(),
                false => vec![own],
            };
            found.into_iter().flatten()
        });
        rows.filter(|&row| market.counts(row) && self.meets(market, row))
    }

    /// Whether it is about a commodity or a part of it.
    pub fn aims(&self, baseline: &Baseline, commodity: usize) -> bool {
        let within = |part: &u32| baseline.parts().is_some_and(|parts| parts.is_within(*part, commodity as u32));
        self.commodities[commodity] || self.parts.iter().any(within)
    }

    /// The share of a flow that it is about, by value: 1 where it names the commodity itself.
    pub fn share(&self, baseline: &Baseline, commodity: usize, exporter: u32, importer: u32) -> f64 {
        match baseline.parts() {
            Some(parts) if !self.commodities[commodity] => {
                let of = |part: &u32| parts.share(*part, commodity as u32, exporter, importer);
                self.parts.iter().map(of).sum::<f64>().min(1.0)
            }
            _ => 1.0,
        }
    }

    /// Border measures reach domestic sales only where both sides name the country itself.
    pub fn meets(&self, market: &Market, row: usize) -> bool {
        let (exporter, importer) = (market.exporter[row] as usize, market.importer[row] as usize);
        let domestic = exporter == importer && !(self.exporters.by_name[exporter] && self.importers.by_name[importer]);
        let mode = match (&self.modes, market.mode) {
            (Some(taken), Some(mode)) => taken[mode[row] as usize],
            _ => true,
        };
        self.exporters.taken[exporter] && self.importers.taken[importer] && !domestic && mode
    }
}

/// The runs of positions that are taken.
fn runs(taken: &[bool]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for position in (0..taken.len()).filter(|&position| taken[position]) {
        match runs.last_mut().filter(|run| run.end == position) {
            Some(run) => run.end += 1,
            None => runs.push(position..position + 1),
        }
    }
    runs
}

pub(super) fn resolve_all(scenario: &Scenario, baseline: &Baseline) -> Result<Vec<Target>> {
    scenario
        .measures
        .iter()
        .enumerate()
        .map(|(m, measure)| {
            resolve(scenario, measure, baseline)
                .map_err(|error| Error::Scenario(format!("measure '{}': {error}", scenario.label(m))))
        })
        .collect()
}

fn resolve(scenario: &Scenario, measure: &Measure, baseline: &Baseline) -> Result<Target> {
    let flows = &baseline.flows;
    check_facility(measure, baseline)?;
    let day = measure.effective().unwrap_or(baseline.period.last_day());
    let countries = Context { labels: &flows.countries, kind: "country", groups: Some((&scenario.groups, day)) };
    let commodities = Context { labels: &flows.commodities, kind: "commodity", groups: None };
    let modes = match (&measure.modes, &flows.modes) {
        (Some(selector), Some(labels)) => Some(Context { labels, kind: "mode", groups: None }.resolve(selector)?.taken),
        (Some(selector), None) if measure.mode_share.is_none() => {
            return Err(Error::Scenario(format!(
                "it is limited to the modes [{}], but the flows have no modes; give flows with a mode column, \
                 or mode_share=, the share of each flow that these modes carry",
                selector.0.join(", ")
            )));
        }
        _ => None,
    };
    let (taken, parts) = commodities_and_parts(&measure.commodities, &commodities, baseline)?;
    if measure.quantity.is_some() || measure.value.is_some() {
        one_commodity(&taken, &flows.commodities)?;
    }
    Ok(Target {
        exporters: countries.resolve(&measure.exporters)?,
        importers: countries.resolve(&measure.importers)?,
        commodities: taken,
        parts,
        modes,
        mode_share: if flows.modes.is_none() { measure.mode_share.unwrap_or(1.0) } else { 1.0 },
    })
}

/// The commodities a selector takes, and the parts of commodities that it names.
fn commodities_and_parts(selector: &Selector, context: &Context, baseline: &Baseline) -> Result<(Vec<bool>, Vec<u32>)> {
    let Some(parts) = baseline.parts() else { return Ok((context.resolve(selector)?.taken, Vec::new())) };
    let is_part = |term: &str| context.labels.position(term).is_none() && parts.names.position(term).is_some();
    let (named, others): (Vec<String>, Vec<String>) =
        selector.0.iter().cloned().partition(|term| is_part(term.trim_start_matches('!').trim()));
    let away = |term: &&String| term.starts_with('!');
    if let Some(term) = named.iter().find(away) {
        return Err(Error::Scenario(format!(
            "it takes away '{term}', which is a part of a sector; name the sectors and commodities it covers instead"
        )));
    }
    let taken = match others.is_empty() {
        true => vec![false; context.labels.len()],
        false => context.resolve(&Selector(others))?.taken,
    };
    Ok((taken, named.iter().filter_map(|term| parts.names.position(term.trim())).map(|part| part as u32).collect()))
}

/// An amount is shared by what it covers, and markets of different commodities do not share.
fn one_commodity(taken: &[bool], labels: &Labels) -> Result<()> {
    let names: Vec<&str> =
        labels.names().iter().zip(taken).filter(|(_, taken)| **taken).map(|(name, _)| &**name).collect();
    if names.len() <= 1 {
        return Ok(());
    }
    let shown = names[..names.len().min(3)].join(", ");
    let more = if names.len() > 3 { ", …" } else { "" };
    Err(Error::Scenario(format!(
        "its amount is for one commodity, but it covers {} ({shown}{more}); write a Quota for each, sum them first with \
         flows.aggregate(commodities=...), or give share=, which is taken of each",
        names.len(),
    )))
}

fn check_facility(measure: &Measure, baseline: &Baseline) -> Result<()> {
    let (Some(name), Some(network)) = (&measure.facility, baseline.network()) else { return Ok(()) };
    if network.facility(name).is_some() {
        return Ok(());
    }
    let known = || network.facilities.iter().map(|facility| facility.name.as_str());
    Err(Error::Scenario(format!(
        "unknown facility '{name}'.{} The model has {}",
        did_you_mean(name, known()),
        some_of(known())
    )))
}

/// Schedule rows with the flow they meet, sorted by commodity.
pub(super) struct ScheduleCells {
    /// (commodity, row of its market, line of the schedule)
    cells: Vec<(usize, usize, usize)>,
    pub without_effect: usize,
}

impl ScheduleCells {
    pub fn locate(scenario: &Scenario, baseline: &Baseline) -> Result<Self> {
        let flows = &baseline.flows;
        let period = flows.period_position(baseline.period)?;
        let groups = Groups::new();
        let countries =
            Context { labels: &flows.countries, kind: "country", groups: Some((&groups, baseline.period.last_day())) };
        let commodities = Context { labels: &flows.commodities, kind: "commodity", groups: None };
        let mut located = Self { cells: Vec::new(), without_effect: 0 };
        for (line, row) in scenario.schedule.iter().enumerate() {
            let one = |context: &Context, name: &str| -> Result<usize> {
                let found = context.resolve(&[name].into());
                let position = found.map(|selection| selection.positions());
                match position {
                    Ok(positions) if positions.len() == 1 => Ok(positions[0]),
                    Ok(_) => Err(Error::Scenario(format!(
                        "schedule row {line}: '{name}' is more than one {}; a row is about one flow",
                        context.kind
                    ))),
                    Err(error) => Err(Error::Scenario(format!("schedule row {line}: {error}"))),
                }
            };
            let commodity = one(&commodities, &row.commodity)?;
            let (exporter, importer) = (one(&countries, &row.exporter)?, one(&countries, &row.importer)?);
            let start = flows.range(period, commodity).start;
            let market = baseline.market(commodity);
            let met: Vec<usize> = flows
                .pair(period, commodity as u32, exporter as u32, importer as u32)
                .filter(|&place| market.counts(place - start))
                .collect();
            located.without_effect += usize::from(met.is_empty());
            located.cells.extend(met.into_iter().map(|place| (commodity, place - start, line)));
        }
        located.cells.sort_unstable();
        Ok(located)
    }

    /// The cells of one commodity.
    pub fn of(&self, commodity: usize) -> &[(usize, usize, usize)] {
        let from = self.cells.partition_point(|cell| cell.0 < commodity);
        let to = self.cells.partition_point(|cell| cell.0 <= commodity);
        &self.cells[from..to]
    }
}
