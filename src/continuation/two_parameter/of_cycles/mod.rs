//! Follows bifurcations of cycles in two parameters: the cycle and its critical direction form one
//! periodic problem.
//!
//! Read in this order:
//!
//! 1. this file: a curve of any of them;
//! 2. `twofold`, in the plane `planar`: the equations of folds of cycles; `turning`: of period
//!    doublings and tori;
//! 3. `start`: from an event of a branch of cycles onto its curve; `mesh`: meshes fine enough;
//! 4. `ends`, `connection`: points of codimension two in which the curves end.

mod connection;
mod ends;
mod mesh;
mod planar;
mod start;
mod turning;
mod twofold;

use std::f64::consts::{FRAC_PI_2, PI};

use super::locus::{Adapted, Bifurcations, LocusPoint};
use crate::continuation::curve::{Convergence, Curve, OnCurve, Solved};
use crate::continuation::cycle::collocation::{Collocation, PeriodicField};
use crate::continuation::equilibrium::branch::BranchEnd;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::dot;
use crate::continuation::problem::Problem;
use crate::continuation::rounded::Rounded;
use crate::continuation::settings::Settings;

/// A curve stands still where its unit tangent has less than this in the parameters.
const STILL: f64 = 1e-6;
/// The equations of a cycle at a bifurcation.
trait Critical<'a>: PeriodicField {
    /// The index of the first parameter among the scalars; the second comes right after it, and the
    /// period is the first scalar.
    const PARAMETERS: usize;

    fn problem(&self) -> &'a dyn Problem;

    /// What the cycle is at.
    fn kind(&self) -> EventKind {
        EventKind::CycleFold
    }

    /// The angle of the critical multipliers, where it varies along the curve.
    fn angle(&self, _: &[f64]) -> Option<f64> {
        None
    }
}

struct CycleCurve<F> {
    system: Collocation<F>,
    /// The way along the curve in the plane of the parameters, turned with it through cusps.
    way: [f64; 2],
    /// Where the curve began.
    first_mesh: Vec<f64>,
}

impl<F: PeriodicField> Curve for CycleCurve<F> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        self.system.solve(x, border)
    }

    fn weights(&self) -> &[f64] {
        self.system.weights()
    }
}

impl<'a, F: Critical<'a>> CycleCurve<F> {
    fn scalars(&self) -> usize {
        self.system.n_points() * self.system.n()
    }

    /// How fast the parameters change along the curve.
    fn velocity(&self, tangent: &[f64]) -> [f64; 2] {
        let at = self.scalars() + F::PARAMETERS;
        [tangent[at], tangent[at + 1]]
    }

    /// The angle of the critical multipliers, where it varies.
    fn angle(&self, x: &[f64]) -> Option<f64> {
        self.system.field.angle(&x[self.scalars()..])
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

impl<'a, F: Critical<'a>> Bifurcations for CycleCurve<F> {
    fn kind(&self) -> EventKind {
        self.system.field.kind()
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
        let angle = self.angle(&on.x).map(folded).unwrap_or_default();
        match self.kind() {
            EventKind::CycleFold => vec![(EventKind::Cusp, Some(Rounded::exact(along)))],
            EventKind::Torus => vec![
                (
                    EventKind::Resonance3,
                    Some(Rounded::exact(angle - 2.0 * PI / 3.0)),
                ),
                (
                    EventKind::Resonance4,
                    Some(Rounded::exact(angle - FRAC_PI_2)),
                ),
            ],
            _ => Vec::new(),
        }
    }

    fn point(&self, on: &OnCurve) -> LocusPoint {
        LocusPoint {
            parameters: self.parameters(&on.x),
            state: on.x[..self.n_states()].to_vec(),
            kind: self.kind(),
            omega: self
                .angle(&on.x)
                .map(|angle| folded(angle) / on.x[self.scalars()]),
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
        if event.kind != EventKind::Cusp {
            return true;
        }
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
        self.resolve(here, start, convergence)
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
        let resonance = self.strong_resonance(here, next);
        resonance.or_else(|| self.shrinks(here, next, settings))
    }

    fn passed(&self, here: &OnCurve, next: &OnCurve) -> bool {
        let half = |on: &OnCurve| self.angle(&on.x).map(|angle| (angle / PI).floor());
        half(here) != half(next)
    }
}

/// An angle as that of the multiplier above the real axis, from 0 to pi.
fn folded(angle: f64) -> f64 {
    angle.cos().clamp(-1.0, 1.0).acos()
}
