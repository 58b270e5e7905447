//! A network as a [`Problem`], without its delays: equilibria, cycles and curves of events of all
//! nodes at once.

use super::Network;
use super::number::{d2, mixed2};
use crate::continuation::Problem;
use crate::scalar::{Series2, Series4};

/// Unknowns are called `x[0]`, `y[0]`, `x[1]`, ...; the parameter by its path.
impl Problem for Network {
    fn unknown_names(&self) -> Vec<String> {
        let states = self.model.states.iter();
        (0..self.n_nodes)
            .flat_map(|node| {
                states
                    .clone()
                    .map(move |state| format!("{}[{node}]", state.name))
            })
            .collect()
    }

    fn parameter_names(&self) -> Vec<String> {
        vec![self.parameter().to_string()]
    }

    fn dimension(&self) -> usize {
        self.dim()
    }

    fn parameter_count(&self) -> usize {
        1
    }

    fn units(&self) -> usize {
        self.n_nodes
    }

    fn receives_first_only(&self) -> bool {
        self.equations.receives_first_only
    }

    fn value(&self, u: &[f64], p: &[f64], value: &mut [f64]) {
        value.copy_from_slice(&self.residual(u, p[0]));
    }

    fn derivative(&self, u: &[f64], p: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        self.value(u, p, value);
        let (by_states, by_parameter) = derivative.split_at_mut(u.len() * u.len());
        columns(&self.jacobian(u, p[0]), by_states);
        by_parameter.copy_from_slice(&self.parameter_derivative(u, p[0]));
    }

    fn second_derivative(&self, u: &[f64], p: &[f64], direction: &[f64], second: &mut [f64]) {
        let (du, dp) = (&direction[..u.len()], direction[u.len()]);
        let parts = self.linearisation(u, p[0]);
        let slope = self.linearisation_slope(u, p[0], du, dp);
        let (by_states, by_parameter) = second.split_at_mut(u.len() * u.len());
        columns(&self.assemble_slope(&parts, &slope), by_states);
        let moving = u.iter().zip(du).map(|(&u, &du)| d2(u, du, 0.0));
        let mixed = self.evaluate(&moving.collect::<Vec<_>>(), d2(p[0], dp, 1.0));
        for (entry, mixed) in by_parameter.iter_mut().zip(mixed) {
            *entry = mixed2(mixed);
        }
    }

    fn series2(&self, u: &[Series2], p: &[Series2], rates: &mut [Series2]) {
        rates.copy_from_slice(&self.evaluate(u, p[0]));
    }

    fn series4(&self, u: &[Series4], p: &[Series4], rates: &mut [Series4]) {
        rates.copy_from_slice(&self.evaluate(u, p[0]));
    }
}

/// Writes a matrix column by column.
fn columns(matrix: &faer::Mat<f64>, out: &mut [f64]) {
    for (column, out) in matrix.col_iter().zip(out.chunks_exact_mut(matrix.nrows())) {
        for (entry, out) in column.iter().zip(out) {
            *out = *entry;
        }
    }
}
