//! One swept number, or several that are swept as one: which it is, its values, its unit, what follows from it.

use crate::error::{Error, Result};
use crate::study::Study;
use crate::study::key::{Address, Number};

use super::MOST_VALUES;
use super::description::Spread;
use super::tie::Tie;

/// A number of the study and the values it takes; or several numbers that take the same values, or follow from them by formulas.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The whole path, as [`Study::set_number`] takes it; of several numbers that take the same values their paths with commas.
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
    /// All that it sets.
    targets: Vec<Target>,
}

/// A number that an axis sets.
#[derive(Debug, Clone, PartialEq)]
struct Target {
    path: String,
    /// So that setting it for every replica looks nothing up.
    number: Number,
    /// The one node whose number it is; `None`: of all.
    node: Option<usize>,
    /// How it follows from the axis's value; `None`: it is that value.
    tie: Option<Tie>,
}

impl Target {
    fn value(&self, swept: f64) -> f64 {
        self.tie.as_ref().map_or(swept, |tie| tie.value(swept))
    }
}

impl Axis {
    /// The value at `share` of the way, from 0 to 1, between its first and its last, with 12 digits.
    pub fn inside(&self, share: f64) -> f64 {
        let (from, to) = (self.values[0], self.values[self.values.len() - 1]);
        short(Spread::at(from, to, self.log, share)).clamp(from.min(to), from.max(to))
    }

    /// How far between its first value and its last another one is, from 0 to 1.
    pub fn share(&self, value: f64) -> f64 {
        let (from, to) = (self.values[0], self.values[self.values.len() - 1]);
        match self.log {
            true => (value / from).ln() / (to / from).ln(),
            false => (value - from) / (to - from),
        }
    }

    /// The whole path of each number that it sets.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.targets.iter().map(|target| target.path.as_str())
    }

    /// Every number that it sets at one of its values, with its whole path.
    pub fn settings(&self, value: f64) -> impl Iterator<Item = (&str, f64)> {
        let targets = self.targets.iter();
        targets.map(move |target| (target.path.as_str(), target.value(value)))
    }

    /// Its numbers with the formulas of those that follow: "parameters.tau_e, parameters.tau_i=2*tau_e", without the blank.
    pub fn written(&self) -> String {
        let mut written = self.path.clone();
        for target in &self.targets {
            if let Some(tie) = &target.tie {
                written += &format!(",{}={}", target.path, tie.text);
            }
        }
        written
    }

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
        let mut text: String = format!("{} = {value} {unit}", self.path).trim_end().into();
        for target in self.targets.iter().filter(|target| target.tie.is_some()) {
            text += &format!(", {} = {}", target.path, target.value(value));
        }
        text
    }

    /// An axis of `study` along all `addresses`, each with its tie, that takes `values`; at least one has none.
    pub(super) fn new(
        study: &Study,
        addresses: impl Iterator<Item = (Address, Option<Tie>)>,
        values: Vec<f64>,
        log: bool,
    ) -> Self {
        let targets = addresses.map(|(address, tie)| Target {
            path: address.full(),
            number: address.number.expect("only numbers serve to be varied"),
            node: address.node,
            tie,
        });
        let targets: Vec<Target> = targets.collect();
        let about = |target: &Target| {
            let (unit, meaning) = target.number.about(study);
            let meaning = match target.node {
                Some(node) => {
                    let label = study.connectome.labels.get(node).map_or("", String::as_str);
                    format!("{meaning}, node {node} ({label}) alone")
                }
                None => meaning,
            };
            (unit, meaning)
        };
        let is_plain = |target: &&Target| target.tie.is_none();
        let plain = || targets.iter().filter(is_plain);
        let (units, mut meanings): (Vec<String>, Vec<String>) = plain().map(about).unzip();
        meanings.dedup();
        let tied = targets.iter().filter_map(|target| {
            let tie = target.tie.as_ref()?;
            Some(format!("with {} = {}", target.path, tie.text))
        });
        meanings.extend(tied);
        let paths: Vec<&str> = plain().map(|target| target.path.as_str()).collect();
        let is_one_unit = units.iter().all(|unit| *unit == units[0]);
        let moves = |target: &Target| target.number.moves_delays(study);
        Self {
            path: paths.join(","),
            values,
            log,
            unit: if is_one_unit {
                units[0].clone()
            } else {
                "1".into()
            },
            meaning: meanings.join("; "),
            moves_delays: targets.iter().any(moves),
            targets,
        }
    }

    /// Sets its numbers of all nodes in a study of the sweep, or those of one node.
    pub(crate) fn set(&self, study: &mut Study, value: f64, of_one_node: bool) -> Result<()> {
        let targets = self.targets.iter();
        let mut chosen = targets.filter(|target| target.node.is_some() == of_one_node);
        chosen.try_for_each(|target| target.number.set(study, target.node, target.value(value)))
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
            if n as usize > MOST_VALUES {
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

/// What is said of more than [`MOST_VALUES`].
pub(super) fn too_many(what: &str, n: impl std::fmt::Display) -> Error {
    let problem =
        format!("{n} values of {what} are too many: there may be 1e7, and 1e9 simulations");
    Error::conflict(problem, "take fewer")
}

/// `value` with 12 digits.
pub(super) fn short(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}
