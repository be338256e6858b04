//! Quantities that are not known, at the unit value of those that are.

use super::flows::Flows;
use crate::error::{Error, Result};

/// Σ value and Σ quantity of flows with both.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    value: f64,
    quantity: f64,
}

impl Known {
    fn add(&mut self, value: f64, quantity: f64) {
        if value > 0.0 && quantity > 0.0 {
            self.value += value;
            self.quantity += quantity;
        }
    }

    /// Quantity a unit of money; `None` where nothing is known.
    fn per_value(self) -> Option<f64> {
        (self.value > 0.0).then(|| self.quantity / self.value)
    }
}

impl Flows {
    /// Fills unknown quantities, period by period: a value over the mean unit value Σ value / Σ quantity of
    /// the exporter's flows of that commodity with a known quantity, where it has none over that of all
    /// exporters. Also which rows were filled.
    ///
    /// # Errors
    /// [`Error::Data`]: a commodity without a single known quantity in a period.
    pub fn with_unit_values(&self) -> Result<(Self, Vec<bool>)> {
        let rows = self.rows();
        let (value, mut quantity) = (rows.value.clone(), rows.quantity.clone());
        let filled: Vec<bool> = quantity.iter().map(|quantity| quantity.is_nan()).collect();
        for period in 0..self.periods.len() {
            for commodity in 0..self.commodities.len() {
                let range = self.range(period, commodity);
                let mut by_exporter = vec![Known::default(); self.countries.len()];
                let mut all = Known::default();
                for row in range.clone() {
                    by_exporter[rows.exporter[row] as usize].add(value[row], quantity[row]);
                    all.add(value[row], quantity[row]);
                }
                for row in range.filter(|&row| filled[row]) {
                    let own = by_exporter[rows.exporter[row] as usize].per_value();
                    let per_value = own.or(all.per_value()).ok_or_else(|| {
                        Error::Data(format!(
                            "no flow of {} in {} has a quantity, so none can be filled; leave it out by \
                             flows.select(commodities=[...]), or give quantities",
                            self.commodities.name(commodity),
                            self.periods[period]
                        ))
                    })?;
                    quantity[row] = value[row] * per_value;
                }
            }
        }
        Ok((self.with_amounts(value, quantity)?, filled))
    }
}
