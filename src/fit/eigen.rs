//! Eigenvalues and eigenvectors of small symmetric matrices, by Jacobi's rotations.
//!
//! G. H. Golub & C. F. Van Loan (2013), Matrix Computations, 4th edition, section 8.5. Small eigenvalues of a positive definite matrix
//! keep their digits, and all arithmetic is exact to the rule of IEEE 754: every machine finds the same bits.

/// Sweeps over all pairs; ten are enough for any matrix.
const MOST_SWEEPS: usize = 60;

/// Eigenvalues, the least first, and unit eigenvectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// `[n]`.
    pub values: Vec<f64>,
    /// `[n, n]`, row by row; column k belongs to value k.
    pub vectors: Vec<f64>,
}

impl Eigen {
    /// Those of a symmetric `matrix`, `[n, n]` row by row.
    pub fn of(matrix: &[f64], n: usize) -> Self {
        let mut a = matrix.to_vec();
        let mut v = vec![0.0; n * n];
        for k in 0..n {
            v[k * n + k] = 1.0;
        }
        for _ in 0..MOST_SWEEPS {
            let mut is_diagonal = true;
            for p in 0..n {
                for q in p + 1..n {
                    is_diagonal &= !rotate(&mut a, &mut v, n, p, q);
                }
            }
            if is_diagonal {
                break;
            }
        }
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&i, &j| a[i * n + i].total_cmp(&a[j * n + j]));
        let values = order.iter().map(|&k| a[k * n + k]).collect();
        let mut vectors = vec![0.0; n * n];
        for (to, &from) in order.iter().enumerate() {
            for row in 0..n {
                vectors[row * n + to] = v[row * n + from];
            }
        }
        Self { values, vectors }
    }
}

/// Makes `a[p, q]` zero; whether it was not.
fn rotate(a: &mut [f64], v: &mut [f64], n: usize, p: usize, q: usize) -> bool {
    let (app, aqq, apq) = (a[p * n + p], a[q * n + q], a[p * n + q]);
    if apq.abs() <= f64::EPSILON * (app.abs() * aqq.abs()).sqrt() || apq == 0.0 {
        return false;
    }
    let tau = (aqq - app) / (2.0 * apq);
    let tangent = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
    let cos = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sin = tangent * cos;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        a[k * n + p] = cos * x - sin * y;
        a[k * n + q] = sin * x + cos * y;
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        a[p * n + k] = cos * x - sin * y;
        a[q * n + k] = sin * x + cos * y;
    }
    a[p * n + q] = 0.0;
    a[q * n + p] = 0.0;
    for k in 0..n {
        let (x, y) = (v[k * n + p], v[k * n + q]);
        v[k * n + p] = cos * x - sin * y;
        v[k * n + q] = sin * x + cos * y;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second difference on n points has the eigenvalues 4 sin^2(k pi / 2(n + 1)).
    #[test]
    fn a_known_spectrum_is_found_and_the_matrix_comes_back() {
        let n = 12;
        let mut matrix = vec![0.0; n * n];
        for k in 0..n {
            matrix[k * n + k] = 2.0;
            if k + 1 < n {
                matrix[k * n + k + 1] = -1.0;
                matrix[(k + 1) * n + k] = -1.0;
            }
        }
        let Eigen { values, vectors } = Eigen::of(&matrix, n);
        for (k, value) in values.iter().enumerate() {
            let angle = (k + 1) as f64 * std::f64::consts::PI / (2 * (n + 1)) as f64;
            assert!((value - 4.0 * angle.sin().powi(2)).abs() < 1e-13, "{k}");
        }
        for row in 0..n {
            for column in 0..n {
                let sum: f64 = (0..n)
                    .map(|k| vectors[row * n + k] * values[k] * vectors[column * n + k])
                    .sum();
                assert!((sum - matrix[row * n + column]).abs() < 1e-13);
            }
        }
    }

    /// Of diag(1, 1e-20) turned by an angle, as far as its entries hold it: graded matrices keep their small values.
    #[test]
    fn a_graded_matrix_keeps_its_least_eigenvalue() {
        let matrix = [1.0, 1e-10, 1e-10, 2e-20];
        let Eigen { values, .. } = Eigen::of(&matrix, 2);
        assert!((values[0] / 1e-20 - 1.0).abs() < 1e-12, "{values:?}");
        assert_eq!(Eigen::of(&[3.0], 1).vectors, [1.0]);
        assert_eq!(Eigen::of(&[0.0; 4], 2).values, [0.0; 2]);
    }
}
