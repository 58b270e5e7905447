//! The equations of equilibria, f(u, p) = 0, and their eigenvalues along a branch.

use faer::{Mat, MatRef};
use num_complex::Complex64;

use super::normal_form::Mode;
use crate::continuation::curve::{
    Convergence, Curve, NotConverged, OnCurve, Solved, correct, normalise, solve_dense,
};
use crate::continuation::linear::{eigenvalues, sort};
use crate::continuation::problem::Problem;
use crate::continuation::rounded::Rounded;
use crate::continuation::settings::Settings;

/// f(u, p) = 0 over one of the problem's parameters, the others as given.
pub(crate) struct Equilibria<'a> {
    pub problem: &'a dyn Problem,
    pub parameters: Vec<f64>,
    pub active: usize,
    value: Vec<f64>,
    derivative: Vec<f64>,
    direction: Vec<f64>,
    second: Vec<f64>,
}

impl<'a> Equilibria<'a> {
    pub fn new(problem: &'a dyn Problem, parameters: &[f64], active: usize) -> Self {
        let n = problem.dimension();
        let columns = n + parameters.len();
        Self {
            problem,
            parameters: parameters.to_vec(),
            active,
            value: vec![0.0; n],
            derivative: vec![0.0; n * columns],
            direction: vec![0.0; columns],
            second: vec![0.0; n * columns],
        }
    }

    pub fn n(&self) -> usize {
        self.value.len()
    }

    /// All parameters at the point `x = (u, p)`.
    pub fn parameters_at(&self, x: &[f64]) -> Vec<f64> {
        let mut parameters = self.parameters.clone();
        parameters[self.active] = x[self.n()];
        parameters
    }

    /// Evaluates f and its derivatives at `x`; the active parameter's column comes right after the
    /// Jacobian.
    fn evaluate(&mut self, x: &[f64]) {
        let n = self.n();
        self.parameters[self.active] = x[n];
        let parameters = &self.parameters;
        self.problem
            .derivative(&x[..n], parameters, &mut self.value, &mut self.derivative);
        if self.active > 0 {
            let from = n * (n + self.active);
            self.derivative.copy_within(from..from + n, n * n);
        }
    }

    pub fn jacobian(&mut self, x: &[f64]) -> MatRef<'_, f64> {
        self.evaluate(x);
        let n = self.n();
        MatRef::from_column_major_slice(&self.derivative[..n * n], n, n)
    }

    /// Evaluates the derivatives of f's derivatives along `tangent`; they stand as the derivatives
    /// of [`Equilibria::evaluate`] do.
    fn evaluate_along(&mut self, x: &[f64], tangent: &[f64]) {
        let n = self.n();
        self.parameters[self.active] = x[n];
        self.direction[..n].copy_from_slice(&tangent[..n]);
        self.direction[n + self.active] = tangent[n];
        let (parameters, direction) = (&self.parameters, &self.direction);
        self.problem
            .second_derivative(&x[..n], parameters, direction, &mut self.second);
        if self.active > 0 {
            let from = n * (n + self.active);
            self.second.copy_within(from..from + n, n * n);
        }
    }

    /// The derivative of the Jacobian, and of df/dp in the last column, along `tangent`: `[n, n + 1]`.
    pub fn jacobian_along(&mut self, x: &[f64], tangent: &[f64]) -> MatRef<'_, f64> {
        self.evaluate_along(x, tangent);
        let n = self.n();
        MatRef::from_column_major_slice(&self.second[..n * (n + 1)], n, n + 1)
    }

    /// The Jacobian, and what [`Equilibria::jacobian_along`] gives.
    fn both(&mut self, x: &[f64], tangent: &[f64]) -> [MatRef<'_, f64>; 2] {
        self.evaluate(x);
        self.evaluate_along(x, tangent);
        let n = self.n();
        [(&self.derivative, n), (&self.second, n + 1)]
            .map(|(all, m)| MatRef::from_column_major_slice(&all[..n * m], n, m))
    }

    /// Where orbits leave the equilibrium `state`, or enter it, along an eigenvector of `eigenvalue`: unit vectors to both
    /// sides, or to one where they turn.
    pub fn beside(&mut self, state: &[f64], eigenvalue: Complex64) -> Vec<Vec<f64>> {
        let parameter = self.parameters[self.active];
        let x: Vec<f64> = state.iter().copied().chain([parameter]).collect();
        let mode = Mode::near(self.jacobian(&x), eigenvalue);
        let mut ahead: Vec<f64> = mode.right.iter().map(|q| q.re).collect();
        normalise(&[], &mut ahead);
        let back: Vec<f64> = ahead.iter().map(|q| -q).collect();
        match eigenvalue.im == 0.0 {
            true => vec![ahead, back],
            false => vec![ahead],
        }
    }

    /// The equilibrium at a given parameter value, from a guess.
    pub fn at(&mut self, guess: &[f64], convergence: Convergence) -> Result<OnCurve, NotConverged> {
        let mut ahead = vec![0.0; guess.len()];
        ahead[guess.len() - 1] = 1.0;
        correct(self, guess.to_vec(), &ahead, convergence)
    }
}

impl Curve for Equilibria<'_> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        self.evaluate(x);
        let n = self.n();
        solve_dense(&self.value, &self.derivative[..n * (n + 1)], border)
    }
}

/// An equilibrium that Newton's method has reached, with the eigenvalues and tests that show
/// events.
#[derive(Debug, Clone)]
pub(crate) struct ConvergedEquilibrium {
    pub on: OnCurve,
    /// Rightmost first.
    pub eigenvalues: Vec<Complex64>,
    pub n_unstable: usize,
    /// A real part up to this is 0 to rounding.
    pub axis: f64,
    /// Smooth functions along the branch whose zeros are of interest.
    pub tests: Vec<Test>,
    /// d(eigenvalue)/d(arclength), in the order of `eigenvalues`; empty in the plane.
    pub speeds: Vec<Complex64>,
}

/// A function along the branch, and its derivative by arclength.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Test {
    pub value: Rounded,
    pub slope: f64,
}

/// Eigenvalues are known to this, relative to the largest entry of the Jacobian, and an equilibrium
/// well enough for it.
const AXIS: f64 = 256.0 * f64::EPSILON;

/// Puts those of the eigenvalues of a matrix with this largest entry exactly on the imaginary axis
/// that are on it to rounding.
pub(crate) fn on_axis(values: &mut [Complex64], largest: f64) {
    for value in values {
        if value.re.abs() <= AXIS * largest {
            value.re = 0.0;
        }
    }
}

impl ConvergedEquilibrium {
    pub fn new(curve: &mut Equilibria<'_>, on: OnCurve) -> Self {
        let n = curve.n();
        let [j, along] = curve.both(&on.x, &on.tangent);
        let axis = AXIS * j.norm_max();
        let (mut tests, mut speeds) = (Vec::new(), Vec::new());
        let values = if n <= 2 {
            tests = planar_tests(j, along, axis);
            eigenvalues(j)
        } else {
            let (values, rates) = moving_eigenvalues(j, along.subcols(0, n));
            speeds = rates;
            values
        };
        Self {
            on,
            n_unstable: values.iter().filter(|e| e.re > axis).count(),
            eigenvalues: values,
            axis,
            tests,
            speeds,
        }
    }

    /// The eigenvalues, those on the imaginary axis to rounding exactly on it.
    pub fn known_eigenvalues(&self) -> Vec<Complex64> {
        let mut values = self.eigenvalues.clone();
        on_axis(&mut values, self.axis / AXIS);
        values
    }

    pub fn parameter(&self) -> f64 {
        *self.on.x.last().expect("the parameter is the last unknown")
    }

    pub fn parameter_speed(&self) -> f64 {
        *self
            .on
            .tangent
            .last()
            .expect("the parameter is the last unknown")
    }
}

/// In the plane trace, determinant and discriminant tell all, and are smooth where the eigenvalues
/// are not.
fn planar_tests(j: MatRef<'_, f64>, d: MatRef<'_, f64>, axis: f64) -> Vec<Test> {
    let test = |[value, slope]: [f64; 2], rounding: f64| Test {
        value: Rounded { value, rounding },
        slope,
    };
    if j.nrows() == 1 {
        return vec![test([j[(0, 0)], d[(0, 0)]], axis)];
    }
    let trace = [j[(0, 0)] + j[(1, 1)], d[(0, 0)] + d[(1, 1)]];
    let determinant = [
        j[(0, 0)] * j[(1, 1)] - j[(0, 1)] * j[(1, 0)],
        d[(0, 0)] * j[(1, 1)] + j[(0, 0)] * d[(1, 1)]
            - d[(0, 1)] * j[(1, 0)]
            - j[(0, 1)] * d[(1, 0)],
    ];
    let half = 0.5 * (j[(0, 0)] - j[(1, 1)]);
    let discriminant = [
        half * half + j[(0, 1)] * j[(1, 0)],
        half * (d[(0, 0)] - d[(1, 1)]) + d[(0, 1)] * j[(1, 0)] + j[(0, 1)] * d[(1, 0)],
    ];
    let square = axis * j.norm_max();
    vec![
        test(determinant, square),
        test(trace, axis),
        test(discriminant, square),
    ]
}

/// Index of each of the plane's tests.
pub(super) mod planar {
    pub const DETERMINANT: usize = 0;
    pub const TRACE: usize = 1;
    pub const DISCRIMINANT: usize = 2;
}

/// Eigenvalues, rightmost first, and their derivatives when the matrix moves by `d`:
/// `left^H d right`.
fn moving_eigenvalues(j: MatRef<'_, f64>, d: MatRef<'_, f64>) -> (Vec<Complex64>, Vec<Complex64>) {
    use faer::linalg::solvers::Solve;
    let n = j.nrows();
    let Ok(eigen) = j.eigen() else {
        let nan = vec![Complex64::new(f64::NAN, 0.0); n];
        return (nan.clone(), nan);
    };
    let right = eigen.U();
    let moved = Mat::from_fn(n, n, |r, c| Complex64::from(d[(r, c)])) * right;
    let rates = right.partial_piv_lu().solve(&moved);
    let values: Vec<Complex64> = (0..n).map(|k| eigen.S()[k]).collect();
    let mut sorted = values.clone();
    sort(&mut sorted);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (values[a], values[b]);
        b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im))
    });
    let speeds = order.iter().map(|&k| rates[(k, k)]).collect();
    (sorted, speeds)
}

pub(crate) fn convergence(settings: &Settings) -> Convergence {
    Convergence {
        tolerance: settings.newton_tolerance,
        max_iterations: settings.newton_iterations,
        early: false,
    }
}
