//! Finds every limit cycle in reach, stable or not, as a fixed point of the return map.
//!
//! A cycle goes round at least one equilibrium that is no saddle (Poincare's index), so it crosses
//! any ray from there. The map sends a point of the ray to where its orbit is back on it, once
//! round. Its fixed points are the cycles; they are bracketed by changes of sign along the ray and
//! then corrected by orthogonal collocation, as those of a branch are.

use super::flow::{Flow, Moment};
use crate::continuation::curve::root;
use crate::continuation::cycle::CycleBranch;
use crate::continuation::event::Cycle;
use crate::continuation::problem::Problem;
use crate::continuation::settings::Settings;
use crate::error::{Remark, Result};

/// Starting points on a ray.
const STARTS: usize = 240;
/// The nearest start, over the farthest.
const NEAREST: f64 = 1e-4;
/// A return this close to its start, relative to its distance, tells nothing about the side it is
/// on.
const UNDECIDED: f64 = 1e-8;

/// By how much, relative to `distance`, an orbit is farther out after once round; `None` if it does
/// not come round.
fn displacement(flow: &Flow<'_>, centre: [f64; 2], along: [f64; 2], distance: f64) -> Option<f64> {
    let (end, _) = flow.lap(centre, along, distance, FAR)?;
    Some(end / distance - 1.0)
}

/// Orbits that go beyond this many planes are given up.
const FAR: f64 = 50.0;

/// The cycles round `centre` as far out as `reach` along `along`, innermost first, and what could
/// not be made exact, in words.
pub(super) fn around(
    flow: &Flow<'_>,
    (problem, parameters): (&dyn Problem, &[f64]),
    centre: [f64; 2],
    along: [f64; 2],
    settings: &Settings,
) -> (Vec<Cycle>, Vec<Remark>) {
    let (mut cycles, mut failed) = (Vec::new(), Vec::new());
    let distances = (0..STARTS).map(|k| NEAREST.powf(1.0 - k as f64 / (STARTS - 1) as f64));
    let mut before: Option<(f64, f64)> = None;
    for distance in distances {
        if settings.control.is_stopped() {
            break;
        }
        let now = displacement(flow, centre, along, distance);
        let now = now
            .map(|d| (distance, d))
            .filter(|(_, d)| d.abs() > UNDECIDED);
        if let (Some(low), Some(high)) = (before, now)
            && (low.1 > 0.0) != (high.1 > 0.0)
            && let Some((at, _, orbit)) = root(low, high, 1e-13, |s| {
                let (end, path) = flow.lap(centre, along, s, FAR)?;
                Some((end / s - 1.0, path))
            })
        {
            match corrected(problem, parameters, &orbit, settings) {
                Ok(cycle) => match cycles.last() {
                    // A return that rounding has on the wrong side finds the same cycle again.
                    Some(last) if is_same(last, &cycle) => (),
                    last => {
                        if last.is_some_and(|last| last.is_stable() == cycle.is_stable()) {
                            failed.push(unseparated(last, &cycle, centre));
                        }
                        cycles.push(cycle);
                    }
                },
                Err(error) => failed.push(Remark {
                    what: format!(
                        "a cycle {:.6} from the equilibrium at ({:.6}, {:.6}): {error}",
                        at * along[0].hypot(along[1]),
                        centre[0],
                        centre[1]
                    ),
                    hint: error.hint(),
                }),
            }
        }
        before = now;
    }
    (cycles, failed)
}

/// Cycles of the same stability whose extrema agree to this share of their extent are the same.
const SAME: f64 = 1e-3;

/// Whether two cycles are the same, as far as meshes and laps tell.
pub(super) fn is_same(a: &Cycle, b: &Cycle) -> bool {
    let near = |i: usize| {
        let off = (a.minima[i] - b.minima[i])
            .abs()
            .max((a.maxima[i] - b.maxima[i]).abs());
        off < SAME * (b.maxima[i] - b.minima[i])
    };
    a.is_stable() == b.is_stable() && near(0) && near(1)
}

/// Says that of two neighbouring cycles both are stable, or both unstable: between them there has to
/// be one of the other kind, which was not found.
fn unseparated(inner: Option<&Cycle>, outer: &Cycle, centre: [f64; 2]) -> Remark {
    let [kind, other] = match outer.is_stable() {
        true => ["stable", "unstable"],
        false => ["unstable", "stable"],
    };
    Remark::new(format!(
        "round the equilibrium at ({:.6}, {:.6}) two {kind} cycles follow each other (periods {:.6} and {:.6} ms): the {other} one \
         between them was not found",
        centre[0],
        centre[1],
        inner.map_or(f64::NAN, |cycle| cycle.period),
        outer.period
    ))
}

/// The cycle that a simulated lap is near, by collocation at fixed parameters.
fn corrected(
    problem: &dyn Problem,
    parameters: &[f64],
    lap: &[Moment],
    settings: &Settings,
) -> Result<Cycle> {
    let period = lap.last().map_or(f64::NAN, |m| m.t);
    let orbit = |fraction: f64| interpolated(lap, fraction * period).to_vec();
    let settings = Settings {
        max_cycles: 1,
        ..settings.clone()
    };
    let mut branch =
        CycleBranch::from_orbit(problem, parameters, 0, (&orbit, period), true, &settings)?;
    Ok(branch.cycles.swap_remove(0))
}

/// The state at time `t` of a path, by cubics through its moments.
pub(super) fn interpolated(path: &[Moment], t: f64) -> [f64; 2] {
    let after = path.partition_point(|m| m.t <= t).clamp(1, path.len() - 1);
    let (a, b) = (&path[after - 1], &path[after]);
    let h = b.t - a.t;
    let s = (t - a.t) / h;
    let (s2, s3) = (s * s, s * s * s);
    std::array::from_fn(|i| {
        (2.0 * s3 - 3.0 * s2 + 1.0) * a.u[i]
            + (3.0 * s2 - 2.0 * s3) * b.u[i]
            + h * ((s3 - 2.0 * s2 + s) * a.rate[i] + (s3 - s2) * b.rate[i])
    })
}
