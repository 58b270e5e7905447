//! Gaussian elimination of some columns of a matrix.

use faer::prelude::Reborrow;
use faer::{Mat, MatMut};

use super::{Determinant, SMALL, add_scaled, is_odd};

/// Gaussian elimination of the first `columns` columns of `a`, which has `m` rows and stands column
/// by column; pivots are sought among the first `pivotable` rows, the later columns are carried
/// along. Multiplies `determinant` by the pivots.
///
/// Afterwards the first `columns` rows are those of the upper triangle, and the rest is what
/// remains to be solved.
pub(crate) fn eliminate(
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

/// [`eliminate`] by plain loops. The multipliers stay below the diagonal; `swapped` is called for
/// every exchange of two rows. Returns whether there was an odd number of them.
pub(super) fn eliminate_small(
    a: &mut [f64],
    m: usize,
    pivotable: usize,
    columns: usize,
    mut swapped: impl FnMut(usize, usize),
) -> bool {
    let mut odd = false;
    for k in 0..columns.min(pivotable) {
        let (done, right) = a.split_at_mut((k + 1) * m);
        let pivots = &done[k * m..];
        let (mut pivot, mut largest) = (k, pivots[k].abs());
        for i in k + 1..pivotable {
            let size = pivots[i].abs();
            if size > largest {
                (pivot, largest) = (i, size);
            }
        }
        if pivot != k {
            odd = !odd;
            swapped(k, pivot);
            for column in (0..done.len()).step_by(m) {
                done.swap(column + k, column + pivot);
            }
            for column in (0..right.len()).step_by(m) {
                right.swap(column + k, column + pivot);
            }
        }
        let pivots = &mut done[k * m + k..];
        let inverse = pivots[0].recip();
        let multipliers = &mut pivots[1..];
        for i in 0..multipliers.len() {
            multipliers[i] *= inverse;
        }
        reduce(right, m, k, multipliers);
    }
    odd
}

/// Takes row `k` away from the rows after it in all columns of `right`, each times its multiplier.
fn reduce(right: &mut [f64], m: usize, k: usize, multipliers: &[f64]) {
    // A short loop takes half the time where its length is known when it is compiled.
    macro_rules! by_length {
        ($($n:literal)*) => {
            match multipliers.len() {
                $($n => reduce_by::<$n>(right, m, k, multipliers),)*
                _ => {
                    let mut at = k;
                    while at < right.len() {
                        let column = &mut right[at..at + 1 + multipliers.len()];
                        let factor = column[0];
                        if factor != 0.0 {
                            add_scaled(&mut column[1..], -factor, multipliers);
                        }
                        at += m;
                    }
                }
            }
        };
    }
    by_length!(0 1 2 3 4 5 6 7 8 9 10 11 12);
}

/// [`reduce`] for `N` multipliers.
#[inline(always)]
fn reduce_by<const N: usize>(right: &mut [f64], m: usize, k: usize, multipliers: &[f64]) {
    let mut by = [0.0; N];
    by.copy_from_slice(multipliers);
    let mut at = k;
    while at < right.len() {
        let column = &mut right[at..at + 1 + N];
        let factor = column[0];
        if factor != 0.0 {
            for i in 0..N {
                column[1 + i] += -factor * by[i];
            }
        }
        at += m;
    }
}

/// Solves the upper triangle that `size` eliminated columns of `a` left, with the columns after it
/// times `known` taken away.
pub(crate) fn triangular(a: &[f64], rows: usize, size: usize, known: &[f64], y: &mut [f64]) {
    y.fill(0.0);
    let columns = a[size * rows..].chunks_exact(rows);
    for (k, column) in columns.enumerate().take(known.len()) {
        add_scaled(y, -known[k], column);
    }
    for c in (0..size).rev() {
        let column = &a[c * rows..c * rows + c + 1];
        y[c] /= column[c];
        let value = y[c];
        add_scaled(&mut y[..c], -value, column);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways of elimination leave the same equations: upper rows that solve alike, and the same
    /// Schur complement but for the order of its rows.
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
}
