//! Normal forms on the centre manifold, to any order, from power series of the equations.
//!
//! The state unfolds as `u = u0 + sum_v z_v q_v + sum_m h_m z^m` over critical coordinates z with
//! `dz_v/dt = lambda_v z_v + sum_m g_vm z^m`. Putting both into `du/dt = f(u)` gives, degree by
//! degree,
//!
//! ```text
//! (lambda.m - J) h_m + sum_v g_vm q_v = [f(u)]_m - [du/dz . dz/dt]_m     (the right-hand side known from lower degrees)
//! ```
//!
//! where only resonant terms keep a g (Kuznetsov, Elements of Applied Bifurcation Theory, section
//! 8.7; Kuznetsov 1999, SIAM J. Numer. Anal. 36, 1104). One routine serves folds, cusps, Hopf,
//! generalised Hopf, zero-Hopf and Hopf-Hopf points.

mod rounding;

use faer::linalg::solvers::Solve;
use faer::{Mat, MatRef};
use num_complex::Complex64;

use crate::continuation::linear::{Lu, bordered, dot, inner, norm};
use crate::continuation::problem::Problem;
use crate::continuation::rounded::Rounded;
use crate::scalar::{Series, Series2, Series4};
use rounding::rounding_of;

pub(crate) use rounding::ROUNDINGS;

/// An eigenvalue with its eigenvector q (of length 1) and adjoint p, `<p, q> = 1`,
/// `p^H J = lambda p^H`.
#[derive(Debug, Clone)]
pub(crate) struct Mode {
    pub eigenvalue: Complex64,
    pub right: Vec<Complex64>,
    pub left: Vec<Complex64>,
}

impl Mode {
    /// The mode of `j` nearest `eigenvalue`, by inverse iteration.
    pub fn near(j: MatRef<'_, f64>, eigenvalue: Complex64) -> Self {
        let n = j.nrows();
        // A shift a little off the eigenvalue keeps the factorisation regular.
        let scale = 1.0 + (0..n).fold(0.0f64, |s, k| s.max(j[(k, k)].abs())) + eigenvalue.norm();
        let shift = eigenvalue + Complex64::new(scale, 0.6 * scale) * 1e-10;
        let shifted = Mat::from_fn(n, n, |r, c| {
            Complex64::from(j[(r, c)]) - if r == c { shift } else { Complex64::ZERO }
        });
        let lu = shifted.partial_piv_lu();
        let iterate = |transpose: bool| {
            let mut v = Mat::from_fn(n, 1, |k, _| {
                Complex64::new(1.0, 0.3 + 0.1 * (k as f64 + 1.0).sin())
            });
            for _ in 0..4 {
                v = if transpose {
                    lu.solve_adjoint(&v)
                } else {
                    lu.solve(&v)
                };
                let length = v.norm_l2();
                v *= faer::Scale(Complex64::from(1.0 / length));
            }
            (0..n).map(|k| v[(k, 0)]).collect::<Vec<_>>()
        };
        let (mut right, mut left) = (iterate(false), iterate(true));
        if eigenvalue.im == 0.0 {
            // Real, with its largest entry positive.
            for v in [&mut right, &mut left] {
                let largest = v.iter().copied().fold(Complex64::ZERO, |a, b| {
                    if b.norm() > a.norm() { b } else { a }
                });
                let turn = largest.conj() / largest.norm();
                v.iter_mut()
                    .for_each(|x| *x = Complex64::from((*x * turn).re));
                let length = norm(v);
                v.iter_mut().for_each(|x| *x /= length);
            }
        }
        let overlap = inner(&left, &right);
        left.iter_mut().for_each(|l| *l /= overlap.conj());
        Self {
            eigenvalue,
            right,
            left,
        }
    }

    fn conjugate(&self) -> Self {
        let conj = |v: &[Complex64]| v.iter().map(Complex64::conj).collect();
        Self {
            eigenvalue: self.eigenvalue.conj(),
            right: conj(&self.right),
            left: conj(&self.left),
        }
    }
}

/// f on series, whichever kind.
type Rates<'a, const V: usize, const L: usize> = &'a dyn Fn(&[Series<V, L>], &mut [Series<V, L>]);

/// The centre manifold to some order.
struct Reduced<const V: usize, const L: usize> {
    /// The coefficients `g[v][monomial]` of the reduced dynamics, degree 2 and up.
    g: Vec<[Complex64; L]>,
    /// The state on the manifold, over the critical coordinates.
    u: Vec<Series<V, L>>,
}

/// The reduced dynamics and the manifold, to degree `order`.
///
/// `resonant(v, exponents)` says which terms the normal form keeps; eigenvalues count as exactly
/// critical.
fn reduce<const V: usize, const L: usize>(
    rates: Rates<'_, V, L>,
    u0: &[f64],
    j: MatRef<'_, f64>,
    modes: &[Mode],
    order: usize,
    resonant: impl Fn(usize, &[u8; V]) -> bool,
) -> Reduced<V, L> {
    let n = u0.len();
    let n_modes = modes.len();
    let critical: Vec<Complex64> = modes
        .iter()
        .map(|mode| Complex64::new(0.0, mode.eigenvalue.im))
        .collect();
    let mut u: Vec<Series<V, L>> = u0.iter().map(|&u| Series::constant(u)).collect();
    for (v, mode) in modes.iter().enumerate() {
        let mut exponents = [0; V];
        exponents[v] = 1;
        let index = Series::<V, L>::index(exponents).expect("degree 1 is there");
        for (u, &q) in u.iter_mut().zip(&mode.right) {
            u.coefficients[index] = q;
        }
    }
    let mut g = vec![[Complex64::ZERO; L]; n_modes];
    let mut f = vec![Series::constant(0.0); n];
    for degree in 2..=order {
        rates(&u, &mut f);
        for index in 0..L {
            let m = Series::<V, L>::MONOMIALS[index];
            let unused = m[n_modes..].iter().any(|&e| e > 0);
            if Series::<V, L>::degree(index) != degree || unused {
                continue;
            }
            let mut rhs: Vec<Complex64> = f.iter().map(|f| f.coefficients[index]).collect();
            // - du/dz . (nonlinear part of dz/dt): h_k z^(k - e_v) k_v g_vl z^l with k + l - e_v =
            //   m
            for (v, g) in g.iter().enumerate() {
                for (l, &g) in g.iter().enumerate() {
                    if g == Complex64::ZERO || Series::<V, L>::degree(l) >= degree {
                        continue;
                    }
                    let mut k = m;
                    k[v] += 1;
                    let lower = Series::<V, L>::MONOMIALS[l];
                    if k.iter().zip(lower).any(|(k, l)| *k < l) {
                        continue;
                    }
                    let k: [u8; V] = std::array::from_fn(|i| k[i] - lower[i]);
                    let degree_k: u8 = k.iter().sum();
                    if degree_k < 2 || k[v] == 0 {
                        continue;
                    }
                    let of_k = Series::<V, L>::index(k).expect("of lower degree");
                    let factor = g * f64::from(k[v]);
                    for (rhs, u) in rhs.iter_mut().zip(&u) {
                        *rhs -= u.coefficients[of_k] * factor;
                    }
                }
            }
            let sum: Complex64 = critical
                .iter()
                .zip(m)
                .map(|(lambda, e)| lambda * f64::from(e))
                .sum();
            let kept: Vec<usize> = (0..n_modes).filter(|&v| resonant(v, &m)).collect();
            let size = n + kept.len();
            let matrix = Mat::from_fn(size, size, |r, c| match (r < n, c < n) {
                (true, true) => {
                    let diagonal = if r == c { sum } else { Complex64::ZERO };
                    diagonal - j[(r, c)]
                }
                (true, false) => modes[kept[c - n]].right[r],
                (false, true) => modes[kept[r - n]].left[c].conj(),
                (false, false) => Complex64::ZERO,
            });
            let b = Mat::from_fn(size, 1, |r, _| {
                rhs.get(r).copied().unwrap_or(Complex64::ZERO)
            });
            let h = matrix.partial_piv_lu().solve(&b);
            for (k, u) in u.iter_mut().enumerate() {
                u.coefficients[index] = h[(k, 0)];
            }
            for (k, &v) in kept.iter().enumerate() {
                g[v][index] = h[(n + k, 0)];
            }
        }
    }
    Reduced { g, u }
}

fn reduce2(
    problem: &dyn Problem,
    u0: &[f64],
    p: &[f64],
    j: MatRef<'_, f64>,
    modes: &[Mode],
    order: usize,
    resonant: impl Fn(usize, &[u8; 2]) -> bool,
) -> Reduced<2, 21> {
    let p: Vec<Series2> = p.iter().map(|&p| Series::constant(p)).collect();
    let rates = |u: &[Series2], f: &mut [Series2]| problem.series2(u, &p, f);
    reduce(&rates, u0, j, modes, order, resonant)
}

fn reduce4(
    problem: &dyn Problem,
    u0: &[f64],
    p: &[f64],
    j: MatRef<'_, f64>,
    modes: &[Mode],
    resonant: impl Fn(usize, &[u8; 4]) -> bool,
) -> Vec<[Complex64; 35]> {
    let p: Vec<Series4> = p.iter().map(|&p| Series::constant(p)).collect();
    let rates = |u: &[Series4], f: &mut [Series4]| problem.series4(u, &p, f);
    reduce(&rates, u0, j, modes, 3, resonant).g
}

fn at<const V: usize, const L: usize>(g: &[Complex64; L], exponents: [u8; V]) -> Complex64 {
    g[Series::<V, L>::index(exponents).expect("within the order")]
}

/// `[a, c]` of `dw/dt = a w^2 + c w^3` at an equilibrium with a zero eigenvalue.
pub(crate) fn fold(
    problem: &dyn Problem,
    u: &[f64],
    p: &[f64],
    j: MatRef<'_, f64>,
) -> (f64, Rounded) {
    let mode = Mode::near(j, Complex64::ZERO);
    let modes = [mode];
    let Reduced { g, u } = reduce2(problem, u, p, j, &modes, 3, |_, _| true);
    let cubic = Rounded {
        value: at(&g[0], [3, 0]).re,
        rounding: rounding_of(problem, p, j, (&modes[0], [3, 0]), &u),
    };
    (at(&g[0], [2, 0]).re, cubic)
}

/// The limit of `period sqrt(|p - p*|)` of cycles that pass the fold at p* of parameter `active`:
/// `pi / sqrt(|a b|)`, where `dw/dt = b (p - p*) + a w^2` on the centre manifold (Kuznetsov, section
/// 7.1).
pub(crate) fn passage(
    problem: &dyn Problem,
    u: &[f64],
    p: &[f64],
    active: usize,
    j: MatRef<'_, f64>,
) -> f64 {
    let n = u.len();
    let (a, _) = fold(problem, u, p, j);
    let left = Mode::near(j, Complex64::ZERO).left;
    let mut value = vec![0.0; n];
    let mut derivative = vec![0.0; n * (n + p.len())];
    problem.derivative(u, p, &mut value, &mut derivative);
    let moved = &derivative[n * (n + active)..][..n];
    let b: f64 = left.iter().zip(moved).map(|(left, f)| left.re * f).sum();
    std::f64::consts::PI / (a * b).abs().sqrt()
}

/// The first (`order` 3) and second (`order` 5) Lyapunov coefficients at a Hopf point of frequency
/// `omega`.
pub(crate) fn lyapunov(
    problem: &dyn Problem,
    u: &[f64],
    p: &[f64],
    j: MatRef<'_, f64>,
    omega: f64,
    order: usize,
) -> (Rounded, f64) {
    let mode = Mode::near(j, Complex64::new(0.0, omega));
    let modes = [mode.clone(), mode.conjugate()];
    let Reduced { g, u } = reduce2(problem, u, p, j, &modes, order, |v, m| {
        i32::from(m[v]) - i32::from(m[1 - v]) == 1
    });
    let first = Rounded {
        value: at(&g[0], [2, 1]).re / omega,
        rounding: rounding_of(problem, p, j, (&modes[0], [2, 1]), &u) / omega,
    };
    (first, at(&g[0], [3, 2]).re / omega)
}

/// `[a, b]` of `dw0/dt = w1, dw1/dt = a w0^2 + b w0 w1` at a double zero eigenvalue; `|q0| = 1`,
/// `J q1 = q0`, `<q0, q1> = 0`.
pub(crate) fn bogdanov_takens(
    problem: &dyn Problem,
    u: &[f64],
    p: &[f64],
    j: MatRef<'_, f64>,
) -> [f64; 2] {
    let n = u.len();
    // Null vectors by inverse iteration on the bordered matrix, which is regular.
    let mut border = [vec![1.0; n], vec![1.0; n]];
    for _ in 0..6 {
        let lu = Lu::new(bordered(j, &border[1], &border[0]).as_ref());
        let mut v = vec![0.0; n + 1];
        v[n] = 1.0;
        let mut w = v.clone();
        lu.solve(&mut v);
        lu.solve_transpose(&mut w);
        for (border, found) in border.iter_mut().zip([v, w]) {
            let length = norm(&found[..n]);
            *border = found[..n].iter().map(|x| x / length).collect();
        }
    }
    let [q0, p1] = border;
    let lu = Lu::new(bordered(j, &p1, &q0).as_ref());
    let extend = |v: &[f64]| -> Vec<f64> { v.iter().copied().chain([0.0]).collect() };
    let (mut q1, mut p0) = (extend(&q0), extend(&p1));
    lu.solve(&mut q1);
    lu.solve_transpose(&mut p0);
    // <p1, q1> = <p0, q0> = 1 and <p0, q1> = 0; <p1, q0> = 0 holds.
    let scale = dot(&[], &p1, &q1[..n]);
    let p1: Vec<f64> = p1.iter().map(|x| x / scale).collect();
    let p0: Vec<f64> = p0[..n].iter().map(|x| x / scale).collect();
    let shift = dot(&[], &p0, &q1[..n]);
    let p0: Vec<f64> = p0.iter().zip(&p1).map(|(a, b)| a - shift * b).collect();
    let mut series: Vec<Series2> = u.iter().map(|&u| Series::constant(u)).collect();
    for (k, s) in series.iter_mut().enumerate() {
        s.coefficients[Series2::index([1, 0]).expect("degree 1")] = q0[k].into();
        s.coefficients[Series2::index([0, 1]).expect("degree 1")] = q1[k].into();
    }
    let p: Vec<Series2> = p.iter().map(|&p| Series::constant(p)).collect();
    let mut f = vec![Series::constant(0.0); n];
    problem.series2(&series, &p, &mut f);
    let term = |exponents| -> Vec<f64> {
        let index = Series2::index(exponents).expect("degree 2");
        f.iter().map(|f| f.coefficients[index].re).collect()
    };
    let (half_b00, b01) = (term([2, 0]), term([1, 1]));
    [
        dot(&[], &p1, &half_b00),
        2.0 * dot(&[], &p0, &half_b00) + dot(&[], &p1, &b01),
    ]
}

/// The quadratic and cubic coefficients at a zero eigenvalue with a pair `+-i omega`: `g200`,
/// `g011` of the zero mode, `g110` of the pair (Kuznetsov, section 8.5), real parts.
pub(crate) fn zero_hopf(
    problem: &dyn Problem,
    u: &[f64],
    p: &[f64],
    j: MatRef<'_, f64>,
    omega: f64,
) -> [f64; 3] {
    let zero = Mode::near(j, Complex64::ZERO);
    let pair = Mode::near(j, Complex64::new(0.0, omega));
    let modes = [zero, pair.clone(), pair.conjugate()];
    let g = reduce4(problem, u, p, j, &modes, |v, m| {
        let turns = i32::from(m[1]) - i32::from(m[2]);
        turns == [0, 1, -1][v]
    });
    [
        at(&g[0], [2, 0, 0, 0]).re,
        at(&g[0], [0, 1, 1, 0]).re,
        at(&g[1], [1, 1, 0, 0]).re,
    ]
}

/// `[p11, p12, p21, p22]`: real parts of the cubic coefficients at two pairs `+-i omega`
/// (Kuznetsov, section 8.6).
pub(crate) fn hopf_hopf(
    problem: &dyn Problem,
    u: &[f64],
    p: &[f64],
    j: MatRef<'_, f64>,
    omegas: [f64; 2],
) -> [f64; 4] {
    let [a, b] = omegas.map(|omega| Mode::near(j, Complex64::new(0.0, omega)));
    let modes = [a.clone(), a.conjugate(), b.clone(), b.conjugate()];
    let g = reduce4(problem, u, p, j, &modes, |v, m| {
        let turns = |k: usize| i32::from(m[k]) - i32::from(m[k + 1]);
        (turns(0), turns(2)) == [(1, 0), (-1, 0), (0, 1), (0, -1)][v]
    });
    [
        at(&g[0], [2, 1, 0, 0]).re,
        at(&g[0], [1, 0, 1, 1]).re,
        at(&g[2], [1, 1, 1, 0]).re,
        at(&g[2], [0, 0, 2, 1]).re,
    ]
}
