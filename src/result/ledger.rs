//! The diversion ledger: what was lost to some importers, and where it went instead.
//!
//! Exporter's side, in shipped quantities or else money at baseline prices, never current money:
//!
//! ```text
//! lost = redirected + not_produced + mix
//! ```
//!
//! `not_produced` comes from the supply curve, Q⁰ (1 − z p̂^ε); `mix` is there because the market
//! clears in value: Σ_j (Q⁰ R_ij/R_i − q_ij) q̂_ij, 0 where amounts are money. Each term is computed
//! on its own. Importers' side: lost = Σ over other suppliers + not_imported.

use super::solution::{Episode, Solution};
use crate::data::{Market, Table};
use crate::error::{Error, Result};
use crate::scenario::select::Selection;

/// Amounts before and after of one commodity, by row, and the supply side by exporter.
pub(super) struct Amounts {
    pub quantity: bool,
    pub before: Vec<f64>,
    pub after: Vec<f64>,
    pub not_produced: f64,
    pub mix: f64,
}

impl Amounts {
    pub fn of(solution: &Solution, commodity: usize, exporters: &Selection, quantity: bool) -> Self {
        let market = solution.market(commodity);
        let before: Vec<f64> = (0..market.len())
            .map(|row| if market.value[row] > 0.0 { market.amount(row, quantity) } else { 0.0 })
            .collect();
        let mut found = Self { quantity, after: vec![0.0; before.len()], before, not_produced: 0.0, mix: 0.0 };
        for episode in solution.episodes(commodity) {
            let shipped: Vec<f64> = episode.accounts(solution, commodity).iter().map(|a| a.shipped_hat).collect();
            for (row, hat) in shipped.iter().enumerate() {
                found.after[row] += episode.weight * found.before[row] * hat;
            }
            for exporter in exporters.positions() {
                let (not_produced, mix) = found.supply_side(&market, exporter, &episode, &shipped);
                found.not_produced += episode.weight * not_produced;
                found.mix += episode.weight * mix;
            }
        }
        found
    }

    /// What the supply curve says is not produced, and what composition adds, in one episode.
    fn supply_side(&self, market: &Market, exporter: usize, episode: &Episode, shipped: &[f64]) -> (f64, f64) {
        let rows = market.rows_of(exporter);
        let supplied: f64 = self.before[rows.clone()].iter().sum();
        let received: f64 = market.value[rows.clone()].iter().sum();
        let hat = episode.equilibrium.supply_hat[exporter];
        if received == 0.0 {
            return (0.0, 0.0);
        }
        if hat.is_nan() {
            return (supplied - rows.map(|row| self.before[row] * shipped[row]).sum::<f64>(), 0.0);
        }
        let composition = |row: usize| (supplied * market.value[row] / received - self.before[row]) * shipped[row];
        let mix = if self.quantity { rows.map(composition).sum() } else { 0.0 };
        (supplied * (1.0 - hat), mix)
    }
}

/// What a ledger is about: who sells, to whom it is lost, and what it is compared with.
pub struct Question<'a> {
    pub exporters: &'a Selection,
    pub importers: &'a Selection,
    /// Another solution of the same baseline; `None`: the baseline itself.
    pub against: Option<&'a Solution>,
}

/// Rows of a detailed ledger.
#[derive(Default)]
struct Entries {
    commodity: Vec<usize>,
    entry: Vec<String>,
    partner: Vec<String>,
    amount: Vec<f64>,
    unit: Vec<String>,
}

impl Entries {
    fn push(&mut self, commodity: usize, entry: &str, partner: &str, amount: f64, unit: &str) {
        self.commodity.push(commodity);
        self.entry.push(entry.to_string());
        self.partner.push(partner.to_string());
        self.amount.push(amount);
        self.unit.push(unit.to_string());
    }

    fn table(self, solution: &Solution, partner: &'static str) -> Table {
        Table::default()
            .text("commodity", solution.commodity_names(&self.commodity))
            .text("entry", self.entry)
            .text(partner, self.partner)
            .number("amount", "see unit", self.amount)
            .text("unit", self.unit)
    }
}

impl Solution {
    fn comparable(&self, question: &Question) -> Result<()> {
        match question.against {
            Some(other)
                if other.model.baseline.flows != self.model.baseline.flows
                    || other.model.baseline.period != self.model.baseline.period =>
            {
                Err(Error::Model(
                    "against= is a result on other flows or another period; compare results of one baseline"
                        .to_string(),
                ))
            }
            _ => Ok(()),
        }
    }

    /// This solution's amounts minus the reference's: rows as (before, after).
    fn compared(&self, commodity: usize, question: &Question, quantity: bool) -> Amounts {
        let own = Amounts::of(self, commodity, question.exporters, quantity);
        match question.against {
            None => own,
            Some(reference) => {
                let other = Amounts::of(reference, commodity, question.exporters, quantity);
                Amounts {
                    before: other.after,
                    not_produced: own.not_produced - other.not_produced,
                    mix: own.mix - other.mix,
                    ..own
                }
            }
        }
    }

    fn exporter_side(&self, commodity: usize, question: &Question) -> Amounts {
        let quantity = self.market(commodity).all_quantities(|i, _| question.exporters.taken[i]);
        self.compared(commodity, question, quantity)
    }

    /// The exporters' ledger in one line a commodity: `commodity, lost, redirected, not_produced, mix,
    /// redirected_fraction, unit`. The fraction is NaN where nothing is lost.
    ///
    /// # Errors
    /// [`Error::Model`] where `against` stands on another baseline.
    pub fn diversion(&self, question: &Question) -> Result<Table> {
        self.comparable(question)?;
        let (mut commodity, mut unit) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 5] = Default::default();
        for k in 0..self.compiled.markets.len() {
            let market = self.market(k);
            let sells = (0..market.len())
                .any(|row| market.value[row] > 0.0 && question.exporters.taken[market.exporter[row] as usize]);
            if !sells {
                continue;
            }
            let found = self.exporter_side(k, question);
            let (mut lost, mut redirected) = (0.0, 0.0);
            for row in (0..market.len()).filter(|&row| question.exporters.taken[market.exporter[row] as usize]) {
                let change = found.after[row] - found.before[row];
                match question.importers.taken[market.importer[row] as usize] {
                    true => lost -= change,
                    false => redirected += change,
                }
            }
            commodity.push(k);
            unit.push(self.flows_data().units.amount(k, found.quantity));
            let fraction = if lost > 0.0 { redirected / lost } else { f64::NAN };
            for (column, value) in columns.iter_mut().zip([lost, redirected, found.not_produced, found.mix, fraction]) {
                column.push(value);
            }
        }
        let [lost, redirected, not_produced, mix, fraction] = columns;
        Ok(Table::default()
            .text("commodity", self.commodity_names(&commodity))
            .number("lost", "see unit", lost)
            .number("redirected", "see unit", redirected)
            .number("not_produced", "see unit", not_produced)
            .number("mix", "see unit", mix)
            .number("redirected_fraction", "share", fraction)
            .text("unit", unit))
    }

    /// The exporters' ledger by destination: `commodity, entry, importer, amount, unit` with the
    /// entries `lost` (an importer asked about), `redirected` (another importer), `not_produced` and
    /// `mix`; lost adds up to the sum of the rest.
    pub fn diversion_by_destination(&self, question: &Question) -> Result<Table> {
        self.comparable(question)?;
        let mut entries = Entries::default();
        for k in 0..self.compiled.markets.len() {
            let market = self.market(k);
            let found = self.exporter_side(k, question);
            let unit = self.flows_data().units.amount(k, found.quantity);
            let mut change = vec![None; self.model.baseline.countries()];
            for row in 0..market.len() {
                if question.exporters.taken[market.exporter[row] as usize] && market.value[row] > 0.0 {
                    *change[market.importer[row] as usize].get_or_insert(0.0) += found.after[row] - found.before[row];
                }
            }
            if change.iter().all(Option::is_none) {
                continue;
            }
            for (j, change) in change.iter().enumerate() {
                let name = self.flows_data().countries.name(j);
                match change {
                    Some(change) if question.importers.taken[j] => entries.push(k, "lost", name, -change, &unit),
                    Some(change) => entries.push(k, "redirected", name, *change, &unit),
                    None => {}
                }
            }
            entries.push(k, "not_produced", "", found.not_produced, &unit);
            entries.push(k, "mix", "", found.mix, &unit);
        }
        Ok(entries.table(self, "importer"))
    }

    /// The importers' ledger by supplier: `commodity, entry, supplier, amount, unit` with the entries
    /// `lost` (from an exporter asked about), `replaced` (more from another supplier) and
    /// `not_imported`; lost adds up to the sum of the rest. Domestic output is counted only where the
    /// flows have it.
    pub fn diversion_by_supplier(&self, question: &Question) -> Result<Table> {
        self.comparable(question)?;
        let mut entries = Entries::default();
        for k in 0..self.compiled.markets.len() {
            let market = self.market(k);
            let quantity = market.all_quantities(|_, j| question.importers.taken[j]);
            let found = self.compared(k, question, quantity);
            let unit = self.flows_data().units.amount(k, quantity);
            let mut change = vec![None; self.model.baseline.countries()];
            for row in 0..market.len() {
                if question.importers.taken[market.importer[row] as usize] && market.value[row] > 0.0 {
                    *change[market.exporter[row] as usize].get_or_insert(0.0) += found.after[row] - found.before[row];
                }
            }
            if change.iter().all(Option::is_none) {
                continue;
            }
            for (i, change) in change.iter().enumerate() {
                let name = self.flows_data().countries.name(i);
                match change {
                    Some(change) if question.exporters.taken[i] => entries.push(k, "lost", name, -change, &unit),
                    Some(change) => entries.push(k, "replaced", name, *change, &unit),
                    None => {}
                }
            }
            let bought = |amounts: &[f64]| -> f64 {
                (0..market.len())
                    .filter(|&row| question.importers.taken[market.importer[row] as usize])
                    .map(|row| amounts[row])
                    .sum()
            };
            entries.push(k, "not_imported", "", bought(&found.before) - bought(&found.after), &unit);
        }
        Ok(entries.table(self, "supplier"))
    }
}
