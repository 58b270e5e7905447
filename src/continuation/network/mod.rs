//! Turns a study into the equations of the whole network: `f(u, p)` and its derivatives, in `f64`.
//!
//! ```text
//! du_i/dt = drift(u_i, input_i, fed back)
//! input_i = constant input + received(S_i, signal(u_i))       for every coupling, from every signal into the input that receives it
//! S_i = sum_j w_ij sent(signal(u_j(t - d_ij)))             a channel: one for each different sum of the couplings
//! fed back = signal(u_i(t - d_i))                          for every delayed feedback of the model
//! ```
//!
//! `u` holds the states node after node, `u[node * n_states + state]`. `sent` and `received` are the
//! two halves of a coupling ([`crate::coupling`]), signals are states or outputs of the model. The
//! value that a node contributes to S_i is a line, as in `crate::dynamics`. A delay is tract
//! length / conduction speed, not rounded to steps; delays given in steps count `protocol.dt` each.
//! Delays do not move an equilibrium; they decide whether it is stable
//! ([`crate::continuation::delay`]).
//!
//! Random input counts with its mean. Every derivative is automatic: equations of nodes and
//! couplings run on dual numbers and power series.
//!
//! Read in this order:
//!
//! 1. `equations`: the programs of one node; `parameter`: which number of the study varies;
//!    `delays`;
//! 2. [`Linearisation`] (`linearisation`): the derivatives, in the parts that delays need;
//! 3. `problem`: a network without delays as a [`Problem`](super::Problem);
//! 4. [`equilibrium`]: curves of equilibria of large networks;
//! 5. `forms`: second and third derivatives, for normal forms (`number` has the numbers for them);
//! 6. [`hold`]: one parameter per node such that an output rests at a target;
//! 7. [`modes`], `synchronous`: networks whose nodes are all in one state, mode by mode.

mod connections;
mod delays;
mod equations;
pub mod equilibrium;
pub(crate) mod forms;
pub mod hold;
mod linearisation;
pub mod modes;
pub(crate) mod number;
mod parameter;
mod problem;
mod synchronous;

use std::sync::Arc;

use ndarray::Array2;

pub use linearisation::{Linearisation, NetworkLayout};
pub use parameter::NetworkParameter;
pub(crate) use parameter::Role;

use crate::connectome::Delays;
use crate::dynamics::{Channel, Links, Matrix};
use crate::error::{Error, Result};
use crate::model::{Model, Signal};
use crate::study::{Study, key};
use connections::Connections;
use equations::{NodePrograms, Work};
use number::{D1, Number};

/// A network with one parameter that may vary.
#[derive(Debug, Clone)]
pub struct Network {
    model: &'static Model,
    equations: Arc<NodePrograms>,
    layout: Arc<NetworkLayout>,
    n_nodes: usize,
    /// The number of nodes that couplings know of: `n` in their equations.
    n_counted: usize,
    /// What connections are summed with, `[target, source]` each: one for each of [`Links::matrices`].
    matrices: Vec<Connections>,
    /// The sums of their rows, `[n_nodes, n_matrices]`.
    row_sums: Array2<f64>,
    distances: Distances,
    speed_mm_per_ms: f64,
    /// Whether delayed feedback is late.
    feeds_back_late: bool,
    /// `[n_nodes, n_inputs]`
    input: Array2<f64>,
    /// `[n_nodes, n_parameters]`
    parameters: Array2<f64>,
    /// `[n_nodes, n_coefficients]`
    coefficients: Array2<f64>,
    /// Parameters of every coupling, `[n_nodes, n_parameters]`.
    coupling: Vec<Array2<f64>>,
    /// What the couplings need of them, one after the other: `[n_nodes, n_coefficients]`.
    coupling_coefficients: Array2<f64>,
    parameter: NetworkParameter,
}

/// What every node receives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arrivals<S> {
    /// The sums over connections, `[n_nodes, n_channels]`.
    pub sums: Vec<S>,
    /// Its own signals, delayed: `[n_nodes, n_feedback]`.
    pub fed_back: Vec<S>,
}

/// What makes the delays.
#[derive(Debug, Clone)]
enum Distances {
    LengthsMm(Array2<f64>),
    DelaysMs(Array2<f64>),
    None,
}

impl Network {
    /// The network of `study`, with the number at `path` as its parameter.
    ///
    /// `path` names a number that moves equilibria or their stability, as [`key::resolve`] reads it:
    /// an input or the mean of its noise, a parameter of the model or of a coupling, each with or
    /// without a node's index, or the conduction speed.
    ///
    /// # Errors
    /// [`Error::Unknown`] and [`StudyError::Ambiguous`](crate::error::StudyError::Ambiguous) for
    /// another path; [`Error::Continuation`] for a model or coupling that is not smooth, for a transmitted or fed back signal that depends on inputs, and for numbers without
    /// effect.
    pub fn new(study: &Study, path: &str) -> Result<Self> {
        let model = study.model;
        check(study)?;
        let n_nodes = study.connectome.n_nodes();
        let coupled = study.coupling.is_some();
        let terms = &study.coupling.terms;
        let links = Links::of(model, terms);
        let matrices: Vec<_> = links
            .matrices
            .iter()
            .map(|matrix| Connections::new(summed_with(study, matrix)))
            .collect();
        let row_sums = Array2::from_shape_fn((n_nodes, matrices.len()), |(i, k)| {
            matrices[k].row(i).iter().sum()
        });
        let distances = match &study.connectome.delays {
            Delays::TractLengths(lengths) => Distances::LengthsMm(lengths.clone()),
            Delays::Milliseconds(delays) => Distances::DelaysMs(delays.clone()),
            Delays::Steps(steps) => {
                Distances::DelaysMs(steps.mapv(|d| f64::from(d) * study.protocol.dt))
            }
            Delays::None if study.coupling.conduction_speed.is_finite() && coupled => {
                return Err(Error::missing(
                    key::TRACT_LENGTHS.path,
                    "delays need tract lengths",
                    format!(
                        "name them, or say {} = inf for a network without delays",
                        key::CONDUCTION_SPEED.path
                    ),
                ));
            }
            Delays::None => Distances::None,
        };
        let mut input = Array2::zeros((n_nodes, model.inputs.len()));
        for (k, values) in study.input.iter().enumerate() {
            let mean = parameter::mean(study, k);
            for i in 0..n_nodes {
                input[[i, k]] = values.at(i) + mean[i];
            }
        }
        let table = |values: &[crate::study::Values]| {
            Array2::from_shape_fn((n_nodes, values.len()), |(i, k)| values[k].at(i))
        };
        let prepared = |parameters: &Array2<f64>, prepare: &dyn Fn(&[f64]) -> Vec<f64>| {
            let rows = parameters.rows().into_iter();
            rows.map(|row| prepare(&row.to_vec())).collect::<Vec<_>>()
        };
        let parameters = table(&study.parameters);
        let coefficients = prepared(&parameters, &|row| model.prepare(row)).concat();
        let coefficients = Array2::from_shape_vec((n_nodes, model.n_coefficients()), coefficients)
            .expect("one row per node");
        let coupling: Vec<Array2<f64>> = terms.iter().map(|term| table(&term.parameters)).collect();
        let of_terms: Vec<_> = terms
            .iter()
            .zip(&coupling)
            .map(|(term, own)| prepared(own, &|row| term.form.prepare(row, n_nodes)))
            .collect();
        let n_coupling = terms.iter().map(|term| term.form.n_coefficients()).sum();
        let rows: Vec<f64> = (0..n_nodes)
            .flat_map(|node| {
                of_terms
                    .iter()
                    .flat_map(move |term| term[node].iter().copied())
            })
            .collect();
        let layout = NetworkLayout {
            n_nodes,
            n_states: model.states.len(),
            n_lines: links.lines.len(),
            channels: links.channels.clone(),
            feedback: links.feedback.clone(),
        };
        Ok(Self {
            model,
            equations: Arc::new(NodePrograms::new(model, links)),
            layout: Arc::new(layout),
            n_nodes,
            n_counted: n_nodes,
            matrices,
            row_sums,
            distances,
            speed_mm_per_ms: study.coupling.conduction_speed,
            feeds_back_late: true,
            input,
            parameters,
            coefficients,
            coupling,
            coupling_coefficients: Array2::from_shape_vec((n_nodes, n_coupling), rows)
                .expect("one row per node"),
            parameter: NetworkParameter::new(study, path)?,
        })
    }

    /// The same, where node i gets `pattern[i]` times the parameter in place of all of it (per-node
    /// numbers only).
    ///
    /// # Errors
    /// [`Error::Continuation`] if the pattern does not have one finite factor per node, or the
    /// parameter is the conduction speed.
    pub fn with_pattern(mut self, pattern: &[f64]) -> Result<Self> {
        let key = self.parameter.path.clone();
        if self.parameter.role == Role::Speed {
            let why = "it is one number for the whole network";
            return Err(Error::unusable(key, "given a pattern", why, None));
        }
        if pattern.len() != self.n_nodes || pattern.iter().any(|f| !f.is_finite()) {
            let what = format!("the pattern of {key}");
            let found = format!("{} factors", pattern.len());
            let rule = format!("each of the {} nodes needs one finite factor", self.n_nodes);
            return Err(Error::argument(what, found, rule));
        }
        self.parameter.share = pattern.to_vec();
        Ok(self)
    }

    /// The same without delays: every node receives the others, and itself, as they are now.
    pub fn without_delays(mut self) -> Self {
        self.distances = Distances::None;
        self.feeds_back_late = false;
        self
    }

    /// The model at every node.
    pub fn model(&self) -> &'static Model {
        self.model
    }

    /// The number of nodes.
    pub fn n_nodes(&self) -> usize {
        self.n_nodes
    }

    /// The number of states of a node.
    pub fn n_states(&self) -> usize {
        self.model.states.len()
    }

    /// The number of unknowns, `n_nodes * n_states`.
    pub fn dim(&self) -> usize {
        self.n_nodes * self.n_states()
    }

    /// Whether anything of `source` is summed at `target`.
    pub(crate) fn is_connected(&self, target: usize, source: usize) -> bool {
        let mut all = self.matrices.iter();
        all.any(|matrix| matrix[[target, source]] != 0.0)
    }

    /// What a connection counts with in a channel.
    pub(crate) fn weight(&self, channel: &Channel, target: usize, source: usize) -> f64 {
        self.matrices[channel.matrix][[target, source]]
    }

    /// Counts, and what each channel and feedback reads.
    pub(crate) fn layout(&self) -> &Arc<NetworkLayout> {
        &self.layout
    }

    /// The state that a line holds as it is, if it does.
    pub(crate) fn plain(&self, line: usize) -> Option<usize> {
        self.equations.plain[line]
    }

    /// The path of the parameter, as in study files.
    pub fn parameter(&self) -> &str {
        &self.parameter.path
    }

    /// The value of the parameter that the study itself holds.
    pub fn parameter_start(&self) -> f64 {
        self.parameter.start
    }

    /// Time derivatives of all states per ms at constant state `u` (`[dim]`), with the parameter at
    /// `p`.
    pub fn residual(&self, u: &[f64], p: f64) -> Vec<f64> {
        self.evaluate(u, p)
    }

    /// Derivative of [`Network::residual`] with respect to the parameter, `[dim]`.
    pub fn parameter_derivative(&self, u: &[f64], p: f64) -> Vec<f64> {
        let u: Vec<D1> = u.iter().copied().map(D1::constant).collect();
        let along = self.evaluate(&u, D1::variable(p));
        along.into_iter().map(D1::derivative).collect()
    }

    /// The drift of every node at rest, `[dim]`.
    fn evaluate<S: Number>(&self, u: &[S], p: S) -> Vec<S> {
        self.drift(u, p, &self.arrivals(u, p))
    }

    /// What every node puts into its lines, `[n_nodes, n_lines]`.
    pub(crate) fn lines<S: Number>(&self, u: &[S], p: S) -> Vec<S> {
        let plain = &self.equations.plain;
        let mut lines = Vec::with_capacity(self.n_nodes * plain.len());
        let mut work = Work::new();
        let all_plain = plain.iter().all(Option::is_some);
        for (node, state) in u.chunks_exact(self.n_states()).enumerate() {
            if all_plain {
                lines.extend(plain.iter().flatten().map(|&s| state[s]));
            } else {
                self.load_lines(node, (state, p), &mut work);
                lines.extend(work.run(&self.equations.lines));
            }
        }
        lines
    }

    /// What comes to every node at constant state `u`.
    pub(crate) fn arrivals<S: Number>(&self, u: &[S], p: S) -> Arrivals<S> {
        let NetworkLayout {
            n_lines,
            ref channels,
            ref feedback,
            ..
        } = *self.layout;
        let lines = self.lines(u, p);
        let n_channels = channels.len();
        let mut sums = vec![S::lit(0.0); self.n_nodes * n_channels];
        for (k, channel) in channels.iter().enumerate() {
            let sent = lines.iter().skip(channel.line).step_by(n_lines);
            self.matrices[channel.matrix].sum((&mut sums[k..], n_channels), sent.copied());
        }
        let nodes = 0..self.n_nodes;
        let own = nodes.flat_map(|node| feedback.iter().map(move |line| node * n_lines + line));
        Arrivals {
            sums,
            fed_back: own.map(|at| lines[at]).collect(),
        }
    }

    /// The drift of every node under what comes to it, `[dim]`.
    pub(crate) fn drift<S: Number>(&self, u: &[S], p: S, arrivals: &Arrivals<S>) -> Vec<S> {
        let mut out = Vec::with_capacity(u.len());
        let mut work = Work::new();
        for (node, state) in u.chunks_exact(self.n_states()).enumerate() {
            self.load_rates(node, (state, p), arrivals, &mut work);
            out.extend(work.run(&self.equations.rates));
        }
        out
    }
}

/// Refuses what has no derivatives, and signals that are not known from states alone.
fn check(study: &Study) -> Result<()> {
    study.check_single()?;
    let model = study.model;
    if let Some(why) = model.not_smooth {
        return Err(Error::not_smooth(format!("the model {}", model.name), why));
    }
    let late = |what: String, signal: Signal, does: &str| {
        let why = format!(
            "{} {does} and depends on what the node itself receives, so it is not known before the equilibrium is",
            model.signal_name(signal)
        );
        let hint = "transmit a state, or an output of states alone";
        Err(Error::not_continued(what, why, hint))
    };
    for term in &study.coupling.terms {
        let coupling = format!("the coupling {}", term.name);
        if let Some(why) = term.form.not_smooth {
            return Err(Error::not_smooth(coupling, why));
        }
        for pair in &term.pairs {
            if model.is_late(pair.source) {
                return late(coupling, pair.source, "is transmitted");
            }
            if pair.squares.is_some() && !term.form.has_squares() {
                let why =
                    "an input receives through squared weights, and this coupling has no c_squares";
                let hint = "take the coupling additive, or give yours c_squares";
                return Err(Error::not_continued(coupling, why, hint));
            }
        }
    }
    match model.feedback.iter().find(|f| model.is_late(f.signal)) {
        Some(feedback) => {
            let what = format!("the model {}", model.name);
            late(what, feedback.signal, "is fed back")
        }
        None => Ok(()),
    }
}

/// What connections are summed with, `[target, source]`; nodes are not connected to themselves.
fn summed_with(study: &Study, matrix: &Matrix) -> Array2<f64> {
    let connectome = &study.connectome;
    let weights = match matrix.named {
        None => &connectome.weights,
        Some(k) => &connectome.matrices[k].1,
    };
    let mut weights = match matrix.squared {
        true => weights * weights,
        false => weights.clone(),
    };
    weights.diag_mut().fill(0.0);
    weights
}
