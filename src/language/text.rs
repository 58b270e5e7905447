//! A text and the places in it: errors that show the line.

use std::ops::Range;

use crate::error::{Error, Place, TextError};

/// A text with a name.
#[derive(Debug, Clone)]
pub struct Text {
    /// What errors call it: a path, or the name of a model of ours.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// Something wrong at a place of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Where, in bytes.
    pub span: Range<usize>,
    /// What is wrong, and what would be right: `FACT; WAY OUT`.
    pub message: String,
}

impl Fault {
    /// At this place.
    pub fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
        }
    }

    /// The same in a text in which this one begins at `offset`.
    #[must_use]
    pub fn moved(mut self, offset: usize) -> Self {
        self.span = self.span.start + offset..self.span.end + offset;
        self
    }
}

impl Text {
    /// The error that shows this fault.
    pub fn error(&self, fault: &Fault) -> Error {
        let place = Place::in_file(&self.name, &self.text, fault.span.clone());
        TextError::new(place, &fault.message).into()
    }
}

/// "; nearest is `...`" where a known name is close to `name`.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    // One letter is near to every other.
    let near = crate::error::nearest(name, known).filter(|near| near.len().max(name.len()) > 1);
    near.map(|near| format!("; nearest is `{near}`"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_shown_with_its_line_and_a_caret() {
        let text = Text {
            name: "mine.toml".into(),
            text: "a\n\tµ = alhpa\n".into(),
        };
        let at = text.text.find("alhpa").unwrap();
        let error = text.error(&Fault::at(at..at + 5, "unknown"));
        assert_eq!(
            error.to_string(),
            "mine.toml:2:6: unknown\n  2 | \tµ = alhpa\n    | \t    ^^^^^"
        );
        let end = text.text.len();
        let error = text.error(&Fault::at(end..end + 3, "something is missing"));
        assert_eq!(
            error.to_string(),
            "mine.toml:3:1: something is missing\n  3 | \n    | ^"
        );
    }
}
