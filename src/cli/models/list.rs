//! The models that come with the program, by family.

use std::fmt::Write;

use serde_json::Value;

use super::facts::facts;
use crate::cli::layout::aligned;
use crate::model::{MODELS, Model};

pub(super) fn text() -> String {
    let mut families: Vec<&str> = Vec::new();
    for model in MODELS.iter() {
        if !families.contains(&model.family) {
            families.push(model.family);
        }
    }
    let row = |model: &Model| {
        let states: Vec<_> = model.states.iter().map(|state| state.name).collect();
        vec![
            model.name.into(),
            states.join(", "),
            model.parameters.len().to_string(),
            model.summary.into(),
        ]
    };
    let heading = ["model", "states", "parameters", "what it is"]
        .map(String::from)
        .to_vec();
    // One table, so that the columns of all families agree.
    let mut rows = vec![heading];
    let mut heads = Vec::new();
    for family in families {
        heads.push((rows.len(), family));
        rows.extend(
            MODELS
                .iter()
                .filter(|model| model.family == family)
                .map(|model| row(model)),
        );
    }
    let mut text = String::new();
    for (index, line) in aligned(&rows, "  ").lines().enumerate() {
        if let Some((_, family)) = heads.iter().find(|(first, _)| *first == index) {
            _ = writeln!(text, "\n{family}");
        }
        _ = writeln!(text, "{line}");
    }
    text + "\n`brainsweep models show NAME` has equations, units and defaults; `models new FILE` begins a model of your own."
}

pub(super) fn to_json() -> Vec<Value> {
    MODELS.iter().map(|model| facts(model)).collect()
}
