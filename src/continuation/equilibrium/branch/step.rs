//! One step along a branch of equilibria: not beyond a bend, and not beyond the range.

use super::{Branch, BranchEnd};
use crate::continuation::curve::{OnCurve, along, correct, hermite, root};
use crate::continuation::equilibrium::equilibria::{ConvergedEquilibrium, convergence};
use crate::continuation::equilibrium::locate::stands;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{dot, norm};
use crate::continuation::problem::describe;
use crate::error::{Error, Result};

/// The parameter changes by this at most in a step, relative to the root of 1 + |parameter|: a
/// branch over a wide range may turn within less than a hundredth of it.
const WIDEST: f64 = 0.4;
/// Two branches that pass each other nearer than about this, relative to 1 + |x|, cannot be told from two that cross.
const SHORTEST_BEND: f64 = 1e-7;

/// A step along a branch.
pub(super) struct Step {
    pub to: ConvergedEquilibrium,
    /// What happened on the way.
    pub events: Vec<Event>,
    /// Arclength.
    pub length: f64,
    pub end: Option<BranchEnd>,
}

impl Branch<'_> {
    /// One step ahead: the next point on the curve, with the step that was possible.
    fn advance(&mut self) -> Result<(OnCurve, f64)> {
        let convergence = convergence(self.settings);
        let mut residual = f64::INFINITY;
        let widest = WIDEST * (1.0 + self.here.parameter().abs()).sqrt();
        self.step = self.step.min(widest / self.here.parameter_speed().abs());
        while self.step >= self.settings.step_min {
            let guess = along(&self.here.on.x, &self.here.on.tangent, self.step);
            match correct(
                &mut self.curve,
                guess.clone(),
                &self.here.on.tangent,
                convergence,
            ) {
                Ok(on) => {
                    // A curve that turns little stays near its tangent: farther away is another
                    // part of it.
                    let away = along(&on.x, &guess, -1.0);
                    let left = norm(&away) > self.settings.turn_max * self.step;
                    let turn = dot(&[], &on.tangent, &self.here.on.tangent)
                        .clamp(-1.0, 1.0)
                        .acos();
                    if !left && turn <= self.settings.turn_max {
                        let taken = self.step;
                        let by_turn = 0.7 * self.settings.turn_max / turn.max(1e-12);
                        let by_newton = [2.0, 2.0, 2.0, 1.5, 1.0, 0.7][on.iterations.min(5)];
                        let factor = by_turn.min(by_newton).clamp(0.5, 2.0);
                        let size = norm(&on.x[..self.curve.n()]);
                        let speed = on.tangent[self.curve.n()];
                        let longest = self.settings.longest(size, speed);
                        self.step = (self.step * factor).min(longest);
                        return Ok((on, taken));
                    }
                    residual = on.residual;
                }
                Err(failure) => residual = failure.residual,
            }
            self.step *= 0.5;
        }
        Err(Error::not_converged(
            "the next equilibrium of the branch",
            describe(
                self.curve.problem,
                &self.curve.parameters_at(&self.here.on.x),
            ),
            residual,
            "the branch until there is kept; a smaller step_min or newton_tolerance may get past, \
                     or the branch ends in a singularity there",
        ))
    }

    /// One step ahead with its events; `None` if the branch already stands on the bound.
    ///
    /// The determinant of the bordered Jacobian keeps its sign along a curve and changes it at a branch point. If it has changed and
    /// no branch point is there, the step has passed a sharp bend onto another branch: a shorter one follows the bend.
    pub(super) fn step_along(&mut self) -> Result<Option<Step>> {
        loop {
            let (mut next, length) = self.advance()?;
            let Some(end) = self.ends(&mut next) else {
                self.end = Some(BranchEnd::Bound);
                return Ok(None);
            };
            let to = ConvergedEquilibrium::new(&mut self.curve, next);
            let unexplained = self.detector.unexplained.len();
            let events = self.detector.events(&mut self.curve, &self.here, &to);
            let is_crossing = |event: &&Event| event.kind == EventKind::BranchPoint;
            let n_crossings = events.iter().filter(is_crossing).count();
            let passes = to.on.determinant.sign != self.here.on.determinant.sign
                && n_crossings.is_multiple_of(2)
                && !stands(&self.here, &to);
            let shortest = SHORTEST_BEND * (1.0 + norm(&self.here.on.x));
            if !passes || length < shortest {
                return Ok(Some(Step {
                    to,
                    events,
                    length,
                    end,
                }));
            }
            self.detector.unexplained.truncate(unexplained);
            self.step = 0.5 * length;
        }
    }

    /// Whether the branch ends at `next`, which is then moved to its end; `None` if it ends where it stands.
    fn ends(&mut self, next: &mut OnCurve) -> Option<Option<BranchEnd>> {
        let n = self.curve.n();
        let [low, high] = self.settings.range;
        if self.closes(next) {
            next.x.clone_from(&self.start.x);
            next.tangent.clone_from(&self.start.tangent);
            return Some(Some(BranchEnd::Closed));
        }
        if next.x[n] < low || next.x[n] > high {
            let bound = if next.x[n] < low { low } else { high };
            if (self.here.parameter() - bound).abs() < 1e-13 * (1.0 + bound.abs()) {
                return None;
            }
            if let Some(on) = self.land(next, bound) {
                *next = on;
            }
            return Some(Some(BranchEnd::Bound));
        }
        let is_far = norm(&next.x[..n]) > self.settings.state_max;
        let is_last = self.n_points + 1 >= self.settings.max_points;
        Some(match (is_far, is_last) {
            (true, _) => Some(BranchEnd::Unbounded),
            (_, true) => Some(BranchEnd::Enough),
            _ => None,
        })
    }

    /// The point where the parameter takes the value `bound`, between here and `beyond`.
    fn land(&mut self, beyond: &OnCurve, bound: f64) -> Option<OnCurve> {
        let n = self.curve.n();
        let convergence = convergence(self.settings);
        let here = self.here.on.clone();
        let apart = along(&beyond.x, &here.x, -1.0);
        let length = norm(&apart);
        // Along the branch, which may turn near the bound, and then exactly onto it.
        let (_, _, near) = root(
            (0.0, here.x[n] - bound),
            (1.0, beyond.x[n] - bound),
            1e-9,
            |t| {
                let guess = hermite(&here, beyond, length, t * length);
                let on = correct(&mut self.curve, guess, &here.tangent, convergence).ok()?;
                Some((on.x[n] - bound, on))
            },
        )?;
        let mut guess = near.x.clone();
        guess[n] = bound;
        let on = self.curve.at(&guess, convergence).unwrap_or(near);
        Some(if dot(&[], &on.tangent, &here.tangent) < 0.0 {
            on.reversed()
        } else {
            on
        })
    }

    /// Whether the branch passes its start on the way to `next`.
    fn closes(&self, next: &OnCurve) -> bool {
        if self.n_points < 4 {
            return false;
        }
        let offset = |on: &OnCurve| -> Vec<f64> {
            self.start.x.iter().zip(&on.x).map(|(s, x)| s - x).collect()
        };
        let (before, after) = (offset(&self.here.on), offset(next));
        let ahead = dot(&[], &before, &self.here.on.tangent);
        let length = ahead - dot(&[], &after, &next.tangent);
        if ahead <= 0.0 || dot(&[], &after, &next.tangent) > 0.0 {
            return false;
        }
        let nearest = hermite(&self.here.on, next, length, ahead);
        let miss = along(&nearest, &self.start.x, -1.0);
        norm(&miss) < 0.02 * length && dot(&[], &self.start.tangent, &self.here.on.tangent) > 0.8
    }
}
