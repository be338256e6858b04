//! What is solved of each commodity, in order of time: once a stop is requested the first periods are done.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Watch;
use crate::error::Result;
use crate::model::{Adjusts, Status};
use crate::run::path::{Outcome, Paces, Piece, Standing, Stretch, solve_pieces};
use crate::scenario::compile::CompiledMarket;
use crate::scenario::{Segment, State, Wedges};
use crate::solve::Stop;

/// What is to be solved of a commodity, and what has been.
pub(super) enum Work<'a, E> {
    /// It is known.
    None,
    /// The market under each of its wedges.
    Markets { market: &'a CompiledMarket, skipped: usize, begun: Vec<bool>, found: Vec<(usize, Result<E>)> },
    /// From stretch to stretch.
    Walk { stretches: Vec<(f64, &'a Wedges)>, standing: Standing, found: Vec<Result<Stretch<E>>> },
}

/// The outcomes of a commodity: of its wedges, or of its stretches.
pub(super) enum Found<E> {
    OfWedges(Vec<Result<E>>),
    OfStretches(Vec<Result<Stretch<E>>>),
}

/// Alike, with what is made of each equilibrium.
#[derive(Debug, Clone)]
pub(super) enum Outcomes<F> {
    OfWedges(Vec<Result<F>>),
    OfStretches(Vec<Result<(State, Wedges, F)>>),
}

impl<'a, E> Work<'a, E> {
    /// The market's first segment is the one after the `skipped` first ones of all.
    pub fn markets(market: &'a CompiledMarket, skipped: usize) -> Self {
        Self::Markets { market, skipped, begun: vec![false; market.variants.len()], found: Vec::new() }
    }

    pub fn walk(stretches: Vec<(f64, &'a Wedges)>, rest: State) -> Self {
        Self::Walk { stretches, standing: Ok(rest), found: Vec::new() }
    }

    fn solves(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Markets { market, .. } => market.variants.len(),
            Self::Walk { stretches, .. } => stretches.len(),
        }
    }

    /// What is to be solved for the segments of some periods, and was not for earlier ones; with the period.
    fn pieces(&mut self, commodity: usize, periods: &[Range<usize>]) -> Vec<(usize, Piece<'_>)> {
        match self {
            Self::None => Vec::new(),
            Self::Walk { stretches, standing, .. } => {
                let place = periods[0].start..periods[periods.len() - 1].end;
                vec![(0, Piece::Walk(commodity, standing.clone(), &stretches[place]))]
            }
            Self::Markets { market, skipped, begun, .. } => {
                let mut pieces = Vec::new();
                for (period, place) in periods.iter().enumerate() {
                    let own = place.start.saturating_sub(*skipped)..place.end.saturating_sub(*skipped);
                    for &variant in &market.variant_of_segment[own] {
                        if !std::mem::replace(&mut begun[variant], true) {
                            pieces.push((period, Piece::Market(commodity, variant, &market.variants[variant])));
                        }
                    }
                }
                pieces
            }
        }
    }

    fn keep(&mut self, outcome: Outcome<E>) {
        match (self, outcome) {
            (Self::Markets { found, .. }, Outcome::Market(variant, one)) => found.push((variant, one)),
            (Self::Walk { standing, found, .. }, Outcome::Walk(stretches, reached)) => {
                found.extend(stretches);
                *standing = reached;
            }
            _ => unreachable!("an outcome is of its own piece"),
        }
    }

    /// All of it; none where it was known.
    pub fn found(self) -> Option<Found<E>> {
        match self {
            Self::None => None,
            Self::Markets { mut found, .. } => {
                found.sort_by_key(|(variant, _)| *variant);
                Some(Found::OfWedges(found.into_iter().map(|(_, one)| one).collect()))
            }
            Self::Walk { found, .. } => Some(Found::OfStretches(found)),
        }
    }
}

impl<E> Found<E> {
    pub fn finished<F>(
        self,
        commodity: usize,
        market: &CompiledMarket,
        finish: &impl Fn(usize, &Wedges, E) -> F,
    ) -> Outcomes<F> {
        match self {
            Self::OfWedges(found) => {
                let one = |(wedges, one): (&Wedges, Result<E>)| one.map(|one| finish(commodity, wedges, one));
                Outcomes::OfWedges(market.variants.iter().zip(found).map(one).collect())
            }
            Self::OfStretches(found) => {
                let one = |stretch: Stretch<E>| {
                    let made = finish(commodity, &stretch.wedges, stretch.equilibrium);
                    (stretch.before, stretch.wedges, made)
                };
                Outcomes::OfStretches(found.into_iter().map(|stretch| stretch.map(one)).collect())
            }
        }
    }
}

/// Does the work of all commodities. Where some adjust, period after period with all commodities side by
/// side; else all periods side by side.
pub(super) fn in_order<'a, M: Adjusts + Send>(
    of: (&M, &Paces<M>),
    mut works: Vec<Work<'a, M::Equilibrium>>,
    by_period: &[Vec<Segment>],
    status: impl Fn(&M::Equilibrium) -> &Status + Sync,
    stop: &Stop,
    watch: Watch,
) -> Vec<Work<'a, M::Equilibrium>>
where
    M::Equilibrium: Send,
{
    let total = works.iter().map(Work::solves).sum::<usize>() as u64;
    let done = AtomicU64::new(0);
    watch(0, total);
    let told = || watch(done.fetch_add(1, Ordering::Relaxed) + 1, total);
    let walks = works.iter().any(|work| matches!(work, Work::Walk { .. }));
    let places: Vec<Range<usize>> = by_period
        .iter()
        .scan(0, |end, own| {
            let start = *end;
            *end += own.len();
            Some(start..*end)
        })
        .collect();
    for round in places.chunks(if walks { 1 } else { places.len() }) {
        let every = works.iter_mut().enumerate().flat_map(|(commodity, work)| work.pieces(commodity, round));
        let mut pieces: Vec<(usize, Piece)> = every.collect();
        pieces.sort_by_key(|(period, _)| *period);
        let pieces: Vec<Piece> = pieces.into_iter().map(|(_, piece)| piece).collect();
        let outcomes = solve_pieces(of, &pieces, &status, stop, &told);
        let whose: Vec<usize> = pieces.iter().map(Piece::commodity).collect();
        drop(pieces);
        for (commodity, outcome) in whose.into_iter().zip(outcomes) {
            works[commodity].keep(outcome);
        }
    }
    works
}
