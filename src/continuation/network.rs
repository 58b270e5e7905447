//! A whole network as a system of equations: from a study to `f(u, p)` and its derivatives, in `f64`.
//!
//! ```text
//! du_i/dt = drift(u_i, input_i)
//! input_i = constant input + g sum_j w_ij (x_j(t - d_ij) - x_i(t))        diffusive; additive without the last term
//! ```
//!
//! `u` holds the states node after node, `u[node * n_states + state]`; x is the first state. Delays are the textbook's: tract
//! length / conduction speed, not rounded to steps (those given in steps count `protocol.dt` each). An equilibrium does not
//! see them; its stability does ([`crate::continuation::delay`]).
//!
//! Random input counts with its mean. Every derivative is automatic: the model's drift runs on dual numbers.

pub mod curve;
mod delays;
pub(crate) mod forms;
mod linear;
mod linearisation;
pub mod modes;
pub(crate) mod node;
mod parameter;
mod problem;
mod synchronous;

use ndarray::Array2;

pub(crate) use linear::ComplexLu;
pub use linearisation::Linearisation;
pub use parameter::Parameter;
pub(crate) use parameter::Role;

use crate::connectome::Delays;
use crate::coupling;
use crate::error::{Error, Result};
use crate::model::{Feedback, Model, Signal};
use crate::study::{Pair, Study};
use node::{D1, Number};

/// A network with one number that may move.
#[derive(Debug, Clone)]
pub struct Network {
    model: &'static Model,
    n_nodes: usize,
    weights: Array2<f64>,
    /// What `-g x_i` is multiplied by: the row sums of the weights, or zeros with additive coupling.
    leak: Vec<f64>,
    distances: Distances,
    g: f64,
    speed_mm_per_ms: f64,
    /// `[n_nodes, n_states]`
    input: Array2<f64>,
    /// `[n_nodes, n_parameters]`
    parameters: Array2<f64>,
    /// `[n_nodes, n_coefficients]`
    coefficients: Array2<f64>,
    parameter: Parameter,
    /// Whether what the neighbours send enters no other equation than that of the first state.
    hears_first_only: bool,
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
    /// `path` is a key of [`Study::set_number`] that moves equilibria or their stability: `input.NAME` (also written
    /// `NAME_ext`), `noise.mean.NAME`, `parameters.NAME`, each with or without a node's index, `coupling.g`,
    /// `coupling.conduction_speed`.
    ///
    /// # Errors
    /// [`Error::Unknown`] for another path; [`Error::BadValue`] for a model that is not smooth, and for numbers without effect.
    pub fn new(study: &Study, path: &str) -> Result<Self> {
        let model = study.model;
        if let Some(why) = model.not_smooth {
            let rule = format!("continuation needs derivatives and {why}; simulate it instead");
            return Err(Error::bad_value("model", model.name, rule));
        }
        let own = Pair {
            source: Signal::State(0),
            target: 0,
            squares: None,
        };
        let known = ["diffusive", "additive"].map(|name| coupling::find(name).expect("ours"));
        let (form, g) = match study.coupling.terms.as_slice() {
            [] => (None, 1.0),
            [term] if term.pairs == [own] && known.contains(&term.form) => {
                (Some(term.form), term.parameters[0].at(0))
            }
            _ => {
                let rule = "networks are continued where the first state is transmitted and the first input hears it, by diffusive or additive coupling";
                return Err(Error::bad_value("coupling", "another", rule));
            }
        };
        if model.feedback.len() > 1 || model.feedback.iter().any(|f| f.state().is_none()) {
            let rule = "networks are continued with one delayed feedback at most, of a state";
            return Err(Error::bad_value("model", model.name, rule));
        }
        let n_nodes = study.connectome.n_nodes();
        let coupled = study.coupling.is_some();
        let mut weights = if coupled {
            study.connectome.weights.clone()
        } else {
            Array2::zeros((n_nodes, n_nodes))
        };
        weights.diag_mut().fill(0.0);
        let leak = match form {
            Some(form) if form == known[0] => {
                weights.rows().into_iter().map(|row| row.sum()).collect()
            }
            _ => vec![0.0; n_nodes],
        };
        let distances = match &study.connectome.delays {
            Delays::TractLengths(lengths) => Distances::LengthsMm(lengths.clone()),
            Delays::Steps(steps) => {
                Distances::DelaysMs(steps.mapv(|d| f64::from(d) * study.protocol.dt))
            }
            Delays::None if study.coupling.conduction_speed.is_finite() && coupled => {
                return Err(Error::bad_value(
                    "connectome.tract_lengths",
                    "missing",
                    "delays need them; name them, or say coupling.conduction_speed = inf for a network without delays",
                ));
            }
            Delays::None => Distances::None,
        };
        let n_states = model.states.len();
        let mut input = Array2::zeros((n_nodes, model.inputs.len()));
        for (k, values) in study.input.iter().enumerate() {
            let mean = parameter::mean(study, k);
            for i in 0..n_nodes {
                input[[i, k]] = values.at(i) + mean[i];
            }
        }
        let parameters = Array2::from_shape_fn((n_nodes, model.parameters.len()), |(i, k)| {
            study.parameters[k].at(i)
        });
        let mut coefficients = Array2::zeros((n_nodes, model.n_coefficients()));
        for i in 0..n_nodes {
            let prepared = model.prepare(&parameters.row(i).to_vec());
            coefficients
                .row_mut(i)
                .assign(&ndarray::ArrayView1::from(&prepared));
        }
        let mut network = Self {
            model,
            n_nodes,
            weights,
            leak,
            distances,
            g,
            speed_mm_per_ms: study.coupling.conduction_speed,
            input,
            parameters,
            coefficients,
            parameter: Parameter::new(study, path)?,
            hears_first_only: false,
        };
        // What is exactly 0 at all of these different states, and with the parameter off where it may vanish, does not depend on
        // the input.
        let somewhere: Vec<f64> = (0..network.dim()).map(|k| 0.3 + 1e-3 * k as f64).collect();
        let start = network.parameter.start;
        let input = network
            .linearisation(&somewhere, start + 0.1 * (1.0 + start.abs()))
            .input;
        let mut others = input.chunks_exact(n_states).flat_map(|node| &node[1..]);
        network.hears_first_only = others.all(|by_input| *by_input == 0.0);
        Ok(network)
    }

    /// The same, where node i gets `pattern[i]` times the parameter in place of all of it (per-node numbers only).
    ///
    /// # Errors
    /// [`Error::BadValue`] if the pattern does not have one finite factor per node, or the parameter is one of the coupling.
    pub fn with_pattern(mut self, pattern: &[f64]) -> Result<Self> {
        let key = self.parameter.path.clone();
        if matches!(self.parameter.role, Role::Coupling | Role::Speed) {
            return Err(Error::bad_value(
                key,
                "given a pattern",
                "it is one number for the whole network",
            ));
        }
        if pattern.len() != self.n_nodes || pattern.iter().any(|f| !f.is_finite()) {
            let found = format!("given a pattern of {} factors", pattern.len());
            let rule = format!("each of the {} nodes needs one finite factor", self.n_nodes);
            return Err(Error::bad_value(key, found, rule));
        }
        self.parameter.share = pattern.to_vec();
        Ok(self)
    }

    /// The same without delays: every node hears the others, and itself, as they are now.
    pub fn without_delays(mut self) -> Self {
        self.distances = Distances::None;
        if let Some(feedback) = self.feedback() {
            self.parameters.column_mut(feedback.delay).fill(0.0);
        }
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

    /// `weights[[target, source]]`, zeros without coupling.
    pub fn weights(&self) -> &Array2<f64> {
        &self.weights
    }

    /// What `-g x` of `node` is multiplied by: the sum of its weights in diffusive coupling, else 0.
    pub(crate) fn leak(&self, node: usize) -> f64 {
        self.leak[node]
    }

    /// The path of the parameter, as in study files.
    pub fn parameter(&self) -> &str {
        &self.parameter.path
    }

    /// The value of the parameter that the study itself holds.
    pub fn parameter_start(&self) -> f64 {
        self.parameter.start
    }

    /// Global coupling, when the parameter is `p`.
    pub(crate) fn g_at<S: Number>(&self, p: S) -> S {
        match self.parameter.role {
            Role::Coupling => p,
            _ => S::lit(self.g),
        }
    }

    /// Delayed self feedback, if the model has it.
    pub(crate) fn feedback(&self) -> Option<Feedback> {
        self.model.feedback.first().copied()
    }

    /// Constant part of input `k` at `node`, without what neighbours send.
    fn constant_input<S: Number>(&self, node: usize, k: usize, p: S) -> S {
        match self.parameter.role {
            Role::Input(moved) if moved == k => self.parameter.at(node, p),
            _ => S::lit(self.input[[node, k]]),
        }
    }

    /// What the drift of `node` needs of the parameters, written to `coefficients`.
    fn coefficients_at<S: Number>(&self, node: usize, p: S, coefficients: &mut Vec<S>) {
        if let Role::Model(moved) = self.parameter.role {
            let mut row: Vec<S> = self
                .parameters
                .row(node)
                .iter()
                .map(|&v| S::lit(v))
                .collect();
            row[moved] = self.parameter.at(node, p);
            coefficients.resize(self.model.n_coefficients(), S::lit(0.0));
            self.model.prepare_program().write(&[&row], coefficients);
        } else {
            coefficients.clear();
            coefficients.extend(self.coefficients.row(node).iter().map(|&v| S::lit(v)));
        }
    }

    /// What the neighbours send to every node at an equilibrium, without the factor g: `[n_nodes]`.
    fn arrivals(&self, u: &[f64]) -> Vec<f64> {
        let n_states = self.n_states();
        let x: Vec<f64> = u.iter().step_by(n_states).copied().collect();
        let rows = self.weights.rows().into_iter().zip(&self.leak).zip(&x);
        rows.map(|((row, leak), own)| {
            let sum: f64 = row.iter().zip(&x).map(|(w, x)| w * x).sum();
            sum - leak * own
        })
        .collect()
    }

    /// Time derivatives of all states per ms at constant state `u` (`[dim]`), with the parameter at `p`.
    pub fn residual(&self, u: &[f64], p: f64) -> Vec<f64> {
        self.evaluate(u, p, &self.arrivals(u))
    }

    /// Derivative of [`Network::residual`] with respect to the parameter, `[dim]`.
    pub fn parameter_derivative(&self, u: &[f64], p: f64) -> Vec<f64> {
        let arrivals: Vec<D1> = self.arrivals(u).into_iter().map(D1::constant).collect();
        let u: Vec<D1> = u.iter().copied().map(D1::constant).collect();
        let along = self.evaluate(&u, D1::variable(p), &arrivals);
        along.into_iter().map(D1::derivative).collect()
    }

    /// The drift of every node at rest when `arrivals` (without g) come in, `[dim]`.
    fn evaluate<S: Number>(&self, u: &[S], p: S, arrivals: &[S]) -> Vec<S> {
        self.drift(u, p, arrivals, &self.fed_back(u))
    }

    /// The fed-back state of every node, `[n_nodes]`; empty without delayed self feedback.
    pub(crate) fn fed_back<S: Copy>(&self, u: &[S]) -> Vec<S> {
        let nodes = u.chunks_exact(self.n_states());
        let state = self.feedback().and_then(|feedback| feedback.state());
        state.map_or(Vec::new(), |s| nodes.map(|state| state[s]).collect())
    }

    /// The drift of every node when `arrivals` (without g) and its own delayed state come in, `[dim]`.
    pub(crate) fn drift<S: Number>(&self, u: &[S], p: S, arrivals: &[S], fed_back: &[S]) -> Vec<S> {
        let n_states = self.n_states();
        let mut out = Vec::with_capacity(u.len());
        let mut work = Work::default();
        for (i, state) in u.chunks_exact(n_states).enumerate() {
            self.prepare_node(i, p, arrivals[i], fed_back.get(i).copied(), &mut work);
            out.extend_from_slice(work.drift(self.model, state));
        }
        out
    }

    /// Inputs and coefficients of `node` when `arrivals` (without g) and its own delayed state come in.
    fn prepare_node<S: Number>(
        &self,
        node: usize,
        p: S,
        arrivals: S,
        fed_back: Option<S>,
        work: &mut Work<S>,
    ) {
        self.coefficients_at(node, p, &mut work.coefficients);
        work.input.clear();
        let inputs = 0..self.model.inputs.len();
        work.input
            .extend(inputs.map(|k| self.constant_input(node, k, p)));
        work.input[0] = work.input[0] + self.g_at(p) * arrivals;
        work.input.extend(fed_back);
        work.out.resize(self.n_states(), S::lit(0.0));
    }
}

/// What one evaluation of a node's drift reads and writes.
struct Work<S> {
    coefficients: Vec<S>,
    input: Vec<S>,
    out: Vec<S>,
}

impl<S> Default for Work<S> {
    fn default() -> Self {
        Self {
            coefficients: Vec::new(),
            input: Vec::new(),
            out: Vec::new(),
        }
    }
}

impl<S: Number> Work<S> {
    fn drift(&mut self, model: &Model, state: &[S]) -> &[S] {
        let arguments = [state, &self.input, &self.coefficients];
        model.rates_program().write(&arguments, &mut self.out);
        &self.out
    }
}
