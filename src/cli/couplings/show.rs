//! Everything about one coupling.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::layout::{aligned, listed};
use crate::cli::texts::{self, Head};
use crate::coupling::Form;
use crate::program::Formulas;

pub(super) fn text(form: &Form) -> String {
    let mut text = texts::head(&Head {
        name: form.name,
        summary: form.summary,
        equations: form.equations,
        papers: &form.papers,
        notes: form.notes,
    });
    text += &texts::parameters(&form.parameters);
    text += "\nSums over the connections that come in\n";
    let formulas = form.sent_formulas();
    text += &aligned(&sums(form, &formulas), "  ");
    for (name, formula) in &formulas.shared {
        _ = writeln!(text, "  where {name} = {formula}");
    }
    _ = writeln!(
        text,
        "\nA node receives {} of {}.",
        listed(&received(form)),
        made_of(form)
    );
    if let Some(reason) = form.not_smooth {
        _ = writeln!(text, "\nNot smooth: {reason}.");
    }
    text
}

/// What is received, by the names of the equations.
pub(super) fn received(form: &Form) -> Vec<&'static str> {
    match form.has_squares() {
        true => vec!["c", "c_squares"],
        false => vec!["c"],
    }
}

/// What `c` is made of.
pub(super) fn made_of(form: &Form) -> String {
    let sums = match form.sums.len() {
        0 => Vec::new(),
        1 => vec!["the sum"],
        _ => vec!["the sums"],
    };
    let needs = form.needs();
    let all: Vec<&str> = sums.into_iter().chain(needs).collect();
    match all.is_empty() {
        true => "parameters alone".into(),
        false => listed(&all),
    }
}

/// One row for each sum: its formula, and the weights.
pub(super) fn sums(form: &Form, formulas: &Formulas) -> Vec<Vec<String>> {
    let row = |sum: &crate::coupling::Sum| {
        let weight = match sum.squared {
            false => "times the weight",
            true => "times the squared weight",
        };
        vec![formulas.results[sum.sent].clone(), weight.into()]
    };
    match form.sums.len() {
        0 => vec![vec!["none".into()]],
        _ => form.sums.iter().map(row).collect(),
    }
}

/// Everything that a text says.
pub(super) fn to_json(form: &Form) -> Value {
    let formulas = form.sent_formulas();
    let sums = form.sums.iter();
    let sums = sums.map(
        |sum| json!({ "of": formulas.results[sum.sent], "weights": if sum.squared { "squared" } else { "plain" } }),
    );
    let shared = formulas.shared.iter();
    let shared: serde_json::Map<String, Value> = shared
        .map(|(name, formula)| (name.clone(), formula.as_str().into()))
        .collect();
    json!({
        "name": form.name,
        "summary": form.summary,
        "equations": form.equations,
        "papers": form.papers,
        "notes": form.notes,
        "not_smooth": form.not_smooth,
        "parameters": texts::parameters_json(&form.parameters),
        "sums": sums.collect::<Vec<_>>(),
        "shared": shared,
        "needs": form.needs(),
        "receives": received(form),
    })
}
