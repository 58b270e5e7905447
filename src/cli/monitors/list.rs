//! The monitors that come with the program.

use serde_json::Value;

use super::json;
use crate::cli::layout::aligned;
use crate::monitor::MONITORS;

pub(super) fn text() -> String {
    let heading = ["monitor", "sets", "what it is"].map(String::from);
    let rows = MONITORS.iter().map(|monitor| {
        let sets: Vec<&str> = monitor.sets.iter().map(|set| set.name).collect();
        vec![
            monitor.name.into(),
            sets.join(", "),
            monitor.node.summary.into(),
        ]
    });
    let rows: Vec<Vec<String>> = [heading.to_vec()].into_iter().chain(rows).collect();
    aligned(&rows, "  ")
        + "\n`brainsweep monitors show NAME` has equations, units and defaults; `monitors new FILE` begins a monitor of your own."
}

pub(super) fn to_json() -> Vec<Value> {
    MONITORS
        .iter()
        .map(|monitor| json::to_json(monitor))
        .collect()
}
