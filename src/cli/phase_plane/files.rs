//! What comes out of a phase plane: arrays, manifest, figure, and the lines on stdout.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2};
use num_complex::Complex64;
use serde_json::{Value, json};

use super::figure;
use crate::cli::figures::PNG_SCALE;
use crate::continuation::{Cycle, PhasePlane};
use crate::error::Result;
use crate::io::folder::NewFolder;
use crate::io::{atomic_write, npz, study as studies};
use crate::study::Study;

/// A phase plane, with all that is told about it.
pub(super) struct Record<'a> {
    pub study: &'a Study,
    pub node: usize,
    /// What was set, as the user wrote it.
    pub set: &'a [String],
    pub plane: &'a PhasePlane,
}

impl Record<'_> {
    /// Writes everything; where it is.
    pub fn write(&self, folder: NewFolder) -> Result<PathBuf> {
        let at = |name: &str| folder.path().join(name);
        self.write_arrays(&at("phase_plane.npz"))?;
        let figure = figure::phase_plane(self.plane, &self.title())?;
        atomic_write(&at("phase_plane.svg"), figure.svg().as_bytes())?;
        atomic_write(&at("phase_plane.png"), &figure.png(PNG_SCALE)?)?;
        folder.write_manifest(self.manifest())?;
        folder.finish()
    }

    fn write_arrays(&self, path: &Path) -> Result<()> {
        let plane = self.plane;
        let mut arrays = npz::Writer::create(path)?;
        for (name, curves) in plane.states.iter().zip(&plane.nullclines) {
            let gap = [[f64::NAN; 2]];
            let rows = curves.join(&gap[..]);
            arrays.add(&format!("nullcline_{name}"), &table(rows))?;
        }
        let field = plane
            .field
            .iter()
            .map(|[[x, y], [dx, dy]]| [*x, *y, *dx, *dy]);
        arrays.add("field", &table(field.collect()))?;
        let states = plane.equilibria.iter().map(|e| e.state).collect();
        arrays.add("equilibria", &table(states))?;
        let eigenvalues = Array2::from_shape_fn((plane.equilibria.len(), 2), |(i, k)| {
            plane.equilibria[i].eigenvalues[k]
        });
        arrays.add("eigenvalues", &eigenvalues)?;
        for (k, cycle) in plane.cycles.iter().enumerate() {
            let rows = cycle.times.iter().zip(&cycle.profile);
            let rows = rows.map(|(t, u)| [t * cycle.period, u[0], u[1]]).collect();
            arrays.add(&format!("cycle_{}", k + 1), &table(rows))?;
        }
        let orbits = plane.orbits.iter().map(|orbit| ("orbit", orbit));
        let separatrices = plane.separatrices.iter().map(|s| ("separatrix", &s.orbit));
        for ways in [orbits.collect::<Vec<_>>(), separatrices.collect()] {
            for (k, (name, way)) in ways.into_iter().enumerate() {
                let rows = way.t_ms.iter().zip(&way.states);
                let rows = rows.map(|(t, u)| [*t, u[0], u[1]]).collect();
                arrays.add(&format!("{name}_{}", k + 1), &table(rows))?;
            }
        }
        let window: Array1<f64> = plane.window.as_flattened().iter().copied().collect();
        arrays.add("window", &window)?;
        arrays.finish()
    }

    fn title(&self) -> String {
        let mut title = self.study.model.name.to_string();
        if self.study.connectome.n_nodes() > 1 {
            title += &format!(", {}", self.study.connectome.labels[self.node]);
        }
        if !self.set.is_empty() {
            title += &format!(": {}", self.set.join(", ").replace('=', " = "));
        }
        title
    }

    fn found(&self) -> Value {
        let complex = |values: &[Complex64]| -> Vec<[f64; 2]> {
            values.iter().map(|v| [v.re, v.im]).collect()
        };
        let equilibria = self.plane.equilibria.iter().map(|e| {
            json!({
                "state": e.state,
                "type": e.stability.to_string(),
                "eigenvalues": complex(&e.eigenvalues),
                "residual": e.residual,
            })
        });
        let cycles = self.plane.cycles.iter().map(|c| {
            json!({
                "stable": c.is_stable(),
                "period_ms": c.period,
                "minima": c.minima,
                "maxima": c.maxima,
                "multipliers": complex(&c.multipliers),
                "residual": c.residual,
            })
        });
        json!({
            "states": self.plane.states,
            "window": self.plane.window,
            "equilibria": equilibria.collect::<Vec<_>>(),
            "cycles": cycles.collect::<Vec<_>>(),
            "stopped": self.plane.stopped,
        })
    }

    fn manifest(&self) -> Value {
        json!({
            "brainsweep": env!("CARGO_PKG_VERSION"),
            "command": "phase-plane",
            "study": studies::to_json(self.study),
            "node": self.node,
            "found": self.found(),
        })
    }

    pub fn to_json(&self, out: &Path) -> Value {
        let mut found = self.found();
        found["model"] = self.study.model.name.into();
        found["out"] = json!(out.display().to_string());
        found
    }

    pub fn to_text(&self, out: &Path) -> String {
        let mut text = format!("{}\n\n", self.title());
        let [x, y] = &self.plane.states;
        if self.plane.equilibria.is_empty() {
            text += "no fixed points\n";
        } else {
            _ = writeln!(
                text,
                "{:<16}{x:>14}{y:>14}   eigenvalues (1/ms)",
                "fixed point"
            );
        }
        for e in &self.plane.equilibria {
            let eigenvalues = match e.eigenvalues[0] {
                l if l.im != 0.0 => format!("{:.6} +- {:.6} i", l.re, l.im.abs()),
                l => format!("{:.6}, {:.6}", l.re, e.eigenvalues[1].re),
            };
            // Adding 0 makes -0 a 0.
            let [u, v] = e.state.map(|u| u + 0.0);
            let kind = e.stability.to_string();
            _ = writeln!(text, "{kind:<16}{u:>14.9}{v:>14.9}   {eigenvalues}");
        }
        if !self.plane.cycles.is_empty() {
            _ = writeln!(
                text,
                "\n{:<16}{:>14}{:>25}{:>25}   multiplier",
                "limit cycle",
                "period (ms)",
                format!("{x} from, to"),
                format!("{y} from, to")
            );
        }
        for cycle in &self.plane.cycles {
            let reach = |i: usize| format!("{:.6}, {:.6}", cycle.minima[i], cycle.maxima[i]);
            _ = writeln!(
                text,
                "{:<16}{:>14.6}{:>25}{:>25}   {:.4e}",
                kind(cycle),
                cycle.period,
                reach(0),
                reach(1),
                cycle.multipliers.first().map_or(f64::NAN, |m| m.re)
            );
        }
        text + &format!("\nwritten to {}", out.display())
    }
}

/// "stable" or "unstable".
pub(super) fn kind(cycle: &Cycle) -> &'static str {
    if cycle.is_stable() {
        "stable"
    } else {
        "unstable"
    }
}

fn table<const N: usize>(rows: Vec<[f64; N]>) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), N), |(i, k)| rows[i][k])
}
