//! Monitors of series that come from elsewhere.

use ndarray::{Array2, ArrayView2};
use serde::Serialize;

use crate::error::{DataError, Result};
use crate::plan::Observing;
use crate::product::product;
use crate::record::Observer;
use crate::study::Observation;

/// What a monitor shows of a series.
#[derive(Debug, Clone)]
pub struct Observed {
    /// `[n_samples, n_nodes]`, or of each sensor.
    pub samples: Array2<f64>,
    /// The time of each sample, ms.
    pub t_ms: Vec<f64>,
    /// What is known of the range of the signal; `None` if the monitor takes any.
    pub outside: Option<Outside>,
}

/// How much of a signal was outside the range that a monitor is meant for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outside {
    /// The range.
    pub range: [f64; 2],
    /// The fraction of time, averaged over nodes.
    pub fraction: f64,
    /// The nodes that were outside at some time.
    pub n_nodes: usize,
}

impl Outside {
    /// Of nodes that were outside for these fractions of time.
    pub fn of(monitor: &crate::monitor::Monitor, fractions: &[f64]) -> Option<Self> {
        let n = fractions.len().max(1) as f64;
        Some(Self {
            range: monitor.range?,
            fraction: fractions.iter().sum::<f64>() / n,
            n_nodes: fractions.iter().filter(|&&fraction| fraction > 0.0).count(),
        })
    }

    /// The remark that it is worth; `None` if the signal stayed inside.
    pub fn remark(&self, name: &str, takes: &str) -> Option<String> {
        let [low, high] = self.range;
        (self.n_nodes > 0).then(|| {
            format!(
                "{name} is meant for {takes} from {low} to {high}, and it was outside for {:.2} % of the time, at {}: scale and offset \
                 map a signal into the range",
                100.0 * self.fraction,
                super::counted(self.n_nodes, "node")
            )
        })
    }
}

/// Shows what a monitor makes of `series`, `[n_steps, n_nodes]`, whose row k holds from k to k + 1 steps of `dt_ms`. It works in 64 bits.
///
/// # Errors
/// Those of [`Observing::new`], with keys such as `monitor.tr`; [`DataError::Mismatch`] where what is shown is no finite number.
pub fn observe(series: ArrayView2<f64>, observation: &Observation, dt_ms: f64) -> Result<Observed> {
    let (n_steps, n_nodes) = series.dim();
    let n_steps = u32::try_from(n_steps).unwrap_or(u32::MAX);
    let observing = Observing::new(&[observation], "monitor", [dt_ms, 0.0], n_steps, n_nodes)?;
    let mut observer = Observer::<f64>::new(&observing, 0, n_nodes);
    let mut samples = Vec::with_capacity(observing.n_samples * n_nodes);
    let mut n_samples = 0;
    for row in series.outer_iter() {
        let Some(sample) = observer.take(&row.to_vec()) else {
            continue;
        };
        if let Some(node) = sample.iter().position(|x| !x.is_finite()) {
            return Err(DataError::Mismatch {
                what: "monitor",
                found: format!(
                    "{} of node {node} is {} at {} ms",
                    observing.shown().name,
                    sample[node],
                    observing.sample_time_ms(n_samples)
                ),
                rule: "the signal left the range in which the monitor has numbers; scale and offset map it into the range",
            }
            .into());
        }
        samples.extend(sample);
        n_samples += 1;
    }
    let samples = Array2::from_shape_vec((n_samples, n_nodes), samples).expect("whole samples");
    Ok(Observed {
        samples: match &observing.matrix {
            Some(matrix) => product(samples.view(), matrix.t()),
            None => samples,
        },
        t_ms: (0..n_samples)
            .map(|k| observing.sample_time_ms(k))
            .collect(),
        outside: Outside::of(observing.monitor, &observer.outside()),
    })
}
