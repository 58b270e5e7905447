//! The phase plane of a node with two states: what there is in it, and what it leaves.

use ndarray::Array2;
use num_complex::Complex64;
use serde_json::{Value, json};

use crate::continuation::{NodeProblem, PhasePlane, PlaneSettings};
use crate::error::{Error, Result};
use crate::figure;
use crate::io::study as studies;
use crate::output::{Array, Drawing, Manifest, Output, units};
use crate::report::{View, Views};
use crate::study::Study;

/// Finds what there is in the phase plane of a study's `node`: nullclines, fixed points, cycles, orbits.
/// `title` adds to the figure's, as the values that were set.
///
/// # Errors
/// [`Error::Continuation`] for models that have not two states or are not smooth;
/// [`Error::Interrupted`] if the settings' control stopped it.
pub fn phase_plane<'a>(
    study: &'a Study,
    node: usize,
    settings: &PlaneSettings,
    title: &'a [String],
) -> Result<Plane<'a>> {
    // Nothing varies; the problem wants to know what could.
    let vary = study.any_number()?;
    let problem = NodeProblem::of_study(study, node, &[&vary])?;
    let start = study.initial.state.iter().map(|state| state.middle(node));
    let settings = PlaneSettings {
        start: start.collect::<Vec<_>>().try_into().ok(),
        ..settings.clone()
    };
    let plane = PhasePlane::new(&problem, problem.start(), &settings)?;
    match settings.control.is_stopped() {
        true => Err(Error::Interrupted),
        false => Ok(Plane {
            study,
            node,
            set: title,
            plane,
        }),
    }
}

/// The phase plane of a study's node.
#[derive(Debug)]
pub struct Plane<'a> {
    study: &'a Study,
    node: usize,
    /// What was set, as the user wrote it.
    set: &'a [String],
    plane: PhasePlane,
}

impl Plane<'_> {
    /// The study.
    pub fn study(&self) -> &Study {
        self.study
    }

    /// What is in it.
    pub fn plane(&self) -> &PhasePlane {
        &self.plane
    }

    /// All that it leaves: arrays, a figure and a manifest.
    pub fn output(&self) -> Output<'_> {
        let facts = json!({ "node": self.node, "found": self.found() });
        let mut manifest = Manifest::new("phase-plane", &facts);
        manifest.study = Some(studies::to_json(self.study));
        let units = [0, 1].map(|k| self.study.model.states[k].unit);
        let view = figure::phase_plane_view(&self.plane, units, &self.title());
        Output {
            name: "phase_plane",
            arrays: self.arrays(),
            labels: vec![("state", &self.plane.states)],
            tables: Vec::new(),
            figures: vec![Drawing::new("phase_plane", || {
                figure::phase_plane(&self.plane, &self.title()).map(Some)
            })],
            files: Vec::new(),
            views: Views {
                all: vec![View::Curves(view)],
                ..Views::default()
            },
            study_words: Vec::new(),
            manifest,
        }
    }

    fn arrays(&self) -> Vec<Array<'_>> {
        let plane = &self.plane;
        let [u, v] = [0, 1].map(|k| self.study.model.states[k].unit);
        let states = units([u, v]);
        let time_and_states = units(["ms", u, v]);
        let mut arrays = Vec::new();
        let mut add = |name: &str, dimensions: [&str; 2], units: &str, meaning: &str, rows| {
            arrays.push(Array::new(name, &dimensions, units, meaning, rows));
        };
        for (name, curves) in plane.states.iter().zip(&plane.nullclines) {
            let gap = [[f64::NAN; 2]];
            let rows = table(curves.join(&gap[..]));
            let meaning = format!("where {name} does not change; a row of NaN between curves");
            let name = format!("nullcline_{name}");
            let points = format!("{name}_point");
            add(&name, [&points, "state"], &states, &meaning, rows);
        }
        let field = plane.field.iter();
        let field = field.map(|[[x, y], [dx, dy]]| [*x, *y, *dx, *dy]);
        let meaning = "states and their rates of change, per ms";
        let rows = table(field.collect());
        add("field", ["arrow", "state_and_rate"], &states, meaning, rows);
        let rows = table(plane.equilibria.iter().map(|e| e.state).collect());
        let dimensions = ["equilibrium", "state"];
        add("equilibria", dimensions, &states, "fixed points", rows);
        let orbits = plane.orbits.iter().map(|orbit| ("orbit", orbit));
        let separatrices = plane.separatrices.iter().map(|s| ("separatrix", &s.orbit));
        let columns = "time_and_state";
        for (k, cycle) in plane.cycles.iter().enumerate() {
            let rows = cycle.times.iter().zip(&cycle.profile);
            let rows = rows.map(|(t, u)| [t * cycle.period, u[0], u[1]]).collect();
            let name = format!("cycle_{}", k + 1);
            let points = format!("{name}_point");
            let meaning = "a limit cycle: time, states";
            add(
                &name,
                [&points, columns],
                &time_and_states,
                meaning,
                table(rows),
            );
        }
        for ways in [orbits.collect::<Vec<_>>(), separatrices.collect()] {
            for (k, (kind, way)) in ways.into_iter().enumerate() {
                let rows = way.t_ms.iter().zip(&way.states);
                let rows = rows.map(|(t, u)| [*t, u[0], u[1]]).collect();
                let name = format!("{kind}_{}", k + 1);
                let points = format!("{name}_point");
                let meaning = "an orbit, or one on a saddle's manifold: time, states";
                add(
                    &name,
                    [&points, columns],
                    &time_and_states,
                    meaning,
                    table(rows),
                );
            }
        }
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
        let window: Vec<f64> = plane.window.as_flattened().to_vec();
        let meaning =
            "lowest and highest value of the first state that is drawn, then of the second";
        arrays.push(Array::new(
            "window",
            &["end"],
            &units([u, u, v, v]),
            meaning,
            window,
        ));
        arrays
    }

    /// The model, the node, and what was set.
    pub fn title(&self) -> String {
        let mut title = self.study.model.name.to_string();
        if self.study.connectome.n_nodes() > 1 {
            title += &format!(", {}", self.study.connectome.labels[self.node]);
        }
        if !self.set.is_empty() {
            title += &format!(": {}", self.set.join(", ").replace('=', " = "));
        }
        title
    }

    /// Fixed points and cycles, as JSON.
    pub fn found(&self) -> Value {
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
}

fn table<const N: usize>(rows: Vec<[f64; N]>) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), N), |(i, k)| rows[i][k])
}
