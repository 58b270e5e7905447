//! The equation of a cycle in scaled time.

use super::collocation::PeriodicField;
use crate::continuation::linear::set_scaled;
use crate::continuation::problem::{Problem, scratch};

/// dw/dt = T f(w, p) with the phase fixed by `integral w . r' = integral r . r'`; scalars are T and
/// p.
pub(crate) struct Motion<'a> {
    pub problem: &'a dyn Problem,
    pub parameters: Vec<f64>,
    pub active: usize,
}

impl PeriodicField for Motion<'_> {
    fn n_states(&self) -> usize {
        self.problem.dimension()
    }

    fn n_scalars(&self) -> usize {
        2
    }

    fn units(&self) -> usize {
        match self.problem.receives_first_only() {
            true => self.problem.units(),
            false => 1,
        }
    }

    fn share(&self) -> f64 {
        1.0 / self.problem.units() as f64
    }

    fn field(&self, w: &[f64], a: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let n = w.len();
        let mut parameters = [0.0; 2];
        let parameters = &mut parameters[..self.parameters.len()];
        parameters.copy_from_slice(&self.parameters);
        parameters[self.active] = a[1];
        let period = a[0];
        scratch(n * (n + parameters.len()), 0.0, |full: &mut [f64]| {
            self.problem.derivative(w, parameters, value, full);
            set_scaled(&mut derivative[..n * n], period, full, 1);
            let column = &full[n * (n + self.active)..n * (n + self.active + 1)];
            set_scaled(&mut derivative[n * (n + 1)..n * (n + 2)], period, column, 1);
        });
        derivative[n * n..n * (n + 1)].copy_from_slice(value);
        value.iter_mut().for_each(|v| *v *= period);
    }

    fn conditions(
        &self,
        w: &[f64],
        _: &[f64],
        [r, slope]: [&[f64]; 2],
        value: &mut [f64],
        derivative: &mut [f64],
    ) {
        let n = w.len();
        value[0] = (0..n).map(|i| (w[i] - r[i]) * slope[i]).sum();
        derivative[..n].copy_from_slice(slope);
        derivative[n..].fill(0.0);
    }
}
