//! One step along a branch: a point further on, joined to the last one by tracks of the roots
//! between them, and the events there.
//!
//! A point that cannot be joined yet is kept until a nearer point is reached. No root is computed
//! twice.

use super::track::{Track, matched};
use super::{NetworkBranch, NetworkEvent, NetworkEventKind, NetworkPoint};
use crate::continuation::linear::dot;
use crate::continuation::network::equilibrium::NetworkEquilibrium;
use crate::error::{ContinuationError, Result};

/// The tangent may turn by this much in a step (cosine).
const TURN: f64 = 0.95;
/// A located event's root is this near the axis, relative to `1 + |lambda|`.
const ON_AXIS: f64 = 1e-13;
/// Two equilibria closer than this, relatively, are the same.
const SAME: f64 = 1e-8;

impl NetworkBranch<'_> {
    /// The point that follows `from`, with the events between; `None` at the end of the range.
    pub(super) fn advance(&mut self, from: &NetworkPoint) -> Result<Option<NetworkPoint>> {
        let (low, high) = self.bounds();
        let NetworkEquilibrium { p, dp, .. } = from.equilibrium;
        let outward = |bound: f64, sign: f64| p == bound && sign * dp > 0.0;
        if outward(high, 1.0) || outward(low, -1.0) {
            return Ok(None);
        }
        let mut known = self.ahead.pop();
        let mut step = match &known {
            Some(known) => distance(&from.equilibrium, &known.equilibrium),
            None => self.step,
        };
        loop {
            if self.control.is_stopped() {
                return Ok(None);
            }
            let error = match self.reach(from, step, known.take()) {
                Ok(Some(mut to)) => match self.join(from, &to) {
                    Ok(Some(events)) => {
                        to.events = events;
                        self.step = (1.5 * step).min(self.settings.step_max);
                        return Ok(Some(to));
                    }
                    failed => {
                        step = step.min(distance(&from.equilibrium, &to.equilibrium));
                        self.ahead.push(to);
                        failed.err()
                    }
                },
                failed => failed.err(),
            };
            step *= 0.5;
            if step < self.settings.step_min {
                return Err(error.unwrap_or_else(|| {
                    ContinuationError::MissedEvents {
                        parameter: self.network.parameter().into(),
                        value: p,
                        n_unstable: from.n_unstable,
                    }
                    .into()
                }));
            }
        }
    }

    fn bounds(&self) -> (f64, f64) {
        let (first, last) = self.settings.range;
        (first.min(last), first.max(last))
    }

    /// The point at a distance from `from`, or on the bound before it; `known` if that is it.
    /// `None` if the branch turns too much on the way.
    fn reach(
        &mut self,
        from: &NetworkPoint,
        step: f64,
        known: Option<NetworkPoint>,
    ) -> Result<Option<NetworkPoint>> {
        let start = &from.equilibrium;
        let (low, high) = self.bounds();
        let mut step = step;
        let mut to = self.network.along(start, step)?;
        if !(low..=high).contains(&to.p) {
            // The last point lies on the bound.
            let bound = if to.p > high { high } else { low };
            for _ in 0..30 {
                let miss = bound - to.p;
                if miss.abs() <= 1e-14 * (1.0 + bound.abs()) || to.dp.abs() < 1e-6 {
                    break;
                }
                step += miss / to.dp * overlap(start, &to);
                to = self.network.along(start, step)?;
            }
            to.p = bound;
        }
        if overlap(start, &to) < TURN {
            return Ok(None);
        }
        if let Some(known) = known {
            if same(&known.equilibrium, &to) {
                return Ok(Some(known));
            }
            // Those ahead lie on another branch.
            self.ahead.clear();
        }
        let guesses: Vec<_> = from
            .known
            .iter()
            .map(|(lambda, x)| {
                let moved = from
                    .near
                    .iter()
                    .find(|near| near.root.lambda == *lambda && near.root.x == *x);
                (
                    moved.map_or(*lambda, |near| lambda + near.speed * step),
                    x.clone(),
                )
            })
            .collect();
        self.point(to, &guesses).map(Some)
    }

    /// The events between two points; `None` if the roots cannot be followed from one to the other
    /// with certainty.
    fn join(&self, from: &NetworkPoint, to: &NetworkPoint) -> Result<Option<Vec<NetworkEvent>>> {
        let (start, end) = (&from.equilibrium, &to.equilibrium);
        let step = distance(start, end);
        let Some(tracks) = matched(from, to, step, overlap(start, end)) else {
            return Ok(None);
        };
        let mut events = Vec::new();
        for track in &tracks {
            for at in track.crossings() {
                match self.locate(from, track, at * step, step)? {
                    Some(event) => events.push(event),
                    None => return Ok(None),
                }
            }
        }
        events.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut count = from.n_unstable as i64;
        for (_, event, sign) in &mut events {
            event.n_unstable_before = count.max(0) as usize;
            count += *sign * event.root.count() as i64;
            event.n_unstable_after = count.max(0) as usize;
        }
        let tight = step < 64.0 * self.settings.step_min;
        let twice = events.windows(2).any(|pair| {
            (pair[0].0 - pair[1].0).abs() < 1e-9 * step
                && (pair[0].1.root.lambda - pair[1].1.root.lambda).norm() < 1e-9
        });
        let adds_up = count == to.n_unstable as i64 && (tight || !twice);
        Ok(adds_up.then(|| events.into_iter().map(|(_, event, _)| event).collect()))
    }

    /// The crossing near the distance `at` from `from`, and whether it is into (+1) or out of (-1)
    /// the right half plane.
    fn locate(
        &self,
        from: &NetworkPoint,
        track: &Track<'_>,
        at: f64,
        step: f64,
    ) -> Result<Option<(f64, NetworkEvent, i64)>> {
        let start = &from.equilibrium;
        let mut at = at;
        let mut guess = (track.value(at / step), track.x().to_vec());
        let mut best = f64::INFINITY;
        for _ in 0..20 {
            let there = self.network.along(start, at)?;
            let characteristic = self.characteristic(&there);
            let Some(root) = characteristic.polish(guess.0, &guess.1) else {
                return Ok(None);
            };
            let change = self.change(&characteristic, &there);
            let speed = characteristic.speed(&root, &change);
            let correction = -root.lambda.re / (speed.re / overlap(start, &there));
            let off = root.lambda.re.abs() / (1.0 + root.lambda.norm());
            // Where a root crosses slowly, a small distance from the axis is a long way on the
            // branch: both have to be small.
            let settled = correction.abs() <= 1e-13 * (1.0 + there.p.abs());
            let done = (off <= ON_AXIS && settled) || (off < 1e-11 && off >= 0.5 * best);
            if !done {
                best = best.min(off);
                at += correction;
                let tolerance = 1e-9 * step;
                if !(-tolerance..=step + tolerance).contains(&at) || !at.is_finite() {
                    return Ok(None);
                }
                guess = (root.lambda + speed * correction, root.x);
                continue;
            }
            let kind = match root.lambda.im {
                0.0 if there.dp.abs() < 1e-5 => NetworkEventKind::Fold,
                0.0 => NetworkEventKind::BranchPoint,
                _ => NetworkEventKind::Hopf,
            };
            let form = match kind {
                NetworkEventKind::Hopf => {
                    let crossing = speed / there.dp;
                    characteristic.hopf_form(self.network, (&there.u, there.p), &root, crossing)
                }
                _ => None,
            };
            let event = NetworkEvent {
                kind,
                equilibrium: there,
                root,
                n_unstable_before: 0,
                n_unstable_after: 0,
                form,
            };
            return Ok(Some((at, event, if speed.re > 0.0 { 1 } else { -1 })));
        }
        Ok(None)
    }
}

/// The cosine between the tangents of two points of a curve.
fn overlap(a: &NetworkEquilibrium, b: &NetworkEquilibrium) -> f64 {
    along_tangent(a, &b.du, b.dp)
}

/// How far along the tangent of `from` the point `to` lies.
fn distance(from: &NetworkEquilibrium, to: &NetworkEquilibrium) -> f64 {
    let moved: Vec<f64> =
        to.u.iter()
            .zip(&from.u)
            .map(|(to, from)| to - from)
            .collect();
    along_tangent(from, &moved, to.p - from.p)
}

fn along_tangent(at: &NetworkEquilibrium, du: &[f64], dp: f64) -> f64 {
    dot(&[], &at.du, du) / du.len() as f64 + at.dp * dp
}

fn same(a: &NetworkEquilibrium, b: &NetworkEquilibrium) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= SAME * (1.0 + b.abs());
    near(a.p, b.p) && a.u.iter().zip(&b.u).all(|(a, b)| near(*a, *b))
}
