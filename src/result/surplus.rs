//! Changes of surplus by country and commodity, as a table.

use serde::Deserialize;

use super::trade::Trade;
use crate::data::Table;

/// What a row of the welfare table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Country,
    Commodity,
    CountryCommodity,
}

/// Changes of surplus, in money.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Surplus {
    pub consumer: f64,
    pub producer: f64,
    pub government: f64,
    pub rent: f64,
    pub shift: f64,
}

impl Surplus {
    pub fn add(&mut self, weight: f64, other: &Self) {
        self.consumer += weight * other.consumer;
        self.producer += weight * other.producer;
        self.government += weight * other.government;
        self.rent += weight * other.rent;
        self.shift += weight * other.shift;
    }

    fn total(&self) -> f64 {
        self.consumer + self.producer + self.government + self.rent + self.shift
    }
}

/// `country` and/or `commodity, consumer, producer, government, rent, shift, total, choke, unit`, of the
/// surpluses of each commodity by country; `None` where it is not traded.
pub(crate) fn surplus_table(
    solution: &impl Trade,
    by: By,
    choke: f64,
    of_commodity: impl Fn(usize) -> Vec<Option<Surplus>>,
) -> Table {
    let mut rows: Vec<(usize, usize, Surplus)> = Vec::new();
    let mut by_country: Vec<Option<Surplus>> = vec![None; solution.countries()];
    for k in 0..solution.commodities() {
        let mut sum = Surplus::default();
        for (country, surplus) in of_commodity(k).into_iter().enumerate() {
            let Some(surplus) = surplus else { continue };
            match by {
                By::Country => by_country[country].get_or_insert_default().add(1.0, &surplus),
                By::Commodity => sum.add(1.0, &surplus),
                By::CountryCommodity => rows.push((country, k, surplus)),
            }
        }
        if by == By::Commodity {
            rows.push((0, k, sum));
        }
    }
    if by == By::Country {
        rows = by_country.into_iter().enumerate().filter_map(|(i, surplus)| Some((i, 0, surplus?))).collect();
    }
    let country: Vec<usize> = rows.iter().map(|row| row.0).collect();
    let commodity: Vec<usize> = rows.iter().map(|row| row.1).collect();
    let mut table = Table::default();
    if by != By::Commodity {
        table = table.text("country", solution.country_names(&country));
    }
    if by != By::Country {
        table = table.text("commodity", solution.commodity_names(&commodity));
    }
    let currency = solution.flows_data().units.currency.as_str();
    let column = |of: fn(&Surplus) -> f64| rows.iter().map(|row| of(&row.2)).collect();
    table
        .number("consumer", currency, column(|s| s.consumer))
        .number("producer", currency, column(|s| s.producer))
        .number("government", currency, column(|s| s.government))
        .number("rent", currency, column(|s| s.rent))
        .number("shift", currency, column(|s| s.shift))
        .number("total", currency, column(Surplus::total))
        .number("choke", "multiple of the baseline price", vec![choke; rows.len()])
        .text("unit", vec![currency.to_string(); rows.len()])
}
