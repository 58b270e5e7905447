//! The delays of a network, and how they change with its parameter.

use ndarray::Array2;

use super::{Distances, Network, Role};

impl Network {
    /// The delay of every connection in ms, `[target, source]`, when the parameter is `p`; `None` without delays.
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

    /// The delay of the self feedback of `node`, ms, and its growth with the parameter.
    pub(crate) fn feedback_delay(&self, node: usize, p: f64) -> (f64, f64) {
        let Some(feedback) = self.feedback() else {
            return (0.0, 0.0);
        };
        match self.parameter.role {
            Role::Model(index) if index == feedback.delay => {
                (self.parameter.at(node, p), self.parameter.share[node])
            }
            _ => (self.parameters[[node, feedback.delay]], 0.0),
        }
    }
}
