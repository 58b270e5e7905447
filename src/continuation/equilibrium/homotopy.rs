//! Leads any state to an equilibrium, stable or not, along a curve on which the rates of change
//! fade to 0.
//!
//! ```text
//! f(u) = (1 - s) f(u0)
//! ```
//!
//! holds at the state u0 for s = 0, and is an equilibrium at s = 1. The curve between is followed
//! by arclength, so it may turn. Damped Newton steps and time steps can go round in circles, as
//! about an unstable focus; this curve does not.
//!
//! Keller (1978), in: Recent Advances in Numerical Analysis, 73-94.

use crate::Control;
use crate::continuation::curve::{
    Convergence, Curve, OnCurve, Solved, along, correct, largest, solve_dense,
};
use crate::continuation::linear::{dot, norm};
use crate::continuation::problem::Problem;

const CONVERGENCE: Convergence = Convergence {
    tolerance: 1e-10,
    max_iterations: 10,
    early: true,
};
/// The tangent may turn by this much in a step, and the curve leave it by as much of the step, rad.
const TURN: f64 = 0.4;
/// Steps to one side at most.
const STEPS: usize = 1000;
/// A curve is left when it is this many times as far as it began.
const FARTHEST: f64 = 1e6;

/// The equilibrium of `problem` that the curve from the state `from` leads to; `None` if it leads
/// to none, or `control` ends it.
pub(crate) fn equilibrium(
    problem: &dyn Problem,
    from: &[f64],
    parameters: &[f64],
    control: &Control,
) -> Option<Vec<f64>> {
    let n = from.len();
    let mut lacks = vec![0.0; n];
    problem.value(from, parameters, &mut lacks);
    if lacks.iter().all(|rate| *rate == 0.0) {
        return Some(from.to_vec());
    }
    let mut way = Way {
        problem,
        parameters,
        lacks,
        value: vec![0.0; n],
        derivative: vec![0.0; n * (n + parameters.len())],
    };
    let first: Vec<f64> = from.iter().copied().chain([0.0]).collect();
    let sides = [1.0, -1.0].into_iter();
    let mut found = sides.filter_map(|side| way.follow(&first, side, control));
    found.next()
}

/// The curve over (u, s).
struct Way<'a> {
    problem: &'a dyn Problem,
    parameters: &'a [f64],
    /// f(u0)
    lacks: Vec<f64>,
    value: Vec<f64>,
    derivative: Vec<f64>,
}

impl Curve for Way<'_> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        let n = self.lacks.len();
        let (value, derivative) = (&mut self.value, &mut self.derivative);
        self.problem
            .derivative(&x[..n], self.parameters, value, derivative);
        for (value, lack) in value.iter_mut().zip(&self.lacks) {
            *value -= (1.0 - x[n]) * lack;
        }
        derivative[n * n..][..n].copy_from_slice(&self.lacks);
        solve_dense(value, &derivative[..n * (n + 1)], border)
    }
}

impl Way<'_> {
    /// From `first` to where s is 1, beginning with growing (`side` 1) or falling s.
    fn follow(&mut self, first: &[f64], side: f64, control: &Control) -> Option<Vec<f64>> {
        let n = first.len() - 1;
        let mut across = vec![0.0; n + 1];
        across[n] = side;
        let mut here = correct(self, first.to_vec(), &across, CONVERGENCE).ok()?;
        let mut step = 0.1;
        for _ in 0..STEPS {
            if control.is_stopped() || step < 1e-10 * (1.0 + largest(&here.x)) {
                return None;
            }
            let Some(next) = self.step(&here, step) else {
                step *= 0.5;
                continue;
            };
            if next.x[n] >= 1.0 {
                let share = (1.0 - here.x[n]) / (next.x[n] - here.x[n]);
                let mut guess = along(&here.x, &along(&next.x, &here.x, -1.0), share);
                guess[n] = 1.0;
                if let Ok(arrived) = correct(self, guess, &across, CONVERGENCE) {
                    return Some(arrived.x[..n].to_vec());
                }
                step *= 0.5;
                continue;
            }
            if largest(&next.x) > FARTHEST * (1.0 + largest(first)) {
                return None;
            }
            step *= 2.0;
            here = next;
        }
        None
    }

    fn step(&mut self, here: &OnCurve, step: f64) -> Option<OnCurve> {
        let guess = along(&here.x, &here.tangent, step);
        let next = correct(self, guess.clone(), &here.tangent, CONVERGENCE).ok()?;
        let away = along(&next.x, &guess, -1.0);
        let near = norm(&away) <= TURN * step;
        let straight = dot(&[], &next.tangent, &here.tangent) >= TURN.cos();
        (near && straight).then_some(next)
    }
}
