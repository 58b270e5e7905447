//! The backend that a sweep runs on, and another one when it fails.

use std::sync::{Mutex, PoisonError, RwLock};

use super::fill::lock;
use crate::backend::{Backend, Device};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::record::Recorder;

/// Attempts with a device that failed, each with smaller dispatches than the one before.
const ATTEMPTS: usize = 3;

/// Opens the device of a failed backend again, to be given less at a time; `None` after three
/// attempts, or where there is nothing to open.
pub fn reopen(attempt: usize, failed: &dyn Backend) -> Option<Result<Box<dyn Backend>>> {
    match attempt < ATTEMPTS {
        true => failed.reopened(),
        false => None,
    }
}

/// The backend in use, and how to get another when it fails.
pub(in crate::run) struct Machine<'a> {
    slot: RwLock<Slot>,
    /// One batch at a time on a device.
    turn: Mutex<()>,
    n_threads: usize,
    /// Opens a backend for the attempt of this number; `None` if there is no further one to try.
    reopen: Reopen<'a>,
}

/// Opens the backend of an attempt, after the one before it failed with this error.
pub type Reopen<'a> =
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

    /// What it runs on now, and with which kernels it did.
    pub fn device(&self) -> Device {
        let slot = self.slot.read().unwrap_or_else(PoisonError::into_inner);
        slot.backend.device_used()
    }

    /// Whether batches run one after another.
    pub fn is_device(&self) -> bool {
        self.device().backend != "cpu"
    }

    /// Chunks in the making at any time.
    pub fn n_drivers(&self) -> usize {
        if self.is_device() { 2 } else { self.n_threads }
    }

    /// Runs a plan; which attempt it was.
    pub fn run(
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
    pub fn recover(&self, attempt: usize, error: Error) -> Result<()> {
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        if slot.attempt != attempt {
            return Ok(());
        }
        slot.backend = (self.reopen)(attempt + 1, &*slot.backend, &error).unwrap_or(Err(error))?;
        slot.attempt += 1;
        Ok(())
    }
}
