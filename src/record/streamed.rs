//! Keeps the moments and no samples.

use std::sync::{Mutex, PoisonError};

use super::{End, Moments, Recorder, Takes};
use crate::plan::Plan;

/// Keeps the [`Moments`] of every simulation: what a sweep needs, a few kilobytes each whatever the run's length.
#[derive(Debug)]
pub struct Streamed {
    simulations: Vec<Mutex<(Option<Moments>, Option<End>)>>,
}

impl Streamed {
    /// Room for the moments of a plan.
    pub fn new(plan: &Plan) -> Self {
        let simulations = (0..plan.n_simulations()).map(|_| Mutex::default());
        Self {
            simulations: simulations.collect(),
        }
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
        Takes::MOMENTS
    }

    fn moments(&self, simulation: usize, moments: Moments) {
        self.with(simulation, |kept| kept.0 = Some(moments));
    }

    fn finish(&self, simulation: usize, end: End) {
        self.with(simulation, |kept| kept.1 = Some(end));
    }
}
