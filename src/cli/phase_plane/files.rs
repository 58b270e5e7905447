//! What comes out of a phase plane: arrays, manifest, figure, and the lines on stdout.

use std::fmt::Write;
use std::path::Path;

use ndarray::Array2;
use num_complex::Complex64;
use serde_json::{Value, json};

use super::figure;
use crate::continuation::{Cycle, PhasePlane};
use crate::error::Result;
use crate::io::study as studies;
use crate::output::{Array, Manifest, Output};
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
    /// All that it leaves.
    pub fn output(&self) -> Result<Output<'_>> {
        let facts = json!({ "node": self.node, "found": self.found() });
        let mut manifest = Manifest::new("phase-plane", &facts);
        manifest.study = Some(studies::to_json(self.study));
        Ok(Output {
            name: "phase_plane",
            arrays: self.arrays(),
            labels: vec![("state", &self.plane.states)],
            tables: Vec::new(),
            figures: vec![(
                "phase_plane",
                figure::phase_plane(self.plane, &self.title())?,
            )],
            manifest,
        })
    }

    fn arrays(&self) -> Vec<Array<'_>> {
        let plane = self.plane;
        let mut arrays = Vec::new();
        for (name, curves) in plane.states.iter().zip(&plane.nullclines) {
            let gap = [[f64::NAN; 2]];
            let rows = table(curves.join(&gap[..]));
            let meaning =
                format!("states where {name} does not change; a row of NaN between curves");
            let name = format!("nullcline_{name}");
            let points = format!("point_of_{name}");
            arrays.push(Array::new(name, &[&points, "state"], "1", meaning, rows));
        }
        let field = plane
            .field
            .iter()
            .map(|[[x, y], [dx, dy]]| [*x, *y, *dx, *dy]);
        let meaning = "states and their rates of change, per ms";
        let rows = table(field.collect());
        arrays.push(Array::new(
            "field",
            &["arrow", "state_and_rate"],
            "1",
            meaning,
            rows,
        ));
        let states = plane.equilibria.iter().map(|e| e.state).collect();
        let dimensions = ["equilibrium", "state"];
        arrays.push(Array::new(
            "equilibria",
            &dimensions,
            "1",
            "fixed points",
            table(states),
        ));
        let eigenvalues = Array2::from_shape_fn((plane.equilibria.len(), 2), |(i, k)| {
            plane.equilibria[i].eigenvalues[k]
        });
        let dimensions = ["equilibrium", "eigenvalue"];
        let meaning = "eigenvalues of the fixed points";
        arrays.push(Array::new(
            "eigenvalues",
            &dimensions,
            "1/ms",
            meaning,
            eigenvalues,
        ));
        let mut add = |kind: &str, k: usize, meaning: &str, rows: Vec<[f64; 3]>| {
            let name = format!("{kind}_{}", k + 1);
            let points = format!("point_of_{name}");
            let dimensions = [points.as_str(), "time_and_state"];
            arrays.push(Array::new(name, &dimensions, "ms, 1", meaning, table(rows)));
        };
        for (k, cycle) in plane.cycles.iter().enumerate() {
            let rows = cycle.times.iter().zip(&cycle.profile);
            let rows = rows.map(|(t, u)| [t * cycle.period, u[0], u[1]]).collect();
            add("cycle", k, "a limit cycle: time, states", rows);
        }
        let row = |(t, u): (&f64, &[f64; 2])| [*t, u[0], u[1]];
        for (k, orbit) in plane.orbits.iter().enumerate() {
            let rows = orbit.t_ms.iter().zip(&orbit.states).map(row).collect();
            add("orbit", k, "an orbit: time, states", rows);
        }
        for (k, separatrix) in plane.separatrices.iter().enumerate() {
            let orbit = &separatrix.orbit;
            let rows = orbit.t_ms.iter().zip(&orbit.states).map(row).collect();
            add(
                "separatrix",
                k,
                "a branch of a saddle's manifold: time, states",
                rows,
            );
        }
        let window: Vec<f64> = plane.window.as_flattened().to_vec();
        let meaning = "lowest and highest value of either state that is drawn";
        arrays.push(Array::new("window", &["end"], "1", meaning, window));
        arrays
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
