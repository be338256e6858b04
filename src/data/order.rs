//! The order of flows: by period, commodity, exporter, importer and mode.

use super::flows::FlowRows;

/// Rows in order, and what is needed to speak of them as they were given.
pub(super) struct Ordered {
    pub rows: FlowRows,
    /// Where each row was before; `None`: all were in order already.
    from: Option<Vec<u32>>,
}

impl Ordered {
    /// Sorts; rows of equal keys keep the order they had.
    pub fn new(mut rows: FlowRows) -> Self {
        if (1..rows.len()).all(|row| rows.key(row - 1) <= rows.key(row)) {
            return Self { rows, from: None };
        }
        let from = sorted_places(&rows);
        rows.reorder(&from);
        Self { rows, from: Some(from) }
    }

    /// The place a row was given at.
    pub fn given_at(&self, row: usize) -> usize {
        self.from.as_ref().map_or(row, |from| from[row] as usize)
    }

    /// The first row whose key is that of the row before it.
    pub fn first_repeated(&self) -> Option<usize> {
        (1..self.rows.len()).find(|&row| self.rows.key(row - 1) == self.rows.key(row))
    }

    /// Sums the rows of equal keys, in their order.
    pub fn merged(self) -> FlowRows {
        let mut rows = self.rows;
        let mut end = 0;
        for row in 1..rows.len() {
            if rows.key(row) == rows.key(end) {
                rows.value[end] += rows.value[row];
                rows.quantity[end] += rows.quantity[row];
            } else {
                end += 1;
                rows.copy_within(row, end);
            }
        }
        rows.truncate(end + 1);
        rows
    }
}

/// Where the rows are, in order: a stable counting sort by each part of the key, the last part first.
fn sorted_places(rows: &FlowRows) -> Vec<u32> {
    let mut places: Vec<u32> = (0..rows.len() as u32).collect();
    let mut spare = vec![0; rows.len()];
    let mode = rows.mode.as_deref().unwrap_or_default();
    for codes in [mode, &rows.importer, &rows.exporter, &rows.commodity, &rows.period] {
        let largest = codes.iter().copied().max().unwrap_or(0) as usize;
        if largest == 0 {
            continue;
        }
        let mut next = vec![0_u32; largest + 2];
        codes.iter().for_each(|&code| next[code as usize + 1] += 1);
        for code in 1..next.len() {
            next[code] += next[code - 1];
        }
        for &place in &places {
            let slot = &mut next[codes[place as usize] as usize];
            spare[*slot as usize] = place;
            *slot += 1;
        }
        std::mem::swap(&mut places, &mut spare);
    }
    places
}
