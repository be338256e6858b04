//! Who lost every partner.

use super::trade::Trade;
use crate::data::Table;

/// Rows of the table.
#[derive(Default)]
pub(crate) struct Closed {
    role: Vec<String>,
    country: Vec<usize>,
    commodity: Vec<usize>,
    share: Vec<f64>,
    unsold: Vec<f64>,
    unit: Vec<String>,
}

impl Closed {
    pub fn push(&mut self, role: &str, country: usize, commodity: usize, share: f64, (unsold, unit): (f64, String)) {
        self.role.push(role.to_string());
        self.country.push(country);
        self.commodity.push(commodity);
        self.share.push(share);
        self.unsold.push(unsold);
        self.unit.push(unit);
    }

    /// `role, country, commodity, share_of_period, unsold, unit`; `unsold` is what an exporter of fixed
    /// supply has on its hands.
    pub fn table(self, solution: &impl Trade) -> Table {
        Table::default()
            .text("role", self.role)
            .text("country", solution.country_names(&self.country))
            .text("commodity", solution.commodity_names(&self.commodity))
            .number("share_of_period", "share", self.share)
            .number("unsold", "see unit", self.unsold)
            .text("unit", self.unit)
    }
}
