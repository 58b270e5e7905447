//! From the document to a [`Study`]: every key, its default and its rule.

use super::document::Item;
use super::read::Reader;
use super::schema::Section;
use super::{coupling, wiring};
use crate::error::{Error, Result};
use crate::integrator::Integrator;
use crate::io::{model as model_file, npz};
use crate::model::{self, Model};
use crate::study::range::Range;
use crate::study::{Initial, Noise, NoiseKind, Protocol, Record, STEP_TOLERANCE, Study, Values};

const INTEGRATORS: [Integrator; 4] = [
    Integrator::ExponentialEuler,
    Integrator::Euler,
    Integrator::Heun,
    Integrator::Rk4,
];
const NOISES: [NoiseKind; 3] = [
    NoiseKind::OrnsteinUhlenbeck,
    NoiseKind::White,
    NoiseKind::None,
];
/// The model where none is named.
const DEFAULT_MODEL: &str = "fitzhugh-nagumo";
/// A multiple is recognised up to this relative error: 0.3 / 0.1 is not 3 in binary.
const MULTIPLE_TOLERANCE: f64 = 1e-6;
/// Steps are counted in 32 bits.
const MOST_STEPS: f64 = u32::MAX as f64;

/// The model of a document.
pub(super) fn model_of(document: &Item) -> Result<&'static Model> {
    let root = Section::open(Some(document), "", &[])?;
    let Some(item) = root.get("model") else {
        return model::find(DEFAULT_MODEL);
    };
    let name = item.text()?;
    if model_file::is_file_name(name) {
        let path = item.origin.source.folder.join(name);
        return model_file::load(&path).map_err(|error| match error {
            Error::Text { .. } => error,
            other => item.origin.error(format!("model: {other}")),
        });
    }
    let names: Vec<&str> = model::MODELS.iter().map(|model| model.name).collect();
    model::find(name).map_err(|_| item.not_among(&names))
}

/// The whole study; `name` if the document gives none.
pub(super) fn study(document: &Item, name: &str) -> Result<Study> {
    let root = Section::open(Some(document), "", &[])?;
    let model = model_of(document)?;
    let states: Vec<&str> = model.states.iter().map(|state| state.name).collect();
    let mut reader = Reader {
        n_nodes: 0,
        files: Vec::new(),
    };
    let connectome = wiring::connectome(root.get("connectome"), &mut reader)?;
    reader.n_nodes = connectome.n_nodes();
    if let Some(item) = root
        .get("model")
        .filter(|item| item.text().is_ok_and(model_file::is_file_name))
    {
        let path = item.origin.source.folder.join(item.text()?);
        let tables = model.tables.iter().map(|table| {
            let key = format!("model.tables.{}", table.name);
            (key, model_file::beside(&path, table.file))
        });
        let tables: Vec<_> = tables.collect();
        reader.files.push(("model".into(), path));
        reader.files.extend(tables);
    }

    let mut study = Study::new(model, connectome);
    study.name = self::name(root.get("name"))?.unwrap_or_else(|| name.into());
    if let Some(item) = root.get("integrator") {
        study.integrator = item.word(&INTEGRATORS)?;
    }
    parameters(root.get("parameters"), &mut reader, &mut study)?;
    coupling::read(root.get("coupling"), &mut reader, &mut study)?;
    let inputs: Vec<&str> = model.inputs.iter().map(|input| input.name).collect();
    let input = Section::open(root.get("input"), "input", &inputs)?;
    study.input = per_name(&input, &mut reader, &inputs, Range::Finite)?;
    protocol(root.get("protocol"), &mut study.protocol)?;
    noise(
        root.get("noise"),
        &mut reader,
        &mut study,
        &model.noise_targets(),
    )?;
    study.initial = initial(root.get("initial"), &mut reader, &study, &states)?;
    let observables: Vec<&str> = model.observables().iter().map(|o| o.name).collect();
    study.record = record(root.get("record"), &study.protocol, &observables)?;
    study.files = reader.files;
    Ok(study)
}

fn name(item: Option<&Item>) -> Result<Option<String>> {
    let Some(item) = item else { return Ok(None) };
    let name = item.text()?;
    let plain = |c: char| c.is_alphanumeric() || "_-. ".contains(c);
    if name.trim().is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        let rule =
            "it names the output folder: letters, digits, spaces and _ - . only, no dot first";
        return Err(item.but(format!("{name:?}"), rule));
    }
    Ok(Some(name.into()))
}

fn parameters(item: Option<&Item>, reader: &mut Reader, study: &mut Study) -> Result<()> {
    let names: Vec<&str> = study.model.parameters.iter().map(|p| p.name).collect();
    let table = Section::open(item, "parameters", &names)?;
    for (index, name) in names.iter().enumerate() {
        let range = Range::of_parameter(study.model, index);
        let default = study.parameters[index].clone();
        study.parameters[index] = reader.values(table.get(name), range, default)?;
    }
    Ok(())
}

fn per_name(
    table: &Section,
    reader: &mut Reader,
    names: &[&str],
    range: Range,
) -> Result<Vec<Values>> {
    let zero = Values::Uniform(0.0);
    names
        .iter()
        .map(|name| reader.values(table.get(name), range, zero.clone()))
        .collect()
}

fn protocol(item: Option<&Item>, protocol: &mut Protocol) -> Result<()> {
    let table = Section::open(item, "protocol", &[])?;
    if let Some(item) = table.get("dt") {
        protocol.dt = item.number(Range::Positive)?;
    }
    if let Some(item) = table.get("duration") {
        protocol.duration = item.number(Range::Positive)?;
    }
    // A default can only be in the wrong because of what was written, so the complaint goes where something was.
    let written = table.get("duration").or(table.get("dt"));
    if let Some(item) = written {
        let Protocol { duration, dt, .. } = *protocol;
        if duration < dt * (1.0 - STEP_TOLERANCE) {
            let message = format!(
                "protocol.duration is {duration} ms, but must be at least one step (protocol.dt = {dt} ms)"
            );
            return Err(item.origin.error(message));
        }
        if duration / dt >= MOST_STEPS {
            let message = format!(
                "protocol.duration / protocol.dt is {:e} steps, but fewer than {MOST_STEPS:e} are counted",
                duration / dt
            );
            return Err(item.origin.error(message));
        }
    }
    if let Some(item) = table.get("seed") {
        protocol.seed = item.whole(u64::MAX)?;
    }
    if let Some(item) = table.get("simulation") {
        protocol.simulation = item.whole(u32::MAX.into())? as u32;
    }
    if let Some(item) = table.get("transient") {
        protocol.transient = item.number(Range::NotNegative)?;
        if protocol.transient >= protocol.duration {
            let rule = format!(
                "must be shorter than protocol.duration ({} ms): nothing would be left to measure",
                protocol.duration
            );
            return Err(item.but(format!("{} ms", protocol.transient), rule));
        }
    }
    Ok(())
}

fn noise(
    item: Option<&Item>,
    reader: &mut Reader,
    study: &mut Study,
    targets: &[&str],
) -> Result<()> {
    let table = Section::open(item, "noise", &[])?;
    let Noise {
        kind,
        tau,
        mean,
        sigma,
        replay,
    } = &mut study.noise;
    *kind = match table.get("kind") {
        Some(item) => item.word(&NOISES)?,
        None if table.is_empty() => NoiseKind::None,
        None => NoiseKind::OrnsteinUhlenbeck,
    };
    if let Some(item) = table.get("tau") {
        *tau = item.number(Range::Positive)?;
    }
    *mean = per_name(
        &Section::open(table.get("mean"), "noise.mean", targets)?,
        reader,
        targets,
        Range::Finite,
    )?;
    *sigma = per_name(
        &Section::open(table.get("sigma"), "noise.sigma", targets)?,
        reader,
        targets,
        Range::NotNegative,
    )?;
    let Some(item) = table.get("replay") else {
        return Ok(());
    };
    let names = Section::open(Some(item), "noise.replay", targets)?;
    let Some(file) = names.get("file") else {
        return Err(item.wrong(
            "{ file = \"z.npz\", x = \"zx\" }: an npz file and, per state or input, the key of its normals",
        ));
    };
    let path = reader.path(file)?;
    let n_steps = study.protocol.n_steps();
    let expected = format!(
        "[n_steps, {}] with at least {n_steps} rows, one per step",
        reader.n_nodes
    );
    let normals = targets.iter().map(|target| {
        let Some(key) = names.get(target) else {
            return Ok(None);
        };
        let array = npz::read_f64(&path, key.text()?);
        let array = array.map_err(|error| key.origin.error(format!("{}: {error}", key.key)))?;
        reader.rows(key, array, n_steps, &expected).map(Some)
    });
    *replay = Some(normals.collect::<Result<_>>()?);
    Ok(())
}

fn initial(
    item: Option<&Item>,
    reader: &mut Reader,
    study: &Study,
    states: &[&str],
) -> Result<Initial> {
    let model = study.model;
    let table = Section::open(item, "initial", states)?;
    if let (Some(item), true) = (table.get("feedback"), model.feedback.is_empty()) {
        let rule = format!("{} has no delayed self feedback; leave it out", model.name);
        return Err(item.but("written", rule));
    }
    let state = model
        .states
        .iter()
        .map(|state| reader.start(table.get(state.name), state.start));
    let state = state.collect::<Result<_>>()?;
    // Only what is transmitted or fed back has a past that matters.
    let signals = study.signals();
    let names: Vec<&str> = signals
        .iter()
        .map(|&signal| model.signal_name(signal))
        .collect();
    let written = Section::open(table.get("history"), "initial.history", &names)?;
    let mut history = Vec::new();
    for (&signal, name) in signals.iter().zip(&names) {
        let past = reader.past(written.get(name))?;
        history.extend(past.map(|past| (signal, past)));
    }
    Ok(Initial {
        state,
        history,
        feedback: feedback(table.get("feedback"), reader, model)?,
    })
}

/// What is fed back before t = 0: one for all that is fed back, or a table of names.
fn feedback(item: Option<&Item>, reader: &mut Reader, model: &Model) -> Result<Vec<Values>> {
    let names: Vec<&str> = model
        .feedback
        .iter()
        .map(|feedback| model.signal_name(feedback.signal))
        .collect();
    let is_named = |item: &&Item| match &item.value {
        super::document::Value::Table(entries) => !entries.iter().any(|(key, _)| key == "file"),
        _ => false,
    };
    let named = item.filter(is_named);
    let table = Section::inline(named, &names)?;
    let zero = Values::Uniform(0.0);
    let each = names.iter().map(|name| match named {
        Some(_) => reader.values(table.get(name), Range::Finite, zero.clone()),
        None => reader.values(item, Range::Finite, zero.clone()),
    });
    each.collect()
}

fn record(item: Option<&Item>, protocol: &Protocol, states: &[&str]) -> Result<Record> {
    let table = Section::open(item, "record", &[])?;
    let mut record = Record {
        states: vec![0],
        every: protocol.dt,
    };
    if let Some(item) = table.get("states") {
        record.states = recorded(item, states)?;
    }
    if let Some(item) = table.get("every") {
        record.every = item.number(Range::Positive)?;
        let Protocol { duration, dt, .. } = *protocol;
        let steps = record.every / dt;
        let off = (steps - steps.round()).abs() > MULTIPLE_TOLERANCE * steps;
        let found = format!("{} ms", record.every);
        if steps.round() < 1.0 || off {
            let below = (steps.floor().max(1.0) * dt * 1e9).round() / 1e9;
            let rule = format!(
                "must be a whole multiple of the step (protocol.dt = {dt} ms), for example {below}"
            );
            return Err(item.but(found, rule));
        }
        if record.every > duration * (1.0 + MULTIPLE_TOLERANCE) {
            let rule = format!("nothing is recorded in protocol.duration = {duration} ms");
            return Err(item.but(found, rule));
        }
    }
    Ok(record)
}

fn recorded(item: &Item, states: &[&str]) -> Result<Vec<usize>> {
    let expected = || item.wrong(format!("a list of states and outputs, from {states:?}"));
    let super::document::Value::List(items) = &item.value else {
        return Err(expected());
    };
    if items.is_empty() {
        return Err(expected());
    }
    let mut indices = Vec::with_capacity(items.len());
    for item in items {
        let name = item.text()?;
        let index = states.iter().position(|state| *state == name);
        let index = index.ok_or_else(|| item.not_among(states))?;
        if indices.contains(&index) {
            return Err(item.but(format!("{name:?}"), "it is in the list already"));
        }
        indices.push(index);
    }
    Ok(indices)
}
