//! The models that come with the program, and those read beside them.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use super::Model;
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
    "coombes-byrne",
    "zerlaut",
    "larter-breakspear",
    "hindmarsh-rose",
    "morris-lecar",
    "epileptor",
    "epileptor-2d",
    "linear",
];

/// Every model that comes with the program.
pub static MODELS: LazyLock<Vec<&'static Model>> =
    LazyLock::new(|| TEXTS.iter().map(|(name, text)| ours(name, text)).collect());

fn ours(name: &str, text: &str) -> &'static Model {
    intern(&format!("data/models/{name}.toml"), text)
        .unwrap_or_else(|error| panic!("a model of ours does not read: {error}"))
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
    static READ: Mutex<BTreeMap<String, &'static Model>> = Mutex::new(BTreeMap::new());
    let kept = |read: &BTreeMap<String, &'static Model>| read.get(text).copied();
    if let Some(model) = kept(&READ.lock().unwrap_or_else(|broken| broken.into_inner())) {
        return Ok(model);
    }
    let model = Model::read(name, text)?;
    let mut read = READ.lock().unwrap_or_else(|broken| broken.into_inner());
    if let Some(model) = kept(&read) {
        return Ok(model);
    }
    let model: &'static Model = Box::leak(Box::new(model));
    read.insert(text.into(), model);
    Ok(model)
}
