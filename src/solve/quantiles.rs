//! Quantiles: exact of a sorted slice, and of a stream in little memory.
//!
//! [`Sketch`] is that of Karnin, Lang & Liberty (2016), Optimal quantile approximation in streams, FOCS: a
//! value at level h stands for 2^h values; a full level is sorted and every other value goes up, from the
//! first or the second as a coin says. A compaction moves the rank of any number by −2^h, 0 or 2^h with mean
//! 0, so by Hoeffding's inequality
//!
//! ```text
//! P(|rank − true rank| ≥ t) ≤ 2 exp(−t² / 2 Σ 4^h)
//! ```
//!
//! with the sum over the compactions that were done, which the sketch counts. Coins are a hash of the level
//! and the number of its compactions: the same stream gives the same sketch.

/// Values at the highest level; a level below holds two thirds of the one above.
const CAPACITY: f64 = 1024.0;
const SHRINK: f64 = 2.0 / 3.0;
const SMALLEST: usize = 8;
/// The error bound is exceeded with this probability.
const DOUBT: f64 = 0.01;

/// The quantile of order `q` of ascending values, linear between neighbours (Hyndman & Fan's seventh
/// definition, numpy's own); NaN of none.
pub fn of_sorted(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = q * last as f64;
    let (low, part) = (place.floor() as usize, place - place.floor());
    let (a, b) = (sorted[low.min(last)], sorted[(low + 1).min(last)]);
    match a == b || part == 0.0 {
        true => a,
        false if a.is_infinite() || b.is_infinite() => a + b,
        false if part >= 0.5 => b - (b - a) * (1.0 - part),
        false => a + (b - a) * part,
    }
}

/// The quantiles of a stream of numbers; what is not a number is passed over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sketch {
    levels: Vec<Vec<f64>>,
    compactions: Vec<u64>,
    count: u64,
    least: f64,
    largest: f64,
}

impl Sketch {
    pub fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        if self.count == 0 {
            (self.levels, self.compactions) = (vec![Vec::new()], vec![0]);
            (self.least, self.largest) = (value, value);
        }
        self.count += 1;
        (self.least, self.largest) = (self.least.min(value), self.largest.max(value));
        self.levels[0].push(value);
        let mut level = 0;
        while level < self.levels.len() {
            if self.levels[level].len() >= self.capacity(level) {
                self.compact(level);
            }
            level += 1;
        }
    }

    fn capacity(&self, level: usize) -> usize {
        let below = (self.levels.len() - 1 - level) as i32;
        ((CAPACITY * SHRINK.powi(below)).ceil() as usize).max(SMALLEST)
    }

    fn compact(&mut self, level: usize) {
        if level + 1 == self.levels.len() {
            self.levels.push(Vec::new());
            self.compactions.push(0);
        }
        let mut full = std::mem::take(&mut self.levels[level]);
        full.sort_unstable_by(f64::total_cmp);
        if full.len() % 2 == 1 {
            self.levels[level].extend(full.pop());
        }
        let coin = hash(level as u64, self.compactions[level]) & 1;
        self.compactions[level] += 1;
        self.levels[level + 1].extend(full.iter().skip(coin as usize).step_by(2));
    }

    /// How many numbers it has seen.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The largest error of a rank over [`Sketch::count`] that is exceeded with probability 0.01 at most;
    /// 0: quantiles are exact.
    pub fn error(&self) -> f64 {
        let squares: f64 =
            self.compactions.iter().enumerate().map(|(level, &done)| done as f64 * 4f64.powi(level as i32)).sum();
        if squares == 0.0 { 0.0 } else { (2.0 * (2.0 / DOUBT).ln() * squares).sqrt() / self.count as f64 }
    }

    /// By order; NaN where nothing was seen.
    pub fn quantiles(&self, orders: &[f64]) -> Vec<f64> {
        let mut held: Vec<(f64, u64)> = Vec::new();
        for (level, values) in self.levels.iter().enumerate() {
            held.extend(values.iter().map(|value| (*value, 1 << level)));
        }
        held.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        if self.error() == 0.0 {
            let sorted: Vec<f64> = held.into_iter().map(|(value, _)| value).collect();
            return orders.iter().map(|q| of_sorted(&sorted, *q)).collect();
        }
        let mut sum = 0;
        let upto: Vec<u64> = held
            .iter()
            .map(|(_, weight)| {
                sum += weight;
                sum
            })
            .collect();
        let at = |q: f64| match q {
            0.0 => self.least,
            1.0 => self.largest,
            q => held[upto.partition_point(|&seen| (seen as f64) < q * self.count as f64).min(held.len() - 1)].0,
        };
        orders.iter().map(|q| at(*q)).collect()
    }

    /// All it is made of, for [`Sketch::from_words`].
    pub fn words(&self) -> Vec<u64> {
        let mut words = vec![self.count, self.least.to_bits(), self.largest.to_bits(), self.levels.len() as u64];
        for (level, &done) in self.levels.iter().zip(&self.compactions) {
            words.extend([done, level.len() as u64]);
            words.extend(level.iter().map(|value| value.to_bits()));
        }
        words
    }

    /// The sketch that [`Sketch::words`] are next of; `None` where they end too early.
    pub fn from_words(words: &mut impl Iterator<Item = u64>) -> Option<Self> {
        let (count, least, largest) = (words.next()?, f64::from_bits(words.next()?), f64::from_bits(words.next()?));
        let mut found = Self { count, least, largest, ..Self::default() };
        for _ in 0..words.next()? {
            found.compactions.push(words.next()?);
            let length = words.next()?;
            let level = (0..length).map(|_| words.next().map(f64::from_bits)).collect::<Option<_>>()?;
            found.levels.push(level);
        }
        Some(found)
    }

    /// How many numbers it holds.
    pub fn held(&self) -> usize {
        self.levels.iter().map(Vec::len).sum()
    }
}

/// SplitMix64 (Steele, Lea & Flood 2014) of two numbers.
fn hash(level: u64, place: u64) -> u64 {
    let mut z = (level << 48 ^ place).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
