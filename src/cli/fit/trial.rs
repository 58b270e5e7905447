//! What `brainsweep fit --dry-run` prints.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::backend::Device;
use crate::cli::progress::duration;
use crate::run::Fit;

/// What would run, for other programs.
pub(super) fn to_json(fit: &Fit, n_fits: u32, seconds: f64, device: &Device) -> Value {
    let settings = fit.settings();
    json!({
        "fits": n_fits,
        "objectives": fit.objectives(),
        "method": settings.method,
        "runs": fit.most_runs(),
        "replicas": settings.replicas,
        "start": settings.start,
        "population": settings.population,
        "generations": fit.n_generations(),
        "finalists": settings.finalists,
        "held_out": settings.held_out,
        "expected_s": seconds,
        "backend": device.backend,
        "device": device.name,
        "device_class": device.class,
    })
}

/// What would run, for people.
pub(super) fn to_text(fit: &Fit, n_fits: u32, seconds: f64, device: &Device) -> String {
    let (settings, ends) = (fit.settings(), fit.ends());
    let mut text = format!("The fit of {}:\n", ends.base().name);
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "  {key:<12} {value}");
    };
    line("objective", fit.objectives().join("; "));
    for axis in ends.axes() {
        let unit = if axis.unit == "1" { "" } else { &axis.unit };
        let log = if axis.log { ", logarithmic" } else { "" };
        let range = format!("{} to {} {unit}", axis.values[0], axis.values[1]);
        line(&axis.path, format!("{}{log}", range.trim_end()));
    }
    line(
        "search",
        format!(
            "{}, {} candidates to begin with, {} in each of {} generations",
            settings.method.name(),
            settings.start,
            settings.population,
            fit.n_generations() - 1
        ),
    );
    line(
        "finalists",
        format!(
            "{} on {} unseen seeds",
            settings.finalists, settings.held_out
        ),
    );
    line(
        "runs",
        format!(
            "{} at most, of {} steps, {} of each candidate",
            fit.most_runs(),
            fit.steps_of_a_run(),
            settings.replicas
        ),
    );
    if n_fits > 1 {
        line("truths", format!("{n_fits}, each fitted so"));
    }
    line(
        "memory",
        format!(
            "{:.1} MiB at most beside the program itself",
            fit.bytes() as f64 / f64::from(1 << 20)
        ),
    );
    line(
        "backend",
        format!(
            "{} ({}, {})",
            device.backend,
            device.name,
            device.class.name()
        ),
    );
    line("time", format!("{}, by a trial", duration(seconds)));
    text
}
