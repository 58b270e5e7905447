//! The threads that the commands run on: all of them started in one place, before any work.

use std::fmt;
use std::sync::OnceLock;

use crate::error::{DeviceError, Error, Result};

/// The most threads that may be asked for: more than any machine runs at a time, and few enough to be started in no time.
pub(super) const MOST: i64 = 1024;

/// Starts the threads: so many, or as many as the environment says, or as this process may run at a time. To be called before
/// anything uses them.
///
/// # Errors
/// [`Error::Device`] if the system gives no threads.
pub fn start(asked: Option<u16>) -> Result<()> {
    static STARTED: OnceLock<std::result::Result<(), String>> = OnceLock::new();
    let started = STARTED.get_or_init(|| {
        let asked = asked.or_else(|| of_environment(|name| std::env::var(name).ok()));
        // 0: as many CPUs as affinity and control groups leave to this process.
        let builder = rayon::ThreadPoolBuilder::new().num_threads(asked.map_or(0, usize::from));
        builder.build_global().map_err(|error| error.to_string())
    });
    started.clone().map_err(refused)
}

/// How many threads the environment gives this process, where `get` reads its variables: the CPUs of
/// a task of Slurm, or what programs with OpenMP go by.
fn of_environment(get: impl Fn(&str) -> Option<String>) -> Option<u16> {
    let count = |name: &str| -> Option<u16> {
        let text = get(name)?;
        // OMP_NUM_THREADS may list one number for each level of nesting.
        let first = text.split(',').next()?.trim().parse().ok()?;
        (1..=MOST).contains(&i64::from(first)).then_some(first)
    };
    count("SLURM_CPUS_PER_TASK").or_else(|| count("OMP_NUM_THREADS"))
}

/// What is said where the system gives no further thread; for use in `map_err`.
pub fn refused(why: impl fmt::Display) -> Error {
    DeviceError::Threads {
        why: why.to_string(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_task_of_slurm_says_how_many_before_openmp_does() {
        let of = |slurm: Option<&str>, openmp: Option<&str>| {
            of_environment(|name| {
                let value = match name {
                    "SLURM_CPUS_PER_TASK" => slurm,
                    "OMP_NUM_THREADS" => openmp,
                    _ => None,
                };
                value.map(String::from)
            })
        };
        assert_eq!(of(Some("8"), Some("2")), Some(8));
        assert_eq!(of(None, Some(" 2,4")), Some(2));
        assert_eq!(of(Some("0"), Some("70000")), None);
        assert_eq!(of(Some("many"), Some("-1")), None);
        assert_eq!(of(None, None), None);
    }
}
