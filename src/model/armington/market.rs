//! One commodity's market under its wedges: which flows are open, and which of them hang together.

use super::Armington;
use crate::data::Market;
use crate::data::labels::some_of;
use crate::error::{Error, Result};
use crate::scenario::Wedges;

/// Exporters and importers of one connected part, as countries, and its open rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    pub exporters: Vec<u32>,
    pub importers: Vec<u32>,
    /// Rows of the market, ascending: sorted by exporter.
    pub rows: Vec<u32>,
}

/// Open means: a positive baseline, not banned, with a supplier and a buyer left.
pub fn is_open(market: &Market, wedges: &Wedges, row: usize) -> bool {
    market.value[row] > 0.0
        && wedges.availability.at(row) > 0.0
        && wedges.supply_shift.at(market.exporter[row] as usize) > 0.0
        && wedges.demand_shift.at(market.importer[row] as usize) > 0.0
}

/// The open rows by connected part: buyers and sellers that trade, however indirectly; and, where
/// `under_quotas`, those that share a quota.
pub fn parts(market: &Market, wedges: &Wedges, countries: usize, under_quotas: bool) -> Vec<Part> {
    let open: Vec<u32> = (0..market.len() as u32).filter(|&row| is_open(market, wedges, row as usize)).collect();
    let mut forest = Forest::new(2 * countries);
    for &row in &open {
        forest.join(market.exporter[row as usize], market.importer[row as usize] + countries as u32);
    }
    for ceiling in wedges.ceilings.iter().filter(|_| under_quotas) {
        let mut covered = ceiling.rows.iter().filter(|&&row| is_open(market, wedges, row as usize));
        if let Some(&first) = covered.next() {
            covered.for_each(|&row| forest.join(market.exporter[first as usize], market.exporter[row as usize]));
        }
    }
    let mut part_of_root = vec![usize::MAX; 2 * countries];
    let mut parts: Vec<Part> = Vec::new();
    let mut seen = vec![false; 2 * countries];
    for &row in &open {
        let (exporter, importer) = (market.exporter[row as usize], market.importer[row as usize]);
        let root = forest.root(exporter) as usize;
        if part_of_root[root] == usize::MAX {
            part_of_root[root] = parts.len();
            parts.push(Part::default());
        }
        let part = &mut parts[part_of_root[root]];
        part.rows.push(row);
        if !std::mem::replace(&mut seen[exporter as usize], true) {
            part.exporters.push(exporter);
        }
        if !std::mem::replace(&mut seen[importer as usize + countries], true) {
            part.importers.push(importer);
        }
    }
    parts
}

/// Refuses a part whose supply and demand are both fixed: homogeneous of degree zero in prices.
pub fn check_feasible(model: &Armington, commodity: usize, part: &Part) -> Result<()> {
    let elasticities = &model.elasticities;
    let moves = part.exporters.iter().any(|&i| elasticities.supply[[commodity, i as usize]] > 0.0)
        || part.importers.iter().any(|&j| elasticities.demand[[commodity, j as usize]] < 0.0);
    if moves {
        return Ok(());
    }
    let flows = &model.baseline.flows;
    let mut countries: Vec<String> = part
        .exporters
        .iter()
        .chain(&part.importers)
        .map(|&code| flows.countries.name(code as usize).to_string())
        .collect();
    countries.sort_unstable();
    countries.dedup();
    Err(Error::Infeasible {
        message: format!(
            "{}: supply and demand are both fixed (supply 0 and demand 0) for {}, so no price level clears the market; \
             give one of them an elasticity other than 0",
            flows.commodities.name(commodity),
            some_of(countries.iter().map(String::as_str))
        ),
        countries,
    })
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
