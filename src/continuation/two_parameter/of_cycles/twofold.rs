//! The equations of a fold of cycles: a cycle with a double multiplier of 1.
//!
//! ```text
//! dw/dt = T f(w, p),    dv/dt = T f_w(w, p) v + b f(w, p)
//! phase of w,   integral v . r' = 0,   integral |v|^2 + b^2 = 1
//! ```
//!
//! v and b are how the cycle and its period change along the branch that folds there.

use super::Critical;
use crate::continuation::cycle::collocation::PeriodicField;
use crate::continuation::problem::Problem;

/// The cycle w and its critical direction v side by side. Scalars are T, b and both parameters.
pub(super) struct Twofold<'a> {
    pub problem: &'a dyn Problem,
}

impl<'a> Critical<'a> for Twofold<'a> {
    const PARAMETERS: usize = 2;

    fn problem(&self) -> &'a dyn Problem {
        self.problem
    }
}

impl PeriodicField for Twofold<'_> {
    fn n_states(&self) -> usize {
        2 * self.problem.dimension()
    }

    fn n_scalars(&self) -> usize {
        4
    }

    fn share(&self) -> f64 {
        1.0 / self.problem.units() as f64
    }

    fn field(&self, w: &[f64], a: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let n = self.problem.dimension();
        let (u, v) = w.split_at(n);
        let (period, b, p) = (a[0], a[1], &a[2..]);
        let mut f = vec![0.0; n];
        let mut first = vec![0.0; n * (n + 2)];
        let mut second = vec![0.0; n * (n + 2)];
        self.problem.derivative(u, p, &mut f, &mut first);
        let mut direction = v.to_vec();
        direction.extend([0.0, 0.0]);
        self.problem
            .second_derivative(u, p, &direction, &mut second);
        let moved: Vec<f64> = (0..n)
            .map(|r| (0..n).map(|c| first[c * n + r] * v[c]).sum())
            .collect();
        let rows = 2 * n;
        derivative.fill(0.0);
        for r in 0..n {
            value[r] = period * f[r];
            value[n + r] = period * moved[r] + b * f[r];
            for c in 0..n {
                let j = first[c * n + r];
                derivative[c * rows + r] = period * j;
                derivative[c * rows + n + r] = period * second[c * n + r] + b * j;
                derivative[(n + c) * rows + n + r] = period * j;
            }
            derivative[2 * n * rows + r] = f[r];
            derivative[2 * n * rows + n + r] = moved[r];
            derivative[(2 * n + 1) * rows + n + r] = f[r];
            for k in 0..2 {
                let column = (2 * n + 2 + k) * rows;
                let by_parameter = first[(n + k) * n + r];
                derivative[column + r] = period * by_parameter;
                derivative[column + n + r] = period * second[(n + k) * n + r] + b * by_parameter;
            }
        }
    }

    fn conditions(
        &self,
        w: &[f64],
        a: &[f64],
        [reference, slope]: [&[f64]; 2],
        value: &mut [f64],
        derivative: &mut [f64],
    ) {
        let n = self.problem.dimension();
        let row = 2 * n + 4;
        derivative.fill(0.0);
        value.fill(0.0);
        for i in 0..n {
            value[0] += (w[i] - reference[i]) * slope[i];
            derivative[i] = slope[i];
            value[1] += w[n + i] * slope[i];
            derivative[row + n + i] = slope[i];
            value[2] += w[n + i] * w[n + i];
            derivative[2 * row + n + i] = 2.0 * w[n + i];
        }
        value[2] += a[1] * a[1] - 1.0;
        derivative[2 * row + 2 * n + 1] = 2.0 * a[1];
    }
}
