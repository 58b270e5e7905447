//! Orbits of a branch with their stability, and the bifurcations between them.

use std::f64::consts::PI;

use num_complex::Complex64;

use super::balance::{Balance, Condition};
use super::floquet::Multipliers;
use super::packing::{oriented, pack, resized, resized_packed, weighted};
use super::{OrbitBranch, PeriodicOrbit};
use crate::continuation::curve::{lagrange_through, root};
use crate::continuation::cycle::events::{flips, nearest, pairs_outside, torus_test};
use crate::continuation::event::{Cycle, Event, EventKind};
use crate::error::Result;

/// An orbit with its stability.
#[derive(Debug, Clone)]
pub struct JudgedOrbit {
    /// The orbit.
    pub orbit: PeriodicOrbit,
    /// Its Floquet multipliers; `None` if they could not be computed to four digits.
    pub multipliers: Option<Multipliers>,
    /// What happened since the orbit before, in order.
    pub events: Vec<OrbitEvent>,
    /// Whether the events explain the change of stability.
    pub is_explained: bool,
    tangent: Vec<f64>,
}

/// A bifurcation of periodic orbits.
#[derive(Debug, Clone)]
pub struct OrbitEvent {
    /// [`EventKind::CycleFold`], [`EventKind::PeriodDoubling`], [`EventKind::Torus`] or
    /// [`EventKind::BranchPoint`].
    pub kind: EventKind,
    /// The orbit that bifurcates.
    pub orbit: PeriodicOrbit,
    /// Its multipliers.
    pub multipliers: Multipliers,
    /// Multipliers outside the unit circle before and after, in the direction of the branch.
    pub n_unstable: [usize; 2],
}

/// Converts to the event of any branch of cycles.
impl From<&OrbitEvent> for Event {
    fn from(event: &OrbitEvent) -> Self {
        let OrbitEvent {
            kind,
            orbit,
            multipliers,
            n_unstable: [before, after],
        } = event;
        let (times, profile) = orbit.profile();
        let (minima, maxima) = (0..orbit.dim).map(|k| orbit.extrema(k)).unzip();
        let on_circle = |m: &&Complex64| m.im > 0.0 && (m.norm() - 1.0).abs() < 1e-3;
        let turning = multipliers.values.iter().find(on_circle);
        let turning = turning.filter(|_| *kind == EventKind::Torus);
        Self {
            omega: turning.map(|m| m.arg() / orbit.period_ms()),
            period: Some(orbit.period_ms()),
            n_unstable_before: *before,
            n_unstable_after: *after,
            residual: orbit.residual,
            eigenvalues: multipliers.values.clone(),
            cycle: Some(Box::new(Cycle {
                parameter: orbit.p,
                period: orbit.period_ms(),
                minima,
                maxima,
                multipliers: multipliers.values.clone(),
                trivial_error: multipliers.trivial_error,
                mesh_error: None,
                n_unstable: *before.min(after),
                times,
                profile: profile.clone(),
                events: Vec::new(),
                residual: orbit.residual,
                newton_iterations: orbit.iterations,
            })),
            ..Self::new(*kind, &[orbit.p], &profile[0])
        }
    }
}

/// A branch of orbits with their stability, as an iterator.
#[derive(Debug)]
pub struct JudgedOrbits<'a> {
    /// The branch.
    pub branch: OrbitBranch<'a>,
    last: Option<JudgedOrbit>,
}

/// Multipliers are believed where the trivial one misses 1 by this at most.
const BELIEVED: f64 = 1e-4;
/// How often the way between two orbits is halved to tell events apart.
const MOST_HALVINGS: usize = 8;
/// A bifurcation is located to this share of the way between two orbits.
const LOCATED: f64 = 1e-10;
/// A branch point is interpolated from so many orbits around it, within this share of the way.
const AROUND: usize = 8;
const WITHIN: f64 = 0.05;

impl<'a> OrbitBranch<'a> {
    /// The branch with the stability of every orbit, and the bifurcations between.
    pub fn judged(self) -> JudgedOrbits<'a> {
        JudgedOrbits {
            branch: self,
            last: None,
        }
    }

    fn judge(&self, orbit: PeriodicOrbit, tangent: Vec<f64>) -> JudgedOrbit {
        JudgedOrbit {
            multipliers: orbit
                .multipliers(self.network)
                .filter(|multipliers| multipliers.trivial_error <= BELIEVED),
            orbit,
            tangent,
            events: Vec::new(),
            is_explained: true,
        }
    }

    /// The orbit a share `t` of the way from `a` to `b`.
    fn between(&self, a: &JudgedOrbit, b: &JudgedOrbit, t: f64) -> Option<JudgedOrbit> {
        let [from, n] = [a, b].map(|judged| judged.orbit.n_harmonics());
        let n = n.max(from);
        let start = resized(&a.orbit, n);
        let end = pack(&resized(&b.orbit, n));
        let tangent = resized_packed(&a.tangent, start.dim, from, n);
        let base = pack(&start);
        let weights = weighted(&tangent);
        let apart = base.iter().zip(&end).map(|(a, b)| b - a);
        let guess: Vec<f64> = base.iter().zip(apart).map(|(a, by)| a + t * by).collect();
        let along = base.iter().zip(&end).zip(&weights);
        let distance: f64 = along.map(|((a, b), w)| w * (b - a)).sum();
        let mut near = start;
        super::packing::unpack(&guess, &mut near);
        let problem = Balance {
            network: self.network,
            dim: near.dim,
        };
        let condition = Condition {
            weights,
            base,
            distance: t * distance,
        };
        let (orbit, next) = problem.solve(near, &condition).ok()?;
        Some(self.judge(orbit, oriented(next, &tangent)))
    }

    /// Adds the events between `a` and `b`; whether they explain the change of stability.
    fn explain(
        &self,
        a: &JudgedOrbit,
        b: &JudgedOrbit,
        depth: usize,
        events: &mut Vec<OrbitEvent>,
    ) -> bool {
        let (Some(at_a), Some(at_b)) = (&a.multipliers, &b.multipliers) else {
            return true;
        };
        let counts = [at_a, at_b].map(Multipliers::n_unstable);
        let change = counts[0].abs_diff(counts[1]);
        let turns = a.speed() * b.speed() < 0.0;
        let doubles = flips(&at_a.values) != flips(&at_b.values);
        let pairs = pairs_outside(&at_a.values).abs_diff(pairs_outside(&at_b.values));
        let kind = match (turns, doubles, change) {
            (false, false, 0) => return true,
            (true, false, 1) => Some(EventKind::CycleFold),
            (false, true, 1) => Some(EventKind::PeriodDoubling),
            (false, false, 1) => Some(EventKind::BranchPoint),
            (false, false, 2) if pairs == 1 => Some(EventKind::Torus),
            _ => None,
        };
        if let Some(event) = kind.and_then(|kind| self.locate(a, b, kind, counts)) {
            events.push(event);
            return true;
        }
        if depth < MOST_HALVINGS
            && let Some(middle) = self.between(a, b, 0.5)
        {
            let first = self.explain(a, &middle, depth + 1, events);
            return self.explain(&middle, b, depth + 1, events) && first;
        }
        false
    }

    fn locate(
        &self,
        a: &JudgedOrbit,
        b: &JudgedOrbit,
        kind: EventKind,
        n_unstable: [usize; 2],
    ) -> Option<OrbitEvent> {
        let test = |judged: &JudgedOrbit| -> Option<f64> {
            let values = &judged.multipliers.as_ref()?.values;
            let value = match kind {
                EventKind::CycleFold => judged.speed(),
                EventKind::PeriodDoubling => nearest(values, -1.0) + 1.0,
                EventKind::BranchPoint => nearest(values, 1.0) - 1.0,
                _ => torus_test(values),
            };
            value.is_finite().then_some(value)
        };
        let ends = [(0.0, test(a)?), (1.0, test(b)?)];
        if ends[0].1 * ends[1].1 > 0.0 {
            return None;
        }
        if kind == EventKind::BranchPoint {
            return self.branch_point([a, b], test, n_unstable);
        }
        let (.., found) = root(ends[0], ends[1], LOCATED, |t| {
            let judged = self.between(a, b, t)?;
            Some((test(&judged)?, judged))
        })?;
        Some(OrbitEvent {
            kind,
            multipliers: found.multipliers?,
            orbit: found.orbit,
            n_unstable,
        })
    }
}

impl OrbitBranch<'_> {
    /// The orbit where `test` is 0 on the way between two, interpolated from those around it: at a
    /// branch point Newton's method fails, but orbits and multipliers are smooth.
    fn branch_point(
        &self,
        [a, b]: [&JudgedOrbit; 2],
        test: impl Fn(&JudgedOrbit) -> Option<f64>,
        n_unstable: [usize; 2],
    ) -> Option<OrbitEvent> {
        let (mut centre, mut width) = (0.5, 0.5);
        loop {
            let angle = |k: usize| PI * (k as f64 + 0.5) / AROUND as f64;
            let around: Vec<(f64, JudgedOrbit, f64)> = (0..AROUND)
                .filter_map(|k| {
                    let t = centre + width * angle(k).cos();
                    let judged = self.between(a, b, t)?;
                    let value = test(&judged)?;
                    Some((t, judged, value))
                })
                .collect();
            if around.len() + 2 < AROUND {
                return None;
            }
            let places: Vec<f64> = around.iter().map(|(t, ..)| *t).collect();
            let mixed = |t: f64, value: &dyn Fn(usize) -> f64| -> f64 {
                let basis = lagrange_through(&places, t);
                basis.iter().enumerate().map(|(k, l)| l * value(k)).sum()
            };
            let off = |t: f64| mixed(t, &|k| around[k].2);
            let ends = [centre - width, centre + width].map(|t| (t, off(t)));
            if ends[0].1 * ends[1].1 > 0.0 {
                return None;
            }
            let (at, ..) = root(ends[0], ends[1], LOCATED, |t| Some((off(t), ())))?;
            if width > WITHIN {
                (centre, width) = (at, WITHIN);
                continue;
            }
            let orbits = || around.iter().map(|(_, judged, _)| &judged.orbit);
            let n = orbits().map(PeriodicOrbit::n_harmonics).max()?;
            let packed: Vec<Vec<f64>> = orbits().map(|orbit| pack(&resized(orbit, n))).collect();
            let unknowns = (0..packed[0].len()).map(|i| mixed(at, &|k| packed[k][i]));
            let mut orbit = resized(&around[0].1.orbit, n);
            super::packing::unpack(&unknowns.collect::<Vec<f64>>(), &mut orbit);
            return Some(OrbitEvent {
                kind: EventKind::BranchPoint,
                multipliers: orbit.multipliers(self.network)?,
                orbit,
                n_unstable,
            });
        }
    }
}

/// An orbit whose multipliers were not asked for.
impl From<PeriodicOrbit> for JudgedOrbit {
    fn from(orbit: PeriodicOrbit) -> Self {
        Self {
            orbit,
            multipliers: None,
            events: Vec::new(),
            is_explained: true,
            tangent: Vec::new(),
        }
    }
}

impl JudgedOrbit {
    /// How the parameter moves along the branch.
    fn speed(&self) -> f64 {
        self.tangent.last().copied().unwrap_or(f64::NAN)
    }
}

impl Iterator for JudgedOrbits<'_> {
    type Item = Result<JudgedOrbit>;

    /// The next orbit; after an error the branch ends, and what was handed out before stands.
    fn next(&mut self) -> Option<Result<JudgedOrbit>> {
        let orbit = match self.branch.next()? {
            Ok(orbit) => orbit,
            Err(error) => return Some(Err(error)),
        };
        let tangent = match &self.branch.last {
            Some((_, tangent)) => tangent.clone(),
            None => return None,
        };
        let mut judged = self.branch.judge(orbit, tangent);
        if let Some(last) = &self.last {
            let mut events = Vec::new();
            judged.is_explained = self.branch.explain(last, &judged, 0, &mut events);
            judged.events = events;
        }
        self.last = Some(judged.clone());
        Some(Ok(judged))
    }
}
