//! The scores that `brainsweep score` prints.

use serde_json::{Value, json};

use crate::measure::mean;

/// The scores of each matrix for people.
pub(super) fn to_text(all: &[Vec<f64>]) -> String {
    let mut text = String::new();
    for (number, row) in all.iter().enumerate() {
        let scores: Vec<String> = row.iter().map(|score| format!("{score:.4}")).collect();
        let which = match all.len() {
            1 => String::new(),
            _ => format!("matrix {number}: "),
        };
        text += &format!(
            "{which}mean score {:.4} ({})\n",
            mean(row),
            scores.join(" ")
        );
    }
    text
}

/// The scores of each matrix for other programs.
pub(super) fn to_json(all: &[Vec<f64>]) -> Value {
    let finite = |score: &f64| score.is_finite().then_some(*score);
    let scores: Vec<Vec<Option<f64>>> = all
        .iter()
        .map(|row| row.iter().map(finite).collect())
        .collect();
    let means: Vec<Option<f64>> = all.iter().map(|row| finite(&mean(row))).collect();
    json!({ "scores": scores, "mean_scores": means })
}
