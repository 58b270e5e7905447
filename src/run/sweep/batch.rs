//! What is measured of the replicas that run together, and what is kept of them on their way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use ndarray::{ArrayView2, ArrayView3};
use rayon::prelude::*;

use super::checkpoint::{Journey, Kept};
use super::chunk::Chunk;
use super::fill::{Work, lock, takes};
use super::means::Mean;
use crate::error::{Error, Result};
use crate::measure::Measures;
use crate::plan::Plan;
use crate::record::{Checkpoints, End, Held, Moments, Passage, Recorder, Snapshot, Takes};
use crate::sweep::Replica;

/// Measures the replicas of a batch as they end.
pub(super) struct BatchMeasures<'a, 'r> {
    work: &'a Work<'r>,
    journey: &'a Journey<'a, 'r>,
    replicas: Vec<(Replica, &'a Mutex<Chunk<'r>>)>,
    n_steps: u32,
    /// Replicas that came to their end, or diverged.
    n_whole: AtomicUsize,
    /// The samples of replicas on their way, where measures are made of them.
    held: Option<Held>,
    /// Moments to be measured when the run is over: a device hands them over one by one, and others wait for it meanwhile.
    later: Option<Mutex<Vec<(usize, Moments)>>>,
    failed: Mutex<Option<Error>>,
}

impl<'a, 'r> BatchMeasures<'a, 'r> {
    /// Of these replicas, in the order of the plan, and what brought their means to their targets.
    pub fn new(
        (work, journey): (&'a Work<'r>, &'a Journey<'a, 'r>),
        replicas: &[Replica],
        (plan, means): (&Plan, &[Option<Arc<Mean>>]),
        is_device: bool,
    ) -> Self {
        let owned = replicas
            .iter()
            .map(|replica| (*replica, journey.filling(replica)));
        let measures = Self {
            work,
            journey,
            replicas: owned.collect(),
            n_steps: plan.n_steps,
            n_whole: AtomicUsize::new(0),
            held: work.scope.needs_samples().then(|| Held::new(plan)),
            later: is_device.then(Mutex::default),
            failed: Mutex::new(None),
        };
        let held = plan.held.iter().zip(means);
        for ((replica, filling), (held, mean)) in measures.replicas.iter().zip(held) {
            let mean = mean.as_deref().and_then(|mean| mean.as_ref().ok());
            lock(filling).put_held(replica.index, held, mean);
        }
        measures
    }

    /// Measures what was put off; whether all replicas came to their end, or diverged.
    ///
    /// # Errors
    /// Why one could not be measured.
    pub fn is_whole(&self) -> Result<bool> {
        self.measure_later();
        match lock(&self.failed).take() {
            Some(error) => Err(error),
            None => Ok(self.n_whole.load(Ordering::Relaxed) == self.replicas.len()),
        }
    }

    /// Measures one replica.
    fn measure(&self, simulation: usize, moments: Moments) {
        let (replica, filling) = &self.replicas[simulation];
        let functional = self.work.sweep.base().connectome.functional.as_ref();
        match Measures::new(moments, functional) {
            Ok(measures) => {
                let measures = match &self.held {
                    Some(held) => {
                        measures.with_samples(held.take(simulation), self.work.scope.clone())
                    }
                    None => measures,
                };
                if functional.is_some() {
                    self.work.note(measures.mean_score());
                }
                Chunk::put(filling, replica.index, &measures);
            }
            Err(error) => {
                lock(&self.failed).get_or_insert(error);
            }
        }
    }

    /// Measures what was put off, on all threads.
    fn measure_later(&self) {
        let later = self
            .later
            .as_ref()
            .map(|later| std::mem::take(&mut *lock(later)));
        let all = later.unwrap_or_default().into_par_iter();
        all.for_each(|(simulation, moments)| self.measure(simulation, moments));
    }
}

impl Recorder for BatchMeasures<'_, '_> {
    fn takes(&self) -> Takes {
        takes(self.work.sweep)
    }

    fn record(&self, simulation: usize, first_sample: usize, samples: ArrayView3<'_, f32>) {
        let (replica, filling) = &self.replicas[simulation];
        lock(filling).put_samples(replica.index, first_sample, samples);
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
        if self.work.sweep.kept_monitors().contains(&monitor) {
            let (replica, filling) = &self.replicas[simulation];
            lock(filling).put_observed(replica.index, monitor, first_sample, samples);
        }
        if let Some(held) = &self.held {
            held.observe(simulation, monitor, first_sample, samples);
        }
    }

    fn moments(&self, simulation: usize, moments: Moments) {
        match &self.later {
            Some(later) => lock(later).push((simulation, moments)),
            None => self.measure(simulation, moments),
        }
    }

    fn finish(&self, simulation: usize, end: End) {
        let (replica, filling) = &self.replicas[simulation];
        if let Some(divergence) = end.divergence {
            lock(filling).put_divergence(replica.index, divergence.time_ms);
        } else if end.n_steps < self.n_steps {
            return;
        }
        self.n_whole.fetch_add(1, Ordering::Relaxed);
        if self.later.is_none() {
            self.journey.finish(*replica);
        }
    }

    fn checkpoints(&self) -> Option<&dyn Checkpoints> {
        self.journey.has_checkpoints().then_some(self)
    }
}

impl Checkpoints for BatchMeasures<'_, '_> {
    fn n_steps(&self, simulation: usize) -> u32 {
        let kept = self.journey.on_its_way(&self.replicas[simulation].0);
        kept.map_or(0, |kept| kept.n_steps)
    }

    fn words(&self, simulation: usize) -> Option<Vec<u32>> {
        let kept = self.journey.on_its_way(&self.replicas[simulation].0);
        kept.map(|kept| kept.backend.clone())
    }

    fn go_on(&self, simulation: usize) {
        let (replica, filling) = &self.replicas[simulation];
        let Some(kept) = self.journey.on_its_way(replica) else {
            return;
        };
        let mut passage = Passage::back(&kept.recorded);
        if let Some(held) = &self.held {
            held.pass(simulation, &mut passage);
        }
        lock(filling).pass(replica.index, &mut passage);
        self.journey.note_resumed(kept);
    }

    fn due(&self) -> Instant {
        self.journey.due()
    }

    fn is_worthwhile(&self) -> bool {
        self.journey.is_worthwhile()
    }

    fn keep(&self, snapshots: Vec<Snapshot>) {
        let keep = |snapshot: Snapshot| {
            let (replica, filling) = &self.replicas[snapshot.simulation];
            let mut recorded = Vec::new();
            let mut passage = Passage::out(&mut recorded);
            if let Some(held) = &self.held {
                held.pass(snapshot.simulation, &mut passage);
            }
            lock(filling).pass(replica.index, &mut passage);
            let kept = Kept {
                index: replica.index,
                n_steps: snapshot.n_steps,
                backend: snapshot.words,
                recorded,
            };
            (replica.chunk, kept)
        };
        self.journey.keep(snapshots.into_iter().map(keep));
    }
}
