//! Computes the normal form of a Hopf point of a network with delays: its cubic coefficient.
//!
//! With the eigenfunction `q e^(i omega t)` and `p^T Delta'(i omega) q = 1`, the amplitude z on the
//! centre manifold follows `z' = i omega z + c1 z |z|^2`,
//!
//! ```text
//! c1 = p^T (C(q, q, q~) + 2 B(q, h11) + B(q~, h20)) / 2
//! h11 = Delta(0)^-1 B(q, q~),   h20 = Delta(2 i omega)^-1 B(q, q)
//! ```
//!
//! where B and C are the second and third derivatives of the drift, couplings and all: they see the
//! delayed values of their directions, and of products of directions that a nonlinear coupling
//! sends. Hassard, Kazarinoff & Wan (1981), Theory and Applications of Hopf Bifurcation;
//! Bosschaert, Janssens & Kuznetsov (2020), SIAM J. Appl. Dyn. Syst. 19, 252 (delays); Kuznetsov
//! (2004), Elements of Applied Bifurcation Theory, eq. 5.62 (without).

use num_complex::Complex64;

use super::characteristic::Characteristic;
use super::root::{Root, normalise};
use crate::continuation::equilibrium::normal_form;
use crate::continuation::linear::{ComplexLu, dot, norm};
use crate::continuation::network::Network;
use crate::continuation::network::forms::Direction;
use crate::continuation::rounded::Rounded;

/// The normal form of a Hopf point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HopfForm {
    /// c1 with q scaled so that its first states have unit norm; 1/ms.
    pub c1: Complex64,
    /// First Lyapunov coefficient, `Re c1 / omega` with q of unit norm (Kuznetsov's normalisation
    /// without delays). Negative: supercritical; exactly 0 where rounding cannot tell it from 0.
    pub l1: f64,
    /// `d lambda / d parameter`, 1/ms per unit.
    pub crossing: Complex64,
    /// `d (sum_i A_i^2) / d parameter` of the orbits that are born, `A_i` half the peak-to-peak of
    /// node i's first state.
    pub amplitude2_slope: f64,
}

impl HopfForm {
    /// Whether the orbits that are born attract on the centre manifold.
    pub fn supercritical(&self) -> bool {
        self.l1 < 0.0
    }
}

impl Characteristic {
    /// The normal form at a root on the imaginary axis, which moves by `crossing` per unit of the
    /// parameter.
    ///
    /// `u` and `p` are those that the characteristic matrix was made of. `None` if 0 or twice the
    /// root is a root too.
    pub fn hopf_form(
        &self,
        network: &Network,
        at: (&[f64], f64),
        root: &Root,
        crossing: Complex64,
    ) -> Option<HopfForm> {
        let mut q = self.right_vector(root);
        normalise(&mut q)?;
        let left = self.left_vector(root);
        let (c1, l1) = self.cubic(network, at, root.lambda.im, q.clone(), left)?;
        let scaled = c1 / first_states(&q, self.n_states());
        Some(HopfForm {
            c1: scaled,
            l1: l1.known(),
            crossing,
            amplitude2_slope: -4.0 * crossing.re / scaled.re,
        })
    }

    /// The coefficient c1 for a right vector `q` of `Delta(i omega)` of unit norm, and the first
    /// Lyapunov coefficient with its rounding error. `left` is a left vector of any length.
    ///
    /// `None` if 0 or `2 i omega` is a root too.
    pub(in crate::continuation) fn cubic(
        &self,
        network: &Network,
        (u, p): (&[f64], f64),
        omega: f64,
        q: Vec<Complex64>,
        mut left: Vec<Complex64>,
    ) -> Option<(Complex64, Rounded)> {
        let i_omega = Complex64::new(0.0, omega);
        let scale = dot(&[], &left, &self.derivative_times(i_omega, &q));
        left.iter_mut().for_each(|w| *w /= scale);

        let q = Direction {
            state: q,
            rate: i_omega,
        };
        let q_conj = q.conj();
        let mut condition = norm(&left);
        let mut solve = |rate: Complex64, mut right: Vec<Complex64>| {
            // Whole, not eliminated: 0 or 2 i omega may belong to an uncoupled node.
            let full = self.full(rate);
            let lu = ComplexLu::new(full.as_ref());
            lu.solve(&mut right);
            let unit = faer::Mat::identity(full.nrows(), full.nrows());
            condition = condition.max(full.norm_l2() * lu.solve_matrix(&unit).norm_l2());
            Direction { state: right, rate }
        };
        let travel = |rate: Complex64, lines: &[Complex64]| self.travelled(rate, lines);
        let second = |a: &Direction, b: &Direction| network.second_form((u, p), [a, b], &travel);
        let h11 = solve(Complex64::ZERO, second(&q, &q_conj));
        let h20 = solve(2.0 * i_omega, second(&q, &q));
        let cubic = network.third_form((u, p), [&q, &q, &q_conj], &travel);
        let mean = second(&q, &h11);
        let double = second(&q_conj, &h20);
        let onto = |term: &[Complex64]| dot(&[], &left, term);
        let c1 = 0.5 * (onto(&cubic) + 2.0 * onto(&mean) + onto(&double));
        let size = |term: &[Complex64]| -> f64 {
            let weighted = left.iter().zip(term);
            weighted.map(|(left, f)| left.norm() * f.norm()).sum()
        };
        let sizes = 0.5 * (size(&cubic) + 2.0 * size(&mean) + size(&double));
        let l1 = Rounded {
            value: c1.re / omega,
            rounding: normal_form::ROUNDINGS * f64::EPSILON * condition * sizes / omega,
        };
        c1.is_finite().then_some((c1, l1))
    }

    /// The second derivative of the drift twice along `v` at rest, weighed with `w`: of a fold.
    pub(in crate::continuation) fn curvature(
        &self,
        network: &Network,
        at: (&[f64], f64),
        v: &[Complex64],
        w: &[Complex64],
    ) -> f64 {
        let along = Direction {
            state: v.to_vec(),
            rate: Complex64::ZERO,
        };
        let travel = |rate: Complex64, lines: &[Complex64]| self.travelled(rate, lines);
        let second = network.second_form(at, [&along, &along], &travel);
        dot(&[], w, &second).re
    }
}

/// The sum of squares over the first states of all nodes (of all states, if those have no part), by
/// which amplitudes are measured.
pub(super) fn first_states(v: &[Complex64], n_states: usize) -> f64 {
    let first: f64 = v.iter().step_by(n_states).map(Complex64::norm_sqr).sum();
    let all: f64 = v.iter().map(Complex64::norm_sqr).sum();
    if first > 1e-20 * all { first } else { all }
}
