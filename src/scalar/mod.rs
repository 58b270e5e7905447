//! The numbers a model runs on.
//!
//! A model, an integrator, a coupling and the noise transform are generic functions over [`Scalar`]. The same text runs as
//!
//! | type | what it is for |
//! |---|---|
//! | `f32` | the reference backend, and what a shader computes |
//! | [`Lanes8`] | eight `f32` side by side: replicas or nodes |
//! | `f64` | accuracy reference |
//! | [`Dual`] | a value and one derivative: exponential Euler, Jacobians |
//! | [`Trace`] | writes the WGSL of the GPU backend |
//!
//! # The contract that makes bits equal
//!
//! The 32-bit types use only `+ - *` (each rounded to nearest, never fused, never reassociated), comparison and
//! selection, integer operations, int-to-float conversion and loads. Every function beyond these (`exp`, `log`, `sqrt`, ...) is
//! one generic body in [`functions`], built from those operations. There is no `/`: a division between varying values is
//! a product with [`Scalar::recip`]. Whatever depends on parameters only is computed on the host in `f64`.

pub mod functions;

mod double;
mod dual;
mod gradient;
mod lanes;
mod series;
mod single;
mod table;
mod taylor;
mod trace;

use std::ops::{Add, Mul, Neg, Sub};

pub use dual::{Dual, Slope};
pub use gradient::Gradient;
pub use series::{Series, Series2, Series4};
pub(crate) use single::forward_to_functions;

pub use lanes::{Bits8, Lanes8};
pub use table::Table;
pub use trace::{Function, Trace, TraceBits, library, lookup};

/// A number a model can run on.
pub trait Scalar:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self> + 'static
{
    /// The result of a comparison.
    type Mask: Copy;

    /// The constant `value`, rounded to this type.
    fn lit(value: f64) -> Self;
    /// `self < other`
    fn less(self, other: Self) -> Self::Mask;
    /// `yes` where `mask`, else `no`. Both are evaluated.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// `self`, or `bound` where that is larger. What is not a number stays so.
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        Self::select(self.less(bound), bound, self)
    }
    /// `self`, or `bound` where that is smaller. What is not a number stays so.
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        Self::select(bound.less(self), bound, self)
    }

    /// `e^self`, within 1.2 ulp; saturates at 1.6e38 and 1.2e-38 in 32 bits.
    fn exp(self) -> Self;
    /// `(e^self - 1) / self`, 1 at 0; within 4 ulp, also where `e^self` rounds to 1.
    fn exprel(self) -> Self;
    /// Natural logarithm of a positive normal number, within 1 ulp.
    fn log(self) -> Self;
    /// `1 / self` for magnitudes from 1e-37 to 1e30, within 1.3 ulp.
    fn recip(self) -> Self;
    /// Square root of 0 or a positive normal number, within 2 ulp.
    fn sqrt(self) -> Self;
    /// Hyperbolic tangent, within 7 ulp.
    fn tanh(self) -> Self;
    /// `1 / (1 + e^-self)`, within 3 ulp; its argument saturates at +-60.
    fn sigmoid(self) -> Self;
    /// Sine of an angle in radians, odd, never beyond +-1. In 32 bits within 8.5e-8 up to 1e5; up to 6e6 that of
    /// an angle 1.2 ulp off, and above, where an ulp is half a radian, any number of that range.
    fn sin(self) -> Self;
    /// Cosine of an angle in radians, even; else as [`Scalar::sin`].
    fn cos(self) -> Self;
    /// Complementary error function, `1 - erf self`, within 6 ulp; saturates at 1.3e-38 in 32 bits.
    fn erfc(self) -> Self;
    /// The largest whole number not above `self`, exactly; what is not finite stays so. Its derivative is 0.
    fn floor(self) -> Self;
    /// The entry of `table` whose place, counted from 0, is the whole number nearest to `self`: the first one below 0, the last one
    /// beyond the end. What is not a number stays so. Its derivative is 0.
    fn look(self, table: &'static Table) -> Self;

    /// The larger of `self` and 0. What is not a number stays so: divergence must show.
    #[inline(always)]
    fn positive_part(self) -> Self {
        self.at_least(Self::lit(0.0))
    }
}

/// One step of a compensated sum: `addend` is added to `total` with the `carry` that rounding cut off before; gives the new
/// total and carry (Kahan, Commun. ACM 8, 40, 1965).
#[inline(always)]
pub fn compensated<S: Scalar>(total: S, carry: S, addend: S) -> (S, S) {
    let change = addend + carry;
    let next = total + change;
    (next, change - (next - total))
}

/// A 32-bit [`Scalar`], whose bits can be seen: what a shader can do.
pub trait Single: Scalar {
    /// Its bits.
    type Bits: Bits<Single = Self>;

    /// The bits of `self`.
    fn to_bits(self) -> Self::Bits;
    /// The number whose bits these are.
    fn from_bits(bits: Self::Bits) -> Self;
    /// The entry of `table` in this place, the last one if there are not so many.
    fn entry(table: &'static Table, place: Self::Bits) -> Self;
    /// Whether `mask` is known to hold everywhere, so that what is for elsewhere can be left out.
    #[inline(always)]
    fn all(_mask: Self::Mask) -> bool {
        false
    }
}

/// Unsigned 32-bit integers beside a [`Single`]; all arithmetic wraps.
pub trait Bits: Copy + 'static {
    /// The floats beside them.
    type Single: Single<Bits = Self>;

    /// A constant.
    fn lit(value: u32) -> Self;
    /// `self + other`
    fn add(self, other: Self) -> Self;
    /// `self - other`
    fn sub(self, other: Self) -> Self;
    /// Low word of `self * other`.
    fn mul(self, other: Self) -> Self;
    /// High word of `self * other`.
    fn mul_high(self, other: Self) -> Self;
    /// `self & other`
    fn and(self, other: Self) -> Self;
    /// `self ^ other`
    fn xor(self, other: Self) -> Self;
    /// `self << by`
    fn shl(self, by: u32) -> Self;
    /// `self >> by`, filling with zeros.
    fn shr(self, by: u32) -> Self;
    /// The nearest float to `self` read as a signed integer.
    fn signed_to_float(self) -> Self::Single;
    /// `self == 0`
    fn is_zero(self) -> <Self::Single as Scalar>::Mask;
}
