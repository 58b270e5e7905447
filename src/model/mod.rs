//! The neural mass models: texts, read when they are needed.
//!
//! A model is a TOML text with its states, parameters, inputs and equations (`data/models/README.md` is its page). From it follow the
//! CPU kernels, the shader, the derivatives and the help. Those in `data/models` come with the program; any other text is a model by
//! [`Model::read`].

mod derivative;
mod registry;
pub(crate) mod section;
pub(crate) mod symbols;
mod tables;
pub(crate) mod text;

use crate::error::{Error, Result};
use crate::program::Program;
use crate::scalar::{Dual, Scalar};

pub use derivative::{Evaluation, Point};
pub use registry::{MODELS, find, intern, intern_with, takes_a_name};
pub use tables::{Files, Table};

/// What evolves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct State {
    /// Symbol.
    pub name: &'static str,
    /// Unit; "1" for none.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Its value at t = 0 where a study says none.
    pub start: f64,
    /// What happens to it after each step.
    pub bounds: Bounds,
}

/// What happens to a state after each step, as part of the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// Nothing.
    Free,
    /// It is clipped to between these; either may be infinite.
    Clipped {
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// It is an angle, wrapped to between -pi and pi.
    Angle,
}

impl State {
    /// Whether it is never below 0.
    pub fn is_non_negative(&self) -> bool {
        matches!(self.bounds, Bounds::Clipped { low, .. } if low >= 0.0)
    }
}

/// What is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Symbol, as in study files.
    pub name: &'static str,
    /// Unit; "1" for none.
    pub unit: &'static str,
    /// Default.
    pub default: f64,
    /// What it means.
    pub meaning: &'static str,
    /// What it may be.
    pub range: ParameterRange,
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ParameterRange {
    /// Any finite number.
    Any,
    /// Not 0: the model divides by it.
    NonZero,
    /// Above 0.
    Positive,
    /// 0 or above.
    NonNegative,
    /// Between these, both included.
    Between(f64, f64),
}

/// What reaches a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Input {
    /// Symbol in the equations.
    pub symbol: &'static str,
    /// Name in studies: the symbol without `_ext`.
    pub name: &'static str,
    /// Unit; "1" for none.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// A definition that can be recorded and transmitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Output {
    /// Symbol.
    pub name: &'static str,
    /// Unit; "1" for none.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// A number that a node shows: one of its states or outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// The state in this place.
    State(usize),
    /// The output in this place.
    Output(usize),
}

/// What can be recorded of a node: a state or an output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observable {
    /// Symbol.
    pub name: &'static str,
    /// Unit; "1" for none.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Delayed self feedback: a signal of the node itself, some time ago. The equations take it after the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feedback {
    /// What is fed back.
    pub signal: Signal,
    /// Index of the parameter that holds the delay, ms.
    pub delay: usize,
}

impl Feedback {
    /// The state that is fed back, if it is one.
    pub fn state(&self) -> Option<usize> {
        match self.signal {
            Signal::State(s) => Some(s),
            Signal::Output(_) => None,
        }
    }
}

/// A neural mass model.
#[derive(Debug)]
pub struct Model {
    /// The name in study files, for example `fitzhugh-nagumo`.
    pub name: &'static str,
    /// Under which heading it is listed.
    pub family: &'static str,
    /// One line on what it is.
    pub summary: &'static str,
    /// Its equations, as written.
    pub equations: &'static str,
    /// Papers and equations.
    pub papers: Vec<&'static str>,
    /// How it differs from the paper; empty if there is nothing to say.
    pub notes: &'static str,
    /// Its states, in order.
    pub states: Vec<State>,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Its inputs, in order.
    pub inputs: Vec<Input>,
    /// Its outputs, in order.
    pub outputs: Vec<Output>,
    /// Delayed self feedback, in the order in which the equations take it.
    pub feedback: Vec<Feedback>,
    /// Why derivatives do not exist everywhere, if so.
    pub not_smooth: Option<&'static str>,
    /// What the network transmits.
    pub transmits: Vec<Signal>,
    /// The indices of the inputs that receive it, one for each of what is transmitted.
    pub receives: Vec<usize>,
    /// The indices of the inputs that receive it through squared weights (variances add so), in the same order; empty if none does.
    pub receives_squares: Vec<usize>,
    /// The coupling where a study names none; `None`: diffusive.
    pub coupling: Option<&'static str>,
    /// Functions of its equations that tables give, in order.
    pub tables: Vec<Table>,
    /// What the text said in vain, for `models check`.
    pub warnings: Vec<String>,
    /// All of the text.
    pub text: &'static str,
    prepare: Program,
    rates: Program,
    signals: Program,
    /// Amplitudes of the noise of those states that have one.
    amplitudes: Program,
    /// Which of its results is the amplitude of each state's noise; `None`: 1.
    amplitude_of: Vec<Option<usize>>,
}

/// A name for a model after any text: lower case letters, digits and hyphens.
pub fn plain_name(text: &str) -> String {
    let text = text.to_lowercase();
    let words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-");
    if name.is_empty() { "mine".into() } else { name }
}

impl Model {
    /// Whether parameter `index` is the delay of a feedback.
    pub fn is_delay(&self, index: usize) -> bool {
        self.feedback.iter().any(|feedback| feedback.delay == index)
    }

    /// What can be recorded: the states, then the outputs.
    pub fn observables(&self) -> Vec<Observable> {
        let states = self.states.iter().map(|s| (s.name, s.unit, s.meaning));
        let outputs = self.outputs.iter().map(|o| (o.name, o.unit, o.meaning));
        let observable = |(name, unit, meaning)| Observable {
            name,
            unit,
            meaning,
        };
        states.chain(outputs).map(observable).collect()
    }

    /// The observable in this place; see [`Model::observables`].
    pub fn observable(&self, index: usize) -> Observable {
        self.observables()[index]
    }

    /// The name of a signal.
    pub fn signal_name(&self, signal: Signal) -> &'static str {
        match signal {
            Signal::State(s) => self.states[s].name,
            Signal::Output(k) => self.outputs[k].name,
        }
    }

    /// The state or output of this name.
    ///
    /// # Errors
    /// [`Error::Unknown`] naming those there are.
    pub fn signal_index(&self, name: &str) -> Result<Signal> {
        let state = self.states.iter().position(|state| state.name == name);
        let output = || self.outputs.iter().position(|output| output.name == name);
        let signal = state.map(Signal::State);
        signal
            .or_else(|| output().map(Signal::Output))
            .ok_or_else(|| {
                let known = self.observables();
                let known = known.iter().map(|observable| observable.name);
                Error::unknown(&format!("state or output of {}", self.name), name, known)
            })
    }

    /// Whether a signal depends on the inputs of the step in which it is worked out: then it is known one step late.
    pub fn is_late(&self, signal: Signal) -> bool {
        matches!(signal, Signal::Output(k) if self.output_receives(k))
    }

    /// What the network transmits.
    pub fn signal(&self) -> Signal {
        self.transmits.first().copied().unwrap_or(Signal::State(0))
    }

    /// Whether output `k` depends on inputs or delayed values.
    pub fn output_receives(&self, k: usize) -> bool {
        let n_states = self.states.len();
        let received = n_states..n_states + self.n_inputs();
        let depends = self
            .signals
            .depends(|argument| received.contains(&argument));
        depends[self.signals.results()[k] as usize]
    }

    /// The index of the input that studies call `name`: by its name or its symbol.
    pub fn input_index(&self, name: &str) -> Option<usize> {
        let is = |input: &Input| input.name == name || input.symbol == name;
        self.inputs.iter().position(is)
    }

    /// What noise can act on, by the names of studies: the states (white noise), then the inputs that are not named after a state
    /// (Ornstein-Uhlenbeck noise, which also acts on those that are).
    pub fn noise_targets(&self) -> Vec<&'static str> {
        let states = self.states.iter().map(|state| state.name);
        let is_state = |name: &str| self.states.iter().any(|state| state.name == name);
        let inputs = self.inputs.iter().map(|input| input.name);
        states
            .chain(inputs.filter(|name| !is_state(name)))
            .collect()
    }

    /// Which of [`Model::noise_targets`] input `i` is.
    pub fn noise_target_of_input(&self, i: usize) -> usize {
        let name = self.inputs[i].name;
        let targets = self.noise_targets();
        targets
            .iter()
            .position(|target| *target == name)
            .expect("every input is a target")
    }

    /// The number of what the equations take beside states and coefficients: inputs, then delayed values.
    pub fn n_inputs(&self) -> usize {
        self.inputs.len() + self.feedback.len()
    }

    /// The number of coefficients: what the equations need of the parameters.
    pub fn n_coefficients(&self) -> usize {
        self.prepare.results().len()
    }

    /// Parameters to coefficients.
    pub fn prepare_program(&self) -> &Program {
        &self.prepare
    }

    /// States, inputs, delayed values and coefficients, in this order, to the states' derivatives per ms.
    pub fn rates_program(&self) -> &Program {
        &self.rates
    }

    /// The same to the outputs.
    pub fn outputs_program(&self) -> &Program {
        &self.signals
    }

    /// What the drift needs of the parameters, `[n_coefficients]`.
    pub fn prepare<S: Scalar>(&self, parameters: &[S]) -> Vec<S> {
        self.prepare.evaluate(&[parameters])
    }

    /// Time derivatives per ms, `[n_states]`, of `state` under `input` `[n_inputs]`.
    pub fn drift<S: Scalar>(&self, state: &[S], input: &[S], coefficients: &[S]) -> Vec<S> {
        self.rates.evaluate(&[state, input, coefficients])
    }

    /// The outputs, `[n_outputs]`, at `state` under `input` `[n_inputs]`.
    pub fn outputs<S: Scalar>(&self, state: &[S], input: &[S], coefficients: &[S]) -> Vec<S> {
        self.signals.evaluate(&[state, input, coefficients])
    }

    /// The amplitude of the white noise on each state, `[n_states]`; `None`: 1.
    pub fn amplitudes<S: Scalar>(
        &self,
        state: &[S],
        input: &[S],
        coefficients: &[S],
    ) -> Vec<Option<S>> {
        let amplitudes = self.amplitudes.evaluate(&[state, input, coefficients]);
        let of = self.amplitude_of.iter();
        of.map(|place| place.map(|place| amplitudes[place]))
            .collect()
    }

    /// Whether the noise on state `s` has an amplitude that is not 1.
    pub fn has_amplitude(&self, s: usize) -> bool {
        self.amplitude_of[s].is_some()
    }

    /// The definition by which the noise on state `s` is multiplied, if one is.
    pub fn amplitude_name(&self, s: usize) -> Option<String> {
        let text: toml::Table = self.text.parse().ok()?;
        let name = text.get("noise")?.get(self.states[s].name)?;
        name.as_str().map(String::from)
    }

    /// The drift, and of each equation the derivative with respect to its own variable.
    pub fn drift_and_diagonal<S: Scalar>(
        &self,
        state: &[S],
        input: &[S],
        coefficients: &[S],
    ) -> (Vec<S>, Vec<S>) {
        let (input, coefficients) = (constants(input), constants(coefficients));
        let mut seeded = constants(state);
        let mut f = Vec::with_capacity(state.len());
        let mut own = Vec::with_capacity(state.len());
        for s in 0..state.len() {
            seeded[s] = Dual::variable(state[s]);
            let equation = self.rates.evaluate(&[&seeded, &input, &coefficients])[s];
            f.push(equation.value);
            own.push(equation.derivative());
            seeded[s] = Dual::constant(state[s]);
        }
        (f, own)
    }

    /// Derivatives of the drift with respect to the states, `[n_states, n_states]` row by row, by automatic differentiation.
    pub fn jacobian(&self, state: &[f64], input: &[f64], coefficients: &[f64]) -> Vec<f64> {
        let n = state.len();
        let (input, coefficients) = (constants(input), constants(coefficients));
        let mut seeded = constants(state);
        let mut jacobian = vec![0.0; n * n];
        for column in 0..n {
            seeded[column] = Dual::variable(state[column]);
            let slopes = self.rates.evaluate(&[&seeded, &input, &coefficients]);
            for (row, f) in slopes.iter().enumerate() {
                jacobian[row * n + column] = f.derivative();
            }
            seeded[column] = Dual::constant(state[column]);
        }
        jacobian
    }

    /// The values of its parameters where nothing else is said.
    pub fn defaults(&self) -> Vec<f64> {
        self.parameters
            .iter()
            .map(|parameter| parameter.default)
            .collect()
    }

    /// The index of a state by name.
    ///
    /// # Errors
    /// [`Error::Unknown`] naming the states there are.
    pub fn state(&self, name: &str) -> Result<usize> {
        self.states
            .iter()
            .position(|state| state.name == name)
            .ok_or_else(|| {
                Error::unknown(
                    &format!("state of {}", self.name),
                    name,
                    self.states.iter().map(|s| s.name),
                )
            })
    }

    /// The index of a parameter by name.
    ///
    /// # Errors
    /// [`Error::Unknown`] naming the parameters there are.
    pub fn parameter(&self, name: &str) -> Result<usize> {
        self.parameters
            .iter()
            .position(|parameter| parameter.name == name)
            .ok_or_else(|| {
                Error::unknown(
                    &format!("parameter of {}", self.name),
                    name,
                    self.parameters.iter().map(|p| p.name),
                )
            })
    }
}

/// Numbers by which nothing is differentiated.
fn constants<S: Scalar>(values: &[S]) -> Vec<Dual<S>> {
    values.iter().map(|&x| Dual::constant(x)).collect()
}
