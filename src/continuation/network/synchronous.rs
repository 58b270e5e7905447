//! Computes the multipliers of synchronous cycles, where every node is on the cycle of a single
//! one: networks without delays whose coupling vanishes where all nodes agree, as the diffusive one
//! and Kuramoto's.
//!
//! A perturbation in the shape of the Laplacian's k-th mode keeps its shape and obeys the node's
//! own variational equation with `- mu_k D` (D: what a unit weight carries, see [`super::modes`]).
//! So the network's `n_nodes * n_states` multipliers are those of `n_nodes` systems of a node's
//! size.
//!
//! Pecora & Carroll (1998), Phys. Rev. Lett. 80, 2109 (master stability function).

use ndarray::{Array2, s};
use num_complex::Complex64;

use super::connections::Connections;
use super::modes::{Modes, alone_and_carried, differ};
use super::{Arrivals, Network, NetworkLayout};
use crate::continuation::cycle::collocation::{Collocation, PeriodicField};
use crate::continuation::cycle::floquet;
use crate::continuation::{Cycle, Settings};
use crate::error::{Error, Result};

impl Network {
    /// Its first node alone, without coupling, with the same parameter: what a synchronous network
    /// does.
    pub fn first_node(&self) -> Self {
        self.alone(0)
    }

    /// Node `node` alone, without coupling and without delays, with the same parameter.
    pub(super) fn alone(&self, node: usize) -> Self {
        let mut alone = self.single(node);
        alone.row_sums.fill(0.0);
        alone
    }

    /// Node `node` without its connections, though it still knows their sums.
    fn single(&self, node: usize) -> Self {
        let of = |all: &Array2<f64>| all.slice(s![node..=node, ..]).to_owned();
        let mut single = self.clone();
        single.n_nodes = 1;
        single.layout = std::sync::Arc::new(NetworkLayout {
            n_nodes: 1,
            ..NetworkLayout::clone(&self.layout)
        });
        single.matrices = vec![Connections::new(Array2::zeros((1, 1))); self.matrices.len()];
        single.row_sums = of(&self.row_sums);
        single.input = of(&self.input);
        single.parameters = of(&self.parameters);
        single.coefficients = of(&self.coefficients);
        single.coupling = self.coupling.iter().map(of).collect();
        single.coupling_coefficients = of(&self.coupling_coefficients);
        single.parameter.share = vec![self.parameter.share[node]];
        single.parameter.rest = vec![self.parameter.rest[node]];
        single.without_delays()
    }

    /// What comes to a single node that agrees with all others.
    fn in_synchrony(&self, u: &[f64], p: f64) -> Arrivals<f64> {
        let lines = self.lines(u, p);
        let channels = self.layout.channels.iter();
        let sums = channels.map(|channel| self.row_sums[[0, channel.matrix]] * lines[channel.line]);
        Arrivals {
            sums: sums.collect(),
            fed_back: self
                .layout
                .feedback
                .iter()
                .map(|&line| lines[line])
                .collect(),
        }
    }
}

impl Modes {
    /// The Floquet multipliers of the cycle in which every node of `network` is on `cycle`, mode
    /// after mode: `[n_nodes * n_states]`. One of the first mode's is 1: the cycle itself, shifted
    /// in time.
    ///
    /// `cycle` is one of [`Network::first_node`], found with `settings`.
    ///
    /// # Errors
    /// [`Error::Continuation`] if nodes differ in parameters or input, the coupling does not vanish
    /// where they agree, or the cycle's mesh is not that of the settings.
    pub fn multipliers(
        &self,
        network: &Network,
        cycle: &Cycle,
        settings: &Settings,
    ) -> Result<Vec<Complex64>> {
        let degree = settings.collocation.clamp(2, 7);
        if cycle.profile.len() % degree != 1 || cycle.profile.len() == 1 {
            let rule =
                format!("must have {degree} points per mesh interval, as in the settings, and one");
            let found = format!("{} points", cycle.profile.len());
            return Err(Error::argument("the cycle", found, rule));
        }
        // Whether the nodes are alike shows in their spectrum.
        let everywhere = cycle.profile[0].repeat(network.n_nodes);
        self.spectrum(network, &everywhere, cycle.parameter)?;
        let (node, alone) = (network.single(0), network.first_node());
        for state in &cycle.profile {
            let p = cycle.parameter;
            let with_all = node.drift(state, p, &node.in_synchrony(state, p));
            let mut pairs = with_all.iter().zip(alone.residual(state, p));
            if pairs.any(|(a, b)| differ(*a, b)) {
                let what = "a synchronous cycle of this network";
                let why = "the coupling does not vanish where all nodes agree, so no node stays on the cycle of a single one";
                let hint = "follow the cycles of the whole network";
                return Err(Error::not_continued(what, why, hint));
            }
        }
        let mesh: Vec<f64> = cycle.times.iter().copied().step_by(degree).collect();
        let mut all = Vec::with_capacity(network.dim());
        // Of a pair of complex modes the first stands for both.
        for mu in self.eigenvalues.iter().filter(|mu| mu.im >= 0.0) {
            let field = Transverse {
                node: &node,
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

/// A node's perturbation in the shape of a mode, `dv/dt = T (K(u(t)) - mu D(u(t))) v`; the real and
/// the imaginary part of v if mu is not real. The only scalar is T.
struct Transverse<'a> {
    node: &'a Network,
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

    fn share(&self) -> f64 {
        1.0
    }

    /// The derivative about the cycle's state `w`; transfer matrices do not ask for the value.
    fn field(&self, w: &[f64], a: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let (n, n_states) = (w.len(), self.node.n_states());
        let (state, p) = (&w[..n_states], self.parameter);
        let arrivals = self.node.in_synchrony(state, p);
        let parts = self.node.linearisation_with(state, p, &arrivals);
        let (own, carried) = alone_and_carried(&parts, 0, self.node.row_sum(0));
        value.fill(0.0);
        derivative.fill(0.0);
        for copy in 0..self.copies() {
            for k in 0..n_states * n_states {
                let (row, column) = (k / n_states, k % n_states);
                let at = |copy_of: usize| (copy_of * n_states + column) * n + copy * n_states + row;
                derivative[at(copy)] = a[0] * (own[k] - carried[k] * self.mu.re);
                if self.copies() == 2 {
                    let turned = if copy == 0 { 1.0 } else { -1.0 };
                    derivative[at(1 - copy)] = a[0] * turned * carried[k] * self.mu.im;
                }
            }
        }
    }

    fn conditions(&self, _: &[f64], _: &[f64], _: [&[f64]; 2], _: &mut [f64], _: &mut [f64]) {}
}
