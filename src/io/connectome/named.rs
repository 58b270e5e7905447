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

/// Finds the parts of a connectome in a tree: by the names that are given, the others by usual names.
pub(super) fn parts(tree: &Tree, options: &Options) -> Result<Parts> {
    let search = Search::new(tree);
    let mut parts = match list_of_edges(&search)? {
        Some(parts) => parts,
        None => {
            let mut parts = weights(&search, options)?;
            usual_distances(&search, options, &mut parts)?;
            usual_measurements(&search, options, &mut parts)?;
            usual_centres(&search, options, &mut parts)?;
            usual_labels(&search, options, &mut parts)?;
            parts.is_settled = is_ours(tree);
            parts
        }
    };
    take_given(&search, options, &mut parts)?;
    if let Some(step) = step_of(tree)? {
        for found in &mut parts.bold {
            found.numbers.step_s.get_or_insert(step);
        }
    }
    let lacking = lacking(&parts);
    parts.notes.extend(search.not_used(&lacking));
    Ok(parts)
}

/// Puts what is given by name in place of what a layout found in the file or folder at `path`.
pub(super) fn add_given(path: &Path, options: &Options, parts: &mut Parts) -> Result<()> {
    let is_any = is_distance_given(options)
        || options.functional.is_some()
        || options.nuisance.is_some()
        || options.labels.is_some()
        || options.centres.is_some()
        || !options.matrices.is_empty();
    if !is_any {
        return Ok(());
    }
    let tree = Tree::open(path)?;
    take_given(&Search::new(&tree), options, parts)
}

/// The files that the options name, in `folder` or below it.
pub(super) fn given(folder: &Path, options: &Options) -> Result<Parts> {
    let tree = Tree {
        path: folder.into(),
        leaves: Vec::new(),
    };
    let mut parts = Parts::default();
    take_given(&Search::new(&tree), options, &mut parts)?;
    Ok(parts)
}

fn is_distance_given(options: &Options) -> bool {
    let given = [
        &options.tract_lengths,
        &options.delays,
        &options.delay_steps,
    ];
    given.iter().any(|name| name.is_some())
}

/// Takes what the options name, but for the weights.
fn take_given(search: &Search, options: &Options, parts: &mut Parts) -> Result<()> {
    for (name, given) in &options.matrices {
        let leaf = search.named(given, Role::Weights)?;
        parts.matrices.push((name.clone(), found(&leaf)?));
    }
    if is_distance_given(options) {
        let distance = |role: Role, given: &Option<String>| {
            let leaf = given.as_deref().map(|name| search.named(name, role));
            leaf.transpose()
        };
        let lengths = distance(Role::TractLengths, &options.tract_lengths)?;
        take_lengths(lengths, false, parts)?;
        let delays = distance(Role::Delays, &options.delays)?;
        parts.delays = delays.map(|leaf| found(&leaf)).transpose()?;
        let steps = distance(Role::DelaySteps, &options.delay_steps)?;
        parts.delay_steps = steps.map(|leaf| found(&leaf)).transpose()?;
    }
    if let Some(functional) = &options.functional {
        parts.functional.clear();
        parts.bold.clear();
        named_functional(search, functional, parts)?;
    }
    if let Some(nuisance) = &options.nuisance {
        for leaf in leaves_named(search, &nuisance.names, Role::Bold)? {
            parts.nuisance.push(found(&leaf)?);
        }
    }
    if let Some(name) = &options.centres {
        parts.centres = Some(found(&search.named(name, Role::Centres)?)?);
    }
    if let Some(name) = &options.labels {
        let leaf = search.named(name, Role::Labels)?;
        parts.labels = Some((place(&leaf), names(&leaf)?));
    }
    Ok(())
}

/// The weights: the array that is given, or has a usual name, or is the only one.
fn weights(search: &Search, options: &Options) -> Result<Parts> {
    let mut parts = Parts::default();
    let leaf = search.pick(Role::Weights, options.weights.as_deref())?;
    parts.weights = match leaf {
        Some(leaf) => Some(found(&leaf)?),
        None => match search.only_array()? {
            Some(found) => by_content(found, &mut parts),
            None => None,
        },
    };
    Ok(parts)
}

/// Looks for lengths and delays under the usual names where none of them is given.
fn usual_distances(search: &Search, options: &Options, parts: &mut Parts) -> Result<()> {
    if is_distance_given(options) {
        return Ok(());
    }
    take_lengths(search.pick(Role::TractLengths, None)?, true, parts)?;
    let delays = search.pick(Role::Delays, None)?;
    parts.delays = delays.map(|leaf| found(&leaf)).transpose()?;
    let steps = search.pick(Role::DelaySteps, None)?;
    parts.delay_steps = steps.map(|leaf| found(&leaf)).transpose()?;
    Ok(())
}

fn take_lengths(leaf: Option<Leaf>, is_guessed: bool, parts: &mut Parts) -> Result<()> {
    parts.tract_lengths = None;
    let Some(leaf) = leaf else { return Ok(()) };
    parts.lengths_are_empty = leaf.is_text() && leaf.text()?.trim().is_empty();
    if !parts.lengths_are_empty {
        parts.tract_lengths = Some(lengths_of(&leaf, is_guessed)?);
    }
    Ok(())
}

fn usual_measurements(search: &Search, options: &Options, parts: &mut Parts) -> Result<()> {
    if let Some(leaf) = search.pick(Role::FunctionalLabels, None)? {
        parts.functional_labels = Some(names(&leaf)?);
    }
    if options.functional.is_some() {
        return Ok(());
    }
    for leaf in search.all(Role::Functional)? {
        parts.functional.push(found(&leaf)?);
    }
    let n_nodes = n_nodes(parts);
    for leaf in search.all(Role::Bold)? {
        let found = with_step(found(&leaf)?, &leaf);
        match is_series_of(&found, n_nodes) {
            true => parts.bold.push(found),
            false => parts.pass_over(&leaf, "no time series of the regions"),
        }
    }
    Ok(())
}

/// Centres under a usual name; what has it by chance is passed over.
fn usual_centres(search: &Search, options: &Options, parts: &mut Parts) -> Result<()> {
    if options.centres.is_some() {
        return Ok(());
    }
    let Some(leaf) = search.pick(Role::Centres, None)? else {
        return Ok(());
    };
    let found = found(&leaf)?;
    match found.numbers.values.shape() {
        [_, 3] => parts.centres = Some(found),
        _ => parts.pass_over(&leaf, "no centres, [n, 3]"),
    }
    Ok(())
}

/// Names under a usual name, or beside an npz; what has it by chance is passed over.
fn usual_labels(search: &Search, options: &Options, parts: &mut Parts) -> Result<()> {
    if options.labels.is_some() {
        return Ok(());
    }
    if let Some(leaf) = search.pick(Role::Labels, None)? {
        let is_list = |names: &[String]| names.len() > 1 || n_nodes(parts).is_none_or(|n| n < 2);
        match names(&leaf) {
            Ok(names) if is_list(&names) => {
                parts.labels = Some((place(&leaf), names));
                return Ok(());
            }
            Ok(_) | Err(Error::Data(_)) => parts.pass_over(&leaf, "no names of regions"),
            Err(error) => return Err(error),
        }
    }
    parts.labels = labels_beside(search.tree())?;
    Ok(())
}

/// The number of rows of the weights.
fn n_nodes(parts: &Parts) -> Option<usize> {
    let weights = parts.weights.as_ref()?;
    weights.numbers.values.shape().first().copied()
}

/// Whether an array may be time series of so many regions, or of regions with names.
fn is_series_of(found: &Found, n_nodes: Option<usize>) -> bool {
    let numbers = &found.numbers;
    let has_names = numbers.rows.is_some() || numbers.columns.is_some();
    let is_array = matches!(numbers.values.ndim(), 2 | 3);
    is_array && (has_names || n_nodes.is_none_or(|n| numbers.values.shape().contains(&n)))
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
fn list_of_edges(search: &Search) -> Result<Option<Parts>> {
    let leaf = match &search.tree().leaves[..] {
        [leaf] if leaf.is_text() => leaf,
        _ => return Ok(None),
    };
    let text = leaf.text()?;
    let listed = edges(&text).map_err(|message| Error::data(&leaf.path, message))?;
    let Some(listed) = listed else {
        return Ok(None);
    };
    search.take(leaf);
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

/// A time series, with the step that it or the json beside it tells.
fn with_step(mut found: Found, leaf: &Leaf) -> Found {
    let step_s = found.numbers.step_s;
    found.numbers.step_s = step_s.or_else(|| step_beside(&leaf.path));
    found
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
    for leaf in leaves_named(search, &functional.names, functional.role())? {
        let found = found(&leaf)?;
        let shape = found.numbers.values.shape();
        let is_matrix = match shape {
            [rows, columns] => rows == columns && found.numbers.step_s.is_none(),
            _ => true,
        };
        match functional.are_series || !is_matrix {
            true => parts.bold.push(with_step(found, &leaf)),
            false => parts.functional.push(found),
        }
    }
    Ok(())
}

/// The leaves that names or patterns stand for, in their order.
fn leaves_named(search: &Search, names: &[String], role: Role) -> Result<Vec<Leaf>> {
    let mut leaves = Vec::new();
    for name in names {
        match name.contains(['*', '?']) {
            false => leaves.push(search.named(name, role)?),
            true => leaves.extend(search.matching(name, role)?),
        }
    }
    Ok(leaves)
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
