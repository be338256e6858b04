//! Products with a nonnegative matrix of fixed pattern, sparse by rows or dense.
//!
//! The pattern is apart from the values, so that several matrices share it. A dense layout reads
//! zeros but no positions and vectorises; it wins where more than about 40 % are filled.

/// Share of filled places from which the dense layout is taken.
const DENSE_FROM: f64 = 0.4;
/// Sums kept apart in a dot product, so that additions do not wait for each other.
const LANES: usize = 8;

/// Which places of a rows × columns matrix are filled.
pub struct Pattern {
    rows: usize,
    columns: usize,
    layout: Layout,
}

enum Layout {
    /// Where each row begins, and the column of each entry.
    Sparse { starts: Vec<u32>, column: Vec<u32> },
    /// Row by row, every place.
    Dense,
}

impl Pattern {
    /// A pattern of places `(row, column)` sorted by row; a place may occur more than once.
    /// Also gives the slot of each place in an array of values of length [`Pattern::slots`].
    pub fn new(rows: usize, columns: usize, places: &[(u32, u32)]) -> (Self, Vec<u32>) {
        let repeated = places.windows(2).any(|pair| pair[0] == pair[1]);
        if !repeated && places.len() as f64 >= DENSE_FROM * (rows * columns) as f64 {
            let slots = places.iter().map(|&(row, column)| row * columns as u32 + column).collect();
            return (Self { rows, columns, layout: Layout::Dense }, slots);
        }
        let mut starts = vec![0; rows + 1];
        places.iter().for_each(|(row, _)| starts[*row as usize + 1] += 1);
        (0..rows).for_each(|row| starts[row + 1] += starts[row]);
        let column = places.iter().map(|(_, column)| *column).collect();
        (Self { rows, columns, layout: Layout::Sparse { starts, column } }, (0..places.len() as u32).collect())
    }

    /// The length of an array of values.
    pub fn slots(&self) -> usize {
        match &self.layout {
            Layout::Sparse { column, .. } => column.len(),
            Layout::Dense => self.rows * self.columns,
        }
    }

    /// out_j = Σ_i values_ij y_i.
    pub fn transposed_times(&self, values: &[f64], y: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        match &self.layout {
            Layout::Sparse { starts, column } => {
                for (row, &factor) in y.iter().enumerate() {
                    let range = starts[row] as usize..starts[row + 1] as usize;
                    for (value, &place) in values[range.clone()].iter().zip(&column[range]) {
                        out[place as usize] += value * factor;
                    }
                }
            }
            Layout::Dense => {
                for (row, &factor) in values.chunks_exact(self.columns.max(1)).zip(y) {
                    out.iter_mut().zip(row).for_each(|(sum, value)| *sum += value * factor);
                }
            }
        }
    }

    /// out_i = Σ_j values_ij g_j.
    pub fn times(&self, values: &[f64], g: &[f64], out: &mut [f64]) {
        match &self.layout {
            Layout::Sparse { starts, column } => {
                for (row, sum) in out.iter_mut().enumerate() {
                    let range = starts[row] as usize..starts[row + 1] as usize;
                    *sum = sparse_dot(&values[range.clone()], &column[range], g);
                }
            }
            Layout::Dense => {
                let rows = values.chunks_exact(self.columns.max(1));
                out.iter_mut().zip(rows).for_each(|(sum, row)| *sum = dot(row, g));
            }
        }
    }
}

/// Four sums apart: a gather has no use for more.
fn sparse_dot(values: &[f64], column: &[u32], g: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (values_by, columns_by) = (values.chunks_exact(4), column.chunks_exact(4));
    let rest: f64 =
        values_by.remainder().iter().zip(columns_by.remainder()).map(|(value, &place)| value * g[place as usize]).sum();
    for (value, place) in values_by.zip(columns_by) {
        for lane in 0..4 {
            sums[lane] += value[lane] * g[place[lane] as usize];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Σ a b with sums in a fixed number of lanes, folded in order.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a_by, b_by) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a_by.remainder().iter().zip(b_by.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_by.zip(b_by) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}
