//! Certificates: every account rebuilt from the reported flows, prices and wages.

use super::{GeneralSolution, Opened};
use crate::data::{Column, Table};
use crate::model::general::economy::Transfers;
use crate::model::general::nest::Nest;

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

/// Adds up flow by flow, without the solver's kernels.
pub(super) fn certify(opened: &Opened) -> Certificate {
    let Opened { system, state, trade, .. } = opened;
    let economy = system.economy;
    let (n, sectors) = (economy.countries, economy.sectors);
    let mut spent = vec![0.0; n * sectors];
    let mut output = vec![0.0; n * sectors];
    let (mut imports, mut revenue) = (vec![0.0; n], vec![0.0; n]);
    for sector in 0..sectors {
        let sold = &mut output[sector * n..(sector + 1) * n];
        for importer in 0..n {
            let row = economy.flow(sector, importer, 0);
            let (spending, value) = (&trade.spending[row..row + n], &trade.value[row..row + n]);
            let (all, bought) = (spending.iter().sum::<f64>(), value.iter().sum::<f64>());
            spent[sector * n + importer] = all;
            imports[importer] += bought;
            revenue[importer] += all - bought;
            sold.iter_mut().zip(value).for_each(|(sum, value)| *sum += value);
        }
    }
    let exports: Vec<f64> = (0..n).map(|i| output.iter().skip(i).step_by(n).sum()).collect();
    for sector in 0..sectors {
        for &(importer, exporter, tax) in &system.taxed[sector] {
            let collected = trade.value[economy.flow(sector, importer, exporter)] * (1.0 - 1.0 / tax);
            output[sector * n + exporter] -= collected;
            revenue[exporter] += collected;
        }
    }
    let prices = &opened.equilibrium.point[n..n * (1 + sectors)];
    let (goods, inputs) = (Nest::new(economy.nests.goods), Nest::new(economy.nests.inputs));
    let outer = Nest::new(economy.nests.value_added);
    let mut certificate = Certificate::default();
    for i in 0..n {
        let wages = opened.wage()[i].exp() * economy.value_added[i];
        let transfer = match &system.transfers {
            Transfers::Fixed(deficit) => deficit[i],
            Transfers::Proportional(_) => opened.transfer(i),
        };
        let income = wages + revenue[i] + transfer;
        let mut labour = 0.0;
        let mut wanted: Vec<f64> = (0..sectors)
            .map(|k| {
                let share = economy.final_share[k * n + i];
                let missing = system.reach.missing[k * n + i];
                if missing || share == 0.0 {
                    0.0
                } else {
                    share * goods.share_hat(prices[k * n + i], state.consumer_price[i]) * income
                }
            })
            .collect();
        for j in (0..sectors).filter(|&j| output[j * n + i] > 0.0) {
            let (cost, bundle) = (state.cost[j * n + i], system.bundle(state, i, j));
            let spread = outer.share_hat(bundle, cost) * output[j * n + i];
            labour +=
                economy.value_added_share[j * n + i] * outer.share_hat(opened.wage()[i], cost) * output[j * n + i];
            for (k, wanted) in wanted.iter_mut().enumerate() {
                let share = economy.inputs(i)[k * sectors + j];
                if share > 0.0 && !system.reach.missing[k * n + i] {
                    *wanted += share * inputs.share_hat(prices[k * n + i], bundle) * spread;
                }
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
