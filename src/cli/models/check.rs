//! What was understood of a model's text.

use serde_json::{Map, Value, json};

use super::show::{facts, feedback, grid, network, noise};
use crate::cli::texts::{self, aligned, listed, number};
use crate::cli::{print, print_json};
use crate::coupling;
use crate::dynamics::{Links, Recipe, Step};
use crate::error::{Result, StudyError};
use crate::integrator::Integrator;
use crate::io::model as file;
use crate::model::Model;
use crate::study::{NoiseKind, Study, key};

pub(super) fn run(name: &str, json: bool) -> Result<()> {
    let model = file::named(name)?;
    if let Some(kind) = model.coupling {
        coupling::find(kind).map_err(|error| {
            let problem = format!("kind = {kind:?} in [coupling] of {}: {error}", model.name);
            StudyError::Conflict {
                problem,
                hint: error.hint(),
            }
        })?;
    }
    let found = Found::new(model);
    if json {
        return print_json(&found.to_json(model));
    }
    print(&found.text(name, model))
}

/// What a text comes to.
struct Found {
    rates_cost: usize,
    step_costs: Vec<(&'static str, usize)>,
    rates: Vec<f64>,
    outputs: Vec<f64>,
    warnings: Vec<String>,
}

/// Why a study that names no coupling would be refused.
fn refused(model: &Model) -> Option<String> {
    let form = Study::form(model);
    let late = model
        .transmits
        .iter()
        .find(|&&signal| model.is_late(signal));
    let late = late.filter(|_| form.needs_own());
    if !model.hears_squares.is_empty() && !form.has_squares() {
        let input = model.inputs[model.hears_squares[0]].symbol;
        let message = format!(
            "{input} hears through squared weights, and {} coupling has no c_squares: say kind = \"additive\" in [coupling]",
            form.name
        );
        return Some(message);
    }
    late.map(|&signal| {
        format!(
            "{} coupling takes what the node itself transmits, and {} depends on what it hears in the same step: say kind = \"additive\" in [coupling]",
            form.name,
            model.signal_name(signal)
        )
    })
}

impl Found {
    fn new(model: &Model) -> Self {
        let step = |integrator: Integrator| {
            let recipe = Recipe {
                links: Links::none(model),
                ..Recipe::full(model, integrator, NoiseKind::None)
            };
            (
                integrator.name(),
                texts::cost(&Step::new(model, &recipe, &[]).program),
            )
        };
        let evaluation = model.evaluate(&model.start());
        let mut warnings = model.warnings.clone();
        let named = model
            .states
            .iter()
            .map(|state| format!("d{}/dt", state.name))
            .zip(&evaluation.rates);
        let outputs = model
            .outputs
            .iter()
            .map(|output| output.name.to_owned())
            .zip(&evaluation.outputs);
        for (name, value) in named.chain(outputs).filter(|(_, value)| !value.is_finite()) {
            warnings.push(format!(
                "{name} is {value} at the start values with the defaults: look for a division by 0, or the logarithm or root of a negative number"
            ));
        }
        let amplitudes = model.states.iter().zip(&evaluation.amplitudes);
        for (state, value) in amplitudes.filter(|(_, value)| value.is_some_and(|a| !a.is_finite()))
        {
            let value = value.unwrap_or_default();
            warnings.push(format!(
                "the amplitude of the noise on {} is {value} at the start values with the defaults",
                state.name
            ));
        }
        warnings.extend(refused(model));
        let n = model.states.len();
        for (place, value) in evaluation.jacobian.iter().enumerate() {
            if !value.is_finite() && evaluation.rates[place / n].is_finite() {
                let [of, by] = [place / n, place % n].map(|state| model.states[state].name);
                warnings.push(format!("the derivative d(d{of}/dt)/d{by} is {value} at the start values with the defaults"));
            }
        }
        Self {
            rates_cost: texts::cost(model.rates_program()),
            step_costs: Integrator::ALL.into_iter().map(step).collect(),
            rates: evaluation.rates,
            outputs: evaluation.outputs,
            warnings,
        }
    }

    fn text(&self, name: &str, model: &Model) -> String {
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
        let steps: Vec<String> = self
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
                    self.rates_cost,
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
        let rates = model.states.iter().zip(&self.rates);
        let rates = rates.map(|(state, &value)| (format!("d{}/dt", state.name), value));
        let outputs = model.outputs.iter().zip(&self.outputs);
        let outputs = outputs.map(|(output, &value)| (output.name.to_owned(), value));
        let rows: Vec<_> = rates
            .chain(outputs)
            .map(|(name, value)| vec![name, number(value)])
            .collect();
        text += &aligned(&rows, "  ");
        text + &texts::warnings(&self.warnings)
    }

    fn to_json(&self, model: &Model) -> Value {
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
        let steps: Map<String, Value> = self
            .step_costs
            .iter()
            .map(|(name, cost)| ((*name).to_owned(), (*cost).into()))
            .collect();
        all["operations"] = json!({ "derivatives": self.rates_cost, "step": steps });
        all["at_start"] = json!({ "derivatives": map(states, &self.rates), "outputs": map(outputs, &self.outputs) });
        all["warnings"] = self.warnings.clone().into();
        all
    }
}
