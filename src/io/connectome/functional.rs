//! Measured functional connectivity: matrices, or time series from which they are made.

use ndarray::{Array3, ArrayD, Axis, Ix2, Ix3};

use super::Options;
use super::cleaning::clean;
use super::correlations::correlations;
use super::join::{order_is_taken, places, reordered};
use super::parts::{Found, Parts, one_order};
use super::series::series;
use crate::connectome::Bold;
use crate::connectome::check::{self, Place};
use crate::measure;
use crate::{Error, Result};

/// What is known of the regions before the functional data are read.
pub(super) struct Regions<'a> {
    /// Names, where a file gives them.
    pub(super) names: Option<&'a [String]>,
    /// What the table of the weights itself calls them, which may be other names.
    pub(super) own: Option<&'a [String]>,
    /// Their number, where it is known.
    pub(super) n: Option<usize>,
}

impl<'a> Regions<'a> {
    /// The names that those of another array are matched with.
    pub(super) fn known_as(&self, names: &[String]) -> Option<&'a [String]> {
        match self.own {
            Some(own) if names.iter().any(|name| own.contains(name)) => Some(own),
            _ => self.names,
        }
    }
}

/// The functional connectivity of all people, `[n_subjects, n_nodes, n_nodes]`, and their time series.
pub(super) fn functional(
    parts: &mut Parts,
    regions: &Regions,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<(Option<Array3<f64>>, Vec<Bold>)> {
    let mut stacks: Vec<(Place, Array3<f64>)> = Vec::new();
    for mut found in std::mem::take(&mut parts.functional) {
        if found.numbers.rows.is_none() && found.numbers.columns.is_none() {
            found.numbers.rows.clone_from(&parts.functional_labels);
        }
        stacks.push(stack(found, regions, notes)?);
    }
    correlations(&mut stacks, notes)?;
    let mut matrices: Vec<Array3<f64>> = Vec::new();
    for (place, stack) in stacks {
        let n_nodes = stack.len_of(Axis(1));
        matrices.push(check::functional(&place, stack.into_dyn(), n_nodes)?);
    }
    let mut bold = Vec::new();
    for found in std::mem::take(&mut parts.bold) {
        bold.extend(series(found, regions, options, notes)?);
    }
    if clean(
        &mut bold,
        std::mem::take(&mut parts.nuisance),
        options,
        notes,
    )? && !matrices.is_empty()
    {
        let n = matrices.len();
        notes.push(format!(
            "{n} matrices of functional connectivity beside the time series are not used: they were not cleaned"
        ));
        matrices.clear();
    }
    let bold: Vec<Bold> = bold.into_iter().map(|(_, one)| one).collect();
    // Where there are both, the matrices are what the file's authors made of the series.
    if matrices.is_empty() && !bold.is_empty() {
        for one in &bold {
            matrices.push(measure::fc(one.samples.view()).insert_axis(Axis(0)));
        }
        notes.push(made_from(&bold));
    }
    let views: Vec<_> = matrices.iter().map(|matrix| matrix.view()).collect();
    if views.is_empty() {
        return Ok((None, bold));
    }
    let all = ndarray::concatenate(Axis(0), &views).map_err(|_| {
        let shapes: Vec<String> = matrices
            .iter()
            .map(|m| m.len_of(Axis(1)).to_string())
            .collect();
        let place = "functional connectivity";
        Error::data(
            place,
            format!(
                "the matrices have {} regions; all must have as many",
                shapes.join(", ")
            ),
        )
    })?;
    Ok((Some(all), bold))
}

/// Says what functional connectivity was made from.
fn made_from(bold: &[Bold]) -> String {
    let lengths: Vec<String> = bold
        .iter()
        .map(|one| one.samples.nrows().to_string())
        .collect();
    let step = match bold[0].step_s {
        Some(step) => format!(", {step} s apart"),
        None => String::new(),
    };
    format!(
        "functional connectivity is made from {} time series of {} samples{step}",
        bold.len(),
        lengths.join(", ")
    )
}

/// One matrix, or a stack with the people first or last, in the order of the regions.
fn stack(found: Found, regions: &Regions, notes: &mut Vec<String>) -> Result<(Place, Array3<f64>)> {
    let names = one_order(&found)?;
    let Found { mut place, numbers } = found;
    let n = regions.n;
    let shape = numbers.values.shape().to_vec();
    let stack = people_first(&place, numbers.values)?;
    let n_found = stack.len_of(Axis(1));
    let stack = match chosen(&place, names.as_deref(), n_found, regions, notes)? {
        Some(places) => stack.select(Axis(1), &places).select(Axis(2), &places),
        None => stack,
    };
    let n_nodes = n.unwrap_or(stack.len_of(Axis(1)));
    if stack.len_of(Axis(1)) != n_nodes {
        let expected = format!(
            "[n_subjects, {n_nodes}, {n_nodes}], or [{n_nodes}, {n_nodes}] for one subject"
        );
        return Err(Error::wrong_shape(
            &place.path,
            &place.key,
            &shape,
            expected,
        ));
    }
    place.regions = regions.names.unwrap_or_default().to_vec();
    Ok((place, stack))
}

/// Which of the regions of functional data are those of the weights; `None`: all, in order.
pub(super) fn chosen(
    place: &Place,
    names: Option<&[String]>,
    n_found: usize,
    regions: &Regions,
    notes: &mut Vec<String>,
) -> Result<Option<Vec<usize>>> {
    let Some(names) = names.filter(|names| names.len() == n_found) else {
        return Ok(None);
    };
    let Some(labels) = regions.known_as(names) else {
        // Without weights there is no order to bring them into.
        if regions.n.is_some() {
            notes.push(order_is_taken(&place.key));
        }
        return Ok(None);
    };
    let places = places(place, names, labels)?;
    if places.is_none() && names != labels && regions.n.is_some() {
        notes.push(format!(
            "{:?} and the weights share no names of regions, of which one only counts them: its order is taken to be theirs",
            place.key
        ));
    }
    if places.is_some() {
        notes.push(reordered(&place.key, names, labels));
    }
    Ok(places)
}

/// `[n_subjects, n, n]`, whichever axis the file has the people on.
fn people_first(place: &Place, values: ArrayD<f64>) -> Result<Array3<f64>> {
    let shape = values.shape().to_vec();
    let wrong = || {
        let expected = "[n_subjects, n, n], or [n, n] for one subject".to_string();
        Error::wrong_shape(&place.path, &place.key, &shape, expected)
    };
    match values.ndim() {
        2 => {
            let matrix = values.into_dimensionality::<Ix2>().map_err(|_| wrong())?;
            match matrix.is_square() {
                true => Ok(matrix.insert_axis(Axis(0))),
                false => Err(wrong()),
            }
        }
        3 => {
            let stack = values.into_dimensionality::<Ix3>().map_err(|_| wrong())?;
            let last = |stack: Array3<f64>| {
                stack
                    .permuted_axes([2, 0, 1])
                    .as_standard_layout()
                    .into_owned()
            };
            let (people, rows, columns) = stack.dim();
            match (rows == columns, people == rows) {
                (true, false) => Ok(stack),
                (false, true) => Ok(last(stack)),
                (false, false) => Err(wrong()),
                // As many people as regions: every matrix must be symmetric.
                (true, true) => {
                    let turned = last(stack.clone());
                    match (are_symmetric(&stack), are_symmetric(&turned)) {
                        (true, false) => Ok(stack),
                        (false, true) => Ok(turned),
                        _ => {
                            let problem = format!(
                                "{:?} has shape {shape:?}: the people may be on the first axis or on the last",
                                place.key
                            );
                            let hint = "save one file for each person";
                            Err(Error::data_hint(&place.path, problem, hint))
                        }
                    }
                }
            }
        }
        _ => Err(wrong()),
    }
}

fn are_symmetric(stack: &Array3<f64>) -> bool {
    stack.outer_iter().all(|matrix| {
        let pairs = matrix.indexed_iter();
        pairs.into_iter().all(|((row, column), value)| {
            let other = matrix[[column, row]];
            value == &other || (value - other).abs() < 1e-6
        })
    })
}
