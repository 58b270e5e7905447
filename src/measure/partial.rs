//! Partial correlation: what two regions have in common that the others do not explain.
//!
//! ```text
//! S* = (1 - a) S + a I          S: the correlation matrix, a: the shrinkage that Ledoit and Wolf derive
//! P = S*^-1                     partial correlation_ij = -P_ij / sqrt(P_ii P_jj)
//! ```
//!
//! Without shrinkage the inverse of a short recording is mostly noise. The estimate of `a` takes samples for independent; those of BOLD are
//! not, so that it is rather too small.
//!
//! Ledoit & Wolf (2004), A well-conditioned estimator for large-dimensional covariance matrices, J. Multivar. Anal. 88, 365.

use ndarray::{Array2, ArrayView2};

use crate::product::product;

/// Partial correlations, `[n_nodes, n_nodes]`, of `samples`, `[n_samples, n_nodes]`, and the shrinkage, from 0 to 1. NaN if a node is
/// constant.
pub fn partial_fc(samples: ArrayView2<f64>) -> (Array2<f64>, f64) {
    let (n, n_nodes) = samples.dim();
    let undefined = || (Array2::from_elem((n_nodes, n_nodes), f64::NAN), f64::NAN);
    if !super::constant_nodes(super::fc(samples).view()).is_empty() {
        return undefined();
    }
    let mut z = samples.to_owned();
    for mut column in z.columns_mut() {
        let mean = column.sum() / n as f64;
        column -= mean;
        let sd = (column.dot(&column) / n as f64).sqrt();
        column /= sd;
    }
    let correlation = product(z.t(), z.view()) / n as f64;
    let squares = |matrix: &Array2<f64>| matrix.iter().map(|x| x * x).sum::<f64>();
    let mut rest = correlation.clone();
    rest.diag_mut().mapv_inplace(|x| x - 1.0);
    let distance = squares(&rest);
    let fourth: f64 = z.outer_iter().map(|row| row.dot(&row).powi(2)).sum();
    let error = (fourth / n as f64 - squares(&correlation)) / n as f64;
    let shrinkage = match distance > 0.0 {
        true => (error / distance).clamp(0.0, 1.0),
        false => 1.0,
    };
    let mut shrunk = correlation * (1.0 - shrinkage);
    shrunk.diag_mut().fill(1.0);
    let Some(precision) = inverse(shrunk) else {
        return undefined();
    };
    let partial = Array2::from_shape_fn((n_nodes, n_nodes), |(i, j)| match i == j {
        true => 1.0,
        false => -precision[[i, j]] / (precision[[i, i]] * precision[[j, j]]).sqrt(),
    });
    (partial, shrinkage)
}

/// The inverse of a symmetric positive definite matrix; `None` if it is none.
fn inverse(matrix: Array2<f64>) -> Option<Array2<f64>> {
    let n = matrix.nrows();
    // Cholesky: the lower triangle L with L L^T = matrix, and then its inverse.
    let mut lower = matrix;
    for i in 0..n {
        for j in 0..=i {
            let mut sum = lower[[i, j]];
            for k in 0..j {
                sum -= lower[[i, k]] * lower[[j, k]];
            }
            if i > j {
                lower[[i, j]] = sum / lower[[j, j]];
            } else if sum > 0.0 {
                lower[[i, i]] = sum.sqrt();
            } else {
                return None;
            }
        }
    }
    let mut inverse = Array2::<f64>::zeros((n, n));
    for j in 0..n {
        inverse[[j, j]] = 1.0 / lower[[j, j]];
        for i in j + 1..n {
            let mut sum = 0.0;
            for k in j..i {
                sum -= lower[[i, k]] * inverse[[k, j]];
            }
            inverse[[i, j]] = sum / lower[[i, i]];
        }
    }
    Some(product(inverse.t(), inverse.view()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_is_one_and_there_is_none_of_a_singular_matrix() {
        let a = ndarray::array![[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]];
        let product = a.dot(&inverse(a.clone()).unwrap());
        let off = (product - Array2::<f64>::eye(3)).mapv(f64::abs);
        assert!(off.iter().all(|x| *x < 1e-15));
        assert!(inverse(ndarray::array![[1.0, 1.0], [1.0, 1.0]]).is_none());
    }

    /// A chain: the ends have much in common, all of it through the middle.
    #[test]
    fn what_the_others_explain_is_gone() {
        let noise = |seed: u64, t: usize| {
            let x = (t as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ (seed << 17));
            ((x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64 / 2f64.powi(53) - 0.5
        };
        let samples = Array2::from_shape_fn((20_000, 3), |(t, node)| match node {
            1 => noise(1, t),
            node => noise(1, t) + 0.7 * noise(2 + node as u64, t),
        });
        let full = super::super::fc(samples.view());
        let (partial, shrinkage) = partial_fc(samples.view());
        assert!(
            full[[0, 2]] > 0.5 && partial[[0, 2]].abs() < 0.03,
            "{partial}"
        );
        assert!(partial[[0, 1]] > 0.5 && (0.0..0.01).contains(&shrinkage));
        let mut still = samples;
        still.column_mut(1).fill(0.1);
        assert!(partial_fc(still.view()).0[[0, 2]].is_nan());
    }
}
