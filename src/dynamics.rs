//! One step of one node with all that acts on it: constant input, neighbours, noise, model, integrator.
//!
//! This is the whole of the science between two time steps, and it is written once, for any [`Scalar`]. Run on symbols it becomes
//! a [`Step`]: the program that the CPU backend runs, and from which the shaders are written. The order of every operation is part of
//! the contract.
//!
//! 1. `c = g (sum - row_sum x)` (diffusive) or `g sum` (additive), where `sum` runs over the incoming edges.
//! 2. The input that hears the network: `(constant + c) + X`; the others: `constant + Y`. The Ornstein-Uhlenbeck processes advance
//!    by `X + (mean - X) dt/tau + sigma sqrt(dt) z`; the first input hears its process before this advance and the others
//!    after it, as in BrainPy (the processes are independent, so nothing else depends on it).
//! 3. The integrator's change of the state, plus what rounding cut off the step before ([`compensated`]); then the bounds of the model.

use std::cell::RefCell;

use crate::coupling::CouplingKind;
use crate::integrator::Integrator;
use crate::model::{Bounds, Model, Signal};
use crate::noise;
use crate::program::{Program, Symbol, record};
use crate::scalar::{Function, Scalar, Table, Trace, TraceBits, compensated, library, lookup};
use crate::study::NoiseKind;

/// Which parts a step has: all that decides the program, none of its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Recipe {
    /// The node's integrator.
    pub integrator: Integrator,
    /// The form of the coupling.
    pub coupling: CouplingKind,
    /// The kind of noise.
    pub noise: NoiseKind,
    /// Bit `k` is set if noise target `k` (see [`Model::noise_targets`]) has a noise process.
    pub process: u128,
    /// Bit `k` is set if noise target `k` needs random numbers. A subset of `process`.
    pub random: u128,
}

impl Recipe {
    /// With diffusive coupling, and noise on everything that this kind of noise acts on.
    pub fn full(model: &Model, integrator: Integrator, noise: NoiseKind) -> Self {
        let bit = |bits: u128, k: usize| bits | 1 << k;
        let noisy = match noise {
            NoiseKind::None => 0,
            NoiseKind::White => (0..model.states.len()).fold(0, bit),
            NoiseKind::OrnsteinUhlenbeck => {
                let inputs = 0..model.inputs.len();
                inputs.map(|i| model.noise_target_of_input(i)).fold(0, bit)
            }
        };
        Self {
            integrator,
            coupling: CouplingKind::Diffusive,
            noise,
            process: noisy,
            random: noisy,
        }
    }

    /// Every integrator with every kind of noise, for tests.
    #[cfg(test)]
    pub(crate) fn each(model: &Model) -> impl Iterator<Item = Self> {
        let noises = [
            NoiseKind::None,
            NoiseKind::White,
            NoiseKind::OrnsteinUhlenbeck,
        ];
        let all = Integrator::ALL.into_iter();
        all.flat_map(move |integrator| noises.map(|noise| Self::full(model, integrator, noise)))
    }

    /// Whether noise target `k` has a noise process.
    pub fn has_process(&self, k: usize) -> bool {
        self.process >> k & 1 == 1
    }

    /// Whether noise target `k` needs random numbers.
    pub fn is_random(&self, k: usize) -> bool {
        self.random >> k & 1 == 1
    }

    /// The noise targets whose Ornstein-Uhlenbeck process is kept from step to step, in order.
    pub fn processes(&self) -> Vec<usize> {
        let all = 0..u128::BITS as usize;
        let is_kept = self.noise == NoiseKind::OrnsteinUhlenbeck;
        all.filter(|&k| is_kept && self.has_process(k)).collect()
    }
}

/// Where in the table of numbers each quantity has its row. Every row holds one value per node and simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    n_coefficients: usize,
    n_inputs: usize,
    n_targets: usize,
}

impl Rows {
    /// The rows of a model.
    pub fn new(model: &Model) -> Self {
        Self {
            n_coefficients: model.n_coefficients(),
            n_inputs: model.inputs.len(),
            n_targets: model.noise_targets().len(),
        }
    }
    /// Coefficient `c` of the model.
    pub fn coefficient(&self, c: usize) -> usize {
        c
    }
    /// Constant part of input `i`.
    pub fn input(&self, i: usize) -> usize {
        self.n_coefficients + i
    }
    /// Mean of the noise process of target `k`.
    pub fn mean(&self, k: usize) -> usize {
        self.input(self.n_inputs) + k
    }
    /// `sigma sqrt(dt)` of target `k`.
    pub fn amplitude(&self, k: usize) -> usize {
        self.mean(self.n_targets) + k
    }
    /// `dt / tau` of the noise process.
    pub fn noise_rate(&self) -> usize {
        self.amplitude(self.n_targets)
    }
    /// Global coupling.
    pub fn g(&self) -> usize {
        self.noise_rate() + 1
    }
    /// Sum of the incoming weights.
    pub fn row_sum(&self) -> usize {
        self.g() + 1
    }
    /// The step, ms.
    pub fn dt(&self) -> usize {
        self.row_sum() + 1
    }
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.dt() + 1
    }
    /// Never.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// A node between two steps: its states and the noise processes that act on them.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<S> {
    /// The states.
    pub state: Vec<S>,
    /// What rounding cut off the states: added at the next step, 0 at the start.
    pub carry: Vec<S>,
    /// The Ornstein-Uhlenbeck processes, one per noise target (those without stay as they are).
    pub process: Vec<S>,
}

/// What reaches a node during a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrivals<S> {
    /// The weighted sum over the incoming edges.
    pub sum: S,
    /// The fed-back signals, for models with delayed self feedback.
    pub feedback: Vec<S>,
    /// Standard normal numbers, one per noise target.
    pub normal: Vec<S>,
}

/// The node one step later. `number` looks up a row of the table (see [`Rows`]) at this node.
pub fn update<S: Scalar>(
    model: &Model,
    recipe: &Recipe,
    node: &Node<S>,
    arrivals: &Arrivals<S>,
    number: &impl Fn(usize) -> S,
) -> Node<S> {
    let rows = Rows::new(model);
    let process = processes(recipe, rows, node, arrivals, number);
    let mut input = inputs((model, recipe, rows), node, &process, arrivals, number);
    input.extend_from_slice(&arrivals.feedback);
    let kick: Vec<Option<S>> = (0..model.states.len())
        .map(|s| {
            let is_kicked = recipe.noise == NoiseKind::White && recipe.is_random(s);
            is_kicked.then(|| number(rows.amplitude(s)) * arrivals.normal[s])
        })
        .collect();
    let coefficients = coefficients(model, rows, number);
    let dt = number(rows.dt());
    let change = recipe
        .integrator
        .change(model, &node.state, &input, &coefficients, dt, &kick);
    let (state, carry) = model
        .states
        .iter()
        .enumerate()
        .map(|(s, state)| {
            let (next, rest) = compensated(node.state[s], node.carry[s], change[s]);
            bounded(state.bounds, next, rest)
        })
        .unzip();
    Node {
        state,
        carry,
        process,
    }
}

/// The coefficients of the model.
fn coefficients<S: Scalar>(model: &Model, rows: Rows, number: &impl Fn(usize) -> S) -> Vec<S> {
    let all = 0..model.n_coefficients();
    all.map(|c| number(rows.coefficient(c))).collect()
}

/// The Ornstein-Uhlenbeck processes one step later.
fn processes<S: Scalar>(
    recipe: &Recipe,
    rows: Rows,
    node: &Node<S>,
    arrivals: &Arrivals<S>,
    number: &impl Fn(usize) -> S,
) -> Vec<S> {
    let mut process = node.process.clone();
    for k in recipe.processes() {
        let before = node.process[k];
        let mean = number(rows.mean(k));
        process[k] = before + (mean - before) * number(rows.noise_rate());
        if recipe.is_random(k) {
            process[k] = process[k] + number(rows.amplitude(k)) * arrivals.normal[k];
        }
    }
    process
}

/// The inputs of the model's equations.
fn inputs<S: Scalar>(
    (model, recipe, rows): (&Model, &Recipe, Rows),
    node: &Node<S>,
    process: &[S],
    arrivals: &Arrivals<S>,
    number: &impl Fn(usize) -> S,
) -> Vec<S> {
    let kept = recipe.processes();
    (0..model.inputs.len())
        .map(|i| {
            let mut input = number(rows.input(i));
            if model.hears.first() == Some(&i) {
                input = match recipe.coupling {
                    CouplingKind::None => input,
                    CouplingKind::Diffusive => {
                        let own = transmitted(model, &node.state, number);
                        let heard = number(rows.row_sum()) * own;
                        input + number(rows.g()) * (arrivals.sum - heard)
                    }
                    CouplingKind::Additive => input + number(rows.g()) * arrivals.sum,
                };
            }
            let k = model.noise_target_of_input(i);
            if kept.contains(&k) {
                input = input + if i == 0 { node.process[k] } else { process[k] };
            }
            input
        })
        .collect()
}

/// What a node in this state transmits. (An output that depends on inputs is refused by [`crate::plan`].)
fn transmitted<S: Scalar>(model: &Model, state: &[S], number: &impl Fn(usize) -> S) -> S {
    match model.signal() {
        Signal::State(s) => state[s],
        Signal::Output(k) => {
            let input = vec![S::lit(0.0); model.n_inputs()];
            let coefficients = coefficients(model, Rows::new(model), number);
            model.outputs(state, &input, &coefficients)[k]
        }
    }
}

/// What a node transmits in the state `[n_states]`, from the rows of the table.
pub fn signal_at(model: &Model, state: &[f32], number: &impl Fn(usize) -> f32) -> f32 {
    transmitted(model, state, number)
}

/// A state after a step, and what rounding cut off it, within the bounds of the model.
fn bounded<S: Scalar>(bounds: Bounds, mut next: S, mut rest: S) -> (S, S) {
    let zero = S::lit(0.0);
    match bounds {
        Bounds::Free => {}
        Bounds::Clipped { low, high } => {
            let (lower, upper) = (S::lit(low), S::lit(high));
            if low.is_finite() {
                let below = next.less(lower);
                next = S::select(below, lower, next);
                rest = S::select(below, zero, rest);
            }
            if high.is_finite() {
                let above = upper.less(next);
                next = S::select(above, upper, next);
                rest = S::select(above, zero, rest);
            }
        }
        Bounds::Angle => {
            // Exact between pi and 3 pi; what a turn is longer than its 32 bits goes into the rest.
            let turn = f64::from(std::f32::consts::TAU);
            let excess = std::f64::consts::TAU - turn;
            let half = S::lit(std::f64::consts::PI);
            let (above, below) = (half.less(next), next.less(-half));
            let by = S::select(above, S::lit(-turn), S::select(below, S::lit(turn), zero));
            let more = S::select(
                above,
                S::lit(-excess),
                S::select(below, S::lit(excess), zero),
            );
            next = next + by;
            rest = rest + more;
        }
    }
    (next, rest)
}

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
    /// The sum over the incoming edges.
    Sum,
    /// A fed-back signal.
    Feedback(usize),
    /// One of [`Step::numbers`].
    Number(usize),
}

/// One step of a node as a program.
///
/// The results of [`Step::program`] are the new states, carries and kept noise processes; what is transmitted then if that is no
/// state; and the recorded outputs, of the new states with the inputs of this step. What depends on the table alone is worked
/// out beforehand: [`Step::early`] makes further rows of it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The program of every step.
    pub program: Program,
    /// What its arguments are.
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
    /// Which result is transmitted.
    pub signal: usize,
    /// Which results are recorded.
    pub recorded: Vec<usize>,
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
        let arguments: RefCell<Vec<Whole>> = RefCell::default();
        let argument = |what: Whole| {
            let mut arguments = arguments.borrow_mut();
            let place = arguments.iter().position(|a| *a == what);
            Symbol::argument(place.unwrap_or_else(|| {
                arguments.push(what);
                arguments.len() - 1
            }))
        };
        let kept = recipe.processes();
        let n_targets = model.noise_targets().len();
        let program = record(|| {
            let each = |n: usize, of: fn(usize) -> Argument| -> Vec<Symbol> {
                (0..n).map(|k| argument(Whole::Other(of(k)))).collect()
            };
            let n_states = model.states.len();
            let mut process = vec![Symbol::lit(0.0); n_targets];
            for (place, &k) in kept.iter().enumerate() {
                process[k] = argument(Whole::Other(Argument::Process(place)));
            }
            let node = Node {
                state: each(n_states, Argument::State),
                carry: each(n_states, Argument::Carry),
                process,
            };
            let arrivals = Arrivals {
                sum: argument(Whole::Other(Argument::Sum)),
                feedback: each(model.feedback.len(), Argument::Feedback),
                normal: each(n_targets, Argument::Normal),
            };
            let next = update(model, recipe, &node, &arrivals, &|row| {
                argument(Whole::Row(row))
            });
            let process = kept.iter().map(|&k| next.process[k]);
            let results = next.state.iter().chain(&next.carry).copied().chain(process);
            let mut results: Vec<Symbol> = results.collect();
            if let Signal::Output(_) = model.signal() {
                let number = |row| argument(Whole::Row(row));
                results.push(transmitted(model, &next.state, &number));
            }
            let number = |row| argument(Whole::Row(row));
            let outputs = recorded.iter().filter_map(|k| k.checked_sub(n_states));
            results.extend(outputs.map(|k| {
                let rows = Rows::new(model);
                let all = (model, recipe, rows);
                let mut input = inputs(all, &node, &next.process, &arrivals, &number);
                input.extend_from_slice(&arrivals.feedback);
                let coefficients = coefficients(model, rows, &number);
                model.outputs(&next.state, &input, &coefficients)[k]
            }));
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
        let n_rows = Rows::new(model).len();
        for made in 0..split.early.results().len() {
            numbers.push(n_rows + made);
            late.push(Argument::Number(numbers.len() - 1));
        }
        Self {
            program: split.late,
            arguments: late,
            numbers,
            early: split.early,
            early_rows: split.early_arguments.iter().map(row).collect(),
            n_states: model.states.len(),
            n_processes: kept.len(),
            signal: match model.signal() {
                Signal::State(s) => s,
                Signal::Output(_) => 2 * model.states.len() + kept.len(),
            },
            recorded: {
                let is_own = matches!(model.signal(), Signal::Output(_));
                let mut next = 2 * model.states.len() + kept.len() + usize::from(is_own);
                let place = |&k: &usize| {
                    if k < model.states.len() {
                        return k;
                    }
                    next += 1;
                    next - 1
                };
                recorded.iter().map(place).collect()
            },
        }
    }

    /// Quantities of a node that are kept from step to step: states, carries, processes.
    pub fn n_kept(&self) -> usize {
        2 * self.n_states + self.n_processes
    }

    /// The tables that its program looks up, and where each begins among the numbers of a shader: they stand first there.
    pub fn tables(&self) -> Vec<(&'static Table, usize)> {
        let mut first = 0;
        let place = |table: &'static Table| {
            first += table.len();
            (table, first - table.len())
        };
        self.program.tables().into_iter().map(place).collect()
    }

    /// The quantity that an argument is, if it is kept from step to step.
    pub fn quantity(&self, argument: Argument) -> Option<usize> {
        match argument {
            Argument::State(s) => Some(s),
            Argument::Carry(s) => Some(self.n_states + s),
            Argument::Process(k) => Some(2 * self.n_states + k),
            _ => None,
        }
    }
}

/// The WGSL of one step of one node, of the random generator, and of the functions they need.
///
/// ```text
/// fn update(numbers: Numbers, before: Node, sum: f32, feedback: f32, normal: Normals) -> Node
/// fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32>
/// fn normals(words: vec2<u32>) -> vec2<f32>
/// ```
///
/// `Numbers` is an array of the numbers that the step reads, in the order of [`Step::numbers`]. The shader around it defines `exact`,
/// `mul_high` and `signed_to_float`, and holds the array `numbers_of_all`, which begins with the [`Step::tables`].
pub fn wgsl(model: &Model, recipe: &Recipe, step: &Step) -> String {
    let argument = |argument: &Argument| {
        Trace::argument(match argument {
            Argument::State(s) => format!("before.state[{s}]"),
            Argument::Carry(s) => format!("before.carry[{s}]"),
            Argument::Process(k) => format!("before.process[{k}]"),
            Argument::Normal(k) => format!("normal[{k}]"),
            Argument::Sum => "sum".into(),
            Argument::Feedback(_) => "feedback".into(),
            Argument::Number(k) => format!("numbers[{k}]"),
        })
    };
    let body = || {
        let arguments: Vec<Trace> = step.arguments.iter().map(argument).collect();
        Function::results().floats(step.program.evaluate(&[&arguments]))
    };
    let node = |names: &[String]| {
        let (n, k) = (step.n_states, step.n_processes);
        let process = if k == 0 {
            "before.process".into()
        } else {
            format!("Processes({})", names[2 * n..2 * n + k].join(", "))
        };
        let recorded = step.recorded.iter().map(|&k| names[k].clone());
        let recorded: Vec<String> = recorded.collect();
        format!(
            "Node(State({}), State({}), {process}, {}, Recorded({}))",
            names[..n].join(", "),
            names[n..2 * n].join(", "),
            names[step.signal],
            recorded.join(", "),
        )
    };
    let signature =
        "update(numbers: Numbers, before: Node, sum: f32, feedback: f32, normal: Normals) -> Node";
    let update = format!(
        "// {name}, {integrator}\nalias State = array<f32, {n_states}>;\nalias Processes = array<f32, {n_processes}>;\n\
         alias Normals = array<f32, {n_targets}>;\nalias Recorded = array<f32, {n_recorded}>;\nalias Numbers = array<f32, {n_numbers}>;\n\
         struct Node {{ state: State, carry: State, process: Processes, signal: f32, recorded: Recorded }}\n\n{text}",
        n_states = step.n_states,
        n_processes = step.n_processes.max(1),
        n_targets = model.noise_targets().len(),
        n_recorded = step.recorded.len(),
        n_numbers = step.numbers.len().max(1),
        name = model.name,
        integrator = recipe.integrator.name(),
        text = Function::write(signature, node, body),
    );
    let lookups = step.tables().into_iter();
    let lookups = lookups.map(|(table, first)| format!("\n{}", lookup(table, first)));
    let update = update + &lookups.collect::<String>();
    if recipe.random == 0 {
        return format!("{update}\n{}", library(&update));
    }
    let words =
        |name: &str| ["x", "y", "z", "w"].map(|w| TraceBits::argument(format!("{name}.{w}")));
    let philox = Function::write(
        "philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32>",
        |results| format!("vec4<u32>({})", results.join(", ")),
        || {
            let [k0, k1, ..] = words("key");
            Function::results().bits(noise::philox(words("counter"), [k0, k1]))
        },
    );
    let normals = Function::write(
        "normals(words: vec2<u32>) -> vec2<f32>",
        |results| format!("vec2<f32>({})", results.join(", ")),
        || {
            let [w0, w1, ..] = words("words");
            Function::results().floats(noise::normals::<Trace>([w0, w1]))
        },
    );
    let text = format!("{update}\n{philox}\n{normals}");
    format!("{text}\n{}", library(&text))
}
