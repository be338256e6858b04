//! How concentrated an exporter's outlets and an importer's suppliers are.
//!
//! Herfindahl–Hirschman: the sum of squared shares, from 1/n for n equal partners to 1 for a single
//! one. (Times 10,000 it is the index of competition authorities.)

use super::trade::{Both, Sales, Trade};
use crate::data::destinations::basis;
use crate::data::{Column, Table};
use crate::scenario::select::Selection;

/// What one country trades with one partner, all modes together: money and quantity, before and after.
#[derive(Debug, Clone, Copy)]
struct Pair {
    exporter: usize,
    importer: usize,
    value: Both,
    quantity: Both,
}

/// The flows of a commodity; rows are sorted, so modes of one pair stand together.
fn pairs(solution: &impl Trade, commodity: usize) -> Vec<Pair> {
    let market = solution.market(commodity);
    let Sales { money, quantity: shipped } = solution.sales(commodity);
    let mut pairs: Vec<Pair> = Vec::new();
    for row in 0..market.len() {
        let (exporter, importer) = (market.exporter[row] as usize, market.importer[row] as usize);
        let (value, quantity) = (money.of(row), shipped.of(row));
        if !(market.value[row] > 0.0 || value.0 > 0.0 || value.1 > 0.0) {
            continue;
        }
        match pairs.last_mut() {
            Some(last) if (last.exporter, last.importer) == (exporter, importer) => {
                last.value = (last.value.0 + value.0, last.value.1 + value.1);
                last.quantity = (last.quantity.0 + quantity.0, last.quantity.1 + quantity.1);
            }
            _ => pairs.push(Pair { exporter, importer, value, quantity }),
        }
    }
    pairs
}

/// Sums over the partners of one country: of amounts, and of their squares.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    total: (f64, f64),
    squares: (f64, f64),
}

impl Sums {
    fn add(&mut self, (before, after): Both) {
        self.total.0 += before;
        self.total.1 += after;
        self.squares.0 += before * before;
        self.squares.1 += after * after;
    }

    fn index(squares: f64, total: f64) -> f64 {
        if total > 0.0 { squares / (total * total) } else { f64::NAN }
    }
}

/// Rows of the table.
#[derive(Default)]
struct Rows {
    role: Vec<u32>,
    country: Vec<u32>,
    commodity: Vec<u32>,
    before: Vec<f64>,
    after: Vec<f64>,
    quantity: Vec<u32>,
}

impl Rows {
    fn push_role(&mut self, role: u32, commodity: usize, pairs: &[Pair], of: impl Fn(&Pair) -> usize, taken: &[bool]) {
        let mut known = vec![true; taken.len()];
        for pair in pairs {
            known[of(pair)] &= pair.quantity.0.is_finite();
        }
        let mut sums: Vec<Option<Sums>> = vec![None; taken.len()];
        for pair in pairs.iter().filter(|pair| taken[of(pair)]) {
            let country = of(pair);
            let amounts = if known[country] { pair.quantity } else { pair.value };
            sums[country].get_or_insert_default().add(amounts);
        }
        for (country, sums) in sums.iter().enumerate() {
            let Some(sums) = sums else { continue };
            self.role.push(role);
            self.country.push(country as u32);
            self.commodity.push(commodity as u32);
            self.before.push(Sums::index(sums.squares.0, sums.total.0));
            self.after.push(Sums::index(sums.squares.1, sums.total.1));
            self.quantity.push(known[country].into());
        }
    }
}

/// Concentration of the outlets of each exporter taken and of the suppliers of each importer
/// taken, a row a commodity traded: `role, country, commodity, before, after, change, basis`, from
/// 0 to 1.
///
/// Domestic sales count where the flows have them. Shipped quantities if every flow of the country
/// has one, else values at the exporter's border. NaN after a collapse.
pub fn concentration(solution: &impl Trade, exporters: Option<&Selection>, importers: Option<&Selection>) -> Table {
    let mut rows = Rows::default();
    for k in 0..solution.commodities() {
        let pairs = pairs(solution, k);
        if let Some(exporters) = exporters {
            rows.push_role(0, k, &pairs, |pair| pair.exporter, &exporters.taken);
        }
        if let Some(importers) = importers {
            rows.push_role(1, k, &pairs, |pair| pair.importer, &importers.taken);
        }
    }
    let names = |labels: [&str; 2]| labels.map(str::to_string).into();
    let change = rows.before.iter().zip(&rows.after).map(|(before, after)| after - before).collect();
    let label = |codes, labels| Column::Label { codes, labels };
    Table::default()
        .with("role", label(rows.role, names(["exporter", "importer"])))
        .with("country", label(rows.country, solution.country_labels()))
        .with("commodity", label(rows.commodity, solution.commodity_labels()))
        .number("before", "index 0 to 1", rows.before)
        .number("after", "index 0 to 1", rows.after)
        .number("change", "index 0 to 1", change)
        .with("basis", label(rows.quantity, [basis(false), basis(true)].into()))
}
