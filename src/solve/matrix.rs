//! Products with a nonnegative matrix of fixed pattern, sparse by rows or dense.
//!
//! The pattern is apart from the values, so that several matrices share it. A dense layout reads
//! zeros but no positions and vectorises; it wins where more than about a fifth is filled.

use std::ops::Range;

use super::spare;
use super::wide::wide;

/// Share of filled places from which the dense layout is taken.
const DENSE_FROM: f64 = 0.25;
/// Sums kept apart in a dot product, so that additions do not wait for each other.
const LANES: usize = 8;
/// Rows of a dense matrix that are read together.
const BLOCK: usize = 4;

/// Which places of a rows × columns matrix are filled. Places are numbered row by row.
pub struct Pattern {
    columns: usize,
    /// Where each row begins, and the end of the last.
    starts: Vec<u32>,
    /// The column of each place.
    column: Vec<u32>,
    dense: bool,
}

impl Pattern {
    /// A pattern of rows that begin at `starts` (one more than there are rows) in `column`, which is
    /// ascending in each row; a column may occur more than once.
    ///
    /// # Panics
    /// A column that there is not, or starts that do not fit.
    pub fn new(columns: usize, starts: Vec<u32>, column: Vec<u32>) -> Self {
        assert!(starts.is_sorted() && starts.first() == Some(&0), "starts ascend from 0");
        assert_eq!(starts.last(), Some(&(column.len() as u32)), "the last row ends with the columns");
        // Counted without an early end, so that the compiler can take several at once.
        assert_eq!(column.iter().filter(|&&j| j >= columns as u32).count(), 0, "columns are known");
        let rows = starts.len() - 1;
        let again = |row: &[u32]| row.iter().zip(&row[1.min(row.len())..]).filter(|(one, next)| one == next).count();
        let repeated = || starts.windows(2).any(|row| again(&column[span(row)]) > 0);
        let dense = column.len() as f64 >= DENSE_FROM * (rows * columns) as f64 && !repeated();
        Self { columns, starts, column, dense }
    }

    /// How many places are filled.
    pub fn len(&self) -> usize {
        self.column.len()
    }

    pub fn is_empty(&self) -> bool {
        self.column.is_empty()
    }

    /// The places of a row.
    pub fn row(&self, row: usize) -> Range<usize> {
        span(&self.starts[row..])
    }

    /// The row and column of a place.
    pub fn at(&self, place: usize) -> (usize, usize) {
        let row = self.starts.partition_point(|&start| start as usize <= place) - 1;
        (row, self.column[place] as usize)
    }

    /// Where the value of a place is in an array of values.
    pub fn slot(&self, place: usize) -> usize {
        match self.dense {
            true => {
                let (row, column) = self.at(place);
                row * self.columns + column
            }
            false => place,
        }
    }

    /// An array of values, from the value of each place.
    pub fn values(&self, of: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut values = spare::take();
        if !self.dense {
            values.extend((0..self.len()).map(of));
            return values;
        }
        values.resize((self.starts.len() - 1) * self.columns, 0.0);
        for (row, values) in values.chunks_exact_mut(self.columns.max(1)).enumerate() {
            let places = self.row(row);
            let columns = &self.column[places.clone()];
            places.zip(columns).for_each(|(place, &column)| values[column as usize] = of(place));
        }
        values
    }

    /// out_j = Σ_i values_ij y_i.
    pub fn transposed_times(&self, values: &[f64], y: &[f64], out: &mut [f64]) {
        if self.dense {
            return dense_transposed_times(values, y, out);
        }
        sparse_transposed_times(&self.starts, &self.column, values, y, out);
    }

    /// out_i = Σ_j values_ij g_j.
    pub fn times(&self, values: &[f64], g: &[f64], out: &mut [f64]) {
        if self.dense {
            return dense_times(values, g, out);
        }
        for (row, sum) in out.iter_mut().enumerate() {
            let places = self.row(row);
            *sum = sparse_dot(&values[places.clone()], &self.column[places], g);
        }
    }
}

impl Drop for Pattern {
    fn drop(&mut self) {
        spare::hand_on(std::mem::take(&mut self.column));
    }
}

fn span(starts: &[u32]) -> Range<usize> {
    starts[0] as usize..starts[1] as usize
}

/// Not inlined: only as arguments are the slices known not to overlap.
#[inline(never)]
fn sparse_transposed_times(starts: &[u32], column: &[u32], values: &[f64], y: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    for (row, &factor) in starts.windows(2).zip(y) {
        for (value, &column) in values[span(row)].iter().zip(&column[span(row)]) {
            out[column as usize] += value * factor;
        }
    }
}

/// Σ values_k g_{column_k}. Four sums apart: a gather has no use for more.
pub fn sparse_dot(values: &[f64], column: &[u32], g: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (values_by, values_rest) = values.as_chunks::<4>();
    let (columns_by, columns_rest) = column.as_chunks::<4>();
    for (value, place) in values_by.iter().zip(columns_by) {
        for lane in 0..4 {
            sums[lane] += value[lane] * g[place[lane] as usize];
        }
    }
    let rest: f64 = values_rest.iter().zip(columns_rest).map(|(value, &place)| value * g[place as usize]).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

wide! {
    /// out_j = Σ_i values_ij y_i, row by row.
    pub fn dense_transposed_times(values: &[f64], y: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        add_rows(values, y, out);
    }
}

wide! {
    /// out_j += Σ_i values_ij y_i, row by row.
    pub fn add_transposed_times(values: &[f64], y: &[f64], out: &mut [f64]) {
        add_rows(values, y, out);
    }
}

#[inline(always)]
fn add_rows(values: &[f64], y: &[f64], out: &mut [f64]) {
    let columns = out.len();
    if columns == 0 {
        return;
    }
    let (factors, last) = y.as_chunks::<BLOCK>();
    let (blocks, rest) = values.split_at(factors.len() * BLOCK * columns);
    for (block, factor) in blocks.chunks_exact(BLOCK * columns).zip(factors) {
        let row: [&[f64]; BLOCK] = std::array::from_fn(|r| &block[r * columns..][..columns]);
        for (j, sum) in out.iter_mut().enumerate() {
            *sum = (((*sum + row[0][j] * factor[0]) + row[1][j] * factor[1]) + row[2][j] * factor[2])
                + row[3][j] * factor[3];
        }
    }
    for (row, factor) in rest.chunks_exact(columns).zip(last) {
        out.iter_mut().zip(row).for_each(|(sum, value)| *sum += value * factor);
    }
}

wide! {
    /// out_i = Σ_j values_ij g_j, row by row.
    pub fn dense_times(values: &[f64], g: &[f64], out: &mut [f64]) {
        let columns = g.len();
        let (sums, last) = out.as_chunks_mut::<BLOCK>();
        let (blocks, rest) = values.split_at(sums.len() * BLOCK * columns);
        for (block, sum) in blocks.chunks_exact((BLOCK * columns).max(1)).zip(sums) {
            *sum = dots(std::array::from_fn(|r| &block[r * columns..][..columns]), g);
        }
        for (row, sum) in rest.chunks_exact(columns.max(1)).zip(last) {
            [*sum] = dots([row], g);
        }
    }
}

wide! {
    /// out_i = Σ_j values_ij g_j for short rows, whose length is a multiple of 8: what a row's lanes hold is
    /// folded by halves, which is most of the work where there are few blocks.
    pub fn short_times(values: &[f64], g: &[f64], out: &mut [f64]) {
        let (blocks, rest) = g.as_chunks::<LANES>();
        assert!(rest.is_empty(), "rows of whole blocks");
        let (sums, last) = out.as_chunks_mut::<LANES>();
        let (first, others) = values.split_at(sums.len() * LANES * g.len());
        for (rows, sums) in first.chunks_exact((LANES * g.len()).max(1)).zip(sums) {
            let mut lanes = [[0.0; LANES]; LANES];
            for (row, lanes) in rows.chunks_exact(g.len()).zip(&mut lanes) {
                *lanes = row_lanes(row, blocks);
            }
            for (sum, lanes) in sums.iter_mut().zip(&lanes) {
                *sum = folded(lanes);
            }
        }
        for (row, sum) in others.chunks_exact(g.len().max(1)).zip(last) {
            *sum = folded(&row_lanes(row, blocks));
        }
    }
}

#[inline(always)]
fn row_lanes(row: &[f64], blocks: &[[f64; LANES]]) -> [f64; LANES] {
    let mut lanes = [0.0; LANES];
    for (values, block) in row.as_chunks::<LANES>().0.iter().zip(blocks) {
        for lane in 0..LANES {
            lanes[lane] += values[lane] * block[lane];
        }
    }
    lanes
}

#[inline(always)]
fn folded(lanes: &[f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = *lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

wide! {
    /// Σ a b with sums in a fixed number of lanes, folded in order.
    pub fn dot(a: &[f64], b: &[f64]) -> f64 {
        dots([a], &b[..a.len()])[0]
    }
}

/// Dot products of several rows with the same vector.
#[inline(always)]
fn dots<const ROWS: usize>(rows: [&[f64]; ROWS], g: &[f64]) -> [f64; ROWS] {
    let mut sums = [[0.0; LANES]; ROWS];
    let (blocks, rest) = g.as_chunks::<LANES>();
    let rows = rows.map(|row| row.as_chunks::<LANES>());
    for (k, block) in blocks.iter().enumerate() {
        for (sums, (row, _)) in sums.iter_mut().zip(&rows) {
            for lane in 0..LANES {
                sums[lane] += row[k][lane] * block[lane];
            }
        }
    }
    std::array::from_fn(|r| {
        let rest: f64 = rows[r].1.iter().zip(rest).map(|(a, b)| a * b).sum();
        sums[r].iter().sum::<f64>() + rest
    })
}
