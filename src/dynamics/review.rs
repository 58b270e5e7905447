//! Reviews a model: what it costs, what it gives at its start values, and what is wrong with it.

use super::{Links, Recipe, Step};
use crate::integrator::Integrator;
use crate::model::{self, Model};
use crate::study::{NoiseKind, Study};

/// What the text of a model comes to.
#[derive(Debug, Clone)]
pub struct Review {
    /// Operations of the derivatives, constants not counted.
    pub rates_cost: usize,
    /// Integrators by name, and the operations of their step.
    pub step_costs: Vec<(&'static str, usize)>,
    /// Derivatives at the start values with the defaults, per ms, `[n_states]`.
    pub rates: Vec<f64>,
    /// Outputs there, `[n_outputs]`.
    pub outputs: Vec<f64>,
    /// What is wrong with it: numbers that are not finite, text without effect.
    pub warnings: Vec<String>,
}

/// Why a study that names no coupling would be refused.
fn refused(model: &Model) -> Option<String> {
    let form = Study::form(model);
    let late = model
        .transmits
        .iter()
        .find(|&&signal| model.is_late(signal));
    let late = late.filter(|_| form.needs_own());
    if !model.receives_squares.is_empty() && !form.has_squares() {
        let input = model.inputs[model.receives_squares[0]].symbol;
        let message = format!(
            "{input} receives through squared weights, and {} coupling has no c_squares: say kind = \"additive\" in [coupling]",
            form.name
        );
        return Some(message);
    }
    late.map(|&signal| {
        format!(
            "{} coupling takes what the node itself transmits, and {} depends on what it receives in the same step: say kind = \"additive\" in [coupling]",
            form.name,
            model.signal_name(signal)
        )
    })
}

impl Review {
    /// Evaluates a model at its start values and counts what it costs.
    pub fn new(model: &Model) -> Self {
        let step = |integrator: Integrator| {
            let recipe = Recipe {
                links: Links::none(model),
                ..Recipe::full(model, integrator, NoiseKind::None)
            };
            (
                integrator.name(),
                Step::new(model, &recipe, &[]).program.cost(),
            )
        };
        let evaluation = model.evaluate(&model.start());
        let mut warnings = model.warnings.clone();
        warnings.extend(model::takes_a_name(model));
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
        for (index, value) in evaluation.jacobian.iter().enumerate() {
            if !value.is_finite() && evaluation.rates[index / n].is_finite() {
                let [of, by] = [index / n, index % n].map(|state| model.states[state].name);
                warnings.push(format!("the derivative d(d{of}/dt)/d{by} is {value} at the start values with the defaults"));
            }
        }
        Self {
            rates_cost: model.rates_program().cost(),
            step_costs: Integrator::ALL.into_iter().map(step).collect(),
            rates: evaluation.rates,
            outputs: evaluation.outputs,
            warnings,
        }
    }
}
