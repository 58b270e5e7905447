//! Follows folds of cycles in two parameters: the cycle and its critical direction form one
//! periodic problem of twice the size. (In the plane the integral of the trace stands for the
//! direction: `planar`.)
//!
//! ```text
//! dw/dt = T f(w, p),    dv/dt = T f_w(w, p) v + b f(w, p)
//! phase of w,   integral v . r' = 0,   integral v . v + b^2 = 1
//! ```
//!
//! (Doedel, Govaerts & Kuznetsov 2003, SIAM J. Numer. Anal. 41, 401, their extended system.)
//! Scalars are T, b and both parameters.
//!
//! Two folds of cycles meet in a cusp where the curve, smooth in all unknowns, stands still in the
//! plane of the parameters: there the coefficient of the fold vanishes. Where the cycles shrink to
//! an equilibrium the curve ends in a generalised Hopf point; at infinite period, in the connection
//! of a neutral saddle (`connection`).

mod connection;
mod planar;
mod twofold;

use connection::LongCycle;
use planar::Planar;

use super::locus::{Adapted, Bifurcations, Locus, LocusPoint, trace};
use crate::continuation::curve::{Convergence, Curve, OnCurve, Solved, along, correct, normalise};
use crate::continuation::cycle::collocation::{Collocation, PeriodicField};
use crate::continuation::cycle::resolution::{FINEST, RESOLVED, UNRESOLVED, defect};
use crate::continuation::equilibrium::branch::BranchEnd;
use crate::continuation::event::{Cycle, Event, EventKind};
use crate::continuation::linear::{dot, norm};
use crate::continuation::problem::{Problem, describe};
use crate::continuation::rounded::Rounded;
use crate::continuation::settings::Settings;
use crate::error::{Error, Remark, Result};
use twofold::Twofold;

/// A curve stands still where its unit tangent has less than this in the parameters.
const STILL: f64 = 1e-6;
/// Cycles smaller than this, relative to 1 + |mean|, may be about to shrink to nothing.
const SMALL: f64 = 0.1;
/// if they do within so many steps.
const MOST_AHEAD: f64 = 3.0;
/// Where the cycles shrink to nothing, their generalised Hopf point is looked for this near,
/// relative to 1 + |parameter|.
const NEAR: f64 = 0.05;

/// The equations of a fold of cycles.
trait FoldField<'a>: PeriodicField {
    /// The index of the first parameter among the scalars; the second comes right after it, and the
    /// period is the first scalar.
    const PARAMETERS: usize;

    fn problem(&self) -> &'a dyn Problem;
}

struct CycleFolds<F> {
    system: Collocation<F>,
    /// The way along the curve in the plane of the parameters, turned with it through cusps.
    way: [f64; 2],
    /// Where the curve began.
    first_mesh: Vec<f64>,
}

impl<F: PeriodicField> Curve for CycleFolds<F> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        self.system.solve(x, border)
    }

    fn weights(&self) -> &[f64] {
        self.system.weights()
    }
}

impl<'a, F: FoldField<'a>> CycleFolds<F> {
    fn scalars(&self) -> usize {
        self.system.n_points() * self.system.n()
    }

    /// How fast the parameters change along the curve.
    fn velocity(&self, tangent: &[f64]) -> [f64; 2] {
        let at = self.scalars() + F::PARAMETERS;
        [tangent[at], tangent[at + 1]]
    }

    /// How many states a cycle has.
    fn n_states(&self) -> usize {
        self.system.field.problem().dimension()
    }

    /// The states of the cycle, `[n_points, n_states]`.
    fn profile(&self, x: &[f64]) -> Vec<f64> {
        let states = x[..self.scalars()].chunks_exact(self.system.n());
        states
            .flat_map(|w| &w[..self.n_states()])
            .copied()
            .collect()
    }

    /// The cycle's part of the profile without its mean (the rest is 0), and the mean.
    fn swing(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let profile = &x[..self.scalars()];
        let mut mean = self.system.mean(x);
        mean.truncate(self.n_states());
        let less_mean =
            |(k, w): (usize, &f64)| mean.get(k % self.system.n()).map_or(0.0, |mean| w - mean);
        let swing = profile.iter().enumerate().map(less_mean).collect();
        (swing, mean)
    }
}

impl<'a, F: FoldField<'a>> Bifurcations for CycleFolds<F> {
    fn kind(&self) -> EventKind {
        EventKind::CycleFold
    }

    fn parameters(&self, x: &[f64]) -> [f64; 2] {
        let at = self.scalars() + F::PARAMETERS;
        [x[at], x[at + 1]]
    }

    fn accept(&mut self, x: &[f64], tangent: &[f64]) {
        self.system.refer_to(x);
        if tangent.is_empty() {
            return;
        }
        let way = self.velocity(tangent);
        let turned = dot(&[], &way, &self.way) < 0.0;
        let length = way[0].hypot(way[1]) * if turned { -1.0 } else { 1.0 };
        if length != 0.0 {
            self.way = way.map(|part| part / length);
        }
    }

    fn tests(&self, on: &OnCurve) -> Vec<(EventKind, Option<Rounded>)> {
        let along = dot(&[], &self.velocity(&on.tangent), &self.way);
        vec![(EventKind::Cusp, Some(Rounded::exact(along)))]
    }

    fn point(&self, on: &OnCurve) -> LocusPoint {
        LocusPoint {
            parameters: self.parameters(&on.x),
            state: on.x[..self.n_states()].to_vec(),
            kind: EventKind::CycleFold,
            omega: None,
            period: Some(on.x[self.scalars()]),
            coefficient: None,
            eigenvalues: Vec::new(),
            events: Vec::new(),
            residual: on.residual,
            newton_iterations: on.iterations,
        }
    }

    fn complete(&self, on: &OnCurve, event: &mut Event) -> bool {
        event.period = Some(on.x[self.scalars()]);
        // Where the curve merely turns across the way it does not stand still.
        let [p, q] = self.velocity(&on.tangent);
        p.hypot(q) < STILL
    }

    fn adapt(
        &mut self,
        here: &mut OnCurve,
        start: &mut OnCurve,
        convergence: Convergence,
    ) -> Adapted {
        self.respread(here, start, (1, convergence));
        let most = FINEST * (self.first_mesh.len() - 1);
        while self.defect(&here.x) > RESOLVED && self.system.n_intervals() < most {
            if !self.respread(here, start, (2, convergence)) {
                break;
            }
        }
        let error = self.defect(&here.x);
        if error <= UNRESOLVED {
            return Ok(());
        }
        let [p, q] = self.parameters(&here.x);
        let what = format!(
            "the curve of cycle-fold points is left before {p:.6}, {q:.6}: {} mesh intervals do not resolve the cycles there \
             (period {:.3}; between its points the cycle misses the equations by {error:.0e} of its amplitude), as where they follow an \
             unstable slow branch or come near a saddle; the points until there are kept",
            self.system.n_intervals(),
            here.x[self.scalars()],
        );
        Err(Remark::new(what).with_hint("more mesh intervals may get further"))
    }

    /// A front of the profile that moves by its own width turns the tangent by a right angle, though the curve in the plane of the
    /// parameters is straight: relaxation oscillations and canards are full of fronts.
    fn sharpness(&self) -> f64 {
        3.0
    }

    fn rewind(&mut self) {
        self.system.remesh(self.first_mesh.clone(), &mut []);
    }

    fn ends_at(&self, next: &OnCurve, settings: &Settings) -> Option<BranchEnd> {
        (next.x[self.scalars()] > settings.period_max).then_some(BranchEnd::LongPeriod)
    }

    fn end(&self, here: &OnCurve, next: &OnCurve, settings: &Settings) -> Option<LocusPoint> {
        if let Some(connection) = self.connection(here, next) {
            return Some(connection);
        }
        let ((before, _), (after, mean)) = (self.swing(&here.x), self.swing(&next.x));
        let weights = &self.system.weights()[..before.len()];
        let [a, b] = [&before, &after].map(|swing| dot(weights, swing, swing).sqrt());
        // The parameters go with the square of the amplitude: where they would be without any,
        // there has to be the point.
        let ahead = b * b / (a * a - b * b);
        if b > SMALL * (1.0 + norm(&mean)) || !(0.0..MOST_AHEAD).contains(&ahead) {
            return None;
        }
        let there = along(&next.x, &along(&next.x, &here.x, -1.0), ahead);
        let away = |from: [f64; 2], to: [f64; 2]| (from[0] - to[0]).hypot(from[1] - to[1]);
        let (expected, now) = (self.parameters(&there), self.parameters(&next.x));
        let found = self
            .generalised_hopf(mean, there[self.scalars()], expected, settings)
            .ok()?;
        let close = away(found.parameters, expected) < 0.2 * away(found.parameters, now);
        (close || b < 1e-5).then_some(found)
    }
}

impl<'a, F: FoldField<'a>> CycleFolds<F> {
    /// Moves to a mesh of `factor` times as many intervals, spread as the profile wants it; whether
    /// that succeeded.
    fn respread(
        &mut self,
        here: &mut OnCurve,
        start: &mut OnCurve,
        (factor, convergence): (usize, Convergence),
    ) -> bool {
        let n_intervals = factor * self.system.n_intervals();
        let mesh = self.system.adapted_mesh(&here.x, n_intervals);
        let old = (self.system.mesh.clone(), here.clone(), start.clone());
        let vectors = &mut [
            &mut here.x,
            &mut here.tangent,
            &mut start.x,
            &mut start.tangent,
        ];
        self.system.remesh(mesh, vectors);
        for tangent in [&mut here.tangent, &mut start.tangent] {
            normalise(self.system.weights(), tangent);
        }
        self.system.refer_to(&here.x);
        match correct(self, here.x.clone(), &here.tangent, convergence) {
            Ok(on) => {
                let turned = dot(self.system.weights(), &on.tangent, &here.tangent) < 0.0;
                *here = if turned { on.reversed() } else { on };
                self.system.refer_to(&here.x);
                true
            }
            Err(_) => {
                self.system.remesh(old.0, &mut []);
                self.system.refer_to(&old.1.x);
                (*here, *start) = (old.1, old.2);
                false
            }
        }
    }

    /// By how much the profile misses the flow, as a share of the cycle's amplitude.
    fn defect(&self, x: &[f64]) -> f64 {
        let mut times = self.system.times();
        times.push(1.0);
        let (problem, period) = (self.system.field.problem(), x[self.scalars()]);
        defect(
            problem,
            &self.parameters(x),
            &times,
            &self.profile(x),
            period,
        )
    }

    /// The connection of a neutral saddle, if the curve of a problem in the plane is about to end in
    /// it.
    fn connection(&self, here: &OnCurve, next: &OnCurve) -> Option<LocusPoint> {
        let period = next.x[self.scalars()];
        if self.n_states() != 2 || period <= here.x[self.scalars()] {
            return None;
        }
        let cycle = LongCycle {
            problem: self.system.field.problem(),
            mesh: self.system.mesh.clone(),
            degree: self.system.basis.degree,
            profile: self.profile(&next.x),
            period,
            parameters: self.parameters(&next.x),
        };
        cycle.end()
    }

    /// The generalised Hopf point on the Hopf curve near the equilibrium `state`.
    fn generalised_hopf(
        &self,
        state: Vec<f64>,
        period: f64,
        parameters: [f64; 2],
        settings: &Settings,
    ) -> Result<LocusPoint> {
        let problem = self.system.field.problem();
        let near = Event {
            omega: Some(std::f64::consts::TAU / period),
            ..Event::new(EventKind::Hopf, &parameters, &state)
        };
        let reach = parameters.map(|p| NEAR * (1.0 + p.abs()));
        let ranges = [0, 1].map(|k| [parameters[k] - reach[k], parameters[k] + reach[k]]);
        let fine = Settings {
            step: settings.step.min(0.05 * reach[0].min(reach[1])),
            step_max: settings.step_max.min(0.2 * reach[0].min(reach[1])),
            ..settings.clone()
        };
        let second = parameters[1];
        let hopfs = Locus::through(problem, &near, EventKind::Hopf, second, ranges, &fine)?;
        let away = |event: &Event| {
            (event.parameters[0] - parameters[0]).hypot(event.parameters[1] - parameters[1])
        };
        let found = hopfs
            .events()
            .filter(|event| event.kind == EventKind::GeneralizedHopf)
            .min_by(|a, b| away(a).total_cmp(&away(b)))
            .ok_or_else(|| {
                Error::not_converged(
                    "the generalised Hopf point that the curve of folds of cycles ends in",
                    format!("{parameters:?}"),
                    f64::NAN,
                    "the cycles shrink to an equilibrium there; take a smaller step_max",
                )
            })?;
        Ok(LocusPoint {
            parameters: [found.parameters[0], found.parameters[1]],
            state: found.state.clone(),
            kind: EventKind::CycleFold,
            omega: found.omega,
            period: found.period,
            coefficient: None,
            eigenvalues: found.eigenvalues.clone(),
            events: vec![found.clone()],
            residual: found.residual,
            newton_iterations: 0,
        })
    }
}

impl Locus {
    /// The curve of folds of cycles through `fold`, where the second parameter has the value
    /// `second`. `fold` is an event of a branch of cycles, `cycle` a cycle of that branch near the
    /// fold. The curve has at most [`Settings::max_cycles`] points to a side.
    ///
    /// # Errors
    /// [`Error::Continuation`] for a problem without two parameters, [`NotConverged`](crate::error::ContinuationError::NotConverged) if the
    /// curve is not found from there.
    pub fn of_cycle_folds(
        problem: &dyn Problem,
        fold: &Event,
        cycle: &Cycle,
        second: f64,
        ranges: [[f64; 2]; 2],
        settings: &Settings,
    ) -> Result<Self> {
        if problem.parameter_count() != 2 {
            let rule = "a curve of bifurcations needs two that vary";
            let found = problem.parameter_count();
            return Err(Error::argument("the number of parameters", found, rule));
        }
        let n = problem.dimension();
        let degree = settings.collocation.clamp(2, 7);
        let at = fold.cycle.as_deref().unwrap_or(cycle);
        let settings = Settings {
            max_points: settings.max_points.min(settings.max_cycles),
            // Near the ends the system's condition leaves no more digits.
            newton_tolerance: settings.newton_tolerance.max(1e-9),
            ..settings.clone()
        };
        // The mesh of the cycle: its times are `degree` to an interval.
        let mesh: Vec<f64> = at.times.iter().copied().step_by(degree).collect();
        let profile = &at.profile[..at.profile.len() - 1];
        if n == 2 {
            let weights = vec![at.period.powi(-2), 1.0, 1.0];
            let system = Collocation::new(Planar { problem }, degree, mesh, weights);
            let mut x = profile.concat();
            x.extend([at.period, at.parameter, second]);
            return follow(system, x, ranges, &settings);
        }
        let weights = vec![at.period.powi(-2), 1.0, 1.0, 1.0];
        let system = Collocation::new(Twofold { problem }, degree, mesh, weights);
        // The critical direction: that of the branch in its fold, or the cycle growing about its
        // centre.
        let centre: Vec<f64> = (0..n)
            .map(|i| profile.iter().map(|w| w[i]).sum::<f64>() / profile.len() as f64)
            .collect();
        let mut critical: Vec<f64> = profile
            .iter()
            .flat_map(|w| along(w, &centre, -1.0))
            .collect();
        let mut slope = 0.0;
        let length = critical.len();
        if fold.tangent.len() == length + 2 {
            critical.copy_from_slice(&fold.tangent[..length]);
            slope = fold.tangent[length];
        }
        let mut x: Vec<f64> = profile
            .iter()
            .zip(critical.chunks_exact(n))
            .flat_map(|(w, v)| w.iter().chain(v).copied())
            .collect();
        x.extend([at.period, slope, at.parameter, second]);
        scale_direction(&system, &mut x);
        follow(system, x, ranges, &settings)
    }
}

/// Follows the curve through the fold of cycles near `x`.
fn follow<'a, F: FoldField<'a>>(
    mut system: Collocation<F>,
    x: Vec<f64>,
    ranges: [[f64; 2]; 2],
    settings: &Settings,
) -> Result<Locus> {
    system.refer_to(&x);
    let mut folds = CycleFolds {
        first_mesh: system.mesh.clone(),
        system,
        way: [0.0; 2],
    };
    let mut across = vec![0.0; x.len()];
    across[x.len() - 1] = 1.0;
    let convergence = Convergence {
        tolerance: 1e-10,
        max_iterations: 40,
        early: false,
    };
    let parameters = folds.parameters(&x);
    let on = correct(&mut folds, x, &across, convergence).map_err(|failure| {
        Error::not_converged(
            "a fold of cycles",
            describe(folds.system.field.problem(), &parameters),
            failure.residual,
            "take a cycle nearer to the fold, or more mesh intervals",
        )
    })?;
    trace(folds, on.x, ranges, settings)
}

/// Scales the v part and b to `integral v . v + b^2 = 1`.
fn scale_direction(system: &Collocation<Twofold<'_>>, x: &mut [f64]) {
    let n = system.n() / 2;
    let at = system.n_points() * 2 * n;
    let weights = system.weights();
    let critical = |k: &usize| k % (2 * n) >= n && *k < at || *k == at + 1;
    let indices: Vec<usize> = (0..x.len()).filter(critical).collect();
    let weight = |k: usize| if k < at { weights[k] } else { 1.0 };
    let square: f64 = indices.iter().map(|&k| weight(k) * x[k] * x[k]).sum();
    for k in indices {
        x[k] /= square.sqrt();
    }
}
