//! The events of a network, as `brainsweep bifurcate` prints them.

use super::text::{numbers_right, word};
use crate::branches::{Branch, Found, Kind};
use crate::continuation::Event;

/// Frequencies and where in the network a mode sits stand for the many states.
pub(super) fn events(found: &Found) -> String {
    let mut rows = vec![vec!["type".to_string()]];
    rows[0].extend(found.varied.iter().map(|varied| varied.name.clone()));
    let rest = ["omega (rad/ms)", "coefficient", "unstable", "nodes"];
    rows[0].extend(rest.into_iter().chain(["", "where"]).map(String::from));
    let optional = |value: Option<f64>| value.map_or(String::new(), |v| format!("{v:.10}"));
    let mut add = |event: &Event, nodes: String, point: String| {
        let mut row = vec![event.kind.name().into()];
        row.extend(event.parameters.iter().map(|p| format!("{p:.10}")));
        row.extend([
            optional(event.omega),
            event
                .coefficient
                .map_or(String::new(), |c| format!("{c:.6}")),
            format!("{} -> {}", event.n_unstable_before, event.n_unstable_after),
            nodes,
            word(event),
            point,
        ]);
        rows.push(row);
    };
    let of_equilibria = |(branch, _): &(&Branch, &Event)| branch.kind == Kind::Equilibria;
    let equilibria = found.events().filter(of_equilibria);
    let several = found.of(Kind::Equilibria).count() > 1;
    for ((branch, event), mode) in equilibria.zip(&found.modes) {
        let nodes = format!("{:.2}", mode.participation);
        let place = mode.summary(&found.nodes);
        let place = match several {
            true => format!("{}: {place}", branch.name),
            false => place,
        };
        add(event, nodes, place);
    }
    for (branch, event) in found.events().filter(|event| !of_equilibria(event)) {
        let period = event
            .period
            .map(|period| format!(", period {period:.6} ms"));
        add(
            event,
            String::new(),
            branch.name.clone() + &period.unwrap_or_default(),
        );
    }
    let last_number = 4 + found.varied.len();
    numbers_right(&rows, |column| (1..=last_number).contains(&column))
}
