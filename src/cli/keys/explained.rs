//! A key of the table, explained.

use serde_json::{Value as Json, json};

use crate::study::key::{Key, Value};

/// Columns of the explanations.
const WIDTH: usize = 88;

/// A key, and below it what it says, what it may hold and what holds without it.
pub(super) fn explained(key: &Key) -> String {
    let unit = match key.unit {
        "" => String::new(),
        unit => format!("  ({unit})"),
    };
    let mut text = format!("{}{unit}\n", key.path);
    let default = match key.default {
        "" => String::new(),
        default => format!("left out: {default}"),
    };
    let vary = if can_vary(key) {
        "; a sweep can vary it"
    } else {
        ""
    };
    let holds = format!("holds: {}{vary}", key.holds());
    for line in [key.meaning.to_owned(), holds, default] {
        for line in wrapped(&line.replace('`', "")) {
            text += &format!("    {line}\n");
        }
    }
    text
}

fn can_vary(key: &Key) -> bool {
    matches!(&key.value, Value::Number(number) if number.can_vary())
}

/// The same for other programs.
pub(super) fn json_of(key: &Key) -> Json {
    json!({
        "key": key.path,
        "unit": key.unit,
        "meaning": key.meaning,
        "holds": key.holds(),
        "default": key.default,
        "can_vary": can_vary(key),
    })
}

/// `text` in lines of at most [`WIDTH`] characters, indentation included.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH - 4 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::key::KEYS;

    #[test]
    fn no_line_is_longer_than_the_page() {
        let all = KEYS.iter().map(|key| explained(key));
        let lines = all.flat_map(|text| text.lines().map(String::from).collect::<Vec<_>>());
        lines.for_each(|line| assert!(line.chars().count() <= WIDTH, "{line}"));
    }
}
