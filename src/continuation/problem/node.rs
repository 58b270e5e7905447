//! One neural mass as a [`Problem`]: its parameters and constant inputs, one or two of which may
//! vary.

use crate::continuation::problem::{Equations, Problem};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::program::{Program, Symbol, record};
use crate::scalar::{Scalar, Series2, Series4};
use crate::study::Study;

/// One node of a model, with the parameters that may vary.
///
/// Parameters go by the paths of a study: `parameters.NAME` and `input.NAME` (a constant input);
/// `input.x` may also be written `x_ext`, and `parameters.gamma` `gamma`.
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

fn slot(model: &Model, path: &str) -> Result<Slot> {
    let input = |name: &str| model.input_index(name);
    let parameter = |name: &str| model.parameters.iter().position(|p| p.name == name);
    let found = match path.split_once('.') {
        Some(("parameters", name)) => parameter(name).map(Slot::Parameter),
        Some(("input", name)) => input(name).map(Slot::Input),
        Some(_) => None,
        None if path == "input" && !model.inputs.is_empty() => Some(Slot::Input(0)),
        None => model
            .inputs
            .iter()
            .position(|input| input.symbol == path)
            .map(Slot::Input)
            .or_else(|| parameter(path).map(Slot::Parameter)),
    };
    found.ok_or_else(|| {
        let inputs = model.inputs.iter().map(|input| input.symbol.to_string());
        let parameters = model.parameters.iter().map(|p| p.name.to_string());
        let known: Vec<String> = inputs.chain(parameters).collect();
        let what = format!("number of a {} node", model.name);
        Error::unknown(&what, path, known.iter().map(String::as_str))
    })
}

impl NodeProblem {
    /// A node of `model` with its default parameters and no input, but for the numbers `set`; those
    /// of `vary` may vary.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a path the model does not have, [`Error::BadValue`] for a model
    /// without derivatives or with delayed feedback, or if not one or two different numbers vary.
    pub fn new(model: &'static Model, set: &[(&str, f64)], vary: &[&str]) -> Result<Self> {
        let mut parameters = model.defaults();
        let mut input = vec![0.0; model.inputs.len()];
        for &(path, value) in set {
            match slot(model, path)? {
                Slot::Parameter(index) => parameters[index] = value,
                Slot::Input(state) => input[state] = value,
            }
        }
        Self::build(model, parameters, input, vary)
    }

    /// Node `node` of a study, uncoupled and without noise.
    ///
    /// # Errors
    /// As [`NodeProblem::new`]; [`Error::BadValue`] for a node that is not there.
    pub fn of_study(study: &Study, node: usize, vary: &[&str]) -> Result<Self> {
        let n_nodes = study.connectome.n_nodes();
        if node >= n_nodes {
            let rule = format!("the study has nodes 0 to {}", n_nodes - 1);
            return Err(Error::bad_value("node", node, rule));
        }
        let at = |values: &[crate::study::Values]| values.iter().map(|v| v.at(node)).collect();
        Self::build(study.model, at(&study.parameters), at(&study.input), vary)
    }

    fn build(
        model: &'static Model,
        parameters: Vec<f64>,
        input: Vec<f64>,
        vary: &[&str],
    ) -> Result<Self> {
        if let Some(why) = model.not_smooth {
            let rule = format!("continuation needs derivatives, and {why}; simulate it instead");
            return Err(Error::bad_value("model", model.name, rule));
        }
        if !model.feedback.is_empty() {
            let rule = "its delayed feedback decides its stability; continue it with delays";
            return Err(Error::bad_value("model", model.name, rule));
        }
        let slots: Vec<Slot> = vary
            .iter()
            .map(|path| slot(model, path))
            .collect::<Result<_>>()?;
        if slots.is_empty() || slots.len() > 2 || slots.len() == 2 && slots[0] == slots[1] {
            let rule = "one number varies, or two different ones";
            return Err(Error::bad_value("vary", vary.join(", "), rule));
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
