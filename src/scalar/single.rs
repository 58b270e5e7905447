//! `f32` and `u32`: one number at a time.

use super::{Bits, Scalar, Single, Table};

/// The functions of [`Scalar`] that have a body in [`functions`], those named and the look-up of tables.
macro_rules! forward_to_functions {
    ($($name:ident),*) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            $crate::scalar::functions::$name(self)
        }
    )*
        #[inline(always)]
        fn look(self, table: &'static $crate::scalar::Table) -> Self {
            $crate::scalar::functions::look(self, table)
        }
    };
}
pub(crate) use forward_to_functions;

impl Scalar for f32 {
    type Mask = bool;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        value as f32
    }
    #[inline(always)]
    fn less(self, other: Self) -> bool {
        self < other
    }
    #[inline(always)]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
    forward_to_functions!(
        exp, exprel, log, recip, sqrt, tanh, sigmoid, sin, cos, erfc, floor
    );
}

impl Single for f32 {
    type Bits = u32;

    #[inline(always)]
    fn to_bits(self) -> u32 {
        f32::to_bits(self)
    }
    #[inline(always)]
    fn from_bits(bits: u32) -> Self {
        f32::from_bits(bits)
    }
    #[inline(always)]
    fn entry(table: &'static Table, place: u32) -> Self {
        table.single(place)
    }
    #[inline(always)]
    fn all(mask: bool) -> bool {
        mask
    }
}

impl Bits for u32 {
    type Single = f32;

    #[inline(always)]
    fn lit(value: u32) -> Self {
        value
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }
    #[inline(always)]
    fn mul_high(self, other: Self) -> Self {
        ((u64::from(self) * u64::from(other)) >> 32) as u32
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self & other
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }
    #[inline(always)]
    fn shl(self, by: u32) -> Self {
        self << by
    }
    #[inline(always)]
    fn shr(self, by: u32) -> Self {
        self >> by
    }
    #[inline(always)]
    fn signed_to_float(self) -> f32 {
        self as i32 as f32
    }
    #[inline(always)]
    fn is_zero(self) -> bool {
        self == 0
    }
}
