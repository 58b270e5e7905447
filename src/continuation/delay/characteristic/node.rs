//! The part of one node in the characteristic matrix.

use num_complex::Complex64;

use super::{MOST_FEEDBACKS, column_of, row_of};
use crate::continuation::linear::norm;
use crate::continuation::network::Linearisation;

/// Polynomials in lambda, constant term first, one for each product of `z_f = e^(-lambda d_f)`: bit
/// f of the index says whether z_f is in it.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) den: Vec<Vec<f64>>,
    /// With the column B of unit length.
    pub(super) num: Vec<Vec<f64>>,
    /// The length of B; 0 where nodes receive nothing.
    pub(super) size: f64,
    /// B over its length; where that is 0 some column, with which vectors are scaled.
    pub(super) unit: Vec<f64>,
}

impl Node {
    /// What is left of every node; `None` where nothing can be eliminated.
    pub(super) fn all(parts: &Linearisation) -> Option<Vec<Self>> {
        let layout = parts.layout();
        let fits = layout.channels.len() <= 1 && layout.feedback.len() <= MOST_FEEDBACKS;
        fits.then(|| {
            (0..layout.n_nodes)
                .map(|node| Self::new(parts, node))
                .collect()
        })
    }

    fn new(parts: &Linearisation, node: usize) -> Self {
        let layout = parts.layout();
        let n = layout.n_states;
        let with = |matrix: &[f64], column: &[f64], row: &[f64]| -> Vec<f64> {
            let entries = matrix.iter().enumerate();
            entries
                .map(|(at, entry)| entry + column[at / n] * row[at % n])
                .collect()
        };
        let (column, row) = (column_of(parts, node), row_of(parts, node));
        let size = norm(&column);
        let unit: Vec<f64> = match (size, norm(&row)) {
            (0.0, 0.0) => (0..n).map(|s| f64::from(u8::from(s == 0))).collect(),
            (0.0, sent) => row.iter().map(|r| r / sent).collect(),
            _ => column.iter().map(|b| b / size).collect(),
        };
        let n_products = 1 << layout.feedback.len();
        // With every z_f at 0 or 1: den, and num.
        let (mut den, mut num) = (Vec::new(), Vec::new());
        for product in 0..n_products {
            let mut matrix = parts.local(node).to_vec();
            for (k, &line) in layout.feedback.iter().enumerate() {
                if product >> k & 1 == 1 {
                    matrix = with(&matrix, parts.feedback(node, k), parts.sent(node, line));
                }
            }
            let plain = characteristic_polynomial(&matrix, n);
            let forced = characteristic_polynomial(&with(&matrix, &unit, &row), n);
            num.push(difference(&plain, &forced));
            den.push(plain);
        }
        // The coefficients of the products of z_f from those values.
        for k in 0..layout.feedback.len() {
            for product in (0..n_products).filter(|product| product >> k & 1 == 1) {
                for all in [&mut den, &mut num] {
                    all[product] = difference(&all[product], &all[product ^ 1 << k]);
                }
            }
        }
        Self {
            den,
            num,
            size,
            unit,
        }
    }
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// Coefficients of `det(lambda - matrix)`, constant term first, by Faddeev and LeVerrier's
/// recursion.
fn characteristic_polynomial(matrix: &[f64], n: usize) -> Vec<f64> {
    let mut coefficients = vec![0.0; n + 1];
    coefficients[n] = 1.0;
    let mut product = vec![0.0; n * n];
    for k in 1..=n {
        for diagonal in 0..n {
            product[diagonal * (n + 1)] += coefficients[n - k + 1];
        }
        let next: Vec<f64> = (0..n * n)
            .map(|at| {
                (0..n)
                    .map(|l| matrix[at / n * n + l] * product[l * n + at % n])
                    .sum()
            })
            .collect();
        let trace: f64 = (0..n).map(|diagonal| next[diagonal * (n + 1)]).sum();
        coefficients[n - k] = -trace / k as f64;
        product = next;
    }
    coefficients
}

/// A polynomial and its derivative.
pub(super) fn horner(coefficients: &[f64], at: Complex64) -> [Complex64; 2] {
    let mut value = Complex64::ZERO;
    let mut slope = Complex64::ZERO;
    for &coefficient in coefficients.iter().rev() {
        slope = slope * at + value;
        value = value * at + coefficient;
    }
    [value, slope]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// det(lambda - [[2, 1, 0], [0, 3, 1], [1, 0, 1]]) = lambda^3 - 6 lambda^2 + 11 lambda - 7.
    #[test]
    fn the_characteristic_polynomial_of_three_by_three() {
        let matrix = [2.0, 1.0, 0.0, 0.0, 3.0, 1.0, 1.0, 0.0, 1.0];
        assert_eq!(
            characteristic_polynomial(&matrix, 3),
            [-7.0, 11.0, -6.0, 1.0]
        );
    }
}
