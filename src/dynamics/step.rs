//! One step of a node as a program.

use std::cell::{Cell, RefCell};

use super::{Arrivals, Node, Recipe, Rows, Table, update};
use crate::model::Model;
use crate::program::{Program, Symbol, record};
use crate::scalar::{Scalar, Table as Lookup};

/// What an argument of a step's program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Argument {
    /// A state.
    State(usize),
    /// What rounding cut off a state.
    Carry(usize),
    /// A kept noise process, counted among [`Recipe::processes`].
    Process(usize),
    /// The standard normal number of a noise target.
    Normal(usize),
    /// A sum over the incoming edges, counted over all [`Recipe::parts`].
    Sum(usize),
    /// The sum of a channel over what is predicted for the end of the step.
    Predicted(usize),
    /// Something received at the end of the step before and kept.
    Held(usize),
    /// A fed-back signal.
    Feedback(usize),
    /// The waveform of a stimulus, or a number that depends on the time.
    Wave(usize),
    /// One of [`Step::numbers`].
    Number(usize),
}

/// One step of a node as a program.
///
/// The results of [`Step::program`] are the new states, carries and kept noise processes, and what is held for the next step; what
/// goes into those lines that hold no state; and the recorded outputs, of the new states with the inputs of this step. What depends on the
/// table alone is worked out beforehand: [`Step::early`] makes further rows of it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The program of every step.
    pub program: Program,
    /// What goes into each line at the end of the step, as predicted, where other nodes need it before they can take the step: from the
    /// same arguments, but for the sums over what is predicted.
    pub prediction: Option<Program>,
    /// What the arguments of both are.
    pub arguments: Vec<Argument>,
    /// The rows of the table that it reads; those after the last of [`Rows`] are made by `early`.
    pub numbers: Vec<usize>,
    /// Rows of the table to further rows.
    pub early: Program,
    /// Which rows it takes.
    pub early_rows: Vec<usize>,
    /// The number of states.
    pub n_states: usize,
    /// The number of kept noise processes.
    pub n_processes: usize,
    /// What is held from step to step of what arrived.
    pub n_held: usize,
    /// Which result goes into each line.
    pub lines: Vec<usize>,
    /// Which results are recorded.
    pub recorded: Vec<usize>,
    /// Which results monitors take.
    pub observed: Vec<usize>,
}

/// What an argument is before the program is cut in two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Other(Argument),
    Row(usize),
}

impl Step {
    /// The step of a model of which some states and outputs are recorded (indices of [`Model::observables`]).
    pub fn new(model: &Model, recipe: &Recipe, recorded: &[usize]) -> Self {
        Self::observed(model, recipe, recorded, &[])
    }

    /// The same where monitors take some states and outputs, too.
    pub fn observed(
        model: &Model,
        recipe: &Recipe,
        recorded: &[usize],
        observed: &[usize],
    ) -> Self {
        let arguments: RefCell<Vec<Whole>> = RefCell::default();
        let argument = |what: Whole| {
            let mut arguments = arguments.borrow_mut();
            let index = arguments.iter().position(|a| *a == what);
            Symbol::argument(index.unwrap_or_else(|| {
                arguments.push(what);
                arguments.len() - 1
            }))
        };
        let kept = recipe.processes();
        let n_targets = model.noise_targets().len();
        let n_held = recipe.n_held().iter().sum();
        let n_predicted = Cell::new(0);
        let program = record(|| {
            let each = |n: usize, of: fn(usize) -> Argument| -> Vec<Symbol> {
                (0..n).map(|k| argument(Whole::Other(of(k)))).collect()
            };
            let n_states = model.states.len();
            let mut process = vec![Symbol::lit(0.0); n_targets];
            for (index, &k) in kept.iter().enumerate() {
                process[k] = argument(Whole::Other(Argument::Process(index)));
            }
            let node = Node {
                state: each(n_states, Argument::State),
                carry: each(n_states, Argument::Carry),
                process,
                held: each(n_held, Argument::Held),
            };
            let arrivals = Arrivals {
                sums: each(recipe.n_sums(), Argument::Sum),
                predicted: each(recipe.n_predicted(), Argument::Predicted),
                feedback: each(model.feedback.len(), Argument::Feedback),
                normal: each(n_targets, Argument::Normal),
                waves: each(recipe.n_waves(), Argument::Wave),
            };
            let number = |row| argument(Whole::Row(row));
            let moved = update(model, recipe, &node, &arrivals, &number);
            let next = &moved.node;
            let process = kept.iter().map(|&k| next.process[k]);
            let results = next.state.iter().chain(&next.carry).copied().chain(process);
            let mut results: Vec<Symbol> = results.chain(next.held.iter().copied()).collect();
            let lines = recipe.links.lines.iter().zip(&moved.sent);
            results.extend(
                lines
                    .filter(|(line, _)| line.state().is_none())
                    .map(|(_, x)| x),
            );
            if recorded.iter().chain(observed).any(|&k| k >= n_states) {
                let table = Table::new(model, recipe, &number, &arrivals.waves);
                let outputs = model.outputs(&next.state, &moved.input, &table.coefficients);
                let shown = recorded.iter().chain(observed);
                let indices = shown.filter_map(|k| k.checked_sub(n_states));
                results.extend(indices.map(|k| outputs[k]));
            }
            n_predicted.set(moved.predicted.len());
            results.extend(moved.predicted);
            (arguments.borrow().len(), results)
        });
        let arguments = arguments.into_inner();
        let split = program.split(|k| matches!(arguments[k], Whole::Row(_)));
        let row = |k: &usize| match arguments[*k] {
            Whole::Row(row) => row,
            Whole::Other(_) => unreachable!("only rows are early"),
        };
        let mut numbers = Vec::new();
        let mut late: Vec<Argument> = Vec::new();
        for &k in &split.late_arguments {
            late.push(match arguments[k] {
                Whole::Other(argument) => argument,
                Whole::Row(row) => {
                    numbers.push(row);
                    Argument::Number(numbers.len() - 1)
                }
            });
        }
        let n_rows = Rows::new(model, recipe).len();
        for made in 0..split.early.results().len() {
            numbers.push(n_rows + made);
            late.push(Argument::Number(numbers.len() - 1));
        }
        let results = split.late.results().to_vec();
        let (results, predicted) = results.split_at(results.len() - n_predicted.get());
        // Behind what is kept stand the lines that hold no state, then the recorded outputs.
        let n_states = model.states.len();
        let mut next = 2 * n_states + kept.len() + n_held;
        let mut index = |state: Option<usize>| {
            state.unwrap_or_else(|| {
                next += 1;
                next - 1
            })
        };
        let lines = recipe.links.lines.iter();
        let lines: Vec<usize> = lines.map(|line| index(line.state())).collect();
        let mut shown = |all: &[usize]| -> Vec<usize> {
            let all = all.iter();
            all.map(|&k| index((k < n_states).then_some(k))).collect()
        };
        let (recorded, observed) = (shown(recorded), shown(observed));
        Self {
            program: split.late.with_results(results),
            prediction: (!predicted.is_empty()).then(|| split.late.with_results(predicted)),
            arguments: late,
            numbers,
            early: split.early,
            early_rows: split.early_arguments.iter().map(row).collect(),
            n_states: model.states.len(),
            n_processes: kept.len(),
            n_held,
            lines,
            recorded,
            observed,
        }
    }

    /// Quantities of a node that are kept from step to step: states, carries, processes, what is held.
    pub fn n_kept(&self) -> usize {
        2 * self.n_states + self.n_processes + self.n_held
    }

    /// The results of the step, and what is predicted after them.
    pub fn n_quantities(&self) -> usize {
        self.program.results().len() + self.n_predicted()
    }

    /// What is predicted: as many as there are lines, or nothing.
    pub fn n_predicted(&self) -> usize {
        let prediction = self.prediction.as_ref();
        prediction.map_or(0, |program| program.results().len())
    }

    /// The tables that its program looks up, and where each begins among the numbers of a shader: they stand first there.
    pub fn tables(&self) -> Vec<(&'static Lookup, usize)> {
        let mut first = 0;
        let index = |table: &'static Lookup| {
            first += table.len();
            (table, first - table.len())
        };
        self.program.tables().into_iter().map(index).collect()
    }

    /// The quantity that an argument is, if it is kept from step to step.
    pub fn quantity(&self, argument: Argument) -> Option<usize> {
        match argument {
            Argument::State(s) => Some(s),
            Argument::Carry(s) => Some(self.n_states + s),
            Argument::Process(k) => Some(2 * self.n_states + k),
            Argument::Held(k) => Some(2 * self.n_states + self.n_processes + k),
            _ => None,
        }
    }
}
