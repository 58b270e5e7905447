//! Something that could not be done, told beside the results that were found.

use std::fmt;

use serde::Serialize;

use super::Error;

/// What could not be done while the rest went on, and what to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What could not be done, and where.
    pub what: String,
    /// What to try, where there is something to try.
    pub hint: Option<String>,
}

impl Remark {
    /// A remark without a hint.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        let (what, hint) = (what.into(), None);
        Self { what, hint }
    }

    /// The same with a hint.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The remark and, on a line of its own that begins with `hint: `, what to try.
    pub fn report(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}\nhint: {hint}", self.what),
            None => self.what.clone(),
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl From<&Error> for Remark {
    fn from(error: &Error) -> Self {
        let (what, hint) = (error.to_string(), error.hint());
        Self { what, hint }
    }
}

impl From<Error> for Remark {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}
