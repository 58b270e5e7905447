//! All that is read off one simulation.

use std::sync::OnceLock;

use ndarray::{Array2, Array3, ArrayView3};

use super::score::{check_shapes, scores_of};
use super::undefined::constant_regions;
use super::{Moments, Undefined, constant_nodes, fc_of, mean};
use crate::Result;

/// The measures of one simulation, made from its [`Moments`], whichever way those were added up.
///
/// Functional connectivity and scores are computed when they are first asked for.
///
/// ```
/// use brainsweep::measure::{Measures, Moments};
/// use ndarray::array;
///
/// let samples = array![[0.0, 1.0], [1.0, 0.5], [2.0, 0.0]];
/// let measures = Measures::new(Moments::of(samples.view()), None)?;
/// assert_eq!(measures.moments().mean()[0], 1.0);
/// assert!((measures.fc()[[0, 1]] + 1.0).abs() < 1e-15);
/// # Ok::<(), brainsweep::Error>(())
/// ```
#[derive(Debug)]
pub struct Measures<'a> {
    moments: Moments,
    functional: Option<ArrayView3<'a, f64>>,
    fc: OnceLock<Array2<f64>>,
    scores: OnceLock<Vec<f64>>,
}

impl<'a> Measures<'a> {
    /// The measures of a simulation with these sums; `functional` is the measured functional
    /// connectivity to score against, `[n_subjects, n_nodes, n_nodes]`.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) where the numbers of nodes differ.
    pub fn new(moments: Moments, functional: Option<&'a Array3<f64>>) -> Result<Self> {
        let n_nodes = moments.n_nodes();
        if let Some(functional) = functional {
            check_shapes(&[n_nodes, n_nodes], functional.shape())?;
        }
        Ok(Self {
            moments,
            functional: functional.map(|all| all.view()),
            fc: OnceLock::new(),
            scores: OnceLock::new(),
        })
    }

    /// The sums; means, standard deviations and extrema of each node are theirs.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// Functional connectivity, `[n_nodes, n_nodes]`; see [`fc`](super::fc()).
    pub fn fc(&self) -> &Array2<f64> {
        self.fc.get_or_init(|| fc_of(&self.moments))
    }

    /// One score per measured subject, as [`scores`](super::scores) gives them; none where nothing
    /// was measured.
    pub fn scores(&self) -> &[f64] {
        self.scores.get_or_init(|| match self.functional {
            Some(functional) => scores_of(self.fc().view(), functional),
            None => Vec::new(),
        })
    }

    /// The mean of [`Measures::scores`] over subjects; NaN if one is undefined, or where nothing was
    /// measured.
    pub fn mean_score(&self) -> f64 {
        mean(self.scores())
    }

    /// Why a score is undefined; `None` if every one is a number, or where nothing was measured.
    pub fn undefined(&self) -> Option<Undefined> {
        Undefined::of(self.fc().view(), self.functional?)
    }

    /// The nodes without functional connectivity, whose signal is constant or not finite.
    pub fn constant_nodes(&self) -> Vec<usize> {
        constant_nodes(self.fc().view())
    }

    /// Says what is undefined and why: a score or, where nothing is scored, the functional
    /// connectivity of some regions. `labels` are the names of all regions.
    pub fn why_undefined(&self, labels: &[String]) -> Option<String> {
        if self.functional.is_some() {
            return self.undefined().map(|reason| reason.why(labels));
        }
        let constant = self.constant_nodes();
        (!constant.is_empty()).then(|| constant_regions(&constant, labels))
    }

    /// Synchrony of the nodes (chi squared): variance of their mean over the mean of their variances,
    /// in time.
    ///
    /// 1 if all move together, near 1/n_nodes if each moves for itself, NaN if none moves. BrainPy
    /// and BrainTools call it `voltage_fluctuation`.
    ///
    /// ```text
    /// chi^2 = var(1/N sum_i x_i) / (1/N sum_i var(x_i)) = sum_ij cov_ij / (N sum_i cov_ii)
    /// ```
    ///
    /// Golomb & Rinzel (1993), Dynamics of globally coupled inhibitory neurons with heterogeneity,
    /// Phys. Rev. E 48, 4810.
    pub fn synchrony(&self) -> f64 {
        let n_nodes = self.moments.n_nodes();
        if (0..n_nodes).all(|node| self.moments.is_constant(node)) {
            return f64::NAN;
        }
        let (mut variances, mut covariances) = (0.0, 0.0);
        for a in 0..n_nodes {
            variances += self.moments.squares(a);
            for b in a + 1..n_nodes {
                covariances += self.moments.covariance(a, b);
            }
        }
        let chi_squared = (variances + 2.0 * covariances) / (n_nodes as f64 * variances);
        // Rounding may leave a little less than nothing where the nodes cancel.
        chi_squared.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synchrony(samples: &Array2<f64>) -> f64 {
        let measures = Measures::new(Moments::of(samples.view()), None).unwrap();
        measures.synchrony()
    }

    #[test]
    fn synchrony_of_equal_opposite_and_still_nodes() {
        let wave = |sign: [f64; 2]| {
            Array2::from_shape_fn((100, 2), |(n, node)| sign[node] * (n as f64).sin())
        };
        assert!((synchrony(&wave([1.0, 1.0])) - 1.0).abs() < 1e-14);
        assert!(synchrony(&wave([1.0, -1.0])).abs() < 1e-14);
        assert!(synchrony(&Array2::from_elem((100, 2), 0.1)).is_nan());
        assert!(synchrony(&Array2::zeros((0, 2))).is_nan());
        // One of four nodes moves: var / 16 over var / 4.
        let one = Array2::from_shape_fn((100, 4), |(n, node)| match node {
            0 => (n as f64).sin(),
            _ => 0.3,
        });
        assert!((synchrony(&one) - 0.25).abs() < 1e-14);
    }

    #[test]
    fn without_measured_data_there_are_no_scores_and_constant_regions_are_named() {
        let samples = Array2::from_shape_fn((100, 2), |(n, node)| (node * n) as f64);
        let measures = Measures::new(Moments::of(samples.view()), None).unwrap();
        assert!(measures.scores().is_empty() && measures.undefined().is_none());
        let why = measures.why_undefined(&["V1".into(), "MT".into()]);
        assert_eq!(
            why.as_deref(),
            Some("1 of 2 regions is constant (V1): it has no functional connectivity (NaN)")
        );
        let measured = Array3::zeros((1, 3, 3));
        let wrong = Measures::new(Moments::of(samples.view()), Some(&measured));
        assert!(wrong.unwrap_err().to_string().contains("[2, 2] and [3, 3]"));
    }
}
