//! Dense linear algebra: LU, bordered systems, eigenvalues. Small matrices by plain loops, larger ones by faer.

use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::prelude::Reborrow;
use faer::{Mat, MatMut};
use num_complex::Complex64;

/// Below this size plain loops are faster than faer's calls (measured: 3x at 3, even at about 24).
pub(super) const SMALL: usize = 20;

/// A factorised square matrix.
pub(super) enum Lu {
    Small {
        /// Column by column.
        factors: Vec<f64>,
        rows: Vec<usize>,
        odd: bool,
    },
    Large {
        factors: PartialPivLu<f64>,
        odd: bool,
    },
}

impl Lu {
    /// Factorises `matrix`; a pivot of 0 is kept and shows as numbers that are not finite.
    pub fn new(matrix: Mat<f64>) -> Self {
        let n = matrix.nrows();
        if n > SMALL {
            let factors = matrix.partial_piv_lu();
            let odd = is_odd(factors.P().arrays().0);
            return Self::Large { factors, odd };
        }
        let mut factors = Vec::with_capacity(n * n);
        for column in matrix.col_iter() {
            factors.extend(column.iter());
        }
        let mut rows: Vec<usize> = (0..n).collect();
        let odd = eliminate_small(&mut factors, n, n, n, |a, b| rows.swap(a, b));
        Self::Small { factors, rows, odd }
    }

    /// `matrix^-1 rhs`, in place.
    pub fn solve(&self, rhs: &mut [f64]) {
        let n = rhs.len();
        match self {
            Self::Small { factors, rows, .. } => {
                let mut x = [0.0; SMALL];
                for (x, &row) in x.iter_mut().zip(rows) {
                    *x = rhs[row];
                }
                for k in 0..n {
                    for i in k + 1..n {
                        x[i] -= factors[k * n + i] * x[k];
                    }
                }
                for k in (0..n).rev() {
                    x[k] /= factors[k * n + k];
                    for i in 0..k {
                        x[i] -= factors[k * n + i] * x[k];
                    }
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
                for (x, &row) in x.iter().zip(rows) {
                    rhs[row] = *x;
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
            Self::Small { factors, rows, odd } => {
                let n = rows.len();
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
pub(super) struct Determinant {
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

/// Gaussian elimination of the first `columns` columns of `a`, which has `m` rows and stands column by column; pivots are
/// sought among the first `pivotable` rows, the later columns are carried along. Multiplies `determinant` by the pivots.
///
/// Afterwards the first `columns` rows are those of the upper triangle, and the rest is what remains to be solved.
pub(super) fn eliminate(
    a: &mut [f64],
    m: usize,
    pivotable: usize,
    columns: usize,
    determinant: Determinant,
) -> Determinant {
    let odd = if columns > SMALL {
        eliminate_large(a, m, pivotable, columns)
    } else {
        eliminate_small(a, m, pivotable, columns, |_, _| ())
    };
    let start = Determinant {
        sign: if odd {
            -determinant.sign
        } else {
            determinant.sign
        },
        ..determinant
    };
    (0..columns).fold(start, |d, k| d.times(a[k * m + k]))
}

/// [`eliminate`] by blocks: an LU factorisation of the pivotable rows, and products for the rest.
fn eliminate_large(a: &mut [f64], m: usize, pivotable: usize, columns: usize) -> bool {
    let n = a.len() / m;
    let mut whole = MatMut::from_column_major_slice_mut(a, m, n);
    let lu = whole
        .rb()
        .submatrix(0, 0, pivotable, columns)
        .partial_piv_lu();
    let (l, u) = (lu.L(), lu.U());
    let order = lu.P().arrays().0;
    // Rows in pivotal order, then the kept columns: solved at the top, reduced below.
    let kept = Mat::from_fn(pivotable, n - columns, |r, c| {
        whole[(order[r], columns + c)]
    });
    let mut top = kept.submatrix(0, 0, columns, n - columns).to_owned();
    l.submatrix(0, 0, columns, columns)
        .solve_unit_lower_triangular_in_place(top.as_mut());
    let below = pivotable - columns;
    let reduced = kept.submatrix(columns, 0, below, n - columns)
        - l.submatrix(columns, 0, below, columns) * &top;
    // The rows that never pivot: their multipliers are F U^-1.
    let extra = m - pivotable;
    let mut multipliers = whole
        .rb()
        .submatrix(pivotable, 0, extra, columns)
        .transpose()
        .to_owned();
    u.transpose()
        .solve_lower_triangular_in_place(multipliers.as_mut());
    let change = multipliers.transpose() * &top;
    for c in 0..columns {
        for r in 0..=c {
            whole[(r, c)] = u[(r, c)];
        }
    }
    for c in 0..n - columns {
        for r in 0..columns {
            whole[(r, columns + c)] = top[(r, c)];
        }
        for r in 0..below {
            whole[(columns + r, columns + c)] = reduced[(r, c)];
        }
        for r in 0..extra {
            whole[(pivotable + r, columns + c)] -= change[(r, c)];
        }
    }
    is_odd(order)
}

/// [`eliminate`] by plain loops. The multipliers stay below the diagonal; `swapped` hears of every exchange of two rows. Returns
/// whether there was an odd number of them.
fn eliminate_small(
    a: &mut [f64],
    m: usize,
    pivotable: usize,
    columns: usize,
    mut swapped: impl FnMut(usize, usize),
) -> bool {
    let mut odd = false;
    for k in 0..columns.min(pivotable) {
        let (done, right) = a.split_at_mut((k + 1) * m);
        let pivots = &mut done[k * m..];
        let pivot = (k..pivotable).fold(k, |best, i| {
            if pivots[i].abs() > pivots[best].abs() {
                i
            } else {
                best
            }
        });
        if pivot != k {
            odd = !odd;
            swapped(k, pivot);
            for column in done.chunks_exact_mut(m).chain(right.chunks_exact_mut(m)) {
                column.swap(k, pivot);
            }
        }
        let pivots = &mut done[k * m..];
        let inverse = pivots[k].recip();
        for multiplier in &mut pivots[k + 1..] {
            *multiplier *= inverse;
        }
        for column in right.chunks_exact_mut(m) {
            let factor = column[k];
            if factor != 0.0 {
                for (entry, multiplier) in column[k + 1..].iter_mut().zip(&pivots[k + 1..]) {
                    *entry -= multiplier * factor;
                }
            }
        }
    }
    odd
}

/// The square matrix `[a, b; c, 0]` with `b` and `c` one column and one row each.
pub(super) fn bordered(a: faer::MatRef<'_, f64>, column: &[f64], row: &[f64]) -> Mat<f64> {
    let n = a.nrows();
    Mat::from_fn(n + 1, n + 1, |i, j| match (i < n, j < n) {
        (true, true) => a[(i, j)],
        (true, false) => column[i],
        (false, true) => row[j],
        (false, false) => 0.0,
    })
}

/// All eigenvalues, rightmost first; of a pair the one with positive imaginary part first.
pub(super) fn eigenvalues(a: faer::MatRef<'_, f64>) -> Vec<Complex64> {
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
pub(super) fn sort(values: &mut [Complex64]) {
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

    /// Both ways of solving agree with the product, and so do their determinants.
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
            let lu = Lu::new(a.clone());
            lu.solve(&mut b);
            lu.solve_transpose(&mut bt);
            for (found, x) in b.iter().chain(&bt).zip(x.iter().chain(&x)) {
                assert!((found - x).abs() < 1e-9, "n {n}: {found} {x}");
            }
            let determinant = lu.determinant();
            let reference = a.determinant();
            assert!((determinant.sign * determinant.log.exp() / reference - 1.0).abs() < 1e-9);
        }
    }

    /// Both ways of elimination leave the same equations: upper rows that solve alike, and the same Schur complement but for
    /// the order of its rows.
    #[test]
    fn small_and_large_eliminations_agree() {
        let (m, pivotable, columns, n) = (14, 12, 9, 16);
        let a: Vec<f64> = (0..m * n)
            .map(|k| ((k * k) as f64 * 0.7 + 1.0).sin())
            .collect();
        let (mut small, mut large) = (a.clone(), a);
        let odd = eliminate_small(&mut small, m, pivotable, columns, |_, _| ());
        assert_eq!(eliminate_large(&mut large, m, pivotable, columns), odd);
        for c in 0..n {
            for r in 0..m {
                let of_interest = c >= columns || r <= c;
                let miss = (small[c * m + r] - large[c * m + r]).abs();
                assert!(!of_interest || miss < 1e-11, "{r} {c}: {miss:e}");
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
