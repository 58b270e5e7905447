//! The functions of [`Scalar`] for 32-bit types: one generic body each, of `+ - *`, selection and integer operations.
//!
//! Polynomial coefficients are minimax fits (Remez exchange, 40 digits) made for this file. Errors beside each function
//! are the largest found over 2^20 inputs of its range, in units in the last place of the exact result.

use super::{Bits, Scalar, Single, Table};

/// Horner's rule; coefficients from the constant term up.
#[inline(always)]
fn polynomial<S: Scalar, const N: usize>(x: S, coefficients: [f64; N]) -> S {
    let mut sum = S::lit(coefficients[N - 1]);
    for &coefficient in coefficients[..N - 1].iter().rev() {
        sum = sum * x + S::lit(coefficient);
    }
    sum
}

#[inline(always)]
fn clamp<S: Scalar>(x: S, low: f64, high: f64) -> S {
    x.at_most(S::lit(high)).at_least(S::lit(low))
}

/// `(e^r - 1) / r` for |r| <= ln 2 / 2.
#[inline(always)]
fn ratio<S: Scalar>(r: S) -> S {
    polynomial(
        r,
        [
            1.0,
            0.500_000_004_741,
            0.166_666_668_548,
            0.041_666_351_605_6,
            0.008_333_268_329_41,
            0.001_394_121_529_52,
            0.000_199_160_164_82,
        ],
    )
}

/// Added to a number below 2^22, it rounds that to an integer and leaves it in the low bits: 1.5 * 2^23.
const ROUND: f64 = 12_582_912.0;

/// x = n ln 2 + r with |r| <= ln 2 / 2: n plus [`ROUND`].
#[inline(always)]
fn exponent<S: Single>(x: S) -> S {
    x * S::lit(std::f64::consts::LOG2_E) + S::lit(ROUND)
}

/// With that, `(r, 2^n)`.
#[inline(always)]
fn reduce<S: Single>(x: S, exponent: S) -> (S, S) {
    let n = exponent - S::lit(ROUND);
    // ln 2 in two parts; n times the first is exact.
    let r = (x - n * S::lit(0.693_359_375)) - n * S::lit(-2.121_944_400_546_905_8e-4);
    let power = exponent.to_bits().shl(23).add(S::Bits::lit(0x3f80_0000));
    (r, S::from_bits(power))
}

/// `e^x`; saturates below -87.3 and above 88. 1.13 ulp.
#[inline(always)]
pub fn exp<S: Single>(x: S) -> S {
    let x = clamp(x, -87.3, 88.0);
    let (r, power) = reduce(x, exponent(x));
    (S::lit(1.0) + r * ratio(r)) * power
}

/// `(e^x - 1) / x`; saturates as [`exp`].
///
/// Exponential Euler needs it right where `e^x` rounds to 1: a plain quotient gives 0 there and freezes the node for good.
#[inline(always)]
pub fn exprel<S: Single>(x: S) -> S {
    let one = S::lit(1.0);
    let x = clamp(x, -87.3, 88.0);
    let exponent = exponent(x);
    let near = exponent.to_bits().xor(S::Bits::lit(0x4b40_0000)).is_zero();
    if S::all(near) {
        return ratio(x);
    }
    let (r, power) = reduce(x, exponent);
    let ratio = ratio(r);
    let expm1 = power * (r * ratio) + (power - one);
    S::select(near, ratio, expm1 * recip(S::select(near, one, x)))
}

/// `value`, but where `x` is negative what is not a number.
#[inline(always)]
fn unless_negative<S: Single>(x: S, value: S) -> S {
    // Made from `x`, since a shader's text can hold no such constant.
    let nan = x
        .to_bits()
        .and(S::Bits::lit(0))
        .add(S::Bits::lit(0x7fc0_0000));
    S::select(x.less(S::lit(0.0)), S::from_bits(nan), value)
}

/// Natural logarithm of a positive normal number; no number for negative ones.
#[inline(always)]
pub fn log<S: Single>(x: S) -> S {
    unless_negative(x, log_of_positive(x))
}

/// The same where `x` is known to be positive.
#[inline(always)]
pub fn log_of_positive<S: Single>(x: S) -> S {
    // x = m 2^e with sqrt(1/2) <= m < sqrt(2)
    let root_half = S::Bits::lit(0x3f35_04f3);
    let shifted = x.to_bits().sub(root_half);
    let exponent = shifted.add(S::Bits::lit(0x3f80_0000)).shr(23);
    let e = exponent.signed_to_float() - S::lit(127.0);
    let m = S::from_bits(shifted.and(S::Bits::lit(0x007f_ffff)).add(root_half));
    let f = m - S::lit(1.0);
    let f2 = f * f;
    let tail = polynomial(
        f,
        [
            0.333_333_248_574,
            -0.250_007_749_354,
            0.200_019_304_985,
            -0.166_253_526_536,
            0.141_866_657_032,
            -0.131_264_042_091,
            0.128_529_225_472,
            -0.078_355_890_928_2,
        ],
    );
    let small = (f2 * f) * tail + e * S::lit(-2.121_944_400_546_905_8e-4);
    ((small - S::lit(0.5) * f2) + f) + e * S::lit(0.693_359_375)
}

/// `1 / x` for magnitudes from 1e-37 to 1e30: a seed from the bits, then Newton steps.
#[inline(always)]
pub fn recip<S: Single>(x: S) -> S {
    let mut y = S::from_bits(S::Bits::lit(0x7ef3_11c7).sub(x.to_bits()));
    for _ in 0..3 {
        y = y * (S::lit(2.0) - x * y);
    }
    // The last step in the form that rounds best.
    y + y * (S::lit(1.0) - x * y)
}

/// Square root of 0 or a positive normal number: Newton steps on `1 / sqrt(x)`, then one on the root. No number for negative ones.
#[inline(always)]
pub fn sqrt<S: Single>(x: S) -> S {
    unless_negative(x, root_of_positive(x))
}

/// The same where `x` is known not to be negative.
#[inline(always)]
pub fn root_of_positive<S: Single>(x: S) -> S {
    let mut y = S::from_bits(S::Bits::lit(0x5f37_5a86).sub(x.to_bits().shr(1)));
    let half = S::lit(0.5) * x;
    for _ in 0..3 {
        y = y * (S::lit(1.5) - (half * y) * y);
    }
    let root = x * y;
    root + (S::lit(0.5) * y) * (x - root * root)
}

/// Hyperbolic tangent, by `tanh x = w / (w + 2)`, `w = e^2x - 1 = 2x exprel(2x)`; accurate also near 0.
#[inline(always)]
pub fn tanh<S: Single>(x: S) -> S {
    let x = clamp(x, -9.1, 9.1);
    let w = (x + x) * exprel(x + x);
    w * recip(w + S::lit(2.0))
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub fn sigmoid<S: Single>(x: S) -> S {
    recip(S::lit(1.0) + exp(-clamp(x, -60.0, 60.0)))
}

/// `(cos, sin)` of an angle in units of 2^-32 turns, each within 1.1e-7.
#[inline(always)]
pub fn cos_sin_turn<S: Single>(angle: S::Bits) -> (S, S) {
    // The nearest quarter turn, and what is left: |rest| <= 1/8 turn.
    let quarter = angle.add(S::Bits::lit(0x2000_0000)).shr(30);
    let rest = angle.sub(quarter.shl(30)).signed_to_float() * S::lit(2f64.powi(-32));
    let square = rest * rest;
    let sin = rest
        * polynomial(
            square,
            [
                6.283_185_287_87,
                -41.341_662_633_2,
                81.592_553_554_1,
                -75.402_068_427,
            ],
        );
    let cos = polynomial(
        square,
        [
            1.0,
            -19.739_208_650_4,
            64.939_316_208_7,
            -85.442_852_149_4,
            59.220_408_22,
        ],
    );
    turned(cos, sin, quarter)
}

/// `(cos, sin)` of an angle that is `quarter` quarter turns further.
#[inline(always)]
fn turned<S: Single>(cos: S, sin: S, quarter: S::Bits) -> (S, S) {
    let even = quarter.and(S::Bits::lit(1)).is_zero();
    (
        flip_sign(S::select(even, cos, sin), quarter.add(S::Bits::lit(1))),
        flip_sign(S::select(even, sin, cos), quarter),
    )
}

/// `(cos, sin)` of x radians, x not negative; see [`sin`].
#[inline(always)]
fn cos_sin<S: Single>(x: S) -> (S, S) {
    // x = n pi/2 + rest with |rest| <= pi/4, about.
    let rounded = x * S::lit(std::f64::consts::FRAC_2_PI) + S::lit(ROUND);
    let n = rounded - S::lit(ROUND);
    // pi / 2 in three parts (Cody & Waite 1980); n times each of the first two, of 8 bits, is exact up to n = 2^16.
    let rest = x - n * S::lit(1.570_312_5);
    let rest = rest - n * S::lit(253.0 / 524_288.0);
    let rest = rest - n * S::lit(1.267_590_795_056_731e-6);
    // A number so large that n is none of the integers near it leaves anything.
    let rest = clamp(rest, -0.8, 0.8);
    let square = rest * rest;
    let sin = rest
        + rest
            * (square
                * polynomial(
                    square,
                    [
                        -0.166_666_531_923,
                        0.008_332_070_886_62,
                        -0.000_195_030_690_548,
                    ],
                ));
    let cos = polynomial(
        square,
        [
            1.0,
            -0.5,
            0.041_666_644_561_5,
            -0.001_388_725_176_74,
            2.442_492_332_94e-5,
        ],
    );
    turned(cos, sin, rounded.to_bits())
}

/// Sine of x radians. 0.73 ulp for |x| <= pi/4, and within 8.5e-8 for |x| <= 1e5.
///
/// The latter is an absolute error: near the other zeros it may be many ulp. Beyond 1e5 products with the first two parts of pi/2
/// are rounded: up to 6e6 the result is that of an angle at most 1.2 ulp from x. Above, where an ulp is half a radian, it is any
/// number in [-1, 1].
#[inline(always)]
pub fn sin<S: Single>(x: S) -> S {
    let (_, sin) = cos_sin(magnitude(x));
    let sign = x.to_bits().and(S::Bits::lit(0x8000_0000));
    S::from_bits(sin.to_bits().xor(sign))
}

/// Cosine of x radians. 1.1 ulp for |x| <= pi/4; else as [`sin`].
#[inline(always)]
pub fn cos<S: Single>(x: S) -> S {
    cos_sin(magnitude(x)).0
}

/// `|x|`
#[inline(always)]
fn magnitude<S: Single>(x: S) -> S {
    S::from_bits(x.to_bits().and(S::Bits::lit(0x7fff_ffff)))
}

/// `1 - erf x`, the complementary error function; saturates above 9.19. 5.91 ulp.
#[inline(always)]
pub fn erfc<S: Single>(x: S) -> S {
    // Where it is still a normal number.
    let a = magnitude(x).at_most(S::lit(9.19));
    // e^(a^2) erfc a = t P(t)
    let t = recip(a + S::lit(2.0));
    let scaled = t * polynomial(
        t - S::lit(0.390_625),
        [
            1.500_611_303_51,
            4.074_962_645_56,
            4.698_699_519_63,
            -1.310_579_005_95,
            -6.139_960_789_5,
            4.127_975_795_69,
            7.647_344_741_29,
            -21.549_218_395_2,
            -30.080_004_707_8,
        ],
    );
    // e^(-a^2), of a^2 in two parts; the square of the first 12 bits of a is exact.
    let high = S::from_bits(a.to_bits().and(S::Bits::lit(0xffff_f000)));
    let (r, power) = reduce(-(high * high), exponent(-(a * a)));
    let r = r - (a + high) * (a - high);
    let y = ((S::lit(1.0) + r * ratio(r)) * scaled) * power;
    S::select(x.less(S::lit(0.0)), S::lit(2.0) - y, y)
}

/// The largest whole number not above `x`; exact for every number.
#[inline(always)]
pub fn floor<S: Single>(x: S) -> S {
    // From 2^23 on all numbers are whole; below, adding that much rounds to a whole one.
    let large = S::lit(8_388_608.0);
    let a = magnitude(x);
    let sign = x.to_bits().and(S::Bits::lit(0x8000_0000));
    let rounded = S::from_bits(((a + large) - large).to_bits().xor(sign));
    let floor = S::select(x.less(rounded), rounded - S::lit(1.0), rounded);
    S::select(a.less(large), floor, x)
}

/// The entry of `table` nearest to place `x`, clamped to its ends; what is not a number stays so.
#[inline(always)]
pub fn look<S: Single>(x: S, table: &'static Table) -> S {
    let last = f64::from(table.last());
    let index = clamp(x, 0.0, last);
    let whole = (index + S::lit(ROUND))
        .to_bits()
        .and(S::Bits::lit(0x003f_ffff));
    let entry = S::entry(table, whole);
    S::select(index.less(S::lit(last + 1.0)), entry, index)
}

/// `value`, negated if bit 1 of `quarter` is set. (No closure: it would be compiled without the caller's CPU features.)
#[inline(always)]
fn flip_sign<S: Single>(value: S, quarter: S::Bits) -> S {
    let sign = quarter.and(S::Bits::lit(2)).shl(30);
    S::from_bits(value.to_bits().xor(sign))
}

#[cfg(test)]
mod tests;
