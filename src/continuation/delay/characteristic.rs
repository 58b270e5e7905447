//! Builds the characteristic matrix of a network about an equilibrium: whole, or reduced to the
//! signals that travel.
//!
//! ```text
//! Delta(lambda)_ij = (lambda - K_i - sum_f F_if s_f e^(-lambda d_if)) delta_ij - sum_c B_ic w_ij e^(-lambda d_ij) r_jc
//! ```
//!
//! Where nodes receive one sum each (one channel), only `y_i = r_i v_i` travels, and
//!
//! ```text
//! M(lambda)_ij = den_i(lambda) delta_ij - num_i(lambda) w_ij e^(-lambda d_ij)
//! den_i = det(lambda - K_i - ...),  num_i = r_i adj(lambda - K_i - ...) B_i
//! ```
//!
//! M is entire in lambda and `det M = det Delta`, so no root is lost and none is added. `den` and
//! `num` are polynomials of degree `n_states` at most in lambda, and of degree 1 in every
//! feedback's `e^(-lambda d)`, by the matrix determinant lemma differences of characteristic
//! polynomials. With several channels, or many feedbacks, M is Delta itself.

mod matrices;
mod node;

use std::collections::BTreeMap;

use faer::Mat;
use num_complex::Complex64;

use crate::continuation::linear::{Entry, add_to};
use crate::continuation::network::{Arrivals, Linearisation, Network, NetworkLayout};
use node::{Node, horner};

/// With more delayed feedbacks than this, of which all products would be needed, nothing is
/// eliminated.
const MOST_FEEDBACKS: usize = 3;

/// The characteristic matrix of a network about one equilibrium.
#[derive(Debug, Clone)]
pub struct Characteristic {
    n_nodes: usize,
    n_states: usize,
    /// The linearised network.
    pub parts: Linearisation,
    /// `[n_nodes, n_feedback]`, ms.
    pub(super) feedback_delays: Vec<f64>,
    /// What is left of every node in M; `None` where M is Delta.
    nodes: Option<Vec<Node>>,
    /// Target by target.
    pub(super) edges: Vec<Edge>,
    /// The first edge of every node, and how many there are, `[n_nodes + 1]`.
    incoming: Vec<usize>,
    /// What each edge counts with in each channel, `[n_edges, n_channels]`.
    weights: Vec<f64>,
    /// Every delay that occurs, once, ms.
    pub(super) delays: Vec<f64>,
}

/// A connection of the network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub target: usize,
    pub source: usize,
    /// Index of its weights: the first of one for each channel.
    first: usize,
    /// Index among the distinct delays.
    pub delay: usize,
}

/// The characteristic matrix and its derivative at one point.
#[derive(Debug, Clone)]
pub(super) struct At {
    pub matrix: Mat<Complex64>,
    pub derivative: Mat<Complex64>,
}

impl Characteristic {
    /// The characteristic matrix of `network` about the constant state `u` (`[dim]`), with the
    /// parameter at `p`.
    pub fn new(network: &Network, u: &[f64], p: f64) -> Self {
        let parts = network.linearisation(u, p);
        let matrix = network.delays_ms(p);
        let mut distinct = BTreeMap::new();
        let mut edges = Vec::new();
        let mut weights = Vec::new();
        let mut incoming = vec![0];
        for target in 0..network.n_nodes() {
            for source in (0..network.n_nodes()).filter(|&j| network.is_connected(target, j)) {
                let delay = matrix
                    .as_ref()
                    .map_or(0.0, |delays| delays[[target, source]]);
                let n_distinct = distinct.len();
                // Delays are not negative, so their bits stand in their order.
                let index = *distinct.entry(delay.to_bits()).or_insert(n_distinct);
                edges.push(Edge {
                    target,
                    source,
                    first: weights.len(),
                    delay: index,
                });
                let channels = network.layout().channels.iter();
                weights.extend(channels.map(|channel| network.weight(channel, target, source)));
            }
            incoming.push(edges.len());
        }
        let mut delays = vec![0.0; distinct.len()];
        for (bits, index) in distinct {
            delays[index] = f64::from_bits(bits);
        }
        Self {
            n_nodes: network.n_nodes(),
            n_states: network.n_states(),
            feedback_delays: network.feedback_delays(p).0,
            nodes: Node::all(&parts),
            parts,
            edges,
            incoming,
            weights,
            delays,
        }
    }

    /// The same wiring about other linearised nodes.
    pub(super) fn with_parts(&self, parts: Linearisation) -> Self {
        Self {
            nodes: Node::all(&parts),
            parts,
            ..self.clone()
        }
    }

    /// The number of nodes.
    pub fn n_nodes(&self) -> usize {
        self.n_nodes
    }

    /// The number of states of a node.
    pub fn n_states(&self) -> usize {
        self.n_states
    }

    /// The number of rows of M: of nodes, or of all states.
    pub fn order(&self) -> usize {
        match self.nodes {
            Some(_) => self.n_nodes,
            None => self.degree(),
        }
    }

    /// Whether M is what is left when states are eliminated.
    pub(super) fn is_reduced(&self) -> bool {
        self.nodes.is_some()
    }

    /// The degree of `det M` in lambda, delays apart.
    pub fn degree(&self) -> usize {
        self.n_nodes * self.n_states
    }

    /// Counts, and what each channel and feedback reads.
    pub(super) fn layout(&self) -> &NetworkLayout {
        self.parts.layout()
    }

    /// The longest delay, ms.
    pub fn longest_delay(&self) -> f64 {
        let own = &self.feedback_delays;
        self.delays.iter().chain(own).copied().fold(0.0, f64::max)
    }

    /// The row of what a node sends into the one channel of M; its first state where there is none.
    pub(super) fn row(&self, node: usize) -> Vec<f64> {
        row_of(&self.parts, node)
    }

    /// The column of what the one channel of M does to a node.
    pub(super) fn column(&self, node: usize) -> Vec<f64> {
        column_of(&self.parts, node)
    }

    /// `e^(-lambda d)` for every distinct delay.
    pub(super) fn factors(&self, lambda: Complex64) -> Vec<Complex64> {
        self.delays
            .iter()
            .map(|delay| (-lambda * delay).exp())
            .collect()
    }

    /// The delay of feedback `k` of a node, ms.
    pub(super) fn feedback_delay(&self, node: usize, k: usize) -> f64 {
        self.feedback_delays[node * self.layout().feedback.len() + k]
    }

    /// `e^(-lambda d)` of feedback `k` of a node.
    pub(super) fn feedback_factor(&self, node: usize, k: usize, lambda: Complex64) -> Complex64 {
        (-lambda * self.feedback_delay(node, k)).exp()
    }

    /// What an edge counts with in a channel.
    pub(super) fn weight(&self, edge: &Edge, channel: usize) -> f64 {
        self.weights[edge.first + channel]
    }

    fn node(&self, node: usize) -> &Node {
        match &self.nodes {
            Some(nodes) => &nodes[node],
            None => unreachable!("M is not reduced"),
        }
    }

    /// `[den, den', num, num']` of a node, where M is reduced.
    pub(super) fn fraction(&self, node: usize, lambda: Complex64) -> [Complex64; 4] {
        let [den, den_slope, num, num_slope] = self.unit_fraction(node, lambda);
        let size = self.node(node).size;
        [den, den_slope, num * size, num_slope * size]
    }

    /// The column of a node, of unit length.
    pub(super) fn unit_column(&self, node: usize) -> &[f64] {
        &self.node(node).unit
    }

    /// The same with the column of unit length.
    pub(super) fn unit_fraction(&self, node: usize, lambda: Complex64) -> [Complex64; 4] {
        let Node { den, num, .. } = self.node(node);
        let n_feedback = self.layout().feedback.len();
        let z: [Complex64; MOST_FEEDBACKS] = std::array::from_fn(|k| match k < n_feedback {
            true => self.feedback_factor(node, k, lambda),
            false => Complex64::ZERO,
        });
        let value = |polynomials: &[Vec<f64>]| {
            let mut sum = [Complex64::ZERO; 2];
            for (product, polynomial) in polynomials.iter().enumerate() {
                let [value, slope] = horner(polynomial, lambda);
                let (mut factor, mut delay) = (Complex64::ONE, 0.0);
                for (k, z) in z.iter().enumerate().take(n_feedback) {
                    if product >> k & 1 == 1 {
                        factor *= z;
                        delay += self.feedback_delay(node, k);
                    }
                }
                sum[0] += factor * value;
                sum[1] += factor * (slope - delay * value);
            }
            sum
        };
        let ([den, den_slope], [num, num_slope]) = (value(den), value(num));
        [den, den_slope, num, num_slope]
    }

    /// What every node puts into its lines in the state `v` (`[dim]`): `[n_nodes, n_lines]`.
    pub(super) fn sent(&self, v: &[Complex64]) -> Vec<Complex64> {
        sent(&self.parts, v)
    }

    /// What each connection counts with in each channel times a factor of its own: `[n_edges, n_channels]`.
    pub(super) fn carried(&self, factor: impl Fn(usize, &Edge) -> Complex64) -> Vec<Complex64> {
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
    pub(super) fn summed(
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
    pub(super) fn summed_lines(
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
    pub(super) fn sums_of(&self, carried: &[Complex64], y: &[Complex64]) -> Vec<Complex64> {
        match self.layout().channels.is_empty() {
            true => vec![Complex64::ZERO; self.n_nodes],
            false => self.summed(carried, |source, _| y[source]),
        }
    }

    /// What is fed back of what is in the lines, each feedback's part times a factor of its own:
    /// `[n_nodes, n_feedback]`.
    pub(super) fn fed_back(
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
    pub(super) fn travelled(&self, lambda: Complex64, lines: &[Complex64]) -> Arrivals<Complex64> {
        let factors = self.factors(lambda);
        let carried = self.carried(|_, edge| factors[edge.delay]);
        self.travelled_as(&carried, lambda, lines)
    }

    /// The same, where what every connection carries is known.
    pub(super) fn travelled_as(
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
    pub(super) fn felt(&self, arrivals: &Arrivals<Complex64>) -> Vec<Complex64> {
        felt(&self.parts, arrivals)
    }

    /// A bound on the modulus of every root whose real part is at least `right_of`, from the rows'
    /// sums.
    pub fn root_bound(&self, right_of: f64) -> f64 {
        let n = self.n_states;
        let layout = self.layout();
        let growth = |delay: f64| (-right_of * delay).max(0.0).exp();
        let size = |row: &[f64]| row.iter().map(|x| x.abs()).sum::<f64>();
        let mut rows = vec![0.0; self.degree()];
        let mut add = |node: usize, column: &[f64], size: f64| {
            for (row, b) in column.iter().enumerate() {
                rows[node * n + row] += size * b.abs();
            }
        };
        for node in 0..self.n_nodes {
            let own: Vec<f64> = self.parts.local(node).chunks_exact(n).map(size).collect();
            add(node, &own, 1.0);
            for (k, &line) in layout.feedback.iter().enumerate() {
                let row = size(self.parts.sent(node, line));
                let grown = row * growth(self.feedback_delay(node, k));
                add(node, self.parts.feedback(node, k), grown);
            }
        }
        for edge in &self.edges {
            for (c, channel) in layout.channels.iter().enumerate() {
                let row = size(self.parts.sent(edge.source, channel.line));
                let weight = self.weight(edge, c).abs();
                let grown = row * weight * growth(self.delays[edge.delay]);
                add(edge.target, self.parts.input(edge.target, c), grown);
            }
        }
        rows.into_iter().fold(0.0, f64::max)
    }

    /// Sum of the diagonal of all blocks K: minus the second coefficient of `det M`, 1/ms.
    pub(super) fn trace(&self) -> f64 {
        let n = self.n_states;
        let diagonal = |node: usize| (0..n).map(move |k| self.parts.local(node)[k * (n + 1)]);
        (0..self.n_nodes).flat_map(diagonal).sum()
    }
}

/// What every node puts into its lines in the state `v` (`[dim]`): `[n_nodes, n_lines]`.
pub(super) fn sent<T: Entry>(parts: &Linearisation, v: &[T]) -> Vec<T> {
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
pub(super) fn felt<T: Entry>(parts: &Linearisation, arrivals: &Arrivals<T>) -> Vec<T> {
    let mut out = vec![T::ZERO; parts.layout().n_nodes * parts.layout().n_states];
    add_felt(parts, &arrivals.sums, &arrivals.fed_back, &mut out);
    out
}

/// Adds what the states feel of the sums (`[n_nodes, n_channels]`) and of what is fed back
/// (`[n_nodes, n_feedback]`) to `out`, `[dim]`.
pub(super) fn add_felt<T: Entry>(parts: &Linearisation, sums: &[T], fed_back: &[T], out: &mut [T]) {
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

fn row_of(parts: &Linearisation, node: usize) -> Vec<f64> {
    let layout = parts.layout();
    match layout.channels.first() {
        Some(channel) => parts.sent(node, channel.line).to_vec(),
        None => (0..layout.n_states)
            .map(|s| f64::from(u8::from(s == 0)))
            .collect(),
    }
}

fn column_of(parts: &Linearisation, node: usize) -> Vec<f64> {
    let layout = parts.layout();
    match layout.channels.len() {
        0 => vec![0.0; layout.n_states],
        _ => parts.input(node, 0).to_vec(),
    }
}
