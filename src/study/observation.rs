//! What is measured of the nodes while a study runs.

use std::sync::Arc;

use ndarray::Array2;

use super::Values;
use super::range::Range;
use crate::error::{Error, Result};
use crate::monitor::{Monitor, Set};

/// A monitor of a study: what it takes, how often it shows what, and with which numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// What studies and results call it: its monitor's name, or another.
    pub name: String,
    /// Its monitor.
    pub monitor: &'static Monitor,
    /// Which of the monitor's sets it has.
    pub set: usize,
    /// What it takes of every node: the index of a state or output, see
    /// [`Model::observables`](crate::model::Model::observables).
    pub source: usize,
    /// Time between samples, ms, a multiple of `step`.
    pub tr: f64,
    /// Its step, ms, a multiple of the study's.
    pub step: f64,
    /// The signal is multiplied by this.
    pub scale: Values,
    /// And this is added to it.
    pub offset: Values,
    /// One entry per parameter of the monitor, in the order of its table.
    pub parameters: Vec<Values>,
    /// What each sensor sees of each node, `[n_sensors, n_nodes]`; `None`: every node is seen as it is.
    pub matrix: Option<Arc<Array2<f64>>>,
}

impl Observation {
    /// A monitor with one of its sets, that samples every `tr` ms what the first state gives it. The step of the signal is `dt` ms.
    pub fn new(monitor: &'static Monitor, set: usize, tr: f64, dt: f64) -> Self {
        let parameters = monitor.sets[set].parameters.iter();
        Self {
            name: monitor.name.into(),
            monitor,
            set,
            source: 0,
            tr,
            step: monitor.step_ms.map_or(tr, |step| step.max(dt)),
            scale: 1.0.into(),
            offset: 0.0.into(),
            parameters: parameters.map(|&value| value.into()).collect(),
            matrix: None,
        }
    }

    /// The set that it has; its numbers may have been changed since.
    pub fn set(&self) -> &'static Set {
        &self.monitor.sets[self.set]
    }

    /// Sets a parameter, `scale` or `offset` at every node.
    ///
    /// # Errors
    /// [`Error::Unknown`] naming what there is; [`StudyError`](crate::error::StudyError) outside its range.
    pub fn set_number(&mut self, name: &str, value: f64) -> Result<()> {
        let parameters = &self.monitor.node.parameters;
        let (values, range) = match name {
            "scale" => (&mut self.scale, Range::Finite),
            "offset" => (&mut self.offset, Range::Finite),
            _ => {
                let index = parameters
                    .iter()
                    .position(|parameter| parameter.name == name);
                let index = index.ok_or_else(|| {
                    let known = parameters.iter().map(|parameter| parameter.name);
                    let what = format!("parameter of {}", self.monitor.name);
                    Error::unknown(&what, name, known.chain(["scale", "offset"]))
                })?;
                (
                    &mut self.parameters[index],
                    Range::of(parameters[index].range),
                )
            }
        };
        *values = range.check(name, value)?.into();
        Ok(())
    }

    /// The same with the set of this name.
    ///
    /// # Errors
    /// [`crate::Error::Unknown`] naming the sets there are.
    pub fn with_set(self, name: &str) -> Result<Self> {
        let set = self.monitor.set(name)?;
        let index = self.monitor.sets.iter().position(|other| other == set);
        let parameters = set.parameters.iter();
        Ok(Self {
            set: index.unwrap_or(0),
            parameters: parameters.map(|&value| value.into()).collect(),
            ..self
        })
    }
}
