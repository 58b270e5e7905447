//! The keys of a study, each written once: a row of [`KEYS`].
//!
//! The reader of study files, `--set`, `--vary`, the checks of a plan, the axes of a sweep, manifests, `--help`, `brainsweep keys`
//! and the reference page (`docs/keys.md`) all loop over this table. A new key is a row in `table.rs`; if its value is no number,
//! whole number or word, it also needs its reader in `io::study`.

mod address;
mod number;
mod table;
mod text;

#[cfg(test)]
pub(crate) use address::resolve_in;
pub use address::{Address, Purpose, resolve};
pub(crate) use address::{ends_so, find, meant, split_node};
pub use number::Number;
pub(crate) use number::{Role, Slot, shown};
pub use table::*;
pub use text::{help, reference};

use super::Study;
use super::range::Range;
use super::{Start, Values};

/// One key of a study, or one for each name of the model or coupling.
pub struct Key {
    /// The key as in study files. A part in capitals (`NAME`, `STATE`) stands for the names that `names` gives.
    pub path: &'static str,
    /// Unit; empty where there is none, or where each name has its own.
    pub unit: &'static str,
    /// What the key says.
    pub meaning: &'static str,
    /// What holds if the key is left out.
    pub default: &'static str,
    /// What may be written.
    pub value: Value,
    /// The names that the part in capitals stands for, in a given study.
    pub(crate) names: Option<fn(&Study) -> Vec<String>>,
    /// Why the key, or its name number `i`, has no effect in a given study; `None` if it has one.
    pub(crate) idle: fn(&Study, usize) -> Option<&'static str>,
}

/// What may be written for a key.
pub enum Value {
    /// A number, which a sweep can vary and a branch can follow.
    Number(Numeric),
    /// A whole number from 0 to `most`.
    Whole {
        /// The largest one.
        most: u64,
        /// Reads it from a study.
        get: fn(&Study) -> u64,
        /// Writes it into a study.
        set: fn(&mut Study, u64),
    },
    /// One of a list of words.
    Word {
        /// The words.
        words: fn() -> Vec<&'static str>,
        /// Reads it from a study.
        get: fn(&Study) -> &'static str,
        /// Writes one of `words` into a study.
        set: fn(&mut Study, &str),
    },
    /// One of a list of words, about data: read by `io::study` before there is a study.
    OneOf(fn() -> Vec<&'static str>),
    /// Text, lists, files: described in words, and read by `io::study`.
    Other(&'static str),
}

/// Unit ("1" for none) and meaning of name number `i`.
type About = fn(&Study, usize) -> (String, String);

/// How a numeric key is read, checked and set. `i` counts the names of the key; it is 0 for a key without names.
pub struct Numeric {
    /// Whether nodes may differ.
    pub per_node: bool,
    /// What the number may be.
    pub(crate) range: fn(&Study, usize) -> Range,
    /// Unit and meaning; `None`: those of the row.
    pub(crate) about: Option<About>,
    /// The number in a study.
    pub(crate) get: fn(&Study, usize) -> Values,
    /// Where the number is written.
    pub(crate) slot: fn(&mut Study, usize) -> Slot<'_>,
    /// What the number is in the equations; `None`: neither equilibria nor delays depend on it.
    pub(crate) role: fn(&Study, usize) -> Option<Role>,
    /// Why a sweep cannot vary it; `None` if it can.
    pub(crate) fixed: Option<&'static str>,
}

impl Numeric {
    /// Whether a sweep can vary the number.
    pub fn can_vary(&self) -> bool {
        self.fixed.is_none()
    }
}

impl Key {
    /// The last part of its path.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// All of its path but the last part; empty at the top.
    pub fn section(&self) -> &'static str {
        self.path
            .rsplit_once('.')
            .map_or("", |(section, _)| section)
    }

    /// Whether its last part stands for names.
    pub fn has_names(&self) -> bool {
        is_placeholder(self.name())
    }

    /// Every key of a study that the row stands for, in order.
    pub fn paths(&self, study: &Study) -> Vec<String> {
        match self.names {
            None => vec![self.path.into()],
            Some(names) => {
                let names = names(study).into_iter();
                names.map(|name| self.named(&name)).collect()
            }
        }
    }

    /// The path with `name` in place of the part in capitals.
    pub fn named(&self, name: &str) -> String {
        match self.section() {
            // Names that are whole keys.
            section if is_placeholder(section) => name.into(),
            section => format!("{section}.{name}"),
        }
    }

    /// A key of the table that the whole key holds.
    pub fn below(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// The number of names, or 1.
    pub(crate) fn len(&self, study: &Study) -> usize {
        self.names.map_or(1, |names| names(study).len())
    }
}

/// Whether a part of a path stands for names.
fn is_placeholder(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase())
}

/// The keys that may stand in the table at `path`, without those that stand for names; each once, in the order of `keys`.
pub(crate) fn children<'k>(keys: &[&'k Key], path: &str) -> Vec<&'k str> {
    let mut all: Vec<&str> = Vec::new();
    for key in keys {
        let rest = match path {
            "" => Some(key.path),
            _ => key
                .path
                .strip_prefix(path)
                .and_then(|rest| rest.strip_prefix('.')),
        };
        let Some(rest) = rest else { continue };
        let child = rest.split('.').next().unwrap_or(rest);
        if !is_placeholder(child) && !all.contains(&child) {
            all.push(child);
        }
    }
    all
}

/// Whether names may stand in the table at `path`.
pub(crate) fn takes_names(keys: &[&Key], path: &str) -> bool {
    keys.iter()
        .any(|key| key.section() == path && key.has_names())
}

impl Study {
    /// The same state at every node, where the start is one number per node or drawn.
    fn start_values(&self, state: usize) -> Values {
        match &self.initial.state[state] {
            Start::Given(values) => values.clone(),
            Start::Uniform { low, high } => Values::Uniform(0.5 * (low + high)),
        }
    }
}
