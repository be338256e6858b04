//! What a solution follows from.

use super::GeneralSolution;
use crate::data::input_output::Shares;

impl GeneralSolution {
    /// The figures and settings of the model, and how the scenario was solved, as text: equal where solving
    /// gives the same. The scenario itself is not in it.
    pub fn inputs(&self) -> String {
        let given = &self.model.given;
        let names = (given.table.countries.names(), given.table.sectors.names());
        let parts = self.model.baseline.parts().map(|parts| &parts.rows);
        format!("{:?}", (names, parts, figures_of(&given.table.shares), &given.settings, self.options))
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
