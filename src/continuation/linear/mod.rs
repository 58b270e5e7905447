//! Dense linear algebra: LU, bordered systems, eigenvalues. Small matrices by plain loops, larger
//! ones by faer.

mod arnoldi;
mod complex;
mod elimination;
mod krylov;
mod vector;

use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::{Mat, MatMut, MatRef};
use num_complex::Complex64;

pub(crate) use arnoldi::{Arnoldi, Ritz};
pub(crate) use complex::{Columns, ComplexLu};
use elimination::eliminate_small;
pub(crate) use elimination::{eliminate, triangular};
pub(crate) use krylov::gmres;
pub(crate) use vector::{
    Entry, add_scaled, add_to, distance, dot, inner, norm, root_mean_square, set_scaled,
};

/// Below this size plain loops are faster than faer's calls (measured: 3x at 3, even at about 24).
pub(crate) const SMALL: usize = 20;

/// A factorised square matrix.
pub(crate) enum Lu {
    Small {
        /// Column by column.
        factors: Vec<f64>,
        /// Where each row of the factors comes from, as far as there are rows.
        rows: [u8; SMALL],
        odd: bool,
    },
    Large {
        factors: PartialPivLu<f64>,
        odd: bool,
    },
}

impl Lu {
    /// Factorises `matrix`; a pivot of 0 is kept and shows as numbers that are not finite.
    pub fn new(matrix: MatRef<'_, f64>) -> Self {
        let n = matrix.nrows();
        if n > SMALL {
            return Self::large(matrix);
        }
        let mut columns = Vec::with_capacity(n * n);
        for c in 0..n {
            for r in 0..n {
                columns.push(matrix[(r, c)]);
            }
        }
        Self::small(columns, n)
    }

    /// Factorises the `n` by `n` matrix with these columns, one after the other.
    pub fn of_columns(columns: Vec<f64>, n: usize) -> Self {
        if n > SMALL {
            return Self::large(MatRef::from_column_major_slice(&columns, n, n));
        }
        Self::small(columns, n)
    }

    fn large(matrix: MatRef<'_, f64>) -> Self {
        let factors = matrix.partial_piv_lu();
        let odd = is_odd(factors.P().arrays().0);
        Self::Large { factors, odd }
    }

    fn small(mut factors: Vec<f64>, n: usize) -> Self {
        let mut rows = [0; SMALL];
        for k in 0..n {
            rows[k] = k as u8;
        }
        let odd = eliminate_small(&mut factors, n, n, n, |a, b| rows.swap(a, b));
        Self::Small { factors, rows, odd }
    }

    /// `matrix^-1 rhs`, in place.
    pub fn solve(&self, rhs: &mut [f64]) {
        let n = rhs.len();
        match self {
            Self::Small { factors, rows, .. } => {
                let mut x = [0.0; SMALL];
                // Row by row: the rows are too short for vectors.
                for i in 0..n {
                    let mut value = rhs[usize::from(rows[i])];
                    for k in 0..i {
                        value += -x[k] * factors[k * n + i];
                    }
                    x[i] = value;
                }
                for i in (0..n).rev() {
                    let mut value = x[i];
                    for k in (i + 1..n).rev() {
                        value += -x[k] * factors[k * n + i];
                    }
                    x[i] = value / factors[i * n + i];
                }
                rhs.copy_from_slice(&x[..n]);
            }
            Self::Large { factors, .. } => {
                factors.solve_in_place(MatMut::from_column_major_slice_mut(rhs, n, 1));
            }
        }
    }

    /// `matrix^-1 rhs` for every column, in place.
    pub fn solve_all(&self, rhs: &mut Mat<f64>) {
        match self {
            Self::Small { .. } => {
                for column in rhs.col_iter_mut() {
                    let column = column.try_as_col_major_mut();
                    self.solve(column.expect("a matrix of its own").as_slice_mut());
                }
            }
            Self::Large { factors, .. } => factors.solve_in_place(rhs),
        }
    }

    /// `matrix^-T rhs`, in place.
    pub fn solve_transpose(&self, rhs: &mut [f64]) {
        let n = rhs.len();
        match self {
            Self::Small { factors, rows, .. } => {
                let mut x = [0.0; SMALL];
                x[..n].copy_from_slice(rhs);
                for k in 0..n {
                    for i in 0..k {
                        x[k] -= factors[k * n + i] * x[i];
                    }
                    x[k] /= factors[k * n + k];
                }
                for k in (0..n).rev() {
                    for i in k + 1..n {
                        x[k] -= factors[k * n + i] * x[i];
                    }
                }
                for i in 0..n {
                    rhs[usize::from(rows[i])] = x[i];
                }
            }
            Self::Large { factors, .. } => {
                factors.solve_transpose_in_place(MatMut::from_column_major_slice_mut(rhs, n, 1));
            }
        }
    }

    /// The determinant as its sign and the logarithm of its size.
    pub fn determinant(&self) -> Determinant {
        let start = |odd: bool| Determinant {
            sign: if odd { -1.0 } else { 1.0 },
            log: 0.0,
        };
        match self {
            Self::Small { factors, odd, .. } => {
                let n = factors.len().isqrt();
                (0..n).fold(start(*odd), |d, k| d.times(factors[k * n + k]))
            }
            Self::Large { factors, odd } => {
                let u = factors.U();
                (0..u.ncols()).fold(start(*odd), |d, k| d.times(u[(k, k)]))
            }
        }
    }
}

/// A determinant as its sign and the logarithm of its size: products of many pivots overflow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Determinant {
    pub sign: f64,
    pub log: f64,
}

impl Determinant {
    /// Of an empty matrix.
    pub const ONE: Self = Self {
        sign: 1.0,
        log: 0.0,
    };

    pub fn product(self, other: Self) -> Self {
        Self {
            sign: self.sign * other.sign,
            log: self.log + other.log,
        }
    }

    pub fn times(self, pivot: f64) -> Self {
        Self {
            sign: self.sign * pivot.signum(),
            log: self.log + pivot.abs().ln(),
        }
    }
}

fn is_odd(permutation: &[usize]) -> bool {
    let mut seen = vec![false; permutation.len()];
    let mut odd = false;
    for start in 0..permutation.len() {
        let mut at = start;
        while !seen[at] {
            seen[at] = true;
            at = permutation[at];
            odd ^= at != start;
        }
    }
    odd
}

/// The square matrix `[a, b; c, 0]` with `b` and `c` one column and one row each.
pub(crate) fn bordered(a: MatRef<'_, f64>, column: &[f64], row: &[f64]) -> Mat<f64> {
    let n = a.nrows();
    Mat::from_fn(n + 1, n + 1, |i, j| match (i < n, j < n) {
        (true, true) => a[(i, j)],
        (true, false) => column[i],
        (false, true) => row[j],
        (false, false) => 0.0,
    })
}

/// All eigenvalues, rightmost first; of a pair the one with positive imaginary part first.
pub(crate) fn eigenvalues(a: MatRef<'_, f64>) -> Vec<Complex64> {
    let mut values = match a.nrows() {
        1 => vec![a[(0, 0)].into()],
        2 => two_eigenvalues(a[(0, 0)], a[(0, 1)], a[(1, 0)], a[(1, 1)]).to_vec(),
        _ => a.eigenvalues().unwrap_or_else(|_| {
            // faer's iteration gives up on what is not finite.
            vec![Complex64::new(f64::NAN, 0.0); a.nrows()]
        }),
    };
    sort(&mut values);
    values
}

/// Rightmost first; of a pair the one with positive imaginary part first.
pub(crate) fn sort(values: &mut [Complex64]) {
    values.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
}

fn two_eigenvalues(a: f64, b: f64, c: f64, d: f64) -> [Complex64; 2] {
    let (mean, half) = (0.5 * (a + d), 0.5 * (a - d));
    let discriminant = half * half + b * c;
    if discriminant < 0.0 {
        let omega = (-discriminant).sqrt();
        return [Complex64::new(mean, omega), Complex64::new(mean, -omega)];
    }
    // The larger one without cancellation, the other from the determinant.
    let larger = mean + discriminant.sqrt().copysign(mean);
    let other = if larger == 0.0 {
        0.0
    } else {
        (a * d - b * c) / larger
    };
    [larger.into(), other.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(n: usize) -> Mat<f64> {
        Mat::from_fn(n, n, |i, j| {
            ((i * 7 + j * 13) as f64).sin() + if i == j { 0.5 } else { 0.0 }
        })
    }

    /// Both ways of solving agree with the product.
    #[test]
    fn small_and_large_factorisations_solve() {
        for n in [1, 3, SMALL, SMALL + 5] {
            let a = Mat::from_fn(n, n, |i, j| {
                (((i * 37 + j * 101 + i * j * 17) % 23) as f64) / 23.0
                    + if i == (j + 1) % n { 2.0 } else { 0.0 }
            });
            let x: Vec<f64> = (0..n).map(|k| 1.0 + k as f64).collect();
            let mut b: Vec<f64> = (0..n)
                .map(|i| (0..n).map(|j| a[(i, j)] * x[j]).sum())
                .collect();
            let mut bt: Vec<f64> = (0..n)
                .map(|i| (0..n).map(|j| a[(j, i)] * x[j]).sum())
                .collect();
            let lu = Lu::new(a.as_ref());
            lu.solve(&mut b);
            lu.solve_transpose(&mut bt);
            for (found, x) in b.iter().chain(&bt).zip(x.iter().chain(&x)) {
                assert!((found - x).abs() < 1e-9, "n {n}: {found} {x}");
            }
        }
    }

    /// Of a product of triangles the determinant is the product of their diagonals; a swap of two
    /// rows turns its sign.
    #[test]
    fn determinants_are_those_of_the_triangles() {
        for n in [1, 2, 3, SMALL, SMALL + 5, 3 * SMALL] {
            let entry = |i: usize, j: usize| ((i * 31 + j * 17) % 11) as f64 / 11.0 - 0.5;
            let diagonal =
                |i: usize| (1.0 + 0.1 * (i % 7) as f64) * [1.0, -1.0][usize::from(i % 3 == 1)];
            let lower = |i: usize, k: usize| match i.cmp(&k) {
                std::cmp::Ordering::Less => 0.0,
                std::cmp::Ordering::Equal => 1.0,
                std::cmp::Ordering::Greater => entry(i, k) / n as f64,
            };
            let upper = |k: usize, j: usize| match k.cmp(&j) {
                std::cmp::Ordering::Less => entry(k, j) / n as f64,
                std::cmp::Ordering::Equal => diagonal(k),
                std::cmp::Ordering::Greater => 0.0,
            };
            let product = |i: usize, j: usize| (0..n).map(|k| lower(i, k) * upper(k, j)).sum();
            let expected: f64 = (0..n).map(diagonal).product();
            let found = |a: &Mat<f64>| {
                let Determinant { sign, log } = Lu::new(a.as_ref()).determinant();
                sign * log.exp()
            };
            let a: Mat<f64> = Mat::from_fn(n, n, product);
            assert!((found(&a) / expected - 1.0).abs() < 1e-12, "n {n}");
            if n > 1 {
                let swapped = |i: usize, j: usize| a[([1, 0].get(i).copied().unwrap_or(i), j)];
                let swapped = Mat::from_fn(n, n, swapped);
                assert!((found(&swapped) / expected + 1.0).abs() < 1e-12, "n {n}");
            }
        }
    }

    #[test]
    fn two_by_two_eigenvalues_are_faers() {
        for a in [
            example(2),
            Mat::from_fn(2, 2, |i, j| [[1.0, 2.0], [-3.0, 1.0]][i][j]),
        ] {
            let mut expected = a.eigenvalues().unwrap();
            sort(&mut expected);
            for (found, expected) in eigenvalues(a.as_ref()).iter().zip(expected) {
                assert!((found - expected).norm() < 1e-14);
            }
        }
    }
}
