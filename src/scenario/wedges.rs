//! The wedges that measures drive into one commodity's market.

use super::caps::Cap;
use super::ceilings::Ceiling;

/// One number a country; `None` stands for 1 everywhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Factor(Option<Box<[f64]>>);

impl Factor {
    pub fn at(&self, position: usize) -> f64 {
        self.0.as_ref().map_or(1.0, |values| values[position])
    }

    /// Whether it is 1 everywhere.
    pub fn is_one(&self) -> bool {
        self.0.is_none()
    }

    /// From one number a country.
    pub fn set(values: Vec<f64>) -> Self {
        Self(values.iter().any(|value| *value != 1.0).then(|| values.into_boxed_slice()))
    }
}

/// What a commodity's market faces, relative to its baseline; see the notation table in
/// [`crate::model`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wedges {
    /// The rows that measures touch, ascending; all others are as they were.
    pub changes: Vec<Change>,
    /// b by country.
    pub demand_shift: Factor,
    /// z by country.
    pub supply_shift: Factor,
    /// Quotas.
    pub ceilings: Vec<Ceiling>,
    /// Caps on the price at an exporter's port.
    pub caps: Vec<Cap>,
    /// The commodity's facilities, as positions in the network, and what they carry per year.
    pub capacities: Vec<(usize, f64)>,
}

/// The wedges on one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    pub row: u32,
    /// a: share of varieties left, 0 is closed.
    pub availability: f64,
    /// w: what time has done to the flow's weight among its importer's origins, 1 is nothing.
    pub weight: f64,
    /// T̂ = T/T⁰.
    pub tariff_hat: f64,
    /// x̂ = x.
    pub export_tax_power: f64,
    /// ĉ.
    pub cost_factor: f64,
    pub per_unit: PerUnit,
}

/// Amounts per unit on one row, in the flows' currency and unit of quantity.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PerUnit {
    /// Import duty, per unit that arrives.
    pub tariff: f64,
    /// Export tax, per unit shipped.
    pub export_tax: f64,
    /// Trade cost, per unit shipped; paid in the good.
    pub cost: f64,
}

/// A row as it was.
static UNCHANGED: Change = Change {
    row: 0,
    availability: 1.0,
    weight: 1.0,
    tariff_hat: 1.0,
    export_tax_power: 1.0,
    cost_factor: 1.0,
    per_unit: PerUnit { tariff: 0.0, export_tax: 0.0, cost: 0.0 },
};

impl Wedges {
    /// The wedges on a row.
    pub fn at(&self, row: usize) -> &Change {
        match self.changes.get(row) {
            // Where every row is touched a row is its own place.
            Some(change) if change.row as usize == row => change,
            _ => self.find(row),
        }
    }

    fn find(&self, row: usize) -> &Change {
        match self.changes.binary_search_by_key(&(row as u32), |change| change.row) {
            Ok(place) => &self.changes[place],
            Err(_) => &UNCHANGED,
        }
    }

    /// Whether the wedges of a row move with prices.
    pub fn moves(&self, row: usize) -> bool {
        self.at(row).moves() || self.ceilings.iter().any(|ceiling| ceiling.covers(row))
    }

    /// Every row of a market in order, with its change where it has one.
    pub fn along(&self, rows: usize) -> impl Iterator<Item = (usize, Option<&Change>)> {
        let mut changes = self.changes.iter().peekable();
        (0..rows).map(move |row| (row, changes.next_if(|change| change.row as usize == row)))
    }
}

impl Change {
    /// Whether these wedges move with prices.
    pub fn moves(&self) -> bool {
        self.per_unit != PerUnit::default()
    }

    /// The share of varieties that are there, times their weight.
    pub fn varieties(&self) -> f64 {
        self.availability * self.weight
    }

    /// That of a row, whether it has one or not.
    pub(super) fn of(row: usize, change: Option<&Self>) -> Self {
        Self { row: row as u32, ..*change.unwrap_or(&UNCHANGED) }
    }

    pub(super) fn times(self, weight: f64) -> Self {
        Self { weight: self.weight * weight, ..self }
    }

    pub(super) fn changes(&self) -> bool {
        Self { row: 0, ..*self } != UNCHANGED
    }
}
