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
use super::kernel::Kernel;
use super::production::Production;
use super::reach::{Obstacle, Reach};
use crate::solve::{arrays, extremes, mathfn};

/// The most that one evaluation moves an unknown: far from the solution only.
const LONGEST: f64 = 3.0;

/// A system of equations under wedges.
pub struct System<'a> {
    pub economy: &'a Economy,
    pub reach: Reach,
    pub kernel: Kernel<'a>,
    /// By sector: importer, exporter and x' of the flows with an export tax.
    pub taxed: Vec<Vec<(usize, usize, f64)>>,
    pub transfers: Transfers,
    production: Production<'a>,
    /// Cells of `[sector][country]` in which nothing is bought.
    pub idle: Vec<usize>,
}

/// All that follows from one point. Arrays by sector and country are sector by sector unless said.
pub struct State {
    /// ŵ.
    pub wage: Vec<f64>,
    /// ln ĉ.
    pub cost: Vec<f64>,
    /// ln P̂ from these costs.
    pub price: Vec<f64>,
    /// Spending X' of the point, and S = P̂^(−θ) times `scale^θ`.
    pub spending: Vec<f64>,
    pub weight: Vec<f64>,
    /// ln of the lowest ĉ of each sector, taken out before powers.
    scale: Vec<f64>,
    /// ĉ^(−θ) over `scale^(−θ)`, a row of flows long for each sector.
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
    pub(super) by_country: ByCountry,
    /// As long as a row of flows.
    sold: Vec<f64>,
    some: Vec<f64>,
}

/// Arrays of whole rows of sectors, by country.
pub struct ByCountry {
    /// ln P̂; infinite where a sector has no supplier.
    pub price: Vec<f64>,
    /// ln ĉ.
    pub cost: Vec<f64>,
    /// ln of the price of the bundle of inputs.
    pub bundle: Vec<f64>,
    /// Output times what its spreading over inputs has of the producer's side.
    pub spread: Vec<f64>,
    /// X' that income and output ask for.
    pub wanted: Vec<f64>,
    /// Of one country, written over again and again.
    pub terms: Vec<f64>,
    pub powers: Vec<f64>,
}

impl<'a> System<'a> {
    /// # Errors
    /// An [`Obstacle`] where no equilibrium exists.
    pub fn new(economy: &'a Economy, cells: &[Cell], transfers: Transfers) -> Result<Self, Obstacle> {
        let kernel = Kernel::new(economy, cells);
        let mut taxed = vec![Vec::new(); economy.sectors];
        for cell in cells.iter().filter(|cell| cell.export_tax_power != 1.0) {
            taxed[cell.sector as usize].push((cell.importer as usize, cell.exporter as usize, cell.export_tax_power));
        }
        let reach = Reach::new(economy, &kernel.closed, &transfers)?;
        let transfers = balanced(economy, &reach, transfers);
        let production = Production::new(economy, &reach);
        let idle = (0..reach.bought.len()).filter(|&cell| !reach.bought[cell]).collect();
        Ok(Self { economy, reach, kernel, taxed, transfers, production, idle })
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
        let rows = || vec![0.0; n * self.economy.width()];
        State {
            wage: countries(),
            cost: cells(),
            price: cells(),
            spending: cells(),
            weight: cells(),
            scale: vec![0.0; sectors],
            power: vec![0.0; sectors * self.economy.stride()],
            sales: cells(),
            purchases: cells(),
            output: cells(),
            labour: countries(),
            revenue: countries(),
            income: countries(),
            consumer_price: countries(),
            wanted: cells(),
            own: countries(),
            by_country: ByCountry {
                price: rows(),
                cost: rows(),
                bundle: rows(),
                spread: rows(),
                wanted: rows(),
                terms: vec![0.0; self.economy.width()],
                powers: vec![0.0; self.economy.width()],
            },
            sold: vec![0.0; self.economy.stride()],
            some: countries(),
        }
    }

    /// Writes the image of `x`, of which the equilibrium is a fixed point.
    pub fn map(&self, x: &[f64], out: &mut [f64], state: &mut State) {
        self.receipts(x, state);
        let (n, cells) = (self.economy.countries, self.economy.countries * self.economy.sectors);
        let (wage, rest) = x.split_at(n);
        let (new_wage, new_rest) = out.split_at_mut(n);
        for i in 0..n {
            state.own[i] = state.labour[i] / (state.wage[i] * self.economy.value_added[i]);
        }
        mathfn::ln(&mut state.own);
        for i in 0..n {
            new_wage[i] = wage[i] + bounded(state.own[i]) / (1.0 + self.economy.wage_elasticity[i]);
        }
        self.normalise(new_wage, &mut state.own);
        if self.production.without_inputs {
            state.wage.copy_from_slice(new_wage);
            mathfn::exp(&mut state.wage);
        }
        self.incomes(state);
        self.production.demand(state);
        arrays::transpose(&state.by_country.wanted, self.economy.width(), &mut state.wanted, n);
        mathfn::ln(&mut state.wanted);
        let (new_price, new_spending) = new_rest.split_at_mut(cells);
        let (price, spending) = rest.split_at(cells);
        arrays::moved(price, &state.price, LONGEST, new_price);
        arrays::moved(spending, &state.wanted, LONGEST, new_spending);
        for &cell in &self.idle {
            (new_price[cell], new_spending[cell]) = (price[cell], spending[cell]);
        }
    }

    /// Σ ŵ w L = Σ w L in every component. `hats`, one a country, is written over.
    pub(super) fn normalise(&self, wage: &mut [f64], hats: &mut [f64]) {
        hats.copy_from_slice(wage);
        mathfn::exp(hats);
        for component in 0..self.reach.components {
            let members = || (0..wage.len()).filter(|&i| self.reach.component[i] == component);
            let of = |i: usize| self.economy.value_added[i];
            let (before, after) = members().fold((0.0, 0.0), |(x, y), i| (x + of(i), y + hats[i] * of(i)));
            let rise = f64::ln(after / before);
            let own = wage.iter_mut().zip(&self.reach.component).filter(|(_, of)| **of == component);
            own.for_each(|(wage, _)| *wage -= rise);
        }
    }

    /// What follows from the unknowns.
    pub fn evaluate(&self, x: &[f64], state: &mut State) {
        self.receipts(x, state);
        self.incomes(state);
        self.production.demand(state);
    }

    /// Costs, trade, and what it pays to labour and to governments.
    fn receipts(&self, x: &[f64], state: &mut State) {
        let (n, sectors, width) = (self.economy.countries, self.economy.sectors, self.economy.width());
        let (wage, rest) = x.split_at(n);
        let (price, spending) = rest.split_at(n * sectors);
        state.wage.copy_from_slice(wage);
        mathfn::exp(&mut state.wage);
        arrays::transpose(price, n, &mut state.by_country.price, width);
        self.production.costs(wage, &mut state.by_country);
        arrays::transpose(&state.by_country.cost, width, &mut state.cost, n);
        state.spending.copy_from_slice(spending);
        mathfn::exp(&mut state.spending);
        self.idle.iter().for_each(|&cell| state.spending[cell] = 0.0);
        self.trade(state);
        arrays::transpose(&state.output, n, &mut state.by_country.spread, width);
        self.production.labour(wage, state);
        self.revenue(state);
    }

    /// The log of the price of the bundle of inputs; the cost itself where value added is in its nest.
    pub fn bundle(&self, state: &State, country: usize, sector: usize) -> f64 {
        let rows = &state.by_country;
        let bundle = if self.production.single { &rows.cost } else { &rows.bundle };
        bundle[country * self.economy.width() + sector]
    }

    /// Prices, border values and receipts at the state's costs and spending.
    pub(super) fn trade(&self, state: &mut State) {
        let (n, stride) = (self.economy.countries, self.economy.stride());
        let theta = &self.economy.trade_elasticity;
        let sectors = state.power.chunks_exact_mut(stride).zip(state.cost.chunks_exact(n)).zip(&mut state.scale);
        for (((power, cost), lowest), theta) in sectors.zip(theta) {
            *lowest = extremes::smallest(cost);
            let (power, rest) = power.split_at_mut(n);
            power.iter_mut().zip(cost).for_each(|(power, cost)| *power = -theta * (cost - *lowest));
            rest.fill(0.0);
        }
        mathfn::exp(&mut state.power);
        (0..self.economy.sectors).for_each(|sector| self.exchange(sector, state));
        state.price.copy_from_slice(&state.weight);
        mathfn::ln(&mut state.price);
        for ((price, lowest), theta) in state.price.chunks_exact_mut(n).zip(&state.scale).zip(theta) {
            price.iter_mut().for_each(|price| *price = lowest - *price / theta);
        }
    }

    /// Purchases and sales of one sector, at the state's powers of costs.
    fn exchange(&self, sector: usize, state: &mut State) {
        let (n, stride) = (self.economy.countries, self.economy.stride());
        let span = sector * n..(sector + 1) * n;
        let power = &state.power[sector * stride..(sector + 1) * stride];
        let ([kernel, border], touched) = self.kernel.of_sector(sector);
        let (spending, weight) = (&state.spending[span.clone()], &mut state.weight[span.clone()]);
        kernel.times(power, touched, weight, &mut state.some);
        let density = &mut state.own;
        arrays::ratios(spending, weight, density);
        let bought = &mut state.purchases[span.clone()];
        if self.kernel.is_free() {
            bought.copy_from_slice(spending);
            border.touched_times(power, touched, bought, &mut state.some);
            touched.iter().for_each(|&importer| bought[importer] *= density[importer]);
        } else {
            border.times(power, touched, bought, &mut state.some);
            bought.iter_mut().zip(density.iter()).for_each(|(sum, density)| *sum *= density);
        }
        border.transposed_times(density, touched, &mut state.sold, &mut state.some);
        let sales = &mut state.sales[span.clone()];
        sales.iter_mut().zip(&state.sold).zip(power).for_each(|((sales, sum), power)| *sales = sum * power);
        let output = &mut state.output[span];
        output.copy_from_slice(sales);
        for &(importer, exporter, tax) in &self.taxed[sector] {
            let spent = spending[importer];
            let density = if spent > 0.0 { spent / weight[importer] } else { 0.0 };
            let [_, border] = self.kernel.of_buyer(sector, importer);
            output[exporter] -= border[exporter] * power[exporter] * density * (1.0 - 1.0 / tax);
        }
    }

    /// Duties and export taxes.
    fn revenue(&self, state: &mut State) {
        let n = self.economy.countries;
        state.revenue.fill(0.0);
        let by_sector = (state.spending.chunks_exact(n).zip(state.purchases.chunks_exact(n)))
            .zip(state.sales.chunks_exact(n).zip(state.output.chunks_exact(n)));
        for ((spending, purchases), (sales, output)) in by_sector {
            let flows = spending.iter().zip(purchases).zip(sales.iter().zip(output));
            for (revenue, ((spending, purchases), (sales, output))) in state.revenue.iter_mut().zip(flows) {
                *revenue += (spending - purchases) + (sales - output);
            }
        }
    }

    fn incomes(&self, state: &mut State) {
        let (economy, n) = (self.economy, self.economy.countries);
        let (wage, revenue) = (&state.wage, &state.revenue);
        let earned = |i: usize| wage[i] * economy.value_added[i] + revenue[i];
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
