//! Keeps every sample.

use std::sync::Mutex;

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, s};

use super::{End, Recorder};
use crate::error::{Error, Result};
use crate::plan::{Observing, Plan};
use crate::study::key::RECORD_EVERY;

/// Bytes of samples that are kept at most.
pub const LIMIT_BYTES: u64 = 16 << 30;

/// Keeps every sample of every simulation.
#[derive(Debug)]
pub struct Raw {
    simulations: Vec<Mutex<Kept>>,
}

/// Samples, how many of them are filled, and the end once it has come; and what each monitor has shown.
type Kept = (Array3<f32>, usize, Option<End>, Vec<Vec<f32>>);

/// One simulation's samples and end.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// `[n_samples, n_recorded_states, n_nodes]`; fewer samples than planned if it was stopped or diverged.
    pub samples: Array3<f32>,
    /// What each monitor showed of the nodes, `[n_samples, n_nodes]`; fewer samples than planned as above.
    pub observed: Vec<Array2<f32>>,
    /// How it ended.
    pub end: End,
}

impl Raw {
    /// Room for all samples of a plan.
    ///
    /// # Errors
    /// [`Error::Study`] if they would need more than [`LIMIT_BYTES`], or more than the system gives.
    pub fn new(plan: &Plan) -> Result<Self> {
        let bytes = plan
            .bytes_recorded()
            .saturating_mul(plan.n_simulations() as u64);
        let too_much = |rule: &str| {
            let problem = format!(
                "{} makes {:.1} GiB of samples: {rule}",
                RECORD_EVERY.path,
                bytes as f64 / 2f64.powi(30)
            );
            let hint = "record less often, fewer states, or a shorter duration";
            Err(Error::conflict(problem, hint))
        };
        if bytes > LIMIT_BYTES {
            return too_much("at most 16 GiB are kept");
        }
        let shape = (
            plan.recording.n_samples,
            plan.recording.states.len(),
            plan.n_nodes,
        );
        let mut simulations = Vec::new();
        for _ in 0..plan.n_simulations() {
            if Vec::<f32>::new()
                .try_reserve_exact(shape.0 * shape.1 * shape.2)
                .is_err()
            {
                return too_much(
                    "this machine has not that much memory; record less often or fewer states",
                );
            }
            // The system gives pages of zeros only once they are written to.
            let shown = |one: &Observing| Vec::with_capacity(one.n_samples * plan.n_nodes);
            let observed = plan.monitors.iter().map(shown).collect();
            simulations.push(Mutex::new((Array3::zeros(shape), 0, None, observed)));
        }
        Ok(Self { simulations })
    }

    /// What was kept, per simulation; those that never started are left out.
    pub fn into_recorded(self) -> Vec<Recorded> {
        self.simulations
            .into_iter()
            .filter_map(|simulation| {
                let (samples, n_samples, end, observed) = simulation
                    .into_inner()
                    .unwrap_or_else(|poisoned| poisoned.into_inner());
                let mut samples = samples;
                samples.slice_collapse(s![..n_samples, .., ..]);
                let n_nodes = samples.len_of(ndarray::Axis(2));
                let shaped = |samples: Vec<f32>| {
                    let shape = (samples.len() / n_nodes, n_nodes);
                    Array2::from_shape_vec(shape, samples).expect("whole samples")
                };
                Some(Recorded {
                    samples,
                    observed: observed.into_iter().map(shaped).collect(),
                    end: end?,
                })
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
        self.with(simulation, |(all, n_samples, ..)| {
            all.slice_mut(s![first_sample..end, .., ..])
                .assign(&samples);
            *n_samples = end;
        });
    }

    fn observe(
        &self,
        simulation: usize,
        monitor: usize,
        _first_sample: usize,
        samples: ArrayView2<'_, f32>,
    ) {
        self.with(simulation, |kept| kept.3[monitor].extend(samples.iter()));
    }

    fn finish(&self, simulation: usize, end: End) {
        self.with(simulation, |kept| kept.2 = Some(end));
    }
}
