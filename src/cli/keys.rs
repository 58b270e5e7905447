//! `brainsweep keys`: the keys of a study, explained.

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::target::study_of;
use super::texts::aligned;
use super::{print, print_json};
use crate::error::{Error, Result};
use crate::study::key::{KEYS, Key, Number, Purpose, Value, ends_so, shown};
use crate::study::{Start, Study, Values};

/// Columns of the explanations.
const WIDTH: usize = 88;

/// Arguments of `brainsweep keys`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  brainsweep keys                          every key, explained
  brainsweep keys coupling                 those of a section
  brainsweep keys speed                    one key; the end of it will do
  brainsweep keys --of wilson-cowan        every number of a model, with its value
  brainsweep keys tau --of hcp_network     those of a study whose keys end so

Where a command takes a key (--set, --vary, [sweep]), the end of it will do if no other
key that serves there ends so: g for coupling.g, x_ext for input.x, alpha[12] for node
12 of parameters.alpha.")]
pub struct Args {
    /// A key, the end of one, or a section; left out: all.
    name: Option<String>,
    /// List the numbers of a study or model (name or file) with their values.
    #[arg(long, value_name = "STUDY|MODEL")]
    of: Option<PathBuf>,
    /// Print JSON, for other programs.
    #[arg(long)]
    json: bool,
}

/// Lists keys.
///
/// # Errors
/// [`Error::Unknown`] for a name that no key has, and bad studies.
pub(super) fn run(args: Args) -> Result<()> {
    match &args.of {
        Some(target) => numbers(&study_of(target, &[], Purpose::Set)?, &args),
        None => rows(&args),
    }
}

/// The rows of the table.
fn rows(args: &Args) -> Result<()> {
    let name = args.name.as_deref().unwrap_or_default();
    let fits = |path: &str| matches(path, name);
    let found: Vec<&Key> = KEYS.iter().copied().filter(|key| fits(key.path)).collect();
    if found.is_empty() {
        let known = KEYS.iter().map(|key| key.path);
        return Err(Error::unknown("key", name, known));
    }
    if args.json {
        let all: Vec<Json> = found.iter().map(|key| json_of(key)).collect();
        return print_json(&all);
    }
    let all: Vec<String> = found.iter().map(|key| explained(key)).collect();
    print(&all.join("\n"))
}

/// Whether a key is `name`, ends so, or stands in the section `name`.
fn matches(path: &str, name: &str) -> bool {
    name.is_empty() || ends_so(path, name) || path.starts_with(&format!("{name}."))
}

/// A key, and below it what it says, what it may hold and what holds without it.
fn explained(key: &Key) -> String {
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

fn json_of(key: &Key) -> Json {
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

/// The numbers of a study.
fn numbers(study: &Study, args: &Args) -> Result<()> {
    let name = args.name.as_deref().unwrap_or_default();
    let all: Vec<(String, Number)> = Number::all(study)
        .into_iter()
        .map(|number| (number.path(study), number))
        .collect();
    let found: Vec<_> = all.iter().filter(|(path, _)| matches(path, name)).collect();
    if found.is_empty() {
        let known = all.iter().map(|(path, _)| path.as_str());
        return Err(Error::unknown("number", name, known));
    }
    if args.json {
        let object = |(path, number): &&(String, Number)| {
            let (unit, meaning) = number.about(study);
            let values = match (number.start(study), number.get(study)) {
                (Some(Start::Uniform { low, high }), _) => json!({ "uniform": [low, high] }),
                // JSON has no infinity.
                (_, Values::Uniform(value)) if value.is_infinite() => json!(shown(value)),
                (_, Values::Uniform(value)) => json!(value),
                (_, Values::PerNode(values)) => json!(values),
            };
            json!({
                "key": path, "value": values, "unit": unit, "meaning": meaning,
                "without_effect": number.idle(study),
            })
        };
        return print_json(&found.iter().map(object).collect::<Vec<_>>());
    }
    let row = |(path, number): &&(String, Number)| {
        let (unit, meaning) = number.about(study);
        let value = match (number.start(study), number.get(study)) {
            (Some(Start::Uniform { low, high }), _) => {
                format!("drawn, {} to {}", shown(low), shown(high))
            }
            (_, Values::Uniform(value)) => shown(value),
            (_, Values::PerNode(values)) => {
                let low = values.iter().copied().fold(f64::INFINITY, f64::min);
                let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                format!("{} to {}", shown(low), shown(high))
            }
        };
        let unit = if unit == "1" { String::new() } else { unit };
        let idle = number
            .idle(study)
            .map(|_| " (no effect here)")
            .unwrap_or_default();
        let meaning = format!("{}{idle}", meaning.replace('`', ""));
        vec![path.clone(), value, unit, meaning]
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    print(&aligned(&rows, ""))?;
    if found.iter().any(|(_, number)| number.idle(study).is_some()) && args.name.is_some() {
        for (path, number) in &found {
            if let Some(why) = number.idle(study) {
                print(&format!("\n{path} has no effect here: {why}"))?;
            }
        }
    }
    Ok(())
}

/// Where the reference page is made.
#[cfg(test)]
mod tests {
    use super::*;

    /// The page is what the table says. To write it anew: `UPDATE=1 cargo test --lib keys`.
    #[test]
    fn the_reference_page_is_made_from_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
        let made = crate::study::key::reference(KEYS);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), made);
    }

    #[test]
    fn a_name_is_a_key_an_end_or_a_section() {
        assert!(matches("a.b_c", "a.b_c") && matches("a.b_c", "c") && matches("a.b_c", "a"));
        assert!(!matches("a.b_c", "b") && !matches("a.bc", "c") && matches("a.b", ""));
    }

    #[test]
    fn no_line_is_longer_than_the_page() {
        let all = KEYS.iter().map(|key| explained(key));
        let lines = all.flat_map(|text| text.lines().map(String::from).collect::<Vec<_>>());
        lines.for_each(|line| assert!(line.chars().count() <= WIDTH, "{line}"));
    }
}
