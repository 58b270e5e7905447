//! A value and its derivatives along `K` directions at once: a Jacobian, `K` columns a pass.

use std::ops::{Add, Mul, Neg, Sub};

use super::{Scalar, taylor};

/// A number with its derivatives along `K` directions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gradient<const K: usize> {
    /// The number.
    pub value: f64,
    /// Its derivatives.
    pub slopes: [f64; K],
}

impl<const K: usize> Gradient<K> {
    /// A quantity that does not vary.
    #[inline(always)]
    pub fn constant(value: f64) -> Self {
        Self {
            value,
            slopes: [0.0; K],
        }
    }

    #[inline(always)]
    fn chain(self, value: f64, derivative: f64) -> Self {
        Self {
            value,
            slopes: self.slopes.map(|slope| slope * derivative),
        }
    }
}

impl<const K: usize> Add for Gradient<K> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            slopes: std::array::from_fn(|k| self.slopes[k] + other.slopes[k]),
        }
    }
}

impl<const K: usize> Sub for Gradient<K> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self {
            value: self.value - other.value,
            slopes: std::array::from_fn(|k| self.slopes[k] - other.slopes[k]),
        }
    }
}

impl<const K: usize> Mul for Gradient<K> {
    type Output = Self;
    #[inline(always)]
    #[expect(clippy::suspicious_arithmetic_impl, reason = "the product rule adds")]
    fn mul(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            slopes: std::array::from_fn(|k| {
                self.slopes[k] * other.value + self.value * other.slopes[k]
            }),
        }
    }
}

impl<const K: usize> Neg for Gradient<K> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self {
            value: -self.value,
            slopes: self.slopes.map(|slope| -slope),
        }
    }
}

impl<const K: usize> Scalar for Gradient<K> {
    type Mask = bool;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        Self::constant(value)
    }
    #[inline(always)]
    fn less(self, other: Self) -> bool {
        self.value < other.value
    }
    #[inline(always)]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
    #[inline(always)]
    fn exp(self) -> Self {
        let value = self.value.exp();
        self.chain(value, value)
    }
    fn exprel(self) -> Self {
        let [value, derivative, ..] = taylor::exprel(self.value);
        self.chain(value, derivative)
    }
    #[inline(always)]
    fn log(self) -> Self {
        self.chain(self.value.ln(), self.value.recip())
    }
    #[inline(always)]
    fn recip(self) -> Self {
        let value = self.value.recip();
        self.chain(value, -value * value)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        let value = self.value.sqrt();
        self.chain(value, 0.5 / value)
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        let value = self.value.tanh();
        self.chain(value, 1.0 - value * value)
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let value = Scalar::sigmoid(self.value);
        self.chain(value, value * (1.0 - value))
    }
}
