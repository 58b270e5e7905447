//! Finds where delays make an equilibrium of a network unstable, and which oscillations result.
//!
//! Delays do not move an equilibrium; they decide whether it is stable. A small perturbation
//! `v e^(lambda t)` of the equilibrium satisfies
//!
//! ```text
//! Delta(lambda) v = 0,   Delta = lambda - K_i - sum_f F_if s_f e^(-lambda d_if) - sum_c B_ic w_ij e^(-lambda d_ij) r_jc
//! ```
//!
//! with the parts of [`Linearisation`](super::network::Linearisation). If each node receives one
//! sum, only the signal that it sends travels with a delay. All other states are then eliminated
//! node by node, which leaves a problem of `n_nodes` by `n_nodes`; its cost does not grow with the
//! number of distinct delays ([`characteristic`]). With several sums per node the problem keeps all
//! states.
//!
//! Read in this order:
//!
//! 1. [`characteristic`]: the matrix above, whole or reduced to what travels;
//! 2. [`generator`]: the rightmost roots, roughly, from a Chebyshev collocation;
//! 3. [`root`]: one root, polished by Newton's method; [`change`]: its speed along a branch
//!    (`coincide`: those of several that coincide);
//! 4. [`certificate`]: a winding number that proves that no root was missed (`far`: M far from its roots);
//! 5. [`stability`]: all of them together (`search`: how roots are looked for);
//! 6. [`branch`]: equilibria followed in a parameter, with their events;
//! 7. [`hopf`]: the normal form of a Hopf point;
//! 8. [`orbit`]: the periodic orbits born there, by harmonic balance (`solve` inverts the matrix
//!    for it).

pub mod branch;
pub mod certificate;
pub mod change;
pub mod characteristic;
mod coincide;
mod far;
pub mod generator;
pub mod hopf;
pub mod orbit;
pub mod root;
mod search;
mod solve;
pub mod stability;
