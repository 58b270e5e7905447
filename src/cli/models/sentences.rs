//! What a model is, in sentences: its tables, its part in a network, its noise and its feedback.

use super::facts::amplitudes;
use crate::cli::layout::{listed, number};
use crate::model::{Model, Table};
use crate::study::{Study, key};

/// Where the values of a table are known: "mu from -1 to 7 in 350 places".
pub(super) fn grid(table: &Table) -> String {
    let axes = table.lookup.axes.iter().map(|axis| {
        let (first, last) = (number(axis.first), number(axis.last));
        format!("{} from {first} to {last} in {} places", axis.name, axis.n)
    });
    listed(&axes.collect::<Vec<_>>())
}

/// What the network carries, and where it enters.
pub(super) fn network(model: &Model) -> String {
    if model.receives.is_empty() {
        return "no input receives the network".into();
    }
    let pairs = model.transmits.iter().zip(&model.receives).enumerate();
    let pairs: Vec<String> = pairs
        .map(|(k, (&signal, &input))| {
            let late = match model.is_late(signal) {
                true => " one step late, since it depends on inputs",
                false => "",
            };
            let squares = match model.receives_squares.get(k) {
                Some(&input) => format!(", {} through squared weights", model.inputs[input].symbol),
                None => String::new(),
            };
            format!(
                "{} is transmitted{late}, {} receives it{squares}",
                model.signal_name(signal),
                model.inputs[input].symbol
            )
        })
        .collect();
    let form = Study::form(model).name;
    format!(
        "{}; by {form} coupling where a study names none",
        pairs.join("; ")
    )
}

/// One line for each state whose noise has an amplitude.
pub(super) fn noise(model: &Model) -> Vec<String> {
    let lines = amplitudes(model).into_iter();
    let lines =
        lines.map(|(state, by)| format!("the white noise on {state} is multiplied by {by}"));
    lines.collect()
}

/// One line for each delayed value.
pub(super) fn feedback(model: &Model) -> Vec<String> {
    let lines = model.feedback.iter().map(|feedback| {
        let (signal, delay) = (model.signal_name(feedback.signal), model.parameters[feedback.delay].name);
        let before = key::FEEDBACK.path;
        format!(
            "the node receives its own {signal} of `{delay}` ms ago; `{before}` is {signal} before t = 0"
        )
    });
    lines.collect()
}
