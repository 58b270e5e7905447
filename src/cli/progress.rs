//! A progress bar on stderr.

use std::sync::mpsc;
use std::thread::Builder;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::interruption::{note_interruption, watching, work_is_over};
use super::threads;
use crate::error::Result;
use crate::{Control, Progress, Reached};

/// Does `work` under `control`, drawing a bar of `total` steps until it is done.
pub(super) fn watched<T: Send>(
    total: u64,
    control: &Control,
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    watched_with(total, control, String::new, work)
}

/// [`watched`], with what `latest` says of what comes before the first step, such as the rounds that hold a mean.
pub(super) fn watched_after<T: Send>(
    total: u64,
    control: &Control,
    latest: impl Fn() -> String,
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    let message = || match control.steps_done() {
        0 => latest(),
        _ => String::new(),
    };
    watched_with(total, control, message, work)
}

/// [`watched`], with a `message` next to the bar.
pub(super) fn watched_with<T: Send>(
    total: u64,
    control: &Control,
    message: impl Fn() -> String,
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    note_interruption()?;
    work_is_over(false);
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
        work_is_over(true);
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

    /// The work is over.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
        work_is_over(true);
    }
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

/// Seconds, minutes, hours or days.
pub(super) fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.1} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}
