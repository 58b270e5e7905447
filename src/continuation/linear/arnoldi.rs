//! Arnoldi's method (Arnoldi 1951, Quart. Appl. Math. 9, 17): approximate eigenvalues of a linear map
//! that is only applied, the largest ones first.

use std::ops::Range;

use faer::Mat;
use num_complex::Complex64;

use super::{add_scaled, inner, norm};

/// What a vector has left, relatively, where the basis spans all that the map makes of it.
const EXHAUSTED: f64 = 1e-13;

/// The map seen from the space that its powers span from one vector.
pub(crate) struct Arnoldi {
    /// Orthonormal, `[n_vectors or one more, dim]`.
    basis: Vec<Vec<Complex64>>,
    /// Eigenvectors of the projected map, one in each column.
    vectors: Mat<Complex64>,
    /// Approximate eigenvalues, largest modulus first.
    pub ritz: Vec<Ritz>,
}

/// An approximate eigenvalue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ritz {
    pub value: Complex64,
    /// What is left of the map less `value` on the vector of unit norm.
    pub residual: f64,
    column: usize,
}

impl Arnoldi {
    /// Applies the map up to `n_vectors` times, first to `first`. `None` if numbers are not finite.
    pub fn new(
        mut first: Vec<Complex64>,
        n_vectors: usize,
        apply: impl Fn(&[Complex64]) -> Vec<Complex64>,
    ) -> Option<Self> {
        let length = norm(&first);
        first.iter_mut().for_each(|z| *z /= length);
        let mut basis = vec![first];
        let mut hessenberg = Mat::<Complex64>::zeros(n_vectors + 1, n_vectors);
        let mut size = n_vectors;
        for step in 0..n_vectors {
            let mut next = apply(&basis[step]);
            let before = norm(&next);
            // Once more for what rounding leaves.
            for _ in 0..2 {
                for (row, vector) in basis.iter().enumerate() {
                    let part = inner(vector, &next);
                    hessenberg[(row, step)] += part;
                    add_scaled(&mut next, -part, vector);
                }
            }
            let left = norm(&next);
            hessenberg[(step + 1, step)] = left.into();
            if left <= EXHAUSTED * before || !left.is_finite() {
                size = step + 1;
                break;
            }
            next.iter_mut().for_each(|z| *z /= left);
            basis.push(next);
        }
        let last = hessenberg[(size, size - 1)].norm();
        let eigen = hessenberg.submatrix(0, 0, size, size).eigen().ok()?;
        let vectors = eigen.U().to_owned();
        let ritz = (0..size).map(|column| Ritz {
            value: eigen.S()[column],
            residual: last * vectors[(size - 1, column)].norm(),
            column,
        });
        let mut ritz: Vec<Ritz> = ritz.collect();
        ritz.sort_by(|a, b| b.value.norm().total_cmp(&a.value.norm()));
        Some(Self {
            basis,
            vectors,
            ritz,
        })
    }

    /// Those entries of the eigenvector of unit norm that belongs to `ritz`.
    pub fn vector(&self, ritz: &Ritz, entries: Range<usize>) -> Vec<Complex64> {
        let mut vector = vec![Complex64::ZERO; entries.len()];
        for (k, basis) in self.basis.iter().take(self.vectors.nrows()).enumerate() {
            let weight = self.vectors[(k, ritz.column)];
            add_scaled(&mut vector, weight, &basis[entries.clone()]);
        }
        vector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A diagonal map: the largest entries come first, each with the unit vector it belongs to.
    #[test]
    fn the_largest_eigenvalues_of_a_diagonal_are_its_largest_entries() {
        let entry = |k: usize| Complex64::from_polar(0.8f64.powi(k as i32), k as f64);
        let apply = |x: &[Complex64]| x.iter().enumerate().map(|(k, x)| entry(k) * x).collect();
        let found = Arnoldi::new(vec![Complex64::ONE; 60], 30, apply).unwrap();
        for (k, ritz) in found.ritz.iter().take(8).enumerate() {
            assert!((ritz.value - entry(k)).norm() < 1e-8, "{k}: {ritz:?}");
            assert!(ritz.residual < 1e-6);
            let vector = found.vector(ritz, 0..60);
            assert!((vector[k].norm() - 1.0).abs() < 1e-6);
            assert_eq!(found.vector(ritz, k..k + 1), vector[k..=k]);
        }
    }

    /// A space of three dimensions is exhausted by three vectors, and then nothing is left.
    #[test]
    fn a_small_map_is_known_exactly() {
        let (a, b, c) = (2.0, -1.0, 0.5);
        let apply = |x: &[Complex64]| vec![x[0] * a + x[1], x[1] * b, x[2] * c];
        let first = [1.0, 1.0, 1.0].map(Complex64::from).to_vec();
        let found = Arnoldi::new(first, 3, apply).unwrap();
        let values: Vec<f64> = found.ritz.iter().map(|ritz| ritz.value.re).collect();
        for (value, known) in values.iter().zip([a, b, c]) {
            assert!((value - known).abs() < 1e-13, "{values:?}");
        }
        assert!(found.ritz.iter().all(|ritz| ritz.residual < 1e-13));
    }
}
