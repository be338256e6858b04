//! A licence price as a multiple of the new price of what its quota covers.

use super::market::Open;
use crate::data::Market;
use crate::scenario::ceilings::{Ceiling, Counted};

/// μ = multiple × baseline money per unit × mean new producer price; = multiple where money is
/// counted.
pub struct LicenceScale {
    pub multiple: f64,
    reference: f64,
    /// Open exporters, by place, and their shares in what is covered; none where money is counted.
    pub exporters: Vec<(usize, f64)>,
}

impl LicenceScale {
    pub fn of(ceiling: &Ceiling, market: &Market, open: &Open) -> Self {
        let mut scale = Self { multiple: 0.0, reference: 1.0, exporters: Vec::new() };
        if ceiling.counted == Counted::Value {
            return scale;
        }
        let (mut value, mut quantity) = (0.0, 0.0);
        for (place, &exporter) in open.exporters.iter().enumerate() {
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

    /// μ at log producer prices of the open exporters.
    pub fn price(&self, x: &[f64]) -> f64 {
        let level: f64 = self.exporters.iter().map(|&(exporter, share)| share * x[exporter]).sum();
        self.reference * level.exp() * self.multiple
    }
}
