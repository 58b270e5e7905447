//! Ctrl-C: notes it, stops the work or the drawing of what it found, and ends the program where it comes again.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::output::note;
use super::threads;
use crate::error::{DeviceError, Error, Result};
use crate::io::folder::remove_unfinished;
use crate::io::output::LeftOut;
use crate::{Control, Progress};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether work that was watched is over, and what it found is drawn and written.
static OVER: AtomicBool = AtomicBool::new(false);

/// Work begins that stops at Ctrl-C, or has ended.
pub(super) fn work_is_over(is_over: bool) {
    OVER.store(is_over, Ordering::Relaxed);
}

/// Whether this process is the program's, whose signals are its own.
static ALLOWED: AtomicBool = AtomicBool::new(false);

/// Lets [`note_interruption`] catch signals and end the process: for the program's entry alone.
pub(super) fn allow() {
    ALLOWED.store(true, Ordering::Relaxed);
}

/// A second Ctrl-C counts from then on; some programs send one twice.
const PATIENCE: Duration = Duration::from_millis(500);

/// From now on Ctrl-C (and a request to terminate) is noted instead of ending the program at once: it stops the work, or if that is over,
/// the drawing of what was found. The next one, where there is nothing more to stop, ends the program.
///
/// To be called before anything is written, so that nothing is left half-written. Where the process is not the program's, nothing is
/// caught.
pub(super) fn note_interruption() -> Result<()> {
    if !ALLOWED.load(Ordering::Relaxed) {
        return Ok(());
    }
    static INSTALLED: OnceLock<std::result::Result<(), ctrlc::Error>> = OnceLock::new();
    let installed = INSTALLED.get_or_init(|| {
        let mut last: Option<Instant> = None;
        ctrlc::set_handler(move || {
            if last.is_some_and(|last| last.elapsed() < PATIENCE) {
                return;
            }
            last = Some(Instant::now());
            let is_over = OVER.load(Ordering::Relaxed);
            let was_interrupted = INTERRUPTED.swap(true, Ordering::Relaxed);
            let is_again = match is_over {
                true => drawing().is_stopped(),
                false => was_interrupted,
            };
            if is_again {
                remove_unfinished();
                std::process::exit(i32::from(Error::Interrupted.exit_code()));
            }
            controls().iter().for_each(Control::stop);
            if is_over {
                drawing().stop();
            }
        })
    });
    installed.as_ref().copied().map_err(|error| match error {
        ctrlc::Error::System(source) => threads::refused(source),
        error => {
            let (action, why) = ("catching Ctrl-C", error.to_string());
            DeviceError::Failed { action, why }.into()
        }
    })
}

/// A control that Ctrl-C stops.
pub(super) fn control() -> Control {
    stopped_by_interruption(Control::default())
}

/// The same, which calls `watch` at progress.
pub(super) fn watching(watch: impl Fn(&Progress) + Send + Sync + 'static) -> Control {
    stopped_by_interruption(Control::watching(move |progress| {
        watch(progress);
        ControlFlow::Continue(())
    }))
}

/// A control that Ctrl-C stops, and a function that gives the latest progress in words.
pub(super) fn told() -> (Control, impl Fn() -> String) {
    let latest = Arc::new(Mutex::new(String::new()));
    let words = latest.clone();
    let control = watching(move |progress| *lock(&latest) = progress.to_string());
    (control, move || lock(&words).clone())
}

fn stopped_by_interruption(control: Control) -> Control {
    controls().push(control.clone());
    // It may have come before there was a control.
    if is_interrupted() {
        control.stop();
    }
    control
}

/// The controls of all work that was begun.
fn controls() -> MutexGuard<'static, Vec<Control>> {
    static CONTROLS: Mutex<Vec<Control>> = Mutex::new(Vec::new());
    lock(&CONTROLS)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How to have figures that were left undrawn: where what was found is in a store, and where it is not.
pub(super) const DRAWS: &str = "the same command draws them";
pub(super) const RUNS: &str =
    "the same command runs again and draws them, with --force in the same folder";

/// The control of the drawing, which Ctrl-C stops once the work is over.
pub(super) fn drawing() -> &'static Control {
    static DRAWING: OnceLock<Control> = OnceLock::new();
    DRAWING.get_or_init(Control::default)
}

/// Says which files Ctrl-C left undrawn, and how to have them: `again`.
///
/// # Errors
/// [`Error::Interrupted`] where there are any.
pub(super) fn check_drawn(left_out: &LeftOut, again: &str) -> Result<()> {
    if left_out.is_empty() {
        return Ok(());
    }
    note(&format!("not drawn: {}; {again}", left_out.join(", ")));
    Err(Error::Interrupted)
}

/// Whether Ctrl-C was noted.
fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}
