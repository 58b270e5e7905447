//! Events on a step: seen, told apart, located, and audited.
//!
//! A step is taken as explained when the crossings found add up to the change of the unstable count and the cubic Hermite
//! interpolants of all eigenvalues (in the plane: of trace, determinant and discriminant) show no second crossing inside.
//! Otherwise it is halved, with a new point of the branch in the middle. So what is found does not depend on the step.

use num_complex::Complex64;

use super::branch_point;
use super::curve::{Convergence, OnCurve, correct, dot, hermite, normalise, root};
use super::equilibrium::{Equilibria, Station, convergence, planar};
use super::event::{Criticality, Event, EventKind};
use super::normal_form;
use super::settings::Settings;

/// Finds the events between two points of a branch.
pub(super) struct Detector {
    convergence: Convergence,
    /// Parameter values where the audit failed.
    pub unexplained: Vec<f64>,
}

/// How short a step may become before two events in it count as one, relative to 1 + |x|.
const SHORTEST: f64 = 1e-7;

/// What changed between two points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Nothing,
    Fold,
    BranchPoint,
    Pair,
    /// More than one thing, or something that may be hidden.
    Unclear,
}

impl Detector {
    pub fn new(settings: &Settings) -> Self {
        Self {
            convergence: convergence(settings),
            unexplained: Vec::new(),
        }
    }

    /// All events between `a` and `b`, in order.
    pub fn events(&mut self, curve: &mut Equilibria<'_>, a: &Station, b: &Station) -> Vec<Event> {
        let mut events = Vec::new();
        self.examine(curve, a, b, &mut events);
        events
    }

    fn examine(
        &mut self,
        curve: &mut Equilibria<'_>,
        a: &Station,
        b: &Station,
        events: &mut Vec<Event>,
    ) {
        let length = distance(&a.on, &b.on);
        let size = 1.0 + dot(&[], &a.on.x, &a.on.x).sqrt();
        let change = change(a, b, length);
        let short = length < SHORTEST * size;
        let located = match change {
            Change::Unclear => None,
            Change::Nothing => Some(()),
            Change::Fold => self.fold(curve, a, b, events),
            Change::Pair => self.pair(curve, a, b, events),
            // Near the crossing Newton's method is slow: come close first.
            Change::BranchPoint if length > 1e-3 * size && !short => None,
            Change::BranchPoint => self.branch_point(curve, a, b, events),
        };
        if located.is_some() {
            if change == Change::Nothing {
                self.remarks(curve, a, b, events);
            }
            return;
        }
        if short {
            // A contact with the axis without crossing, or too close to be told apart.
            if a.n_unstable != b.n_unstable || change == Change::BranchPoint {
                self.unexplained.push(a.parameter());
            }
            return;
        }
        // Newton's method fails on a branch point itself, should the middle be one.
        let middle = [0.5, 0.41, 0.62]
            .into_iter()
            .find_map(|t| self.between(curve, a, b, t));
        let Some(middle) = middle else {
            self.unexplained.push(a.parameter());
            return;
        };
        let middle = Station::new(curve, middle);
        self.examine(curve, a, &middle, events);
        self.examine(curve, &middle, b, events);
    }

    /// The point of the curve a fraction of the way from `a` to `b`.
    fn between(
        &self,
        curve: &mut Equilibria<'_>,
        a: &Station,
        b: &Station,
        t: f64,
    ) -> Option<OnCurve> {
        let length = distance(&a.on, &b.on);
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

    /// Where `test` vanishes between `a` and `b`, as a station with the value left.
    fn zero(
        &self,
        curve: &mut Equilibria<'_>,
        a: &Station,
        b: &Station,
        test: impl Fn(&Station) -> Option<f64>,
    ) -> Option<(Station, f64)> {
        let (at_a, at_b) = (test(a)?, test(b)?);
        let (_, value, station) = root((0.0, at_a), (1.0, at_b), 1e-14, |t| {
            let on = self.between(curve, a, b, t)?;
            let station = Station::new(curve, on);
            test(&station).map(|value| (value, station))
        })?;
        Some((station, value))
    }

    fn fold(
        &self,
        curve: &mut Equilibria<'_>,
        a: &Station,
        b: &Station,
        events: &mut Vec<Event>,
    ) -> Option<()> {
        let (at, value) = self.zero(curve, a, b, |s| Some(s.parameter_speed()))?;
        let n = curve.n();
        let parameters = curve.parameters_at(&at.on.x);
        let j = curve.jacobian(&at.on.x).to_owned();
        let [coefficient, _] =
            normal_form::fold(curve.problem, &at.on.x[..n], &parameters, j.as_ref());
        events.push(Event {
            coefficient: Some(coefficient),
            coefficients: vec![("a", coefficient)],
            residual: value.abs().max(at.on.residual),
            ..event(EventKind::Fold, curve, &at, a, b)
        });
        Some(())
    }

    /// A pair of eigenvalues across the axis: of a Hopf point, or two real ones at a neutral saddle (no event of its own).
    fn pair(
        &self,
        curve: &mut Equilibria<'_>,
        a: &Station,
        b: &Station,
        events: &mut Vec<Event>,
    ) -> Option<()> {
        let k = a.n_unstable.min(b.n_unstable);
        let planar = curve.n() == 2;
        // The pair that crosses is the last unstable one: entries k and k + 1 of the sorted spectrum.
        let test = |s: &Station| {
            if planar {
                Some(s.tests[planar::TRACE][0])
            } else {
                crossing_pair(&s.eigenvalues, k)
            }
        };
        let (at, value) = self.zero(curve, a, b, test)?;
        let omega = if planar {
            at.tests[0][0].max(0.0).sqrt()
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
        let [l1, _] =
            normal_form::lyapunov(curve.problem, state, &parameters, j.as_ref(), omega, 3);
        events.push(Event {
            omega: Some(omega),
            period: Some(std::f64::consts::TAU / omega),
            coefficient: Some(l1),
            coefficients: vec![("l1", l1)],
            criticality: Some(Criticality::of(l1)),
            residual: value.abs().max(at.on.residual),
            ..event(EventKind::Hopf, curve, &at, a, b)
        });
        Some(())
    }

    fn branch_point(
        &self,
        curve: &mut Equilibria<'_>,
        a: &Station,
        b: &Station,
        events: &mut Vec<Event>,
    ) -> Option<()> {
        let middle: Vec<f64> =
            a.on.x
                .iter()
                .zip(&b.on.x)
                .map(|(a, b)| 0.5 * (a + b))
                .collect();
        let (x, residual) = branch_point::solve(curve, &middle)?;
        let away = |s: &Station| {
            let miss: Vec<f64> = s.on.x.iter().zip(&x).map(|(s, x)| s - x).collect();
            dot(&[], &miss, &miss).sqrt()
        };
        if away(a).min(away(b)) > 3.0 * distance(&a.on, &b.on) {
            return None;
        }
        let n = curve.n();
        let j = curve.jacobian(&x).to_owned();
        let parameters = curve.parameters_at(&x);
        let [quadratic, cubic] = normal_form::fold(curve.problem, &x[..n], &parameters, j.as_ref());
        let mut tangent: Vec<f64> = b.on.x.iter().zip(&a.on.x).map(|(b, a)| b - a).collect();
        normalise(&[], &mut tangent);
        let pitchfork = quadratic.abs() < 1e-6 * (1.0 + cubic.abs());
        let at = Station {
            on: OnCurve {
                x,
                tangent,
                residual,
                ..a.on.clone()
            },
            eigenvalues: super::linear::eigenvalues(j.as_ref()),
            ..a.clone()
        };
        let coefficient = if pitchfork { cubic } else { quadratic };
        events.push(Event {
            coefficient: Some(coefficient),
            coefficients: vec![("quadratic", quadratic), ("cubic", cubic)],
            criticality: pitchfork.then(|| Criticality::of(cubic)),
            residual,
            ..event(EventKind::BranchPoint, curve, &at, a, b)
        });
        Some(())
    }

    /// Changes that are no bifurcations: neutral saddles, and nodes that become foci.
    fn remarks(
        &self,
        curve: &mut Equilibria<'_>,
        a: &Station,
        b: &Station,
        events: &mut Vec<Event>,
    ) {
        let mut found = Vec::new();
        if let (Some(low), Some(high)) = (saddle_quantity(a), saddle_quantity(b))
            && low * high < 0.0
            && let Some((at, value)) = self.zero(curve, a, b, saddle_quantity)
        {
            found.push((at, value, EventKind::NeutralSaddle));
        }
        let discriminant = |s: &Station| s.tests.get(planar::DISCRIMINANT).map(|d| d[0]);
        if let (Some(low), Some(high)) = (discriminant(a), discriminant(b))
            && low * high < 0.0
            && let Some((at, value)) = self.zero(curve, a, b, discriminant)
        {
            found.push((at, value, EventKind::NodeFocus));
        }
        found.sort_by(|x, y| {
            let along = |s: &Station| dot(&[], &s.on.x, &a.on.tangent);
            along(&x.0).total_cmp(&along(&y.0))
        });
        for (at, value, kind) in found {
            let residual = value.abs().max(at.on.residual);
            events.push(Event {
                residual,
                ..event(kind, curve, &at, a, b)
            });
        }
    }
}

fn event(kind: EventKind, curve: &Equilibria<'_>, at: &Station, a: &Station, b: &Station) -> Event {
    Event {
        kind,
        parameters: vec![at.parameter()],
        state: at.on.x[..curve.n()].to_vec(),
        omega: None,
        period: None,
        coefficient: None,
        coefficients: Vec::new(),
        criticality: None,
        n_unstable_before: a.n_unstable,
        n_unstable_after: b.n_unstable,
        residual: at.on.residual,
        eigenvalues: at.eigenvalues.clone(),
        tangent: at.on.tangent.clone(),
    }
}

fn distance(a: &OnCurve, b: &OnCurve) -> f64 {
    a.x.iter()
        .zip(&b.x)
        .map(|(a, b)| (a - b) * (a - b))
        .sum::<f64>()
        .sqrt()
}

/// The sum of the unstable and the stable real eigenvalue nearest the axis, of a saddle that has both and where no pair is
/// nearer: it vanishes at a neutral saddle.
fn saddle_quantity(s: &Station) -> Option<f64> {
    let k = s.n_unstable;
    let (unstable, stable) = (s.eigenvalues.get(k.checked_sub(1)?)?, s.eigenvalues.get(k)?);
    (unstable.im == 0.0 && stable.im == 0.0).then_some(unstable.re + stable.re)
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

/// Whether the cubic with these end values and slopes (per step) has a zero inside although its ends have the same sign.
fn dips(from: f64, to: f64, slope_from: f64, slope_to: f64) -> bool {
    // c(t) = from + s0 t + c2 t^2 + c3 t^3; its extrema are the roots of s0 + 2 c2 t + 3 c3 t^2.
    let c2 = 3.0 * (to - from) - 2.0 * slope_from - slope_to;
    let c3 = 2.0 * (from - to) + slope_from + slope_to;
    let discriminant = c2 * c2 - 3.0 * c3 * slope_from;
    if discriminant < 0.0 {
        return false;
    }
    let q = -(c2 + discriminant.sqrt().copysign(c2));
    [q / (3.0 * c3), slope_from / q]
        .into_iter()
        .filter(|t| *t > 0.0 && *t < 1.0)
        .any(|t| (from + t * (slope_from + t * (c2 + t * c3))) * from <= 0.0)
}

/// Whether a smooth test may hide crossings: two where its ends have the same sign, three where they differ; or whether its
/// cubic cannot be trusted, because it is far from the trapezium rule while an end is near zero.
fn may_hide(a: [f64; 2], b: [f64; 2], length: f64) -> bool {
    let (from, to) = (a[0], b[0]);
    let (s0, s1) = (a[1] * length, b[1] * length);
    if from * to <= 0.0 {
        // A monotone cubic crosses once.
        let rise = to - from;
        return s0 * rise < 0.0 && s1 * rise < 0.0;
    }
    let defect = (to - from - 0.5 * (s0 + s1)).abs();
    dips(from, to, s0, s1) || defect > from.abs() + to.abs()
}

fn change(a: &Station, b: &Station, length: f64) -> Change {
    let turns = a.parameter_speed() * b.parameter_speed() <= 0.0;
    let crosses = a.on.determinant.sign != b.on.determinant.sign;
    let unstable = a.n_unstable.abs_diff(b.n_unstable);
    let hidden = if a.tests.is_empty() {
        pairs_hide(a, b, length)
    } else {
        a.tests
            .iter()
            .zip(&b.tests)
            .any(|(a, b)| may_hide(*a, *b, length))
    };
    match (turns, crosses, unstable) {
        (true, true, 0) | (false, true, 1) => Change::BranchPoint,
        _ if hidden => Change::Unclear,
        (false, false, 0) => Change::Nothing,
        (true, false, 1) => Change::Fold,
        (false, false, 2) => Change::Pair,
        _ => Change::Unclear,
    }
}

/// The same for a spectrum of more than two: every eigenvalue is matched with the one it becomes.
fn pairs_hide(a: &Station, b: &Station, length: f64) -> bool {
    let n = a.eigenvalues.len();
    let mut free: Vec<usize> = (0..n).collect();
    let mut crossings = 0usize;
    for (value, speed) in a.eigenvalues.iter().zip(&a.speeds) {
        let ahead = speed * length;
        let expected = if ahead.norm() < 0.5 * value.norm() {
            value + ahead
        } else {
            *value
        };
        let (place, &to) = free
            .iter()
            .enumerate()
            .min_by(|(_, x), (_, y)| {
                let miss = |k: usize| (b.eigenvalues[k] - expected).norm();
                miss(**x).total_cmp(&miss(**y))
            })
            .expect("as many there as here");
        free.swap_remove(place);
        let (after, speed_after) = (b.eigenvalues[to], b.speeds[to]);
        let moved = (after - value).norm();
        let safe = value.re * after.re > 0.0 && value.re.abs().min(after.re.abs()) > 2.0 * moved;
        if value.re * after.re <= 0.0 {
            crossings += 1;
        }
        if (value.im == 0.0) != (after.im == 0.0) {
            // Two real ones became a pair, or the reverse: their speeds are infinite on the way.
            if !safe {
                return true;
            }
            continue;
        }
        let hides = may_hide([value.re, speed.re], [after.re, speed_after.re], length);
        let calm =
            speed.norm().max(speed_after.norm()) * length < value.re.abs().min(after.re.abs());
        if hides && !(safe && calm) {
            return true;
        }
    }
    crossings != a.n_unstable.abs_diff(b.n_unstable)
}
