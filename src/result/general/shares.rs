//! Where an exporter's goods go: shares by destination before and after, in baseline prices.

use super::GeneralSolution;
use crate::data::Table;
use crate::data::destinations::{Destinations, share};
use crate::scenario::select::Selection;

impl GeneralSolution {
    /// Sales of one sector by destination, before and after.
    fn compared(&self, sector: usize, exporters: &Selection, shipped: &[f64]) -> (Destinations, Destinations) {
        let market = self.model.baseline.market(sector);
        let first = self.flows_data().range(0, sector).start;
        let n = self.model.economy.countries;
        let by = |amount: &dyn Fn(usize) -> f64| Destinations::of(&market, n, &exporters.taken, amount);
        (by(&|row| market.value[row]), by(&|row| shipped[first + row]))
    }

    fn shipped(&self) -> Vec<f64> {
        self.accounts().iter().map(|account| account.shipped).collect()
    }

    /// As [`crate::result::Solution::shares`].
    pub fn shares(&self, exporters: &Selection) -> Table {
        let shipped = self.shipped();
        let (mut sector, mut importer) = (Vec::new(), Vec::new());
        let (mut before, mut after, mut hat) = (Vec::new(), Vec::new(), Vec::new());
        for k in 0..self.model.economy.sectors {
            let (was, is) = self.compared(k, exporters, &shipped);
            let (total_was, total_is) = (was.total(), is.total());
            for j in was.importers() {
                sector.push(k);
                importer.push(j);
                before.push(share(was.amount[j], total_was));
                after.push(share(is.amount[j], total_is));
                hat.push(total_is / total_was);
            }
        }
        let shift = before.iter().zip(&after).map(|(before, after)| 100.0 * (after - before)).collect();
        Table::default()
            .text("commodity", self.sector_names(&sector))
            .text("importer", self.country_names(&importer))
            .text("basis", vec!["value at baseline prices".to_string(); before.len()])
            .number("before", "share", before)
            .number("after", "share", after)
            .number("shift", "percentage points", shift)
            .number("total_hat", "new / baseline", hat)
    }

    /// As [`crate::result::Solution::share_shift`].
    pub fn share_shift(&self, exporters: &Selection, away: &Selection, toward: &Selection) -> Table {
        let shipped = self.shipped();
        let mut sector = Vec::new();
        let mut columns: [Vec<f64>; 6] = Default::default();
        for k in 0..self.model.economy.sectors {
            let (was, is) = self.compared(k, exporters, &shipped);
            if was.total() == 0.0 {
                continue;
            }
            let of = |found: &Destinations, set: &Selection| {
                share(set.positions().iter().map(|&j| found.amount[j]).sum(), found.total())
            };
            sector.push(k);
            let pairs = [(of(&was, away), of(&is, away)), (of(&was, toward), of(&is, toward))];
            for (side, (before, after)) in pairs.into_iter().enumerate() {
                columns[3 * side].push(before);
                columns[3 * side + 1].push(after);
                columns[3 * side + 2].push(100.0 * (after - before));
            }
        }
        let [away_before, away_after, away_shift, toward_before, toward_after, toward_shift] = columns;
        let rows = sector.len();
        Table::default()
            .text("commodity", self.sector_names(&sector))
            .number("away_before", "share", away_before)
            .number("away_after", "share", away_after)
            .number("away_shift", "percentage points", away_shift)
            .number("toward_before", "share", toward_before)
            .number("toward_after", "share", toward_after)
            .number("toward_shift", "percentage points", toward_shift)
            .text("basis", vec!["value at baseline prices".to_string(); rows])
    }
}
