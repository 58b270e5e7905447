//! Runs the chunks of a sweep that are not done, and writes each when it is whole.
//!
//! Drivers take chunks in order, those that no other process has claimed. On the CPU there is one per thread, all feeding the same pool, so that many small batches (a sweep of
//! speeds has one per speed) keep it as busy as a few large ones. A device takes batches one after another, made larger by taking
//! chunks together; a second driver prepares and writes meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use super::arrays::Arrays;
use super::batch::BatchMeasures;
use super::checkpoint::{Journey, Keeping};
use super::chunk::Chunk;
use super::machine::Machine;
use super::means::Means;
use super::queue::Queue;
use super::unheld::Runnable;
use super::{Shard, StoredSweep};
use crate::backend::Device;
use crate::control::{Control, Progress};
use crate::error::{Error, Result};
use crate::io::store::Store;
use crate::measure::Scope;
use crate::record::Takes;
use crate::sweep::{Batch, Chunks, Sweep};

/// Replicas and bytes of results that a device is given together.
pub(super) const DEVICE_REPLICAS: usize = 16_384;
const DEVICE_BYTES: u64 = 256 << 20;

/// How a run that filled a store ended.
#[derive(Debug)]
pub struct Filled {
    /// What it ran on in the end.
    pub device: Device,
    /// The part of the sweep that it ran.
    pub shard: Option<Shard>,
    /// Chunks of the whole sweep that nobody has written yet, by number.
    pub missing: Vec<usize>,
    /// Replicas in chunks that this run wrote.
    pub n_replicas: usize,
    /// Replicas that went on from a checkpoint.
    pub n_resumed: usize,
    /// Steps that these had done, summed over them.
    pub n_steps_resumed: u64,
    /// Checkpoints that were damaged or of another sweep, so that what they were of began anew.
    pub n_unsound: usize,
    /// Why a checkpoint could not be written, if one could not.
    pub unkept: Option<Error>,
    /// Steps of a replica.
    pub n_steps: u32,
    /// Seconds it took.
    pub wall_s: f64,
    /// Whether it was stopped.
    pub interrupted: bool,
    /// What else ended it early.
    pub outcome: Result<()>,
}

impl Filled {
    /// Steps of replicas per second, without those that checkpoints spared.
    pub fn rate(&self) -> f64 {
        let n_steps = self.n_replicas as u64 * u64::from(self.n_steps);
        n_steps.saturating_sub(self.n_steps_resumed) as f64 / self.wall_s
    }

    /// Whether every chunk of the sweep is there.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// Chunks that are missing, by the shard whose they are: its number, and how many. Empty where
    /// there are no shards.
    pub fn missing_by_shard(&self) -> Vec<(usize, usize)> {
        let Some(Shard { of, .. }) = self.shard else {
            return Vec::new();
        };
        let count = |number: usize| {
            let one = Shard { number, of };
            self.missing.iter().filter(|chunk| one.has(**chunk)).count()
        };
        let all = (1..=of).map(|number| (number, count(number)));
        all.filter(|(_, n)| *n > 0).collect()
    }
}

/// What all drivers share.
pub(super) struct Work<'a> {
    pub sweep: &'a Sweep,
    pub scope: &'a Arc<Scope>,
    pub keeping: Keeping<'a>,
    chunks: &'a Chunks,
    arrays: &'a Arrays,
    store: &'a Store,
    machine: &'a Machine<'a>,
    control: &'a Control,
    means: Means,
    /// Steps of a replica.
    n_steps: u32,
    /// Replicas that are left to this process, and those in chunks that it wrote.
    n_planned: AtomicUsize,
    n_done: AtomicUsize,
    /// The best mean score of a single replica so far.
    best_score: Mutex<Option<f64>>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Work<'a> {
    /// The work of filling `store`, which lacks the chunks `todo`, with so much time between two checkpoints.
    pub fn new(
        of: &'a StoredSweep,
        store: &'a Store,
        machine: &'a Machine<'a>,
        control: &'a Control,
        (todo, every): (&[usize], Duration),
    ) -> Self {
        Self {
            sweep: &of.sweep,
            scope: &of.scope,
            keeping: Keeping::new(store, every),
            chunks: &of.chunks,
            arrays: &of.arrays,
            store,
            machine,
            control,
            means: Means::default(),
            n_steps: of.plan.n_steps,
            n_planned: AtomicUsize::new(of.n_replicas_in(todo)),
            n_done: AtomicUsize::new(0),
            best_score: Mutex::new(None),
        }
    }

    /// Replicas in chunks that were written.
    pub fn n_replicas(&self) -> usize {
        self.n_done.load(Ordering::Relaxed)
    }

    /// Notes the mean score of a replica.
    pub fn note(&self, score: f64) {
        let mut best = lock(&self.best_score);
        if best.is_none_or(|best| score > best) && !score.is_nan() {
            *best = Some(score);
        }
    }

    /// Tells how many replicas there are.
    fn tell(&self) {
        let best_score = *lock(&self.best_score);
        self.control.goes_on(Progress::Replicas {
            n_done: self.n_replicas(),
            n_planned: self.n_planned.load(Ordering::Relaxed),
            best_score,
        });
    }

    /// Leaves to others a chunk that one of them has finished.
    fn leave(&self, chunk: usize) {
        let n_replicas = self.chunks.replicas(chunk).count();
        self.n_planned.fetch_sub(n_replicas, Ordering::Relaxed);
        let n_steps = n_replicas as u64 * u64::from(self.n_steps);
        self.control.add_steps(n_steps);
        self.tell();
    }

    /// Runs `todo`, chunks by number, until all are done or [`Control::stop`] is called. With `waits`, chunks that other processes
    /// have claimed are waited for, and taken over where a process ends.
    pub fn run(&self, todo: &[usize], waits: bool) -> Result<()> {
        self.tell();
        let queue = Queue::new((self.store, self.chunks), todo, waits, self.control);
        let failed = Mutex::new(None);
        let together = self.together();
        let turn = || -> Result<bool> {
            let Some(claimed) = queue.next(together, |chunk| self.leave(chunk))? else {
                return Ok(false);
            };
            self.drive(&claimed.chunks)?;
            Ok(true)
        };
        let driver = || {
            while !self.control.is_stopped() {
                match turn() {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        lock(&failed).get_or_insert(error);
                        self.control.stop();
                    }
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
        let held = bytes_waiting(self.sweep, self.scope);
        let bytes = (self.arrays.bytes_per_replica() + held) * room as u64;
        (DEVICE_REPLICAS / room)
            .min((DEVICE_BYTES / bytes.max(1)) as usize)
            .max(1)
    }

    /// Runs some chunks, from their start again if the device fails on the way, and writes them.
    fn drive(&self, chunks: &[usize]) -> Result<()> {
        loop {
            match self.attempt(chunks) {
                Err((attempt, error @ Error::Device(_))) => self.machine.recover(attempt, error)?,
                outcome => return outcome.map_err(|(_, error)| error),
            }
        }
    }

    fn attempt(&self, chunks: &[usize]) -> std::result::Result<(), (usize, Error)> {
        let filling = |&chunk: &usize| {
            (
                chunk,
                Mutex::new(Chunk::new(self.arrays, self.chunks.room())),
            )
        };
        let fillings: Vec<_> = chunks.iter().map(filling).collect();
        let own = |error| (0, error);
        let journey = Journey::new(&self.keeping, &fillings, self.scope, self.n_steps);
        let n_whole = journey.n_whole();
        self.control
            .add_steps(n_whole as u64 * u64::from(self.n_steps));
        let mut n_replicas = n_whole;
        for Batch { mut replicas } in self.chunks.batches(self.sweep, chunks) {
            replicas.retain(|replica| !journey.is_whole(replica));
            if replicas.is_empty() {
                continue;
            }
            n_replicas += replicas.len();
            let running = (self.machine, self.control);
            let means = match self.means.of(self.sweep, &replicas, running) {
                Err((_, Error::Interrupted)) => {
                    journey.stop();
                    return Ok(());
                }
                means => means?,
            };
            let batch = Runnable::new(self.sweep, replicas, means).map_err(own)?;
            for replica in batch.unheld {
                lock(journey.filling(&replica)).put_unheld(replica.index);
                self.control.add_steps(u64::from(self.n_steps));
                journey.finish(replica);
            }
            let Some(plan) = batch.plan else {
                continue;
            };
            let held = (&plan, &batch.means[..]);
            let is_device = self.machine.is_device();
            let recorder = BatchMeasures::new((self, &journey), &batch.replicas, held, is_device);
            self.machine.run(&plan, &recorder, self.control)?;
            if !recorder.is_whole().map_err(own)? {
                // Stopped on the way.
                journey.stop();
                return Ok(());
            }
        }
        for (chunk, filling) in fillings {
            let filling = filling.into_inner().unwrap_or_else(PoisonError::into_inner);
            filling
                .write(self.store, &self.chunks.indices(chunk))
                .map_err(own)?;
            self.store.forget(chunk);
        }
        if n_replicas > 0 {
            self.n_done.fetch_add(n_replicas, Ordering::Relaxed);
            self.tell();
        }
        Ok(())
    }
}

/// What is taken of every replica.
pub(super) fn takes(sweep: &Sweep) -> Takes {
    let study = sweep.base();
    let is_of_state = study.monitors.iter().all(|one| one.matrix.is_some());
    let is_made_of_state = is_of_state && !study.measure.make.is_empty();
    Takes {
        samples: !sweep.kept_states().is_empty() || is_made_of_state,
        moments: true,
    }
}

/// Bytes of the samples that are held of a replica until its measures are made.
fn bytes_held(scope: &Scope) -> u64 {
    match scope.needs_samples() {
        true => 4 * (scope.n_samples * scope.n_nodes) as u64,
        false => 0,
    }
}

/// The same with those of which moments are made at the end: of the measured monitor, where there is one.
pub(super) fn bytes_waiting(sweep: &Sweep, scope: &Scope) -> u64 {
    let mut monitors = sweep.base().monitors.iter();
    let of_moments = match monitors.any(|one| one.matrix.is_none()) {
        true => 4 * (scope.n_samples * scope.n_nodes) as u64,
        false => 0,
    };
    bytes_held(scope) + of_moments
}

#[cfg(test)]
mod tests;
