//! Largest and smallest of a slice. The order does not matter, so lanes are compared apart.

use super::wide::wide;

const LANES: usize = 8;

#[inline(always)]
fn folded(values: &[f64], start: f64, of: impl Fn(f64) -> f64, better: impl Fn(f64, f64) -> bool) -> f64 {
    let mut found = [start; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    let pick = |now: f64, best: f64| if better(now, best) { now } else { best };
    for block in blocks {
        for lane in 0..LANES {
            found[lane] = pick(of(block[lane]), found[lane]);
        }
    }
    rest.iter().map(|value| of(*value)).chain(found).fold(start, |best, now| pick(now, best))
}

wide! {
    /// Largest value, −∞ of none; what is not a number is passed over.
    pub fn largest(values: &[f64]) -> f64 {
        folded(values, f64::NEG_INFINITY, |value| value, |now, best| now > best)
    }
}

wide! {
    /// Smallest value, ∞ of none; what is not a number is passed over.
    pub fn smallest(values: &[f64]) -> f64 {
        folded(values, f64::INFINITY, |value| value, |now, best| now < best)
    }
}

wide! {
    /// Largest absolute value, 0 of none; infinite where one is not a number.
    pub fn sup_norm(values: &[f64]) -> f64 {
        folded(values, 0.0, |value| if value.is_nan() { f64::INFINITY } else { value.abs() }, |now, best| now > best)
    }
}
