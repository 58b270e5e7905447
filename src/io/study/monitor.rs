//! `[monitor]`, or several `[[monitor]]`: what is measured of the nodes while a study runs.
//!
//! All of them are a table of tables in the document, each under its name, so that `monitor.NAME.kappa` is a key like every other.

use super::document::{Item, Value, join};
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

fn section() -> &'static str {
    MONITOR_KIND.section()
}

/// Whether an entry is one of several monitors, which is a table.
fn is_named((key, item): &(String, Item)) -> bool {
    let is_words = WORDS.iter().any(|word| word.name() == key) || NUMBERS.contains(&key.as_str());
    !is_words
        && matches!(&item.value, Value::Table(entries) if entries.iter().any(|(key, _)| key == MONITOR_KIND.name()))
}

/// Turns `[[monitor]]`, and a single `[monitor]`, into a table of tables by name; the name is that of the kind where none is given. What
/// stands beside a single one, by a flag, is its own.
pub(super) fn name_list(document: &mut Item) -> Result<()> {
    let Value::Table(entries) = &mut document.value else {
        return Ok(());
    };
    let Some((_, item)) = entries.iter_mut().find(|(key, _)| key == section()) else {
        return Ok(());
    };
    let written: Vec<Item> = match &item.value {
        Value::List(all) => all.clone(),
        Value::Table(entries)
            if entries.iter().any(|(key, _)| key == MONITOR_KIND.name())
                && !entries.iter().any(is_named) =>
        {
            vec![item.clone()]
        }
        Value::Table(_) => return merge(item),
        _ => return Err(item.wrong("a table with the keys of a monitor")),
    };
    let mut named: Vec<(String, Item)> = Vec::new();
    for one in &written {
        let Value::Table(entries) = &one.value else {
            return Err(one.wrong("a table with the keys of a monitor"));
        };
        let name = name(one, entries)?;
        if named.iter().any(|(other, _)| *other == name) {
            let problem = format!("two monitors are called {name}");
            let hint = "give one of them another name = \"...\"";
            return Err(one.origin.error(Error::conflict(problem, hint)));
        }
        let path = join(section(), &name);
        let rest = entries.iter().filter(|(key, _)| key != "name");
        let rest = rest.map(|(key, item)| (key.clone(), item.renamed(&join(&path, key))));
        named.push((
            name,
            Item {
                origin: one.origin.clone(),
                value: Value::Table(rest.collect()),
                key: path.clone(),
            },
        ));
    }
    item.value = Value::Table(named);
    Ok(())
}

/// Gives what stands beside the only monitor to it.
fn merge(item: &mut Item) -> Result<()> {
    let Value::Table(entries) = &mut item.value else {
        return Ok(());
    };
    let names: Vec<String> = entries
        .iter()
        .filter(|entry| is_named(entry))
        .map(|(name, _)| name.clone())
        .collect();
    let beside: Vec<(String, Item)> = entries.extract_if(.., |entry| !is_named(entry)).collect();
    match (&names[..], beside.first()) {
        (_, None) => Ok(()),
        // A kind may still come.
        ([], _) => {
            entries.extend(beside);
            Ok(())
        }
        ([_], _) => {
            let (_, one) = &mut entries[0];
            let Value::Table(own) = &mut one.value else {
                return Ok(());
            };
            own.retain(|(key, _)| beside.iter().all(|(other, _)| other != key));
            let path = one.key.clone();
            own.extend(beside.into_iter().map(|(key, item)| {
                let item = item.renamed(&join(&path, &key));
                (key, item)
            }));
            Ok(())
        }
        (names, Some((key, item))) => {
            let full: Vec<String> = names
                .iter()
                .map(|name| format!("{}.{name}.{key}", section()))
                .collect();
            let problem = format!("{}.{key}: there are several monitors", section());
            let hint = format!("say which: {}", full.join(", "));
            Err(item.origin.key_error(Error::conflict(problem, hint)))
        }
    }
}

/// What one is called: its name, or its kind's.
fn name(one: &Item, entries: &[(String, Item)]) -> Result<String> {
    let find = |key: &str| entries.iter().find(|(name, _)| name == key);
    let Some((_, kind)) = find(MONITOR_KIND.name()) else {
        let problem = "each [[monitor]] needs a kind";
        let hint = "`brainsweep monitors` lists those there are";
        return Err(one.origin.key_error(Error::conflict(problem, hint)));
    };
    let (item, name) = match find("name") {
        Some((_, item)) => (item, item.text()?.to_owned()),
        None => {
            let kind_name = kind.text()?;
            let stem = std::path::Path::new(kind_name).file_stem();
            (
                kind,
                stem.map_or(kind_name.into(), |stem| stem.to_string_lossy().into_owned()),
            )
        }
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let is_key = WORDS.iter().any(|word| word.name() == name) || NUMBERS.contains(&name.as_str());
    if name.is_empty() || !name.chars().all(is_plain) || is_key {
        let problem = format!(
            "{name:?} cannot be the name of a monitor, which stands in {}.NAME.{}: letters, digits, _ and - only, and none of its keys",
            section(),
            MONITOR_TR.name()
        );
        let hint = "give it another name = \"...\"";
        return Err(item.origin.error(Error::conflict(problem, hint)));
    }
    Ok(name)
}

/// Reads the monitors of a study, whose step is known.
pub(super) fn read(item: Option<&Item>, reader: &mut Reader, study: &mut Study) -> Result<()> {
    let Some(item) = item else { return Ok(()) };
    let Value::Table(entries) = &item.value else {
        return Err(item.wrong("a table with the keys of a monitor"));
    };
    if let Some((_, other)) = entries.iter().find(|entry| !is_named(entry)) {
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
