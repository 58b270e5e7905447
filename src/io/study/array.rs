//! Arrays that a study names by file: npz with a key, npy, or numbers as text (csv).

use std::fs::File;
use std::path::Path;

use ndarray::{Array2, ArrayD};

use crate::error::{Error, Result};
use crate::io::{npy, npz};

/// Reads the numbers of `path`; `key` names the array in an npz file.
///
/// # Errors
/// [`Error::Io`] or [`Error::Data`] if the file cannot be read, or is none of npz, npy, csv.
pub(super) fn read(path: &Path, key: Option<&str>) -> Result<ArrayD<f64>> {
    let extension = path.extension().and_then(|e| e.to_str()).map(str::to_lowercase);
    match (extension.as_deref(), key) {
        (Some("npz"), Some(key)) => npz::read_f64(path, key),
        (Some("npz"), None) => Err(Error::data(path, "an npz file holds several arrays; add key = \"...\" beside file")),
        (Some("npy" | "csv" | "txt"), Some(key)) => {
            let message = format!("only npz files have keys; leave out key = {key:?}");
            Err(Error::data(path, message))
        }
        (Some("npy"), None) => npy::read_f64(path),
        (Some("csv" | "txt"), None) => read_csv(path),
        _ => Err(Error::data(path, "not known by its ending; npz, npy and csv files are read")),
    }
}

/// One row per line, numbers between commas; lines that begin with `#` are left out.
fn read_csv(path: &Path) -> Result<ArrayD<f64>> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).comment(Some(b'#')).trim(csv::Trim::All).from_reader(file);
    let mut values = Vec::new();
    let (mut rows, mut columns) = (0, 0);
    for record in reader.records() {
        let record = record.map_err(|error| Error::data(path, error.to_string()))?;
        (rows, columns) = (rows + 1, record.len());
        for (column, text) in record.iter().enumerate() {
            let number = text.parse::<f64>();
            let message = format!("row {rows}, column {}: {text:?} is not a number", column + 1);
            values.push(number.map_err(|_| Error::data(path, message))?);
        }
    }
    let array = Array2::from_shape_vec((rows, columns), values);
    Ok(array.map_err(|error| Error::data(path, error.to_string()))?.into_dyn())
}
