//! Complex linear systems, factored once and solved often.

use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::{Mat, MatRef};
use num_complex::Complex64;

use super::add_scaled;

/// A complex matrix factored as P^-1 L U.
#[derive(Debug, Clone)]
pub(crate) struct ComplexLu(PartialPivLu<Complex64>);

impl ComplexLu {
    /// Factors a square matrix.
    pub fn new(matrix: MatRef<'_, Complex64>) -> Self {
        Self(matrix.partial_piv_lu())
    }

    /// The solution of `A y = b`, in place.
    pub fn solve(&self, b: &mut [Complex64]) {
        let n = b.len();
        let view = faer::MatMut::from_column_major_slice_mut(b, n, 1);
        self.0.solve_in_place(view);
    }

    /// The solution of `A^T y = b` (not conjugated), in place.
    pub fn solve_transpose(&self, b: &mut [Complex64]) {
        let n = b.len();
        let view = faer::MatMut::from_column_major_slice_mut(b, n, 1);
        self.0.solve_transpose_in_place(view);
    }

    /// `A^-1 B`
    pub fn solve_matrix(&self, b: &Mat<Complex64>) -> Mat<Complex64> {
        self.0.solve(b)
    }

    /// The same factors for many right-hand sides, one at a time.
    pub fn into_columns(self) -> Columns {
        let (lower, upper) = (self.0.L(), self.0.U());
        let n = upper.nrows();
        let mut entries = Vec::with_capacity(n * n);
        for j in 0..n {
            entries.extend((0..j).map(|i| upper[(i, j)]));
            entries.push(upper[(j, j)].inv());
            entries.extend((j + 1..n).map(|i| lower[(i, j)]));
        }
        Columns {
            entries,
            rows: self.0.P().arrays().0.to_vec(),
        }
    }

    /// Logarithm of the determinant; its imaginary part is only known up to multiples of 2 pi.
    pub fn log_det(&self) -> Complex64 {
        let upper = self.0.U();
        let mut log = Complex64::ZERO;
        for i in 0..upper.nrows() {
            log += upper[(i, i)].ln();
        }
        let (forward, _) = self.0.P().arrays();
        let mut seen = vec![false; forward.len()];
        for start in 0..forward.len() {
            let (mut at, mut length) = (start, 0);
            while !seen[at] {
                seen[at] = true;
                at = forward[at];
                length += 1;
            }
            if length > 0 && length % 2 == 0 {
                log += Complex64::new(0.0, std::f64::consts::PI);
            }
        }
        log
    }
}

/// A factored matrix laid out column by column, which is fast for one right-hand side at a time.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    /// L below the diagonal and U above it, `[n, n]` column by column; on it one over that of U.
    entries: Vec<Complex64>,
    /// The row of the matrix that every row of L and U comes from.
    rows: Vec<usize>,
}

impl Columns {
    /// The solution of `A y = b`.
    pub fn solve(&self, b: &[Complex64]) -> Vec<Complex64> {
        let n = self.rows.len();
        let mut y: Vec<Complex64> = self.rows.iter().map(|&row| b[row]).collect();
        for (j, column) in self.entries.chunks_exact(n).enumerate() {
            let (above, below) = y.split_at_mut(j + 1);
            add_scaled(below, -above[j], &column[j + 1..]);
        }
        for (j, column) in self.entries.chunks_exact(n).enumerate().rev() {
            let solved = y[j] * column[j];
            y[j] = solved;
            add_scaled(&mut y[..j], -solved, &column[..j]);
        }
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// det [[0, 2], [3 i, 1]] = -6 i, whose logarithm is ln 6 - i pi/2.
    #[test]
    fn the_determinant_counts_row_exchanges() {
        let matrix = Mat::from_fn(2, 2, |i, j| match (i, j) {
            (0, 0) => Complex64::ZERO,
            (0, 1) => Complex64::new(2.0, 0.0),
            (1, 0) => Complex64::new(0.0, 3.0),
            _ => Complex64::ONE,
        });
        let det = ComplexLu::new(matrix.as_ref()).log_det().exp();
        assert!((det - Complex64::new(0.0, -6.0)).norm() < 1e-14, "{det}");
    }

    /// Both layouts solve the same system, in which rows are exchanged.
    #[test]
    fn columns_solve_what_the_factors_do() {
        let n = 7;
        let entry = |i: usize, j: usize| Complex64::cis((i * i + 3 * j * j + i * j) as f64);
        let matrix = Mat::from_fn(n, n, |i, j| {
            entry(i, j) * (1.0 + ((i + 2) % n) as f64 * j as f64)
        });
        let lu = ComplexLu::new(matrix.as_ref());
        assert!(
            lu.0.P()
                .arrays()
                .0
                .iter()
                .enumerate()
                .any(|(k, &row)| k != row)
        );
        let b: Vec<Complex64> = (0..n).map(|k| Complex64::new(k as f64, 1.0)).collect();
        let y = lu.into_columns().solve(&b);
        for i in 0..n {
            let product: Complex64 = (0..n).map(|j| matrix[(i, j)] * y[j]).sum();
            assert!((product - b[i]).norm() < 1e-11, "{i}: {product}");
        }
    }
}
