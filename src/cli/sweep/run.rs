//! Runs the chunks of a sweep that are not done, and writes each when it is whole.
//!
//! Drivers take chunks in order. On the CPU there is one per thread, all feeding the same pool, so that many small batches (a sweep of
//! speeds has one per speed) keep it as busy as a few large ones. A device takes batches one after another, made larger by taking
//! chunks together; a second driver prepares and writes meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::Builder;

use ndarray::ArrayView3;
use rayon::prelude::*;

use super::filling::{Filling, Measured};
use super::journal;
use super::results::Results;
use crate::backend::{Backend, Control, Device};
use crate::error::{Error, Result};
use crate::io::store::Store;
use crate::plan::Plan;
use crate::record::{End, Moments, Recorder, Takes};
use crate::sweep::{Batch, Cell, Chunks, Sweep};

/// Replicas and bytes of results that a device is given together.
pub(super) const DEVICE_REPLICAS: usize = 16_384;
const DEVICE_BYTES: u64 = 256 << 20;
/// Bytes of one replica's numbers while its plan is made, about.
pub(super) const BYTES_OF_A_STUDY: u64 = 4096;
/// Simulations side by side on one thread, at most.
pub(super) const LANES: u64 = 16;

/// What all drivers share.
pub(super) struct Work<'a> {
    pub sweep: &'a Sweep,
    pub chunks: &'a Chunks,
    pub results: &'a Results,
    pub store: &'a Store,
    pub machine: &'a Machine<'a>,
    pub control: &'a Control,
    pub tally: &'a Tally,
}

/// How far a run is.
#[derive(Default)]
pub(super) struct Tally {
    /// Replicas in chunks that this run wrote.
    pub replicas: AtomicUsize,
    /// Chunks that this run wrote.
    pub chunks: AtomicUsize,
    /// The best mean score seen, of a single replica.
    best: Mutex<Option<f64>>,
}

impl Tally {
    /// The best mean score of a single replica so far.
    pub fn best(&self) -> Option<f64> {
        *lock(&self.best)
    }

    /// Notes a score.
    pub fn note(&self, score: f64) {
        let mut best = lock(&self.best);
        if best.is_none_or(|best| score > best) && !score.is_nan() {
            *best = Some(score);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The backend in use, and how to get another when it fails.
pub(super) struct Machine<'a> {
    slot: RwLock<Slot>,
    /// One batch at a time on a device.
    turn: Mutex<()>,
    n_threads: usize,
    /// Opens a backend for the attempt of this number; `None` if there is no further one to try.
    reopen: Reopen<'a>,
}

/// Opens the backend of an attempt, after the one before it failed with this error.
pub(super) type Reopen<'a> =
    &'a (dyn Fn(usize, &dyn Backend, &Error) -> Option<Result<Box<dyn Backend>>> + Sync);

struct Slot {
    backend: Box<dyn Backend>,
    attempt: usize,
}

impl<'a> Machine<'a> {
    /// `backend` with so many threads, or others once it fails.
    pub fn new(backend: Box<dyn Backend>, n_threads: usize, reopen: Reopen<'a>) -> Self {
        Self {
            slot: RwLock::new(Slot {
                backend,
                attempt: 0,
            }),
            turn: Mutex::new(()),
            n_threads,
            reopen,
        }
    }

    /// What it runs on now.
    pub fn device(&self) -> Device {
        self.slot
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .backend
            .device()
            .clone()
    }

    /// Whether batches run one after another.
    fn is_device(&self) -> bool {
        self.device().backend != "cpu"
    }

    /// Chunks in the making at any time.
    pub fn n_drivers(&self) -> usize {
        if self.is_device() { 2 } else { self.n_threads }
    }

    /// Runs a plan; which attempt it was.
    fn run(
        &self,
        plan: &Plan,
        recorder: &dyn Recorder,
        control: &Control,
    ) -> std::result::Result<(), (usize, Error)> {
        let slot = self.slot.read().unwrap_or_else(PoisonError::into_inner);
        let _turn = (slot.backend.device().backend != "cpu").then(|| lock(&self.turn));
        slot.backend
            .run(plan, recorder, control)
            .map_err(|error| (slot.attempt, error))
    }

    /// After `error` in attempt number `attempt`: a new backend, unless another driver has made one.
    fn recover(&self, attempt: usize, error: Error) -> Result<()> {
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        if slot.attempt != attempt {
            return Ok(());
        }
        slot.backend = (self.reopen)(attempt + 1, &*slot.backend, &error).unwrap_or(Err(error))?;
        slot.attempt += 1;
        Ok(())
    }
}

impl Work<'_> {
    /// Runs `todo`, chunks by number, until all are done or [`Control::stop`] is called.
    pub fn run(&self, todo: &[usize]) -> Result<()> {
        let next = AtomicUsize::new(0);
        let failed = Mutex::new(None);
        let together = self.together();
        let driver = || {
            while !self.control.is_stopped() {
                let first = next.fetch_add(together, Ordering::Relaxed);
                let Some(rest) = todo.get(first..) else { break };
                let chunks = &rest[..together.min(rest.len())];
                if let Err(error) = self.drive(chunks) {
                    lock(&failed).get_or_insert(error);
                    self.control.stop();
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.machine.n_drivers().min(todo.len()) {
                // Fewer drivers do the same work where the system gives no more threads.
                if Builder::new().spawn_scoped(scope, driver).is_err() {
                    break;
                }
            }
            driver();
        });
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Chunks that run together.
    fn together(&self) -> usize {
        if !self.machine.is_device() {
            return 1;
        }
        let room = self.chunks.room();
        let bytes = self.results.bytes_per_replica() * room as u64;
        (DEVICE_REPLICAS / room)
            .min((DEVICE_BYTES / bytes.max(1)) as usize)
            .max(1)
    }

    /// Runs some chunks, from their start again if the device fails on the way, and writes them.
    fn drive(&self, chunks: &[usize]) -> Result<()> {
        // Another process may have been here since the store was looked at.
        let mut left = Vec::new();
        for &chunk in chunks {
            if !journal::is_done(self.store, self.chunks, chunk)? {
                left.push(chunk);
            }
        }
        loop {
            match self.attempt(&left) {
                Err((attempt, error @ Error::Device(_))) => self.machine.recover(attempt, error)?,
                outcome => return outcome.map_err(|(_, error)| error),
            }
        }
    }

    fn attempt(&self, chunks: &[usize]) -> std::result::Result<(), (usize, Error)> {
        let filling = |&chunk: &usize| {
            (
                chunk,
                Mutex::new(Filling::new(self.results, self.chunks.room())),
            )
        };
        let fillings: Vec<_> = chunks.iter().map(filling).collect();
        let mut n_replicas = 0;
        for Batch { cells } in self.chunks.batches(self.sweep, chunks) {
            n_replicas += cells.len();
            let studies = cells
                .iter()
                .map(|cell| self.sweep.study(cell.point, cell.seed));
            let studies = studies
                .collect::<Result<Vec<_>>>()
                .map_err(|error| (0, error))?;
            let plan = Plan::batch(&studies).map_err(|error| (0, error))?;
            drop(studies);
            let places = cells.iter().map(|cell| {
                let filling = fillings.iter().find(|(chunk, _)| *chunk == cell.chunk);
                (*cell, &filling.expect("a batch is of these chunks").1)
            });
            let recorder = Cells {
                work: self,
                places: places.collect(),
                n_steps: plan.n_steps,
                n_whole: AtomicUsize::new(0),
                later: self.machine.is_device().then(Mutex::default),
                failed: Mutex::new(None),
            };
            self.machine.run(&plan, &recorder, self.control)?;
            recorder.measure_later();
            if let Some(error) = lock(&recorder.failed).take() {
                return Err((0, error));
            }
            if recorder.n_whole.load(Ordering::Relaxed) < cells.len() {
                // Stopped on the way.
                return Ok(());
            }
        }
        for (chunk, filling) in fillings {
            let filling = filling.into_inner().unwrap_or_else(PoisonError::into_inner);
            filling
                .write(self.store, &self.chunks.indices(chunk))
                .map_err(|error| (0, error))?;
            self.tally.chunks.fetch_add(1, Ordering::Relaxed);
        }
        self.tally.replicas.fetch_add(n_replicas, Ordering::Relaxed);
        Ok(())
    }
}

/// What is taken of every replica.
pub(super) fn takes(sweep: &Sweep) -> Takes {
    Takes {
        samples: !sweep.kept_states().is_empty(),
        moments: true,
    }
}

/// Measures the replicas of a batch as they end.
struct Cells<'a, 'r> {
    work: &'a Work<'r>,
    places: Vec<(Cell, &'a Mutex<Filling<'r>>)>,
    n_steps: u32,
    /// Replicas that came to their end, or diverged.
    n_whole: AtomicUsize,
    /// Moments to be measured when the run is over: a device hands them over one by one, and others wait for it meanwhile.
    later: Option<Mutex<Vec<(usize, Moments)>>>,
    failed: Mutex<Option<Error>>,
}

impl Cells<'_, '_> {
    /// Measures one replica.
    fn measure(&self, simulation: usize, moments: Moments) {
        let (cell, filling) = &self.places[simulation];
        match Measured::new(self.work.sweep, moments) {
            Ok(measured) => {
                if let Some(score) = measured.mean_score() {
                    self.work.tally.note(score);
                }
                lock(filling).put(cell.place, &measured);
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

impl Recorder for Cells<'_, '_> {
    fn takes(&self) -> Takes {
        takes(self.work.sweep)
    }

    fn record(&self, simulation: usize, first_sample: usize, samples: ArrayView3<'_, f32>) {
        let (cell, filling) = &self.places[simulation];
        lock(filling).put_samples(cell.place, first_sample, samples);
    }

    fn moments(&self, simulation: usize, moments: Moments) {
        match &self.later {
            Some(later) => lock(later).push((simulation, moments)),
            None => self.measure(simulation, moments),
        }
    }

    fn finish(&self, simulation: usize, end: End) {
        let (cell, filling) = &self.places[simulation];
        if let Some(divergence) = end.divergence {
            lock(filling).put_divergence(cell.place, divergence.time_ms);
        } else if end.n_steps < self.n_steps {
            return;
        }
        self.n_whole.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
