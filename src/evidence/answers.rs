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

/// How many columns of numbers it has.
pub fn columns(answer: &Table) -> usize {
    answer.columns.iter().filter(|(_, column)| matches!(column, Column::Number(_))).count()
}

/// Answers of equal columns one below the other, with their names in a leading column `title`.
pub fn joined(answers: &[Table], title: &'static str, names: &[String]) -> Table {
    let codes = (0u32..).zip(answers).flat_map(|(name, answer)| std::iter::repeat_n(name, rows(answer))).collect();
    let mut table = Table::default().with(title, Column::Label { codes, labels: names.into() });
    let Some(first) = answers.first() else { return table };
    for (place, (name, _)) in first.columns.iter().enumerate() {
        let parts: Vec<&Column> = answers.iter().map(|answer| &answer.columns[place].1).collect();
        table = table.with(name, below(&parts));
    }
    table.units = first.units.clone();
    table
}

/// Columns of one kind one below the other; labels that differ are put together.
fn below(parts: &[&Column]) -> Column {
    macro_rules! all {
        ($kind:ident) => {
            Column::$kind(
                parts
                    .iter()
                    .flat_map(|part| if let Column::$kind(own) = part { own.clone() } else { Vec::new() })
                    .collect(),
            )
        };
    }
    match parts[0] {
        Column::Number(_) => all!(Number),
        Column::Count(_) => all!(Count),
        Column::Flag(_) => all!(Flag),
        Column::Text(_) => all!(Text),
        Column::Label { labels, .. } => {
            let mut merged: Vec<String> = labels.to_vec();
            let mut codes = Vec::new();
            for part in parts {
                let Column::Label { codes: own, labels } = part else { continue };
                let place = labels.iter().map(|label| {
                    merged.iter().position(|known| known == label).unwrap_or_else(|| {
                        merged.push(label.clone());
                        merged.len() - 1
                    }) as u32
                });
                let place: Vec<u32> = place.collect();
                codes.extend(own.iter().map(|code| place[*code as usize]));
            }
            Column::Label { codes, labels: merged.into() }
        }
    }
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
