//! Keeps the mesh fine enough for the cycles on it.
//!
//! Collocation has solutions on any mesh, but on a mesh that is too coarse they may not be cycles.
//! The test is whether the flow carries each point of the profile to the next. If it does not, the
//! mesh is refined; a cycle that no mesh resolves is rejected.

use super::follower::{ConvergedCycle, Follower};
use super::shape::amplitude;
use crate::continuation::curve::{Convergence, Curve, OnCurve, correct, largest, normalise};
use crate::continuation::linear::{add_scaled, dot};
use crate::continuation::problem::Problem;
use crate::error::Remark;

/// A mesh is made finer where the profile misses the flow by more than this share of the cycle's
/// amplitude,
pub(in crate::continuation) const RESOLVED: f64 = 1e-5;
/// up to so many times as many intervals as at first,
pub(in crate::continuation) const FINEST: usize = 16;
/// and no cycle is taken that misses it by more than this.
pub(in crate::continuation) const UNRESOLVED: f64 = 1e-3;
/// Steps of the Runge-Kutta method are at most this long, times the size of the Jacobian,
const STEP: f64 = 0.3;
/// and at most so many from point to point.
const MOST_STEPS: f64 = 400.0;

impl Follower<'_> {
    /// By how much the profile misses the flow, as a share of the cycle's amplitude.
    pub(super) fn defect(&self, on: &OnCurve) -> f64 {
        let mut times = self.system.times();
        times.push(1.0);
        let profile = &on.x[..self.period_at()];
        let problem = self.system.field.problem;
        defect(
            problem,
            &self.parameters(on),
            &times,
            profile,
            self.period(on),
        )
    }

    /// Spreads the mesh by the cycle, and makes it finer until it carries it, if it can.
    pub(super) fn resolve(&mut self, converged: &mut ConvergedCycle) {
        let n_intervals = self.system.n_intervals();
        self.adapt(converged, n_intervals);
        while self.defect(&converged.on) > RESOLVED && self.refine(converged) {}
    }

    /// The numbers of intervals that a mesh may have, from that of the first mesh on.
    pub(super) fn finer_meshes(&self) -> impl Iterator<Item = usize> + use<> {
        let first = self.first_mesh;
        std::iter::successors(Some(1), |n| Some(2 * n))
            .take_while(|n| *n <= FINEST)
            .map(move |n| n * first)
    }

    /// Whether the mesh carries the cycle.
    pub(super) fn is_resolved(&self, on: &OnCurve) -> bool {
        self.defect(on) <= UNRESOLVED
    }

    /// The next cycle, on a mesh that carries it; in words why there is none.
    pub(super) fn next(
        &mut self,
        here: &mut ConvergedCycle,
        step: &mut f64,
    ) -> Result<OnCurve, Remark> {
        let longest = *step;
        loop {
            let found = self.advance(here, step);
            if let Some(next) = &found
                && self.is_resolved(next)
            {
                return Ok(found.expect("it was looked at"));
            }
            // A mesh spread for this cycle carries the next one if it is near.
            let coarse = found.is_some() || self.defect(&here.on) > 0.1 * RESOLVED;
            if found.is_some() && *step > 0.1 * longest {
                *step *= 0.25;
                let n_intervals = self.system.n_intervals();
                self.adapt(here, n_intervals);
            } else if coarse && self.refine(here) {
                *step = longest;
            } else {
                return Err(self.given_up(here, found.as_ref()));
            }
        }
    }

    fn given_up(&self, here: &ConvergedCycle, found: Option<&OnCurve>) -> Remark {
        let at = format!(
            "{} (period {})",
            self.parameter(&here.on),
            self.period(&here.on)
        );
        let what = match found {
            None => format!(
                "no convergence to the next cycle at {at}, step below {:.0e}",
                self.settings.step_min
            ),
            Some(next) => format!(
                "the cycles are left at {at}: {} mesh intervals do not resolve the next one (between its points it misses the \
                 equations by {:.0e} of its amplitude)",
                self.system.n_intervals(),
                self.defect(next)
            ),
        };
        Remark::new(what).with_hint("more mesh intervals may get further")
    }

    /// Twice as many mesh intervals, if there may be as many; whether that succeeded.
    fn refine(&mut self, converged: &mut ConvergedCycle) -> bool {
        let n_intervals = 2 * self.system.n_intervals();
        n_intervals <= FINEST * self.first_mesh && self.adapt(converged, n_intervals)
    }

    /// Moves to a mesh of `n_intervals` adapted to the cycle and corrects it there; whether that
    /// succeeded.
    fn adapt(&mut self, converged: &mut ConvergedCycle, n_intervals: usize) -> bool {
        let mesh = self.system.adapted_mesh(&converged.on.x, n_intervals);
        let old = (self.system.mesh.clone(), converged.on.clone());
        let OnCurve { x, tangent, .. } = &mut converged.on;
        self.system.remesh(mesh, &mut [x, tangent]);
        let weights = self.system.weights().to_vec();
        normalise(&weights, tangent);
        let (x, tangent) = (x.clone(), tangent.clone());
        self.system.refer_to(&x);
        let convergence = Convergence {
            early: true,
            ..self.convergence
        };
        match correct(&mut self.system, x, &tangent, convergence) {
            Ok(mut on) => {
                if dot(&weights, &on.tangent, &tangent) < 0.0 {
                    on = on.reversed();
                }
                converged.on.x = on.x;
                converged.on.tangent = on.tangent;
                converged.on.determinant = on.determinant;
                true
            }
            Err(_) => {
                self.system.remesh(old.0, &mut []);
                self.system.refer_to(&old.1.x);
                converged.on = old.1;
                false
            }
        }
    }
}

/// By how much a periodic profile misses, from one of its points to the next, where the flow takes
/// it; as a share of its amplitude.
///
/// `profile` is `[n_points, n]`, `times` those of its points as fractions of the period and then 1.
pub(in crate::continuation) fn defect(
    problem: &dyn Problem,
    parameters: &[f64],
    times: &[f64],
    profile: &[f64],
    period: f64,
) -> f64 {
    let n = problem.dimension();
    let count = profile.len() / n;
    let state = |k: usize| &profile[k % count * n..][..n];
    let mut derivative = vec![0.0; n * (n + parameters.len())];
    let mut value = vec![0.0; n];
    let sizes: Vec<f64> = (0..count)
        .map(|k| {
            problem.derivative(state(k), parameters, &mut value, &mut derivative);
            size(&derivative, n)
        })
        .collect();
    let mut there = vec![0.0; n];
    let mut work = [(); 5].map(|()| vec![0.0; n]);
    let misses = (0..count).map(|k| {
        let span = period * (times[k + 1] - times[k]);
        let size = sizes[k].max(sizes[(k + 1) % count]);
        let steps = (span * size / STEP).ceil().clamp(2.0, MOST_STEPS) as usize;
        there.copy_from_slice(state(k));
        flow(problem, parameters, &mut there, (span, steps), &mut work);
        add_scaled(&mut there, -1.0, state(k + 1));
        largest(&there)
    });
    let defect = largest(misses) / amplitude(profile, n);
    if defect.is_nan() {
        f64::INFINITY
    } else {
        defect
    }
}

/// The largest sum of a row of a Jacobian, column by column, of `n` rows.
pub(in crate::continuation) fn size(jacobian: &[f64], n: usize) -> f64 {
    let row = |i: usize| (0..n).map(|c| jacobian[c * n + i].abs()).sum::<f64>();
    (0..n).map(row).fold(0.0, f64::max)
}

/// Moves `u` by the flow for the time `span`, by the classical Runge-Kutta method. The rows of `work` are as long as `u`.
pub(in crate::continuation) fn flow(
    problem: &dyn Problem,
    parameters: &[f64],
    u: &mut [f64],
    (span, steps): (f64, usize),
    work: &mut [Vec<f64>; 5],
) {
    let n = u.len();
    let h = span / steps as f64;
    let [a, b, c, d, there] = work;
    for _ in 0..steps {
        problem.value(u, parameters, a);
        ahead(there, u, a, 0.5 * h);
        problem.value(there, parameters, b);
        ahead(there, u, b, 0.5 * h);
        problem.value(there, parameters, c);
        ahead(there, u, c, h);
        problem.value(there, parameters, d);
        for i in 0..n {
            u[i] += h / 6.0 * (a[i] + 2.0 * (b[i] + c[i]) + d[i]);
        }
    }
}

/// Sets `there` to `u` and `step` times `rates`.
#[inline]
fn ahead(there: &mut [f64], u: &[f64], rates: &[f64], step: f64) {
    for i in 0..u.len() {
        there[i] = u[i] + step * rates[i];
    }
}
