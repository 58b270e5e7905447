//! Models in files of their own.

use std::path::Path;

use crate::error::{Error, Result};
use crate::model::{self, Model};

/// Whether `name` means a file rather than one of the models that come with the program.
pub fn is_file_name(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some() || path.components().count() > 1
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
