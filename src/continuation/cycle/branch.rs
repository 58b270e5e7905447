//! Follows a branch of cycles step by step, from its first cycle to its end.

use super::ends::winds_on;
use super::follower::Follower;
use super::{Cycle, CycleBranch, CycleEnd};
use crate::Reached;
use crate::continuation::curve::{Curve, OnCurve, largest, normalise};
use crate::continuation::event::Event;

/// Parameter and period stand still where they change by less than this from one cycle to the next,
/// relative to 1 and the parameter, and to the period;
const STILL: f64 = 1e-11;
/// for good where they do so over this arclength, relative to 1 and the states,
const STANDING: f64 = 1e-2;
/// and for so many cycles. (At a fold the parameter does for one, where cycles grow explosively it
/// does while the period changes.)
const STANDS_FOR: usize = 3;
/// A cycle is shifted whose states move by the same, to this share.
const SHIFT: f64 = 1e-6;

impl Follower<'_> {
    /// Follows the branch from `first`, the next after the cycles `known`; it may end at one of
    /// `ends`.
    pub(super) fn follow(
        mut self,
        known: Vec<Cycle>,
        first: OnCurve,
        ends: &[Event],
        from: Option<Event>,
    ) -> CycleBranch {
        let mut cycles = known;
        let mut here = self.converged(first);
        cycles.push(self.cycle(&here, Vec::new()));
        let mut step = self.settings.step.max(1e-3);
        let mut history: Vec<[f64; 3]> = Vec::new();
        // Over which arclength and how many cycles parameter and period have stood still, and what was
        // unexplained before: beside a multiplier that stays 1 nothing adds up.
        let mut standing = (0.0, 0, 0);
        let [low, high] = self.settings.range;
        let end = loop {
            if cycles.len() >= self.settings.max_cycles {
                break CycleEnd::Enough;
            }
            let reached = Reached {
                what: "cycles",
                n_points: cycles.len(),
                parameter: self.parameter(&here.on),
            };
            if !self.settings.control.goes_on(reached) {
                break CycleEnd::Interrupted;
            }
            if cycles.len().is_multiple_of(3) {
                self.resolve(&mut here);
            }
            self.rescale(&mut here.on);
            let next = match self.next(&mut here, &mut step) {
                Ok(next) => next,
                Err(message) => break CycleEnd::Stopped(message),
            };
            if let Some((end, at)) = self.shrinks(&here.on, &next, step, ends) {
                cycles.extend(at.map(Cycle::at_hopf));
                break end;
            }
            if let Some((end, at)) = self.halves(&here.on, &next, ends) {
                cycles.extend(
                    at.and_then(|event| event.cycle.as_deref())
                        .map(Cycle::twice),
                );
                break end;
            }
            let parameter = self.parameter(&next);
            let mut next = self.converged(next);
            let mut last = None;
            if parameter < low || parameter > high {
                last = Some(CycleEnd::Bound);
                let bound = if parameter < low { low } else { high };
                if let Some(on) = self.land(&here.on, &next.on, bound) {
                    next = self.converged(on);
                }
            }
            let mut cycle = self.cycle(&next, Vec::new());
            if last.is_none()
                && let Some(on) = self.closes(&cycles, &here.on, &next.on, &cycle)
            {
                last = Some(CycleEnd::Closed);
                next = self.converged(on);
                cycle = self.cycle(&next, Vec::new());
            }
            let unexplained = self.unexplained.len();
            self.events(&here, &next, 0, &mut cycle.events);
            standing = match (self.stands(&here.on, &next.on), standing) {
                (false, _) => (0.0, 0, 0),
                (true, (_, 0, _)) => (self.distance(&here.on, &next.on), 1, unexplained),
                (true, (length, n, before)) => {
                    (length + self.distance(&here.on, &next.on), n + 1, before)
                }
            };
            cycles.push(cycle);
            let slope = self.parameter_speed(&next.on) / next.on.tangent[self.period_at()];
            history.push([self.parameter(&next.on), self.period(&next.on), slope]);
            here = next;
            if let Some(end) = last {
                break end;
            }
            let size = largest(&here.on.x[..self.period_at()]);
            if size > self.settings.state_max {
                break CycleEnd::Unbounded;
            }
            let (length, n, before) = standing;
            if n >= STANDS_FOR && length > STANDING * (1.0 + size) {
                self.unexplained.truncate(before);
                let moved =
                    (self.parameter(&here.on) - cycles[0].parameter).abs() > SHIFT * (high - low);
                break match moved && self.shifts(&here.on) {
                    true => CycleEnd::RunsAway,
                    false => CycleEnd::NotIsolated,
                };
            }
            if let Some(end) = winds_on(&cycles) {
                break end;
            }
            let long = self.period(&here.on) > self.settings.period_max;
            if let Some(event) = self.infinite_period(&here, &history) {
                let last = cycles.last_mut().expect("one was pushed");
                last.events.push(event);
                break CycleEnd::InfinitePeriod;
            }
            if long {
                break CycleEnd::LongPeriod;
            }
        };
        CycleBranch {
            cycles,
            from,
            begin: None,
            end,
            unexplained: self.unexplained,
        }
    }

    /// Whether neither parameter nor period changes from the one to the other.
    fn stands(&self, here: &OnCurve, next: &OnCurve) -> bool {
        let [from, to] = [here, next].map(|on| self.parameter(on));
        let [period, then] = [here, next].map(|on| self.period(on));
        (to - from).abs() < STILL * (1.0 + from.abs())
            && (then - period).abs() < 10.0 * STILL * period
    }

    /// Whether the branch goes on with all states of the cycle moved by the same.
    fn shifts(&self, on: &OnCurve) -> bool {
        let n = self.system.n();
        let moved = &on.tangent[..self.period_at()];
        let farthest = largest(moved);
        let differs = |i: usize| (moved[i] - moved[i % n]).abs();
        largest((0..moved.len()).map(differs)) < SHIFT * farthest
    }

    /// Measures arclength and phase by the cycle that the next step begins at.
    fn rescale(&mut self, on: &mut OnCurve) {
        self.system.scalar_weights = vec![self.period(on).powi(-2), 1.0];
        self.system.weigh();
        normalise(self.system.weights(), &mut on.tangent);
        self.system.refer_to(&on.x);
    }
}
