//! What `brainsweep simulate` prints.

use std::path::Path;

use serde_json::{Value, json};

use super::step_error;
use crate::backend::Device;
use crate::cli::progress::metric;
use crate::measure::mean;
use crate::output::object;
use crate::plan::Plan;
use crate::run::{Scored, Simulated, StepError, Trial, counted, data_notes};
use crate::study::{Noise, NoiseScheme, Study, key};

/// A finished simulation for other programs.
pub(super) fn to_json(
    simulated: &Simulated,
    scored: &Scored,
    step_error: Option<&StepError>,
    out: &Path,
) -> Value {
    let (device, end) = (simulated.device(), &simulated.recorded().end);
    let mut json = object(&json!({
        "backend": device.backend,
        "device": device.name,
        "device_class": device.class,
    }));
    json.extend(object(scored));
    json.insert("step_error".into(), json!(step_error));
    json.extend(object(&json!({
        "notes": data_notes(&simulated.study().connectome),
        "interrupted": simulated.is_interrupted(),
        "diverged": end.divergence,
        "steps": end.n_steps,
        "wall_s": simulated.wall_s(),
        "replica_steps_per_s": simulated.rate(),
        "out": out.display().to_string(),
    })));
    json.into()
}

/// A finished simulation for people.
pub(super) fn to_text(
    simulated: &Simulated,
    scored: &Scored,
    step_error: Option<&StepError>,
    out: &Path,
) -> String {
    let device = simulated.device();
    let mut text = format!(
        "{}: {}, {} steps in {:.3} s on the {} ({}): {}steps/s\n",
        simulated.study().name,
        counted(simulated.plan().n_nodes, "node"),
        simulated.recorded().end.n_steps,
        simulated.wall_s(),
        device.backend,
        device.name,
        metric(simulated.rate()),
    );
    for line in noise(simulated.study()) {
        text += &line;
    }
    if let Some(scores) = simulated.scores() {
        text += "\ncorrelation of simulated and measured functional connectivity\n";
        let numbers: Vec<String> = scores.iter().map(|score| format!("{score:.2}")).collect();
        text += &format!(
            "  per subject   {}\n  mean          {}\n",
            numbers.join("  "),
            defined(mean(scores))
        );
        if let Some(settled) = scored.settled_mean_score {
            text += &format!(
                "  mean without the first second   {}\n\
                 All regions start alike, which raises the correlation in the first second. The second value leaves\n\
                 that second out; `--set protocol.transient=1000` leaves it out of fc and all measures.\n",
                defined(settled)
            );
        }
    }
    if let (Some(why), None) = (&scored.undefined, simulated.scores()) {
        text += &format!("\n{why}\n");
    } else if let (Some(why), None) = (&scored.settled_undefined, &scored.undefined) {
        text += &format!("\nwithout the first second, {why}\n");
    }
    if let Some(error) = step_error {
        text += &step_error::to_text(error, &simulated.study().connectome.labels);
    }
    text + &format!("\nwritten to {}", out.display())
}

/// How far Ornstein-Uhlenbeck noise strays, a line for all inputs where it strays equally; nothing of other noise.
fn noise(study: &Study) -> Vec<String> {
    let (noise, dt) = (&study.noise, study.protocol.dt);
    let exact = Noise {
        scheme: NoiseScheme::Exact,
        ..noise.clone()
    };
    let sd = |noise: &Noise, target: usize| {
        let nodes = 0..study.connectome.n_nodes();
        let all = nodes.map(|node| noise.stationary_sd(target, node, dt));
        let all: Vec<f64> = all.collect::<Option<_>>()?;
        let low = all.iter().copied().fold(f64::INFINITY, f64::min);
        let high = all.iter().copied().fold(0.0, f64::max);
        Some(match low == high {
            true => digits(low),
            false => format!("{} to {}", digits(low), digits(high)),
        })
    };
    // [(what is said, of which inputs)]
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for (target, name) in study.model.noise_targets().into_iter().enumerate() {
        if noise.sigma[target].is_zero() {
            continue;
        }
        let (Some(sd), Some(limit)) = (sd(noise, target), sd(&exact, target)) else {
            continue;
        };
        let text = match noise.scheme {
            NoiseScheme::Exact => sd,
            NoiseScheme::Euler => format!(
                "{sd} in Euler steps of {dt} ms, {limit} with {} = {:?}",
                key::NOISE_SCHEME.path,
                NoiseScheme::Exact.name()
            ),
        };
        match said.iter_mut().find(|(other, _)| *other == text) {
            Some((_, names)) => names.push(name),
            None => said.push((text, vec![name])),
        }
    }
    let line = |(text, names): &(String, Vec<&str>)| {
        format!("noise on {}: stationary sd {text}\n", names.join(" and "))
    };
    said.iter().map(line).collect()
}

/// A size in three digits.
fn digits(x: f64) -> String {
    match x < 1e-3 {
        true => format!("{x:.2e}"),
        false => {
            let places = (2 - x.log10().floor() as i32).max(0) as usize;
            format!("{x:.places$}")
        }
    }
}

/// A score in three digits.
fn defined(score: f64) -> String {
    match score.is_nan() {
        true => "undefined".into(),
        false => format!("{score:.3}"),
    }
}

/// What would run, for other programs.
pub(super) fn trial_to_json(
    plan: &Plan,
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
        "step_error_expected_s": halvings.map(|halvings| finer_s(trial, halvings)),
        "backend": device.backend,
        "device": device.name,
        "device_class": device.class,
    })
}

/// What would run, for people.
pub(super) fn trial_to_text(
    plan: &Plan,
    device: &Device,
    trial: &Trial,
    halvings: Option<u32>,
) -> String {
    let rate = f64::from(plan.n_steps) / trial.expected_s;
    let mut text = format!(
        "This would run:\n{plan}  {:<12} {} ({}, {})\n  {:<12} {:.2} s at {}steps/s, by a trial of {} steps",
        "backend",
        device.backend,
        device.name,
        device.class.name(),
        "time",
        trial.expected_s,
        metric(rate),
        trial.n_steps,
    );
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

/// Seconds that the runs with smaller steps would take one after the other: each has twice the steps of the one before.
fn finer_s(trial: &Trial, halvings: u32) -> f64 {
    trial.expected_s * ((2u64 << halvings) - 2) as f64
}
