//! What several seeds say of a mean: its standard error, and that of a difference of two, which share their seeds or have their own.

use serde::Serialize;

/// A mean over seeds, and how far to trust it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OverSeeds {
    /// The number of seeds; of a difference those that both means have.
    pub n_seeds: usize,
    /// The mean; NaN without a seed.
    pub mean: f64,
    /// The spread: the standard deviation between seeds; NaN with fewer than two.
    pub sd: f64,
    /// The standard error of the mean, sd / sqrt(n); NaN with fewer than two seeds.
    pub standard_error: f64,
}

impl OverSeeds {
    /// Of one number for each seed; those that are NaN do not count.
    pub(in crate::run) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let known: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
        let n = known.len() as f64;
        let mean = known.iter().sum::<f64>() / n;
        let squares: f64 = known.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = match known.len() {
            0 | 1 => f64::NAN,
            _ => (squares / (n - 1.0)).sqrt(),
        };
        Self {
            n_seeds: known.len(),
            mean,
            sd,
            standard_error: sd / n.sqrt(),
        }
    }

    /// Of `a - b` seed by seed, over the seeds that both have: points share their random numbers, so most of the noise cancels.
    pub(super) fn of_difference(a: &[f64], b: &[f64]) -> Self {
        Self::of(a.iter().zip(b).map(|(a, b)| a - b))
    }

    /// Of the difference of two means that share no seed: `n_seeds` is 0, and the squares of the standard errors add.
    pub(super) fn of_independent(a: &Self, b: &Self) -> Self {
        Self {
            n_seeds: 0,
            mean: a.mean - b.mean,
            sd: f64::NAN,
            standard_error: a.standard_error.hypot(b.standard_error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_errors_are_those_of_the_textbook() {
        let over = OverSeeds::of([1.0, 2.0, f64::NAN, 4.0, 5.0]);
        assert_eq!((over.n_seeds, over.mean), (4, 3.0));
        assert!((over.sd - (10.0f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!((over.standard_error - over.sd / 2.0).abs() < 1e-15);
        let one = OverSeeds::of([3.0]);
        assert_eq!((one.n_seeds, one.mean), (1, 3.0));
        assert!(one.sd.is_nan() && one.standard_error.is_nan());
        assert!(OverSeeds::of([]).mean.is_nan());
    }

    /// What two points share cancels; a seed that one of them lacks does not count.
    #[test]
    fn differences_are_taken_on_common_seeds() {
        let shared = [0.3, -0.2, 0.5, 0.1];
        let a = shared.map(|noise| 1.0 + noise);
        let mut b = shared.map(|noise| 0.9 + noise);
        b[1] = f64::NAN;
        let difference = OverSeeds::of_difference(&a, &b);
        assert_eq!(difference.n_seeds, 3);
        assert!((difference.mean - 0.1).abs() < 1e-15);
        assert!(difference.standard_error < 1e-15);
    }

    /// Without common seeds the variances of the means add: 10/3 over 4 and 7 over 3.
    #[test]
    fn differences_of_other_seeds_have_both_errors() {
        let a = OverSeeds::of([1.0, 2.0, 4.0, 5.0]);
        let b = OverSeeds::of([0.0, 1.0, 5.0]);
        let difference = OverSeeds::of_independent(&a, &b);
        assert_eq!((difference.n_seeds, difference.mean), (0, 1.0));
        let variance = (10.0 / 3.0) / 4.0 + 7.0 / 3.0;
        assert!((difference.standard_error.powi(2) - variance).abs() < 1e-14);
        assert!(difference.sd.is_nan());
    }
}
