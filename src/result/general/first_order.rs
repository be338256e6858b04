//! Welfare as Caliendo & Parro (2015) publish it: a differential evaluated at percentage changes.

use super::{GeneralSolution, Opened, open};
use crate::data::Table;

impl GeneralSolution {
    /// In percent, by country or by country and sector: `terms_of_trade, volume_of_trade, welfare`, and the
    /// real wage. With M and E at border values and I at the baseline:
    ///
    /// ```text
    /// (1/I) Σ [E (ĉ_n − 1) − M (ĉ_i − 1)]  +  (1/I) Σ τ M [(M̂ − 1) − (ĉ_i − 1)]
    /// ```
    pub fn welfare_first_order(&self, by_sector: bool) -> Table {
        let before = self.baseline();
        let before = open(&self.model, &before, 1.0);
        let economy = &*self.model.economy;
        let (n, sectors) = (economy.countries, economy.sectors);
        let (mut terms, mut volume) = (vec![0.0; n * sectors], vec![0.0; n * sectors]);
        for after in self.opened() {
            self.add_first_order(&before, &after, &mut terms, &mut volume);
        }
        let percent = |sums: Vec<f64>| -> Vec<f64> {
            let each = |(cell, sum): (usize, f64)| 100.0 * sum / before.state.income[cell % n];
            let cells: Vec<f64> = sums.into_iter().enumerate().map(each).collect();
            if by_sector { cells } else { by_country(&cells, n) }
        };
        let (terms, volume) = (percent(terms), percent(volume));
        let welfare = terms.iter().zip(&volume).map(|(terms, volume)| terms + volume).collect();
        let rows = terms.len();
        self.keys(by_sector)
            .number("welfare", "percent", welfare)
            .number("terms_of_trade", "percent", terms)
            .number("volume_of_trade", "percent", volume)
            .number("real_wage", "percent", if by_sector { self.real_wage_by_sector() } else { self.real_wage() })
            .text("unit", vec!["percent of baseline income, first order".to_string(); rows])
    }

    fn add_first_order(&self, before: &Opened, after: &Opened, terms: &mut [f64], volume: &mut [f64]) {
        let economy = &*self.model.economy;
        let n = economy.countries;
        for sector in 0..economy.sectors {
            for importer in 0..n {
                for exporter in 0..n {
                    let flow = economy.flow(sector, importer, exporter);
                    let value = before.trade.value[flow];
                    if value == 0.0 {
                        continue;
                    }
                    let cost = after.weight * after.state.cost[sector * n + exporter].exp_m1();
                    terms[sector * n + exporter] += value * cost;
                    terms[sector * n + importer] -= value * cost;
                    let moved = after.weight * (after.trade.value[flow] / value - 1.0) - cost;
                    volume[sector * n + importer] += (before.trade.spending[flow] - value) * moved;
                }
            }
        }
    }
}

/// Sums over sectors.
pub(super) fn by_country(cells: &[f64], n: usize) -> Vec<f64> {
    let mut sums = vec![0.0; n];
    cells.chunks_exact(n).for_each(|sector| sums.iter_mut().zip(sector).for_each(|(sum, cell)| *sum += cell));
    sums
}
