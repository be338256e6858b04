//! The joint system in hats: wages, prices and spending at once.
//!
//! Caliendo & Parro (2015), Estimates of the trade and welfare effects of NAFTA, REStud 82; Dekle,
//! Eaton & Kortum (2008). See [`super`] for the equations. The unknowns are ln ŵ by country, then ln P̂
//! and ln X' by sector and country. One evaluation reads every kernel once: with y = ĉ^(−θ),
//!
//! ```text
//! S = K y       P̂ = S^(−1/θ)       g = X'/S       producers' receipts  y ∘ ((K/T')ᵀ g), less export taxes
//! ```

use super::economy::{Cell, Economy, Transfers};
use super::nest::Nest;
use super::reach::{Obstacle, Reach};
use crate::solve::matrix::{dense_times, dense_transposed_times, short_times};
use crate::solve::{mathfn, spare};

/// The most that one evaluation moves an unknown: far from the solution only.
const LONGEST: f64 = 3.0;

/// A system of equations under wedges.
pub struct System<'a> {
    pub economy: &'a Economy,
    pub reach: Reach,
    /// K = π a κ̂^(−θ), `[sector][importer][exporter]`.
    pub kernel: Vec<f64>,
    /// K/T'; `None`: no duties.
    pub border: Option<Vec<f64>>,
    /// By sector: importer, exporter and x' of the flows with an export tax.
    pub taxed: Vec<Vec<(usize, usize, f64)>>,
    pub transfers: Transfers,
    nests: NestPlan,
    /// Goods are made of labour alone, so income may follow wages at once.
    without_inputs: bool,
}

#[derive(Clone, Copy)]
struct NestPlan {
    value_added: Nest,
    inputs: Nest,
    goods: Nest,
    /// Value added is a part of the nest of inputs.
    single: bool,
}

/// All that follows from one point. Arrays by sector and country are sector by sector unless said.
pub struct State {
    /// ln ĉ.
    pub cost: Vec<f64>,
    /// ln P̂ from these costs.
    pub price: Vec<f64>,
    /// Spending X' of the point, and S = P̂^(−θ) times `scale^θ`.
    pub spending: Vec<f64>,
    pub weight: Vec<f64>,
    /// ln of the lowest ĉ of each sector, taken out before powers.
    pub scale: Vec<f64>,
    /// ĉ^(−θ) over `scale^(−θ)`.
    pub power: Vec<f64>,
    /// Sales and purchases at border values.
    pub sales: Vec<f64>,
    pub purchases: Vec<f64>,
    /// Y', sales net of export tax.
    pub output: Vec<f64>,
    /// Σ_j γ'^j Y'^j, duties with export taxes, and I', by country.
    pub labour: Vec<f64>,
    pub revenue: Vec<f64>,
    pub income: Vec<f64>,
    /// ln P̂^C by country.
    pub consumer_price: Vec<f64>,
    /// X' that income and output ask for.
    wanted: Vec<f64>,
    own: Vec<f64>,
    by_country: [Vec<f64>; 4],
    terms: Vec<f64>,
    /// As long as a row of flows.
    row: Vec<f64>,
    row_sums: Vec<f64>,
}

impl<'a> System<'a> {
    /// # Errors
    /// An [`Obstacle`] where no equilibrium exists.
    pub fn new(economy: &'a Economy, cells: &[Cell], transfers: Transfers) -> Result<Self, Obstacle> {
        let mut kernel = spare::take();
        kernel.extend_from_slice(&economy.import_share);
        let mut taxed = vec![Vec::new(); economy.sectors];
        let dutiable = economy.tariff_power.is_some() || cells.iter().any(|cell| cell.tariff_power != 1.0);
        let mut border = dutiable.then(|| {
            let mut border = spare::take();
            match &economy.tariff_power {
                Some(power) => border.extend(kernel.iter().zip(power).map(|(share, power)| share / power)),
                None => border.extend_from_slice(&kernel),
            }
            border
        });
        for cell in cells {
            let (sector, importer, exporter) = (cell.sector as usize, cell.importer as usize, cell.exporter as usize);
            let flow = economy.flow(sector, importer, exporter);
            let factor = cell.tariff_power / economy.tariff(flow) * cell.export_tax_power * cell.cost_factor;
            kernel[flow] *= cell.availability * factor.powf(-economy.trade_elasticity[sector]);
            if let Some(border) = &mut border {
                border[flow] = kernel[flow] / cell.tariff_power;
            }
            if cell.export_tax_power != 1.0 {
                taxed[sector].push((importer, exporter, cell.export_tax_power));
            }
        }
        let reach = Reach::new(economy, &kernel, &transfers)?;
        let transfers = balanced(economy, &reach, transfers);
        let nests = NestPlan {
            value_added: Nest::new(economy.nests.value_added),
            inputs: Nest::new(economy.nests.inputs),
            goods: Nest::new(economy.nests.goods),
            single: economy.nests.value_added == economy.nests.inputs,
        };
        let without_inputs = economy.is_without_inputs();
        Ok(Self { economy, reach, kernel, border, taxed, transfers, nests, without_inputs })
    }

    /// How many unknowns there are.
    pub fn len(&self) -> usize {
        self.economy.countries * (1 + 2 * self.economy.sectors)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn state(&self) -> State {
        let (n, sectors) = (self.economy.countries, self.economy.sectors);
        let cells = || vec![0.0; n * sectors];
        let countries = || vec![0.0; n];
        State {
            cost: cells(),
            price: cells(),
            spending: cells(),
            weight: cells(),
            scale: vec![0.0; sectors],
            power: cells(),
            sales: cells(),
            purchases: cells(),
            output: cells(),
            labour: countries(),
            revenue: countries(),
            income: countries(),
            consumer_price: countries(),
            wanted: cells(),
            own: countries(),
            by_country: [cells(), cells(), cells(), cells()],
            terms: vec![0.0; sectors],
            row: vec![0.0; self.economy.stride()],
            row_sums: vec![0.0; self.economy.stride()],
        }
    }

    /// Writes the image of `x`, of which the equilibrium is a fixed point.
    pub fn map(&self, x: &[f64], out: &mut [f64], state: &mut State) {
        self.receipts(x, state);
        let (n, cells) = (self.economy.countries, self.economy.countries * self.economy.sectors);
        let (wage, rest) = x.split_at(n);
        let (price, spending) = rest.split_at(cells);
        let (new_wage, new_rest) = out.split_at_mut(n);
        let (new_price, new_spending) = new_rest.split_at_mut(cells);
        for i in 0..n {
            let ratio = (state.labour[i] / (wage[i].exp() * self.economy.value_added[i])).ln();
            new_wage[i] = wage[i] + bounded(ratio) / (1.0 + self.economy.wage_elasticity[i]);
        }
        self.normalise(new_wage, &mut state.own);
        let paid = if self.without_inputs { &*new_wage } else { wage };
        self.incomes(paid, state);
        self.demand(state);
        mathfn::ln(&mut state.wanted);
        for cell in 0..cells {
            (new_price[cell], new_spending[cell]) = match self.reach.bought[cell] {
                true => (
                    price[cell] + bounded(state.price[cell] - price[cell]),
                    spending[cell] + bounded(state.wanted[cell] - spending[cell]),
                ),
                false => (price[cell], spending[cell]),
            };
        }
    }

    /// Σ ŵ w L = Σ w L in every component.
    fn normalise(&self, wage: &mut [f64], hats: &mut [f64]) {
        hats.copy_from_slice(wage);
        mathfn::exp(hats);
        let value_added = &self.economy.value_added;
        let mut totals = vec![(0.0, 0.0); self.reach.components];
        for (i, &component) in self.reach.component.iter().enumerate() {
            totals[component].0 += value_added[i];
            totals[component].1 += hats[i] * value_added[i];
        }
        wage.iter_mut().zip(&self.reach.component).for_each(|(wage, &component)| {
            *wage -= (totals[component].1 / totals[component].0).ln();
        });
    }

    /// What follows from the unknowns.
    pub fn evaluate(&self, x: &[f64], state: &mut State) {
        self.receipts(x, state);
        self.incomes(&x[..self.economy.countries], state);
        self.demand(state);
    }

    /// Costs, trade, and what it pays to labour and to governments.
    fn receipts(&self, x: &[f64], state: &mut State) {
        let (n, cells) = (self.economy.countries, self.economy.countries * self.economy.sectors);
        let (wage, rest) = x.split_at(n);
        let (price, spending) = rest.split_at(cells);
        let [prices, ..] = &mut state.by_country;
        transpose(price, self.economy.sectors, prices);
        for (cell, _) in self.reach.missing.iter().enumerate().filter(|(_, missing)| **missing) {
            prices[(cell % n) * self.economy.sectors + cell / n] = f64::INFINITY;
        }
        self.costs(wage, state);
        state.spending.copy_from_slice(spending);
        mathfn::exp(&mut state.spending);
        for (spending, bought) in state.spending.iter_mut().zip(&self.reach.bought) {
            if !bought {
                *spending = 0.0;
            }
        }
        (0..self.economy.sectors).for_each(|sector| self.trade(sector, state));
        self.labour(wage, state);
        self.revenue(state);
    }

    /// ln ĉ from wages and the prices by country.
    fn costs(&self, wage: &[f64], state: &mut State) {
        let (economy, sectors) = (self.economy, self.economy.sectors);
        let [prices, costs, bundles, terms] = &mut state.by_country;
        for (i, wage) in wage.iter().enumerate() {
            let span = i * sectors..(i + 1) * sectors;
            let (terms, sums) = (&mut terms[span.clone()], &mut costs[span.clone()]);
            terms.copy_from_slice(&prices[span.clone()]);
            self.nests.inputs.terms(terms);
            dense_transposed_times(economy.inputs(i), terms, sums);
            let own = |j: usize| economy.value_added_share[j * economy.countries + i];
            let labour = self.nests.value_added.term(*wage);
            if self.nests.single {
                sums.iter_mut().enumerate().for_each(|(j, sum)| *sum += own(j) * labour);
            } else {
                let bundle = &mut bundles[span];
                for (j, (bundle, sum)) in bundle.iter_mut().zip(sums.iter()).enumerate() {
                    *bundle = if own(j) < 1.0 { sum / (1.0 - own(j)) } else { 0.0 };
                }
                self.nests.inputs.indices(bundle);
                sums.copy_from_slice(bundle);
                self.nests.value_added.terms(sums);
                sums.iter_mut().enumerate().for_each(|(j, sum)| *sum = own(j) * labour + (1.0 - own(j)) * *sum);
            }
            self.nests.value_added.indices(sums);
        }
        transpose(costs, economy.countries, &mut state.cost);
    }

    /// The log of the price of the bundle of inputs; the cost itself where value added is in its nest.
    pub fn bundle(&self, state: &State, country: usize, sector: usize) -> f64 {
        match self.nests.single {
            true => state.cost[sector * self.economy.countries + country],
            false => state.by_country[2][country * self.economy.sectors + sector],
        }
    }

    /// Prices, border values and receipts of one sector at the state's costs and spending.
    pub(super) fn trade(&self, sector: usize, state: &mut State) {
        let (economy, n) = (self.economy, self.economy.countries);
        let span = sector * n..(sector + 1) * n;
        let theta = economy.trade_elasticity[sector];
        let cost = &state.cost[span.clone()];
        let lowest = crate::solve::extremes::smallest(cost);
        state.scale[sector] = lowest;
        let power = &mut state.power[span.clone()];
        power.iter_mut().zip(cost).for_each(|(power, cost)| *power = -theta * (cost - lowest));
        mathfn::exp(power);
        let weight = &mut state.weight[span.clone()];
        state.row[..n].copy_from_slice(power);
        short_times(economy.of_sector(&self.kernel, sector), &state.row, weight);
        let price = &mut state.price[span.clone()];
        price.copy_from_slice(weight);
        mathfn::ln(price);
        price.iter_mut().for_each(|price| *price = lowest - *price / theta);
        let spending = &state.spending[span.clone()];
        let density = &mut state.own;
        for ((density, spending), weight) in density.iter_mut().zip(spending).zip(weight.iter()) {
            *density = if *spending > 0.0 { spending / weight } else { 0.0 };
        }
        let (purchases, sales) = (&mut state.purchases[span.clone()], &mut state.sales[span.clone()]);
        let border = economy.of_sector(self.border.as_ref().unwrap_or(&self.kernel), sector);
        match self.border {
            Some(_) => {
                short_times(border, &state.row, purchases);
                purchases.iter_mut().zip(density.iter()).for_each(|(sum, density)| *sum *= density);
            }
            None => purchases.copy_from_slice(spending),
        }
        dense_transposed_times(border, density, &mut state.row_sums);
        let sold = sales.iter_mut().zip(&state.row_sums).zip(power.iter());
        sold.for_each(|((sales, sum), power)| *sales = sum * power);
        let output = &mut state.output[span];
        output.copy_from_slice(sales);
        for &(importer, exporter, tax) in &self.taxed[sector] {
            let value = border[economy.flow(0, importer, exporter)] * power[exporter] * density[importer];
            output[exporter] -= value * (1.0 - 1.0 / tax);
        }
    }

    /// Duties and export taxes.
    fn revenue(&self, state: &mut State) {
        let n = self.economy.countries;
        state.revenue.fill(0.0);
        let by_sector = (state.spending.chunks_exact(n).zip(state.purchases.chunks_exact(n)))
            .zip(state.sales.chunks_exact(n).zip(state.output.chunks_exact(n)));
        for ((spending, purchases), (sales, output)) in by_sector {
            for i in 0..n {
                state.revenue[i] += (spending[i] - purchases[i]) + (sales[i] - output[i]);
            }
        }
    }

    fn incomes(&self, wage: &[f64], state: &mut State) {
        let (economy, n) = (self.economy, self.economy.countries);
        let earned = |i: usize| wage[i].exp() * economy.value_added[i] + state.revenue[i];
        match &self.transfers {
            Transfers::Fixed(deficit) => (0..n).for_each(|i| state.income[i] = earned(i) + deficit[i]),
            Transfers::Proportional(ratio) => {
                let mut totals = vec![(0.0, 0.0); self.reach.components];
                for i in 0..n {
                    let total = &mut totals[self.reach.component[i]];
                    total.0 += earned(i);
                    total.1 += ratio[i] * earned(i);
                }
                for i in 0..n {
                    let (all, wanted) = totals[self.reach.component[i]];
                    state.income[i] = all / wanted * ratio[i] * earned(i);
                }
            }
        }
    }

    /// Labour's receipts, and output times what its spreading over inputs has of the producer's side.
    fn labour(&self, wage: &[f64], state: &mut State) {
        let (economy, sectors, n) = (self.economy, self.economy.sectors, self.economy.countries);
        let [_, costs, bundles, spread] = &mut state.by_country;
        let plan = self.nests;
        transpose(&state.output, sectors, spread);
        for (i, wage) in wage.iter().enumerate() {
            let span = i * sectors..(i + 1) * sectors;
            let (costs, spread) = (&costs[span.clone()], &mut spread[span.clone()]);
            let mut labour = 0.0;
            for (j, output) in spread.iter_mut().enumerate().filter(|(_, output)| **output != 0.0) {
                let own = economy.value_added_share[j * n + i] * *output;
                labour += own * plan.value_added.share_hat(*wage, costs[j]);
                *output *= match plan.single {
                    true => plan.inputs.share_hat(0.0, costs[j]),
                    false => {
                        let bundle = bundles[span.start + j];
                        plan.value_added.share_hat(bundle, costs[j]) * plan.inputs.share_hat(0.0, bundle)
                    }
                };
            }
            state.labour[i] = labour;
        }
    }

    /// Consumers' prices, and the spending that output and income ask for.
    fn demand(&self, state: &mut State) {
        let (economy, sectors, n) = (self.economy, self.economy.sectors, self.economy.countries);
        let [prices, wanted, _, spread] = &mut state.by_country;
        let terms = &mut state.terms;
        let plan = self.nests;
        for i in 0..n {
            let span = i * sectors..(i + 1) * sectors;
            let (prices, wanted) = (&prices[span.clone()], &mut wanted[span.clone()]);
            dense_times(economy.inputs(i), &spread[span], wanted);
            if !plan.inputs.is_cobb_douglas() {
                terms.copy_from_slice(prices);
                plan.inputs.powers(terms);
                wanted.iter_mut().zip(terms.iter()).for_each(|(wanted, power)| *wanted *= power);
            }
            let share = |k: usize| economy.final_share[k * n + i];
            terms.copy_from_slice(prices);
            plan.goods.terms(terms);
            let term = (0..sectors).filter(|&k| share(k) > 0.0).map(|k| share(k) * terms[k]).sum();
            let consumer = plan.goods.index(term);
            state.consumer_price[i] = consumer;
            for k in (0..sectors).filter(|&k| share(k) > 0.0) {
                wanted[k] += share(k) * plan.goods.share_hat(prices[k], consumer) * state.income[i];
            }
        }
        transpose(wanted, n, &mut state.wanted);
    }
}

impl Drop for System<'_> {
    fn drop(&mut self) {
        spare::hand_on(std::mem::take(&mut self.kernel));
        self.border.take().into_iter().for_each(spare::hand_on);
    }
}

/// Rounding of fixed deficits is spread over the countries of a component.
fn balanced(economy: &Economy, reach: &Reach, transfers: Transfers) -> Transfers {
    let Transfers::Fixed(mut deficit) = transfers else { return transfers };
    for component in 0..reach.components {
        let members: Vec<usize> = (0..economy.countries).filter(|&i| reach.component[i] == component).collect();
        let sum: f64 = members.iter().map(|&i| deficit[i]).sum();
        let size: f64 = members.iter().map(|&i| economy.value_added[i]).sum();
        members.iter().for_each(|&i| deficit[i] -= sum * economy.value_added[i] / size);
    }
    Transfers::Fixed(deficit)
}

/// A step of at most [`LONGEST`]; down by that where there is no number to step to.
fn bounded(step: f64) -> f64 {
    if step.is_nan() { -LONGEST } else { step.clamp(-LONGEST, LONGEST) }
}

/// From one array by rows of `columns` to the other way round.
fn transpose(from: &[f64], rows: usize, to: &mut [f64]) {
    let columns = from.len() / rows.max(1);
    for (row, values) in from.chunks_exact(columns.max(1)).enumerate() {
        values.iter().enumerate().for_each(|(column, value)| to[column * rows + row] = *value);
    }
}
