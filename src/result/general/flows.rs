//! Flows before and after, and the wedges on them.

use super::GeneralSolution;
use crate::data::{Column, Table};
use crate::result::closed::Closed;
use crate::result::keys::Keys;
use crate::result::trade::Trade;

/// One flow's account at annual rates.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Account {
    /// V' at the exporter's border.
    pub value: f64,
    /// At baseline prices.
    pub shipped: f64,
    pub arrived: f64,
}

impl GeneralSolution {
    /// The accounts of every row of the baseline's flows, weighted by days.
    pub(super) fn accounts(&self) -> &[Account] {
        self.accounts.get_or_init(|| self.mean_accounts())
    }

    fn mean_accounts(&self) -> Vec<Account> {
        let rows = self.flows_data().rows();
        let mut mean = vec![Account::default(); rows.len()];
        for opened in self.opened() {
            let economy = opened.system.economy;
            // ln of what stands between the producer's and the border's price, and iceberg loss.
            let mut tax = std::collections::HashMap::new();
            for cell in &opened.equilibrium.cells {
                let flow = economy.flow(cell.sector as usize, cell.importer as usize, cell.exporter as usize);
                tax.insert(flow, (cell.export_tax_power, cell.cost_factor));
            }
            for (row, sum) in mean.iter_mut().enumerate() {
                let (k, i, n) =
                    (rows.commodity[row] as usize, rows.exporter[row] as usize, rows.importer[row] as usize);
                let flow = economy.flow(k, n, i);
                let value = opened.trade.value[flow];
                if value > 0.0 {
                    let (power, cost) = tax.get(&flow).copied().unwrap_or((1.0, 1.0));
                    let shipped = value / (power * opened.state.cost[k * economy.countries + i].exp());
                    sum.value += opened.weight * value;
                    sum.shipped += opened.weight * shipped;
                    sum.arrived += opened.weight * shipped / cost;
                }
            }
        }
        mean
    }

    /// `exporter, importer, commodity, value_before, value_after, quantity_before, quantity_after,
    /// quantity_arrived, quantity_unit`; quantities are values at baseline prices.
    pub fn flows(&self) -> Table {
        let found = self.accounts();
        let mut keys = Keys::new(self);
        for sector in 0..self.commodities() {
            (0..self.market(sector).len()).for_each(|row| keys.push(sector, row));
        }
        let of = |pick: fn(&Account) -> f64| found.iter().map(pick).collect::<Vec<f64>>();
        let before = &self.flows_data().rows().value;
        let (currency, unit) = (&self.flows_data().units.currency, self.unit(0, false));
        keys.table()
            .number("value_before", currency, before.clone())
            .number("value_after", currency, of(|one| one.value))
            .number("quantity_before", &unit, before.clone())
            .number("quantity_after", &unit, of(|one| one.shipped))
            .number("quantity_arrived", &unit, of(|one| one.arrived))
            .with("quantity_unit", Column::Label { codes: vec![0; before.len()], labels: [unit.clone()].into() })
    }

    /// `exporter, importer, commodity, share_of_period, availability, tariff_power, export_tax_power,
    /// cost_factor` of the flows that measures touch.
    pub fn wedges(&self) -> Table {
        let mut keys = Keys::new(self);
        let mut columns: [Vec<f64>; 5] = Default::default();
        for sector in 0..self.commodities() {
            let market = self.market(sector);
            for (weight, wedges) in self.compiled.weighted(sector) {
                for change in &wedges.changes {
                    let row = change.row as usize;
                    keys.push(sector, row);
                    let tariff = change.tariff_hat * market.tariff_power(row);
                    let numbers = [weight, change.availability, tariff, change.export_tax_power, change.cost_factor];
                    columns.iter_mut().zip(numbers).for_each(|(column, number)| column.push(number));
                }
            }
        }
        let [share, availability, tariff, tax, cost] = columns;
        keys.table()
            .number("share_of_period", "share", share)
            .number("availability", "share", availability)
            .number("tariff_power", "1 + rate", tariff)
            .number("export_tax_power", "1 + rate", tax)
            .number("cost_factor", "new / baseline", cost)
    }

    /// Who lost every partner in a sector: `role, country, commodity, share_of_period, unsold, unit`.
    pub fn closed(&self) -> Table {
        let n = self.countries();
        let mut found = Closed::default();
        for opened in self.opened() {
            for sector in 0..self.commodities() {
                let market = self.market(sector);
                for (role, codes) in [("exporter", market.exporter), ("importer", market.importer)] {
                    let (mut before, mut after) = (vec![0.0; n], vec![0.0; n]);
                    for row in 0..market.len() {
                        let (i, j) = (market.exporter[row] as usize, market.importer[row] as usize);
                        before[codes[row] as usize] += market.value[row];
                        after[codes[row] as usize] += opened.trade.value[opened.system.economy.flow(sector, j, i)];
                    }
                    for country in (0..n).filter(|&i| before[i] > 0.0 && after[i] == 0.0) {
                        found.push(role, country, sector, opened.weight, (f64::NAN, self.unit(sector, false)));
                    }
                }
            }
        }
        found.table(self)
    }
}
