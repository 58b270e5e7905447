//! Follows equilibria and cycles of a study in one parameter or two, and locates their bifurcations.
//!
//! ```text
//! Study, Request      what is followed
//!       v  node, network      branches of one node, or of all nodes at once
//!     Found           branches and events as plain numbers
//!       v  output
//!     Output          branches.npz, events.csv, modes.csv, figures; files of other programs
//! ```

mod arrays;
mod export;
mod measures;
mod network;
mod node;
mod request;

pub use export::Export;
pub use measures::branch_measure;
pub use request::{Request, Start, varied};

use std::time::Instant;

use serde_json::{Value, json};

use super::views;
use crate::branches::{Branch, Found, Kind, Mode, Point};
use crate::continuation::{Event, EventKind};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::figure;
use crate::io::study as studies;
use crate::output::{Drawing, Manifest, Output, Table, units};
use crate::report::{Numbers, Regional, View, Views};
use crate::study::Study;
use crate::study::key::HOLD_ON;

/// Follows what is asked for, until all is found or `control` stops it.
///
/// A branch that stops short is no error: what was found is kept, and [`Found::stopped`] says why.
///
/// # Errors
/// [`Error::Continuation`](crate::Error::Continuation) for models and couplings that are not smooth and
/// parameters that cannot vary; [`Error::Study`](crate::Error::Study) for a mean that is held; [`Error::Interrupted`](crate::Error::Interrupted) if nothing was found
/// yet.
pub fn bifurcate<'a>(
    study: &'a Study,
    request: &'a Request,
    control: &Control,
) -> Result<Bifurcations<'a>> {
    if study.holds_mean() {
        let problem = format!(
            "equilibria and cycles have no noise whose mean {} = \"mean\" could hold",
            HOLD_ON.path
        );
        let hint = "simulate the study, give the array hold that it leaves as the parameter of hold.by, and leave out [hold]";
        return Err(Error::conflict(problem, hint));
    }
    let start = Instant::now();
    let found = match request.is_of_network(study) {
        true => network::follow(study, request, control),
        false => node::follow(study, request, control),
    }?;
    let measures = found.measures.iter();
    Ok(Bifurcations {
        measures: measures.map(|measure| measure.name.clone()).collect(),
        study,
        request,
        found,
        wall_s: start.elapsed().as_secs_f64(),
        interrupted: control.is_stopped(),
    })
}

/// Branches and bifurcations of a study.
#[derive(Debug)]
pub struct Bifurcations<'a> {
    /// The study.
    pub study: &'a Study,
    /// What was asked for.
    pub request: &'a Request,
    /// What was found.
    pub found: Found,
    /// The names of what was recorded.
    measures: Vec<String>,
    /// Seconds it took.
    pub wall_s: f64,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
}

impl Bifurcations<'_> {
    /// All that it leaves: arrays of the branches, tables of the events, figures, a manifest, and the
    /// files of other programs that were asked for.
    pub fn output(&self) -> Output<'_> {
        let mut tables = vec![self.events(), self.points()];
        if !self.found.nodes.is_empty() {
            tables.push(modes(&self.found.modes, &self.found.nodes));
        }
        let request = self.request;
        if !request.at.is_empty() {
            tables.push(self.solutions());
        }
        if request.exports.contains(&Export::Csv) {
            tables.push(export::orbits(&self.found));
        }
        let mut labels = vec![("state", &self.found.states[..])];
        if !self.found.nodes.is_empty() {
            labels.push(("node", &self.found.nodes[..]));
        }
        let varied_units = units(self.found.varied.iter().map(|v| v.unit.as_str()));
        let state_units = units(self.study.model.states.iter().map(|state| state.unit));
        if !self.measures.is_empty() {
            labels.push(("measure", &self.measures[..]));
        }
        let measures = &self.found.measures;
        let curves = figure::branch_views(&self.found, self.study.model);
        let views = curves
            .into_iter()
            .map(View::Curves)
            .chain(self.modes_view());
        let figures = figure::BRANCHES.into_iter();
        let figures = figures.filter(|(_, (is_there, _))| is_there(&self.found));
        let figures = figures.map(|(name, (_, draw))| {
            let draw = move || draw(&self.found, self.study.model).map(Some);
            Drawing::new(name, draw)
        });
        let of_branch = |branch| arrays::of_branch(branch, measures, &varied_units, &state_units);
        let branches = self.found.branches.iter();
        Output {
            name: "branches",
            arrays: branches.chain(&self.at()).flat_map(of_branch).collect(),
            labels,
            tables,
            figures: figures.collect(),
            files: export::files(&self.found, &request.settings, &request.exports),
            views: Views {
                all: views.collect(),
                ..Views::default()
            },
            study_words: Vec::new(),
            manifest: self.manifest(),
        }
    }

    /// Of networks: the share that each node has in the events.
    fn modes_view(&self) -> Option<View> {
        let of = self.found.modes.iter().map(|mode| Regional {
            name: format!("{} at {:.6}", mode.kind.name(), mode.parameter),
            unit: "1".into(),
            meaning: format!(
                "share of each node in the eigenvector of this event; participation {:.3}",
                mode.participation
            ),
            values: Numbers::single(mode.shares.iter().map(|share| *share as f32)),
        });
        let of: Vec<Regional> = of.collect();
        (!of.is_empty()).then(|| View::Regions(views::regions(&self.study.connectome, of)))
    }

    /// The located bifurcations; what an event does not have stays empty.
    fn events(&self) -> Table {
        let mut header = vec!["branch", "type"];
        header.extend(self.found.varied.iter().map(|v| v.name.as_str()));
        header.extend(["omega", "period", "coefficient", "criticality"]);
        header.extend(["n_unstable_before", "n_unstable_after", "residual"]);
        header.extend(self.found.states.iter().map(String::as_str));
        header.extend(self.measures.iter().map(String::as_str));
        let events = self.found.events();
        let row = |branch: &Branch, event: &Event| {
            let mut row = row(branch, event);
            row.extend(
                self.found
                    .measures
                    .iter()
                    .map(|measure| match &event.cycle {
                        // The mean over a cycle is in the row of its point.
                        Some(_) => String::new(),
                        None => measure.of(&event.state, &event.parameters).to_string(),
                    }),
            );
            row
        };
        Table {
            name: "events",
            header: header.into_iter().map(String::from).collect(),
            rows: events.map(|(branch, event)| row(branch, event)).collect(),
        }
    }

    /// The solutions at the values that were asked for, as branches without events: `at_equilibria`
    /// and `at_cycles`.
    fn at(&self) -> Vec<Branch> {
        let kinds = [Kind::Equilibria, Kind::Cycles].into_iter();
        let branches = kinds.map(|kind| Branch {
            name: format!("at_{}", kind.name()),
            kind,
            points: self
                .found
                .solutions
                .iter()
                .filter(|solution| solution.kind == kind)
                .map(|solution| solution.point.clone())
                .collect(),
            ends: Default::default(),
        });
        branches
            .filter(|branch| !branch.points.is_empty())
            .collect()
    }

    /// The same as a table, equilibria before cycles; what a solution does not have stays empty.
    fn solutions(&self) -> Table {
        let mut header = vec!["branch"];
        header.extend(self.found.varied.iter().map(|v| v.name.as_str()));
        let mut header: Vec<String> = header.into_iter().map(String::from).collect();
        header.extend(self.header_of_points());
        let rows = self.found.solutions_in_order().map(|solution| {
            let mut row = vec![solution.branch.clone()];
            row.extend(self.row_of_point(&solution.point));
            row
        });
        Table {
            name: "solutions",
            rows: rows.collect(),
            header,
        }
    }

    /// All points of all branches, in order.
    fn points(&self) -> Table {
        let mut header = vec!["branch".to_string()];
        header.extend(self.found.varied.iter().map(|v| v.name.clone()));
        header.extend(self.header_of_points());
        let branches = self.found.branches.iter();
        let rows = branches.flat_map(|branch| {
            branch.points.iter().map(|point| {
                let mut row = vec![branch.name.clone()];
                row.extend(self.row_of_point(point));
                row
            })
        });
        Table {
            name: "points",
            rows: rows.collect(),
            header,
        }
    }

    /// The columns of a point behind its numbers that vary.
    fn header_of_points(&self) -> Vec<String> {
        let fixed = ["period", "n_unstable", "residual"].map(String::from);
        let measures = self.measures.iter().flat_map(|name| {
            let extrema = ["lowest", "highest"].map(|end| format!("{end} {name}"));
            std::iter::once(name.clone()).chain(extrema)
        });
        let states = self.found.states.iter().cloned();
        fixed.into_iter().chain(measures).chain(states).collect()
    }

    /// The numbers that vary and those columns.
    fn row_of_point(&self, point: &Point) -> Vec<String> {
        let mut row: Vec<String> = point.parameters.iter().map(f64::to_string).collect();
        row.push(point.period_ms.map_or(String::new(), |p| p.to_string()));
        row.push(point.n_unstable.map_or(String::new(), |n| n.to_string()));
        row.push(format!("{:e}", point.residual));
        for measure in &self.found.measures {
            let [lowest, highest] = measure.extrema(point);
            row.extend([measure.mean(point), lowest, highest].map(|v| v.to_string()));
        }
        row.extend(point.state.iter().map(f64::to_string));
        row
    }

    fn manifest(&self) -> Manifest {
        let settings = &self.request.settings;
        let facts = json!({
            "vary": self.varied(),
            "at": self.request.at,
            "measures": self.measures,
            "beside": self.request.beside.iter().map(|beside| &beside.name).collect::<Vec<_>>(),
            "export": self.request.exports,
            "delays": self.request.delays,
            "settle": self.request.settle,
            "settings": {
                "step": settings.step,
                "step_min": settings.step_min,
                "step_max": match self.request.delays {
                    true => self.request.delayed_step_max,
                    false => settings.step_max,
                },
                "newton_tolerance": settings.newton_tolerance,
                "search_box": settings.search_box,
                "cycles": settings.cycles,
                "switches": settings.switches,
                "network_cycles": self.request.network_cycles,
                "mesh": settings.mesh,
                "collocation": settings.collocation,
                "period_max_ms": settings.period_max,
                "max_points": settings.max_points,
                "max_cycles": settings.max_cycles,
            },
            "branches": self.branches(),
            "coefficients": coefficients(),
            "stopped": self.found.stopped,
        });
        let mut manifest = Manifest::new("bifurcate", &facts);
        manifest.study = Some(studies::to_json(self.study));
        manifest.interrupted = Some(self.interrupted);
        manifest.wall_s = Some(self.wall_s);
        manifest
    }

    /// What varied, as JSON.
    pub fn varied(&self) -> Value {
        let each = self.found.varied.iter();
        each.map(|v| json!({ "name": v.name, "range": v.range }))
            .collect()
    }

    /// The branches and their ends, as JSON.
    pub fn branches(&self) -> Value {
        let each = self.found.branches.iter().map(|branch| {
            json!({
                "name": branch.name,
                "kind": branch.kind.name(),
                "n_points": branch.points.len(),
                "n_events": branch.events().count(),
                "ends": branch.ends,
            })
        });
        each.collect()
    }
}

/// What the coefficient of each kind of event is.
fn coefficients() -> Value {
    let kinds = EventKind::ALL.iter();
    let told = kinds.filter_map(|kind| Some((kind.name().to_string(), kind.coefficient()?.into())));
    Value::Object(told.collect())
}

/// A row of the table of events.
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

/// The table of all modes: each with the share of every node.
fn modes(modes: &[Mode], names: &[String]) -> Table {
    let header = ["type", "parameter", "omega", "participation"].map(String::from);
    let rows = modes.iter().map(|mode| {
        let numbers = [mode.parameter, mode.omega, mode.participation];
        let numbers = numbers.iter().chain(&mode.shares).map(f64::to_string);
        std::iter::once(mode.kind.name().to_string())
            .chain(numbers)
            .collect()
    });
    Table {
        name: "modes",
        rows: rows.collect(),
        header: header.into_iter().chain(names.iter().cloned()).collect(),
    }
}
