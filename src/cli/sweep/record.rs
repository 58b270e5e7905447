//! What a sweep says of itself: in the group's attributes, in `runs/`, on stdout.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::args::Shard;
use super::best::Summary;
use super::class_name;
use super::results::object;
use crate::backend::Device;
use crate::cli::{data_notes, progress};
use crate::error::Result;
use crate::io::store::Store;
use crate::io::study as studies;
use crate::study::key::RECORD_EVERY;
use crate::sweep::{Chunks, Description, Sweep};

/// The study's files, in its description.
const FILES: &str = "files";

/// What the group says of itself: the same for all who fill it, whatever they run on, from wherever. What differs between runs, as
/// the paths of the study's files, is in `runs/`.
pub(super) fn attributes(
    sweep: &Sweep,
    description: &Description,
    device: &Device,
) -> Map<String, Value> {
    let varied = sweep.axes().iter().zip(&description.vary);
    let varied: Map<String, Value> = varied
        .map(|(axis, vary)| (axis.path.clone(), json!(vary.values.to_string())))
        .collect();
    let model = sweep.base().model;
    let recorded = &sweep.base().record.states;
    let mut kept: Vec<&str> = sweep
        .kept_states()
        .iter()
        .map(|&k| model.observable(recorded[k]).name)
        .collect();
    if sweep.keeps_fc() {
        kept.push("fc");
    }
    let mut study = object(studies::to_json(sweep.base()));
    study.remove(FILES);
    let mut attributes = object(json!({
        "brainsweep": env!("CARGO_PKG_VERSION"),
        "sweep": {
            "vary": varied,
            "zip": description.zip,
            "sample": description.sample.map(|sample| sample.to_string()),
            "seeds": sweep.n_seeds(),
            "every": sweep.base().record.every,
            "keep": kept,
        },
        "device_class": class_name(device),
        "study": study,
        "replica": replica(sweep),
    }));
    if !sweep.is_grid() {
        // So that xarray takes the numbers for coordinates.
        let paths: Vec<&str> = sweep.axes().iter().map(|axis| axis.path.as_str()).collect();
        attributes.insert("coordinates".into(), paths.join(" ").into());
    }
    attributes
}

/// The command line, as far as it is Unicode.
fn command() -> Vec<String> {
    let arguments = std::env::args_os();
    arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect()
}

/// "1 point", "2 points".
pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// How one replica is had again.
fn replica(sweep: &Sweep) -> String {
    let mut command = String::from("brainsweep simulate STUDY");
    for axis in sweep.axes() {
        command += &format!(" --set {}=VALUE", axis.path);
    }
    command
        + &format!(
            " --seed SEED --set {}={}",
            RECORD_EVERY.path,
            sweep.base().record.every
        )
}

/// How a run ended.
pub(super) struct Ending<'a> {
    pub sweep: &'a Sweep,
    pub chunks: &'a Chunks,
    pub shard: Option<Shard>,
    pub device: Device,
    /// Chunks that nobody has written yet.
    pub missing: Vec<usize>,
    /// Replicas that this run wrote.
    pub n_replicas: usize,
    pub n_steps: u32,
    pub wall_s: f64,
    pub interrupted: bool,
}

impl Ending<'_> {
    fn rate(&self) -> f64 {
        self.n_replicas as f64 * f64::from(self.n_steps) / self.wall_s
    }

    /// Leaves a note of this run in `runs/`.
    pub fn note(&self, store: &Store) -> Result<()> {
        let ended = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let note = json!({
            "ended_unix_s": ended.as_secs(),
            "wall_s": self.wall_s,
            "replicas": self.n_replicas,
            "replica_steps_per_s": self.rate(),
            "device": self.device,
            "shard": self.shard.map(|shard| format!("{}/{}", shard.number, shard.of)),
            "interrupted": self.interrupted,
            "chunks_missing": self.missing.len(),
            FILES: studies::to_json(self.sweep.base())[FILES],
            "command": command(),
        });
        let name = format!("runs/{}-{}.json", ended.as_millis(), std::process::id());
        store.write_file(
            &name,
            &serde_json::to_vec_pretty(&note).expect("plain values are JSON"),
        )
    }

    /// Chunks that are missing, by shard.
    fn missing_by_shard(&self) -> Vec<(usize, usize)> {
        let Some(shard) = self.shard else {
            return Vec::new();
        };
        let count = |number: usize| {
            let one = Shard {
                number,
                of: shard.of,
            };
            self.missing.iter().filter(|chunk| one.has(**chunk)).count()
        };
        let all = (1..=shard.of).map(|number| (number, count(number)));
        all.filter(|(_, n)| *n > 0).collect()
    }

    pub fn to_json(&self, summary: Option<&Summary>, out: &Path) -> Value {
        let missing = self.missing_by_shard();
        let of = self.shard.map_or(1, |shard| shard.of);
        json!({
            "backend": self.device.backend,
            "device": self.device.name,
            "device_class": self.device.class,
            "points": self.sweep.n_points(),
            "seeds": self.sweep.n_seeds(),
            "replicas": self.sweep.n_replicas(),
            "replicas_run": self.n_replicas,
            "chunks": self.chunks.len(),
            "chunks_missing": self.missing.len(),
            "shards_missing": missing.iter().map(|(number, _)| format!("{number}/{of}")).collect::<Vec<_>>(),
            "complete": self.missing.is_empty(),
            "interrupted": self.interrupted,
            "diverged": summary.map(|summary| summary.n_diverged),
            "undefined": summary.map(|summary| summary.undefined.to_json()),
            "notes": data_notes(&self.sweep.base().connectome),
            "best": summary.and_then(|summary| summary.best_json(self.sweep)),
            "wall_s": self.wall_s,
            "replica_steps_per_s": self.rate(),
            "out": out.display().to_string(),
        })
    }

    pub fn to_text(&self, summary: Option<&Summary>, out: &Path) -> String {
        let mut text = format!(
            "{}: {} x {}; ",
            self.sweep.base().name,
            counted(self.sweep.n_points(), "point"),
            counted(self.sweep.n_seeds(), "seed"),
        );
        text += &if self.n_replicas == 0 {
            "no replica was finished in this run\n".into()
        } else {
            format!(
                "{} of {} steps in {:.1} s on the {} ({}): {}replica-steps/s\n",
                counted(self.n_replicas, "replica"),
                self.n_steps,
                self.wall_s,
                self.device.backend,
                self.device.name,
                progress::metric(self.rate()),
            )
        };
        if let Some(summary) = summary {
            text += &summary.to_text(self.sweep);
        } else {
            let n = self.chunks.len();
            text += &format!("\n{} of {n} chunks are done", n - self.missing.len());
            let shards: Vec<String> = self
                .missing_by_shard()
                .iter()
                .map(|(number, n)| {
                    format!(
                        "{number}/{} ({n} chunks)",
                        self.shard.map_or(1, |shard| shard.of)
                    )
                })
                .collect();
            text += &match shards.is_empty() {
                true => "; the same command goes on from here".into(),
                false => format!("; missing are those of the shards {}", shards.join(", ")),
            };
            if self.shard.is_none() {
                text += &format!(" (--out {})", out.display());
            }
            text.push('\n');
        }
        text + &format!("\nwritten to {}", out.display())
    }
}
