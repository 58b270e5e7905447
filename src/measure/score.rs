//! Scores: how alike simulated and measured functional connectivity are.

use ndarray::{ArrayView2, ArrayView3};

use crate::error::{DataError, Result};

/// Correlations that lie no further apart than this are one number: sums in 32 bits leave about 1e-7.
const FLAT: f64 = 1e-6;

/// Pearson correlation between `fc`, `[n_nodes, n_nodes]`, and each subject of `functional`,
/// `[n_subjects, n_nodes, n_nodes]`, below the diagonals.
///
/// One score per subject, from -1 to 1. NaN where a node of `fc` is constant, or where all pairs of
/// either matrix are correlated alike; [`Undefined`](super::Undefined) says which.
///
/// # Errors
/// [`DataError::Mismatch`] where the numbers of nodes differ.
pub fn scores(fc: ArrayView2<f64>, functional: ArrayView3<f64>) -> Result<Vec<f64>> {
    check_shapes(fc.shape(), functional.shape())?;
    Ok(scores_of(fc, functional))
}

/// [`scores`] of shapes that are known to fit.
pub(super) fn scores_of(fc: ArrayView2<f64>, functional: ArrayView3<f64>) -> Vec<f64> {
    let simulated = below(fc);
    let is_flat_simulated = is_flat(&simulated);
    let score = |subject: ArrayView2<f64>| {
        let measured = below(subject);
        if is_flat_simulated || is_flat(&measured) {
            return f64::NAN;
        }
        correlation(&simulated, &measured)
    };
    functional.outer_iter().map(score).collect()
}

/// Whether `[n_nodes, n_nodes]` and `[n_subjects, n_nodes, n_nodes]` have the same number of nodes.
pub(super) fn check_shapes(fc: &[usize], functional: &[usize]) -> Result<()> {
    if fc[0] == fc[1] && fc == &functional[1..] {
        return Ok(());
    }
    Err(DataError::Mismatch {
        what: "functional connectivity",
        found: format!("the shapes are {fc:?} and {:?}", &functional[1..]),
        rule: "both must be [n_nodes, n_nodes] with one n_nodes",
    }
    .into())
}

/// The subjects of `functional`, `[n_subjects, n_nodes, n_nodes]`, whose pairs are all correlated
/// alike: no score against them is defined.
pub fn flat_subjects(functional: ArrayView3<f64>) -> Vec<usize> {
    let subjects = functional.outer_iter().enumerate();
    let flat = subjects.filter(|(_, subject)| is_flat(&below(*subject)));
    flat.map(|(number, _)| number).collect()
}

/// Whether correlations are all the same, but for rounding.
pub(super) fn is_flat(correlations: &[f64]) -> bool {
    let least = correlations.iter().copied().fold(f64::INFINITY, f64::min);
    let most = correlations
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    most - least <= FLAT
}

/// The mean of `values`; NaN if there are none.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// What stands below the diagonal, row by row.
pub(super) fn below(matrix: ArrayView2<f64>) -> Vec<f64> {
    let mut all = Vec::with_capacity(matrix.len() / 2);
    for (row, values) in matrix.outer_iter().enumerate() {
        match values.as_slice() {
            Some(values) => all.extend_from_slice(&values[..row.min(values.len())]),
            None => all.extend(values.iter().take(row)),
        }
    }
    all
}

/// Pearson correlation between `x` and `y`, which are of one length.
fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let first = |values: &[f64]| values.first().copied().unwrap_or(0.0);
    // Relative to the first number: values that are all equal then have a variance of exactly 0.
    let (x0, y0) = (first(x), first(y));
    let mean = |values: &[f64], shift: f64| values.iter().map(|v| v - shift).sum::<f64>() / n;
    let (mean_x, mean_y) = (mean(x, x0), mean(y, y0));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (x, y) = (x - x0 - mean_x, y - y0 - mean_y);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, Axis, array};

    use super::*;

    #[test]
    fn only_what_stands_below_the_diagonal_counts() {
        let a = array![[9.0, 9.0, 9.0], [1.0, 9.0, 9.0], [2.0, 4.0, 9.0]];
        let b = array![[0.0, 7.0, 5.0], [10.0, 1.0, 3.0], [20.0, 40.0, 2.0]];
        let both = ndarray::stack![Axis(0), b, -&b];
        let found = scores(a.view(), both.view()).unwrap();
        assert!((found[0] - 1.0).abs() < 1e-15 && (found[1] + 1.0).abs() < 1e-15);
    }

    #[test]
    fn an_undefined_score_is_nan_and_a_wrong_size_an_error() {
        let fc = array![[0.0, 0.0, 0.0], [0.3, 0.0, 0.0], [0.1, 0.7, 0.0]];
        let flat = Array3::from_elem((2, 3, 3), 0.1);
        assert!(
            scores(fc.view(), flat.view())
                .unwrap()
                .iter()
                .all(|score| score.is_nan())
        );
        let message = scores(fc.view(), Array3::zeros((2, 4, 4)).view())
            .unwrap_err()
            .to_string();
        assert!(message.contains("[3, 3] and [4, 4]"), "{message}");
        assert!(mean(&[]).is_nan() && mean(&[1.0, 2.0]) == 1.5);
    }
}
