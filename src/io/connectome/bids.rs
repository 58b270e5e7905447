//! BIDS for computational models, proposal BEP034, as The Virtual Brain's pipelines write it.
//!
//! Tables without headers in `coord`, `sub-*/net`, `sub-*/ts` and `sub-*/spatial`. A json file beside each says its unit and
//! which files hold the names and centres of its rows.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Options;
use super::named::about;
use super::parts::{Found, Parts, found, names, place};
use super::roles::Role;
use crate::connectome::LengthUnit;
use crate::io::formats::{Leaf, Tree, files, folders, stem};
use crate::word::Word;
use crate::{Error, Result};

/// Whether a folder holds what one session gave.
fn is_session(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with("ses-")
}

/// The parts of such a folder, or of the folder of one person in it; `None` for another.
pub(super) fn parts(path: &Path, options: &Options) -> Result<Option<Parts>> {
    if !path.is_dir() {
        return Ok(None);
    }
    let has_coordinates = |folder: &Path| folder.join("coord").is_dir();
    let above = path.parent().filter(|above| has_coordinates(above));
    let (root, persons) = match above {
        _ if has_coordinates(path) => (path, folders(path)?),
        Some(above) if path.join("net").is_dir() => (above, vec![path.into()]),
        _ => return Ok(None),
    };
    let mut tables = Vec::new();
    // Each person's sessions are folders below theirs.
    let mut people = Vec::new();
    for person in persons {
        let own = folders(&person)?.into_iter();
        people.extend(own.filter(|folder| is_session(folder)));
        people.push(person);
    }
    people.sort();
    if root == path {
        people.push(path.into());
    }
    for person in people {
        for folder in ["net", "ts", "spatial"].map(|folder| person.join(folder)) {
            if folder.is_dir() {
                let is_table = |file: &PathBuf| file.extension().is_some_and(|e| e == "tsv");
                tables.extend(files(&folder)?.into_iter().filter(is_table));
            }
        }
    }
    if tables.is_empty() {
        return Ok(None);
    }
    let of = |role: Role| {
        tables
            .iter()
            .filter(move |file| role.is_part_of(last(&stem(file))))
    };
    let mut weights: Vec<&PathBuf> = of(Role::Weights).collect();
    if let Some(given) = &options.weights {
        weights.retain(|file| stem(file) == *given || file.starts_with(path.join(given)));
    }
    let weights = match &weights[..] {
        [one] => *one,
        [] => {
            return Err(Error::data(
                path,
                "holds no table of weights (net/*_weights.tsv)",
            ));
        }
        several => {
            let names: Vec<String> = several.iter().map(|file| stem(file)).collect();
            let problem = format!("weights may be any of {}", names.join(", "));
            let hint = "name one with weights = NAME, or a person with weights = \"sub-01\"";
            return Err(Error::data_hint(path, problem, hint));
        }
    };
    let mut parts = Parts {
        weights: Some(table(weights)?),
        ..Parts::default()
    };
    // Of the same person.
    if let Some(file) = of(Role::TractLengths).find(|file| file.parent() == weights.parent()) {
        parts.tract_lengths = Some(table(file)?);
        let unit = about(file).and_then(|about| about.get("Units")?.as_str().map(String::from));
        parts.length_unit = unit.and_then(|unit| LengthUnit::from_word(&unit));
    }
    for file in of(Role::Functional) {
        parts.functional.push(table(file)?);
    }
    for file in of(Role::Bold) {
        let mut series = table(file)?;
        let step = about(file).and_then(|about| about.get("SamplingPeriod")?.as_f64());
        series.numbers.step_s = step.filter(|step| step.is_finite() && *step > 0.0);
        parts.bold.push(series);
    }
    for coordinates in rows_of(root, weights) {
        let leaf = leaf(&coordinates)?;
        if Role::Labels.is_part_of(last(&leaf.name)) {
            parts.labels = Some((place(&leaf), names(&leaf)?));
        } else if ["nodes", "centres", "centers"].contains(&last(&leaf.name)) {
            parts.centres = Some(found(&leaf)?);
        }
    }
    Ok(Some(parts))
}

/// What stands behind the last underscore.
fn last(stem: &str) -> &str {
    stem.rsplit('_').next().unwrap_or(stem)
}

fn leaf(path: &Path) -> Result<Leaf> {
    let tree = Tree::open(path)?;
    let leaf = tree.leaves.into_iter().next();
    leaf.ok_or_else(|| Error::data(path, "is empty"))
}

fn table(path: &Path) -> Result<Found> {
    found(&leaf(path)?)
}

/// The tables that the json file of `table` names for its rows. `bids::` stands for the folder of the data set.
fn rows_of(root: &Path, table: &Path) -> Vec<PathBuf> {
    let about = about(table).unwrap_or_default();
    let named = match about.get("CoordsRows") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(name)) => vec![name.as_str()],
        _ => Vec::new(),
    };
    let path = |name: &str| {
        let relative = name.strip_prefix("bids::").unwrap_or(name);
        // A data set's files stand within it.
        let inside = Path::new(relative)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        let path = root.join(relative).with_extension("tsv");
        (inside && path.is_file()).then_some(path)
    };
    named.into_iter().filter_map(path).collect()
}
