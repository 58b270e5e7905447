//! What `brainsweep bifurcate` prints.

use std::path::Path;

use serde_json::{Value, json};

use super::network;
use super::solutions::solutions;
use crate::branches::{Branch, Found, fixed};
use crate::cli::layout::{Side, aligned_by};
use crate::continuation::Event;
use crate::run::{Bifurcations, data_notes};

/// What was found, for people.
pub(super) fn to_text(record: &Bifurcations, out: &Path) -> String {
    let found = &record.found;
    let mut text = format!("{}, {:.3} s\n\n", found.subject, record.wall_s);
    text += &branches(found);
    text.push('\n');
    text += &match found.events().next() {
        None if found.n_stopped() > 0 => "no bifurcation on what was followed\n".into(),
        None => "no bifurcation in the range\n".into(),
        Some(_) if found.nodes.is_empty() => events(found),
        Some(_) => network::events(found),
    };
    if !record.request.at.is_empty() {
        text.push('\n');
        text += &solutions(found);
    }
    text + &format!("\nwritten to {}", out.display())
}

/// What was found, for other programs.
pub(super) fn to_json(record: &Bifurcations, out: &Path) -> Value {
    let nodes = &record.found.nodes;
    let mode = |k: usize| record.found.modes.get(k).map(|mode| mode.to_json(nodes));
    let events = record.found.events().enumerate().map(|(k, (branch, event))| {
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
        "model": record.study.model.name,
        "vary": record.varied(),
        "states": record.found.states,
        "branches": record.branches(),
        "events": events.collect::<Vec<_>>(),
        "solutions": record.found.solutions_in_order().map(|solution| json!({
            "branch": solution.branch,
            "parameters": solution.point.parameters,
            "state": solution.point.state,
            "period": solution.point.period_ms,
            "n_unstable": solution.point.n_unstable,
            "residual": solution.point.residual,
        })).collect::<Vec<_>>(),
        "notes": data_notes(&record.study.connectome),
        "stopped": record.found.stopped,
        "interrupted": record.interrupted,
        "wall_s": record.wall_s,
        "out": out.display().to_string(),
    })
}

/// Every branch with its ends.
fn branches(found: &Found) -> String {
    let on_meshes = found.branches.iter().any(|b| b.mesh_error().is_some());
    let header = ["branch", "points", "from", "to", "mesh error"];
    let mut rows = vec![header.map(String::from).to_vec()];
    rows.extend(found.branches.iter().map(|branch| {
        let (n_points, [from, to]) = (branch.points.len().to_string(), branch.ends.clone());
        let error = branch.mesh_error().map(|error| format!("{error:.0e}"));
        vec![
            branch.name.clone(),
            n_points,
            from,
            to,
            error.unwrap_or_default(),
        ]
    }));
    if !on_meshes {
        rows.iter_mut().for_each(|row| row.truncate(4));
    }
    numbers_right(&rows, |column| column == 1)
}

fn events(found: &Found) -> String {
    let mut header: Vec<String> = vec!["branch".into(), "type".into()];
    header.extend(found.varied.iter().map(|v| v.name.clone()));
    header.extend(found.states.iter().cloned());
    header.extend(["coefficient", "period (ms)", ""].map(String::from));
    let rows = found.events().map(|(branch, event)| line(branch, event));
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let last = rows[0].len() - 1;
    numbers_right(&rows, |column| (2..last).contains(&column))
}

fn line(branch: &Branch, event: &Event) -> Vec<String> {
    let optional = |value: Option<f64>| value.map_or(String::new(), |v| format!("{v:.6}"));
    let mut line = vec![branch.name.clone(), event.kind.name().into()];
    line.extend(event.parameters.iter().map(|&p| fixed(p)));
    line.extend(event.state.iter().map(|x| format!("{x:.6}")));
    line.extend([event.coefficient, event.period].map(optional));
    line.push(word(event));
    line
}

/// The criticality of an event, or how many modes it has where several cross at once.
pub(super) fn word(event: &Event) -> String {
    let multiplicity = event
        .coefficients
        .iter()
        .find(|(name, _)| *name == "multiplicity");
    match (multiplicity, event.criticality) {
        (Some((_, modes)), _) => format!("{modes} modes at once"),
        (None, Some(criticality)) => criticality.to_string(),
        (None, None) => String::new(),
    }
}

/// The rows in columns; numbers stand to the right.
pub(super) fn numbers_right(rows: &[Vec<String>], is_number: impl Fn(usize) -> bool) -> String {
    aligned_by(rows, "", |column| match is_number(column) {
        true => Side::Right,
        false => Side::Left,
    })
}
