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
mod travel;

use std::collections::BTreeMap;

use faer::Mat;
use num_complex::Complex64;

use crate::continuation::network::{Linearisation, Network, NetworkLayout};
use node::{Node, horner};
pub(super) use travel::{add_felt, felt, sent};

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
