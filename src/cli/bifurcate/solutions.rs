//! The solutions of `--at`, as `brainsweep bifurcate` prints them.

use super::text::numbers_right;
use crate::branches::{Found, fixed};

/// The solutions at the values that were asked for; the states of a network are in its files.
pub(super) fn solutions(found: &Found) -> String {
    let is_network = !found.nodes.is_empty();
    let mut header = vec!["solution on".to_string()];
    header.extend(found.varied.iter().map(|v| v.name.clone()));
    if !is_network {
        header.extend(found.states.iter().cloned());
    }
    header.extend(["period (ms)", "unstable"].map(String::from));
    let rows = found.solutions_in_order().map(|solution| {
        let point = &solution.point;
        let mut row = vec![solution.branch.clone()];
        row.extend(point.parameters.iter().map(|&p| fixed(p)));
        if !is_network {
            row.extend(point.state.iter().map(|x| format!("{x:.6}")));
        }
        row.push(point.period_ms.map_or(String::new(), |p| format!("{p:.6}")));
        row.push(point.n_unstable.map_or(String::new(), |n| n.to_string()));
        row
    });
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    match rows.len() {
        1 => "no branch has a solution at these values\n".into(),
        _ => numbers_right(&rows, |column| column > 0),
    }
}
