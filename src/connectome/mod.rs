//! The network's wiring: weights, tract lengths or delays, region names, measured functional connectivity.

use ndarray::{Array2, Array3};

/// Who sends to whom, how strongly and how late.
#[derive(Debug, Clone)]
pub struct Connectome {
    /// Region names, `[n_nodes]`.
    pub labels: Vec<String>,
    /// `weights[[target, source]]`, finite, not negative, zero on the diagonal; no unit.
    pub weights: Array2<f64>,
    /// How far apart the regions are.
    pub delays: Delays,
    /// Measured functional connectivity, `[n_subjects, n_nodes, n_nodes]`.
    pub functional: Option<Array3<f64>>,
}

/// How far apart the regions are.
#[derive(Debug, Clone)]
pub enum Delays {
    /// `lengths[[target, source]]`, mm.
    TractLengths(Array2<f64>),
    /// `steps[[target, source]]`: delays given in steps.
    Steps(Array2<u32>),
    /// Not known: only networks without delays can run.
    None,
}

impl Connectome {
    /// The number of regions.
    pub fn n_nodes(&self) -> usize {
        self.weights.nrows()
    }

    /// `n_nodes` nodes that do not hear each other.
    pub fn uncoupled(n_nodes: usize) -> Self {
        Self {
            labels: (0..n_nodes).map(|node| format!("node {node}")).collect(),
            weights: Array2::zeros((n_nodes, n_nodes)),
            delays: Delays::None,
            functional: None,
        }
    }
}
