//! A study as plain values for manifests: what ran, with every default filled in.

use ndarray::{ArrayBase, ArrayView, ArrayView1, Data, Dimension};
use serde_json::{Map, Value as Json, json};

use crate::connectome::{Connectome, Delays};
use crate::io::hash::fnv1a;
use crate::model::Table;
use crate::study::key::Value::{Whole, Word};
use crate::study::key::{self, KEYS, Key, NONE, Number};
use crate::study::{
    NoiseKind, Observation, Past, Rule, RuleForm, Start, Stimulus, Study, Subject, Term, Values,
};
use crate::waveform::Waveform;

/// Lists up to this length are written out; longer ones as shape, smallest, largest and checksum.
const WRITTEN_OUT: usize = 16;

/// Every key of `study` that has an effect, with its value, in the words of study files; `inf` is written as text.
///
/// Long arrays become `{ "shape", "min", "max", "fnv1a" }`, the last being the 64-bit FNV-1a hash of their numbers as
/// little-endian 64-bit floats in row-major order (of region names, their text, each with a zero byte after it; of the model, its text,
/// and apart from that the values of its tables, with the ends of their grids); `files` says which file each came from.
pub fn to_json(study: &Study) -> Json {
    described(KEYS, study)
}

/// [`to_json`], of `keys`.
pub(super) fn described(keys: &[&'static Key], study: &Study) -> Json {
    let mut all = json!({});
    for &key in keys {
        for (index, path) in key.paths(study).iter().enumerate() {
            if (key.idle)(study, index).is_some() {
                continue;
            }
            let value = match (&key.value, Number::new(key, index)) {
                (_, Some(number)) => number_of(number, study),
                (Word { get, .. }, None) => json!(get(study)),
                (Whole { get, .. }, None) => json!(get(study)),
                _ => continue,
            };
            put(&mut all, path, value);
        }
        other(key, study, &mut all);
    }
    let files = study.files.iter();
    let files = files.map(|(key, path)| (key.as_str(), json!(path.display().to_string())));
    all["files"] = named(files);
    if !study.notes.is_empty() {
        all["notes"] = json!(study.notes);
    }
    all
}

/// Puts `value` where its dotted key says.
fn put(all: &mut Json, path: &str, value: Json) {
    let place = path.split('.').fold(all, |table, part| &mut table[part]);
    *place = value;
}

fn number_of(number: Number, study: &Study) -> Json {
    let path = number.path(study);
    if let Some(rule) = study.rules.iter().find(|rule| rule.key == path) {
        return self::rule(rule);
    }
    match number.start(study) {
        Some(Start::Uniform { low, high }) => json!({ "uniform": [low, high] }),
        _ => values(&number.get(study)),
    }
}

/// What a rule is, but for its numbers, which are keys of their own.
fn rule(rule: &Rule) -> Json {
    match &rule.form {
        RuleForm::Formula(formula) => {
            let maps = formula.maps.iter();
            let maps = maps.map(|(name, map)| (name.as_str(), summary(&ArrayView1::from(map))));
            json!({ "formula": formula.text, "maps": named(maps) })
        }
        RuleForm::Groups(groups) => {
            let names = groups.iter().map(|group| rule.numbers[*group].0.as_str());
            json!({ "groups": texts(names.collect()) })
        }
    }
}

/// A list of texts, or what tells it from others.
fn texts(texts: Vec<&str>) -> Json {
    match texts.len() <= WRITTEN_OUT {
        true => json!(texts),
        false => {
            let bytes = texts
                .iter()
                .flat_map(|text| [text.as_bytes(), b"\0"].concat());
            json!({ "shape": [texts.len()], "fnv1a": fnv1a(bytes) })
        }
    }
}

/// Puts what is neither number nor word.
fn other(key: &'static Key, study: &Study, all: &mut Json) {
    let is = |other: &'static Key| std::ptr::eq(key, other);
    let model = study.model;
    if is(&key::NAME) {
        put(all, key.path, json!(study.name));
    } else if is(&key::MODEL) {
        put(all, key.path, json!(model.name));
        let mut text = json!({ "fnv1a": fnv1a(model.text.bytes()) });
        if !model.tables.is_empty() {
            text["tables"] = named(model.tables.iter().map(|of| (of.name, table(of))));
        }
        put(all, "model_text", text);
    } else if is(&key::CONNECTOME_FILE) {
        let described = match study.subjects.is_empty() {
            true => connectome(&study.connectome),
            false => connectomes(&study.subjects),
        };
        put(all, key.section(), described);
    } else if is(&key::COUPLING_KIND) {
        put(all, key.section(), coupling(study));
    } else if is(&key::HOLD_OUTPUT) {
        if let Some(hold) = &study.hold {
            let output = model.observable(hold.observable).name;
            put(
                all,
                key.section(),
                json!({ "output": output, "by": hold.by }),
            );
        }
    } else if is(&key::STIMULUS_WAVEFORM) {
        if !study.stimuli.is_empty() {
            let stimuli = study.stimuli.iter();
            let stimuli = stimuli.map(|one| (one.name.as_str(), stimulus(study, one)));
            put(all, key.section(), named(stimuli));
        }
    } else if is(&key::MONITOR_KIND) {
        if !study.monitors.is_empty() {
            let monitors = study.monitors.iter();
            let monitors = monitors.map(|one| (one.name.as_str(), observation(study, one)));
            put(all, key.section(), named(monitors));
        }
    } else if is(&key::NOISE_REPLAY) {
        if study.noise.kind != NoiseKind::None {
            put(all, key.path, replay(study));
        }
    } else if is(&key::HISTORY) {
        let history = study.signals().into_iter().map(|signal| {
            let said = study.initial.history_of(signal);
            let past = said.map_or(json!("as its start, drawn afresh"), past);
            (model.signal_name(signal), past)
        });
        put(all, key.section(), named(history));
    } else if is(&key::FEEDBACK) {
        put(all, key.path, feedback(study));
    } else if is(&key::RECORD_STATES) {
        let recorded = study.record.states.iter();
        let names = recorded.map(|index| model.observable(*index).name);
        put(all, key.path, json!(names.collect::<Vec<_>>()));
    } else if is(&key::MEASURE_BANDS) && !study.measure.bands.is_empty() {
        let bands = study.measure.bands.iter();
        let bands = bands.map(|band| (&*band.name, json!(band.edges_hz)));
        put(all, key.path, named(bands));
    } else if is(&key::MEASURE_MAKE) && !study.measure.make.is_empty() {
        let made = study.measure.make.iter().map(|analysis| analysis.name());
        put(all, key.path, json!(made.collect::<Vec<_>>()));
        let series = study.connectome.bold.iter();
        let series: Vec<Json> = series.map(|one| summary(&one.samples)).collect();
        if !series.is_empty() {
            all[key::NODES.section()]["bold"] = json!(series);
        }
    }
}

fn replay(study: &Study) -> Json {
    let Some(all) = &study.noise.replay else {
        return Json::Null;
    };
    let stored = all.iter();
    let stored = stored.map(|rows| rows.as_ref().map_or(Json::Null, |rows| summary(rows)));
    named(study.model.noise_targets().into_iter().zip(stored))
}

fn feedback(study: &Study) -> Json {
    match study.initial.feedback.as_slice() {
        [] => json!(0.0),
        [one] => values(one),
        several => {
            let feedback = study.model.feedback.iter();
            let names = feedback.map(|feedback| study.model.signal_name(feedback.signal));
            named(names.zip(several.iter().map(values)))
        }
    }
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
        Values::Uniform(value) => number(*value),
        Values::PerNode(values) if values.len() <= WRITTEN_OUT => json!(values),
        Values::PerNode(values) => summary(&ArrayView1::from(values)),
    }
}

fn past(past: &Past) -> Json {
    match past {
        Past::Constant(given) => values(given),
        Past::Uniform { low, high } => json!({ "uniform": [low, high] }),
        Past::Stored(rows) => summary(rows),
    }
}

/// What each coupling is; the table of keys adds the numbers.
fn coupling(study: &Study) -> Json {
    match study.coupling.terms.as_slice() {
        [] => json!({ "kind": NONE }),
        [one] => term(study, one),
        several => {
            let terms = several.iter();
            named(terms.map(|one| (one.name.as_str(), term(study, one))))
        }
    }
}

/// What a stimulus is; the table of keys adds the numbers.
fn stimulus(study: &Study, one: &Stimulus) -> Json {
    let mut object = json!({
        "waveform": one.waveform.name(),
        "input": study.model.inputs[one.input].name,
        "weights": values(&Values::PerNode(one.weights.clone())),
    });
    match &one.waveform {
        Waveform::Samples(values) => object["file"] = summary(&ArrayView1::from(&values[..])),
        Waveform::Expression(expression) => object["formula"] = json!(expression.text),
        _ => {}
    }
    object
}

/// What a monitor is; the table of keys adds the numbers.
fn observation(study: &Study, one: &Observation) -> Json {
    let mut object = json!({
        "kind": one.monitor.name,
        "text": { "fnv1a": fnv1a(one.monitor.text.bytes()) },
        "set": one.set().name,
        "source": study.model.observable(one.source).name,
        "tr": one.tr,
        "step": one.step,
    });
    if let Some(matrix) = &one.matrix {
        object["matrix"] = summary(&**matrix);
    }
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
    if let Some(k) = term.weights {
        object["weights"] = json!(study.connectome.matrices[k].0);
    }
    object
}

/// Those of several people, who have the same regions.
fn connectomes(subjects: &[Subject]) -> Json {
    let mut shared = json!({});
    let own = subjects.iter().map(|subject| {
        let mut own = connectome(&subject.connectome);
        for key in ["nodes", "labels"] {
            shared[key] = own[key].take();
            own.as_object_mut().map(|own| own.remove(key));
        }
        (subject.name.as_str(), own)
    });
    let own = named(own);
    shared["subjects"] = own;
    shared
}

fn connectome(connectome: &Connectome) -> Json {
    let edges = connectome
        .weights
        .iter()
        .filter(|weight| **weight != 0.0)
        .count();
    let labels = texts(connectome.labels.iter().map(String::as_str).collect());
    let mut object = json!({ "nodes": connectome.n_nodes(), "labels": labels, "edges": edges });
    if edges > 0 {
        object["weights"] = summary(&connectome.weights);
    }
    if !connectome.matrices.is_empty() {
        let matrices = connectome.matrices.iter();
        let matrices = matrices.map(|(name, matrix)| (name.as_str(), summary(matrix)));
        object["matrices"] = named(matrices);
    }
    match &connectome.delays {
        Delays::TractLengths(lengths) => object["tract_lengths"] = summary(lengths),
        Delays::Milliseconds(delays) => object["delays"] = summary(delays),
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
