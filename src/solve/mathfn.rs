//! exp and ln over slices, written so that the compiler can vectorise them.
//!
//! Relative error of exp below 2 ulp, of ln below 2 ulp, over the whole range of normal numbers
//! (tested against correctly rounded references). Infinities, zeros, negative and subnormal
//! arguments give what the standard library gives; NaN stays NaN. Where the machine has AVX2 and
//! FMA they are used, so results may differ in the last bit between machines, never between
//! threads.
//!
//! A power is exp(e ln x): the solvers keep logarithms, so none has to be taken.

/// Coefficients 1/n! of exp on |r| ≤ ln 2 / 2; the first term left out is below 4e-18.
const EXP: [f64; 14] = [
    1.0,
    1.0,
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];
/// Coefficients of (atanh s − s)/s³ in s² for |s| ≤ 0.172; the first term left out is below 1e-18.
const ATANH: [f64; 11] = [
    1.0 / 3.0,
    1.0 / 5.0,
    1.0 / 7.0,
    1.0 / 9.0,
    1.0 / 11.0,
    1.0 / 13.0,
    1.0 / 15.0,
    1.0 / 17.0,
    1.0 / 19.0,
    1.0 / 21.0,
    1.0 / 23.0,
];
/// ln 2 as a number of 32 significant bits and the rest, so that a multiple of the first is exact.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Added and taken away, rounds to an integer; its low bits then hold that integer.
const ROUND: f64 = 6_755_399_441_055_744.0;
const TWO_52: u64 = 0x4330_0000_0000_0000;

#[inline(always)]
fn fused<const FMA: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn power_of_two(k: f64) -> f64 {
    f64::from_bits(((k + ROUND).to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1023)) << 52)
}

#[inline(always)]
fn exp_one<const FMA: bool>(x: f64) -> f64 {
    let bounded = x.clamp(-746.0, 710.0);
    let k = (bounded * std::f64::consts::LOG2_E + ROUND) - ROUND;
    let r = fused::<FMA>(k, -LN2_LOW, fused::<FMA>(k, -LN2_HIGH, bounded));
    let mut sum = EXP[13];
    for coefficient in EXP[..13].iter().rev() {
        sum = fused::<FMA>(sum, r, *coefficient);
    }
    // Two factors, since 2^k alone leaves the normal range near both ends.
    let half = (k * 0.5 + ROUND) - ROUND;
    let value = sum * power_of_two(half) * power_of_two(k - half);
    if x.is_nan() { x } else { value }
}

#[inline(always)]
fn ln_one<const FMA: bool>(x: f64) -> f64 {
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
    let mut tail = ATANH[10];
    for coefficient in ATANH[..10].iter().rev() {
        tail = fused::<FMA>(tail, square, *coefficient);
    }
    // ln z = 2 atanh s = f − s (f − 2 s² tail), which keeps the exact f in front.
    let rest = s * (f - 2.0 * square * tail);
    let value = fused::<FMA>(k, LN2_HIGH, f - (rest - k * LN2_LOW));
    if x > 0.0 && x < f64::INFINITY {
        value
    } else if x == 0.0 {
        f64::NEG_INFINITY
    } else if x > 0.0 {
        x
    } else {
        f64::NAN
    }
}

macro_rules! over_slices {
    ($name:ident, $one:ident, $vector:ident, $what:literal) => {
        #[doc = concat!("Replaces each value by its ", $what, ".")]
        pub fn $name(values: &mut [f64]) {
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                // SAFETY: the features were just detected.
                return unsafe { $vector(values) };
            }
            values.iter_mut().for_each(|value| *value = $one::<false>(*value));
        }

        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn $vector(values: &mut [f64]) {
            values.iter_mut().for_each(|value| *value = $one::<true>(*value));
        }
    };
}

over_slices!(exp, exp_one, exp_avx2, "exponential");
over_slices!(ln, ln_one, ln_avx2, "natural logarithm");
