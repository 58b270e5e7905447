//! Holds the samples of the measured signal until the measures of a simulation are made.

use std::sync::{Mutex, PoisonError};

use ndarray::{Array2, ArrayView2, ArrayView3, Axis};

use super::Passage;
use crate::plan::Plan;

/// Holds the samples after the transient, of the measured monitor (see [`Plan::measured`]) or of the first recorded state, of every
/// simulation of a plan, each until it is taken.
#[derive(Debug)]
pub struct Held {
    n_nodes: usize,
    monitor: Option<usize>,
    n_transient: usize,
    /// After the transient.
    n_samples: usize,
    /// `[sample][node]`, per simulation.
    simulations: Vec<Mutex<Vec<f32>>>,
}

impl Held {
    /// Nothing held yet.
    pub fn new(plan: &Plan) -> Self {
        let monitor = plan.measured();
        let (n_samples, n_transient) = match monitor.map(|k| &plan.monitors[k]) {
            Some(one) => (one.n_samples, one.n_transient),
            None => (plan.recording.n_samples, plan.recording.n_transient),
        };
        Self {
            n_nodes: plan.n_nodes,
            monitor,
            n_transient,
            n_samples: n_samples.saturating_sub(n_transient),
            simulations: (0..plan.n_simulations())
                .map(|_| Mutex::default())
                .collect(),
        }
    }

    /// Whether it takes the samples of a recorded state, and not those of a monitor.
    pub fn is_of_state(&self) -> bool {
        self.monitor.is_none()
    }

    /// Takes samples as [`Recorder::record`](super::Recorder::record) does.
    pub fn record(&self, simulation: usize, first: usize, samples: ArrayView3<'_, f32>) {
        if self.is_of_state() {
            self.push(simulation, first, samples.index_axis(Axis(1), 0));
        }
    }

    /// Takes samples as [`Recorder::observe`](super::Recorder::observe) does.
    pub fn observe(
        &self,
        simulation: usize,
        monitor: usize,
        first: usize,
        samples: ArrayView2<'_, f32>,
    ) {
        if self.monitor == Some(monitor) {
            self.push(simulation, first, samples);
        }
    }

    /// The samples of a simulation, `[n_samples, n_nodes]`, which are held no longer.
    pub fn take(&self, simulation: usize) -> Array2<f64> {
        let mut held = self.lock(simulation);
        let samples = std::mem::take(&mut *held);
        let shape = (samples.len() / self.n_nodes, self.n_nodes);
        let samples = samples.into_iter().map(f64::from).collect();
        Array2::from_shape_vec(shape, samples).expect("whole samples")
    }

    /// Passes what is held of a simulation.
    pub fn pass(&self, simulation: usize, passage: &mut Passage) {
        passage.singles(&mut self.lock(simulation));
    }

    fn push(&self, simulation: usize, first: usize, samples: ArrayView2<'_, f32>) {
        let n_left_out = self.n_transient.saturating_sub(first);
        let rows = samples.outer_iter().skip(n_left_out);
        let mut held = self.lock(simulation);
        // Grown as they come, samples would take up to twice their memory.
        if held.capacity() == 0 {
            held.reserve_exact(self.n_samples * self.n_nodes);
        }
        rows.for_each(|row| held.extend(row.iter()));
    }

    fn lock(&self, simulation: usize) -> std::sync::MutexGuard<'_, Vec<f32>> {
        let held = self.simulations[simulation].lock();
        held.unwrap_or_else(PoisonError::into_inner)
    }
}
