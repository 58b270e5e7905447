//! The arrays of a connectome as they were found, not checked yet.

use super::join::are_counted;
use crate::Result;
use crate::connectome::LengthUnit;
use crate::connectome::check::Place;
use crate::error::{Error, one_line};
use crate::io::formats::{Content, Leaf, Numbers};

/// An array, and where it was.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) place: Place,
    pub(super) numbers: Numbers,
}

/// What a layout found. Names and shapes need not fit each other.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) weights: Option<Found>,
    /// Other weights, by the names that the study gives them.
    pub(super) matrices: Vec<(String, Found)>,
    pub(super) tract_lengths: Option<Found>,
    /// Whether there is a file of lengths without any in it.
    pub(super) lengths_are_empty: bool,
    /// What the file says of the unit of its lengths.
    pub(super) length_unit: Option<LengthUnit>,
    /// ms.
    pub(super) delays: Option<Found>,
    pub(super) delay_steps: Option<Found>,
    /// One matrix or a stack each.
    pub(super) functional: Vec<Found>,
    /// One series each.
    pub(super) bold: Vec<Found>,
    /// Signals to take out of the series, one array for each.
    pub(super) nuisance: Vec<Found>,
    pub(super) labels: Option<(Place, Vec<String>)>,
    /// Of the functional connectivity, where it has names of its own.
    pub(super) functional_labels: Option<Vec<String>>,
    pub(super) centres: Option<Found>,
    /// Whether the file is one of ours: all that may be doubtful was settled when it was written.
    pub(super) is_settled: bool,
    pub(super) notes: Vec<String>,
}

impl Parts {
    /// Says that an array with a usual name is not what its name says.
    pub(super) fn pass_over(&mut self, leaf: &Leaf, holds: &str) {
        let note = format!("{:?} is not used: it holds {holds}", leaf.name);
        self.notes.push(note);
    }
}

/// Reads the numbers of a leaf.
pub(super) fn found(leaf: &Leaf) -> Result<Found> {
    let place = place(leaf);
    match leaf.read()? {
        Content::Numbers(mut numbers) => {
            for names in [&mut numbers.rows, &mut numbers.columns] {
                *names = names.take().map(in_one_line);
            }
            Ok(Found { place, numbers })
        }
        Content::Texts(_) => {
            let message = format!("{:?} holds text, expected numbers", leaf.name);
            Err(Error::data(&leaf.path, message))
        }
    }
}

pub(super) fn place(leaf: &Leaf) -> Place {
    Place {
        path: leaf.path.clone(),
        key: leaf.name.clone(),
        regions: Vec::new(),
    }
}

/// Names that can be printed: each in one line.
fn in_one_line(names: Vec<String>) -> Vec<String> {
    names.into_iter().map(one_line).collect()
}

/// Reads a leaf as a list of names.
pub(super) fn names(leaf: &Leaf) -> Result<Vec<String>> {
    list(leaf).map(in_one_line)
}

fn list(leaf: &Leaf) -> Result<Vec<String>> {
    if leaf.is_text() {
        return Ok(crate::io::table::names(&leaf.text()?));
    }
    match leaf.read()? {
        Content::Texts(names) => Ok(match &names[..] {
            // All names in one text, a line each.
            [all] if all.contains('\n') => lines(all),
            _ => names,
        }),
        // DSI Studio: letters as numbers, a newline after each name.
        Content::Numbers(numbers) => {
            let is_letter = |&code: &f64| code.fract() == 0.0 && (9.0..256.0).contains(&code);
            let codes = &numbers.values;
            if !codes.iter().all(is_letter) || !codes.iter().any(|code| *code == 10.0) {
                let message = format!("{:?} holds numbers, expected names", leaf.name);
                return Err(Error::data(&leaf.path, message));
            }
            let bytes: Vec<u8> = codes.iter().map(|&code| code as u8).collect();
            Ok(lines(&String::from_utf8_lossy(&bytes)))
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(String::from)
        .collect()
}

/// The one order in which a square array names its rows and columns, where it names them. Where one side is only counted, as R does
/// where it has no names, these are the names of the other.
///
/// # Errors
/// Where rows and columns are in different orders.
pub(super) fn one_order(found: &Found) -> Result<Option<Vec<String>>> {
    match (&found.numbers.rows, &found.numbers.columns) {
        (Some(rows), Some(columns)) if rows.len() == columns.len() && are_counted(rows) => {
            Ok(Some(columns.clone()))
        }
        (Some(rows), Some(columns)) if rows.len() == columns.len() && are_counted(columns) => {
            Ok(Some(rows.clone()))
        }
        (Some(rows), Some(columns)) if rows != columns => {
            let differ = (0..)
                .zip(rows.iter().zip(columns))
                .find(|(_, (row, column))| row != column);
            let message = match differ {
                Some((n, (row, column))) => format!(
                    "row {n} is called {row:?}, but column {n} {column:?}; both must list the regions in one order"
                ),
                None => format!(
                    "{} rows and {} columns have names; a connectome has one row and one column per region",
                    rows.len(),
                    columns.len()
                ),
            };
            Err(Error::data(&found.place.path, message))
        }
        (rows, columns) => Ok(rows.clone().or_else(|| columns.clone())),
    }
}
