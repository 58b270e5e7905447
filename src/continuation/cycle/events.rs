//! Locates the bifurcations between two cycles, and checks that they explain the change of
//! stability.

use num_complex::Complex64;

use super::follower::{ConvergedCycle, Follower};
use crate::continuation::curve::{Curve, OnCurve, lagrange_through, normalise, root};
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::dot;

/// How much a multiplier may miss the unit circle and count as on it.
const ON_CIRCLE: f64 = 1e-9;
/// Cycles around a branch point that it is interpolated from.
const NEIGHBOURS: usize = 8;

impl Follower<'_> {
    /// Events between two cycles on the same mesh.
    pub(super) fn events(
        &mut self,
        a: &ConvergedCycle,
        b: &ConvergedCycle,
        depth: usize,
        events: &mut Vec<Event>,
    ) {
        let crosses = a.on.determinant.sign != b.on.determinant.sign;
        let change = a.n_unstable.abs_diff(b.n_unstable);
        // In the plane a branch turns where the multiplier passes 1. Where cycles grow explosively
        // that can be told from the multiplier only: the parameter stands still to its last digit.
        let turns = match a.growth {
            Some(_) if !crosses => change == 1,
            _ => self.parameter_speed(&a.on) * self.parameter_speed(&b.on) < 0.0,
        };
        let doubling = |s: &ConvergedCycle| flips(&s.multipliers);
        let flips = doubling(a) != doubling(b);
        let pairs = pairs_outside(&a.multipliers).abs_diff(pairs_outside(&b.multipliers));
        let found = match (turns, crosses, flips, change) {
            (false, false, false, 0) => return,
            (true, false, false, 1) => self.locate(a, b, EventKind::CycleFold),
            (false, true, false, 1) | (true, true, false, 0) => self.branch_point(a, b, turns),
            (false, false, true, 1) => self.locate(a, b, EventKind::PeriodDoubling),
            (false, false, false, 2) if pairs == 1 => self.locate(a, b, EventKind::Torus),
            _ => None,
        };
        if let Some(event) = found {
            events.push(event);
            return;
        }
        if depth < 24
            && let Some(on) = self.between(&a.on, &b.on, 0.5)
        {
            let middle = self.converged(on);
            self.events(a, &middle, depth + 1, events);
            self.events(&middle, b, depth + 1, events);
            return;
        }
        // Multipliers that touch the circle without crossing are no event.
        let near = |s: &ConvergedCycle| {
            s.multipliers
                .iter()
                .any(|m| (m.norm() - 1.0).abs() < ON_CIRCLE)
        };
        if change > 0 && !near(a) && !near(b) {
            self.unexplained.push(self.parameter(&a.on));
        }
    }

    fn locate(&mut self, a: &ConvergedCycle, b: &ConvergedCycle, kind: EventKind) -> Option<Event> {
        let parameter_at = self.period_at() + 1;
        let test = move |s: &ConvergedCycle| match kind {
            EventKind::CycleFold => s.growth.unwrap_or(s.on.tangent[parameter_at]),
            EventKind::PeriodDoubling => nearest(&s.multipliers, -1.0) + 1.0,
            _ => torus_test(&s.multipliers),
        };
        let (at_a, at_b) = (test(a), test(b));
        if at_a * at_b > 0.0 || !(at_a * at_b).is_finite() {
            return None;
        }
        let (_, value, converged) = root((0.0, at_a), (1.0, at_b), 1e-12, |t| {
            let on = self.between(&a.on, &b.on, t)?;
            let converged = self.converged(on);
            Some((test(&converged), converged))
        })?;
        let omega = match kind {
            EventKind::Torus => {
                let pair = converged
                    .multipliers
                    .iter()
                    .find(|m| m.im > 0.0 && (m.norm() - 1.0).abs() < 1e-3)?;
                Some(pair.arg() / self.period(&converged.on))
            }
            _ => None,
        };
        Some(Event {
            omega,
            residual: value.abs().max(converged.on.residual),
            ..self.event(kind, &converged, [a, b])
        })
    }

    /// Where a multiplier passes 1 without a turn of the branch, or (met from the arm of a
    /// pitchfork, where it only touches 1) with one. Newton's method fails there, so cycles around
    /// are interpolated: all of these functions are smooth along the branch.
    fn branch_point(
        &mut self,
        a: &ConvergedCycle,
        b: &ConvergedCycle,
        turns: bool,
    ) -> Option<Event> {
        let parameter_at = self.period_at() + 1;
        let test = |s: &ConvergedCycle| {
            if turns {
                s.on.tangent[parameter_at]
            } else {
                nearest(&s.multipliers, 1.0) - 1.0
            }
        };
        if (test(a) * test(b)).partial_cmp(&0.0) != Some(std::cmp::Ordering::Less) {
            return None;
        }
        // Chebyshev's points on [0, 1].
        let count = NEIGHBOURS as f64;
        let angle = |k: usize| std::f64::consts::PI * (k as f64 + 0.5) / count;
        let around: Vec<(f64, ConvergedCycle)> = (0..NEIGHBOURS)
            .filter_map(|k| {
                let t = 0.5 - 0.5 * angle(k).cos();
                let on = self.between(&a.on, &b.on, t)?;
                Some((t, self.converged(on)))
            })
            .collect();
        if around.len() + 1 < NEIGHBOURS {
            return None;
        }
        // A fold beside a branch point shows in the counts between, and in a multiplier that does
        // pass 1.
        let side = |s: &ConvergedCycle| nearest(&s.multipliers, 1.0) > 1.0;
        let same = |s: &ConvergedCycle| s.n_unstable == a.n_unstable && side(s) == side(a);
        if turns && !around.iter().all(|(_, s)| same(s)) {
            return None;
        }
        let points: Vec<f64> = around.iter().map(|(t, _)| *t).collect();
        let values: Vec<f64> = around.iter().map(|(_, s)| test(s)).collect();
        let at = |t: f64, f: &dyn Fn(usize) -> f64| -> f64 {
            let basis = lagrange_through(&points, t);
            basis.iter().enumerate().map(|(k, l)| l * f(k)).sum()
        };
        let interpolated = |t: f64| at(t, &|k| values[k]);
        let ends = [0.0, 1.0].map(|t| (t, interpolated(t)));
        let (t, _, ()) = root(ends[0], ends[1], 1e-15, |t| Some((interpolated(t), ())))?;
        // How well the cycles around carry the interpolation: without the first of them.
        let fewer = lagrange_through(&points[1..], t);
        let rough = dot(&[], &fewer, &values[1..]);
        if !(0.0..=1.0).contains(&t) || rough.abs() > 1e-6 {
            return None;
        }
        let x: Vec<f64> = (0..a.on.x.len())
            .map(|i| at(t, &|k| around[k].1.on.x[i]))
            .collect();
        let mut tangent: Vec<f64> = (0..x.len())
            .map(|i| at(t, &|k| around[k].1.on.tangent[i]))
            .collect();
        normalise(self.system.weights(), &mut tangent);
        let residual = self.system.solve(&x, &tangent).residual;
        let converged = self.converged(OnCurve {
            x,
            tangent,
            residual,
            ..a.on.clone()
        });
        if (nearest(&converged.multipliers, 1.0) - 1.0).abs() > 1e-5 {
            return None;
        }
        Some(Event {
            residual,
            ..self.event(EventKind::BranchPoint, &converged, [a, b])
        })
    }

    fn event(&self, kind: EventKind, at: &ConvergedCycle, [a, b]: [&ConvergedCycle; 2]) -> Event {
        Event {
            period: Some(self.period(&at.on)),
            n_unstable_before: a.n_unstable,
            n_unstable_after: b.n_unstable,
            residual: at.on.residual,
            eigenvalues: at.multipliers.clone(),
            tangent: at.on.tangent.clone(),
            cycle: Some(Box::new(self.cycle(at, Vec::new()))),
            ..Event::new(kind, &[self.parameter(&at.on)], &at.on.x[..self.n()])
        }
    }
}

/// Sign of the product of (mu + 1): changes at a period doubling.
pub(in crate::continuation) fn flips(multipliers: &[Complex64]) -> bool {
    multipliers
        .iter()
        .filter(|m| m.im == 0.0 && m.re < -1.0)
        .count()
        % 2
        == 1
}

/// Complex pairs outside the unit circle.
pub(in crate::continuation) fn pairs_outside(multipliers: &[Complex64]) -> usize {
    multipliers
        .iter()
        .filter(|m| m.im > 0.0 && m.norm() > 1.0)
        .count()
}

/// The real multiplier nearest `target`.
pub(in crate::continuation) fn nearest(multipliers: &[Complex64], target: f64) -> f64 {
    multipliers
        .iter()
        .filter(|m| m.im == 0.0)
        .map(|m| m.re)
        .min_by(|a, b| (a - target).abs().total_cmp(&(b - target).abs()))
        .unwrap_or(f64::NAN)
}

/// |mu| - 1 of the pair nearest the circle.
pub(in crate::continuation) fn torus_test(multipliers: &[Complex64]) -> f64 {
    multipliers
        .iter()
        .filter(|m| m.im > 0.0)
        .map(|m| m.norm() - 1.0)
        .min_by(|a, b| a.abs().total_cmp(&b.abs()))
        .unwrap_or(f64::NAN)
}
