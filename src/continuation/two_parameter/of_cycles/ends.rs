//! The points of codimension two in which curves of bifurcations of cycles end.

use std::f64::consts::PI;

use super::connection::LongCycle;
use super::{Critical, CycleCurve, folded};
use crate::continuation::curve::{Curve, OnCurve, along};
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{dot, norm};
use crate::continuation::settings::Settings;
use crate::continuation::two_parameter::locus::{Bifurcations, Locus, LocusPoint};
use crate::error::{Error, Result};

/// Cycles smaller than this, relative to 1 + |mean|, may be about to shrink to nothing.
const SMALL: f64 = 0.1;
/// if they do within so many steps.
const MOST_AHEAD: f64 = 3.0;
/// A curve of tori is near its end where as little is left of the angle,
const CLOSE: f64 = 0.2;
/// and that close where it has to be ended.
const CLOSEST: f64 = 0.01;
/// Two estimates of an end may differ by this share of what is left until there,
const AGREE: f64 = 0.01;
/// or, where it has to be ended, by this.
const EVEN: f64 = 0.3;
/// and by this, relative to 1 + |parameters|.
const EXACT: f64 = 1e-9;

impl<'a, F: Critical<'a>> CycleCurve<F> {
    /// The point of codimension two on the curve of Hopf points, if the cycles shrink to it.
    pub(super) fn shrinks(
        &self,
        here: &OnCurve,
        next: &OnCurve,
        settings: &Settings,
    ) -> Option<LocusPoint> {
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
            .on_hopf_curve(mean, there[self.scalars()], expected, settings)
            .ok()?;
        let close = away(found.parameters, expected) < 0.2 * away(found.parameters, now);
        (close || b < 1e-5).then_some(found)
    }

    /// The connection of a neutral saddle, if the curve of a problem in the plane is about to end in
    /// it.
    pub(super) fn connection(&self, here: &OnCurve, next: &OnCurve) -> Option<LocusPoint> {
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

    /// The point of codimension two on the Hopf curve near the equilibrium `state`.
    fn on_hopf_curve(
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
        let kinds: &[EventKind] = match self.kind() {
            EventKind::CycleFold => &[EventKind::GeneralizedHopf],
            _ => &[EventKind::ZeroHopf, EventKind::HopfHopf],
        };
        let hopfs = Locus::around(problem, &near, settings)?;
        let found = hopfs.nearest(&parameters, kinds).ok_or_else(|| {
            Error::not_converged(
                format!("the point that the curve of {} points ends in", self.kind()),
                format!("{parameters:?}"),
                f64::NAN,
                "the cycles shrink to an equilibrium there; take a smaller step_max",
            )
        })?;
        Ok(LocusPoint {
            parameters: [found.parameters[0], found.parameters[1]],
            state: found.state.clone(),
            kind: self.kind(),
            omega: found.omega.filter(|_| self.kind() == EventKind::CycleFold),
            period: found.period,
            coefficient: None,
            eigenvalues: found.eigenvalues.clone(),
            events: vec![found.clone()],
            residual: found.residual,
            newton_iterations: 0,
        })
    }

    /// The strong resonance that the curve ends in, where the angle of a torus becomes 0 or pi.
    ///
    /// There the equations of the curve are singular. Beside it they are not, and as the conjugate
    /// pair is the same pair, period and parameters are even in the angle that is left: they are
    /// continued to it as cubics in its square, and the residual of the event is what they differ by
    /// from straight lines. Where they are not even the pair merely passes -1.
    pub(super) fn strong_resonance(&self, here: &OnCurve, next: &OnCurve) -> Option<LocusPoint> {
        let at = self.scalars();
        let nearest = PI * (self.angle(&next.x)? / PI).round();
        let [far, near] = [here, next].map(|on| on.x[at + 1] - nearest);
        let crossed = self.passed(here, next);
        if near.abs() > CLOSE || !(crossed || near.abs() < far.abs()) {
            return None;
        }
        let [y, z] = [far * far, near * near];
        // Each of period and parameters: from both points, and from the nearer one alone.
        let to_end = |k: usize| -> [f64; 2] {
            let value = [here, next].map(|on| on.x[at + k]);
            let [from, to] = [(here, far), (next, near)]
                .map(|(on, left)| on.tangent[at + k] / on.tangent[at + 1] / (2.0 * left));
            let t = y / (y - z);
            let h = z - y;
            let both = (1.0 + 2.0 * t) * (1.0 - t).powi(2) * value[0]
                + t * (1.0 - t).powi(2) * h * from
                + t * t * (3.0 - 2.0 * t) * value[1]
                + t * t * (t - 1.0) * h * to;
            [both, value[1] - z * to]
        };
        let period = to_end(0)[0];
        let [[p, rough_p], [q, rough_q]] = [to_end(2), to_end(3)];
        let now = self.parameters(&next.x);
        let (left, miss) = (
            (p - now[0]).hypot(q - now[1]),
            (p - rough_p).hypot(q - rough_q),
        );
        let last = crossed || near.abs() < CLOSEST;
        let share = if last { EVEN } else { AGREE };
        if miss > share * left + EXACT * (1.0 + p.hypot(q)) {
            return None;
        }
        let kind = match (nearest / PI) as i64 % 2 == 0 {
            true => EventKind::Resonance1,
            false => EventKind::Resonance2,
        };
        let event = Event {
            period: Some(period),
            residual: miss,
            ..Event::new(kind, &[p, q], &next.x[..self.n_states()])
        };
        Some(LocusPoint {
            parameters: [p, q],
            omega: Some(folded(nearest) / period),
            period: Some(period),
            events: vec![event],
            ..self.point(next)
        })
    }
}
