//! A study: what a paper's methods section says, as plain data in physical units (ms, mm, mm/ms).
//!
//! A [`Study`] never knows how it will run. [`crate::plan::Plan::new`] checks it and turns it into steps and indices.

mod coupling;
mod defaults;
mod hold;
pub mod key;
mod noise;
mod observation;
pub(crate) mod range;
mod rule;
mod stimulus;
mod subjects;
pub(crate) mod times;

pub use coupling::{Coupling, Pair, Term};
pub use defaults::{CONDUCTION_SPEED_MM_PER_MS, DT_MS, DURATION_MS, NOISE_TAU_MS};
pub use hold::{Hold, HoldOn, OnMean};
pub use noise::{Noise, NoiseKind, NoiseScheme, StoredNormals};
pub use observation::Observation;
pub use rule::{MapFormula, Rule, RuleForm};
pub use stimulus::Stimulus;
pub use subjects::Subject;
pub use times::STEP_TOLERANCE;

use std::path::PathBuf;
use std::sync::Arc;

use ndarray::Array2;

use crate::connectome::Connectome;
use crate::integrator::{CouplingAt, Integrator};
use crate::measure::Analyses;
use crate::model::{Model, Signal};

/// One number for all nodes, or one per node.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// The same for every node.
    Uniform(f64),
    /// One value per node, `[n_nodes]`.
    PerNode(Vec<f64>),
}

impl Values {
    /// The value at `node`.
    pub fn at(&self, node: usize) -> f64 {
        match self {
            Self::Uniform(value) => *value,
            Self::PerNode(values) => values[node],
        }
    }

    /// Whether the value is 0 at every node.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Uniform(value) => *value == 0.0,
            Self::PerNode(values) => values.iter().all(|value| *value == 0.0),
        }
    }

    /// Sets one of `n_nodes` nodes and leaves the others as they are.
    pub(crate) fn set(&mut self, node: usize, value: f64, n_nodes: usize) {
        if let Self::Uniform(_) = self {
            *self = Self::PerNode(self.expand(n_nodes));
        }
        if let Self::PerNode(values) = self {
            values[node] = value;
        }
    }

    /// The value at every one of `n_nodes` nodes.
    pub fn expand(&self, n_nodes: usize) -> Vec<f64> {
        (0..n_nodes).map(|node| self.at(node)).collect()
    }
}

impl From<f64> for Values {
    fn from(value: f64) -> Self {
        Self::Uniform(value)
    }
}

/// A whole study. Lists over states, inputs and noise targets are as long as the model has them, in their order.
#[derive(Debug, Clone)]
pub struct Study {
    /// What the output is called after.
    pub name: String,
    /// The neural mass model at every node.
    pub model: &'static Model,
    /// How a node advances by one step.
    pub integrator: Integrator,
    /// One entry per parameter of the model, in the order of its table.
    pub parameters: Vec<Values>,
    /// Weights, delays, labels, measured FC; or uncoupled nodes.
    pub connectome: Arc<Connectome>,
    /// People who each have a connectome of their own, all with the same regions in the same order; empty in all studies but those that
    /// only a fit takes. [`Study::connectome`] then is the first one's.
    pub subjects: Vec<Subject>,
    /// How the nodes receive from each other.
    pub coupling: Coupling,
    /// Constant part of each input.
    pub input: Vec<Values>,
    /// Random input.
    pub noise: Noise,
    /// State at t = 0 and before.
    pub initial: Initial,
    /// Duration, step, seed.
    pub protocol: Protocol,
    /// What is kept.
    pub record: Record,
    /// Rules that give numbers per node from maps or groups.
    pub rules: Vec<Rule>,
    /// What is measured of the nodes while it runs.
    pub monitors: Vec<Observation>,
    /// What is held by one parameter per node.
    pub hold: Option<Hold>,
    /// What is done to the nodes while it runs.
    pub stimuli: Vec<Stimulus>,
    /// What is made of the samples, beyond what their sums give.
    pub measure: Analyses,
    /// The files whose numbers are in here, each with the key that names it.
    pub files: Vec<(String, PathBuf)>,
    /// Keys that were written in vain and regions of files that were dropped, a sentence each: for whoever works with the study to know.
    pub notes: Vec<String>,
}

impl Study {
    /// What results call the samples of each monitor: by what it shows, with the monitor's name before it where two show the same.
    pub fn shown_names(&self) -> Vec<String> {
        let shown = |one: &Observation| one.monitor.node.outputs[one.monitor.shows].name;
        let named = self.monitors.iter().map(|one| {
            let same = self
                .monitors
                .iter()
                .filter(|other| shown(other) == shown(one));
            match same.count() > 1 {
                true => format!("{}_{}", one.name.replace('-', "_"), shown(one)),
                false => shown(one).into(),
            }
        });
        named.collect()
    }

    /// The group of regions that each node belongs to, by the first rule of the study that goes by groups, `[n_nodes]`; empty where none
    /// does.
    pub fn groups(&self) -> Vec<&str> {
        let by_groups = self.rules.iter().find_map(|rule| match &rule.form {
            RuleForm::Groups(groups) => Some((rule, groups)),
            RuleForm::Formula(_) => None,
        });
        let Some((rule, groups)) = by_groups else {
            return Vec::new();
        };
        let names = groups.iter().map(|&group| rule.numbers[group].0.as_str());
        names.collect()
    }

    /// Whether any number of a run is drawn at random: another seed gives another run.
    pub fn depends_on_seed(&self) -> bool {
        let noise = &self.noise;
        let is_kicked = noise.kind != NoiseKind::None && noise.replay.is_none();
        let is_noisy = is_kicked && noise.sigma.iter().any(|sigma| !sigma.is_zero());
        let starts = self.initial.state.iter();
        let mut starts = starts.filter(|start| matches!(start, Start::Uniform { .. }));
        let pasts = self.initial.history.iter();
        let mut pasts = pasts.filter(|(_, past)| matches!(past, Past::Uniform { .. }));
        is_noisy || starts.next().is_some() || pasts.next().is_some()
    }
}

/// State at t = 0, and what the delay line holds before.
#[derive(Debug, Clone)]
pub struct Initial {
    /// x at t = 0, per state.
    pub state: Vec<Start>,
    /// What was transmitted before t = 0, of each signal of which something is said; of the others as at the start, drawn afresh at
    /// every past step.
    pub history: Vec<(Signal, Past)>,
    /// What is fed back before t = 0, for each of the model's delayed self feedbacks.
    pub feedback: Vec<Values>,
}

impl Initial {
    /// What is said of a signal's past.
    pub fn history_of(&self, signal: Signal) -> Option<&Past> {
        let mut all = self.history.iter();
        all.find(|(of, _)| *of == signal).map(|(_, past)| past)
    }
}

/// A state at t = 0.
#[derive(Debug, Clone)]
pub enum Start {
    /// Given.
    Given(Values),
    /// Drawn uniformly from `[low, high)`, one value per node.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
}

impl Start {
    /// The given value of a node, or the middle of the interval.
    pub fn middle(&self, node: usize) -> f64 {
        match self {
            Self::Given(values) => values.at(node),
            Self::Uniform { low, high } => 0.5 * (low + high),
        }
    }
}

/// What was transmitted before t = 0.
#[derive(Debug, Clone)]
pub enum Past {
    /// The same at every past step.
    Constant(Values),
    /// Drawn uniformly from `[low, high)`, afresh per node and step.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// `[n_rows, n_nodes]`, oldest to newest; the last row is one step older than the state at t = 0.
    Stored(Arc<Array2<f64>>),
}

/// Duration, step, seed.
#[derive(Debug, Clone)]
pub struct Protocol {
    /// Simulated time, ms.
    pub duration: f64,
    /// Step, ms.
    pub dt: f64,
    /// Seed of every random number.
    pub seed: u64,
    /// Which of the seed's independent simulations this is.
    pub simulation: u32,
    /// Left out of the measures, ms from t = 0.
    pub transient: f64,
    /// When in a step nodes take what they receive.
    pub coupling_at: CouplingAt,
}

/// What is kept of a run.
#[derive(Debug, Clone)]
pub struct Record {
    /// Indices of what is recorded, in the order recorded: states, and after them outputs (see [`Model::observables`]).
    pub states: Vec<usize>,
    /// Time between samples, ms, a multiple of the step; sample k is the state after (k + 1) of these.
    pub every: f64,
}
