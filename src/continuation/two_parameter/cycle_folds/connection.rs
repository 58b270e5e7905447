//! Where a curve of folds of cycles in the plane ends at infinite period: in the connection with
//! itself of a neutral saddle.
//!
//! On the curve the trace, integrated over the cycle, is 0. The longer the cycle stays at the
//! saddle, the nearer to 0 the saddle's own trace has to be, so the curve comes near its end only as
//! 1/period. The end itself is where both hold: cycles of a long period fixed (they are the
//! connection, to `exp(-rate period)`), and the saddle's trace 0.

use super::super::locus::LocusPoint;
use crate::continuation::curve::{Convergence, correct, largest};
use crate::continuation::cycle::Motion;
use crate::continuation::cycle::collocation::Collocation;
use crate::continuation::equilibrium::equilibria::Equilibria;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{distance, eigenvalues, norm};
use crate::continuation::problem::Problem;

/// The cycle comes this near to the saddle, as a share of its extent.
const AT_SADDLE: f64 = 1e-2;
/// Longer periods that the end is computed at, each longer by this over the saddle's rate.
const LONGER: [f64; 4] = [0.0, 6.0, 6.0, 6.0];
/// The end is found where it moves by less than this from one period to the next.
const SETTLED: f64 = 1e-7;
/// The first step of the second parameter, relative to 1 + |parameter|, and steps at most.
const FIRST: f64 = 1e-6;
const MOST_STEPS: usize = 60;
/// The curve has to be this near to its end, as a share of what both parameters are.
const REACH: f64 = 0.2;

/// A cycle on a mesh, at both parameters.
pub(super) struct LongCycle<'a> {
    pub problem: &'a dyn Problem,
    pub mesh: Vec<f64>,
    pub degree: usize,
    /// The profile `[n_points, 2]` without its last point.
    pub profile: Vec<f64>,
    pub period: f64,
    pub parameters: [f64; 2],
}

/// A saddle, its eigenvalues and their sum.
struct Saddle {
    state: Vec<f64>,
    unstable: f64,
    stable: f64,
}

impl LongCycle<'_> {
    /// The end of the curve, if the cycle is near a saddle and the end near the cycle.
    pub fn end(&self) -> Option<LocusPoint> {
        let saddle = self.saddle(&self.profile, self.parameters)?;
        let rate = saddle.unstable.min(-saddle.stable);
        let mut system = self.system();
        let mut x = self.profile.clone();
        x.extend([self.period, self.parameters[0]]);
        let mut second = self.parameters[1];
        let mut before: Option<[f64; 2]> = None;
        for longer in LONGER {
            let at = x.len() - 2;
            // More time at the saddle, the rest of the cycle as it is.
            x[at] += longer / rate;
            (x, second) = self.neutral(&mut system, x, second)?;
            let found = [x[at + 1], second];
            let moved = before.map(|before| distance(&before, &found));
            if moved.is_some_and(|moved| moved < SETTLED * (1.0 + norm(&found))) {
                return self.point(&x[..at], x[at], found);
            }
            before = Some(found);
        }
        None
    }

    fn system(&self) -> Collocation<Motion<'_>> {
        let motion = Motion {
            problem: self.problem,
            parameters: self.parameters.to_vec(),
            active: 0,
        };
        let weights = vec![self.period.powi(-2), 1.0];
        Collocation::new(motion, self.degree, self.mesh.clone(), weights)
    }

    /// The cycle of the period of `x`, and the second parameter, at which the saddle is neutral: by
    /// the secant rule.
    fn neutral(
        &self,
        system: &mut Collocation<Motion<'_>>,
        x: Vec<f64>,
        second: f64,
    ) -> Option<(Vec<f64>, f64)> {
        let at = x.len() - 2;
        let mut trace = |x: Vec<f64>, second: f64| -> Option<(f64, Vec<f64>)> {
            system.field.parameters[1] = second;
            let mut x = x;
            for _ in 0..2 {
                let mesh = system.adapted_mesh(&x, system.n_intervals());
                system.remesh(mesh, &mut [&mut x]);
                system.refer_to(&x);
                let mut across = vec![0.0; x.len()];
                across[at] = 1.0;
                let convergence = Convergence {
                    tolerance: 1e-10,
                    max_iterations: 20,
                    early: false,
                };
                x = correct(system, x, &across, convergence).ok()?.x;
            }
            let saddle = self.saddle(&x[..at], [x[at + 1], second])?;
            Some((saddle.unstable + saddle.stable, x))
        };
        let (mut low, mut x) = trace(x, second)?;
        let mut from = second;
        let mut step = FIRST * (1.0 + second.abs());
        for _ in 0..MOST_STEPS {
            let to = from + step;
            let Some((high, there)) = trace(x.clone(), to) else {
                // Where the cycles are canards, they change at once: nearer.
                step *= 0.25;
                continue;
            };
            x = there;
            step *= -high / (high - low);
            if step.abs() < 1e-11 * (1.0 + to.abs()) || high == low {
                return Some((x, to));
            }
            (from, low) = (to, high);
        }
        None
    }

    /// The saddle that the profile comes near.
    fn saddle(&self, profile: &[f64], parameters: [f64; 2]) -> Option<Saddle> {
        let mut rates = vec![0.0; 2];
        let speed = |u: &[f64]| {
            self.problem.value(u, &parameters, &mut rates);
            norm(&rates)
        };
        let speeds: Vec<f64> = profile.chunks_exact(2).map(speed).collect();
        let slowest = (0..speeds.len()).min_by(|a, b| speeds[*a].total_cmp(&speeds[*b]))?;
        let near = &profile[2 * slowest..][..2];
        let mut curve = Equilibria::new(self.problem, &parameters, 0);
        let x: Vec<f64> = near.iter().copied().chain([parameters[0]]).collect();
        let convergence = Convergence {
            tolerance: 1e-12,
            max_iterations: 30,
            early: false,
        };
        let on = curve.at(&x, convergence).ok()?;
        let range = |i: usize| {
            let values = profile[i..].iter().step_by(2);
            let [low, high] = values.fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], v| {
                [a.min(*v), b.max(*v)]
            });
            high - low
        };
        if distance(&on.x[..2], near) > AT_SADDLE * largest([range(0), range(1)]) {
            return None;
        }
        let values = eigenvalues(curve.jacobian(&on.x));
        let [unstable, stable] = [values[0], values[1]];
        (unstable.im == 0.0 && unstable.re > 0.0 && stable.re < 0.0).then(|| Saddle {
            state: on.x[..2].to_vec(),
            unstable: unstable.re,
            stable: stable.re,
        })
    }

    fn point(&self, profile: &[f64], period: f64, parameters: [f64; 2]) -> Option<LocusPoint> {
        let away = distance(&parameters, &self.parameters);
        if away > REACH * (1.0 + norm(&parameters)) {
            return None;
        }
        let Saddle {
            state,
            unstable,
            stable,
        } = self.saddle(profile, parameters)?;
        let quantity = unstable + stable;
        let event = Event {
            period: Some(period),
            coefficient: Some(unstable),
            coefficients: vec![
                ("unstable_eigenvalue", unstable),
                ("stable_eigenvalue", stable),
                ("saddle_quantity", quantity),
            ],
            residual: quantity.abs(),
            eigenvalues: vec![unstable.into(), stable.into()],
            ..Event::new(EventKind::NeutralHomoclinic, &parameters, &state)
        };
        Some(LocusPoint {
            parameters,
            state,
            kind: EventKind::CycleFold,
            omega: None,
            period: Some(period),
            coefficient: None,
            eigenvalues: event.eigenvalues.clone(),
            residual: event.residual,
            events: vec![event],
            newton_iterations: 0,
        })
    }
}
