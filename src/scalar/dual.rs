//! A value and its derivative along one direction (forward-mode differentiation).

use std::f64::consts::FRAC_2_SQRT_PI;
use std::ops::{Add, Mul, Neg, Sub};

use super::{Scalar, Table};

/// A number `value` whose derivative is `slope`.
#[derive(Debug, Clone, Copy)]
pub struct Dual<S> {
    /// The number.
    pub value: S,
    /// Its derivative.
    pub slope: Slope<S>,
}

/// A derivative. That it is known to be 0 or 1 is kept, so that nothing is multiplied by it: the written program, and with it
/// every rounding, is the same whether it runs or is traced.
#[derive(Debug, Clone, Copy)]
pub enum Slope<S> {
    /// Identically 0: a constant.
    Zero,
    /// Identically 1: the variable itself.
    One,
    /// Anything.
    Of(S),
}

impl<S: Scalar> Dual<S> {
    /// A quantity that does not vary.
    #[inline(always)]
    pub fn constant(value: S) -> Self {
        Self {
            value,
            slope: Slope::Zero,
        }
    }

    /// The quantity by which is differentiated.
    #[inline(always)]
    pub fn variable(value: S) -> Self {
        Self {
            value,
            slope: Slope::One,
        }
    }

    /// The derivative as a number.
    #[inline(always)]
    pub fn derivative(self) -> S {
        self.slope.get()
    }

    /// A function of `self` with this value and derivative (the derivative is asked for only if needed).
    #[inline(always)]
    fn chain(self, value: S, derivative: impl FnOnce() -> S) -> Self {
        let slope = match self.slope {
            Slope::Zero => Slope::Zero,
            Slope::One => Slope::Of(derivative()),
            Slope::Of(slope) => Slope::Of(slope * derivative()),
        };
        Self { value, slope }
    }
}

impl<S: Scalar> Slope<S> {
    #[inline(always)]
    fn get(self) -> S {
        match self {
            Self::Zero => S::lit(0.0),
            Self::One => S::lit(1.0),
            Self::Of(slope) => slope,
        }
    }

    #[inline(always)]
    fn times(self, factor: S) -> Self {
        match self {
            Self::Zero => Self::Zero,
            Self::One => Self::Of(factor),
            Self::Of(slope) => Self::Of(slope * factor),
        }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Zero, slope) | (slope, Self::Zero) => slope,
            (a, b) => Self::Of(a.get() + b.get()),
        }
    }

    #[inline(always)]
    fn negated(self) -> Self {
        match self {
            Self::Zero => Self::Zero,
            Self::One => Self::Of(S::lit(-1.0)),
            Self::Of(slope) => Self::Of(-slope),
        }
    }
}

impl<S: Scalar> Add for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            slope: self.slope.plus(other.slope),
        }
    }
}

impl<S: Scalar> Sub for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let slope = match (self.slope, other.slope) {
            (slope, Slope::Zero) => slope,
            (Slope::Zero, slope) => slope.negated(),
            (a, b) => Slope::Of(a.get() - b.get()),
        };
        Self {
            value: self.value - other.value,
            slope,
        }
    }
}

impl<S: Scalar> Mul for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            slope: self
                .slope
                .times(other.value)
                .plus(other.slope.times(self.value)),
        }
    }
}

impl<S: Scalar> Neg for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self {
            value: -self.value,
            slope: self.slope.negated(),
        }
    }
}

impl<S: Scalar> Scalar for Dual<S> {
    type Mask = S::Mask;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        Self::constant(S::lit(value))
    }
    #[inline(always)]
    fn less(self, other: Self) -> S::Mask {
        self.value.less(other.value)
    }
    #[inline(always)]
    fn select(mask: S::Mask, yes: Self, no: Self) -> Self {
        let slope = match (yes.slope, no.slope) {
            (Slope::Zero, Slope::Zero) => Slope::Zero,
            (Slope::One, Slope::One) => Slope::One,
            (yes, no) => Slope::Of(S::select(mask, yes.get(), no.get())),
        };
        Self {
            value: S::select(mask, yes.value, no.value),
            slope,
        }
    }
    #[inline(always)]
    fn exp(self) -> Self {
        let value = self.value.exp();
        self.chain(value, || value)
    }
    #[inline(always)]
    fn exprel(self) -> Self {
        let z = self.value;
        let value = z.exprel();
        self.chain(value, || {
            // ((z - 1) e^z + 1)/z^2, by its series where that cancels
            let one = S::lit(1.0);
            let near = (z * z).less(S::lit(0.01));
            let apart = S::select(near, one, z);
            let quotient = (z.exp() - value) * apart.recip();
            let mut series = S::lit(0.0);
            for k in (0..8u32).rev() {
                // sum over k of (k + 1) z^k / (k + 2)!
                let factorial: f64 = (1..=k + 2).map(f64::from).product();
                series = series * z + S::lit(f64::from(k + 1) / factorial);
            }
            S::select(near, series, quotient)
        })
    }
    #[inline(always)]
    fn log(self) -> Self {
        self.chain(self.value.log(), || self.value.recip())
    }
    #[inline(always)]
    fn recip(self) -> Self {
        let value = self.value.recip();
        self.chain(value, || -(value * value))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        let value = self.value.sqrt();
        self.chain(value, || S::lit(0.5) * value.recip())
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        let value = self.value.tanh();
        self.chain(value, || S::lit(1.0) - value * value)
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let value = self.value.sigmoid();
        self.chain(value, || value * (S::lit(1.0) - value))
    }
    #[inline(always)]
    fn sin(self) -> Self {
        self.chain(self.value.sin(), || self.value.cos())
    }
    #[inline(always)]
    fn cos(self) -> Self {
        self.chain(self.value.cos(), || -self.value.sin())
    }
    #[inline(always)]
    fn erfc(self) -> Self {
        self.chain(self.value.erfc(), || {
            S::lit(-FRAC_2_SQRT_PI) * (-(self.value * self.value)).exp()
        })
    }
    #[inline(always)]
    fn floor(self) -> Self {
        Self::constant(self.value.floor())
    }
    #[inline(always)]
    fn look(self, table: &'static Table) -> Self {
        Self::constant(self.value.look(table))
    }
}
