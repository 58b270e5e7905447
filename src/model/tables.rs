//! Functions of a model that are given by arrays in a file.

use std::ops::Range;
use std::path::Path;

use ndarray::{ArrayD, Dimension};

use super::section::{Entry, Outcome, Section};
use super::symbols::{described, kept};
use crate::error::{Error, Result};
use crate::language::{Axis, Fault, Lookup};
use crate::program;

/// What gives the arrays of a text's tables: of a file, as the text calls it, the array of this key.
pub type Files<'f> = dyn Fn(&str, &str) -> Result<ArrayD<f64>> + 'f;

/// For a text that is in no file.
pub(super) fn no_files(file: &str, _: &str) -> Result<ArrayD<f64>> {
    let message = "is looked for beside the model's text, which is in no file";
    Err(Error::data(Path::new(file), message))
}

/// A function of the equations that a table gives.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name in the equations.
    pub name: &'static str,
    /// Unit of its values; "1" for none.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// The npz file with its arrays, as the text calls it.
    pub file: &'static str,
    /// The key of its values there.
    pub key: &'static str,
    /// Its values, and the grid that they are known on. An axis is called by the key of its array.
    pub lookup: Lookup,
}

/// A table's arrays.
#[derive(PartialEq)]
struct Arrays {
    axes: Vec<Axis>,
    values: Vec<f64>,
}

/// What is wrong with one of them, and the key of the text that names it.
struct Wrong {
    key: &'static str,
    message: String,
}

/// How far a place of a grid may lie from where equal distances put it, in parts of the grid's length.
const UNEVEN: f64 = 1e-9;

impl Arrays {
    fn read(
        files: &Files,
        file: &str,
        key: &str,
        axes: &[(&'static str, &str)],
    ) -> Result<Self, Wrong> {
        let array = |of: &'static str, key: &str| {
            files(file, key).map_err(|error| Wrong {
                key: if matches!(error, Error::Unknown { .. }) {
                    of
                } else {
                    "file"
                },
                message: match error.hint() {
                    Some(hint) => format!("{error}; {hint}"),
                    None => error.to_string(),
                },
            })
        };
        let axes: Vec<Axis> = axes
            .iter()
            .map(|(of, key)| {
                let places = array(of, key)?;
                axis(key, &places).map_err(|message| Wrong { key: of, message })
            })
            .collect::<Result<_, _>>()?;
        let values = array("key", key)?;
        let wrong = |message| Wrong {
            key: "key",
            message,
        };
        let expected: Vec<usize> = axes.iter().map(|axis| axis.n).collect();
        if values.shape() != expected {
            let names: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
            return Err(wrong(format!(
                "the array {key:?} has shape {:?}, expected {expected:?}: a value for each {}",
                values.shape(),
                names.join(" and ")
            )));
        }
        if values.len() > program::Table::MOST {
            let most = program::Table::MOST;
            return Err(wrong(format!(
                "the array {key:?} has {} values; {most} is the most",
                values.len()
            )));
        }
        let is_bad = |value: &f64| !(*value as f32).is_finite();
        if let Some((place, value)) = values.indexed_iter().find(|(_, value)| is_bad(value)) {
            return Err(wrong(format!(
                "the array {key:?} has the value {value} at {:?}; finite numbers below 3.4e38 are needed",
                place.slice()
            )));
        }
        Ok(Self {
            values: values.iter().copied().collect(),
            axes,
        })
    }
}

/// The grid whose places these are.
fn axis(key: &str, places: &ArrayD<f64>) -> Result<Axis, String> {
    if places.ndim() != 1 || places.len() < 2 {
        return Err(format!(
            "the grid {key:?} has shape {:?}; a list of at least two places is needed",
            places.shape()
        ));
    }
    let places: Vec<f64> = places.iter().copied().collect();
    if let Some(bad) = places.iter().find(|place| !(**place as f32).is_finite()) {
        return Err(format!(
            "the grid {key:?} has the place {bad}; finite numbers are needed"
        ));
    }
    for (k, pair) in places.windows(2).enumerate() {
        if pair[1] <= pair[0] {
            return Err(format!(
                "the grid {key:?} does not increase: {} is followed by {} at {}",
                pair[0],
                pair[1],
                k + 1
            ));
        }
    }
    let (first, last) = (places[0], places[places.len() - 1]);
    let step = (last - first) / (places.len() - 1) as f64;
    for (k, place) in places.iter().enumerate() {
        let even = first + k as f64 * step;
        if (place - even).abs() > UNEVEN * (last - first) {
            return Err(format!(
                "the grid {key:?} is not even: place {k} is {place}, and equal distances from {first} to {last} would have {even} there"
            ));
        }
    }
    Ok(Axis {
        name: key.into(),
        first,
        last,
        n: places.len(),
    })
}

impl Table {
    /// The table of an entry of `[tables]`.
    pub(super) fn read(entry: &Entry, files: &Files) -> Outcome<Self> {
        let section = entry.section(format!("tables.{}", entry.key))?;
        section.only(&["file", "key", "first", "second", "unit", "meaning"])?;
        let (unit, meaning) = described(&section)?;
        let needed = |key: &str, why: &str| {
            let text = section.text(key)?;
            text.ok_or_else(|| section.missing(key, why))
        };
        let file = needed("file", "the npz file with its arrays, beside this text")?;
        let key = needed("key", "which array of the file its values are")?;
        let first = needed(
            "first",
            "which array of the file is the grid of its argument",
        )?;
        let mut axes = vec![("first", first)];
        axes.extend(section.text("second")?.map(|second| ("second", second)));
        let arrays = Arrays::read(files, file, key, &axes)
            .map_err(|wrong| Fault::at(place(&section, wrong.key), wrong.message))?;
        let entries = program::Table::new(entry.key, arrays.values);
        Ok(Self {
            name: kept(entry.key),
            unit,
            meaning,
            file: kept(file),
            key: kept(key),
            lookup: Lookup {
                table: Box::leak(Box::new(entries)),
                axes: arrays.axes,
            },
        })
    }

    /// Whether the arrays in the files are still those that it was made of.
    pub(super) fn is_in(&self, files: &Files) -> bool {
        let axes = self.lookup.axes.iter();
        let names = ["first", "second"].into_iter();
        let axes: Vec<_> = names.zip(axes.map(|axis| axis.name.as_str())).collect();
        let found = Arrays::read(files, self.file, self.key, &axes);
        found.is_ok_and(|arrays| {
            arrays.axes == self.lookup.axes && arrays.values == self.lookup.table.entries()
        })
    }

    /// Whether it has the values of another on the same grid.
    pub(super) fn equals(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.lookup, &other.lookup);
        ours.axes == theirs.axes && ours.table.entries() == theirs.table.entries()
    }

    /// Its arguments: "mu, sigma".
    pub fn arguments(&self) -> String {
        let names: Vec<&str> = self.lookup.axes.iter().map(|a| a.name.as_str()).collect();
        names.join(", ")
    }
}

/// Where the value of a key stands.
fn place(section: &Section, key: &str) -> Range<usize> {
    section
        .get(key)
        .map_or(section.at.clone(), |entry| entry.value.span())
}
