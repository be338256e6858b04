//! Curves that shift as time goes on: short-run and long-run elasticities.
//!
//! Supply of an exporter over a stretch t of Δt years, with the short-run elasticity ε_S, the long-run
//! one ε_L and what has been adjusted before k_{t−1}:
//!
//! ```text
//! Q_t = z k_t p̂_t^(ε_S)        k_t = k_{t−1}^(1−λ) p̂_t^(λ(ε_L − ε_S))        λ = 1 − 2^(−Δt/half-life)
//! ```
//!
//! At prices that stay, k tends to p̂^(ε_L − ε_S), so that Q tends to z p̂^(ε_L). The current price is in
//! k_t: a stretch is one equilibrium of a market with the elasticity ε_S + λ(ε_L − ε_S), whose curve is
//! moved by k_{t−1}^(1−λ), and afterwards one of the short-run market whose curve is moved by k_t.
//! Demand alike with its price index; the weight w of a flow among its importer's origins with the
//! buyer's price over the index, (p̂_ij/P̂_j)^(σ_S − σ_L).
//!
//! Where there is no price (an exporter that lost every buyer, an importer that lost every supplier)
//! nothing adjusts: the state stays.

use super::Model;
use crate::data::Horizon;
use crate::scenario::{State, Wedges};

/// A model that may adjust.
pub trait Adjusts: Model + Sized {
    /// The state before anything has adjusted; empty: the commodity does not adjust.
    fn rest(&self, commodity: usize) -> State;

    /// The model of a stretch of that many years.
    fn over(&self, years: f64) -> Self;

    /// What a stretch begins with: (1 − λ) ln k.
    fn carried(&self, commodity: usize, years: f64, before: &State) -> State;

    /// What it ends with, by the prices of its equilibrium under `wedges`.
    fn adjusted(
        &self,
        commodity: usize,
        years: f64,
        before: &State,
        wedges: &Wedges,
        equilibrium: &Self::Equilibrium,
    ) -> State;

    /// An equilibrium of [`Adjusts::over`] as one of this model, under wedges with the state it ends with.
    fn restated(&self, commodity: usize, wedges: &Wedges, equilibrium: Self::Equilibrium) -> Self::Equilibrium;

    fn adjusts(&self, commodity: usize) -> bool {
        self.rest(commodity) != State::default()
    }
}

/// (1 − λ) ln k of each place; `short` is its elasticity.
pub(super) fn carried(horizon: &Horizon, cell: impl Fn(usize) -> [usize; 2], years: f64, before: &[f64]) -> Vec<f64> {
    let kept = |(place, log): (usize, &f64)| (1.0 - horizon.speed(cell(place), years)) * log;
    before.iter().enumerate().map(kept).collect()
}

/// (1 − λ) ln k + λ gap ln p̂ of each place; as before where the price is not finite.
pub(super) fn adjusted(
    horizon: &Horizon,
    cell: impl Fn(usize) -> [usize; 2],
    years: f64,
    before: &[f64],
    gap_and_price: impl Fn(usize) -> (f64, f64),
) -> Vec<f64> {
    let one = |(place, log): (usize, &f64)| {
        let (gap, log_price) = gap_and_price(place);
        let speed = horizon.speed(cell(place), years);
        if log_price.is_finite() && gap != 0.0 { (1.0 - speed) * log + speed * gap * log_price } else { *log }
    };
    before.iter().enumerate().map(one).collect()
}
