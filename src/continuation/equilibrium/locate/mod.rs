//! Locates the events between two points of a branch, and checks that they explain the change of
//! stability.
//!
//! A step is explained if two conditions hold: the events found add up to the change in the number
//! of unstable eigenvalues, and the cubic Hermite interpolants of all eigenvalues (in the plane: of
//! trace, determinant and discriminant) show no second crossing inside. Otherwise the step is
//! halved, with a new point of the branch in the middle. A long step can still miss events that
//! neither the count nor an interpolant shows, such as two crossings so close that they cancel.

mod change;

use num_complex::Complex64;

pub(crate) use change::stands;
use change::{Change, change, shows_more};

use super::branch_point;
use super::equilibria::{ConvergedEquilibrium, Equilibria, convergence, planar};
use super::normal_form;
use crate::Control;
use crate::continuation::curve::{Convergence, OnCurve, correct, hermite, normalise, root};
use crate::continuation::event::{Criticality, Event, EventKind};
use crate::continuation::linear::{distance, dot, norm};
use crate::continuation::rounded::Rounded;
use crate::continuation::settings::Settings;

/// Finds the events between two points of a branch.
pub(super) struct Detector {
    convergence: Convergence,
    control: Control,
    /// Of a step that counts as short.
    shortest: f64,
    /// Points between two of the branch that may still be looked at.
    points_left: usize,
    /// Parameter values at which the events found do not explain the change of stability.
    pub unexplained: Vec<f64>,
}

/// How short a step may become before two events in it count as one: relative to 1 + |x|,
const SHORTEST: f64 = 1e-7;
/// and to the longest step, where that is less.
const SHARE: f64 = 1e-5;

/// A step is cut into so many pieces at most: an event takes some twenty, and where all of a step
/// is unclear no number is enough.
const POINTS: usize = 4000;

impl Detector {
    pub fn new(settings: &Settings) -> Self {
        Self {
            convergence: convergence(settings),
            control: settings.control.clone(),
            shortest: SHARE * settings.step_max,
            points_left: 0,
            unexplained: Vec::new(),
        }
    }

    /// All events between `a` and `b`, in order.
    pub fn events(
        &mut self,
        curve: &mut Equilibria<'_>,
        a: &ConvergedEquilibrium,
        b: &ConvergedEquilibrium,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        self.points_left = POINTS;
        self.examine(curve, a, b, &mut events);
        if self.points_left == 0 {
            self.unexplained.push(a.parameter());
        }
        events
    }

    fn examine(
        &mut self,
        curve: &mut Equilibria<'_>,
        a: &ConvergedEquilibrium,
        b: &ConvergedEquilibrium,
        events: &mut Vec<Event>,
    ) {
        if self.points_left == 0 || self.control.is_stopped() {
            return;
        }
        self.points_left -= 1;
        let length = distance(&a.on.x, &b.on.x);
        let size = 1.0 + norm(&a.on.x);
        let change = change(a, b, length);
        let short = length < (SHORTEST * size).min(self.shortest);
        let located = match change {
            Change::Unclear => None,
            Change::Nothing => {
                events.extend(self.remarks(curve, a, b));
                return;
            }
            // One thing at a time, as long as there is room.
            _ if !short && shows_more(a, b, change) => None,
            Change::Fold => self.fold(curve, a, b),
            Change::Pair => self.pair(curve, a, b),
            // Near the crossing Newton's method is slow: come close first.
            Change::BranchPoint if length > 1e-3 * size && !short => None,
            Change::BranchPoint => self.branch_point(curve, a, b),
        };
        if let Some(event) = located {
            events.push(event);
            return;
        }
        if short {
            // A contact with the axis without crossing, or too close to be told apart.
            if a.n_unstable != b.n_unstable || change == Change::BranchPoint {
                self.unexplained.push(a.parameter());
            }
            return;
        }
        // Newton's method fails on a branch point itself, should the middle be one; and it may
        // leave for another branch.
        let middle = [0.5, 0.41, 0.62]
            .into_iter()
            .filter_map(|t| self.between(curve, a, b, t))
            .find(|on| distance(&a.on.x, &on.x).max(distance(&on.x, &b.on.x)) < 0.9 * length);
        let Some(middle) = middle else {
            self.unexplained.push(a.parameter());
            return;
        };
        let middle = ConvergedEquilibrium::new(curve, middle);
        self.examine(curve, a, &middle, events);
        self.examine(curve, &middle, b, events);
    }

    /// The point of the curve a fraction of the way from `a` to `b`.
    fn between(
        &self,
        curve: &mut Equilibria<'_>,
        a: &ConvergedEquilibrium,
        b: &ConvergedEquilibrium,
        t: f64,
    ) -> Option<OnCurve> {
        let length = distance(&a.on.x, &b.on.x);
        let guess = hermite(&a.on, &b.on, length, t * length);
        let mut across: Vec<f64> =
            a.on.tangent
                .iter()
                .zip(&b.on.tangent)
                .map(|(a, b)| (1.0 - t) * a + t * b)
                .collect();
        normalise(&[], &mut across);
        correct(curve, guess, &across, self.convergence).ok()
    }

    /// The point between `a` and `b` where `test` vanishes, with the value that is left.
    fn zero(
        &self,
        curve: &mut Equilibria<'_>,
        a: &ConvergedEquilibrium,
        b: &ConvergedEquilibrium,
        test: impl Fn(&ConvergedEquilibrium) -> Option<Rounded>,
    ) -> Option<(ConvergedEquilibrium, f64)> {
        let test = |s: &ConvergedEquilibrium| test(s).map(|test| test.value);
        let (at_a, at_b) = (test(a)?, test(b)?);
        let (_, value, converged) = root((0.0, at_a), (1.0, at_b), 1e-14, |t| {
            let on = self.between(curve, a, b, t)?;
            let converged = ConvergedEquilibrium::new(curve, on);
            test(&converged).map(|value| (value, converged))
        })?;
        Some((converged, value))
    }

    fn fold(
        &self,
        curve: &mut Equilibria<'_>,
        a: &ConvergedEquilibrium,
        b: &ConvergedEquilibrium,
    ) -> Option<Event> {
        let (at, value) = self.zero(curve, a, b, |s| Some(Rounded::exact(s.parameter_speed())))?;
        let n = curve.n();
        let parameters = curve.parameters_at(&at.on.x);
        let j = curve.jacobian(&at.on.x).to_owned();
        let (coefficient, _) =
            normal_form::fold(curve.problem, &at.on.x[..n], &parameters, j.as_ref());
        Some(Event {
            coefficient: Some(coefficient),
            coefficients: vec![("a", coefficient)],
            residual: value.abs().max(at.on.residual),
            ..event(EventKind::Fold, curve, &at, a, b)
        })
    }

    /// A pair of eigenvalues across the axis: of a Hopf point, or two real ones at a neutral saddle
    /// (no event of its own).
    fn pair(
        &self,
        curve: &mut Equilibria<'_>,
        a: &ConvergedEquilibrium,
        b: &ConvergedEquilibrium,
    ) -> Option<Event> {
        let k = a.n_unstable.min(b.n_unstable);
        let planar = curve.n() == 2;
        // The pair that crosses is the last unstable one: entries k and k + 1 of the sorted
        // spectrum.
        let test = |s: &ConvergedEquilibrium| {
            if planar {
                Some(s.tests[planar::TRACE].value)
            } else {
                crossing_pair(&s.eigenvalues, k).map(Rounded::exact)
            }
        };
        let (at, value) = self.zero(curve, a, b, test)?;
        let omega = if planar {
            at.tests[planar::DETERMINANT].value.value.max(0.0).sqrt()
        } else {
            nearest_pair(&at.eigenvalues)?.im
        };
        if omega == 0.0 {
            return None;
        }
        let n = curve.n();
        let parameters = curve.parameters_at(&at.on.x);
        let j = curve.jacobian(&at.on.x).to_owned();
        let state = &at.on.x[..n];
        let (l1, _) =
            normal_form::lyapunov(curve.problem, state, &parameters, j.as_ref(), omega, 3);
        let l1 = l1.known();
        Some(Event {
            omega: Some(omega),
            period: Some(std::f64::consts::TAU / omega),
            coefficient: Some(l1),
            coefficients: vec![("l1", l1)],
            criticality: Criticality::of(l1),
            residual: value.abs().max(at.on.residual),
            ..event(EventKind::hopf(l1), curve, &at, a, b)
        })
    }

    fn branch_point(
        &self,
        curve: &mut Equilibria<'_>,
        a: &ConvergedEquilibrium,
        b: &ConvergedEquilibrium,
    ) -> Option<Event> {
        let middle: Vec<f64> =
            a.on.x
                .iter()
                .zip(&b.on.x)
                .map(|(a, b)| 0.5 * (a + b))
                .collect();
        let (x, residual) = branch_point::solve(curve, &middle)?;
        let away = |s: &ConvergedEquilibrium| {
            let miss: Vec<f64> = s.on.x.iter().zip(&x).map(|(s, x)| s - x).collect();
            norm(&miss)
        };
        if away(a).min(away(b)) > 3.0 * distance(&a.on.x, &b.on.x) {
            return None;
        }
        let n = curve.n();
        let j = curve.jacobian(&x).to_owned();
        let parameters = curve.parameters_at(&x);
        let (quadratic, cubic) = normal_form::fold(curve.problem, &x[..n], &parameters, j.as_ref());
        let cubic = cubic.known();
        let mut tangent: Vec<f64> = b.on.x.iter().zip(&a.on.x).map(|(b, a)| b - a).collect();
        normalise(&[], &mut tangent);
        let pitchfork = quadratic.abs() < 1e-6 * (1.0 + cubic.abs());
        let at = ConvergedEquilibrium {
            on: OnCurve {
                x,
                tangent,
                residual,
                ..a.on.clone()
            },
            eigenvalues: crate::continuation::linear::eigenvalues(j.as_ref()),
            ..a.clone()
        };
        let coefficient = if pitchfork { cubic } else { quadratic };
        Some(Event {
            coefficient: Some(coefficient),
            coefficients: vec![("quadratic", quadratic), ("cubic", cubic)],
            criticality: pitchfork.then(|| Criticality::of(cubic)).flatten(),
            residual,
            ..event(EventKind::BranchPoint, curve, &at, a, b)
        })
    }

    /// Changes that are no bifurcations: neutral saddles, and nodes that become foci.
    fn remarks(
        &self,
        curve: &mut Equilibria<'_>,
        a: &ConvergedEquilibrium,
        b: &ConvergedEquilibrium,
    ) -> Vec<Event> {
        type Test = fn(&ConvergedEquilibrium) -> Option<Rounded>;
        let tests: [(EventKind, Test); 2] = [
            (EventKind::NeutralSaddle, saddle_quantity),
            (EventKind::NodeFocus, |s| {
                s.tests.get(planar::DISCRIMINANT).map(|test| test.value)
            }),
        ];
        let mut found: Vec<(f64, Event)> = Vec::new();
        for (kind, test) in tests {
            if let (Some(low), Some(high)) = (test(a), test(b))
                && low.crosses(high)
                && let Some((at, value)) = self.zero(curve, a, b, test)
            {
                let residual = value.abs().max(at.on.residual);
                let event = event(kind, curve, &at, a, b);
                found.push((
                    dot(&[], &at.on.x, &a.on.tangent),
                    Event { residual, ..event },
                ));
            }
        }
        found.sort_by(|x, y| x.0.total_cmp(&y.0));
        found.into_iter().map(|(_, event)| event).collect()
    }
}

fn event(
    kind: EventKind,
    curve: &Equilibria<'_>,
    at: &ConvergedEquilibrium,
    a: &ConvergedEquilibrium,
    b: &ConvergedEquilibrium,
) -> Event {
    Event {
        n_unstable_before: a.n_unstable,
        n_unstable_after: b.n_unstable,
        residual: at.on.residual,
        eigenvalues: at.eigenvalues.clone(),
        tangent: at.on.tangent.clone(),
        ..Event::new(kind, &[at.parameter()], &at.on.x[..curve.n()])
    }
}

/// The sum of the unstable and the stable real eigenvalue nearest the axis, of a saddle that has
/// both and where no pair is nearer: it vanishes at a neutral saddle.
fn saddle_quantity(s: &ConvergedEquilibrium) -> Option<Rounded> {
    let k = s.n_unstable;
    let (unstable, stable) = (s.eigenvalues.get(k.checked_sub(1)?)?, s.eigenvalues.get(k)?);
    (unstable.im == 0.0 && stable.im == 0.0).then_some(Rounded {
        value: unstable.re + stable.re,
        rounding: s.axis,
    })
}

/// Real part of the pair with entries k and k + 1, positive when it is unstable.
fn crossing_pair(sorted: &[Complex64], k: usize) -> Option<f64> {
    let (a, b) = (sorted.get(k)?, sorted.get(k + 1)?);
    if a.im != 0.0 && (a.conj() - b).norm() <= 1e-9 * a.norm() {
        return Some(a.re);
    }
    nearest_pair(sorted).map(|pair| pair.re)
}

/// The pair nearest the imaginary axis, by its member in the upper half plane.
fn nearest_pair(eigenvalues: &[Complex64]) -> Option<Complex64> {
    eigenvalues
        .iter()
        .copied()
        .filter(|e| e.im > 0.0)
        .min_by(|a, b| a.re.abs().total_cmp(&b.re.abs()))
}
