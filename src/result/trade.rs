//! What the questions about trade need to know of a solution, whatever the model.

use std::sync::Arc;

use crate::data::{Baseline, Flows, Market};
use crate::error::{Error, Result};
use crate::scenario::select::{Context, Selection};
use crate::scenario::{Compiled, Groups, Selector};

/// Amounts by row of a commodity's market.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    pub before: Vec<f64>,
    pub after: Vec<f64>,
}

/// What was sold, by row of a commodity's market.
#[derive(Debug, Clone, PartialEq)]
pub struct Sales {
    /// Values at the exporter's border.
    pub money: Compared,
    /// Quantities shipped; NaN where they are not known.
    pub quantity: Compared,
}

/// Before and after.
pub type Both = (f64, f64);

impl Compared {
    /// Before and after of one row.
    pub fn of(&self, row: usize) -> Both {
        (self.before[row], self.after[row])
    }

    /// Sums over the rows that `key` places, by place; `None` where there never was nor is anything.
    pub fn sums(
        &self,
        market: &Market,
        places: usize,
        key: impl Fn(usize, usize) -> Option<usize>,
    ) -> Vec<Option<Both>> {
        let mut found: Vec<Option<Both>> = vec![None; places];
        for row in 0..market.len() {
            let place = key(market.exporter[row] as usize, market.importer[row] as usize);
            let (before, after) = self.of(row);
            if let Some(place) = place.filter(|_| market.value[row] > 0.0 || before > 0.0 || after > 0.0) {
                let sum = found[place].get_or_insert((0.0, 0.0));
                *sum = (sum.0 + before, sum.1 + after);
            }
        }
        found
    }

    /// What the exporters taken sell, by importer.
    pub fn by_importer(&self, market: &Market, exporters: &Selection) -> Vec<Option<Both>> {
        self.sums(market, exporters.taken.len(), |i, j| exporters.taken[i].then_some(j))
    }

    /// What the importers taken buy, by exporter.
    pub fn by_exporter(&self, market: &Market, importers: &Selection) -> Vec<Option<Both>> {
        self.sums(market, importers.taken.len(), |i, j| importers.taken[j].then_some(i))
    }
}

/// The sum of all there are.
pub fn total<'a>(amounts: impl IntoIterator<Item = &'a Option<Both>>) -> Both {
    amounts.into_iter().flatten().fold((0.0, 0.0), |sum, amount| (sum.0 + amount.0, sum.1 + amount.1))
}

/// Amounts shipped, and what the supply curves of the exporters asked about say.
#[derive(Debug, Clone, PartialEq)]
pub struct Shipped {
    pub rows: Compared,
    /// Before less after, from the supply curves.
    pub not_produced: f64,
    /// Σ_j (Q⁰ R_ij/R_i − q_ij) q̂_ij; 0 where amounts are money, and where markets clear in quantities.
    pub mix: f64,
}

/// A solution of any model: whatever says this can be asked for shares, destinations, ledgers and
/// concentration.
pub trait Trade {
    fn baseline(&self) -> &Baseline;

    fn compiled(&self) -> &Compiled;

    /// Whether the flows taken (by exporter and importer) are counted in quantities, else in money.
    fn in_quantities(&self, commodity: usize, taken: impl Fn(usize, usize) -> bool) -> bool {
        self.market(commodity).all_quantities(taken)
    }

    /// Sales at annual rates.
    fn sales(&self, commodity: usize) -> Sales;

    /// Amounts shipped at annual rates: quantities, else money at baseline prices.
    fn shipped(&self, commodity: usize, exporters: &Selection, quantity: bool) -> Shipped;

    fn flows_data(&self) -> &Flows {
        &self.baseline().flows
    }

    fn market(&self, commodity: usize) -> Market<'_> {
        self.baseline().market(commodity)
    }

    fn commodities(&self) -> usize {
        self.baseline().commodities()
    }

    fn countries(&self) -> usize {
        self.baseline().countries()
    }

    fn commodity_labels(&self) -> Arc<[String]> {
        self.flows_data().commodities.names().into()
    }

    fn country_labels(&self) -> Arc<[String]> {
        self.flows_data().countries.names().into()
    }

    /// A column of commodity names, as text.
    fn commodity_names(&self, codes: &[usize]) -> Vec<String> {
        codes.iter().map(|&k| self.flows_data().commodities.name(k).to_string()).collect()
    }

    fn country_names(&self, codes: &[usize]) -> Vec<String> {
        codes.iter().map(|&i| self.flows_data().countries.name(i).to_string()).collect()
    }

    /// The name of what amounts are counted in.
    fn unit(&self, commodity: usize, quantity: bool) -> String {
        self.flows_data().units.amount(commodity, quantity)
    }

    /// Countries meant by a question; groups count as of the baseline period's last day.
    ///
    /// # Errors
    /// [`Error::Scenario`]: an unknown country.
    fn select(&self, selector: &Selector, groups: &Groups) -> Result<Selection> {
        let day = self.baseline().period.last_day();
        Context { labels: &self.flows_data().countries, kind: "country", groups: Some((groups, day)) }.resolve(selector)
    }
}

/// Countries whose price is the world's: every other one, or those named.
///
/// # Errors
/// [`Error::Model`]: the reference is the exporter itself.
pub fn refers<'a>(exporters: &'a Selection, reference: Option<&'a Selection>) -> Result<impl Fn(usize) -> bool + 'a> {
    if reference.is_some_and(|other| other.positions().iter().all(|&i| exporters.taken[i])) {
        return Err(Error::Model(
            "reference= is the exporter itself; name other exporters, or leave it out for all others".to_string(),
        ));
    }
    Ok(move |i: usize| !exporters.taken[i] && reference.is_none_or(|named| named.taken[i]))
}
