//! Every cycle at all its points in time, as a table.

use crate::branches::{Found, Kind};
use crate::output::Table;

use super::rows;

/// `orbits.csv`: one line per point in time of every cycle, with the events among the cycles.
pub(in crate::run::branches) fn orbits(found: &Found) -> Table {
    let mut header = vec!["branch".to_string(), "cycle".into(), "type".into()];
    header.extend(found.varied.iter().map(|varied| varied.name.clone()));
    header.extend(["period", "time"].map(String::from));
    header.extend(found.states.iter().cloned());
    let mut lines = Vec::new();
    for branch in found.of(Kind::Cycles) {
        let mut n_points = 0;
        for row in rows(branch) {
            let Some(orbit) = &row.orbit else { continue };
            let period = row.period.unwrap_or(f64::NAN);
            // As in the arrays: an event has the number of the point behind it.
            let number = n_points;
            n_points += usize::from(row.event.is_none());
            for (time, states) in orbit.times.iter().zip(orbit.profile) {
                let mut line = vec![branch.name.clone(), number.to_string()];
                line.push(row.event.map_or(String::new(), |kind| kind.name().into()));
                line.extend(row.parameters.iter().map(f64::to_string));
                line.extend([period, time * period].map(|number| number.to_string()));
                line.extend(states.iter().map(f64::to_string));
                lines.push(line);
            }
        }
    }
    Table {
        name: "orbits",
        header,
        rows: lines,
    }
}
