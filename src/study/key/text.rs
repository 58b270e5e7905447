//! Writes the table of keys for people: the list in `--help`, and the reference page.

use std::fmt::Write;

use super::{Key, Value, children, is_placeholder};

/// Columns of a help text.
const WIDTH: usize = 88;

/// The keys by section, for `--help`: names only, a line or two per section.
pub fn help(keys: &[&Key]) -> String {
    let mut text = String::new();
    for section in sections(keys) {
        let names = keys.iter().filter(|key| top(key) == section);
        let names = names.map(|key| match section {
            "" => key.path,
            _ => &key.path[section.len() + 1..],
        });
        let mut line = format!("  {:<12}", format!("{section}."));
        if section.is_empty() {
            line = format!("  {:<12}", "");
        }
        let mut lines = Vec::new();
        for name in names {
            if line.len() + name.len() + 2 > WIDTH {
                lines.push(line);
                line = format!("  {:<12}", "");
            }
            _ = write!(line, "{name}, ");
        }
        lines.push(line);
        let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
        _ = writeln!(text, "{}", lines.join("\n").trim_end_matches(','));
    }
    text
}

/// The reference page in Markdown: every key with what it says, its unit and its default.
pub fn reference(keys: &[&Key]) -> String {
    let mut text = String::from(
        "| key | what it says | may hold | unit | left out |\n|---|---|---|---|---|\n",
    );
    for key in keys {
        let cells = [
            format!("`{}`", key.path),
            key.meaning.replace('|', "\\|"),
            key.holds(),
            key.unit.into(),
            key.default.into(),
        ];
        _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

impl Key {
    /// What may be written, in words: "a number per node, above 0", "`heun`, `rk4`".
    pub fn holds(&self) -> String {
        match &self.value {
            Value::Number(numeric) if numeric.per_node => "number, list or file, per node".into(),
            Value::Number(_) => "number".into(),
            Value::Whole { .. } => "whole number".into(),
            Value::Word { words, .. } | Value::OneOf(words) => {
                let words = words().into_iter().map(|word| format!("`{word}`"));
                words.collect::<Vec<_>>().join(", ")
            }
            Value::Other(holds) => (*holds).into(),
        }
    }
}

/// The section of a key: the first part of its path; empty for keys at the top.
fn top(key: &Key) -> &'static str {
    key.path.split_once('.').map_or("", |(section, _)| section)
}

/// The sections, in the order of the table; the top comes first.
fn sections<'k>(keys: &[&'k Key]) -> Vec<&'k str> {
    let is_section = |child: &&str| keys.iter().any(|key| top(key) == *child);
    let mut all = vec![""];
    all.extend(children(keys, "").into_iter().filter(is_section));
    all.retain(|section| !is_placeholder(section));
    all
}
