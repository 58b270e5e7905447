//! Keeps every sample.

use std::sync::Mutex;

use ndarray::{Array3, ArrayView3, s};

use super::{End, Recorder};
use crate::plan::Plan;

/// Keeps every sample of every simulation.
#[derive(Debug)]
pub struct Raw {
    simulations: Vec<Mutex<Kept>>,
}

/// Samples, how many of them are filled, and the end once it has come.
type Kept = (Array3<f32>, usize, Option<End>);

/// One simulation's samples and end.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// `[n_samples, n_recorded_states, n_nodes]`; fewer samples than planned if it was stopped or diverged.
    pub samples: Array3<f32>,
    /// How it ended.
    pub end: End,
}

impl Raw {
    /// Room for all samples of a plan.
    pub fn new(plan: &Plan) -> Self {
        let shape = (
            plan.recording.n_samples,
            plan.recording.states.len(),
            plan.n_nodes,
        );
        let simulations = (0..plan.n_simulations())
            .map(|_| Mutex::new((Array3::zeros(shape), 0, None)))
            .collect();
        Self { simulations }
    }

    /// What was kept, per simulation; those that never started are left out.
    pub fn into_recorded(self) -> Vec<Recorded> {
        self.simulations
            .into_iter()
            .filter_map(|simulation| {
                let (samples, n_samples, end) = simulation
                    .into_inner()
                    .unwrap_or_else(|poisoned| poisoned.into_inner());
                let mut samples = samples;
                samples.slice_collapse(s![..n_samples, .., ..]);
                Some(Recorded { samples, end: end? })
            })
            .collect()
    }

    fn with(&self, simulation: usize, change: impl FnOnce(&mut Kept)) {
        change(
            &mut self.simulations[simulation]
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner()),
        );
    }
}

impl Recorder for Raw {
    fn record(&self, simulation: usize, first_sample: usize, samples: ArrayView3<'_, f32>) {
        let end = first_sample + samples.len_of(ndarray::Axis(0));
        self.with(simulation, |(all, n_samples, _)| {
            all.slice_mut(s![first_sample..end, .., ..])
                .assign(&samples);
            *n_samples = end;
        });
    }

    fn finish(&self, simulation: usize, end: End) {
        self.with(simulation, |kept| kept.2 = Some(end));
    }
}
