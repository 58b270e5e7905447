//! Products and sums of vectors. They go by indices, and write `a = a + b`: num-complex lets the
//! compiler inline that, but not `+=` (see `[profile.release]` in `Cargo.toml`).

use std::ops::{Add, Mul};

use num_complex::Complex64;

/// An entry of a vector: a real or a complex number.
pub(crate) trait Entry:
    Copy + Add<Output = Self> + Mul<Output = Self> + Mul<f64, Output = Self>
{
    const ZERO: Self;

    fn conjugate(self) -> Self;

    /// The square of the modulus.
    fn square(self) -> f64;
}

impl Entry for f64 {
    const ZERO: Self = 0.0;

    #[inline]
    fn conjugate(self) -> Self {
        self
    }

    #[inline]
    fn square(self) -> f64 {
        self * self
    }
}

impl Entry for Complex64 {
    const ZERO: Self = Self::ZERO;

    #[inline]
    fn conjugate(self) -> Self {
        self.conj()
    }

    #[inline]
    fn square(self) -> f64 {
        self.norm_sqr()
    }
}

/// Adds `term` to `sum`.
#[inline]
pub(crate) fn add_to<T: Entry>(sum: &mut T, term: T) {
    *sum = *sum + term;
}

/// Adds `factor * x` to `y`, as far as both go.
#[inline]
pub(crate) fn add_scaled<T: Entry>(y: &mut [T], factor: T, x: &[T]) {
    let n = y.len().min(x.len());
    let (y, x) = (&mut y[..n], &x[..n]);
    for k in 0..n {
        y[k] = y[k] + factor * x[k];
    }
}

/// Sets `y` to `factor` times every `step`th number of `x`.
#[inline]
pub(crate) fn set_scaled(y: &mut [f64], factor: f64, x: &[f64], step: usize) {
    if step == 1 {
        let x = &x[..y.len()];
        for k in 0..y.len() {
            y[k] = factor * x[k];
        }
    } else {
        for k in 0..y.len() {
            y[k] = factor * x[k * step];
        }
    }
}

/// The sum of `weights * a * b`, nothing conjugated; no weights are weights of 1.
#[inline]
pub(crate) fn dot<T: Entry>(weights: &[f64], a: &[T], b: &[T]) -> T {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut sum = T::ZERO;
    if weights.is_empty() {
        for k in 0..n {
            sum = sum + a[k] * b[k];
        }
    } else {
        for k in 0..n.min(weights.len()) {
            sum = sum + a[k] * b[k] * weights[k];
        }
    }
    sum
}

/// The inner product: the sum of `a * b` with the entries of `a` conjugated.
#[inline]
pub(crate) fn inner<T: Entry>(a: &[T], b: &[T]) -> T {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut sum = T::ZERO;
    for k in 0..n {
        sum = sum + a[k].conjugate() * b[k];
    }
    sum
}

/// The sum of the squares of the moduli.
#[inline]
fn squares<T: Entry>(x: &[T]) -> f64 {
    let mut sum = 0.0;
    for k in 0..x.len() {
        sum += x[k].square();
    }
    sum
}

/// The Euclidean length of `x`.
#[inline]
pub(crate) fn norm<T: Entry>(x: &[T]) -> f64 {
    squares(x).sqrt()
}

/// The root mean square of the moduli; 0 if there are none.
#[inline]
pub(crate) fn root_mean_square<T: Entry>(x: &[T]) -> f64 {
    (squares(x) / x.len().max(1) as f64).sqrt()
}

/// The Euclidean distance between two points.
#[inline]
pub(crate) fn distance(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut sum = 0.0;
    for k in 0..n {
        sum += (a[k] - b[k]) * (a[k] - b[k]);
    }
    sum.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dot product conjugates nothing, an inner product its first factor; lengths count moduli.
    #[test]
    fn complex_products() {
        let [a, b] = [
            [Complex64::new(1.0, 2.0), Complex64::new(0.0, -1.0)],
            [Complex64::new(3.0, -1.0), Complex64::new(2.0, 2.0)],
        ];
        assert_eq!(dot(&[], &a, &b), Complex64::new(7.0, 3.0));
        assert_eq!(dot(&[2.0, 0.0], &a, &b), Complex64::new(10.0, 10.0));
        assert_eq!(inner(&a, &b), Complex64::new(-1.0, -5.0));
        assert_eq!(norm(&a), 6f64.sqrt());
        assert_eq!(root_mean_square(&a), 3f64.sqrt());
    }

    #[test]
    fn real_products() {
        let (a, b) = ([1.0, 2.0, 2.0], [4.0, 0.0, -4.0]);
        assert_eq!(dot(&[], &a, &b), -4.0);
        assert_eq!(dot(&[1.0, 1.0, 0.5], &a, &b), 0.0);
        assert_eq!(inner(&a, &b), -4.0);
        assert_eq!(norm(&a), 3.0);
        assert_eq!(distance(&a, &b), 7.0);
        let mut y = a;
        add_scaled(&mut y, 0.5, &b);
        assert_eq!(y, [3.0, 2.0, 0.0]);
    }
}
