//! Complex linear systems, factored once and solved often.

use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::{Mat, MatRef};
use num_complex::Complex64;

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
}
