//! Writes down what a sweep is: in the attributes of its store, and a note of every run in `runs/`.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::Filled;
use crate::backend::Device;
use crate::error::Result;
use crate::io::store::Store;
use crate::io::study as studies;
use crate::measure::Precision;
use crate::output::{Manifest, object};
use crate::study::key;
use crate::sweep::{Description, Sweep};

/// The study's files, in its description.
const FILES: &str = "files";

/// The attributes of a store: the same for all who fill it, whatever they run on, from wherever. What
/// differs between runs, as the paths of the study's files, is in `runs/`.
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
    let mut study = object(&studies::to_json(sweep.base()));
    study.remove(FILES);
    // What was said on reading may change while the data stay: a file that now lies beside them.
    if let Some(Value::Object(connectome)) = study.get_mut("connectome") {
        connectome.remove("notes");
    }
    let mut facts = object(&json!({
        "sweep": {
            "vary": varied,
            "zip": description.zip,
            "sample": description.sample.map(|sample| sample.to_string()),
            "seeds": sweep.n_seeds(),
            "every": sweep.base().record.every,
            "keep": kept,
        },
        "device_class": class_name(device),
        "sums": match sweep.base().monitors.is_empty() {
            true => Precision::Single,
            // Of the samples of a monitor, which are kept to the end of a replica.
            false => Precision::Double,
        }.name(),
        "replica": replica(sweep),
    }));
    if !sweep.is_grid() {
        // So that xarray takes the numbers for coordinates.
        let paths: Vec<&str> = sweep.axes().iter().map(|axis| axis.path.as_str()).collect();
        facts.insert("coordinates".into(), paths.join(" ").into());
    }
    let mut manifest = Manifest::new("sweep", &facts);
    manifest.study = Some(study.into());
    manifest.to_map()
}

/// The command that runs one replica again.
fn replica(sweep: &Sweep) -> String {
    let mut command = String::from("brainsweep simulate STUDY");
    for path in sweep.axes().iter().flat_map(|axis| axis.paths()) {
        command += &format!(" --set {path}=VALUE");
    }
    command
        + &format!(
            " --seed SEED --set {}={}",
            key::RECORD_EVERY.path,
            sweep.base().record.every
        )
}

/// What results are called by the class of their device: those of exact devices are the same,
/// whatever the device.
pub(in crate::run) fn class_name(device: &Device) -> String {
    if device.class.is_exact() {
        "exact".into()
    } else {
        let class = device.class.name();
        format!("{class}, {} {}", device.name, device.driver)
    }
}

/// Leaves a note of a run in `runs/`.
pub(super) fn note(
    filled: &Filled,
    sweep: &Sweep,
    store: &Store,
    command: &[String],
) -> Result<()> {
    let ended = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let note = json!({
        "ended_unix_s": ended.as_secs(),
        "wall_s": filled.wall_s,
        "replicas": filled.n_replicas,
        "replica_steps_per_s": filled.rate(),
        "device": filled.device,
        "shard": filled.shard.map(|shard| shard.to_string()),
        "interrupted": filled.interrupted,
        "chunks_missing": filled.missing.len(),
        FILES: studies::to_json(sweep.base())[FILES],
        "notes": sweep.base().connectome.notes,
        "command": command,
    });
    let name = format!("runs/{}-{}.json", ended.as_millis(), std::process::id());
    let text = serde_json::to_vec_pretty(&note).expect("plain values are JSON");
    store.write_file(&name, &text)
}
