//! The inputs of a node's equations: constants, stimuli, neighbours, the node's own past, noise processes.

use super::arrivals::Received;
use super::{Arrivals, Moving, Node, Recipe, Rows, Table};
use crate::scalar::Scalar;

/// The Ornstein-Uhlenbeck processes one step later.
pub(super) fn processes<S: Scalar>(
    recipe: &Recipe,
    rows: Rows,
    node: &Node<S>,
    arrivals: &Arrivals<S>,
    number: &impl Fn(usize) -> S,
) -> Vec<S> {
    let mut process = node.process.clone();
    for k in recipe.processes() {
        let before = node.process[k];
        let mean = number(rows.mean(k));
        process[k] = before + (mean - before) * number(rows.noise_rate());
        if recipe.is_random(k) {
            process[k] = process[k] + number(rows.amplitude(k)) * arrivals.normal[k];
        }
    }
    process
}

/// The inputs of the model's equations, then what is fed back.
///
/// `state` is the node's, `received` what reaches it at the same time, and `process` the noise process that an input receives, by the
/// input and its noise target.
pub(super) fn inputs<S: Scalar>(
    at: &Table<S>,
    recipe: &Recipe,
    state: &[S],
    received: &Received<S>,
    process: impl Fn(usize, usize) -> S,
    number: &impl Fn(usize) -> S,
) -> Vec<S> {
    let (model, rows) = (at.model, at.rows);
    let mut inputs: Vec<S> = (0..model.inputs.len())
        .map(|i| match recipe.wave_of(Moving::Input(i)) {
            Some(wave) => received.waves[wave],
            None => number(rows.input(i)),
        })
        .collect();
    for (s, &i) in recipe.stimuli.iter().enumerate() {
        inputs[i] = inputs[i] + number(rows.gain(s)) * received.waves[s];
    }
    for (t, link) in recipe.links.terms.iter().enumerate() {
        for (p, pair) in link.pairs.iter().enumerate() {
            let channels = recipe.links.sums(t, p).iter();
            let sums: Vec<S> = channels
                .map(|channel| channel.map_or(S::lit(0.0), |channel| received.sums[channel]))
                .collect();
            // What depends on inputs is not known yet; couplings that need it are refused.
            let own = at.signal(pair.source, state, &vec![S::lit(0.0); model.n_inputs()]);
            let row_sum = |squared| number(rows.row_sum(recipe.links.matrix_of(t, squared)));
            let squares = link.uses_squares().then(|| row_sum(true));
            let row_sums = [row_sum(false), squares.unwrap_or(S::lit(0.0))];
            let received = link
                .form
                .received(&sums, own, row_sums, at.coupling(recipe, t));
            inputs[pair.target] = inputs[pair.target] + received[0];
            if let Some(target) = pair.squares {
                inputs[target] = inputs[target] + received[1];
            }
        }
    }
    let kept = recipe.processes();
    for (i, input) in inputs.iter_mut().enumerate() {
        let k = model.noise_target_of_input(i);
        if kept.contains(&k) {
            *input = *input + process(i, k);
        }
    }
    inputs.extend_from_slice(&received.feedback);
    inputs
}
