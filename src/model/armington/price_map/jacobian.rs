//! The derivative of the price map, for Newton's method.

use nalgebra::DMatrix;

use super::super::powers::{Powers, powers};
use super::{Entry, PriceMap};

impl PriceMap<'_> {
    /// Jacobian of x − G(x): I − diag(1/(σ+ε)) [W diag(σ+η) S + D] with W the shares of an exporter's
    /// receipts, S the shares of an importer's spending times the slopes of the buyer's price, and D
    /// the direct effect of wedges that move with prices.
    pub fn jacobian(&mut self, x: &[f64]) -> DMatrix<f64> {
        let (n, m) = (self.exporters.epsilon.len(), self.importers.eta.len());
        let mut image = vec![0.0; n];
        self.apply(x, &mut image);
        let level = x.iter().copied().fold(f64::INFINITY, f64::min);
        let mut spending: DMatrix<f64> = DMatrix::zeros(m, n);
        let mut receipts: DMatrix<f64> = DMatrix::zeros(n, m);
        let mut direct: DMatrix<f64> = DMatrix::zeros(n, n);
        let shares: Vec<(f64, f64)> = self.entries().map(|entry| self.shares(&entry, x, level, &image)).collect();
        for (entry, (bought, sold)) in self.entries().zip(&shares) {
            let (i, j) = (entry.exporter, entry.importer);
            spending[(j, i)] += bought * (self.sigma + self.importers.eta[j]);
            receipts[(i, j)] += sold / (self.sigma + self.exporters.epsilon[i]);
        }
        for (entry, exporter, price, taxes) in self.slopes(x) {
            let (bought, sold) = shares[entry.place];
            let (i, j) = (entry.exporter, entry.importer);
            spending[(j, exporter)] += bought * price * (self.sigma + self.importers.eta[j]);
            direct[(i, exporter)] +=
                sold * ((1.0 - self.sigma) * price - taxes) / (self.sigma + self.exporters.epsilon[i]);
        }
        DMatrix::identity(n, n) - receipts * spending - direct
    }

    /// Shares of an entry in its importer's spending and its exporter's receipts.
    fn shares(&self, entry: &Entry, x: &[f64], level: f64, image: &[f64]) -> (f64, f64) {
        let (i, j) = (entry.exporter, entry.importer);
        let (importers, exporters) = (&self.importers, &self.exporters);
        let (log_bought, log_sold) = self.logs(entry, x[i]);
        let log_bought = log_bought - importers.log_spent[j] + (1.0 - self.sigma) * (x[i] - level - self.work.index[j]);
        let bought = log_bought.exp();
        let log_sold = log_sold + exporters.scale[i] - exporters.log_received[i] + self.work.weight[j];
        match exporters.epsilon[i].is_finite() {
            true => (bought, (log_sold - image[i] * (self.sigma + exporters.epsilon[i])).exp()),
            false => (bought, 0.0),
        }
    }

    /// Derivatives of the log of the buyer's price over the producer's, and of the taxes in it, by the
    /// log prices of exporters: `(entry, exporter, price, taxes)`.
    fn slopes(&self, x: &[f64]) -> Vec<(Entry, usize, f64, f64)> {
        const STEP: f64 = 1e-6;
        let mut slopes = Vec::new();
        for &entry in &self.endogenous {
            let (row, home) = (entry.row, entry.exporter);
            let mut add = |exporter: usize, share: f64, at: &dyn Fn(f64) -> Powers| {
                let (low, high) = (at(-STEP), at(STEP));
                let slope = |high: f64, low: f64| share * (high / low).ln() / (2.0 * STEP);
                slopes.push((entry, exporter, slope(high.price(), low.price()), slope(high.taxes(), low.taxes())));
            };
            add(home, 1.0, &|shift| powers(self.market, self.wedges, &self.licence_prices, row, x[home] + shift));
            for (ceiling, licence) in self.licences.iter().enumerate().filter(|(_, licence)| licence.multiple > 0.0) {
                if !self.wedges.ceilings[ceiling].covers(row) {
                    continue;
                }
                let moved = |shift: f64| {
                    let mut prices = self.licence_prices.clone();
                    prices[ceiling] *= shift.exp();
                    powers(self.market, self.wedges, &prices, row, x[home])
                };
                licence.exporters.iter().for_each(|&(exporter, share)| add(exporter, share, &moved));
            }
        }
        slopes
    }
}
