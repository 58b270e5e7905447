//! The delays of a network, and how they change with its parameter.

use ndarray::Array2;

use super::{Distances, Network, Role};

impl Network {
    /// The delay of every connection in ms, `[target, source]`, when the parameter is `p`; `None`
    /// without delays.
    pub fn delays_ms(&self, p: f64) -> Option<Array2<f64>> {
        let speed = match self.parameter.role {
            Role::Speed => p,
            _ => self.speed_mm_per_ms,
        };
        match &self.distances {
            Distances::LengthsMm(lengths) if speed.is_finite() => Some(lengths / speed),
            Distances::DelaysMs(delays) if speed.is_finite() => Some(delays.clone()),
            _ => None,
        }
    }

    /// How fast every delay grows with the parameter: ms per unit; `None` where it does not.
    pub(crate) fn delay_slopes(&self, p: f64) -> Option<Array2<f64>> {
        match (&self.distances, self.parameter.role) {
            (Distances::LengthsMm(lengths), Role::Speed) if p.is_finite() => {
                Some(lengths.mapv(|length| -length / (p * p)))
            }
            _ => None,
        }
    }

    /// The delay of feedback `k` of `node`, ms, and its growth with the parameter.
    pub(crate) fn feedback_delay(&self, node: usize, k: usize, p: f64) -> (f64, f64) {
        if !self.feeds_back_late {
            return (0.0, 0.0);
        }
        let delay = self.model.feedback[k].delay;
        match self.parameter.role {
            Role::Model(index) if index == delay => {
                (self.parameter.at(node, p), self.parameter.share[node])
            }
            _ => (self.parameters[[node, delay]], 0.0),
        }
    }

    /// The delays of all feedbacks, ms: `[n_nodes, n_feedback]`; and their growth with the
    /// parameter.
    pub(crate) fn feedback_delays(&self, p: f64) -> (Vec<f64>, Vec<f64>) {
        let feedbacks = 0..self.model.feedback.len();
        let nodes = 0..self.n_nodes;
        let all = nodes.flat_map(|node| feedbacks.clone().map(move |k| (node, k)));
        all.map(|(node, k)| self.feedback_delay(node, k, p)).unzip()
    }
}
