//! One neural mass as a [`Problem`]: its parameters and constant inputs, one or two of which may
//! vary.

use std::sync::Arc;

use crate::connectome::Connectome;
use crate::continuation::problem::{Equations, Problem};
use crate::error::{Error, Result, StudyError};
use crate::model::Model;
use crate::program::{Program, Symbol, record};
use crate::scalar::{Scalar, Series2, Series4};
use crate::study::key::{self, Purpose, Role};
use crate::study::{Study, Values};

/// One node of a model, with the parameters that may vary.
///
/// Parameters go by the keys of a study or their ends ([`key::resolve`]): `parameters.gamma` or
/// `gamma`; `input.x`, the constant input of x, or `x_ext`.
///
/// ```
/// use brainsweep::continuation::{NodeProblem, Problem};
/// use brainsweep::model::find;
///
/// let node = NodeProblem::new(find("wilson-cowan")?, &[("parameters.wEE", 16.0)], &["x_ext"])?;
/// assert_eq!(node.parameter_names(), ["x_ext"]);
/// # Ok::<(), brainsweep::Error>(())
/// ```
pub struct NodeProblem {
    inner: Node,
    start: Vec<f64>,
}

/// A number of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Parameter(usize),
    Input(usize),
}

/// The number of a node that `text` names ([`key::resolve`]).
fn slot(study: &Study, text: &str) -> Result<Slot> {
    let address = key::resolve(study, text, Purpose::Follow)?;
    match address.number.and_then(|number| number.role(study)) {
        Some(Role::Model(index)) => Ok(Slot::Parameter(index)),
        Some(Role::Input(index)) => Ok(Slot::Input(index)),
        _ => {
            let why = "it acts between nodes, and this is one node by itself";
            Err(Error::unusable(address.path, "followed", why, None))
        }
    }
}

impl NodeProblem {
    /// A node of `model` with its default parameters and no input, but for the numbers `set`; those
    /// of `vary` may vary.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a path the model does not have, [`Error::Continuation`] for a model
    /// without derivatives or with delayed feedback, or if not one or two different numbers vary.
    pub fn new(model: &'static Model, set: &[(&str, f64)], vary: &[&str]) -> Result<Self> {
        let mut study = Study::new(model, Arc::new(Connectome::uncoupled(1)));
        for &(text, value) in set {
            match slot(&study, text)? {
                Slot::Parameter(index) => study.parameters[index] = value.into(),
                Slot::Input(index) => study.input[index] = value.into(),
            }
        }
        Self::of_study(&study, 0, vary)
    }

    /// Node `node` of a study, uncoupled and without noise.
    ///
    /// # Errors
    /// As [`NodeProblem::new`]; [`StudyError::NoSuchNode`] for a node that is not there.
    pub fn of_study(study: &Study, node: usize, vary: &[&str]) -> Result<Self> {
        let n_nodes = study.connectome.n_nodes();
        if node >= n_nodes {
            let key = "the study".into();
            return Err(StudyError::NoSuchNode { key, node, n_nodes }.into());
        }
        let at = |values: &[Values]| -> Vec<f64> { values.iter().map(|v| v.at(node)).collect() };
        let (model, parameters, input) = (study.model, at(&study.parameters), at(&study.input));
        if let Some(why) = model.not_smooth {
            return Err(Error::not_smooth(format!("the model {}", model.name), why));
        }
        if !model.feedback.is_empty() {
            let what = format!("the model {}", model.name);
            let why = "its delayed feedback decides its stability";
            return Err(Error::not_continued(what, why, "continue it with delays"));
        }
        let slots: Vec<Slot> = vary
            .iter()
            .map(|path| slot(study, path))
            .collect::<Result<_>>()?;
        if slots.is_empty() || slots.len() > 2 || slots.len() == 2 && slots[0] == slots[1] {
            let rule = "must be one number, or two different ones";
            return Err(Error::argument("what varies", vary.join(", "), rule));
        }
        let start = slots
            .iter()
            .map(|slot| match *slot {
                Slot::Parameter(index) => parameters[index],
                Slot::Input(state) => input[state],
            })
            .collect();
        let inner = Node {
            model,
            rates: rates(model, &parameters, &input, &slots),
            names: vary.iter().map(|&path| path.into()).collect(),
        };
        Ok(Self { inner, start })
    }

    /// The values that the varying numbers have in the description.
    pub fn start(&self) -> &[f64] {
        &self.start
    }
}

/// The rates of change as a program of the states and of the numbers that vary. What the others
/// determine is worked out here, once.
fn rates(model: &Model, parameters: &[f64], input: &[f64], slots: &[Slot]) -> Program {
    let n_states = model.states.len();
    let constants = |values: &[f64]| values.iter().map(|&x| Symbol::lit(x)).collect();
    let program = record(|| {
        let state: Vec<Symbol> = (0..n_states).map(Symbol::argument).collect();
        let (mut parameters, mut input): (Vec<_>, Vec<_>) =
            (constants(parameters), constants(input));
        for (k, slot) in slots.iter().enumerate() {
            let varying = Symbol::argument(n_states + k);
            match *slot {
                Slot::Parameter(index) => parameters[index] = varying,
                Slot::Input(index) => input[index] = varying,
            }
        }
        let coefficients = model.prepare_program().evaluate(&[&parameters]);
        let rates = model.rates_program();
        let rates = rates.evaluate(&[&state, &input, &coefficients]);
        (n_states + slots.len(), rates)
    });
    program.folded()
}

struct Node {
    model: &'static Model,
    rates: Program,
    names: Vec<String>,
}

impl Equations for Node {
    fn unknowns(&self) -> Vec<String> {
        let states = self.model.states.iter();
        states.map(|state| state.name.into()).collect()
    }

    fn parameters(&self) -> Vec<String> {
        self.names.clone()
    }

    fn n_unknowns(&self) -> usize {
        self.model.states.len()
    }

    fn n_parameters(&self) -> usize {
        self.names.len()
    }

    fn rates<S: Scalar>(&self, u: &[S], p: &[S], rates: &mut [S]) {
        self.rates.write(&[u, p], rates);
    }
}

impl Problem for NodeProblem {
    fn unknown_names(&self) -> Vec<String> {
        self.inner.unknown_names()
    }
    fn parameter_names(&self) -> Vec<String> {
        self.inner.parameter_names()
    }
    fn dimension(&self) -> usize {
        self.inner.dimension()
    }
    fn parameter_count(&self) -> usize {
        self.inner.parameter_count()
    }
    fn value(&self, u: &[f64], p: &[f64], value: &mut [f64]) {
        self.inner.value(u, p, value);
    }
    fn derivative(&self, u: &[f64], p: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        self.inner.derivative(u, p, value, derivative);
    }
    fn second_derivative(&self, u: &[f64], p: &[f64], direction: &[f64], second: &mut [f64]) {
        self.inner.second_derivative(u, p, direction, second);
    }
    fn series2(&self, u: &[Series2], p: &[Series2], rates: &mut [Series2]) {
        self.inner.series2(u, p, rates);
    }
    fn series4(&self, u: &[Series4], p: &[Series4], rates: &mut [Series4]) {
        self.inner.series4(u, p, rates);
    }
}
