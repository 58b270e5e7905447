//! Truncated power series in several variables: all derivatives of a model along a few directions, up to an order.
//!
//! Normal forms are read from them: the model is run on the series of a state that moves along critical eigenvectors.

use std::ops::{Add, Mul, Neg, Sub};

use num_complex::Complex64;

use super::{Scalar, Table, taylor};

/// A power series with complex coefficients in `V` variables, one coefficient for each of its first `L` monomials.
///
/// The monomials stand in order of degree; `L` is the number of those up to the order wanted. The constant term is real (its
/// imaginary part is not looked at), as it is where a series unfolds a real state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Series<const V: usize, const L: usize> {
    /// One per monomial, in the order of [`Series::MONOMIALS`].
    pub coefficients: [Complex64; L],
}

/// Two variables, order 5.
pub type Series2 = Series<2, 21>;
/// Four variables, order 3.
pub type Series4 = Series<4, 35>;

const BEYOND: u8 = u8::MAX;

impl<const V: usize, const L: usize> Series<V, L> {
    /// The exponents of each monomial, by rising degree.
    pub const MONOMIALS: [[u8; V]; L] = monomials();
    /// The degree of the last monomial.
    pub const ORDER: usize = degree(&Self::MONOMIALS[L - 1]);
    /// Which monomial the product of two is, or [`BEYOND`] the order.
    const PRODUCT: [[u8; L]; L] = products(&Self::MONOMIALS);

    /// A quantity that does not vary.
    pub fn constant(value: f64) -> Self {
        let mut coefficients = [Complex64::ZERO; L];
        coefficients[0] = value.into();
        Self { coefficients }
    }

    /// The place of the monomial with these exponents.
    pub fn index(exponents: [u8; V]) -> Option<usize> {
        Self::MONOMIALS.iter().position(|m| *m == exponents)
    }

    /// The degree of the monomial in this place.
    pub fn degree(index: usize) -> usize {
        degree(&Self::MONOMIALS[index])
    }

    /// `function(self)` from the function's Taylor coefficients at the constant term, by Horner's rule.
    fn compose(self, of: fn(f64) -> taylor::Coefficients) -> Self {
        const { assert!(Self::ORDER <= taylor::ORDER) }
        let outer = of(self.coefficients[0].re);
        let mut rest = self;
        rest.coefficients[0] = Complex64::ZERO;
        let mut sum = Self::constant(outer[Self::ORDER]);
        for &coefficient in outer[..Self::ORDER].iter().rev() {
            sum = sum * rest;
            sum.coefficients[0] += coefficient;
        }
        sum
    }
}

const fn degree<const V: usize>(exponents: &[u8; V]) -> usize {
    let mut sum = 0;
    let mut v = 0;
    while v < V {
        sum += exponents[v] as usize;
        v += 1;
    }
    sum
}

const fn monomials<const V: usize, const L: usize>() -> [[u8; V]; L] {
    let mut all = [[0; V]; L];
    let mut index = 1;
    while index < L {
        // The next composition of the same degree, or the first of the next: counting up, the last variable fastest.
        let wanted = degree(&all[index - 1]);
        let mut next = all[index - 1];
        let mut found = false;
        let mut candidate = next;
        let mut target = wanted;
        while !found {
            let mut v = V;
            let mut carried = true;
            while v > 0 && carried {
                v -= 1;
                candidate[v] += 1;
                if candidate[v] as usize > target {
                    candidate[v] = 0;
                } else {
                    carried = false;
                }
            }
            if carried {
                target += 1;
                candidate = [0; V];
            } else if degree(&candidate) == target {
                found = true;
                next = candidate;
            }
        }
        all[index] = next;
        index += 1;
    }
    all
}

const fn products<const V: usize, const L: usize>(monomials: &[[u8; V]; L]) -> [[u8; L]; L] {
    let mut table = [[BEYOND; L]; L];
    let order = degree(&monomials[L - 1]);
    let mut i = 0;
    while i < L {
        let mut j = 0;
        while j < L {
            if degree(&monomials[i]) + degree(&monomials[j]) <= order {
                let mut k = 0;
                while k < L {
                    let mut same = true;
                    let mut v = 0;
                    while v < V {
                        same = same && monomials[i][v] + monomials[j][v] == monomials[k][v];
                        v += 1;
                    }
                    if same {
                        table[i][j] = k as u8;
                    }
                    k += 1;
                }
            }
            j += 1;
        }
        i += 1;
    }
    table
}

impl<const V: usize, const L: usize> Add for Series<V, L> {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        for (a, b) in self.coefficients.iter_mut().zip(other.coefficients) {
            *a += b;
        }
        self
    }
}

impl<const V: usize, const L: usize> Sub for Series<V, L> {
    type Output = Self;
    fn sub(mut self, other: Self) -> Self {
        for (a, b) in self.coefficients.iter_mut().zip(other.coefficients) {
            *a -= b;
        }
        self
    }
}

impl<const V: usize, const L: usize> Mul for Series<V, L> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let mut product = Self::constant(0.0);
        for (i, a) in self.coefficients.iter().enumerate() {
            if *a == Complex64::ZERO {
                continue;
            }
            for (j, b) in other.coefficients.iter().enumerate() {
                match Self::PRODUCT[i][j] {
                    BEYOND => break,
                    k => product.coefficients[usize::from(k)] += a * b,
                }
            }
        }
        product
    }
}

impl<const V: usize, const L: usize> Neg for Series<V, L> {
    type Output = Self;
    fn neg(mut self) -> Self {
        for a in &mut self.coefficients {
            *a = -*a;
        }
        self
    }
}

impl<const V: usize, const L: usize> Scalar for Series<V, L> {
    type Mask = bool;

    fn lit(value: f64) -> Self {
        Self::constant(value)
    }
    fn less(self, other: Self) -> bool {
        self.coefficients[0].re < other.coefficients[0].re
    }
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
    fn exp(self) -> Self {
        self.compose(taylor::exp)
    }
    fn exprel(self) -> Self {
        self.compose(taylor::exprel)
    }
    fn log(self) -> Self {
        self.compose(taylor::log)
    }
    fn recip(self) -> Self {
        self.compose(taylor::recip)
    }
    fn sqrt(self) -> Self {
        self.compose(taylor::sqrt)
    }
    fn tanh(self) -> Self {
        self.compose(taylor::tanh)
    }
    fn sigmoid(self) -> Self {
        self.compose(taylor::sigmoid)
    }
    fn sin(self) -> Self {
        self.compose(taylor::sin)
    }
    fn cos(self) -> Self {
        self.compose(taylor::cos)
    }
    fn erfc(self) -> Self {
        self.compose(taylor::erfc)
    }
    fn floor(self) -> Self {
        Self::constant(self.coefficients[0].re.floor())
    }
    fn look(self, table: &'static Table) -> Self {
        Self::constant(self.coefficients[0].re.look(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every function of a series obeys an identity that its definition does not use.
    #[test]
    fn functions_of_series_obey_their_identities() {
        let mut x = Series2::constant(0.7);
        for (k, c) in x.coefficients.iter_mut().enumerate().skip(1) {
            *c = Complex64::new(0.3 / k as f64, -0.2 * (k % 3) as f64);
        }
        let one = Series2::constant(1.0);
        let same = |a: Series2, b: Series2| {
            for (a, b) in a.coefficients.iter().zip(b.coefficients) {
                assert!((a - b).norm() < 1e-12, "{a} {b}");
            }
        };
        same(x.exp() * (-x).exp(), one);
        same(x.exp().log(), x);
        same(x * x.recip(), one);
        same(x.sqrt() * x.sqrt(), x);
        same(x.sigmoid() * ((-x).exp() + one), one);
        same(x.tanh() * (x.exp() + (-x).exp()), x.exp() - (-x).exp());
        same(x.exprel() * x, x.exp() - one);
        let far = x + Series2::constant(3.0);
        same(far.exprel() * far, far.exp() - one);
        let (sin, cos) = (x.sin(), x.cos());
        same(sin * sin + cos * cos, one);
        same((x + x).sin(), sin * cos + sin * cos);
        same((x + x).cos(), cos * cos - sin * sin);
        same(x.erfc() + (-x).erfc(), one + one);
    }

    /// `d/du erfc(x) = -2/sqrt(pi) e^(-x^2) dx/du`, one order lower.
    #[test]
    fn the_derivative_of_erfc_is_a_gaussian() {
        let derivative = |series: Series2| {
            let mut result = Series2::constant(0.0);
            for (c, [u, v]) in series.coefficients.iter().zip(Series2::MONOMIALS) {
                if u > 0 {
                    let index = Series2::index([u - 1, v]).unwrap();
                    result.coefficients[index] = c * f64::from(u);
                }
            }
            result
        };
        for at in [-2.5, -0.3, 0.0, 0.7, 3.1] {
            let mut x = Series2::constant(at);
            for (k, c) in x.coefficients.iter_mut().enumerate().skip(1) {
                *c = Complex64::new(0.3 / k as f64, -0.2 * (k % 3) as f64);
            }
            let found = derivative(x.erfc());
            let factor = Series2::constant(-std::f64::consts::FRAC_2_SQRT_PI);
            let expected = factor * (-(x * x)).exp() * derivative(x);
            for (k, (a, b)) in found
                .coefficients
                .iter()
                .zip(expected.coefficients)
                .enumerate()
            {
                assert!(
                    Series2::degree(k) == Series2::ORDER || (a - b).norm() < 1e-12,
                    "{k} at {at}: {a} {b}"
                );
            }
        }
    }

    #[test]
    fn monomials_are_all_those_up_to_the_order() {
        assert_eq!((Series2::ORDER, Series4::ORDER), (5, 3));
        assert_eq!(Series2::index([2, 1]).map(Series2::degree), Some(3));
        assert_eq!(Series2::index([3, 3]), None);
        let mut seen = Series4::MONOMIALS.to_vec();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 35);
    }
}
