//! The equations of one node as two programs: what it sends into its lines, and how its states
//! change with what it receives.

use super::Role;
use super::number::Number;
use super::{Arrivals, Network};
use crate::dynamics::Links;
use crate::model::{Model, Signal};
use crate::program::{Program, Symbol, record};
use crate::scalar::Scalar;

/// The programs of a node, and what their arguments are.
#[derive(Debug)]
pub(super) struct NodePrograms {
    /// Lines and channels.
    pub links: Links,
    /// States, sums, delayed values, constant inputs, row sums, coefficients of the model and of
    /// the couplings, to the states' derivatives per ms.
    pub rates: Program,
    /// The same to the model's outputs.
    pub outputs: Program,
    /// States and both kinds of coefficients to what goes into every line.
    pub lines: Program,
    /// The state that a line holds as it is, if it does.
    pub plain: Vec<Option<usize>>,
    /// Whether nodes receive only each other's first states, into the rates of their own first
    /// states.
    pub receives_first_only: bool,
}

impl NodePrograms {
    pub fn new(model: &Model, links: Links) -> Self {
        let (n_states, n_feedback) = (model.states.len(), model.feedback.len());
        let n_sums = links.channels.len();
        let coupling: usize = links
            .terms
            .iter()
            .map(|term| term.form.n_coefficients())
            .sum();
        let counts = [
            n_states,
            n_sums,
            n_feedback,
            model.inputs.len(),
            links.matrices.len(),
            model.n_coefficients(),
            coupling,
        ];
        // The node's states, its inputs with all that arrives, and the model's coefficients.
        let received = || {
            let mut parts = arguments(&counts).into_iter();
            let mut next = || parts.next().expect("as many parts as counts");
            let [
                state,
                sums,
                fed_back,
                mut input,
                row_sums,
                coefficients,
                coupling,
            ] = std::array::from_fn(|_| next());
            for (t, link) in links.terms.iter().enumerate() {
                for (p, pair) in link.pairs.iter().enumerate() {
                    let channels = links.sums(t, p).iter();
                    let sums: Vec<Symbol> = channels
                        .map(|channel| channel.map_or(Symbol::lit(0.0), |channel| sums[channel]))
                        .collect();
                    let own = signal(model, pair.source, &state, &coefficients);
                    let coupling = &coupling[links.coefficients(t)];
                    let row_sum = |squared| row_sums[links.matrix_of(t, squared)];
                    let squares = link.uses_squares().then(|| row_sum(true));
                    let row_sums = [row_sum(false), squares.unwrap_or(Symbol::lit(0.0))];
                    let received = link.form.received(&sums, own, row_sums, coupling);
                    input[pair.target] = input[pair.target] + received[0];
                    if let Some(target) = pair.squares {
                        input[target] = input[target] + received[1];
                    }
                }
            }
            input.extend(fed_back);
            [state, input, coefficients]
        };
        let rates = record(|| {
            let [state, input, coefficients] = received();
            let rates = model.drift(&state, &input, &coefficients);
            (counts.iter().sum(), rates)
        });
        let outputs = record(|| {
            let [state, input, coefficients] = received();
            let outputs = model.outputs(&state, &input, &coefficients);
            (counts.iter().sum(), outputs)
        });
        let lines = record(|| {
            let counts = [counts[0], counts[5], counts[6]];
            let parts = arguments(&counts);
            let [state, coefficients, coupling] = &parts[..] else {
                unreachable!("three counts")
            };
            let sent = links.lines.iter().map(|line| {
                let x = signal(model, line.signal, state, coefficients);
                line.sent.map_or(x, |(term, sent)| {
                    let form = links.terms[term].form;
                    form.sent(x, &coupling[links.coefficients(term)])[sent]
                })
            });
            let sent = sent.collect();
            (counts.iter().sum(), sent)
        });
        let arriving = n_states..n_states + n_sums;
        let receives = rates.depends(|argument| arriving.contains(&argument));
        let others = lines.depends(|argument| (1..n_states).contains(&argument));
        let receives_first_only = rates
            .results()
            .iter()
            .skip(1)
            .all(|&id| !receives[id as usize])
            && links
                .channels
                .iter()
                .all(|channel| !others[lines.results()[channel.line] as usize]);
        Self {
            rates,
            outputs,
            lines,
            plain: links.lines.iter().map(|line| line.state()).collect(),
            receives_first_only,
            links,
        }
    }
}

/// Arguments in several parts of so many each.
fn arguments(counts: &[usize]) -> Vec<Vec<Symbol>> {
    let mut first = 0;
    let part = |&n: &usize| {
        let part = (first..first + n).map(Symbol::argument).collect();
        first += n;
        part
    };
    counts.iter().map(part).collect()
}

/// A signal of a node that does not depend on its inputs.
fn signal(model: &Model, signal: Signal, state: &[Symbol], coefficients: &[Symbol]) -> Symbol {
    match signal {
        Signal::State(s) => state[s],
        Signal::Output(k) => {
            let input = vec![Symbol::lit(0.0); model.n_inputs()];
            model.outputs(state, &input, coefficients)[k]
        }
    }
}

/// What one evaluation of a node's programs reads and writes.
pub(super) struct Work<S> {
    /// The values of a program: its arguments first.
    pub values: Vec<S>,
    /// Of the model and of the couplings.
    coefficients: Vec<S>,
}

impl<S: Number> Work<S> {
    pub fn new() -> Self {
        Self {
            values: Vec::new(),
            coefficients: Vec::new(),
        }
    }

    /// Makes room for what a program works out.
    fn make_room(&mut self, program: &Program) {
        debug_assert_eq!(
            self.values.len(),
            program.n_arguments(),
            "one number per argument"
        );
        self.values.resize(program.n_values(), S::lit(0.0));
    }

    /// Runs a program whose arguments are there, and gives its results.
    pub fn run<'a>(&'a mut self, program: &'a Program) -> impl Iterator<Item = S> + 'a {
        program.run(&mut self.values);
        program.results().iter().map(|&id| self.values[id as usize])
    }
}

impl Network {
    /// Loads the arguments of `rates` at a node.
    pub(super) fn load_rates<S: Number>(
        &self,
        node: usize,
        (state, p): (&[S], S),
        arrivals: &Arrivals<S>,
        work: &mut Work<S>,
    ) {
        self.load_received(node, (state, p), arrivals, work);
        work.make_room(&self.equations.rates);
    }

    /// Loads the arguments of `outputs` at a node.
    pub(super) fn load_outputs<S: Number>(
        &self,
        node: usize,
        (state, p): (&[S], S),
        arrivals: &Arrivals<S>,
        work: &mut Work<S>,
    ) {
        self.load_received(node, (state, p), arrivals, work);
        work.make_room(&self.equations.outputs);
    }

    /// Loads what both take.
    fn load_received<S: Number>(
        &self,
        node: usize,
        (state, p): (&[S], S),
        arrivals: &Arrivals<S>,
        work: &mut Work<S>,
    ) {
        self.coefficients_at(node, p, &mut work.coefficients);
        let values = &mut work.values;
        values.clear();
        values.extend_from_slice(state);
        values.extend_from_slice(of_node(&arrivals.sums, node, self.n_nodes));
        values.extend_from_slice(of_node(&arrivals.fed_back, node, self.n_nodes));
        let inputs = 0..self.model.inputs.len();
        values.extend(inputs.map(|k| self.constant_input(node, k, p)));
        values.extend(self.row_sums.row(node).iter().map(|&sum| S::lit(sum)));
        values.extend_from_slice(&work.coefficients);
    }

    /// Loads the arguments of `lines` at a node.
    pub(super) fn load_lines<S: Number>(
        &self,
        node: usize,
        (state, p): (&[S], S),
        work: &mut Work<S>,
    ) {
        self.coefficients_at(node, p, &mut work.coefficients);
        work.values.clear();
        work.values.extend_from_slice(state);
        work.values.extend_from_slice(&work.coefficients);
        work.make_room(&self.equations.lines);
    }

    /// Constant part of input `k` at `node`, without what neighbours send.
    fn constant_input<S: Number>(&self, node: usize, k: usize, p: S) -> S {
        match self.parameter.role {
            Role::Input(moved) if moved == k => self.parameter.at(node, p),
            _ => S::lit(self.input[[node, k]]),
        }
    }

    /// What the equations of `node` need of the parameters of the model, then of the couplings,
    /// written to `coefficients`.
    fn coefficients_at<S: Number>(&self, node: usize, p: S, coefficients: &mut Vec<S>) {
        let moved = |fixed: ndarray::ArrayView1<'_, f64>, index: usize| -> Vec<S> {
            let mut row: Vec<S> = fixed.iter().map(|&v| S::lit(v)).collect();
            row[index] = self.parameter.at(node, p);
            row
        };
        coefficients.clear();
        match self.parameter.role {
            Role::Model(index) => {
                coefficients.resize(self.model.n_coefficients(), S::lit(0.0));
                let row = moved(self.parameters.row(node), index);
                let prepare = self.model.prepare_program();
                prepare.write(&[&row], &mut [coefficients]);
            }
            _ => coefficients.extend(self.coefficients.row(node).iter().map(|&v| S::lit(v))),
        }
        let n_own = coefficients.len();
        coefficients.extend(
            self.coupling_coefficients
                .row(node)
                .iter()
                .map(|&v| S::lit(v)),
        );
        if let Role::Coupling { term, parameter } = self.parameter.role {
            let row = moved(self.coupling[term].row(node), parameter);
            let links = &self.equations.links;
            let prepared = links.terms[term].form.prepare(&row, self.n_counted);
            let range = links.coefficients(term);
            coefficients[n_own + range.start..n_own + range.end].copy_from_slice(&prepared);
        }
    }
}

/// The part of `[n_nodes, any]` values that belongs to a node.
pub(super) fn of_node<T>(values: &[T], node: usize, n_nodes: usize) -> &[T] {
    let width = values.len() / n_nodes;
    &values[node * width..][..width]
}
