//! Measured functional connectivity: matrices, or time series from which they are made.

use ndarray::{Array2, Array3, ArrayD, Axis, Ix2, Ix3};

use super::Options;
use super::cleaning::clean;
use super::join::places;
use super::parts::{Found, Parts, one_order};
use crate::connectome::check::{self, Place};
use crate::connectome::{Bold, listed};
use crate::measure;
use crate::{Error, Result};

/// Transformed correlations of a person are no larger: tanh(9) is 1 to seven digits.
const LARGEST_Z: f64 = 20.0;

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
    let mut matrices: Vec<Array3<f64>> = Vec::new();
    for mut found in std::mem::take(&mut parts.functional) {
        if found.numbers.rows.is_none() && found.numbers.columns.is_none() {
            found.numbers.rows.clone_from(&parts.functional_labels);
        }
        matrices.push(stack(found, regions, notes)?);
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
fn stack(found: Found, regions: &Regions, notes: &mut Vec<String>) -> Result<Array3<f64>> {
    let names = one_order(&found)?;
    let Found { mut place, numbers } = found;
    let n = regions.n;
    let shape = numbers.values.shape().to_vec();
    let stack = people_first(&place, numbers.values)?;
    let n_found = stack.len_of(Axis(1));
    let mut stack = match chosen(&place, names.as_deref(), n_found, regions, notes)? {
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
    notes.extend(correlations(&place.key, &mut stack));
    check::functional(&place, stack.into_dyn(), n_nodes)
}

/// Which of the regions of functional data are those of the weights; `None`: all, in order.
fn chosen(
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
            notes.push(format!(
                "{:?} has names of regions and the weights have none: its order is taken to be theirs",
                place.key
            ));
        }
        return Ok(None);
    };
    let places = places(place, names, labels)?;
    if places.is_some() {
        let more = names.len() - labels.len();
        let dropped = match more {
            0 => String::new(),
            1 => "; 1 region that the weights lack is dropped".into(),
            n => format!("; {n} regions that the weights lack are dropped"),
        };
        notes.push(format!(
            "{:?} is brought into the order of the weights by name{dropped}",
            place.key
        ));
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

/// Turns Fisher's z back into correlations where that is what a stack holds: entries beyond 1, and no 1 on the diagonal.
fn correlations(key: &str, stack: &mut Array3<f64>) -> Option<String> {
    let mut is_beyond = false;
    for matrix in stack.outer_iter() {
        for ((row, column), value) in matrix.indexed_iter() {
            if row == column {
                // Infinity, what rounding leaves of it, or 0, or nothing, stands there.
                if (value - 1.0).abs() < 1e-3 {
                    return None;
                }
                is_beyond |= value.is_infinite();
            } else if value.is_nan() || value.abs() > LARGEST_Z {
                return None;
            } else {
                is_beyond |= value.abs() > 1.0 + 1e-6;
            }
        }
    }
    if !is_beyond {
        return None;
    }
    for mut matrix in stack.outer_iter_mut() {
        matrix.mapv_inplace(f64::tanh);
        matrix.diag_mut().fill(1.0);
    }
    Some(format!(
        "{key:?} has entries beyond 1 and no 1 on its diagonal: it is read as Fisher's z, and tanh gives the correlations"
    ))
}

/// A person's time series, or several's: `[n_samples, n_nodes]`.
fn series(
    found: Found,
    regions: &Regions,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<Vec<(Place, Bold)>> {
    let Found { place, numbers } = found;
    let step_s = options.step_s.or(numbers.step_s);
    let (rows, columns) = (numbers.rows, numbers.columns);
    let several = numbers.values.ndim() == 3;
    let all: Vec<Array2<f64>> = match numbers.values.ndim() {
        2 => vec![
            numbers
                .values
                .into_dimensionality::<Ix2>()
                .unwrap_or_default(),
        ],
        3 => {
            let all = numbers
                .values
                .into_dimensionality::<Ix3>()
                .unwrap_or_default();
            all.outer_iter().map(|one| one.to_owned()).collect()
        }
        _ => {
            let expected = "[n_samples, n_regions], or a stack of these, a person each".to_string();
            return Err(Error::wrong_shape(
                &place.path,
                &place.key,
                numbers.values.shape(),
                expected,
            ));
        }
    };
    let mut bold = Vec::new();
    for one in all {
        let (samples, names) =
            match columns_are_regions(&place, one.dim(), &rows, &columns, step_s, regions)? {
                true => (one, &columns),
                false => (one.reversed_axes().as_standard_layout().into_owned(), &rows),
            };
        let names = names.as_deref().filter(|_| !several);
        let places = chosen(&place, names, samples.ncols(), regions, notes)?;
        let labels: Vec<String> = match names {
            Some(names) if names.len() == samples.ncols() => names.to_vec(),
            _ => crate::connectome::numbered(samples.ncols()),
        };
        every_region_has_a_signal(&place, &samples, &labels, "")?;
        let samples = match places {
            Some(places) => samples.select(Axis(1), &places),
            None => samples,
        };
        let mut place = place.clone();
        place.regions = regions.names.map_or(labels, <[String]>::to_vec);
        bold.push((place, Bold { samples, step_s }));
    }
    Ok(bold)
}

/// Whether the columns of a time series are regions; else its rows are.
fn columns_are_regions(
    place: &Place,
    (n_rows, n_columns): (usize, usize),
    rows: &Option<Vec<String>>,
    columns: &Option<Vec<String>>,
    step_s: Option<f64>,
    regions: &Regions,
) -> Result<bool> {
    let shape = [n_rows, n_columns];
    let fits = |n: usize| regions.n.is_some_and(|regions| regions == n);
    match (rows, columns) {
        (None, Some(_)) if step_s.is_some() || !fits(n_rows) => return Ok(true),
        (Some(_), None) if !fits(n_columns) => return Ok(false),
        _ => {}
    }
    let both = || {
        let problem = format!(
            "{:?} has shape {shape:?}: the regions may be its rows or its columns",
            place.key
        );
        let hint = "give it a header line with the names of the regions, or fewer or more samples";
        Error::data_hint(&place.path, problem, hint)
    };
    match regions.n {
        Some(_) => match (fits(n_rows), fits(n_columns)) {
            (true, false) => Ok(false),
            (false, true) => Ok(true),
            (true, true) => Err(both()),
            // Names may tell which of more regions are meant.
            (false, false) if columns.is_some() => Ok(true),
            (false, false) if rows.is_some() => Ok(false),
            (false, false) => {
                let n = regions.n.unwrap_or(0);
                let expected = format!(
                    "[n_samples, {n}] or [{n}, n_samples], as the weights have {n} regions"
                );
                Err(Error::wrong_shape(
                    &place.path,
                    &place.key,
                    &shape,
                    expected,
                ))
            }
        },
        // The longer side is time.
        None if n_rows == n_columns => Err(both()),
        None => Ok(n_rows > n_columns),
    }
}

/// Refuses regions whose signal is missing or does not change; `once` says after what.
pub(super) fn every_region_has_a_signal(
    place: &Place,
    samples: &Array2<f64>,
    labels: &[String],
    once: &str,
) -> Result<()> {
    let moments = measure::Moments::of(samples.view());
    let is_bad = |&region: &usize| {
        samples
            .column(region)
            .iter()
            .any(|value| !value.is_finite())
            || moments.is_constant(region)
    };
    let bad: Vec<usize> = (0..samples.ncols()).filter(is_bad).collect();
    let Some(&first) = bad.first() else {
        return Ok(());
    };
    let column = samples.column(first);
    let is_missing = |sample: &usize| !column[*sample].is_finite();
    let missing: Vec<usize> = (0..column.len()).filter(is_missing).collect();
    let problem = match missing.first() {
        None => format!("never changes{once}"),
        Some(_) if missing.len() == column.len() => "has no signal: every sample is missing".into(),
        Some(sample) => format!("has no number at sample {sample}"),
    };
    let others = match bad.len() {
        1 => String::new(),
        _ => format!(
            "; something is wrong with {}, too",
            listed(labels, &bad[1..])
        ),
    };
    let message = format!(
        "{:?}: region {} {problem}{others}",
        place.key, labels[first]
    );
    let hint = "leave such regions out of the weights and of the time series";
    Err(Error::data_hint(&place.path, message, hint))
}
