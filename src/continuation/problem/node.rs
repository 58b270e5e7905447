//! One neural mass as a [`Problem`]: its parameters and constant inputs, one or two of which may
//! vary.

use std::sync::Arc;

use crate::connectome::Connectome;
use crate::continuation::problem::Problem;
use crate::error::{Error, Result, StudyError};
use crate::model::Model;
use crate::program::{Program, Symbol, record};
use crate::scalar::{Dual, Scalar, Series2, Series4, Slope};
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
    model: &'static Model,
    names: Vec<String>,
    start: Vec<f64>,
    /// The states and the parameters that vary, to the rates of change.
    rates: Program,
    value: Prepared,
    /// The same, to the rates and to their derivatives, column by column.
    derivative: Prepared,
    /// The same and a direction, to the derivatives of the derivatives along the direction.
    second_derivative: Prepared,
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
        let rates = rates(model, &parameters, &input, &slots);
        Ok(Self {
            model,
            names: vary.iter().map(|&path| path.into()).collect(),
            start,
            value: Prepared::new(&rates),
            derivative: Prepared::new(&derivative(&rates)),
            second_derivative: Prepared::new(&second_derivative(&rates)),
            rates,
        })
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

/// Makes the program of the rates, `[n]`, and of their derivatives by each argument, `[n, n_arguments]`
/// column by column.
fn derivative(rates: &Program) -> Program {
    let n = rates.n_arguments();
    let program = record(|| {
        let arguments: Vec<Symbol> = (0..n).map(Symbol::argument).collect();
        let mut results = rates.evaluate(&[&arguments]);
        for column in 0..n {
            let mut moved: Vec<Dual<Symbol>> =
                arguments.iter().map(|&x| Dual::constant(x)).collect();
            moved[column].slope = Slope::One;
            let slopes = rates.evaluate(&[&moved]).into_iter().map(Dual::derivative);
            results.extend(slopes);
        }
        (n, results)
    });
    program.folded()
}

/// Makes the program of the derivatives, by each argument, of the rates' derivative along a
/// direction. The direction follows the arguments of `rates`.
fn second_derivative(rates: &Program) -> Program {
    let n = rates.n_arguments();
    let program = record(|| {
        let along = |k: usize| Dual {
            value: Dual::constant(Symbol::argument(k)),
            slope: Slope::Of(Dual::constant(Symbol::argument(n + k))),
        };
        let mut results = Vec::new();
        for column in 0..n {
            let mut moved: Vec<Dual<Dual<Symbol>>> = (0..n).map(along).collect();
            moved[column].value.slope = Slope::One;
            let rates = rates.evaluate(&[&moved]);
            results.extend(rates.iter().map(|rate| rate.derivative().derivative()));
        }
        (2 * n, results)
    });
    program.folded()
}

/// A program to run on `f64` many times. Its constants are its last arguments.
struct Prepared {
    program: Program,
    constants: Vec<f64>,
}

impl Prepared {
    fn new(program: &Program) -> Self {
        let (program, constants) = program.with_literals_as_arguments();
        Self { program, constants }
    }

    /// Writes the results at these arguments, in three parts, to `results`.
    fn write(&self, arguments: [&[f64]; 3], results: &mut [&mut [f64]]) {
        let [a, b, c] = arguments;
        self.program.write(&[a, b, c, &self.constants], results);
    }
}

impl Problem for NodeProblem {
    fn unknown_names(&self) -> Vec<String> {
        let states = self.model.states.iter();
        states.map(|state| state.name.into()).collect()
    }
    fn parameter_names(&self) -> Vec<String> {
        self.names.clone()
    }
    fn dimension(&self) -> usize {
        self.model.states.len()
    }
    fn parameter_count(&self) -> usize {
        self.names.len()
    }
    fn value(&self, u: &[f64], p: &[f64], value: &mut [f64]) {
        self.value.write([u, p, &[]], &mut [value]);
    }
    fn derivative(&self, u: &[f64], p: &[f64], value: &mut [f64], derivative: &mut [f64]) {
        let results = &mut [value, derivative];
        self.derivative.write([u, p, &[]], results);
    }
    fn second_derivative(&self, u: &[f64], p: &[f64], direction: &[f64], second: &mut [f64]) {
        let results = &mut [second];
        self.second_derivative.write([u, p, direction], results);
    }
    fn series2(&self, u: &[Series2], p: &[Series2], rates: &mut [Series2]) {
        self.rates.write(&[u, p], &mut [rates]);
    }
    fn series4(&self, u: &[Series4], p: &[Series4], rates: &mut [Series4]) {
        self.rates.write(&[u, p], &mut [rates]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::continuation::Equations;
    use crate::model::MODELS;

    /// The rates of a node as generic equations: their derivatives are those of gradients.
    struct Generic<'a>(&'a NodeProblem);

    impl Equations for Generic<'_> {
        fn unknowns(&self) -> Vec<String> {
            self.0.unknown_names()
        }
        fn parameters(&self) -> Vec<String> {
            self.0.parameter_names()
        }
        fn rates<S: Scalar>(&self, u: &[S], p: &[S], rates: &mut [S]) {
            self.0.rates.write(&[u, p], &mut [rates]);
        }
    }

    /// The programs of derivatives say what gradients say, of every model that continuation takes.
    #[test]
    fn derivatives_are_those_of_gradients() {
        let mut n_models = 0;
        for model in MODELS.iter() {
            let vary = ["input", model.parameters[0].name];
            let Ok(node) = NodeProblem::new(model, &[], &vary) else {
                continue;
            };
            n_models += 1;
            let n = node.dimension();
            let u: Vec<f64> = (0..n)
                .map(|k| model.states[k].start + 0.1 + 0.01 * k as f64)
                .collect();
            let p: Vec<f64> = node.start().iter().map(|p| p + 0.05).collect();
            let direction: Vec<f64> = (0..n + 2).map(|k| (k as f64 + 0.5).cos()).collect();
            let everything = |problem: &dyn Problem| {
                let mut value = vec![0.0; n];
                let mut derivative = vec![0.0; n * (n + 2)];
                let mut second = derivative.clone();
                problem.derivative(&u, &p, &mut value, &mut derivative);
                problem.second_derivative(&u, &p, &direction, &mut second);
                [value, derivative, second]
            };
            let (found, expected) = (everything(&node), everything(&Generic(&node)));
            for (found, expected) in found.iter().zip(&expected) {
                let scale = expected.iter().fold(0.0, |s: f64, x| s.max(x.abs()));
                for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
                    let miss = (found - expected).abs();
                    let name = model.name;
                    assert!(miss <= 1e-12 * scale, "{name}, {k}: {found} {expected}");
                }
            }
        }
        assert!(n_models > 5, "only {n_models} models");
    }
}
