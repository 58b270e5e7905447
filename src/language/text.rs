//! A text and the places in it: errors that show the line.

use std::ops::Range;

use crate::error::Error;

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
    /// What is wrong, and what would be right.
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
    /// Line and column, both from 1, of a place.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let before = &self.text[..self.floor(at)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }

    /// The nearest place at or before `at` where a character begins.
    fn floor(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// The error that shows this fault.
    pub fn error(&self, fault: &Fault) -> Error {
        let (line, column) = self.position(fault.span.start);
        let shown = self.text.lines().nth(line - 1).unwrap_or_default();
        let rest = shown.chars().count() + 1 - column.min(shown.chars().count() + 1);
        let end = self.floor(fault.span.end.max(fault.span.start));
        let length = self.text[self.floor(fault.span.start)..end]
            .lines()
            .next()
            .map_or(0, |marked| marked.trim_end().chars().count());
        // Tabs stay, so that the caret stands below its character.
        let indent: String = shown
            .chars()
            .take(column - 1)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        Error::Text {
            origin: format!("{}:{line}:{column}", self.name),
            message: fault.message.clone(),
            excerpt: format!(
                "  {number} | {shown}\n  {margin} | {indent}{}",
                "^".repeat(length.min(rest).max(1))
            ),
        }
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
