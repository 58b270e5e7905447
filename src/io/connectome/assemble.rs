//! From what was found to a connectome: regions matched by name, every entry checked, doubts said.

use std::path::Path;

use ndarray::{Array2, Array3, ArrayD, Axis};

use super::distances::Distances;
use super::functional::{Regions, functional};
use super::join::{agree, are_only_counted, in_order, places};
use super::parts::{Found, Parts, one_order};
use super::roles::{Role, key};
use super::series::without_times;
use super::{Measured, Options, no_weights};
use crate::connectome::check::{self, Place};
use crate::connectome::{Bold, Connectome, Symmetric, doubts, numbered, self_connections};
use crate::{Error, Result};

/// The connectome that the parts make.
pub(super) fn connectome(path: &Path, mut parts: Parts, options: &Options) -> Result<Connectome> {
    let mut notes = std::mem::take(&mut parts.notes);
    let Some(mut found) = parts.weights.take() else {
        if parts.functional.is_empty() && parts.bold.is_empty() {
            return Err(no_weights(path));
        }
        return Err(measured_alone(path, &parts));
    };
    let own_names = one_order(&found)?;
    let key = found.place.key.clone();
    notes.extend(doubts::correlations(&key, &found.numbers.values));
    notes.extend(doubts::nan_for_none(&key, &mut found.numbers.values));
    let names = match found.numbers.values.shape() {
        [rows, columns] if rows == columns => names(&parts, own_names.clone(), *rows)?,
        _ => None,
    };
    if names.is_none()
        && let Some(&n) = found.numbers.values.shape().first()
    {
        let distances = [&parts.tract_lengths, &parts.delays, &parts.delay_steps];
        let matrices = parts.matrices.iter().map(|(_, found)| found);
        let named = distances.into_iter().flatten().chain(matrices);
        let named: Vec<&Found> = named.chain(&parts.functional).chain(&parts.bold).collect();
        agree(&named, n)?;
    }
    found.place.regions = names.clone().unwrap_or_default();
    let (mut weights, self_connected) = check::weights(&found.place, found.numbers.values)?;
    let n_nodes = weights.nrows();
    let labels = names.clone().unwrap_or_else(|| numbered(n_nodes));
    let regions = Regions {
        names: names.as_deref(),
        own: own_names.as_deref(),
        n: Some(n_nodes),
    };
    notes.extend(self_connections(&key, &self_connected, &labels));
    notes.extend(mirrored(options.symmetric, &key, &mut weights));
    let weights = options.orientation.apply(weights);
    let mut matrices = Vec::new();
    for (name, mut found) in std::mem::take(&mut parts.matrices) {
        let values = in_order(&mut found, &regions, &mut notes)?;
        let (mut matrix, self_connected) = check::weights(&found.place, values)?;
        check::same_size(&found.place, matrix.nrows(), n_nodes)?;
        let key = &found.place.key;
        notes.extend(self_connections(key, &self_connected, &labels));
        notes.extend(mirrored(options.symmetric, key, &mut matrix));
        matrices.push((name, options.orientation.apply(matrix)));
    }
    let centres = match &parts.centres {
        Some(found) => {
            let place = &found.place;
            let values = centres_in_order(found, &regions)?;
            Some(check::centres(place, values, n_nodes)?)
        }
        None => None,
    };
    let all = matrices.iter().map(|(_, matrix)| matrix);
    let mut is_connected = weights.mapv(|weight| weight != 0.0);
    for matrix in all {
        is_connected.zip_mut_with(matrix, |is, weight| *is |= *weight != 0.0);
    }
    let distances = Distances {
        options,
        regions: &regions,
        labels: &labels,
        is_connected,
        centres: centres.as_ref(),
    };
    let delays = distances.of(path, &mut parts, &mut notes)?;
    let (functional, bold) = measurements(path, &mut parts, &regions, options, &mut notes)?;
    notes.extend(doubts::named_twice(&labels));
    if options.symmetric != Symmetric::AsIs {
        notes.extend(doubts::one_way(&labels, &weights));
    }
    notes.extend(doubts::unconnected(&labels, &weights));
    // Scaled last, so that what stands above speaks of entries as they stand in the file.
    let mut weights = weights;
    notes.extend(options.normalise.apply(&mut weights)?);
    notes.extend(doubts::counts(&weights));
    let mut connectome = Connectome {
        labels,
        weights,
        matrices: Vec::new(),
        delays,
        functional,
        bold,
        centres,
        self_connections_removed: self_connected.len(),
        notes,
    };
    for (name, matrix) in matrices {
        connectome.take_matrix(&name, matrix)?;
    }
    Ok(connectome)
}

/// `connectome` with the measured data of `parts` in place of its own; `path` is where they lie.
pub(super) fn with_measured(
    path: &Path,
    connectome: &Connectome,
    mut parts: Parts,
    options: &Options,
) -> Result<Connectome> {
    let mut connectome = connectome.clone();
    let regions = Regions {
        names: Some(&connectome.labels),
        own: None,
        n: Some(connectome.n_nodes()),
    };
    let notes = &mut connectome.notes;
    (connectome.functional, connectome.bold) =
        measurements(path, &mut parts, &regions, options, notes)?;
    Ok(connectome)
}

/// What was measured of regions whose number is known: functional connectivity and time series.
fn measurements(
    path: &Path,
    parts: &mut Parts,
    regions: &Regions,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<(Option<Array3<f64>>, Vec<Bold>)> {
    for found in &mut parts.bold {
        without_times(&found.place, &mut found.numbers, regions.n, notes)?;
    }
    let (functional, bold) = functional(parts, regions, options, notes)?;
    if bold.is_empty() && options.cleans() {
        let problem = "has no time series that could be filtered or freed of nuisance signals";
        let hint = "name them: functional = { bold = NAME, ... }";
        return Err(Error::data_hint(path, problem, hint));
    }
    Ok((functional, bold))
}

/// What is said of a file with measured data where weights are looked for.
fn measured_alone(path: &Path, parts: &Parts) -> Error {
    let shape = parts
        .bold
        .first()
        .map(|found| (found.place.key.as_str(), found.numbers.values.shape()));
    let (found, hint) = match shape {
        Some((key, [rows, columns])) if rows != columns => (
            format!(", as {key:?} is no square matrix but {rows} by {columns}"),
            match columns {
                3 => "a list of connections has a header line: source,target,weight",
                _ => {
                    "weights have a row and a column for each region; what was measured is named as connectome.functional"
                }
            },
        ),
        _ => (
            String::new(),
            "name it as connectome.functional, beside a connectome.file with weights",
        ),
    };
    let problem = format!("holds functional connectivity or time series, and no weights{found}");
    Error::data_hint(path, problem, hint)
}

/// The measured data that the parts make, in the order of their own names.
pub(super) fn measured(path: &Path, mut parts: Parts, options: &Options) -> Result<Measured> {
    let mut notes = std::mem::take(&mut parts.notes);
    for found in &mut parts.bold {
        without_times(&found.place, &mut found.numbers, None, &mut notes)?;
    }
    if parts.functional.is_empty()
        && parts.bold.is_empty()
        && let Some(found) = parts.weights.take_if(|found| {
            let name = &found.place.key;
            !Role::Weights.is_named(key(name)) && !Role::Weights.is_part_of(name)
        })
    {
        let key = &found.place.key;
        notes.push(format!("{key:?} is taken for functional connectivity"));
        parts.functional.push(found);
    }
    let mut labels = parts.labels.take().map(|(_, labels)| labels);
    labels = labels.or_else(|| parts.functional_labels.clone());
    for found in parts.functional.iter().chain(&parts.bold) {
        let (rows, columns) = (&found.numbers.rows, &found.numbers.columns);
        labels = labels.or_else(|| columns.clone()).or_else(|| rows.clone());
    }
    let regions = Regions {
        names: labels.as_deref(),
        own: None,
        n: labels.as_ref().map(Vec::len),
    };
    let (functional, bold) = functional(&mut parts, &regions, options, &mut notes)?;
    let Some(functional) = functional else {
        let problem = "holds neither functional connectivity nor time series under a usual name";
        let hint = "name them with functional = NAME";
        return Err(Error::data_hint(path, problem, hint));
    };
    Ok(Measured {
        path: path.into(),
        labels,
        functional,
        bold,
        notes,
    })
}

/// The names of the regions: those of a list, else those of the weights' table, else those of the centres.
fn names(parts: &Parts, own: Option<Vec<String>>, n_nodes: usize) -> Result<Option<Vec<String>>> {
    if let Some((place, labels)) = &parts.labels {
        // A colour table names the background, too.
        let is_background = labels.len() == n_nodes + 1
            && ["unknown", "background", "???"].contains(&labels[0].to_ascii_lowercase().as_str());
        let labels = labels[usize::from(is_background)..].to_vec();
        let labels = check::labels(place, labels, n_nodes)?;
        if let Some(own) = &own {
            no_other_order(place, &labels, own)?;
        }
        return Ok(Some(labels));
    }
    let centres = parts.centres.as_ref();
    let of_centres = || centres.and_then(|found| found.numbers.rows.clone());
    let names = own.or_else(of_centres);
    Ok(names.filter(|names| names.len() == n_nodes))
}

/// Refuses a list that has names of the weights' own table at other places.
fn no_other_order(place: &Place, labels: &[String], own: &[String]) -> Result<()> {
    if own.len() != labels.len() || are_only_counted(own, labels) {
        return Ok(());
    }
    let moved = (0..)
        .zip(labels.iter().zip(own))
        .find(|(_, (label, own_name))| label != own_name && own.contains(label));
    let Some((row, (label, own_name))) = moved else {
        return Ok(());
    };
    let problem = format!(
        "{:?} calls region {row} {label:?}, but the table of the weights calls it {own_name:?}: the same names in another order",
        place.key
    );
    let hint = "leave the list out, or bring it into the order of the weights";
    Err(Error::data_hint(&place.path, problem, hint))
}

fn mirrored(symmetric: Symmetric, key: &str, matrix: &mut Array2<f64>) -> Vec<String> {
    let mut notes: Vec<String> = symmetric.apply(key, matrix).into_iter().collect();
    if symmetric == Symmetric::Auto {
        notes.extend(doubts::rounded_apart(key, matrix));
    }
    notes
}

/// The centres in the order of the weights. Centres whose names are all others are in that order already: a list of names was
/// given in place of theirs.
fn centres_in_order(found: &Found, regions: &Regions) -> Result<ArrayD<f64>> {
    let values = found.numbers.values.clone();
    let own = found.numbers.rows.as_deref().unwrap_or_default();
    let names = regions.known_as(own).unwrap_or_default();
    if !own.iter().any(|name| names.contains(name)) {
        return Ok(values);
    }
    Ok(match places(&found.place, own, names)? {
        Some(places) => values.select(Axis(0), &places),
        None => values,
    })
}
