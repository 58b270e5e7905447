//! What `brainsweep fit --dry-run` prints.

use serde_json::{Value, json};

use super::subjects;
use crate::backend::Device;
use crate::cli::layout::aligned;
use crate::cli::progress::duration;
use crate::run::{Fit, counted};

/// What would run, for other programs.
pub(super) fn to_json(
    fit: &Fit,
    n_fits: u32,
    (seconds, bytes): (f64, u64),
    device: &Device,
) -> Value {
    let settings = fit.settings();
    json!({
        "fits": n_fits,
        "objectives": fit.objectives(),
        "method": settings.method,
        "runs": fit.most_runs(),
        "replicas": settings.replicas,
        "searches": fit.n_searches(),
        "connectomes": settings.connectomes,
        "start": settings.start,
        "population": settings.population,
        "generations": fit.n_generations(),
        "finalists": settings.finalists,
        "held_out": settings.held_out,
        "host_bytes": bytes,
        "expected_s": seconds,
        "backend": device.backend,
        "device": device.name,
        "device_class": device.class,
    })
}

/// What would run, for people.
pub(super) fn to_text(
    fit: &Fit,
    n_fits: u32,
    (seconds, bytes): (f64, u64),
    device: &Device,
) -> String {
    let (settings, ends) = (fit.settings(), fit.ends());
    let mut rows = Vec::new();
    let mut line = |key: &str, value: String| rows.push(vec![key.to_string(), value]);
    line("objective", fit.objectives().join("; "));
    for axis in ends.axes() {
        let unit = if axis.unit == "1" { "" } else { &axis.unit };
        let log = if axis.log { ", logarithmic" } else { "" };
        let range = format!("{} to {} {unit}", axis.values[0], axis.values[1]);
        line(&axis.written(), format!("{}{log}", range.trim_end()));
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
    for (what, said) in subjects::planned(fit) {
        line(what, said);
    }
    let of_each = counted(settings.replicas, "seed");
    let (n_runs, n_steps) = (fit.most_runs(), fit.steps_of_a_run());
    line(
        "runs",
        format!("{n_runs} at most, of {n_steps} steps; each candidate has {of_each}"),
    );
    if n_fits > 1 {
        line("truths", format!("{n_fits}, each fitted so"));
    }
    line(
        "memory",
        format!("{:.1} MiB at most", bytes as f64 / f64::from(1 << 20)),
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
    format!("The fit of {}:\n", ends.base().name) + &aligned(&rows, "  ")
}
