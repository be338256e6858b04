//! The first-order form in relative changes: GSIM (Francois & Hall 2003) with export taxes, trade
//! costs and shifters.
//!
//! ```text
//! dp_ij = dp_i + dx + dc + dT                    dP_j = Σ_i s_ij dp_ij
//! dq_ij = −σ dp_ij + (σ + η_j) dP_j + dc_ij + db_j         (shipped)
//! dz_i + ε_i dp_i = Σ_j R_ij/R_i dq_ij
//! ```
//!
//! Changes are relative (T'/T − 1), as GSIM takes them.

use nalgebra::{DMatrix, DVector};

use super::Armington;
use super::market::{check_feasible, check_shifts, is_open};
use super::powers::{Powers, powers};
use crate::data::{Market, Totals};
use crate::error::{Error, Result};
use crate::model::{Equilibrium, Kind, Model, Status};
use crate::scenario::Wedges;
use crate::solve::Stop;

/// The linearised model; refuses what has no first order: bans and shifts to zero.
#[derive(Debug, Clone)]
pub struct FirstOrder(pub Armington);

impl Model for FirstOrder {
    type Equilibrium = Equilibrium;

    fn solve(
        &self,
        commodity: usize,
        wedges: &Wedges,
        _warm: Option<&Equilibrium>,
        stop: &Stop,
    ) -> Result<Equilibrium> {
        if stop.requested() {
            return Err(Error::Interrupted);
        }
        let market = self.0.baseline.market(commodity);
        check_shifts(&self.0, commodity, &market, wedges)?;
        self.refuse_closed(commodity, &market, wedges)?;
        check_feasible(&self.0, commodity, &market, wedges)?;
        let linear = Linear::new(&self.0, commodity, &market, wedges);
        let dp = linear.producer_prices().ok_or_else(|| {
            Error::Model(format!(
                "{}: the linear system is singular; solve exactly, without order=1",
                self.commodity(commodity)
            ))
        })?;
        let index = linear.price_index(&dp);
        if dp.iter().chain(&index).any(|change| *change <= -1.0) {
            return Err(Error::Model(format!(
                "{}: the first-order change takes a price below zero; solve exactly, without order=1",
                self.commodity(commodity)
            )));
        }
        Ok(linear.equilibrium(&dp, &index))
    }
}

impl FirstOrder {
    fn commodity(&self, commodity: usize) -> &str {
        self.0.baseline.flows.commodities.name(commodity)
    }

    fn refuse_closed(&self, commodity: usize, market: &Market, wedges: &Wedges) -> Result<()> {
        let banned = wedges.changes.iter().any(|change| change.availability != 1.0);
        let shut = (0..market.len()).any(|row| market.value[row] > 0.0 && !is_open(market, wedges, row));
        if let Some(ceiling) = wedges.ceilings.first() {
            return Err(Error::Model(format!(
                "measure '{}': order=1 takes no quotas; solve exactly, without order=1",
                ceiling.label
            )));
        }
        if banned || shut {
            return Err(Error::Model(format!(
                "{}: order=1 takes small changes only, not bans and not shifts to zero; solve exactly, without order=1",
                self.commodity(commodity)
            )));
        }
        Ok(())
    }
}

struct Linear<'a> {
    model: &'a Armington,
    commodity: usize,
    market: &'a Market<'a>,
    wedges: &'a Wedges,
    totals: &'a Totals,
}

impl<'a> Linear<'a> {
    fn new(model: &'a Armington, commodity: usize, market: &'a Market<'a>, wedges: &'a Wedges) -> Self {
        let totals = model.baseline.totals(commodity);
        Self { model, commodity, market, wedges, totals }
    }

    fn rows(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        (0..self.market.len())
            .filter(|&row| self.market.value[row] > 0.0)
            .map(|row| (row, self.market.exporter[row] as usize, self.market.importer[row] as usize))
    }

    fn sigma(&self) -> f64 {
        self.model.elasticities.substitution[self.commodity]
    }

    fn eta(&self, importer: usize) -> f64 {
        self.model.elasticities.demand[[self.commodity, importer]]
    }

    fn epsilon(&self, exporter: usize) -> f64 {
        self.model.elasticities.supply[[self.commodity, exporter]]
    }

    /// Change of the buyer's price at unchanged producer prices.
    fn wedge(&self, row: usize) -> f64 {
        let powers = self.powers(row);
        [powers.tariff_hat, powers.export_tax, powers.cost].iter().map(|hat| hat - 1.0).sum()
    }

    fn powers(&self, row: usize) -> Powers {
        powers(self.market, self.wedges, &[], row, 0.0)
    }

    fn spending_share(&self, row: usize, importer: usize) -> f64 {
        self.market.expenditure(row) / self.totals.spent[importer]
    }

    /// dP by country for given dp by country.
    fn price_index(&self, dp: &[f64]) -> Vec<f64> {
        let mut index = vec![0.0; dp.len()];
        for (row, i, j) in self.rows() {
            index[j] += self.spending_share(row, j) * (dp[i] + self.wedge(row));
        }
        index
    }

    fn shipped(&self, row: usize, i: usize, j: usize, dp: &[f64], index: &[f64]) -> f64 {
        -self.sigma() * (dp[i] + self.wedge(row)) + (self.sigma() + self.eta(j)) * index[j] + self.powers(row).cost
            - 1.0
            + self.wedges.demand_shift.at(j)
            - 1.0
    }

    /// Σ_j R_ij/R_i dq_ij − dz_i − ε_i dp_i by country; 0 where ε is infinite.
    fn excess(&self, dp: &[f64]) -> Vec<f64> {
        let index = self.price_index(dp);
        let mut excess = vec![0.0; dp.len()];
        for (row, i, j) in self.rows() {
            excess[i] += self.market.value[row] / self.totals.received[i] * self.shipped(row, i, j, dp, &index);
        }
        for (i, value) in excess.iter_mut().enumerate() {
            let epsilon = self.epsilon(i);
            match self.totals.received[i] > 0.0 && epsilon.is_finite() {
                true => *value -= self.wedges.supply_shift.at(i) - 1.0 + epsilon * dp[i],
                false => *value = 0.0,
            }
        }
        excess
    }

    fn producer_prices(&self) -> Option<Vec<f64>> {
        let countries = self.model.baseline.countries();
        let unknown: Vec<usize> =
            (0..countries).filter(|&i| self.totals.received[i] > 0.0 && self.epsilon(i).is_finite()).collect();
        if unknown.is_empty() {
            return Some(vec![0.0; countries]);
        }
        let mut place = vec![usize::MAX; countries];
        unknown.iter().enumerate().for_each(|(p, &i)| place[i] = p);
        let mut spending: DMatrix<f64> = DMatrix::zeros(countries, unknown.len());
        let mut receipts: DMatrix<f64> = DMatrix::zeros(unknown.len(), countries);
        for (row, i, j) in self.rows().filter(|&(_, i, _)| place[i] != usize::MAX) {
            spending[(j, place[i])] += (self.sigma() + self.eta(j)) * self.spending_share(row, j);
            receipts[(place[i], j)] += self.market.value[row] / self.totals.received[i];
        }
        let diagonal = DVector::from_iterator(unknown.len(), unknown.iter().map(|&i| self.sigma() + self.epsilon(i)));
        let matrix = DMatrix::from_diagonal(&diagonal) - receipts * spending;
        let excess = self.excess(&vec![0.0; countries]);
        let right = DVector::from_iterator(unknown.len(), unknown.iter().map(|&i| excess[i]));
        let solution = matrix.lu().solve(&right)?;
        let mut dp: Vec<f64> = vec![0.0; countries];
        unknown.iter().zip(solution.iter()).for_each(|(&i, &value)| dp[i] = value);
        dp.iter().all(|value| value.is_finite()).then_some(dp)
    }

    fn equilibrium(&self, dp: &[f64], index: &[f64]) -> Equilibrium {
        let mut change = vec![0.0; self.market.len()];
        for (row, i, j) in self.rows() {
            change[row] = self.shipped(row, i, j, dp, index);
        }
        let traded = |total: f64, value: f64| if total > 0.0 { value } else { f64::NAN };
        let received = self.totals.received.iter().zip(dp);
        let spent = self.totals.spent.iter().zip(index);
        let residual = crate::solve::sup_norm(&self.excess(dp));
        Equilibrium {
            kind: Kind::FirstOrder(change),
            log_producer_price: received.clone().map(|(&total, dp)| traded(total, dp.ln_1p())).collect(),
            log_price_index: spent.map(|(&total, index)| traded(total, index.ln_1p())).collect(),
            supply_hat: (received.enumerate())
                .map(|(i, (&total, dp))| match self.epsilon(i).is_finite() {
                    true => traded(total, self.wedges.supply_shift.at(i) + self.epsilon(i) * dp),
                    false => f64::NAN,
                })
                .collect(),
            licences: Vec::new(),
            status: Status {
                converged: true,
                iterations: 1,
                residual,
                modulus: 0.0,
                reason: "linear system solved".into(),
            },
        }
    }
}
