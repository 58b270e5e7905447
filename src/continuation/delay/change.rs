//! How a characteristic matrix changes along a direction, and how fast its roots move.

use num_complex::Complex64;

use super::characteristic::{Characteristic, Edge, felt, sent};
use super::root::Root;
use crate::continuation::linear::dot;
use crate::continuation::network::{Arrivals, Linearisation, Network};

/// How the parts of a characteristic matrix change along a direction.
#[derive(Debug, Clone)]
pub struct Change {
    /// Of the linearised nodes.
    pub(super) parts: Linearisation,
    /// Of the delay of every edge.
    pub(super) delays: Vec<f64>,
    /// Of the delays of the self feedback, `[n_nodes, n_feedback]`.
    pub(super) feedback_delays: Vec<f64>,
}

impl Change {
    /// The change per unit in the direction in which the states move by `du` (`[dim]`) and the
    /// parameter by `dp`.
    pub fn new(
        characteristic: &Characteristic,
        network: &Network,
        (u, p): (&[f64], f64),
        (du, dp): (&[f64], f64),
    ) -> Self {
        let edges = &characteristic.edges;
        let pairs = || edges.iter().map(|edge| [edge.target, edge.source]);
        let grow = network.feedback_delays(p).1.into_iter();
        Self {
            delays: match network.delay_slopes(p) {
                Some(slopes) => pairs().map(|at| slopes[at] * dp).collect(),
                None => vec![0.0; edges.len()],
            },
            feedback_delays: grow.map(|slope| slope * dp).collect(),
            parts: network.linearisation_slope(u, p, du, dp),
        }
    }
}

impl Characteristic {
    /// The speed `d lambda / ds` of a root along a direction:
    /// `-(w^T dDelta/ds v) / (w^T dDelta/dlambda v)`.
    pub fn speed(&self, root: &Root, change: &Change) -> Complex64 {
        let v = self.right_vector(root);
        let w = self.left_vector(root);
        let derivative = self.derivative_times(root.lambda, &v);
        let slope = self.change_times(root.lambda, &v, change);
        -dot(&[], &w, &slope) / dot(&[], &w, &derivative)
    }

    /// `dDelta/dlambda v`, `[dim]`.
    pub(in crate::continuation) fn derivative_times(
        &self,
        lambda: Complex64,
        v: &[Complex64],
    ) -> Vec<Complex64> {
        let factors = self.factors(lambda);
        let lines = self.sent(v);
        let late_by = |edge: &Edge| factors[edge.delay] * self.delays[edge.delay];
        let late = Arrivals {
            sums: self.summed_lines(&self.carried(|_, edge| late_by(edge)), &lines),
            fed_back: self.fed_back(&lines, |node, k| {
                self.feedback_factor(node, k, lambda) * self.feedback_delay(node, k)
            }),
        };
        let felt = self.felt(&late);
        v.iter().zip(felt).map(|(v, felt)| v + felt).collect()
    }

    /// `dDelta/ds v` along a direction, `[dim]`.
    pub(in crate::continuation) fn change_times(
        &self,
        lambda: Complex64,
        v: &[Complex64],
        change: &Change,
    ) -> Vec<Complex64> {
        let n = self.n_states();
        let factors = self.factors(lambda);
        let n_feedback = self.layout().feedback.len();
        let (lines, changed) = (self.sent(v), sent(&change.parts, v));
        // What arrives changes by what is sent, and by when it was.
        let carried = self.carried(|_, edge| factors[edge.delay]);
        let travelled = |lines: &[Complex64]| self.travelled_as(&carried, lambda, lines);
        let arrivals = travelled(&lines);
        let later_by = |k: usize, edge: &Edge| -lambda * change.delays[k] * factors[edge.delay];
        let later = Arrivals {
            sums: self.summed_lines(&self.carried(later_by), &lines),
            fed_back: self.fed_back(&lines, |node, k| {
                let slower = change.feedback_delays[node * n_feedback + k];
                -lambda * slower * self.feedback_factor(node, k, lambda)
            }),
        };
        let felt_otherwise = felt(&change.parts, &arrivals);
        let felt_of_others = self.felt(&travelled(&changed));
        let felt_later = self.felt(&later);
        (0..v.len())
            .map(|at| {
                let own = change.parts.local[at * n..][..n]
                    .iter()
                    .zip(&v[at / n * n..]);
                let own: Complex64 = own.map(|(k, v)| v * *k).sum();
                -(own + felt_otherwise[at] + felt_of_others[at] + felt_later[at])
            })
            .collect()
    }
}
