//! Whether an event lies on a curve that is known.

use num_complex::Complex64;

use crate::continuation::curve::{along, largest};
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::dot;
use crate::continuation::two_parameter::locus::LocusPoint;

/// The bifurcations of cycles that have curves.
pub(super) fn is_of_cycles(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::CycleFold | EventKind::PeriodDoubling | EventKind::Torus
    )
}

/// Whether two points of codimension two are the same.
pub(super) fn is_at(event: &Event, other: &Event) -> bool {
    let miss = along(&event.parameters, &other.parameters, -1.0);
    event.kind == other.kind && largest(&miss) < 1e-9 * (1.0 + largest(&other.parameters))
}

/// Where an event lies on a curve of its kind: state, what tells Hopf points apart, both
/// parameters. Of a cycle, whose state at time 0 may be any of its states, the logarithm of the
/// period.
pub(super) fn parameters_of(event: &Event) -> Vec<f64> {
    let head = match event.kind {
        kind if is_of_cycles(kind) => vec![event.period.unwrap_or(f64::NAN).ln()],
        _ => {
            let mut head = event.state.clone();
            head.push(event.omega.unwrap_or(0.0).powi(2));
            head
        }
    };
    [head, event.parameters.clone()].concat()
}

pub(super) fn place_on(kind: EventKind, point: &LocusPoint) -> Vec<f64> {
    let head = match kind {
        kind if is_of_cycles(kind) => vec![point.period.unwrap_or(f64::NAN).ln()],
        EventKind::Hopf => {
            let mut head = point.state.clone();
            head.push(kappa(&point.eigenvalues));
            head
        }
        _ => {
            let mut head = point.state.clone();
            head.push(0.0);
            head
        }
    };
    [head, point.parameters.to_vec()].concat()
}

/// The product of the two eigenvalues whose sum is nearest 0: omega^2 of a Hopf point, below 0 at a
/// neutral saddle.
fn kappa(eigenvalues: &[Complex64]) -> f64 {
    let pairs = (0..eigenvalues.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    pairs
        .map(|(i, j)| (eigenvalues[i], eigenvalues[j]))
        .min_by(|a, b| (a.0 + a.1).norm().total_cmp(&(b.0 + b.1).norm()))
        .map_or(0.0, |(a, b)| (a * b).re)
}

/// Whether `at` lies on the curve from `a` to `b`, which leaves its chord by little, as steps are
/// bounded in angle.
pub(super) fn is_between(at: &[f64], a: &[f64], b: &[f64]) -> bool {
    const SAGITTA: f64 = 0.05;
    let chord = along(b, a, -1.0);
    let square = dot(&[], &chord, &chord);
    let offset = along(at, a, -1.0);
    let t = (dot(&[], &offset, &chord) / square).clamp(0.0, 1.0);
    let miss = along(&offset, &chord, -t);
    dot(&[], &miss, &miss) < SAGITTA * SAGITTA * square
}
