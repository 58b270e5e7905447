//! Time series are cleaned as a study asks: band-pass, nuisance signals, global signal.

use ndarray::{Array2, Axis, Ix2};

use super::parts::Found;
use super::series::every_region_has_a_signal;
use super::{Nuisance, Options};
use crate::connectome::check::Place;
use crate::connectome::{Bold, numbered};
use crate::measure::Cleaning;
use crate::{Error, Result};

/// Cleans all time series, and says what was done. Says whether anything was asked for.
///
/// # Errors
/// [`Error::Data`] where there is nothing to clean, where a series is too short or its step unknown, where nuisance signals do not fit
/// the series, and where nothing is left of a region.
pub(super) fn clean(
    bold: &mut [(Place, Bold)],
    nuisance: Vec<Found>,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<bool> {
    let cleaning = options.cleaning;
    // Whether there is any series is for the caller to ask: of two files that are compared, one may have none.
    if !options.cleans() || bold.is_empty() {
        return Ok(false);
    }
    if let Some(found) = nuisance.first()
        && nuisance.len() != bold.len()
    {
        let (many, n) = (nuisance.len(), bold.len());
        let problem = format!("{many} files of nuisance signals beside {n} time series");
        let hint = "give one for each, in the same order";
        return Err(Error::data_hint(&found.place.path, problem, hint));
    }
    let mut names = Vec::new();
    let mut signals = nuisance.into_iter();
    for (place, one) in bold.iter_mut() {
        let columns = options.nuisance.as_ref();
        let signals = match (signals.next(), columns) {
            (Some(found), Some(nuisance)) => Some(columns_of(found, nuisance, &mut names)?),
            _ => None,
        };
        let cleaned = cleaning.apply(
            one.samples.view(),
            signals.as_ref().map(|signals| signals.view()),
            one.step_s,
        );
        one.samples = cleaned.map_err(|error| {
            let problem = format!("{:?}: {error}", place.key);
            match error.hint() {
                Some(hint) => Error::data_hint(&place.path, problem, hint),
                None => Error::data(&place.path, problem),
            }
        })?;
        let labels = match place.regions.len() == one.samples.ncols() {
            true => place.regions.clone(),
            false => numbered(one.samples.ncols()),
        };
        every_region_has_a_signal(place, &one.samples, &labels, " once it is cleaned")?;
    }
    notes.push(said(&cleaning, &names));
    Ok(true)
}

/// The columns of a file of nuisance signals that are asked for, `[n_samples, n_signals]`; `names` becomes what they are called.
fn columns_of(found: Found, nuisance: &Nuisance, names: &mut Vec<String>) -> Result<Array2<f64>> {
    let Found { place, numbers } = found;
    let shape = numbers.values.shape().to_vec();
    let all: Array2<f64> = numbers.values.into_dimensionality::<Ix2>().map_err(|_| {
        Error::wrong_shape(&place.path, &place.key, &shape, "[n_samples, n_signals]")
    })?;
    let known = numbers.columns.filter(|names| names.len() == all.ncols());
    let signal = |column: usize| format!("column {column}");
    let known = known.unwrap_or_else(|| (0..all.ncols()).map(signal).collect());
    let wanted = nuisance.columns.as_ref().unwrap_or(&known);
    let mut places = Vec::new();
    for name in wanted {
        let found = known.iter().position(|other| other == name);
        places.push(found.ok_or_else(|| {
            let what = format!("column of {}", place.path.display());
            Error::unknown(&what, name, known.iter().map(String::as_str))
        })?);
    }
    let taken = all.select(Axis(1), &places);
    for (column, name) in taken.columns().into_iter().zip(wanted) {
        if let Some(sample) = column.iter().position(|value| !value.is_finite()) {
            let problem = format!("column {name:?} has no number at sample {sample}");
            let hint = "name the columns that are to be taken out: nuisance_columns = [...]";
            return Err(Error::data_hint(&place.path, problem, hint));
        }
    }
    names.clone_from(wanted);
    Ok(taken)
}

/// What was done, for manifests.
fn said(cleaning: &Cleaning, names: &[String]) -> String {
    let mut done = Vec::new();
    if let Some(band) = cleaning.band {
        let range = match (band.low_hz, band.high_hz) {
            (0.0, high) => format!("up to {high} Hz"),
            (low, f64::INFINITY) => format!("from {low} Hz"),
            (low, high) => format!("from {low} to {high} Hz"),
        };
        done.push(format!(
            "left with frequencies {range} (Butterworth's filter of order {}, forwards and backwards)",
            band.order
        ));
    }
    if !names.is_empty() {
        let (n, listed) = (names.len(), crate::connectome::listed(names, &all(names)));
        let word = if n == 1 { "signal" } else { "signals" };
        done.push(format!("freed of {n} nuisance {word} ({listed})"));
    }
    if cleaning.global_signal {
        done.push("freed of the mean over all regions".into());
    }
    format!("time series are {}", done.join(", "))
}

fn all(names: &[String]) -> Vec<usize> {
    (0..names.len()).collect()
}
