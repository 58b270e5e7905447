//! Computes the stability of homogeneous states without delays, mode by mode of the Laplacian.
//!
//! Suppose that nodes differ in nothing but their row sums, and that the coupling adds
//! `- row_sum D` to a node. Then a perturbation in the shape of the Laplacian's k-th mode keeps its
//! shape, and grows as that of a single node with `- mu_k D`. D is what a unit weight carries,
//! `sum_c B_c r_c` of [`Linearisation`]. This holds for diffusive coupling at any homogeneous state
//! (D is `g` times the input's column), for Kuramoto's in synchrony, and for any coupling if all
//! row sums agree. All `n_nodes * n_states` eigenvalues come from one decomposition of the weights
//! and `n_nodes` small ones.
//!
//! Pecora & Carroll (1998), Phys. Rev. Lett. 80, 2109 (master stability function).

use faer::Mat;
use ndarray::Array2;
use num_complex::Complex64;

use super::{Linearisation, Network};
use crate::error::{ContinuationError, Error, Result};

/// The Laplacian eigenvalues of a network's weights, `L = diag(row sums) - W`.
#[derive(Debug, Clone)]
pub struct Modes {
    /// Ascending in their real part; real if the weights are symmetric. `[n_nodes]`
    pub eigenvalues: Vec<Complex64>,
}

/// Relative difference up to which numbers of nodes are the same.
const HOMOGENEOUS: f64 = 1e-9;

impl Modes {
    /// The modes of `network`.
    ///
    /// # Errors
    /// [`ContinuationError::Unsupported`] if the coupling drives nodes with different row sums apart (none of it
    /// takes what the node itself transmits), or sums with several matrices.
    pub fn new(network: &Network) -> Result<Self> {
        let n_nodes = network.n_nodes;
        let links = &network.equations.links;
        let sums: Vec<f64> = (0..n_nodes).map(|node| network.row_sum(node)).collect();
        let regular = sums.iter().all(|sum| !differ(*sum, sums[0]));
        let refuse = |why: &str, hint: &str| {
            let names: Vec<&str> = links.terms.iter().map(|term| term.form.name).collect();
            let what = format!("a network coupled by {}", names.join(" and "));
            Err(Error::not_continued(what, why, hint))
        };
        let first = links.channels.first().map(|channel| channel.matrix);
        let mut channels = links.channels.iter();
        if channels.any(|channel| Some(channel.matrix) != first) {
            return refuse(
                "modes are those of one matrix, and it sums with several",
                "use the full spectrum",
            );
        }
        let none = Array2::zeros((n_nodes, n_nodes));
        let weights = first.map_or(&none, |k| &*network.matrices[k]);
        if !regular && !links.terms.iter().any(|term| term.form.needs_own()) {
            return refuse(
                "its nodes receive different sums, so they do not stay in the same state",
                "take a coupling of differences, as the diffusive one",
            );
        }
        let laplacian = Mat::from_fn(n_nodes, n_nodes, |i, j| {
            f64::from(u8::from(i == j)) * sums[i] - weights[[i, j]]
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

    /// All eigenvalues of the network's Jacobian at the homogeneous state `u` (`[dim]`), mode after
    /// mode: `[n_nodes * n_states]`.
    ///
    /// # Errors
    /// [`ContinuationError::NodesDiffer`] if nodes differ in state, parameters or input.
    pub fn spectrum(&self, network: &Network, u: &[f64], p: f64) -> Result<Vec<Complex64>> {
        let n_states = network.n_states();
        let parts = network.linearisation(u, p);
        let mut eigenvalues = Vec::with_capacity(network.dim());
        let of = |node: usize| alone_and_carried(&parts, node, network.row_sum(node));
        let (own, carried) = of(0);
        for node in 1..network.n_nodes {
            let (other, other_carried) = of(node);
            let pairs = own.iter().zip(&other);
            let mut pairs = pairs.chain(carried.iter().zip(&other_carried));
            if pairs.any(|(a, b)| differ(*a, *b)) {
                return Err(ContinuationError::NodesDiffer { node }.into());
            }
        }
        for mu in &self.eigenvalues {
            let block = Mat::from_fn(n_states, n_states, |row, column| {
                let at = row * n_states + column;
                own[at] - *mu * carried[at]
            });
            eigenvalues.extend(block.eigenvalues().map_err(|_| failed())?);
        }
        Ok(eigenvalues)
    }
}

impl Network {
    /// The sum of the incoming weights of a node, by the matrix that its first channel sums with; 0
    /// without a channel.
    pub(super) fn row_sum(&self, node: usize) -> f64 {
        let first = self.layout().channels.first();
        first.map_or(0.0, |channel| self.row_sums[[node, channel.matrix]])
    }
}

/// The derivative of a node that agrees with all others, delayed feedback included, and D; both
/// `[n_states, n_states]`.
pub(super) fn alone_and_carried(
    parts: &Linearisation,
    node: usize,
    row_sum: f64,
) -> (Vec<f64>, Vec<f64>) {
    let layout = parts.layout();
    let n = layout.n_states;
    let add = |block: &mut [f64], column: &[f64], row: &[f64]| {
        for (k, entry) in block.iter_mut().enumerate() {
            *entry += column[k / n] * row[k % n];
        }
    };
    let mut own = parts.local(node).to_vec();
    let mut carried = vec![0.0; n * n];
    for (k, &line) in layout.feedback.iter().enumerate() {
        add(&mut own, parts.feedback(node, k), parts.sent(node, line));
    }
    for (c, channel) in layout.channels.iter().enumerate() {
        add(
            &mut carried,
            parts.input(node, c),
            parts.sent(node, channel.line),
        );
    }
    own.iter_mut()
        .zip(&carried)
        .for_each(|(own, d)| *own += row_sum * d);
    (own, carried)
}

pub(super) fn differ(a: f64, b: f64) -> bool {
    (a - b).abs() > HOMOGENEOUS * (1.0 + b.abs())
}

fn failed() -> Error {
    ContinuationError::NotFinite.into()
}
