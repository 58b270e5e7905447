//! A branch of equilibria of a network, with and without delays: the rightmost roots along it, and every event where one crosses the
//! imaginary axis.
//!
//! Nothing is stepped over: roots near the axis are matched from point to point with their speeds, a cubic through each matched
//! pair shows crossings (two of one root within a step as well), each is located by Newton's method, and the located ones must
//! add up to the change in the unstable count, which is certified on its own at every point. Else the step is halved.

mod event;
mod track;

use num_complex::Complex64;

pub use event::{Event, EventKind};
use track::{Near, Track, matched};

use super::characteristic::Characteristic;
use super::root::{Change, Root};
use super::stability::Stability;
use crate::continuation::network::Network;
use crate::continuation::network::curve::Equilibrium;
use crate::error::{Error, Result};

/// Bounds and steps of a branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The branch ends where the parameter leaves this range.
    pub range: (f64, f64),
    /// First step, in the units of [`curve`](crate::continuation::network::curve).
    pub step: f64,
    /// Longest step.
    pub step_max: f64,
    /// A step shorter than this is an error.
    pub step_min: f64,
    /// Stable roots that are kept at every point beside all unstable ones, at least (with delays).
    pub n_roots: usize,
    /// The branch ends after this many points.
    pub max_points: usize,
}

impl Settings {
    /// Steps of a hundredth of the range at first and a twentieth at most; eight roots.
    pub fn new(range: (f64, f64)) -> Self {
        let width = (range.1 - range.0).abs();
        Self {
            range,
            step: 0.01 * width,
            step_max: 0.05 * width,
            step_min: 1e-9 * width,
            n_roots: 8,
            max_points: 10_000,
        }
    }
}

/// A point of a branch.
#[derive(Debug, Clone)]
pub struct Point {
    /// The state, the parameter, the direction.
    pub equilibrium: Equilibrium,
    /// Rightmost roots first; only those near the imaginary axis have vectors.
    pub roots: Vec<Complex64>,
    /// Roots with a positive real part.
    pub n_unstable: usize,
    /// What happened since the point before, in order.
    pub events: Vec<Event>,
    near: Vec<Near>,
    /// With delays: every root that is known, with its vector.
    known: Vec<(Complex64, Vec<Complex64>)>,
}

/// Roots on each side of the axis that are matched from point to point.
const N_NEAR: usize = 6;
/// The tangent may turn by this much in a step (cosine).
const TURN: f64 = 0.95;
/// A located event's root is this near the axis, relative to `1 + |lambda|`.
const ON_AXIS: f64 = 1e-13;

/// A branch of equilibria, as an iterator over its points.
#[derive(Debug)]
pub struct Branch<'a> {
    network: &'a Network,
    settings: Settings,
    first: Option<(Point, f64)>,
    last: Option<Point>,
    step: f64,
    n_points: usize,
}

impl<'a> Branch<'a> {
    /// The branch through the equilibrium of `network` that the study's `start` (`[dim]`) leads to at the range's first value,
    /// towards the second.
    ///
    /// # Errors
    /// [`Error::BadValue`] if there is no equilibrium, or its roots cannot be found.
    pub fn new(network: &'a Network, start: &[f64], settings: Settings) -> Result<Self> {
        let mut equilibrium = network.equilibrium(start, settings.range.0)?;
        if (settings.range.1 - settings.range.0) * equilibrium.dp < 0.0 {
            equilibrium.du.iter_mut().for_each(|du| *du = -*du);
            equilibrium.dp = -equilibrium.dp;
        }
        let mut branch = Self {
            network,
            step: settings.step,
            settings,
            first: None,
            last: None,
            n_points: 0,
        };
        branch.first = Some((branch.point(equilibrium, &[])?, branch.step));
        Ok(branch)
    }

    fn characteristic(&self, at: &Equilibrium) -> Characteristic {
        Characteristic::new(self.network, &at.u, at.p)
    }

    /// The roots at an equilibrium; `before` are those near the axis at the point before, moved on.
    fn point(
        &self,
        equilibrium: Equilibrium,
        before: &[(Complex64, Vec<Complex64>)],
    ) -> Result<Point> {
        let characteristic = self.characteristic(&equilibrium);
        let mut known = Vec::new();
        let (roots, n_unstable, candidates) = if characteristic.longest_delay() == 0.0 {
            let spectrum = characteristic.spectrum()?;
            let unstable = spectrum.iter().filter(|lambda| lambda.re > 0.0).count();
            let near = nearest(&spectrum, |lambda| *lambda);
            // The eigenvalue is known; two steps find its vector.
            let roots = near.iter().filter_map(|&lambda| {
                let x: Vec<Complex64> = (0..characteristic.n_nodes())
                    .map(|k| Complex64::from(1.0 + 0.5 * (k as f64).sin()))
                    .collect();
                let root = characteristic.polish(lambda, &x)?;
                ((root.lambda - lambda).norm() < 1e-6 * (1.0 + lambda.norm())).then_some(root)
            });
            let candidates: Vec<Root> = roots.collect();
            (spectrum, unstable, candidates)
        } else {
            let unstable = before.iter().filter(|(lambda, _)| lambda.re > 0.0).count();
            let Stability {
                roots, n_unstable, ..
            } = characteristic.rightmost_from(before, unstable + self.settings.n_roots)?;
            known = roots
                .iter()
                .map(|root| (root.lambda, root.x.clone()))
                .collect();
            let values = roots.iter().map(|root| root.lambda).collect();
            (values, n_unstable, nearest(&roots, |root| root.lambda))
        };
        let change = self.change(&characteristic, &equilibrium);
        let near = candidates
            .into_iter()
            .map(|root| Near {
                speed: characteristic.speed(&root, &change),
                root,
            })
            .collect();
        Ok(Point {
            equilibrium,
            roots,
            n_unstable,
            events: Vec::new(),
            near,
            known,
        })
    }

    fn change(&self, characteristic: &Characteristic, at: &Equilibrium) -> Change {
        Change::new(characteristic, self.network, (&at.u, at.p), (&at.du, at.dp))
    }

    /// The point one step on, with the events between, and the next step; `None` at the end of the range.
    fn advance(&self, from: &Point, mut step: f64) -> Result<Option<(Point, f64)>> {
        let settings = &self.settings;
        let (low, high) = (
            settings.range.0.min(settings.range.1),
            settings.range.0.max(settings.range.1),
        );
        let Equilibrium { p, dp, .. } = from.equilibrium;
        let outward = |bound: f64, sign: f64| p == bound && sign * dp > 0.0;
        if outward(high, 1.0) || outward(low, -1.0) {
            return Ok(None);
        }
        loop {
            let shorter = match self.attempt(from, step, (low, high)) {
                Ok(Some(point)) => return Ok(Some((point, (1.5 * step).min(settings.step_max)))),
                Ok(None) => None,
                Err(error) => Some(error),
            };
            step *= 0.5;
            if step < settings.step_min {
                return Err(shorter.unwrap_or_else(|| {
                    Error::bad_value(
                        self.network.parameter(),
                        p,
                        format!(
                            "the events that were located there do not add up to the change in the unstable count ({} roots before); where several coincide, as in symmetric networks, break the symmetry a little",
                            from.n_unstable
                        ),
                    )
                }));
            }
        }
    }

    /// One step; `None` if it has to be shorter.
    fn attempt(&self, from: &Point, step: f64, (low, high): (f64, f64)) -> Result<Option<Point>> {
        let start = &from.equilibrium;
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
        let cosine = overlap(start, &to);
        if cosine < TURN {
            return Ok(None);
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
        let mut point = self.point(to, &guesses)?;
        let Some(tracks) = matched(from, &point, step, cosine) else {
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
        if count != point.n_unstable as i64 || (twice && !tight) {
            return Ok(None);
        }
        point.events = events.into_iter().map(|(_, event, _)| event).collect();
        Ok(Some(point))
    }

    /// The crossing near the distance `at` from `from`, and whether it is into (+1) or out of (-1) the right half plane.
    fn locate(
        &self,
        from: &Point,
        track: &Track<'_>,
        at: f64,
        step: f64,
    ) -> Result<Option<(f64, Event, i64)>> {
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
            // Where a root crosses slowly, a small distance from the axis is a long way on the branch: both have to be small.
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
                0.0 if there.dp.abs() < 1e-5 => EventKind::Fold,
                0.0 => EventKind::BranchPoint,
                _ => EventKind::Hopf,
            };
            let form = match kind {
                EventKind::Hopf => {
                    let crossing = speed / there.dp;
                    characteristic.hopf_form(self.network, (&there.u, there.p), &root, crossing)
                }
                _ => None,
            };
            let event = Event {
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

impl Iterator for Branch<'_> {
    type Item = Result<Point>;

    /// The next point; after an error the branch ends, and what was handed out before stands.
    fn next(&mut self) -> Option<Result<Point>> {
        if self.n_points == self.settings.max_points {
            return None;
        }
        let next = match &self.last {
            None => Ok(Some(self.first.take()?)),
            Some(last) => self.advance(last, self.step),
        };
        match next {
            Ok(None) => {
                self.n_points = self.settings.max_points;
                None
            }
            Ok(Some((point, step))) => {
                self.n_points += 1;
                self.step = step;
                self.last = Some(point.clone());
                Some(Ok(point))
            }
            Err(error) => {
                self.n_points = self.settings.max_points;
                Some(Err(error))
            }
        }
    }
}

/// The cosine between the tangents of two points of a curve.
fn overlap(a: &Equilibrium, b: &Equilibrium) -> f64 {
    let states: f64 = a.du.iter().zip(&b.du).map(|(a, b)| a * b).sum();
    states / a.du.len() as f64 + a.dp * b.dp
}

/// Of the upper half plane, the few nearest the imaginary axis on each side of it.
fn nearest<T: Clone>(roots: &[T], lambda: impl Fn(&T) -> Complex64) -> Vec<T> {
    let mut near = Vec::new();
    for right in [true, false] {
        let side = roots
            .iter()
            .filter(|root| (lambda(root).re > 0.0) == right && lambda(root).im >= 0.0);
        let mut side: Vec<T> = side.cloned().collect();
        side.sort_by(|a, b| lambda(a).re.abs().total_cmp(&lambda(b).re.abs()));
        near.extend(side.into_iter().take(N_NEAR));
    }
    near
}
