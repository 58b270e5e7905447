//! The table of measures: their names, dimensions, units and meanings, and how each is computed.
//!
//! Simulations, stores, `best.csv`, manifests and `--json` go through this table, so that a measure
//! has one name and one meaning everywhere.
//!
//! A new measure is a row here and a method of [`Measures`]; `ARCHITECTURE.md` lists what else. A measure that the sums of
//! [`Moments`](super::Moments) cannot give belongs to an [`Analysis`], which a study asks for.

use std::borrow::Cow;

use ndarray::Array2;

use super::row::{FCD_BINS, Measure, Needs, Shape, Unit};
use super::{Analysis, Distribution, autocorrelation_steps, mean, skewness};

/// Every measure, in the order in which files list them. The module's documentation says what a new
/// one takes.
pub const MEASURES: &[Measure] = &[
    Measure {
        name: "score",
        long_name: "correlation of simulated and measured functional connectivity",
        unit: Unit::One,
        shape: Shape::Subjects,
        needs: Needs::Functional,
        values: |measures| measures.scores().into(),
    },
    Measure {
        name: "mean_score",
        long_name: "mean of score over subjects",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::Functional,
        values: |measures| vec![measures.mean_score()].into(),
    },
    Measure {
        name: "fc_rmse",
        long_name: "root mean square of simulated less measured functional connectivity",
        unit: Unit::One,
        shape: Shape::Subjects,
        needs: Needs::Functional,
        values: |measures| measures.fc_rmse().into(),
    },
    Measure {
        name: "fc_mean_difference",
        long_name: "mean of simulated functional connectivity, less the measured one",
        unit: Unit::One,
        shape: Shape::Subjects,
        needs: Needs::Functional,
        values: |measures| measures.fc_mean_difference().into(),
    },
    Measure {
        name: "fc_sd_difference",
        long_name: "standard deviation of it over pairs of nodes, less the measured one",
        unit: Unit::One,
        shape: Shape::Subjects,
        needs: Needs::Functional,
        values: |measures| measures.fc_sd_difference().into(),
    },
    Measure {
        name: "synchrony",
        long_name: "variance of the mean over nodes over the mean of their variances",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::Network,
        values: |measures| vec![measures.synchrony()].into(),
    },
    Measure {
        name: "mean",
        long_name: "mean over time",
        unit: Unit::State,
        shape: Shape::Nodes,
        needs: Needs::Nothing,
        values: |measures| measures.moments().mean().to_vec().into(),
    },
    Measure {
        name: "sd",
        long_name: "standard deviation over time",
        unit: Unit::State,
        shape: Shape::Nodes,
        needs: Needs::Nothing,
        values: |measures| measures.moments().sd().to_vec().into(),
    },
    Measure {
        name: "min",
        long_name: "least sample",
        unit: Unit::State,
        shape: Shape::Nodes,
        needs: Needs::Nothing,
        values: |measures| measures.moments().min.as_slice().into(),
    },
    Measure {
        name: "max",
        long_name: "largest sample",
        unit: Unit::State,
        shape: Shape::Nodes,
        needs: Needs::Nothing,
        values: |measures| measures.moments().max.as_slice().into(),
    },
    Measure {
        name: "fc",
        long_name: "simulated functional connectivity",
        unit: Unit::One,
        shape: Shape::Pairs,
        needs: Needs::Network,
        values: |measures| lying(measures.fc()),
    },
    Measure {
        name: "global_connectivity",
        long_name: "mean functional connectivity with all other nodes",
        unit: Unit::One,
        shape: Shape::Nodes,
        needs: Needs::Network,
        values: |measures| measures.global_connectivity().into(),
    },
    Measure {
        name: "fcd",
        long_name: "dynamics of FC: correlation between the FC of two windows",
        unit: Unit::One,
        shape: Shape::Windows,
        needs: Needs::Analysis(Analysis::Fcd),
        values: |measures| lying(measures.fcd()),
    },
    Measure {
        name: "fcd_mean",
        long_name: "mean of FCD over pairs of windows",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::Analysis(Analysis::Fcd),
        values: |measures| vec![measures.fcd_distribution().mean()].into(),
    },
    Measure {
        name: "fcd_sd",
        long_name: "standard deviation of FCD over pairs of windows",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::Analysis(Analysis::Fcd),
        values: |measures| vec![measures.fcd_distribution().sd()].into(),
    },
    Measure {
        name: "fcd_distribution",
        long_name: "fraction of the pairs of windows whose FCD is in a bin",
        unit: Unit::One,
        shape: Shape::FcdBins,
        needs: Needs::Analysis(Analysis::Fcd),
        values: |measures| {
            measures
                .fcd_distribution()
                .histogram([-1.0, 1.0], FCD_BINS)
                .into()
        },
    },
    Measure {
        name: "fcd_ks",
        long_name: "Kolmogorov-Smirnov distance of simulated and measured FCD",
        unit: Unit::One,
        shape: Shape::Series,
        needs: Needs::AnalysisAndSeries(Analysis::Fcd),
        values: |measures| {
            let (own, measured) = (measures.fcd_distribution(), measures.scope().measured_fcd());
            let distances = measured.iter().map(|one| own.kolmogorov_smirnov(one));
            distances.collect()
        },
    },
    Measure {
        name: "fcd_ks_pooled",
        long_name: "Kolmogorov-Smirnov distance to the FCD of all series together",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::AnalysisAndSeries(Analysis::Fcd),
        values: |measures| {
            let pooled = measures.scope().pooled_fcd();
            let distance = |all| measures.fcd_distribution().kolmogorov_smirnov(all);
            vec![pooled.map_or(f64::NAN, distance)].into()
        },
    },
    Measure {
        name: "fcd_wasserstein",
        long_name: "Wasserstein distance of simulated and measured FCD",
        unit: Unit::One,
        shape: Shape::Series,
        needs: Needs::AnalysisAndSeries(Analysis::Fcd),
        values: |measures| {
            let (own, measured) = (measures.fcd_distribution(), measures.scope().measured_fcd());
            measured.iter().map(|one| own.wasserstein(one)).collect()
        },
    },
    Measure {
        name: "fcd_wasserstein_pooled",
        long_name: "Wasserstein distance to the FCD of all series together",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::AnalysisAndSeries(Analysis::Fcd),
        values: |measures| {
            let pooled = measures.scope().pooled_fcd();
            let distance = |all| measures.fcd_distribution().wasserstein(all);
            vec![pooled.map_or(f64::NAN, distance)].into()
        },
    },
    Measure {
        name: "spectrum",
        long_name: "power spectral density",
        unit: Unit::Density,
        shape: Shape::Spectra,
        needs: Needs::Analysis(Analysis::Spectrum),
        values: |measures| lying(measures.spectrum()),
    },
    Measure {
        name: "mean_spectrum",
        long_name: "power spectral density, the mean over nodes",
        unit: Unit::Density,
        shape: Shape::Frequencies,
        needs: Needs::Analysis(Analysis::Spectrum),
        values: |measures| column_means(measures.spectrum()).into(),
    },
    Measure {
        name: "peak_frequency",
        long_name: "frequency of the largest density within the band",
        unit: Unit::Hz,
        shape: Shape::Nodes,
        needs: Needs::Analysis(Analysis::Spectrum),
        values: |measures| {
            let (scope, spectrum) = (measures.scope(), measures.spectrum());
            let peaks = scope.segments().peaks_hz(spectrum.view(), scope.band_hz());
            peaks.into()
        },
    },
    Measure {
        name: "spectral_slope",
        long_name: "exponent of the power law through the density within the band",
        unit: Unit::One,
        shape: Shape::Nodes,
        needs: Needs::Analysis(Analysis::Spectrum),
        values: |measures| {
            let (scope, spectrum) = (measures.scope(), measures.spectrum());
            let slopes = scope.segments().slopes(spectrum.view(), scope.band_hz());
            slopes.into()
        },
    },
    Measure {
        name: "band_power",
        long_name: "power in each band",
        unit: Unit::Square,
        shape: Shape::Bands,
        needs: Needs::Analysis(Analysis::Spectrum),
        values: |measures| {
            let spectrum = measures.spectrum().view();
            let scope = measures.scope();
            let powers = scope.segments().band_powers(spectrum, &scope.bands());
            powers.iter().copied().collect()
        },
    },
    Measure {
        name: "band_score",
        long_name: "correlation of band_fc and measured functional connectivity",
        unit: Unit::One,
        shape: Shape::Subjects,
        needs: Needs::AnalysisAndFunctional(Analysis::BandFc),
        values: |measures| measures.scores_of(measures.band_fc().view()).into(),
    },
    Measure {
        name: "band_fc",
        long_name: "functional connectivity within the band",
        unit: Unit::One,
        shape: Shape::Pairs,
        needs: Needs::Analysis(Analysis::BandFc),
        values: |measures| owned(measures.band_fc()),
    },
    Measure {
        name: "envelope_score",
        long_name: "correlation of envelope_fc and measured functional connectivity",
        unit: Unit::One,
        shape: Shape::Subjects,
        needs: Needs::AnalysisAndFunctional(Analysis::EnvelopeFc),
        values: |measures| measures.scores_of(measures.envelope_fc().view()).into(),
    },
    Measure {
        name: "envelope_fc",
        long_name: "functional connectivity of amplitudes within the band",
        unit: Unit::One,
        shape: Shape::Pairs,
        needs: Needs::Analysis(Analysis::EnvelopeFc),
        values: |measures| owned(measures.envelope_fc()),
    },
    Measure {
        name: "kuramoto_order",
        long_name: "mean Kuramoto order parameter of the phases within the band",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::Analysis(Analysis::Kuramoto),
        values: |measures| vec![mean(measures.order())].into(),
    },
    Measure {
        name: "metastability",
        long_name: "standard deviation of the Kuramoto order parameter over time",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::Analysis(Analysis::Kuramoto),
        values: |measures| vec![Distribution::new(measures.order().to_vec()).sd()].into(),
    },
    Measure {
        name: "partial_fc",
        long_name: "partial correlation, shrunk",
        unit: Unit::One,
        shape: Shape::Pairs,
        needs: Needs::Analysis(Analysis::PartialFc),
        values: |measures| lying(&measures.partial().0),
    },
    Measure {
        name: "partial_shrinkage",
        long_name: "shrinkage of the correlations that partial_fc is made of",
        unit: Unit::One,
        shape: Shape::Whole,
        needs: Needs::Analysis(Analysis::PartialFc),
        values: |measures| vec![measures.partial().1].into(),
    },
    Measure {
        name: "autocorrelation_time",
        long_name: "time until the autocorrelation falls to 1/e",
        unit: Unit::Ms,
        shape: Shape::Nodes,
        needs: Needs::Analysis(Analysis::Autocorrelation),
        values: |measures| {
            let step_ms = measures.scope().step_ms;
            let steps = autocorrelation_steps(measures.samples());
            steps.iter().map(|steps| steps * step_ms).collect()
        },
    },
    Measure {
        name: "skewness",
        long_name: "skewness of the samples",
        unit: Unit::One,
        shape: Shape::Nodes,
        needs: Needs::Analysis(Analysis::Skewness),
        values: |measures| skewness(measures.samples()).into(),
    },
];

/// The numbers of a matrix where they lie.
fn lying(matrix: &Array2<f64>) -> Cow<'_, [f64]> {
    match matrix.as_slice() {
        Some(numbers) => numbers.into(),
        None => matrix.iter().copied().collect(),
    }
}

/// The numbers of a matrix that nobody else needs.
fn owned(matrix: Array2<f64>) -> Cow<'static, [f64]> {
    let (numbers, _) = matrix.into_flat().into_raw_vec_and_offset();
    numbers.into()
}

/// Means over the rows of a matrix, one for each column.
fn column_means(matrix: &Array2<f64>) -> Vec<f64> {
    let columns = matrix.columns().into_iter();
    columns
        .map(|column| column.mean().unwrap_or(f64::NAN))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use ndarray::{Array2, Axis};

    use super::super::{Analyses, BandPass, Measures, Moments, Scope, fc};
    use super::*;
    use crate::connectome::{Bold, Connectome};

    #[test]
    fn every_measure_has_a_name_of_its_own_and_as_many_values_as_its_dimensions_say() {
        let names: BTreeSet<&str> = MEASURES.iter().map(|measure| measure.name).collect();
        assert_eq!(names.len(), MEASURES.len());
        let samples = Array2::from_shape_fn((50, 3), |(k, node)| {
            ((node + 1) as f64 * k as f64 * 0.3).sin()
        });
        let mut connectome = Connectome::uncoupled(3);
        let functional = fc(samples.view()).mapv(|r| r * r).insert_axis(Axis(0));
        connectome.functional = Some(functional.clone());
        connectome.bold = vec![Bold {
            samples: samples.mapv(|x| x * x),
            step_s: Some(1.0),
        }];
        let analyses = Analyses {
            make: Analysis::ALL.to_vec(),
            fcd_window: 10_000.0,
            band: BandPass {
                low_hz: 0.05,
                high_hz: 0.3,
                order: 1,
            },
            segment: 40,
            ..Analyses::default()
        };
        let scope = Arc::new(Scope::of(&connectome, &analyses, 1000.0, 50).unwrap());
        let measures = Measures::new(Moments::of(samples.view()), Some(&functional)).unwrap();
        let measures = measures.with_samples(samples, scope.clone());
        for measure in MEASURES {
            assert!(measure.applies(&scope), "{}", measure.name);
            let dimensions = measure.dimensions(&scope);
            let n: usize = dimensions.iter().map(|(_, n)| n).product();
            let values = (measure.values)(&measures);
            assert_eq!(values.len(), n, "{}", measure.name);
            assert!(values.iter().all(|x| x.is_finite()), "{}", measure.name);
        }
    }
}
