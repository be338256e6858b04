//! The powers of taxes, costs and licences on a row at a producer price: constant where they are ad
//! valorem, endogenous where they are amounts per unit or licence prices.
//!
//! With u⁰ the baseline unit value, per unit shipped:
//!
//! ```text
//! x = x_av + τ_x/(u⁰ p̂)        ĉ = c_av + τ_c/(u⁰ p̂ x)        T = T_av + τ/(u⁰ p̂ x ĉ)
//! exporter's licence e = 1 + μ/(u⁰ p̂ x)      importer's licence m = 1 + μ/(T u⁰ p̂ x e)
//! ```
//!
//! and without u⁰ p̂ x where the ceiling counts money. ρ = e m. Beyond a ceiling with a duty T_out
//! a licence adds at most T_out/T − 1.

use crate::data::Market;
use crate::scenario::Wedges;
use crate::scenario::ceilings::{Counted, Holder};

/// All that stands between the producer's and the buyer's price of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Powers {
    /// T, a level.
    pub tariff: f64,
    /// T/T⁰.
    pub tariff_hat: f64,
    /// x.
    pub export_tax: f64,
    /// ĉ.
    pub cost: f64,
    /// e and m: licences that exporters and importers hold.
    pub exporter_licence: f64,
    pub importer_licence: f64,
}

impl Powers {
    /// p̂_ij / p̂_i.
    pub fn price(&self) -> f64 {
        self.cost * self.taxes()
    }

    /// What of it is money that somebody else than the producer gets.
    pub fn taxes(&self) -> f64 {
        self.tariff_hat * self.export_tax * self.exporter_licence * self.importer_licence
    }
}

/// The powers of a row at a log producer price; `licences` are the prices μ of the wedges' ceilings,
/// per unit of quantity or of money.
pub fn powers(market: &Market, wedges: &Wedges, licences: &[f64], row: usize, log_price: f64) -> Powers {
    let base = market.tariff_power(row);
    let change = wedges.at(row);
    let mut found = Powers {
        tariff: base * change.tariff_hat,
        tariff_hat: change.tariff_hat,
        export_tax: change.export_tax_power,
        cost: change.cost_factor,
        exporter_licence: 1.0,
        importer_licence: 1.0,
    };
    if !wedges.moves(row) {
        return found;
    }
    let price = market.unit_value(row) * log_price.exp();
    if change.moves() {
        let amounts = change.per_unit;
        found.export_tax += amounts.export_tax / price;
        found.cost += amounts.cost / (price * found.export_tax);
        found.tariff += amounts.tariff / (price * found.export_tax * found.cost);
        found.tariff_hat = found.tariff / base;
    }
    for holder in [Holder::Exporter, Holder::Importer] {
        let power =
            licence(wedges, licences, row, holder, price * found.export_tax * found.exporter_licence, found.tariff);
        match holder {
            Holder::Exporter => found.exporter_licence = power,
            Holder::Importer => found.importer_licence = power,
        }
    }
    found
}

/// 1 + what the licences of one holder add. Ceilings with a duty beyond them add at most that duty,
/// together at most the highest; closed ones add without bound.
fn licence(wedges: &Wedges, licences: &[f64], row: usize, holder: Holder, border: f64, tariff: f64) -> f64 {
    let (mut closed, mut open, mut highest) = (0.0, 0.0, 0.0_f64);
    for (ceiling, price) in wedges.ceilings.iter().zip(licences) {
        if ceiling.holder != holder || !ceiling.covers(row) {
            continue;
        }
        let duty = if holder == Holder::Importer { tariff } else { 1.0 };
        let added = match ceiling.counted {
            Counted::Quantity => price / (border * duty),
            Counted::Value => price / duty,
        };
        match ceiling.beyond {
            None => closed += added,
            Some(beyond) => {
                let bound = (beyond / tariff - 1.0).max(0.0);
                open += added.min(bound);
                highest = highest.max(bound);
            }
        }
    }
    1.0 + closed + open.min(highest)
}
