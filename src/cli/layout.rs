//! Text in columns, numbers and lists as every command writes them.

use std::fmt::Write;

/// Where the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Columns as wide as their widest cell; the last one ends where it ends.
pub(super) fn aligned(rows: &[Vec<String>], indent: &str) -> String {
    aligned_by(rows, indent, |_| Side::Left)
}

/// [`aligned`], with the cells of each column on its side.
pub(super) fn aligned_by(
    rows: &[Vec<String>],
    indent: &str,
    side: impl Fn(usize) -> Side,
) -> String {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = indent.to_owned();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            _ = match side(column) {
                Side::Left => write!(line, "{cell:<width$}  "),
                Side::Right => write!(line, "{cell:>width$}  "),
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A unit in a table: "-" of a pure number.
pub(super) fn unit(unit: &str) -> String {
    if unit == "1" { "-".into() } else { unit.into() }
}

/// A number with every digit it has; very small and large numbers by their power of ten.
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

/// "a, b and c"
pub(super) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => "none".into(),
        [one] => (*one).into(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
