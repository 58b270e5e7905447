//! Text from users as it may be shown: not without end, and without control characters.

use std::borrow::Cow;

/// The most characters of a name or a value that a message repeats.
const LONGEST: usize = 160;
/// The most characters of a line of a message.
const LONGEST_LINE: usize = 800;

/// `text` itself, or its beginning and its end where it is long.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    cut_to(LONGEST, text)
}

fn cut_to(longest: usize, text: &str) -> Cow<'_, str> {
    // Not all of an endless text has to be counted.
    if text.len() <= longest || text.chars().nth(longest).is_none() {
        return text.into();
    }
    let tail = longest / 4;
    let head: String = text.chars().take(longest - tail).collect();
    let mut end: Vec<char> = text.chars().rev().take(tail).collect();
    end.reverse();
    format!("{head} ... {}", end.iter().collect::<String>()).into()
}

/// The name that a user gave to something, in one line: control characters are escaped, line breaks and tabs among them.
pub(crate) fn one_line(name: String) -> String {
    match name.chars().any(char::is_control) {
        true => {
            let escaped = |c: char| match c.is_control() {
                true => c.escape_default().to_string(),
                false => c.to_string(),
            };
            name.chars().map(escaped).collect()
        }
        false => name,
    }
}

/// A message whose lines are not without end, with its control characters escaped: a terminal obeys
/// them.
pub(crate) fn printable(message: &str) -> String {
    let line = |line: &str| -> String {
        let cut = cut_to(LONGEST_LINE, line);
        let is_harmless = |c: char| c == '\t' || !c.is_control();
        match cut.chars().all(is_harmless) {
            true => cut.into_owned(),
            false => {
                let escaped = |c: char| match is_harmless(c) {
                    true => c.to_string(),
                    false => c.escape_default().to_string(),
                };
                cut.chars().map(escaped).collect()
            }
        }
    };
    let lines: Vec<String> = message.split('\n').map(line).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_keep_both_ends_and_control_characters_are_escaped() {
        assert_eq!(cut("short"), "short");
        let long = format!("a{}z", "m".repeat(100_000));
        let shown = cut(&long);
        assert!(shown.chars().count() < LONGEST + 10, "{shown}");
        assert!(shown.starts_with("am") && shown.ends_with("mz"));
        assert_eq!(printable("a\x1b[31m\tb\nc\r"), "a\\u{1b}[31m\tb\nc\\r");
        assert_eq!(
            one_line("L\nInsula\u{85}\t\\".into()),
            "L\\nInsula\\u{85}\\t\\"
        );
        assert_eq!(printable(&long).chars().count(), LONGEST_LINE + 5);
    }
}
