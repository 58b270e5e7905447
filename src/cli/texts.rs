//! What the commands about texts, of models and of couplings, have in common: how one is shown, begun and evaluated.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::print;
use crate::error::{Error, Result};
use crate::model::{Parameter, ParameterRange};
use crate::program::{Op, Program};

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

/// The table of parameters.
pub(super) fn parameters(parameters: &[Parameter]) -> String {
    if parameters.is_empty() {
        return String::new();
    }
    let row = |parameter: &Parameter| {
        vec![
            parameter.name.into(),
            parameter.default.to_string(),
            unit(parameter.unit),
            format!("{}{}", parameter.meaning, allowed(parameter.range)),
        ]
    };
    let rows: Vec<_> = parameters.iter().map(row).collect();
    format!("\nParameters (default)\n{}", aligned(&rows, "  "))
}

pub(super) fn parameters_json(parameters: &[Parameter]) -> Vec<Value> {
    let row = |parameter: &Parameter| {
        let range = match parameter.range {
            ParameterRange::Any => Value::Null,
            ParameterRange::NonZero => "non-zero".into(),
            ParameterRange::Positive => "positive".into(),
            ParameterRange::NonNegative => "non-negative".into(),
            ParameterRange::Between(low, high) => json!([low, high]),
        };
        json!({
            "name": parameter.name, "unit": parameter.unit, "default": parameter.default, "meaning": parameter.meaning,
            "range": range, "non_zero": parameter.range == ParameterRange::NonZero,
        })
    };
    parameters.iter().map(row).collect()
}

/// What a parameter may be, as the end of its meaning.
fn allowed(range: ParameterRange) -> String {
    match rule(range) {
        rule if rule.is_empty() => rule,
        rule => format!("; {rule}"),
    }
}

/// What a parameter may be; empty for anything.
pub(super) fn rule(range: ParameterRange) -> String {
    match range {
        ParameterRange::Any => String::new(),
        ParameterRange::NonZero => "not 0".into(),
        ParameterRange::Positive => "above 0".into(),
        ParameterRange::NonNegative => "0 or above".into(),
        ParameterRange::Between(low, high) => format!("from {low} to {high}"),
    }
}

/// A value of a parameter that it may have.
pub(super) fn check_parameter(parameter: &Parameter, of: &str, value: f64) -> Result<()> {
    if parameter.range.holds(value) {
        return Ok(());
    }
    let rule = format!("must be {}", rule(parameter.range));
    let key = format!("the parameter {} of {of}", parameter.name);
    Err(Error::out_of_range(key, number(value), rule))
}

/// "yes", or why not.
pub(super) fn smooth(not_smooth: Option<&str>) -> String {
    match not_smooth {
        None => "yes: derivatives exist everywhere".into(),
        Some(why) => format!("no: {why}"),
    }
}

/// The number of operations, constants not counted.
pub(super) fn cost(program: &Program) -> usize {
    let ops = program.ops().iter();
    ops.filter(|op| !matches!(op, Op::Literal(_))).count()
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

/// What to do with a text just begun; `key` names it in studies.
pub(super) fn tell_of_new(word: &str, key: &str, path: &Path) -> Result<()> {
    let shown = path.display();
    print(&format!(
        "{shown} is a {word} to start from: change it, then\n  brainsweep {word}s check {shown}\nIn a study, {key} = \"{shown}\" names it."
    ))
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

/// Nothing is in the way of a file to be written.
pub(super) fn is_free(path: &Path, force: bool) -> Result<()> {
    if path.exists() && !force {
        return Err(Error::exists(path));
    }
    Ok(())
}

pub(super) fn unit(unit: &str) -> String {
    if unit == "1" { "-".into() } else { unit.into() }
}

/// With every digit it has; very small and large numbers by their power of ten.
pub(super) fn number(value: f64) -> String {
    // Without the sign of a 0.
    let value = value + 0.0;
    let magnitude = value.abs();
    if value == 0.0 || !value.is_finite() || (1e-4..1e7).contains(&magnitude) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

/// Columns as wide as their widest cell; the last one ends where it ends.
pub(super) fn aligned(rows: &[Vec<String>], indent: &str) -> String {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = indent.to_owned();
        for (cell, width) in row.iter().zip(&widths) {
            _ = write!(line, "{cell:<width$}  ");
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// "a, b and c"
pub(super) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => "none".into(),
        [one] => (*one).into(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
