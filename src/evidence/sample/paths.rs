//! Draws of whole paths: each goes from period to period with the state of its own curves.

use super::{Case, Drawn, Uncertain, armington, general, sized, spatial};
use crate::data::Table;
use crate::error::{Error, Result};
use crate::evidence::answers::joined;
use std::sync::Arc;

use crate::model::{Armington, General, Spatial, SpatialEquilibrium, Status};
use crate::path::{Followed, Journey, Known, Walked, Watch, follow, follow_spatial, solve_general_path};
use crate::result::ask::Question;
use crate::result::{GeneralSolution, Solution, Solved, SpatialSolution};
use crate::solve::Stop;

/// A model that can be drawn over time.
pub trait Follows: Send + Sync + Sized {
    type Solution: Drawn;
    /// What a path solved, of which another takes what is the same.
    type Walked: Send + Sync;

    /// The model with `values` of `uncertain` instead of its own numbers, and which commodities they move.
    ///
    /// # Errors
    /// Numbers that no such model can have.
    fn redrawn(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<(Self, Vec<bool>)>;

    /// # Errors
    /// As [`crate::solve_path`].
    fn follow(
        &self,
        journey: &Journey,
        known: Known<Self::Walked>,
        stop: &Stop,
        watch: Watch,
    ) -> Result<Followed<Self::Solution, Self::Walked>>;
}

impl Follows for Armington {
    type Solution = Solution;
    type Walked = Walked<Solved>;

    fn redrawn(&self, uncertain: &[Uncertain], values: &[f64], _: &Stop) -> Result<(Self, Vec<bool>)> {
        armington::redrawn(self, uncertain, values)
    }

    fn follow(
        &self,
        journey: &Journey,
        known: Known<Walked<Solved>>,
        stop: &Stop,
        watch: Watch,
    ) -> Result<Followed<Solution, Self::Walked>> {
        follow(self, journey, known, stop, watch)
    }
}

impl Follows for Spatial {
    type Solution = SpatialSolution;
    type Walked = Walked<SpatialEquilibrium>;

    fn redrawn(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<(Self, Vec<bool>)> {
        spatial::redrawn(self, uncertain, values, stop)
    }

    fn follow(
        &self,
        journey: &Journey,
        known: Known<Walked<SpatialEquilibrium>>,
        stop: &Stop,
        watch: Watch,
    ) -> Result<Followed<SpatialSolution, Self::Walked>> {
        follow_spatial(self, journey, known, stop, watch)
    }
}

impl Follows for General {
    type Solution = GeneralSolution;
    type Walked = ();

    fn redrawn(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<(Self, Vec<bool>)> {
        let model = general::redrawn(self, uncertain, values, stop)?;
        let moved = !Arc::ptr_eq(&model.economy, &self.economy);
        Ok((model, vec![moved; self.baseline.commodities()]))
    }

    /// All sectors are solved at once: nothing is taken from another path.
    fn follow(
        &self,
        journey: &Journey,
        _: Known<()>,
        stop: &Stop,
        watch: Watch,
    ) -> Result<Followed<GeneralSolution, ()>> {
        let Journey { scenario, periods, leave_out } = journey;
        Ok((solve_general_path(self, scenario, periods, *leave_out, stop, watch)?, ()))
    }
}

/// The central path, to be drawn again.
pub struct PathCase<M: Follows> {
    model: M,
    journey: Journey,
    central: Vec<M::Solution>,
    walked: M::Walked,
}

impl<M: Follows> PathCase<M> {
    /// Solves the central path.
    ///
    /// # Errors
    /// As [`crate::solve_path`]; the first period without an equilibrium, named.
    pub fn new(model: M, journey: Journey, stop: &Stop) -> Result<Self> {
        let (found, walked) = model.follow(&journey, None, stop, &|_, _| {})?;
        let named = |(one, period): (Result<M::Solution>, _)| {
            one.map_err(|error| match error {
                Error::Infeasible { message, countries } => {
                    Error::Infeasible { message: format!("period {period}: {message}"), countries }
                }
                other => other,
            })
        };
        let central = found.into_iter().zip(&journey.periods).map(named).collect::<Result<_>>()?;
        Ok(Self { model, journey, central, walked })
    }

    /// The answers of the central path one below the other, after a column `period`.
    ///
    /// # Errors
    /// As [`Question::ask`].
    pub fn ask(&self, question: &Question<M::Solution>) -> Result<Table> {
        let answers = self.central.iter().map(|solution| question.ask(solution)).collect::<Result<Vec<_>>>()?;
        let names: Vec<String> = self.journey.periods.iter().map(ToString::to_string).collect();
        Ok(joined(&answers, "period", &names))
    }
}

impl<M: Follows> Case for PathCase<M> {
    type Solution = M::Solution;

    fn central(&self) -> Vec<&M::Solution> {
        self.central.iter().collect()
    }

    fn draw(&self, uncertain: &[Uncertain], values: &[f64], stop: &Stop) -> Result<Vec<Result<M::Solution>>> {
        let (model, moved) = self.model.redrawn(uncertain, values, stop)?;
        let journey = match sized(&self.journey.scenario, uncertain, values)? {
            None => self.journey.clone(),
            Some(scenario) => Journey { scenario: scenario.into(), ..self.journey.clone() },
        };
        Ok(model.follow(&journey, Some((&self.walked, &moved)), stop, &|_, _| {})?.0)
    }

    fn ended(solution: &M::Solution) -> Status {
        solution.ended()
    }
}
