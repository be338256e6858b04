//! One commodity's flows in one period.

use std::ops::Range;

/// The rows of one commodity in one period: slices of equal length, sorted by exporter, importer.
#[derive(Debug, Clone, Copy)]
pub struct Market<'a> {
    pub exporter: &'a [u32],
    pub importer: &'a [u32],
    pub mode: Option<&'a [u32]>,
    /// V, at the exporter's border.
    pub value: &'a [f64],
    /// q; NaN where unknown.
    pub quantity: &'a [f64],
    /// T⁰; `None`: no duties are known.
    pub(super) tariff_power: Option<&'a [f64]>,
    /// Measures reach rows without a flow too: they are routes.
    pub(super) every_row: bool,
}

impl Market<'_> {
    pub fn len(&self) -> usize {
        self.value.len()
    }

    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Whether a measure can meet the row: it has a positive flow, or is a route.
    pub fn counts(&self, row: usize) -> bool {
        self.every_row || self.value[row] > 0.0
    }

    /// T⁰ of a row.
    pub fn tariff_power(&self, row: usize) -> f64 {
        self.tariff_power.map_or(1.0, |power| power[row])
    }

    pub fn has_no_tariffs(&self) -> bool {
        self.tariff_power.is_none()
    }

    /// E = V T⁰, what the buyer spends on a row.
    pub fn expenditure(&self, row: usize) -> f64 {
        self.value[row] * self.tariff_power(row)
    }

    /// u⁰ = V/q; NaN where the quantity is unknown.
    pub fn unit_value(&self, row: usize) -> f64 {
        self.value[row] / self.quantity[row]
    }

    /// The rows of one exporter.
    pub fn rows_of(&self, exporter: usize) -> Range<usize> {
        let first = self.exporter.partition_point(|&code| (code as usize) < exporter);
        first..self.exporter.partition_point(|&code| (code as usize) <= exporter)
    }

    /// Of the rows of one exporter, those to a run of importers.
    pub fn rows_to(&self, rows: Range<usize>, importers: &Range<usize>) -> Range<usize> {
        let to = &self.importer[rows.clone()];
        let before = |end: usize| rows.start + to.partition_point(|&code| (code as usize) < end);
        before(importers.start)..before(importers.end)
    }

    /// Each exporter that has rows, with its rows.
    pub fn by_exporter(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let rest = &self.exporter[from..];
            let rows = from..from + equal_ones(rest);
            from = rows.end;
            rest.first().map(|&exporter| (exporter as usize, rows))
        })
    }

    /// The rows of positive value whose exporter and importer `keep` accepts.
    pub fn trading<'s>(&'s self, keep: impl Fn(usize, usize) -> bool + 's) -> impl Iterator<Item = usize> + 's {
        (0..self.len())
            .filter(move |&row| self.value[row] > 0.0 && keep(self.exporter[row] as usize, self.importer[row] as usize))
    }

    /// Whether every positive flow of the pairs that `keep` accepts has a quantity.
    pub fn all_quantities(&self, keep: impl Fn(usize, usize) -> bool) -> bool {
        self.trading(keep).all(|row| self.quantity[row].is_finite())
    }

    /// The quantity of a row, or its value where quantities are not used.
    pub fn amount(&self, row: usize, quantity: bool) -> f64 {
        if quantity { self.quantity[row] } else { self.value[row] }
    }
}

/// How many codes at the beginning are the same; looks at several at once.
fn equal_ones(codes: &[u32]) -> usize {
    let Some(&first) = codes.first() else { return 0 };
    let (blocks, _) = codes.as_chunks::<16>();
    let equal = |block: &&[u32; 16]| block.iter().fold(true, |all, code| all & (*code == first));
    let whole = 16 * blocks.iter().take_while(equal).count();
    whole + codes[whole..].iter().take_while(|code| **code == first).count()
}

/// Baseline receipts by exporter and spending by importer, over all rows, open or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    pub received: Vec<f64>,
    pub spent: Vec<f64>,
}

impl Totals {
    pub fn of(market: &Market, countries: usize) -> Self {
        let mut totals = Self { received: vec![0.0; countries], spent: vec![0.0; countries] };
        for (exporter, rows) in market.by_exporter() {
            totals.received[exporter] = market.value[rows.clone()].iter().sum();
            rows.for_each(|row| totals.spent[market.importer[row] as usize] += market.expenditure(row));
        }
        totals
    }
}
