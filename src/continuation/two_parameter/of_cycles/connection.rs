//! Where a curve of folds of cycles in the plane ends at infinite period: in the connection with
//! itself of a neutral saddle.
//!
//! On the curve the trace, integrated over the cycle, is 0. The longer the cycle stays at the
//! saddle, the nearer to 0 the saddle's own trace has to be, so the curve comes near its end only as
//! 1/period. The end itself is where both hold: cycles of a long period fixed (they are the
//! connection, to `exp(-rate period)`), and the saddle's trace 0.

use super::super::locus::LocusPoint;
use super::super::saddle::Saddle;
use crate::continuation::curve::{Convergence, correct};
use crate::continuation::cycle::Motion;
use crate::continuation::cycle::collocation::Collocation;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{distance, norm};
use crate::continuation::problem::Problem;

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

impl LongCycle<'_> {
    /// The end of the curve, if the cycle is near a saddle and the end near the cycle.
    pub fn end(&self) -> Option<LocusPoint> {
        let rate = Saddle::near(self.problem, &self.profile, self.parameters)?.rate();
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
            let saddle = Saddle::near(self.problem, &x[..at], [x[at + 1], second])?;
            Some((saddle.quantity(), x))
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

    fn point(&self, profile: &[f64], period: f64, parameters: [f64; 2]) -> Option<LocusPoint> {
        let away = distance(&parameters, &self.parameters);
        if away > REACH * (1.0 + norm(&parameters)) {
            return None;
        }
        let saddle = Saddle::near(self.problem, profile, parameters)?;
        let quantity = saddle.quantity();
        let event = Event {
            period: Some(period),
            coefficient: Some(saddle.unstable),
            coefficients: vec![
                ("unstable_eigenvalue", saddle.unstable),
                ("stable_eigenvalue", saddle.stable),
                ("saddle_quantity", quantity),
            ],
            residual: quantity.abs(),
            eigenvalues: saddle.eigenvalues,
            ..Event::new(EventKind::NeutralHomoclinic, &parameters, &saddle.state)
        };
        Some(LocusPoint {
            parameters,
            state: event.state.clone(),
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
