//! What `brainsweep sweep --dry-run` prints.

use std::fmt::Write;

use serde_json::{Value, json};

use super::text::seeds;
use crate::cli::layout::aligned;
use crate::cli::progress::{duration, metric};
use crate::run::{StoredSweep, SweepTrial, counted};

/// What would run, for other programs.
pub(super) fn to_json(stored: &StoredSweep, trial: &SweepTrial, step_error: bool) -> Value {
    let sweep = stored.sweep();
    json!({
        "points": sweep.n_points(),
        "seeds": sweep.n_seeds(),
        "own_seeds": sweep.has_own_seeds(),
        "replicas": sweep.n_replicas(),
        "chunks": trial.n_chunks,
        "batches": trial.n_batches,
        "delay_tables": sweep.n_delay_tables(),
        "host_bytes": trial.host_bytes,
        "device_bytes": trial.device_bytes,
        "disk_bytes": trial.disk_bytes,
        "expected_s": trial.expected_s,
        "hold_expected_s": sweep.base().holds_mean().then(|| rounds_s(stored, trial)),
        "step_error_expected_s": step_error.then(|| half_step_s(stored, trial)),
        "replica_steps_per_s": trial.steps_per_s,
        "backend": trial.device.backend,
        "device": trial.device.name,
        "device_class": trial.device.class,
    })
}

/// What would run, for people.
pub(super) fn to_text(stored: &StoredSweep, trial: &SweepTrial, step_error: bool) -> String {
    let sweep = stored.sweep();

    let mut text = String::from("Every replica:\n");
    // Of one alone, with its samples; a sweep keeps none unless asked to.
    let apart = |line: &&str| !line.starts_with("  memory") && !line.starts_with("  simulations");
    for line in stored.plan().to_string().lines().filter(apart) {
        let _ = writeln!(text, "{line}");
    }
    let mut rows = Vec::new();
    let mut line = |key: &str, value: String| rows.push(vec![key.to_string(), value]);
    for axis in sweep.axes() {
        let (first, last) = (axis.values[0], axis.values[axis.values.len() - 1]);
        let unit = if axis.unit == "1" {
            String::new()
        } else {
            format!(" {}", axis.unit)
        };
        let values = format!("{} values from {first} to {last}{unit}", axis.values.len());
        line(
            &axis.written(),
            if axis.log {
                format!("{values}, logarithmic")
            } else {
                values
            },
        );
    }
    line(
        "replicas",
        format!(
            "{} = {} x {}",
            sweep.n_replicas(),
            counted(sweep.n_points(), "point"),
            seeds(sweep)
        ),
    );
    line(
        "work",
        format!(
            "{}, {}, {} of delays",
            counted(trial.n_chunks, "chunk"),
            counted(trial.n_batches, "batch").replace("batchs", "batches"),
            counted(sweep.n_delay_tables(), "set")
        ),
    );
    line(
        "memory",
        format!(
            "{} at most, {} on the device",
            bytes(trial.host_bytes),
            bytes(trial.device_bytes)
        ),
    );
    line("disk", bytes(trial.disk_bytes));
    line(
        "backend",
        format!(
            "{} ({}, {})",
            trial.device.backend,
            trial.device.name,
            trial.device.class.name()
        ),
    );
    let rate = metric(trial.steps_per_s);
    line(
        "time",
        format!(
            "{} at {rate}replica-steps/s, by a trial of {} steps",
            duration(trial.expected_s),
            trial.n_steps
        ),
    );
    if sweep.base().holds_mean() {
        let seconds = duration(rounds_s(stored, trial));
        let what = "for the rounds that bring means to their targets";
        line("hold", format!("{seconds} more at most, {what}"));
    }
    if step_error {
        let seconds = half_step_s(stored, trial);
        let value = format!("{} more at most, at the same rate", duration(seconds));
        line("step error", value);
    }
    text + "The sweep:\n" + &aligned(&rows, "  ")
}

/// Seconds that all rounds of all points would take, at the rate of the sweep.
fn rounds_s(stored: &StoredSweep, trial: &SweepTrial) -> f64 {
    let sweep = stored.sweep();
    (sweep.n_points() as u64 * sweep.base().most_round_steps()) as f64 / trial.steps_per_s
}

/// Seconds that the best points with half the step would take, at the rate of the sweep.
fn half_step_s(stored: &StoredSweep, trial: &SweepTrial) -> f64 {
    stored.most_half_steps() as f64 / trial.steps_per_s
}

/// MiB or GiB.
fn bytes(n: u64) -> String {
    let mebibytes = n as f64 / f64::from(1 << 20);
    if mebibytes < 1024.0 {
        format!("{mebibytes:.1} MiB")
    } else {
        format!("{:.2} GiB", mebibytes / 1024.0)
    }
}
