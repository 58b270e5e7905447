//! Evoked responses: the average of a signal over the repetitions of a stimulus.

use ndarray::{Array2, ArrayView2};

use crate::plan::Plan;

/// A time is within rounding of a sample's, in parts of the time between samples.
const TOLERANCE: f64 = 1e-6;

/// The response to a stimulus, averaged over its repetitions.
#[derive(Debug, Clone, PartialEq)]
pub struct Evoked {
    /// What studies call the stimulus.
    pub stimulus: String,
    /// Repetitions that are averaged.
    pub n_repetitions: usize,
    /// Times after the onset, ms: of the first repetition, where onsets do not fall on samples.
    pub t_ms: Vec<f64>,
    /// The average at these times, `[n_times, n_nodes]`.
    pub mean: Array2<f64>,
    /// Its standard error: the standard deviation over repetitions by the root of their number.
    pub error: Array2<f64>,
}

impl Evoked {
    /// The responses to every stimulus of simulation 0 that is repeated: from each onset to the next, of the repetitions that begin after
    /// `transient_ms` and are over when the samples end. `samples`, `[n_samples, n_nodes]`, are those of one recorded state or output.
    pub fn all(plan: &Plan, samples: ArrayView2<'_, f32>, transient_ms: f64) -> Vec<Self> {
        let dt = f64::from(plan.recording.every) * plan.dt_ms;
        let end = dt * samples.nrows() as f64;
        let waves = plan.waves.iter();
        let responses = waves.filter_map(|wave| {
            let onsets = wave.onsets_ms(0, end);
            let window = onsets.get(1)? - onsets[0];
            let is_whole = |onset: &f64| {
                *onset >= transient_ms - TOLERANCE * dt && onset + window <= end + TOLERANCE * dt
            };
            let onsets: Vec<f64> = onsets.into_iter().filter(is_whole).collect();
            // Sample k is at (k + 1) dt: the first one after the onset.
            let first = |onset: f64| (onset / dt + TOLERANCE).floor() as usize;
            let n_times = (window / dt + TOLERANCE).floor() as usize;
            if onsets.len() < 2 || n_times == 0 {
                return None;
            }
            let n = onsets.len() as f64;
            let over_repetitions = |value: &dyn Fn(f64, [usize; 2]) -> f64| {
                Array2::from_shape_fn((n_times, samples.ncols()), |(k, node)| {
                    let sample = |onset: &f64| f64::from(samples[[first(*onset) + k, node]]);
                    onsets
                        .iter()
                        .map(|onset| value(sample(onset), [k, node]))
                        .sum::<f64>()
                })
            };
            let mean = over_repetitions(&|x, _| x) / n;
            let squares = over_repetitions(&|x, at| (x - mean[at]).powi(2));
            let error = squares.mapv(|squares| (squares / (n * (n - 1.0))).sqrt());
            let start = first(onsets[0]);
            let time = |k: usize| (start + k + 1) as f64 * dt - onsets[0];
            Some(Self {
                stimulus: wave.name().into(),
                n_repetitions: onsets.len(),
                t_ms: (0..n_times).map(time).collect(),
                mean,
                error,
            })
        });
        responses.collect()
    }
}
