//! What nodes do with what arrives, one number at a time: the plain statement that the vector machine is compared with.

use super::chunks::Chunks;
use crate::dynamics::{Argument, Step};

/// What a step takes that nodes do not keep, of one node of a single simulation.
pub(super) struct Given<'a> {
    /// `[channel][node]`
    pub(super) sums: &'a [f32],
    /// `[feedback][node]`
    pub(super) feedback: &'a [f32],
    /// Numbers of a channel, and of a feedback.
    pub(super) row: usize,
    /// `[noise target][node]`
    pub(super) normal: &'a [f32],
    pub(super) normal_row: usize,
    /// The number `k` of the step at a node.
    pub(super) number: &'a dyn Fn(usize, usize) -> f32,
}

/// Moves all nodes one step on.
pub(super) fn advance(step: &Step, nodes: &mut Chunks, n_nodes: usize, given: &Given) {
    let mut values = vec![0.0f32; step.program.n_values()];
    for node in 0..n_nodes {
        for (value, &argument) in values.iter_mut().zip(&step.arguments) {
            *value = match argument {
                Argument::Sum(channel) => given.sums[channel * given.row + node],
                Argument::Feedback(k) => given.feedback[k * given.row + node],
                Argument::Normal(target) => given.normal[target * given.normal_row + node],
                Argument::Number(k) => (given.number)(k, node),
                kept => {
                    let quantity = step.quantity(kept).expect("the others are kept");
                    nodes.get(quantity, node)
                }
            };
        }
        step.program.run(&mut values);
        for (quantity, &id) in step.program.results().iter().enumerate() {
            nodes.set(quantity, node, values[id as usize]);
        }
    }
}
