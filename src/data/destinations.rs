//! Amounts by destination, and the shares they make.

use super::flows::Flows;
use super::market::Market;
use super::table::Table;

/// What some exporters sell to each importing country, in one basis.
#[derive(Debug, Clone, PartialEq)]
pub struct Destinations {
    pub traded: Vec<bool>,
    pub amount: Vec<f64>,
}

impl Destinations {
    /// Sums `amount(row)` over the rows of positive value of the exporters taken.
    pub fn of(market: &Market, countries: usize, exporters: &[bool], amount: impl Fn(usize) -> f64) -> Self {
        let mut found = Self { traded: vec![false; countries], amount: vec![0.0; countries] };
        for row in market.trading(|exporter, _| exporters[exporter]) {
            let importer = market.importer[row] as usize;
            found.traded[importer] = true;
            found.amount[importer] += amount(row);
        }
        found
    }

    pub fn total(&self) -> f64 {
        self.amount.iter().sum()
    }

    /// The countries sold to, by position.
    pub fn importers(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.traded.len()).filter(|&importer| self.traded[importer])
    }
}

/// A share; 0/0, after a collapse, is NaN.
pub fn share(part: f64, total: f64) -> f64 {
    if total > 0.0 { part / total } else { f64::NAN }
}

/// The name of a basis.
pub fn basis(quantity: bool) -> String {
    if quantity { "quantity" } else { "value" }.to_string()
}

impl Flows {
    /// Shares of the exporters' sales by destination in one period: `commodity, importer, amount,
    /// share, basis`. In quantities only if every flow of the exporters has one, else in values.
    pub fn shares(&self, exporters: &[bool], period: usize) -> Table {
        let (mut commodity, mut importer, mut bases) = (Vec::new(), Vec::new(), Vec::new());
        let (mut amount, mut shares) = (Vec::new(), Vec::new());
        for k in 0..self.commodities.len() {
            let market = self.market(period, k);
            let quantity = market.all_quantities(|i, _| exporters[i]);
            let found = Destinations::of(&market, self.countries.len(), exporters, |row| market.amount(row, quantity));
            for j in found.importers() {
                commodity.push(self.commodities.name(k).to_string());
                importer.push(self.countries.name(j).to_string());
                amount.push(found.amount[j]);
                shares.push(share(found.amount[j], found.total()));
                bases.push(basis(quantity));
            }
        }
        Table::default()
            .text("commodity", commodity)
            .text("importer", importer)
            .number("amount", "see basis", amount)
            .number("share", "share", shares)
            .text("basis", bases)
    }
}
