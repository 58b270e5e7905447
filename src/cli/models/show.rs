//! Everything about one model.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::texts::{self, Head, aligned, listed, number, unit};
use crate::model::{Bounds, Model, Table};
use crate::study::{Study, key};

pub(super) fn text(model: &Model) -> String {
    let mut text = texts::head(&Head {
        name: model.name,
        summary: model.summary,
        equations: model.equations,
        papers: &model.papers,
        notes: model.notes,
    });
    text += "\nStates (start)\n";
    let states = model.states.iter().map(|state| {
        let meaning = format!("{}{}", state.meaning, kept_within(state.bounds));
        vec![
            state.name.into(),
            number(state.start),
            unit(state.unit),
            meaning,
        ]
    });
    text += &aligned(&states.collect::<Vec<_>>(), "  ");
    text += &texts::parameters(&model.parameters);
    if !model.inputs.is_empty() {
        text += "\nInputs (in studies)\n";
    }
    let inputs = model.inputs.iter().map(|input| {
        let name = key::INPUT.named(input.name);
        vec![
            input.symbol.into(),
            name,
            unit(input.unit),
            input.meaning.into(),
        ]
    });
    text += &aligned(&inputs.collect::<Vec<_>>(), "  ");
    if !model.outputs.is_empty() {
        text += "\nOutputs\n";
    }
    let outputs = model
        .outputs
        .iter()
        .map(|output| vec![output.name.into(), unit(output.unit), output.meaning.into()]);
    text += &aligned(&outputs.collect::<Vec<_>>(), "  ");
    if !model.tables.is_empty() {
        text += "\nTables (interpolated linearly; at the ends of the grid beyond it)\n";
    }
    let tables = model.tables.iter().map(|table| {
        let name = format!("{}({})", table.name, table.arguments());
        let meaning = format!("{}; {}", table.meaning, grid(table));
        vec![name, unit(table.unit), meaning]
    });
    text += &aligned(&tables.collect::<Vec<_>>(), "  ");
    _ = writeln!(text, "\nCoupling: {}.", network(model));
    for line in feedback(model) {
        _ = writeln!(text, "\nDelayed self feedback: {line}.");
    }
    for line in noise(model) {
        _ = writeln!(text, "\nNoise: {line}.");
    }
    if let Some(reason) = model.not_smooth {
        _ = writeln!(text, "\nNot smooth: {reason}.");
    }
    text + "\n" + &jacobian(model)
}

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
    if model.hears.is_empty() {
        return "no input hears the network".into();
    }
    let pairs = model.transmits.iter().zip(&model.hears).enumerate();
    let pairs: Vec<String> = pairs
        .map(|(k, (&signal, &input))| {
            let late = match model.is_late(signal) {
                true => " one step late, since it depends on inputs",
                false => "",
            };
            let squares = match model.hears_squares.get(k) {
                Some(&input) => format!(", {} through squared weights", model.inputs[input].symbol),
                None => String::new(),
            };
            format!(
                "{} is transmitted{late}, {} hears it{squares}",
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

/// States whose noise has an amplitude, and its definition.
pub(super) fn amplitudes(model: &Model) -> Vec<(&'static str, String)> {
    let states = model.states.iter().enumerate();
    let named = states.filter_map(|(s, state)| Some((state.name, model.amplitude_name(s)?)));
    named.collect()
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

/// The Jacobian as formulas.
fn jacobian(model: &Model) -> String {
    let formulas = model.jacobian_formulas();
    let mut text = String::from("Derivatives of the equations; those not listed are 0\n");
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (name, formula) in &formulas.shared {
        rows.push(vec![name.clone(), format!("= {formula}")]);
    }
    let n = model.states.len();
    for (place, formula) in formulas
        .results
        .iter()
        .enumerate()
        .filter(|(_, formula)| *formula != "0")
    {
        let [of, by] = [place / n, place % n].map(|state| model.states[state].name);
        rows.push(vec![format!("d(d{of}/dt)/d{by}"), format!("= {formula}")]);
    }
    let line = |row: &Vec<String>| row.join(" ");
    let lines: Vec<String> = rows.iter().map(line).collect();
    for line in lines {
        _ = writeln!(text, "  {line}");
    }
    text
}

fn kept_within(bounds: Bounds) -> String {
    match bounds {
        Bounds::Free => String::new(),
        Bounds::Clipped { low, high } if high.is_infinite() => format!("; never below {low}"),
        Bounds::Clipped { low, high } if low.is_infinite() => format!("; never above {high}"),
        Bounds::Clipped { low, high } => format!("; kept between {low} and {high}"),
        Bounds::Angle => "; an angle, kept between -pi and pi".into(),
    }
}

/// Everything that a text says, and the Jacobian.
pub(super) fn to_json(model: &Model) -> Value {
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
    let hears: Vec<_> = model
        .hears
        .iter()
        .map(|&input| model.inputs[input].symbol)
        .collect();
    let hears_squares: Vec<_> = model
        .hears_squares
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
        "hears": hears,
        "hears_squares": hears_squares,
        "coupling": Study::form(model).name,
        "noise": noise,
    })
}
