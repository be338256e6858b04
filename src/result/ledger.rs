//! The diversion ledger: what was lost to some importers, and where it went instead.
//!
//! Exporter's side, in shipped quantities or else money at baseline prices, never current money:
//!
//! ```text
//! lost = redirected + not_produced + mix
//! ```
//!
//! `not_produced` comes from the supply curve, Q⁰ (1 − z p̂^ε); `mix` is there where a market clears in
//! value: Σ_j (Q⁰ R_ij/R_i − q_ij) q̂_ij, 0 where amounts are money. Each term is computed on its own.
//! Importers' side: lost = Σ over other suppliers + not_imported.

use super::trade::{Both, Compared, Shipped, Trade, total};
use crate::data::Table;
use crate::error::{Error, Result};
use crate::scenario::select::Selection;

/// What a ledger is about: who sells, to whom it is lost, and what it is compared with.
pub struct Question<'a, S> {
    pub exporters: &'a Selection,
    pub importers: &'a Selection,
    /// Another solution of the same baseline; `None`: the baseline itself.
    pub against: Option<&'a S>,
}

impl<S: Trade> Question<'_, S> {
    fn check(&self, solution: &S) -> Result<()> {
        let own = solution.baseline();
        let same = |other: &S| other.baseline().flows == own.flows && other.baseline().period == own.period;
        match self.against.is_none_or(same) {
            true => Ok(()),
            false => Err(Error::Model(
                "against= is a result on other flows or another period; compare results of one baseline".to_string(),
            )),
        }
    }

    /// The solution's amounts beside the reference's.
    fn compared(&self, solution: &S, commodity: usize, quantity: bool) -> Shipped {
        let own = solution.shipped(commodity, self.exporters, quantity);
        let Some(reference) = self.against else { return own };
        let other = reference.shipped(commodity, self.exporters, quantity);
        Shipped {
            rows: Compared { before: other.rows.after, after: own.rows.after },
            not_produced: own.not_produced - other.not_produced,
            mix: own.mix - other.mix,
        }
    }

    /// In quantities only if every flow of the exporters has one.
    fn exporters_side(&self, solution: &S, commodity: usize) -> (Shipped, String) {
        let quantity = solution.in_quantities(commodity, |i, _| self.exporters.taken[i]);
        (self.compared(solution, commodity, quantity), solution.unit(commodity, quantity))
    }
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

    fn table(self, solution: &impl Trade, partner: &'static str) -> Table {
        Table::default()
            .text("commodity", solution.commodity_names(&self.commodity))
            .text("entry", self.entry)
            .text(partner, self.partner)
            .number("amount", "see unit", self.amount)
            .text("unit", self.unit)
    }
}

/// The partners there are, with how much more was traded with each.
fn changes(partners: Vec<Option<Both>>) -> impl Iterator<Item = (usize, f64)> {
    partners.into_iter().enumerate().filter_map(|(place, amounts)| amounts.map(|both| (place, both.1 - both.0)))
}

/// The exporters' ledger in one line a commodity: `commodity, lost, redirected, not_produced, mix,
/// redirected_fraction, unit`. The fraction is NaN where nothing is lost.
///
/// # Errors
/// [`Error::Model`] where `against` stands on another baseline.
pub fn diversion<S: Trade>(solution: &S, question: &Question<S>) -> Result<Table> {
    question.check(solution)?;
    let (mut commodity, mut units) = (Vec::new(), Vec::new());
    let mut columns: [Vec<f64>; 5] = Default::default();
    for k in 0..solution.commodities() {
        let (found, unit) = question.exporters_side(solution, k);
        let sold = found.rows.by_importer(&solution.market(k), question.exporters);
        if sold.iter().all(Option::is_none) {
            continue;
        }
        let (mut lost, mut redirected) = (0.0, 0.0);
        for (j, change) in changes(sold) {
            match question.importers.taken[j] {
                true => lost -= change,
                false => redirected += change,
            }
        }
        commodity.push(k);
        units.push(unit);
        let fraction = if lost > 0.0 { redirected / lost } else { f64::NAN };
        let values = [lost, redirected, found.not_produced, found.mix, fraction];
        columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
    }
    let [lost, redirected, not_produced, mix, fraction] = columns;
    Ok(Table::default()
        .text("commodity", solution.commodity_names(&commodity))
        .number("lost", "see unit", lost)
        .number("redirected", "see unit", redirected)
        .number("not_produced", "see unit", not_produced)
        .number("mix", "see unit", mix)
        .number("redirected_fraction", "share", fraction)
        .text("unit", units))
}

/// The exporters' ledger by destination: `commodity, entry, importer, amount, unit` with the entries
/// `lost` (an importer asked about), `redirected` (another importer), `not_produced` and `mix`; lost adds
/// up to the sum of the rest.
///
/// # Errors
/// As [`diversion`].
pub fn diversion_by_destination<S: Trade>(solution: &S, question: &Question<S>) -> Result<Table> {
    question.check(solution)?;
    let mut entries = Entries::default();
    for k in 0..solution.commodities() {
        let (found, unit) = question.exporters_side(solution, k);
        let sold = found.rows.by_importer(&solution.market(k), question.exporters);
        if sold.iter().all(Option::is_none) {
            continue;
        }
        for (j, change) in changes(sold) {
            let name = solution.flows_data().countries.name(j);
            match question.importers.taken[j] {
                true => entries.push(k, "lost", name, -change, &unit),
                false => entries.push(k, "redirected", name, change, &unit),
            }
        }
        entries.push(k, "not_produced", "", found.not_produced, &unit);
        entries.push(k, "mix", "", found.mix, &unit);
    }
    Ok(entries.table(solution, "importer"))
}

/// The importers' ledger by supplier: `commodity, entry, supplier, amount, unit` with the entries `lost`
/// (from an exporter asked about), `replaced` (more from another supplier) and `not_imported`; lost adds
/// up to the sum of the rest. Domestic output is counted only where the flows have it.
///
/// # Errors
/// As [`diversion`].
pub fn diversion_by_supplier<S: Trade>(solution: &S, question: &Question<S>) -> Result<Table> {
    question.check(solution)?;
    let mut entries = Entries::default();
    for k in 0..solution.commodities() {
        let quantity = solution.in_quantities(k, |_, j| question.importers.taken[j]);
        let unit = solution.unit(k, quantity);
        let found = question.compared(solution, k, quantity);
        let bought = found.rows.by_exporter(&solution.market(k), question.importers);
        if bought.iter().all(Option::is_none) {
            continue;
        }
        let (before, after) = total(&bought);
        for (i, change) in changes(bought) {
            let name = solution.flows_data().countries.name(i);
            match question.exporters.taken[i] {
                true => entries.push(k, "lost", name, -change, &unit),
                false => entries.push(k, "replaced", name, change, &unit),
            }
        }
        entries.push(k, "not_imported", "", before - after, &unit);
    }
    Ok(entries.table(solution, "supplier"))
}
