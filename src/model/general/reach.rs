//! Whether an equilibrium can exist: who still needs what, who can sell it, and who trades with whom.

use super::economy::{Economy, Transfers};

/// What is bought and made, and the components in which trade goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// `[sector][country]`.
    pub bought: Vec<bool>,
    pub made: Vec<bool>,
    /// Used, but without a supplier: its price is infinite. Only where a nest can do without.
    pub missing: Vec<bool>,
    /// Component of each country; each has its own numeraire.
    pub component: Vec<usize>,
    pub components: usize,
}

/// Why no equilibrium exists. Countries and sectors by position.
#[derive(Debug, Clone, PartialEq)]
pub enum Obstacle {
    /// A sector is needed in a country and nobody supplies it.
    NoSupplier { country: usize, sector: usize },
    /// Nobody buys anything that a country's labour makes.
    NoBuyer { country: usize },
    /// Countries that trade with no one else, but whose deficits are fixed and do not sum to 0.
    CutOff { countries: Vec<usize>, deficit: f64 },
    /// Countries that buy from others and sell them nothing, or the reverse, against their deficit, which is
    /// NaN where it is not fixed.
    OneWay { countries: Vec<usize>, sells: bool, deficit: f64 },
}

/// Share of the value added of countries up to which their deficits count as 0.
const BALANCED: f64 = 1e-9;

impl Reach {
    /// `kernel` has a 0 where a flow is absent or banned, as [`Economy::import_share`].
    pub fn new(economy: &Economy, kernel: &[f64], transfers: &Transfers) -> Result<Self, Obstacle> {
        let mut reach = Self::used(economy, kernel)?;
        let links = Links::new(economy, kernel, &reach.bought);
        links.split(&mut reach);
        match transfers {
            Transfers::Fixed(deficit) => {
                reach.check_balance(economy, deficit)?;
                links.check_one_way(|countries, sells| {
                    let (sum, size) = totals(economy, deficit, countries);
                    let paid = if sells { -sum } else { sum };
                    (paid <= BALANCED * size).then_some(sum)
                })?;
            }
            // Whatever the factor Λ, no one in the set spends less of its income than all others do.
            Transfers::Proportional(ratio) => links.check_one_way(|countries, sells| {
                let ends = |inside: bool| {
                    let of = (0..ratio.len()).filter(|i| countries.contains(i) == inside).map(|i| ratio[i]);
                    of.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), r| (low.min(r), high.max(r)))
                };
                let (own, others) = (ends(true), ends(false));
                let wrong = if sells { own.0 >= others.1 } else { own.1 <= others.0 };
                wrong.then_some(f64::NAN)
            })?,
        }
        Ok(reach)
    }

    /// Follows final spending to what has to be made, and that to its inputs.
    fn used(economy: &Economy, kernel: &[f64]) -> Result<Self, Obstacle> {
        let (n, sectors) = (economy.countries, economy.sectors);
        let cells = sectors * n;
        let mut reach = Self {
            bought: vec![false; cells],
            made: vec![false; cells],
            missing: vec![false; cells],
            component: vec![0; n],
            components: 1,
        };
        let mut open: Vec<usize> = Vec::new();
        let mut makers = vec![0; sectors];
        let spares_goods = super::nest::Nest::new(economy.nests.goods).spares();
        let spares_inputs = super::nest::Nest::new(economy.nests.inputs).spares();
        let row = |cell: usize| &kernel[cell * economy.stride()..][..n];
        let want = |reach: &mut Self, open: &mut Vec<usize>, cell: usize, spares: bool| {
            if row(cell).iter().any(|flow| *flow > 0.0) {
                if !reach.bought[cell] {
                    reach.bought[cell] = true;
                    open.push(cell);
                }
                return Ok(());
            }
            reach.missing[cell] = true;
            match spares {
                true => Ok(()),
                false => Err(Obstacle::NoSupplier { country: cell % n, sector: cell / n }),
            }
        };
        for cell in (0..cells).filter(|&cell| economy.final_share[cell] > 0.0) {
            want(&mut reach, &mut open, cell, spares_goods)?;
        }
        while let Some(cell) = open.pop() {
            let sector = cell / n;
            if makers[sector] == n {
                continue;
            }
            for exporter in (0..n).filter(|&exporter| row(cell)[exporter] > 0.0) {
                if std::mem::replace(&mut reach.made[sector * n + exporter], true) {
                    continue;
                }
                makers[sector] += 1;
                let inputs = economy.inputs(exporter);
                for input in (0..sectors).filter(|input| inputs[input * sectors + sector] > 0.0) {
                    want(&mut reach, &mut open, input * n + exporter, spares_inputs)?;
                }
            }
        }
        let works = |country: usize| {
            (0..sectors).any(|j| reach.made[j * n + country] && economy.value_added_share[j * n + country] > 0.0)
        };
        match (0..n).find(|&country| !works(country)) {
            Some(country) => Err(Obstacle::NoBuyer { country }),
            None => Ok(reach),
        }
    }

    fn check_balance(&self, economy: &Economy, deficit: &[f64]) -> Result<(), Obstacle> {
        for component in 0..self.components {
            let countries: Vec<usize> = (0..economy.countries).filter(|&i| self.component[i] == component).collect();
            let (sum, size) = totals(economy, deficit, &countries);
            if sum.abs() > BALANCED * size {
                return Err(Obstacle::CutOff { countries: smaller(economy.countries, countries), deficit: sum });
            }
        }
        Ok(())
    }
}

fn totals(economy: &Economy, deficit: &[f64], countries: &[usize]) -> (f64, f64) {
    countries.iter().fold((0.0, 0.0), |(sum, size), &i| (sum + deficit[i], size + economy.value_added[i]))
}

/// The countries or all the others, whichever are fewer.
fn smaller(n: usize, countries: Vec<usize>) -> Vec<usize> {
    if 2 * countries.len() <= n {
        return countries;
    }
    let others: Vec<usize> = (0..n).filter(|i| !countries.contains(i)).collect();
    if others.is_empty() { countries } else { others }
}

/// Who buys from whom, as sets of bits.
struct Links {
    n: usize,
    words: usize,
    /// By buyer: whom it buys from.
    buys: Vec<u64>,
    /// By seller: whom it sells to.
    sells: Vec<u64>,
}

impl Links {
    fn new(economy: &Economy, kernel: &[f64], bought: &[bool]) -> Self {
        let n = economy.countries;
        let words = n.div_ceil(64);
        let mut links = Self { n, words, buys: vec![0; n * words], sells: vec![0; n * words] };
        for (cell, _) in bought.iter().enumerate().filter(|(_, bought)| **bought) {
            let buyer = cell % n;
            let row = &mut links.buys[buyer * words..(buyer + 1) * words];
            if row.iter().map(|word| word.count_ones() as usize).sum::<usize>() == n {
                continue;
            }
            for (word, sellers) in row.iter_mut().zip(kernel[cell * economy.stride()..][..n].chunks(64)) {
                *word |= sellers.iter().enumerate().fold(0, |bits, (bit, k)| bits | (u64::from(*k > 0.0) << bit));
            }
        }
        for buyer in 0..n {
            for seller in (0..n).filter(|&seller| has(&links.buys[buyer * words..], seller)) {
                links.sells[seller * words + buyer / 64] |= 1 << (buyer % 64);
            }
        }
        links
    }

    /// `from` and everyone that `links` lead to from there.
    fn closure(&self, links: &[&[u64]], from: usize) -> Vec<u64> {
        let mut found = vec![0; self.words];
        found[from / 64] |= 1 << (from % 64);
        let mut open = vec![from];
        while let Some(country) = open.pop() {
            for links in links {
                let row = &links[country * self.words..(country + 1) * self.words];
                for word in 0..self.words {
                    let mut new = row[word] & !found[word];
                    found[word] |= new;
                    while new != 0 {
                        open.push(64 * word + new.trailing_zeros() as usize);
                        new &= new - 1;
                    }
                }
            }
        }
        found
    }

    fn countries(&self, set: &[u64]) -> Vec<usize> {
        (0..self.n).filter(|&country| has(set, country)).collect()
    }

    fn split(&self, reach: &mut Reach) {
        const NONE: usize = usize::MAX;
        reach.component.fill(NONE);
        reach.components = 0;
        for country in 0..self.n {
            if reach.component[country] == NONE {
                let set = self.closure(&[&self.buys, &self.sells], country);
                self.countries(&set).into_iter().for_each(|member| reach.component[member] = reach.components);
                reach.components += 1;
            }
        }
    }

    /// Countries that only buy need a deficit, countries that only sell a surplus: `lacks` says of a set,
    /// and whether it sells, that it can't have one, and which deficit it has.
    fn check_one_way(&self, lacks: impl Fn(&[usize], bool) -> Option<f64>) -> Result<(), Obstacle> {
        let everyone = |set: &[u64]| self.countries(set).len() == self.n;
        if everyone(&self.closure(&[&self.buys], 0)) && everyone(&self.closure(&[&self.sells], 0)) {
            return Ok(());
        }
        for country in 0..self.n {
            for (inward, outward, sells) in [(&self.buys, &self.sells, true), (&self.sells, &self.buys, false)] {
                let set = self.closure(&[inward], country);
                let countries = self.countries(&set);
                let leaves = countries.iter().any(|&member| {
                    (0..self.n).any(|other| has(&outward[member * self.words..], other) && !has(&set, other))
                });
                if let Some(deficit) = lacks(&countries, sells).filter(|_| leaves) {
                    return Err(Obstacle::OneWay { countries, sells, deficit });
                }
            }
        }
        Ok(())
    }
}

fn has(set: &[u64], country: usize) -> bool {
    set[country / 64] >> (country % 64) & 1 == 1
}
