//! A progress bar on stderr, and Ctrl-C.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread::Builder;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::threads;
use crate::error::{DeviceError, Error, Result};
use crate::io::folder::remove_unfinished;
use crate::{Control, Progress, Reached};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A second Ctrl-C counts from then on; some programs send one twice.
const PATIENCE: Duration = Duration::from_millis(500);

/// From now on Ctrl-C (and a request to terminate) is noted instead of ending the program at once; a second one ends it.
///
/// To be called before anything is written, so that nothing is left half-written.
pub(super) fn note_interruption() -> Result<()> {
    static INSTALLED: OnceLock<std::result::Result<(), ctrlc::Error>> = OnceLock::new();
    let installed = INSTALLED.get_or_init(|| {
        let mut first = None;
        ctrlc::set_handler(move || {
            INTERRUPTED.store(true, Ordering::Relaxed);
            controls().iter().for_each(Control::stop);
            if first.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                remove_unfinished();
                std::process::exit(i32::from(Error::Interrupted.exit_code()));
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

/// Does `work` under `control`, drawing a bar of `total` steps until it is done.
pub(super) fn watched<T: Send>(
    total: u64,
    control: &Control,
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    watched_with(total, control, String::new, work)
}

/// [`watched`], with a `message` next to the bar.
pub(super) fn watched_with<T: Send>(
    total: u64,
    control: &Control,
    message: impl Fn() -> String,
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    note_interruption()?;
    let bar = ProgressBar::new(total).with_style(
        ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {per_sec}, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .with_key(
                "per_sec",
                |state: &indicatif::ProgressState, f: &mut dyn std::fmt::Write| {
                    // A bar that cannot be drawn is no reason to stop.
                    let _ = write!(f, "{} steps/s", metric(state.per_sec()));
                },
            ),
    );
    std::thread::scope(|scope| {
        let (sender, done) = mpsc::channel();
        let run = move || {
            let outcome = work();
            // The receiver waits for this.
            let _ = sender.send(());
            outcome
        };
        let worker = Builder::new()
            .spawn_scoped(scope, run)
            .map_err(threads::refused)?;
        while let Err(mpsc::RecvTimeoutError::Timeout) =
            done.recv_timeout(Duration::from_millis(50))
        {
            bar.set_message(match control.is_stopped() {
                true => "stopping".into(),
                false => message(),
            });
            bar.set_position(control.steps_done().min(total));
        }
        bar.finish_and_clear();
        worker
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// What is being done, on stderr, for work that does not know how much there is of it.
#[derive(Clone)]
pub(super) struct Stages(ProgressBar);

impl Stages {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        // The ticks come from a thread, and a bar that cannot have one would panic.
        if Builder::new().spawn(|| ()).is_ok() {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self(bar)
    }

    /// A control that says how far continuation of `parameter` has come, and that Ctrl-C stops.
    pub(super) fn control(&self, parameter: &str) -> Control {
        let (bar, name) = (self.0.clone(), parameter.to_string());
        watching(move |progress| {
            bar.set_message(match progress {
                Progress::Point(Reached {
                    what,
                    n_points,
                    parameter,
                }) => format!("{what}: {n_points} points, {name} = {parameter:.6}"),
                other => other.to_string(),
            });
        })
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Whether Ctrl-C was noted.
pub(super) fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Three digits and k, M, G.
pub(super) fn metric(value: f64) -> String {
    for (unit, name) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if value >= unit {
            return format!("{:.3} {name}", value / unit);
        }
    }
    format!("{value:.1} ")
}
