//! Everything about one model.

use std::fmt::Write;

use super::sentences::{feedback, grid, network, noise};
use crate::cli::layout::{aligned, number, unit};
use crate::cli::texts::{self, Head};
use crate::model::{Bounds, Model};
use crate::study::key;

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

/// The Jacobian as formulas.
fn jacobian(model: &Model) -> String {
    let formulas = model.jacobian_formulas();
    let mut text = String::from("Derivatives of the equations; those not listed are 0\n");
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (name, formula) in &formulas.shared {
        rows.push(vec![name.clone(), format!("= {formula}")]);
    }
    let n = model.states.len();
    for (index, formula) in formulas
        .results
        .iter()
        .enumerate()
        .filter(|(_, formula)| *formula != "0")
    {
        let [of, by] = [index / n, index % n].map(|state| model.states[state].name);
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
