//! The keys of tables that have a row a flow.

use super::trade::Trade;
use crate::data::{Column, Table};

/// `exporter, importer, commodity[, mode]` of rows of the baseline: dictionary-encoded columns.
pub(crate) struct Keys<'a, S> {
    solution: &'a S,
    exporter: Vec<u32>,
    importer: Vec<u32>,
    commodity: Vec<u32>,
    mode: Vec<u32>,
}

impl<'a, S: Trade> Keys<'a, S> {
    pub fn new(solution: &'a S) -> Self {
        Self { solution, exporter: Vec::new(), importer: Vec::new(), commodity: Vec::new(), mode: Vec::new() }
    }

    pub fn push(&mut self, commodity: usize, row: usize) {
        let market = self.solution.market(commodity);
        self.exporter.push(market.exporter[row]);
        self.importer.push(market.importer[row]);
        self.commodity.push(commodity as u32);
        self.mode.extend(market.mode.map(|mode| mode[row]));
    }

    pub fn table(self) -> Table {
        let countries = self.solution.country_labels();
        let table = Table::default()
            .with("exporter", Column::Label { codes: self.exporter, labels: countries.clone() })
            .with("importer", Column::Label { codes: self.importer, labels: countries })
            .with("commodity", Column::Label { codes: self.commodity, labels: self.solution.commodity_labels() });
        match &self.solution.flows_data().modes {
            Some(modes) => table.with("mode", Column::Label { codes: self.mode, labels: modes.names().into() }),
            None => table,
        }
    }
}
