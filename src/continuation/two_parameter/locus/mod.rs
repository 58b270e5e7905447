//! Follows one curve of bifurcations in two parameters, and locates the points where it changes its
//! kind.

mod equilibria;
mod trace;

use num_complex::Complex64;

use equilibria::{FoldLocus, HopfLocus};

use crate::continuation::curve::{Convergence, Curve, OnCurve};
use crate::continuation::equilibrium::branch::BranchEnd;
use crate::continuation::equilibrium::fold::Folds;
use crate::continuation::equilibrium::hopf::Hopfs;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::distance;
use crate::continuation::problem::Problem;
use crate::continuation::rounded::Rounded;
use crate::continuation::settings::Settings;
use crate::error::{ContinuationError, Error, Remark, Result};

pub(crate) use equilibria::{complete, rest_of};
pub(crate) use trace::trace;

/// A short piece of a curve reaches this far, relative to 1 + |parameter|.
const NEAR: f64 = 0.05;

/// A curve of bifurcations needs two parameters.
pub(super) fn check_parameters(problem: &dyn Problem) -> Result<()> {
    match problem.parameter_count() {
        2 => Ok(()),
        found => {
            let rule = "a curve of bifurcations needs two that vary";
            Err(Error::argument("the number of parameters", found, rule))
        }
    }
}

/// A point of a curve of bifurcations in two parameters.
#[derive(Debug, Clone)]
pub struct LocusPoint {
    /// Both parameters.
    pub parameters: [f64; 2],
    /// The equilibrium, or the state of a cycle at time 0.
    pub state: Vec<f64>,
    /// What the point is: on a curve of Hopf points it may be a neutral saddle, on one of folds, of a
    /// [`Chart`](super::Chart), a saddle-node on a cycle.
    pub kind: EventKind,
    /// Angular frequency of a Hopf point, or of a torus beside that of its cycle, rad/ms.
    pub omega: Option<f64>,
    /// Period of a cycle, or of the cycles born at a Hopf point, ms.
    pub period: Option<f64>,
    /// `a` of a fold, the first Lyapunov coefficient of a Hopf point, the saddle quantity of a
    /// homoclinic connection.
    pub coefficient: Option<f64>,
    /// Eigenvalues, rightmost first.
    pub eigenvalues: Vec<Complex64>,
    /// Codimension-two points between the previous point and this one, in order.
    pub events: Vec<Event>,
    /// Largest residual before the last correction.
    pub residual: f64,
    /// Newton iterations it took.
    pub newton_iterations: usize,
}

/// A curve of folds, of Hopf points, of folds of cycles, of period doublings, of tori or of
/// homoclinic connections in two parameters.
#[derive(Debug, Clone)]
pub struct Locus {
    /// What it is a curve of.
    pub kind: EventKind,
    /// In order along the curve.
    pub points: Vec<LocusPoint>,
    /// Why it ends at its beginning and at its end; `None` where an error stopped it.
    pub ends: [Option<BranchEnd>; 2],
    /// What stopped it, if something did; the points until there are kept.
    pub stopped: Vec<Remark>,
}

impl Locus {
    /// A short piece of the curve of folds or Hopf points through `event`, at both of its parameters, in fine steps.
    pub(super) fn around(
        problem: &dyn Problem,
        event: &Event,
        settings: &Settings,
    ) -> Result<Self> {
        let parameters = [event.parameters[0], event.parameters[1]];
        let reach = parameters.map(|p| NEAR * (1.0 + p.abs()));
        let ranges = [0, 1].map(|k| [parameters[k] - reach[k], parameters[k] + reach[k]]);
        let fine = Settings {
            step: settings.step.min(0.05 * reach[0].min(reach[1])),
            step_max: settings.step_max.min(0.2 * reach[0].min(reach[1])),
            ..settings.clone()
        };
        Self::through(problem, event, event.kind, parameters[1], ranges, &fine)
    }

    /// The event of one of `kinds` that is nearest to these parameters.
    pub(super) fn nearest(&self, parameters: &[f64], kinds: &[EventKind]) -> Option<&Event> {
        let away = |event: &Event| distance(&event.parameters, parameters);
        let found = self.events().filter(|event| kinds.contains(&event.kind));
        found.min_by(|a, b| away(a).total_cmp(&away(b)))
    }

    /// Its codimension-two points, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.points.iter().flat_map(|point| &point.events)
    }

    /// The curve through a fold or a Hopf point (an event of a branch in the first of the problem's
    /// two parameters; the second has the value `second`), or through a codimension-two point,
    /// where `kind` says which curve.
    ///
    /// `ranges` are those of both parameters.
    ///
    /// # Errors
    /// [`Error::Continuation`] for other kinds of events or a problem without two parameters,
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) if the curve is not found from the event.
    pub fn through(
        problem: &dyn Problem,
        event: &Event,
        kind: EventKind,
        second: f64,
        ranges: [[f64; 2]; 2],
        settings: &Settings,
    ) -> Result<Self> {
        check_parameters(problem)?;
        let n = event.state.len();
        let parameters = [
            event.parameters[0],
            event.parameters.get(1).copied().unwrap_or(second),
        ];
        let mut x = event.state.clone();
        match kind {
            EventKind::Fold => {
                x.extend(parameters);
                let folds = Folds::new(problem, &parameters, &[0, 1], &x);
                trace(FoldLocus { folds, n }, x, ranges, settings)
            }
            EventKind::Hopf => {
                x.push(event.omega.unwrap_or(0.0).powi(2));
                x.extend(parameters);
                let hopfs = Hopfs::new(problem, &x);
                trace(HopfLocus { hopfs, n }, x, ranges, settings)
            }
            _ => {
                let rule = "it must be a fold or a Hopf point of equilibria";
                Err(ContinuationError::WrongEvent {
                    branch: "curve of bifurcations",
                    event: kind.to_string(),
                    rule,
                }
                .into())
            }
        }
    }
}

/// What became of a mesh; why not, if nothing did.
pub(crate) type Adapted = std::result::Result<(), Remark>;

/// A curve of bifurcations.
pub(crate) trait Bifurcations: Curve {
    fn kind(&self) -> EventKind;
    fn parameters(&self, x: &[f64]) -> [f64; 2];
    /// Takes the point as where borders and references come from; `tangent` is empty as long as it
    /// is not known.
    fn accept(&mut self, x: &[f64], tangent: &[f64]);
    /// The functions that vanish at codimension-two points, in a fixed order; `None` where one has
    /// no meaning.
    fn tests(&self, on: &OnCurve) -> Vec<(EventKind, Option<Rounded>)>;
    fn point(&self, on: &OnCurve) -> LocusPoint;
    /// Completes the event of a codimension-two point; says no where a test vanishes without one.
    fn complete(&self, on: &OnCurve, event: &mut Event) -> bool;
    /// Moves to a mesh that suits `here` and corrects it there; takes the curve's start along. An
    /// error says that no mesh does, so that the points since the last call are not to be trusted.
    fn adapt(&mut self, _here: &mut OnCurve, _start: &mut OnCurve, _: Convergence) -> Adapted {
        Ok(())
    }
    /// After how many points a mesh is adapted.
    fn adapted_after(&self) -> usize {
        3
    }
    /// Whether the second of two points is near enough to the first.
    fn is_near(&self, _: &OnCurve, _: &OnCurve) -> bool {
        true
    }
    /// How much more than [`Settings::turn_max`] the tangent may turn in a step.
    fn sharpness(&self) -> f64 {
        1.0
    }
    /// Moves back to the mesh that the curve was begun on.
    fn rewind(&mut self) {}
    /// Whether the curve cannot be followed beyond a point, by its nature.
    fn ends_at(&self, _: &OnCurve, _: &Settings) -> Option<BranchEnd> {
        None
    }
    /// Whether the second of two points, after which the curve ends, lies beyond its end.
    fn passed(&self, _: &OnCurve, _: &OnCurve) -> bool {
        false
    }
    /// The codimension-two point that the curve ends in right after two points, if it does.
    fn end(&self, _: &OnCurve, _: &OnCurve, _: &Settings) -> Option<LocusPoint> {
        None
    }
}
