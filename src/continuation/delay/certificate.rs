//! A certificate that no characteristic root to the right of a line was missed.
//!
//! By the argument principle,
//! `h(lambda) = det M(lambda) / (prod_k (lambda - lambda_k) (lambda + kappa)^rest)` with the known
//! roots `lambda_k`, and enough further factors that h tends to 1 far away, turns about 0 as often
//! as there are unknown roots to the right of the line. Since the known roots are divided out, h is
//! smooth along the line unless one was missed. Steps go up from the real axis, ever longer, until M is so
//! nearly diagonal that the logarithm of its determinant is known without a doubt (`far`).
//!
//! Steps along the line adapt: Simpson's rule on `h'/h = tr M^-1 M' - ...` must agree with the
//! logarithms of the determinants, which are exact up to multiples of 2 pi i, and so must the
//! trapezoidal rule on both halves.

use std::f64::consts::PI;

use num_complex::Complex64;

use super::characteristic::Characteristic;
use crate::continuation::linear::ComplexLu;

/// The outcome of counting along a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    /// The real part of the line, 1/ms.
    pub right_of: f64,
    /// Roots to the right of it that were not among the known ones.
    pub missing: i64,
    /// How far the turning number was from a whole one.
    pub defect: f64,
    /// Where on the line h varied faster than on either side, the fastest first: near missed roots, if
    /// there are any, rad/ms.
    pub suspects: Vec<f64>,
    /// Matrices that were factored.
    pub evaluations: usize,
}

/// Difference that Simpson's rule may have from the exact logarithm, in radians.
const SIMPSON: f64 = 0.05;
/// Difference that the trapezoidal rule may have on each half.
const TRAPEZOID: f64 = 0.6;
/// The first step up the line, as a share of the whole way.
const FIRST_STEP: f64 = 1e-3;
/// The count is given up after this many steps along the line.
const MAX_PANELS: usize = 10_000;

/// log h (up to multiples of 2 pi i), and its derivative along the line.
#[derive(Clone, Copy)]
struct Sample {
    omega: f64,
    log: Complex64,
    slope: Complex64,
}

impl Characteristic {
    /// Counts the roots to the right of the line `Re lambda = right_of` that are not among `known`.
    ///
    /// `known` holds all known roots on both sides of the line, in any order, complex ones once,
    /// with how often each counts (without its conjugate). `None` if a root lies on the line, or
    /// the count did not come to an end.
    pub fn certify(&self, known: &[(Complex64, usize)], right_of: f64) -> Option<Certificate> {
        let mut divisors = Vec::new();
        for &(lambda, times) in known {
            for _ in 0..times {
                divisors.push(lambda);
                if lambda.im != 0.0 {
                    divisors.push(lambda.conj());
                }
            }
        }
        let rest = self.degree() as f64 - divisors.len() as f64;
        // With the mean of what is left h is nearest to 1; it has to stay on the left.
        let known_sum: f64 = divisors.iter().map(|z| z.re).sum();
        let kappa = if rest > 0.0 {
            (known_sum - self.trace()) / rest
        } else {
            1.0
        };
        let bound = self.root_bound(right_of).max(f64::MIN_POSITIVE);
        let kappa = kappa.max(-right_of + 0.1 * bound);
        // Above this, and above all known roots, every logarithm below is the principal one.
        let highest = divisors.iter().map(|z| z.im).fold(0.0, f64::max);
        let top = self.far(right_of).max(1.1 * highest).max(f64::MIN_POSITIVE);

        let mut evaluations = 0;
        // On the line only the phases of e^(-lambda d) change.
        let sizes: Vec<f64> = self.delays.iter().map(|d| (-right_of * d).exp()).collect();
        let mut factors = vec![Complex64::ZERO; sizes.len()];
        let mut sample = |omega: f64| {
            evaluations += 1;
            let lambda = Complex64::new(right_of, omega);
            for ((factor, size), delay) in factors.iter_mut().zip(&sizes).zip(&self.delays) {
                *factor = Complex64::from_polar(*size, -omega * delay);
            }
            let at = self.at_with(lambda, &factors);
            let lu = ComplexLu::new(at.matrix.as_ref());
            let solved = lu.solve_matrix(&at.derivative);
            let mut slope: Complex64 = (0..self.order()).map(|i| solved[(i, i)]).sum();
            let mut log = lu.log_det();
            if omega == top {
                let turns = (self.far_log_det(lambda, &at.matrix) - log).im / (2.0 * PI);
                log.im += 2.0 * PI * turns.round();
            }
            for &root in &divisors {
                slope -= (lambda - root).inv();
                log -= (lambda - root).ln();
            }
            slope -= rest / (lambda + kappa);
            log -= (lambda + kappa).ln() * rest;
            Sample {
                omega,
                log,
                slope: slope * Complex64::I,
            }
        };
        let mut lower = sample(0.0);
        let mut total = Complex64::ZERO;
        let mut speeds = vec![(lower.slope.norm(), lower.omega)];
        let mut step = FIRST_STEP * top;
        let mut n_panels = 0;
        // The middle of a panel that was too long is the end of the next.
        let mut end: Option<Sample> = None;
        while lower.omega < top {
            if lower.omega + 1.2 * step > top {
                step = top - lower.omega;
            }
            let upper = end.take().unwrap_or_else(|| {
                let to = lower.omega + step;
                sample(if step == top - lower.omega { top } else { to })
            });
            let middle = sample(lower.omega + 0.5 * step);
            let halves = [change(lower, middle), change(middle, upper)];
            let simpson = (lower.slope + middle.slope * 4.0 + upper.slope) * (step / 6.0);
            let exact = halves[0].0 + halves[1].0;
            let error = (simpson - exact).norm();
            let fine = error < SIMPSON && halves.iter().all(|half| half.1 < TRAPEZOID);
            if fine {
                speeds.extend([middle, upper].map(|at| (at.slope.norm(), at.omega)));
                total -= exact;
                lower = upper;
                step *= if error < 0.1 * SIMPSON { 2.0 } else { 1.2 };
            } else {
                step *= 0.5;
                end = Some(middle);
            }
            n_panels += 1;
            if step < 1e-12 * (bound + lower.omega) || !error.is_finite() || n_panels > MAX_PANELS {
                return None;
            }
        }
        total += lower.log;
        let turns = total.im / PI;
        Some(Certificate {
            right_of,
            missing: turns.round() as i64,
            defect: (turns - turns.round()).abs(),
            suspects: peaks(&speeds),
            evaluations,
        })
    }
}

/// Where a quantity is larger than at both neighbours, the largest first; pairs of value and place.
fn peaks(values: &[(f64, f64)]) -> Vec<f64> {
    let value = |k: usize| values.get(k).map_or(0.0, |(value, _)| *value);
    let is_peak = |k: &usize| value(*k) >= value(k + 1) && (*k == 0 || value(*k) > value(k - 1));
    let mut peaks: Vec<(f64, f64)> = (0..values.len())
        .filter(is_peak)
        .map(|k| values[k])
        .collect();
    peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
    peaks.into_iter().map(|(_, place)| place).collect()
}

/// The change of log h from `a` down to `b`, and how far the trapezoidal rule is from it; multiples
/// of 2 pi i are chosen by the rule.
fn change(a: Sample, b: Sample) -> (Complex64, f64) {
    let rule = (a.slope + b.slope) * (0.5 * (b.omega - a.omega));
    let off = wrapped(b.log - a.log - rule);
    (rule + off, off.norm())
}

/// The same with its imaginary part in (-pi, pi].
fn wrapped(log: Complex64) -> Complex64 {
    let turns = (log.im / (2.0 * PI)).round();
    Complex64::new(log.re, log.im - 2.0 * PI * turns)
}
