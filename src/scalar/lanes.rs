//! Eight `f32` side by side, in plain arrays that the compiler turns into vector registers.

use std::ops::{Add, Mul, Neg, Sub};

use super::single::forward_to_functions;
use super::{Bits, Scalar, Single, Table};

/// Eight numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(32))]
pub struct Lanes8(pub [f32; 8]);

/// Eight unsigned integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(32))]
pub struct Bits8(pub [u32; 8]);

/// Eight truths, all bits set or none.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(32))]
pub struct Mask8([u32; 8]);

/// An array of what is said of each lane, written out: what a loop or `array::from_fn` would leave to be unrolled stays in memory.
macro_rules! lanes {
    ($lane:ident => $value:expr) => {
        lanes!(@ $lane $value; 0 1 2 3 4 5 6 7)
    };
    (@ $lane:ident $value:expr; $($k:literal)*) => {
        [$({
            let $lane = $k;
            $value
        }),*]
    };
}

macro_rules! lanewise {
    ($trait:ident, $method:ident) => {
        impl $trait for Lanes8 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(lanes!(lane => self.0[lane].$method(other.0[lane])))
            }
        }
    };
}
lanewise!(Add, add);
lanewise!(Sub, sub);
lanewise!(Mul, mul);

impl Neg for Lanes8 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(lanes!(lane => -self.0[lane]))
    }
}

impl Scalar for Lanes8 {
    type Mask = Mask8;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        Self([value as f32; 8])
    }
    #[inline(always)]
    fn less(self, other: Self) -> Mask8 {
        Mask8(lanes!(lane => {
            if self.0[lane] < other.0[lane] {
                u32::MAX
            } else {
                0
            }
        }))
    }
    #[inline(always)]
    fn select(mask: Mask8, yes: Self, no: Self) -> Self {
        Self(lanes!(lane => {
            f32::from_bits(
                (yes.0[lane].to_bits() & mask.0[lane]) | (no.0[lane].to_bits() & !mask.0[lane]),
            )
        }))
    }
    forward_to_functions!(
        exp, exprel, log, recip, sqrt, tanh, sigmoid, sin, cos, erfc, floor
    );
}

impl Single for Lanes8 {
    type Bits = Bits8;

    #[inline(always)]
    fn to_bits(self) -> Bits8 {
        Bits8(lanes!(lane => self.0[lane].to_bits()))
    }
    #[inline(always)]
    fn from_bits(bits: Bits8) -> Self {
        Self(lanes!(lane => f32::from_bits(bits.0[lane])))
    }
    #[inline(always)]
    fn entry(table: &'static Table, place: Bits8) -> Self {
        Self(lanes!(lane => table.single(place.0[lane])))
    }
    #[inline(always)]
    fn all(mask: Mask8) -> bool {
        mask.0.iter().fold(u32::MAX, |all, lane| all & lane) == u32::MAX
    }
}

impl Bits for Bits8 {
    type Single = Lanes8;

    #[inline(always)]
    fn lit(value: u32) -> Self {
        Self([value; 8])
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(lanes!(lane => self.0[lane].wrapping_add(other.0[lane])))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(lanes!(lane => self.0[lane].wrapping_sub(other.0[lane])))
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(lanes!(lane => self.0[lane].wrapping_mul(other.0[lane])))
    }
    #[inline(always)]
    fn mul_high(self, other: Self) -> Self {
        Self(lanes!(lane => Bits::mul_high(self.0[lane], other.0[lane])))
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(lanes!(lane => self.0[lane] & other.0[lane]))
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(lanes!(lane => self.0[lane] ^ other.0[lane]))
    }
    #[inline(always)]
    fn shl(self, by: u32) -> Self {
        Self(lanes!(lane => self.0[lane] << by))
    }
    #[inline(always)]
    fn shr(self, by: u32) -> Self {
        Self(lanes!(lane => self.0[lane] >> by))
    }
    #[inline(always)]
    fn signed_to_float(self) -> Lanes8 {
        Lanes8(lanes!(lane => self.0[lane] as i32 as f32))
    }
    #[inline(always)]
    fn is_zero(self) -> Mask8 {
        Mask8(lanes!(lane => if self.0[lane] == 0 { u32::MAX } else { 0 }))
    }
}
