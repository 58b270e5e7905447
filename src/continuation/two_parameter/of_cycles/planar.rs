//! The equations of a fold of cycles in the plane: a cycle whose one multiplier is 1.
//!
//! ```text
//! dw/dt = T f(w, p),    phase of w,    integral of the trace of f_w = 0
//! ```
//!
//! The integral, times the period, is the logarithm of the multiplier (Liouville). So the critical
//! direction need not be computed, and long periods and canards cost no digits.

use super::Critical;
use crate::continuation::cycle::collocation::PeriodicField;
use crate::continuation::problem::Problem;

/// Scalars are T and both parameters.
pub(super) struct Planar<'a> {
    pub problem: &'a dyn Problem,
}

impl<'a> Critical<'a> for Planar<'a> {
    const PARAMETERS: usize = 1;

    fn problem(&self) -> &'a dyn Problem {
        self.problem
    }
}

impl PeriodicField for Planar<'_> {
    fn n_states(&self) -> usize {
        2
    }

    fn n_scalars(&self) -> usize {
        3
    }

    fn share(&self) -> f64 {
        1.0 / self.problem.units() as f64
    }

    fn field(&self, w: &[f64], a: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let (period, p) = (a[0], &a[1..]);
        let mut first = [0.0; 8];
        self.problem.derivative(w, p, value, &mut first);
        for r in 0..2 {
            for c in 0..2 {
                derivative[2 * c + r] = period * first[2 * c + r];
                derivative[6 + 2 * c + r] = period * first[4 + 2 * c + r];
            }
            derivative[4 + r] = value[r];
        }
        value.iter_mut().for_each(|v| *v *= period);
    }

    fn conditions(
        &self,
        w: &[f64],
        a: &[f64],
        [reference, slope]: [&[f64]; 2],
        value: &mut [f64],
        derivative: &mut [f64],
    ) {
        let p = &a[1..];
        derivative.fill(0.0);
        value[0] = (0..2).map(|i| (w[i] - reference[i]) * slope[i]).sum();
        derivative[..2].copy_from_slice(slope);
        let (mut f, mut first) = ([0.0; 2], [0.0; 8]);
        self.problem.derivative(w, p, &mut f, &mut first);
        value[1] = first[0] + first[3];
        for (k, column) in [0, 1, 3, 4].into_iter().enumerate() {
            let mut direction = [0.0; 4];
            direction[k] = 1.0;
            let mut second = [0.0; 8];
            self.problem
                .second_derivative(w, p, &direction, &mut second);
            derivative[5 + column] = second[0] + second[3];
        }
    }
}
