//! One swept number: which it is, its values, its unit.

use crate::error::{Error, Result};
use crate::study::Study;
use crate::study::key::{Address, Number};

use super::MOST_REPLICAS;
use super::description::Spread;

/// A number of the study and the values it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The whole path, as [`Study::set_number`] takes it.
    pub path: String,
    /// The values, in order.
    pub values: Vec<f64>,
    /// Whether equal steps are equal ratios.
    pub log: bool,
    /// Unit; "1" for none.
    pub unit: String,
    /// What it is.
    pub meaning: String,
    /// Whether it moves delays, so that its values cannot stand side by side in one batch.
    pub(super) moves_delays: bool,
    /// The number, so that setting it for every replica looks nothing up.
    number: Number,
    /// The one node whose number it is; `None`: of all.
    node: Option<usize>,
}

impl Axis {
    /// Path and unit, for the axes of figures.
    pub fn label(&self) -> String {
        if self.unit == "1" {
            self.path.clone()
        } else {
            format!("{} ({})", self.path, self.unit)
        }
    }

    /// One of its values, as "KEY = 10 mm/ms".
    pub fn setting(&self, value: f64) -> String {
        let unit = if self.unit == "1" { "" } else { &self.unit };
        format!("{} = {value} {unit}", self.path).trim_end().into()
    }

    /// An axis of `study` along `address` that takes `values`.
    pub(super) fn new(study: &Study, address: &Address, values: Vec<f64>, log: bool) -> Self {
        let path = address.full();
        let number = address.number.expect("only numbers serve to be varied");
        let (unit, meaning) = number.about(study);
        let meaning = match address.node {
            Some(node) => {
                let label = study.connectome.labels.get(node).map_or("", String::as_str);
                format!("{meaning}, node {node} ({label}) alone")
            }
            None => meaning,
        };
        let role = number.role(study);
        Self {
            path,
            values,
            log,
            unit,
            meaning,
            moves_delays: role.is_some_and(|role| role.moves_delays(study.model)),
            number,
            node: address.node,
        }
    }

    /// Whether it is the number of one node alone.
    pub(super) fn is_of_one_node(&self) -> bool {
        self.node.is_some()
    }

    /// Sets the number in a study of the sweep.
    pub(super) fn set(&self, study: &mut Study, value: f64) -> Result<()> {
        self.number.set(study, self.node, value)
    }
}

/// The values of a grid's axis. Those between the ends of a range have 12 digits, so that what is printed is what ran.
pub(super) fn values(key: &str, spread: &Spread) -> Result<(Vec<f64>, bool)> {
    match *spread {
        Spread::List(ref values) => Ok((values.clone(), false)),
        Spread::Range {
            from,
            to,
            n: Some(n),
            log,
        } => {
            // Before there is memory for them.
            if n as usize > MOST_REPLICAS {
                return Err(too_many(key, n));
            }
            let last = f64::from(n - 1);
            let value = |k: u32| match k {
                0 => from,
                k if k + 1 == n => to,
                k => short(Spread::at(from, to, log, f64::from(k) / last)),
            };
            Ok(((0..n).map(value).collect(), log))
        }
        Spread::Range { .. } => {
            let problem = format!("{key} = {spread} does not say how many values");
            let hint = format!("write {spread}:n, or draw points with --sample");
            Err(Error::conflict(problem, hint))
        }
    }
}

/// What is said of more values than a sweep has simulations.
pub(super) fn too_many(what: &str, n: u32) -> Error {
    let problem = format!("{n} values of {what} are too many: a sweep has at most 1e9 simulations");
    Error::conflict(problem, "take fewer")
}

/// `value` with 12 digits.
pub(super) fn short(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}
