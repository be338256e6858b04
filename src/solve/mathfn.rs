//! exp and ln over slices, written so that the compiler can vectorise them.
//!
//! Relative error of exp below 2 ulp, of ln below 2 ulp, over the whole range of normal numbers
//! (tested against correctly rounded references). Infinities, zeros, negative and subnormal
//! arguments give what the standard library gives; NaN stays NaN. Elements do not meet, and nothing
//! is fused, so every machine and every width of its vectors gives the same bits.
//!
//! A power is exp(e ln x): the solvers keep logarithms, so none has to be taken.

use super::wide::wide;

/// Minimax polynomial of (e^r − 1 − r)/r² on |r| ≤ ln 2 / 2; its error in e^r is below 1.3e-17.
const EXP_TAIL: [f64; 10] = [
    0.500_000_000_000_000_1,
    0.166_666_666_666_666_74,
    0.041_666_666_666_624_13,
    0.008_333_333_333_322_222,
    0.001_388_888_891_721_345_4,
    0.000_198_412_698_865_464_28,
    2.480_152_129_647_672_4e-5,
    2.755_724_239_319_975_3e-6,
    2.762_008_820_261_81e-7,
    2.511_002_622_630_546_5e-8,
];
/// Minimax polynomial of (atanh s − s)/s³ in s² for |s| ≤ 0.172; its error is below 4.6e-18 of s.
const ATANH: [f64; 7] = [
    0.333_333_333_333_333_5,
    0.199_999_999_999_492_25,
    0.142_857_143_131_990_55,
    0.111_111_055_365_098_24,
    0.090_914_466_029_847_23,
    0.076_657_986_868_344_7,
    0.073_089_338_654_291_21,
];
/// ln 2 as a number of 32 significant bits and the rest, so that a multiple of the first is exact.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Added and taken away, rounds to an integer; its low bits then hold that integer.
const ROUND: f64 = 6_755_399_441_055_744.0;
const TWO_52: u64 = 0x4330_0000_0000_0000;

#[inline(always)]
fn power_of_two(k: f64) -> f64 {
    f64::from_bits(((k + ROUND).to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1023)) << 52)
}

/// Σ c_n x^n by even and odd powers: two short chains of additions instead of a long one.
#[inline(always)]
fn polynomial<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let square = x * x;
    let (mut even, mut odd) = (0.0, 0.0);
    for n in (0..N).rev() {
        let sum = if n % 2 == 0 { &mut even } else { &mut odd };
        *sum = if n + 2 >= N { coefficients[n] } else { *sum * square + coefficients[n] };
    }
    even + x * odd
}

#[inline(always)]
fn exp_one(x: f64) -> f64 {
    let bounded = x.clamp(-746.0, 710.0);
    let k = (bounded * std::f64::consts::LOG2_E + ROUND) - ROUND;
    let r = (bounded - k * LN2_HIGH) - k * LN2_LOW;
    // e^r = 1 + (r + r² tail), so that the rounding of the tail is far behind the point.
    let sum = 1.0 + (r + r * r * polynomial(&EXP_TAIL, r));
    // Two factors, since 2^k alone leaves the normal range near both ends.
    let half = (k * 0.5 + ROUND) - ROUND;
    sum * power_of_two(half) * power_of_two(k - half)
}

#[inline(always)]
fn ln_one(x: f64) -> f64 {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * 18_014_398_509_481_984.0 } else { x };
    let bits = scaled.to_bits();
    let exponent = f64::from_bits((bits >> 52) | TWO_52) - (f64::from_bits(TWO_52) + 1023.0);
    let mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    let large = mantissa > std::f64::consts::SQRT_2;
    let z = if large { 0.5 * mantissa } else { mantissa };
    let k = exponent + if large { 1.0 } else { 0.0 } - if subnormal { 54.0 } else { 0.0 };
    let f = z - 1.0;
    let s = f / (2.0 + f);
    let square = s * s;
    // ln z = 2 atanh s = f − s (f − 2 s² tail), which keeps the exact f in front.
    let rest = s * (f - 2.0 * square * polynomial(&ATANH, square));
    let value = k * LN2_HIGH + (f - (rest - k * LN2_LOW));
    // Constants and not x itself: a store that may be left out is masked, and slow.
    let edge = if x > 0.0 { f64::INFINITY } else { f64::NAN };
    let edge = if x == 0.0 { f64::NEG_INFINITY } else { edge };
    if x > 0.0 && x < f64::INFINITY { value } else { edge }
}

/// Whole blocks of vectors; what is left over is filled up to one.
#[inline(always)]
fn replace(values: &mut [f64], one: impl Fn(f64) -> f64) {
    const BLOCK: usize = 8;
    let (blocks, rest) = values.as_chunks_mut::<BLOCK>();
    blocks.iter_mut().for_each(|block| block.iter_mut().for_each(|value| *value = one(*value)));
    let mut last = [1.0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    last.iter_mut().for_each(|value| *value = one(*value));
    rest.copy_from_slice(&last[..rest.len()]);
}

wide! {
    /// Replaces each value by its exponential.
    pub fn exp(values: &mut [f64]) {
        replace(values, exp_one);
    }
}

wide! {
    /// Replaces each value by its natural logarithm.
    pub fn ln(values: &mut [f64]) {
        replace(values, ln_one);
    }
}
