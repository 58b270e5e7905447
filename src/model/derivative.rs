//! The Jacobian as formulas, and everything that the equations say of one point.

use super::text::definitions;
use super::{Model, Signal};
use crate::error::{Error, Result};
use crate::program::{Formulas, Symbol, record};
use crate::scalar::Dual;

/// A state of a node, and what acts on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// `[n_states]`
    pub state: Vec<f64>,
    /// `[n_inputs]`, without delayed values.
    pub input: Vec<f64>,
    /// `[n_parameters]`
    pub parameters: Vec<f64>,
    /// `[n_feedback]`: delayed values; `None` is the value that the signal has now.
    pub delayed: Vec<Option<f64>>,
}

/// What the equations say of a [`Point`].
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The states' derivatives per ms, `[n_states]`.
    pub rates: Vec<f64>,
    /// `[n_outputs]`
    pub outputs: Vec<f64>,
    /// What the network is sent, as long as [`Model::transmits`].
    pub transmitted: Vec<f64>,
    /// What the white noise on each state is multiplied by, `[n_states]`; `None`: 1.
    pub amplitudes: Vec<Option<f64>>,
    /// Derivatives of the rates with respect to the states, `[n_states, n_states]` row by row; delayed values stay as they are.
    pub jacobian: Vec<f64>,
    /// The delayed values that were taken, `[n_feedback]`.
    pub delayed: Vec<f64>,
}

impl Point {
    /// Sets a number by its name: `STATE`, `input.NAME`, `parameters.NAME`, or `delayed.NAME`, `NAME` being what is fed back
    /// (`delayed.NAME.PARAMETER` where it is fed back with several delays).
    ///
    /// # Errors
    /// [`Error::Unknown`] for a name that is not there.
    pub fn set(&mut self, model: &Model, name: &str, value: f64) -> Result<()> {
        if let Some(name) = name.strip_prefix("input.") {
            let known = model.inputs.iter().map(|input| input.name);
            let index = model.input_index(name);
            let index = index
                .ok_or_else(|| Error::unknown(&format!("input of {}", model.name), name, known))?;
            self.input[index] = value;
        } else if let Some(name) = name.strip_prefix("parameters.") {
            self.parameters[model.parameter(name)?] = value;
        } else if let Some(name) = name.strip_prefix("delayed.") {
            let names = model.feedback.iter().map(|feedback| {
                let signal = model.signal_name(feedback.signal);
                (
                    signal,
                    format!("{signal}.{}", model.parameters[feedback.delay].name),
                )
            });
            let names: Vec<(&str, String)> = names.collect();
            let is = |(short, long): &(&str, String)| *short == name || *long == name;
            if !names.iter().any(is) {
                let known = names.iter().map(|(short, _)| *short);
                return Err(Error::unknown(
                    &format!("delayed value of {}", model.name),
                    name,
                    known,
                ));
            }
            let indices = names
                .iter()
                .zip(&mut self.delayed)
                .filter(|(names, _)| is(names));
            indices.for_each(|(_, delayed)| *delayed = Some(value));
        } else if let Some(index) = model.states.iter().position(|state| state.name == name) {
            self.state[index] = value;
        } else {
            let inputs = model
                .inputs
                .iter()
                .map(|input| format!("input.{}", input.name));
            let parameters = model
                .parameters
                .iter()
                .map(|parameter| format!("parameters.{}", parameter.name));
            let delayed = model
                .feedback
                .iter()
                .map(|feedback| format!("delayed.{}", model.signal_name(feedback.signal)));
            let known: Vec<String> = inputs.chain(parameters).chain(delayed).collect();
            let states = model.states.iter().map(|state| state.name);
            let known = states.chain(known.iter().map(String::as_str));
            return Err(Error::unknown(
                &format!("state of {}", model.name),
                name,
                known,
            ));
        }
        Ok(())
    }
}

impl Model {
    /// The states' start values, no input, the defaults.
    pub fn start(&self) -> Point {
        Point {
            state: self.states.iter().map(|state| state.start).collect(),
            input: vec![0.0; self.inputs.len()],
            parameters: self.defaults(),
            delayed: vec![None; self.feedback.len()],
        }
    }

    /// Rates, outputs and Jacobian at a point.
    pub fn evaluate(&self, point: &Point) -> Evaluation {
        let coefficients = self.prepare(&point.parameters);
        let input = |delayed: &[f64]| [&point.input, delayed].concat();
        let value = |signal: Signal, outputs: &[f64]| match signal {
            Signal::State(s) => point.state[s],
            Signal::Output(k) => outputs[k],
        };
        // An output may need the delayed value of another: as many rounds as there are.
        let mut outputs = vec![0.0; self.outputs.len()];
        let mut delayed = Vec::new();
        for _ in 0..=self.feedback.len() {
            let taken = self.feedback.iter().zip(&point.delayed);
            delayed = taken
                .map(|(feedback, given)| given.unwrap_or_else(|| value(feedback.signal, &outputs)))
                .collect();
            outputs = self.outputs(&point.state, &input(&delayed), &coefficients);
        }
        let input = input(&delayed);
        Evaluation {
            rates: self.drift(&point.state, &input, &coefficients),
            transmitted: self
                .transmits
                .iter()
                .map(|&signal| value(signal, &outputs))
                .collect(),
            amplitudes: self.amplitudes(&point.state, &input, &coefficients),
            outputs,
            jacobian: self.jacobian(&point.state, &input, &coefficients),
            delayed,
        }
    }

    /// The name of a delayed value: `delayed(x, tau)`.
    pub fn delayed_name(&self, feedback: usize) -> String {
        let feedback = self.feedback[feedback];
        let delay = self.parameters[feedback.delay].name;
        format!("delayed({}, {delay})", self.signal_name(feedback.signal))
    }

    /// The derivatives of the rates with respect to the states as formulas in the symbols of the text, `n_states` times `n_states` row
    /// by row.
    pub fn jacobian_formulas(&self) -> Formulas {
        let definitions = definitions(self.text, &self.tables);
        let prepared = &definitions.prepared;
        let [rates, _, _, defined] = prepared.programs.as_slice() else {
            unreachable!("four were asked for");
        };
        let (n_states, n_inputs) = (
            self.states.len(),
            self.inputs.len() + prepared.delayed.len(),
        );
        let program = record(|| {
            let all: Vec<Symbol> = (0..n_states + n_inputs + self.parameters.len())
                .map(Symbol::argument)
                .collect();
            let (varying, parameters) = all.split_at(n_states + n_inputs);
            let coefficients = prepared.prepare.evaluate(&[parameters]);
            let constant = |symbols: &[Symbol]| {
                symbols
                    .iter()
                    .map(|&x| Dual::constant(x))
                    .collect::<Vec<_>>()
            };
            let fixed = [&constant(varying)[n_states..], &constant(&coefficients)].concat();
            let columns: Vec<Vec<Symbol>> = (0..n_states)
                .map(|column| {
                    let mut state = constant(&varying[..n_states]);
                    state[column] = Dual::variable(varying[column]);
                    let rates = rates.evaluate(&[&state[..], &fixed]);
                    rates.into_iter().map(Dual::derivative).collect()
                })
                .collect();
            let entries = (0..n_states * n_states).map(|k| columns[k % n_states][k / n_states]);
            let known = defined.evaluate(&[varying, &coefficients]);
            (all.len(), entries.chain(known).collect())
        });
        let states = self.states.iter().map(|state| state.name.to_owned());
        let inputs = self.inputs.iter().map(|input| input.symbol.to_owned());
        let delayed = prepared.delayed.iter();
        let delayed = delayed
            .map(|(name, delay)| format!("delayed({name}, {})", self.parameters[*delay].name));
        let parameters = self
            .parameters
            .iter()
            .map(|parameter| parameter.name.to_owned());
        let arguments: Vec<String> = states
            .chain(inputs)
            .chain(delayed)
            .chain(parameters)
            .collect();
        program.formulas(&arguments, n_states + n_inputs, &definitions.names)
    }
}
