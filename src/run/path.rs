//! A market from stretch to stretch of time, with the state of its curves carried along.

use rayon::prelude::*;

use super::pool::pool;
use crate::error::{Error, Result};
use crate::model::{Adjusts, Status};
use crate::scenario::{State, Wedges};
use crate::solve::Stop;

/// A market solved over one stretch.
#[derive(Debug, Clone)]
pub struct Stretch<E> {
    /// The state it began with.
    pub before: State,
    /// The measures, on curves with the state it ended with.
    pub wedges: Wedges,
    /// Of the short-run market under these wedges.
    pub equilibrium: E,
}

/// Models of stretches by their lengths in years, each made once.
pub struct Paces<M> {
    paces: Vec<(f64, M)>,
}

impl<M: Adjusts + Send> Paces<M> {
    pub fn of(model: &M, years: impl IntoIterator<Item = f64>) -> Self {
        let mut paces: Vec<(f64, M)> = Vec::new();
        for years in years {
            if paces.iter().all(|(known, _)| *known != years) {
                paces.push((years, model.over(years)));
            }
        }
        Self { paces }
    }

    fn at(&self, years: f64) -> &M {
        &self.paces.iter().find(|(known, _)| *known == years).expect("a pace of each length").1
    }
}

/// One stretch, from the state before it; also the state after it.
///
/// # Errors
/// As [`crate::model::Model::solve`].
pub fn step<M: Adjusts + Send>(
    (model, paces): (&M, &Paces<M>),
    commodity: usize,
    (years, wedges): (f64, &Wedges),
    before: State,
    stop: &Stop,
) -> Result<(Stretch<M::Equilibrium>, State)> {
    let carried = wedges.under(&model.carried(commodity, years, &before));
    let found = paces.at(years).solve(commodity, &carried, None, stop)?;
    let after = model.adjusted(commodity, years, &before, wedges, &found);
    let wedges = wedges.under(&after);
    let equilibrium = model.restated(commodity, &wedges, found);
    Ok((Stretch { before, wedges, equilibrium }, after))
}

/// Where a walk stands: the state to go on from, or why there is none.
pub type Standing = std::result::Result<State, Error>;

/// Some stretches in order. After one that fails or does not converge there is no state to go on from: the
/// later ones fail with its reason.
pub fn walk<M: Adjusts + Send>(
    of: (&M, &Paces<M>),
    commodity: usize,
    mut standing: Standing,
    stretches: &[(f64, &Wedges)],
    status: impl Fn(&M::Equilibrium) -> &Status,
    stop: &Stop,
    told: &dyn Fn(),
) -> (Vec<Result<Stretch<M::Equilibrium>>>, Standing) {
    let mut found = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        told();
        let state = match standing {
            Ok(_) if stop.requested() => Err(Error::Interrupted),
            standing => standing,
        };
        let one = state
            .map_err(|error| (error, true))
            .and_then(|state| step(of, commodity, *stretch, state, stop).map_err(|error| (error, false)));
        standing = match &one {
            Ok((solved, after)) => {
                let status = status(&solved.equilibrium);
                if status.converged { Ok(after.clone()) } else { Err(unreached(&status.reason)) }
            }
            Err((Error::Infeasible { message, .. }, false)) => Err(unreached(message)),
            Err((error, _)) => Err(error.clone()),
        };
        found.push(one.map(|(solved, _)| solved).map_err(|(error, _)| error));
    }
    (found, standing)
}

fn unreached(reason: &str) -> Error {
    let message = format!("there is no earlier equilibrium for its curves to adjust from: {reason}");
    Error::Infeasible { message, countries: Vec::new() }
}

/// What is solved on its own: a market under one of its wedges, or some stretches of one from where it stands.
pub enum Piece<'a> {
    Market(usize, usize, &'a Wedges),
    Walk(usize, Standing, &'a [(f64, &'a Wedges)]),
}

impl Piece<'_> {
    pub fn commodity(&self) -> usize {
        match self {
            Self::Market(commodity, ..) | Self::Walk(commodity, ..) => *commodity,
        }
    }
}

/// The outcomes of a piece: that of its wedges, or one a stretch with where the walk stands after them.
pub enum Outcome<E> {
    Market(usize, Result<E>),
    Walk(Vec<Result<Stretch<E>>>, Standing),
}

/// Every piece, spread over the pool, in order; `told` is called for every solve. Once a stop is requested
/// what is left is [`Error::Interrupted`].
pub fn solve_pieces<M: Adjusts + Send>(
    of: (&M, &Paces<M>),
    pieces: &[Piece],
    status: impl Fn(&M::Equilibrium) -> &Status + Sync,
    stop: &Stop,
    told: &(dyn Fn() + Sync),
) -> Vec<Outcome<M::Equilibrium>>
where
    M::Equilibrium: Send,
{
    let one = |piece: &Piece| match piece {
        Piece::Market(_, variant, _) if stop.requested() => Outcome::Market(*variant, Err(Error::Interrupted)),
        Piece::Market(commodity, variant, wedges) => {
            told();
            Outcome::Market(*variant, of.0.solve(*commodity, wedges, None, stop))
        }
        Piece::Walk(commodity, standing, stretches) => {
            let (found, standing) = walk(of, *commodity, standing.clone(), stretches, &status, stop, &|| told());
            Outcome::Walk(found, standing)
        }
    };
    pool().install(|| pieces.par_iter().map(one).collect())
}
