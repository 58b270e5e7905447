//! A study as plain values for manifests: what ran, with every default filled in.

use ndarray::{ArrayBase, ArrayView, ArrayView1, Data, Dimension};
use serde_json::{Map, Value as Json, json};

use super::read::word_of;
use crate::connectome::{Connectome, Delays};
use crate::model::Table;
use crate::study::{Noise, NoiseKind, Past, Start, Study, Term, Values};

/// Lists up to this length are written out; longer ones as shape, smallest, largest and checksum.
const WRITTEN_OUT: usize = 16;

/// Every key of `study` with its value, in the words of study files; `inf` is written as text.
///
/// Long arrays become `{ "shape", "min", "max", "fnv1a" }`, the last being the 64-bit FNV-1a hash of their numbers as
/// little-endian 64-bit floats in row-major order (of region names, their text, each with a zero byte after it; of the model, its text,
/// and apart from that the values of its tables, with the ends of their grids); `files` says which file each came from.
pub fn to_json(study: &Study) -> Json {
    let states = || study.model.states.iter().map(|state| state.name);
    let inputs = study.model.inputs.iter().map(|input| input.name);
    let parameters = study.model.parameters.iter().map(|p| p.name);
    let protocol = &study.protocol;
    let start = study.initial.state.iter().map(start);
    let mut initial = named(states().zip(start));
    let history = study.signals().into_iter().map(|signal| {
        let said = study.initial.history_of(signal);
        let past = said.map_or(json!("as its start, drawn afresh"), past);
        (study.model.signal_name(signal), past)
    });
    initial["history"] = named(history);
    initial["feedback"] = match study.initial.feedback.as_slice() {
        [] => json!(0.0),
        [one] => values(one),
        several => {
            let feedback = study.model.feedback.iter();
            let names = feedback.map(|feedback| study.model.signal_name(feedback.signal));
            named(names.zip(several.iter().map(values)))
        }
    };
    let recorded = study
        .record
        .states
        .iter()
        .map(|index| study.model.observable(*index).name);
    let files = study
        .files
        .iter()
        .map(|(key, path)| (key.as_str(), json!(path.display().to_string())));
    let mut model_text = json!({ "fnv1a": fnv1a(study.model.text.bytes()) });
    if !study.model.tables.is_empty() {
        let tables = study.model.tables.iter();
        model_text["tables"] = named(tables.map(|of| (of.name, table(of))));
    }
    json!({
        "name": study.name,
        "model": study.model.name,
        "model_text": model_text,
        "integrator": word_of(&study.integrator),
        "parameters": named(parameters.zip(study.parameters.iter().map(values))),
        "connectome": connectome(&study.connectome),
        "coupling": coupling(study),
        "input": named(inputs.zip(study.input.iter().map(values))),
        "noise": noise(&study.noise, &study.model.noise_targets()),
        "initial": initial,
        "protocol": {
            "duration": protocol.duration,
            "dt": protocol.dt,
            "seed": protocol.seed,
            "simulation": protocol.simulation,
            "transient": protocol.transient,
        },
        "record": { "states": recorded.collect::<Vec<_>>(), "every": study.record.every },
        "files": named(files),
    })
}

fn table(table: &Table) -> Json {
    let axes = &table.lookup.axes;
    let shape: Vec<usize> = axes.iter().map(|axis| axis.n).collect();
    let values = ArrayView::from_shape(shape, table.lookup.table.entries());
    let mut object = summary(&values.expect("a value for each place of the grid"));
    let ends = axes.iter().map(|axis| json!([axis.first, axis.last]));
    object["grid"] = ends.collect();
    object
}

fn named<'a>(entries: impl Iterator<Item = (&'a str, Json)>) -> Json {
    Json::Object(
        entries
            .map(|(name, value)| (name.into(), value))
            .collect::<Map<_, _>>(),
    )
}

fn number(value: f64) -> Json {
    if value.is_finite() {
        json!(value)
    } else {
        json!(value.to_string())
    }
}

fn values(values: &Values) -> Json {
    match values {
        Values::Uniform(value) => json!(value),
        Values::PerNode(values) if values.len() <= WRITTEN_OUT => json!(values),
        Values::PerNode(values) => summary(&ArrayView1::from(values)),
    }
}

fn start(start: &Start) -> Json {
    match start {
        Start::Given(given) => values(given),
        Start::Uniform { low, high } => json!({ "uniform": [low, high] }),
    }
}

fn past(past: &Past) -> Json {
    match past {
        Past::Constant(given) => values(given),
        Past::Uniform { low, high } => json!({ "uniform": [low, high] }),
        Past::Stored(rows) => summary(rows),
    }
}

fn coupling(study: &Study) -> Json {
    let coupling = &study.coupling;
    let mut object = match coupling.terms.as_slice() {
        [] => json!({ "kind": "none" }),
        [one] => term(study, one),
        several => named(
            several
                .iter()
                .map(|one| (one.name.as_str(), term(study, one))),
        ),
    };
    object["conduction_speed"] = number(coupling.conduction_speed);
    object["delay_rounding"] = json!(word_of(&coupling.delay_rounding));
    object["delay_reads"] = json!(word_of(&coupling.delay_reads));
    object
}

fn term(study: &Study, term: &Term) -> Json {
    let model = study.model;
    let sources = term.pairs.iter().map(|pair| model.signal_name(pair.source));
    let targets = term.pairs.iter().map(|pair| model.inputs[pair.target].name);
    let mut object = json!({
        "kind": term.form.name,
        "text": { "fnv1a": fnv1a(term.form.text.bytes()) },
        "source": sources.collect::<Vec<_>>(),
        "target": targets.collect::<Vec<_>>(),
    });
    for (parameter, given) in term.form.parameters.iter().zip(&term.parameters) {
        object[parameter.name] = values(given);
    }
    object
}

fn noise(noise: &Noise, targets: &[&str]) -> Json {
    let per_target = |all: &[Values]| named(targets.iter().copied().zip(all.iter().map(values)));
    let mut object = json!({ "kind": word_of(&noise.kind) });
    if noise.kind == NoiseKind::OrnsteinUhlenbeck {
        object["tau"] = json!(noise.tau);
        object["mean"] = per_target(&noise.mean);
    }
    if noise.kind != NoiseKind::None {
        object["sigma"] = per_target(&noise.sigma);
        let replay = noise.replay.as_ref().map(|all| {
            let stored = all
                .iter()
                .map(|normals| normals.as_ref().map_or(Json::Null, |rows| summary(rows)));
            named(targets.iter().copied().zip(stored))
        });
        object["replay"] = replay.unwrap_or(Json::Null);
    }
    object
}

fn connectome(connectome: &Connectome) -> Json {
    let edges = connectome
        .weights
        .iter()
        .filter(|weight| **weight != 0.0)
        .count();
    let labels = &connectome.labels;
    let labels = match labels.len() <= WRITTEN_OUT {
        true => json!(labels),
        false => {
            json!({ "shape": [labels.len()], "fnv1a": fnv1a(labels.iter().flat_map(|label| [label.as_bytes(), b"\0"].concat())) })
        }
    };
    let mut object = json!({ "nodes": connectome.n_nodes(), "labels": labels, "edges": edges });
    if edges > 0 {
        object["weights"] = summary(&connectome.weights);
    }
    match &connectome.delays {
        Delays::TractLengths(lengths) => object["tract_lengths"] = summary(lengths),
        Delays::Steps(steps) => object["delay_steps"] = summary(&steps.mapv(f64::from)),
        Delays::None => {}
    }
    if let Some(functional) = &connectome.functional {
        object["functional"] = summary(functional);
    }
    if !connectome.notes.is_empty() {
        object["notes"] = json!(connectome.notes);
    }
    object
}

fn summary<S: Data<Elem = f64>, D: Dimension>(array: &ArrayBase<S, D>) -> Json {
    let min = array.iter().copied().fold(f64::INFINITY, f64::min);
    let max = array.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    json!({ "shape": array.shape(), "min": number(min), "max": number(max), "fnv1a": fnv1a(array.iter().flat_map(|number| number.to_le_bytes())) })
}

/// Fowler, Noll and Vo's hash, variant 1a, 64 bits.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> String {
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
