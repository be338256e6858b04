//! One commodity's market under its wedges: which flows are open, and whether a price level exists.

use super::Armington;
use crate::data::Market;
use crate::data::labels::some_of;
use crate::error::{Error, Result};
use crate::scenario::{Change, Wedges};
use crate::solve::spare;

/// Open rows, with the exporters and importers that have any, as countries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Open {
    /// Ascending.
    pub exporters: Vec<u32>,
    /// Ascending.
    pub importers: Vec<u32>,
    /// Rows of the market, ascending: sorted by exporter.
    pub rows: Vec<u32>,
    /// Where each exporter begins in `rows`, and the end of the last.
    pub starts: Vec<u32>,
}

impl Open {
    pub fn of(market: &Market, wedges: &Wedges, countries: usize) -> Self {
        let mut open = Self { rows: spare::take(), exporters: Vec::new(), importers: Vec::new(), starts: Vec::new() };
        open.rows.reserve(market.len());
        let shifted = !(wedges.supply_shift.is_one() && wedges.demand_shift.is_one());
        let mut banned = wedges.changes.iter().filter(|change| change.availability <= 0.0).peekable();
        let mut buys = vec![false; countries];
        for (exporter, rows) in market.by_exporter() {
            let first = open.rows.len();
            let met = banned.peek().is_some_and(|change| (change.row as usize) < rows.end);
            if !met && !shifted && market.value[rows.clone()].iter().fold(true, |all, value| all & (*value > 0.0)) {
                open.rows.extend(rows.start as u32..rows.end as u32);
            } else {
                open.rows.extend(rows.map(|row| row as u32).filter(|&row| {
                    let banned = banned.next_if(|change| change.row == row).is_some();
                    !banned && market.value[row as usize] > 0.0 && is_wanted(market, wedges, row as usize)
                }));
            }
            if open.rows.len() > first {
                open.exporters.push(exporter as u32);
                open.starts.push(first as u32);
                open.rows[first..].iter().for_each(|&row| buys[market.importer[row as usize] as usize] = true);
            }
        }
        open.starts.push(open.rows.len() as u32);
        open.importers = (0..countries as u32).filter(|&country| buys[country as usize]).collect();
        open
    }

    /// The importer of each open row, as a place in `importers`.
    pub fn importer_of(&self, market: &Market) -> Vec<u32> {
        let mut place = vec![0; self.importers.last().map_or(0, |&last| last as usize + 1)];
        self.importers.iter().zip(0..).for_each(|(&country, position)| place[country as usize] = position);
        let mut found = spare::take();
        found.extend(self.rows.iter().map(|&row| place[market.importer[row as usize] as usize]));
        found
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        spare::hand_on(std::mem::take(&mut self.rows));
    }
}

/// Open means: a positive baseline, not banned, with a supplier and a buyer left.
pub fn is_open(market: &Market, wedges: &Wedges, row: usize) -> bool {
    is_open_under(market, wedges, row, Some(wedges.at(row)))
}

/// The same where the row's change, if it has one, is at hand.
pub fn is_open_under(market: &Market, wedges: &Wedges, row: usize, change: Option<&Change>) -> bool {
    market.value[row] > 0.0 && change.is_none_or(|change| change.availability > 0.0) && is_wanted(market, wedges, row)
}

/// Whether a row's exporter still supplies, and its importer still buys.
fn is_wanted(market: &Market, wedges: &Wedges, row: usize) -> bool {
    wedges.supply_shift.at(market.exporter[row] as usize) > 0.0
        && wedges.demand_shift.at(market.importer[row] as usize) > 0.0
}

/// Refuses a supply shift where supply is infinitely elastic: it would have no effect.
///
/// # Errors
/// [`Error::Model`] names the exporter.
pub fn check_shifts(model: &Armington, commodity: usize, market: &Market, wedges: &Wedges) -> Result<()> {
    if wedges.supply_shift.is_one() {
        return Ok(());
    }
    let moved = |i: usize| wedges.supply_shift.at(i) != 1.0 && model.elasticities.supply[[commodity, i]].is_infinite();
    let Some(row) = market.trading(|exporter, _| moved(exporter)).next() else { return Ok(()) };
    let flows = &model.baseline.flows;
    Err(Error::Model(format!(
        "{}: supply of {} is infinitely elastic, so a supply shift has no effect; give it a finite elasticity, or ban \
         its exports",
        flows.commodities.name(commodity),
        flows.countries.name(market.exporter[row] as usize)
    )))
}

/// Refuses connected countries whose supply and demand are all fixed: their market is homogeneous of
/// degree zero in prices.
///
/// # Errors
/// [`Error::Infeasible`] names them.
pub fn check_feasible(model: &Armington, commodity: usize, market: &Market, wedges: &Wedges) -> Result<()> {
    let elasticities = &model.elasticities;
    let sells_rigidly = |i: u32| elasticities.supply[[commodity, i as usize]] == 0.0;
    let buys_rigidly = |j: u32| elasticities.demand[[commodity, j as usize]] == 0.0;
    let countries = model.baseline.countries() as u32;
    if !(0..countries).any(sells_rigidly) || !(0..countries).any(buys_rigidly) {
        return Ok(());
    }
    let mut forest = Forest::new(2 * countries as usize);
    let open: Vec<usize> = (0..market.len()).filter(|&row| is_open(market, wedges, row)).collect();
    open.iter().for_each(|&row| forest.join(market.exporter[row], market.importer[row] + countries));
    let mut rigid = vec![true; 2 * countries as usize];
    for &row in &open {
        let root = forest.root(market.exporter[row]) as usize;
        rigid[root] &= sells_rigidly(market.exporter[row]) && buys_rigidly(market.importer[row]);
    }
    match open.iter().find(|&&row| rigid[forest.root(market.exporter[row]) as usize]) {
        Some(&row) => {
            let root = forest.root(market.exporter[row]);
            let together =
                |node: u32| open.iter().any(|&r| market.exporter[r] == node || market.importer[r] + countries == node);
            let nodes: Vec<u32> =
                (0..2 * countries).filter(|&node| forest.root(node) == root && together(node)).collect();
            Err(infeasible(model, commodity, nodes.into_iter().map(|node| node % countries)))
        }
        None => Ok(()),
    }
}

fn infeasible(model: &Armington, commodity: usize, countries: impl Iterator<Item = u32>) -> Error {
    let flows = &model.baseline.flows;
    let mut countries: Vec<String> = countries.map(|code| flows.countries.name(code as usize).to_string()).collect();
    countries.sort_unstable();
    countries.dedup();
    Error::Infeasible {
        message: format!(
            "{}: supply and demand are both fixed (supply 0 and demand 0) for {}, so no price level clears the market; \
             give one of them an elasticity other than 0",
            flows.commodities.name(commodity),
            some_of(countries.iter().map(String::as_str))
        ),
        countries,
    }
}

/// Union–find with path halving.
struct Forest(Vec<u32>);

impl Forest {
    fn new(size: usize) -> Self {
        Self((0..size as u32).collect())
    }

    fn root(&mut self, mut node: u32) -> u32 {
        while self.0[node as usize] != node {
            self.0[node as usize] = self.0[self.0[node as usize] as usize];
            node = self.0[node as usize];
        }
        node
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
