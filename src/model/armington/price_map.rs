//! The equation of one connected part: a fixed point in log producer prices.
//!
//! With K = a (x̂ ĉ T̂)^(1−σ), computed once,
//!
//!     P̂_j^(1−σ) = Σ_i s_ij K_ij p̂_i^(1−σ)
//!     (σ + ε_i) ln p̂_i = ln [ Σ_j R_ij/R_i K_ij/(T̂x̂)_ij P̂_j^(σ+η_j) b_j / z_i ]
//!
//! so no power of a pair remains in the loop. The map is a sup-norm contraction with modulus
//! max |σ + η| / (σ + ε) where that is below 1.

use nalgebra::DMatrix;

use super::Armington;
use super::market::Part;
use crate::data::Market;
use crate::scenario::Wedges;

/// Coefficients scaled by their largest in a column (`demand`) or row (`clearing`), so that no
/// wedge, however large, leaves a country with nothing but underflow.
pub struct PriceMap {
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

#[derive(Default)]
struct Work {
    price: Vec<f64>,
    index: Vec<f64>,
    weight: Vec<f64>,
}

impl PriceMap {
    pub fn new(model: &Armington, commodity: usize, market: &Market, wedges: &Wedges, part: &Part) -> Self {
        let countries = model.baseline.countries();
        let sigma = model.elasticities.substitution[commodity];
        let baseline = Totals::of(market, countries);
        let mut local = vec![0u32; countries];
        part.importers.iter().enumerate().for_each(|(place, &j)| local[j as usize] = place as u32);
        let (n, m) = (part.exporters.len(), part.importers.len());
        let mut map = Self {
            sigma,
            eta: part.importers.iter().map(|&j| model.elasticities.demand[[commodity, j as usize]]).collect(),
            epsilon: part.exporters.iter().map(|&i| model.elasticities.supply[[commodity, i as usize]]).collect(),
            starts: vec![0; n + 1],
            column: Vec::with_capacity(part.rows.len()),
            demand: Vec::with_capacity(part.rows.len()),
            column_scale: vec![f64::NEG_INFINITY; m],
            clearing: Vec::with_capacity(part.rows.len()),
            row_scale: vec![f64::NEG_INFINITY; n],
            work: Work { price: vec![0.0; n], index: vec![0.0; m], weight: vec![0.0; m] },
        };
        let mut exporter = 0;
        for &row in &part.rows {
            let row = row as usize;
            let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
            while part.exporters[exporter] as usize != i {
                exporter += 1;
            }
            let column = local[j];
            let taxes = (wedges.tariff_hat.at(row) * wedges.export_tax_power.at(row)).ln();
            let kept = wedges.availability.at(row).ln() + (1.0 - sigma) * (taxes + wedges.cost_factor.at(row).ln());
            let demand = (market.expenditure(row) / baseline.spent[j]).ln() + kept;
            let shifters = (wedges.demand_shift.at(j) / wedges.supply_shift.at(i)).ln();
            let clearing = (market.value[row] / baseline.received[i]).ln() + kept - taxes + shifters;
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

    /// Bound on the modulus of the map, and the same with only the entries that can add up.
    pub fn modulus(&self) -> (f64, f64) {
        let rigid = self.epsilon.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = |size: &dyn Fn(f64) -> f64| self.eta.iter().map(|eta| size(self.sigma + eta)).fold(0.0, f64::max);
        let over = |value: f64| value / (self.sigma + rigid);
        (over(largest(&f64::abs)), over(largest(&|value| value.max(0.0))))
    }

    /// Writes G(x) for log producer prices `x`; not finite where numbers run out of range.
    pub fn apply(&mut self, x: &[f64], out: &mut [f64]) {
        let level = self.price_index(x);
        let work = &mut self.work;
        let mut largest = f64::NEG_INFINITY;
        for (weight, (index, eta)) in work.weight.iter_mut().zip(work.index.iter().zip(&self.eta)) {
            *weight = (self.sigma + eta) * (index + level);
            largest = largest.max(*weight);
        }
        work.weight.iter_mut().for_each(|weight| *weight = (*weight - largest).exp());
        for i in 0..out.len() {
            let mut sum = 0.0;
            for entry in self.starts[i]..self.starts[i + 1] {
                sum += self.clearing[entry] * work.weight[self.column[entry] as usize];
            }
            out[i] = (sum.ln() + largest + self.row_scale[i]) / (self.sigma + self.epsilon[i]);
        }
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
        for (index, scale) in work.index.iter_mut().zip(&self.column_scale) {
            *index = (index.ln() + scale) / (1.0 - self.sigma);
        }
        level
    }

    /// ln P̂ of the part's importers at log producer prices `x`.
    pub fn log_price_index(&mut self, x: &[f64]) -> Vec<f64> {
        let level = self.price_index(x);
        self.work.index.iter().map(|index| index + level).collect()
    }

    /// Jacobian of x − G(x): I − diag(1/(σ+ε)) W diag(σ+η) S with W the shares of an exporter's
    /// receipts and S the shares of an importer's spending.
    pub fn jacobian(&mut self, x: &[f64]) -> DMatrix<f64> {
        let (n, m) = (self.epsilon.len(), self.eta.len());
        let mut image = vec![0.0; n];
        self.apply(x, &mut image);
        let mut spending = DMatrix::zeros(m, n);
        let mut receipts = DMatrix::zeros(n, m);
        for i in 0..n {
            for entry in self.starts[i]..self.starts[i + 1] {
                let j = self.column[entry] as usize;
                spending[(j, i)] += self.demand[entry] * self.work.price[i];
                receipts[(i, j)] += self.clearing[entry] * self.work.weight[j];
            }
        }
        for j in 0..m {
            let total: f64 = spending.row(j).sum();
            spending.row_mut(j).iter_mut().for_each(|share| *share *= (self.sigma + self.eta[j]) / total);
        }
        for i in 0..n {
            let total: f64 = receipts.row(i).sum();
            receipts.row_mut(i).iter_mut().for_each(|share| *share /= total * (self.sigma + self.epsilon[i]));
        }
        DMatrix::identity(n, n) - receipts * spending
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
