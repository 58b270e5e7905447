//! Time series of measured signals: which side is the regions, whose they are, what stands beside them.

use std::collections::HashSet;

use ndarray::{Array2, Array3, ArrayView1, Axis, Ix2, Ix3};

use super::Options;
use super::functional::{Regions, chosen};
use super::parts::Found;
use crate::connectome::check::Place;
use crate::connectome::{Bold, listed};
use crate::io::formats::Numbers;
use crate::measure;
use crate::{Error, Result};

/// The longest time between two samples, s: a larger number is ms.
const LONGEST_STEP: f64 = 100.0;
/// Fewer samples may rise evenly by chance.
const FEWEST_TIMES: usize = 5;

/// Takes a first column away that counts the samples or tells their times, or such a first row where the samples are columns.
///
/// # Errors
/// Where without it there are fewer signals than regions.
pub(super) fn without_times(
    place: &Place,
    numbers: &mut Numbers,
    n_nodes: Option<usize>,
    notes: &mut Vec<String>,
) -> Result<()> {
    let Ok(values) = numbers.values.view().into_dimensionality::<Ix2>() else {
        return Ok(());
    };
    let is_first_alone = |axis: usize| {
        let mut lines = values.axis_iter(Axis(axis));
        lines.next().is_some_and(rises_evenly) && lines.len() > 0 && !lines.any(rises_evenly)
    };
    // Axis 1 counts columns.
    let Some(axis) = [1, 0].into_iter().find(|&axis| is_first_alone(axis)) else {
        return Ok(());
    };
    let n = values.len_of(Axis(axis));
    let line = if axis == 1 { "column" } else { "row" };
    let names = if axis == 1 {
        &mut numbers.columns
    } else {
        &mut numbers.rows
    };
    let name = names.as_ref().and_then(|names| names.first());
    let name = name.map_or(String::new(), |name| format!(" ({name:?})"));
    if n_nodes == Some(n) {
        let problem = format!(
            "{:?}: the first {line}{name} rises evenly, as times do and signals do not, and the regions are {n} with it",
            place.key
        );
        let hint =
            "take the times out, and leave the region that is then missing out of the weights";
        return Err(Error::data_hint(&place.path, problem, hint));
    }
    notes.push(format!(
        "{:?}: the first {line}{name} rises evenly: it is taken for the times of the samples and left out",
        place.key
    ));
    if let Some(names) = names
        && names.len() == n
    {
        names.remove(0);
    }
    numbers.values = values
        .slice_axis(Axis(axis), (1..).into())
        .to_owned()
        .into_dyn();
    Ok(())
}

/// Whether each number is as much above the one before it, but for rounding.
fn rises_evenly(line: ArrayView1<f64>) -> bool {
    const ROUNDING: f64 = 2e-3;
    if line.len() < FEWEST_TIMES {
        return false;
    }
    let step = (line[line.len() - 1] - line[0]) / (line.len() - 1) as f64;
    let is_even = |(a, b): (&f64, &f64)| (b - a - step).abs() <= ROUNDING * step;
    step > 0.0 && step.is_finite() && line.iter().zip(line.iter().skip(1)).all(is_even)
}

/// The names of regions that the first of several lines holds without names: whole numbers, no two alike, above others that are not whole,
/// as where regions go by the numbers of an atlas.
fn header_of_numbers(numbers: &Numbers) -> Option<Vec<String>> {
    let is_named = numbers.columns.is_some() || numbers.rows.is_some();
    let values = numbers.values.view().into_dimensionality::<Ix2>().ok()?;
    if is_named || values.nrows() < 3 || values.ncols() < 2 {
        return None;
    }
    let is_whole = |value: &f64| value.fract() == 0.0 && (0.0..1e9).contains(value);
    let mut seen = HashSet::new();
    let first = values.row(0);
    let are_names = first
        .iter()
        .all(|value| is_whole(value) && seen.insert(value.to_bits()));
    let mut others = values.outer_iter().skip(1);
    let are_others = others.all(|row| row.iter().any(|value| !is_whole(value)));
    let names = || first.iter().map(|value| value.to_string()).collect();
    (are_names && are_others).then(names)
}

/// A person's time series, or several's: `[n_samples, n_nodes]`.
pub(super) fn series(
    found: Found,
    regions: &Regions,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<Vec<(Place, Bold)>> {
    let Found { place, mut numbers } = found;
    if let Some(names) = header_of_numbers(&numbers) {
        numbers.values.slice_axis_inplace(Axis(0), (1..).into());
        numbers.columns = Some(names);
        notes.push(format!(
            "{:?}: the first line, whole numbers above others that are not, is taken for the names of the regions",
            place.key
        ));
    }
    let Numbers {
        values,
        rows,
        columns,
        step_s,
    } = numbers;
    let step_s = options.step_s.or(step_s);
    if let Some(step) = step_s.filter(|step| *step > LONGEST_STEP) {
        let problem = format!(
            "{:?} has samples {step} s apart: that looks like ms",
            place.key
        );
        let hint = format!("give the time between two samples in s: {}", step / 1000.0);
        return Err(Error::data_hint(&place.path, problem, hint));
    }
    let shape = values.shape().to_vec();
    let several = values.ndim() == 3;
    let all: Vec<Array2<f64>> = match values.ndim() {
        2 | 3 if values.is_empty() => Vec::new(),
        2 => vec![values.into_dimensionality::<Ix2>().unwrap_or_default()],
        3 => {
            let stack = values.into_dimensionality::<Ix3>().unwrap_or_default();
            people(&place, stack, regions.n, notes)?
        }
        _ => Vec::new(),
    };
    if all.is_empty() {
        let expected = "[n_samples, n_regions], or a stack of these, a person each".to_string();
        return Err(Error::wrong_shape(
            &place.path,
            &place.key,
            &shape,
            expected,
        ));
    }
    let mut bold = Vec::new();
    for one in all {
        let (samples, names) = match columns_are_regions(
            &place,
            one.dim(),
            &rows,
            &columns,
            step_s,
            regions,
            notes,
        )? {
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

/// Each person of a stack: the people are on its first axis, or on its last, as MATLAB's programs have them.
fn people(
    place: &Place,
    stack: Array3<f64>,
    n_nodes: Option<usize>,
    notes: &mut Vec<String>,
) -> Result<Vec<Array2<f64>>> {
    let (a, b, c) = stack.dim();
    let are_first = match n_nodes {
        None => (a < 2 * b.max(c)).then_some(true),
        Some(n) => match (b == n || c == n, a == n || b == n) {
            // Whatever does not fit is told of each.
            (true, false) | (false, false) => Some(true),
            (false, true) => Some(false),
            // The regions are in the middle, and time is far longer than the people are many.
            (true, true) if a != n && c >= 2 * a => Some(true),
            (true, true) if c != n && a >= 2 * c => Some(false),
            (true, true) => None,
        },
    };
    let axis = match are_first {
        Some(true) => 0,
        Some(false) => 2,
        None => {
            let problem = format!(
                "{:?} has shape {:?}: the people may be on the first axis or on the last",
                place.key,
                [a, b, c]
            );
            let hint = "save one file for each person";
            return Err(Error::data_hint(&place.path, problem, hint));
        }
    };
    if axis == 2 || b == n_nodes.unwrap_or(0) {
        let n = [a, b, c][axis];
        let which = if axis == 0 { "first" } else { "last" };
        notes.push(format!(
            "{:?} has shape {:?}: the {n} people are taken to be on the {which} axis",
            place.key,
            [a, b, c]
        ));
    }
    let people = stack.axis_iter(Axis(axis));
    Ok(people.map(|one| one.to_owned()).collect())
}

/// Whether the columns of a time series are regions; else its rows are.
fn columns_are_regions(
    place: &Place,
    (n_rows, n_columns): (usize, usize),
    rows: &Option<Vec<String>>,
    columns: &Option<Vec<String>>,
    step_s: Option<f64>,
    regions: &Regions,
    notes: &mut Vec<String>,
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
        None if n_rows == n_columns => Err(both()),
        None => {
            let note = format!(
                "{:?} has shape {shape:?}: its longer side is taken for time, {} samples of {} regions",
                place.key,
                n_rows.max(n_columns),
                n_rows.min(n_columns)
            );
            if !notes.contains(&note) {
                notes.push(note);
            }
            Ok(n_rows > n_columns)
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(shape: [usize; 3], n: Option<usize>) -> Result<[usize; 3]> {
        let place = Place::memory("bold");
        let mut notes = Vec::new();
        let people = people(&place, Array3::zeros(shape), n, &mut notes)?;
        let (rows, columns) = people[0].dim();
        Ok([people.len(), rows, columns])
    }

    #[test]
    fn people_stand_first_or_last() {
        for (shape, n, expected) in [
            ([2, 120, 6], Some(6), [2, 120, 6]),
            ([2, 6, 120], Some(6), [2, 6, 120]),
            ([120, 6, 2], Some(6), [2, 120, 6]),
            ([6, 120, 2], Some(6), [2, 6, 120]),
            ([2, 120, 6], None, [2, 120, 6]),
        ] {
            assert_eq!(stack(shape, n).unwrap(), expected, "{shape:?}");
        }
        // As many people as samples, or nearly; and nothing that tells.
        for (shape, n) in [
            ([100, 6, 120], Some(6)),
            ([6, 50, 6], Some(6)),
            ([120, 6, 2], None),
        ] {
            let said = stack(shape, n).unwrap_err().report();
            assert!(said.contains("first axis or on the last"), "{said}");
        }
    }
}
