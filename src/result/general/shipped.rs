//! Sales and amounts shipped, in money throughout.

use super::GeneralSolution;
use super::flows::Account;
use crate::data::Baseline;
use crate::result::trade::{Compared, Sales, Shipped, Trade};
use crate::scenario::Compiled;
use crate::scenario::select::Selection;

impl Trade for GeneralSolution {
    fn baseline(&self) -> &Baseline {
        &self.model.baseline
    }

    fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    fn in_quantities(&self, _commodity: usize, _taken: impl Fn(usize, usize) -> bool) -> bool {
        false
    }

    fn sales(&self, commodity: usize) -> Sales {
        let money = self.compared(commodity, |account| account.value);
        let unknown = vec![f64::NAN; money.before.len()];
        Sales { money, quantity: Compared { before: unknown.clone(), after: unknown } }
    }

    /// What an exporter does not ship it does not produce: everything produced is sold, to itself too.
    fn shipped(&self, commodity: usize, exporters: &Selection, _quantity: bool) -> Shipped {
        let rows = self.compared(commodity, |account| account.shipped);
        let market = self.market(commodity);
        let own = (0..market.len()).filter(|&row| exporters.taken[market.exporter[row] as usize]);
        let not_produced = own.map(|row| rows.before[row] - rows.after[row]).sum();
        Shipped { rows, not_produced, mix: 0.0 }
    }
}

impl GeneralSolution {
    fn compared(&self, commodity: usize, of: fn(&Account) -> f64) -> Compared {
        let rows = self.flows_data().range(0, commodity);
        let after = self.accounts()[rows].iter().map(of).collect();
        Compared { before: self.market(commodity).value.to_vec(), after }
    }
}
