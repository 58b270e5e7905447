//! One step of one node with all that acts on it: constant input, neighbours, noise, model, integrator.
//!
//! This is the whole of the science between two time steps, and it is written once, for any [`Scalar`]. Run on symbols it becomes
//! a [`Step`]: the program that the CPU backend runs, and from which the shaders are written. The order of every operation is part of
//! the contract.
//!
//! 1. `c`, what each coupling makes of the sums over the incoming edges: `g (sum - row_sum x)` if it is diffusive.
//! 2. An input that receives the network: `((constant + c) + c') + X`, the couplings in their order; the others: `constant + Y`. Stimuli,
//!    each `gain w` with its waveform's mean over the step, are added to the constant first, in their order. The
//!    Ornstein-Uhlenbeck processes advance by `X + (mean - X) rate + amplitude z`, rate and amplitude those of the scheme
//!    ([`Noise`](crate::study::Noise)); the first input receives its process before this advance and the others after it, as in BrainPy (the
//!    processes are independent, so nothing else depends on it). Heun's second stage may take all this at the step's end ([`Stages`]): its
//!    own state is then the predicted one, and every input receives its process before the advance, and after it in the second stage.
//! 3. The integrator's change of the state, plus what rounding cut off the step before ([`compensated`]); then the bounds of the model.
//!    A white kick is `sigma sqrt(dt) z`, times `sqrt(exprel(2 dt L))` if it is exact (L the equation's own derivative at the step's
//!    start), times its amplitude at the step's start if the model gives one (so it is Ito's).
//! 4. What the node sends: of its new state. An output that depends on inputs is sent as it was in this step, one step late: the
//!    inputs of the next are made of it.

mod arrivals;
mod input;
mod links;
mod observing;
mod review;
mod rows;
mod step;
mod wgsl;

use crate::integrator::{AtEnd, Integrator};
use crate::model::{Bounds, Model, Signal};
use crate::scalar::{Scalar, compensated};
use crate::study::{NoiseKind, Study, Term};
use input::{inputs, processes};

pub use arrivals::{Arrivals, Part, Stages};
pub use links::{Channel, Line, Link, Links, Matrix};
pub use observing::observing_wgsl;
pub use review::Review;
pub use rows::Rows;
pub use step::{Argument, Step};
pub use wgsl::wgsl;

/// Which parts a step has: all that decides the program, none of its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recipe {
    /// The node's integrator.
    pub integrator: Integrator,
    /// What nodes send each other and receive.
    pub links: Links,
    /// The kind of noise.
    pub noise: NoiseKind,
    /// Bit `k` is set if noise target `k` (see [`Model::noise_targets`]) has a noise process.
    pub process: u128,
    /// Bit `k` is set if noise target `k` needs random numbers. A subset of `process`.
    pub random: u128,
    /// Whether a white kick has the variance that makes exponential Euler exact for linear nodes
    /// ([`NoiseScheme::Exact`](crate::study::NoiseScheme::Exact)).
    pub exact_kicks: bool,
    /// What the integrator's stages take of what is received then; `None`: all is taken at the step's start.
    pub stages: Option<Stages>,
    /// The input that each stimulus acts on.
    pub stimuli: Vec<usize>,
    /// What depends on the time; the waves of a step ([`Arrivals::waves`]) have it behind those of the stimuli.
    pub moving: Vec<Moving>,
}

/// A row of the table whose numbers hold at t = 0 only, since they depend on the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moving {
    /// A coefficient of the model.
    Coefficient(usize),
    /// The constant part of an input.
    Input(usize),
}

impl Recipe {
    /// With the coupling that the model has where a study names none, and noise on everything that this kind of noise acts on.
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
            links: Links::of(model, &[Term::new(model, Study::form(model))]),
            noise,
            process: noisy,
            random: noisy,
            exact_kicks: false,
            stages: None,
            stimuli: Vec::new(),
            moving: Vec::new(),
        }
    }

    /// Every integrator with every kind of noise; exact kicks; Heun's method in stages, for tests.
    #[cfg(test)]
    pub(crate) fn each(model: &Model) -> impl Iterator<Item = Self> {
        let noises = [
            NoiseKind::None,
            NoiseKind::White,
            NoiseKind::OrnsteinUhlenbeck,
        ];
        let all = Integrator::ALL.into_iter();
        let all = all
            .flat_map(move |integrator| noises.map(|noise| Self::full(model, integrator, noise)));
        let exact = Self {
            exact_kicks: true,
            ..Self::full(model, Integrator::ExponentialEuler, NoiseKind::White)
        };
        let stages = [(true, false), (false, true), (true, true)];
        let in_stages = stages.into_iter().flat_map(move |(delayed, prompt)| {
            noises.map(|noise| Self {
                stages: Some(Stages { delayed, prompt }),
                ..Self::full(model, Integrator::Heun, noise)
            })
        });
        all.chain([exact]).chain(in_stages)
    }

    /// The waves that a step has: of stimuli, then of what depends on the time.
    pub fn n_waves(&self) -> usize {
        self.stimuli.len() + self.moving.len()
    }

    /// Which wave a row of the table is, if it depends on the time.
    fn wave_of(&self, moving: Moving) -> Option<usize> {
        let place = self.moving.iter().position(|other| *other == moving)?;
        Some(self.stimuli.len() + place)
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

/// A node between two steps: its states and the noise processes that act on them.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<S> {
    /// The states.
    pub state: Vec<S>,
    /// What rounding cut off the states: added at the next step, 0 at the start.
    pub carry: Vec<S>,
    /// The Ornstein-Uhlenbeck processes, one per noise target (those without stay as they are).
    pub process: Vec<S>,
    /// What it received at the end of the step before, sums and then fed-back signals: see [`Recipe::n_held`].
    pub held: Vec<S>,
}

/// The node one step later, and what it sends. `number` looks up a row of the table (see [`Rows`]) at this node.
pub fn update<S: Scalar>(
    model: &Model,
    recipe: &Recipe,
    node: &Node<S>,
    arrivals: &Arrivals<S>,
    number: &impl Fn(usize) -> S,
) -> Moved<S> {
    let at = Table::new(model, recipe, number, &arrivals.waves);
    let process = processes(recipe, at.rows, node, arrivals, number);
    // In stages an input receives its process when it receives all else.
    let before = |i: usize, k: usize| match recipe.stages {
        None if i != 0 => process[k],
        _ => node.process[k],
    };
    let received = recipe.at_start(node, arrivals);
    let input = inputs(&at, recipe, &node.state, &received, before, number);
    let amplitudes = model.amplitudes(&node.state, &input, &at.coefficients);
    let dt = number(at.rows.dt());
    let own = recipe.exact_kicks.then(|| {
        model
            .drift_and_diagonal(&node.state, &input, &at.coefficients)
            .1
    });
    let kick: Vec<Option<S>> = (0..model.states.len())
        .map(|s| {
            let is_kicked = recipe.noise == NoiseKind::White && recipe.is_random(s);
            is_kicked.then(|| {
                let kick = number(at.rows.amplitude(s)) * arrivals.normal[s];
                // (e^(2 L dt) - 1)/(2 L) = dt exprel(2 dt L)
                let exact = own.as_ref().map(|own| ((dt + dt) * own[s]).exprel().sqrt());
                let kick = exact.map_or(kick, |factor| kick * factor);
                amplitudes[s].map_or(kick, |amplitude| kick * amplitude)
            })
        })
        .collect();
    let end = |predicted: &[S]| {
        let received = recipe.at_end(arrivals);
        inputs(&at, recipe, predicted, &received, |_, k| process[k], number)
    };
    let end: Option<AtEnd<S>> = recipe.stages.is_some().then_some(&end);
    let coefficients = &at.coefficients;
    let change = recipe
        .integrator
        .change(model, &node.state, &input, coefficients, dt, &kick, end);
    let predicted = match recipe.n_predicted() {
        0 => None,
        _ => Some(Integrator::predicted(
            model,
            &node.state,
            &input,
            coefficients,
            dt,
            &kick,
        )),
    };
    let (state, carry): (Vec<S>, Vec<S>) = model
        .states
        .iter()
        .enumerate()
        .map(|(s, state)| {
            let (next, rest) = compensated(node.state[s], node.carry[s], change[s]);
            bounded(state.bounds, next, rest)
        })
        .unzip();
    let sent = |new: &[S]| -> Vec<S> {
        let lines = recipe.links.lines.iter();
        let sent = lines.map(|line| {
            let of = if model.is_late(line.signal) {
                &node.state
            } else {
                new
            };
            at.sent(recipe, line, at.signal(line.signal, of, &input))
        });
        sent.collect()
    };
    Moved {
        sent: sent(&state),
        predicted: predicted.map_or(Vec::new(), |predicted| sent(&predicted)),
        node: Node {
            state,
            carry,
            process,
            held: recipe.held(arrivals),
        },
        input,
    }
}

/// A node after a step.
#[derive(Debug, Clone)]
pub struct Moved<S> {
    /// The node.
    pub node: Node<S>,
    /// What goes into each of its lines.
    pub sent: Vec<S>,
    /// What is predicted to go into each of its lines, if anybody takes it: see [`Recipe::n_predicted`].
    pub predicted: Vec<S>,
    /// The inputs of the step, delayed values last.
    pub input: Vec<S>,
}

/// What of the table a node's equations take.
#[derive(Debug)]
struct Table<'a, S> {
    model: &'a Model,
    rows: Rows,
    /// Of the model.
    coefficients: Vec<S>,
    /// Of the couplings, term after term.
    coupling: Vec<S>,
}

impl<'a, S: Scalar> Table<'a, S> {
    /// `waves` has what depends on the time; where it is empty, the numbers are those of t = 0.
    fn new(model: &'a Model, recipe: &Recipe, number: &impl Fn(usize) -> S, waves: &[S]) -> Self {
        let rows = Rows::new(model, recipe);
        let coefficients = 0..model.n_coefficients();
        let terms = 0..recipe.links.terms.len();
        Self {
            model,
            rows,
            coefficients: coefficients
                .map(|c| {
                    let wave = recipe.wave_of(Moving::Coefficient(c));
                    let now = wave.and_then(|wave| waves.get(wave).copied());
                    now.unwrap_or_else(|| number(rows.coefficient(c)))
                })
                .collect(),
            coupling: terms
                .flat_map(|term| recipe.links.coefficients(term))
                .map(|c| number(rows.coupling(c)))
                .collect(),
        }
    }

    /// The coefficients of one coupling.
    fn coupling(&self, recipe: &Recipe, term: usize) -> &[S] {
        &self.coupling[recipe.links.coefficients(term)]
    }

    /// A signal of the node in this state, under these inputs.
    fn signal(&self, signal: Signal, state: &[S], input: &[S]) -> S {
        match signal {
            Signal::State(s) => state[s],
            Signal::Output(k) => self.model.outputs(state, input, &self.coefficients)[k],
        }
    }

    /// What goes into a line of a node that transmits `x`.
    fn sent(&self, recipe: &Recipe, line: &Line, x: S) -> S {
        match line.sent {
            None => x,
            Some((term, sent)) => {
                let form = recipe.links.terms[term].form;
                form.sent(x, self.coupling(recipe, term))[sent]
            }
        }
    }
}

/// What a node transmits at t = 0 or before, and the same as it goes into its lines.
#[derive(Debug)]
pub struct Before<'a> {
    model: &'a Model,
    recipe: &'a Recipe,
    table: Table<'a, f32>,
    constant: Vec<f32>,
}

impl<'a> Before<'a> {
    /// Of a node with these rows of the table.
    pub fn new(model: &'a Model, recipe: &'a Recipe, number: &impl Fn(usize) -> f32) -> Self {
        let table = Table::new(model, recipe, number, &[]);
        let rows = table.rows;
        Self {
            constant: (0..model.inputs.len())
                .map(|i| number(rows.input(i)))
                .collect(),
            model,
            recipe,
            table,
        }
    }

    /// The signal of the node in the state `[n_states]`, under its constant input and with these values fed back.
    pub fn signal(&self, signal: Signal, state: &[f32], fed_back: &[f32]) -> f32 {
        let input = [&self.constant, fed_back].concat();
        debug_assert_eq!(
            input.len(),
            self.model.n_inputs(),
            "inputs, then delayed values"
        );
        self.table.signal(signal, state, &input)
    }

    /// What goes into line `line` of a node that transmits `x`.
    pub fn sent(&self, line: usize, x: f32) -> f32 {
        self.table
            .sent(self.recipe, &self.recipe.links.lines[line], x)
    }
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
