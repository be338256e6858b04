//! What goods are made of, and what is wanted: the nests of every country at given prices and output.

use super::economy::Economy;
use super::nest::Nest;
use super::reach::Reach;
use super::system::{ByCountry, State};
use crate::solve::matrix::{dense_transposed_times, dot, short_times};

pub(super) struct Production<'a> {
    economy: &'a Economy,
    value_added: Nest,
    inputs: Nest,
    goods: Nest,
    /// Value added is a part of the nest of inputs.
    pub single: bool,
    /// Goods are made of labour alone, so income may follow wages at once.
    pub without_inputs: bool,
    /// Countries and sectors that are used but have no supplier.
    missing: Vec<(usize, usize)>,
}

impl<'a> Production<'a> {
    pub fn new(economy: &'a Economy, reach: &Reach) -> Self {
        let n = economy.countries;
        let missing = (0..reach.missing.len()).filter(|&cell| reach.missing[cell]).map(|cell| (cell % n, cell / n));
        Self {
            economy,
            value_added: Nest::new(economy.nests.value_added),
            inputs: Nest::new(economy.nests.inputs),
            goods: Nest::new(economy.nests.goods),
            single: economy.nests.value_added == economy.nests.inputs,
            without_inputs: economy.is_without_inputs(),
            missing: missing.collect(),
        }
    }

    /// ln ĉ from wages and prices.
    pub fn costs(&self, wage: &[f64], rows: &mut ByCountry) {
        let (economy, width) = (self.economy, self.economy.width());
        for &(country, sector) in &self.missing {
            rows.price[country * width + sector] = f64::INFINITY;
        }
        for (i, wage) in wage.iter().enumerate() {
            let span = i * width..(i + 1) * width;
            let cost = &mut rows.cost[span.clone()];
            if self.without_inputs {
                cost.fill(0.0);
            } else {
                self.terms(self.inputs, i, &rows.price[span.clone()], &mut rows.terms);
                dense_transposed_times(economy.inputs(i), &rows.terms[..economy.sectors], cost);
            }
            let own = economy.labour(i);
            let labour = self.value_added.term(*wage);
            if self.single {
                cost.iter_mut().zip(own).for_each(|(cost, own)| *cost += own * labour);
            } else {
                let bundle = &mut rows.bundle[span];
                for ((bundle, sum), own) in bundle.iter_mut().zip(cost.iter()).zip(own) {
                    *bundle = if *own < 1.0 { sum / (1.0 - own) } else { 0.0 };
                }
                self.inputs.indices(bundle);
                cost.copy_from_slice(bundle);
                self.value_added.terms(cost);
                cost.iter_mut().zip(own).for_each(|(cost, own)| *cost = own * labour + (1.0 - own) * *cost);
            }
            self.value_added.indices(cost);
        }
    }

    /// The terms of a nest at the prices of a country. One without a supplier is a part of no nest that can't do
    /// without, and has a finite term in one that can.
    fn terms(&self, nest: Nest, country: usize, price: &[f64], terms: &mut [f64]) {
        terms.copy_from_slice(price);
        nest.terms(terms);
        if !nest.spares() {
            self.missing.iter().filter(|(at, _)| *at == country).for_each(|&(_, sector)| terms[sector] = 0.0);
        }
    }

    /// Labour's receipts, and output times what its spreading over inputs has of the producer's side; `spread` has
    /// the output.
    pub fn labour(&self, wage: &[f64], state: &mut State) {
        let width = self.economy.width();
        let ByCountry { cost, bundle, spread, terms: paid, powers, .. } = &mut state.by_country;
        for (i, wage) in wage.iter().enumerate() {
            let span = i * width..(i + 1) * width;
            let (cost, bundle, spread) = (&cost[span.clone()], &bundle[span.clone()], &mut spread[span]);
            let own = self.economy.labour(i);
            paid.iter_mut().zip(own).zip(spread.iter()).for_each(|((paid, own), output)| *paid = own * output);
            self.value_added.scale(paid, |j| wage - cost[j], powers);
            state.labour[i] = paid.iter().sum();
            if self.single {
                self.inputs.scale(spread, |j| -cost[j], powers);
            } else {
                self.value_added.scale(spread, |j| bundle[j] - cost[j], powers);
                self.inputs.scale(spread, |j| -bundle[j], powers);
            }
        }
    }

    /// Consumers' prices, and the spending that output and income ask for.
    pub fn demand(&self, state: &mut State) {
        let (economy, width) = (self.economy, self.economy.width());
        let ByCountry { price, spread, wanted, terms, powers, .. } = &mut state.by_country;
        for (i, income) in state.income.iter().enumerate() {
            let span = i * width..(i + 1) * width;
            let (price, wanted) = (&price[span.clone()], &mut wanted[span.clone()]);
            if self.without_inputs {
                wanted.fill(0.0);
            } else {
                match width {
                    1 => wanted[0] = economy.inputs(i)[0] * spread[i],
                    _ => short_times(economy.inputs(i), &spread[span], &mut wanted[..economy.sectors]),
                }
                self.inputs.scale(wanted, |k| price[k], powers);
            }
            self.terms(self.goods, i, price, terms);
            let wants = economy.wants(i);
            let consumer = self.goods.index(if width == 1 { wants[0] * terms[0] } else { dot(wants, terms) });
            state.consumer_price[i] = consumer;
            terms.copy_from_slice(wants);
            self.goods.scale(terms, |k| price[k] - consumer, powers);
            wanted.iter_mut().zip(terms.iter()).for_each(|(wanted, share)| *wanted += share * income);
        }
    }
}
