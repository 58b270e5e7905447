//! Follows a branch of equilibria, as an iterator over its points.

use num_complex::Complex64;

use super::equilibria::{ConvergedEquilibrium, Equilibria, convergence};
use super::locate::{Detector, stands};
use crate::Reached;
use crate::continuation::curve::{OnCurve, along, correct, hermite, largest, root};
use crate::continuation::event::Event;
use crate::continuation::linear::{dot, norm};
use crate::continuation::problem::{Problem, describe};
use crate::continuation::settings::Settings;
use crate::continuation::stability::Stability;
use crate::error::{Error, Result};

/// An equilibrium on a branch.
#[derive(Debug, Clone)]
pub struct EquilibriumPoint {
    /// The varying parameter.
    pub parameter: f64,
    /// The equilibrium, `[n_unknowns]`.
    pub state: Vec<f64>,
    /// Of the Jacobian, rightmost first, per ms.
    pub eigenvalues: Vec<Complex64>,
    /// Eigenvalues right of the imaginary axis.
    pub n_unstable: usize,
    /// What it is.
    pub stability: Stability,
    /// What happened between the point before and this one, in order.
    pub events: Vec<Event>,
    /// Largest |f| before Newton's last correction.
    pub residual: f64,
    /// Newton iterations it took.
    pub newton_iterations: usize,
    /// Arclength from the point before.
    pub step: f64,
    /// Unit tangent: unknowns, then the parameter.
    pub tangent: Vec<f64>,
}

/// Why a branch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchEnd {
    /// The parameter left its range: the last point lies on the bound.
    Bound,
    /// It came back to where it started.
    Closed,
    /// In an event of its own, its first or last: a curve of folds of cycles ends in a generalised
    /// Hopf point.
    Event,
    /// The state grew beyond [`Settings::state_max`].
    Unbounded,
    /// It runs at one parameter value: equilibria are not isolated there, they fill a curve.
    NotIsolated,
    /// Of a curve of folds of cycles: the period passed [`Settings::period_max`].
    LongPeriod,
    /// [`Settings::max_points`] points.
    Enough,
    /// [`Settings::control`] ended it.
    Interrupted,
}

/// An equilibrium to start from, at parameter values; one of these varies.
#[derive(Debug, Clone)]
pub struct BranchStart {
    /// A guess of the equilibrium.
    pub state: Vec<f64>,
    /// Every parameter of the problem.
    pub parameters: Vec<f64>,
    /// Which of them varies.
    pub active: usize,
    /// Where to go first: unknowns and parameter. Left out: towards larger parameters.
    pub tangent: Option<Vec<f64>>,
}

impl BranchStart {
    /// At one parameter value, towards larger ones.
    pub fn at(parameter: f64, state: &[f64]) -> Self {
        Self {
            state: state.to_vec(),
            parameters: vec![parameter],
            active: 0,
            tangent: None,
        }
    }

    /// The same, towards smaller parameter values (or against the tangent).
    pub fn backward(mut self) -> Self {
        let n = self.state.len();
        let tangent = self.tangent.take().unwrap_or_else(|| {
            let mut ahead = vec![0.0; n + 1];
            ahead[n] = 1.0;
            ahead
        });
        self.tangent = Some(tangent.iter().map(|t| -t).collect());
        self
    }
}

/// Follows equilibria by pseudo-arclength, from a start in one direction.
///
/// The step is chosen such that Newton's method takes three or four iterations and the tangent
/// turns by at most [`Settings::turn_max`]. Between two points every event is located; where the
/// events found do not add up to the change of the unstable count, the step is halved until they
/// do.
///
/// ```
/// use brainsweep::continuation::{Branch, BranchStart, NodeProblem, Settings};
/// use brainsweep::model::find;
///
/// let node = NodeProblem::new(find("fitzhugh-nagumo")?, &[], &["x_ext"])?;
/// for point in Branch::new(&node, &BranchStart::at(0.0, &[0.0, 0.0]), &Settings::new(0.0, 2.0))? {
///     for event in point?.events {
///         println!("{event}"); // node-focus at 0.459479173, hopf (supercritical) at 0.726058290, ...
///     }
/// }
/// # Ok::<(), brainsweep::Error>(())
/// ```
pub struct Branch<'a> {
    curve: Equilibria<'a>,
    settings: &'a Settings,
    detector: Detector,
    first: Option<ConvergedEquilibrium>,
    start: OnCurve,
    here: ConvergedEquilibrium,
    step: f64,
    n_points: usize,
    /// Arclength over which the parameter has stood still, to rounding.
    standing: f64,
    end: Option<BranchEnd>,
    failed: bool,
}

/// Where the parameter stands still over this arclength, relative to 1 + |x|, it does for good. (At
/// a fold it does in one point.)
const STANDING: f64 = 1e-2;

/// The parameter changes by this at most in a step, relative to the root of 1 + |parameter|: a
/// branch over a wide range may turn within less than a hundredth of it.
const WIDEST: f64 = 0.4;

impl<'a> Branch<'a> {
    /// A branch through the equilibrium near `start`.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if there is none near it.
    pub fn new(
        problem: &'a dyn Problem,
        start: &BranchStart,
        settings: &'a Settings,
    ) -> Result<Self> {
        let mut curve = Equilibria::new(problem, &start.parameters, start.active);
        let mut x = start.state.clone();
        x.push(start.parameters[start.active]);
        let n = curve.n();
        let mut ahead = vec![0.0; n + 1];
        ahead[n] = 1.0;
        let mut convergence = convergence(settings);
        convergence.max_iterations = 40;
        let across = start.tangent.as_ref().unwrap_or(&ahead);
        let mut on = correct(&mut curve, x.clone(), across, convergence)
            .or_else(|_| correct(&mut curve, x.clone(), &ahead, convergence))
            .map_err(|failure| {
                Error::not_converged(
                    "an equilibrium",
                    describe(problem, &start.parameters),
                    failure.residual,
                    "start nearer to an equilibrium, or at another parameter value",
                )
            })?;
        if dot(&[], &on.tangent, across) < 0.0 {
            on = on.reversed();
        }
        let here = ConvergedEquilibrium::new(&mut curve, on.clone());
        Ok(Self {
            curve,
            settings,
            detector: Detector::new(settings),
            first: Some(here.clone()),
            start: on,
            here,
            step: settings.step,
            n_points: 0,
            standing: 0.0,
            end: None,
            failed: false,
        })
    }

    /// Why the branch ended, once it has.
    pub fn end(&self) -> Option<BranchEnd> {
        self.end
    }

    /// Parameter values at which events could not be told apart, down to the smallest step.
    pub fn unexplained(&self) -> &[f64] {
        &self.detector.unexplained
    }

    /// One step ahead: the next point on the curve, with the step that was possible.
    fn advance(&mut self) -> Result<(OnCurve, f64)> {
        let convergence = convergence(self.settings);
        let mut residual = f64::INFINITY;
        let widest = WIDEST * (1.0 + self.here.parameter().abs()).sqrt();
        self.step = self.step.min(widest / self.here.parameter_speed().abs());
        while self.step >= self.settings.step_min {
            let guess = along(&self.here.on.x, &self.here.on.tangent, self.step);
            match correct(
                &mut self.curve,
                guess.clone(),
                &self.here.on.tangent,
                convergence,
            ) {
                Ok(on) => {
                    // A curve that turns little stays near its tangent: farther away is another
                    // part of it.
                    let away = along(&on.x, &guess, -1.0);
                    let left = norm(&away) > self.settings.turn_max * self.step;
                    let turn = dot(&[], &on.tangent, &self.here.on.tangent)
                        .clamp(-1.0, 1.0)
                        .acos();
                    if !left && turn <= self.settings.turn_max {
                        let taken = self.step;
                        let by_turn = 0.7 * self.settings.turn_max / turn.max(1e-12);
                        let by_newton = [2.0, 2.0, 2.0, 1.5, 1.0, 0.7][on.iterations.min(5)];
                        let factor = by_turn.min(by_newton).clamp(0.5, 2.0);
                        let size = norm(&on.x[..self.curve.n()]);
                        let speed = on.tangent[self.curve.n()];
                        let longest = self.settings.longest(size, speed);
                        self.step = (self.step * factor).min(longest);
                        return Ok((on, taken));
                    }
                    residual = on.residual;
                }
                Err(failure) => residual = failure.residual,
            }
            self.step *= 0.5;
        }
        Err(Error::not_converged(
            "the next equilibrium of the branch",
            describe(
                self.curve.problem,
                &self.curve.parameters_at(&self.here.on.x),
            ),
            residual,
            "the branch until there is kept; a smaller step_min or newton_tolerance may get past, \
                     or the branch ends in a singularity there",
        ))
    }

    /// The point where the parameter takes the value `bound`, between here and `beyond`.
    fn land(&mut self, beyond: &OnCurve, bound: f64) -> Option<OnCurve> {
        let n = self.curve.n();
        let convergence = convergence(self.settings);
        let here = self.here.on.clone();
        let apart = along(&beyond.x, &here.x, -1.0);
        let length = norm(&apart);
        // Along the branch, which may turn near the bound, and then exactly onto it.
        let (_, _, near) = root(
            (0.0, here.x[n] - bound),
            (1.0, beyond.x[n] - bound),
            1e-9,
            |t| {
                let guess = hermite(&here, beyond, length, t * length);
                let on = correct(&mut self.curve, guess, &here.tangent, convergence).ok()?;
                Some((on.x[n] - bound, on))
            },
        )?;
        let mut guess = near.x.clone();
        guess[n] = bound;
        let on = self.curve.at(&guess, convergence).unwrap_or(near);
        Some(if dot(&[], &on.tangent, &here.tangent) < 0.0 {
            on.reversed()
        } else {
            on
        })
    }

    /// Whether the branch passes its start on the way to `next`.
    fn closes(&self, next: &OnCurve) -> bool {
        if self.n_points < 4 {
            return false;
        }
        let offset = |on: &OnCurve| -> Vec<f64> {
            self.start.x.iter().zip(&on.x).map(|(s, x)| s - x).collect()
        };
        let (before, after) = (offset(&self.here.on), offset(next));
        let ahead = dot(&[], &before, &self.here.on.tangent);
        let length = ahead - dot(&[], &after, &next.tangent);
        if ahead <= 0.0 || dot(&[], &after, &next.tangent) > 0.0 {
            return false;
        }
        let nearest = hermite(&self.here.on, next, length, ahead);
        let miss = along(&nearest, &self.start.x, -1.0);
        norm(&miss) < 0.02 * length && dot(&[], &self.start.tangent, &self.here.on.tangent) > 0.8
    }
}

impl Iterator for Branch<'_> {
    type Item = Result<EquilibriumPoint>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(first) = self.first.take() {
            self.n_points = 1;
            return Some(Ok(point(&first, Vec::new(), 0.0)));
        }
        if self.end.is_some() || self.failed {
            return None;
        }
        let (mut next, step) = match self.advance() {
            Ok(advanced) => advanced,
            Err(error) => {
                self.failed = true;
                return Some(Err(error));
            }
        };
        let n = self.curve.n();
        let [low, high] = self.settings.range;
        if self.closes(&next) {
            next.x.clone_from(&self.start.x);
            next.tangent.clone_from(&self.start.tangent);
            self.end = Some(BranchEnd::Closed);
        } else if next.x[n] < low || next.x[n] > high {
            let bound = if next.x[n] < low { low } else { high };
            self.end = Some(BranchEnd::Bound);
            if (self.here.parameter() - bound).abs() < 1e-13 * (1.0 + bound.abs()) {
                return None;
            }
            if let Some(on) = self.land(&next, bound) {
                next = on;
            }
        } else if norm(&next.x[..n]) > self.settings.state_max {
            self.end = Some(BranchEnd::Unbounded);
        } else if self.n_points + 1 >= self.settings.max_points {
            self.end = Some(BranchEnd::Enough);
        }
        let converged = ConvergedEquilibrium::new(&mut self.curve, next);
        self.standing = match stands(&self.here, &converged) {
            true => self.standing + step,
            false => 0.0,
        };
        if self.end.is_none() && self.standing > STANDING * (1.0 + largest(&converged.on.x)) {
            self.end = Some(BranchEnd::NotIsolated);
        }
        let events = self
            .detector
            .events(&mut self.curve, &self.here, &converged);
        let point = point(&converged, events, step);
        self.here = converged;
        self.n_points += 1;
        let reached = Reached {
            what: "equilibria",
            n_points: self.n_points,
            parameter: point.parameter,
        };
        if !self.settings.control.goes_on(reached) && self.end.is_none() {
            self.end = Some(BranchEnd::Interrupted);
        }
        Some(Ok(point))
    }
}

/// The point as the caller sees it.
pub(crate) fn point(
    converged: &ConvergedEquilibrium,
    events: Vec<Event>,
    step: f64,
) -> EquilibriumPoint {
    let n = converged.on.x.len() - 1;
    let eigenvalues = converged.known_eigenvalues();
    EquilibriumPoint {
        parameter: converged.parameter(),
        state: converged.on.x[..n].to_vec(),
        n_unstable: converged.n_unstable,
        stability: Stability::of(&eigenvalues),
        eigenvalues,
        events,
        residual: converged.on.residual,
        newton_iterations: converged.on.iterations,
        step,
        tangent: converged.on.tangent.clone(),
    }
}
