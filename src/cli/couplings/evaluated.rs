//! What the equations of a coupling give in a small network, for people and for other programs.

use serde_json::{Map, Value, json};

use super::show;
use crate::cli::layout::{aligned, number};
use crate::coupling::Form;

/// What every node of a small network receives.
pub(super) struct Evaluated {
    pub(super) form: &'static Form,
    pub(super) parameters: Vec<f64>,
    pub(super) weights: Vec<f64>,
    pub(super) own: Vec<f64>,
    pub(super) arriving: Vec<f64>,
    /// `[n_nodes][c, c_squares]`
    pub(super) received: Vec<Vec<f64>>,
}

impl Evaluated {
    pub(super) fn text(&self) -> String {
        let set = self.form.parameters.iter().zip(&self.parameters);
        let set: Vec<String> = set
            .map(|(parameter, &value)| format!("{} = {}", parameter.name, number(value)))
            .collect();
        let received = show::received(self.form);
        let columns = ["node", "x_i", "x_j", "row_sum"]
            .into_iter()
            .chain(received);
        let mut rows: Vec<Vec<String>> = vec![columns.map(String::from).collect()];
        let n = self.own.len();
        for (node, received) in self.received.iter().enumerate() {
            let row_sum: f64 = self.weights[node * n..(node + 1) * n].iter().sum();
            let numbers = [self.own[node], self.arriving[node], row_sum];
            let numbers = numbers.iter().chain(received).map(|&value| number(value));
            rows.push([node.to_string()].into_iter().chain(numbers).collect());
        }
        let with = if set.is_empty() {
            String::new()
        } else {
            format!(" with {}", set.join(", "))
        };
        format!("{}{with}\n\n{}", self.form.name, aligned(&rows, "  "))
    }

    pub(super) fn to_json(&self) -> Value {
        let set = self.form.parameters.iter().zip(&self.parameters);
        let set: Map<String, Value> = set
            .map(|(parameter, &value)| (parameter.name.into(), value.into()))
            .collect();
        let rows: Vec<&[f64]> = self.weights.chunks(self.own.len()).collect();
        let mut all = json!({
            "coupling": self.form.name,
            "parameters": set,
            "weights": rows,
            "x_i": self.own,
            "x_j": self.arriving,
        });
        for (k, name) in show::received(self.form).into_iter().enumerate() {
            all[name] = self.received.iter().map(|received| received[k]).collect();
        }
        all
    }
}
