//! Matrices as text: csv, tsv and plain columns, with or without a header line and a column of labels.

mod column;
mod connectogram;
mod edges;
mod names;
mod split;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::Path;

use ndarray::{Array2, ArrayD};

use super::formats::{Content, Numbers};
use super::plain;
use crate::{Error, Result};

pub(super) use column::Column;
use connectogram::connectogram;
pub(super) use edges::edges;
pub(super) use names::names;
use split::{Line, number, split};

/// Endings of the files that hold one array each.
const ENDINGS: [&str; 4] = ["npy", "csv", "tsv", "txt"];

/// A matrix and what its rows and columns are called.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The numbers, `[n_rows, n_columns]`.
    pub values: Array2<f64>,
    /// The first column, where it is no numbers or its header is empty.
    pub row_labels: Option<Vec<String>>,
    /// The header line without the cell above the row labels.
    pub column_labels: Option<Vec<String>>,
}

/// Whether the name ends like a file that holds one array: npy, csv, tsv or txt.
pub fn is_array_file(name: &str) -> bool {
    let ending = Path::new(name)
        .extension()
        .and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

/// Reads the array of a `.npy` file, or the matrix of a text file, as `f64`.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read, [`Error::Data`] where it holds something else.
pub fn read_array(path: &Path) -> Result<ArrayD<f64>> {
    if path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("npy"))
    {
        return super::npy::read_f64(path);
    }
    Ok(read(path)?.values.into_dyn())
}

/// Reads a matrix from text.
///
/// Cells are separated by semicolons, tabs or commas, else by blanks (as `numpy.savetxt` writes); lines that begin with `#` are
/// comments. Where commas separate nothing they may be decimal commas. `n/a` and `NA` are NaN. A first line that is no numbers, or that
/// counts the columns above fractions, is the header; a first column that is no numbers, or that stands below an empty header cell,
/// holds the row labels. Beside an empty cell, numbers are names only where they can be nothing else: whole, all
/// different, or in quotes.
///
/// # Errors
/// [`Error::Disk`] where the file cannot be read or is not text; [`Error::Data`] with line and column where a cell is no number or a
/// line has more or fewer cells than the first, or where a comma or a point may separate thousands.
pub fn read(path: &Path) -> Result<Table> {
    let bytes = plain::read(path)?;
    let table = decode(bytes).and_then(|text| parse(&text));
    table.map_err(|message| Error::data(path, message))
}

/// Reads the column under the header `key`; the other columns may hold anything.
///
/// # Errors
/// As [`read`]; [`Error::Unknown`] where there is no such column, [`Error::Data`] where there is no header line.
pub(super) fn column(path: &Path, key: &str) -> Result<Column> {
    let bytes = plain::read(path)?;
    let found = decode(bytes).and_then(|text| column::column(&text, key));
    let known = match found.map_err(|message| Error::data(path, message))? {
        Ok(column) => return Ok(column),
        Err(known) => known,
    };
    if known.is_empty() {
        let problem = "only npz files and tables with a header line have keys";
        return Err(Error::data_hint(
            path,
            problem,
            format!("leave out key = {key:?}"),
        ));
    }
    let what = format!("column in {}", path.display());
    Err(Error::unknown(&what, key, known.iter().map(String::as_str)))
}

/// The text of a file: UTF-8, or UTF-16 as Excel writes it, without the mark that may stand first.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let wide = |decode: fn([u8; 2]) -> u16| {
        let units = bytes[2..].as_chunks().0.iter().map(|&unit| decode(unit));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.map_err(|_| "is no text in UTF-16".to_string())
    };
    match &bytes[..] {
        [0xff, 0xfe, ..] => return wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return wide(u16::from_be_bytes),
        _ => {}
    }
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| "is no text in UTF-8; save it as UTF-8".to_string())?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.into(),
        None => text,
    };
    // Lines of old Macs end with a carriage return alone.
    Ok(match text.contains('\r') && !text.contains('\n') {
        true => text.replace('\r', "\n"),
        false => text,
    })
}

/// Whether a file that begins so is text: no control characters but those that end lines and cells.
pub(super) fn is_text(start: &[u8]) -> bool {
    let is_wide = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
    is_wide || start.iter().all(|&c| c >= b' ' || b"\t\r\n".contains(&c))
}

/// What a text holds: a table of numbers, or names.
pub(super) fn parse_content(text: &str) -> Result<Content, String> {
    let rows = split(text)?;
    let is_all_words = |(_, row): &Line| row.iter().all(|cell| is_word(cell));
    if !rows.is_empty() && rows.iter().all(is_all_words) {
        return Ok(Content::Texts(names(text)));
    }
    let table = of_rows(text, rows)?;
    Ok(Content::Numbers(Numbers {
        values: table.values.into_dyn(),
        rows: table.row_labels,
        columns: table.column_labels,
        step_s: None,
    }))
}

fn parse(text: &str) -> Result<Table, String> {
    let text = text.trim_start_matches('\u{feff}');
    of_rows(text, split(text)?)
}

/// The table that the lines of `text`, cut into cells, make.
fn of_rows(text: &str, mut rows: Vec<Line>) -> Result<Table, String> {
    if let Some(table) = connectogram(&rows)? {
        return Ok(table);
    }
    let is_nothing = |row: &Line| row.1.iter().all(String::is_empty);
    while rows.last().is_some_and(is_nothing) {
        rows.pop();
    }
    // The Virtual Brain's 66 regions end every line with "None", spreadsheets with delimiters after which nothing comes.
    let all_end_with = |rows: &[Line], end: &str| {
        let ends = |(_, row): &Line| row.len() > 2 && row.last().is_some_and(|cell| cell == end);
        !rows.is_empty() && rows.iter().all(ends)
    };
    while all_end_with(&rows, "None") || all_end_with(&rows, "") {
        rows.iter_mut().for_each(|(_, row)| {
            row.pop();
        });
    }
    let header = match &rows[..] {
        [] => return Err("holds no numbers".into()),
        [first, below @ ..] => {
            let is_header = is_header(text, first, below) || is_numbered(&first.1, below);
            is_header.then(|| rows.remove(0).1)
        }
    };
    if rows.is_empty() {
        return Err("holds a header line, but no numbers".into());
    }
    let below_empty = header.as_ref().is_some_and(|header| header[0].is_empty());
    let n_columns = rows[0].1.len();
    // R names no column above its row names, which may be the rows' numbers.
    let is_short = header
        .as_ref()
        .is_some_and(|header| header.len() + 1 == n_columns);
    let counts = |((_, row), number): (&Line, usize)| row[0].parse() == Ok(number);
    let labelled = below_empty
        || rows
            .iter()
            .all(|(_, row)| row.len() > 1 && is_word(&row[0]))
        || is_short && rows.iter().zip(1..).all(counts);
    let first_number = usize::from(labelled);
    let mut values = Vec::with_capacity(rows.len() * n_columns);
    for (line, row) in &rows {
        if row.len() != n_columns {
            return Err(format!(
                "line {line} has {} cells, but line {} has {n_columns}",
                row.len(),
                rows[0].0
            ));
        }
        for (column, cell) in row.iter().enumerate().skip(first_number) {
            values.push(number(cell).ok_or_else(|| {
                format!("line {line}, column {}: {cell:?} is no number", column + 1)
            })?);
        }
    }
    let column_labels = match header {
        None => None,
        // A header may or may not have a cell above the row labels.
        Some(header) if header.len() == n_columns => Some(header[first_number..].to_vec()),
        Some(header) if labelled && header.len() + 1 == n_columns => Some(header),
        Some(header) => {
            return Err(format!(
                "the header line has {} cells, but line {} has {n_columns}",
                header.len(),
                rows[0].0
            ));
        }
    };
    let shape = (rows.len(), n_columns - first_number);
    Ok(Table {
        values: Array2::from_shape_vec(shape, values).map_err(|e| e.to_string())?,
        row_labels: labelled.then(|| {
            rows.into_iter()
                .map(|(_, mut row)| row.swap_remove(0))
                .collect()
        }),
        column_labels,
    })
}

fn is_number(cell: &str) -> bool {
    number(cell).is_some()
}

/// Whether a cell can only be a name.
fn is_word(cell: &str) -> bool {
    !cell.is_empty() && !is_number(cell)
}

/// Whether the `first` line of cells holds names, beside those `below` it.
fn is_header(text: &str, (line, first): &Line, below: &[Line]) -> bool {
    let (corner, rest) = match &first[..] {
        [] => return false,
        [only] => return !is_number(only),
        [corner, rest @ ..] => (corner, rest),
    };
    let n_numbers = rest.iter().filter(|cell| is_number(cell)).count();
    // A typing error in the first line should not turn it into a header: most of its cells must be names.
    if !corner.is_empty() || n_numbers < rest.len() {
        return corner.is_empty() || 2 * n_numbers < rest.len();
    }
    // Numbers beside an empty cell are names, or a matrix that lost its first number.
    let written = |line: &usize| text.lines().nth(line - 1).unwrap_or("").trim();
    // Quotes mark names where the numbers have none.
    let is_marked = |line: &str| line.starts_with('"') && !line.ends_with('"');
    let are_marked =
        || written(line).contains('"') && below.iter().all(|(line, _)| is_marked(written(line)));
    let row_names: Vec<&String> = below.iter().filter_map(|(_, row)| row.first()).collect();
    let are_words = || row_names.iter().all(|name| is_word(name));
    are_marked() || are_counted(rest) && (are_words() || are_counted(row_names))
}

/// Whether the `first` line only counts the columns, as pandas writes it, above numbers that are hardly ever whole. The lines of a
/// square table are all numbers.
fn is_numbered(first: &[String], below: &[Line]) -> bool {
    const FEWEST: usize = 3;
    let counts_from = |from: usize| {
        let mut cells = (from..).zip(first);
        cells.all(|(number, cell)| cell.parse() == Ok(number))
    };
    let cells = || below.iter().flat_map(|(_, row)| row);
    let is_fraction = |cell: &&String| number(cell).is_some_and(|number| number.fract() != 0.0);
    first.len() >= FEWEST
        && below.len() + 1 != first.len()
        && (counts_from(0) || counts_from(1))
        && 2 * cells().filter(is_fraction).count() > cells().count()
}

/// Whether these are whole numbers, all different, as names of regions are.
fn are_counted<'a>(names: impl IntoIterator<Item = &'a String>) -> bool {
    let mut seen = HashSet::new();
    let mut names = names.into_iter();
    names.all(|name| name.parse::<u64>().is_ok_and(|number| seen.insert(number)))
}
