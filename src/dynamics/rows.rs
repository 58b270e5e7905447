//! The table of numbers that a step reads.

use super::{Link, Recipe};
use crate::model::Model;

/// Where in the table of numbers each quantity has its row. Every row holds one value per node and simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    n_coefficients: usize,
    n_inputs: usize,
    n_targets: usize,
    /// Coefficients of all terms of the coupling.
    n_coupling: usize,
    n_row_sums: usize,
    n_stimuli: usize,
}

impl Rows {
    /// The rows of a model in a network.
    pub fn new(model: &Model, recipe: &Recipe) -> Self {
        let links = &recipe.links;
        let of_term = |link: &Link| link.form.n_coefficients();
        Self {
            n_coupling: links.terms.iter().map(of_term).sum(),
            n_row_sums: links.matrices.len(),
            n_stimuli: recipe.stimuli.len(),
            n_coefficients: model.n_coefficients(),
            n_inputs: model.inputs.len(),
            n_targets: model.noise_targets().len(),
        }
    }
    /// Coefficient `c` of the model.
    pub fn coefficient(&self, c: usize) -> usize {
        c
    }
    /// Constant part of input `i`.
    pub fn input(&self, i: usize) -> usize {
        self.n_coefficients + i
    }
    /// Mean of the noise process of target `k`.
    pub fn mean(&self, k: usize) -> usize {
        self.input(self.n_inputs) + k
    }
    /// What the normal number of target `k` is multiplied with: [`Noise::amplitude`](crate::study::Noise::amplitude).
    pub fn amplitude(&self, k: usize) -> usize {
        self.mean(self.n_targets) + k
    }
    /// How far a noise process moves towards its mean: [`Noise::rate`](crate::study::Noise::rate).
    pub fn noise_rate(&self) -> usize {
        self.amplitude(self.n_targets)
    }
    /// Coefficient `c` of the coupling, counted through all terms (see [`Links::coefficients`]).
    pub fn coupling(&self, c: usize) -> usize {
        self.noise_rate() + 1 + c
    }
    /// Sum of the incoming weights of one of [`Links::matrices`].
    pub fn row_sum(&self, matrix: usize) -> usize {
        self.coupling(self.n_coupling) + matrix
    }
    /// What the waveform of stimulus `s` is multiplied with: its amplitude times the weight of the node.
    pub fn gain(&self, s: usize) -> usize {
        self.row_sum(self.n_row_sums) + s
    }
    /// The step, ms.
    pub fn dt(&self) -> usize {
        self.gain(self.n_stimuli)
    }
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.dt() + 1
    }
    /// Never.
    pub fn is_empty(&self) -> bool {
        false
    }
}
