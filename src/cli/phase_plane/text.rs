//! What `brainsweep phase-plane` prints.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::figure::cycle_kind;
use crate::run::Plane;

/// What was found, for other programs.
pub(super) fn to_json(record: &Plane, out: &Path) -> Value {
    let mut found = record.found();
    found["model"] = record.study().model.name.into();
    found["out"] = json!(out.display().to_string());
    found
}

/// What was found, for people.
pub(super) fn to_text(record: &Plane, out: &Path) -> String {
    let plane = record.plane();
    let mut text = format!("{}\n\n", record.title());
    let [x, y] = &plane.states;
    if plane.equilibria.is_empty() {
        text += "no fixed points\n";
    } else {
        _ = writeln!(
            text,
            "{:<16}{x:>14}{y:>14}   eigenvalues (1/ms)",
            "fixed point"
        );
    }
    for e in &plane.equilibria {
        let eigenvalues = match e.eigenvalues[0] {
            l if l.im != 0.0 => format!("{:.6} +- {:.6} i", l.re, l.im.abs()),
            l => format!("{:.6}, {:.6}", l.re, e.eigenvalues[1].re),
        };
        // Adding 0 makes -0 a 0.
        let [u, v] = e.state.map(|u| u + 0.0);
        let kind = e.stability.to_string();
        _ = writeln!(text, "{kind:<16}{u:>14.9}{v:>14.9}   {eigenvalues}");
    }
    if !plane.cycles.is_empty() {
        _ = writeln!(
            text,
            "\n{:<16}{:>14}{:>25}{:>25}   multiplier",
            "limit cycle",
            "period (ms)",
            format!("{x} from, to"),
            format!("{y} from, to")
        );
    }
    for cycle in &plane.cycles {
        let reach = |i: usize| format!("{:.6}, {:.6}", cycle.minima[i], cycle.maxima[i]);
        _ = writeln!(
            text,
            "{:<16}{:>14.6}{:>25}{:>25}   {:.4e}",
            cycle_kind(cycle),
            cycle.period,
            reach(0),
            reach(1),
            cycle.multipliers.first().map_or(f64::NAN, |m| m.re)
        );
    }
    text + &format!("\nwritten to {}", out.display())
}
