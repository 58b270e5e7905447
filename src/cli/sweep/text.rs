//! What `brainsweep sweep` prints.

use std::path::Path;

use serde_json::{Value, json};

use super::best::{half_steps_to_text, seeds_to_text, settings};
use crate::cli::progress::metric;
use crate::run::{Filled, StoredSweep, Summary, counted, data_notes};
use crate::sweep::Sweep;

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
        "own_seeds": sweep.has_own_seeds(),
        "replicas": sweep.n_replicas(),
        "replicas_run": filled.n_replicas,
        "replicas_resumed": filled.n_resumed,
        "chunks": stored.chunks().len(),
        "chunks_missing": filled.missing.len(),
        "shards_missing": missing.iter().map(|(number, _)| format!("{number}/{of}")).collect::<Vec<_>>(),
        "complete": filled.missing.is_empty(),
        "interrupted": filled.interrupted,
        "diverged": summary.map(|summary| summary.n_diverged),
        "undefined": summary.map(|summary| summary.undefined.to_json()),
        "remarks": summary.map(|summary| &summary.remarks),
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
        seeds(sweep),
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

/// How many seeds a point has, and whether they are its own.
pub(super) fn seeds(sweep: &Sweep) -> String {
    let own = if sweep.has_own_seeds() {
        " of its own"
    } else {
        ""
    };
    counted(sweep.n_seeds(), "seed") + own
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
            let name = match measure.name {
                "score" => "per subject",
                name => name,
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
