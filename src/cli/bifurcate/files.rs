//! What a run leaves: arrays of its branches, tables of its events, figures, and its JSON.

use std::path::Path;

use serde_json::{Value, json};

use super::args::Request;
use super::found::{Branch, Found};
use super::{arrays, figures, modes};
use crate::continuation::Event;
use crate::error::Result;
use crate::io::study as studies;
use crate::output::{Manifest, Output, Table};
use crate::run::data_notes;
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
    /// All that it leaves.
    pub fn output(&self) -> Result<Output<'_>> {
        let mut tables = vec![self.events()];
        if !self.found.nodes.is_empty() {
            tables.push(modes::table(&self.found.modes, &self.found.nodes));
        }
        let mut labels = vec![("state", &self.found.states[..])];
        if !self.found.nodes.is_empty() {
            labels.push(("node", &self.found.nodes[..]));
        }
        let branches = self.found.branches.iter();
        Ok(Output {
            name: "branches",
            arrays: branches.flat_map(arrays::of_branch).collect(),
            labels,
            tables,
            figures: figures::all(self.found, self.study.model)?,
            manifest: self.manifest(),
        })
    }

    /// The located bifurcations; what an event does not have stays empty.
    fn events(&self) -> Table {
        let mut header = vec!["branch", "type"];
        header.extend(self.found.varied.iter().map(|v| v.name.as_str()));
        header.extend(["omega", "period", "coefficient", "criticality"]);
        header.extend(["n_unstable_before", "n_unstable_after", "residual"]);
        header.extend(self.found.states.iter().map(String::as_str));
        let events = self.found.events();
        Table {
            name: "events",
            header: header.into_iter().map(String::from).collect(),
            rows: events.map(|(branch, event)| row(branch, event)).collect(),
        }
    }

    fn manifest(&self) -> Manifest {
        let settings = &self.request.settings;
        let facts = json!({
            "vary": self.varied(),
            "delays": self.request.delays,
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
            "branches": self.branches(),
            "stopped": self.found.stopped,
        });
        let mut manifest = Manifest::new("bifurcate", &facts);
        manifest.study = Some(studies::to_json(self.study));
        manifest.interrupted = Some(self.interrupted);
        manifest.wall_s = Some(self.wall_s);
        manifest
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
