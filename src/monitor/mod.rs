//! What is measured of a node: BOLD, averages, EEG.
//!
//! A monitor is a text, as a model is (`data/monitors/README.md` is its page). It takes a signal of every node, at its own step, and
//! shows a number at every sample. It may have states of its own, as the balloon of BOLD, or convolve the signal with a response. Those in
//! `data/monitors` come with the program; any other text is a monitor by [`Monitor::read`].

mod registry;
mod text;

pub use registry::{MONITORS, find, intern};

use std::hash::{Hash, Hasher};

use crate::error::{Error, Result};
use crate::integrator::Integrator;
use crate::model::Model;
use crate::word::words;

/// A monitor.
#[derive(Debug)]
pub struct Monitor {
    /// The name in study files, for example `balloon-windkessel`.
    pub name: &'static str,
    /// Its states, parameters, inputs, outputs and equations.
    pub node: Model,
    /// The input that takes the signal, among those of [`Monitor::node`].
    pub input: usize,
    /// The output that is sampled.
    pub shows: usize,
    /// Between which values the signal should lie.
    pub range: Option<[f64; 2]>,
    /// How long its own start shows, ms.
    pub settles_ms: Option<f64>,
    /// Its step where a study says none, ms; `None`: the time between samples.
    pub step_ms: Option<f64>,
    /// The response with which the signal is convolved, if it is.
    pub kernel: Option<Kernel>,
    /// Whether sensors see weighted sums of the nodes: it then needs a matrix.
    pub needs_matrix: bool,
    /// Sets of parameters, each by its name; the first has the defaults.
    pub sets: Vec<Set>,
    /// All of the text.
    pub text: &'static str,
}

/// A response with which the signal is convolved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kernel {
    /// The output that gives the response.
    pub response: usize,
    /// The input that takes the time since the signal, ms.
    pub lag: usize,
    /// Where the response ends, ms.
    pub length_ms: f64,
}

/// A set of parameters, with what else belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    /// Its name.
    pub name: &'static str,
    /// Where it is from, and what is odd about it.
    pub source: &'static str,
    /// The parameters, `[n_parameters]`.
    pub parameters: Vec<f64>,
    /// The states at t = 0, `[n_states]`.
    pub start: Vec<f64>,
    /// How the states advance.
    pub scheme: Scheme,
    /// What it takes of the signal.
    pub takes: Takes,
    /// How the signal is convolved.
    pub convolution: Convolution,
}

/// How the states of a monitor advance by one step. The signal is held over the step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// All at once.
    Whole(Integrator),
    /// One after the other by Euler's method, in this order: each takes those before it as they are after the step.
    InTurn(Vec<usize>),
}

/// What a monitor takes of the signal in one of its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Takes {
    /// The mean over the step.
    Mean,
    /// The value at the step's end.
    Last,
}

words!(Takes {
    Mean = "mean",
    Last = "last",
});

/// How a signal is convolved with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Convolution {
    /// `y(t) = integral of response(lag) x(t - lag)`, the lag in seconds; x is held over each step, of whose middle the response is taken.
    Integral,
    /// As in The Virtual Brain: a sum without the time step, in which the newest step meets the last value of the response and the one
    /// before it the first.
    VirtualBrain,
}

words!(Convolution {
    Integral = "integral",
    VirtualBrain = "tvb",
});

impl Monitor {
    /// The set of this name.
    ///
    /// # Errors
    /// [`Error::Unknown`] naming the sets there are.
    pub fn set(&self, name: &str) -> Result<&Set> {
        self.sets
            .iter()
            .find(|set| set.name == name)
            .ok_or_else(|| {
                let known = self.sets.iter().map(|set| set.name);
                Error::unknown(&format!("set of {}", self.name), name, known)
            })
    }

    /// The response at the middle or the beginning of each of its steps of `step_ms`, as it is multiplied with the signal, the newest
    /// step first, with these coefficients of the equations.
    ///
    /// # Panics
    /// If the monitor has no kernel.
    pub fn response(
        &self,
        convolution: Convolution,
        step_ms: f64,
        coefficients: &[f64],
    ) -> Vec<f64> {
        let kernel = self.kernel.expect("it was asked for");
        let n = (kernel.length_ms / step_ms).round() as usize;
        let at = |lag_ms: f64| {
            let mut input = vec![0.0; self.node.inputs.len()];
            input[kernel.lag] = lag_ms;
            self.node.outputs(&[], &input, coefficients)[kernel.response]
        };
        match convolution {
            Convolution::Integral => {
                let response = |k: usize| 1e-3 * step_ms * at((k as f64 + 0.5) * step_ms);
                (0..n).map(response).collect()
            }
            Convolution::VirtualBrain => {
                let response = |k: usize| at(((k + n - 1) % n) as f64 * step_ms);
                (0..n).map(response).collect()
            }
        }
    }
}

/// Equal texts are one monitor.
impl PartialEq for Monitor {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Monitor {}

impl Hash for Monitor {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Scheme {
    /// As it is written: a word, or the states in their order.
    pub fn written(&self, node: &Model) -> String {
        match self {
            Self::Whole(integrator) => integrator.name().into(),
            Self::InTurn(order) => {
                let names: Vec<&str> = order.iter().map(|&s| node.states[s].name).collect();
                names.join(", ")
            }
        }
    }
}
