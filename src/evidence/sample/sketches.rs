//! Quantiles of many numbers at once, draw by draw.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::run::pool::pool;
use crate::solve::quantiles::{Sketch, of_sorted};

/// A sketch a cell of the answers. Rows are added in the order of draws: however these are cut into
/// blocks, the sketches are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Sketches(Vec<Sketch>);

impl Sketches {
    pub fn new(cells: usize) -> Self {
        Self(vec![Sketch::default(); cells])
    }

    /// Adds draws × cells; what is not a number is passed over.
    pub fn add(&mut self, block: ArrayView2<f64>) {
        let cells: Vec<(usize, &mut Sketch)> = self.0.iter_mut().enumerate().collect();
        let one = |(cell, sketch): (usize, &mut Sketch)| block.column(cell).iter().for_each(|value| sketch.add(*value));
        pool().install(|| cells.into_par_iter().for_each(one));
    }

    /// How many cells.
    pub fn cells(&self) -> usize {
        self.0.len()
    }

    /// All they are made of, for [`Sketches::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(Sketch::words).flat_map(u64::to_le_bytes).collect()
    }

    /// As many cells of what [`Sketches::to_bytes`] gave.
    ///
    /// # Errors
    /// [`Error::Data`] for anything else.
    pub fn from_bytes(cells: usize, bytes: &[u8]) -> Result<Self> {
        let (words, rest) = bytes.as_chunks();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        let read: Option<Vec<Sketch>> = (0..cells).map(|_| Sketch::from_words(&mut words)).collect();
        match read {
            Some(sketches) if words.next().is_none() && rest.is_empty() => Ok(Self(sketches)),
            _ => Err(Error::Data(format!("{} bytes are no sketches of {cells} numbers", bytes.len()))),
        }
    }

    /// Order × cell.
    pub fn quantiles(&self, orders: &[f64]) -> Array2<f64> {
        table(self.0.len(), orders.len(), |cell| self.0[cell].quantiles(orders))
    }

    /// The largest of the sketches' errors of a rank.
    pub fn error(&self) -> f64 {
        self.0.iter().map(Sketch::error).fold(0.0, f64::max)
    }

    /// How many numbers all of them hold.
    pub fn held(&self) -> usize {
        self.0.iter().map(Sketch::held).sum()
    }
}

/// The exact quantiles of draws × cells, order × cell, passing over what is not a number.
pub fn exact(draws: ArrayView2<f64>, orders: &[f64]) -> Array2<f64> {
    table(draws.ncols(), orders.len(), |cell| {
        let mut values: Vec<f64> = draws.column(cell).iter().copied().filter(|value| !value.is_nan()).collect();
        values.sort_unstable_by(f64::total_cmp);
        orders.iter().map(|q| of_sorted(&values, *q)).collect()
    })
}

fn table(cells: usize, orders: usize, of_cell: impl Fn(usize) -> Vec<f64> + Send + Sync) -> Array2<f64> {
    let columns: Vec<Vec<f64>> = pool().install(|| (0..cells).into_par_iter().map(of_cell).collect());
    Array2::from_shape_fn((orders, cells), |(order, cell)| columns[cell][order])
}
