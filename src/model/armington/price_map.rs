//! The equation of a market: a fixed point in log producer prices.
//!
//! With K = a (x̂ ĉ T̂ ρ̂)^(1−σ), computed once,
//!
//! ```text
//! P̂_j^(1−σ) = Σ_i s_ij K_ij p̂_i^(1−σ)
//! (σ + ε_i) ln p̂_i = ln [ Σ_j R_ij/R_i K_ij/(T̂x̂ρ̂)_ij P̂_j^(σ+η_j) b_j / z_i ]
//! ```
//!
//! so no power of a pair remains in the loop, except where a wedge itself moves with prices. The map
//! is a sup-norm contraction with modulus max |σ + η| / (σ + ε) where that is below 1.

mod jacobian;

use super::Armington;
use super::licence::LicenceScale;
use super::market::Open;
use super::powers::powers;
use crate::data::Market;
use crate::scenario::{Change, Wedges};
use crate::solve::matrix::Pattern;
use crate::solve::{extremes, mathfn, spare};

/// Sums below this are near underflow and are taken again in logs.
const TINY: f64 = 1e-280;
/// A wedge of this size in ln K has its column and row scaled before exponentials are taken.
const EXTREME: f64 = 250.0;

pub struct PriceMap<'a> {
    market: &'a Market<'a>,
    wedges: &'a Wedges,
    sigma: f64,
    importers: Importers,
    exporters: Exporters,
    /// The rows of the market at the pattern's places.
    rows: &'a [u32],
    /// Exporters by importers.
    pattern: Pattern,
    /// V T⁰ K by slot, times exp(−column scale).
    spending: Vec<f64>,
    /// V K/(T̂x̂ρ̂) by slot, times exp(fold × column scale − row scale); `None` where equal to `spending`.
    receipts: Option<Vec<f64>>,
    /// Entries whose wedges move with prices.
    endogenous: Vec<Entry>,
    licences: Vec<LicenceScale>,
    licence_prices: Vec<f64>,
    work: Work,
}

/// An open row, and where it is.
#[derive(Clone, Copy)]
struct Entry {
    row: usize,
    place: usize,
    exporter: usize,
    importer: usize,
    slot: usize,
}

/// ln K of a touched entry, and that less its taxes.
struct Kept {
    entry: Entry,
    spending: f64,
    receipts: f64,
}

struct Importers {
    eta: Vec<f64>,
    /// ln of baseline spending.
    log_spent: Vec<f64>,
    /// ln b.
    log_shift: Vec<f64>,
    scale: Vec<f64>,
    /// (σ + η)/(1 − σ): by it the scale enters P̂^(σ+η).
    fold: Vec<f64>,
}

struct Exporters {
    epsilon: Vec<f64>,
    /// ln R_i z_i.
    log_received: Vec<f64>,
    scale: Vec<f64>,
}

#[derive(Default)]
struct Work {
    /// p̂^(1−σ) relative to the level.
    price: Vec<f64>,
    /// ln P̂ − level, without the column scale.
    index: Vec<f64>,
    /// ln P̂^(σ+η) b, and its exponential relative to the largest.
    weight: Vec<f64>,
    factor: Vec<f64>,
}

impl<'a> PriceMap<'a> {
    pub fn new(
        model: &Armington,
        commodity: usize,
        market: &'a Market<'a>,
        wedges: &'a Wedges,
        open: &'a Open,
    ) -> Self {
        let totals = model.baseline.totals(commodity);
        let elasticities = &model.elasticities;
        let sigma = elasticities.substitution[commodity];
        let (n, m) = (open.exporters.len(), open.importers.len());
        let by = |codes: &[u32], of: &dyn Fn(usize) -> f64| codes.iter().map(|&code| of(code as usize)).collect();
        let logs = |mut numbers: Vec<f64>| {
            mathfn::ln(&mut numbers);
            numbers
        };
        let mut map = Self {
            market,
            wedges,
            sigma,
            importers: Importers {
                eta: by(&open.importers, &|j| elasticities.demand[[commodity, j]]),
                log_spent: logs(by(&open.importers, &|j| totals.spent[j])),
                log_shift: logs(by(&open.importers, &|j| wedges.demand_shift.at(j))),
                scale: vec![0.0; m],
                fold: by(&open.importers, &|j| (sigma + elasticities.demand[[commodity, j]]) / (1.0 - sigma)),
            },
            exporters: Exporters {
                epsilon: by(&open.exporters, &|i| elasticities.supply[[commodity, i]]),
                log_received: logs(by(&open.exporters, &|i| totals.received[i] * wedges.supply_shift.at(i))),
                scale: vec![0.0; n],
            },
            rows: &open.rows,
            pattern: Pattern::new(m, open.starts.clone(), open.importer_of(market)),
            spending: Vec::new(),
            receipts: None,
            endogenous: Vec::new(),
            licences: wedges.ceilings.iter().map(|ceiling| LicenceScale::of(ceiling, market, open)).collect(),
            licence_prices: vec![0.0; wedges.ceilings.len()],
            work: Work { price: vec![0.0; n], index: vec![0.0; m], weight: vec![0.0; m], factor: vec![0.0; m] },
        };
        map.endogenous = map.moving();
        map.set_coefficients();
        map
    }

    fn entry(&self, place: usize) -> Entry {
        let (exporter, importer) = self.pattern.at(place);
        Entry { row: self.rows[place] as usize, place, exporter, importer, slot: self.pattern.slot(place) }
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        (0..self.rows.len()).map(|place| self.entry(place))
    }

    /// Entries whose wedges move with prices.
    fn moving(&self) -> Vec<Entry> {
        if self.wedges.ceilings.is_empty() && !self.wedges.changes.iter().any(Change::moves) {
            return Vec::new();
        }
        self.entries().filter(|entry| self.wedges.moves(entry.row)).collect()
    }

    fn set_coefficients(&mut self) {
        let untaxed = self.market.has_no_tariffs()
            && self.endogenous.is_empty()
            && self.wedges.changes.iter().all(|change| change.tariff_hat == 1.0 && change.export_tax_power == 1.0);
        let changed: Vec<Kept> = self.kept();
        let (market, rows) = (self.market, self.rows);
        self.spending = self.pattern.values(|place| market.expenditure(rows[place] as usize));
        let extreme = changed.iter().any(|kept| kept.spending.abs().max(kept.receipts.abs()) > EXTREME);
        if !untaxed || extreme {
            self.receipts = Some(match market.has_no_tariffs() {
                true => {
                    let mut copy = spare::take();
                    copy.extend_from_slice(&self.spending);
                    copy
                }
                false => self.pattern.values(|place| market.value[rows[place] as usize]),
            });
        }
        if extreme {
            self.scale(&changed);
            (0..rows.len()).for_each(|place| self.set(&self.entry(place), 0.0, 0.0));
        }
        changed.iter().for_each(|kept| self.set(&kept.entry, kept.spending, kept.receipts));
    }

    /// Sets the coefficients of an entry from ln K, and that less its taxes.
    fn set(&mut self, entry: &Entry, spending: f64, receipts: f64) {
        let (spending, receipt) = self.scaled(entry, spending, receipts);
        self.spending[entry.slot] = self.market.expenditure(entry.row) * spending.exp();
        if let Some(receipts) = &mut self.receipts {
            receipts[entry.slot] = self.market.value[entry.row] * receipt.exp();
        }
    }

    /// ln K of an entry, and that less its taxes, with the scales taken out.
    fn scaled(&self, entry: &Entry, spending: f64, receipts: f64) -> (f64, f64) {
        let (i, j) = (entry.exporter, entry.importer);
        let scale = self.importers.scale[j];
        (spending - scale, receipts + self.importers.fold[j] * scale - self.exporters.scale[i])
    }

    /// The logs of an entry's coefficients at a log producer price, whatever their size.
    fn logs(&self, entry: &Entry, log_price: f64) -> (f64, f64) {
        let row = entry.row;
        let (kept, taxes) = self.log_kept(row, log_price);
        let (spending, receipts) = self.scaled(entry, kept, kept - taxes);
        (self.market.expenditure(row).ln() + spending, self.market.value[row].ln() + receipts)
    }

    /// What measures leave of the entries they touch.
    fn kept(&self) -> Vec<Kept> {
        let mut found = Vec::with_capacity(self.wedges.changes.len());
        let mut place = 0;
        for change in &self.wedges.changes {
            if self.rows.get(place).is_some_and(|row| *row < change.row) {
                place += self.rows[place..].partition_point(|row| *row < change.row);
            }
            if self.rows.get(place) == Some(&change.row) {
                let (spending, taxes) = self.log_kept(change.row as usize, 0.0);
                found.push(Kept { entry: self.entry(place), spending, receipts: spending - taxes });
            }
        }
        found
    }

    /// ln K of a row and the log of the taxes in it, at a log producer price.
    fn log_kept(&self, row: usize, log_price: f64) -> (f64, f64) {
        let powers = powers(self.market, self.wedges, &self.licence_prices, row, log_price);
        let kept = self.wedges.at(row).varieties().ln() + (1.0 - self.sigma) * powers.price().ln();
        (kept, powers.taxes().ln())
    }

    /// Takes the largest of each column and row out of the exponentials, so that no wedge, however
    /// large, leaves a country with nothing but underflow.
    fn scale(&mut self, changed: &[Kept]) {
        let mut logs = vec![(0.0, 0.0); self.rows.len()];
        changed.iter().for_each(|kept| logs[kept.entry.place] = (kept.spending, kept.receipts));
        let entries: Vec<Entry> = self.entries().collect();
        self.importers.scale.fill(f64::NEG_INFINITY);
        self.exporters.scale.fill(f64::NEG_INFINITY);
        for (entry, (spending, _)) in entries.iter().zip(&logs) {
            let scale = &mut self.importers.scale[entry.importer];
            *scale = scale.max(*spending);
        }
        for (entry, (_, receipts)) in entries.iter().zip(&logs) {
            let j = entry.importer;
            let scale = &mut self.exporters.scale[entry.exporter];
            *scale = scale.max(receipts + self.importers.fold[j] * self.importers.scale[j]);
        }
    }

    /// Sets a licence price to a multiple of the new price of what its quota covers (of 1 where the
    /// quota counts money).
    pub fn set_licence(&mut self, ceiling: usize, multiple: f64) {
        self.licences[ceiling].multiple = multiple;
    }

    /// μ by ceiling at the prices of the last evaluation.
    pub fn licences(&self) -> &[f64] {
        &self.licence_prices
    }

    /// Sets the coefficients that move with prices.
    fn update(&mut self, x: &[f64]) {
        self.licence_prices.iter_mut().zip(&self.licences).for_each(|(price, licence)| *price = licence.price(x));
        for place in 0..self.endogenous.len() {
            let entry = self.endogenous[place];
            let (kept, taxes) = self.log_kept(entry.row, x[entry.exporter]);
            self.set(&entry, kept, kept - taxes);
        }
    }

    /// Bound on the modulus of the map, and the same with only the entries that can add up.
    pub fn modulus(&self) -> (f64, f64) {
        let rigid = self.exporters.epsilon.iter().copied().fold(f64::INFINITY, f64::min);
        let largest =
            |size: &dyn Fn(f64) -> f64| self.importers.eta.iter().map(|eta| size(self.sigma + eta)).fold(0.0, f64::max);
        let over = |value: f64| value / (self.sigma + rigid);
        (over(largest(&f64::abs)), over(largest(&|value| value.max(0.0))))
    }

    /// Writes G(x) for log producer prices `x`; not finite where numbers run out of range.
    pub fn apply(&mut self, x: &[f64], out: &mut [f64]) {
        let largest = self.weights(x);
        self.pattern.times(self.receipts.as_ref().unwrap_or(&self.spending), &self.work.factor, out);
        // NaN passes through the vectorised ln and marks the sums that are taken again.
        out.iter_mut().filter(|sum| **sum < TINY).for_each(|sum| *sum = f64::NAN);
        mathfn::ln(out);
        let exporters = &self.exporters;
        let given = exporters.scale.iter().zip(&exporters.log_received).zip(&exporters.epsilon);
        for (log, ((scale, received), epsilon)) in out.iter_mut().zip(given) {
            *log = (*log + largest + scale - received) / (self.sigma + epsilon);
        }
        for (i, log) in out.iter_mut().enumerate().filter(|(_, log)| log.is_nan()) {
            let sum = self.log_receipts(i, x) + exporters.scale[i] - exporters.log_received[i];
            *log = sum / (self.sigma + exporters.epsilon[i]);
        }
    }

    /// Fills `work` at prices `x`; returns the largest weight.
    fn weights(&mut self, x: &[f64]) -> f64 {
        let level = self.price_index(x);
        let (work, importers) = (&mut self.work, &self.importers);
        let given = work.index.iter().zip(&importers.eta).zip(&importers.log_shift);
        for (weight, ((index, eta), shift)) in work.weight.iter_mut().zip(given) {
            *weight = (self.sigma + eta) * (index + level) + shift;
        }
        let largest = extremes::largest(&work.weight);
        work.factor.iter_mut().zip(&work.weight).for_each(|(factor, weight)| *factor = weight - largest);
        mathfn::exp(&mut work.factor);
        largest
    }

    /// Fills ln P̂ − level without the scale; returns the level, the lowest log price.
    fn price_index(&mut self, x: &[f64]) -> f64 {
        self.update(x);
        let level = extremes::smallest(x);
        let work = &mut self.work;
        work.price.iter_mut().zip(x).for_each(|(price, x)| *price = (1.0 - self.sigma) * (x - level));
        mathfn::exp(&mut work.price);
        self.pattern.transposed_times(&self.spending, &work.price, &mut work.index);
        work.index.iter_mut().filter(|sum| **sum < TINY).for_each(|sum| *sum = f64::NAN);
        mathfn::ln(&mut work.index);
        for j in 0..self.work.index.len() {
            if self.work.index[j].is_nan() {
                self.work.index[j] = self.log_spending_sum(j, x, level);
            }
        }
        let reaction = 1.0 - self.sigma;
        let sums = self.work.index.iter_mut().zip(&self.importers.log_spent);
        sums.for_each(|(sum, spent)| *sum = (*sum - spent) / reaction);
        level
    }

    /// The log of an exporter's sum in [`PriceMap::apply`], where the plain sum underflows.
    fn log_receipts(&self, exporter: usize, x: &[f64]) -> f64 {
        let mine = self.pattern.row(exporter).map(|place| self.entry(place));
        log_sum_exp(mine.map(|entry| self.logs(&entry, x[exporter]).1 + self.work.weight[entry.importer]))
    }

    /// The log of an importer's sum in [`PriceMap::price_index`], where the plain sum underflows.
    fn log_spending_sum(&self, importer: usize, x: &[f64], level: f64) -> f64 {
        let mine: Vec<Entry> = self.entries().filter(|entry| entry.importer == importer).collect();
        log_sum_exp(mine.iter().map(|entry| {
            let price = x[entry.exporter];
            self.logs(entry, price).0 + (1.0 - self.sigma) * (price - level)
        }))
    }

    /// ln P̂ of the importers at log producer prices `x`.
    pub fn log_price_index(&mut self, x: &[f64]) -> Vec<f64> {
        let level = self.price_index(x);
        let scaled = self.work.index.iter().zip(&self.importers.scale);
        scaled.map(|(index, scale)| index + level + scale / (1.0 - self.sigma)).collect()
    }

    /// ln Ê of a row at its buyer's log price and price index.
    pub fn log_spending(&self, row: usize, importer: usize, log_price: f64, log_index: f64) -> f64 {
        self.wedges.at(row).varieties().ln()
            + self.importers.log_shift[importer]
            + (1.0 - self.sigma) * log_price
            + (self.sigma + self.importers.eta[importer]) * log_index
    }
}

impl Drop for PriceMap<'_> {
    fn drop(&mut self) {
        spare::hand_on(std::mem::take(&mut self.spending));
        self.receipts.take().into_iter().for_each(spare::hand_on);
    }
}

fn log_sum_exp(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    largest + logs.map(|log| (log - largest).exp()).sum::<f64>().ln()
}
