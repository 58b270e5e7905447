//! What `brainsweep simulate --dry-run` prints.

use serde_json::{Value, json};

use crate::backend::Device;
use crate::cli::progress::metric;
use crate::plan::Plan;
use crate::run::{Trial, counted};
use crate::study::Study;

/// What would run, for other programs.
pub(super) fn to_json(
    (study, plan): (&Study, &Plan),
    device: &Device,
    trial: &Trial,
    halvings: Option<u32>,
) -> Value {
    json!({
        "model": plan.model.name,
        "simulations": plan.n_simulations(),
        "nodes": plan.n_nodes,
        "steps": plan.n_steps,
        "samples": plan.recording.n_samples,
        "bytes": trial.bytes,
        "expected_s": trial.expected_s,
        "hold_expected_s": study.holds_mean().then(|| rounds_s(study, plan, trial)),
        "step_error_expected_s": halvings.map(|halvings| finer_s(trial, halvings)),
        "backend": device.backend,
        "device": device.name,
        "device_class": device.class,
    })
}

/// What would run, for people.
pub(super) fn to_text(
    (study, plan): (&Study, &Plan),
    device: &Device,
    trial: &Trial,
    halvings: Option<u32>,
) -> String {
    let rate = f64::from(plan.n_steps) / trial.expected_s;
    let mut text = format!(
        "This would run:\n{plan}  {:<12} {:.0} MiB of memory at most, with samples, measures and figures\n  {:<12} {} ({}, {})\n  {:<12} {:.2} s to run, at {}steps/s, by a trial of {} steps; files and figures come on top",
        "peak",
        trial.bytes as f64 / f64::from(1 << 20),
        "backend",
        device.backend,
        device.name,
        device.class.name(),
        "time",
        trial.expected_s,
        metric(rate),
        trial.n_steps,
    );
    if study.holds_mean() {
        let seconds = rounds_s(study, plan, trial);
        text += &format!(
            "\n  {:<12} {seconds:.2} s more at most, for the rounds that bring the mean to its target",
            "hold"
        );
    }
    if let Some(halvings) = halvings {
        let finer_s = finer_s(trial, halvings);
        text += &format!(
            "\n  {:<12} {finer_s:.2} s more at most, for {} with smaller steps",
            "step error",
            counted(halvings as usize, "run")
        );
    }
    text
}

/// Seconds that all rounds would take if their simulations ran one after the other.
fn rounds_s(study: &Study, plan: &Plan, trial: &Trial) -> f64 {
    study.most_round_steps() as f64 * trial.expected_s / f64::from(plan.n_steps)
}

/// Seconds that the runs with smaller steps would take one after the other: each has twice the steps of the one before.
fn finer_s(trial: &Trial, halvings: u32) -> f64 {
    trial.expected_s * ((2u64 << halvings) - 2) as f64
}
