//! Shows a place of a text: the line, with carets below it. All errors in texts are shown this way.

use std::fmt;
use std::ops::Range;

/// The most characters of a line that are shown, and how far from its beginning a place may be to be
/// shown with it.
const WIDEST: usize = 160;
const BEFORE: usize = 100;

/// A place in a file, in a text that comes with the program, or in a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, or the name of a text that comes with the program; `None` for a flag.
    pub file: Option<String>,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The line with carets below the place, indented by two.
    pub excerpt: String,
}

impl Place {
    /// Finds the bytes `span` in the `text` of `file`. A span that leaves the text is cut at its
    /// end; one that goes on over several lines is marked on the first.
    pub fn in_file(file: &str, text: &str, span: Range<usize>) -> Self {
        let (line, column) = position(text, span.start);
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let (shown, carets) = marked(text, span);
        Self {
            file: Some(file.into()),
            line,
            column,
            excerpt: format!("  {number} | {shown}\n  {margin} | {carets}"),
        }
    }

    /// Finds the bytes `span` in a flag with its value, as in `--set coupling.g=1`.
    pub fn in_flag(flag: &str, span: Range<usize>) -> Self {
        let (line, column) = position(flag, span.start);
        let (shown, carets) = marked(flag, span);
        Self {
            file: None,
            line,
            column,
            excerpt: format!("  {shown}\n  {carets}"),
        }
    }

    /// Finds `part` in a flag with its value; all of the flag if it does not hold it.
    pub fn part_of_flag(flag: &str, part: &str) -> Self {
        let start = flag.rfind(part).filter(|_| !part.is_empty());
        Self::in_flag(flag, start.map_or(0..flag.len(), |at| at..at + part.len()))
    }

    /// The message with the place before it and the excerpt below it.
    pub(super) fn around(&self, message: impl fmt::Display) -> String {
        match &self.file {
            Some(file) => format!(
                "{file}:{}:{}: {message}\n{}",
                self.line, self.column, self.excerpt
            ),
            None => format!("{message}\n{}", self.excerpt),
        }
    }
}

/// Line and column of byte `at`, both from 1.
pub fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..floor(text, at)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

/// The line in which `span` begins, and the carets below it. Of a long line, the part round the span.
fn marked(text: &str, span: Range<usize>) -> (String, String) {
    let (line, column) = position(text, span.start);
    let shown = text.lines().nth(line - 1).unwrap_or_default();
    let rest = shown.chars().count() + 1 - column.min(shown.chars().count() + 1);
    let end = floor(text, span.end.max(span.start));
    let length = text[floor(text, span.start)..end]
        .lines()
        .next()
        .map_or(0, |marked| marked.trim_end().chars().count());
    // A place shortly after the beginning is shown with it.
    let skipped = match column <= BEFORE {
        true => 0,
        false => column - BEFORE / 2,
    };
    let dots = if skipped > 0 { "... " } else { "" };
    // A terminal obeys control characters; each one that is replaced keeps its column.
    let harmless = |c: char| match c {
        '\t' => '\t',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    let mut line: String = dots.into();
    line.extend(shown.chars().skip(skipped).take(WIDEST).map(harmless));
    if shown.chars().nth(skipped + WIDEST).is_some() {
        line += " ...";
    }
    // Tabs stay, so that the caret stands below its character.
    let before = shown.chars().skip(skipped).take(column - 1 - skipped);
    let mut carets = " ".repeat(dots.len());
    carets.extend(before.map(|c| if c == '\t' { '\t' } else { ' ' }));
    let longest = WIDEST - (column - 1 - skipped);
    carets += &"^".repeat(length.min(rest).min(longest).max(1));
    (line, carets)
}

/// The nearest byte at or before `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_flag_has_carets_below_it_and_no_line() {
        let place = Place::part_of_flag("--set parameters.tau=30", "30");
        assert_eq!(
            place.around("too long"),
            "too long\n  --set parameters.tau=30\n                       ^^"
        );
    }

    #[test]
    fn a_span_over_several_lines_is_marked_on_the_first() {
        let place = Place::in_file("a.toml", "x = [1,\n2]\n", 4..10);
        assert_eq!(
            place.around("wrong"),
            "a.toml:1:5: wrong\n  1 | x = [1,\n    |     ^^^"
        );
    }

    #[test]
    fn a_long_line_is_shown_round_its_place() {
        let text = format!("{}x{}", "a".repeat(5000), "b".repeat(5000));
        let place = Place::in_flag(&text, 5000..5001);
        let (line, carets) = place.excerpt.split_once('\n').unwrap();
        assert!(line.chars().count() < 180, "{line}");
        assert_eq!(line.find('x'), carets.find('^'));
        assert_eq!(carets.matches('^').count(), 1);
        let place = Place::in_flag("a\x1bx", 2..3);
        assert_eq!(place.excerpt, "  a\u{fffd}x\n    ^");
    }
}
