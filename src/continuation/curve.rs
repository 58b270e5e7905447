//! A curve given implicitly: n equations in n + 1 unknowns, and Newton's method on it.
//!
//! Everything that is followed is such a curve: equilibria, cycles, folds and Hopf points in two
//! parameters. The systems are solved bordered by the tangent, so nothing happens at folds (Keller
//! 1977, in: Applications of Bifurcation Theory, 359-384).

use std::borrow::{Borrow, Cow};

use super::linear::{Determinant, Lu, add_scaled, dot};

/// Newton's method ends after so many corrections in a row that are no less than half of the one before.
const SLOW: usize = 2;
/// It has arrived even so where they are below so many tolerances: of thousands of unknowns, rounding keeps them up.
const ROUNDING: f64 = 10.0;

/// n equations in n + 1 unknowns.
pub(super) trait Curve {
    /// The bordered system `[F'(x); border] y = r` at `x`, for `r = (-F(x), 0)` and for
    /// `r = (0, 1)`.
    fn solve(&mut self, x: &[f64], border: &[f64]) -> Solved;

    /// The inner product that arclength is measured in, as weights of the unknowns; empty for all
    /// 1.
    fn weights(&self) -> &[f64] {
        &[]
    }
}

/// What a [`Curve`] solves for.
pub(super) struct Solved {
    /// The largest residual |F_i(x)|.
    pub residual: f64,
    /// Newton's correction, across the border.
    pub correction: Vec<f64>,
    /// The direction of the curve, of any length.
    pub direction: Vec<f64>,
    /// Determinant of the bordered matrix.
    pub determinant: Determinant,
}

/// A point of a curve.
#[derive(Debug, Clone)]
pub(super) struct OnCurve {
    pub x: Vec<f64>,
    /// Of unit length, pointing ahead.
    pub tangent: Vec<f64>,
    pub iterations: usize,
    pub residual: f64,
    pub determinant: Determinant,
}

impl OnCurve {
    /// Turned round: the determinant's sign goes with the tangent.
    pub fn reversed(mut self) -> Self {
        self.tangent.iter_mut().for_each(|t| *t = -*t);
        self.determinant.sign = -self.determinant.sign;
        self
    }
}

/// Newton's method did not arrive.
#[derive(Debug, Clone, Copy)]
pub(super) struct NotConverged {
    pub residual: f64,
}

/// When Newton's method has arrived, and when it is given up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Convergence {
    /// Largest correction relative to `1 + |x_i|`.
    pub tolerance: f64,
    pub max_iterations: usize,
    /// Arrive also where quadratic convergence promises that the next correction would be below the
    /// tolerance; the tangent is then that of the point before the last correction.
    pub early: bool,
}

pub(super) fn normalise(weights: &[f64], v: &mut [f64]) {
    let length = dot(weights, v, v).sqrt();
    v.iter_mut().for_each(|v| *v /= length);
}

pub(super) fn along(x: &[f64], direction: &[f64], step: f64) -> Vec<f64> {
    x.iter().zip(direction).map(|(x, d)| x + step * d).collect()
}

/// The largest |a_i|; not a number if one of them is not.
pub(super) fn largest(a: impl IntoIterator<Item = impl Borrow<f64>>) -> f64 {
    a.into_iter().fold(0.0, |largest, a| {
        let size = Borrow::borrow(&a).abs();
        if size <= largest { largest } else { size }
    })
}

/// From `guess` to the curve, across `tangent`; the new tangent points the same way.
pub(super) fn correct(
    curve: &mut dyn Curve,
    guess: Vec<f64>,
    tangent: &[f64],
    convergence: Convergence,
) -> Result<OnCurve, NotConverged> {
    let weights = curve.weights();
    let border: Cow<'_, [f64]> = if weights.is_empty() {
        tangent.into()
    } else {
        let weighted = tangent.iter().zip(weights).map(|(t, w)| t * w);
        weighted.collect::<Vec<f64>>().into()
    };
    let mut x = guess;
    let mut before = f64::INFINITY;
    let mut slow = 0;
    let mut residual = f64::INFINITY;
    for iterations in 1..=convergence.max_iterations {
        let solved = curve.solve(&x, &border);
        residual = solved.residual;
        let relative = x
            .iter()
            .zip(&solved.correction)
            .map(|(x, d)| d / (1.0 + x.abs()));
        let size = largest(relative);
        // On a branch point, and only there, the bordered system is singular.
        if !size.is_finite() || !solved.determinant.log.is_finite() {
            break;
        }
        add_scaled(&mut x, 1.0, &solved.correction);
        // Quadratic: the next correction is about size^3 / before^2.
        let promised = size * (size / before).powi(2);
        let early = convergence.early && before < 0.1 && promised <= 0.1 * convergence.tolerance;
        slow = if size > 0.5 * before { slow + 1 } else { 0 };
        let is_rounding = slow == SLOW && size <= ROUNDING * convergence.tolerance;
        if size <= convergence.tolerance || early || is_rounding {
            let mut tangent = solved.direction;
            normalise(curve.weights(), &mut tangent);
            return Ok(OnCurve {
                x,
                tangent,
                iterations,
                residual,
                determinant: solved.determinant,
            });
        }
        if slow == SLOW {
            break;
        }
        before = size;
    }
    Err(NotConverged { residual })
}

/// [`Curve::solve`] for a curve whose value and derivative `[n, n + 1]` are known as dense arrays.
pub(super) fn solve_dense(value: &[f64], derivative: &[f64], border: &[f64]) -> Solved {
    let n = value.len();
    let mut columns = vec![0.0; (n + 1) * (n + 1)];
    for j in 0..=n {
        let column = &mut columns[j * (n + 1)..][..n + 1];
        column[..n].copy_from_slice(&derivative[j * n..][..n]);
        column[n] = border[j];
    }
    let lu = Lu::of_columns(columns, n + 1);
    let mut correction = vec![0.0; n + 1];
    for i in 0..n {
        correction[i] = -value[i];
    }
    lu.solve(&mut correction);
    let mut direction = vec![0.0; n + 1];
    direction[n] = 1.0;
    lu.solve(&mut direction);
    Solved {
        residual: largest(value),
        correction,
        direction,
        determinant: lu.determinant(),
    }
}

/// The point at arclength `step` of a cubic through two points with their tangents, `length` apart.
pub(super) fn hermite(a: &OnCurve, b: &OnCurve, length: f64, step: f64) -> Vec<f64> {
    let t = step / length;
    let (t2, t3) = (t * t, t * t * t);
    let (h00, h10) = (2.0 * t3 - 3.0 * t2 + 1.0, t3 - 2.0 * t2 + t);
    let (h01, h11) = (3.0 * t2 - 2.0 * t3, t3 - t2);
    (0..a.x.len())
        .map(|k| h00 * a.x[k] + h01 * b.x[k] + length * (h10 * a.tangent[k] + h11 * b.tangent[k]))
        .collect()
}

/// Where `test` changes sign between `low` and `high`: bisection made fast (Illinois rule), to the
/// last digits.
///
/// `test` returns its value with what was computed there; `None` ends the search. Returns the best
/// found.
pub(super) fn root<T>(
    (mut low, mut at_low): (f64, f64),
    (mut high, mut at_high): (f64, f64),
    tolerance: f64,
    mut test: impl FnMut(f64) -> Option<(f64, T)>,
) -> Option<(f64, f64, T)> {
    let mut best: Option<(f64, f64, T)> = None;
    let mut side = 0;
    for _ in 0..80 {
        let secant = (low * at_high - high * at_low) / (at_high - at_low);
        let inside = secant.is_finite() && (secant - low) * (secant - high) < 0.0;
        let middle = if inside { secant } else { 0.5 * (low + high) };
        let (value, found) = test(middle)?;
        if best
            .as_ref()
            .is_none_or(|(_, best, _)| value.abs() < best.abs())
        {
            best = Some((middle, value, found));
        }
        let before = (high - low).abs();
        if value == 0.0 || before <= tolerance {
            break;
        }
        if (value > 0.0) == (at_high > 0.0) {
            high = middle;
            at_high = value;
            if side == 1 {
                at_low *= 0.5;
            }
            side = 1;
        } else {
            low = middle;
            at_low = value;
            if side == -1 {
                at_high *= 0.5;
            }
            side = -1;
        }
        let step_to_go = (value / (at_high - at_low) * (high - low)).abs();
        if step_to_go < tolerance {
            break;
        }
    }
    best
}

/// Values at `t` of the polynomials that are 1 at one of `points` and 0 at the others.
pub(super) fn lagrange_through(points: &[f64], t: f64) -> Vec<f64> {
    let factor = |k: usize| {
        let others = points.iter().enumerate().filter(move |(i, _)| *i != k);
        others.map(|(_, p)| (t - p) / (points[k] - p)).product()
    };
    (0..points.len()).map(factor).collect()
}
