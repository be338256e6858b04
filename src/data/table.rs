//! A tidy table: named columns of equal length with their units, as every answer leaves the core.

use std::sync::Arc;

#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    Number(Vec<f64>),
    Count(Vec<i64>),
    Flag(Vec<bool>),
    Text(Vec<String>),
    /// Dictionary-encoded names: positions into `labels`.
    Label {
        codes: Vec<u32>,
        labels: Arc<[String]>,
    },
}

impl Column {
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Count(values) => values.len(),
            Self::Flag(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Label { codes, .. } => codes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Columns in the order they are shown; `units` names the unit of those that have one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<(&'static str, Column)>,
    pub units: Vec<(&'static str, String)>,
}

impl Table {
    pub fn with(mut self, name: &'static str, column: Column) -> Self {
        debug_assert!(self.columns.first().is_none_or(|(_, first)| first.len() == column.len()));
        self.columns.push((name, column));
        self
    }

    pub fn number(self, name: &'static str, unit: &str, values: Vec<f64>) -> Self {
        let mut table = self.with(name, Column::Number(values));
        table.units.push((name, unit.to_string()));
        table
    }

    pub fn text(self, name: &'static str, values: Vec<String>) -> Self {
        self.with(name, Column::Text(values))
    }

    /// The numbers of a column; panics where there is no such column of numbers.
    pub fn numbers(&self, name: &str) -> &[f64] {
        match self.columns.iter().find(|(key, _)| *key == name) {
            Some((_, Column::Number(values))) => values,
            _ => panic!("the table has no column of numbers called {name}"),
        }
    }
}
