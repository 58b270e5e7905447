//! Models and couplings in files of their own.

use std::path::Path;

use super::atomic_write;
use crate::coupling::{self, Form};
use crate::error::{Error, Result};
use crate::model::{self, Model};
use crate::ode;

/// Whether `name` means a file rather than one of the models that come with the program.
pub fn is_file_name(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some() || path.components().count() > 1
}

/// Whether a file is there that holds the text of a model, not a study: it has equations.
pub fn is_model(path: &Path) -> bool {
    let is_equations = |line: &str| {
        line.trim_start()
            .strip_prefix("equations")
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    path.is_file() && std::fs::read_to_string(path).is_ok_and(|text| text.lines().any(is_equations))
}

/// The model in a file.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Text`] at the first place that does not read.
pub fn load(path: &Path) -> Result<&'static Model> {
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Error::data(path, "is no text in UTF-8; a model is a TOML text, `brainsweep models new FILE` writes one to start from")
    })?;
    model::intern(&path.display().to_string(), &text)
}

/// The coupling in a file.
///
/// # Errors
/// As [`load`].
pub fn load_coupling(path: &Path) -> Result<&'static Form> {
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Error::data(
            path,
            "is no text in UTF-8; a coupling is a TOML text, see data/couplings/README.md",
        )
    })?;
    coupling::intern(&path.display().to_string(), &text)
}

/// The model of this name or in this file.
///
/// # Errors
/// As [`load`], or [`Error::Unknown`] for a name that is not there.
pub fn named(name: &str) -> Result<&'static Model> {
    if is_file_name(name) {
        return load(Path::new(name));
    }
    model::find(name)
}

/// Writes a commented model to start from, called after the file.
///
/// # Errors
/// [`Error::Data`] if there is a file already, [`Error::BadValue`] for a name that studies would not take for a file, [`Error::Io`] if
/// it cannot be written.
pub fn write_template(path: &Path) -> Result<()> {
    if !is_file_name(&path.to_string_lossy()) || path.file_stem().is_none() {
        let found = format!("{:?}", path.display().to_string());
        return Err(Error::bad_value(
            "the file",
            found,
            "a model's file has an ending or a folder, as in mine.toml",
        ));
    }
    if path.exists() {
        return Err(Error::data(
            path,
            "exists already; choose another name, or remove it first",
        ));
    }
    let text = include_str!("template.toml").replacen("MODEL", &model::plain_name(&stem(path)), 1);
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
/// [`Error::Io`] if the file cannot be read, [`Error::Data`] with every line that cannot be translated.
pub fn import_ode(path: &Path) -> Result<ode::Translated> {
    if path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        let shown = path.display();
        let message = format!(
            "is a model's text already, not an .ode file; `brainsweep models check {shown}` reads it"
        );
        return Err(Error::data(path, message));
    }
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    // Old files are in all sorts of encodings, but only their comments are.
    let text = String::from_utf8_lossy(&bytes);
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    ode::translate(&text, &model::plain_name(&stem(path)), &file)
        .map_err(|faults| Error::data(path, faults.to_string()))
}
