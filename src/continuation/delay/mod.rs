//! Stability, Hopf points and periodic orbits of networks with delays.
//!
//! An equilibrium does not see the delays; what a small perturbation does, they decide. Perturbations `v e^(lambda t)` of the
//! equilibrium satisfy
//!
//! ```text
//! Delta(lambda) v = 0,   Delta = lambda - K_i - sum_f F_if s_f e^(-lambda d_if) - sum_c B_ic w_ij e^(-lambda d_ij) r_jc
//! ```
//!
//! with the parts of [`Linearisation`](super::network::Linearisation). Where each node hears one sum, only what is sent into it
//! travels, so all other states are eliminated node by node, and a problem of `n_nodes` by `n_nodes` is left, at no more cost for a
//! thousand distinct delays than for one ([`characteristic`]); with several sums it stays one of all states. Its rightmost roots
//! come from a Chebyshev collocation of the generator ([`generator`]), are polished by Newton's method, and a winding number
//! certifies that none was missed ([`certificate`]).

pub mod branch;
pub mod certificate;
pub mod characteristic;
pub mod generator;
pub mod hopf;
pub mod orbit;
pub mod root;
mod solve;
pub mod stability;
