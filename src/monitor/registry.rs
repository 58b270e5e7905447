//! The monitors that come with the program, and those read beside them.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use super::Monitor;
use crate::error::{Error, Result};

macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        /// Names and texts of the monitors that come with the program, in the order in which they are listed.
        const TEXTS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../data/monitors/", $name, ".toml")))),*
        ];
    };
}

texts![
    "balloon-windkessel",
    "hrf-volterra",
    "hrf-gamma",
    "hrf-mixture",
    "temporal-average",
    "subsample",
    "lead-field",
];

/// Every monitor that comes with the program.
pub static MONITORS: LazyLock<Vec<&'static Monitor>> =
    LazyLock::new(|| TEXTS.iter().map(|(name, text)| ours(name, text)).collect());

fn ours(name: &str, text: &str) -> &'static Monitor {
    intern(&format!("data/monitors/{name}.toml"), text)
        .unwrap_or_else(|error| panic!("a monitor of ours does not read: {error}"))
}

/// The monitor of this name.
///
/// # Errors
/// [`Error::Unknown`] naming the monitors there are and the nearest.
pub fn find(name: &str) -> Result<&'static Monitor> {
    TEXTS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(name, text)| ours(name, text))
        .ok_or_else(|| Error::unknown("monitor", name, TEXTS.iter().map(|(name, _)| *name)))
}

/// The monitor that `text` describes, kept for as long as the program runs; the same text gives the same monitor. `name` is what
/// errors call the text.
///
/// # Errors
/// [`Error::Text`] at the first place that does not read.
pub fn intern(name: &str, text: &str) -> Result<&'static Monitor> {
    static READ: Mutex<BTreeMap<String, &'static Monitor>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(|broken| broken.into_inner());
    if let Some(monitor) = read.get(text) {
        return Ok(monitor);
    }
    let monitor: &'static Monitor = Box::leak(Box::new(Monitor::read(name, text)?));
    read.insert(text.into(), monitor);
    Ok(monitor)
}
