//! The point of a step at which a root crosses the imaginary axis.

use num_complex::Complex64;

use super::step::overlap;
use super::track::Track;
use super::{NetworkBranch, NetworkEvent, NetworkEventKind, NetworkPoint};
use crate::continuation::curve::{lagrange_through, largest, root};
use crate::continuation::linear::{Determinant, Lu};
use crate::continuation::network::equilibrium::NetworkEquilibrium;
use crate::error::Result;

/// A located event's root is this near the axis, relative to `1 + |lambda|`.
const ON_AXIS: f64 = 1e-13;
/// A branch point is interpolated from so many equilibria around it, within this share of the step.
const AROUND: usize = 8;
const WITHIN: f64 = 0.02;
/// The root of an interpolated branch point is this near 0, relative to how far it moves between
/// those around.
const INTERPOLATED: f64 = 1e-6;

/// An event and its distance along the branch; `sign` says whether the root crosses into the right
/// half plane (1) or out of it (-1).
pub(super) struct Located {
    pub(super) at: f64,
    pub(super) event: NetworkEvent,
    pub(super) sign: i64,
}

impl NetworkBranch<'_> {
    /// The crossing near the distance `at` from `from`.
    pub(super) fn locate(
        &self,
        from: &NetworkPoint,
        track: &Track<'_>,
        at: f64,
        step: f64,
    ) -> Result<Option<Located>> {
        let start = &from.equilibrium;
        let mut at = at;
        let mut guess = (track.value(at / step), track.x().to_vec());
        let mut best = f64::INFINITY;
        for _ in 0..20 {
            let there = match self.network.along(start, at) {
                Ok(there) => there,
                // Newton's method fails on a branch point.
                Err(error) => {
                    return match self.branch_point(start, track, at, step) {
                        None if guess.0.im != 0.0 => Err(error),
                        found => Ok(found),
                    };
                }
            };
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
                multiplicity: 1,
                n_unstable_before: 0,
                n_unstable_after: 0,
                form,
            };
            let sign = if speed.re > 0.0 { 1 } else { -1 };
            return Ok(Some(Located { at, event, sign }));
        }
        Ok(None)
    }

    /// The branch point near the distance `at`, where the determinant of the equilibrium's equations
    /// is 0. It is interpolated from equilibria around, all of which are smooth along the branch, as
    /// single roots are not: two may meet there and become a pair, and of several that are 0 at once
    /// pairs may be complex on both sides, as where nodes are equal and delays are not.
    fn branch_point(
        &self,
        start: &NetworkEquilibrium,
        track: &Track<'_>,
        at: f64,
        step: f64,
    ) -> Option<Located> {
        let width = WITHIN * step;
        let angle = |k: usize| std::f64::consts::PI * (k as f64 + 0.5) / AROUND as f64;
        let around: Vec<(f64, NetworkEquilibrium)> = (0..AROUND)
            .filter_map(|k| {
                let t = angle(k).cos();
                Some((t, self.network.along(start, at + width * t).ok()?))
            })
            .collect();
        if around.len() + 2 < AROUND {
            return None;
        }
        let places: Vec<f64> = around.iter().map(|(t, _)| *t).collect();
        let mixed = |t: f64, value: &dyn Fn(usize) -> f64| -> f64 {
            let basis = lagrange_through(&places, t);
            basis.iter().enumerate().map(|(k, l)| l * value(k)).sum()
        };
        let tests = zero_tests(&places, &self.determinants(&around));
        let test = |t: f64| mixed(t, &|k| tests[k]);
        let ends = [-1.0, 1.0].map(|t| (t, test(t)));
        let crosses = ends[0].1 < 0.0 && ends[1].1 > 0.0;
        if !crosses {
            return None;
        }
        let (t, ..) = root(ends[0], ends[1], 1e-15, |t| Some((test(t), ())))?;
        let of = |part: &dyn Fn(&NetworkEquilibrium) -> f64| mixed(t, &|k| part(&around[k].1));
        let n = start.u.len();
        let there = NetworkEquilibrium {
            u: (0..n).map(|i| of(&|e| e.u[i])).collect(),
            du: (0..n).map(|i| of(&|e| e.du[i])).collect(),
            p: of(&|e| e.p),
            dp: of(&|e| e.dp),
            ..around[0].1.clone()
        };
        let characteristic = self.characteristic(&there);
        let mut root = characteristic.polish(Complex64::ZERO, track.x())?;
        let speed = characteristic.speed(&root, &self.change(&characteristic, &there));
        let passes = speed.norm() * width;
        let beside = track.value(at / step).im.abs() > passes;
        if beside || root.lambda.norm() > INTERPOLATED * passes {
            return None;
        }
        root.lambda = Complex64::ZERO;
        let event = NetworkEvent {
            kind: NetworkEventKind::BranchPoint,
            equilibrium: NetworkEquilibrium {
                residual: largest(self.network.residual(&there.u, there.p)),
                ..there
            },
            root,
            multiplicity: 1,
            n_unstable_before: 0,
            n_unstable_after: 0,
            form: None,
        };
        Some(Located {
            at: at + width * t,
            event,
            sign: if speed.re > 0.0 { 1 } else { -1 },
        })
    }

    /// The determinants of the equations of equilibria, as shares of the largest.
    fn determinants(&self, of: &[(f64, NetworkEquilibrium)]) -> Vec<f64> {
        let determinants: Vec<Determinant> = of
            .iter()
            .map(|(_, e)| Lu::new(self.network.jacobian(&e.u, e.p).as_ref()).determinant())
            .collect();
        let logs = determinants.iter().map(|d| d.log);
        let most = logs.fold(f64::NEG_INFINITY, f64::max);
        let share = |d: &Determinant| d.sign * (d.log - most).exp();
        determinants.iter().map(share).collect()
    }
}

/// A smooth function over its slope, at the places where its values are known: near a zero of any
/// order it passes 0 upwards, once.
fn zero_tests(places: &[f64], values: &[f64]) -> Vec<f64> {
    let others = |k: usize| (0..places.len()).filter(move |&i| i != k);
    let apart = |k: usize| -> f64 { others(k).map(|i| places[k] - places[i]).product() };
    let slope = |k: usize| -> f64 {
        let own: f64 = others(k).map(|i| 1.0 / (places[k] - places[i])).sum();
        let rest = others(k).map(|i| values[i] * apart(k) / (apart(i) * (places[k] - places[i])));
        values[k] * own + rest.sum::<f64>()
    };
    (0..places.len()).map(|k| values[k] / slope(k)).collect()
}
