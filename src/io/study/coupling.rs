//! `[coupling]`, or several `[[coupling]]`: how the nodes hear each other.
//!
//! Several are a table of tables in the document, each under its name: `[[coupling]]` is turned into that before anything is read, so
//! that `coupling.NAME.g` is a key like every other.

use super::document::{Item, Value, join};
use super::read::Reader;
use super::schema::Section;
use crate::connectome::Delays;
use crate::coupling::{self, DelayReads, DelayRounding, FORMS, Form};
use crate::error::{Error, Result};
use crate::io::model as model_file;
use crate::study::range::Range;
use crate::study::{Study, Term};

const ROUNDINGS: [DelayRounding; 2] = [DelayRounding::Nearest, DelayRounding::Truncate];
const READS: [DelayReads; 2] = [DelayReads::Now, DelayReads::OneLater];
/// What all couplings of a study have in common.
const COMMON: [&str; 3] = ["conduction_speed", "delay_rounding", "delay_reads"];
/// The form where none is named by study or model.
const NONE: &str = "none";

/// Turns `[[coupling]]` into a table of tables by name; the name is that of the form where none is given.
pub(super) fn name_list(document: &mut Item) -> Result<()> {
    let Value::Table(entries) = &mut document.value else {
        return Ok(());
    };
    let Some((_, item)) = entries.iter_mut().find(|(key, _)| key == "coupling") else {
        return Ok(());
    };
    let Value::List(couplings) = &item.value else {
        return Ok(());
    };
    let mut named: Vec<(String, Item)> = Vec::new();
    for coupling in couplings {
        let Value::Table(entries) = &coupling.value else {
            return Err(coupling.wrong("a table with the keys of a coupling"));
        };
        let text = |key: &str| {
            let found = entries.iter().find(|(name, _)| name == key);
            found.map(|(_, item)| item.text()).transpose()
        };
        let kind = text("kind")?.map(stem);
        let name = match text("name")?.map(String::from).or(kind) {
            Some(name) => name,
            None => {
                let message = "each [[coupling]] needs a kind, or a name".to_string();
                return Err(coupling.origin.error(message));
            }
        };
        let mut rest = Vec::new();
        for (key, item) in entries.iter().filter(|(key, _)| key != "name") {
            if COMMON.contains(&key.as_str()) {
                let mut item = item.clone();
                item.key = join("coupling", key);
                if let Some((_, other)) = named.iter().find(|(other, _)| other == key)
                    && other.found() != item.found()
                {
                    let rule = "all couplings of a study have it in common; say it once";
                    return Err(item.but(item.found(), rule));
                }
                named.push((key.clone(), item));
            } else {
                rest.push((
                    key.clone(),
                    renamed(item, &format!("coupling.{name}.{key}")),
                ));
            }
        }
        if named.iter().any(|(other, _)| *other == name) || COMMON.contains(&name.as_str()) {
            let message =
                format!("two couplings are called {name}; give one another name = \"...\"");
            return Err(coupling.origin.error(message));
        }
        let item = Item {
            key: format!("coupling.{name}"),
            origin: coupling.origin.clone(),
            value: Value::Table(rest),
        };
        named.push((name, item));
    }
    item.value = Value::Table(named);
    Ok(())
}

/// The same value under another key.
fn renamed(item: &Item, key: &str) -> Item {
    Item {
        key: key.into(),
        ..item.clone()
    }
}

/// What a coupling is called after its kind: the form's name, or that of the file.
fn stem(kind: &str) -> String {
    std::path::Path::new(kind)
        .file_stem()
        .map_or(kind.into(), |stem| stem.to_string_lossy().into_owned())
}

/// Reads the coupling of a study.
pub(super) fn read(item: Option<&Item>, reader: &mut Reader, study: &mut Study) -> Result<()> {
    // Uncoupled nodes stay uncoupled: their weights are zero, so every form of coupling gives exactly no input.
    let uncoupled = !study.coupling.is_some();
    let named = terms_of(item);
    let mut terms = Vec::new();
    let table = if named.is_empty() {
        let read = one(item, "coupling", reader, study)?;
        terms.extend(read.term);
        read.table
    } else {
        let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
        let known: Vec<&str> = COMMON.into_iter().chain(names).collect();
        refuse_single(item, &known)?;
        for (name, item) in named {
            let read = one(Some(item), "coupling.NAME", reader, study)?;
            terms.extend(read.term.map(|term| Term {
                name: name.into(),
                ..term
            }));
        }
        Section::inline(item, &known)?
    };
    if !uncoupled {
        study.coupling.terms = terms;
    }
    let is_coupled = study.coupling.is_some();
    if let Some(item) = table.get("conduction_speed") {
        let speed = item.number(Range::Speed)?;
        let no_distances = matches!(study.connectome.delays, Delays::None);
        if no_distances && is_coupled && speed.is_finite() {
            let rule = "the connectome has no distances; name connectome.tract_lengths or connectome.delay_steps, or say inf";
            return Err(item.but(speed, rule));
        }
        if !no_distances {
            study.coupling.conduction_speed = speed;
        }
    }
    if let Some(item) = table.get("delay_rounding") {
        study.coupling.delay_rounding = item.word(&ROUNDINGS)?;
    }
    if let Some(item) = table.get("delay_reads") {
        study.coupling.delay_reads = item.word(&READS)?;
    }
    Ok(())
}

/// The couplings that have names.
fn terms_of(item: Option<&Item>) -> Vec<(&str, &Item)> {
    let Some(Item {
        value: Value::Table(entries),
        ..
    }) = item
    else {
        return Vec::new();
    };
    // A table with a file holds numbers.
    let is_term = |item: &Item| match &item.value {
        Value::Table(entries) => !entries.iter().any(|(key, _)| key == "file"),
        _ => false,
    };
    let terms = entries.iter().filter(|(_, item)| is_term(item));
    terms.map(|(name, item)| (name.as_str(), item)).collect()
}

/// What belongs to one coupling cannot stand where there are several.
fn refuse_single(item: Option<&Item>, known: &[&str]) -> Result<()> {
    let Some(Item {
        value: Value::Table(entries),
        ..
    }) = item
    else {
        return Ok(());
    };
    let Some((key, item)) = entries
        .iter()
        .find(|(key, _)| !known.contains(&key.as_str()))
    else {
        return Ok(());
    };
    let names = known.iter().skip(COMMON.len());
    let full: Vec<String> = names.map(|name| format!("coupling.{name}.{key}")).collect();
    let message = format!(
        "coupling.{key}: there are several couplings; say which: {}",
        full.join(", ")
    );
    Err(item.origin.error(message))
}

/// One coupling as written.
struct One<'i> {
    table: Section<'i>,
    /// `None`: no coupling.
    term: Option<Term>,
}

fn one<'i>(
    item: Option<&'i Item>,
    path: &str,
    reader: &mut Reader,
    study: &Study,
) -> Result<One<'i>> {
    let kind = match item.map(|item| &item.value) {
        Some(Value::Table(entries)) => entries.iter().find(|(key, _)| key == "kind"),
        _ => None,
    };
    let form = match kind {
        Some((_, item)) => form(item, reader)?,
        None => Some(default_form(study)?),
    };
    let shown = form.unwrap_or_else(|| Study::form(study.model));
    let names: Vec<&str> = shown.parameters.iter().map(|p| p.name).collect();
    let table = Section::open(item, path, &names)?;
    let mut term = Term::new(study.model, shown);
    for (parameter, values) in shown.parameters.iter().zip(&mut term.parameters) {
        *values = reader.values(
            table.get(parameter.name),
            Range::of(parameter.range),
            values.clone(),
        )?;
    }
    pairs(&table, study, &mut term)?;
    Ok(One {
        table,
        term: form.is_some().then_some(term),
    })
}

/// The form that the model names.
fn default_form(study: &Study) -> Result<&'static Form> {
    match study.model.coupling {
        None => Ok(Study::form(study.model)),
        Some(name) => coupling::find(name).map_err(|error| {
            let found = format!("coupled by kind = {name:?} of its [coupling]");
            Error::bad_value(
                format!("model {}", study.model.name),
                found,
                error.to_string(),
            )
        }),
    }
}

/// The form that is named, by name or file; `None` for no coupling.
fn form(item: &Item, reader: &mut Reader) -> Result<Option<&'static Form>> {
    let name = item.text()?;
    if name == NONE {
        return Ok(None);
    }
    if model_file::is_file_name(name) {
        let path = reader.path(item)?;
        let form = model_file::load_coupling(&path);
        return form.map(Some).map_err(|error| match error {
            Error::Text { .. } => error,
            other => item.origin.error(format!("{}: {other}", item.key)),
        });
    }
    let names: Vec<&str> = FORMS.iter().map(|form| form.name).chain([NONE]).collect();
    let found = coupling::find(name).map_err(|_| item.not_among(&names));
    found.map(Some)
}

/// Source and target, where they are written.
fn pairs(table: &Section, study: &Study, term: &mut Term) -> Result<()> {
    let model = study.model;
    let (source, target) = (table.get("source"), table.get("target"));
    let Some(written) = source.or(target) else {
        return Ok(());
    };
    let own_sources: Vec<&str> = model
        .transmits
        .iter()
        .map(|&signal| model.signal_name(signal))
        .collect();
    let own_targets: Vec<&str> = model.hears.iter().map(|&i| model.inputs[i].name).collect();
    let sources = source.map_or(Ok(own_sources), names)?;
    let targets = target.map_or(Ok(own_targets), names)?;
    // One that is written stands for itself alone, whatever the model has beside.
    let n = match (source, target) {
        (Some(_), None) => sources.len(),
        (None, Some(_)) => targets.len(),
        _ => sources.len().max(targets.len()),
    };
    if sources.len() < n || targets.len() < n {
        let message = format!(
            "{} signals are transmitted and {} inputs hear: as many are needed; name both coupling.source and coupling.target",
            sources.len(),
            targets.len()
        );
        return Err(written.origin.error(message));
    }
    let mut pairs = Vec::new();
    for (source, target) in sources.iter().zip(&targets).take(n) {
        let pair = Study::pair(model, source, target);
        pairs
            .push(pair.map_err(|error| written.origin.error(format!("{}: {error}", written.key)))?);
    }
    term.pairs = pairs;
    Ok(())
}

/// A name, or a list of names.
fn names(item: &Item) -> Result<Vec<&str>> {
    match &item.value {
        Value::List(items) if !items.is_empty() => items.iter().map(Item::text).collect(),
        Value::Text(text) => Ok(vec![text]),
        _ => Err(item.wrong("a name, or a list of names")),
    }
}
