//! `[coupling]`, or several `[[coupling]]`: how the nodes receive from each other.
//!
//! Several are a table of tables in the document, each under its name: `[[coupling]]` is turned into that before anything is read, so
//! that `coupling.NAME.g` is a key like every other.

use super::document::{Item, Value, join};
use super::read::Reader;
use super::schema::Section;
use crate::coupling::{self, FORMS, Form};
use crate::error::{Error, Result, StudyError};
use crate::io::model as model_file;
use crate::study::key::{
    self, COUPLING_KIND, COUPLING_WEIGHTS, KEYS, Key, NONE, SOURCE, TARGET, children,
};
use crate::study::range::Range;
use crate::study::{Study, Term};

/// What each coupling has for itself, beside numbers.
const OF_ONE: [&Key; 4] = [&COUPLING_KIND, &SOURCE, &TARGET, &COUPLING_WEIGHTS];

/// The section.
fn section() -> &'static str {
    COUPLING_KIND.section()
}

/// The names of what each coupling has for itself, beside numbers.
fn of_one() -> Vec<&'static str> {
    OF_ONE.iter().map(|key| key.name()).collect()
}

/// The names of what all couplings of a study have in common.
fn common() -> Vec<&'static str> {
    let all = children(KEYS, section()).into_iter();
    all.filter(|name| !of_one().contains(name)).collect()
}

/// Turns `[[coupling]]` into a table of tables by name; the name is that of the form where none is given.
pub(super) fn name_list(document: &mut Item) -> Result<()> {
    let Value::Table(entries) = &mut document.value else {
        return Ok(());
    };
    let Some((_, item)) = entries.iter_mut().find(|(key, _)| key == section()) else {
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
        let name = name(coupling, entries)?;
        let mut rest = Vec::new();
        for (key, item) in entries.iter().filter(|(key, _)| key != "name") {
            if common().contains(&key.as_str()) {
                let item = item.renamed(&join(section(), key));
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
                    item.renamed(&format!("{}.{name}.{key}", section())),
                ));
            }
        }
        if named.iter().any(|(other, _)| *other == name) {
            let problem = format!("two couplings are called {name}");
            let hint = "give one of them another name = \"...\"";
            return Err(coupling.origin.error(Error::conflict(problem, hint)));
        }
        let item = Item {
            key: join(section(), &name),
            origin: coupling.origin.clone(),
            value: Value::Table(rest),
        };
        named.push((name, item));
    }
    // What is in common is told once.
    let mut seen = Vec::new();
    named.retain(|(key, _)| {
        let is_first = !seen.contains(key);
        seen.push(key.clone());
        is_first
    });
    item.value = Value::Table(named);
    Ok(())
}

/// What one of several is called: its name, or its kind's.
fn name(coupling: &Item, entries: &[(String, Item)]) -> Result<String> {
    let find = |key: &str| entries.iter().find(|(name, _)| name == key);
    let Some((_, kind)) = find(COUPLING_KIND.name()) else {
        let problem = "each [[coupling]] needs a kind";
        let hint = "`brainsweep couplings` lists those there are";
        return Err(coupling.origin.key_error(Error::conflict(problem, hint)));
    };
    let (item, name) = match find("name") {
        Some((_, item)) => (item, item.text()?.to_owned()),
        None => (kind, stem(kind.text()?)),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if name.is_empty() || !name.chars().all(is_plain) {
        let problem = format!(
            "{name:?} cannot be the name of a coupling, which stands in coupling.NAME.g: letters, digits, _ and - only"
        );
        let hint = "give it another name = \"...\"";
        return Err(item.origin.error(Error::conflict(problem, hint)));
    }
    if name == "g" || common().contains(&name.as_str()) || of_one().contains(&name.as_str()) {
        let problem = format!("a coupling cannot be called {name}, which is a key of [coupling]");
        let hint = "give it another name = \"...\"";
        return Err(item.origin.error(Error::conflict(problem, hint)));
    }
    Ok(name)
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
    let merged = item.map(merged);
    let item = merged.as_ref();
    let named = terms_of(item);
    let mut terms = Vec::new();
    if named.is_empty() {
        let read = one(item, &children(KEYS, section()), reader, study)?;
        terms.extend(read.term);
    } else {
        let mut keys = of_one();
        for (name, item) in &named {
            let read = one(Some(item), &of_one(), reader, study)?;
            keys.extend(read.form.parameters.iter().map(|parameter| parameter.name));
            terms.extend(read.term.map(|term| Term {
                name: (*name).into(),
                ..term
            }));
        }
        let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
        refuse_single(item, &names, &keys)?;
        let known: Vec<&str> = common().into_iter().chain(names).collect();
        Section::inline(item, &known)?;
    }
    if !uncoupled {
        study.coupling.terms = terms;
    }
    Ok(())
}

/// With a single `[[coupling]]`, `coupling.g` is its g as well.
fn merged(item: &Item) -> Item {
    let mut item = item.clone();
    let [(name, _)] = terms_of(Some(&item))[..] else {
        return item;
    };
    let name = name.to_owned();
    let Value::Table(entries) = &mut item.value else {
        return item;
    };
    let is_own = |key: &str| key != name && !common().contains(&key);
    let own: Vec<_> = entries.extract_if(.., |(key, _)| is_own(key)).collect();
    if let Some((_, term)) = entries.iter_mut().find(|(key, _)| *key == name)
        && let Value::Table(entries) = &mut term.value
    {
        // What stands beside came later, by a flag.
        entries.retain(|(key, _)| own.iter().all(|(other, _)| other != key));
        entries.extend(own);
    }
    item
}

/// The couplings that have names: tables with a kind.
fn terms_of(item: Option<&Item>) -> Vec<(&str, &Item)> {
    let Some(Item {
        value: Value::Table(entries),
        ..
    }) = item
    else {
        return Vec::new();
    };
    let is_term = |item: &Item| match &item.value {
        Value::Table(entries) => entries.iter().any(|(key, _)| key == COUPLING_KIND.name()),
        _ => false,
    };
    let terms = entries.iter().filter(|(_, item)| is_term(item));
    terms.map(|(name, item)| (name.as_str(), item)).collect()
}

/// What belongs to one coupling, one of `keys`, cannot stand where there are several, `names`.
fn refuse_single(item: Option<&Item>, names: &[&str], keys: &[&str]) -> Result<()> {
    let Some(Item {
        value: Value::Table(entries),
        ..
    }) = item
    else {
        return Ok(());
    };
    let is_own = |key: &str| keys.contains(&key) && !names.contains(&key);
    let Some((key, item)) = entries.iter().find(|(key, _)| is_own(key)) else {
        return Ok(());
    };
    let full: Vec<String> = names
        .iter()
        .map(|name| format!("{}.{name}.{key}", section()))
        .collect();
    let problem = format!("{}.{key}: there are several couplings", section());
    let hint = format!("say which: {}", full.join(", "));
    Err(item.origin.key_error(Error::conflict(problem, hint)))
}

/// One coupling as written.
struct One {
    form: &'static Form,
    /// `None`: no coupling.
    term: Option<Term>,
}

fn one(item: Option<&Item>, known: &[&str], reader: &mut Reader, study: &Study) -> Result<One> {
    let kind = match item.map(|item| &item.value) {
        Some(Value::Table(entries)) => entries.iter().find(|(key, _)| key == COUPLING_KIND.name()),
        _ => None,
    };
    let form = match kind {
        Some((_, item)) => form(item, reader)?,
        None => Some(default_form(study)?),
    };
    let shown = form.unwrap_or_else(|| Study::form(study.model));
    let names: Vec<&str> = shown.parameters.iter().map(|p| p.name).collect();
    let known: Vec<&str> = known.iter().copied().chain(names).collect();
    let table = Section::inline(item, &known)?;
    let mut term = Term::new(study.model, shown);
    for (parameter, values) in shown.parameters.iter().zip(&mut term.parameters) {
        *values = reader.given(
            table.named(parameter.name),
            Range::of(parameter.range),
            values.clone(),
        )?;
    }
    pairs(&table, study, &mut term)?;
    if let Some(item) = table.get(&COUPLING_WEIGHTS) {
        let matrices = study.connectome.matrices.iter();
        let names: Vec<&str> = matrices.map(|(name, _)| name.as_str()).collect();
        let name = item.text()?;
        term.weights = names.iter().position(|matrix| *matrix == name);
        if term.weights.is_none() && name != key::WEIGHTS.name() {
            let names: Vec<&str> = [key::WEIGHTS.name()].into_iter().chain(names).collect();
            return Err(item.not_among(&names));
        }
    }
    Ok(One {
        form: shown,
        term: form.is_some().then_some(term),
    })
}

/// The form that the model names.
fn default_form(study: &Study) -> Result<&'static Form> {
    match study.model.coupling {
        None => Ok(Study::form(study.model)),
        Some(name) => coupling::find(name).map_err(|error| {
            let model = study.model.name;
            let problem = format!("kind = {name:?} in [coupling] of the model {model}: {error}");
            StudyError::Conflict {
                problem,
                hint: error.hint(),
            }
            .into()
        }),
    }
}

/// The form that is named, by name or file; `None` for no coupling.
fn form(item: &Item, reader: &mut Reader) -> Result<Option<&'static Form>> {
    let names: Vec<&str> = FORMS.iter().map(|form| form.name).chain([NONE]).collect();
    let Value::Text(name) = &item.value else {
        return Err(item.not_among(&names));
    };
    if name == NONE {
        return Ok(None);
    }
    if model_file::is_file_name(name) {
        let path = reader.path(item)?;
        let form = model_file::load_coupling(&path);
        return form.map(Some).map_err(|error| match error {
            Error::Text(_) => error,
            other => item.within(other),
        });
    }
    let found = coupling::find(name).map_err(|_| item.not_among(&names));
    found.map(Some)
}

/// Source and target, where they are written.
fn pairs(table: &Section, study: &Study, term: &mut Term) -> Result<()> {
    let model = study.model;
    let (source, target) = (table.get(&SOURCE), table.get(&TARGET));
    let Some(written) = source.or(target) else {
        return Ok(());
    };
    let own_sources: Vec<&str> = model
        .transmits
        .iter()
        .map(|&signal| model.signal_name(signal))
        .collect();
    let own_targets: Vec<&str> = model
        .receives
        .iter()
        .map(|&i| model.inputs[i].name)
        .collect();
    let sources = source.map_or(Ok(own_sources), names)?;
    let targets = target.map_or(Ok(own_targets), names)?;
    // One that is written stands for itself alone, whatever the model has beside.
    let n = match (source, target) {
        (Some(_), None) => sources.len(),
        (None, Some(_)) => targets.len(),
        _ => sources.len().max(targets.len()),
    };
    if sources.len() < n || targets.len() < n {
        let problem = format!(
            "{}: {} transmitted ({}), but {} received ({})",
            written.key,
            sources.len(),
            sources.join(", "),
            targets.len(),
            targets.join(", ")
        );
        let hint = "name as many sources as targets; say both source and target";
        return Err(written.origin.error(Error::conflict(problem, hint)));
    }
    let mut pairs = Vec::new();
    for (source, target) in sources.iter().zip(&targets).take(n) {
        let pair = Study::pair(model, source, target);
        pairs.push(pair.map_err(|error| written.within(error))?);
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
