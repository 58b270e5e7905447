//! What nodes send, what connections carry of it, and what is felt of what arrives.

use num_complex::Complex64;

use super::{Characteristic, Edge};
use crate::continuation::linear::{Entry, add_to};
use crate::continuation::network::{Arrivals, Linearisation, NetworkLayout};

impl Characteristic {
    /// What every node puts into its lines in the state `v` (`[dim]`): `[n_nodes, n_lines]`.
    pub(in crate::continuation::delay) fn sent(&self, v: &[Complex64]) -> Vec<Complex64> {
        sent(&self.parts, v)
    }

    /// What each connection counts with in each channel times a factor of its own: `[n_edges, n_channels]`.
    pub(in crate::continuation::delay) fn carried(
        &self,
        factor: impl Fn(usize, &Edge) -> Complex64,
    ) -> Vec<Complex64> {
        let n_channels = self.layout().channels.len();
        let mut carried = Vec::with_capacity(self.weights.len());
        for (k, edge) in self.edges.iter().enumerate() {
            let factor = factor(k, edge);
            carried.extend((0..n_channels).map(|c| factor * self.weight(edge, c)));
        }
        carried
    }

    /// The sums that every node forms, `[n_nodes, n_channels]`, of what comes through its connections: what
    /// each carries times what its source has `sent` into a channel.
    pub(in crate::continuation::delay) fn summed(
        &self,
        carried: &[Complex64],
        sent: impl Fn(usize, usize) -> Complex64,
    ) -> Vec<Complex64> {
        let n_channels = self.layout().channels.len();
        let mut sums = Vec::with_capacity(self.n_nodes * n_channels);
        for run in self.incoming.windows(2) {
            let edges = &self.edges[run[0]..run[1]];
            let carried = &carried[run[0] * n_channels..run[1] * n_channels];
            for c in 0..n_channels {
                // Two sums, so that one addition need not wait for the other.
                let mut both = [Complex64::ZERO; 2];
                for (k, edge) in edges.iter().enumerate() {
                    let term = carried[k * n_channels + c] * sent(edge.source, c);
                    add_to(&mut both[k % 2], term);
                }
                sums.push(both[0] + both[1]);
            }
        }
        sums
    }

    /// The same of what is in the lines, `[n_nodes, n_lines]`.
    pub(in crate::continuation::delay) fn summed_lines(
        &self,
        carried: &[Complex64],
        lines: &[Complex64],
    ) -> Vec<Complex64> {
        let layout = self.layout();
        self.summed(carried, |source, c| {
            lines[source * layout.n_lines + layout.channels[c].line]
        })
    }

    /// What every node receives of what is sent through the one channel of M, `[n_nodes]`; 0 where
    /// there is none.
    pub(in crate::continuation::delay) fn sums_of(
        &self,
        carried: &[Complex64],
        y: &[Complex64],
    ) -> Vec<Complex64> {
        match self.layout().channels.is_empty() {
            true => vec![Complex64::ZERO; self.n_nodes],
            false => self.summed(carried, |source, _| y[source]),
        }
    }

    /// What is fed back of what is in the lines, each feedback's part times a factor of its own:
    /// `[n_nodes, n_feedback]`.
    pub(in crate::continuation::delay) fn fed_back(
        &self,
        lines: &[Complex64],
        factor: impl Fn(usize, usize) -> Complex64,
    ) -> Vec<Complex64> {
        let NetworkLayout {
            n_lines,
            ref feedback,
            ..
        } = *self.layout();
        let mut fed = Vec::with_capacity(self.n_nodes * feedback.len());
        for node in 0..self.n_nodes {
            for (k, line) in feedback.iter().enumerate() {
                fed.push(factor(node, k) * lines[node * n_lines + line]);
            }
        }
        fed
    }

    /// What comes to every node of what goes into the lines (`[n_nodes, n_lines]`) as
    /// `e^(lambda t)`.
    pub(in crate::continuation::delay) fn travelled(
        &self,
        lambda: Complex64,
        lines: &[Complex64],
    ) -> Arrivals<Complex64> {
        let factors = self.factors(lambda);
        let carried = self.carried(|_, edge| factors[edge.delay]);
        self.travelled_as(&carried, lambda, lines)
    }

    /// The same, where what every connection carries is known.
    pub(in crate::continuation::delay) fn travelled_as(
        &self,
        carried: &[Complex64],
        lambda: Complex64,
        lines: &[Complex64],
    ) -> Arrivals<Complex64> {
        Arrivals {
            sums: self.summed_lines(carried, lines),
            fed_back: self.fed_back(lines, |node, k| self.feedback_factor(node, k, lambda)),
        }
    }

    /// What the states feel of what arrives, `[dim]`.
    pub(in crate::continuation::delay) fn felt(
        &self,
        arrivals: &Arrivals<Complex64>,
    ) -> Vec<Complex64> {
        felt(&self.parts, arrivals)
    }
}

/// What every node puts into its lines in the state `v` (`[dim]`): `[n_nodes, n_lines]`.
pub(in crate::continuation::delay) fn sent<T: Entry>(parts: &Linearisation, v: &[T]) -> Vec<T> {
    let NetworkLayout {
        n_states, n_lines, ..
    } = *parts.layout();
    let rows = parts.sent.chunks_exact(n_states).enumerate();
    let each = rows.map(|(at, row)| {
        let mut sum = T::ZERO;
        for (r, v) in row.iter().zip(&v[at / n_lines * n_states..]) {
            add_to(&mut sum, *v * *r);
        }
        sum
    });
    each.collect()
}

/// What the states feel of what arrives, `[dim]`.
pub(in crate::continuation::delay) fn felt<T: Entry>(
    parts: &Linearisation,
    arrivals: &Arrivals<T>,
) -> Vec<T> {
    let mut out = vec![T::ZERO; parts.layout().n_nodes * parts.layout().n_states];
    add_felt(parts, &arrivals.sums, &arrivals.fed_back, &mut out);
    out
}

/// Adds what the states feel of the sums (`[n_nodes, n_channels]`) and of what is fed back
/// (`[n_nodes, n_feedback]`) to `out`, `[dim]`.
pub(in crate::continuation::delay) fn add_felt<T: Entry>(
    parts: &Linearisation,
    sums: &[T],
    fed_back: &[T],
    out: &mut [T],
) {
    let layout = parts.layout();
    let (n_channels, n_feedback) = (layout.channels.len(), layout.feedback.len());
    for (node, out) in out.chunks_exact_mut(layout.n_states).enumerate() {
        let mut add = |column: &[f64], value: T| {
            for (out, b) in out.iter_mut().zip(column) {
                add_to(out, value * *b);
            }
        };
        for c in 0..n_channels {
            add(parts.input(node, c), sums[node * n_channels + c]);
        }
        for k in 0..n_feedback {
            add(parts.feedback(node, k), fed_back[node * n_feedback + k]);
        }
    }
}
