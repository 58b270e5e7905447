//! A value and its derivatives along `K` directions at once: a Jacobian, `K` columns a pass.

use std::ops::{Add, Mul, Neg, Sub};

use super::{Scalar, Table, taylor};

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
        let mut slopes = self.slopes;
        for slope in &mut slopes {
            *slope *= derivative;
        }
        Self { value, slopes }
    }
}

impl<const K: usize> Add for Gradient<K> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let mut slopes = self.slopes;
        for k in 0..K {
            slopes[k] += other.slopes[k];
        }
        let value = self.value + other.value;
        Self { value, slopes }
    }
}

impl<const K: usize> Sub for Gradient<K> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let mut slopes = self.slopes;
        for k in 0..K {
            slopes[k] -= other.slopes[k];
        }
        let value = self.value - other.value;
        Self { value, slopes }
    }
}

impl<const K: usize> Mul for Gradient<K> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mut slopes = self.slopes;
        for k in 0..K {
            slopes[k] = self.slopes[k] * other.value + self.value * other.slopes[k];
        }
        let value = self.value * other.value;
        Self { value, slopes }
    }
}

impl<const K: usize> Neg for Gradient<K> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        let mut slopes = self.slopes;
        for slope in &mut slopes {
            *slope = -*slope;
        }
        let value = -self.value;
        Self { value, slopes }
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
    #[inline(always)]
    fn sin(self) -> Self {
        self.chain(self.value.sin(), self.value.cos())
    }
    #[inline(always)]
    fn cos(self) -> Self {
        self.chain(self.value.cos(), -self.value.sin())
    }
    fn erfc(self) -> Self {
        let [value, derivative, ..] = taylor::erfc(self.value);
        self.chain(value, derivative)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Dual;

    #[test]
    fn functions_have_the_derivatives_of_dual_numbers() {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs();
        macro_rules! compare {
            ($($name:ident)*) => {$(
                for x in [0.05, 0.7, 1.9, 4.0] {
                    let slopes = [1.0, -2.0];
                    let found = Scalar::$name(Gradient { value: x, slopes });
                    let expected = Scalar::$name(Dual::variable(x));
                    let slope = expected.derivative();
                    assert!(
                        near(found.value, expected.value)
                            && near(found.slopes[0], slope)
                            && near(found.slopes[1], -2.0 * slope),
                        "{} at {x}: {found:?} {expected:?}", stringify!($name)
                    );
                }
            )*};
        }
        compare!(exp exprel log recip sqrt tanh sigmoid sin cos erfc floor);
    }
}
