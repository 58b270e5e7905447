//! Scaling of the weights, so that a global coupling means the same for different connectomes.

use ndarray::{Array2, Axis};

use crate::error::{DataError, Result};
use crate::product::product;
use crate::word::{Word, words};

/// How the weights are scaled before use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Normalise {
    /// As they are.
    #[default]
    None,
    /// Divided by the largest weight.
    Max,
    /// Every target's incoming weights divided by their sum; a target that receives from nobody stays so. Not symmetric afterwards.
    RowSum,
    /// Divided by the spectral radius: the largest eigenvalue becomes 1.
    SpectralRadius,
    /// log(1 + w), which brings streamline counts of many sizes together.
    Log,
}

words!(Normalise {
    None = "none",
    Max = "max",
    RowSum = "row-sum",
    SpectralRadius = "spectral-radius",
    Log = "log1p",
});

impl Normalise {
    /// Scales `weights[[target, source]]`, finite and not negative, in place. What was done, in words; `None` where nothing was.
    ///
    /// # Errors
    /// [`DataError::NothingToDivide`] where the divisor is 0: all weights are 0, or (spectral radius) no signal ever returns to its source.
    pub fn apply(self, weights: &mut Array2<f64>) -> Result<Option<String>> {
        let done = match self {
            Self::None => return Ok(None),
            Self::Max => {
                let divisor = largest(weights);
                divide(weights, divisor, "max")?;
                format!("divided by their largest, {divisor}")
            }
            Self::SpectralRadius => {
                let divisor = spectral_radius(weights);
                divide(weights, divisor, "spectral-radius")?;
                format!("divided by their spectral radius, {divisor}")
            }
            Self::Log => {
                weights.mapv_inplace(f64::ln_1p);
                format!("log(1 + weight), the largest is {}", largest(weights))
            }
            Self::RowSum => {
                for mut row in weights.axis_iter_mut(Axis(0)) {
                    let sum = row.sum();
                    if sum > 0.0 {
                        row /= sum;
                    }
                }
                "divided by the sum of each region's incoming weights".into()
            }
        };
        Ok(Some(format!(
            "normalise = {:?}: the weights are {done}",
            self.word()
        )))
    }
}

fn divide(weights: &mut Array2<f64>, divisor: f64, normalise: &'static str) -> Result<()> {
    if divisor > 0.0 {
        *weights /= divisor;
        return Ok(());
    }
    let why = "all weights are 0, or no loop is in the network";

    Err(DataError::NothingToDivide { normalise, why }.into())
}

fn largest(weights: &Array2<f64>) -> f64 {
    weights.iter().copied().fold(0.0, f64::max)
}

/// The largest eigenvalue of a matrix without negative entries.
///
/// Gelfand's formula, `lim |W^k|^(1/k)`, over `k = 1, 2, 4, ...`: `W` is squared again and again and rescaled to a largest entry of 1.
/// Power iteration would not do: it never settles on a two-node network (eigenvalues 1 and -1) and stalls on networks without loops.
/// Nothing cancels, since nothing is negative, and the error of a squaring is divided by `k`.
fn spectral_radius(weights: &Array2<f64>) -> f64 {
    // (log n)/k, the formula's own error, is below the rounding of f64 after this many squarings.
    const SQUARINGS: i32 = 56;
    let scale = largest(weights);
    if scale == 0.0 {
        return 0.0;
    }
    let mut power = weights / scale;
    let mut log_radius = scale.ln();
    for squaring in 1..=SQUARINGS {
        power = product(power.view(), power.view());
        let scale = largest(&power);
        if scale == 0.0 {
            return 0.0;
        }
        power /= scale;
        let change = scale.ln() / 2_f64.powi(squaring);
        log_radius += change;
        // A network without loops shows it (no path left) once k reaches its number of nodes, not before.
        if 1_u64 << squaring > weights.nrows() as u64 && change.abs() < f64::EPSILON / 8.0 {
            break;
        }
    }
    log_radius.exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn applied(normalise: Normalise, mut weights: Array2<f64>) -> Array2<f64> {
        normalise.apply(&mut weights).unwrap();
        weights
    }

    #[test]
    fn rows_are_targets() {
        let weights = array![[0.0, 3.0, 1.0], [0.0, 0.0, 0.0], [5.0, 0.0, 0.0]];
        assert_eq!(applied(Normalise::None, weights.clone()), weights);
        assert_eq!(applied(Normalise::Max, weights.clone()), &weights / 5.0);
        assert_eq!(
            applied(Normalise::RowSum, weights),
            array![[0.0, 0.75, 0.25], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
        );
        let logarithms = applied(
            Normalise::Log,
            array![[0.0, 1.0_f64.exp() - 1.0], [0.0, 0.0]],
        );
        assert!((logarithms[[0, 1]] - 1.0).abs() < 1e-15 && logarithms[[1, 0]] == 0.0);
    }

    #[test]
    fn what_was_done_is_said() {
        let said = Normalise::Max
            .apply(&mut array![[0.0, 5.0], [2.0, 0.0]])
            .unwrap();
        assert_eq!(
            said.as_deref(),
            Some("normalise = \"max\": the weights are divided by their largest, 5")
        );
        assert_eq!(
            Normalise::None.apply(&mut Array2::zeros((2, 2))).unwrap(),
            None
        );
    }

    #[test]
    fn spectral_radii_known_in_closed_form() {
        let n = 50;
        let all_to_all = Array2::from_shape_fn((n, n), |(i, j)| f64::from(i != j));
        let directed_ring =
            Array2::from_shape_fn((n, n), |(i, j)| if (i + 1) % n == j { 3.0 } else { 0.0 });
        let path = Array2::from_shape_fn((n, n), |(i, j)| f64::from(i.abs_diff(j) == 1));
        let cases = [
            (array![[0.0, 4.0], [9.0, 0.0]], 6.0), // eigenvalues 6 and -6
            (all_to_all, 49.0),
            (directed_ring, 3.0), // 50 eigenvalues of equal size
            (path, 2.0 * (std::f64::consts::PI / 51.0).cos()),
        ];
        for (weights, expected) in cases {
            let found = spectral_radius(&weights);
            assert!(
                (found - expected).abs() < 1e-13 * expected,
                "{found} is not {expected}"
            );
        }
    }

    #[test]
    fn nothing_to_divide_by_is_an_error() {
        let chain = Array2::from_shape_fn((600, 600), |(i, j)| f64::from(i == j + 1));
        assert!(Normalise::SpectralRadius.apply(&mut chain.clone()).is_err());
        assert!(Normalise::Max.apply(&mut Array2::zeros((2, 2))).is_err());
        assert_eq!(applied(Normalise::RowSum, chain.clone()), chain);
    }
}
