//! Follows a branch of equilibria both ways from a start, and keeps all its points.

use super::branch::{Branch, BranchEnd, BranchStart, EquilibriumPoint, SAME_PARAMETER, point};
use super::equilibria::{ConvergedEquilibrium, Equilibria, convergence};
use crate::continuation::curve::largest;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{distance, norm};
use crate::continuation::problem::Problem;
use crate::continuation::settings::Settings;
use crate::error::{Remark, Result};

/// A branch of equilibria, from end to end.
#[derive(Debug, Clone)]
pub struct EquilibriumBranch {
    /// In order along the branch; each holds the events since the point before.
    pub points: Vec<EquilibriumPoint>,
    /// Why it ends where it begins and where it ends; `None` where an error stopped it.
    pub ends: [Option<BranchEnd>; 2],
    /// What stopped it, if something did; the points until there are kept.
    pub stopped: Vec<Remark>,
    /// Parameter values at which the events found do not explain the change of stability; empty if
    /// all went well.
    pub unexplained: Vec<f64>,
}

impl EquilibriumBranch {
    /// Its events, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.points.iter().flat_map(|point| &point.events)
    }

    /// The parameter value at which all of it lies, where equilibria are not isolated.
    pub(crate) fn fills_a_curve(&self) -> Option<f64> {
        fills_a_curve(self.ends, &self.points)
    }

    /// Follows the branch both ways from `start`.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if there is no equilibrium near it.
    pub fn through(
        problem: &dyn Problem,
        start: &BranchStart,
        settings: &Settings,
    ) -> Result<Self> {
        let mut ahead = Branch::new(problem, start, settings)?;
        let (forward, mut stopped) = collect(&mut ahead);
        let mut unexplained = ahead.unexplained().to_vec();
        let mut ends = [ahead.end(), ahead.end()];
        let mut points = forward;
        let is_whole =
            ahead.end() == Some(BranchEnd::Closed) || fills_a_curve(ends, &points).is_some();
        if !is_whole {
            let start = start.clone().backward();
            let mut behind = Branch::new(problem, &start, settings)?;
            let (backward, errors) = collect(&mut behind);
            stopped.extend(errors);
            unexplained.extend(behind.unexplained());
            ends[0] = behind.end();
            points = joined(backward, points);
        }
        Ok(Self {
            points,
            ends,
            stopped,
            unexplained,
        })
    }
}

/// As [`EquilibriumBranch::fills_a_curve`].
fn fills_a_curve(ends: [Option<BranchEnd>; 2], points: &[EquilibriumPoint]) -> Option<f64> {
    let at = points.first()?.parameter;
    let stays = |p: &EquilibriumPoint| (p.parameter - at).abs() < SAME_PARAMETER * (1.0 + at.abs());
    (ends.contains(&Some(BranchEnd::NotIsolated)) && points.iter().all(stays)).then_some(at)
}

impl EquilibriumBranch {
    /// The equilibria of this branch at one parameter value, corrected there; none outside the
    /// branch, several where it turns. Their events are empty.
    ///
    /// `problem`, `parameters`, `active` and `settings` are those the branch was made with.
    pub fn equilibria_at(
        &self,
        problem: &dyn Problem,
        parameters: &[f64],
        active: usize,
        parameter: f64,
        settings: &Settings,
    ) -> Vec<EquilibriumPoint> {
        let mut curve = Equilibria::new(problem, parameters, active);
        let states = states_at(&mut curve, &self.points, parameter, settings);
        let points = states.into_iter().filter_map(|mut guess| {
            guess.push(parameter);
            let mut on = curve.at(&guess, convergence(settings)).ok()?;
            on.x[guess.len() - 1] = parameter;
            let converged = ConvergedEquilibrium::new(&mut curve, on);
            Some(point(&converged, Vec::new(), 0.0))
        });
        points.collect()
    }
}

fn collect(branch: &mut Branch<'_>) -> (Vec<EquilibriumPoint>, Vec<Remark>) {
    let mut points = Vec::new();
    let mut stopped = Vec::new();
    for point in branch {
        match point {
            Ok(point) => points.push(point),
            Err(error) => stopped.push(error.into()),
        }
    }
    (points, stopped)
}

/// `backward`, turned round, and then `forward`; both begin at the same point.
fn joined(
    backward: Vec<EquilibriumPoint>,
    forward: Vec<EquilibriumPoint>,
) -> Vec<EquilibriumPoint> {
    let mut events: Vec<Vec<Event>> = Vec::new();
    let mut steps = Vec::new();
    let mut turned: Vec<EquilibriumPoint> = backward
        .into_iter()
        .rev()
        .map(|mut point| {
            // What happened before a point now happens after it.
            let mut before = std::mem::take(&mut point.events);
            before.reverse();
            for event in &mut before {
                std::mem::swap(&mut event.n_unstable_before, &mut event.n_unstable_after);
                event.tangent.iter_mut().for_each(|t| *t = -*t);
            }
            events.push(before);
            steps.push(point.step);
            point.tangent.iter_mut().for_each(|t| *t = -*t);
            point.step = 0.0;
            point
        })
        .collect();
    for (k, (events, step)) in events.into_iter().zip(steps).enumerate() {
        if let Some(next) = turned.get_mut(k + 1) {
            next.events = events;
            next.step = step;
        }
    }
    turned.pop();
    let mut rest = forward.into_iter();
    if let Some(mut first) = rest.next() {
        // The backward half's last event list belongs to the point where the halves meet.
        first.events = Vec::new();
        turned.push(first);
    }
    turned.extend(rest);
    turned
}

/// Where the polyline of `points` passes `parameter`, corrected.
pub(crate) fn states_at(
    curve: &mut Equilibria<'_>,
    points: &[EquilibriumPoint],
    parameter: f64,
    settings: &Settings,
) -> Vec<Vec<f64>> {
    let n = curve.n();
    let mut found: Vec<Vec<f64>> = Vec::new();
    let full = |point: &EquilibriumPoint| -> Vec<f64> {
        point
            .state
            .iter()
            .copied()
            .chain([point.parameter])
            .collect()
    };
    // Between neighbours, and at folds where the branch may reach a little further than its points.
    for pair in points.windows(2) {
        let turning = pair[1].events.iter().find(|e| e.kind == EventKind::Fold);
        let mut stops = vec![full(&pair[0])];
        if let Some(fold) = turning {
            stops.push(
                fold.state
                    .iter()
                    .copied()
                    .chain([fold.parameters[0]])
                    .collect(),
            );
        }
        stops.push(full(&pair[1]));
        for (part, ends) in stops.windows(2).enumerate() {
            let (a, b) = (&ends[0], &ends[1]);
            // A branch that ends here may end a rounding error before.
            let off = |end: &[f64]| {
                let off = end[n] - parameter;
                if off.abs() > 1e-12 * (1.0 + parameter.abs()) {
                    off
                } else {
                    0.0
                }
            };
            if off(a) * off(b) > 0.0 {
                continue;
            }
            let mut guess = match turning {
                None => on_cubic(&pair[0], &pair[1], parameter),
                Some(_) => {
                    let t = (parameter - a[n]) / (b[n] - a[n]);
                    let t = if t.is_finite() { t } else { 0.0 };
                    // Near a fold the state goes with the root of the parameter.
                    let t = if part == 0 {
                        1.0 - (1.0 - t).sqrt()
                    } else {
                        t.sqrt()
                    };
                    a.iter().zip(b).map(|(a, b)| a + t * (b - a)).collect()
                }
            };
            guess[n] = parameter;
            if let Ok(on) = curve.at(&guess, convergence(settings)) {
                let state = on.x[..n].to_vec();
                let new = found.iter().all(|other| {
                    let miss: Vec<f64> = other.iter().zip(&state).map(|(a, b)| a - b).collect();
                    norm(&miss) > 1e-9 * (1.0 + largest(&state))
                });
                if new {
                    found.push(state);
                }
            }
        }
    }
    found
}

/// Where the cubic through two points and their tangents passes `parameter`: state and parameter. Near
/// a branch point a straight line would be nearer to the other branch.
fn on_cubic(a: &EquilibriumPoint, b: &EquilibriumPoint, parameter: f64) -> Vec<f64> {
    let on = |point: &EquilibriumPoint| -> Vec<f64> {
        let state = point.state.iter().copied();
        state.chain([point.parameter]).collect()
    };
    let (from, to) = (on(a), on(b));
    let length = distance(&from, &to);
    let n = from.len() - 1;
    let at = |t: f64| -> Vec<f64> {
        let u = 1.0 - t;
        let [h00, h01] = [u * u * (1.0 + 2.0 * t), t * t * (3.0 - 2.0 * t)];
        let [h10, h11] = [t * u * u * length, -t * t * u * length];
        (0..=n)
            .map(|k| h00 * from[k] + h01 * to[k] + h10 * a.tangent[k] + h11 * b.tangent[k])
            .collect()
    };
    let off = |t: f64| at(t)[n] - parameter;
    // The parameter may be that of an end but for rounding.
    for t in [0.0, 1.0] {
        if off(t).abs() <= 1e-12 * (1.0 + parameter.abs()) {
            return at(t);
        }
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if (off(middle) > 0.0) == (off(high) > 0.0) {
            high = middle;
        } else {
            low = middle;
        }
    }
    at(0.5 * (low + high))
}
