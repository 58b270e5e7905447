//! The equations of a cycle with a pair of multipliers on the unit circle, as at a torus, or with a
//! multiplier of -1, as at a period doubling.
//!
//! ```text
//! dw/dt = T f(w, p),    dv/dt = T f_w(w, p) v - i angle v    with v = a + i b
//! phase of w,   integral |v|^2 = 1,   integral Im(v conj(v_r)) = 0
//! ```
//!
//! `exp(i angle t) v(t)` solves the linearised equation, so the multiplier is `exp(i angle)`. Of a
//! period doubling the angle is unknown, too: it stays at pi, as a simple multiplier of a real
//! equation does not leave the real axis. So v has the period of the cycle, and one system serves
//! for both.

use super::Critical;
use crate::continuation::cycle::collocation::PeriodicField;
use crate::continuation::event::EventKind;
use crate::continuation::problem::Problem;

/// The cycle w, and a and b, side by side. Scalars are T, the angle and both parameters.
pub(super) struct Turning<'a> {
    pub problem: &'a dyn Problem,
    /// A period doubling or a torus.
    pub kind: EventKind,
}

impl<'a> Critical<'a> for Turning<'a> {
    const PARAMETERS: usize = 2;

    fn problem(&self) -> &'a dyn Problem {
        self.problem
    }

    fn kind(&self) -> EventKind {
        self.kind
    }

    fn angle(&self, scalars: &[f64]) -> Option<f64> {
        (self.kind == EventKind::Torus).then(|| scalars[1])
    }
}

impl PeriodicField for Turning<'_> {
    fn n_states(&self) -> usize {
        3 * self.problem.dimension()
    }

    fn n_scalars(&self) -> usize {
        4
    }

    fn share(&self) -> f64 {
        1.0 / self.problem.units() as f64
    }

    fn field(&self, w: &[f64], scalars: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let n = self.problem.dimension();
        let (u, v) = w.split_at(n);
        let (period, angle, p) = (scalars[0], scalars[1], &scalars[2..]);
        let rows = 3 * n;
        let mut f = vec![0.0; n];
        let mut first = vec![0.0; n * (n + 2)];
        self.problem.derivative(u, p, &mut f, &mut first);
        derivative.fill(0.0);
        for r in 0..n {
            value[r] = period * f[r];
            for c in 0..n {
                derivative[c * rows + r] = period * first[c * n + r];
            }
            derivative[3 * n * rows + r] = f[r];
            for k in 0..2 {
                let column = (3 * n + 2 + k) * rows;
                derivative[column + r] = period * first[(n + k) * n + r];
            }
        }
        let mut second = vec![0.0; n * (n + 2)];
        // a turns into b, and b into -a.
        for (part, other, sign) in [(0, 1, 1.0), (1, 0, -1.0)] {
            let turn = sign * angle;
            let [own, others] = [part, other].map(|k| &v[k * n..][..n]);
            let mut direction = own.to_vec();
            direction.extend([0.0, 0.0]);
            self.problem
                .second_derivative(u, p, &direction, &mut second);
            let top = (1 + part) * n;
            for r in 0..n {
                let moved: f64 = (0..n).map(|c| first[c * n + r] * own[c]).sum();
                value[top + r] = period * moved + turn * others[r];
                for c in 0..n {
                    derivative[c * rows + top + r] = period * second[c * n + r];
                    derivative[(top + c) * rows + top + r] = period * first[c * n + r];
                }
                derivative[((1 + other) * n + r) * rows + top + r] = turn;
                derivative[3 * n * rows + top + r] = moved;
                derivative[(3 * n + 1) * rows + top + r] = sign * others[r];
                for k in 0..2 {
                    let column = (3 * n + 2 + k) * rows;
                    derivative[column + top + r] = period * second[(n + k) * n + r];
                }
            }
        }
    }

    fn conditions(
        &self,
        w: &[f64],
        _: &[f64],
        [reference, slope]: [&[f64]; 2],
        value: &mut [f64],
        derivative: &mut [f64],
    ) {
        let n = self.problem.dimension();
        let row = 3 * n + 4;
        derivative.fill(0.0);
        value.fill(0.0);
        for i in 0..n {
            let (a, b) = (n + i, 2 * n + i);
            value[0] += (w[i] - reference[i]) * slope[i];
            derivative[i] = slope[i];
            value[1] += w[a] * w[a] + w[b] * w[b];
            derivative[row + a] = 2.0 * w[a];
            derivative[row + b] = 2.0 * w[b];
            value[2] += w[b] * reference[a] - w[a] * reference[b];
            derivative[2 * row + a] = -reference[b];
            derivative[2 * row + b] = reference[a];
        }
        value[1] -= 1.0;
    }
}
