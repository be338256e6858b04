//! The equation of one connected part: a fixed point in log producer prices.
//!
//! With K = a (x̂ ĉ T̂)^(1−σ), computed once,
//!
//!     P̂_j^(1−σ) = Σ_i s_ij K_ij p̂_i^(1−σ)
//!     (σ + ε_i) ln p̂_i = ln [ Σ_j R_ij/R_i K_ij/(T̂x̂)_ij P̂_j^(σ+η_j) b_j / z_i ]
//!
//! so no power of a pair remains in the loop, except where a wedge itself moves with prices. The map is a sup-norm contraction with modulus
//! max |σ + η| / (σ + ε) where that is below 1.

use nalgebra::DMatrix;

use super::Armington;
use super::market::Part;
use super::powers::{Powers, is_endogenous, powers};
use crate::data::Market;
use crate::scenario::Wedges;
use crate::scenario::ceilings::{Ceiling, Counted};

/// Coefficients scaled by their largest in a column (`demand`) or row (`clearing`), so that no
/// wedge, however large, leaves a country with nothing but underflow.
pub struct PriceMap<'a> {
    market: &'a Market<'a>,
    wedges: &'a Wedges,
    /// By ceiling of the wedges.
    licences: Vec<LicenceScale>,
    /// μ by ceiling at the prices of the last evaluation.
    licence_prices: Vec<f64>,
    /// Entries whose wedges move with prices.
    endogenous: Vec<Endogenous>,
    sigma: f64,
    eta: Vec<f64>,
    epsilon: Vec<f64>,
    /// Where each exporter's entries begin.
    starts: Vec<usize>,
    column: Vec<u32>,
    /// s K, times exp(−column_scale).
    demand: Vec<f64>,
    column_scale: Vec<f64>,
    /// R/R_i K/(T̂x̂) b/z, times exp(−row_scale).
    clearing: Vec<f64>,
    row_scale: Vec<f64>,
    work: Work,
}

/// An entry whose K moves with the exporter's price.
struct Endogenous {
    entry: usize,
    row: usize,
    /// Place of the exporter in the part.
    exporter: usize,
    /// Logs of the coefficients without the powers.
    demand: f64,
    clearing: f64,
}

/// A licence price as a multiple of the new price of what its quota covers.
struct LicenceScale {
    multiple: f64,
    /// Baseline money per counted unit; 1 where money is counted.
    reference: f64,
    /// Exporters of the part and their shares in what is covered, where units are counted.
    exporters: Vec<(usize, f64)>,
}

impl LicenceScale {
    fn of(ceiling: &Ceiling, market: &Market, part: &Part) -> Self {
        let mut scale = Self { multiple: 0.0, reference: 1.0, exporters: Vec::new() };
        if ceiling.counted == Counted::Value {
            return scale;
        }
        let (mut value, mut quantity) = (0.0, 0.0);
        for (place, &exporter) in part.exporters.iter().enumerate() {
            let mut sold = 0.0;
            for row in ceiling.rows.iter().map(|&row| row as usize).filter(|&row| market.exporter[row] == exporter) {
                sold += market.value[row];
                quantity += market.quantity[row];
            }
            value += sold;
            if sold > 0.0 {
                scale.exporters.push((place, sold));
            }
        }
        scale.exporters.iter_mut().for_each(|(_, share)| *share /= value);
        scale.reference = value / quantity;
        scale
    }

    fn price(&self, x: &[f64]) -> f64 {
        let level: f64 = self.exporters.iter().map(|&(exporter, share)| share * x[exporter]).sum();
        self.reference * level.exp() * self.multiple
    }
}

#[derive(Default)]
struct Work {
    /// p̂^(1−σ) relative to the level.
    price: Vec<f64>,
    /// ln P̂ − level.
    index: Vec<f64>,
    /// ln P̂^(σ+η), and its exponential relative to the largest.
    weight: Vec<f64>,
    receipts: Vec<f64>,
}

/// Sums below this are near underflow and are taken again in logs.
const TINY: f64 = 1e-280;

fn log_sum_exp(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    largest + logs.map(|log| (log - largest).exp()).sum::<f64>().ln()
}

impl<'a> PriceMap<'a> {
    pub fn new(model: &Armington, commodity: usize, market: &'a Market<'a>, wedges: &'a Wedges, part: &Part) -> Self {
        let countries = model.baseline.countries();
        let sigma = model.elasticities.substitution[commodity];
        let baseline = Totals::of(market, countries);
        let mut local = vec![0u32; countries];
        part.importers.iter().enumerate().for_each(|(place, &j)| local[j as usize] = place as u32);
        let (n, m) = (part.exporters.len(), part.importers.len());
        let mut map = Self {
            market,
            wedges,
            licences: wedges.ceilings.iter().map(|ceiling| LicenceScale::of(ceiling, market, part)).collect(),
            licence_prices: vec![0.0; wedges.ceilings.len()],
            endogenous: Vec::new(),
            sigma,
            eta: part.importers.iter().map(|&j| model.elasticities.demand[[commodity, j as usize]]).collect(),
            epsilon: part.exporters.iter().map(|&i| model.elasticities.supply[[commodity, i as usize]]).collect(),
            starts: vec![0; n + 1],
            column: Vec::with_capacity(part.rows.len()),
            demand: Vec::with_capacity(part.rows.len()),
            column_scale: vec![f64::NEG_INFINITY; m],
            clearing: Vec::with_capacity(part.rows.len()),
            row_scale: vec![f64::NEG_INFINITY; n],
            work: Work { price: vec![0.0; n], index: vec![0.0; m], weight: vec![0.0; m], receipts: vec![0.0; m] },
        };
        let mut exporter = 0;
        for &row in &part.rows {
            let row = row as usize;
            let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
            while part.exporters[exporter] as usize != i {
                exporter += 1;
            }
            let column = local[j];
            let availability = wedges.availability.at(row).ln();
            let shifters = (wedges.demand_shift.at(j) / wedges.supply_shift.at(i)).ln();
            let bare_demand = (market.expenditure(row) / baseline.spent[j]).ln() + availability;
            let bare_clearing = (market.value[row] / baseline.received[i]).ln() + availability + shifters;
            if is_endogenous(wedges, row) {
                map.endogenous.push(Endogenous {
                    entry: map.column.len(),
                    row,
                    exporter,
                    demand: bare_demand,
                    clearing: bare_clearing,
                });
            }
            let powers = powers(market, wedges, &map.licence_prices, row, 0.0);
            let kept = (1.0 - sigma) * powers.price().ln();
            let demand = bare_demand + kept;
            let clearing = bare_clearing + kept - powers.taxes().ln();
            map.column.push(column);
            map.demand.push(demand);
            map.clearing.push(clearing);
            map.column_scale[column as usize] = map.column_scale[column as usize].max(demand);
            map.row_scale[exporter] = map.row_scale[exporter].max(clearing);
            map.starts[exporter + 1] = map.column.len();
        }
        map.scale();
        map
    }

    fn scale(&mut self) {
        for i in 0..self.epsilon.len() {
            for entry in self.starts[i]..self.starts[i + 1] {
                self.demand[entry] = (self.demand[entry] - self.column_scale[self.column[entry] as usize]).exp();
                self.clearing[entry] = (self.clearing[entry] - self.row_scale[i]).exp();
            }
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
        for cell in &self.endogenous {
            let powers = powers(self.market, self.wedges, &self.licence_prices, cell.row, x[cell.exporter]);
            let kept = (1.0 - self.sigma) * powers.price().ln();
            let column = self.column[cell.entry] as usize;
            self.demand[cell.entry] = (cell.demand + kept - self.column_scale[column]).exp();
            let clearing = cell.clearing + kept - powers.taxes().ln();
            self.clearing[cell.entry] = (clearing - self.row_scale[cell.exporter]).exp();
        }
    }

    /// Derivatives of the log of the buyer's price over the producer's, and of the taxes in it, by the
    /// log prices of exporters: `(entry, exporter, price, taxes)`.
    fn slopes(&self, x: &[f64]) -> Vec<(usize, usize, f64, f64)> {
        const STEP: f64 = 1e-6;
        let mut slopes = Vec::new();
        for cell in &self.endogenous {
            let mut add = |exporter: usize, share: f64, at: &dyn Fn(f64) -> Powers| {
                let (low, high) = (at(-STEP), at(STEP));
                let slope = |high: f64, low: f64| share * (high / low).ln() / (2.0 * STEP);
                slopes.push((cell.entry, exporter, slope(high.price(), low.price()), slope(high.taxes(), low.taxes())));
            };
            let price = x[cell.exporter];
            add(cell.exporter, 1.0, &|shift| {
                powers(self.market, self.wedges, &self.licence_prices, cell.row, price + shift)
            });
            for (ceiling, licence) in self.licences.iter().enumerate().filter(|(_, licence)| licence.multiple > 0.0) {
                if !self.wedges.ceilings[ceiling].covers(cell.row) {
                    continue;
                }
                let moved = |shift: f64| {
                    let mut prices = self.licence_prices.clone();
                    prices[ceiling] *= shift.exp();
                    powers(self.market, self.wedges, &prices, cell.row, price)
                };
                licence.exporters.iter().for_each(|&(exporter, share)| add(exporter, share, &moved));
            }
        }
        slopes
    }

    /// Bound on the modulus of the map, and the same with only the entries that can add up.
    pub fn modulus(&self) -> (f64, f64) {
        let rigid = self.epsilon.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = |size: &dyn Fn(f64) -> f64| self.eta.iter().map(|eta| size(self.sigma + eta)).fold(0.0, f64::max);
        let over = |value: f64| value / (self.sigma + rigid);
        (over(largest(&f64::abs)), over(largest(&|value| value.max(0.0))))
    }

    /// Writes G(x) for log producer prices `x`; not finite where numbers run out of range.
    pub fn apply(&mut self, x: &[f64], out: &mut [f64]) {
        self.update(x);
        let level = self.price_index(x);
        let work = &mut self.work;
        let mut largest = f64::NEG_INFINITY;
        for (weight, (index, eta)) in work.weight.iter_mut().zip(work.index.iter().zip(&self.eta)) {
            *weight = (self.sigma + eta) * (index + level);
            largest = largest.max(*weight);
        }
        let work = &mut self.work;
        work.receipts.iter_mut().zip(&work.weight).for_each(|(factor, weight)| *factor = (weight - largest).exp());
        for i in 0..out.len() {
            let mut sum = 0.0;
            for entry in self.starts[i]..self.starts[i + 1] {
                sum += self.clearing[entry] * self.work.receipts[self.column[entry] as usize];
            }
            let log_sum = if sum > TINY { sum.ln() + largest } else { self.log_receipts(i) };
            out[i] = (log_sum + self.row_scale[i]) / (self.sigma + self.epsilon[i]);
        }
    }

    /// ln Σ_j of an exporter's clearing coefficients times P̂^(σ+η), where the plain sum underflows.
    fn log_receipts(&self, exporter: usize) -> f64 {
        let entries = self.starts[exporter]..self.starts[exporter + 1];
        log_sum_exp(entries.map(|entry| self.clearing[entry].ln() + self.work.weight[self.column[entry] as usize]))
    }

    /// Leaves ln P̂ − level in `work.index` and p̂^(1−σ) relative to the level in `work.price`.
    fn price_index(&mut self, x: &[f64]) -> f64 {
        let level = x.iter().copied().fold(f64::INFINITY, f64::min);
        let work = &mut self.work;
        work.price.iter_mut().zip(x).for_each(|(price, x)| *price = ((1.0 - self.sigma) * (x - level)).exp());
        work.index.fill(0.0);
        for i in 0..x.len() {
            for entry in self.starts[i]..self.starts[i + 1] {
                work.index[self.column[entry] as usize] += self.demand[entry] * work.price[i];
            }
        }
        for j in 0..self.eta.len() {
            let sum = self.work.index[j];
            let log_sum = if sum > TINY { sum.ln() } else { self.log_spending_sum(j, x, level) };
            self.work.index[j] = (log_sum + self.column_scale[j]) / (1.0 - self.sigma);
        }
        level
    }

    /// ln Σ_i of an importer's demand coefficients times p̂^(1−σ), where the plain sum underflows.
    fn log_spending_sum(&self, importer: usize, x: &[f64], level: f64) -> f64 {
        let bought = (0..x.len()).flat_map(|i| (self.starts[i]..self.starts[i + 1]).map(move |entry| (i, entry)));
        let mine = bought.filter(|&(_, entry)| self.column[entry] as usize == importer);
        log_sum_exp(mine.map(|(i, entry)| self.demand[entry].ln() + (1.0 - self.sigma) * (x[i] - level)))
    }

    /// ln P̂ of the part's importers at log producer prices `x`.
    pub fn log_price_index(&mut self, x: &[f64]) -> Vec<f64> {
        self.update(x);
        let level = self.price_index(x);
        self.work.index.iter().map(|index| index + level).collect()
    }

    /// ln Ê of a row at its buyer's log price and price index.
    pub fn log_spending(&self, row: usize, importer: usize, log_price: f64, log_index: f64) -> f64 {
        let country = self.market.importer[row] as usize;
        (self.wedges.availability.at(row) * self.wedges.demand_shift.at(country)).ln()
            + (1.0 - self.sigma) * log_price
            + (self.sigma + self.eta[importer]) * log_index
    }

    /// Jacobian of x − G(x): I − diag(1/(σ+ε)) [W diag(σ+η) S + D] with W the shares of an exporter's
    /// receipts, S the shares of an importer's spending times the slopes of the buyer's price, and D
    /// the direct effect of wedges that move with prices.
    pub fn jacobian(&mut self, x: &[f64]) -> DMatrix<f64> {
        let (n, m) = (self.epsilon.len(), self.eta.len());
        let mut image = vec![0.0; n];
        self.apply(x, &mut image);
        let level = x.iter().copied().fold(f64::INFINITY, f64::min);
        let mut spending: DMatrix<f64> = DMatrix::zeros(m, n);
        let mut receipts: DMatrix<f64> = DMatrix::zeros(n, m);
        let mut direct: DMatrix<f64> = DMatrix::zeros(n, n);
        let mut traded = vec![(0, 0.0, 0.0); self.column.len()];
        for i in 0..n {
            for entry in self.starts[i]..self.starts[i + 1] {
                let j = self.column[entry] as usize;
                let log_bought = self.demand[entry].ln() + self.column_scale[j];
                let bought = (log_bought + (1.0 - self.sigma) * (x[i] - level - self.work.index[j])).exp();
                let log_sold = self.clearing[entry].ln() + self.row_scale[i] + self.work.weight[j];
                let sold = match self.epsilon[i].is_finite() {
                    true => (log_sold - image[i] * (self.sigma + self.epsilon[i])).exp(),
                    false => 0.0,
                };
                spending[(j, i)] += bought * (self.sigma + self.eta[j]);
                receipts[(i, j)] += sold / (self.sigma + self.epsilon[i]);
                traded[entry] = (i, bought, sold);
            }
        }
        for (entry, exporter, price, taxes) in self.slopes(x) {
            let (i, bought, sold) = traded[entry];
            let j = self.column[entry] as usize;
            spending[(j, exporter)] += bought * price * (self.sigma + self.eta[j]);
            direct[(i, exporter)] += sold * ((1.0 - self.sigma) * price - taxes) / (self.sigma + self.epsilon[i]);
        }
        DMatrix::identity(n, n) - receipts * spending - direct
    }
}

/// Baseline receipts by exporter and spending by importer, over all rows, open or not.
pub struct Totals {
    pub received: Vec<f64>,
    pub spent: Vec<f64>,
}

impl Totals {
    pub fn of(market: &Market, countries: usize) -> Self {
        let mut totals = Self { received: vec![0.0; countries], spent: vec![0.0; countries] };
        for row in 0..market.len() {
            totals.received[market.exporter[row] as usize] += market.value[row];
            totals.spent[market.importer[row] as usize] += market.expenditure(row);
        }
        totals
    }
}
