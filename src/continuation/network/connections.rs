//! What a network sums with: a matrix, and its connections source by source.

use std::ops::Deref;

use ndarray::Array2;

use super::number::Number;

/// A matrix of weights `[target, source]`, to be read as one, that sums over its connections.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    weights: Array2<f64>,
    /// Where the connections of each source begin, and the end of all.
    first: Vec<usize>,
    /// Their targets and weights, those of a source by target.
    edges: Vec<(u32, f64)>,
}

impl Connections {
    /// Of these weights, `[target, source]`.
    pub(super) fn new(weights: Array2<f64>) -> Self {
        let (mut first, mut edges) = (vec![0], Vec::new());
        for column in weights.columns() {
            let there = column.iter().enumerate().filter(|(_, w)| **w != 0.0);
            edges.extend(there.map(|(target, w)| (target as u32, *w)));
            first.push(edges.len());
        }
        Self {
            weights,
            first,
            edges,
        }
    }

    /// Adds to `sums`, of which those of a node are `stride` apart, what comes to it of the nodes that send `sent`: source by source, so
    /// that no sum waits for its last addend. The order at each target is that of the sources.
    pub(super) fn sum<S: Number>(
        &self,
        (sums, stride): (&mut [S], usize),
        sent: impl Iterator<Item = S>,
    ) {
        for (sent, of_source) in sent.zip(self.first.windows(2)) {
            for &(target, weight) in &self.edges[of_source[0]..of_source[1]] {
                let sum = &mut sums[target as usize * stride];
                *sum = *sum + S::lit(weight) * sent;
            }
        }
    }
}

impl Deref for Connections {
    type Target = Array2<f64>;

    fn deref(&self) -> &Array2<f64> {
        &self.weights
    }
}
