//! Arrays found by their names: npz, MATLAB and HDF5 files, folders, zips of The Virtual Brain.

use std::path::Path;

use super::parts::{Found, Parts, found, names, place};
use super::roles::{Role, key};
use super::save::{PROVENANCE, STEP};
use super::search::Search;
use super::{Functional, Options};
use crate::io::formats::{Leaf, Tree};
use crate::io::table::edges;
use crate::{Error, Result};

/// Finds the parts of a connectome in a tree by the names of its leaves, or by those that are given.
pub(super) fn parts(tree: &Tree, options: &Options) -> Result<Parts> {
    if let [leaf] = &tree.leaves[..]
        && leaf.is_text()
        && let Some(parts) = list_of_edges(leaf)?
    {
        return Ok(parts);
    }
    let search = Search::new(tree);
    let mut parts = Parts::default();
    let weights = search.pick(Role::Weights, options.weights.as_deref())?;
    parts.weights = match weights {
        Some(leaf) => Some(found(&leaf)?),
        None => match search.only_array()? {
            Some(found) => by_content(found, &mut parts),
            None => None,
        },
    };
    let shape = parts
        .weights
        .as_ref()
        .map(|found| found.numbers.values.shape());
    let n_nodes = shape.and_then(|shape| shape.first().copied());
    for (name, given) in &options.matrices {
        let leaf = search.named(given, Role::Weights)?;
        parts.matrices.push((name.clone(), found(&leaf)?));
    }
    // Looked for under the usual names only where none of them is given.
    let given = [
        &options.tract_lengths,
        &options.delays,
        &options.delay_steps,
    ];
    let is_given = given.iter().any(|name| name.is_some());
    let distances = |role: Role, given: Option<&str>| match (given, is_given) {
        (None, true) => Ok(None),
        (given, _) => search.pick(role, given),
    };
    let lengths = distances(Role::TractLengths, options.tract_lengths.as_deref())?;
    let delays = distances(Role::Delays, options.delays.as_deref())?;
    let steps = distances(Role::DelaySteps, options.delay_steps.as_deref())?;
    if let Some(leaf) = lengths {
        parts.lengths_are_empty = leaf.is_text() && leaf.text()?.trim().is_empty();
        if !parts.lengths_are_empty {
            parts.tract_lengths = Some(lengths_of(&leaf, !is_given)?);
        }
    }
    parts.delays = delays.map(|leaf| found(&leaf)).transpose()?;
    parts.delay_steps = steps.map(|leaf| found(&leaf)).transpose()?;
    match &options.functional {
        Some(functional) => named_functional(&search, functional, &mut parts)?,
        None => {
            for leaf in search.all(Role::Functional)? {
                parts.functional.push(found(&leaf)?);
            }
            for leaf in search.all(Role::Bold)? {
                let found = series(&leaf, None)?;
                match is_series_of(&found, n_nodes) {
                    true => parts.bold.push(found),
                    false => parts
                        .notes
                        .push(passed_over(&leaf, "no time series of the regions")),
                }
            }
        }
    }
    if let Some(leaf) = search.pick(Role::FunctionalLabels, None)? {
        parts.functional_labels = Some(names(&leaf)?);
    }
    // What has a usual name by chance is passed over, unless it was asked for.
    if let Some(leaf) = search.pick(Role::Centres, options.centres.as_deref())? {
        let found = found(&leaf)?;
        let is_triples = found.numbers.values.ndim() == 2 && found.numbers.values.shape()[1] == 3;
        match is_triples || options.centres.is_some() {
            true => parts.centres = Some(found),
            false => parts.notes.push(passed_over(&leaf, "no centres, [n, 3]")),
        }
    }
    parts.labels = match search.pick(Role::Labels, options.labels.as_deref())? {
        Some(leaf) => match names(&leaf) {
            Ok(names)
                if options.labels.is_some() || names.len() > 1 || n_nodes.is_none_or(|n| n < 2) =>
            {
                Some((place(&leaf), names))
            }
            Err(error) if options.labels.is_some() => return Err(error),
            Ok(_) | Err(Error::Data(_)) => {
                parts.notes.push(passed_over(&leaf, "no names of regions"));
                labels_beside(tree)?
            }
            Err(error) => return Err(error),
        },
        None => labels_beside(tree)?,
    };
    parts.is_settled = is_ours(tree);
    if let Some(step) = step_of(tree)? {
        for found in &mut parts.bold {
            found.numbers.step_s.get_or_insert(step);
        }
    }
    let lacking = lacking(&parts);
    parts.notes.extend(search.not_used(&lacking));
    Ok(parts)
}

/// Whether an array may be time series of so many regions, or of regions with names.
fn is_series_of(found: &Found, n_nodes: Option<usize>) -> bool {
    let numbers = &found.numbers;
    let has_names = numbers.rows.is_some() || numbers.columns.is_some();
    let is_array = matches!(numbers.values.ndim(), 2 | 3);
    is_array && (has_names || n_nodes.is_none_or(|n| numbers.values.shape().contains(&n)))
}

/// Says that an array with a usual name is not what the name says.
fn passed_over(leaf: &Leaf, what: &str) -> String {
    format!("{:?} is not used: it holds {what}", leaf.name)
}

/// Whether `connectome import` wrote it.
fn is_ours(tree: &Tree) -> bool {
    let leaf = tree.leaves.iter().find(|leaf| leaf.name == PROVENANCE);
    let texts = leaf.and_then(|leaf| names(leaf).ok());
    let about = texts.and_then(|texts| serde_json::from_str(texts.first()?).ok());
    about.is_some_and(|about: serde_json::Value| about.get("brainsweep").is_some())
}

/// The time between samples that an npz of ours holds, s.
fn step_of(tree: &Tree) -> Result<Option<f64>> {
    let leaf = tree.leaves.iter().find(|leaf| leaf.name == STEP);
    let found = leaf.map(found).transpose()?;
    let step = found.and_then(|found| found.numbers.values.first().copied());
    Ok(step.filter(|step| step.is_finite() && *step > 0.0))
}

/// What an array is whose name says nothing: a square matrix is the weights, which this returns; the rest was measured.
fn by_content(found: Found, parts: &mut Parts) -> Option<Found> {
    let is_series = found.numbers.step_s.is_some();
    match found.numbers.values.shape() {
        [rows, columns] if rows == columns && !is_series => return Some(found),
        [_, _] => parts.bold.push(found),
        [_, _, _] => parts.functional.push(found),
        _ => return Some(found),
    }
    None
}

/// A single text that lists connections.
fn list_of_edges(leaf: &Leaf) -> Result<Option<Parts>> {
    let text = leaf.text()?;
    let listed = edges(&text).map_err(|message| Error::data(&leaf.path, message))?;
    let Some(listed) = listed else {
        return Ok(None);
    };
    let of = |values: ndarray::Array2<f64>, what: &str| {
        let mut place = place(leaf);
        place.key = what.into();
        Found {
            place,
            numbers: values.into_dyn().into(),
        }
    };
    Ok(Some(Parts {
        weights: Some(of(listed.weights, "weight")),
        tract_lengths: listed.lengths.map(|lengths| of(lengths, "length")),
        labels: Some((place(leaf), listed.names)),
        ..Parts::default()
    }))
}

/// Tract lengths. What is called D and holds whole numbers may be steps.
fn lengths_of(leaf: &Leaf, is_guessed: bool) -> Result<Found> {
    let found = found(leaf)?;
    let name = key(&leaf.name);
    let is_whole = || found.numbers.values.iter().all(|d| d.fract() == 0.0);
    if is_guessed && name.eq_ignore_ascii_case("D") && is_whole() {
        let hint = format!(
            "say tract_lengths = {name:?} if they are mm, delay_steps = {name:?} if they are steps"
        );
        let problem = format!("{name:?} holds whole numbers: mm or steps?");
        return Err(Error::data_hint(&leaf.path, problem, hint));
    }
    Ok(found)
}

/// A time series, with the step that is given, or that it or the json beside it tells.
fn series(leaf: &Leaf, step_s: Option<f64>) -> Result<Found> {
    let mut found = found(leaf)?;
    found.numbers.step_s = step_s
        .or(found.numbers.step_s)
        .or_else(|| step_beside(&leaf.path));
    Ok(found)
}

/// The step of a time series in the json file beside it, s: `RepetitionTime` or `SamplingPeriod`.
fn step_beside(path: &Path) -> Option<f64> {
    let about = about(path)?;
    let step = ["RepetitionTime", "SamplingPeriod"];
    let step = step.iter().find_map(|key| about.get(key)?.as_f64());
    step.filter(|step| step.is_finite() && *step > 0.0)
}

/// The json file beside a table, by the rules of BIDS.
pub(super) fn about(path: &Path) -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(path.with_extension("json")).ok()?;
    serde_json::from_str(&text).ok()
}

/// The functional connectivity that a study names: keys, files, or names with `*`.
fn named_functional(search: &Search, functional: &Functional, parts: &mut Parts) -> Result<()> {
    let mut leaves = Vec::new();
    for name in &functional.names {
        match name.contains(['*', '?']) {
            false => leaves.push(search.named(name, functional.role())?),
            true => leaves.extend(search.matching(name, functional.role())?),
        }
    }
    for leaf in leaves {
        let found = series(&leaf, functional.step_s)?;
        let shape = found.numbers.values.shape();
        let is_matrix = match shape {
            [rows, columns] => rows == columns && found.numbers.step_s.is_none(),
            _ => true,
        };
        match functional.are_series || !is_matrix {
            true => parts.bold.push(found),
            false => parts.functional.push(found),
        }
    }
    Ok(())
}

/// The region names in the text file beside an npz, `NAME_labels.txt` beside `NAME.npz`, where there is one.
fn labels_beside(tree: &Tree) -> Result<Option<(crate::connectome::check::Place, Vec<String>)>> {
    let stem = tree.path.file_stem().unwrap_or_default();
    let path = tree
        .path
        .with_file_name(format!("{}_labels.txt", stem.to_string_lossy()));
    if tree.path.is_dir() || !path.exists() {
        return Ok(None);
    }
    let tree = Tree::open(&path)?;
    let Some(leaf) = tree.leaves.first() else {
        return Ok(None);
    };
    Ok(Some((place(leaf), names(leaf)?)))
}

/// What a connectome may have and these parts do not.
fn lacking(parts: &Parts) -> Vec<Role> {
    let mut lacking = Vec::new();
    if parts.tract_lengths.is_none() && parts.delays.is_none() && parts.delay_steps.is_none() {
        lacking.extend([Role::TractLengths, Role::Delays, Role::DelaySteps]);
    }
    if parts.functional.is_empty() && parts.bold.is_empty() {
        lacking.extend([Role::Functional, Role::Bold]);
    }
    lacking
}
