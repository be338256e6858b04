//! How an equilibrium moves with its inputs, by the implicit function theorem.
//!
//! With x = G(x; θ) the price equations of [`super::price_map`], W the shares of an exporter's receipts,
//! S the shares of an importer's spending and k = ln K, at fixed prices
//!
//! ```text
//! (1 − σ) dln P̂_j = Σ_i S_ij (dk_ij − x_i dσ) + ln P̂_j dσ
//! (σ + ε_i) dG_i  = Σ_j W_ij (dk_ij − dln taxes_ij + d[(σ + η_j) ln P̂_j] + dln b_j) − dln z_i − x_i (dσ + dε_i)
//! ```
//!
//! and dx = (I − G_x)⁻¹ dG with the Jacobian of Newton's method. Binding quotas are not covered.

use nalgebra::{DVector, Dyn, LU};

use super::Armington;
use super::accounts::accounts;
use super::market::Open;
use super::powers::powers;
use super::price_map::PriceMap;
use crate::data::Market;
use crate::model::Equilibrium;
use crate::scenario::{Change, PerUnit, Wedges};

/// What changes in one market, per unit of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// Of σ.
    pub substitution: f64,
    /// Of η and ε by country.
    pub demand: Vec<f64>,
    pub supply: Vec<f64>,
    /// Of the wedges on rows, ascending; each field holds a derivative.
    pub rows: Vec<Change>,
    /// Of b and z by country.
    pub demand_shift: Vec<f64>,
    pub supply_shift: Vec<f64>,
}

impl Direction {
    pub fn none(countries: usize) -> Self {
        let zeros = vec![0.0; countries];
        Self {
            substitution: 0.0,
            demand: zeros.clone(),
            supply: zeros.clone(),
            rows: Vec::new(),
            demand_shift: zeros.clone(),
            supply_shift: zeros,
        }
    }

    fn row(&self, row: usize) -> Change {
        let place = self.rows.binary_search_by_key(&(row as u32), |change| change.row);
        place.map_or(STILL, |place| self.rows[place])
    }
}

/// Wedges that do not change.
const STILL: Change = Change {
    row: 0,
    availability: 0.0,
    weight: 0.0,
    tariff_hat: 0.0,
    export_tax_power: 0.0,
    cost_factor: 0.0,
    per_unit: PerUnit { tariff: 0.0, export_tax: 0.0, cost: 0.0 },
};

/// Derivatives of an equilibrium, by country; 0 where there is no trade.
#[derive(Debug, Clone, PartialEq)]
pub struct Tangent {
    pub log_producer_price: Vec<f64>,
    pub log_price_index: Vec<f64>,
    /// Of the log of the quantity supplied, z p̂^ε.
    pub log_supply: Vec<f64>,
    /// The largest derivative of the log of a flow, a price or a supply: how fast the market moves.
    pub largest: f64,
}

/// A market linearised at an equilibrium.
pub struct Linear<'a> {
    model: &'a Armington,
    commodity: usize,
    market: Market<'a>,
    wedges: &'a Wedges,
    equilibrium: &'a Equilibrium,
    open: Open,
    cells: Vec<Cell>,
    jacobian: LU<f64, Dyn, Dyn>,
}

/// An open row: its place among the open exporters and importers, its share in their receipts and
/// spending, and by how much the log of the buyer's over the producer's price moves with the latter.
struct Cell {
    row: usize,
    exporter: usize,
    importer: usize,
    sold: f64,
    bought: f64,
    slope: f64,
}

impl<'a> Linear<'a> {
    pub fn new(model: &'a Armington, commodity: usize, wedges: &'a Wedges, equilibrium: &'a Equilibrium) -> Self {
        let market = model.baseline.market(commodity);
        let open = Open::of(&market, wedges, model.baseline.countries());
        let x: Vec<f64> = open.exporters.iter().map(|&i| equilibrium.log_producer_price[i as usize]).collect();
        let jacobian = PriceMap::new(model, commodity, &market, wedges, &open).jacobian(&x).lu();
        let accounts: Vec<_> = accounts(model, commodity, wedges, equilibrium).collect();
        let (mut received, mut spent) = (vec![0.0; open.exporters.len()], vec![0.0; open.importers.len()]);
        let mut cells: Vec<Cell> = Vec::with_capacity(open.rows.len());
        for row in open.rows.iter().map(|&row| row as usize) {
            let place = |list: &[u32], code: u32| list.binary_search(&code).expect("open rows have open ends");
            let exporter = place(&open.exporters, market.exporter[row]);
            let importer = place(&open.importers, market.importer[row]);
            let account = &accounts[row];
            let (sold, bought) = (account.receipts, account.border_value + account.duty + account.importer_rent);
            received[exporter] += sold;
            spent[importer] += bought;
            let log_price = equilibrium.log_producer_price[market.exporter[row] as usize];
            let slope = differential(&market, wedges, row, log_price, &STILL, 1.0).0;
            cells.push(Cell { row, exporter, importer, sold, bought, slope });
        }
        for cell in &mut cells {
            cell.sold /= received[cell.exporter];
            cell.bought /= spent[cell.importer];
        }
        Self { model, commodity, market, wedges, equilibrium, open, cells, jacobian }
    }

    /// The derivatives in a direction; `None` where the system has none: prices or flows are out of the
    /// range of numbers, or the equilibrium is not locally unique.
    pub fn tangent(&self, direction: &Direction) -> Option<Tangent> {
        let countries = self.model.baseline.countries();
        let elasticities = &self.model.elasticities;
        let sigma = elasticities.substitution[self.commodity];
        let price = |cell: &Cell| self.equilibrium.log_producer_price[self.market.exporter[cell.row] as usize];
        let moved: Vec<(f64, f64)> = self.cells.iter().map(|cell| self.kept(cell, price(cell), direction)).collect();
        let mut index = vec![0.0; self.open.importers.len()];
        for (cell, (kept, _)) in self.cells.iter().zip(&moved) {
            index[cell.importer] += cell.bought * (kept - price(cell) * direction.substitution) / (1.0 - sigma);
        }
        for (place, &j) in self.open.importers.iter().enumerate() {
            index[place] += self.equilibrium.log_price_index[j as usize] * direction.substitution / (1.0 - sigma);
        }
        let wanted = self.wanted(&index, direction);
        let mut shift = DVector::zeros(self.open.exporters.len());
        for (cell, (kept, taxes)) in self.cells.iter().zip(&moved) {
            shift[cell.exporter] += cell.sold * (kept - taxes + wanted[cell.importer]);
        }
        for (place, &i) in self.open.exporters.iter().enumerate() {
            let (i, epsilon) = (i as usize, elasticities.supply[[self.commodity, i as usize]]);
            let log_price = self.equilibrium.log_producer_price[i];
            shift[place] -= direction.supply_shift[i] / self.wedges.supply_shift.at(i)
                + log_price * (direction.substitution + direction.supply[i]);
            shift[place] /= sigma + epsilon;
        }
        let prices = self.jacobian.solve(&shift)?;
        for cell in &self.cells {
            index[cell.importer] += cell.bought * (1.0 + cell.slope) * prices[cell.exporter];
        }
        let mut found = Tangent {
            log_producer_price: vec![0.0; countries],
            log_price_index: vec![0.0; countries],
            log_supply: vec![0.0; countries],
            largest: 0.0,
        };
        for (place, &i) in self.open.exporters.iter().enumerate() {
            let (i, epsilon) = (i as usize, elasticities.supply[[self.commodity, i as usize]]);
            found.log_producer_price[i] = prices[place];
            if epsilon.is_finite() {
                found.log_supply[i] = direction.supply_shift[i] / self.wedges.supply_shift.at(i)
                    + self.equilibrium.log_producer_price[i] * direction.supply[i]
                    + epsilon * prices[place];
            }
        }
        self.open.importers.iter().zip(&index).for_each(|(&j, index)| found.log_price_index[j as usize] = *index);
        let wanted = self.wanted(&index, direction);
        let spending = self.cells.iter().zip(&moved).map(|(cell, (kept, _))| {
            kept - price(cell) * direction.substitution
                + (1.0 - sigma) * (1.0 + cell.slope) * prices[cell.exporter]
                + wanted[cell.importer]
        });
        let moving = [&found.log_producer_price, &found.log_price_index, &found.log_supply];
        let speeds = spending.chain(moving.into_iter().flatten().copied());
        found.largest =
            speeds.fold(0.0, |largest: f64, speed| if speed.is_nan() { speed } else { largest.max(speed.abs()) });
        found.largest.is_finite().then_some(found)
    }

    /// d[(σ + η) ln P̂ + ln b] of the open importers, from d ln P̂.
    fn wanted(&self, index: &[f64], direction: &Direction) -> Vec<f64> {
        let elasticities = &self.model.elasticities;
        let sigma = elasticities.substitution[self.commodity];
        (self.open.importers.iter().zip(index))
            .map(|(&j, index)| {
                let j = j as usize;
                (sigma + elasticities.demand[[self.commodity, j]]) * index
                    + (direction.substitution + direction.demand[j]) * self.equilibrium.log_price_index[j]
                    + direction.demand_shift[j] / self.wedges.demand_shift.at(j)
            })
            .collect()
    }

    /// dk and the derivative of the log of the taxes in it, of a row at its fixed producer price.
    fn kept(&self, cell: &Cell, log_price: f64, direction: &Direction) -> (f64, f64) {
        let sigma = self.model.elasticities.substitution[self.commodity];
        let change = direction.row(cell.row);
        let (price, taxes) = differential(&self.market, self.wedges, cell.row, log_price, &change, 0.0);
        let powers = powers(&self.market, self.wedges, &self.free(), cell.row, log_price);
        let availability = change.availability / self.wedges.at(cell.row).availability;
        (availability + (1.0 - sigma) * price - powers.price().ln() * direction.substitution, taxes)
    }

    /// Licence prices of quotas that do not bind.
    fn free(&self) -> Vec<f64> {
        vec![0.0; self.wedges.ceilings.len()]
    }
}

/// Derivatives of the log of a row's buyer's over producer's price, and of the log of the taxes in it,
/// where the wedges change by `change` and the log producer price by `log_price_change`; those of
/// [`powers`] without licences.
fn differential(
    market: &Market,
    wedges: &Wedges,
    row: usize,
    log_price: f64,
    change: &Change,
    log_price_change: f64,
) -> (f64, f64) {
    let (base, at) = (market.tariff_power(row), wedges.at(row));
    if !at.moves() && !change.moves() {
        let taxes = change.tariff_hat / at.tariff_hat + change.export_tax_power / at.export_tax_power;
        return (taxes + change.cost_factor / at.cost_factor, taxes);
    }
    let price = market.unit_value(row) * log_price.exp();
    // An amount per unit over what the unit is worth, and its derivative.
    let part = |amount: f64, amount_change: f64, worth: f64, log_worth_change: f64| {
        (amount / worth, (amount_change - amount * log_worth_change) / worth)
    };
    let (tax, tax_change) = part(at.per_unit.export_tax, change.per_unit.export_tax, price, log_price_change);
    let export_tax = at.export_tax_power + tax;
    let log_export_tax = (change.export_tax_power + tax_change) / export_tax;
    let log_worth = log_price_change + log_export_tax;
    let (cost, cost_change) = part(at.per_unit.cost, change.per_unit.cost, price * export_tax, log_worth);
    let factor = at.cost_factor + cost;
    let log_factor = (change.cost_factor + cost_change) / factor;
    let (duty, duty_change) =
        part(at.per_unit.tariff, change.per_unit.tariff, price * export_tax * factor, log_worth + log_factor);
    let tariff = base * at.tariff_hat + duty;
    let taxes = (base * change.tariff_hat + duty_change) / tariff + log_export_tax;
    (taxes + log_factor, taxes)
}
