//! The characteristic matrix of a network about an equilibrium, with every state but the first eliminated.
//!
//! ```text
//! M(lambda)_ij = den_i(lambda) delta_ij - num_i(lambda) g w_ij e^(-lambda d_ij)
//! den_i = det(lambda - K_i),  num_i = first row of adj(lambda - K_i) times b_i
//! ```
//!
//! (with delayed self feedback, `K_i` holds `f_i e^(-lambda d_i)` too). M is entire in lambda and `det M = det Delta`, so no root
//! is lost and none is added. `den` and `num` are polynomials of degree `n_states` at most, by the matrix determinant lemma
//! differences of characteristic polynomials.

use std::collections::BTreeMap;

use faer::Mat;
use num_complex::Complex64;

use crate::continuation::network::{Linearisation, Network};

/// The characteristic matrix of a network about one equilibrium.
#[derive(Debug, Clone)]
pub struct Characteristic {
    n_nodes: usize,
    n_states: usize,
    /// The linearised network.
    pub parts: Linearisation,
    fed_back: Option<usize>,
    feedback_delays: Vec<f64>,
    nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// Every delay that occurs, once, ms.
    pub(super) delays: Vec<f64>,
}

/// A connection of the linearised network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub target: usize,
    pub source: usize,
    /// g w
    pub weight: f64,
    /// Index among the distinct delays.
    pub delay: usize,
}

/// Polynomials in lambda, constant term first: `den = den[0] + z den[1]` with `z = e^(-lambda d)`, and `num` likewise.
#[derive(Debug, Clone)]
struct Node {
    den: [Vec<f64>; 2],
    num: [Vec<f64>; 2],
}

/// The characteristic matrix and its derivative at one point.
#[derive(Debug, Clone)]
pub(super) struct At {
    pub matrix: Mat<Complex64>,
    pub derivative: Mat<Complex64>,
}

impl Characteristic {
    /// The characteristic matrix of `network` about the constant state `u` (`[dim]`), with the parameter at `p`.
    pub fn new(network: &Network, u: &[f64], p: f64) -> Self {
        let (n_nodes, n_states) = (network.n_nodes(), network.n_states());
        let parts = network.linearisation(u, p);
        let fed_back = network.feedback().and_then(|feedback| feedback.state());
        let nodes = (0..n_nodes)
            .map(|i| Node::new(&parts, n_states, i, fed_back))
            .collect();
        let matrix = network.delays_ms(p);
        let mut distinct = BTreeMap::new();
        let mut edges = Vec::new();
        for ((target, source), &weight) in network.weights().indexed_iter() {
            if weight != 0.0 {
                let delay = matrix
                    .as_ref()
                    .map_or(0.0, |delays| delays[[target, source]]);
                let n_distinct = distinct.len();
                // Delays are not negative, so their bits stand in their order.
                let index = *distinct.entry(delay.to_bits()).or_insert(n_distinct);
                edges.push(Edge {
                    target,
                    source,
                    weight: parts.g * weight,
                    delay: index,
                });
            }
        }
        let mut delays = vec![0.0; distinct.len()];
        for (bits, index) in distinct {
            delays[index] = f64::from_bits(bits);
        }
        Self {
            n_nodes,
            n_states,
            parts,
            fed_back,
            feedback_delays: (0..n_nodes)
                .map(|i| network.feedback_delay(i, p).0)
                .collect(),
            nodes,
            edges,
            delays,
        }
    }

    /// The same wiring about other linearised nodes.
    pub(super) fn with_parts(&self, parts: Linearisation) -> Self {
        let nodes = (0..self.n_nodes)
            .map(|i| Node::new(&parts, self.n_states, i, self.fed_back))
            .collect();
        Self {
            parts,
            nodes,
            ..self.clone()
        }
    }

    /// The number of nodes: M is `[n_nodes, n_nodes]`.
    pub fn n_nodes(&self) -> usize {
        self.n_nodes
    }

    /// The number of states of a node.
    pub fn n_states(&self) -> usize {
        self.n_states
    }

    /// The degree of `det M` in lambda, delays apart.
    pub fn degree(&self) -> usize {
        self.n_nodes * self.n_states
    }

    /// The longest delay, ms.
    pub fn longest_delay(&self) -> f64 {
        let own = if self.fed_back.is_some() {
            &self.feedback_delays[..]
        } else {
            &[]
        };
        self.delays.iter().chain(own).copied().fold(0.0, f64::max)
    }

    /// Index of the fed-back state and the delay of every node, if the model has delayed self feedback.
    pub(super) fn feedback(&self) -> Option<(usize, &[f64])> {
        self.fed_back
            .map(|state| (state, &self.feedback_delays[..]))
    }

    /// The block K of a node.
    pub(super) fn local(&self, node: usize) -> &[f64] {
        &self.parts.local[node * self.n_states * self.n_states..][..self.n_states * self.n_states]
    }

    /// The column b of a node.
    pub(super) fn input(&self, node: usize) -> &[f64] {
        &self.parts.input[node * self.n_states..][..self.n_states]
    }

    /// `e^(-lambda d)` for every distinct delay.
    pub(super) fn factors(&self, lambda: Complex64) -> Vec<Complex64> {
        self.delays
            .iter()
            .map(|delay| (-lambda * delay).exp())
            .collect()
    }

    /// `e^(-lambda d)` of a node's self feedback; 0 without.
    pub(super) fn feedback_factor(&self, node: usize, lambda: Complex64) -> Complex64 {
        match self.fed_back {
            Some(_) => (-lambda * self.feedback_delays[node]).exp(),
            None => Complex64::ZERO,
        }
    }

    /// `[den, den', num, num']` of a node.
    pub(super) fn fraction(&self, node: usize, lambda: Complex64) -> [Complex64; 4] {
        let Node { den, num } = &self.nodes[node];
        let z = self.feedback_factor(node, lambda);
        let value = |polynomials: &[Vec<f64>; 2]| {
            let [plain, delayed] = [0, 1].map(|k| horner(&polynomials[k], lambda));
            let slope = plain[1] + z * (delayed[1] - self.feedback_delays[node] * delayed[0]);
            [plain[0] + z * delayed[0], slope]
        };
        let ([den, den_slope], [num, num_slope]) = (value(den), value(num));
        [den, den_slope, num, num_slope]
    }

    /// M at `lambda`, `[n_nodes, n_nodes]`.
    pub fn matrix(&self, lambda: Complex64) -> Mat<Complex64> {
        let mut matrix = Mat::zeros(self.n_nodes, self.n_nodes);
        let factors = self.factors(lambda);
        let fractions: Vec<_> = (0..self.n_nodes)
            .map(|i| self.fraction(i, lambda))
            .collect();
        for (i, fraction) in fractions.iter().enumerate() {
            matrix[(i, i)] = fraction[0];
        }
        for edge in &self.edges {
            matrix[(edge.target, edge.source)] -=
                fractions[edge.target][2] * factors[edge.delay] * edge.weight;
        }
        matrix
    }

    /// M and its derivative at `lambda`.
    pub(super) fn at(&self, lambda: Complex64) -> At {
        self.at_with(lambda, &self.factors(lambda))
    }

    /// The same, where [`Characteristic::factors`] are known.
    pub(super) fn at_with(&self, lambda: Complex64, factors: &[Complex64]) -> At {
        let mut matrix = Mat::zeros(self.n_nodes, self.n_nodes);
        let mut derivative = Mat::zeros(self.n_nodes, self.n_nodes);
        let fractions: Vec<_> = (0..self.n_nodes)
            .map(|i| self.fraction(i, lambda))
            .collect();
        for (i, fraction) in fractions.iter().enumerate() {
            matrix[(i, i)] = fraction[0];
            derivative[(i, i)] = fraction[1];
        }
        for edge in &self.edges {
            let [_, _, num, num_slope] = fractions[edge.target];
            let factor = factors[edge.delay] * edge.weight;
            matrix[(edge.target, edge.source)] -= num * factor;
            derivative[(edge.target, edge.source)] -=
                (num_slope - num * self.delays[edge.delay]) * factor;
        }
        At { matrix, derivative }
    }

    /// The whole characteristic matrix Delta at `lambda`, `[dim, dim]`.
    pub fn full(&self, lambda: Complex64) -> Mat<Complex64> {
        let n = self.n_states;
        let mut full = Mat::zeros(self.degree(), self.degree());
        for node in 0..self.n_nodes {
            let local = self.local(node);
            for row in 0..n {
                let at = node * n + row;
                full[(at, at)] += lambda;
                for column in 0..n {
                    full[(at, node * n + column)] -= local[row * n + column];
                }
                if let Some(state) = self.fed_back {
                    let feedback = self.parts.feedback[at] * self.feedback_factor(node, lambda);
                    full[(at, node * n + state)] -= feedback;
                }
            }
        }
        let factors = self.factors(lambda);
        for edge in &self.edges {
            let factor = factors[edge.delay] * edge.weight;
            for (row, b) in self.input(edge.target).iter().enumerate() {
                full[(edge.target * n + row, edge.source * n)] -= factor * *b;
            }
        }
        full
    }

    /// What every node hears of `v e^(lambda t)` through the network, g included: `sum_j g w_ij e^(-lambda d_ij) x_j`. `x` is `[n_nodes]`.
    pub(super) fn heard(&self, lambda: Complex64, x: &[Complex64]) -> Vec<Complex64> {
        let factors = self.factors(lambda);
        let mut heard = vec![Complex64::ZERO; self.n_nodes];
        for edge in &self.edges {
            heard[edge.target] += factors[edge.delay] * edge.weight * x[edge.source];
        }
        heard
    }

    /// A bound on the modulus of every root whose real part is at least `right_of`, from the rows' sums.
    pub fn root_bound(&self, right_of: f64) -> f64 {
        let n = self.n_states;
        let growth = |delay: f64| (-right_of * delay).max(0.0).exp();
        let mut rows = vec![0.0; self.degree()];
        for node in 0..self.n_nodes {
            for row in 0..n {
                let at = node * n + row;
                rows[at] += self.local(node)[row * n..][..n]
                    .iter()
                    .map(|k| k.abs())
                    .sum::<f64>();
                if self.fed_back.is_some() {
                    rows[at] += self.parts.feedback[at].abs() * growth(self.feedback_delays[node]);
                }
            }
        }
        for edge in &self.edges {
            let size = edge.weight.abs() * growth(self.delays[edge.delay]);
            for (row, b) in self.input(edge.target).iter().enumerate() {
                rows[edge.target * n + row] += size * b.abs();
            }
        }
        rows.into_iter().fold(0.0, f64::max)
    }

    /// Sum of the diagonal of all blocks K: minus the second coefficient of `det M`, 1/ms.
    pub(super) fn trace(&self) -> f64 {
        let n = self.n_states;
        let diagonal = |node: usize| (0..n).map(move |k| self.local(node)[k * (n + 1)]);
        (0..self.n_nodes).flat_map(diagonal).sum()
    }
}

impl Node {
    fn new(parts: &Linearisation, n_states: usize, node: usize, fed_back: Option<usize>) -> Self {
        let local = &parts.local[node * n_states * n_states..][..n_states * n_states];
        let with = |matrix: &[f64], column: &[f64], state: usize| {
            let mut matrix = matrix.to_vec();
            for row in 0..n_states {
                matrix[row * n_states + state] += column[row];
            }
            matrix
        };
        let polynomial = |matrix: &[f64]| characteristic_polynomial(matrix, n_states);
        let difference =
            |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>();
        let input = &parts.input[node * n_states..][..n_states];
        let plain = polynomial(local);
        let forced = polynomial(&with(local, input, 0));
        let num = difference(&plain, &forced);
        let Some(state) = fed_back else {
            return Self {
                den: [plain, Vec::new()],
                num: [num, Vec::new()],
            };
        };
        let fed = with(local, &parts.feedback[node * n_states..][..n_states], state);
        let den_delayed = difference(&polynomial(&fed), &plain);
        let forced_delayed = difference(&polynomial(&with(&fed, input, 0)), &forced);
        Self {
            num: [num, difference(&den_delayed, &forced_delayed)],
            den: [plain, den_delayed],
        }
    }
}

/// Coefficients of `det(lambda - matrix)`, constant term first, by Faddeev and LeVerrier's recursion.
fn characteristic_polynomial(matrix: &[f64], n: usize) -> Vec<f64> {
    let mut coefficients = vec![0.0; n + 1];
    coefficients[n] = 1.0;
    let mut product = vec![0.0; n * n];
    for k in 1..=n {
        for diagonal in 0..n {
            product[diagonal * (n + 1)] += coefficients[n - k + 1];
        }
        let next: Vec<f64> = (0..n * n)
            .map(|at| {
                (0..n)
                    .map(|l| matrix[at / n * n + l] * product[l * n + at % n])
                    .sum()
            })
            .collect();
        let trace: f64 = (0..n).map(|diagonal| next[diagonal * (n + 1)]).sum();
        coefficients[n - k] = -trace / k as f64;
        product = next;
    }
    coefficients
}

/// A polynomial and its derivative.
fn horner(coefficients: &[f64], at: Complex64) -> [Complex64; 2] {
    let mut value = Complex64::ZERO;
    let mut slope = Complex64::ZERO;
    for &coefficient in coefficients.iter().rev() {
        slope = slope * at + value;
        value = value * at + coefficient;
    }
    [value, slope]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// det(lambda - [[2, 1, 0], [0, 3, 1], [1, 0, 1]]) = lambda^3 - 6 lambda^2 + 11 lambda - 7.
    #[test]
    fn the_characteristic_polynomial_of_three_by_three() {
        let matrix = [2.0, 1.0, 0.0, 0.0, 3.0, 1.0, 1.0, 0.0, 1.0];
        assert_eq!(
            characteristic_polynomial(&matrix, 3),
            [-7.0, 11.0, -6.0, 1.0]
        );
    }
}
