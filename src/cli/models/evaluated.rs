//! What the equations of a model give at a point, for people and for other programs.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::cli::layout::{aligned, listed, number};
use crate::model::{Evaluation, Model, Point};

pub(super) fn text(model: &Model, point: &Point, found: &Evaluation) -> String {
    let pairs = |names: Vec<String>, values: &[f64]| {
        let pairs = names.iter().zip(values);
        let pairs: Vec<String> = pairs
            .map(|(name, &value)| format!("{name} = {}", number(value)))
            .collect();
        pairs.join(", ")
    };
    let states: Vec<String> = model.states.iter().map(|state| state.name.into()).collect();
    let mut text = format!(
        "{} at {}\n",
        model.name,
        pairs(states.clone(), &point.state)
    );
    if !model.inputs.is_empty() {
        let names = model
            .inputs
            .iter()
            .map(|input| input.symbol.into())
            .collect();
        _ = writeln!(text, "under {}", pairs(names, &point.input));
    }
    if !model.feedback.is_empty() {
        let names = (0..model.feedback.len())
            .map(|k| model.delayed_name(k))
            .collect();
        _ = writeln!(text, "with {}", pairs(names, &found.delayed));
    }
    let changed = model.parameters.iter().zip(&point.parameters);
    let changed: Vec<String> = changed
        .filter(|(parameter, value)| parameter.default != **value)
        .map(|(parameter, &value)| format!("{} = {}", parameter.name, number(value)))
        .collect();
    if !changed.is_empty() {
        _ = writeln!(text, "for {}", changed.join(", "));
    }
    let rates = states.iter().map(|name| format!("d{name}/dt"));
    let outputs = model.outputs.iter().map(|output| output.name.to_owned());
    let rows = rates
        .chain(outputs)
        .zip(found.rates.iter().chain(&found.outputs));
    let rows: Vec<Vec<String>> = rows
        .map(|(name, &value)| vec![name, number(value)])
        .collect();
    text += "\n";
    text += &aligned(&rows, "  ");
    for (k, &value) in found.transmitted.iter().enumerate() {
        let signal = model.signal_name(model.transmits[k]);
        let receives = [
            Some(model.receives[k]),
            model.receives_squares.get(k).copied(),
        ];
        let receives = receives
            .into_iter()
            .flatten()
            .map(|input| model.inputs[input].symbol);
        _ = writeln!(
            text,
            "  transmitted: {signal} = {}, which others receive through {}",
            number(value),
            listed(&receives.collect::<Vec<_>>())
        );
    }
    for (state, amplitude) in states.iter().zip(&found.amplitudes) {
        if let Some(amplitude) = amplitude {
            _ = writeln!(
                text,
                "  the noise on {state} is multiplied by {}",
                number(*amplitude)
            );
        }
    }
    let n = states.len();
    let mut rows = vec![
        [
            &["Jacobian".to_owned()],
            &states.iter().map(|s| format!("by {s}")).collect::<Vec<_>>()[..],
        ]
        .concat(),
    ];
    for (row, name) in states.iter().enumerate() {
        let entries = found.jacobian[row * n..(row + 1) * n]
            .iter()
            .map(|&entry| number(entry));
        rows.push([format!("d{name}/dt")].into_iter().chain(entries).collect());
    }
    text + "\n" + &aligned(&rows, "  ")
}

pub(super) fn to_json(model: &Model, point: &Point, found: &Evaluation) -> Value {
    let map = |names: Vec<String>, values: &[f64]| -> Map<String, Value> {
        names
            .into_iter()
            .zip(values.iter().map(|&value| value.into()))
            .collect()
    };
    let states: Vec<String> = model.states.iter().map(|state| state.name.into()).collect();
    let rows: Vec<&[f64]> = found.jacobian.chunks(states.len()).collect();
    let amplitudes = states.iter().zip(&found.amplitudes);
    let amplitudes: Map<String, Value> = amplitudes
        .filter_map(|(state, amplitude)| Some((state.clone(), (*amplitude)?.into())))
        .collect();
    json!({
        "model": model.name,
        "state": map(states.clone(), &point.state),
        "input": map(model.inputs.iter().map(|input| input.name.into()).collect(), &point.input),
        "parameters": map(model.parameters.iter().map(|parameter| parameter.name.into()).collect(), &point.parameters),
        "delayed": map((0..model.feedback.len()).map(|k| model.delayed_name(k)).collect(), &found.delayed),
        "derivatives": map(states, &found.rates),
        "outputs": map(model.outputs.iter().map(|output| output.name.into()).collect(), &found.outputs),
        "transmitted": map(model.transmits.iter().map(|&signal| model.signal_name(signal).into()).collect(), &found.transmitted),
        "amplitudes": amplitudes,
        "jacobian": rows,
    })
}
