//! The threads that the commands run on: all of them started in one place, before any work.

use std::fmt;
use std::sync::OnceLock;

use crate::error::{DeviceError, Error, Result};

/// The most threads that may be asked for: more than any machine runs at a time, and few enough to be started in no time.
pub(super) const MOST: i64 = 1024;

/// Starts the threads: so many, or as many as the machine runs at a time. To be called before anything uses them.
///
/// # Errors
/// [`Error::Device`] if the system gives no threads.
pub(super) fn start(asked: Option<u16>) -> Result<()> {
    static STARTED: OnceLock<std::result::Result<(), String>> = OnceLock::new();
    let started = STARTED.get_or_init(|| {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(asked.map_or(0, usize::from));
        builder.build_global().map_err(|error| error.to_string())
    });
    started.clone().map_err(refused)
}

/// What is said where the system gives no further thread; for use in `map_err`.
pub(super) fn refused(why: impl fmt::Display) -> Error {
    DeviceError::Threads {
        why: why.to_string(),
    }
    .into()
}
