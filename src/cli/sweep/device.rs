//! On which device a sweep runs, and on which it goes on after a failure.

use super::Args;
use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::cli::output::note;
use crate::error::{Error, Result};
use crate::run::{StoredSweep, reopen};

/// The backend for a sweep; the CPU if a GPU cannot be had and the CPU may stand in for it.
pub(super) fn select(args: &Args, stored: &StoredSweep) -> Result<Box<dyn Backend>> {
    if args.or_cpu && args.backend.is_cpu() {
        let why = "--backend cpu takes no GPU that could fail";
        let hint = "leave out one of the two";
        return Err(Error::not_applicable("--or-cpu", why, hint));
    }
    let n_replicas = stored.sweep().n_replicas();
    match args.backend.select(n_replicas, stored.plan()) {
        Err(error @ Error::Device(_)) if args.or_cpu => {
            note(&format!("{error}; going on on the CPU"));
            Ok(Box::new(Cpu::new()))
        }
        selected => selected,
    }
}

/// Another backend after `error`: the same device with smaller dispatches, and then, if told to, the
/// CPU.
pub(super) fn another(
    or_cpu: bool,
    attempt: usize,
    failed: &dyn Backend,
    error: &Error,
) -> Option<Result<Box<dyn Backend>>> {
    if let Some(Ok(backend)) = reopen(attempt, failed) {
        note(&format!(
            "{error}; the device was opened again, for less at a time"
        ));
        return Some(Ok(backend));
    }
    if or_cpu && failed.device().backend != "cpu" {
        note(&format!("{error}; going on on the CPU"));
        return Some(Ok(Box::new(Cpu::new())));
    }
    None
}
