//! MATLAB's sparse matrices: a group with the values, their rows, and where each column begins.

use hdf5_pure::{AttrValue, Group};
use ndarray::ArrayD;

use super::super::mat5::of_columns;

/// The number of rows of a group that is a sparse matrix; `None` for another group.
pub(super) fn n_rows(group: &Group) -> Option<u64> {
    match group.attrs().ok()?.remove("MATLAB_sparse")? {
        AttrValue::U64(n) => Some(n),
        AttrValue::I64(n) => n.try_into().ok(),
        AttrValue::U32(n) => Some(n.into()),
        _ => None,
    }
}

/// The matrix, which may take `limit` bytes. One without values may lack all but the beginnings of its columns.
pub(super) fn read(group: &Group, n_rows: u64, limit: u64) -> Result<ArrayD<f64>, String> {
    let text = |error: hdf5_pure::Error| format!("cannot be read ({error})");
    let names = group.datasets().map_err(text)?;
    let numbers = |name: &str| -> Result<Vec<f64>, String> {
        if !names.iter().any(|one| one == name) {
            return Ok(Vec::new());
        }
        let dataset = group.dataset(name).map_err(text)?;
        let shape = dataset.shape().map_err(text)?;
        if shape.iter().fold(8, |n: u64, &axis| n.saturating_mul(axis)) > limit {
            return Err("the file promises more numbers than it can hold".into());
        }
        dataset.read_f64().map_err(text)
    };
    let (rows, starts, values) = (numbers("ir")?, numbers("jc")?, numbers("data")?);
    let n_columns = starts.len().saturating_sub(1);
    if n_rows.saturating_mul(8 * n_columns as u64) > limit {
        return Err(format!(
            "a sparse matrix of {n_rows} by {n_columns} takes more memory than such a file may"
        ));
    }
    of_columns([n_rows as usize, n_columns], &rows, &starts, &values)
}
