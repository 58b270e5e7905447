//! `[monitor]`, or several `[[monitor]]`: what is measured of the nodes while a study runs.
//!
//! All of them are a table of tables in the document, each under its name, so that `monitor.NAME.kappa` is a key like every other.

use super::document::{Item, Value};
use super::named::Named;
use super::read::Reader;
use super::schema::Section;
use crate::error::{Error, Result};
use crate::io::model as model_file;
use crate::monitor::{self, MONITORS, Monitor};
use crate::study::key::{
    self, MONITOR_KIND, MONITOR_MATRIX, MONITOR_SET, MONITOR_SOURCE, MONITOR_STEP, MONITOR_TR,
};
use crate::study::range::Range;
use crate::study::{Observation, Study};

/// Keys of a monitor that are not among its numbers.
const WORDS: [&key::Key; 6] = [
    &MONITOR_KIND,
    &MONITOR_SET,
    &MONITOR_SOURCE,
    &MONITOR_TR,
    &MONITOR_STEP,
    &MONITOR_MATRIX,
];

/// Numbers that every monitor has beside its parameters.
pub(super) const NUMBERS: [&str; 2] = ["scale", "offset"];

/// How several monitors are written.
pub(super) const NAMED: Named = Named {
    what: "monitor",
    several: "monitors",
    kind: &MONITOR_KIND,
    is_own: |name| WORDS.iter().any(|word| word.name() == name) || NUMBERS.contains(&name),
    example: "tr",
    known: "`brainsweep monitors` lists those there are",
};

/// Reads the monitors of a study, whose step is known.
pub(super) fn read(item: Option<&Item>, reader: &mut Reader, study: &mut Study) -> Result<()> {
    let Some(item) = item else { return Ok(()) };
    let Value::Table(entries) = &item.value else {
        return Err(item.wrong("a table with the keys of a monitor"));
    };
    if let Some((_, other)) = entries.iter().find(|entry| !NAMED.is_one(entry)) {
        let problem = format!(
            "{} belongs to a monitor, and there is none: its kind is missing",
            other.key
        );
        let hint = format!(
            "say {} = \"balloon-windkessel\", or another of `brainsweep monitors`",
            MONITOR_KIND.path
        );
        return Err(other.origin.key_error(Error::conflict(problem, hint)));
    }
    study.monitors = entries
        .iter()
        .map(|(name, item)| one(name, item, reader, study))
        .collect::<Result<_>>()?;
    Ok(())
}

fn one(name: &str, item: &Item, reader: &mut Reader, study: &Study) -> Result<Observation> {
    let kind = match &item.value {
        Value::Table(entries) => entries.iter().find(|(key, _)| key == MONITOR_KIND.name()),
        _ => None,
    };
    let (_, kind) = kind.expect("what is named has a kind");
    let monitor = kind_of(kind, reader)?;
    let parameters = &monitor.node.parameters;
    let known = WORDS.iter().map(|key| key.name()).chain(NUMBERS);
    let known: Vec<&str> = known.chain(parameters.iter().map(|p| p.name)).collect();
    let table = Section::inline(Some(item), &known)?;
    let Some(tr) = table.get(&MONITOR_TR) else {
        let error = Error::missing(
            format!("{}.{}", item.key, MONITOR_TR.name()),
            "a monitor needs the time between its samples".to_string(),
            "for fMRI, the repetition time in ms: tr = 2000",
        );
        return Err(item.origin.key_error(error));
    };
    let tr = tr.number(Range::Positive)?;
    let mut one = Observation::new(monitor, 0, tr, study.protocol.dt);
    if let Some(item) = table.get(&MONITOR_SET) {
        let sets: Vec<&str> = monitor.sets.iter().map(|set| set.name).collect();
        one = one.with_set(item.one_of(&sets)?)?;
    }
    if let Some(item) = table.get(&MONITOR_STEP) {
        one.step = item.number(Range::Positive)?;
    }
    let observables = study.model.observables();
    let names: Vec<&str> = observables
        .iter()
        .map(|observable| observable.name)
        .collect();
    let source = match table.get(&MONITOR_SOURCE) {
        Some(item) => item.one_of(&names)?,
        None => study.model.signal_name(study.model.signal()),
    };
    one.source = names.iter().position(|name| *name == source).unwrap_or(0);
    one.name = name.into();
    one.scale = reader.values(table.named(NUMBERS[0]), Range::Finite, one.scale)?;
    one.offset = reader.values(table.named(NUMBERS[1]), Range::Finite, one.offset)?;
    for (parameter, values) in parameters.iter().zip(&mut one.parameters) {
        let range = Range::of(parameter.range);
        *values = reader.values(table.named(parameter.name), range, values.clone())?;
    }
    if let Some(item) = table.get(&MONITOR_MATRIX) {
        one.matrix = Some(reader.matrix(item)?.into());
    }
    Ok(one)
}

/// The monitor that is named, by name or file.
fn kind_of(item: &Item, reader: &mut Reader) -> Result<&'static Monitor> {
    let names: Vec<&str> = MONITORS.iter().map(|monitor| monitor.name).collect();
    let name = item.text()?;
    if model_file::is_file_name(name) {
        let path = reader.path(item)?;
        return model_file::load_monitor(&path).map_err(|error| match error {
            Error::Text(_) => error,
            other => item.within(other),
        });
    }
    monitor::find(name).map_err(|_| item.not_among(&names))
}
