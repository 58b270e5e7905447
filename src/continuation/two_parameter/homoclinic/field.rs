//! The equations of a cycle of one long period.

use crate::continuation::cycle::collocation::PeriodicField;
use crate::continuation::problem::Problem;

/// dw/dt = T f(w, p) with the phase fixed; T is given, scalars are both parameters.
pub(super) struct Long<'a> {
    pub problem: &'a dyn Problem,
    pub period: f64,
}

impl PeriodicField for Long<'_> {
    fn n_states(&self) -> usize {
        self.problem.dimension()
    }

    fn n_scalars(&self) -> usize {
        2
    }

    fn share(&self) -> f64 {
        1.0 / self.problem.units() as f64
    }

    fn field(&self, w: &[f64], p: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        self.problem.derivative(w, p, value, derivative);
        for entry in value.iter_mut().chain(derivative) {
            *entry *= self.period;
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
        let n = w.len();
        value[0] = (0..n).map(|i| (w[i] - reference[i]) * slope[i]).sum();
        derivative[..n].copy_from_slice(slope);
        derivative[n..].fill(0.0);
    }
}
