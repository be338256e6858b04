//! Flows before and after, and the wedges on them.

use super::GeneralSolution;
use crate::data::{Column, Table};

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
    pub(super) fn accounts(&self) -> Vec<Account> {
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

    fn unit(&self) -> String {
        self.flows_data().units.currency.clone()
    }

    /// `exporter, importer, commodity, value_before, value_after, quantity_before, quantity_after,
    /// quantity_arrived, quantity_unit`; quantities are values at baseline prices.
    pub fn flows(&self) -> Table {
        let flows = self.flows_data();
        let rows = flows.rows();
        let found = self.accounts();
        let label = |codes: &[u32], labels: &[String]| Column::Label { codes: codes.to_vec(), labels: labels.into() };
        let of = |pick: fn(&Account) -> f64| found.iter().map(pick).collect::<Vec<f64>>();
        let unit = format!("{} at baseline prices", self.unit());
        Table::default()
            .with("exporter", label(&rows.exporter, flows.countries.names()))
            .with("importer", label(&rows.importer, flows.countries.names()))
            .with("commodity", label(&rows.commodity, flows.commodities.names()))
            .number("value_before", &self.unit(), rows.value.clone())
            .number("value_after", &self.unit(), of(|one| one.value))
            .number("quantity_before", &unit, rows.value.clone())
            .number("quantity_after", &unit, of(|one| one.shipped))
            .number("quantity_arrived", &unit, of(|one| one.arrived))
            .with("quantity_unit", label(&vec![0; rows.len()], &[unit.clone()]))
    }

    /// `exporter, importer, commodity, share_of_period, availability, tariff_power, export_tax_power,
    /// cost_factor` of the flows that measures touch.
    pub fn wedges(&self) -> Table {
        let (mut exporter, mut importer, mut sector) = (Vec::new(), Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 5] = Default::default();
        for (weight, equilibrium) in self.weights().into_iter().zip(&self.equilibria) {
            for cell in &equilibrium.cells {
                exporter.push(cell.exporter as usize);
                importer.push(cell.importer as usize);
                sector.push(cell.sector as usize);
                let numbers = [weight, cell.availability, cell.tariff_power, cell.export_tax_power, cell.cost_factor];
                columns.iter_mut().zip(numbers).for_each(|(column, number)| column.push(number));
            }
        }
        let [share, availability, tariff, tax, cost] = columns;
        Table::default()
            .text("exporter", self.country_names(&exporter))
            .text("importer", self.country_names(&importer))
            .text("commodity", self.sector_names(&sector))
            .number("share_of_period", "share", share)
            .number("availability", "share", availability)
            .number("tariff_power", "1 + rate", tariff)
            .number("export_tax_power", "1 + rate", tax)
            .number("cost_factor", "new / baseline", cost)
    }

    /// Who lost every partner in a sector: `role, country, commodity, share_of_period`.
    pub fn closed(&self) -> Table {
        let flows = self.flows_data();
        let rows = flows.rows();
        let n = self.model.economy.countries;
        let (mut role, mut country, mut sector, mut share) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for opened in self.opened() {
            for (name, codes) in [("exporter", &rows.exporter), ("importer", &rows.importer)] {
                let mut before = vec![0.0; self.model.start.len()];
                let mut after = before.clone();
                for row in 0..rows.len() {
                    let (k, i, j) =
                        (rows.commodity[row] as usize, rows.exporter[row] as usize, rows.importer[row] as usize);
                    let cell = k * n + codes[row] as usize;
                    before[cell] += rows.value[row];
                    after[cell] += opened.trade.value[opened.system.economy.flow(k, j, i)];
                }
                for cell in (0..before.len()).filter(|&cell| before[cell] > 0.0 && after[cell] == 0.0) {
                    role.push(name.to_string());
                    country.push(cell % n);
                    sector.push(cell / n);
                    share.push(opened.weight);
                }
            }
        }
        Table::default()
            .text("role", role)
            .text("country", self.country_names(&country))
            .text("commodity", self.sector_names(&sector))
            .number("share_of_period", "share", share)
    }
}
