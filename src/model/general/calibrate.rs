//! The economy of a table: spending and deficits that its shares imply, and its own equilibrium.

use std::sync::Arc;

use super::economy::{Economy, Transfers};
use super::equilibrium;
use super::nest::Nest;
use super::system::{State, System};
use crate::solve::{Outcome, Stop, anderson};

const SETTINGS: anderson::Settings =
    anderson::Settings { memory: 10, damping: 1.0, tolerance: 1e-13, max_iterations: 1000 };

/// Imports less exports by country that make every country's production pay its value added at the
/// shares as they are; and how well.
pub fn implied_deficit(system: &System, stop: &Stop) -> (Vec<f64>, Outcome) {
    let economy = system.economy;
    let n = economy.countries;
    let mut state = system.state();
    let mut x: Vec<f64> = economy.value_added.iter().map(|value| value.ln()).chain(spending_guess(system)).collect();
    let map = |x: &[f64], out: &mut [f64]| step(system, x, out, &mut state);
    let outcome = anderson::fixed_point(&mut x, map, SETTINGS, stop);
    at_given_prices(system, &x[n..], &mut state);
    let mut deficit = vec![0.0; n];
    for (purchases, sales) in state.purchases.chunks_exact(n).zip(state.sales.chunks_exact(n)) {
        (0..n).for_each(|i| deficit[i] += purchases[i] - sales[i]);
    }
    (deficit, outcome)
}

/// ln X' that begins the search, by sector and country.
pub fn spending_guess(system: &System) -> Vec<f64> {
    let economy = system.economy;
    let (n, sectors) = (economy.countries, economy.sectors);
    let guess = |cell: usize| {
        let (sector, country) = (cell / n, cell % n);
        let used: f64 = economy.inputs(country)[sector * economy.width()..][..sectors].iter().sum();
        (economy.value_added[country] * (economy.wants(country)[sector] + used / sectors as f64)).ln()
    };
    (0..n * sectors).map(|cell| if system.reach.bought[cell] { guess(cell) } else { 0.0 }).collect()
}

fn at_given_prices(system: &System, spending: &[f64], state: &mut State) {
    state.cost.fill(0.0);
    for (cell, log) in spending.iter().enumerate() {
        state.spending[cell] = if system.reach.bought[cell] { log.exp() } else { 0.0 };
    }
    system.trade(state);
}

/// Final spending that would make labour's receipts the value added, and spending that follows.
fn step(system: &System, x: &[f64], out: &mut [f64], state: &mut State) {
    let economy = system.economy;
    let (n, sectors) = (economy.countries, economy.sectors);
    let (income, spending) = x.split_at(n);
    at_given_prices(system, spending, state);
    for i in 0..n {
        let output = |j: usize| state.output[j * n + i];
        let labour: f64 = (0..sectors).map(|j| economy.labour(i)[j] * output(j)).sum();
        out[i] = income[i] + (economy.value_added[i] / labour).ln();
        for (k, row) in economy.inputs(i).chunks_exact(economy.width()).enumerate() {
            let inputs: f64 = row[..sectors].iter().enumerate().map(|(j, share)| share * output(j)).sum();
            let wanted = inputs + economy.wants(i)[k] * income[i].exp();
            out[n + k * n + i] = if system.reach.bought[k * n + i] { wanted.ln() } else { 0.0 };
        }
    }
}

/// The economy at the equilibrium `x` of `system`, whose shares and value added are those there.
pub fn rebased(system: &System, x: &[f64]) -> Economy {
    let economy = system.economy;
    let (n, sectors, width) = (economy.countries, economy.sectors, economy.width());
    let mut state = system.state();
    system.evaluate(x, &mut state);
    let mut moved = economy.clone();
    let import_share = Arc::make_mut(&mut moved.import_share);
    let mut border_share = moved.border_share.as_mut().map(Arc::make_mut);
    for sector in 0..sectors {
        for importer in 0..n {
            let row = economy.flow(sector, importer, 0);
            let powers = &state.power[sector * economy.stride()..][..n];
            let [kernel, border] = system.kernel.of_buyer(sector, importer);
            let sum: f64 = kernel.iter().zip(powers).map(|(share, power)| share * power).sum();
            let scaled = |share: f64, power: f64| if sum > 0.0 { share * power / sum } else { 0.0 };
            for (exporter, power) in powers.iter().enumerate() {
                import_share[row + exporter] = scaled(kernel[exporter], *power);
            }
            if let Some(border_share) = &mut border_share {
                for (exporter, power) in powers.iter().enumerate() {
                    border_share[row + exporter] = scaled(border[exporter], *power);
                }
            }
        }
    }
    moved.wage_elasticity = wage_elasticity(&moved, &state.spending);
    moved.value_added.iter_mut().zip(x).for_each(|(value, wage)| *value *= wage.exp());
    let price = |k: usize, i: usize| x[n + k * n + i];
    let (goods, inputs) = (Nest::new(economy.nests.goods), Nest::new(economy.nests.inputs));
    let outer = Nest::new(economy.nests.value_added);
    let input_share = Arc::make_mut(&mut moved.input_share);
    for (i, wage) in x[..n].iter().enumerate() {
        for j in 0..sectors {
            let cost = state.cost[j * n + i];
            moved.final_share[i * width + j] *= goods.share_hat(price(j, i), state.consumer_price[i]);
            moved.value_added_share[i * width + j] *= outer.share_hat(*wage, cost);
            let bundle = system.bundle(&state, i, j);
            for k in 0..sectors {
                input_share[(i * sectors + k) * width + j] *=
                    outer.share_hat(bundle, cost) * inputs.share_hat(price(k, i), bundle);
            }
        }
    }
    moved
}

/// Σ over sectors and buyers of θ (1 − π) of labour's receipts, relative to all of them, at the spending of the
/// baseline.
pub fn wage_elasticity(economy: &Economy, spending: &[f64]) -> Vec<f64> {
    let n = economy.countries;
    let mut sums = vec![(0.0, 0.0); n];
    for sector in 0..economy.sectors {
        for importer in 0..n {
            let spending = spending[sector * n + importer];
            let shares = &economy.import_share[economy.flow(sector, importer, 0)..][..n];
            for (exporter, share) in shares.iter().enumerate() {
                let labour = economy.labour(exporter)[sector] * share * spending;
                sums[exporter].0 += economy.trade_elasticity[sector] * (1.0 - share) * labour;
                sums[exporter].1 += labour;
            }
        }
    }
    sums.into_iter().map(|(falls, all)| falls / all).collect()
}

/// The equilibrium of an economy as it is under `transfers`, where ŵ = 1 to rounding.
pub fn own_equilibrium(system: &System, stop: &Stop) -> (Vec<f64>, super::Status) {
    let n = system.economy.countries;
    let mut x = vec![0.0; n * (1 + system.economy.sectors)];
    x.extend(spending_guess(system));
    let status = equilibrium::find(system, None, &mut x, stop);
    (x, status)
}

/// δ of proportional transfers: final spending over the own income that pays for it.
pub fn spending_ratio(economy: &Economy, deficit: &[f64], revenue: &[f64]) -> Transfers {
    let earned = economy.value_added.iter().zip(revenue).map(|(value, revenue)| value + revenue);
    Transfers::Proportional(earned.zip(deficit).map(|(earned, deficit)| (earned + deficit) / earned).collect())
}
