//! One number of a study, by its key.

use std::fmt;

use super::super::range::Range;
use super::super::{Start, Study, Values};
use super::{Address, Key, Numeric, Value};
use crate::error::{Error, Result, StudyError};
use crate::model::Model;

/// What a number is in the equations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Constant part of an input.
    Input(usize),
    /// A parameter of the model.
    Model(usize),
    /// A parameter of a coupling.
    Coupling {
        /// Which coupling.
        term: usize,
        /// Which of its parameters.
        parameter: usize,
    },
    /// Conduction speed, mm/ms.
    Speed,
}

impl Role {
    /// Whether the number sets delays, so that its values cannot run side by side in one batch.
    fn moves_delays(self, model: &Model) -> bool {
        match self {
            Self::Speed => true,
            Self::Model(index) => model.is_delay(index),
            Self::Input(_) | Self::Coupling { .. } => false,
        }
    }
}

/// Where a number is written.
pub(crate) enum Slot<'a> {
    /// One for all nodes, or one per node.
    PerNode(&'a mut Values),
    /// A state at t = 0, given or drawn.
    Start(&'a mut Start),
    /// A single number.
    Single(&'a mut f64),
}

/// A number of a study: a numeric key, and which of its names.
#[derive(Clone, Copy)]
pub struct Number {
    key: &'static Key,
    numeric: &'static Numeric,
    index: usize,
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.key, other.key) && self.index == other.index
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}, number {}", self.key.path, self.index)
    }
}

impl Number {
    /// Name number `index` of `key`, if the key is numeric.
    pub(crate) fn new(key: &'static Key, index: usize) -> Option<Self> {
        match &key.value {
            Value::Number(numeric) => Some(Self {
                key,
                numeric,
                index,
            }),
            _ => None,
        }
    }

    /// Every number of a study, in the order of the table.
    pub(crate) fn all(study: &Study) -> Vec<Self> {
        let rows = super::KEYS.iter();
        rows.flat_map(|key| (0..key.len(study)).filter_map(|index| Self::new(key, index)))
            .collect()
    }

    /// The row of the table that the number belongs to.
    pub fn key(&self) -> &'static Key {
        self.key
    }

    /// The whole key, as in study files.
    pub fn path(&self, study: &Study) -> String {
        self.key.paths(study).swap_remove(self.index)
    }

    /// Unit ("1" for none) and meaning.
    pub fn about(&self, study: &Study) -> (String, String) {
        match self.numeric.about {
            Some(about) => about(study, self.index),
            None => (self.key.unit.into(), self.key.meaning.into()),
        }
    }

    /// The number at every node.
    pub fn get(&self, study: &Study) -> Values {
        (self.numeric.get)(study, self.index)
    }

    /// The start of a state, if the number is one.
    pub(crate) fn start(&self, study: &Study) -> Option<Start> {
        let is_start = std::ptr::eq(self.key, &super::INITIAL);
        is_start.then(|| study.initial.state[self.index].clone())
    }

    /// What the number may be.
    pub(crate) fn range(&self, study: &Study) -> Range {
        (self.numeric.range)(study, self.index)
    }

    /// What the number is in the equations.
    pub(crate) fn role(&self, study: &Study) -> Option<Role> {
        (self.numeric.role)(study, self.index)
    }

    /// Whether it is a number of a rule, which sets other numbers.
    pub(crate) fn is_of_rule(&self) -> bool {
        std::ptr::eq(self.key, &super::RULE_NUMBER)
    }

    /// Whether the number sets delays, so that its values cannot run side by side in one batch.
    pub(crate) fn moves_delays(&self, study: &Study) -> bool {
        let number = match self.is_of_rule() {
            true => study.ruled(self.index),
            false => Some(*self),
        };
        let role = number.and_then(|number| number.role(study));
        role.is_some_and(|role| role.moves_delays(study.model))
    }

    /// Whether an equilibrium, a cycle, a delay, or the start from which one is found depends on the number.
    pub(crate) fn acts_on_branches(&self, study: &Study) -> bool {
        let others = [&super::INITIAL, &super::DT];
        self.role(study).is_some()
            || self.is_of_rule()
            || others.iter().any(|key| std::ptr::eq(*key, self.key))
    }

    /// Why the number has no effect in `study`.
    pub(crate) fn idle(&self, study: &Study) -> Option<&'static str> {
        (self.key.idle)(study, self.index)
    }

    /// Why a sweep cannot vary the number.
    pub(crate) fn fixed(&self) -> Option<&'static str> {
        self.numeric.fixed
    }

    /// Where the number is written.
    pub(crate) fn slot<'a>(&self, study: &'a mut Study) -> Slot<'a> {
        (self.numeric.slot)(study, self.index)
    }

    /// Sets the number, at every node or at one.
    ///
    /// # Errors
    /// [`Error::Study`] outside its range, at a node that is not there, and where the number has no effect.
    pub(crate) fn set(&self, study: &mut Study, node: Option<usize>, value: f64) -> Result<()> {
        let path = Address::written(&self.path(study), node);
        if let Some(why) = self.idle(study) {
            let (key, why) = (path, why.into());
            return Err(StudyError::NoEffect { key, why }.into());
        }
        let n_nodes = study.connectome.n_nodes();
        if let Some(node) = node.filter(|node| *node >= n_nodes) {
            let key = path;
            return Err(StudyError::NoSuchNode { key, node, n_nodes }.into());
        }
        if !study.rules.is_empty() {
            study.check_rules(&self.path(study))?;
        }
        let value = self.range(study).check(&path, value)?;
        let values = match self.slot(study) {
            Slot::Single(single) if node.is_none() => {
                *single = value;
                if self.is_of_rule() {
                    study.follow_rule(self.index);
                }
                return Ok(());
            }
            Slot::Single(_) => {
                let why = format!("{} is one number for all nodes", self.key.path);
                return Err(Error::unusable(path, "set at one node", why, None));
            }
            Slot::Start(start) => {
                if matches!(start, Start::Uniform { .. }) {
                    if node.is_some() {
                        let why = "the start of the other nodes is drawn at random";
                        let hint = Some("give them a number or a list first");
                        return Err(Error::unusable(path, "set at one node", why, hint));
                    }
                    *start = Start::Given(value.into());
                }
                match start {
                    Start::Given(values) => values,
                    Start::Uniform { .. } => return Ok(()),
                }
            }
            Slot::PerNode(values) => values,
        };
        match node {
            None => *values = Values::Uniform(value),
            Some(node) => values.set(node, value, n_nodes),
        }
        Ok(())
    }
}

/// A number as people write it: 1e-40, not forty zeros.
pub(crate) fn shown(value: f64) -> String {
    let size = value.abs();
    if value.is_finite() && size != 0.0 && !(1e-5..1e15).contains(&size) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}
