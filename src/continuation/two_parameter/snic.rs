//! Tells where on a curve of folds a cycle is born at infinite period: where the orbit that leaves
//! the saddle-node comes back to it.
//!
//! A saddle-node whose other eigenvalues are stable has one orbit that leaves it, along the null
//! vector. If that comes back along the null vector from the other side, it is a saddle-node on a
//! cycle. It ceases to be one where the orbit comes back along a stable direction instead: there the
//! curve of homoclinic connections ends (Schecter 1987, SIAM J. Math. Anal. 18, 1142).

use super::locus::{Locus, LocusPoint};
use super::settling::Settling;
use crate::Control;
use crate::continuation::curve::{Convergence, OnCurve, along, correct, normalise};
use crate::continuation::cycle::resolution::{flow, size};
use crate::continuation::equilibrium::fold::Folds;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{dot, eigenvalues, norm};
use crate::continuation::problem::Problem;

/// The orbit begins this near to the saddle-node at most, relative to 1 + |state|.
const BEGINS: f64 = 1e-2;
/// So many time constants of the other eigenvalues pass meanwhile: enough for it to be on the orbit.
const CONSTANTS: f64 = 30.0;
/// It is back where, this many times nearer along other directions, it is on the null vector.
const ALIGNED: f64 = 0.1;
/// A step of time is this share of what the Jacobian's size sets, where points of a curve are told apart, and where the end of a
/// piece is located.
const COARSE: f64 = 0.1;
const FINE: f64 = 0.05;
/// So many steps go by the same size of the Jacobian.
const SAME_SIZE: usize = 4;
/// Steps that an orbit may take.
const MOST_STEPS: usize = 60_000;
/// The end of a piece is located to this share of the distance between two points.
const LOCATED: f64 = 1e-10;

impl Locus {
    /// Marks the points of a curve of folds that lie on cycles as [`EventKind::Snic`], with an event
    /// where that ends. Once `control` is stopped, no further points are marked.
    pub(super) fn find_cycles(&mut self, problem: &dyn Problem, control: &Control) {
        let look = |point: &LocusPoint| match control.is_stopped() {
            true => None,
            false => returns(problem, &unknowns(point), COARSE),
        };
        let on_cycles: Vec<Option<bool>> = self.points.iter().map(look).collect();
        for k in 0..self.points.len() {
            if on_cycles[k] == Some(true) {
                self.points[k].kind = EventKind::Snic;
            }
            if k == 0 {
                continue;
            }
            let both = (on_cycles[k - 1], on_cycles[k]);
            let (Some(before), Some(after)) = both else {
                continue;
            };
            // Beyond a cusp or a Bogdanov-Takens point it is another saddle-node.
            if before == after || !self.points[k].events.is_empty() {
                continue;
            }
            let ends = [k - 1, k].map(|k| unknowns(&self.points[k]));
            self.points[k].events.extend(change(problem, ends, before));
        }
    }
}

/// State and parameters.
fn unknowns(point: &LocusPoint) -> Vec<f64> {
    [&point.state[..], &point.parameters].concat()
}

/// Where between two points of a curve of folds, on the first of which it is `before`, the orbit
/// ceases or begins to come back.
fn change(problem: &dyn Problem, ends: [Vec<f64>; 2], before: bool) -> Option<Event> {
    let n = problem.dimension();
    let mut folds = Folds::new(problem, &ends[0][n..], &[0, 1], &ends[0]);
    let mut across = along(&ends[1], &ends[0], -1.0);
    normalise(&[], &mut across);
    let convergence = Convergence {
        tolerance: 1e-12,
        max_iterations: 20,
        early: false,
    };
    let mut at = |t: f64| -> Option<OnCurve> {
        let guess = along(&ends[0], &along(&ends[1], &ends[0], -1.0), t);
        correct(&mut folds, guess, &across, convergence).ok()
    };
    let (mut low, mut high) = (0.0, 1.0);
    while high - low > LOCATED {
        let middle = 0.5 * (low + high);
        match returns(problem, &at(middle)?.x, FINE)? == before {
            true => low = middle,
            false => high = middle,
        }
    }
    let on = at(0.5 * (low + high))?;
    let folds = Folds::new(problem, &on.x[n..], &[0, 1], &on.x);
    let values = folds.values(&on.x);
    Some(Event {
        residual: on.residual,
        eigenvalues: eigenvalues(values.jacobian.as_ref()),
        ..Event::new(EventKind::SaddleNodeLoop, &on.x[n..], &on.x[..n])
    })
}

/// Whether the orbit that leaves the fold `x` comes back to it along the null vector. Not known
/// where it has no such orbit: where other eigenvalues are not all stable (in the plane, unstable:
/// there time is reversed).
fn returns(problem: &dyn Problem, x: &[f64], share: f64) -> Option<bool> {
    let n = problem.dimension();
    let (state, parameters) = x.split_at(n);
    let values = Folds::new(problem, parameters, &[0, 1], x).values(x);
    let spectrum = eigenvalues(values.jacobian.as_ref());
    let null = (0..n).min_by(|&a, &b| spectrum[a].norm().total_cmp(&spectrum[b].norm()))?;
    let others = (0..n).filter(|&k| k != null).map(|k| spectrum[k].re);
    let slowest = others.clone().fold(f64::INFINITY, |a, b| a.min(b.abs()));
    let sign = match (
        others.clone().all(|re| re < 0.0),
        others.clone().all(|re| re > 0.0),
    ) {
        (true, _) => 1.0,
        (_, true) => -1.0,
        _ => return None,
    };
    let overlap = dot(&[], &values.left, &values.right);
    // d xi/dt = a xi^2 along the null vector, where xi is left . (u - state) / overlap.
    let a = 0.5 * values.curvature / overlap;
    let begins = (BEGINS * (1.0 + norm(state))).min(slowest / (CONSTANTS * a.abs()));
    if !begins.is_finite() || begins < 1e-7 {
        return None;
    }
    let side = (sign * a).signum();
    let mut u = along(state, &values.right, side * begins);
    let mut rates = vec![0.0; n];
    let mut derivative = vec![0.0; n * (n + parameters.len())];
    let mut work = [(); 5].map(|()| vec![0.0; n]);
    let mut left = false;
    let mut settling = Settling::new(problem, parameters);
    let mut of_jacobian = f64::NAN;
    for k in 0..MOST_STEPS {
        let before = u.clone();
        if k % SAME_SIZE == 0 {
            problem.derivative(&u, parameters, &mut rates, &mut derivative);
            of_jacobian = size(&derivative, n);
        } else {
            problem.value(&u, parameters, &mut rates);
        }
        let step = sign * share / of_jacobian;
        flow(problem, parameters, &mut u, (step, 1), &mut work);
        let away = along(&u, state, -1.0);
        let far = norm(&away);
        if !far.is_finite() {
            return Some(false);
        }
        left |= far > 2.0 * begins;
        if !left {
            continue;
        }
        if far > begins {
            if settling.is_over((&before, &rates), of_jacobian, &u, step) {
                return Some(false);
            }
            continue;
        }
        settling.restart();
        let xi = dot(&[], &values.left, &away) / overlap;
        if norm(&along(&away, &values.right, -xi)) < ALIGNED * xi.abs() {
            return Some(side * xi < 0.0);
        }
    }
    Some(false)
}
