//! From the document to a [`Study`]: every key of the table, its default and its rule.

use super::document::{Item, Value};
use super::read::Reader;
use super::schema::Section;
use super::wiring::{self, Wired};
use super::{coupling, hold, monitor, stimulus};
use crate::connectome::Delays;
use crate::error::{Error, Result};
use crate::io::{model as model_file, npz};
use crate::measure::{Analysis, Band};
use crate::model::{self, Model};
use crate::study::key::{self, Key, Number, Purpose, Slot};
use crate::study::range::Range;
use crate::study::{DURATION_MS, NoiseKind, Study, Values, times};
use crate::word::Word;

/// The model where none is named.
const DEFAULT_MODEL: &str = "fitzhugh-nagumo";

/// The model of a document.
pub(super) fn model_of(keys: &[&'static Key], document: &Item) -> Result<&'static Model> {
    let root = Section::open(keys, Some(document), "", &[])?;
    let Some(item) = root.get(&key::MODEL) else {
        return model::find(DEFAULT_MODEL);
    };
    let name = item.text()?;
    if model_file::is_file_name(name) {
        let path = item.origin.source.folder.join(name);
        return model_file::load(&path).map_err(|error| match error {
            Error::Text(_) => error,
            other => item.within(other),
        });
    }
    let names: Vec<&str> = model::MODELS.iter().map(|model| model.name).collect();
    model::find(name).map_err(|_| item.not_among(&names))
}

/// The whole study; `name` if the document gives none, `wired` if its connectomes were read before.
pub(super) fn study(
    keys: &[&'static Key],
    document: &Item,
    name: &str,
    wired: Option<Wired>,
) -> Result<Study> {
    let root = Section::open(keys, Some(document), "", &[])?;
    let model = model_of(keys, document)?;
    let duration = document.at(key::DURATION.path);
    let mut reader = Reader {
        n_nodes: 0,
        duration_ms: duration.map_or(Ok(DURATION_MS), |item| item.number(Range::Positive))?,
        regions: Vec::new(),
        files: Vec::new(),
        rules: Vec::new(),
        notes: Vec::new(),
    };
    let (connectome, subjects) = match wired {
        Some(wired) => {
            reader.files = wired.files;
            (wired.connectome, wired.subjects)
        }
        None => wiring::connectome(root.named(key::NODES.section()), &mut reader)?,
    };
    reader.n_nodes = connectome.n_nodes();
    if connectome.has_names() {
        reader.regions.clone_from(&connectome.labels);
    }
    model_files(&root, model, &mut reader)?;

    let mut study = Study::new(model, connectome);
    study.subjects = subjects;
    study.name = self::name(root.get(&key::NAME))?.unwrap_or_else(|| name.into());
    coupling::read(
        root.named(key::COUPLING_KIND.section()),
        &mut reader,
        &mut study,
    )?;
    check_sections(keys, document, &study)?;
    let noise = document.at(key::NOISE_KIND.section());
    if noise.is_some_and(|noise| !matches!(&noise.value, Value::Table(all) if all.is_empty())) {
        study.noise.kind = NoiseKind::OrnsteinUhlenbeck;
    }
    // Samples are a step apart where nothing else is said.
    if let Some(item) = document.at(key::DT.path) {
        study.record.every = item.number(Range::Positive)?;
    }
    let (of_hold, others): (Vec<_>, Vec<_>) = keys.iter().partition(|key| hold::is_of_hold(key));
    for key in others {
        plain(key, document, &mut reader, &mut study)?;
    }
    conduction_speed(document, &mut study)?;
    study.hold = hold::read(root.named(key::HOLD_OUTPUT.section()), &mut reader, &study)?;
    for key in of_hold {
        plain(key, document, &mut reader, &mut study)?;
    }
    let stimuli = root.named(key::STIMULUS_WAVEFORM.section());
    stimulus::read(stimuli, &mut reader, &mut study)?;
    let monitors = root.named(key::MONITOR_KIND.section());
    monitor::read(monitors, &mut reader, &mut study)?;
    // A study that measures BOLD records nothing else where it does not say so.
    if study.monitors.iter().any(|one| one.matrix.is_none()) {
        study.record.states.clear();
    }
    times(document, &study)?;
    replay(document, &mut reader, &mut study)?;
    history(document, &mut reader, &mut study)?;
    study.initial.feedback = feedback(document.at(key::FEEDBACK.path), &mut reader, model)?;
    if let Some(item) = document.at(key::RECORD_STATES.path) {
        let names: Vec<&str> = model.observables().iter().map(|o| o.name).collect();
        study.record.states = recorded(item, &names)?;
    }
    if let Some(item) = document.at(key::MEASURE_MAKE.path) {
        study.measure.make = made(item)?;
    }
    if let Some(item) = document.at(key::MEASURE_BANDS.path) {
        study.measure.bands = bands(item)?;
    }
    study.files = reader.files;
    study.rules = reader.rules;
    study.notes = reader.notes;
    study.notes.extend(idle(keys, document, &study));
    study.notes.extend(model::takes_a_name(model));
    Ok(study)
}

/// Remembers the files of a model that comes from one.
fn model_files(root: &Section, model: &Model, reader: &mut Reader) -> Result<()> {
    let item = root.get(&key::MODEL);
    let Some(item) = item.filter(|item| item.text().is_ok_and(model_file::is_file_name)) else {
        return Ok(());
    };
    let path = item.origin.source.folder.join(item.text()?);
    let tables = model.tables.iter().map(|table| {
        let key = format!("{}.tables.{}", item.key, table.name);
        (key, model_file::beside(&path, table.file))
    });
    let tables: Vec<_> = tables.collect();
    reader.files.push((item.key.clone(), path));
    reader.files.extend(tables);
    Ok(())
}

/// Refuses unknown keys in every section that is not read as a whole.
fn check_sections(keys: &[&'static Key], document: &Item, study: &Study) -> Result<()> {
    let mut seen: Vec<&str> = Vec::new();
    for key in keys {
        // The connectome, the coupling, the stimuli, the monitors and the sweep open their own.
        let first = key.path.split('.').next().unwrap_or_default();
        let own = [
            key::NODES.section(),
            key::COUPLING_KIND.section(),
            key::STIMULUS_WAVEFORM.section(),
            key::MONITOR_KIND.section(),
            key::SWEEP,
        ];
        let section = key.section();
        if section.is_empty() || own.contains(&first) || seen.contains(&section) {
            continue;
        }
        seen.push(section);
        let named = keys
            .iter()
            .find(|key| key.section() == section && key.has_names());
        let names = named
            .and_then(|key| key.names)
            .map_or(Vec::new(), |names| names(study));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Section::open(keys, document.at(section), section, &names)?;
    }
    Ok(())
}

/// Reads a key that holds a number, a whole number or a word.
fn plain(key: &'static Key, document: &Item, reader: &mut Reader, study: &mut Study) -> Result<()> {
    match &key.value {
        // The readers of couplings, of what is held, of stimuli and monitors read theirs.
        key::Value::Number(_)
            if std::ptr::eq(key, &key::COUPLING_NUMBER)
                || std::ptr::eq(key, &key::HOLD_TARGET)
                || std::ptr::eq(key, &key::STIMULUS_NUMBER)
                || std::ptr::eq(key, &key::MONITOR_NUMBER) => {}
        key::Value::Number(_) => {
            for (index, path) in key.paths(study).iter().enumerate() {
                let number = Number::new(key, index);
                if let (Some(item), Some(number)) = (document.at(path), number) {
                    number_at(item, number, reader, study)?;
                }
            }
        }
        key::Value::Whole { most, set, .. } => {
            if let Some(item) = document.at(key.path) {
                set(study, item.whole(*most)?);
            }
        }
        key::Value::Word { words, set, .. } => {
            if let Some(item) = document.at(key.path) {
                set(study, item.one_of(&words())?);
            }
        }
        key::Value::OneOf(_) | key::Value::Other(_) => {}
    }
    Ok(())
}

fn number_at(item: &Item, number: Number, reader: &mut Reader, study: &mut Study) -> Result<()> {
    let range = number.range(study);
    let default = number.get(study);
    match number.slot(study) {
        Slot::PerNode(values) => *values = reader.given(Some(item), range, default)?,
        Slot::Start(start) => *start = reader.start(item, default.at(0))?,
        Slot::Single(single) => *single = item.number(range)?,
    }
    Ok(())
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

/// Without distances there is no delay, whatever the speed.
fn conduction_speed(document: &Item, study: &mut Study) -> Result<()> {
    let no_distances = matches!(study.connectome.delays, Delays::None);
    let item = document.at(key::CONDUCTION_SPEED.path);
    let Some(item) = item.filter(|_| no_distances) else {
        return Ok(());
    };
    let speed = study.coupling.conduction_speed;
    if study.coupling.is_some() && speed.is_finite() {
        let rule = format!(
            "the connectome has no distances; name {} or {}, or say inf",
            key::TRACT_LENGTHS.path,
            key::DELAY_STEPS.path
        );
        return Err(item.but(speed, rule));
    }
    study.coupling.conduction_speed = f64::INFINITY;
    Ok(())
}

/// The complaint about times that do not go together stands where one of them was written: a default alone is never wrong.
fn times(document: &Item, study: &Study) -> Result<()> {
    let Err(misfit) = times::check(study) else {
        return Ok(());
    };
    let written = [misfit.key, &key::DURATION, &key::DT];
    let item = written.iter().find_map(|key| document.at(key.path));
    Err(match item {
        Some(item) => item.origin.error(misfit),
        None => misfit.into(),
    })
}

fn replay(document: &Item, reader: &mut Reader, study: &mut Study) -> Result<()> {
    let Some(item) = document.at(key::NOISE_REPLAY.path) else {
        return Ok(());
    };
    let targets = study.model.noise_targets();
    let known: Vec<&str> = ["file"]
        .into_iter()
        .chain(targets.iter().copied())
        .collect();
    let names = Section::inline(Some(item), &known)?;
    let Some(file) = names.named("file") else {
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
        let Some(key) = names.named(target) else {
            return Ok(None);
        };
        let array = npz::read_f64(&path, key.text()?);
        let array = array.map_err(|error| key.within(error))?;
        reader.rows(key, array, n_steps, &expected).map(Some)
    });
    study.noise.replay = Some(normals.collect::<Result<_>>()?);
    Ok(())
}

/// The past of what is transmitted or fed back; no other past matters.
fn history(document: &Item, reader: &mut Reader, study: &mut Study) -> Result<()> {
    let signals = study.signals();
    for (signal, path) in signals.into_iter().zip(key::HISTORY.paths(study)) {
        let past = reader.past(document.at(&path))?;
        study
            .initial
            .history
            .extend(past.map(|past| (signal, past)));
    }
    Ok(())
}

/// What is fed back before t = 0: one for all that is fed back, or a table of names.
fn feedback(item: Option<&Item>, reader: &mut Reader, model: &Model) -> Result<Vec<Values>> {
    if let (Some(item), true) = (item, model.feedback.is_empty()) {
        let rule = format!("{} has no delayed self feedback; leave it out", model.name);
        return Err(item.but("written", rule));
    }
    let names: Vec<&str> = model
        .feedback
        .iter()
        .map(|feedback| model.signal_name(feedback.signal))
        .collect();
    let is_named = |item: &&Item| match &item.value {
        Value::Table(entries) => !entries.iter().any(|(key, _)| key == "file"),
        _ => false,
    };
    let named = item.filter(is_named);
    let table = Section::inline(named, &names)?;
    let zero = Values::Uniform(0.0);
    let each = names.iter().map(|name| match named {
        Some(_) => reader.values(table.named(name), Range::Finite, zero.clone()),
        None => reader.values(item, Range::Finite, zero.clone()),
    });
    each.collect()
}

fn recorded(item: &Item, states: &[&str]) -> Result<Vec<usize>> {
    let expected = || item.wrong(format!("a list of states and outputs, from {states:?}"));
    let Value::List(items) = &item.value else {
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

/// The list of what is made of samples.
fn made(item: &Item) -> Result<Vec<Analysis>> {
    let Value::List(items) = &item.value else {
        let words = Analysis::words().join(", ");
        return Err(item.wrong(format!("a list of what is made of samples: {words}")));
    };
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let one: Analysis = item.word()?;
        if all.contains(&one) {
            return Err(item.but(format!("{:?}", one.name()), "it is in the list already"));
        }
        all.push(one);
    }
    Ok(all)
}

/// Bands of frequencies by name.
fn bands(item: &Item) -> Result<Vec<Band>> {
    const EXPECTED: &str = "lower and upper edge of each band by its name: { alpha = [8, 13] }";
    let Value::Table(entries) = &item.value else {
        return Err(item.wrong(EXPECTED));
    };
    let mut bands = Vec::with_capacity(entries.len());
    for (name, item) in entries {
        let Value::List(edges) = &item.value else {
            return Err(item.wrong("its lower and upper edge, Hz: [8, 13]"));
        };
        let [low, high] = &edges[..] else {
            return Err(item.wrong("its lower and upper edge, Hz: [8, 13]"));
        };
        let edges_hz = [
            low.number(Range::NotNegative)?,
            high.number(Range::Positive)?,
        ];
        if edges_hz[0] >= edges_hz[1] {
            let found = format!("{} to {} Hz", edges_hz[0], edges_hz[1]);
            return Err(item.but(found, "has to go from a lower to a higher frequency"));
        }
        bands.push(Band {
            name: name.clone().into(),
            edges_hz,
        });
    }
    match bands.is_empty() {
        true => Err(item.wrong(EXPECTED)),
        false => Ok(bands),
    }
}

/// What is said of flags that set keys of a table which does not serve the `purpose`, a sentence each.
pub(super) fn unread(document: &Item, purpose: Purpose) -> Vec<String> {
    let tables = [
        (key::SWEEP, Purpose::SetInSweep, "brainsweep sweep"),
        (key::FIT, Purpose::SetInFit, "brainsweep fit"),
    ];
    let unread = tables.iter().filter(|(_, reader, _)| *reader != purpose);
    let said = unread.filter_map(|(table, _, reader)| {
        let flag = document.at(table)?.flag()?;
        Some(format!(
            "{flag} has no effect: only `{reader}` reads [{table}]"
        ))
    });
    said.collect()
}

/// What a study asks for and a run does not do, a sentence each.
pub(super) fn not_done(document: &Item, study: &Study, purpose: Purpose) -> Vec<String> {
    let mut notes = Vec::new();
    // A sweep may vary the strength of its noise.
    if purpose == Purpose::Set {
        notes.extend(silent_noise(study));
    }
    if purpose == Purpose::SetInContinuation {
        notes.extend(left_out(study));
    }
    if matches!(
        purpose,
        Purpose::Set | Purpose::SetInSweep | Purpose::SetInFit
    ) {
        notes.extend(cut_short(document, study));
    }
    notes
}

/// Says what is left out where equilibria and cycles are looked for, in which nothing depends on the time.
fn left_out(study: &Study) -> Option<String> {
    let mut names: Vec<String> = study
        .stimuli
        .iter()
        .map(|one| key::STIMULUS_WAVEFORM.section().to_owned() + "." + &one.name)
        .collect();
    let moving = study.moving_rules();
    names.extend(
        moving
            .iter()
            .map(|(_, rule)| format!("{} after t = 0", rule.key)),
    );
    names.extend(
        study
            .hold
            .as_ref()
            .map(|_| key::HOLD_OUTPUT.section().into()),
    );
    (!names.is_empty()).then(|| {
        format!(
            "left out of equilibria, cycles and phase planes: {}",
            names.join(", ")
        )
    })
}

/// Says so where noise is asked for and has no strength anywhere.
fn silent_noise(study: &Study) -> Option<String> {
    let is_silent = |sigma: &Values| match sigma {
        Values::Uniform(sigma) => *sigma == 0.0,
        Values::PerNode(sigmas) => sigmas.iter().all(|sigma| *sigma == 0.0),
    };
    let is_asked_for = study.noise.kind != NoiseKind::None && study.noise.replay.is_none();
    (is_asked_for && study.noise.sigma.iter().all(is_silent)).then(|| {
        format!(
            "{} is {:?}, but every {} is 0: the run has no noise",
            key::NOISE_KIND.path,
            study.noise.kind.name(),
            key::NOISE_SIGMA.section()
        )
    })
}

/// Says so where the duration ends within a step.
fn cut_short(document: &Item, study: &Study) -> Option<String> {
    let protocol = &study.protocol;
    let is_users = [&key::DURATION, &key::DT].iter().any(|key| {
        let item = document.at(key.path);
        item.is_some_and(|item| !item.origin.source.is_shipped)
    });
    let steps = protocol.duration / protocol.dt;
    let n_steps = protocol.n_steps();
    (is_users && steps - n_steps as f64 > times::STEP_TOLERANCE * steps).then(|| {
        format!(
            "{} = {} ms is no whole number of steps of {} = {} ms: {n_steps} steps are run",
            key::DURATION.path,
            protocol.duration,
            key::DT.path,
            protocol.dt
        )
    })
}

/// What the user wrote in vain, a sentence for each reason.
fn idle(keys: &[&'static Key], document: &Item, study: &Study) -> Vec<String> {
    let mut by_reason: Vec<(&str, Vec<String>)> = Vec::new();
    for key in keys {
        for (index, path) in key.paths(study).into_iter().enumerate() {
            // What a study of the program's says is no news to its user.
            let item = document.at(&path);
            let is_users = item.is_some_and(|item| !item.origin.source.is_shipped);
            let Some(why) = (key.idle)(study, index).filter(|_| is_users) else {
                continue;
            };
            match by_reason.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, paths)) => paths.push(path),
                None => by_reason.push((why, vec![path])),
            }
        }
    }
    let note = |(why, paths): &(&str, Vec<String>)| {
        let verb = if paths.len() == 1 { "has" } else { "have" };
        format!("{} {verb} no effect: {why}", paths.join(", "))
    };
    by_reason.iter().map(note).collect()
}
