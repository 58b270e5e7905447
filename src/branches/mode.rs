//! Where the eigenvector of an event sits in a network.

use serde_json::{Value, json};

use crate::continuation::EventKind;

/// The critical eigenvector of an event, by nodes.
#[derive(Debug, Clone)]
pub struct Mode {
    /// The kind of event.
    pub kind: EventKind,
    /// Where the event is.
    pub parameter: f64,
    /// Imaginary part of the eigenvalue, rad/ms; 0 of folds and branch points.
    pub omega: f64,
    /// On how many nodes it sits: one over the sum of the squared shares.
    pub participation: f64,
    /// Every node's share of it, `[n_nodes]`; they add up to 1.
    pub shares: Vec<f64>,
}

/// How many nodes are named.
const NAMED: usize = 3;
/// A mode on more than this part of the nodes is everywhere.
const ALIKE: f64 = 0.95;
/// Nodes with less than this share are not named.
const LEAST: f64 = 0.02;

impl Mode {
    /// The nodes with the largest shares.
    fn top(&self) -> Vec<usize> {
        let mut nodes: Vec<usize> = (0..self.shares.len()).collect();
        nodes.sort_by(|a, b| self.shares[*b].total_cmp(&self.shares[*a]));
        let rest = nodes.iter().skip(1).take(NAMED - 1);
        let rest = rest.take_while(|node| self.shares[**node] >= LEAST);
        nodes.first().into_iter().chain(rest).copied().collect()
    }

    /// "Frontal_Sup_L (31) 0.96, ..."
    pub fn summary(&self, names: &[String]) -> String {
        if self.participation > ALIKE * names.len() as f64 {
            return "all nodes alike".into();
        }
        let each = self.top().into_iter();
        let told = each.map(|node| format!("{} ({node}) {:.2}", names[node], self.shares[node]));
        told.collect::<Vec<_>>().join(", ")
    }

    /// The participation and the nodes with the largest shares, as JSON.
    pub fn to_json(&self, names: &[String]) -> Value {
        let top = self
            .top()
            .into_iter()
            .map(|node| json!({ "node": node, "name": names[node], "share": self.shares[node] }));
        json!({ "participation": self.participation, "top": top.collect::<Vec<_>>() })
    }
}
