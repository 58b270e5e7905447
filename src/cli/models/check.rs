//! What was understood of a model's text.

use serde_json::{Map, Value, json};

use super::facts::facts;
use super::sentences::{feedback, grid, network, noise};
use crate::cli::layout::{aligned, listed, number};
use crate::cli::output::PrintArgs;
use crate::cli::texts;
use crate::dynamics::Review;
use crate::error::Result;
use crate::io::model as file;
use crate::model::Model;
use crate::study::key;

pub(super) fn run(name: &str, printed: PrintArgs) -> Result<()> {
    let model = file::named(name)?;
    let review = Review::new(model);
    printed.print(|| text(&review, name, model), || to_json(&review, model))
}

/// What was understood, for people.
fn text(review: &Review, name: &str, model: &Model) -> String {
    let states: Vec<String> = model
        .states
        .iter()
        .map(|state| format!("{} (from {})", state.name, number(state.start)))
        .collect();
    let parameters: Vec<String> = model
        .parameters
        .iter()
        .map(|parameter| format!("{} = {}", parameter.name, number(parameter.default)))
        .collect();
    let inputs: Vec<String> = model
        .inputs
        .iter()
        .map(|input| {
            format!(
                "{} (`{}` in studies)",
                input.symbol,
                key::INPUT.named(input.name)
            )
        })
        .collect();
    let outputs: Vec<&str> = model.outputs.iter().map(|output| output.name).collect();
    let tables: Vec<String> = model
        .tables
        .iter()
        .map(|table| {
            let (name, unit, meaning) = (table.name, table.unit, table.meaning);
            format!("{name} [{unit}]: {meaning} ({})", grid(table))
        })
        .collect();
    let none = |text: String| if text.is_empty() { "none".into() } else { text };
    let steps: Vec<String> = review
        .step_costs
        .iter()
        .map(|(name, cost)| format!("{name} {cost}"))
        .collect();
    let rows = [
        ("states", listed(&states)),
        ("parameters", listed(&parameters)),
        ("inputs", listed(&inputs)),
        ("outputs", listed(&outputs)),
        ("tables", tables.join("; ")),
        ("coupling", network(model)),
        ("feedback", none(feedback(model).join("; "))),
        ("noise", none(noise(model).join("; "))),
        ("smooth", texts::smooth(model.not_smooth)),
        (
            "operations",
            format!(
                "{} for the derivatives; of a step: {}",
                review.rates_cost,
                steps.join(", ")
            ),
        ),
    ];
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .filter(|(what, is)| *what != "tables" || !is.is_empty())
        .map(|(what, is)| vec![what.into(), is])
        .collect();
    let mut text = format!(
        "{name} is the model {}: {}\n\n{}",
        model.name,
        model.summary,
        aligned(&rows, "  ")
    );
    text += "\nAt the start values, with the defaults and no input\n";
    let rates = model.states.iter().zip(&review.rates);
    let rates = rates.map(|(state, &value)| (format!("d{}/dt", state.name), value));
    let outputs = model.outputs.iter().zip(&review.outputs);
    let outputs = outputs.map(|(output, &value)| (output.name.to_owned(), value));
    let rows: Vec<_> = rates
        .chain(outputs)
        .map(|(name, value)| vec![name, number(value)])
        .collect();
    text += &aligned(&rows, "  ");
    text + &texts::warnings(&review.warnings)
}

/// What was understood, for other programs.
fn to_json(review: &Review, model: &Model) -> Value {
    let mut all = facts(model);
    let map = |names: Vec<&str>, values: &[f64]| -> Map<String, Value> {
        names
            .into_iter()
            .map(String::from)
            .zip(values.iter().map(|&value| value.into()))
            .collect()
    };
    let states = model.states.iter().map(|state| state.name).collect();
    let outputs = model.outputs.iter().map(|output| output.name).collect();
    let steps: Map<String, Value> = review
        .step_costs
        .iter()
        .map(|(name, cost)| ((*name).to_owned(), (*cost).into()))
        .collect();
    all["operations"] = json!({ "derivatives": review.rates_cost, "step": steps });
    all["at_start"] = json!({ "derivatives": map(states, &review.rates), "outputs": map(outputs, &review.outputs) });
    all["warnings"] = review.warnings.clone().into();
    all
}
