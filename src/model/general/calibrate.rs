//! The economy of a table: spending and deficits that its shares imply, and its own equilibrium.

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
        let used: f64 = economy.inputs(country)[sector * sectors..(sector + 1) * sectors].iter().sum();
        (economy.value_added[country] * (economy.final_share[cell] + used / sectors as f64)).ln()
    };
    (0..n * sectors).map(|cell| if system.reach.bought[cell] { guess(cell) } else { 0.0 }).collect()
}

fn at_given_prices(system: &System, spending: &[f64], state: &mut State) {
    let economy = system.economy;
    state.cost.fill(0.0);
    for (cell, log) in spending.iter().enumerate() {
        state.spending[cell] = if system.reach.bought[cell] { log.exp() } else { 0.0 };
    }
    (0..economy.sectors).for_each(|sector| system.trade(sector, state));
}

/// Final spending that would make labour's receipts the value added, and spending that follows.
fn step(system: &System, x: &[f64], out: &mut [f64], state: &mut State) {
    let economy = system.economy;
    let (n, sectors) = (economy.countries, economy.sectors);
    let (income, spending) = x.split_at(n);
    at_given_prices(system, spending, state);
    for i in 0..n {
        let output = |j: usize| state.output[j * n + i];
        let labour: f64 = (0..sectors).map(|j| economy.value_added_share[j * n + i] * output(j)).sum();
        out[i] = income[i] + (economy.value_added[i] / labour).ln();
        for (k, row) in economy.inputs(i).chunks_exact(sectors).enumerate() {
            let inputs: f64 = row.iter().enumerate().map(|(j, share)| share * output(j)).sum();
            let wanted = inputs + economy.final_share[k * n + i] * income[i].exp();
            out[n + k * n + i] = if system.reach.bought[k * n + i] { wanted.ln() } else { 0.0 };
        }
    }
}

/// The economy at the equilibrium `x` of `system`, whose shares and value added are those there.
pub fn rebased(system: &System, x: &[f64]) -> Economy {
    let economy = system.economy;
    let (n, sectors) = (economy.countries, economy.sectors);
    let mut state = system.state();
    system.evaluate(x, &mut state);
    let mut moved = economy.clone();
    moved.import_share.copy_from_slice(&system.kernel);
    for (row, shares) in moved.import_share.chunks_exact_mut(economy.stride()).enumerate() {
        let powers = &state.power[row / n * n..][..n];
        shares.iter_mut().zip(powers).for_each(|(share, power)| *share *= power);
        let sum: f64 = shares.iter().sum();
        if sum > 0.0 {
            shares.iter_mut().for_each(|share| *share /= sum);
        }
    }
    moved.wage_elasticity = wage_elasticity(&moved, &state.spending);
    moved.value_added.iter_mut().zip(x).for_each(|(value, wage)| *value *= wage.exp());
    let price = |k: usize, i: usize| x[n + k * n + i];
    let (goods, inputs) = (Nest::new(economy.nests.goods), Nest::new(economy.nests.inputs));
    let outer = Nest::new(economy.nests.value_added);
    for (i, wage) in x[..n].iter().enumerate() {
        for j in 0..sectors {
            let (cell, cost) = (j * n + i, state.cost[j * n + i]);
            moved.final_share[cell] *= goods.share_hat(price(j, i), state.consumer_price[i]);
            moved.value_added_share[cell] *= outer.share_hat(*wage, cost);
            let bundle = system.bundle(&state, i, j);
            for k in 0..sectors {
                moved.input_share[(i * sectors + k) * sectors + j] *=
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
                let labour = economy.value_added_share[sector * n + exporter] * share * spending;
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
    let status = equilibrium::find(system, &mut x, stop);
    (x, status)
}

/// δ of proportional transfers: final spending over the own income that pays for it.
pub fn spending_ratio(economy: &Economy, deficit: &[f64], revenue: &[f64]) -> Transfers {
    let earned = economy.value_added.iter().zip(revenue).map(|(value, revenue)| value + revenue);
    Transfers::Proportional(earned.zip(deficit).map(|(earned, deficit)| (earned + deficit) / earned).collect())
}
