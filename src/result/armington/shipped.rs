//! Amounts shipped, and what supply curves and composition make of them.

use super::solution::{Episode, Solution};
use crate::data::Market;
use crate::result::trade::{Compared, Shipped, Trade};
use crate::scenario::select::Selection;

/// As [`Trade::shipped`]. Markets clear in value, so quantities leave a term for the composition.
pub(super) fn shipped(solution: &Solution, commodity: usize, exporters: &Selection, quantity: bool) -> Shipped {
    let market = solution.market(commodity);
    let before: Vec<f64> =
        (0..market.len()).map(|row| if market.value[row] > 0.0 { market.amount(row, quantity) } else { 0.0 }).collect();
    let mut after = vec![0.0; before.len()];
    let (mut not_produced, mut mix) = (0.0, 0.0);
    for episode in solution.episodes(commodity) {
        let hats: Vec<f64> = episode.accounts(solution, commodity).iter().map(|a| a.shipped_hat).collect();
        for (row, hat) in hats.iter().enumerate() {
            after[row] += episode.weight * before[row] * hat;
        }
        for exporter in exporters.positions() {
            let (less, composition) = supply_side(&market, &before, exporter, &episode, &hats, quantity);
            not_produced += episode.weight * less;
            mix += episode.weight * composition;
        }
    }
    Shipped { rows: Compared { before, after }, not_produced, mix }
}

/// What the supply curve says is not produced, and what composition adds, in one episode.
fn supply_side(
    market: &Market,
    before: &[f64],
    exporter: usize,
    episode: &Episode,
    hats: &[f64],
    quantity: bool,
) -> (f64, f64) {
    let rows = market.rows_of(exporter);
    let supplied: f64 = before[rows.clone()].iter().sum();
    let received: f64 = market.value[rows.clone()].iter().sum();
    let supply_hat = episode.equilibrium.supply_hat[exporter];
    if received == 0.0 {
        return (0.0, 0.0);
    }
    if supply_hat.is_nan() {
        return (supplied - rows.map(|row| before[row] * hats[row]).sum::<f64>(), 0.0);
    }
    let composition = |row: usize| (supplied * market.value[row] / received - before[row]) * hats[row];
    let mix = if quantity { rows.map(composition).sum() } else { 0.0 };
    (supplied * (1.0 - supply_hat), mix)
}
