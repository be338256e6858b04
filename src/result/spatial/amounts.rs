//! Where goods go: shares, destinations, the diversion ledger, concentration; all in shipped quantities.

use super::SpatialSolution;
use crate::data::destinations::{basis, share};
use crate::data::{Column, Table};
use crate::error::{Error, Result};
use crate::scenario::select::Selection;

/// What a ledger is about: who sells, to whom it is lost, and what it is compared with.
pub struct Question<'a> {
    pub exporters: &'a Selection,
    pub importers: &'a Selection,
    /// Another solution of the same baseline; `None`: the baseline itself.
    pub against: Option<&'a SpatialSolution>,
}

/// Quantities before and after by exporter and importer, modes together, of one commodity.
struct Amounts {
    countries: usize,
    before: Vec<f64>,
    after: Vec<f64>,
}

impl Amounts {
    fn of(solution: &SpatialSolution, commodity: usize, against: Option<&SpatialSolution>) -> Self {
        let (market, countries) = (solution.market(commodity), solution.countries());
        let by_pair = |amount: &dyn Fn(usize) -> f64| {
            let mut sums = vec![0.0; countries * countries];
            for row in 0..market.len() {
                sums[market.exporter[row] as usize * countries + market.importer[row] as usize] += amount(row);
            }
            sums
        };
        let after = solution.accounts_after(commodity);
        let before = match against {
            Some(other) => other.accounts_after(commodity),
            None => solution.accounts_before(commodity),
        };
        Self { countries, before: by_pair(&|row| before[row].flow), after: by_pair(&|row| after[row].flow) }
    }

    /// Before and after of one importer from some exporters; `None` where there is no flow.
    fn to(&self, exporters: &Selection, importer: usize) -> Option<(f64, f64)> {
        self.sum(exporters.positions().into_iter().map(|i| i * self.countries + importer))
    }

    fn from(&self, exporter: usize, importers: &Selection) -> Option<(f64, f64)> {
        self.sum(importers.positions().into_iter().map(|j| exporter * self.countries + j))
    }

    fn sum(&self, cells: impl Iterator<Item = usize>) -> Option<(f64, f64)> {
        let sums = cells.fold((0.0, 0.0), |sums, at| (sums.0 + self.before[at], sums.1 + self.after[at]));
        (sums.0 > 0.0 || sums.1 > 0.0).then_some(sums)
    }

    fn totals(&self, exporters: &Selection) -> (f64, f64) {
        let all = (0..self.countries).filter_map(|j| self.to(exporters, j));
        all.fold((0.0, 0.0), |sums, amounts| (sums.0 + amounts.0, sums.1 + amounts.1))
    }
}

impl SpatialSolution {
    /// Shares of the exporters' sales by destination: `commodity, importer, before, after, shift,
    /// total_hat, basis`; shares 0–1, shift in percentage points.
    pub fn shares(&self, exporters: &Selection) -> Table {
        let (mut commodity, mut importer) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 4] = Default::default();
        for k in 0..self.commodities() {
            let amounts = Amounts::of(self, k, None);
            let totals = amounts.totals(exporters);
            for j in 0..self.countries() {
                let Some(found) = amounts.to(exporters, j) else { continue };
                commodity.push(k);
                importer.push(j);
                let (before, after) = (share(found.0, totals.0), share(found.1, totals.1));
                let values = [before, after, 100.0 * (after - before), totals.1 / totals.0];
                columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            }
        }
        let [before, after, shift, hat] = columns;
        let bases = vec![basis(true); commodity.len()];
        Table::default()
            .text("commodity", self.commodity_names(&commodity))
            .text("importer", self.country_names(&importer))
            .number("before", "share", before)
            .number("after", "share", after)
            .number("shift", "percentage points", shift)
            .number("total_hat", "new / baseline", hat)
            .text("basis", bases)
    }

    /// The headline: `commodity, away_before, away_after, away_shift, toward_before, toward_after,
    /// toward_shift, basis`; a row for each commodity that the exporters sell.
    pub fn share_shift(&self, exporters: &Selection, away: &Selection, toward: &Selection) -> Table {
        let mut commodity = Vec::new();
        let mut columns: [Vec<f64>; 6] = Default::default();
        for k in 0..self.commodities() {
            let amounts = Amounts::of(self, k, None);
            let totals = amounts.totals(exporters);
            if totals.0 == 0.0 {
                continue;
            }
            let shares = |set: &Selection| {
                let of = set.positions().into_iter().filter_map(|j| amounts.to(exporters, j));
                let sums = of.fold((0.0, 0.0), |sums, found| (sums.0 + found.0, sums.1 + found.1));
                (share(sums.0, totals.0), share(sums.1, totals.1))
            };
            let (from, to) = (shares(away), shares(toward));
            commodity.push(k);
            let values = [from.0, from.1, 100.0 * (from.1 - from.0), to.0, to.1, 100.0 * (to.1 - to.0)];
            columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        }
        let [away_before, away_after, away_shift, toward_before, toward_after, toward_shift] = columns;
        let bases = vec![basis(true); commodity.len()];
        Table::default()
            .text("commodity", self.commodity_names(&commodity))
            .number("away_before", "share", away_before)
            .number("away_after", "share", away_after)
            .number("away_shift", "percentage points", away_shift)
            .number("toward_before", "share", toward_before)
            .number("toward_after", "share", toward_after)
            .number("toward_shift", "percentage points", toward_shift)
            .text("basis", bases)
    }

    /// To whom the exporters sell: `commodity, entry, importer, before, after, unit`, in money at baseline
    /// producer prices; what is not produced completes the sum.
    pub fn destinations(&self, exporters: &Selection) -> Table {
        let (mut commodity, mut entry, mut importer) = (Vec::new(), Vec::new(), Vec::new());
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for k in 0..self.commodities() {
            let mut amounts = Amounts::of(self, k, None);
            let prices = &self.model.markets[k].producer_price;
            for (at, price) in (0..amounts.before.len()).map(|at| (at, prices[at / amounts.countries])) {
                let price = if price.is_finite() { price } else { 0.0 };
                amounts.before[at] *= price;
                amounts.after[at] *= price;
            }
            let totals = amounts.totals(exporters);
            let sold = (0..self.countries())
                .filter_map(|j| Some(("sold", self.flows_data().countries.name(j), amounts.to(exporters, j)?)));
            let rest = (totals.0 > 0.0).then_some(("not_produced", "", (0.0, totals.0 - totals.1)));
            for (name, partner, found) in sold.chain(rest) {
                commodity.push(k);
                entry.push(name.to_string());
                importer.push(partner.to_string());
                before.push(found.0);
                after.push(found.1);
            }
        }
        let unit = self.flows_data().units.amount(0, false);
        let units = vec![unit.clone(); commodity.len()];
        Table::default()
            .text("commodity", self.commodity_names(&commodity))
            .text("entry", entry)
            .text("importer", importer)
            .number("before", &unit, before)
            .number("after", &unit, after)
            .text("unit", units)
    }

    fn comparable(&self, question: &Question) -> Result<()> {
        let same = |other: &SpatialSolution| {
            other.model.baseline.flows == self.model.baseline.flows
                && other.model.baseline.period == self.model.baseline.period
        };
        match question.against.is_none_or(same) {
            true => Ok(()),
            false => Err(Error::Model(
                "against= is a result on other flows or another period; compare results of one baseline".to_string(),
            )),
        }
    }

    /// What the exporters' supply curves say is produced, at annual rates.
    fn produced(&self, commodity: usize, exporters: &Selection) -> f64 {
        let market = &self.model.markets[commodity];
        let mut produced = 0.0;
        for episode in self.episodes(commodity) {
            let (problem, point) = (&episode.equilibrium.problem, &episode.equilibrium.point);
            let supplied = problem.supplied(&point.flow);
            for (place, node) in problem.supply.iter().enumerate().filter(|(_, node)| exporters.taken[node.country]) {
                // A fixed price or quantity does not say; then it is what is shipped.
                let curve = market.supply[node.country].map(|_| node.curve);
                let says = curve.filter(|curve| curve.fixed_quantity().is_none());
                let quantity = says.and_then(|curve| curve.quantity(point.producer_price[place]));
                produced += episode.weight * quantity.unwrap_or(supplied[place]);
            }
        }
        produced
    }

    /// The exporters' ledger in one line a commodity: `commodity, lost, redirected, not_produced, mix,
    /// redirected_fraction, unit`. `not_produced` comes from the supply curves; `mix` is 0.
    ///
    /// # Errors
    /// [`Error::Model`] where `against` stands on another baseline.
    pub fn diversion(&self, question: &Question) -> Result<Table> {
        self.comparable(question)?;
        let (mut commodity, mut unit) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 5] = Default::default();
        for k in 0..self.commodities() {
            let amounts = Amounts::of(self, k, question.against);
            let totals = amounts.totals(question.exporters);
            if totals.0 == 0.0 {
                continue;
            }
            let (mut lost, mut redirected) = (0.0, 0.0);
            for (j, found) in (0..self.countries()).filter_map(|j| Some((j, amounts.to(question.exporters, j)?))) {
                match question.importers.taken[j] {
                    true => lost -= found.1 - found.0,
                    false => redirected += found.1 - found.0,
                }
            }
            let before = question.against.map_or(totals.0, |other| other.produced(k, question.exporters));
            let not_produced = before - self.produced(k, question.exporters);
            commodity.push(k);
            unit.push(self.unit(k));
            let fraction = if lost > 0.0 { redirected / lost } else { f64::NAN };
            let values = [lost, redirected, not_produced, 0.0, fraction];
            columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
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

    /// The exporters' ledger by destination: `commodity, entry, importer, amount, unit`.
    pub fn diversion_by_destination(&self, question: &Question) -> Result<Table> {
        self.comparable(question)?;
        let mut entries = Entries::default();
        for k in 0..self.commodities() {
            let amounts = Amounts::of(self, k, question.against);
            let totals = amounts.totals(question.exporters);
            for (j, found) in (0..self.countries()).filter_map(|j| Some((j, amounts.to(question.exporters, j)?))) {
                let name = self.flows_data().countries.name(j);
                match question.importers.taken[j] {
                    true => entries.push(self, k, "lost", name, found.0 - found.1),
                    false => entries.push(self, k, "redirected", name, found.1 - found.0),
                }
            }
            if totals.0 > 0.0 || totals.1 > 0.0 {
                let before = question.against.map_or(totals.0, |other| other.produced(k, question.exporters));
                entries.push(self, k, "not_produced", "", before - self.produced(k, question.exporters));
                entries.push(self, k, "mix", "", 0.0);
            }
        }
        Ok(entries.table(self, "importer"))
    }

    /// The importers' ledger by supplier: `commodity, entry, supplier, amount, unit`.
    pub fn diversion_by_supplier(&self, question: &Question) -> Result<Table> {
        self.comparable(question)?;
        let mut entries = Entries::default();
        for k in 0..self.commodities() {
            let amounts = Amounts::of(self, k, question.against);
            let mut imported = None;
            for (i, found) in (0..self.countries()).filter_map(|i| Some((i, amounts.from(i, question.importers)?))) {
                let name = self.flows_data().countries.name(i);
                *imported.get_or_insert(0.0) += found.0 - found.1;
                match question.exporters.taken[i] {
                    true => entries.push(self, k, "lost", name, found.0 - found.1),
                    false => entries.push(self, k, "replaced", name, found.1 - found.0),
                }
            }
            imported.into_iter().for_each(|less| entries.push(self, k, "not_imported", "", less));
        }
        Ok(entries.table(self, "supplier"))
    }

    /// Herfindahl–Hirschman index of outlets and of suppliers: `role, country, commodity, before, after,
    /// change, basis`, from 0 to 1; NaN after a collapse.
    pub fn concentration(&self, exporters: Option<&Selection>, importers: Option<&Selection>) -> Table {
        let (mut role, mut country, mut commodity) = (Vec::new(), Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 3] = Default::default();
        for k in 0..self.commodities() {
            let amounts = Amounts::of(self, k, None);
            let countries = amounts.countries;
            let sides = [("exporter", exporters, 1, countries), ("importer", importers, countries, 1)];
            for (name, taken, stride, base) in sides {
                for i in taken.map_or(Vec::new(), Selection::positions) {
                    let cells: Vec<usize> = (0..countries).map(|other| i * base + other * stride).collect();
                    if amounts.sum(cells.iter().copied()).is_none() {
                        continue;
                    }
                    let index = |values: &[f64]| {
                        let total: f64 = cells.iter().map(|&at| values[at]).sum();
                        cells.iter().map(|&at| share(values[at], total).powi(2)).sum::<f64>()
                    };
                    let (before, after) = (index(&amounts.before), index(&amounts.after));
                    role.push(name.to_string());
                    country.push(i);
                    commodity.push(k);
                    columns.iter_mut().zip([before, after, after - before]).for_each(|(c, value)| c.push(value));
                }
            }
        }
        let [before, after, change] = columns;
        let bases = vec![basis(true); role.len()];
        Table::default()
            .text("role", role)
            .text("country", self.country_names(&country))
            .text("commodity", self.commodity_names(&commodity))
            .number("before", "index 0 to 1", before)
            .number("after", "index 0 to 1", after)
            .number("change", "index 0 to 1", change)
            .text("basis", bases)
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
    fn push(&mut self, solution: &SpatialSolution, commodity: usize, entry: &str, partner: &str, amount: f64) {
        self.commodity.push(commodity);
        self.entry.push(entry.to_string());
        self.partner.push(partner.to_string());
        self.amount.push(amount);
        self.unit.push(solution.unit(commodity));
    }

    fn table(self, solution: &SpatialSolution, partner: &'static str) -> Table {
        Table::default()
            .text("commodity", solution.commodity_names(&self.commodity))
            .text("entry", self.entry)
            .text(partner, self.partner)
            .with("amount", Column::Number(self.amount))
            .text("unit", self.unit)
    }
}
