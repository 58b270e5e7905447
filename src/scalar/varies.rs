//! What depends on what: no number, only whether it varies.

use std::ops::{Add, Mul, Neg, Sub};

use super::{Scalar, Table};

/// Whether a number depends on those that were made with `Varies(true)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Varies(pub bool);

impl Varies {
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(self.0 || other.0)
    }
}

macro_rules! of_two {
    ($($trait:ident :: $method:ident),*) => {$(
        impl $trait for Varies {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.or(other)
            }
        }
    )*};
}
of_two!(Add::add, Sub::sub, Mul::mul);

impl Neg for Varies {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self
    }
}

macro_rules! of_one {
    ($($name:ident),*) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            self
        }
    )*};
}

impl Scalar for Varies {
    type Mask = Self;

    #[inline(always)]
    fn lit(_: f64) -> Self {
        Self(false)
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self {
        self.or(other)
    }
    #[inline(always)]
    fn select(mask: Self, yes: Self, no: Self) -> Self {
        mask.or(yes).or(no)
    }
    #[inline(always)]
    fn look(self, _: &'static Table) -> Self {
        self
    }
    of_one!(
        exp, exprel, log, recip, sqrt, tanh, sigmoid, sin, cos, erfc, floor
    );
}
