//! Study files: TOML text to a [`Study`], with `--set` flags mixed in, and back to plain values for manifests.
//!
//! Times are in ms, lengths in mm, speeds in mm/ms. Every key may be left out.
//!
//! The table of keys is [`crate::study::key`]; `docs/keys.md`, made from it, is the reference page:
//!
#![doc = include_str!("../../docs/keys.md")]
//!
//! *Per node* is a number, a list of `n_nodes` numbers, or `{ file = "p.npz", key = "alpha" }`: npz with a key; npy, csv, tsv and txt without; or
//! a table whose header line names the columns, with the column's name as its key, matched by the names of regions.
//! File paths are relative to the study file, in flags to the working folder.

mod coupling;
mod describe;
mod document;
mod fit_table;
mod hold;
mod in_vain;
mod monitor;
mod named;
mod overrides;
mod read;
mod resolve;
mod rule;
mod schema;
mod shipped;
mod stimulus;
mod sweep;
#[cfg(test)]
mod tests;
mod wiring;
mod write;

use std::path::Path;

pub use describe::to_json;
pub use shipped::{SHIPPED, Shipped};

use crate::error::Result;
use crate::fit;
use crate::io::model::Kind;
use crate::io::text;
use crate::study::Study;
use crate::study::key::{self, Key, Purpose};
use crate::sweep::Description;
use document::{Item, Origin, Value};
use overrides::Override;
use wiring::Wired;

/// Reads the study that a user names: a file, or a shipped study by its name with or without `.toml` (a file of that name comes first).
/// `None` is the shipped `hcp_network`. `flags` are `KEY=VALUE` texts, applied in order; a unique end of a key will do
/// ([`key::resolve`]).
///
/// # Errors
/// [`Error::Disk`](crate::Error::Disk) if the file cannot be read,
/// [`Error::Unknown`](crate::Error::Unknown) if it is neither a file nor shipped,
/// [`Error::Study`](crate::Error::Study) with file and line (or the flag) for anything in it that is
/// not right.
pub fn load<S: AsRef<str>>(study: Option<&Path>, flags: &[S]) -> Result<Study> {
    Ok(load_for(study, flags, Purpose::Set)?.0)
}

/// [`load`], and what the study's `[sweep]` table asks for.
///
/// # Errors
/// As [`load`].
pub fn load_sweep<S: AsRef<str>>(
    study: Option<&Path>,
    flags: &[S],
) -> Result<(Study, Description)> {
    load_for(study, flags, Purpose::SetInSweep)
}

/// [`load`], and what the study's `[fit]` table asks for.
///
/// # Errors
/// As [`load`].
pub fn load_fit<S: AsRef<str>>(
    study: Option<&Path>,
    flags: &[S],
) -> Result<(Study, fit::Description)> {
    let mut read = read(study, flags, Purpose::SetInFit)?;
    read.study
        .notes
        .extend(in_vain::unread(&read.document, Purpose::SetInFit));
    Ok((read.study, read.fit))
}

/// The study that [`load_fit`] reads with these flags, as the text of a study file that stands for itself: every key that is written in
/// the study or set by a flag, the paths of its files from the root.
///
/// # Errors
/// As [`load`].
pub fn to_toml<S: AsRef<str>>(study: Option<&Path>, flags: &[S]) -> Result<String> {
    to_toml_for(study, flags, Purpose::SetInFit)
}

/// [`to_toml`], with flags whose short names mean what serves the `purpose`.
///
/// # Errors
/// As [`load`].
pub fn to_toml_for<S: AsRef<str>>(
    study: Option<&Path>,
    flags: &[S],
    purpose: Purpose,
) -> Result<String> {
    Ok(read(study, flags, purpose)?.to_toml())
}

/// The study that says nothing but what `flags` say, as the text of a study file.
///
/// # Errors
/// As [`load`].
pub fn flags_to_toml<S: AsRef<str>>(name: &str, flags: &[S], purpose: Purpose) -> Result<String> {
    let origin = Origin::file(name, Path::new(""), "");
    Ok(interpret(key::KEYS, "", name, origin, flags, purpose)?.to_toml())
}

/// [`load_sweep`], with flags whose short names mean what serves the `purpose`.
///
/// # Errors
/// As [`load`].
pub fn load_for<S: AsRef<str>>(
    study: Option<&Path>,
    flags: &[S],
    purpose: Purpose,
) -> Result<(Study, Description)> {
    let mut read = read(study, flags, purpose)?;
    read.study.check_single()?;
    read.study
        .notes
        .extend(in_vain::unread(&read.document, purpose));
    Ok((read.study, read.sweep))
}

/// All that a study says.
pub struct Read {
    /// What is simulated.
    pub study: Study,
    /// What its `[sweep]` table asks for.
    pub sweep: Description,
    /// What its `[fit]` table asks for.
    pub fit: fit::Description,
    /// With the flags in it.
    document: Item,
}

impl Read {
    /// The text of a study file that stands for itself: every key that is written or set by a flag, the paths of its files from the root.
    pub fn to_toml(&self) -> String {
        write::to_toml(&self.document, &self.study)
    }
}

/// Reads all that [`load`] and its kin read of the study that a user names.
///
/// # Errors
/// As [`load`].
pub fn read<S: AsRef<str>>(study: Option<&Path>, flags: &[S], purpose: Purpose) -> Result<Read> {
    let path = study.unwrap_or(Path::new("hcp_network"));
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or("study");
    if study.is_some() && path.exists() {
        let text = text::read_text(path, WRITTEN)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let origin = Origin::file(path.display().to_string(), folder, &text);
        return interpret(key::KEYS, &text, stem, origin, flags, purpose).map_err(|error| {
            let kind = Kind::with_equations(&text);
            kind.map_or(error, |kind| kind.instead_of(Kind::Study, path))
        });
    }
    let shipped = shipped::find(path)?;
    let origin = Origin::shipped(shipped.name, shipped.text);
    interpret(
        key::KEYS,
        shipped.text,
        shipped.name,
        origin,
        flags,
        purpose,
    )
}

/// What a study file is.
const WRITTEN: &str =
    "a study is a TOML text file; `brainsweep --help` lists those that come along";

/// Reads a study from text. `name` is what it and its errors are called, `folder` what its file paths are relative to.
///
/// # Errors
/// As [`load`].
pub fn parse<S: AsRef<str>>(text: &str, name: &str, folder: &Path, flags: &[S]) -> Result<Study> {
    parse_for(text, name, folder, flags, Purpose::Set)
}

/// [`parse`], with flags whose short names mean what serves the `purpose`.
///
/// # Errors
/// As [`load`].
pub fn parse_for<S: AsRef<str>>(
    text: &str,
    name: &str,
    folder: &Path,
    flags: &[S],
    purpose: Purpose,
) -> Result<Study> {
    Ok(read_text(text, name, folder, flags, purpose)?.study)
}

/// The same from a text, as [`parse`].
///
/// # Errors
/// As [`load`].
pub fn read_text<S: AsRef<str>>(
    text: &str,
    name: &str,
    folder: &Path,
    flags: &[S],
    purpose: Purpose,
) -> Result<Read> {
    let origin = Origin::file(name, folder, text);
    interpret(key::KEYS, text, name, origin, flags, purpose)
}

/// Makes the study that says nothing but that its connectome is `file`, and what `flags` say.
///
/// # Errors
/// As [`load`].
pub fn of_connectome<S: AsRef<str>>(file: &Path, flags: &[S]) -> Result<Study> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let (section, key) = (key::CONNECTOME_FILE.section(), key::CONNECTOME_FILE.name());
    let document = Item::document_of_path(section, key, file);
    let purpose = Purpose::SetInConnectome;
    let read = interpret_document(key::KEYS, document, &name, flags, purpose);
    Ok(read?.study)
}

fn interpret<S: AsRef<str>>(
    keys: &[&'static Key],
    text: &str,
    name: &str,
    origin: Origin,
    flags: &[S],
    purpose: Purpose,
) -> Result<Read> {
    let document = Item::parse_document(text, &origin)?;
    interpret_document(keys, document, name, flags, purpose)
}

fn interpret_document<S: AsRef<str>>(
    keys: &[&'static Key],
    mut document: Item,
    name: &str,
    flags: &[S],
    purpose: Purpose,
) -> Result<Read> {
    let flags = flags.iter().map(|flag| Override::parse(flag.as_ref()));
    let mut flags = flags.collect::<Result<Vec<_>>>()?;
    spread_input(keys, &mut document, &mut flags)?;
    into_tables(&mut document)?;
    let wired = complete(keys, &document, name, &mut flags, purpose)?;
    let mut notes = overrides::overruled(&flags)?;
    let mut lost = Vec::new();
    for flag in flags {
        lost.extend(flag.apply(&mut document)?);
        into_tables(&mut document)?;
    }
    notes.extend(lost.into_iter().filter_map(|lost| lost.said(&document)));
    let mut study = resolve::study(keys, &document, name, wired)?;
    study.notes.extend(notes);
    study
        .notes
        .extend(in_vain::not_done(&document, &study, purpose));
    Ok(Read {
        study,
        sweep: sweep::description(&document)?,
        fit: fit_table::description(&document)?,
        document,
    })
}

/// Gives the couplings, the stimuli and the monitors of a document their names, and the file of a connectome its key.
fn into_tables(document: &mut Item) -> Result<()> {
    if let Value::Table(entries) = &mut document.value {
        let section = key::CONNECTOME_FILE.section();
        let written = entries.iter_mut().filter(|(key, _)| key == section);
        written.for_each(|(_, item)| *item = item.as_table_with(key::CONNECTOME_FILE.name()));
    }
    coupling::name_list(document)?;
    stimulus::NAMED.name_list(document)?;
    monitor::NAMED.name_list(document)
}

/// Turns the short keys of flags into whole ones. What a short key means depends on the model and the couplings. Gives the connectomes, if
/// they were read for that and no short key is theirs.
fn complete(
    keys: &[&'static Key],
    document: &Item,
    name: &str,
    flags: &mut [Override],
    purpose: Purpose,
) -> Result<Option<Wired>> {
    if flags.iter().all(|flag| flag.is_whole(keys)) {
        return Ok(None);
    }
    let mut document = document.clone();
    for flag in flags.iter().filter(|flag| flag.is_whole(keys)) {
        flag.clone().apply(&mut document)?;
        into_tables(&mut document)?;
    }
    let written = |document: &Item| document.at(key::NODES.section()).is_some();
    let is_written = written(&document);
    let mut study = resolve::study(keys, &document, name, None);
    // A short flag may mend what is wrong with the rest, or with the connectome.
    let structure = [
        key::MODEL.path,
        key::NODES.section(),
        key::COUPLING_KIND.section(),
        key::STIMULUS_WAVEFORM.section(),
        key::MONITOR_KIND.section(),
    ];
    for kept in [&structure[..], &structure[..1]] {
        if study.is_err() {
            if let Value::Table(entries) = &mut document.value {
                entries.retain(|(key, _)| kept.contains(&key.as_str()));
            }
            study = resolve::study(keys, &document, name, None);
        }
    }
    let study = study?;
    let section = key::NODES.section();
    let mut is_read = written(&document) == is_written;
    for flag in flags.iter_mut().filter(|flag| !flag.is_whole(keys)) {
        flag.complete(keys, &study, purpose)?;
        is_read &= flag.parts[0] != section;
    }
    Ok(is_read.then(|| Wired::of(&study)))
}

/// Turns every bare `input = 0.8` into `input.x = 0.8`, x being the first input, so that flags can change one and leave the others.
fn spread_input(keys: &[&'static Key], document: &mut Item, flags: &mut [Override]) -> Result<()> {
    // `{ file, key }` and rules hold numbers; every other table holds states.
    let is_file = |entries: &[(String, Item)]| entries.iter().any(|(key, _)| key == "file");
    let bare = |value: &Value| {
        !matches!(value, Value::Table(entries) if !is_file(entries)) || rule::is_rule(value)
    };
    let is_model = |flag: &&Override| flag.parts == [key::MODEL.path];
    let mut named = document.clone();
    if let Some(flag) = flags.iter().rfind(is_model) {
        flag.clone().apply(&mut named)?;
    }
    let Some(first) = resolve::model_of(keys, &named)?.inputs.first() else {
        return Ok(());
    };
    let (first, input) = (first.name, key::INPUT.section());
    if let Value::Table(entries) = &mut document.value {
        for (_, item) in entries
            .iter_mut()
            .filter(|(key, item)| key == input && bare(&item.value))
        {
            let mut inner = item.clone();
            inner.key = document::join(input, first);
            item.value = Value::Table(vec![(first.into(), inner)]);
        }
    }
    for flag in flags
        .iter_mut()
        .filter(|flag| flag.parts == [input] && bare(&flag.item.value))
    {
        flag.parts.push(first.into());
        flag.item.key = document::join(input, first);
    }
    Ok(())
}
