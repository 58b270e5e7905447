//! The network linearised about an equilibrium, in its parts.
//!
//! ```text
//! dv_i/dt = K_i v_i + f_i v_i,fed(t - d_i) + b_i g sum_j w_ij x_j(t - d_ij)
//! ```
//!
//! `K_i` (`[n_states, n_states]`) is the derivative of a node's drift with respect to its own states, `- g x_i` of a diffusive
//! coupling included; `b_i` that with respect to what the first state hears; `f_i` that with respect to delayed self feedback.

use faer::Mat;

use super::node::{D1, Number};
use super::{Network, Work};
use crate::scalar::Dual;

/// The parts of the network linearised about a state, and how they change along a direction if asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Linearisation {
    /// K, `[n_nodes, n_states, n_states]` row by row, 1/ms.
    pub local: Vec<f64>,
    /// b, `[n_nodes, n_states]`.
    pub input: Vec<f64>,
    /// f, `[n_nodes, n_states]`; empty without delayed self feedback.
    pub feedback: Vec<f64>,
    /// g
    pub g: f64,
}

/// Parts of a linearisation on numbers that may carry a derivative.
struct Blocks<B> {
    local: Vec<B>,
    input: Vec<B>,
    feedback: Vec<B>,
    g: B,
}

impl Network {
    /// The linearisation about the constant state `u` (`[dim]`), with the parameter at `p`.
    pub fn linearisation(&self, u: &[f64], p: f64) -> Linearisation {
        self.linearisation_with(u, p, &self.arrivals(u), &self.fed_back(u))
    }

    /// The linearisation where `arrivals` (without g) and the nodes' own delayed states come in.
    pub(crate) fn linearisation_with(
        &self,
        u: &[f64],
        p: f64,
        arrivals: &[f64],
        fed_back: &[f64],
    ) -> Linearisation {
        let blocks = self.blocks(u, p, arrivals, fed_back);
        Linearisation {
            local: blocks.local,
            input: blocks.input,
            feedback: blocks.feedback,
            g: blocks.g,
        }
    }

    /// The change of the linearisation per unit along the direction in which `u` moves by `du` and the parameter by `dp`.
    pub fn linearisation_slope(&self, u: &[f64], p: f64, du: &[f64], dp: f64) -> Linearisation {
        let lift = |values: &[f64], slopes: &[f64]| -> Vec<D1> {
            values
                .iter()
                .zip(slopes)
                .map(|(&v, &s)| super::node::d1(v, s))
                .collect()
        };
        let arrivals = lift(&self.arrivals(u), &self.arrivals(du));
        let u = lift(u, du);
        let blocks = self.blocks(&u, super::node::d1(p, dp), &arrivals, &self.fed_back(&u));
        let slopes = |values: Vec<D1>| values.into_iter().map(D1::derivative).collect();
        Linearisation {
            local: slopes(blocks.local),
            input: slopes(blocks.input),
            feedback: slopes(blocks.feedback),
            g: blocks.g.derivative(),
        }
    }

    fn blocks<B: Number>(&self, u: &[B], p: B, arrivals: &[B], fed_back: &[B]) -> Blocks<B>
    where
        Dual<B>: Number,
    {
        let (n_nodes, n_states) = (self.n_nodes, self.n_states());
        let g = self.g_at(p);
        let zero = B::lit(0.0);
        let mut blocks = Blocks {
            local: vec![zero; n_nodes * n_states * n_states],
            input: vec![zero; n_nodes * n_states],
            feedback: Vec::new(),
            g,
        };
        let mut work = Work::<Dual<B>>::default();
        let mut seeded = vec![Dual::constant(zero); n_states];
        for (i, state) in u.chunks_exact(n_states).enumerate() {
            let fed_back = fed_back.get(i).map(|&x| Dual::constant(x));
            let arrived = Dual::constant(arrivals[i]);
            self.prepare_node(i, Dual::constant(p), arrived, fed_back, &mut work);
            for (seeded, &value) in seeded.iter_mut().zip(state) {
                *seeded = Dual::constant(value);
            }
            let local = &mut blocks.local[i * n_states * n_states..][..n_states * n_states];
            for column in 0..n_states {
                seeded[column] = Dual::variable(state[column]);
                for (row, f) in work.drift(self.model, &seeded).iter().enumerate() {
                    local[row * n_states + column] = f.derivative();
                }
                seeded[column] = Dual::constant(state[column]);
            }
            let unmoved = work.input[0];
            work.input[0] = Dual::variable(unmoved.value);
            let leak = g * B::lit(self.leak[i]);
            for (row, f) in work.drift(self.model, &seeded).iter().enumerate() {
                blocks.input[i * n_states + row] = f.derivative();
                local[row * n_states] = local[row * n_states] - leak * f.derivative();
            }
            work.input[0] = unmoved;
            if let Some(fed_back) = fed_back {
                work.input[self.model.inputs.len()] = Dual::variable(fed_back.value);
                let f = work.drift(self.model, &seeded);
                blocks.feedback.extend(f.iter().map(|f| f.derivative()));
            }
        }
        blocks
    }

    /// Derivative of [`Network::residual`] with respect to the states, `[dim, dim]`: block diagonal plus the coupling of first states.
    pub fn jacobian(&self, u: &[f64], p: f64) -> Mat<f64> {
        self.assemble(&self.linearisation(u, p))
    }

    /// The Jacobian from its parts: what a constant perturbation feels, delays or not.
    pub(crate) fn assemble(&self, parts: &Linearisation) -> Mat<f64> {
        let n_states = self.n_states();
        let mut jacobian = Mat::zeros(self.dim(), self.dim());
        for i in 0..self.n_nodes {
            for row in 0..n_states {
                let at = i * n_states + row;
                for column in 0..n_states {
                    jacobian[(at, i * n_states + column)] = parts.local[at * n_states + column];
                }
                if let Some(fed_back) = self.feedback().and_then(|feedback| feedback.state()) {
                    jacobian[(at, i * n_states + fed_back)] += parts.feedback[at];
                }
                let b = parts.g * parts.input[at];
                if b != 0.0 {
                    for j in 0..self.n_nodes {
                        jacobian[(at, j * n_states)] += b * self.weights[[i, j]];
                    }
                }
            }
        }
        jacobian
    }
}
