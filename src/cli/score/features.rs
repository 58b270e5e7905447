//! The features of measured series: what a sweep keeps of its replicas, of data.

use std::path::Path;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::io::connectome::Measured;
use crate::io::study as studies;
use crate::run;

/// The features of every series of a file.
#[derive(Debug, Serialize)]
pub(super) struct OfSeries {
    /// What each number is called.
    names: Vec<String>,
    /// `[n_series][n_features]`; `None` where one is undefined.
    values: Vec<Vec<Option<f64>>>,
}

/// Makes of every series of `data` what `study` asks for.
///
/// # Errors
/// Those of [`studies::load`] and [`run::features`]; [`Error::Data`] where there are no time series.
pub(super) fn of_series(data: &Measured, study: &Path) -> Result<OfSeries> {
    if data.bold.is_empty() {
        let hint = "features are made of time series; leave out --features for matrices";
        return Err(Error::data_hint(&data.path, "holds no time series", hint));
    }
    let study = studies::load::<&str>(Some(study), &[])?;
    let mut all = OfSeries {
        names: Vec::new(),
        values: Vec::new(),
    };
    for series in &data.bold {
        let (names, values) = run::features(&study, series)?;
        let finite = |x: &f64| x.is_finite().then_some(*x);
        all.names = names;
        all.values.push(values.iter().map(finite).collect());
    }
    Ok(all)
}

/// The features for people: a row for each, a column for each series.
pub(super) fn to_text(of: &OfSeries) -> String {
    let mut text = String::new();
    for (k, name) in of.names.iter().enumerate() {
        let shown = |row: &Vec<Option<f64>>| match row[k] {
            Some(x) => format!("{x:>12.5}"),
            None => format!("{:>12}", "undefined"),
        };
        let row: Vec<String> = of.values.iter().map(shown).collect();
        text += &format!("{name:<28}{}\n", row.concat());
    }
    text
}
