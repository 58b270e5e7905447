//! What was found, in the formats of other programs.

mod auto;
mod matcont;
mod orbits;

use num_complex::Complex64;

pub(super) use orbits::orbits;

use crate::branches::{Branch, Found, Kind, Point};
use crate::continuation::{Event, EventKind, Settings};
use crate::word::words;

/// A format of other programs in which the branches are written, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// `b.branches` and `s.branches`, as AUTO-07p writes them.
    Auto,
    /// `branches.mat`, with the names and shapes of MatCont.
    Mat,
    /// `orbits.csv`: every cycle at all its points in time.
    Csv,
}

words!(Export {
    Auto = "auto",
    Mat = "mat",
    Csv = "csv",
});

/// The files of these formats that are no tables, by their names.
pub(super) fn files(
    found: &Found,
    settings: &Settings,
    exports: &[Export],
) -> Vec<(&'static str, Vec<u8>)> {
    let mut files = Vec::new();
    if exports.contains(&Export::Auto) {
        files.extend(auto::files(found, settings));
    }
    if exports.contains(&Export::Mat) {
        files.push(("branches.mat", matcont::file(found, settings)));
    }
    files
}

/// A point of a branch, or an event between two, as other programs list both.
struct Row<'a> {
    parameters: &'a [f64],
    /// Of a cycle at time 0.
    state: &'a [f64],
    orbit: Option<Orbit<'a>>,
    /// ms, of a cycle and of a point of a curve of cycles.
    period: Option<f64>,
    eigenvalues: &'a [Complex64],
    /// `None` where it is not known.
    n_unstable: Option<usize>,
    coefficient: Option<f64>,
    /// Which one; `None` for a point.
    event: Option<EventKind>,
}

/// The shape of a cycle.
struct Orbit<'a> {
    minima: &'a [f64],
    maxima: &'a [f64],
    /// Fractions of the period, from 0 to 1.
    times: &'a [f64],
    /// `[n_times][n_states]`
    profile: &'a [Vec<f64>],
}

impl<'a> Row<'a> {
    fn of_point(point: &'a Point) -> Self {
        Self {
            parameters: &point.parameters,
            state: &point.state,
            orbit: point.cycle.as_ref().map(|swing| Orbit {
                minima: &swing.minima,
                maxima: &swing.maxima,
                times: &swing.times,
                profile: &swing.profile,
            }),
            period: point.period_ms,
            eigenvalues: &point.eigenvalues,
            n_unstable: point.n_unstable,
            coefficient: point.coefficient,
            event: None,
        }
    }

    fn of_event(event: &'a Event, kind: Kind) -> Self {
        Self {
            parameters: &event.parameters,
            state: &event.state,
            orbit: event.cycle.as_ref().map(|cycle| Orbit {
                minima: &cycle.minima,
                maxima: &cycle.maxima,
                times: &cycle.times,
                profile: &cycle.profile,
            }),
            // That of a Hopf point is the period of other solutions.
            period: event.period.filter(|_| kind != Kind::Equilibria),
            eigenvalues: &event.eigenvalues,
            n_unstable: (!kind.is_curve()).then_some(event.n_unstable_before),
            coefficient: event.coefficient,
            event: Some(event.kind),
        }
    }
}

/// The points of a branch and the bifurcations between them, in order. Left out is what other programs have no point for: changes
/// that are no bifurcations, and the connections at an infinite period where cycles end.
fn rows(branch: &Branch) -> Vec<Row<'_>> {
    let is_listed = |event: &&Event| {
        let is_bifurcation = !matches!(event.kind, EventKind::NodeFocus | EventKind::NeutralSaddle);
        is_bifurcation && (branch.kind != Kind::Cycles || event.cycle.is_some())
    };
    let points = branch.points.iter();
    let rows = points.flat_map(|point| {
        let events = point.events.iter().filter(is_listed);
        let events = events.map(|event| Row::of_event(event, branch.kind));
        events.chain([Row::of_point(point)])
    });
    rows.collect()
}

/// Mesh intervals of a cycle and points in each, for these points in time: `degree` where they stand at equal distances in such
/// intervals, as those of collocation, else 1.
fn mesh(times: &[f64], degree: usize) -> (usize, usize) {
    let n = times.len() - 1;
    let is_even = |interval: &[f64]| {
        let step = (interval[degree] - interval[0]) / degree as f64;
        let at = |k: usize| interval[0] + step * k as f64;
        (1..degree).all(|k| (interval[k] - at(k)).abs() <= 1e-6 * step)
    };
    let in_intervals = n.is_multiple_of(degree)
        && (0..n)
            .step_by(degree)
            .all(|first| is_even(&times[first..=first + degree]));
    match in_intervals {
        true => (n / degree, degree),
        false => (n, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_the_formats() {
        assert_eq!(Export::ALL.map(Export::name), ["auto", "mat", "csv"]);
    }

    #[test]
    fn a_mesh_is_known_by_its_points_in_time() {
        let collocated = [0.0, 0.1, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 1.0];
        assert_eq!(mesh(&collocated, 4), (2, 4));
        assert_eq!(mesh(&collocated, 3), (8, 1));
        assert_eq!(mesh(&[0.0, 0.3, 0.7, 1.0], 3), (3, 1));
        assert_eq!(mesh(&[0.0, 1.0], 4), (1, 1));
    }
}
