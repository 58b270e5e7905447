//! Writes down what a sweep is: in the attributes of its store, and a note of every run in `runs/`.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::Filled;
use super::arrays::SEED;
use crate::backend::Device;
use crate::error::Result;
use crate::io::store::{FORM, FORM_NOW, NUMERICS, Store};
use crate::io::study as studies;
use crate::measure::Precision;
use crate::output::{Manifest, object};
use crate::study::key;
use crate::sweep::{Description, FEATURES, Sweep};

/// The study's files, in its description.
const FILES: &str = "files";

/// Numbers the bits that this version computes: to be raised when the same study gives other bits
/// than before. A store whose chunks have bits of both would be nobody's; one that was begun with
/// others is refused by this number.
const NUMERICS_NOW: u32 = 1;

/// The attributes of a store: the same for all who fill it, whatever they run on, from wherever. What
/// differs between runs, as the paths of the study's files, is in `runs/`.
pub(super) fn attributes(
    sweep: &Sweep,
    description: &Description,
    device: &Device,
) -> Map<String, Value> {
    let varied = sweep.axes().iter().zip(&description.vary);
    let varied: Map<String, Value> = varied
        .map(|(axis, vary)| (axis.written(), json!(vary.values.to_string())))
        .collect();
    let model = sweep.base().model;
    let recorded = &sweep.base().record.states;
    let mut kept: Vec<&str> = sweep
        .kept_states()
        .iter()
        .map(|&k| model.observable(recorded[k]).name)
        .collect();
    let shown = sweep.base().shown_names();
    kept.extend(sweep.kept_monitors().iter().map(|&k| shown[k].as_str()));
    kept.extend(sweep.kept_measures());
    if sweep.keeps_features() {
        kept.push(FEATURES);
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
        FORM: FORM_NOW,
        NUMERICS: NUMERICS_NOW,
        "device_class": class_name(device),
        "sums": match sweep.base().monitors.is_empty() {
            true => Precision::Single,
            // Of the samples of a monitor, which are kept to the end of a replica.
            false => Precision::Double,
        }.name(),
        "replica": replica(sweep),
    }));
    // So that xarray takes them for coordinates.
    let mut coordinates: Vec<&str> = match sweep.is_grid() {
        true => Vec::new(),
        false => sweep.axes().iter().map(|axis| axis.path.as_str()).collect(),
    };
    if sweep.has_own_seeds() {
        facts["sweep"]["own_seeds"] = true.into();
        coordinates.push(SEED);
    }
    if !coordinates.is_empty() {
        facts.insert("coordinates".into(), coordinates.join(" ").into());
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
        "replicas_resumed": filled.n_resumed,
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::backend::Backend;
    use crate::backend::cpu::Cpu;
    use crate::control::Control;
    use crate::plan::Plan;
    use crate::record::Raw;

    /// The bits of `NUMERICS_NOW`, as [`print`] sees them.
    const PRINT: u64 = 0x6edf_405d_37bd_43a7;

    /// Networks with delays, noise of both kinds and every integrator.
    const STUDIES: [&str; 4] = [
        "coupling = { g = 1, conduction_speed = 10 }\ninput.x = 0.72\nnoise = { kind = \"ornstein-uhlenbeck\", tau = 5, sigma.x = 0.01 }",
        "model = \"jansen-rit\"\nintegrator = \"heun\"\ncoupling.g = 0.1\nnoise = { kind = \"white\", sigma.y4 = 1 }",
        "model = \"kuramoto\"\nintegrator = \"rk4\"\ncoupling.g = 0.5\ninitial.theta = { uniform = [0, 6] }",
        "model = \"montbrio-pazo-roxin\"\nintegrator = \"euler\"\ncoupling.g = 0.1",
    ];

    /// A hash of all their samples.
    fn print() -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for text in STUDIES {
            let short = [
                "protocol.duration=20",
                "protocol.dt=0.1",
                "record.every=0.1",
            ];
            let study = studies::parse(text, "bits", Path::new(""), &short).unwrap();
            let plan = Plan::new(&study).unwrap();
            let raw = Raw::new(&plan).unwrap();
            Cpu::new().run(&plan, &raw, &Control::default()).unwrap();
            let recorded = raw.into_recorded().pop().unwrap();
            assert!(recorded.end.divergence.is_none(), "{text}");
            for sample in &recorded.samples {
                // Fowler, Noll & Vo's FNV-1a, a word at a time.
                hash = (hash ^ u64::from(sample.to_bits())).wrapping_mul(0x0100_0000_01b3);
            }
        }
        hash
    }

    /// If this fails, the same study gives other bits than before. If that is meant, raise
    /// `NUMERICS_NOW`, say in the changelog that older stores are not continued, and put the new
    /// print here.
    #[test]
    fn other_bits_have_another_number() {
        assert_eq!((NUMERICS_NOW, print()), (1, PRINT), "{:#x}", print());
    }
}
