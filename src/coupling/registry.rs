//! The couplings that come with the program, and those read beside them.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use super::Form;
use crate::error::{Error, Result};

macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        /// Names and texts of the couplings that come with the program, in the order in which they are listed.
        const TEXTS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../data/couplings/", $name, ".toml")))),*
        ];
    };
}

texts![
    "diffusive",
    "additive",
    "linear",
    "scaling",
    "sigmoidal",
    "sigmoidal-jansen-rit",
    "pre-sigmoidal",
    "hyperbolic-tangent",
    "kuramoto",
];

/// Every coupling that comes with the program.
pub static FORMS: LazyLock<Vec<&'static Form>> =
    LazyLock::new(|| TEXTS.iter().map(|(name, text)| ours(name, text)).collect());

fn ours(name: &str, text: &str) -> &'static Form {
    intern(&format!("data/couplings/{name}.toml"), text)
        .unwrap_or_else(|error| panic!("a coupling of ours does not read: {error}"))
}

/// The coupling of this name.
///
/// # Errors
/// [`Error::Unknown`] naming the couplings there are and the nearest.
pub fn find(name: &str) -> Result<&'static Form> {
    TEXTS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(name, text)| ours(name, text))
        .ok_or_else(|| Error::unknown("coupling", name, TEXTS.iter().map(|(name, _)| *name)))
}

/// The coupling that `text` describes, kept for as long as the program runs; the same text gives the same coupling. `name` is what
/// errors call the text.
///
/// # Errors
/// [`Error::Text`] at the first place that does not read.
pub fn intern(name: &str, text: &str) -> Result<&'static Form> {
    static READ: Mutex<BTreeMap<String, &'static Form>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(|broken| broken.into_inner());
    if let Some(form) = read.get(text) {
        return Ok(form);
    }
    let form: &'static Form = Box::leak(Box::new(Form::read(name, text)?));
    read.insert(text.into(), form);
    Ok(form)
}
