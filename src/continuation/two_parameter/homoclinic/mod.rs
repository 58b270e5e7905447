//! Follows connections of a saddle with itself in two parameters, as cycles of one long period.
//!
//! The parameters of a cycle of period T differ from those of the connection by K exp(-rate T),
//! where the rate is that of the saddle's eigenvalue nearest the axis (Shilnikov 1968). So T is made
//! longer, all of it at the saddle, until the parameters stand still: that is the connection, to
//! this tolerance. Where the saddle gets slower T is made longer again.
//!
//! The curve ends in Bogdanov-Takens points, where the cycles shrink to an equilibrium, and where
//! the saddle becomes a saddle-node: there a curve of folds with cycles on them begins (`snic`).

mod field;

use field::Long;

use super::locus::{Adapted, Bifurcations, Locus, LocusPoint, check_parameters, trace};
use super::saddle::{Saddle, extent, slowest};
use crate::continuation::curve::{Convergence, Curve, OnCurve, Solved, along, correct, normalise};
use crate::continuation::cycle::collocation::Collocation;
use crate::continuation::cycle::resolution::{FINEST, RESOLVED, UNRESOLVED, defect};
use crate::continuation::equilibrium::branch::BranchEnd;
use crate::continuation::event::{Cycle, Event, EventKind};
use crate::continuation::linear::{distance, norm};
use crate::continuation::problem::{Problem, describe};
use crate::continuation::rounded::Rounded;
use crate::continuation::settings::Settings;
use crate::error::{Error, Remark, Result};

/// The parameters stand still where a longer period moves them by less than this, relative to
/// 1 + |parameters|.
const SETTLED: f64 = 1e-10;
/// How much longer the period is made at once, times the rate of the saddle, and how often.
const LONGER: f64 = 4.0;
const MOST_TIMES: usize = 12;
/// By how much the saddle's rate may change in a step.
const CHANGE: f64 = 1.7;
/// Cycles smaller than this, relative to 1 + |saddle|, may be about to shrink to nothing.
const SMALL: f64 = 0.02;
/// A saddle may be about to become a saddle-node where its eigenvalues have this ratio.
const SLOW: f64 = 0.1;
/// if they do within so many steps.
const MOST_AHEAD: f64 = 3.0;

struct Homoclinics<'a> {
    system: Collocation<Long<'a>>,
    first: (Vec<f64>, f64),
    /// The saddle at the point that was accepted last.
    saddle: Option<Saddle>,
}

impl Curve for Homoclinics<'_> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        self.system.solve(x, border)
    }

    fn weights(&self) -> &[f64] {
        self.system.weights()
    }
}

impl Bifurcations for Homoclinics<'_> {
    fn kind(&self) -> EventKind {
        EventKind::Homoclinic
    }

    fn parameters(&self, x: &[f64]) -> [f64; 2] {
        [x[x.len() - 2], x[x.len() - 1]]
    }

    fn accept(&mut self, x: &[f64], _: &[f64]) {
        self.system.refer_to(x);
        self.saddle = self.saddle_of(x);
    }

    fn tests(&self, on: &OnCurve) -> Vec<(EventKind, Option<Rounded>)> {
        let quantity = self.saddle_of(&on.x).map(|saddle| saddle.quantity());
        vec![(EventKind::NeutralHomoclinic, quantity.map(Rounded::exact))]
    }

    fn point(&self, on: &OnCurve) -> LocusPoint {
        let saddle = self.saddle_of(&on.x);
        LocusPoint {
            parameters: self.parameters(&on.x),
            state: match &saddle {
                Some(saddle) => saddle.state.clone(),
                None => on.x[..self.system.n()].to_vec(),
            },
            kind: EventKind::Homoclinic,
            omega: None,
            period: Some(self.system.field.period),
            coefficient: saddle.as_ref().map(Saddle::quantity),
            eigenvalues: saddle.map_or(Vec::new(), |saddle| saddle.eigenvalues),
            events: Vec::new(),
            residual: on.residual,
            newton_iterations: on.iterations,
        }
    }

    fn complete(&self, on: &OnCurve, event: &mut Event) -> bool {
        let Some(saddle) = self.saddle_of(&on.x) else {
            return false;
        };
        event.state.clone_from(&saddle.state);
        event.period = Some(self.system.field.period);
        event.coefficient = Some(saddle.unstable);
        event.coefficients = vec![
            ("unstable_eigenvalue", saddle.unstable),
            ("stable_eigenvalue", saddle.stable),
            ("saddle_quantity", saddle.quantity()),
        ];
        true
    }

    fn adapt(
        &mut self,
        here: &mut OnCurve,
        start: &mut OnCurve,
        convergence: Convergence,
    ) -> Adapted {
        self.settle(here, start, convergence);
        let error = self.defect(&here.x);
        if error <= UNRESOLVED {
            return Ok(());
        }
        let [p, q] = self.parameters(&here.x);
        let what = format!(
            "the curve of homoclinic connections is left before {p:.6}, {q:.6}: {} mesh intervals do not resolve it (it misses \
             the equations by {error:.0e} of its extent); the points until there are kept",
            self.system.n_intervals(),
        );
        Err(Remark::new(what).with_hint("more mesh intervals may get further"))
    }

    fn adapted_after(&self) -> usize {
        1
    }

    /// The saddle's rate changes by little: the period is long for it.
    fn is_near(&self, here: &OnCurve, next: &OnCurve) -> bool {
        let rates = [here, next].map(|on| self.saddle_of(&on.x).map(|saddle| saddle.rate()));
        let [Some(before), Some(after)] = rates else {
            return false;
        };
        (before / after).max(after / before) < CHANGE
    }

    /// As of cycles: they move by more than their fronts are wide.
    fn sharpness(&self) -> f64 {
        3.0
    }

    fn rewind(&mut self) {
        let (mesh, period) = self.first.clone();
        self.system.remesh(mesh, &mut []);
        self.system.field.period = period;
    }

    fn ends_at(&self, next: &OnCurve, settings: &Settings) -> Option<BranchEnd> {
        let long = self.system.field.period > settings.period_max.max(10.0 * self.first.1);
        (long || self.saddle_of(&next.x).is_none()).then_some(BranchEnd::LongPeriod)
    }

    fn end(&self, here: &OnCurve, next: &OnCurve, settings: &Settings) -> Option<LocusPoint> {
        let saddles = [here, next].map(|on| self.saddle_of(&on.x));
        let [Some(before), Some(after)] = &saddles else {
            return None;
        };
        let n = self.system.n();
        let extents = [here, next].map(|on| extent(self.profile(&on.x), n));
        let small = extents[1] < SMALL * (1.0 + norm(&after.state));
        let rates = [before, after].map(Saddle::rate);
        let slow = rates[1] < SLOW * after.unstable.max(-after.stable);
        // The parameters go with the cycle's extent, or with the rate of the saddle.
        let ([a, b], kind) = match (small, slow) {
            (true, _) => (extents, EventKind::BogdanovTakens),
            (false, true) => (rates, EventKind::SaddleNodeLoop),
            _ => return None,
        };
        let ahead = b / (a - b);
        if !(0.0..MOST_AHEAD).contains(&ahead) {
            return None;
        }
        let [from, to] = [here, next].map(|on| self.parameters(&on.x));
        let expected = [0, 1].map(|k| to[k] + ahead * (to[k] - from[k]));
        let found = self.on_fold_curve(kind, &after.state, expected, settings)?;
        let close = distance(&found.parameters, &expected) < 0.3 * distance(&expected, &to);
        close.then(|| LocusPoint {
            parameters: [found.parameters[0], found.parameters[1]],
            state: found.state.clone(),
            kind: EventKind::Homoclinic,
            omega: None,
            period: None,
            coefficient: None,
            eigenvalues: found.eigenvalues.clone(),
            residual: found.residual,
            events: vec![found],
            newton_iterations: 0,
        })
    }
}

impl Homoclinics<'_> {
    fn profile<'x>(&self, x: &'x [f64]) -> &'x [f64] {
        &x[..x.len() - 2]
    }

    fn saddle_of(&self, x: &[f64]) -> Option<Saddle> {
        let problem = self.system.field.problem;
        Saddle::near(problem, self.profile(x), self.parameters(x))
    }

    /// By how much the profile misses the flow, as a share of its extent.
    fn defect(&self, x: &[f64]) -> f64 {
        let mut times = self.system.times();
        times.push(1.0);
        let Long { problem, period } = self.system.field;
        defect(
            problem,
            &self.parameters(x),
            &times,
            self.profile(x),
            period,
        )
    }

    /// Makes the period as long as the connection takes, on a mesh as fine.
    fn settle(&mut self, here: &mut OnCurve, start: &mut OnCurve, convergence: Convergence) {
        for _ in 0..MOST_TIMES {
            self.system.respread(here, start, (1, convergence));
            let most = FINEST * (self.first.0.len() - 1);
            while self.defect(&here.x) > RESOLVED && self.system.n_intervals() < most {
                if !self.system.respread(here, start, (2, convergence)) {
                    break;
                }
            }
            let short = (here.clone(), start.clone());
            let (mesh, period) = (self.system.mesh.clone(), self.system.field.period);
            if !self.lengthen(here, start, convergence) {
                return;
            }
            let [old, now] = [&short.0, &*here].map(|on| self.parameters(&on.x));
            if distance(&now, &old) < SETTLED * (1.0 + norm(&now)) {
                // It was long enough.
                (*here, *start) = short;
                self.system.remesh(mesh, &mut []);
                self.system.field.period = period;
                self.system.refer_to(&here.x);
                return;
            }
        }
    }

    /// More time at the saddle, the rest as it is; whether that succeeded.
    fn lengthen(
        &mut self,
        here: &mut OnCurve,
        start: &mut OnCurve,
        convergence: Convergence,
    ) -> bool {
        let Some(saddle) = self.saddle_of(&here.x) else {
            return false;
        };
        let Long { problem, period } = self.system.field;
        let at = slowest(problem, self.profile(&here.x), self.parameters(&here.x));
        let interval = (at / self.system.basis.degree).min(self.system.n_intervals() - 1);
        let longer = LONGER / saddle.rate();
        let old = (self.system.mesh.clone(), here.clone());
        let stretched = |(k, t): (usize, &f64)| {
            (t * period + if k > interval { longer } else { 0.0 }) / (period + longer)
        };
        let mut mesh: Vec<f64> = old.0.iter().enumerate().map(stretched).collect();
        if let Some(end) = mesh.last_mut() {
            *end = 1.0;
        }
        self.system.remesh(mesh, &mut []);
        self.system.field.period = period + longer;
        self.system.refer_to(&here.x);
        if self.system.corrected(here, convergence) {
            for tangent in [&mut here.tangent, &mut start.tangent] {
                normalise(self.system.weights(), tangent);
            }
            return true;
        }
        self.system.remesh(old.0, &mut []);
        self.system.field.period = period;
        *here = old.1;
        self.system.refer_to(&here.x);
        false
    }

    /// The event of a kind on the curve of folds near an equilibrium.
    fn on_fold_curve(
        &self,
        kind: EventKind,
        state: &[f64],
        parameters: [f64; 2],
        settings: &Settings,
    ) -> Option<Event> {
        let problem = self.system.field.problem;
        let near = Event::new(EventKind::Fold, &parameters, state);
        let mut folds = Locus::around(problem, &near, settings).ok()?;
        if kind == EventKind::SaddleNodeLoop {
            folds.find_cycles(problem, &settings.control);
        }
        folds.nearest(&parameters, &[kind]).cloned()
    }
}

impl Locus {
    /// The curve of homoclinic connections through `event`, the end of a branch of cycles in the
    /// first parameter, where the second one has the value `second`. `cycle` is the last of that
    /// branch. Periods of the points are those of the cycles that stand for the connections. The
    /// curve has at most [`Settings::max_cycles`] points to a side.
    ///
    /// # Errors
    /// [`Error::Continuation`] for a problem without two parameters, [`NotConverged`](crate::error::ContinuationError::NotConverged) if the
    /// curve is not found from there.
    pub fn of_homoclinics(
        problem: &dyn Problem,
        event: &Event,
        cycle: &Cycle,
        second: f64,
        ranges: [[f64; 2]; 2],
        settings: &Settings,
    ) -> Result<Self> {
        check_parameters(problem)?;
        let degree = settings.collocation.clamp(2, 7);
        let settings = Settings {
            max_points: settings.max_points.min(settings.max_cycles),
            newton_tolerance: settings.newton_tolerance.max(1e-9),
            ..settings.clone()
        };
        let mesh: Vec<f64> = cycle.times.iter().copied().step_by(degree).collect();
        let period = cycle.period;
        let long = Long { problem, period };
        let mut x = cycle.profile[..cycle.profile.len() - 1].concat();
        x.extend([cycle.parameter, second]);
        let mut curve = Homoclinics {
            first: (mesh.clone(), period),
            system: Collocation::new(long, degree, mesh, vec![1.0; 2]),
            saddle: None,
        };
        curve.system.refer_to(&x);
        let mut across = vec![0.0; x.len()];
        across[x.len() - 1] = 1.0;
        let convergence = Convergence {
            tolerance: 1e-10,
            max_iterations: 40,
            early: false,
        };
        let failed = |residual: f64| {
            Error::not_converged(
                "a curve of homoclinic connections",
                describe(problem, &[event.parameters[0], second]),
                residual,
                "take a longer cycle, or more mesh intervals",
            )
        };
        let on = correct(&mut curve, x, &across, convergence);
        let mut on = on.map_err(|failure| failed(failure.residual))?;
        let mut same = on.clone();
        curve.settle(&mut on, &mut same, convergence);
        if curve.saddle_of(&on.x).is_none() {
            return Err(failed(on.residual));
        }
        curve.first = (curve.system.mesh.clone(), curve.system.field.period);
        trace(curve, along(&on.x, &on.tangent, 0.0), ranges, &settings)
    }
}
