//! Answers as keys and numbers, so that several answers of equal rows can be combined.

use crate::data::{Column, Table};

/// The columns of numbers of an answer, one after the other.
pub fn numbers(answer: &Table) -> Vec<f64> {
    let columns = answer.columns.iter().filter_map(|(_, column)| match column {
        Column::Number(values) => Some(values.as_slice()),
        _ => None,
    });
    columns.collect::<Vec<_>>().concat()
}

/// How many rows an answer has.
pub fn rows(answer: &Table) -> usize {
    answer.columns.first().map_or(0, |(_, column)| column.len())
}

/// `with` − `without`; infinite prices that stay infinite have not changed.
pub fn difference(with: f64, without: f64) -> f64 {
    if with == without { 0.0 } else { with - without }
}

/// An answer's keys once a name, below each other with the names in a leading column `title`, and
/// instead of its numbers those of `blocks`: for each name what [`numbers`] gives. `unit` says what the
/// numbers are, from the unit they were in.
pub fn stacked(
    answer: &Table,
    title: &'static str,
    names: &[String],
    blocks: &[Vec<f64>],
    unit: impl Fn(&str) -> String,
) -> Table {
    let rows = rows(answer);
    let codes = (0..names.len() as u32).flat_map(|name| std::iter::repeat_n(name, rows)).collect();
    let mut table = Table::default().with(title, Column::Label { codes, labels: names.into() });
    let mut place = 0;
    for (name, column) in &answer.columns {
        let repeated = match column {
            Column::Number(_) => {
                let from = place * rows;
                place += 1;
                Column::Number(blocks.iter().flat_map(|block| &block[from..from + rows]).copied().collect())
            }
            Column::Count(values) => Column::Count(values.repeat(names.len())),
            Column::Flag(values) => Column::Flag(values.repeat(names.len())),
            Column::Text(values) => Column::Text(names.iter().flat_map(|_| values).cloned().collect()),
            Column::Label { codes, labels } => {
                Column::Label { codes: codes.repeat(names.len()), labels: labels.clone() }
            }
        };
        table = table.with(name, repeated);
    }
    table.units = answer.units.iter().map(|(name, given)| (*name, unit(given))).collect();
    table
}

/// Whether a row of one answer and a row of another have the same keys.
pub fn same_keys((one, row): (&Table, usize), (other, place): (&Table, usize)) -> bool {
    let keys = one.columns.iter().zip(&other.columns);
    keys.into_iter().all(|((_, one), (_, other))| text(one, row) == text(other, place))
}

/// A key as text; `None` for a number.
fn text(column: &Column, row: usize) -> Option<&str> {
    match column {
        Column::Text(values) => Some(&values[row]),
        Column::Label { codes, labels } => Some(&labels[codes[row] as usize]),
        _ => None,
    }
}
