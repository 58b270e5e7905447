//! How alike two functional connectivities are, and other numbers of a run.

use ndarray::{ArrayView1, ArrayView2, ArrayView3, Axis};

use super::{constant_nodes, is_constant};
use crate::error::{DataError, Result};

/// Correlations that lie no further apart than this are one number: sums in 32 bits leave about 1e-7.
const FLAT: f64 = 1e-6;

/// Pearson correlation between `fc`, `[n_nodes, n_nodes]`, and each subject of `functional`, `[n_subjects, n_nodes, n_nodes]`, below the diagonals.
///
/// One score per subject, from -1 to 1; NaN where it is undefined, and [`undefined`] tells why.
///
/// # Errors
/// [`DataError::Mismatch`] where the numbers of nodes differ.
pub fn scores(fc: ArrayView2<f64>, functional: ArrayView3<f64>) -> Result<Vec<f64>> {
    let below_fc = below(fc);
    let weights = vec![1.0; below_fc.len()];
    let score = |subject: ArrayView2<f64>| {
        alike(fc, subject)?;
        let below_subject = below(subject);
        if is_flat(&below_fc) || is_flat(&below_subject) {
            return Ok(f64::NAN);
        }
        correlation(&below_fc, &below_subject, &weights)
    };
    functional.outer_iter().map(score).collect()
}

/// Why there is no score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undefined {
    /// Some nodes of the simulation are constant, so that they have no correlations: which.
    ConstantNodes(Vec<usize>),
    /// All pairs of the simulation are correlated alike; so is the only pair of two nodes.
    FlatSimulated,
    /// All pairs of these measured subjects are correlated alike.
    FlatMeasured(Vec<usize>),
}

/// Why any of the [`scores`] of `fc` against `functional` is undefined; `None` if every one is a number.
pub fn undefined(fc: ArrayView2<f64>, functional: ArrayView3<f64>) -> Option<Undefined> {
    let constant = constant_nodes(fc);
    if !constant.is_empty() {
        return Some(Undefined::ConstantNodes(constant));
    }
    if is_flat(&below(fc)) {
        return Some(Undefined::FlatSimulated);
    }
    let flat = flat_subjects(functional);
    (!flat.is_empty()).then_some(Undefined::FlatMeasured(flat))
}

/// The subjects of `functional`, `[n_subjects, n_nodes, n_nodes]`, whose pairs are all correlated alike: no score against them is defined.
pub fn flat_subjects(functional: ArrayView3<f64>) -> Vec<usize> {
    let subjects = functional.outer_iter().enumerate();
    let flat = subjects.filter(|(_, subject)| is_flat(&below(*subject)));
    flat.map(|(number, _)| number).collect()
}

/// Whether correlations are all the same, but for rounding.
fn is_flat(correlations: &[f64]) -> bool {
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

/// Pearson correlation between what stands below the diagonals of `a` and `b`, both `[n_nodes, n_nodes]`.
///
/// NaN where either is the same everywhere, or there are fewer than three nodes.
///
/// # Errors
/// [`DataError::Mismatch`] where the shapes differ or are not square.
pub fn triangle_correlation(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Result<f64> {
    alike(a, b)?;
    let (a, b) = (below(a), below(b));
    correlation(&a, &b, &vec![1.0; a.len()])
}

/// Whether both are square and of one size.
fn alike(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Result<()> {
    if a.dim() == b.dim() && a.is_square() {
        return Ok(());
    }
    Err(DataError::Mismatch {
        what: "functional connectivity",
        found: format!("the shapes are {:?} and {:?}", a.shape(), b.shape()),
        rule: "both must be [n_nodes, n_nodes] with one n_nodes",
    }
    .into())
}

/// What stands below the diagonal, row by row.
fn below(matrix: ArrayView2<f64>) -> Vec<f64> {
    let mut all = Vec::with_capacity(matrix.len() / 2);
    for (row, values) in matrix.outer_iter().enumerate() {
        match values.as_slice() {
            Some(values) => all.extend_from_slice(&values[..row.min(values.len())]),
            None => all.extend(values.iter().take(row)),
        }
    }
    all
}

/// Pearson correlation between `x` and `y` with the weight of each sample in `weights`; only their ratios matter.
///
/// `cov(x, y) / sqrt(cov(x, x) cov(y, y))`, `cov(x, y) = sum w (x - mean x) (y - mean y) / sum w`, the means weighted likewise. NaN where
/// `x` or `y` is the same at every sample of weight above 0.
///
/// # Errors
/// [`DataError::Mismatch`] where the lengths differ, or a weight is negative or not finite.
pub fn weighted_correlation(x: &[f64], y: &[f64], weights: &[f64]) -> Result<f64> {
    if let Some(found) = weights
        .iter()
        .find(|weight| !(weight.is_finite() && **weight >= 0.0))
    {
        return Err(DataError::Weight { value: *found }.into());
    }
    correlation(x, y, weights)
}

fn correlation(x: &[f64], y: &[f64], weights: &[f64]) -> Result<f64> {
    if x.len() != y.len() || x.len() != weights.len() {
        let lengths = format!("{}, {} and {}", x.len(), y.len(), weights.len());
        return Err(DataError::Mismatch {
            what: "x, y and weights",
            found: format!("the lengths are {lengths}"),
            rule: "they must have one entry per sample",
        }
        .into());
    }
    let total: f64 = weights.iter().sum();
    let first = |values: &[f64]| values.first().copied().unwrap_or(0.0);
    // Relative to the first sample: what never changes then has a mean of exactly 0, and a variance of exactly 0.
    let (x0, y0) = (first(x), first(y));
    let mean = |values: &[f64], shift: f64| {
        values
            .iter()
            .zip(weights)
            .map(|(v, w)| w * (v - shift))
            .sum::<f64>()
            / total
    };
    let (mean_x, mean_y) = (mean(x, x0), mean(y, y0));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for ((x, y), w) in x.iter().zip(y).zip(weights) {
        let (x, y) = (x - x0 - mean_x, y - y0 - mean_y);
        xx += w * x * x;
        xy += w * x * y;
        yy += w * y * y;
    }
    Ok((xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

/// Synchrony of the nodes (chi squared): variance of their mean over the mean of their variances, in time.
///
/// `x` is `[n_samples, n_nodes]`. 1 if all move together, near 1/n_nodes if each moves for itself, NaN if none moves.
///
/// Golomb & Rinzel (1993), Dynamics of globally coupled inhibitory neurons with heterogeneity, Phys. Rev. E 48, 4810.
pub fn voltage_fluctuation(x: ArrayView2<f64>) -> f64 {
    let Some(first) = x.outer_iter().next() else {
        return f64::NAN;
    };
    let still = |node: ArrayView1<f64>| is_constant(node.mean().unwrap_or(0.0), node.std(0.0));
    if x.columns().into_iter().all(still) {
        return f64::NAN;
    }
    // Relative to the first sample: what is small beside its mean keeps its digits.
    let x = &x - &first;
    let mean = |axis| x.mean_axis(Axis(axis)).expect("there is a sample");
    mean(1).var(0.0) / mean_of_variances(&x)
}

fn mean_of_variances(x: &ndarray::Array2<f64>) -> f64 {
    x.columns()
        .into_iter()
        .map(|node| node.var(0.0))
        .sum::<f64>()
        / x.ncols() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, Array3, array};

    #[test]
    fn only_what_stands_below_the_diagonal_counts() {
        let a = array![[9.0, 9.0, 9.0], [1.0, 9.0, 9.0], [2.0, 4.0, 9.0]];
        let b = array![[0.0, 7.0, 5.0], [10.0, 1.0, 3.0], [20.0, 40.0, 2.0]];
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-15;
        assert!(near(triangle_correlation(a.view(), b.view()).unwrap(), 1.0));
        assert!(near(
            triangle_correlation(a.view(), (-&b).view()).unwrap(),
            -1.0
        ));
    }

    #[test]
    fn an_undefined_score_has_its_reason() {
        let nan = f64::NAN;
        let fc = array![[1.0, 0.2, 0.3], [0.2, 1.0, 0.7], [0.3, 0.7, 1.0]];
        let silent = array![[1.0, nan, 0.3], [nan, nan, nan], [0.3, nan, 1.0]];
        // All move together, as far as 32 bits show.
        let together = array![[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0 - 1e-8, 1.0, 1.0]];
        let both = |a: &Array2<f64>, b: &Array2<f64>| ndarray::stack![Axis(0), *a, *b];
        let measured = both(&fc, &fc.mapv(|r| r * r));
        let half = both(&fc, &Array2::from_elem((3, 3), 0.1));
        for (fc, measured, reason) in [
            (&fc, &measured, None),
            (&silent, &measured, Some(Undefined::ConstantNodes(vec![1]))),
            (&together, &measured, Some(Undefined::FlatSimulated)),
            (&fc, &half, Some(Undefined::FlatMeasured(vec![1]))),
        ] {
            let scores = scores(fc.view(), measured.view()).unwrap();
            assert_eq!(undefined(fc.view(), measured.view()), reason);
            assert_eq!(scores.iter().any(|score| score.is_nan()), reason.is_some());
        }
        let pair = array![[1.0, 0.4], [0.4, 1.0]];
        let reason = undefined(pair.view(), pair.clone().insert_axis(Axis(0)).view());
        assert_eq!(reason, Some(Undefined::FlatSimulated));
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
        assert!(message.contains("[3, 3] against [4, 4]"), "{message}");
        assert!(mean(&[]).is_nan() && mean(&[1.0, 2.0]) == 1.5);
    }

    #[test]
    fn a_whole_weight_repeats_a_sample() {
        let (x, y) = ([1.0, 2.0, 4.0, 3.0], [2.0, 1.0, 5.0, 7.0]);
        let weighted = weighted_correlation(&x, &y, &[2.0, 1.0, 0.0, 3.0]).unwrap();
        let (x, y) = (
            [1.0, 1.0, 2.0, 3.0, 3.0, 3.0],
            [2.0, 2.0, 1.0, 7.0, 7.0, 7.0],
        );
        let repeated = weighted_correlation(&x, &y, &[1.0; 6]).unwrap();
        assert!((weighted - repeated).abs() < 1e-15);
        assert!(
            weighted_correlation(&[0.1; 3], &[1.0, 2.0, 3.0], &[0.3; 3])
                .unwrap()
                .is_nan()
        );
        assert!(weighted_correlation(&[0.1; 3], &[0.2; 2], &[1.0; 3]).is_err());
        assert!(weighted_correlation(&[0.1; 2], &[0.2; 2], &[1.0, -1.0]).is_err());
    }

    #[test]
    fn synchrony_of_equal_opposite_and_still_nodes() {
        let wave = |sign: [f64; 2]| {
            Array2::from_shape_fn((100, 2), |(n, node)| sign[node] * (n as f64).sin())
        };
        assert!((voltage_fluctuation(wave([1.0, 1.0]).view()) - 1.0).abs() < 1e-14);
        assert!(voltage_fluctuation(wave([1.0, -1.0]).view()).abs() < 1e-14);
        assert!(voltage_fluctuation(Array2::from_elem((100, 2), 0.1).view()).is_nan());
        assert!(voltage_fluctuation(Array2::zeros((0, 2)).view()).is_nan());
    }
}
