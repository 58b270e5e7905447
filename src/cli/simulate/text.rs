//! What `brainsweep simulate` prints.

use std::path::Path;

use serde_json::{Value, json};

use super::{noise, step_error};
use crate::cli::progress::metric;
use crate::measure::{Analysis, MEASURES, mean, why_no_fcd};
use crate::output::object;
use crate::run::{Scored, Simulated, StepError, counted, data_notes};

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
    if let Some(mean) = simulated.mean_held() {
        json.insert("hold_on_mean".into(), mean.to_json());
    }
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
    for line in noise::to_lines(simulated.study()) {
        text += &line;
    }
    if let Some(mean) = simulated.mean_held() {
        text += &format!(
            "the mean is held within {:.3e} of its target, after {}\n",
            mean.most_left(),
            counted(mean.rounds as usize, "round")
        );
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
    text += &of_samples(simulated, scored);
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

/// The numbers that are made of samples, where the study asks for some.
fn of_samples(simulated: &Simulated, scored: &Scored) -> String {
    let scope = simulated.scope();
    let mut text = String::new();
    for measure in MEASURES.iter().filter(|measure| !measure.is_of_sums()) {
        let numbers: Vec<&Value> = match scored.numbers.get(measure.name) {
            None => continue,
            Some(Value::Array(all)) => all.iter().collect(),
            Some(one) => vec![one],
        };
        let shown = |x: &&Value| defined(x.as_f64().unwrap_or(f64::NAN));
        let numbers: Vec<String> = numbers.iter().map(shown).collect();
        text += &format!("  {:<24}{}\n", measure.name, numbers.join("  "));
    }
    if scope.has(Analysis::Fcd)
        && scope.is_long_enough(Analysis::Fcd)
        && simulated.measures().fcd_distribution().mean().is_nan()
    {
        let labels = &simulated.study().connectome.labels;
        let samples = simulated.measures().samples();
        let why = why_no_fcd(samples, &scope.windows(), labels);
        text += &why.map_or(String::new(), |why| format!("  {why}\n"));
    }
    if scope.has(Analysis::Fcd) && scope.measured_fcd().is_empty() {
        text += "  FCD is compared with no measured one: the study has no measured time series\n";
    }
    match text.is_empty() {
        true => text,
        false => format!("\nmade of {} samples\n{text}", scope.n_samples),
    }
}

/// A score in three digits.
fn defined(score: f64) -> String {
    match score.is_nan() {
        true => "undefined".into(),
        false => format!("{score:.3}"),
    }
}
