//! What a solution follows from.

use super::GeneralSolution;
use crate::data::input_output::Shares;

impl GeneralSolution {
    /// The figures and settings of the model, and how the scenario was solved, as text: equal where solving
    /// gives the same. The scenario itself is not in it.
    pub fn inputs(&self) -> String {
        let (model, baseline) = (&self.model, &self.model.baseline);
        let flows = &baseline.flows;
        let names = (flows.countries.names(), flows.commodities.names(), baseline.period, &flows.units);
        let parts = baseline.parts().map(|parts| &parts.rows);
        let figures = (&model.economy, &model.start, &model.deficit, &model.transfers);
        let given = model.given.as_ref().map(|given| (figures_of(&given.table.shares), &given.settings));
        format!("{:?}", (names, parts, figures, given, self.options))
    }
}

/// Every number of a table; arrays are written without their middle.
fn figures_of(shares: &Shares) -> Vec<f64> {
    let Shares { import_share, input_share, value_added_share, final_share, value_added, tariff_power, deficit } =
        shares;
    let cubes = [Some(import_share), Some(input_share), tariff_power.as_ref()].into_iter().flatten();
    let vectors = [Some(value_added), deficit.as_ref()].into_iter().flatten();
    let numbers = cubes.flatten().chain(value_added_share).chain(final_share).chain(vectors.flatten());
    numbers.copied().collect()
}
