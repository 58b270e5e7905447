//! One step along a branch: a point further on, joined to the last one by tracks of the roots
//! between them, and the events there.
//!
//! A point that cannot be joined yet is kept until a nearer point is reached. No root is computed
//! twice.

use super::locate::Located;
use super::track::matched;
use super::{NetworkBranch, NetworkEvent, NetworkPoint};
use crate::continuation::linear::dot;
use crate::continuation::network::equilibrium::NetworkEquilibrium;
use crate::error::{ContinuationError, Result};

/// The tangent may turn by this much in a step (cosine).
const TURN: f64 = 0.95;
/// Two equilibria closer than this, relatively, are the same.
const SAME: f64 = 1e-8;
/// A step is short that is this share of the longest one at most.
const SHORT: f64 = 1e-3;
/// Crossings this near to each other, as a share of the step and relative to 1 + |lambda|, are one.
const AT_ONCE: f64 = 1e-7;
/// Roots this near to each other, relative to 1 + |lambda|, cross at once.
const SINGULAR: f64 = 1e-8;

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
        if step <= self.settings.step_min {
            // A long step met the branch where it comes back, beyond a fold: it is not ahead.
            self.ahead.clear();
            known = None;
            step = self.settings.step;
        }
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
                        let distance = distance(&from.equilibrium, &to.equilibrium);
                        if distance > self.settings.step_min {
                            step = step.min(distance);
                            self.ahead.push(to);
                        }
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
            // A tangent may have been turned round where a long step passed a fold.
            if same(&known.equilibrium, &to) && overlap(&known.equilibrium, &to) > 0.0 {
                return Ok(Some(known));
            }
            // Those ahead lie on another branch.
            self.ahead.clear();
        }
        let moved = from.near.iter().map(|near| {
            let lambda = near.root.lambda + near.speed * step;
            (lambda, near.root.x.clone())
        });
        let guesses: Vec<_> = moved.chain(from.known.iter().cloned()).collect();
        self.point(to, &guesses).map(Some)
    }

    /// The events between two points; `None` if the roots cannot be followed from one to the other
    /// with certainty.
    fn join(&self, from: &NetworkPoint, to: &NetworkPoint) -> Result<Option<Vec<NetworkEvent>>> {
        let (start, end) = (&from.equilibrium, &to.equilibrium);
        let step = distance(start, end);
        let cosine = overlap(start, end);
        let short = step <= SHORT * self.settings.step_max;
        let Some(tracks) = matched(from, to, (step, cosine), short) else {
            return Ok(None);
        };
        let mut events: Vec<Located> = Vec::new();
        for track in &tracks {
            for at in track.crossings() {
                match self.locate(from, track, at * step, step)? {
                    Some(event) => events.push(event),
                    None => return Ok(None),
                }
            }
        }
        events.sort_by(|a, b| a.at.total_cmp(&b.at));
        let events = self.at_once(events, step);
        let mut count = from.n_unstable as i64;
        let mut done = Vec::new();
        for Located {
            mut event, sign, ..
        } in events
        {
            event.n_unstable_before = count.max(0) as usize;
            count += sign * (event.multiplicity * event.root.count()) as i64;
            event.n_unstable_after = count.max(0) as usize;
            done.push(event);
        }
        Ok((count == to.n_unstable as i64).then_some(done))
    }

    /// Roots that cross at one point, as those of equal nodes without coupling, as one event.
    ///
    /// Their eigenvectors are arbitrary within the space that they span, and so are a coefficient of
    /// one of them and the regions that it sits on. The event has no coefficient, and every node's
    /// share is its share of that space.
    fn at_once(&self, events: Vec<Located>, step: f64) -> Vec<Located> {
        let mut distinct: Vec<Located> = Vec::new();
        for located in events {
            let lambda = located.event.root.lambda;
            let same = |other: &Located| {
                let off = (other.event.root.lambda - lambda).norm();
                other.sign == located.sign
                    && (other.at - located.at).abs() <= AT_ONCE * step
                    && off <= AT_ONCE * (1.0 + lambda.norm())
            };
            if !distinct.iter().any(same) {
                distinct.push(located);
            }
        }
        for Located { event, .. } in &mut distinct {
            let characteristic = self.characteristic(&event.equilibrium);
            let (multiplicity, shares) = characteristic.null_space(event.root.lambda, SINGULAR);
            if multiplicity > 1 {
                event.multiplicity = multiplicity;
                event.root.shares = shares;
                event.form = None;
            }
        }
        distinct
    }
}

/// The cosine between the tangents of two points of a curve.
pub(super) fn overlap(a: &NetworkEquilibrium, b: &NetworkEquilibrium) -> f64 {
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
