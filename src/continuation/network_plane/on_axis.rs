//! The equations of a curve on which a root of a network's characteristic matrix stays on the
//! imaginary axis, solved by blocks.
//!
//! ```text
//! f(u, p1, p2) = 0                                        equilibria: a surface
//! g(u, omega, p1, p2) = 0   where   [Delta(i omega) b; c^T 0] (v, g) = (0, 1)
//! ```
//!
//! g vanishes where `i omega` is a root (minimally augmented system: Govaerts 2000, Numerical Methods
//! for Bifurcations of Dynamical Equilibria). At a fold omega is 0 and g real. The borders b and c
//! are real, so that g of -omega is the complex conjugate of g: with `Im g / omega` in place of
//! `Im g` the equations stay regular where a curve of Hopf points ends at omega = 0.
//!
//! Newton's method needs g's derivatives along three directions only: the two tangents of the
//! surface, and omega. The surface is solved with two rows that hold its tangents, which works at
//! folds, too. So a step costs one real matrix of all states, one complex one, and six products.

mod facts;

use std::cell::RefCell;
use std::rc::Rc;

use faer::Mat;
use num_complex::Complex64;

use super::NetworkPlane;
use crate::continuation::curve::{Curve, Solved, largest};
use crate::continuation::delay::change::Change;
use crate::continuation::delay::characteristic::Characteristic;
use crate::continuation::event::EventKind;
use crate::continuation::linear::{ComplexLu, Determinant, Lu, dot, norm, root_mean_square};
use crate::continuation::network::Network;
use crate::continuation::two_parameter::Bifurcations;
use crate::error::Result;
use facts::Facts;

/// Below this share of its first value omega counts as this: `Im g / omega` is even in omega, and
/// changes by the square of that.
const LEAST: f64 = 1e-5;
/// The least unit in which a frequency is counted, rad/ms.
const LEAST_FREQUENCY: f64 = 1e-2;

/// Equilibria of a network with a root at 0 (folds) or at `i omega` (Hopf points).
pub(super) struct OnAxis<'a> {
    plane: &'a NetworkPlane,
    kind: EventKind,
    /// States of all nodes.
    n: usize,
    pub weights: Vec<f64>,
    /// b and c.
    borders: [Vec<f64>; 2],
    /// Two rows across which the surface is solved, `[n + 2]` each.
    surface: [Vec<f64>; 2],
    least_omega: f64,
    /// The roots at the last point, with their vectors.
    known: Vec<(Complex64, Vec<Complex64>)>,
    recent: RefCell<Vec<(Vec<f64>, Rc<Facts>)>>,
}

/// What the equations are made of at one point.
struct Blocks {
    networks: [Network; 2],
    characteristic: Characteristic,
    /// f.
    value: Vec<f64>,
    /// Newton's correction on the surface, and its two tangents: `[n + 2]` each.
    moves: [Vec<f64>; 3],
    determinant: Determinant,
    g: Complex64,
    v: Vec<Complex64>,
    w: Vec<Complex64>,
}

/// The inner product of lengths along a curve that begins at `x`: states by their root mean square,
/// relative to 1 + that of `x`, the frequency relative to that of `x`, numbers in units of their
/// ranges.
pub(super) fn weights(kind: EventKind, x: &[f64], ranges: [[f64; 2]; 2]) -> Vec<f64> {
    let n = n_states_in(kind, x);
    let size = 1.0 + root_mean_square(&x[..n]);
    let mut weights = vec![1.0 / (n as f64 * size * size); n];
    if kind == EventKind::Hopf {
        weights.push(unit_of_frequency(x[n]).powi(-2));
    }
    weights.extend(ranges.map(|[low, high]| (high - low).powi(-2)));
    weights
}

fn unit_of_frequency(omega: f64) -> f64 {
    omega.abs().max(LEAST_FREQUENCY)
}

/// The states of all nodes are what `x` has besides both numbers and the frequency.
fn n_states_in(kind: EventKind, x: &[f64]) -> usize {
    x.len() - 2 - usize::from(kind == EventKind::Hopf)
}

impl<'a> OnAxis<'a> {
    /// The equations near `x`: the states, omega of a Hopf point, both numbers.
    ///
    /// # Errors
    /// [`Error::Study`](crate::Error::Study) if the numbers may not have these values.
    pub fn new(
        plane: &'a NetworkPlane,
        kind: EventKind,
        x: &[f64],
        ranges: [[f64; 2]; 2],
    ) -> Result<Self> {
        let n = n_states_in(kind, x);
        // An irregular start has something of every vector.
        let irregular = |of: fn(f64) -> f64, n: usize| -> Vec<f64> {
            let mut row: Vec<f64> = (0..n).map(|k| of((k * k) as f64 + 0.3)).collect();
            let length = norm(&row);
            row.iter_mut().for_each(|entry| *entry /= length);
            row
        };
        let mut system = Self {
            plane,
            kind,
            n,
            weights: weights(kind, x, ranges),
            borders: [irregular(f64::cos, n), irregular(f64::sin, n)],
            surface: [irregular(f64::sin, n + 2), irregular(f64::cos, n + 2)],
            least_omega: match kind {
                EventKind::Hopf => LEAST * unit_of_frequency(x[n]),
                _ => 0.0,
            },
            known: Vec::new(),
            recent: RefCell::new(Vec::new()),
        };
        plane.network(0, system.parameters(x))?;
        for _ in 0..4 {
            system.turn(x);
        }
        Ok(system)
    }

    fn omega(&self, x: &[f64]) -> f64 {
        match self.kind {
            EventKind::Hopf => x[self.n],
            _ => 0.0,
        }
    }

    /// Takes the null vectors and the tangents of the surface at `x` as borders.
    fn turn(&mut self, x: &[f64]) {
        let Some(blocks) = self.blocks(x) else {
            return;
        };
        self.borders = [real_border(&blocks.w), real_border(&blocks.v)];
        let [_, first, second] = blocks.moves;
        self.surface = orthonormal(first, second);
    }

    /// The equations' parts at `x`; `None` where a number may not have its value.
    fn blocks(&self, x: &[f64]) -> Option<Blocks> {
        let n = self.n;
        let u = &x[..n];
        let [p1, p2] = self.parameters(x);
        let networks = [
            self.plane.network(0, [p1, p2]).ok()?,
            self.plane.network(1, [p1, p2]).ok()?,
        ];
        let characteristic = Characteristic::new(&networks[0], u, p1);
        let value = networks[0].residual(u, p1);
        let jacobian = networks[0].jacobian(u, p1);
        let by_number = [
            networks[0].parameter_derivative(u, p1),
            networks[1].parameter_derivative(u, p2),
        ];
        let bordered = Mat::from_fn(n + 2, n + 2, |row, column| match (row < n, column < n) {
            (true, true) => jacobian[(row, column)],
            (true, false) => by_number[column - n][row],
            (false, _) => self.surface[row - n][column],
        });
        let lu = Lu::new(bordered.as_ref());
        let solved = |k: usize| {
            let mut right = vec![0.0; n + 2];
            match k {
                0 => right.iter_mut().zip(&value).for_each(|(r, f)| *r = -f),
                _ => right[n + k - 1] = 1.0,
            }
            lu.solve(&mut right);
            right
        };
        let moves = [solved(0), solved(1), solved(2)];
        let omega = self.omega(x);
        let omega = match self.kind {
            EventKind::Hopf => self.away_from_0(omega),
            _ => 0.0,
        };
        let delta = characteristic.full(Complex64::new(0.0, omega));
        let [b, c] = &self.borders;
        let bordered = Mat::from_fn(n + 1, n + 1, |row, column| match (row < n, column < n) {
            (true, true) => delta[(row, column)],
            (true, false) => b[row].into(),
            (false, true) => c[column].into(),
            (false, false) => Complex64::ZERO,
        });
        let complex = ComplexLu::new(bordered.as_ref());
        let mut v = vec![Complex64::ZERO; n + 1];
        v[n] = Complex64::ONE;
        let mut w = v.clone();
        complex.solve(&mut v);
        complex.solve_transpose(&mut w);
        let g = v[n];
        v.truncate(n);
        w.truncate(n);
        Some(Blocks {
            networks,
            characteristic,
            value,
            moves,
            determinant: lu.determinant(),
            g,
            v,
            w,
        })
    }

    fn away_from_0(&self, omega: f64) -> f64 {
        match omega.abs() < self.least_omega {
            true => self.least_omega,
            false => omega,
        }
    }

    /// `Re g, Im g / omega`, or g alone of a fold.
    fn parts(&self, g: Complex64, omega: f64) -> Vec<f64> {
        match self.kind {
            EventKind::Hopf => vec![g.re, g.im / omega],
            _ => vec![g.re],
        }
    }
}

impl Curve for OnAxis<'_> {
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved {
        let n = self.n;
        let m = x.len() - 2;
        let Some(blocks) = self.blocks(x) else {
            return Solved {
                residual: f64::NAN,
                correction: vec![f64::NAN; x.len()],
                direction: vec![f64::NAN; x.len()],
                determinant: Determinant::ONE,
            };
        };
        let u = &x[..n];
        let [p1, p2] = self.parameters(x);
        let omega = self.omega(x);
        let near_0 = omega.abs() < self.least_omega;
        let at = self.away_from_0(omega);
        let lambda = match self.kind {
            EventKind::Hopf => Complex64::new(0.0, at),
            _ => Complex64::ZERO,
        };
        // g's derivative along a direction z is -w^T Delta_z v.
        let characteristic = &blocks.characteristic;
        let slope = |change: &Change| {
            let by = characteristic.change_times(lambda, &blocks.v, change);
            -dot(&[], &blocks.w, &by)
        };
        let still = vec![0.0; n];
        let second = Change::new(characteristic, &blocks.networks[1], (u, p2), (&still, 1.0));
        let by_second = slope(&second);
        let along = blocks.moves.each_ref().map(|step| {
            let first = (&step[..n], step[n]);
            let first = Change::new(characteristic, &blocks.networks[0], (u, p1), first);
            self.parts(slope(&first) + by_second * step[n + 1], at)
        });
        let value = self.parts(blocks.g, at);
        let mut columns: Vec<Vec<f64>> = along[1..].to_vec();
        if self.kind == EventKind::Hopf {
            let by = characteristic.derivative_times(lambda, &blocks.v);
            let slope = -dot(&[], &blocks.w, &by) * Complex64::I;
            let mut by_omega = self.parts(slope, at);
            by_omega[1] -= value[1] / at;
            if near_0 {
                by_omega = vec![0.0; 2];
            }
            columns.push(by_omega);
        }
        // Moves of x: along the surface, and omega.
        let lifted = |step: &[f64]| {
            let mut all = step[..n].to_vec();
            all.resize(m, 0.0);
            all.extend(&step[n..]);
            all
        };
        let mut moves: Vec<Vec<f64>> = blocks.moves.iter().map(|step| lifted(step)).collect();
        if self.kind == EventKind::Hopf {
            let mut by_omega = vec![0.0; x.len()];
            by_omega[n] = 1.0;
            moves.push(by_omega);
        }
        let size = columns.len();
        let mut small = Vec::with_capacity(size * size);
        for (column, step) in columns.iter().zip(&moves[1..]) {
            small.extend(column);
            small.push(dot(&[], border, step));
        }
        let lu = Lu::of_columns(small, size);
        let mut shares: Vec<f64> = value.iter().zip(&along[0]).map(|(g, by)| -g - by).collect();
        shares.push(-dot(&[], border, &moves[0]));
        lu.solve(&mut shares);
        let mut direction = vec![0.0; size];
        direction[size - 1] = 1.0;
        lu.solve(&mut direction);
        let combined = |shares: &[f64], mut sum: Vec<f64>| {
            for (share, step) in shares.iter().zip(&moves[1..]) {
                for (sum, step) in sum.iter_mut().zip(step) {
                    *sum += share * step;
                }
            }
            sum
        };
        Solved {
            residual: largest(&blocks.value).max(blocks.g.norm()),
            correction: combined(&shares, moves[0].clone()),
            direction: combined(&direction, vec![0.0; x.len()]),
            determinant: blocks.determinant.product(lu.determinant()),
        }
    }

    fn weights(&self) -> &[f64] {
        &self.weights
    }
}

/// The real part of a vector that is turned so that as much of it as possible is real; unit norm.
fn real_border(v: &[Complex64]) -> Vec<f64> {
    let square: Complex64 = v.iter().map(|v| v * v).sum();
    let turn = Complex64::from_polar(1.0, -0.5 * square.arg());
    let mut border: Vec<f64> = v.iter().map(|v| (v * turn).re).collect();
    let length = norm(&border);
    border.iter_mut().for_each(|b| *b /= length);
    border
}

/// Two vectors that span the same plane.
fn orthonormal(mut first: Vec<f64>, mut second: Vec<f64>) -> [Vec<f64>; 2] {
    let unit = |v: &mut Vec<f64>| {
        let length = norm(v);
        v.iter_mut().for_each(|v| *v /= length);
    };
    unit(&mut first);
    let common = dot(&[], &first, &second);
    second
        .iter_mut()
        .zip(&first)
        .for_each(|(b, a)| *b -= common * a);
    unit(&mut second);
    [first, second]
}
