//! Sums of products of many numbers, each in one order: every CPU has the same bits, and takes its widest registers.
//!
//! The products of `ndarray` fuse multiplications with additions where a CPU can, so that their last bits depend on it.

mod gram;
mod wide;

use ndarray::{Array2, ArrayView2};

pub(crate) use gram::{BLOCK, Column, Gram};
pub(crate) use wide::wide;

/// The product of two matrices, `[n_rows, n]` and `[n, n_columns]`: each entry is summed in order.
///
/// # Panics
/// If `n` is not the same.
pub(crate) fn product(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Array2<f64> {
    assert_eq!(a.ncols(), b.nrows(), "as many columns as rows");
    let (a, b) = (a.as_standard_layout(), b.as_standard_layout());
    let (n, width) = b.dim();
    let mut found = Array2::zeros((a.nrows(), width));
    if n == 0 || width == 0 {
        return found;
    }
    let (a, b) = (a.as_slice(), b.as_slice());
    let (a, b) = a.zip(b).expect("standard layout");
    let sums = found.as_slice_mut().expect("standard layout");
    let sums = sums.chunks_mut(ROWS * width);
    for (factors, sums) in a.chunks(ROWS * n).zip(sums) {
        add_rows(factors, b, width, sums);
    }
    found
}

/// Rows of a product that are made at a time: what they are sums of is loaded once for all of them.
const ROWS: usize = 16;

wide! {
    /// Adds the rows of a matrix, `width` long, each times its factor, to each of `sums`.
    fn add_rows(factors: &[f64], rows: &[f64], width: usize, sums: &mut [f64]) {
        let n = rows.len() / width;
        let row = |k: usize| &rows[k * width..][..width];
        for first in (0..n).step_by(4) {
            let all = factors.chunks_exact(n).zip(sums.chunks_exact_mut(width));
            if n - first < 4 {
                for (factors, sum) in all {
                    for k in first..n {
                        let (factor, row) = (factors[k], row(k));
                        for j in 0..width {
                            sum[j] += factor * row[j];
                        }
                    }
                }
                continue;
            }
            // Four at a time: each sum is loaded and stored once for all of them.
            let [a, b, c, d] = [first, first + 1, first + 2, first + 3].map(row);
            for (factors, sum) in all {
                let factor = &factors[first..][..4];
                for j in 0..width {
                    let two = sum[j] + factor[0] * a[j] + factor[1] * b[j];
                    sum[j] = two + factor[2] * c[j] + factor[3] * d[j];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever registers this machine has: the plain sum in order, bit by bit.
    #[test]
    fn each_entry_is_the_sum_in_order() {
        for (n_rows, n, n_columns) in [(1, 1, 1), (3, 0, 2), (2, 5, 0), (5, 7, 9), (17, 80, 33)] {
            let value = |row: usize, column: usize| ((row * 31 + column * 7 + 1) as f64).sin();
            let a = Array2::from_shape_fn((n_rows, n), |(row, k)| value(row, k));
            // Seen from its other side, so that it is not in order.
            let b = Array2::from_shape_fn((n_columns, n), |(column, k)| value(k + 5, column));
            let found = product(a.view(), b.t());
            assert_eq!(found.dim(), (n_rows, n_columns));
            for ((row, column), found) in found.indexed_iter() {
                let products = (0..n).map(|k| a[[row, k]] * b[[column, k]]);
                let expected = products.fold(0.0, |sum, x| sum + x);
                assert_eq!(found.to_bits(), f64::to_bits(expected), "{row} {column}");
            }
        }
    }
}
