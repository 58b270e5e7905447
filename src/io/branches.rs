//! Reads a solution from the folder that `brainsweep bifurcate` left.

use std::path::Path;

use serde_json::Value;

use super::npz::Archive;
use crate::error::{Error, Result};

/// A point of a branch that was saved.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedPoint {
    /// The numbers that varied, as they were named, with their values there.
    pub numbers: Vec<(String, f64)>,
    /// The states of all nodes; of a cycle at time 0.
    pub state: Vec<f64>,
    /// Of a cycle: its shape.
    pub orbit: Option<SavedOrbit>,
}

/// The shape of a cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedOrbit {
    /// ms
    pub period: f64,
    /// Fractions of the period, from 0 to 1.
    pub times: Vec<f64>,
    /// The states at these, `[n_times][n_states]`.
    pub states: Vec<Vec<f64>>,
}

/// Reads point `index` (from 0) of the branch `name` from a `branches.npz`, beside which lies its
/// manifest.
///
/// # Errors
/// [`Error::Disk`] where a file cannot be read, [`Error::Data`] where it has no such branch or point.
pub fn read_point(file: &Path, name: &str, index: usize) -> Result<SavedPoint> {
    let mut npz = Archive::open(file)?;
    let keys = npz.keys();
    let mut branches: Vec<&str> = keys
        .iter()
        .filter_map(|key| key.strip_suffix("_state"))
        .collect();
    branches.sort_unstable();
    if !branches.contains(&name) {
        let hint = format!("it has {}", branches.join(", "));
        return Err(Error::data_hint(file, format!("no branch {name:?}"), hint));
    }
    let mut rows = |array: &str| -> Result<Vec<Vec<f64>>> {
        let key = format!("{name}_{array}");
        let values = npz.read_f64(&key)?;
        let width = values.shape().get(1).copied().unwrap_or(1).max(1);
        let values: Vec<f64> = values.iter().copied().collect();
        Ok(values.chunks(width).map(<[f64]>::to_vec).collect())
    };
    let states = rows("state")?;
    let Some(state) = states.get(index).cloned() else {
        let problem = format!("{name} has no point {index}");
        let hint = format!("its {} points are counted from 0", states.len());
        return Err(Error::data_hint(file, problem, hint));
    };
    let damaged = || Error::data(file, format!("the arrays of {name} do not fit each other"));
    let parameters = rows("parameters")?;
    let values = parameters.get(index).ok_or_else(damaged)?;
    let orbit = if keys.contains(&format!("{name}_profile")) {
        let periods = rows("period")?;
        let firsts = rows("profile_first")?;
        let end = |k: usize| firsts.get(k).map(|first| first[0] as usize);
        let (Some(from), Some(to)) = (end(index), end(index + 1)) else {
            return Err(damaged());
        };
        let (times, profile) = (rows("profile_time")?, rows("profile")?);
        let times = times.get(from..to).ok_or_else(damaged)?;
        Some(SavedOrbit {
            period: periods.get(index).ok_or_else(damaged)?[0],
            times: times.iter().map(|time| time[0]).collect(),
            states: profile.get(from..to).ok_or_else(damaged)?.to_vec(),
        })
    } else {
        None
    };
    let manifest = file.with_file_name("manifest.json");
    let names = names(&manifest)?;
    if names.len() != values.len() {
        let problem = "it names other numbers than branches.npz has";
        return Err(Error::data(&manifest, problem));
    }
    Ok(SavedPoint {
        numbers: names.into_iter().zip(values.iter().copied()).collect(),
        state,
        orbit,
    })
}

/// What varied, as the manifest names it.
fn names(manifest: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(manifest).map_err(Error::io("read", manifest))?;
    let facts: Value = serde_json::from_str(&text)
        .map_err(|error| Error::data(manifest, format!("no JSON: {error}")))?;
    let vary = facts["vary"].as_array();
    let names = vary.and_then(|all| {
        let names = all.iter().map(|each| each["name"].as_str());
        names.map(|name| name.map(String::from)).collect()
    });
    names.ok_or_else(|| {
        let hint = "name the branches.npz of a folder that `brainsweep bifurcate` wrote";
        Error::data_hint(manifest, "it does not say what varied", hint)
    })
}
