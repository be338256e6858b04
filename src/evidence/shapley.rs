//! Which measure did how much: Shapley values of an answer over the measures of a scenario.
//!
//! Shapley (1953), A value for n-person games, Contributions to the Theory of Games II. With v(S) the
//! answer under the measures S alone,
//!
//! ```text
//! φ_m = Σ_{S ∌ m} |S|! (n − |S| − 1)! / n! [v(S ∪ m) − v(S)]
//! ```
//!
//! so that Σ φ_m = v(all) − v(none). A schedule is no measure: it is in force throughout. Above
//! [`EXACT_UP_TO`] measures the mean over sampled orders of coming into force takes the place of the
//! sum (Castro, Gómez & Tejada 2009, Computers & Operations Research 36); it adds up exactly as well.

use std::collections::HashMap;
use std::sync::Arc;

use super::answers::{difference, numbers, rows, stacked};
use super::narrow::{Narrow, Places};
use crate::Options;
use crate::data::Table;
use crate::error::{Error, Result};
use crate::model::{Armington, Model};
use crate::result::ask::Question;
use crate::result::{Solution, Solved};
use crate::run;
use crate::scenario::compile::{CompiledMarket, Resolved};
use crate::scenario::{Scenario, Segment};
use crate::solve::Stop;

/// All subsets of so many measures are solved; more are sampled.
pub const EXACT_UP_TO: usize = 12;
/// Answers kept at once, as numbers.
const LARGEST: usize = 1 << 27;

/// How the sum over subsets is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Every subset.
    Exact,
    /// The mean over random orders; the order of a permutation depends on seed and its number alone.
    Sampled { permutations: usize, seed: u64 },
}

/// Shapley values, a block of the answer's rows a measure, with `measure` as leading column.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    pub value: Table,
    /// Standard errors of the mean over permutations, in the same shape; `None`: exact.
    pub standard_error: Option<Table>,
}

/// A subset of the measures did not converge: its measures, by label.
#[derive(Debug, Clone, PartialEq)]
pub struct Unconverged(pub Vec<String>);

/// Measures in force, by position.
type Subset = Vec<bool>;

/// The Shapley value of every column of numbers of `question` over the measures of a solved scenario.
///
/// A commodity is solved once for every subset of the measures that meet its flows; commodities that no
/// measure meets are left as they are.
///
/// # Errors
/// [`Error::Scenario`]: no measures. [`Error::Model`]: too many measures for `exact`, fewer than two
/// permutations, an answer of too many numbers; a solution of first order.
/// [`Error::Infeasible`] names the subset. A subset that does not converge is no error but
/// [`Unconverged`].
pub fn attribution(
    solution: &Solution,
    question: &Question,
    method: Method,
    stop: &Stop,
) -> Result<std::result::Result<Attribution, Unconverged>> {
    let Options { at, exposure, leave_out, .. } = solution.options;
    if solution.is_first_order() {
        return Err(Error::Model("subsets are solved exactly, and this result is of first order".to_string()));
    }
    let support = Armington::support(leave_out);
    let resolved = Resolved::new(&solution.scenario, &solution.model.baseline, at, exposure, &support)?;
    let measures: Vec<String> = (0..resolved.kept.measures.len()).map(|m| resolved.kept.label(m)).collect();
    let orders = check(&measures, method)?;
    let subsets = Subsets::needed(measures.len(), &orders);
    let game = Game::solve(solution, question, &resolved, &subsets.list, stop)?;
    let answers = match game.answers(question, &subsets.list, stop)? {
        Ok(answers) => answers,
        Err(subset) => return Ok(Err(Unconverged(named(&subset, &measures)))),
    };
    let whole = question.ask(solution)?;
    let places = Places::of(&question.ask(&game.solution(&vec![false; measures.len()]))?, &whole);
    let table = |blocks: &[Vec<f64>]| {
        let spread: Vec<Vec<f64>> = blocks.iter().map(|block| places.spread(block)).collect();
        stacked(&whole, "measure", &measures, &spread, str::to_string)
    };
    Ok(Ok(match orders {
        None => Attribution { value: table(&exact(measures.len(), &answers, stop)?), standard_error: None },
        Some(orders) => {
            let (mean, error) = sampled(measures.len(), &orders, &subsets, &answers);
            Attribution { value: table(&mean), standard_error: Some(table(&error)) }
        }
    }))
}

/// The orders to sample; `None` where all subsets are solved.
fn check(measures: &[String], method: Method) -> Result<Option<Vec<Vec<usize>>>> {
    let n = measures.len();
    match method {
        _ if n == 0 => Err(Error::Scenario(
            "the scenario has no measures to attribute an answer to (a schedule is not one); give it measures"
                .to_string(),
        )),
        Method::Exact if n > EXACT_UP_TO => Err(Error::Model(format!(
            "the scenario has {n} measures, so 2^{n} subsets; all are solved up to {EXACT_UP_TO} measures: \
             use method=\"sampled\", or join measures"
        ))),
        Method::Exact => Ok(None),
        Method::Sampled { permutations, .. } if permutations < 2 => {
            Err(Error::Model(format!("permutations is {permutations}; expected at least 2, for a standard error")))
        }
        Method::Sampled { permutations, seed } => {
            Ok(Some((0..permutations).map(|number| shuffled(n, seed, number as u64)).collect()))
        }
    }
}

/// The subsets whose answers are needed, each once.
struct Subsets {
    list: Vec<Subset>,
    place: HashMap<Subset, usize>,
}

impl Subsets {
    /// Of all subsets, the one of bits b is at place b.
    fn needed(measures: usize, orders: &Option<Vec<Vec<usize>>>) -> Self {
        let mut subsets = Self { list: Vec::new(), place: HashMap::new() };
        let Some(orders) = orders else {
            let of_bits = |bits: usize| (0..measures).map(|m| bits >> m & 1 == 1).collect();
            (0..1usize << measures).for_each(|bits| subsets.insert(of_bits(bits)));
            return subsets;
        };
        for order in orders {
            grown(measures, order).for_each(|subset| subsets.insert(subset));
        }
        subsets
    }

    fn insert(&mut self, subset: Subset) {
        let next = self.list.len();
        if let std::collections::hash_map::Entry::Vacant(slot) = self.place.entry(subset.clone()) {
            slot.insert(next);
            self.list.push(subset);
        }
    }
}

/// No measure, then one more at a time in `order`, to all of them.
fn grown(measures: usize, order: &[usize]) -> impl Iterator<Item = Subset> {
    (0..=order.len()).map(move |length| {
        let mut subset = vec![false; measures];
        order[..length].iter().for_each(|&m| subset[m] = true);
        subset
    })
}

/// Every market that measures meet, under every subset of these.
struct Game<'a> {
    narrow: Narrow,
    scenario: Arc<Scenario>,
    options: Options,
    resolved: &'a Resolved<'a>,
    /// By commodity of the narrow model: the measures that meet it.
    touching: Vec<Vec<usize>>,
    /// By commodity and the subset of those.
    markets: Vec<HashMap<Subset, Solvable>>,
}

type Solvable = (CompiledMarket, Vec<Solved>);

impl<'a> Game<'a> {
    fn solve(
        whole: &Solution,
        question: &Question,
        resolved: &'a Resolved,
        subsets: &[Subset],
        stop: &Stop,
    ) -> Result<Self> {
        let met = (0..whole.model.baseline.commodities()).filter(|&k| !resolved.touching(k).is_empty());
        let narrow = Narrow::to(&whole.model, met.collect(), question)?;
        let touching: Vec<Vec<usize>> = narrow.commodities.iter().map(|&k| resolved.touching(k)).collect();
        let mut tasks: Vec<(usize, Subset, &Subset)> = Vec::new();
        for (k, measures) in touching.iter().enumerate() {
            let mut known = std::collections::HashSet::new();
            for subset in subsets {
                let local = within(subset, measures);
                if known.insert(local.clone()) {
                    tasks.push((k, local, subset));
                }
            }
        }
        let measures = resolved.kept.measures.len();
        let solved = run::each(&tasks, stop, |(k, local, _)| {
            let mut alone = vec![false; measures];
            local.iter().zip(&touching[*k]).for_each(|(taken, &m)| alone[m] = *taken);
            let segments = masked(&resolved.segments, &alone);
            let market = resolved.market(narrow.commodities[*k], &segments)?;
            let model = &narrow.model;
            let certified = |wedges| Ok(Solved::new(model, *k, wedges, model.solve(*k, wedges, None, stop)?));
            let solved = market.variants.iter().map(certified).collect::<Result<Vec<Solved>>>()?;
            Ok((market, solved))
        });
        let mut markets: Vec<HashMap<Subset, Solvable>> = vec![HashMap::new(); touching.len()];
        for ((k, local, subset), outcome) in tasks.into_iter().zip(solved) {
            let one = outcome.map_err(|error| naming(error, resolved, subset))?;
            markets[k].insert(local, one);
        }
        let (scenario, options) = (whole.scenario.clone(), whole.options);
        Ok(Self { narrow, scenario, options, resolved, touching, markets })
    }

    /// The solution under a subset, put together from its markets.
    fn solution(&self, subset: &Subset) -> Solution {
        let mut markets = Vec::with_capacity(self.markets.len());
        let mut solved = Vec::with_capacity(self.markets.len());
        for (of_commodity, measures) in self.markets.iter().zip(&self.touching) {
            let (market, equilibria) = &of_commodity[&within(subset, measures)];
            markets.push(market.clone());
            solved.push(equilibria.clone());
        }
        let compiled = self.resolved.compiled(markets, &masked(&self.resolved.segments, subset));
        Solution::new(self.narrow.model.clone(), self.scenario.clone(), self.options, compiled, solved)
    }

    /// The numbers of the answer under each subset, or the first subset that did not converge.
    fn answers(
        &self,
        question: &Question,
        subsets: &[Subset],
        stop: &Stop,
    ) -> Result<std::result::Result<Vec<Vec<f64>>, Subset>> {
        let first = question.ask(&self.solution(&subsets[0]))?;
        let size = numbers(&first).len();
        if size.saturating_mul(subsets.len()) > LARGEST {
            return Err(Error::Model(format!(
                "the answer has {size} numbers in {} rows, and {} subsets are needed; ask a narrower question, or \
                 sample fewer permutations",
                rows(&first),
                subsets.len()
            )));
        }
        let found = run::each(subsets, stop, |subset| {
            let solution = self.solution(subset);
            match solution.status().converged {
                true => question.ask(&solution).map(|answer| Ok(numbers(&answer))),
                false => Ok(Err(subset.clone())),
            }
        });
        found.into_iter().collect::<Result<Vec<_>>>().map(|found| found.into_iter().collect())
    }
}

/// A subset restricted to some measures, in their order.
fn within(subset: &Subset, measures: &[usize]) -> Subset {
    measures.iter().map(|&m| subset[m]).collect()
}

/// Segments in which only a subset of the measures is in force.
fn masked(segments: &[Segment], subset: &Subset) -> Vec<Segment> {
    let in_force = |force: &[f64]| force.iter().zip(subset).map(|(f, taken)| if *taken { *f } else { 0.0 }).collect();
    segments.iter().map(|segment| Segment { force: in_force(&segment.force), ..*segment }).collect()
}

fn named(subset: &Subset, measures: &[String]) -> Vec<String> {
    subset.iter().zip(measures).filter(|(taken, _)| **taken).map(|(_, label)| label.clone()).collect()
}

/// Puts the subset in front of an error's message.
fn naming(error: Error, resolved: &Resolved, subset: &Subset) -> Error {
    let labels: Vec<String> = (0..subset.len()).map(|m| resolved.kept.label(m)).collect();
    let named = named(subset, &labels);
    let whose = match named.as_slice() {
        [] => "without any measure".to_string(),
        some => format!("with only {}", some.iter().map(|label| format!("'{label}'")).collect::<Vec<_>>().join(", ")),
    };
    let before = |message: String| format!("{whose} in force: {message}");
    match error {
        Error::Data(message) => Error::Data(before(message)),
        Error::Scenario(message) => Error::Scenario(before(message)),
        Error::Model(message) => Error::Model(before(message)),
        Error::Infeasible { message, countries } => Error::Infeasible { message: before(message), countries },
        Error::Interrupted => Error::Interrupted,
    }
}

/// Shapley values of any game: `answers` of all subsets of the players, the one of bits b at place b;
/// values by player.
///
/// # Errors
/// [`Error::Model`]: not as many answers as n players have subsets, or more than 12 players;
/// [`Error::Interrupted`].
pub fn values(answers: &[Vec<f64>], stop: &Stop) -> Result<Vec<Vec<f64>>> {
    let players = answers.len().checked_ilog2().map_or(0, |players| players as usize);
    if answers.len() != 1 << players || players > EXACT_UP_TO {
        return Err(Error::Model(format!(
            "there are {} answers; expected one for each subset of at most {EXACT_UP_TO} players, a power of two",
            answers.len()
        )));
    }
    exact(players, answers, stop)
}

/// φ by measure from the answers of all subsets, the one of bits b at place b.
fn exact(measures: usize, answers: &[Vec<f64>], stop: &Stop) -> Result<Vec<Vec<f64>>> {
    let weights = weights(measures);
    let of_measure = |m: usize| {
        let mut value = vec![0.0; answers[0].len()];
        for (bits, without) in answers.iter().enumerate().filter(|(bits, _)| bits >> m & 1 == 0) {
            let weight = weights[bits.count_ones() as usize];
            let with = &answers[bits | 1 << m];
            (value.iter_mut().zip(with.iter().zip(without)))
                .for_each(|(sum, (with, without))| *sum += weight * difference(*with, *without));
        }
        value
    };
    run::each(&(0..measures).collect::<Vec<usize>>(), stop, |&m| Ok(of_measure(m))).into_iter().collect()
}

/// |S|! (n − |S| − 1)! / n! by |S|.
fn weights(n: usize) -> Vec<f64> {
    // 1/n over the number of subsets of that size among the others.
    let mut chosen = 1.0;
    (0..n)
        .map(|size| {
            let weight = 1.0 / (n as f64 * chosen);
            chosen *= (n - 1 - size) as f64 / (size + 1) as f64;
            weight
        })
        .collect()
}

/// Mean and standard error by measure over orders.
fn sampled(
    measures: usize,
    orders: &[Vec<usize>],
    subsets: &Subsets,
    answers: &[Vec<f64>],
) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let size = answers[0].len();
    let mut mean = vec![vec![0.0; size]; measures];
    let mut squares = vec![vec![0.0; size]; measures];
    for (count, order) in orders.iter().enumerate() {
        let places: Vec<usize> = grown(measures, order).map(|subset| subsets.place[&subset]).collect();
        for (&m, pair) in order.iter().zip(places.windows(2)) {
            let (with, without) = (&answers[pair[1]], &answers[pair[0]]);
            for cell in 0..size {
                // Welford's running mean and sum of squares.
                let change = difference(with[cell], without[cell]) - mean[m][cell];
                mean[m][cell] += change / (count + 1) as f64;
                squares[m][cell] += change * change * count as f64 / (count + 1) as f64;
            }
        }
    }
    let drawn = orders.len() as f64;
    let error = |sum: f64| (sum / (drawn * (drawn - 1.0))).sqrt();
    let errors = squares.into_iter().map(|of| of.into_iter().map(error).collect()).collect();
    (mean, errors)
}

/// A random order of n: Fisher–Yates on SplitMix64 (Steele, Lea & Flood 2014) from seed and number.
fn shuffled(n: usize, seed: u64, number: u64) -> Vec<usize> {
    let mut state = mixed(seed ^ mixed(number));
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let place = ((mixed(state) as u128 * (last + 1) as u128) >> 64) as usize;
        order.swap(last, place);
    }
    order
}

fn mixed(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
