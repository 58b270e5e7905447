//! A monitor in steps and indices.

use std::sync::Arc;

use ndarray::Array2;

use crate::dynamics::Step;
use crate::error::{Error, PlanError, Result};
use crate::monitor::{Convolution, Monitor, Takes};
use crate::study::{Observation, times};

/// A monitor of one or many simulations.
#[derive(Debug, Clone)]
pub struct Observing {
    /// What studies call it.
    pub name: String,
    /// What results call its samples.
    pub array: String,
    /// The monitor.
    pub monitor: &'static Monitor,
    /// What it takes: see [`Model::observables`](crate::model::Model::observables).
    pub source: usize,
    /// Its step of a node, as a program.
    pub step: Arc<Step>,
    /// Steps of the simulation in one of its own.
    pub every: u32,
    /// Its own steps from one sample to the next.
    pub period: u32,
    /// The number of samples.
    pub n_samples: usize,
    /// Samples at the start that the measures leave out.
    pub n_transient: usize,
    /// What it takes of the steps in one of its own.
    pub takes: Takes,
    /// Time between samples, ms.
    pub tr_ms: f64,
    /// The states at t = 0, `[n_states]`.
    pub start: Vec<f64>,
    /// What each sensor sees of each node, `[n_sensors, n_nodes]`.
    pub matrix: Option<Arc<Array2<f64>>>,
    /// Of each simulation.
    numbers: Vec<Numbers>,
}

/// The numbers of a monitor in one simulation, each of all nodes or of every node.
#[derive(Debug, Clone)]
struct Numbers {
    scale: Vec<f64>,
    offset: Vec<f64>,
    /// See [`Step::observing_rows`].
    rows: Vec<Vec<f64>>,
    /// The response, the newest step first; empty without a kernel.
    response: Vec<Arc<[f64]>>,
}

/// What `values` has for a node: one for all, or one each.
fn of<T>(values: &[T], node: usize) -> &T {
    &values[node.min(values.len() - 1)]
}

impl Observing {
    /// The monitor of one or many simulations of `n_steps` steps of `dt_ms`, that differ in its numbers only. `observations` has one
    /// entry for each; its keys are `key` with a name, as in `monitor.tr`. Measures leave out what comes before `transient_ms`.
    ///
    /// # Errors
    /// [`Error::Study`] where a time is no whole number of steps, or nothing is sampled; where the matrix does not fit.
    pub fn new(
        observations: &[&Observation],
        key: &str,
        [dt_ms, transient_ms]: [f64; 2],
        n_steps: u32,
        n_nodes: usize,
    ) -> Result<Self> {
        let first = *observations
            .first()
            .ok_or(PlanError::Empty { what: "study" })?;
        let set = first.set();
        let multiple = |name: &str, time: f64, of: (&str, f64)| {
            times::multiple(time, of.1).ok_or_else(|| {
                let rule = format!("must be a whole number of steps of {} = {} ms", of.0, of.1);
                Error::out_of_range(format!("{key}.{name}"), format!("{time} ms"), rule)
            })
        };
        let step_key = format!("{key}.step");
        let every = multiple("step", first.step, ("the simulation", dt_ms))?;
        let period = multiple("tr", first.tr, (&step_key, first.step))?;
        let n_samples = u64::from(n_steps) / (u64::from(every) * u64::from(period));
        if n_samples == 0 {
            let rule = format!("nothing is sampled in {} ms", f64::from(n_steps) * dt_ms);
            let found = format!("{} ms", first.tr);
            return Err(Error::out_of_range(format!("{key}.tr"), found, rule));
        }
        if let Some(kernel) = &first.monitor.kernel {
            multiple_of_kernel(key, kernel.length_ms, first.step)?;
        }
        match &first.matrix {
            None if first.monitor.needs_matrix => {
                let why = format!("{} needs to know what each sensor sees", first.monitor.name);
                let hint = "name a file with a matrix [sensor, region]";
                return Err(Error::missing(format!("{key}.matrix"), why, hint));
            }
            Some(matrix) if matrix.ncols() != n_nodes => {
                return Err(PlanError::WrongShape {
                    key: format!("{key}.matrix"),
                    found: matrix.shape().to_vec(),
                    expected: format!("[n_sensors, {n_nodes}]"),
                }
                .into());
            }
            _ => {}
        }
        let step = Step::observing(first.monitor, &set.scheme);
        let mut numbers: Vec<Numbers> = Vec::new();
        for (k, observation) in observations.iter().enumerate() {
            // Simulations mostly have the same, and a response is long.
            let same = numbers
                .last()
                .filter(|_| *observation == observations[k - 1]);
            numbers.push(match same {
                Some(same) => same.clone(),
                None => Numbers::new(observation, &step, set.convolution, n_nodes),
            });
        }
        Ok(Self {
            name: first.name.clone(),
            array: first.monitor.node.outputs[first.monitor.shows].name.into(),
            monitor: first.monitor,
            source: first.source,
            step: Arc::new(step),
            every,
            period,
            n_samples: n_samples as usize,
            n_transient: (transient_ms / first.tr * (1.0 - times::STEP_TOLERANCE)).ceil() as usize,
            takes: set.takes,
            tr_ms: first.tr,
            start: set.start.clone(),
            matrix: first.matrix.clone(),
            numbers,
        })
    }

    /// Number `k` of the step at a node of a simulation.
    pub fn number(&self, k: usize, node: usize, simulation: usize) -> f64 {
        of(&self.numbers[simulation].rows, node)[self.step.numbers[k]]
    }

    /// By what the signal of a node is multiplied, and what is added to it then.
    pub fn scale_and_offset(&self, node: usize, simulation: usize) -> [f64; 2] {
        let numbers = &self.numbers[simulation];
        [*of(&numbers.scale, node), *of(&numbers.offset, node)]
    }

    /// The response with which the signal of a node is convolved, the newest step first; nothing without a kernel.
    pub fn response(&self, node: usize, simulation: usize) -> Option<&Arc<[f64]>> {
        let all = &self.numbers[simulation].response;
        (!all.is_empty()).then(|| of(all, node))
    }

    /// Steps over which the signal is convolved; 0 without a kernel.
    pub fn n_response(&self) -> usize {
        self.response(0, 0).map_or(0, |response| response.len())
    }

    /// Time of sample `k`, ms.
    pub fn sample_time_ms(&self, k: usize) -> f64 {
        (k as f64 + 1.0) * self.tr_ms
    }

    /// The steps of a simulation from one sample to the next.
    pub fn steps_per_sample(&self) -> u64 {
        u64::from(self.every) * u64::from(self.period)
    }

    /// Unit and meaning of what it shows.
    pub fn shown(&self) -> crate::model::Output {
        self.monitor.node.outputs[self.monitor.shows]
    }
}

/// The response ends with one of the monitor's steps.
fn multiple_of_kernel(key: &str, length: f64, step: f64) -> Result<()> {
    match times::multiple(length, step) {
        Some(_) => Ok(()),
        None => {
            let rule =
                format!("the response lasts {length} ms, which must be a whole number of them");
            Err(Error::out_of_range(
                format!("{key}.step"),
                format!("{step} ms"),
                rule,
            ))
        }
    }
}

impl Numbers {
    fn new(
        observation: &Observation,
        step: &Step,
        convolution: Convolution,
        n_nodes: usize,
    ) -> Self {
        let monitor = observation.monitor;
        let is_uniform = observation
            .parameters
            .iter()
            .all(|values| matches!(values, crate::study::Values::Uniform(_)));
        let nodes = if is_uniform { 1 } else { n_nodes };
        let parameters = |node: usize| -> Vec<f64> {
            let all = observation.parameters.iter();
            all.map(|values| values.at(node)).collect()
        };
        let each = 0..nodes;
        let rows = each
            .clone()
            .map(|node| step.observing_rows(monitor, observation.step, &parameters(node)));
        let response = each
            .clone()
            .filter(|_| monitor.kernel.is_some())
            .map(|node| {
                let coefficients = monitor.node.prepare(&parameters(node));
                monitor
                    .response(convolution, observation.step, &coefficients)
                    .into()
            });
        Self {
            scale: observation.scale.expand(n_nodes),
            offset: observation.offset.expand(n_nodes),
            rows: rows.collect(),
            response: response.collect(),
        }
    }
}
