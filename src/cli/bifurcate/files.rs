//! The files of a run: `branches.npz`, `events.csv`, `manifest.json`, figures.

use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2};
use num_complex::Complex64;
use serde_json::{Value, json};

use super::args::Request;
use super::figures;
use super::found::{Branch, Found, Place};
use super::modes;
use crate::cli::data_notes;
use crate::cli::figures::write_all;
use crate::continuation::Event;
use crate::error::{Error, Result};
use crate::io::folder::NewFolder;
use crate::io::{atomic_write, npz, study as studies};
use crate::study::Study;

/// A run, with all that is told about it.
pub(super) struct Record<'a> {
    pub study: &'a Study,
    pub request: &'a Request,
    pub found: &'a Found,
    pub wall_s: f64,
    pub interrupted: bool,
}

impl Record<'_> {
    /// Writes everything; where it is.
    pub fn write(&self, folder: NewFolder) -> Result<PathBuf> {
        let at = |name: &str| folder.path().join(name);
        let mut arrays = npz::Writer::create(&at("branches.npz"))?;
        for branch in &self.found.branches {
            add(&mut arrays, branch)?;
        }
        arrays.finish()?;
        atomic_write(&at("events.csv"), &self.events_csv(&at("events.csv"))?)?;
        write_all(folder.path(), &figures::all(self.found, self.study.model)?)?;
        if !self.found.nodes.is_empty() {
            let path = at("modes.csv");
            atomic_write(
                &path,
                &modes::csv(&self.found.modes, &self.found.nodes, &path)?,
            )?;
        }
        folder.write_manifest(self.manifest())?;
        folder.finish()
    }

    fn events_csv(&self, path: &Path) -> Result<Vec<u8>> {
        let failed = |error: csv::Error| Error::data(path, error.to_string());
        let mut table = csv::Writer::from_writer(Vec::new());
        let mut header = vec!["branch", "type"];
        header.extend(self.found.varied.iter().map(|v| v.name.as_str()));
        header.extend(["omega", "period", "coefficient", "criticality"]);
        header.extend(["n_unstable_before", "n_unstable_after", "residual"]);
        header.extend(self.found.states.iter().map(String::as_str));
        table.write_record(&header).map_err(failed)?;
        for (branch, event) in self.found.events() {
            table.write_record(row(branch, event)).map_err(failed)?;
        }
        table
            .into_inner()
            .map_err(|error| Error::data(path, error.to_string()))
    }

    fn manifest(&self) -> Value {
        let settings = &self.request.settings;
        json!({
            "brainsweep": env!("CARGO_PKG_VERSION"),
            "command": "bifurcate",
            "study": studies::to_json(self.study),
            "vary": self.varied(),
            "delays": self.request.delays,
            "nodes": self.found.nodes,
            "settings": {
                "step": settings.step,
                "step_min": settings.step_min,
                "step_max": settings.step_max,
                "newton_tolerance": settings.newton_tolerance,
                "search_box": settings.search_box,
                "cycles": settings.cycles,
                "network_cycles": self.request.network_cycles,
                "mesh": settings.mesh,
                "collocation": settings.collocation,
                "period_max_ms": settings.period_max,
            },
            "states": self.found.states,
            "branches": self.branches(),
            "arrays": ARRAYS.iter().map(|(name, what)| json!({ "name": name, "what": what })).collect::<Vec<_>>(),
            "stopped": self.found.stopped,
            "interrupted": self.interrupted,
            "wall_s": self.wall_s,
        })
    }

    pub fn to_json(&self, out: &Path) -> Value {
        let nodes = &self.found.nodes;
        let mode = |k: usize| self.found.modes.get(k).map(|mode| mode.to_json(nodes));
        let events = self.found.events().enumerate().map(|(k, (branch, event))| {
            json!({
                "branch": branch.name,
                "type": event.kind.name(),
                "parameters": event.parameters,
                "state": event.state,
                "omega": event.omega,
                "period": event.period,
                "coefficient": event.coefficient,
                "coefficients": event.coefficients.iter().map(|(k, v)| (k.to_string(), json!(v))).collect::<serde_json::Map<_, _>>(),
                "criticality": event.criticality.map(|c| c.to_string()),
                "n_unstable_before": event.n_unstable_before,
                "n_unstable_after": event.n_unstable_after,
                "residual": event.residual,
                "mode": mode(k),
            })
        });
        json!({
            "model": self.study.model.name,
            "vary": self.varied(),
            "states": self.found.states,
            "branches": self.branches(),
            "events": events.collect::<Vec<_>>(),
            "notes": data_notes(&self.study.connectome),
            "stopped": self.found.stopped,
            "interrupted": self.interrupted,
            "wall_s": self.wall_s,
            "out": out.display().to_string(),
        })
    }

    fn varied(&self) -> Value {
        let each = self.found.varied.iter();
        each.map(|v| json!({ "name": v.name, "range": v.range }))
            .collect()
    }

    fn branches(&self) -> Value {
        let each = self.found.branches.iter().map(|branch| {
            json!({
                "name": branch.name,
                "kind": branch.kind.name(),
                "n_points": branch.places.len(),
                "n_events": branch.events().count(),
                "ends": branch.ends,
            })
        });
        each.collect()
    }
}

/// The arrays of `branches.npz`, each with the branch's name before it.
const ARRAYS: [(&str, &str); 14] = [
    (
        "parameters",
        "[n_points, n_parameters], in the order of vary",
    ),
    ("state", "[n_points, n_states]; of a cycle at time 0"),
    (
        "eigenvalues",
        "complex [n_points, n], per ms, rightmost first; of cycles their multipliers, largest first; NaN where there are fewer",
    ),
    (
        "n_unstable",
        "[n_points] eigenvalues right of the imaginary axis, multipliers outside the unit circle; -1 of cycles with delays, where they are not computed",
    ),
    (
        "stability",
        "[n_points], equilibria: 0 stable node, 1 stable focus, 2 saddle, 3 unstable node, 4 unstable focus, 5 centre (on the imaginary axis to rounding)",
    ),
    (
        "residual",
        "[n_points] largest residual of the equations before the last correction",
    ),
    ("period", "[n_points] ms, cycles and curves of Hopf points"),
    (
        "coefficient",
        "[n_points], curves: a of a fold, first Lyapunov coefficient of a Hopf point, exactly 0 where it is 0 to rounding",
    ),
    (
        "is_bifurcation",
        "[n_points], curves: 0 where a curve of Hopf points goes on as neutral saddles",
    ),
    (
        "minima",
        "[n_points, n_states], cycles: lowest value of each state",
    ),
    (
        "maxima",
        "[n_points, n_states], cycles: highest value of each state",
    ),
    (
        "profile",
        "[n_all, n_states], cycles: their points in time, one cycle after the other",
    ),
    (
        "profile_time",
        "[n_all], cycles: when, as a fraction of the period, from 0 to 1",
    ),
    (
        "profile_first",
        "[n_points + 1], cycles: row of profile where each begins",
    ),
];

/// Adds the arrays of a branch; see [`ARRAYS`].
fn add(arrays: &mut npz::Writer, branch: &Branch) -> Result<()> {
    let places = &branch.places;
    let key = |name: &str| format!("{}_{name}", branch.name);
    let mut add = |name: &str, rows: Array2<f64>| arrays.add(&key(name), &rows);
    add("parameters", rows(places, |p| &p.parameters))?;
    add("state", rows(places, |p| &p.state))?;
    if places.iter().any(|p| p.cycle.is_some()) {
        let swings = || places.iter().filter_map(|p| p.cycle.as_ref());
        add("minima", table(swings().map(|s| s.minima.as_slice())))?;
        add("maxima", table(swings().map(|s| s.maxima.as_slice())))?;
        let profiles = swings().flat_map(|s| s.profile.iter().map(Vec::as_slice));
        add("profile", table(profiles))?;
        let times: Array1<f64> = swings().flat_map(|s| s.times.iter().copied()).collect();
        arrays.add(&key("profile_time"), &times)?;
        let ends = swings().scan(0, |end, s| {
            *end += s.times.len() as i64;
            Some(*end)
        });
        let firsts: Array1<i64> = std::iter::once(0).chain(ends).collect();
        arrays.add(&key("profile_first"), &firsts)?;
    }
    let widest = places.iter().map(|p| p.eigenvalues.len()).max();
    let nan = Complex64::new(f64::NAN, f64::NAN);
    let eigenvalues = Array2::from_shape_fn((places.len(), widest.unwrap_or(0)), |(i, k)| {
        places[i].eigenvalues.get(k).copied().unwrap_or(nan)
    });
    arrays.add(&key("eigenvalues"), &eigenvalues)?;
    let counts: Array1<i64> = places
        .iter()
        .map(|p| p.n_unstable.map_or(-1, |n| n as i64))
        .collect();
    arrays.add(&key("n_unstable"), &counts)?;
    let mut column = |name: &str, value: fn(&Place) -> Option<f64>| {
        if places.iter().any(|p| value(p).is_some()) {
            let values = places.iter().map(|p| value(p).unwrap_or(f64::NAN));
            arrays.add(&key(name), &values.collect::<Array1<f64>>())?;
        }
        Ok::<(), Error>(())
    };
    column("residual", |p| Some(p.residual))?;
    column("period", |p| p.period_ms)?;
    column("coefficient", |p| p.coefficient)?;
    if places.iter().all(|p| p.stability.is_some()) {
        let codes = places.iter().filter_map(|p| p.stability);
        let codes: Array1<i64> = codes.map(|s| s as i64).collect();
        arrays.add(&key("stability"), &codes)?;
    }
    if branch.kind.is_curve() {
        let flags: Array1<bool> = places.iter().map(|p| p.is_bifurcation).collect();
        arrays.add(&key("is_bifurcation"), &flags)?;
    }
    Ok(())
}

fn rows(places: &[Place], row: fn(&Place) -> &Vec<f64>) -> Array2<f64> {
    table(places.iter().map(|p| row(p).as_slice()))
}

/// Rows of equal length.
fn table<'a>(rows: impl Iterator<Item = &'a [f64]>) -> Array2<f64> {
    let rows: Vec<&[f64]> = rows.collect();
    let width = rows.first().map_or(0, |row| row.len());
    Array2::from_shape_fn((rows.len(), width), |(i, k)| rows[i][k])
}

/// A line of `events.csv`; what an event does not have stays empty.
fn row(branch: &Branch, event: &Event) -> Vec<String> {
    let optional = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let mut row = vec![branch.name.clone(), event.kind.name().into()];
    row.extend(event.parameters.iter().map(f64::to_string));
    row.extend([event.omega, event.period, event.coefficient].map(optional));
    row.push(event.criticality.map_or(String::new(), |c| c.to_string()));
    row.extend([event.n_unstable_before, event.n_unstable_after].map(|n| n.to_string()));
    row.push(format!("{:e}", event.residual));
    row.extend(event.state.iter().map(f64::to_string));
    row
}
