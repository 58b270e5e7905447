//! Homogeneous states of diffusive networks without delays, through the Laplacian's modes.
//!
//! With the same parameters and inputs at every node, the state in which all nodes agree is an equilibrium, and a perturbation
//! that has the shape of the Laplacian's k-th mode keeps it: it grows as a single node whose first state hears `-g mu_k x`.
//! All `n_nodes * n_states` eigenvalues come from one decomposition of the weights and `n_nodes` small ones.
//!
//! Pecora & Carroll (1998), Phys. Rev. Lett. 80, 2109 (master stability function).

use faer::Mat;
use num_complex::Complex64;

use super::Network;
use crate::error::{Error, Result};

/// The Laplacian eigenvalues of a network's weights, `L = diag(row sums) - W`.
#[derive(Debug, Clone)]
pub struct Modes {
    /// Ascending in their real part; real if the weights are symmetric. `[n_nodes]`
    pub eigenvalues: Vec<Complex64>,
}

impl Modes {
    /// The modes of `network`.
    ///
    /// # Errors
    /// [`Error::BadValue`] if the coupling is not diffusive.
    pub fn new(network: &Network) -> Result<Self> {
        let weights = &network.weights;
        let diffusive = network
            .leak
            .iter()
            .zip(weights.rows())
            .all(|(leak, row)| *leak == row.sum());
        if !diffusive {
            return Err(Error::bad_value(
                "coupling.kind",
                "additive",
                "only diffusive coupling keeps all nodes in the same state",
            ));
        }
        let laplacian = Mat::from_fn(network.n_nodes, network.n_nodes, |i, j| {
            f64::from(u8::from(i == j)) * network.leak[i] - weights[[i, j]]
        });
        let mut eigenvalues: Vec<Complex64> = if *weights == weights.t() {
            let real = laplacian.self_adjoint_eigenvalues(faer::Side::Lower);
            real.map_err(|_| failed())?
                .into_iter()
                .map(Complex64::from)
                .collect()
        } else {
            laplacian.eigenvalues().map_err(|_| failed())?
        };
        eigenvalues.sort_by(|a, b| a.re.total_cmp(&b.re).then(a.im.total_cmp(&b.im)));
        Ok(Self { eigenvalues })
    }

    /// All eigenvalues of the network's Jacobian at the homogeneous state `u` (`[dim]`), mode after mode: `[n_nodes * n_states]`.
    ///
    /// # Errors
    /// [`Error::BadValue`] if nodes differ in state, parameters or input.
    pub fn spectrum(&self, network: &Network, u: &[f64], p: f64) -> Result<Vec<Complex64>> {
        let n_states = network.n_states();
        let parts = network.linearisation(u, p);
        let mut eigenvalues = Vec::with_capacity(network.dim());
        // The derivative of a node without the coupling's own part, the same at every node.
        let own = |i: usize| -> Vec<f64> {
            let mut block = parts.local[i * n_states * n_states..][..n_states * n_states].to_vec();
            for row in 0..n_states {
                let b = parts.input[i * n_states + row];
                block[row * n_states] += parts.g * network.leak[i] * b;
                if let Some(fed_back) = network.feedback().and_then(|feedback| feedback.state()) {
                    block[row * n_states + fed_back] += parts.feedback[i * n_states + row];
                }
            }
            block
        };
        let first = own(0);
        for i in 1..network.n_nodes {
            let differs = |a: &f64, b: &f64| (a - b).abs() > HOMOGENEOUS * (1.0 + b.abs());
            if own(i).iter().zip(&first).any(|(a, b)| differs(a, b)) {
                return Err(Error::bad_value(
                    format!("node {i}"),
                    "different from node 0",
                    "modes need the same state, parameters and input at every node; use the full spectrum",
                ));
            }
        }
        for mu in &self.eigenvalues {
            let block = Mat::from_fn(n_states, n_states, |row, column| {
                let heard = if column == 0 {
                    *mu * parts.g * parts.input[row]
                } else {
                    Complex64::ZERO
                };
                first[row * n_states + column] - heard
            });
            eigenvalues.extend(block.eigenvalues().map_err(|_| failed())?);
        }
        Ok(eigenvalues)
    }
}

/// Nodes whose linearisations differ by less than this, relatively, count as equal.
const HOMOGENEOUS: f64 = 1e-9;

fn failed() -> Error {
    Error::bad_value(
        "the Jacobian",
        "not finite",
        "its eigenvalues need finite numbers; look at the parameters and the range",
    )
}
