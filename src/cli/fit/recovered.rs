//! What `brainsweep fit --recover` prints.

use std::path::Path;

use serde_json::{Value, json};

use crate::run::Recovered;

/// What was recovered, for other programs.
pub(super) fn to_json(recovered: &Recovered, out: &Path) -> Value {
    let mut json = recovered.to_json();
    json["backend"] = json!(recovered.device.backend);
    json["device"] = json!(recovered.device.name);
    json["out"] = json!(out.display().to_string());
    json
}

/// What was recovered, for people.
pub(super) fn to_text(recovered: &Recovered, out: &Path) -> String {
    let n = recovered.found.iter().flatten().count();
    let mut text = format!(
        "{n} of {} truths were fitted; median errors as parts of the ranges\n",
        recovered.truths.len()
    );
    for (axis, error) in recovered.axes().iter().zip(recovered.median_errors()) {
        text += &format!("  {:<24}{:>6.1} %\n", axis.path, 100.0 * error);
    }
    text + &format!("\nwritten to {}; recovery.png shows them", out.display())
}
