//! Whether an equilibrium can exist: who still needs what, who can sell it, and who trades with whom.

use std::borrow::Cow;

use super::economy::{Economy, Transfers};
use crate::data::input_output::ROUNDING;

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

/// Share of the value added of countries up to which a deficit that one-way trade would have to pay counts as 0.
/// Among countries that trade with each other only, deficits may be as far from 0 as [`ROUNDING`] of a table makes
/// them, and are spread.
const BALANCED: f64 = 1e-9;

/// Which shares of an economy are above 0, as sets of bits.
#[derive(Debug, Clone, PartialEq)]
pub struct Links {
    countries: usize,
    sectors: usize,
    /// By sector and importer: whom it can buy from.
    sellers: Vec<u64>,
    /// By country and output: what it is made of.
    inputs: Vec<u64>,
}

impl Links {
    /// Of shares laid out as in [`Economy`].
    pub fn new([countries, sectors]: [usize; 2], import_share: &[f64], input_share: &[f64]) -> Self {
        let mut links = Self { countries, sectors, sellers: Vec::new(), inputs: Vec::new() };
        let stride = import_share.len() / (countries * sectors);
        links.sellers = import_share.chunks_exact(stride).flat_map(|row| positive(&row[..countries])).collect();
        let (width, words) = (input_share.len() / (countries * sectors), words(sectors));
        links.inputs = vec![0; countries * sectors * words];
        for (place, row) in input_share.chunks_exact(width).enumerate() {
            let (country, input) = (place / sectors, place % sectors);
            for output in (0..sectors).filter(|&output| row[output] > 0.0) {
                links.inputs[(country * sectors + output) * words + input / 64] |= 1 << (input % 64);
            }
        }
        links
    }

    /// The sellers when flows, given as row and exporter, are closed.
    fn without(&self, closed: &[(usize, usize)]) -> Cow<'_, [u64]> {
        let mut sellers = Cow::from(&self.sellers);
        for &(row, exporter) in closed {
            sellers.to_mut()[row * words(self.countries) + exporter / 64] &= !(1 << (exporter % 64));
        }
        sellers
    }

    fn inputs(&self, country: usize, output: usize) -> &[u64] {
        let words = words(self.sectors);
        &self.inputs[(country * self.sectors + output) * words..][..words]
    }
}

impl Reach {
    /// `closed`: the flows of the economy that are banned, as row (sector and importer) and exporter.
    pub fn new(economy: &Economy, closed: &[(usize, usize)], transfers: &Transfers) -> Result<Self, Obstacle> {
        let sellers = economy.links.without(closed);
        let mut reach = Self::used(economy, &sellers)?;
        let partners = Partners::new(economy.countries, &sellers, &reach.bought);
        partners.split(&mut reach);
        match transfers {
            Transfers::Fixed(deficit) => {
                reach.check_balance(economy, deficit)?;
                partners.check_one_way(|countries, sells| {
                    let (sum, size) = totals(economy, deficit, countries);
                    let paid = if sells { -sum } else { sum };
                    (paid <= BALANCED * size).then_some(sum)
                })?;
            }
            // Whatever the factor Λ, no one in the set spends less of its income than all others do.
            Transfers::Proportional(ratio) => partners.check_one_way(|countries, sells| {
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
    fn used(economy: &Economy, sellers: &[u64]) -> Result<Self, Obstacle> {
        let (n, sectors) = (economy.countries, economy.sectors);
        let (cells, words) = (sectors * n, words(n));
        let mut reach = Self {
            bought: vec![false; cells],
            made: Vec::new(),
            missing: vec![false; cells],
            component: vec![0; n],
            components: 1,
        };
        let mut open: Vec<usize> = Vec::new();
        let mut made = vec![0; sectors * words];
        // By country: the inputs that were looked for already.
        let (mut sought, input_words) = (vec![0; n * self::words(sectors)], self::words(sectors));
        let spares_goods = super::nest::Nest::new(economy.nests.goods).spares();
        let spares_inputs = super::nest::Nest::new(economy.nests.inputs).spares();
        let of = |cell: usize| &sellers[cell * words..(cell + 1) * words];
        let want = |reach: &mut Self, open: &mut Vec<usize>, cell: usize, spares: bool| {
            if of(cell).iter().any(|word| *word != 0) {
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
        for country in 0..n {
            let wants = economy.wants(country);
            for sector in (0..sectors).filter(|&sector| wants[sector] > 0.0) {
                want(&mut reach, &mut open, sector * n + country, spares_goods)?;
            }
        }
        while let Some(cell) = open.pop() {
            let sector = cell / n;
            for word in 0..words {
                let known = &mut made[sector * words + word];
                let new = of(cell)[word] & !*known;
                *known |= new;
                for maker in ones(&[new]).map(|bit| 64 * word + bit) {
                    let sought = &mut sought[maker * input_words..(maker + 1) * input_words];
                    for (place, inputs) in economy.links.inputs(maker, sector).iter().enumerate() {
                        let new = inputs & !sought[place];
                        sought[place] |= new;
                        for input in ones(&[new]).map(|bit| 64 * place + bit) {
                            want(&mut reach, &mut open, input * n + maker, spares_inputs)?;
                        }
                    }
                }
            }
        }
        reach.made = (0..cells).map(|cell| has(&made[cell / n * words..], cell % n)).collect();
        let works = |country: usize| {
            let labour = economy.labour(country);
            (0..sectors).any(|sector| labour[sector] > 0.0 && reach.made[sector * n + country])
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
            if sum.abs() > ROUNDING * size {
                let fewer = smaller(economy.countries, countries);
                let deficit = totals(economy, deficit, &fewer).0;
                return Err(Obstacle::CutOff { countries: fewer, deficit });
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
struct Partners {
    n: usize,
    words: usize,
    /// By buyer: whom it buys from.
    buys: Vec<u64>,
    /// By seller: whom it sells to.
    sells: Vec<u64>,
}

impl Partners {
    fn new(n: usize, sellers: &[u64], bought: &[bool]) -> Self {
        let words = words(n);
        let mut partners = Self { n, words, buys: vec![0; n * words], sells: vec![0; n * words] };
        for (cell, _) in bought.iter().enumerate().filter(|(_, bought)| **bought) {
            let row = &mut partners.buys[cell % n * words..][..words];
            row.iter_mut().zip(&sellers[cell * words..]).for_each(|(all, own)| *all |= own);
        }
        for buyer in 0..n {
            for seller in ones(&partners.buys[buyer * words..(buyer + 1) * words]) {
                partners.sells[seller * words + buyer / 64] |= 1 << (buyer % 64);
            }
        }
        partners
    }

    /// `from` and everyone that `links` lead to from there.
    fn closure(&self, links: &[&[u64]], from: usize) -> Vec<u64> {
        let mut found = vec![0; self.words];
        found[from / 64] |= 1 << (from % 64);
        let mut open = vec![from];
        while let Some(country) = open.pop() {
            for links in links {
                for word in 0..self.words {
                    let new = links[country * self.words + word] & !found[word];
                    found[word] |= new;
                    open.extend(ones(&[new]).map(|bit| 64 * word + bit));
                }
            }
        }
        found
    }

    fn countries(&self, set: &[u64]) -> Vec<usize> {
        ones(set).collect()
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

    /// Told of the countries or of all the others, whichever are fewer.
    fn one_way(&self, countries: Vec<usize>, sells: bool, deficit: f64) -> Obstacle {
        let fewer = smaller(self.n, countries.clone());
        match fewer == countries {
            true => Obstacle::OneWay { countries, sells, deficit },
            false => Obstacle::OneWay { countries: fewer, sells: !sells, deficit: -deficit },
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
                    return Err(self.one_way(countries, sells, deficit));
                }
            }
        }
        Ok(())
    }
}

/// How many words hold a set of so many.
fn words(members: usize) -> usize {
    members.div_ceil(64)
}

/// The set of positions of positive numbers.
fn positive(values: &[f64]) -> impl Iterator<Item = u64> + '_ {
    let bits = |values: &[f64]| (0..).zip(values).fold(0, |bits, (bit, value)| bits | (u64::from(*value > 0.0) << bit));
    values.chunks(64).map(bits)
}

fn has(set: &[u64], member: usize) -> bool {
    set[member / 64] >> (member % 64) & 1 == 1
}

/// The members of a set, in order.
fn ones(set: &[u64]) -> impl Iterator<Item = usize> + '_ {
    set.iter().enumerate().flat_map(|(word, &bits)| {
        let mut rest = bits;
        std::iter::from_fn(move || {
            let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(64 * word + bit)
        })
    })
}
