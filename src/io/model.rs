//! Models, couplings and monitors in files of their own.

use std::path::{Path, PathBuf};

use super::text::{read_bytes, read_text};
use super::{atomic_write, npz};
use crate::coupling::{self, Form};
use crate::error::{Error, Place, Result, TextError};
use crate::model::{self, Model};
use crate::monitor::{self, Monitor};
use crate::ode;
use crate::study::key;

/// Whether `name` means a file rather than one of the models that come with the program.
pub fn is_file_name(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some() || path.components().count() > 1
}

/// What a TOML text of ours can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It says what a node is.
    Model,
    /// It says what a node receives from the others.
    Coupling,
    /// It says what is measured of nodes.
    Monitor,
    /// It says what is simulated.
    Study,
}

/// Keys that only a study has.
const OF_STUDIES: [&str; 8] = [
    "model",
    "integrator",
    "connectome",
    "input",
    "initial",
    "protocol",
    "record",
    "sweep",
];

impl Kind {
    /// What `text` is, by its keys, also where it is no valid TOML; `None` if they do not tell.
    pub fn of(text: &str) -> Option<Self> {
        let has = |key: &str| has_key(text, key);
        // Equations may stand in their key's own line.
        let parts = || text.lines().flat_map(|line| line.split('"'));
        let derives = parts().any(|part| {
            let (left, right) = part.split_once('=').unwrap_or_default();
            let left = left.trim();
            let primed = left.strip_suffix('\'');
            let is_name = |name: &str| name.chars().all(char::is_alphanumeric);
            !right.is_empty() && (left.ends_with("/dt") || primed.is_some_and(is_name))
        });
        if has("equations") && has("monitor") {
            return Some(Self::Monitor);
        }
        // A study lists what it records in `record.states`.
        if has("states") && (has("equations") || !OF_STUDIES.into_iter().any(has)) {
            return Some(Self::Model);
        }
        let receives = parts().any(|part| has_key(part, "c"));
        match (has("equations"), derives, receives) {
            (true, true, false) => Some(Self::Model),
            (true, false, true) => Some(Self::Coupling),
            (true, ..) => None,
            _ => OF_STUDIES.into_iter().any(has).then_some(Self::Study),
        }
    }

    /// What a text is that stands where a study could: a model or a coupling, as it has equations; `None` if it has none.
    pub fn with_equations(text: &str) -> Option<Self> {
        match Self::of(text) {
            None if has_key(text, "equations") => Some(Self::Model),
            Some(Self::Study) => None,
            kind => kind,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Coupling => "coupling",
            Self::Monitor => "monitor",
            Self::Study => "study",
        }
    }

    /// How a study names one.
    fn key(self, name: &str) -> String {
        match self {
            Self::Model => format!("{} = {name:?}", key::MODEL.path),
            Self::Monitor => format!("kind = {name:?} in [[monitor]]"),
            _ => format!("{} = {name:?}", key::COUPLING_KIND.path),
        }
    }

    /// Where the name of one is given in place of a study's.
    pub(super) fn name_instead_of_study(self, name: &str) -> Error {
        let (word, key) = (self.word(), self.key(name));
        Error::usage(
            format!("{name:?} is a {word}, not a study"),
            format!("a study names it by {key}, and `brainsweep {word}s show {name}` shows it"),
        )
    }

    /// Where a text of this kind is given in place of one of another: what it is, and what is done with it.
    pub fn instead_of(self, wanted: Self, path: &Path) -> Error {
        let shown = path.display();
        let is = match (self, wanted) {
            (Self::Study, _) => format!("is a study, not the text of a {}", wanted.word()),
            (_, Self::Study) => format!("is the text of a {}, not a study", self.word()),
            _ => format!(
                "is the text of a {}, not of a {}",
                self.word(),
                wanted.word()
            ),
        };
        let name = shown.to_string();
        let way = match (self, wanted) {
            (Self::Study, _) => format!("`brainsweep simulate {shown}` runs it"),
            (_, Self::Study) => format!(
                "a study is another file, in which the line {} names this one; `brainsweep {}s check {shown}` says what it is",
                self.key(&name),
                self.word()
            ),
            _ => format!(
                "`brainsweep {}s check {shown}` reads it, and studies name it by {}",
                self.word(),
                self.key(&name)
            ),
        };
        Error::data_hint(path, is, way)
    }
}

/// Whether a line of the text begins with this key, or opens its table.
fn has_key(text: &str, key: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches('[').trim_start();
        let rest = line.strip_prefix(key).map(str::trim_start);
        rest.is_some_and(|rest| rest.starts_with(['=', ']', '.']))
    })
}

/// Whether a file is there that holds the text of a model or a coupling, not a study.
pub fn has_equations(path: &Path) -> bool {
    let text = path.is_file().then(|| read_text(path, ""));
    text.is_some_and(|text| text.is_ok_and(|text| Kind::with_equations(&text).is_some()))
}

/// What this name of ours is the name of, model first.
pub(super) fn kind_of_name(name: &str) -> Option<Kind> {
    let coupling = || coupling::find(name).is_ok().then_some(Kind::Coupling);
    let monitor = || monitor::find(name).is_ok().then_some(Kind::Monitor);
    let model = model::find(name).is_ok().then_some(Kind::Model);
    model.or_else(coupling).or_else(monitor)
}

/// What `read` makes of the text in a file.
fn loaded<T>(path: &Path, wanted: Kind, read: impl Fn(&str, &str) -> Result<T>) -> Result<T> {
    let word = wanted.word();
    let hint =
        format!("a {word} is a TOML text; `brainsweep {word}s new FILE` writes one to start from");
    let text = read_text(path, &hint)?;
    read(&path.display().to_string(), &text).map_err(|error| match Kind::of(&text) {
        Some(found) if found != wanted => found.instead_of(wanted, path),
        _ => error,
    })
}

/// Where a file lies that the text of a model names, such as that of a table: beside the text, unless its path is absolute.
pub fn beside(model: &Path, file: &str) -> PathBuf {
    model.parent().unwrap_or(Path::new("")).join(file)
}

/// The model in a file.
///
/// # Errors
/// [`Error::Disk`] if the file cannot be read, [`Error::Text`] at the first place that does not read, [`Error::Data`] if it is something
/// else.
pub fn load(path: &Path) -> Result<&'static Model> {
    let files = |file: &str, key: &str| npz::read_f64(&beside(path, file), key);
    loaded(path, Kind::Model, |name, text| {
        let model = model::intern_with(name, text, &files)?;
        if let Some(kind) = model.coupling
            && let Err(error) = coupling::find(kind)
        {
            return Err(at_kind(name, text, &error));
        }
        Ok(model)
    })
}

/// An error of the coupling that a model's text names, with its place.
fn at_kind(name: &str, text: &str, error: &Error) -> Error {
    let document = toml::de::DeTable::parse(text);
    let kind = document.ok().and_then(|document| {
        let coupling = document.get_ref().get("coupling")?.get_ref().as_table()?;
        Some(coupling.get("kind")?.span())
    });
    let place = Place::in_file(name, text, kind.unwrap_or(0..0));
    let message = error.to_string();
    TextError {
        place,
        message,
        hint: error.hint(),
    }
    .into()
}

/// The coupling in a file.
///
/// # Errors
/// As [`load`].
pub fn load_coupling(path: &Path) -> Result<&'static Form> {
    loaded(path, Kind::Coupling, coupling::intern)
}

/// The model of this name or in this file.
///
/// # Errors
/// As [`load`], or [`Error::Unknown`] for a name that is not there.
pub fn named(name: &str) -> Result<&'static Model> {
    if is_file_name(name) {
        return load(Path::new(name));
    }
    model::find(name).map_err(|error| match coupling::find(name) {
        Ok(_) => elsewhere(name, Kind::Model, Kind::Coupling),
        Err(_) => error,
    })
}

/// The coupling of this name or in this file.
///
/// # Errors
/// As [`named`].
pub fn named_coupling(name: &str) -> Result<&'static Form> {
    if is_file_name(name) {
        return load_coupling(Path::new(name));
    }
    coupling::find(name).map_err(|error| match model::find(name) {
        Ok(_) => elsewhere(name, Kind::Coupling, Kind::Model),
        Err(_) => error,
    })
}

/// The monitor in a file.
///
/// # Errors
/// As [`load`].
pub fn load_monitor(path: &Path) -> Result<&'static Monitor> {
    loaded(path, Kind::Monitor, monitor::intern)
}

/// The monitor of this name or in this file.
///
/// # Errors
/// As [`named`].
pub fn named_monitor(name: &str) -> Result<&'static Monitor> {
    if is_file_name(name) {
        return load_monitor(Path::new(name));
    }
    monitor::find(name).map_err(|error| match kind_of_name(name) {
        Some(kind) => elsewhere(name, Kind::Monitor, kind),
        None => error,
    })
}

/// A name of ours that is one of another kind.
fn elsewhere(name: &str, wanted: Kind, found: Kind) -> Error {
    let word = found.word();
    let problem = format!("{name:?} is a {word}, not a {}", wanted.word());
    Error::usage(
        problem,
        format!("`brainsweep {word}s show {name}` shows it"),
    )
}

/// Writes a commented model to start from, called after the file.
///
/// # Errors
/// [`Error::Data`] if there is a file already, [`Error::Study`] for a name that studies would not take for a file, [`Error::Disk`] if
/// it cannot be written.
pub fn write_template(path: &Path) -> Result<()> {
    let text = include_str!("template/model.toml");
    begin(
        path,
        "model",
        &text.replacen("MODEL", &model::plain_name(&stem(path)), 1),
    )
}

/// Writes a commented coupling to start from, called after the file.
///
/// # Errors
/// As [`write_template`].
pub fn write_coupling_template(path: &Path) -> Result<()> {
    let text = include_str!("template/coupling.toml");
    begin(
        path,
        "coupling",
        &text.replacen("COUPLING", &model::plain_name(&stem(path)), 1),
    )
}

/// Writes a commented monitor to start from, called after the file.
///
/// # Errors
/// As [`write_template`].
pub fn write_monitor_template(path: &Path) -> Result<()> {
    let text = include_str!("template/monitor.toml");
    begin(
        path,
        "monitor",
        &text.replacen("MONITOR", &model::plain_name(&stem(path)), 1),
    )
}

fn begin(path: &Path, word: &str, text: &str) -> Result<()> {
    if !is_file_name(&path.to_string_lossy()) || path.file_stem().is_none() {
        let problem = format!("{:?} is not the name of a file", path.display().to_string());
        let hint = format!("the file of a {word} has an ending or a folder, as in mine.toml");
        return Err(Error::usage(problem, hint));
    }
    if path.exists() {
        let hint = "choose another name, or remove it first";
        return Err(Error::data_hint(path, "exists already", hint));
    }
    atomic_write(path, text.as_bytes())
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into()
}

/// A model of XPPAUT, translated; see [`crate::ode`].
///
/// # Errors
/// [`Error::Disk`] if the file cannot be read, [`Error::Data`] with every line that cannot be translated.
pub fn import_ode(path: &Path) -> Result<ode::Translated> {
    if path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        let shown = path.display();
        let hint = format!("`brainsweep models check {shown}` reads it");
        let problem = "is the text of a model already, not an .ode file";
        return Err(Error::data_hint(path, problem, hint));
    }
    let bytes = read_bytes(path, "name the .ode file of a model of XPPAUT")?;
    // Old files are in all sorts of encodings, but only their comments are.
    let text = String::from_utf8_lossy(&bytes);
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    ode::translate(&text, &model::plain_name(&stem(path)), &file)
        .map_err(|faults| Error::data(path, faults.to_string()))
}
