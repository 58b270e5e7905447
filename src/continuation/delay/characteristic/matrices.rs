//! The characteristic matrix, whole and reduced, and its derivative.

use faer::Mat;
use num_complex::Complex64;

use super::{At, Characteristic, Edge};
use crate::continuation::linear::add_to;

impl Characteristic {
    /// M at `lambda`, `[order, order]`.
    pub fn matrix(&self, lambda: Complex64) -> Mat<Complex64> {
        self.matrix_with(lambda, &self.factors(lambda))
    }

    /// The same, where [`Characteristic::factors`] are known.
    pub(in crate::continuation::delay) fn matrix_with(
        &self,
        lambda: Complex64,
        factors: &[Complex64],
    ) -> Mat<Complex64> {
        if !self.is_reduced() {
            return self.full_with(lambda, factors);
        }
        let mut matrix = Mat::zeros(self.n_nodes, self.n_nodes);
        let fractions: Vec<_> = (0..self.n_nodes)
            .map(|i| self.fraction(i, lambda))
            .collect();
        for (i, fraction) in fractions.iter().enumerate() {
            matrix[(i, i)] = fraction[0];
        }
        for edge in self.edges_of_channels() {
            let arrives = factors[edge.delay] * self.weight(edge, 0);
            let at = (edge.target, edge.source);
            add_to(&mut matrix[at], -(fractions[edge.target][2] * arrives));
        }
        matrix
    }

    /// The edges, if nodes receive anything through them.
    pub(in crate::continuation::delay) fn edges_of_channels(&self) -> &[Edge] {
        match self.layout().channels.is_empty() {
            true => &[],
            false => &self.edges,
        }
    }

    /// M and its derivative at `lambda`.
    pub(in crate::continuation::delay) fn at(&self, lambda: Complex64) -> At {
        self.at_with(lambda, &self.factors(lambda))
    }

    /// The same, where [`Characteristic::factors`] are known.
    pub(in crate::continuation::delay) fn at_with(
        &self,
        lambda: Complex64,
        factors: &[Complex64],
    ) -> At {
        if !self.is_reduced() {
            return At {
                matrix: self.full_with(lambda, factors),
                derivative: self.full_derivative(lambda, factors),
            };
        }
        let mut matrix = Mat::zeros(self.n_nodes, self.n_nodes);
        let mut derivative = Mat::zeros(self.n_nodes, self.n_nodes);
        let fractions: Vec<_> = (0..self.n_nodes)
            .map(|i| self.fraction(i, lambda))
            .collect();
        for (i, fraction) in fractions.iter().enumerate() {
            matrix[(i, i)] = fraction[0];
            derivative[(i, i)] = fraction[1];
        }
        for edge in self.edges_of_channels() {
            let [_, _, num, num_slope] = fractions[edge.target];
            let factor = factors[edge.delay] * self.weight(edge, 0);
            let slope = num_slope - num * self.delays[edge.delay];
            let at = (edge.target, edge.source);
            add_to(&mut matrix[at], -(num * factor));
            add_to(&mut derivative[at], -(slope * factor));
        }
        At { matrix, derivative }
    }

    /// The whole characteristic matrix Delta at `lambda`, `[dim, dim]`.
    pub fn full(&self, lambda: Complex64) -> Mat<Complex64> {
        self.full_with(lambda, &self.factors(lambda))
    }

    pub(super) fn full_with(&self, lambda: Complex64, factors: &[Complex64]) -> Mat<Complex64> {
        let n = self.n_states;
        let mut full = Mat::zeros(self.degree(), self.degree());
        for node in 0..self.n_nodes {
            let local = self.parts.local(node);
            for row in 0..n {
                let at = node * n + row;
                full[(at, at)] += lambda;
                for column in 0..n {
                    full[(at, node * n + column)] -= local[row * n + column];
                }
            }
        }
        self.subtract_delayed(&mut full, factors, |node, k| {
            self.feedback_factor(node, k, lambda)
        });
        full
    }

    /// `d Delta / d lambda`
    pub(super) fn full_derivative(
        &self,
        lambda: Complex64,
        factors: &[Complex64],
    ) -> Mat<Complex64> {
        let mut derivative = Mat::identity(self.degree(), self.degree());
        let slopes: Vec<Complex64> = factors
            .iter()
            .zip(&self.delays)
            .map(|(factor, delay)| -factor * *delay)
            .collect();
        self.subtract_delayed(&mut derivative, &slopes, |node, k| {
            -self.feedback_factor(node, k, lambda) * self.feedback_delay(node, k)
        });
        derivative
    }

    /// Subtracts what comes with delays, each delay's part times its factor.
    pub(super) fn subtract_delayed(
        &self,
        full: &mut Mat<Complex64>,
        factors: &[Complex64],
        feedback_factor: impl Fn(usize, usize) -> Complex64,
    ) {
        let n = self.n_states;
        let layout = self.layout();
        let mut subtract =
            |target: usize, column: &[f64], source: usize, row: &[f64], factor: Complex64| {
                for (k, r) in row.iter().enumerate().filter(|(_, r)| **r != 0.0) {
                    let weighted = factor * *r;
                    for (l, b) in column.iter().enumerate() {
                        full[(target * n + l, source * n + k)] -= weighted * *b;
                    }
                }
            };
        for node in 0..self.n_nodes {
            for (k, &line) in layout.feedback.iter().enumerate() {
                let factor = feedback_factor(node, k);
                let (column, row) = (self.parts.feedback(node, k), self.parts.sent(node, line));
                subtract(node, column, node, row, factor);
            }
        }
        for edge in &self.edges {
            for (c, channel) in layout.channels.iter().enumerate() {
                let factor = factors[edge.delay] * self.weight(edge, c);
                let row = self.parts.sent(edge.source, channel.line);
                subtract(
                    edge.target,
                    self.parts.input(edge.target, c),
                    edge.source,
                    row,
                    factor,
                );
            }
        }
    }
}
