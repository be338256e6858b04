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
use crate::solve::mathfn;
use crate::solve::matrix::Pattern;

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
    entries: Vec<Entry>,
    pattern: Pattern,
    /// V T⁰ K by slot, times exp(−column scale).
    spending: Vec<f64>,
    /// V K/(T̂x̂ρ̂) by slot, times exp(fold × column scale − row scale); `None` where equal to `spending`.
    receipts: Option<Vec<f64>>,
    /// Entries whose wedges move with prices.
    endogenous: Vec<usize>,
    licences: Vec<LicenceScale>,
    licence_prices: Vec<f64>,
    work: Work,
}

/// An open row and its places.
#[derive(Clone, Copy)]
struct Entry {
    row: u32,
    exporter: u32,
    importer: u32,
    slot: u32,
}

/// ln K of a touched entry, and that less its taxes.
struct Kept {
    place: usize,
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
    pub fn new(model: &Armington, commodity: usize, market: &'a Market<'a>, wedges: &'a Wedges, open: &Open) -> Self {
        let totals = model.baseline.totals(commodity);
        let elasticities = &model.elasticities;
        let sigma = elasticities.substitution[commodity];
        let (n, m) = (open.exporters.len(), open.importers.len());
        let by = |codes: &[u32], of: &dyn Fn(usize) -> f64| codes.iter().map(|&code| of(code as usize)).collect();
        let (entries, pattern) = entries(market, open, model.baseline.countries());
        let mut map = Self {
            market,
            wedges,
            sigma,
            importers: Importers {
                eta: by(&open.importers, &|j| elasticities.demand[[commodity, j]]),
                log_spent: by(&open.importers, &|j| totals.spent[j].ln()),
                log_shift: by(&open.importers, &|j| wedges.demand_shift.at(j).ln()),
                scale: vec![0.0; m],
                fold: by(&open.importers, &|j| (sigma + elasticities.demand[[commodity, j]]) / (1.0 - sigma)),
            },
            exporters: Exporters {
                epsilon: by(&open.exporters, &|i| elasticities.supply[[commodity, i]]),
                log_received: by(&open.exporters, &|i| (totals.received[i] * wedges.supply_shift.at(i)).ln()),
                scale: vec![0.0; n],
            },
            endogenous: endogenous(wedges, &entries),
            spending: vec![0.0; pattern.slots()],
            receipts: None,
            licences: wedges.ceilings.iter().map(|ceiling| LicenceScale::of(ceiling, market, open)).collect(),
            licence_prices: vec![0.0; wedges.ceilings.len()],
            work: Work { price: vec![0.0; n], index: vec![0.0; m], weight: vec![0.0; m], factor: vec![0.0; m] },
            entries,
            pattern,
        };
        map.set_coefficients();
        map
    }

    fn set_coefficients(&mut self) {
        let untaxed = self.market.has_no_tariffs()
            && self.endogenous.is_empty()
            && self.wedges.changes.iter().all(|change| change.tariff_hat == 1.0 && change.export_tax_power == 1.0);
        let changed: Vec<Kept> = self.kept();
        if changed.iter().any(|kept| kept.spending.abs().max(kept.receipts.abs()) > EXTREME) {
            self.scale(&changed);
        }
        let scaled = self.exporters.scale.iter().any(|scale| *scale != 0.0);
        let mut receipts = (!untaxed || scaled).then(|| vec![0.0; self.pattern.slots()]);
        for entry in &self.entries {
            let (row, slot) = (entry.row as usize, entry.slot as usize);
            let (spending, receipt) = self.scaled(entry, 0.0, 0.0);
            let factor = |log: f64| if log == 0.0 { 1.0 } else { log.exp() };
            self.spending[slot] = self.market.expenditure(row) * factor(spending);
            if let Some(receipts) = &mut receipts {
                receipts[slot] = self.market.value[row] * factor(receipt);
            }
        }
        for kept in changed {
            let entry = self.entries[kept.place];
            let (row, slot) = (entry.row as usize, entry.slot as usize);
            let (spending, receipt) = self.scaled(&entry, kept.spending, kept.receipts);
            self.spending[slot] = self.market.expenditure(row) * spending.exp();
            if let Some(receipts) = &mut receipts {
                receipts[slot] = self.market.value[row] * receipt.exp();
            }
        }
        self.receipts = receipts;
    }

    /// ln K of an entry, and that less its taxes, with the scales taken out.
    fn scaled(&self, entry: &Entry, spending: f64, receipts: f64) -> (f64, f64) {
        let (i, j) = (entry.exporter as usize, entry.importer as usize);
        let scale = self.importers.scale[j];
        (spending - scale, receipts + self.importers.fold[j] * scale - self.exporters.scale[i])
    }

    /// The logs of an entry's coefficients at a log producer price, whatever their size.
    fn logs(&self, entry: &Entry, log_price: f64) -> (f64, f64) {
        let row = entry.row as usize;
        let (kept, taxes) = self.log_kept(row, log_price);
        let (spending, receipts) = self.scaled(entry, kept, kept - taxes);
        (self.market.expenditure(row).ln() + spending, self.market.value[row].ln() + receipts)
    }

    /// What measures leave of the entries they touch.
    fn kept(&self) -> Vec<Kept> {
        let mut found = Vec::with_capacity(self.wedges.changes.len());
        let mut place = 0;
        for change in &self.wedges.changes {
            while place < self.entries.len() && self.entries[place].row < change.row {
                place += 1;
            }
            if place < self.entries.len() && self.entries[place].row == change.row {
                let (spending, taxes) = self.log_kept(change.row as usize, 0.0);
                found.push(Kept { place, spending, receipts: spending - taxes });
            }
        }
        found
    }

    /// ln K of a row and the log of the taxes in it, at a log producer price.
    fn log_kept(&self, row: usize, log_price: f64) -> (f64, f64) {
        let powers = powers(self.market, self.wedges, &self.licence_prices, row, log_price);
        let kept = self.wedges.at(row).availability.ln() + (1.0 - self.sigma) * powers.price().ln();
        (kept, powers.taxes().ln())
    }

    /// Takes the largest of each column and row out of the exponentials, so that no wedge, however
    /// large, leaves a country with nothing but underflow.
    fn scale(&mut self, changed: &[Kept]) {
        let mut logs = vec![(0.0, 0.0); self.entries.len()];
        changed.iter().for_each(|kept| logs[kept.place] = (kept.spending, kept.receipts));
        self.importers.scale.fill(f64::NEG_INFINITY);
        self.exporters.scale.fill(f64::NEG_INFINITY);
        for (entry, (spending, _)) in self.entries.iter().zip(&logs) {
            let scale = &mut self.importers.scale[entry.importer as usize];
            *scale = scale.max(*spending);
        }
        for (entry, (_, receipts)) in self.entries.iter().zip(&logs) {
            let j = entry.importer as usize;
            let scale = &mut self.exporters.scale[entry.exporter as usize];
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
            let entry = self.entries[self.endogenous[place]];
            let (row, slot) = (entry.row as usize, entry.slot as usize);
            let (kept, taxes) = self.log_kept(row, x[entry.exporter as usize]);
            let (spending, receipt) = self.scaled(&entry, kept, kept - taxes);
            self.spending[slot] = self.market.expenditure(row) * spending.exp();
            if let Some(receipts) = &mut self.receipts {
                receipts[slot] = self.market.value[row] * receipt.exp();
            }
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
        for (i, log) in out.iter_mut().enumerate() {
            let sum = if log.is_nan() { self.log_receipts(i, x) } else { *log + largest };
            *log = (sum + exporters.scale[i] - exporters.log_received[i]) / (self.sigma + exporters.epsilon[i]);
        }
    }

    /// Fills `work` at prices `x`; returns the largest weight.
    fn weights(&mut self, x: &[f64]) -> f64 {
        let level = self.price_index(x);
        let (work, importers) = (&mut self.work, &self.importers);
        let mut largest = f64::NEG_INFINITY;
        for j in 0..work.weight.len() {
            work.weight[j] = (self.sigma + importers.eta[j]) * (work.index[j] + level) + importers.log_shift[j];
            largest = largest.max(work.weight[j]);
        }
        work.factor.iter_mut().zip(&work.weight).for_each(|(factor, weight)| *factor = weight - largest);
        mathfn::exp(&mut work.factor);
        largest
    }

    /// Fills ln P̂ − level without the scale; returns the level, the lowest log price.
    fn price_index(&mut self, x: &[f64]) -> f64 {
        self.update(x);
        let level = x.iter().copied().fold(f64::INFINITY, f64::min);
        let work = &mut self.work;
        work.price.iter_mut().zip(x).for_each(|(price, x)| *price = (1.0 - self.sigma) * (x - level));
        mathfn::exp(&mut work.price);
        self.pattern.transposed_times(&self.spending, &work.price, &mut work.index);
        work.index.iter_mut().filter(|sum| **sum < TINY).for_each(|sum| *sum = f64::NAN);
        mathfn::ln(&mut work.index);
        for j in 0..self.importers.eta.len() {
            let sum = self.work.index[j];
            let sum = if sum.is_nan() { self.log_spending_sum(j, x, level) } else { sum };
            self.work.index[j] = (sum - self.importers.log_spent[j]) / (1.0 - self.sigma);
        }
        level
    }

    /// The log of an exporter's sum in [`PriceMap::apply`], where the plain sum underflows.
    fn log_receipts(&self, exporter: usize, x: &[f64]) -> f64 {
        let mine = self.entries.iter().filter(|entry| entry.exporter as usize == exporter);
        log_sum_exp(mine.map(|entry| self.logs(entry, x[exporter]).1 + self.work.weight[entry.importer as usize]))
    }

    /// The log of an importer's sum in [`PriceMap::price_index`], where the plain sum underflows.
    fn log_spending_sum(&self, importer: usize, x: &[f64], level: f64) -> f64 {
        let mine = self.entries.iter().filter(|entry| entry.importer as usize == importer);
        log_sum_exp(mine.map(|entry| {
            let price = x[entry.exporter as usize];
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
        self.wedges.at(row).availability.ln()
            + self.importers.log_shift[importer]
            + (1.0 - self.sigma) * log_price
            + (self.sigma + self.importers.eta[importer]) * log_index
    }
}

/// Entries whose wedges move with prices.
fn endogenous(wedges: &Wedges, entries: &[Entry]) -> Vec<usize> {
    if wedges.ceilings.is_empty() && !wedges.changes.iter().any(Change::moves) {
        return Vec::new();
    }
    (0..entries.len()).filter(|&place| wedges.moves(entries[place].row as usize)).collect()
}

fn entries(market: &Market, open: &Open, countries: usize) -> (Vec<Entry>, Pattern) {
    let mut local = vec![0u32; 2 * countries];
    open.exporters.iter().enumerate().for_each(|(place, &i)| local[i as usize] = place as u32);
    open.importers.iter().enumerate().for_each(|(place, &j)| local[countries + j as usize] = place as u32);
    let place = |row: u32| {
        let (i, j) = (market.exporter[row as usize] as usize, market.importer[row as usize] as usize);
        (local[i], local[countries + j])
    };
    let places: Vec<(u32, u32)> = open.rows.iter().map(|&row| place(row)).collect();
    let (pattern, slots) = Pattern::new(open.exporters.len(), open.importers.len(), &places);
    let entries = (open.rows.iter().zip(&places).zip(slots))
        .map(|((&row, &(exporter, importer)), slot)| Entry { row, exporter, importer, slot })
        .collect();
    (entries, pattern)
}

fn log_sum_exp(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    largest + logs.map(|log| (log - largest).exp()).sum::<f64>().ln()
}
