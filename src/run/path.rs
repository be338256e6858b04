//! A market from stretch to stretch of time, with the state of its curves carried along.

use super::batch::each;
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

/// All stretches in order, from rest. After one that fails or does not converge there is no state to go
/// on from: the later ones fail with its reason.
pub fn walk<M: Adjusts + Send>(
    of: (&M, &Paces<M>),
    commodity: usize,
    stretches: &[(f64, &Wedges)],
    status: impl Fn(&M::Equilibrium) -> &Status,
    stop: &Stop,
    told: &dyn Fn(),
) -> Vec<Result<Stretch<M::Equilibrium>>> {
    let mut found = Vec::with_capacity(stretches.len());
    let mut state = of.0.rest(commodity);
    let mut lost: Option<Error> = None;
    for stretch in stretches {
        told();
        if let Some(error) = &lost {
            found.push(Err(error.clone()));
            continue;
        }
        let one = if stop.requested() { Err(Error::Interrupted) } else { step(of, commodity, *stretch, state, stop) };
        match one {
            Ok((solved, after)) => {
                let status = status(&solved.equilibrium);
                lost = (!status.converged).then(|| unreached(&status.reason));
                state = after;
                found.push(Ok(solved));
            }
            Err(error) => {
                lost = Some(match &error {
                    Error::Infeasible { message, .. } => unreached(message),
                    other => other.clone(),
                });
                state = State::default();
                found.push(Err(error));
            }
        }
    }
    found
}

fn unreached(reason: &str) -> Error {
    let message = format!("there is no earlier equilibrium for its curves to adjust from: {reason}");
    Error::Infeasible { message, countries: Vec::new() }
}

/// What is solved on its own: a market under wedges, or one from stretch to stretch.
pub enum Piece<'a> {
    Market(usize, &'a Wedges),
    Walk(usize, Vec<(f64, &'a Wedges)>),
}

impl Piece<'_> {
    pub fn solves(&self) -> usize {
        match self {
            Self::Market(..) => 1,
            Self::Walk(_, stretches) => stretches.len(),
        }
    }
}

/// The outcomes of a piece: one, or one a stretch.
pub enum Outcome<E> {
    Market(Result<E>),
    Walk(Vec<Result<Stretch<E>>>),
}

/// Every piece, spread over the pool, in order; `told` is called for every solve.
pub fn solve_pieces<M: Adjusts + Send>(
    of: (&M, &Paces<M>),
    pieces: &[Piece],
    status: impl Fn(&M::Equilibrium) -> &Status + Sync,
    stop: &Stop,
    told: &(dyn Fn() + Sync),
) -> Result<Vec<Outcome<M::Equilibrium>>>
where
    M::Equilibrium: Send,
{
    let one = |piece: &Piece| {
        Ok(match piece {
            Piece::Market(commodity, wedges) => {
                told();
                Outcome::Market(of.0.solve(*commodity, wedges, None, stop))
            }
            Piece::Walk(commodity, stretches) => {
                Outcome::Walk(walk(of, *commodity, stretches, &status, stop, &|| told()))
            }
        })
    };
    each(pieces, stop, one).into_iter().collect()
}
