//! What can be wrong with a study: its keys, their values, and what they say together.

use super::{Error, Place, cut, parted};

/// Something wrong in the description of a study or of a sweep.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// An error at a place of a study file or of a flag.
    #[error("{}", .place.around(.error))]
    At {
        /// The place.
        place: Box<Place>,
        /// What is wrong there.
        error: Box<Error>,
    },
    /// A value that names something else, such as a file, in which something is wrong.
    #[error("{key}: {error}")]
    Value {
        /// The key.
        key: String,
        /// What is wrong.
        error: Box<Error>,
    },
    /// A text that is not written as it must be: no TOML, or no `KEY=VALUE`.
    #[error("{problem}")]
    Syntax {
        /// What is wrong.
        problem: String,
        /// How it is written.
        hint: Option<String>,
    },
    /// A key that does not exist.
    #[error("unknown key {key}{}", known_of(.table, .known))]
    UnknownKey {
        /// The key as given.
        key: String,
        /// The table that it is in; empty at the top of a study.
        table: String,
        /// The keys that this table has.
        known: Vec<String>,
        /// The key that was probably meant.
        meant: Option<String>,
    },
    /// A short name that several keys end in.
    #[error("{name} could be {}", .candidates.join(", "))]
    Ambiguous {
        /// The name as given.
        name: String,
        /// The keys that it could mean.
        candidates: Vec<String>,
    },
    /// A value of the wrong type, or an array of the wrong shape.
    #[error("{key} is {found}, expected {expected}")]
    WrongType {
        /// The key.
        key: String,
        /// What is written there.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// A word that is not in its list.
    #[error("{key} is {found}, expected one of {}", quoted(.known))]
    NotAmong {
        /// The key.
        key: String,
        /// What is written there.
        found: String,
        /// The words that exist.
        known: Vec<String>,
        /// The word that was probably meant.
        meant: Option<String>,
    },
    /// A value outside its range.
    #[error("{key} is {found}, but {rule}")]
    OutOfRange {
        /// The key, for example `protocol.dt`.
        key: String,
        /// The value as given.
        found: String,
        /// What is allowed.
        rule: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A key that changes nothing in this study.
    #[error("{key} has no effect: {why}")]
    NoEffect {
        /// The key.
        key: String,
        /// Why it has none.
        why: String,
    },
    /// A key that cannot be used in this way, here or anywhere.
    #[error("{key} cannot be {purpose}: {why}")]
    Unusable {
        /// The key.
        key: String,
        /// What it was to be: varied, followed, set at one node.
        purpose: &'static str,
        /// Why it cannot be.
        why: String,
        /// What to do instead.
        hint: Option<String>,
    },
    /// A node that the network does not have.
    #[error("there is no node {node} for {key}: the network has nodes 0 to {}", .n_nodes - 1)]
    NoSuchNode {
        /// The key.
        key: String,
        /// The node as given.
        node: usize,
        /// The number of nodes.
        n_nodes: usize,
    },
    /// A value that is needed and was not given.
    #[error("{key} is missing: {why}")]
    Missing {
        /// The key.
        key: String,
        /// Why it is needed.
        why: String,
        /// How to give it, or to do without.
        hint: Option<String>,
    },
    /// Parts of a study, or of a sweep, that do not go together.
    #[error("{problem}")]
    Conflict {
        /// What does not go together.
        problem: String,
        /// What to change.
        hint: Option<String>,
    },
}

impl StudyError {
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::At { error, .. } | Self::Value { error, .. } => error.hint(),
            Self::UnknownKey { meant, .. } => Some(match meant {
                Some(key) => format!("did you mean {key}? `brainsweep keys` lists all keys"),
                None => "`brainsweep keys` lists all keys".into(),
            }),
            Self::NotAmong { meant, .. } => {
                let meant = meant.as_ref();
                meant.map(|word| format!("did you mean {word:?}?"))
            }
            Self::Ambiguous { .. } => Some("write one of them".into()),
            Self::NoEffect { .. } => Some("leave it out".into()),
            Self::Syntax { hint, .. }
            | Self::Unusable { hint, .. }
            | Self::OutOfRange { hint, .. }
            | Self::Missing { hint, .. }
            | Self::Conflict { hint, .. } => hint.clone(),
            Self::WrongType { .. } | Self::NoSuchNode { .. } => None,
        }
    }
}

/// " (TABLE has the keys ...)".
fn known_of(table: &str, known: &[String]) -> String {
    let place = if table.is_empty() { "a study" } else { table };
    match known {
        [] => String::new(),
        known => format!(" ({place} has the keys {})", known.join(", ")),
    }
}

fn quoted(words: &[String]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
    quoted.join(", ")
}

impl Error {
    /// [`StudyError::OutOfRange`] from its parts; `rule` is written as [`parted`] reads it.
    pub(crate) fn out_of_range(
        key: impl Into<String>,
        found: impl ToString,
        rule: impl AsRef<str>,
    ) -> Self {
        let (key, found) = (key.into(), cut(&found.to_string()).into());
        let (rule, hint) = parted(rule.as_ref());
        StudyError::OutOfRange {
            key,
            found,
            rule,
            hint,
        }
        .into()
    }

    /// [`StudyError::Unusable`] from its parts; `why` is written as [`parted`] reads it.
    pub(crate) fn unusable(
        key: impl Into<String>,
        purpose: &'static str,
        why: impl Into<String>,
        hint: Option<&str>,
    ) -> Self {
        let (why, own) = parted(&why.into());
        let (key, hint) = (key.into(), hint.map(String::from).or(own));
        StudyError::Unusable {
            key,
            purpose,
            why,
            hint,
        }
        .into()
    }

    /// [`StudyError::Missing`] from its parts.
    pub(crate) fn missing(
        key: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let (key, why, hint) = (key.into(), why.into(), Some(hint.into()));
        StudyError::Missing { key, why, hint }.into()
    }

    /// [`StudyError::Conflict`] from its parts.
    pub(crate) fn conflict(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        let (problem, hint) = (problem.into(), Some(hint.into()));
        StudyError::Conflict { problem, hint }.into()
    }

    /// The same error at a place of a study file or of a flag. An error that has a place keeps it.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        match self {
            Self::Text(_) | Self::Study(StudyError::At { .. }) => self,
            error => StudyError::At {
                place: Box::new(place),
                error: Box::new(error),
            }
            .into(),
        }
    }
}
