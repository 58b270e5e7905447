//! A curve in two parameters followed both ways, with the codimension-two points on it.

use super::{Bifurcations, Locus, LocusPoint};
use crate::Reached;
use crate::continuation::curve::{
    Convergence, NotConverged, OnCurve, along, correct, hermite, normalise, root,
};
use crate::continuation::equilibrium::branch::BranchEnd;
use crate::continuation::equilibrium::equilibria::convergence;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{dot, norm};
use crate::continuation::rounded::Rounded;
use crate::continuation::settings::Settings;
use crate::continuation::stability::n_unstable;
use crate::error::{Error, Remark, Result};

/// Follows `system` both ways from the point near `x`.
pub(crate) fn trace(
    mut system: impl Bifurcations,
    x: Vec<f64>,
    ranges: [[f64; 2]; 2],
    settings: &Settings,
) -> Result<Locus> {
    let mut convergence = convergence(settings);
    convergence.max_iterations = 20;
    let first = first(&mut system, x, convergence).map_err(|failure| {
        Error::not_converged(
            format!("a curve of {} points", system.kind()),
            "the event given",
            failure.residual,
            "locate the event more exactly, or start from another one",
        )
    })?;
    convergence.max_iterations = settings.newton_iterations;
    let mut tracer = Tracer {
        convergence,
        ranges,
        settings,
        stopped: Vec::new(),
    };
    let (forward, end) = tracer.follow(&mut system, first.clone());
    let mut ends = [end, end];
    let mut points = forward;
    if end != Some(BranchEnd::Closed) {
        system.rewind();
        let back = first.reversed();
        system.accept(&back.x, &back.tangent);
        let (backward, end) = tracer.follow(&mut system, back);
        ends[0] = end;
        points = joined(backward, points);
    }
    Ok(Locus {
        kind: system.kind(),
        points,
        ends,
        stopped: tracer.stopped,
    })
}

/// The first point: across one of the parameters, or, where the curve turns in both, across the
/// curve itself.
fn first(
    system: &mut impl Bifurcations,
    x: Vec<f64>,
    convergence: Convergence,
) -> Result<OnCurve, NotConverged> {
    let size = x.len();
    let mut across = vec![0.0; size];
    across[size - 1] = 1.0;
    let mut other = vec![0.0; size];
    other[size - 2] = 1.0;
    system.accept(&x, &[]);
    correct(system, x.clone(), &across, convergence)
        .or_else(|_| correct(system, x.clone(), &other, convergence))
        .or_else(|_| {
            let irregular: Vec<f64> = (0..size).map(|k| ((k * k) as f64 + 0.3).cos()).collect();
            let mut across = system.solve(&x, &irregular).direction;
            normalise(system.weights(), &mut across);
            correct(system, x, &across, convergence)
        })
        .map(|mut on| {
            system.accept(&on.x, &[]);
            let border: Vec<f64> = weighted(system, &on.tangent);
            let solved = system.solve(&on.x, &border);
            on.tangent = solved.direction;
            normalise(system.weights(), &mut on.tangent);
            system.accept(&on.x, &on.tangent);
            on
        })
}

fn weighted(system: &impl Bifurcations, tangent: &[f64]) -> Vec<f64> {
    let weights = system.weights();
    if weights.is_empty() {
        tangent.to_vec()
    } else {
        tangent.iter().zip(weights).map(|(t, w)| t * w).collect()
    }
}

struct Tracer<'a> {
    convergence: Convergence,
    ranges: [[f64; 2]; 2],
    settings: &'a Settings,
    stopped: Vec<Remark>,
}

impl Tracer<'_> {
    fn follow(
        &mut self,
        system: &mut impl Bifurcations,
        first: OnCurve,
    ) -> (Vec<LocusPoint>, Option<BranchEnd>) {
        let mut start = first.clone();
        let mut points = vec![system.point(&first)];
        let mut here = first;
        let mut step = self.settings.step;
        let mut trusted = 1;
        loop {
            if points.len() >= self.settings.max_points {
                return (points, Some(BranchEnd::Enough));
            }
            let reached = Reached {
                what: system.kind().name(),
                n_points: points.len(),
                parameter: system.parameters(&here.x)[0],
            };
            if !self.settings.control.goes_on(reached) {
                return (points, Some(BranchEnd::Interrupted));
            }
            let Some(mut next) = self.advance(system, &here, &mut step) else {
                let [p, q] = system.parameters(&here.x);
                let why = match system.kind() {
                    EventKind::CycleFold
                    | EventKind::PeriodDoubling
                    | EventKind::Torus
                    | EventKind::Homoclinic => {
                        " (where cycles follow an unstable slow branch, or come near a saddle, rounding leaves too few digits)"
                    }
                    _ => "",
                };
                self.stopped.push(Remark::new(format!(
                    "no convergence to the next point of the curve of {} points at {p:.9}, {q:.9}: step below {:.0e}{why}; \
                     the points until there are kept",
                    system.kind(),
                    self.settings.step_min
                )));
                return (points, None);
            };
            let end;
            if points.len() > 3 && closes(system.weights(), &start, &here, &next) {
                next.x.clone_from(&start.x);
                next.tangent.clone_from(&start.tangent);
                end = Some(BranchEnd::Closed);
            } else if let Some(landed) = self.land(system, &here, &next) {
                next = landed;
                end = Some(BranchEnd::Bound);
            } else if norm(&next.x) > self.settings.state_max {
                end = Some(BranchEnd::Unbounded);
            } else {
                end = system.ends_at(&next, self.settings);
            }
            let mut events = Vec::new();
            self.events(system, &here, &next, 0, &mut events);
            system.accept(&next.x, &next.tangent);
            let mut point = system.point(&next);
            point.events = events;
            points.push(point);
            if end.is_none()
                && let Some(mut last) = system.end(&here, &next, self.settings)
            {
                if system.passed(&here, &next)
                    && let Some(beyond) = points.pop()
                {
                    last.events.splice(0..0, beyond.events);
                }
                points.push(last);
                return (points, Some(BranchEnd::Event));
            }
            here = next;
            if end.is_some() {
                return (points, end);
            }
            if points.len() >= trusted + system.adapted_after() {
                if let Err(message) = system.adapt(&mut here, &mut start, self.convergence) {
                    self.stopped.push(message);
                    points.truncate(trusted);
                    return (points, None);
                }
                trusted = points.len();
            }
        }
    }

    fn advance(
        &self,
        system: &mut impl Bifurcations,
        here: &OnCurve,
        step: &mut f64,
    ) -> Option<OnCurve> {
        let turn_max = self.settings.turn_max * system.sharpness();
        while *step >= self.settings.step_min {
            let guess = along(&here.x, &here.tangent, *step);
            if let Ok(on) = correct(system, guess.clone(), &here.tangent, self.convergence) {
                // Farther from its tangent than it may turn is another part of the curve.
                let away = along(&on.x, &guess, -1.0);
                let away = dot(system.weights(), &away, &away).sqrt();
                let left = away > turn_max * *step;
                let turn = dot(system.weights(), &on.tangent, &here.tangent)
                    .clamp(-1.0, 1.0)
                    .acos();
                if !left && turn <= turn_max && system.is_near(here, &on) {
                    let by_turn = 0.7 * turn_max / turn.max(1e-12);
                    let by_newton = [2.0, 2.0, 2.0, 1.5, 1.0, 0.7][on.iterations.min(5)];
                    *step = (*step * by_turn.min(by_newton).clamp(0.5, 2.0))
                        .min(self.settings.step_max);
                    return Some(on);
                }
            }
            *step *= 0.5;
        }
        None
    }

    fn between(
        &self,
        system: &mut impl Bifurcations,
        a: &OnCurve,
        b: &OnCurve,
        t: f64,
    ) -> Option<OnCurve> {
        let apart = along(&a.x, &b.x, -1.0);
        let length = dot(system.weights(), &apart, &apart).sqrt();
        let guess = hermite(a, b, length, t * length);
        let mut across = along(&along(&a.tangent, &a.tangent, -t), &b.tangent, t);
        normalise(system.weights(), &mut across);
        correct(system, guess, &across, self.convergence).ok()
    }

    /// Where the curve leaves the ranges between `here` and `next`, if it does.
    fn land(
        &self,
        system: &mut impl Bifurcations,
        here: &OnCurve,
        next: &OnCurve,
    ) -> Option<OnCurve> {
        let outside = |p: [f64; 2]| -> f64 {
            p.iter()
                .zip(self.ranges)
                .map(|(p, [low, high])| (low - p).max(p - high))
                .fold(f64::NEG_INFINITY, f64::max)
        };
        let at_next = outside(system.parameters(&next.x));
        if at_next <= 0.0 {
            return None;
        }
        let at_here = outside(system.parameters(&here.x)).min(-1e-300);
        let landed = root((0.0, at_here), (1.0, at_next), 1e-12, |t| {
            let on = self.between(system, here, next, t)?;
            Some((outside(system.parameters(&on.x)), on))
        });
        Some(landed.map_or_else(|| next.clone(), |(_, _, on)| on))
    }

    /// Codimension-two points between two points of the curve. A step that shows several is halved.
    fn events(
        &self,
        system: &mut impl Bifurcations,
        a: &OnCurve,
        b: &OnCurve,
        depth: usize,
        events: &mut Vec<Event>,
    ) {
        let (at_a, at_b) = (system.tests(a), system.tests(b));
        let changed: Vec<usize> = (0..at_a.len())
            .filter(|&k| match (at_a[k].1, at_b[k].1) {
                (Some(low), Some(high)) => low.crosses(high),
                _ => false,
            })
            .collect();
        // A test that has a meaning at one end only may change sign just before it loses it.
        let appears = (0..at_a.len()).any(|k| at_a[k].1.is_some() != at_b[k].1.is_some());
        if depth < 8
            && (changed.len() > 1 || appears)
            && let Some(middle) = self.between(system, a, b, 0.5)
        {
            self.events(system, a, &middle, depth + 1, events);
            self.events(system, &middle, b, depth + 1, events);
            return;
        }
        for k in changed {
            let kind = at_a[k].0;
            let (Some(low), Some(high)) = (at_a[k].1, at_b[k].1) else {
                continue;
            };
            let (low, high) = (low.value, high.value);
            let found = root((0.0, low), (1.0, high), 1e-13, |t| {
                let on = self.between(system, a, b, t)?;
                let test = system.tests(&on)[k].1?;
                Some((test.value, on))
            });
            let Some((_, value, on)) = found else {
                continue;
            };
            // A jump from one eigenvalue to another is no zero.
            if value.abs() > 1e-6 * (low.abs() + high.abs()) {
                continue;
            }
            // Nor is a sign that rounding has made, as that of l1 at a Bogdanov-Takens point.
            let unknown = [at_a[k].1, at_b[k].1].into_iter().flatten();
            if unknown.into_iter().any(Rounded::is_zero) && !self.changes_sign(system, &on, k) {
                continue;
            }
            let point = system.point(&on);
            let mut event = Event {
                n_unstable_before: n_unstable(&system.point(a).eigenvalues),
                n_unstable_after: n_unstable(&system.point(b).eigenvalues),
                residual: value.abs().max(on.residual),
                eigenvalues: point.eigenvalues,
                tangent: on.tangent.clone(),
                ..Event::new(kind, &point.parameters, &point.state)
            };
            if system.complete(&on, &mut event) {
                events.push(event);
            }
        }
    }

    /// Whether test `k` has known and different signs on both sides of its zero `at`.
    fn changes_sign(&self, system: &mut impl Bifurcations, at: &OnCurve, k: usize) -> bool {
        let mut sign = |side: f64| -> Option<f64> {
            let mut step = self.settings.step_min.max(1e-7);
            while step <= self.settings.step_max {
                let guess = along(&at.x, &at.tangent, side * step);
                let on = correct(system, guess, &at.tangent, self.convergence).ok()?;
                let test = system.tests(&on)[k].1?;
                if !test.is_zero() {
                    return Some(test.value.signum());
                }
                step *= 4.0;
            }
            None
        };
        match (sign(-1.0), sign(1.0)) {
            (Some(before), Some(after)) => before != after,
            _ => false,
        }
    }
}

/// Whether the curve passes `start` on the way from `here` to `next`.
fn closes(weights: &[f64], start: &OnCurve, here: &OnCurve, next: &OnCurve) -> bool {
    let (before, after) = (
        along(&start.x, &here.x, -1.0),
        along(&start.x, &next.x, -1.0),
    );
    let ahead = dot(weights, &before, &here.tangent);
    let behind = dot(weights, &after, &next.tangent);
    if ahead <= 0.0 || behind > 0.0 {
        return false;
    }
    let length = ahead - behind;
    let miss = along(&hermite(here, next, length, ahead), &start.x, -1.0);
    dot(weights, &miss, &miss).sqrt() < 0.02 * length
        && dot(weights, &start.tangent, &here.tangent) > 0.8
}

/// `backward`, turned round, and then `forward`; both begin at the same point.
fn joined(mut backward: Vec<LocusPoint>, forward: Vec<LocusPoint>) -> Vec<LocusPoint> {
    // What happened before a point now happens after it.
    let mut events: Vec<Vec<Event>> = backward
        .iter_mut()
        .map(|p| std::mem::take(&mut p.events))
        .collect();
    events.rotate_left(1);
    for (point, mut events) in backward.iter_mut().zip(events) {
        events.reverse();
        for event in &mut events {
            std::mem::swap(&mut event.n_unstable_before, &mut event.n_unstable_after);
            event.tangent.iter_mut().for_each(|t| *t = -*t);
        }
        point.events = events;
    }
    backward.reverse();
    // The start is in both; its events (those of the first backward step) stay with it.
    let mut rest = forward.into_iter();
    rest.next();
    backward.extend(rest);
    backward
}
