//! The search for an equilibrium: from the baseline at once, or step by step.

use super::economy::{Cell, Transfers};
use super::equilibrium::{self, Followed};
use super::system::System;
use super::{General, GeneralEquilibrium};
use crate::error::{Error, Result};
use crate::model::Status;
use crate::solve::Stop;

/// Share of what a country earns that is left beside its surplus, at which nothing more is: where an
/// equilibrium can be followed no further, the last step was short.
const BROKE: f64 = 0.02;

impl General {
    /// The wedges a share `s` of the way from the baseline.
    pub fn along(&self, cells: &[Cell], s: f64) -> Vec<Cell> {
        cells.iter().map(|cell| cell.along(s)).collect()
    }

    /// The equilibrium under wedges, searched from `warm` or from the baseline.
    ///
    /// # Errors
    /// As [`General::system`], and [`Error::Infeasible`] where a fixed surplus takes all that a country earns
    /// before all the wedges are there. An equilibrium that was not found is no error: see its status.
    pub fn solve(&self, cells: Vec<Cell>, warm: Option<&[f64]>, stop: &Stop) -> Result<GeneralEquilibrium> {
        Ok(self.solve_then(cells, warm, stop, |_, _| ())?.0)
    }

    /// As [`General::solve`], with what `finish` makes of the system at the equilibrium.
    ///
    /// # Errors
    /// As [`General::solve`].
    pub fn solve_then<T>(
        &self,
        cells: Vec<Cell>,
        warm: Option<&[f64]>,
        stop: &Stop,
        finish: impl FnOnce(System, &GeneralEquilibrium) -> T,
    ) -> Result<(GeneralEquilibrium, T)> {
        let system = self.system(&cells)?;
        let (aggregate, mut point) = (self.aggregate.as_deref(), warm.unwrap_or(&self.start).to_vec());
        let mut status = equilibrium::find(&system, aggregate, &mut point, stop);
        if !status.converged && !cells.is_empty() && !stop.requested() {
            let along = |s: f64| self.system(&self.along(&cells, s));
            let (followed, evaluations) = equilibrium::follow(along, aggregate, &self.start, stop)?;
            status.iterations += evaluations;
            match followed {
                Followed::Through(found) => {
                    point = found;
                    let last = equilibrium::find(&system, aggregate, &mut point, stop);
                    status = Status { iterations: status.iterations, ..last };
                }
                Followed::To(share, last) => self.check_paid(&along(share)?, &last, share)?,
            }
        }
        if stop.requested() {
            return Err(Error::Interrupted);
        }
        let equilibrium = GeneralEquilibrium { point, cells: cells.clone(), status };
        let made = finish(system, &equilibrium);
        Ok((equilibrium, made))
    }

    /// Refuses measures of which a share, whose equilibrium is `point`, leaves a country nothing beside its fixed
    /// surplus.
    fn check_paid(&self, system: &System, point: &[f64], share: f64) -> Result<()> {
        let Transfers::Fixed(deficit) = &system.transfers else { return Ok(()) };
        let mut state = system.state();
        system.evaluate(point, &mut state);
        let left = |i: usize| state.income[i] / (state.income[i] - deficit[i]);
        let broke: Vec<usize> = (0..deficit.len()).filter(|&i| left(i) < BROKE).collect();
        if broke.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = broke.iter().map(|&i| self.baseline.flows.countries.name(i).to_string()).collect();
        Err(Error::Infeasible {
            message: format!(
                "with {:.1} % of the measures the fixed surplus of {} takes {:.1} % of what is earned there; with more of \
                 them nothing is left to spend and it can't be paid. Use deficits=\"multiplicative\" or \"zero\", or \
                 smaller measures",
                100.0 * share,
                names.join(", "),
                100.0 * (1.0 - broke.iter().map(|&i| left(i)).fold(f64::INFINITY, f64::min))
            ),
            countries: names,
        })
    }
}
