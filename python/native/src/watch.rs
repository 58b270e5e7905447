//! Work that Python waits for: on a thread of its own, with a bar, stopped by Ctrl-C.

use std::ops::ControlFlow;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

use brainsweep::cli::threads;
use brainsweep::error::{Error, Result};
use brainsweep::io::output::LeftOut;
use brainsweep::{Control, Progress};

/// Between two looks at signals.
const LOOK: Duration = Duration::from_millis(50);

/// Does `work` of so many steps under a control, without Python's lock. `bar` is called with steps done, all steps and words. Whether
/// Ctrl-C came, and what the work gave.
pub(crate) fn watched<T: Send>(
    py: Python<'_>,
    bar: &Py<PyAny>,
    n_steps: u64,
    work: impl FnOnce(&Control) -> Result<T> + Send,
) -> PyResult<(bool, Result<T>)> {
    let latest = Arc::new(Mutex::new(String::new()));
    let words = latest.clone();
    let control = Control::watching(move |progress: &Progress| {
        *words.lock().unwrap_or_else(PoisonError::into_inner) = progress.to_string();
        ControlFlow::Continue(())
    });
    let look = |control: &Control| {
        let words = latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Python::attach(|py| {
            py.check_signals()?;
            let n_done = control.steps_done().min(n_steps);
            bar.call1(py, (n_done, n_steps, words)).map(drop)
        })
    };
    let (stopped_by, outcome) = py.detach(|| {
        std::thread::scope(|scope| {
            let (sender, done) = mpsc::channel::<()>();
            let of_work = control.clone();
            let worker = Builder::new().spawn_scoped(scope, move || {
                // Dropped when the work is over, however it ends.
                let _sender = sender;
                work(&of_work)
            });
            let worker = match worker {
                Ok(worker) => worker,
                Err(error) => return (None, Err(threads::refused(error))),
            };
            let mut stopped_by: Option<PyErr> = None;
            while let Err(RecvTimeoutError::Timeout) = done.recv_timeout(LOOK) {
                if stopped_by.is_none()
                    && let Err(raised) = look(&control)
                {
                    control.stop();
                    stopped_by = Some(raised);
                }
            }
            let outcome = worker.join();
            let outcome = outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (stopped_by, outcome)
        })
    });
    match stopped_by {
        Some(raised) if !raised.is_instance_of::<PyKeyboardInterrupt>(py) => Err(raised),
        Some(_) => Ok((true, outcome)),
        None => Ok((false, outcome)),
    }
}

/// A control for drawing what was found: Ctrl-C stops it, unless it has stopped the work before, of which all is drawn.
pub(crate) fn drawing(control: &Control) -> Control {
    match control.is_stopped() {
        true => Control::default(),
        false => control.clone(),
    }
}

/// What is said of files that were left undrawn, if there are any.
pub(crate) fn undrawn(left_out: &LeftOut) -> Option<String> {
    (!left_out.is_empty()).then(|| format!("not drawn: {}", left_out.join(", ")))
}

/// How work ended that Ctrl-C may have stopped: what came too late for the work is told all the same.
pub(crate) fn ending(interrupted: bool, outcome: Result<()>) -> Result<()> {
    match (interrupted, outcome) {
        (true, Ok(())) => Err(Error::Interrupted),
        (_, outcome) => outcome,
    }
}
