//! Phases that turn together, seen from a frame that turns with them.

use std::ops::Sub;

use faer::Mat;
use num_complex::Complex64;

use super::curve::largest;
use super::linear::{ComplexLu, norm};
use super::problem::Problem;
use crate::scalar::{Scalar, Series2, Series4};

/// An equation feels no turn of all angles if its rates change by less, relative to 1 + the largest.
const UNMOVED: f64 = 1e-9;
/// At so many states this is looked at,
const STATES: usize = 3;
/// and for turns by so much.
const TURN: f64 = 0.7;
/// How far beside the axis an eigenvector is looked for, 1/ms,
const SHIFT: f64 = 1e-9;
/// by solving so many times.
const SOLVES: usize = 3;

/// A problem some of whose unknowns are angles, and that feels differences of angles only: its angles less the rate of the first
/// one, which stands still at 0.
///
/// Its equilibria are states whose phases are locked: all turn at one rate ([`Rotating::turning`]), and what is between them stays. That
/// of the first angle itself decays at [`Rotating::DECAY`], which adds an eigenvalue that acts on nothing else.
pub struct Rotating<'a> {
    problem: &'a dyn Problem,
    angles: Vec<usize>,
}

impl<'a> Rotating<'a> {
    /// How fast the first angle goes to 0, 1/ms.
    pub const DECAY: f64 = 1.0;

    /// The frame of `problem` whose unknowns at `angles` are angles; `None` without angles, and if it feels where they are.
    pub fn new(problem: &'a dyn Problem, parameters: &[f64], angles: Vec<usize>) -> Option<Self> {
        let n = problem.dimension();
        let feels = |state: usize| {
            let at = |k: usize| (1.3 * (k + 1) as f64 * (state + 1) as f64).sin();
            let mut u: Vec<f64> = (0..n).map(at).collect();
            let (mut before, mut after) = (vec![0.0; n], vec![0.0; n]);
            problem.value(&u, parameters, &mut before);
            angles.iter().for_each(|&k| u[k] += TURN);
            problem.value(&u, parameters, &mut after);
            let moved = largest(before.iter().zip(&after).map(|(a, b)| a - b));
            // Also what is no number.
            !matches!(moved.partial_cmp(&(UNMOVED * (1.0 + largest(&before)))), Some(o) if o.is_lt())
        };
        let is_alike = !angles.is_empty() && !(0..STATES).any(feels);
        is_alike.then_some(Self { problem, angles })
    }

    /// The rate at which all angles turn where `u` is an equilibrium, rad/ms.
    pub fn turning(problem: &dyn Problem, angle: usize, u: &[f64], parameters: &[f64]) -> f64 {
        let mut rates = vec![0.0; u.len()];
        problem.value(u, parameters, &mut rates);
        rates[angle]
    }

    /// The unknown that is the first angle.
    pub fn first(&self) -> usize {
        self.angles[0]
    }

    /// The share of each of the units in the eigenvector at an equilibrium whose eigenvalue is next to `i omega`: by inverse iteration,
    /// squared and summed to 1. A turn of all angles is no part of it: theirs are taken about their mean.
    pub fn shares(&self, u: &[f64], parameters: &[f64], omega: f64) -> Vec<f64> {
        let n = u.len();
        let mut derivative = vec![0.0; n * (n + parameters.len())];
        self.derivative(u, parameters, &mut vec![0.0; n], &mut derivative);
        let shift = Complex64::new(SHIFT, omega);
        let entry = |i: usize, j: usize| {
            let shift = if i == j { shift } else { Complex64::ZERO };
            derivative[j * n + i] - shift
        };
        let lu = ComplexLu::new(Mat::from_fn(n, n, entry).as_ref());
        let at = |k: usize| Complex64::new(1.0 + 0.1 * (k as f64).sin(), 0.1 * (k as f64).cos());
        let mut x: Vec<Complex64> = (0..n).map(at).collect();
        for _ in 0..SOLVES {
            lu.solve(&mut x);
            let length = norm(&x);
            x.iter_mut().for_each(|x| *x /= length);
        }
        let mean = self.angles.iter().map(|&k| x[k]).sum::<Complex64>() / self.angles.len() as f64;
        self.angles.iter().for_each(|&k| x[k] -= mean);
        let length = norm(&x);
        x.iter_mut().for_each(|x| *x /= length);
        let of_unit = x.chunks_exact(n / self.units());
        of_unit
            .map(|x| x.iter().map(Complex64::norm_sqr).sum())
            .collect()
    }

    /// Whether two states are the same but for whole turns.
    pub fn is_same(&self, a: &[f64], b: &[f64], tolerance: f64) -> bool {
        let turn = std::f64::consts::TAU;
        let apart = |k: usize| {
            let apart = a[k] - b[k];
            match self.angles.contains(&k) {
                true => apart - turn * (apart / turn).round(),
                false => apart,
            }
        };
        largest((0..a.len()).map(apart)) < tolerance
    }

    /// Takes the first angle's rate from those of all, and puts `own` in its place.
    fn seen<S: Copy + Sub<Output = S>>(&self, rates: &mut [S], own: S) {
        let first = self.angles[0];
        let turning = rates[first];
        for &k in &self.angles {
            rates[k] = rates[k] - turning;
        }
        rates[first] = own;
    }
}

impl Problem for Rotating<'_> {
    fn unknown_names(&self) -> Vec<String> {
        self.problem.unknown_names()
    }

    fn parameter_names(&self) -> Vec<String> {
        self.problem.parameter_names()
    }

    fn dimension(&self) -> usize {
        self.problem.dimension()
    }

    fn parameter_count(&self) -> usize {
        self.problem.parameter_count()
    }

    fn units(&self) -> usize {
        self.problem.units()
    }

    fn value(&self, u: &[f64], p: &[f64], value: &mut [f64]) {
        self.problem.value(u, p, value);
        self.seen(value, -Self::DECAY * u[self.angles[0]]);
    }

    fn derivative(&self, u: &[f64], p: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        self.problem.derivative(u, p, value, derivative);
        let first = self.angles[0];
        self.seen(value, -Self::DECAY * u[first]);
        for (k, column) in derivative.chunks_exact_mut(u.len()).enumerate() {
            self.seen(column, if k == first { -Self::DECAY } else { 0.0 });
        }
    }

    fn second_derivative(&self, u: &[f64], p: &[f64], direction: &[f64], second: &mut [f64]) {
        self.problem.second_derivative(u, p, direction, second);
        let columns = second.chunks_exact_mut(u.len());
        columns.for_each(|column| self.seen(column, 0.0));
    }

    fn series2(&self, u: &[Series2], p: &[Series2], rates: &mut [Series2]) {
        self.problem.series2(u, p, rates);
        self.seen(rates, Series2::lit(-Self::DECAY) * u[self.angles[0]]);
    }

    fn series4(&self, u: &[Series4], p: &[Series4], rates: &mut [Series4]) {
        self.problem.series4(u, p, rates);
        self.seen(rates, Series4::lit(-Self::DECAY) * u[self.angles[0]]);
    }
}
