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

use std::cell::RefCell;
use std::rc::Rc;

use faer::Mat;
use num_complex::Complex64;

use super::NetworkPlane;
use crate::continuation::curve::{Curve, OnCurve, Solved, largest};
use crate::continuation::delay::characteristic::Characteristic;
use crate::continuation::delay::root::Change;
use crate::continuation::equilibrium::branch::BranchEnd;
use crate::continuation::event::{Event, EventKind};
use crate::continuation::linear::{ComplexLu, Determinant, Lu, dot, norm, root_mean_square};
use crate::continuation::network::Network;
use crate::continuation::rounded::Rounded;
use crate::continuation::settings::Settings;
use crate::continuation::two_parameter::{Bifurcations, LocusPoint, complete, rest_of};
use crate::error::Result;

/// Below this share of its first value omega counts as this: `Im g / omega` is even in omega, and
/// changes by the square of that.
const LEAST: f64 = 1e-5;
/// The least unit in which a frequency is counted, rad/ms.
const LEAST_FREQUENCY: f64 = 1e-2;
/// The number of stable roots that are kept at every point, next to the unstable ones.
const N_STABLE: usize = 8;
/// Real parts that are small against this, 1/ms, let the tests for further roots vanish linearly.
const NEAR: f64 = 1e-2;
/// A root this near to 0, relative to the frequency, leaves no digits of a normal form.
const SINGULAR: f64 = 1e-4;
/// Points of which all that is known is kept.
const N_RECENT: usize = 4;

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

/// What is known of a point of the curve.
struct Facts {
    network: Network,
    characteristic: Characteristic,
    /// Right and left null vectors of `Delta(i omega)`, the right one of unit norm.
    v: Vec<Complex64>,
    w: Vec<Complex64>,
    /// Rightmost roots with their conjugates; those on the axis are exact. Empty if they are not
    /// all found.
    roots: Vec<Complex64>,
    known: Vec<(Complex64, Vec<Complex64>)>,
    /// `l1` of a Hopf point.
    lyapunov: Option<Rounded>,
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

    /// All that is known of a point; `None` where its equations have no meaning.
    fn facts(&self, x: &[f64]) -> Option<Rc<Facts>> {
        let known = self.recent.borrow();
        if let Some((_, facts)) = known.iter().find(|(at, _)| at == x) {
            return Some(facts.clone());
        }
        drop(known);
        let blocks = self.blocks(x)?;
        let (u, omega) = (&x[..self.n], self.omega(x).abs());
        let p1 = self.parameters(x)[0];
        let [network, _] = blocks.networks;
        let characteristic = blocks.characteristic;
        let (mut v, mut w) = (blocks.v, blocks.w);
        if self.omega(x) < 0.0 {
            let conjugate = |z: &mut Complex64| *z = z.conj();
            v.iter_mut().chain(&mut w).for_each(conjugate);
        }
        let length = norm(&v);
        v.iter_mut().for_each(|v| *v /= length);
        let lyapunov = match self.kind {
            EventKind::Hopf => {
                let omega = self.away_from_0(omega);
                let cubic = characteristic.cubic(&network, (u, p1), omega, v.clone(), w.clone());
                cubic.map(|(_, l1)| l1)
            }
            _ => None,
        };
        let (roots, known) = self.roots(&characteristic, omega);
        let facts = Rc::new(Facts {
            network,
            characteristic,
            v,
            w,
            roots,
            known,
            lyapunov,
        });
        let mut recent = self.recent.borrow_mut();
        recent.push((x.to_vec(), facts.clone()));
        if recent.len() > N_RECENT {
            recent.remove(0);
        }
        Some(facts)
    }

    /// The rightmost roots with their conjugates, those on the axis exactly there; and what is kept
    /// to find them at the next point.
    #[allow(clippy::type_complexity, reason = "what `rightmost_from` takes")]
    fn roots(
        &self,
        characteristic: &Characteristic,
        omega: f64,
    ) -> (Vec<Complex64>, Vec<(Complex64, Vec<Complex64>)>) {
        let mut known = Vec::new();
        let mut roots = if characteristic.longest_delay() == 0.0 {
            characteristic.spectrum().unwrap_or_default()
        } else {
            let unstable = self.known.iter().filter(|(lambda, _)| lambda.re > 0.0);
            let wanted = unstable.count() + N_STABLE;
            let found = characteristic.rightmost_from(&self.known, wanted);
            let found = found.map_or(Vec::new(), |found| found.roots);
            known = found.iter().map(|r| (r.lambda, r.x.clone())).collect();
            let both = |lambda: Complex64| match lambda.im == 0.0 {
                true => vec![lambda],
                false => vec![lambda, lambda.conj()],
            };
            found.iter().flat_map(|root| both(root.lambda)).collect()
        };
        for critical in self.critical(omega) {
            let off = |lambda: &Complex64| (lambda - critical).norm();
            let nearest =
                (0..roots.len()).min_by(|&a, &b| off(&roots[a]).total_cmp(&off(&roots[b])));
            if let Some(nearest) = nearest {
                roots[nearest] = critical;
            }
        }
        roots.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
        (roots, known)
    }

    /// The roots that the curve keeps on the axis.
    fn critical(&self, omega: f64) -> Vec<Complex64> {
        match self.kind {
            EventKind::Hopf => vec![Complex64::new(0.0, omega), Complex64::new(0.0, -omega)],
            _ => vec![Complex64::ZERO],
        }
    }

    /// What vanishes where a further pair, or a further real root, comes to the axis: one factor for
    /// each, negative right of the axis.
    fn further(&self, facts: &Facts, omega: f64, real: bool) -> Option<Rounded> {
        if facts.roots.is_empty() {
            return None;
        }
        let rest = rest_of(&facts.roots, &self.critical(omega));
        let those = rest.iter().filter(|root| match real {
            true => root.im == 0.0,
            false => root.im > 0.0,
        });
        let factors = those.map(|root| -root.re / (root.re.abs() + NEAR));
        Some(Rounded::exact(factors.product()))
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

impl Bifurcations for OnAxis<'_> {
    fn kind(&self) -> EventKind {
        self.kind
    }

    fn parameters(&self, x: &[f64]) -> [f64; 2] {
        [x[x.len() - 2], x[x.len() - 1]]
    }

    fn accept(&mut self, x: &[f64], tangent: &[f64]) {
        self.turn(x);
        if !tangent.is_empty()
            && let Some(facts) = self.facts(x)
        {
            self.known.clone_from(&facts.known);
        }
    }

    fn tests(&self, on: &OnCurve) -> Vec<(EventKind, Option<Rounded>)> {
        let omega = self.omega(&on.x);
        let facts = self.facts(&on.x);
        let facts = facts.as_deref();
        let further = |real| facts.and_then(|facts| self.further(facts, omega.abs(), real));
        if self.kind == EventKind::Hopf {
            // l1 grows as omega^-3 towards a Bogdanov-Takens point.
            let lyapunov = facts.and_then(|facts| facts.lyapunov).map(|l1| {
                let cube = omega.abs().powi(3);
                Rounded {
                    value: l1.value * cube,
                    rounding: l1.rounding * cube,
                }
            });
            return vec![
                (EventKind::BogdanovTakens, Some(Rounded::exact(omega))),
                (EventKind::GeneralizedHopf, lyapunov),
                (EventKind::ZeroHopf, further(true)),
                (EventKind::HopfHopf, further(false)),
            ];
        }
        let curvature = facts.map(|facts| Rounded::exact(self.curvature(&on.x, facts)));
        let overlap = facts.map(|facts| Rounded::exact(overlap(facts)));
        vec![
            (EventKind::Cusp, curvature),
            (EventKind::BogdanovTakens, overlap),
            (EventKind::ZeroHopf, further(false)),
        ]
    }

    fn point(&self, on: &OnCurve) -> LocusPoint {
        let facts = self.facts(&on.x);
        let omega = (self.kind == EventKind::Hopf).then(|| self.omega(&on.x).abs());
        LocusPoint {
            parameters: self.parameters(&on.x),
            state: on.x[..self.n].to_vec(),
            kind: self.kind,
            omega,
            period: omega.map(|omega| std::f64::consts::TAU / omega),
            coefficient: facts.as_deref().and_then(|facts| match self.kind {
                EventKind::Hopf => self.coefficient(omega, facts),
                _ => Some(0.5 * self.curvature(&on.x, facts) / overlap(facts)),
            }),
            eigenvalues: facts.map_or(Vec::new(), |facts| facts.roots.clone()),
            events: Vec::new(),
            residual: on.residual,
            newton_iterations: on.iterations,
        }
    }

    fn complete(&self, on: &OnCurve, event: &mut Event) -> bool {
        if self.kind == EventKind::Hopf && event.kind != EventKind::BogdanovTakens {
            let omega = self.omega(&on.x).abs();
            event.omega = Some(omega);
            event.period = Some(std::f64::consts::TAU / omega);
        }
        // The other normal forms are those of ordinary differential equations.
        if let Some(facts) = self.facts(&on.x)
            && facts.characteristic.longest_delay() == 0.0
        {
            let (u, p) = (&on.x[..self.n], self.parameters(&on.x));
            let jacobian = facts.network.jacobian(u, p[0]);
            complete(&facts.network, u, &p[..1], jacobian.as_ref(), event);
        }
        true
    }

    fn ends_at(&self, on: &OnCurve, _: &Settings) -> Option<BranchEnd> {
        let beyond = self.kind == EventKind::Hopf && self.omega(&on.x) < 0.0;
        beyond.then_some(BranchEnd::Event)
    }
}

impl OnAxis<'_> {
    /// The first Lyapunov coefficient; none where a root at 0 leaves no digits of it, as in a
    /// zero-Hopf point.
    fn coefficient(&self, omega: Option<f64>, facts: &Facts) -> Option<f64> {
        let omega = omega?;
        let l1 = facts.lyapunov?;
        let rest = rest_of(&facts.roots, &self.critical(omega));
        let at_0 = rest.iter().any(|root| root.norm() < SINGULAR * omega);
        (!(l1.is_zero() && at_0)).then(|| l1.known())
    }

    /// `w . f_uu v v` at a fold, for null vectors of unit norm.
    fn curvature(&self, x: &[f64], facts: &Facts) -> f64 {
        let at = (&x[..self.n], self.parameters(x)[0]);
        let value = facts
            .characteristic
            .curvature(&facts.network, at, &facts.v, &facts.w);
        value / norm(&facts.w)
    }
}

/// `w . Delta'(0) v` at a fold, for null vectors of unit norm: 0 where 0 is a double root.
fn overlap(facts: &Facts) -> f64 {
    let by_lambda = facts
        .characteristic
        .derivative_times(Complex64::ZERO, &facts.v);
    dot(&[], &facts.w, &by_lambda).re / norm(&facts.w)
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
