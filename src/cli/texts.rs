//! What the commands about texts, of models and of couplings, have in common: how one is shown, begun and evaluated.

mod parameters;

use std::fmt::Write;
use std::path::Path;

use serde_json::json;

use super::output::PrintArgs;
use crate::error::{Error, Result};

pub(super) use parameters::{check_parameter, parameters, parameters_json};

/// With what every text begins.
pub(super) struct Head<'t> {
    pub(super) name: &'t str,
    pub(super) summary: &'t str,
    pub(super) equations: &'t str,
    pub(super) papers: &'t [&'t str],
    pub(super) notes: &'t str,
}

/// Name, equations, papers and notes.
pub(super) fn head(of: &Head) -> String {
    let mut text = format!("{}: {}\n\n", of.name, of.summary);
    for line in of.equations.lines() {
        _ = writeln!(text, "  {line}");
    }
    if !of.papers.is_empty() {
        _ = writeln!(text);
    }
    for paper in of.papers {
        _ = writeln!(text, "{paper}");
    }
    if !of.notes.is_empty() {
        _ = writeln!(text, "\n{}", of.notes);
    }
    text
}

/// "yes", or why not.
pub(super) fn smooth(not_smooth: Option<&str>) -> String {
    match not_smooth {
        None => "yes: derivatives exist everywhere".into(),
        Some(why) => format!("no: {why}"),
    }
}

/// What a text said in vain, a line each; with a line above.
pub(super) fn warnings(warnings: &[String]) -> String {
    let lines = warnings
        .iter()
        .map(|warning| format!("\nwarning: {warning}"));
    match warnings {
        [] => String::new(),
        _ => lines.collect::<String>() + "\n",
    }
}

/// Says what to do with a text just begun; `key` names it in studies.
pub(super) fn tell_of_new(word: &str, key: &str, path: &Path, printed: PrintArgs) -> Result<()> {
    let shown = path.display();
    printed.print(
        || {
            format!(
                "{shown} is a {word} to start from: change it, then\n  \
                 brainsweep {word}s check {shown}\nIn a study, {key} = \"{shown}\" names it."
            )
        },
        || json!({ "file": shown.to_string(), "key": key }),
    )
}

/// Names and values of flags as `x=0.1,y=0.2`.
pub(super) fn assignments<'t>(
    flag: &str,
    texts: impl IntoIterator<Item = &'t String>,
) -> Result<Vec<(&'t str, f64)>> {
    let parts = texts.into_iter().flat_map(|text| text.split(','));
    let parts = parts.filter(|part| !part.trim().is_empty());
    parts.map(|part| assignment(flag, part)).collect()
}

fn assignment<'t>(flag: &str, part: &'t str) -> Result<(&'t str, f64)> {
    let wrong = || Error::malformed(flag, part, "write numbers as in x=0.1,y=-2e-3");
    let (name, value) = part.split_once('=').ok_or_else(wrong)?;
    let value: f64 = value.trim().parse().map_err(|_| wrong())?;
    if !value.is_finite() {
        return Err(wrong());
    }
    Ok((name.trim(), value))
}
