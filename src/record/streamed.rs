//! Keeps the moments, and samples only where they are asked for.

use std::sync::{Mutex, PoisonError};

use ndarray::{Array2, ArrayView2, ArrayView3};

use super::{End, Held, Moments, Recorder, Takes};
use crate::plan::Plan;

/// Keeps the [`Moments`] of every simulation: what a sweep needs, a few kilobytes each whatever the run's length.
#[derive(Debug)]
pub struct Streamed {
    simulations: Vec<Mutex<(Option<Moments>, Option<End>)>>,
    held: Option<Held>,
}

/// The moments of a simulation, and its samples where they are kept.
pub type MomentsAndSamples = (Moments, Option<Array2<f64>>);

impl Streamed {
    /// Room for the moments of a plan.
    pub fn new(plan: &Plan) -> Self {
        let simulations = (0..plan.n_simulations()).map(|_| Mutex::default());
        Self {
            simulations: simulations.collect(),
            held: None,
        }
    }

    /// The same with room for the samples of the measured signal after the transient.
    pub fn with_samples(plan: &Plan) -> Self {
        Self {
            held: Some(Held::new(plan)),
            ..Self::new(plan)
        }
    }

    /// Moments of each simulation, and its samples, `[n_samples, n_nodes]`, where they are kept; nothing of one that diverged or was
    /// stopped.
    pub fn into_measured(self) -> Vec<Option<MomentsAndSamples>> {
        let held = &self.held;
        let each = self.simulations.into_iter().enumerate();
        let measured = each.map(|(simulation, kept)| {
            let (moments, _) = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
            let samples = held.as_ref().map(|held| held.take(simulation));
            moments.map(|moments| (moments, samples))
        });
        measured.collect()
    }

    /// Moments and end of each simulation: no moments if it diverged or was stopped, no end if it never started.
    pub fn into_moments(self) -> Vec<(Option<Moments>, Option<End>)> {
        let inner = |kept: Mutex<_>| -> (_, _) {
            kept.into_inner().unwrap_or_else(PoisonError::into_inner)
        };
        self.simulations.into_iter().map(inner).collect()
    }

    fn with(&self, simulation: usize, change: impl FnOnce(&mut (Option<Moments>, Option<End>))) {
        let kept = &self.simulations[simulation];
        change(&mut kept.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Recorder for Streamed {
    fn takes(&self) -> Takes {
        Takes {
            samples: self.held.as_ref().is_some_and(Held::is_of_state),
            moments: true,
        }
    }

    fn record(&self, simulation: usize, first_sample: usize, samples: ArrayView3<'_, f32>) {
        if let Some(held) = &self.held {
            held.record(simulation, first_sample, samples);
        }
    }

    fn observe(
        &self,
        simulation: usize,
        monitor: usize,
        first_sample: usize,
        samples: ArrayView2<'_, f32>,
    ) {
        if let Some(held) = &self.held {
            held.observe(simulation, monitor, first_sample, samples);
        }
    }

    fn moments(&self, simulation: usize, moments: Moments) {
        self.with(simulation, |kept| kept.0 = Some(moments));
    }

    fn finish(&self, simulation: usize, end: End) {
        self.with(simulation, |kept| kept.1 = Some(end));
    }
}
