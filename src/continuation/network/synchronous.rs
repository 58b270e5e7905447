//! Synchronous cycles of diffusive networks without delays: every node on the cycle of a single one.
//!
//! A perturbation in the shape of the Laplacian's k-th mode keeps its shape and obeys the node's own variational equation with
//! `- g mu_k` times what the node hears. So the network's `n_nodes * n_states` multipliers are those of `n_nodes` systems of a
//! node's size.
//!
//! Pecora & Carroll (1998), Phys. Rev. Lett. 80, 2109 (master stability function).

use ndarray::{Array2, s};
use num_complex::Complex64;

use super::Network;
use super::modes::Modes;
use crate::continuation::collocation::{Collocation, PeriodicField};
use crate::continuation::{Cycle, Settings, floquet};
use crate::error::{Error, Result};

impl Network {
    /// Its first node alone, without coupling, with the same parameter: what a synchronous network does.
    pub fn first_node(&self) -> Self {
        self.alone(0)
    }

    /// Node `node` alone, without coupling and without delays, with the same parameter.
    pub(super) fn alone(&self, node: usize) -> Self {
        let mut alone = self.clone();
        alone.n_nodes = 1;
        alone.weights = Array2::zeros((1, 1));
        alone.leak = vec![0.0];
        alone.input = self.input.slice(s![node..=node, ..]).to_owned();
        alone.parameters = self.parameters.slice(s![node..=node, ..]).to_owned();
        alone.coefficients = self.coefficients.slice(s![node..=node, ..]).to_owned();
        alone.parameter.share = vec![self.parameter.share[node]];
        alone.parameter.rest = vec![self.parameter.rest[node]];
        alone.without_delays()
    }
}

impl Modes {
    /// The Floquet multipliers of the cycle in which every node of `network` is on `cycle`, mode after mode:
    /// `[n_nodes * n_states]`. One of the first mode's is 1: the cycle itself, shifted in time.
    ///
    /// `cycle` is one of [`Network::first_node`], found with `settings`.
    ///
    /// # Errors
    /// [`Error::BadValue`] if nodes differ in parameters or input, or the cycle's mesh is not that of the settings.
    pub fn multipliers(
        &self,
        network: &Network,
        cycle: &Cycle,
        settings: &Settings,
    ) -> Result<Vec<Complex64>> {
        let degree = settings.collocation.clamp(2, 7);
        if cycle.profile.len() % degree != 1 || cycle.profile.len() == 1 {
            let rule = format!("{degree} points per mesh interval, as in the settings, and one");
            let found = format!("{} points", cycle.profile.len());
            return Err(Error::bad_value("the cycle", found, rule));
        }
        // Whether the nodes are alike shows in their spectrum.
        let everywhere = cycle.profile[0].repeat(network.n_nodes);
        self.spectrum(network, &everywhere, cycle.parameter)?;
        let node = network.first_node();
        let mesh: Vec<f64> = cycle.times.iter().copied().step_by(degree).collect();
        let mut all = Vec::with_capacity(network.dim());
        // Of a pair of complex modes the first stands for both.
        for mu in self.eigenvalues.iter().filter(|mu| mu.im >= 0.0) {
            let field = Transverse {
                node: &node,
                g: network.g_at(cycle.parameter),
                mu: *mu,
                parameter: cycle.parameter,
            };
            let copies = field.copies();
            let mut x: Vec<f64> = cycle.profile[..cycle.profile.len() - 1]
                .iter()
                .flat_map(|state| state.repeat(copies))
                .collect();
            x.push(cycle.period);
            let system = Collocation::new(field, degree, mesh.clone(), vec![1.0]);
            all.extend(floquet::product_eigenvalues(&system.transfers(&x)));
        }
        Ok(all)
    }
}

/// A node's perturbation in the shape of a mode, `dv/dt = T (K(u(t)) - g mu b) v`; the real and the imaginary part of v if
/// mu is not real. The only scalar is T.
struct Transverse<'a> {
    node: &'a Network,
    g: f64,
    mu: Complex64,
    parameter: f64,
}

impl Transverse<'_> {
    fn copies(&self) -> usize {
        if self.mu.im == 0.0 { 1 } else { 2 }
    }
}

impl PeriodicField for Transverse<'_> {
    fn n_states(&self) -> usize {
        self.copies() * self.node.n_states()
    }

    fn n_scalars(&self) -> usize {
        1
    }

    fn units(&self) -> usize {
        1
    }

    fn share(&self) -> f64 {
        1.0
    }

    /// The derivative about the cycle's state `w`; transfer matrices do not ask for the value.
    fn field(&self, w: &[f64], a: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let (n, n_states) = (w.len(), self.node.n_states());
        let parts = self.node.linearisation(&w[..n_states], self.parameter);
        let jacobian = self.node.assemble(&parts);
        value.fill(0.0);
        derivative.fill(0.0);
        for copy in 0..self.copies() {
            for row in 0..n_states {
                let at = |column: usize| column * n + copy * n_states + row;
                for column in 0..n_states {
                    derivative[at(copy * n_states + column)] = a[0] * jacobian[(row, column)];
                }
                let heard = a[0] * self.g * parts.input[row];
                derivative[at(copy * n_states)] -= heard * self.mu.re;
                if self.copies() == 2 {
                    let other = (1 - copy) * n_states;
                    let turned = if copy == 0 { 1.0 } else { -1.0 };
                    derivative[at(other)] += turned * heard * self.mu.im;
                }
            }
        }
    }

    fn conditions(&self, _: &[f64], _: &[f64], _: [&[f64]; 2], _: &mut [f64], _: &mut [f64]) {}
}
