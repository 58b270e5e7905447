//! What becomes of the samples of a run.

mod raw;

use ndarray::{Array2, ArrayView3};

pub use raw::{LIMIT_BYTES, Raw, Recorded};

/// Takes the samples of a run as they are made.
///
/// A backend calls it from many threads, but for one simulation in the order of time.
pub trait Recorder: Sync {
    /// Samples `first_sample..` of one simulation, `[n_samples, n_recorded_states, n_nodes]`.
    fn record(&self, simulation: usize, first_sample: usize, samples: ArrayView3<'_, f32>);

    /// The simulation is over.
    fn finish(&self, simulation: usize, end: End);
}

/// How a simulation ended.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// Steps done.
    pub n_steps: u32,
    /// The states then, `[n_states, n_nodes]`.
    pub state: Array2<f32>,
    /// Where it left the finite numbers, if it did; nothing is recorded from there on.
    pub divergence: Option<Divergence>,
}

/// A simulation whose numbers grew beyond all bounds.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Divergence {
    /// The simulation, counted within its plan.
    pub simulation: usize,
    /// The first node seen to have diverged.
    pub node: usize,
    /// When it was seen, ms: at the first sample that is not finite; at the run's end, if every sample is.
    pub time_ms: f64,
}
