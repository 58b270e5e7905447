//! The keys of a study file, section by section: what is known, and what an unknown key was meant to be.

use super::document::{Item, Value, join};
use crate::error::Result;

/// The sections and their keys; `*` stands for the parameters or states of the model, or the parameters of the coupling.
const SCHEMA: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "name",
            "model",
            "integrator",
            "parameters",
            "connectome",
            "coupling",
            "input",
            "noise",
            "initial",
            "protocol",
            "record",
            "sweep",
        ],
    ),
    ("parameters", &["*"]),
    (
        "connectome",
        &[
            "file",
            "nodes",
            "weights",
            "matrices",
            "tract_lengths",
            "delay_steps",
            "functional",
            "labels",
            "orientation",
            "tract_orientation",
            "symmetric",
            "normalise",
        ],
    ),
    ("connectome.matrices", &["*"]),
    (
        "coupling",
        &[
            "kind",
            "source",
            "target",
            "weights",
            "conduction_speed",
            "delay_rounding",
            "delay_reads",
            "*",
        ],
    ),
    (
        "coupling.NAME",
        &["kind", "source", "target", "weights", "*"],
    ),
    ("input", &["*"]),
    ("noise", &["kind", "tau", "mean", "sigma", "replay"]),
    ("noise.mean", &["*"]),
    ("noise.sigma", &["*"]),
    ("noise.replay", &["file", "*"]),
    ("initial", &["history", "feedback", "*"]),
    ("initial.history", &["*"]),
    (
        "protocol",
        &["duration", "dt", "seed", "simulation", "transient"],
    ),
    ("record", &["states", "every"]),
    (
        "sweep",
        &["vary", "zip", "sample", "seeds", "every", "keep"],
    ),
];

/// A table all of whose keys are known.
pub(super) struct Section<'a> {
    entries: &'a [(String, Item)],
}

impl<'a> Section<'a> {
    /// Opens the table `item` (left out: an empty one) at `path` of [`SCHEMA`], with `names` in place of its `*`.
    ///
    /// # Errors
    /// If it is no table, or at the first unknown key.
    pub fn open(item: Option<&'a Item>, path: &str, names: &[&str]) -> Result<Self> {
        let known = known(path, names);
        Self::inline(item, &known)
    }

    /// Opens a table whose keys are `known`.
    pub fn inline(item: Option<&'a Item>, known: &[&str]) -> Result<Self> {
        let Some(item) = item else {
            return Ok(Self { entries: &[] });
        };
        let Value::Table(entries) = &item.value else {
            return Err(item.wrong(format!("a table with the keys {}", known.join(", "))));
        };
        for (name, entry) in entries {
            if !known.contains(&name.as_str()) {
                let meant = meant(&item.key, name, known);
                let meant = meant
                    .map(|key| format!("; did you mean {key}?"))
                    .unwrap_or_default();
                let place = if item.key.is_empty() {
                    "a study"
                } else {
                    &item.key
                };
                let message = format!(
                    "unknown key {}{meant} ({place} has the keys {})",
                    shown(&entry.key),
                    known.join(", ")
                );
                return Err(entry.origin.error(message));
            }
        }
        Ok(Self { entries })
    }

    /// The value of a key, if it is written.
    pub fn get(&self, name: &str) -> Option<&'a Item> {
        self.entries
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, item)| item)
    }

    /// Whether nothing is written in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The keys written in it, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Item)> + use<'a> {
        self.entries.iter().map(|(key, item)| (key.as_str(), item))
    }
}

fn known<'a>(path: &str, names: &[&'a str]) -> Vec<&'a str> {
    let (_, keys) = SCHEMA
        .iter()
        .find(|(section, _)| *section == path)
        .expect("a section of the schema");
    let mut known: Vec<&str> = keys.iter().copied().filter(|key| *key != "*").collect();
    if keys.contains(&"*") {
        known.extend(names);
    }
    known
}

/// The key that `name` in `section` was probably meant to be: a near one of the section, or the same word in another.
fn meant(section: &str, name: &str, known: &[&str]) -> Option<String> {
    let elsewhere = || {
        let has = |(_, keys): &&(&str, &[&str])| keys.contains(&name);
        SCHEMA.iter().find(has).map(|(path, _)| join(path, name))
    };
    nearest(name, known.iter().copied())
        .map(|key| join(section, key))
        .or_else(elsewhere)
}

/// The word nearest to `name`, if one is near: at most one edit, plus one for every three letters.
pub(super) fn nearest<'a>(name: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: String = name.chars().take(64).collect::<String>().to_lowercase();
    let distance = |word: &&str| strsim::damerau_levenshtein(&name, &word.to_lowercase());
    let word = words.into_iter().min_by_key(distance)?;
    let near = distance(&word) <= 1 + word.chars().count() / 3;
    near.then_some(word)
}

/// A key as people can read it: quoted if it holds anything but letters, digits, `_`, `-`, `.` and brackets.
fn shown(key: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-.[]".contains(c);
    if !key.is_empty() && key.chars().all(plain) {
        key.into()
    } else {
        format!("{key:?}")
    }
}
