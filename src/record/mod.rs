//! What becomes of the samples of a run.

mod checkpoint;
mod held;
mod moments;
mod observer;
mod raw;
mod streamed;

use ndarray::{Array2, ArrayView2, ArrayView3};

pub use crate::measure::Moments;
pub use checkpoint::{Checkpoints, Passage, Snapshot};
pub use held::Held;
pub use moments::MomentsStream;
pub use observer::Observer;
pub use raw::{LIMIT_BYTES, Raw, Recorded};
pub use streamed::{MomentsAndSamples, Streamed};

/// Takes the samples of a run as they are made.
///
/// A backend calls it from many threads, but for one simulation in the order of time.
pub trait Recorder: Sync {
    /// What it takes of a run; the rest is not made.
    fn takes(&self) -> Takes {
        Takes::SAMPLES
    }

    /// Samples `first_sample..` of one simulation, `[n_samples, n_recorded_states, n_nodes]`.
    fn record(&self, _simulation: usize, _first_sample: usize, _samples: ArrayView3<'_, f32>) {}

    /// What monitor number `monitor` shows from sample `first_sample` on, `[n_samples, n_nodes]`.
    fn observe(
        &self,
        _simulation: usize,
        _monitor: usize,
        _first_sample: usize,
        _samples: ArrayView2<'_, f32>,
    ) {
    }

    /// The moments of one simulation that ran to its end and did not diverge, once, before [`Recorder::finish`].
    fn moments(&self, _simulation: usize, _moments: Moments) {}

    /// The simulation is over.
    fn finish(&self, simulation: usize, end: End);

    /// Where simulations are kept on their way, if they are.
    fn checkpoints(&self) -> Option<&dyn Checkpoints> {
        None
    }
}

/// What a recorder takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// Every sample, as the run goes on.
    pub samples: bool,
    /// The [`Moments`], at the end: of the measured monitor (see [`Plan::measured`](crate::plan::Plan::measured)), or of the first
    /// recorded state.
    pub moments: bool,
}

impl Takes {
    /// Samples only.
    pub const SAMPLES: Self = Self {
        samples: true,
        moments: false,
    };
    /// Moments only.
    pub const MOMENTS: Self = Self {
        samples: false,
        moments: true,
    };
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
    /// Of each monitor and node, the fraction of time in which its signal was outside the range that the monitor is meant for.
    pub outside: Vec<Vec<f64>>,
}

/// A simulation whose numbers grew beyond all bounds.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Divergence {
    /// The simulation, counted within its plan.
    pub simulation: usize,
    /// The first node seen to have diverged.
    pub node: usize,
    /// When it was seen, ms: at the first sample that is not finite (of the first recorded state, where moments are taken); at the
    /// run's end, if every sample is.
    pub time_ms: f64,
}
