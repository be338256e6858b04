//! Certificates: every account rebuilt from the reported flows, prices and wages.

use super::GeneralSolution;
use crate::data::{Column, Table};
use crate::model::general::economy::Transfers;
use crate::model::general::nest::Nest;
use crate::model::general::system::{State, System};
use crate::model::general::trade::{self, purchases};
use crate::solve::arrays::{add, sum};
use crate::solve::matrix::dot;

/// A certificate beyond this is a failed solve, whatever the solver says.
pub const DISAGREEMENT: f64 = 1e-8;

/// Largest relative errors of one equilibrium.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Certificate {
    /// |spending on the flows − what inputs and income ask for| / the larger, over sectors and buyers.
    pub demand: f64,
    /// |labour's receipts − wages| / wages, over countries.
    pub labour: f64,
    /// |imports − exports − transfer| / value added, over countries.
    pub trade_balance: f64,
    /// |income − wages − duties and export taxes − transfer| / income, over countries.
    pub budget: f64,
}

impl Certificate {
    pub fn largest(&self) -> f64 {
        self.demand.max(self.labour).max(self.trade_balance).max(self.budget)
    }
}

/// Adds up flow by flow, from the flows that are reported.
pub(super) fn certify(system: &System, state: &State, point: &[f64]) -> Certificate {
    let economy = system.economy;
    let (n, sectors) = (economy.countries, economy.sectors);
    let mut spent = vec![0.0; n * sectors];
    let mut output = vec![0.0; n * sectors];
    let (mut imports, mut revenue) = (vec![0.0; n], vec![0.0; n]);
    let (mut spending, mut value) = (vec![0.0; n], vec![0.0; n]);
    for sector in 0..sectors {
        let sold = &mut output[sector * n..(sector + 1) * n];
        for importer in 0..n {
            purchases(system, state, (sector, importer), &mut spending, &mut value);
            let (all, bought) = (sum(&spending), sum(&value));
            spent[sector * n + importer] = all;
            imports[importer] += bought;
            revenue[importer] += all - bought;
            add(sold, 1.0, &value);
        }
    }
    let exports: Vec<f64> = (0..n).map(|i| output.iter().skip(i).step_by(n).sum()).collect();
    for sector in 0..sectors {
        for &(importer, exporter, tax) in &system.taxed[sector] {
            let collected = trade::value(system, state, sector, importer, exporter) * (1.0 - 1.0 / tax);
            output[sector * n + exporter] -= collected;
            revenue[exporter] += collected;
        }
    }
    let (wage, prices) = (&point[..n], &point[n..n * (1 + sectors)]);
    let (goods, inputs) = (Nest::new(economy.nests.goods), Nest::new(economy.nests.inputs));
    let outer = Nest::new(economy.nests.value_added);
    let mut certificate = Certificate::default();
    let mut spread = vec![0.0; economy.width()];
    for i in 0..n {
        let wages = wage[i].exp() * economy.value_added[i];
        let transfer = match &system.transfers {
            Transfers::Fixed(deficit) => deficit[i],
            Transfers::Proportional(_) => state.income[i] - wages - state.revenue[i],
        };
        let income = wages + revenue[i] + transfer;
        let mut labour = 0.0;
        let mut wanted: Vec<f64> = (0..sectors)
            .map(|k| {
                let share = economy.wants(i)[k];
                let missing = system.reach.missing[k * n + i];
                if missing || share == 0.0 {
                    0.0
                } else {
                    share * goods.share_hat(prices[k * n + i], state.consumer_price[i]) * income
                }
            })
            .collect();
        for (j, spread) in spread[..sectors].iter_mut().enumerate() {
            let (output, cost, bundle) = (output[j * n + i], state.cost[j * n + i], system.bundle(state, i, j));
            *spread = 0.0;
            if output > 0.0 {
                labour += economy.labour(i)[j] * outer.share_hat(wage[i], cost) * output;
                *spread = outer.share_hat(bundle, cost) * inputs.share_hat(0.0, bundle) * output;
            }
        }
        for (k, row) in economy.inputs(i).chunks_exact(economy.width()).enumerate() {
            if !system.reach.missing[k * n + i] {
                wanted[k] += inputs.share_hat(prices[k * n + i], 0.0) * dot(row, &spread);
            }
        }
        let worst = |now: &mut f64, error: f64| *now = now.max(if error.is_nan() { f64::INFINITY } else { error });
        for (k, wanted) in wanted.iter().enumerate() {
            let spent = spent[k * n + i];
            worst(&mut certificate.demand, (spent - wanted).abs() / spent.max(*wanted).max(f64::MIN_POSITIVE));
        }
        worst(&mut certificate.labour, (labour - wages).abs() / wages);
        worst(&mut certificate.trade_balance, (imports[i] - exports[i] - transfer).abs() / economy.value_added[i]);
        worst(&mut certificate.budget, (state.income[i] - income).abs() / income);
    }
    certificate
}

impl GeneralSolution {
    /// One row an equilibrium: `share_of_period, demand, labour, trade_balance, budget, iterations,
    /// converged`.
    pub fn certificate(&self) -> Table {
        let of = |pick: fn(&Certificate) -> f64| self.certificates.iter().map(pick).collect();
        Table::default()
            .number("share_of_period", "share", self.weights())
            .number("demand", "relative", of(|one| one.demand))
            .number("labour", "relative", of(|one| one.labour))
            .number("trade_balance", "relative", of(|one| one.trade_balance))
            .number("budget", "relative", of(|one| one.budget))
            .with("iterations", Column::Count(self.equilibria.iter().map(|e| e.status.iterations as i64).collect()))
            .with("converged", Column::Flag(self.equilibria.iter().map(|e| e.status.converged).collect()))
    }
}
