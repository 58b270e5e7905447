//! Everything that the text of a model says, for other programs.

use serde_json::{Value, json};

use crate::cli::texts;
use crate::model::{Bounds, Model};
use crate::study::Study;

/// Everything that a text says, and the Jacobian.
pub(super) fn with_jacobian(model: &Model) -> Value {
    let mut all = facts(model);
    let formulas = model.jacobian_formulas();
    let rows: Vec<&[String]> = formulas.results.chunks(model.states.len()).collect();
    let shared: serde_json::Map<String, Value> = formulas
        .shared
        .iter()
        .map(|(name, formula)| (name.clone(), formula.as_str().into()))
        .collect();
    all["jacobian"] = json!({ "shared": shared, "rows": rows });
    all
}

/// Everything that a text says.
pub(super) fn facts(model: &Model) -> Value {
    let states = model.states.iter().map(|state| {
        let bounds = match state.bounds {
            Bounds::Free => Value::Null,
            // An end that is open is null: JSON has no infinity.
            Bounds::Clipped { low, high } => json!({ "low": low, "high": high }),
            Bounds::Angle => "angle".into(),
        };
        json!({
            "name": state.name, "unit": state.unit, "meaning": state.meaning, "start": state.start, "bounds": bounds,
            "non_negative": state.is_non_negative(),
        })
    });
    let inputs = model.inputs.iter().map(|input| {
        json!({ "name": input.name, "symbol": input.symbol, "unit": input.unit, "meaning": input.meaning })
    });
    let outputs = model.outputs.iter().map(
        |output| json!({ "name": output.name, "unit": output.unit, "meaning": output.meaning }),
    );
    let tables = model.tables.iter().map(|table| {
        let axes = table.lookup.axes.iter().map(
            |axis| json!({ "name": axis.name, "first": axis.first, "last": axis.last, "n": axis.n }),
        );
        json!({
            "name": table.name, "unit": table.unit, "meaning": table.meaning, "file": table.file, "key": table.key,
            "axes": axes.collect::<Vec<_>>(),
        })
    });
    let feedback = model.feedback.iter().map(|feedback| {
        let (signal, delay) = (
            model.signal_name(feedback.signal),
            model.parameters[feedback.delay].name,
        );
        json!({ "signal": signal, "delay": delay })
    });
    let transmits: Vec<_> = model
        .transmits
        .iter()
        .map(|&signal| model.signal_name(signal))
        .collect();
    let receives: Vec<_> = model
        .receives
        .iter()
        .map(|&input| model.inputs[input].symbol)
        .collect();
    let receives_squares: Vec<_> = model
        .receives_squares
        .iter()
        .map(|&input| model.inputs[input].symbol)
        .collect();
    let noise: serde_json::Map<String, Value> = amplitudes(model)
        .into_iter()
        .map(|(state, by)| (state.into(), by.into()))
        .collect();
    json!({
        "name": model.name,
        "family": model.family,
        "summary": model.summary,
        "equations": model.equations,
        "papers": model.papers,
        "notes": model.notes,
        "not_smooth": model.not_smooth,
        "states": states.collect::<Vec<_>>(),
        "parameters": texts::parameters_json(&model.parameters),
        "inputs": inputs.collect::<Vec<_>>(),
        "outputs": outputs.collect::<Vec<_>>(),
        "tables": tables.collect::<Vec<_>>(),
        "feedback": feedback.collect::<Vec<_>>(),
        "transmits": transmits,
        "receives": receives,
        "receives_squares": receives_squares,
        "coupling": Study::form(model).name,
        "noise": noise,
    })
}

/// States whose noise has an amplitude, and its definition.
pub(super) fn amplitudes(model: &Model) -> Vec<(&'static str, String)> {
    let states = model.states.iter().enumerate();
    let named = states.filter_map(|(s, state)| Some((state.name, model.amplitude_name(s)?)));
    named.collect()
}
