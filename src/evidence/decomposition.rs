//! Why exporters' sales changed between two observations: structure against competitiveness.
//!
//! With v_ikj what i sells of k to j, M_kj what j buys of k from abroad, M_k, M the sums, s = v/M_kj, and
//! growth rates r of M, r_k of M_k, r_kj of M_kj:
//!
//! Constant market shares (Tyszynski 1951, The Manchester School 19; Leamer & Stern 1970, Quantitative
//! International Economics, ch. 7), at shares of before,
//!
//! ```text
//! Δv = v r + v (r_k − r) + v (r_kj − r_k)  +  Δs M_kj  +  Δs ΔM_kj
//!      world  composition   distribution     competi-    interaction
//!      growth                                tiveness
//! ```
//!
//! Logarithmic mean Divisia index, additive (LMDI-I; Ang 2004, Energy Policy 32; Ang 2005, Energy Policy
//! 33) of v = M · M_k/M · M_kj/M_k · s with weights L = Δv / Δ ln v: each term is L Δ ln of its factor, and
//! there is no interaction.
//!
//! Zeros are taken by their limits (Ang, Zhang & Choi 1998, Energy 23): a flow that begins or ends is due
//! to the factor that was or becomes 0. In a market that is new or has vanished there is no share to
//! compare, so all of it is structure. Sales at home are left out.

use super::inversion::same_commodities;
use crate::data::{Column, Flows, Labels, Table};
use crate::error::{Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    ConstantMarketShare,
    LogMeanDivisia,
}

/// Terms of a change; they add up to it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Terms {
    world_growth: f64,
    commodity_composition: f64,
    market_distribution: f64,
    competitiveness: f64,
    interaction: f64,
}

/// A pair of observations.
type Pair = (f64, f64);

/// What one exporter sells in one market.
#[derive(Debug, Clone, Copy)]
struct Cell {
    commodity: u32,
    importer: u32,
    exporter: u32,
    value: Pair,
}

/// Decomposes the change of every exporter's sales abroad: `exporter[, commodity], before, after, change,
/// structure, world_growth, commodity_composition, market_distribution, competitiveness, interaction,
/// unit`; structure is the sum of the three after it.
///
/// # Errors
/// [`Error::Data`]: several periods in one of the flows, other currencies, a commodity in one only, no
/// trade between countries.
pub fn decompose(before: &Flows, after: &Flows, method: Method, by_commodity: bool) -> Result<Table> {
    check(before, after)?;
    let countries = Labels::new(before.countries.iter().chain(after.countries.iter()));
    let cells = cells(before, after, &countries);
    if cells.is_empty() {
        return Err(Error::Data("no flow crosses a border in either table; there is nothing to decompose".to_string()));
    }
    let goods = before.commodities.len();
    let mut total: Pair = (0.0, 0.0);
    let mut of_commodity: Vec<Pair> = vec![(0.0, 0.0); goods];
    for cell in &cells {
        add(&mut total, cell.value);
        add(&mut of_commodity[cell.commodity as usize], cell.value);
    }
    let groups = if by_commodity { goods } else { 1 };
    let mut rows: Vec<Option<(Pair, Terms)>> = vec![None; countries.len() * groups];
    for market in cells.chunk_by(|a, b| (a.commodity, a.importer) == (b.commodity, b.importer)) {
        let commodity = market[0].commodity as usize;
        let mut size: Pair = (0.0, 0.0);
        market.iter().for_each(|cell| add(&mut size, cell.value));
        let demand = Demand { total, commodity: of_commodity[commodity], market: size };
        for cell in market {
            let group = if by_commodity { commodity } else { 0 };
            let row = rows[cell.exporter as usize * groups + group].get_or_insert_default();
            add(&mut row.0, cell.value);
            row.1.add(&match method {
                Method::ConstantMarketShare => demand.constant_market_share(cell.value),
                Method::LogMeanDivisia => demand.log_mean_divisia(cell.value),
            });
        }
    }
    let found = rows.iter().enumerate().filter_map(|(place, row)| row.map(|row| (place / groups, place % groups, row)));
    Ok(table(&found.collect::<Vec<_>>(), &countries, before, by_commodity))
}

fn check(before: &Flows, after: &Flows) -> Result<()> {
    for (name, flows) in [("before", before), ("after", after)] {
        if flows.periods.len() != 1 {
            return Err(Error::Data(format!(
                "{name} has {} periods; give flows of one, with select(periods=...)",
                flows.periods.len()
            )));
        }
    }
    if before.units.currency != after.units.currency {
        return Err(Error::Data(format!(
            "before is in {}, after in {}; convert one of them",
            before.units.currency, after.units.currency
        )));
    }
    same_commodities(("before", &before.commodities), ("after", &after.commodities))
}

/// Flows across borders, both observations beside each other, sorted by market; modes are summed.
fn cells(before: &Flows, after: &Flows, countries: &Labels) -> Vec<Cell> {
    let mut found: Vec<Cell> = Vec::new();
    for (flows, of) in [(before, (1.0, 0.0)), (after, (0.0, 1.0))] {
        let known = |labels: &Labels, among: &Labels| -> Vec<u32> {
            labels.iter().map(|name| among.position(name).expect("labels were made from these") as u32).collect()
        };
        let (country, commodity) = (known(&flows.countries, countries), known(&flows.commodities, &before.commodities));
        let rows = flows.rows();
        found.extend((0..rows.len()).filter(|&row| rows.exporter[row] != rows.importer[row]).map(|row| Cell {
            commodity: commodity[rows.commodity[row] as usize],
            importer: country[rows.importer[row] as usize],
            exporter: country[rows.exporter[row] as usize],
            value: (of.0 * rows.value[row], of.1 * rows.value[row]),
        }));
    }
    let key = |cell: &Cell| (cell.commodity, cell.importer, cell.exporter);
    found.sort_by_key(key);
    found.dedup_by(|next, kept| {
        let same = key(next) == key(kept);
        if same {
            add(&mut kept.value, next.value);
        }
        same
    });
    found
}

fn add(sum: &mut Pair, value: Pair) {
    sum.0 += value.0;
    sum.1 += value.1;
}

impl Terms {
    fn add(&mut self, other: &Self) {
        self.world_growth += other.world_growth;
        self.commodity_composition += other.commodity_composition;
        self.market_distribution += other.market_distribution;
        self.competitiveness += other.competitiveness;
        self.interaction += other.interaction;
    }

    fn structure(&self) -> f64 {
        self.world_growth + self.commodity_composition + self.market_distribution
    }
}

/// M, M_k and M_kj of a market.
#[derive(Debug, Clone, Copy)]
struct Demand {
    total: Pair,
    commodity: Pair,
    market: Pair,
}

impl Demand {
    fn constant_market_share(&self, value: Pair) -> Terms {
        if self.market.0 == 0.0 {
            return self.due(value.1, |pair| pair.0);
        }
        let growth = |(before, after): Pair| (after - before) / before;
        let (all, goods, market) = (growth(self.total), growth(self.commodity), growth(self.market));
        let share = value.0 / self.market.0;
        let gain = if self.market.1 > 0.0 { value.1 / self.market.1 - share } else { 0.0 };
        Terms {
            world_growth: value.0 * all,
            commodity_composition: value.0 * (goods - all),
            market_distribution: value.0 * (market - goods),
            competitiveness: gain * self.market.0,
            interaction: gain * (self.market.1 - self.market.0),
        }
    }

    fn log_mean_divisia(&self, value: Pair) -> Terms {
        match value {
            (0.0, 0.0) => Terms::default(),
            (0.0, after) => self.due(after, |pair| pair.0),
            (before, 0.0) => self.due(-before, |pair| pair.1),
            (before, after) => {
                let weight = log_mean(after, before);
                let (all, goods, market, own) =
                    (log_ratio(self.total), log_ratio(self.commodity), log_ratio(self.market), log_ratio(value));
                Terms {
                    world_growth: weight * all,
                    commodity_composition: weight * (goods - all),
                    market_distribution: weight * (market - goods),
                    competitiveness: weight * (own - market),
                    interaction: 0.0,
                }
            }
        }
    }

    /// All of a change, due to the first factor that is 0 in the observation `of`.
    fn due(&self, change: f64, of: impl Fn(Pair) -> f64) -> Terms {
        let mut terms = Terms::default();
        let term = match () {
            () if of(self.total) == 0.0 => &mut terms.world_growth,
            () if of(self.commodity) == 0.0 => &mut terms.commodity_composition,
            () if of(self.market) == 0.0 => &mut terms.market_distribution,
            () => &mut terms.competitiveness,
        };
        *term = change;
        terms
    }
}

/// ln(after/before), exact to rounding also where they are next to equal.
fn log_ratio((before, after): Pair) -> f64 {
    let ratio = after / before;
    if (0.5..2.0).contains(&ratio) { ((after - before) / before).ln_1p() } else { ratio.ln() }
}

/// (a − b) / ln(a/b), a where they are equal.
fn log_mean(a: f64, b: f64) -> f64 {
    if a == b { a } else { (a - b) / log_ratio((b, a)) }
}

fn table(rows: &[(usize, usize, (Pair, Terms))], countries: &Labels, flows: &Flows, by_commodity: bool) -> Table {
    let label = |codes: Vec<u32>, labels: &Labels| Column::Label { codes, labels: labels.names().into() };
    let column = |of: &dyn Fn(&(Pair, Terms)) -> f64| rows.iter().map(|(_, _, row)| of(row)).collect::<Vec<f64>>();
    let currency = &flows.units.currency;
    let mut table = Table::default().with("exporter", label(rows.iter().map(|row| row.0 as u32).collect(), countries));
    if by_commodity {
        table = table.with("commodity", label(rows.iter().map(|row| row.1 as u32).collect(), &flows.commodities));
    }
    table
        .number("before", currency, column(&|row| row.0.0))
        .number("after", currency, column(&|row| row.0.1))
        .number("change", currency, column(&|row| row.0.1 - row.0.0))
        .number("structure", currency, column(&|row| row.1.structure()))
        .number("world_growth", currency, column(&|row| row.1.world_growth))
        .number("commodity_composition", currency, column(&|row| row.1.commodity_composition))
        .number("market_distribution", currency, column(&|row| row.1.market_distribution))
        .number("competitiveness", currency, column(&|row| row.1.competitiveness))
        .number("interaction", currency, column(&|row| row.1.interaction))
        .text("unit", vec![currency.clone(); rows.len()])
}
