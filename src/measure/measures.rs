//! All that is read off one simulation.

use std::sync::{Arc, OnceLock};

use ndarray::{Array2, Array3, ArrayView2, ArrayView3};
use num_complex::Complex64;

use super::score::{below, check_shapes, scores_of};
use super::undefined::constant_regions;
use super::{
    Distribution, Moments, Scope, Undefined, analytic, constant_nodes, envelopes, fc, fc_of, fcd,
    fcd_entries, kuramoto_order, mean, partial_fc,
};
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
    series: Option<Series>,
    fc: OnceLock<Array2<f64>>,
    scores: OnceLock<Vec<f64>>,
    fcd: OnceLock<Array2<f64>>,
    fcd_entries: OnceLock<Distribution>,
    spectrum: OnceLock<Array2<f64>>,
    filtered: OnceLock<Array2<f64>>,
    analytic: OnceLock<Array2<Complex64>>,
    order: OnceLock<Vec<f64>>,
    partial: OnceLock<(Array2<f64>, f64)>,
}

/// The samples after the transient, `[n_samples, n_nodes]`, and what is made of them.
#[derive(Debug)]
struct Series {
    samples: Array2<f64>,
    scope: Arc<Scope>,
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
            series: None,
            fc: OnceLock::new(),
            scores: OnceLock::new(),
            fcd: OnceLock::new(),
            fcd_entries: OnceLock::new(),
            spectrum: OnceLock::new(),
            filtered: OnceLock::new(),
            analytic: OnceLock::new(),
            order: OnceLock::new(),
            partial: OnceLock::new(),
        })
    }

    /// The same with the samples after the transient, `[n_samples, n_nodes]`, of which what `scope` asks for is made.
    pub fn with_samples(mut self, samples: Array2<f64>, scope: Arc<Scope>) -> Self {
        self.series = Some(Series { samples, scope });
        self
    }

    /// The samples, and what is asked of them.
    ///
    /// # Panics
    /// Without samples: a measure that needs them was asked for where it does not apply.
    fn series(&self) -> &Series {
        let series = self.series.as_ref();
        series.expect("measures of samples are made with samples")
    }

    /// What is asked of the samples.
    ///
    /// # Panics
    /// Without samples, see [`Measures::with_samples`]; so do all measures of samples.
    pub fn scope(&self) -> &Scope {
        &self.series().scope
    }

    /// Dynamics of functional connectivity, `[n_windows, n_windows]`; see [`fcd`](super::fcd()).
    pub fn fcd(&self) -> &Array2<f64> {
        let Series { samples, scope } = self.series();
        self.fcd
            .get_or_init(|| fcd(samples.view(), &scope.windows()))
    }

    /// The distribution of the entries of [`Measures::fcd`] below its diagonal.
    pub fn fcd_distribution(&self) -> &Distribution {
        self.fcd_entries
            .get_or_init(|| Distribution::new(fcd_entries(self.fcd().view())))
    }

    /// The sums; means, standard deviations and extrema of each node are theirs.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// The samples, `[n_samples, n_nodes]`.
    pub fn samples(&self) -> ArrayView2<'_, f64> {
        self.series().samples.view()
    }

    /// Power spectra, `[n_nodes, n_frequencies]`; see [`Segments::spectrum`](super::Segments::spectrum).
    pub fn spectrum(&self) -> &Array2<f64> {
        let segments = || self.scope().segments();
        self.spectrum
            .get_or_init(|| segments().spectrum(self.samples()))
    }

    /// The samples within the band, `[n_samples, n_nodes]`.
    pub fn filtered(&self) -> &Array2<f64> {
        self.filtered.get_or_init(|| {
            let filter = self.scope().filter();
            let filtered = filter.map(|filter| filter.zero_phase(self.samples()));
            // The scope has checked that there are enough samples.
            let filtered = filtered.and_then(Result::ok);
            filtered.expect("a filter, and as many samples as it needs")
        })
    }

    /// Functional connectivity within the band, `[n_nodes, n_nodes]`.
    pub fn band_fc(&self) -> Array2<f64> {
        fc(self.filtered().view())
    }

    /// The analytic signals within the band, `[n_samples, n_nodes]`; see [`analytic`](super::analytic()).
    fn analytic(&self) -> &Array2<Complex64> {
        self.analytic
            .get_or_init(|| analytic(self.filtered().view()))
    }

    /// Functional connectivity of amplitudes within the band, `[n_nodes, n_nodes]`.
    pub fn envelope_fc(&self) -> Array2<f64> {
        fc(envelopes(self.analytic().view()).view())
    }

    /// The Kuramoto order parameter within the band, `[n_samples]`; see [`kuramoto_order`](super::kuramoto_order).
    pub fn order(&self) -> &[f64] {
        self.order
            .get_or_init(|| kuramoto_order(self.analytic().view()))
    }

    /// Partial correlations, `[n_nodes, n_nodes]`, and their shrinkage; see [`partial_fc`](super::partial_fc()).
    pub fn partial(&self) -> &(Array2<f64>, f64) {
        self.partial.get_or_init(|| partial_fc(self.samples()))
    }

    /// Scores of another matrix than functional connectivity, `[n_nodes, n_nodes]`, against every measured subject.
    pub fn scores_of(&self, matrix: ArrayView2<f64>) -> Vec<f64> {
        let functional = self.functional;
        functional.map_or(Vec::new(), |all| scores_of(matrix, all))
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

    /// How far simulated and measured functional connectivity are apart, one number per measured subject: the root of the mean squared
    /// difference over all pairs of nodes.
    pub fn fc_rmse(&self) -> Vec<f64> {
        self.against(|simulated, measured| {
            let squares = simulated.iter().zip(measured).map(|(a, b)| (a - b).powi(2));
            (squares.sum::<f64>() / simulated.len() as f64).sqrt()
        })
    }

    /// The mean of simulated functional connectivity over all pairs of nodes, less that of each measured subject.
    pub fn fc_mean_difference(&self) -> Vec<f64> {
        self.against(|simulated, measured| mean(simulated) - mean(measured))
    }

    /// The standard deviation of simulated functional connectivity over all pairs of nodes, less that of each measured subject.
    pub fn fc_sd_difference(&self) -> Vec<f64> {
        self.against(|simulated, measured| {
            let sd = |values: &[f64]| {
                let mean = mean(values);
                let squares = values.iter().map(|x| (x - mean).powi(2));
                (squares.sum::<f64>() / values.len() as f64).sqrt()
            };
            sd(simulated) - sd(measured)
        })
    }

    /// Compares the pairs of simulated functional connectivity with those of every measured subject.
    fn against(&self, compared: impl Fn(&[f64], &[f64]) -> f64) -> Vec<f64> {
        let simulated = below(self.fc().view());
        let subjects = self.functional.iter();
        let subjects = subjects.flat_map(|all| all.outer_iter());
        subjects
            .map(|subject| compared(&simulated, &below(subject)))
            .collect()
    }

    /// Global brain connectivity, `[n_nodes]`: the mean functional connectivity of a node with all others.
    ///
    /// Cole, Pathak & Schneider (2010), Identifying the brain's most globally connected regions, NeuroImage 49, 3132.
    pub fn global_connectivity(&self) -> Vec<f64> {
        let n_others = self.moments.n_nodes().saturating_sub(1) as f64;
        let rows = self.fc().outer_iter().enumerate();
        rows.map(|(node, row)| (row.sum() - row[node]) / n_others)
            .collect()
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
