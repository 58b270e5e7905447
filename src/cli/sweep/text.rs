//! What `brainsweep sweep` prints.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::progress::metric;
use crate::measure::Shape;
use crate::run::{Best, Filled, HalfStep, StoredSweep, Summary, SweepTrial, counted, data_notes};
use crate::sweep::Sweep;

/// Points that are shown with half the step.
const SHOWN: usize = 5;

/// How a run ended, and what was found, for other programs.
pub(super) fn to_json(
    stored: &StoredSweep,
    filled: &Filled,
    summary: Option<&Summary>,
    out: &Path,
) -> Value {
    let sweep = stored.sweep();
    let missing = filled.missing_by_shard();
    let of = filled.shard.map_or(1, |shard| shard.of);
    json!({
        "backend": filled.device.backend,
        "device": filled.device.name,
        "device_class": filled.device.class,
        "points": sweep.n_points(),
        "seeds": sweep.n_seeds(),
        "replicas": sweep.n_replicas(),
        "replicas_run": filled.n_replicas,
        "chunks": stored.chunks().len(),
        "chunks_missing": filled.missing.len(),
        "shards_missing": missing.iter().map(|(number, _)| format!("{number}/{of}")).collect::<Vec<_>>(),
        "complete": filled.missing.is_empty(),
        "interrupted": filled.interrupted,
        "diverged": summary.map(|summary| summary.n_diverged),
        "undefined": summary.map(|summary| summary.undefined.to_json()),
        "notes": data_notes(&sweep.base().connectome),
        "best": summary.and_then(|summary| summary.best_json()),
        "half_steps": summary.and_then(|summary| summary.half_steps_json()),
        "wall_s": filled.wall_s,
        "replica_steps_per_s": filled.rate(),
        "out": out.display().to_string(),
    })
}

/// How a run ended, and what was found, for people.
pub(super) fn to_text(
    stored: &StoredSweep,
    filled: &Filled,
    summary: Option<&Summary>,
    out: &Path,
) -> String {
    let sweep = stored.sweep();
    let mut text = format!(
        "{}: {} x {}; ",
        sweep.base().name,
        counted(sweep.n_points(), "point"),
        counted(sweep.n_seeds(), "seed"),
    );
    text += &if filled.n_replicas == 0 {
        "no replica was finished in this run\n".into()
    } else {
        format!(
            "{} of {} steps in {:.1} s on the {} ({}): {}replica-steps/s\n",
            counted(filled.n_replicas, "replica"),
            filled.n_steps,
            filled.wall_s,
            filled.device.backend,
            filled.device.name,
            metric(filled.rate()),
        )
    };
    if let Some(summary) = summary {
        text += &summary_to_text(stored, summary);
    } else {
        let n = stored.chunks().len();
        text += &format!("\n{} of {n} chunks are done", n - filled.missing.len());
        let shards: Vec<String> = filled
            .missing_by_shard()
            .iter()
            .map(|(number, n)| {
                format!(
                    "{number}/{} ({n} chunks)",
                    filled.shard.map_or(1, |shard| shard.of)
                )
            })
            .collect();
        text += &match shards.is_empty() {
            true => "; the same command goes on from here".into(),
            false => format!("; missing are those of the shards {}", shards.join(", ")),
        };
        if filled.shard.is_none() {
            text += &format!(" (--out {})", out.display());
        }
        text.push('\n');
    }
    text + &format!("\nwritten to {}", out.display())
}

/// What was found.
fn summary_to_text(stored: &StoredSweep, summary: &Summary) -> String {
    let sweep = stored.sweep();
    let mut text = String::new();
    if let Some(best) = summary.best.first() {
        text += &format!("\nbest mean score {:.3} at\n", best.score.mean);
        for setting in settings(sweep, best.point) {
            text += &format!("  {setting}\n");
        }
        for (measure, values) in &best.others {
            let name = match measure.shape {
                Shape::Subjects => "per subject",
                Shape::Whole | Shape::Nodes | Shape::Pairs => measure.name,
            };
            let numbers: Vec<String> = values.iter().map(|value| format!("{value:.2}")).collect();
            text += &format!("  {name} {}\n", numbers.join("  "));
        }
        text += &seeds_to_text(sweep, summary, best);
        text += &half_steps_to_text(sweep, summary);
    } else if summary.scored {
        text += "\nno point has a score\n";
    }
    if summary.n_diverged > 0 {
        text += &format!(
            "\n{} of {} replicas diverged: they are marked in `status` and left out of all means\n",
            summary.n_diverged,
            sweep.n_replicas()
        );
    }
    if let Some(first) = summary.undefined.sentences().first() {
        text += &format!("\n{first}\n");
    }
    text
}

/// How far to trust the best point's score, and its being the best.
fn seeds_to_text(sweep: &Sweep, summary: &Summary, best: &Best) -> String {
    let mut text = String::new();
    let score = best.score;
    if !score.standard_error.is_nan() {
        text += &format!(
            "  standard error {:.4} over {} seeds, which spread by {:.4} (sd)\n",
            score.standard_error, score.n_seeds, score.sd
        );
    }
    if let Some(second) = summary.best.get(1) {
        let below = second.below_best;
        text += &format!("  {:.4} above the runner-up", below.mean);
        if !below.standard_error.is_nan() {
            text += &format!(
                ", standard error {:.4} on the {} seeds they share",
                below.standard_error, below.n_seeds
            );
        }
        text += &format!(" ({})\n", settings(sweep, second.point).join(", "));
    }
    if let Some(caution) = summary.caution() {
        text += &format!("  {caution}\n");
    }
    text
}

/// The best points with half the step; nothing unless they were run.
fn half_steps_to_text(sweep: &Sweep, summary: &Summary) -> String {
    let halved = summary.best.iter();
    let halved: Vec<(&Best, HalfStep)> = halved
        .filter_map(|best| Some((best, best.half_step?)))
        .collect();
    let Some((best, _)) = halved.first() else {
        return String::new();
    };
    let mut text = format!(
        "\nthe best points with half the step, on the same noise\n  {:>10}{:>12}{:>11}{:>10}{:>13}\n",
        "mean score", "half step", "moved by", "+-", "step of 0"
    );
    for (best, half) in halved.iter().take(SHOWN) {
        let change = half.change;
        let error = match change.standard_error.is_nan() {
            true => String::new(),
            false => format!("{:.4}", change.standard_error),
        };
        text += &format!(
            "  {:>10.4}{:>12.4}{:>+11.4}{error:>10}{:>13.4}   {}\n",
            best.score.mean,
            half.mean_score,
            change.mean,
            half.limit,
            settings(sweep, best.point).join(", ")
        );
    }
    text +=
        "  +-: standard error over seeds; with a step of 0: by the order of the scheme in theory\n";
    if halved.len() > SHOWN {
        text += &format!("  all {} are in best.csv\n", halved.len());
    }
    let limits = halved.iter().filter(|(_, half)| !half.limit.is_nan());
    let first = limits.max_by(|(_, a), (_, b)| a.limit.total_cmp(&b.limit));
    text += &match first {
        Some((first, _)) if first.point != best.point => format!(
            "  with a step of 0 another point is the best: {}\n",
            settings(sweep, first.point).join(", ")
        ),
        Some(_) => "  with a step of 0 the best point stays the best\n".into(),
        None => String::new(),
    };
    text
}

/// The values of a point, as in `coupling.g = 1`.
fn settings(sweep: &Sweep, point: usize) -> Vec<String> {
    let values = sweep.axes().iter().zip(sweep.values(point));
    values.map(|(axis, value)| axis.setting(value)).collect()
}

/// What would run, for other programs.
pub(super) fn trial_to_json(stored: &StoredSweep, trial: &SweepTrial, step_error: bool) -> Value {
    let sweep = stored.sweep();
    json!({
        "points": sweep.n_points(),
        "seeds": sweep.n_seeds(),
        "replicas": sweep.n_replicas(),
        "chunks": trial.n_chunks,
        "batches": trial.n_batches,
        "delay_tables": sweep.n_delay_tables(),
        "host_bytes": trial.host_bytes,
        "device_bytes": trial.device_bytes,
        "disk_bytes": trial.disk_bytes,
        "expected_s": trial.expected_s,
        "step_error_expected_s": step_error.then(|| half_step_s(stored, trial)),
        "replica_steps_per_s": trial.steps_per_s,
        "backend": trial.device.backend,
        "device": trial.device.name,
        "device_class": trial.device.class,
    })
}

/// What would run, for people.
pub(super) fn trial_to_text(stored: &StoredSweep, trial: &SweepTrial, step_error: bool) -> String {
    let sweep = stored.sweep();

    let mut text = String::from("Every replica:\n");
    // Of one alone, with its samples; a sweep keeps none unless asked to.
    let apart = |line: &&str| !line.starts_with("  memory") && !line.starts_with("  simulations");
    for line in stored.plan().to_string().lines().filter(apart) {
        let _ = writeln!(text, "{line}");
    }
    text += "The sweep:\n";
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "  {key:<12} {value}");
    };
    for axis in sweep.axes() {
        let (first, last) = (axis.values[0], axis.values[axis.values.len() - 1]);
        let unit = if axis.unit == "1" {
            String::new()
        } else {
            format!(" {}", axis.unit)
        };
        let values = format!("{} values from {first} to {last}{unit}", axis.values.len());
        line(
            &axis.path,
            if axis.log {
                format!("{values}, logarithmic")
            } else {
                values
            },
        );
    }
    let (points, seeds) = (sweep.n_points(), sweep.n_seeds());
    line(
        "replicas",
        format!(
            "{} = {} x {}",
            sweep.n_replicas(),
            counted(points, "point"),
            counted(seeds, "seed")
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
            "{} at most beside the program itself, {} on the device",
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
    if step_error {
        let seconds = half_step_s(stored, trial);
        let value = format!("{} more at most, at the same rate", duration(seconds));
        line("step error", value);
    }
    text
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

/// Seconds, minutes, hours or days.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.1} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}
