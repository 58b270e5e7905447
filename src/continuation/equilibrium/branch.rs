//! Follows a branch of equilibria, as an iterator over its points.

mod step;

use num_complex::Complex64;

use super::equilibria::{ConvergedEquilibrium, Equilibria, convergence};
use super::locate::{Detector, stands};
use crate::Reached;
use crate::continuation::curve::{OnCurve, along, correct, largest};
use crate::continuation::event::Event;
use crate::continuation::linear::{distance, dot, norm};
use crate::continuation::problem::{Problem, describe};
use crate::continuation::settings::Settings;
use crate::continuation::stability::Stability;
use crate::error::{Error, Result};
use step::Step;

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
    /// The parameter tends to a value while a state grows without bound, to where it has no effect any more.
    RunsAway,
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
/// It has the value of another point, relative to 1 + |p|.
pub(super) const SAME_PARAMETER: f64 = 1e-9;
/// A branch goes straight on that leaves its tangent by this share of the way at most.
const STRAIGHT: f64 = 1e-2;

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

    /// Whether the branch came from other parameter values and goes straight on from `to`, where the parameter stands still, as
    /// far as states may go.
    fn runs_away(&mut self, to: &ConvergedEquilibrium) -> bool {
        let n = self.curve.n();
        let (from, parameter) = (self.start.x[n], to.parameter());
        if (parameter - from).abs() < SAME_PARAMETER * (1.0 + from.abs()) {
            return false;
        }
        let convergence = convergence(self.settings);
        let farthest = self.settings.state_max;
        let distances = std::iter::successors(Some(1.0 + norm(&to.on.x)), |d| Some(4.0 * d));
        distances.take_while(|d| *d < farthest).all(|away| {
            let ahead = along(&to.on.x, &to.on.tangent, away);
            let found = correct(&mut self.curve, ahead.clone(), &to.on.tangent, convergence);
            found.is_ok_and(|on| distance(&on.x, &ahead) < STRAIGHT * away)
        })
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
        let Step {
            to,
            events,
            length,
            end,
        } = match self.step_along() {
            Ok(Some(step)) => step,
            Ok(None) => return None,
            Err(error) => {
                self.failed = true;
                return Some(Err(error));
            }
        };
        self.end = end;
        self.standing = match stands(&self.here, &to) {
            true => self.standing + length,
            false => 0.0,
        };
        if self.end.is_none() && self.standing > STANDING * (1.0 + largest(&to.on.x)) {
            self.end = Some(match self.runs_away(&to) {
                true => BranchEnd::RunsAway,
                false => BranchEnd::NotIsolated,
            });
        }
        let point = point(&to, events, length);
        self.here = to;
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
