//! What can be wrong with how a command is used.

use super::{Error, Place, cut, parted};

/// A flag that does not read, does not apply, or does not go with another.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UsageError {
    /// A value of a flag that is not written as it must be.
    #[error("{}", .place.around(format_args!("cannot read the value of {flag}")))]
    Malformed {
        /// The flag, for example `--vary`.
        flag: String,
        /// Its value, marked.
        place: Box<Place>,
        /// How the value is written.
        hint: String,
    },
    /// A value of a flag that reads and is not allowed.
    #[error("{}", .place.around(format_args!("{flag} is {value}, but {rule}")))]
    OutOfRange {
        /// The flag.
        flag: String,
        /// The value as given.
        value: String,
        /// Its value, marked.
        place: Box<Place>,
        /// What is allowed.
        rule: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A flag that has nothing to act on.
    #[error("{flag} does not apply: {why}")]
    NotApplicable {
        /// The flag.
        flag: String,
        /// Why it does not.
        why: String,
        /// What to do instead.
        hint: String,
    },
    /// Arguments that do not go together, or do not suffice.
    #[error("{problem}")]
    Conflict {
        /// What is wrong.
        problem: String,
        /// What to say instead.
        hint: Option<String>,
    },
}

impl UsageError {
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Malformed { hint, .. } | Self::NotApplicable { hint, .. } => Some(hint.clone()),
            Self::Conflict { hint, .. } | Self::OutOfRange { hint, .. } => hint.clone(),
        }
    }
}

impl Error {
    /// [`UsageError::Malformed`]: `text` is the value of `flag`, `hint` how it is written.
    pub(crate) fn malformed(flag: &str, text: &str, hint: impl Into<String>) -> Self {
        Self::malformed_part(flag, text, text, hint)
    }

    /// [`Error::malformed`] where only a `part` of the value does not read.
    pub(crate) fn malformed_part(
        flag: &str,
        text: &str,
        part: &str,
        hint: impl Into<String>,
    ) -> Self {
        UsageError::Malformed {
            flag: flag.into(),
            place: Box::new(Place::part_of_flag(&format!("{flag} {text}"), part)),
            hint: hint.into(),
        }
        .into()
    }

    /// [`UsageError::OutOfRange`]: `value` of `flag` breaks the `rule`, which is written as [`parted`]
    /// reads it.
    pub(crate) fn flag_range(flag: &str, value: impl ToString, rule: impl AsRef<str>) -> Self {
        let value = value.to_string();
        let (rule, hint) = parted(rule.as_ref());
        let place = Place::part_of_flag(&format!("{flag} {value}"), &value);
        UsageError::OutOfRange {
            flag: flag.into(),
            value: cut(&value).into(),
            place: Box::new(place),
            rule,
            hint,
        }
        .into()
    }

    /// [`UsageError::NotApplicable`] from its parts.
    pub fn not_applicable(
        flag: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        UsageError::NotApplicable {
            flag: flag.into(),
            why: why.into(),
            hint: hint.into(),
        }
        .into()
    }

    /// [`UsageError::Conflict`] from its parts.
    pub fn usage(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        let (problem, hint) = (problem.into(), Some(hint.into()));
        UsageError::Conflict { problem, hint }.into()
    }
}
