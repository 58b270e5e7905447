//! What the arrays of a connectome must be. Every error names the file, the array and the entry.

use std::path::PathBuf;

use ndarray::{Array2, Array3, ArrayD, Ix2, Ix3};

use crate::error::{DataError, one_line, parted};
use crate::{Error, Result};

/// How far two halves of a functional matrix may lie apart: what rounding to six decimals leaves.
const SYMMETRY_TOLERANCE: f64 = 2e-6;

/// Where an array came from: what errors call it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) key: String,
    /// What its rows and columns are called; empty where that is not known.
    pub(crate) regions: Vec<String>,
}

impl Place {
    /// An array that was never in a file.
    pub(crate) fn memory(key: &str) -> Self {
        Self {
            path: "the connectome".into(),
            key: key.into(),
            regions: Vec::new(),
        }
    }

    fn wrong_shape(&self, found: &[usize], expected: String) -> Error {
        Error::wrong_shape(&self.path, &self.key, found, expected)
    }

    fn wrong_entry(&self, index: &[usize], found: impl std::fmt::Display, rule: &str) -> Error {
        let (rule, hint) = parted(rule);
        let (key, named) = (&self.key, self.named(index));
        let problem = format!("{key:?} is {found} at {index:?}{named}, but {rule}");
        let path = self.path.clone();
        DataError::Content {
            path,
            problem,
            hint,
        }
        .into()
    }

    /// The regions of an entry by name, where they have names.
    fn named(&self, index: &[usize]) -> String {
        let name = |&region: &usize| self.regions.get(region);
        match index {
            [.., row, column] => match (name(row), name(column)) {
                (Some(row), Some(column)) => format!(" (row {row}, column {column})"),
                _ => String::new(),
            },
            _ => String::new(),
        }
    }
}

/// The weights, zero on the diagonal, and the regions whose entry there was not.
pub(crate) fn weights(place: &Place, weights: ArrayD<f64>) -> Result<(Array2<f64>, Vec<usize>)> {
    let shape = weights.shape().to_vec();
    let expected = || "[n, n] with one row and one column per region".to_string();
    let mut weights = weights
        .into_dimensionality::<Ix2>()
        .map_err(|_| place.wrong_shape(&shape, expected()))?;
    if !weights.is_square() || weights.is_empty() {
        return Err(place.wrong_shape(&shape, expected()));
    }
    check_each(
        place,
        &weights,
        "every weight must be finite and not negative; write 0 where there is no connection",
    )?;
    let diagonal = weights.diag().into_iter().enumerate();
    let self_connected = diagonal.filter(|(_, weight)| **weight != 0.0);
    let self_connected = self_connected.map(|(node, _)| node).collect();
    weights.diag_mut().fill(0.0);
    Ok((weights, self_connected))
}

/// Whether other weights are of as many regions.
pub(crate) fn same_size(place: &Place, found: usize, n_nodes: usize) -> Result<()> {
    if found == n_nodes {
        return Ok(());
    }
    let expected = format!("[{n_nodes}, {n_nodes}], as the weights");
    Err(place.wrong_shape(&[found, found], expected))
}

/// The tract lengths in mm.
pub(crate) fn lengths(place: &Place, lengths: ArrayD<f64>, n_nodes: usize) -> Result<Array2<f64>> {
    let lengths = square(place, lengths, n_nodes)?;
    check_each(
        place,
        &lengths,
        "every tract length must be finite and not negative (mm); write 0 where there is no tract",
    )?;
    Ok(lengths)
}

/// The delays in ms.
pub(crate) fn delays_ms(place: &Place, delays: ArrayD<f64>, n_nodes: usize) -> Result<Array2<f64>> {
    let delays = square(place, delays, n_nodes)?;
    check_each(
        place,
        &delays,
        "every delay must be finite and not negative (ms)",
    )?;
    Ok(delays)
}

/// The centres of the regions, mm.
pub(crate) fn centres(place: &Place, centres: ArrayD<f64>, n_nodes: usize) -> Result<Array2<f64>> {
    let shape = centres.shape().to_vec();
    let centres = centres.into_dimensionality::<Ix2>().ok();
    let centres = centres.filter(|centres| centres.shape() == [n_nodes, 3]);
    let Some(centres) = centres else {
        return Err(place.wrong_shape(&shape, format!("[{n_nodes}, 3], mm")));
    };
    match centres.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((region, axis), found)) => Err(place.wrong_entry(
            &[region, axis],
            found,
            "every coordinate must be finite (mm)",
        )),
        None => Ok(centres),
    }
}

/// The delays in steps.
pub(crate) fn steps(place: &Place, steps: ArrayD<f64>, n_nodes: usize) -> Result<Array2<u32>> {
    let steps = square(place, steps, n_nodes)?;
    for ((target, source), &found) in steps.indexed_iter() {
        if !(found.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&found)) {
            let rule = "a delay in steps is a whole number, 0 or more; lengths in mm belong under tract_lengths";
            return Err(place.wrong_entry(&[target, source], found, rule));
        }
    }
    Ok(steps.mapv(|steps| steps as u32))
}

/// The functional matrices; one matrix alone is one subject.
pub(crate) fn functional(
    place: &Place,
    functional: ArrayD<f64>,
    n_nodes: usize,
) -> Result<Array3<f64>> {
    let shape = functional.shape().to_vec();
    let functional = match functional.ndim() {
        2 => functional.insert_axis(ndarray::Axis(0)),
        _ => functional,
    };
    let functional = functional.into_dimensionality::<Ix3>().ok();
    let fits = |f: &Array3<f64>| f.dim().0 > 0 && f.shape()[1..] == [n_nodes, n_nodes];
    let Some(functional) = functional.filter(fits) else {
        return Err(place.wrong_shape(
            &shape,
            format!(
                "[n_subjects, {n_nodes}, {n_nodes}], or [{n_nodes}, {n_nodes}] for one subject"
            ),
        ));
    };
    for ((subject, row, column), &found) in functional.indexed_iter() {
        let index = [subject, row, column];
        if !found.is_finite() {
            let rule = "every correlation must be finite; leave regions without a signal out of the connectome";
            return Err(place.wrong_entry(&index, found, rule));
        }
        let mirrored = functional[[subject, column, row]];
        if (found - mirrored).abs() > SYMMETRY_TOLERANCE {
            let rule = format!(
                "{mirrored} at [{subject}, {column}, {row}]: functional connectivity must be symmetric"
            );
            return Err(place.wrong_entry(&index, found, &rule));
        }
    }
    Ok(functional)
}

/// The region names, each in one line.
pub(crate) fn labels(place: &Place, labels: Vec<String>, n_nodes: usize) -> Result<Vec<String>> {
    if labels.len() == n_nodes {
        return Ok(labels.into_iter().map(one_line).collect());
    }
    Err(place.wrong_shape(&[labels.len()], format!("[{n_nodes}], one name per region")))
}

fn square(place: &Place, array: ArrayD<f64>, n_nodes: usize) -> Result<Array2<f64>> {
    let shape = array.shape().to_vec();
    let array = array
        .into_dimensionality::<Ix2>()
        .ok()
        .filter(|array| array.shape() == [n_nodes, n_nodes]);
    array.ok_or_else(|| place.wrong_shape(&shape, format!("[{n_nodes}, {n_nodes}] as the weights")))
}

fn check_each(place: &Place, array: &Array2<f64>, rule: &str) -> Result<()> {
    match array
        .indexed_iter()
        .find(|(_, value)| !(value.is_finite() && **value >= 0.0))
    {
        Some(((target, source), found)) => Err(place.wrong_entry(&[target, source], found, rule)),
        None => Ok(()),
    }
}
