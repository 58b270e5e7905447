//! One step of a monitor at one node as a program.

use super::bounded;
use super::step::{Argument, Step};
use crate::model::Model;
use crate::monitor::{Monitor, Scheme};
use crate::program::{Symbol, record};
use crate::scalar::{Function, Scalar, Trace, compensated, library, lookup};

impl Step {
    /// The step of a monitor, whose signal arrives as [`Argument::Sum`] 0.
    ///
    /// Its results are the new states, their carries, and what is shown of the new states with the signal of the step. The rows of
    /// its table are the step in ms, then the coefficients of its equations.
    pub fn observing(monitor: &Monitor, scheme: &Scheme) -> Self {
        let node = &monitor.node;
        let n = node.states.len();
        let (dt, first) = (2 * n + 1, 2 * n + 2);
        let program = record(|| {
            let state: Vec<Symbol> = (0..n).map(Symbol::argument).collect();
            let carry: Vec<Symbol> = (n..2 * n).map(Symbol::argument).collect();
            let mut input = vec![Symbol::lit(0.0); node.n_inputs()];
            input[monitor.input] = Symbol::argument(2 * n);
            let coefficients: Vec<Symbol> = (0..node.n_coefficients())
                .map(|c| Symbol::argument(first + c))
                .collect();
            let now = Now {
                node,
                input: &input,
                coefficients: &coefficients,
                dt: Symbol::argument(dt),
            };
            let (state, carry) = now.moved(scheme, &state, &carry);
            let shown = node.outputs(&state, &input, &coefficients)[monitor.shows];
            let results = state.into_iter().chain(carry).chain([shown]).collect();
            (first + coefficients.len(), results)
        });
        let split = program.split(|argument| argument >= dt);
        let mut numbers = Vec::new();
        let mut arguments = Vec::new();
        for &argument in &split.late_arguments {
            arguments.push(match argument {
                s if s < n => Argument::State(s),
                s if s < 2 * n => Argument::Carry(s - n),
                s if s < dt => Argument::Sum(0),
                row => {
                    numbers.push(row - dt);
                    Argument::Number(numbers.len() - 1)
                }
            });
        }
        let n_rows = 1 + node.n_coefficients();
        for made in 0..split.early.results().len() {
            numbers.push(n_rows + made);
            arguments.push(Argument::Number(numbers.len() - 1));
        }
        Self {
            program: split.late,
            prediction: None,
            arguments,
            numbers,
            early: split.early,
            early_rows: split.early_arguments.iter().map(|row| row - dt).collect(),
            n_states: n,
            n_processes: 0,
            n_held: 0,
            lines: Vec::new(),
            recorded: vec![2 * n],
            observed: Vec::new(),
        }
    }

    /// The rows of the table of a monitor, as [`Step::observing`] takes them, with what is made of them, in 64 bits.
    pub fn observing_rows(&self, monitor: &Monitor, step_ms: f64, parameters: &[f64]) -> Vec<f64> {
        let mut rows = vec![step_ms];
        rows.extend(monitor.node.prepare(parameters));
        let early: Vec<f64> = self.early_rows.iter().map(|&row| rows[row]).collect();
        rows.extend(self.early.evaluate(&[&early]));
        rows
    }
}

/// The WGSL of a step that is a monitor's ([`Step::observing`]), and of the functions it needs.
///
/// ```text
/// fn advance(numbers: Numbers, before: Watched, x: f32) -> Watched
/// ```
///
/// `Watched` has the states, their carries, and what is shown. The shader around it defines and holds what that around
/// [`wgsl`](super::wgsl()) does.
pub fn observing_wgsl(step: &Step) -> String {
    let n = step.n_states;
    let argument = |argument: &Argument| {
        Trace::argument(match argument {
            Argument::State(s) => format!("before.state[{s}]"),
            Argument::Carry(s) => format!("before.carry[{s}]"),
            Argument::Number(k) => format!("numbers[{k}]"),
            _ => "x".into(),
        })
    };
    let watched = |names: &[String]| {
        format!(
            "Watched(State({}), State({}), {})",
            names[..n].join(", "),
            names[n..2 * n].join(", "),
            names[step.recorded[0]]
        )
    };
    let advance = Function::write(
        "advance(numbers: Numbers, before: Watched, x: f32) -> Watched",
        watched,
        || {
            let arguments: Vec<Trace> = step.arguments.iter().map(argument).collect();
            Function::results().floats(step.program.evaluate(&[&arguments]))
        },
    );
    let lookups = step.tables().into_iter();
    let lookups: String = lookups
        .map(|(table, first)| format!("\n{}", lookup(table, first)))
        .collect();
    let text = format!(
        "alias State = array<f32, {}>;\nalias Numbers = array<f32, {}>;\n\
         struct Watched {{ state: State, carry: State, shown: f32 }}\n\n{advance}{lookups}",
        n.max(1),
        step.numbers.len().max(1),
    );
    format!("{text}\n{}", library(&text))
}

/// A monitor's equations under the signal of a step.
struct Now<'a, S> {
    node: &'a Model,
    input: &'a [S],
    coefficients: &'a [S],
    dt: S,
}

impl<S: Scalar> Now<'_, S> {
    /// The states one step later, and what rounding cut off them.
    fn moved(&self, scheme: &Scheme, state: &[S], carry: &[S]) -> (Vec<S>, Vec<S>) {
        let n = state.len();
        let next = |s: usize, change: S| {
            let (next, rest) = compensated(state[s], carry[s], change);
            bounded(self.node.states[s].bounds, next, rest)
        };
        match scheme {
            Scheme::Whole(integrator) => {
                let (input, coefficients) = (self.input, self.coefficients);
                let change = integrator.change(
                    self.node,
                    state,
                    input,
                    coefficients,
                    self.dt,
                    &vec![None; n],
                    None,
                );
                (0..n).map(|s| next(s, change[s])).unzip()
            }
            Scheme::InTurn(order) => {
                let (mut state, mut carry) = (state.to_vec(), carry.to_vec());
                for &s in order {
                    let rate = self.node.drift(&state, self.input, self.coefficients)[s];
                    (state[s], carry[s]) = next(s, self.dt * rate);
                }
                (state, carry)
            }
        }
    }
}
