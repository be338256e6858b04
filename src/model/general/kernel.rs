//! The kernels of trade under wedges: the economy's own rows, and beside them those that wedges touch.

use std::ops::Range;

use super::economy::{Cell, Economy};
use crate::solve::matrix::{add_transposed_times, dense_transposed_times, short_times};
use crate::solve::{mathfn, spare};

/// K = π a κ̂^(−θ) and K/T', by rows of `[sector][importer]`.
pub struct Kernel<'a> {
    economy: &'a Economy,
    /// Of each row: which of those that are touched it is, or [`OWN`].
    place: Vec<u32>,
    /// The importers of touched rows, sector by sector, and where a sector begins.
    importer: Vec<usize>,
    starts: Vec<usize>,
    touched: Vec<f64>,
    at_border: Vec<f64>,
    /// Flows that wedges close, by row and exporter.
    pub closed: Vec<(usize, usize)>,
}

/// The rows of one sector in two parts.
pub struct Rows<'a> {
    /// Of all importers, as they are without wedges; not read where every row is touched.
    pub own: Option<&'a [f64]>,
    /// Those that wedges touch.
    pub touched: &'a [f64],
}

const OWN: u32 = u32::MAX;

impl<'a> Kernel<'a> {
    /// `cells` come sector by sector.
    pub fn new(economy: &'a Economy, cells: &[Cell]) -> Self {
        let place = vec![OWN; economy.sectors * economy.countries];
        let (touched, at_border) = (spare::take(), spare::take());
        let mut kernel =
            Self { economy, place, importer: Vec::new(), starts: vec![0], touched, at_border, closed: Vec::new() };
        let powers = powers(economy, cells);
        let mut rest = cells.iter().zip(powers).peekable();
        for sector in 0..economy.sectors {
            while let Some((cell, power)) = rest.next_if(|(cell, _)| cell.sector as usize == sector) {
                kernel.put(cell, power);
            }
            let start = *kernel.starts.last().expect("one a sector begun");
            if 2 * (kernel.importer.len() - start) > economy.countries {
                (0..economy.countries).for_each(|importer| _ = kernel.touch(sector, importer));
            }
            kernel.starts.push(kernel.importer.len());
        }
        assert!(rest.next().is_none(), "wedges come sector by sector");
        kernel
    }

    fn put(&mut self, cell: &Cell, power: f64) {
        let [sector, importer, exporter] = [cell.sector, cell.importer, cell.exporter].map(|code| code as usize);
        let flow = self.touch(sector, importer) * self.economy.stride() + exporter;
        let value = self.touched[flow] * cell.availability * power;
        if value == 0.0 && self.touched[flow] > 0.0 {
            self.closed.push((sector * self.economy.countries + importer, exporter));
        }
        (self.touched[flow], self.at_border[flow]) = (value, value / cell.tariff_power);
    }

    /// Which of the touched rows a row is from now on.
    fn touch(&mut self, sector: usize, importer: usize) -> usize {
        let row = sector * self.economy.countries + importer;
        if self.place[row] == OWN {
            let stride = self.economy.stride();
            self.place[row] = self.importer.len() as u32;
            self.importer.push(importer);
            let flows = row * stride..(row + 1) * stride;
            self.touched.extend_from_slice(&self.economy.import_share[flows.clone()]);
            self.at_border.extend_from_slice(&self.border()[flows]);
        }
        self.place[row] as usize
    }

    /// π/T of the economy.
    fn border(&self) -> &'a [f64] {
        self.economy.border_share.as_ref().unwrap_or(&self.economy.import_share)
    }

    /// K of a sector and K/T', and the importers of the rows that are touched.
    pub fn of_sector(&self, sector: usize) -> ([Rows<'_>; 2], &[usize]) {
        let (n, stride) = (self.economy.countries, self.economy.stride());
        let own = sector * n * stride..(sector + 1) * n * stride;
        let touched = self.starts[sector]..self.starts[sector + 1];
        let flows = touched.start * stride..touched.end * stride;
        let rows = |all: &'a [f64], other| part(all, &own, touched.len() < n, other, &flows);
        let kernel = rows(&self.economy.import_share, &self.touched);
        ([kernel, rows(self.border(), &self.at_border)], &self.importer[touched])
    }

    /// K and K/T' of what a country buys of a sector.
    pub fn of_buyer(&self, sector: usize, importer: usize) -> [&[f64]; 2] {
        let (row, stride) = (sector * self.economy.countries + importer, self.economy.stride());
        match self.place[row] {
            OWN => [&self.economy.import_share, self.border()].map(|flows| &flows[row * stride..][..stride]),
            place => [&self.touched, &self.at_border].map(|flows| &flows[place as usize * stride..][..stride]),
        }
    }

    /// Whether no duty is paid where no wedge is.
    pub fn is_free(&self) -> bool {
        self.economy.border_share.is_none()
    }
}

fn part<'b>(all: &'b [f64], own: &Range<usize>, read: bool, other: &'b [f64], touched: &Range<usize>) -> Rows<'b> {
    Rows { own: read.then(|| &all[own.clone()]), touched: &other[touched.clone()] }
}

/// κ̂^(−θ) of each wedge.
fn powers(economy: &Economy, cells: &[Cell]) -> Vec<f64> {
    let mut powers: Vec<f64> = cells.iter().map(Cell::cost).collect();
    mathfn::ln(&mut powers);
    powers.iter_mut().zip(cells).for_each(|(log, cell)| *log *= -economy.trade_elasticity[cell.sector as usize]);
    mathfn::exp(&mut powers);
    powers
}

impl Rows<'_> {
    /// out_n = Σ_i rows_ni y_i, where `importers` are those of the touched rows.
    pub fn times(&self, y: &[f64], importers: &[usize], out: &mut [f64], some: &mut [f64]) {
        if let Some(own) = self.own {
            short_times(own, y, out);
        }
        self.touched_times(y, importers, out, some);
    }

    /// As [`Rows::times`], of the touched rows only.
    pub fn touched_times(&self, y: &[f64], importers: &[usize], out: &mut [f64], some: &mut [f64]) {
        let some = &mut some[..importers.len()];
        short_times(self.touched, y, some);
        importers.iter().zip(some).for_each(|(&importer, sum)| out[importer] = *sum);
    }

    /// out_i = Σ_n rows_ni g_n. `g` and `some` are written over.
    pub fn transposed_times(&self, g: &mut [f64], importers: &[usize], out: &mut [f64], some: &mut [f64]) {
        let some = &mut some[..importers.len()];
        for (&importer, own) in importers.iter().zip(some.iter_mut()) {
            *own = std::mem::take(&mut g[importer]);
        }
        match self.own {
            Some(own) => dense_transposed_times(own, g, out),
            None => out.fill(0.0),
        }
        add_transposed_times(self.touched, some, out);
    }
}

impl Drop for Kernel<'_> {
    fn drop(&mut self) {
        spare::hand_on(std::mem::take(&mut self.touched));
        spare::hand_on(std::mem::take(&mut self.at_border));
    }
}
