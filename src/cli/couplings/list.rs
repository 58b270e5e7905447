//! The couplings that come with the program.

use serde_json::Value;

use super::show;
use crate::cli::layout::aligned;
use crate::coupling::FORMS;

pub(super) fn text() -> String {
    let heading = ["coupling", "parameters", "what it is"].map(String::from);
    let rows = FORMS.iter().map(|form| {
        let parameters: Vec<&str> = form.parameters.iter().map(|p| p.name).collect();
        vec![form.name.into(), parameters.join(", "), form.summary.into()]
    });
    let rows: Vec<Vec<String>> = [heading.to_vec()].into_iter().chain(rows).collect();
    aligned(&rows, "  ")
        + "\n`brainsweep couplings show NAME` has equations, units and defaults; `couplings new FILE` begins a coupling of your own."
}

pub(super) fn to_json() -> Vec<Value> {
    FORMS.iter().map(|form| show::to_json(form)).collect()
}
