//! What is done to the nodes while a study runs.

use crate::waveform::Waveform;

/// A stimulus of a study: a waveform that is added to one input of some nodes.
///
/// At node `i` and step `n` it adds `amplitude weight_i w_n`, with `w_n` the mean of the waveform over the step.
#[derive(Debug, Clone)]
pub struct Stimulus {
    /// What studies call it: its waveform's name, or another.
    pub name: String,
    /// Its course over time.
    pub waveform: Waveform,
    /// Which input of the model it is added to.
    pub input: usize,
    /// How strongly it reaches each node, `[n_nodes]`.
    pub weights: Vec<f64>,
    /// One entry for each of [`Waveform::quantities`].
    pub numbers: Vec<f64>,
}

impl Stimulus {
    /// Whether two stimuli differ in their numbers only.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let waveform = |one: &Self| match &one.waveform {
            Waveform::Samples(values) => ("", values.to_vec()),
            other => (other.name(), Vec::new()),
        };
        let text = |one: &Self| match &one.waveform {
            Waveform::Expression(expression) => (expression.text.clone(), expression.names.clone()),
            _ => Default::default(),
        };
        (&self.name, self.input, &self.weights) == (&other.name, other.input, &other.weights)
            && waveform(self) == waveform(other)
            && text(self) == text(other)
    }
}
