//! What nodes do with what arrives, one number at a time: the plain statement that the vector machine is compared with.

use super::chunks::Chunks;
use super::machine::Phase;
use crate::dynamics::{Argument, Step};

/// What a step takes that nodes do not keep, of one node of a single simulation.
pub(super) struct Given<'a> {
    /// `[channel][node]`
    pub(super) sums: &'a [f32],
    /// `[channel][node]`
    pub(super) predicted: &'a [f32],
    /// `[feedback][node]`
    pub(super) feedback: &'a [f32],
    /// `[stimulus][node]`
    pub(super) waves: &'a [f32],
    /// Numbers of a channel, of a feedback, and of a stimulus.
    pub(super) row: usize,
    /// `[noise target][node]`
    pub(super) normal: &'a [f32],
    pub(super) normal_row: usize,
    /// The number `k` of the step at a node.
    pub(super) number: &'a dyn Fn(usize, usize) -> f32,
}

/// Runs a program of the step at all nodes.
pub(super) fn run(step: &Step, phase: Phase, nodes: &mut Chunks, n_nodes: usize, given: &Given) {
    let (program, first) = phase.of(step);
    let mut values = vec![0.0f32; program.n_values()];
    for node in 0..n_nodes {
        for (value, &argument) in values.iter_mut().zip(&step.arguments) {
            *value = match argument {
                Argument::Sum(channel) => given.sums[channel * given.row + node],
                // There are none yet when they are predicted.
                Argument::Predicted(_) if phase == Phase::Prediction => 0.0,
                Argument::Predicted(channel) => given.predicted[channel * given.row + node],
                Argument::Feedback(k) => given.feedback[k * given.row + node],
                Argument::Wave(k) => given.waves[k * given.row + node],
                Argument::Normal(target) => given.normal[target * given.normal_row + node],
                Argument::Number(k) => (given.number)(k, node),
                kept => {
                    let quantity = step.quantity(kept).expect("the others are kept");
                    nodes.get(quantity, node)
                }
            };
        }
        program.run(&mut values);
        #[cfg(test)]
        super::subnormals::look_at(&values);
        for (result, &id) in program.results().iter().enumerate() {
            nodes.set(first + result, node, values[id as usize]);
        }
    }
}
