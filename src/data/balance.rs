//! What does not add up in the accounts of a table, and what was done about it.

use std::sync::Arc;

use super::labels::Labels;
use super::table::{Column, Table};

/// What an entry is about, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// Stated output less all sales.
    RowImbalance,
    /// Stated output less inputs, taxes and value added as stated.
    ColumnImbalance,
    /// Taxes less subsidies and margins that producers pay, counted as value added.
    TaxesInValueAdded,
    /// Inputs beyond the output, which were scaled down to it: the value added that was below 0.
    NegativeValueAdded,
    /// Changes in inventories, kept in final demand.
    InventoriesKept,
    /// Changes in inventories, left out.
    InventoriesLeftOut,
    /// Final demand below 0, put to 0.
    NegativeFinalDemand,
    /// Output that clears the markets less output as stated.
    OutputChange,
}

impl Finding {
    pub const ALL: [Self; 8] = [
        Self::RowImbalance,
        Self::ColumnImbalance,
        Self::TaxesInValueAdded,
        Self::NegativeValueAdded,
        Self::InventoriesKept,
        Self::InventoriesLeftOut,
        Self::NegativeFinalDemand,
        Self::OutputChange,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::RowImbalance => "row_imbalance",
            Self::ColumnImbalance => "column_imbalance",
            Self::TaxesInValueAdded => "taxes_in_value_added",
            Self::NegativeValueAdded => "negative_value_added",
            Self::InventoriesKept => "inventories_kept",
            Self::InventoriesLeftOut => "inventories_left_out",
            Self::NegativeFinalDemand => "negative_final_demand",
            Self::OutputChange => "output_change",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    pub country: usize,
    pub sector: usize,
    pub what: Finding,
    /// In the table's currency.
    pub amount: f64,
    /// To the sector's output as stated; NaN where that is 0.
    pub relative: f64,
}

/// Entries in the order of [`Finding`], countries, sectors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Balance(pub Vec<Entry>);

impl Balance {
    /// Notes an amount unless it is no more than rounding.
    pub(super) fn note(&mut self, what: Finding, [sector, country]: [usize; 2], amount: f64, output: f64) {
        /// Sums of hundreds of published decimals.
        const ROUNDING: f64 = 1e-9;
        if amount.abs() > ROUNDING * output.abs() {
            let relative = if output == 0.0 { f64::NAN } else { amount / output };
            self.0.push(Entry { country, sector, what, amount, relative });
        }
    }

    pub(super) fn sort(&mut self) {
        self.0.sort_by_key(|entry| (entry.what, entry.country, entry.sector));
    }

    /// The sum of the amounts of one kind, and of their sizes.
    pub fn total(&self, what: Finding) -> (f64, f64) {
        let of = self.0.iter().filter(|entry| entry.what == what);
        of.fold((0.0, 0.0), |(sum, sizes), entry| (sum + entry.amount, sizes + entry.amount.abs()))
    }

    /// `country, sector, what, amount, relative`.
    pub fn table(&self, countries: &Labels, sectors: &Labels, unit: &str) -> Table {
        let label = |codes: Vec<u32>, labels: &Labels| Column::Label { codes, labels: labels.names().into() };
        let names: Arc<[String]> = Finding::ALL.iter().map(|what| what.name().to_string()).collect();
        let entries = &self.0;
        Table::default()
            .with("country", label(entries.iter().map(|entry| entry.country as u32).collect(), countries))
            .with("sector", label(entries.iter().map(|entry| entry.sector as u32).collect(), sectors))
            .with(
                "what",
                Column::Label { codes: entries.iter().map(|entry| entry.what as u32).collect(), labels: names },
            )
            .number("amount", unit, entries.iter().map(|entry| entry.amount).collect())
            .number("relative", "share of output", entries.iter().map(|entry| entry.relative).collect())
    }
}
