//! The next orbit of a branch, as long a series as it needs, and where the branch ends.

use super::balance::{Balance, Condition};
use super::packing::{longer, oriented, pack, resized, resized_packed, swing, unpack, weighted};
use super::{OrbitBranch, PeriodicOrbit, doubled};
use crate::continuation::cycle::CycleEnd;
use crate::continuation::cycle::infinite_period::{AT_SADDLE, NEAR_SADDLE, SETTLES};
use crate::continuation::linear::{add_scaled, dot, norm};
use crate::error::{ContinuationError, Error, Remark, Result};

/// The next orbit is guessed along a parabola where the tangent turns by less than this.
const STRAIGHT: f64 = 0.3;
/// The way to an orbit at a given parameter is halved as often as this.
const MOST_PARTS: usize = 20;
/// A branch that needs too many harmonics is not followed by shorter steps than this, as a share of the
/// longest one.
const SHORT: f64 = 0.1;

/// An orbit that swings by less than this share of the last one is an equilibrium.
const AT_REST: f64 = 1e-6;

impl OrbitBranch<'_> {
    /// The orbit at exactly the parameter `p`, from one near by on the same side of every fold.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) with the residual that is left, per ms;
    /// [`TooManyHarmonics`](crate::error::ContinuationError::TooManyHarmonics).
    pub fn orbit_at(&self, near: &PeriodicOrbit, p: f64) -> Result<PeriodicOrbit> {
        let mut near = near.clone();
        let (mut next, mut failed) = (p, 0);
        // Part of the way first, where all of it is too far for Newton's method.
        loop {
            match self.moved_to(&near, next) {
                Ok(orbit) if next == p => return Ok(orbit),
                Ok(orbit) => (near, next) = (orbit, p),
                Err(error) if failed == MOST_PARTS => return Err(error),
                Err(_) => {
                    failed += 1;
                    next = 0.5 * (near.p + next);
                }
            }
        }
    }

    /// The orbit at `p` that Newton's method finds from another one.
    fn moved_to(&self, near: &PeriodicOrbit, p: f64) -> Result<PeriodicOrbit> {
        let mut near = near.clone();
        loop {
            let base = pack(&near);
            let mut weights = vec![0.0; base.len()];
            *weights.last_mut().expect("the parameter is an unknown") = 1.0;
            let distance = p - near.p;
            let condition = Condition {
                weights,
                base,
                distance,
            };
            let problem = Balance {
                network: self.network,
                dim: near.dim,
            };
            let (orbit, _) = problem.solve(near, &condition)?;
            if orbit.tail <= self.settings.tail {
                return Ok(orbit);
            }
            near = resized(&orbit, self.more_harmonics(&orbit)?);
        }
    }

    /// The same orbit with as many harmonics as it needs; an error where it may not have so many.
    pub(super) fn refined(
        &self,
        mut orbit: PeriodicOrbit,
        mut tangent: Vec<f64>,
    ) -> Result<(PeriodicOrbit, Vec<f64>)> {
        while orbit.tail > self.settings.tail {
            let n_harmonics = self.more_harmonics(&orbit)?;
            let old = orbit.n_harmonics();
            orbit = resized(&orbit, n_harmonics);
            tangent = resized_packed(&tangent, orbit.dim, old, n_harmonics);
            let condition = Condition {
                weights: weighted(&tangent),
                base: pack(&orbit),
                distance: 0.0,
            };
            let problem = Balance {
                network: self.network,
                dim: orbit.dim,
            };
            let (next, next_tangent) = problem.solve(orbit, &condition)?;
            (orbit, tangent) = (next, oriented(next_tangent, &tangent));
        }
        Ok((orbit, tangent))
    }

    /// How many harmonics an orbit gets that needs more.
    fn more_harmonics(&self, orbit: &PeriodicOrbit) -> Result<usize> {
        let n_harmonics = longer(orbit.n_harmonics(), self.settings.max_harmonics);
        if n_harmonics > orbit.n_harmonics() {
            return Ok(n_harmonics);
        }
        Err(ContinuationError::TooManyHarmonics {
            parameter: self.network.parameter().into(),
            value: orbit.p,
            period_ms: orbit.period_ms(),
            most: n_harmonics,
        }
        .into())
    }

    /// The orbit a step on and its tangent; `None` where the branch has ended before.
    fn advance(
        &mut self,
        from: &PeriodicOrbit,
        tangent: &[f64],
    ) -> Result<Option<(PeriodicOrbit, Vec<f64>)>> {
        let (low, high) = (
            self.settings.range.0.min(self.settings.range.1),
            self.settings.range.0.max(self.settings.range.1),
        );
        loop {
            let error = match self.step_from(from, tangent) {
                Ok((orbit, _)) if is_at_rest(from, &orbit) => self.network.not_converged(
                    "a periodic orbit of the network",
                    orbit.p,
                    orbit.residual,
                    "the network is at rest there: take a smaller step",
                ),
                Ok((orbit, next)) if !(low..=high).contains(&orbit.p) => {
                    let bound = if orbit.p > high { high } else { low };
                    self.end = Some(CycleEnd::Bound);
                    return Ok(Some((self.orbit_at(from, bound)?, next)));
                }
                Ok((orbit, _)) if self.doubled && doubled::is_beyond(from, &orbit) => {
                    let off = |p: &&f64| (**p - from.p).abs();
                    let doublings = self.doublings.iter();
                    let nearest = doublings.min_by(|a, b| off(a).total_cmp(&off(b)));
                    self.end = Some(CycleEnd::PeriodDoubling(*nearest.unwrap_or(&from.p)));
                    return Ok(None);
                }
                Ok((orbit, _)) if shrinks(from, &orbit) => {
                    self.end = Some(CycleEnd::Hopf(self.hopf_between(from, &orbit)));
                    return Ok(None);
                }
                Ok((orbit, next)) => {
                    let turned = next.iter().zip(tangent).map(|(n, t)| (n - t) / self.step);
                    self.bend = (next.len() == tangent.len()).then(|| turned.collect());
                    if orbit.iterations <= 4 {
                        self.step = (1.5 * self.step).min(self.settings.step_max);
                    }
                    let change = (orbit.p - from.p).abs() / (1.0 + orbit.p.abs());
                    if orbit.period_ms() > self.settings.period_max {
                        self.end = Some(CycleEnd::LongPeriod);
                        self.end_connected(&orbit, &next, NEAR_SADDLE);
                    } else if orbit.omega < from.omega && change <= SETTLES {
                        self.end_connected(&orbit, &next, AT_SADDLE);
                    }
                    return Ok(Some((orbit, next)));
                }
                Err(error) => error,
            };
            let is_longest = matches!(
                error,
                Error::Continuation(ContinuationError::TooManyHarmonics { .. })
            );
            // Where the series ends is not worth a long search.
            let shortest = match is_longest {
                true => SHORT * self.settings.step_max,
                false => self.settings.step_min,
            };
            if self.step < shortest {
                return match is_longest && self.end_connected(from, tangent, NEAR_SADDLE) {
                    true => Ok(None),
                    false => Err(error),
                };
            }
            self.step *= 0.5;
        }
    }

    /// Ends the branch if orbits near `here` lead to a connection.
    fn end_connected(&mut self, here: &PeriodicOrbit, tangent: &[f64], bounds: (f64, f64)) -> bool {
        self.connection = self.connection(here, tangent, bounds);
        let is_connected = self.connection.is_some();
        if is_connected {
            self.end = Some(CycleEnd::InfinitePeriod);
        }
        is_connected
    }

    /// The orbit that one Newton iteration leads to, a step along `tangent` from `from`.
    fn step_from(
        &self,
        from: &PeriodicOrbit,
        tangent: &[f64],
    ) -> Result<(PeriodicOrbit, Vec<f64>)> {
        let base = pack(from);
        let mut guess = base.clone();
        add_scaled(&mut guess, self.step, tangent);
        if let Some(bend) = &self.bend
            && self.step * norm(bend) < STRAIGHT * norm(tangent)
        {
            add_scaled(&mut guess, 0.5 * self.step * self.step, bend);
        }
        let condition = Condition {
            weights: weighted(tangent),
            base,
            distance: self.step,
        };
        let problem = Balance {
            network: self.network,
            dim: from.dim,
        };
        let mut start = from.clone();
        unpack(&guess, &mut start);
        let (orbit, next) = problem.solve(start, &condition)?;
        self.refined(orbit, oriented(next, tangent))
    }

    /// The parameter of the Hopf point in which the orbits end between two, the nearest of those where
    /// they may; a value between theirs if none is near.
    fn hopf_between(&self, a: &PeriodicOrbit, b: &PeriodicOrbit) -> f64 {
        let [from, to] = [a, b].map(|orbit| norm(&swing(orbit)));
        let estimate = (to * a.p + from * b.p) / (from + to);
        let mean = &pack(a)[..a.dim];
        let miss = |(u, p): &&(Vec<f64>, f64)| {
            let apart: Vec<f64> = u.iter().zip(mean).map(|(u, mean)| u - mean).collect();
            norm(&apart) + (p - a.p).abs()
        };
        let reach = 2.0 * from.max(to) + 10.0 * self.step;
        let ends = self.hopf_points.iter().filter(|end| miss(end) < reach);
        let nearest = ends.min_by(|a, b| miss(a).total_cmp(&miss(b)));
        nearest.map_or(estimate, |(_, p)| *p)
    }
}

/// Whether orbits shrink to an equilibrium on the way from `a` to `b`: beyond it the same orbits come
/// again, half their period later.
fn shrinks(a: &PeriodicOrbit, b: &PeriodicOrbit) -> bool {
    dot(&[], &swing(a), &swing(b)) < 0.0
}

/// Whether Newton's method fell from the orbit `a` to an equilibrium, which satisfies the same
/// equations with any period.
fn is_at_rest(a: &PeriodicOrbit, b: &PeriodicOrbit) -> bool {
    norm(&swing(b)) < AT_REST * norm(&swing(a))
}

impl Iterator for OrbitBranch<'_> {
    type Item = Result<PeriodicOrbit>;

    /// The next orbit; after an error the branch ends, and what was handed out before stands.
    fn next(&mut self) -> Option<Result<PeriodicOrbit>> {
        if self.end.is_some() {
            return None;
        }
        if self.n_points == self.settings.max_points {
            self.end = Some(CycleEnd::Enough);
            return None;
        }
        let next = match self.last.take() {
            None => Ok(Some(self.first.take()?)),
            Some((orbit, tangent)) => self.advance(&orbit, &tangent),
        };
        match next {
            Ok(next) => {
                let (orbit, tangent) = next?;
                self.n_points += 1;
                self.last = Some((orbit.clone(), tangent));
                Some(Ok(orbit))
            }
            Err(error) => {
                self.end = Some(CycleEnd::Stopped(Remark::new(error.to_string())));
                Some(Err(error))
            }
        }
    }
}
