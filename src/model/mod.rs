//! The neural mass models, each written once, in a file of its own.
//!
//! A model is a type that implements [`NeuralMass`]: names, units, defaults and one generic [`NeuralMass::drift`]. From it
//! follow the CPU kernels, the shader, the derivatives, the help text. Adding one is a file, a line in the list at the end
//! of this page, and a test with a value from its paper.

mod feedback_fitzhugh_nagumo;
mod fitzhugh_nagumo;
mod montbrio_pazo_roxin;
mod stuart_landau;
mod threshold_linear;
mod wilson_cowan;
mod wilson_cowan_brainpy;

use crate::error::{Error, Result};
use crate::scalar::{Dual, Scalar};

/// What evolves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct State {
    /// Symbol.
    pub name: &'static str,
    /// Unit; "1" for none.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Rectified after each step, as part of the model.
    pub non_negative: bool,
}

impl State {
    /// A state without bounds.
    pub const fn new(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            unit,
            meaning,
            non_negative: false,
        }
    }

    /// The same, rectified after each step.
    pub const fn non_negative(mut self) -> Self {
        self.non_negative = true;
        self
    }
}

/// What is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Symbol, as in study files.
    pub name: &'static str,
    /// Unit; "1" for none.
    pub unit: &'static str,
    /// Default.
    pub default: f64,
    /// What it means.
    pub meaning: &'static str,
    /// Divides something, so it may not be 0.
    pub non_zero: bool,
}

impl Parameter {
    /// A parameter of any value.
    pub const fn new(
        name: &'static str,
        unit: &'static str,
        default: f64,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            unit,
            default,
            meaning,
            non_zero: false,
        }
    }

    /// The same, which may not be 0.
    pub const fn non_zero(mut self) -> Self {
        self.non_zero = true;
        self
    }
}

/// Delayed self feedback: a state of the node itself, some time ago, as the model's last input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feedback {
    /// Index of the state that is fed back.
    pub state: usize,
    /// Index of the parameter that holds the delay, ms.
    pub delay: usize,
}

/// A neural mass: `N` states, `I` inputs, `P` parameters, `C` coefficients.
///
/// There is one input per state, in the states' order, and one more for a model with [`NeuralMass::FEEDBACK`]. The network
/// listens to and talks to the first state.
pub trait NeuralMass<const N: usize, const I: usize, const P: usize, const C: usize>:
    'static
{
    /// The name in study files.
    const NAME: &'static str;
    /// One line on what it is.
    const SUMMARY: &'static str;
    /// The equations, as text.
    const EQUATIONS: &'static str;
    /// Paper and equation.
    const REFERENCE: &'static str;
    /// The states, in the order of [`NeuralMass::drift`].
    const STATES: [State; N];
    /// The parameters, in the order of [`NeuralMass::prepare`].
    const PARAMETERS: [Parameter; P];
    /// Delayed self feedback, if the model has it.
    const FEEDBACK: Option<Feedback> = None;
    /// Why derivatives of the drift do not exist everywhere, if so.
    const NOT_SMOOTH: Option<&'static str> = None;

    /// What the drift needs of the parameters, computed once on the host.
    fn prepare<S: Scalar>(parameters: [S; P]) -> [S; C];

    /// Time derivatives of the states, per ms.
    fn drift<S: Scalar>(state: [S; N], input: [S; I], coefficients: [S; C]) -> [S; N];
}

/// A function of state, input and coefficients.
type OfStateInputCoefficients = fn(&[f64], &[f64], &[f64]) -> Vec<f64>;

/// A model without its type: what the registry, the command line and the figures know of it.
#[derive(Debug)]
pub struct ModelSpec {
    /// The name in study files, for example `fitzhugh-nagumo`.
    pub name: &'static str,
    /// One line on what it is.
    pub summary: &'static str,
    /// Its equations, as text.
    pub equations: &'static str,
    /// Paper and equation.
    pub reference: &'static str,
    /// Its states, in order.
    pub states: &'static [State],
    /// Its parameters, in order.
    pub parameters: &'static [Parameter],
    /// Delayed self feedback, if it has any.
    pub feedback: Option<Feedback>,
    /// Why derivatives do not exist everywhere, if so.
    pub not_smooth: Option<&'static str>,
    /// The number of inputs.
    pub n_inputs: usize,
    /// The number of coefficients.
    pub n_coefficients: usize,
    prepare: fn(&[f64]) -> Vec<f64>,
    drift: OfStateInputCoefficients,
    jacobian: OfStateInputCoefficients,
}

fn array<const K: usize>(values: &[f64], what: &str) -> [f64; K] {
    values
        .try_into()
        .unwrap_or_else(|_| panic!("{} {what} given, {K} needed", values.len()))
}

impl ModelSpec {
    /// The description of the model `M`.
    pub const fn of<M, const N: usize, const I: usize, const P: usize, const C: usize>() -> Self
    where
        M: NeuralMass<N, I, P, C>,
    {
        Self {
            name: M::NAME,
            summary: M::SUMMARY,
            equations: M::EQUATIONS,
            reference: M::REFERENCE,
            states: &M::STATES,
            parameters: &M::PARAMETERS,
            feedback: M::FEEDBACK,
            not_smooth: M::NOT_SMOOTH,
            n_inputs: I,
            n_coefficients: C,
            prepare: |parameters| M::prepare::<f64>(array(parameters, "parameters")).to_vec(),
            drift: |state, input, coefficients| {
                M::drift::<f64>(
                    array(state, "states"),
                    array(input, "inputs"),
                    array(coefficients, "coefficients"),
                )
                .to_vec()
            },
            jacobian: |state, input, coefficients| {
                let state: [f64; N] = array(state, "states");
                let input = array::<I>(input, "inputs").map(Dual::constant);
                let coefficients = array::<C>(coefficients, "coefficients").map(Dual::constant);
                let mut jacobian = vec![0.0; N * N];
                for column in 0..N {
                    let mut seeded = state.map(Dual::constant);
                    seeded[column] = Dual::variable(state[column]);
                    for (row, f) in M::drift(seeded, input, coefficients).iter().enumerate() {
                        jacobian[row * N + column] = f.derivative();
                    }
                }
                jacobian
            },
        }
    }

    /// What the drift needs of the parameters, `[n_coefficients]`.
    pub fn prepare(&self, parameters: &[f64]) -> Vec<f64> {
        (self.prepare)(parameters)
    }

    /// Time derivatives per ms, `[n_states]`, of `state` under `input` `[n_inputs]`, in f64.
    pub fn drift(&self, state: &[f64], input: &[f64], coefficients: &[f64]) -> Vec<f64> {
        (self.drift)(state, input, coefficients)
    }

    /// Derivatives of the drift with respect to the states, `[n_states, n_states]` row by row, by automatic differentiation.
    pub fn jacobian(&self, state: &[f64], input: &[f64], coefficients: &[f64]) -> Vec<f64> {
        (self.jacobian)(state, input, coefficients)
    }

    /// The values of its parameters where nothing else is said.
    pub fn defaults(&self) -> Vec<f64> {
        self.parameters
            .iter()
            .map(|parameter| parameter.default)
            .collect()
    }

    /// The index of a state by name.
    ///
    /// # Errors
    /// [`Error::Unknown`] naming the states there are.
    pub fn state(&self, name: &str) -> Result<usize> {
        self.states
            .iter()
            .position(|state| state.name == name)
            .ok_or_else(|| {
                Error::unknown(
                    &format!("state of {}", self.name),
                    name,
                    self.states.iter().map(|s| s.name),
                )
            })
    }

    /// The index of a parameter by name.
    ///
    /// # Errors
    /// [`Error::Unknown`] naming the parameters there are.
    pub fn parameter(&self, name: &str) -> Result<usize> {
        self.parameters
            .iter()
            .position(|parameter| parameter.name == name)
            .ok_or_else(|| {
                Error::unknown(
                    &format!("parameter of {}", self.name),
                    name,
                    self.parameters.iter().map(|p| p.name),
                )
            })
    }
}

/// The model of this name.
///
/// # Errors
/// [`Error::Unknown`] naming the models there are and the nearest.
pub fn find(name: &str) -> Result<&'static ModelSpec> {
    MODELS
        .iter()
        .find(|model| model.name == name)
        .ok_or_else(|| Error::unknown("model", name, MODELS.iter().map(|model| model.name)))
}

/// Something to be done with the type of a model that is known by name only at run time.
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Called with the model's type.
    fn visit<M, const N: usize, const I: usize, const P: usize, const C: usize>(
        self,
    ) -> Self::Output
    where
        M: NeuralMass<N, I, P, C>;
}

macro_rules! models {
    ($($module:ident :: $model:ident),* $(,)?) => {
        /// Every model there is.
        pub static MODELS: &[ModelSpec] = &[$(ModelSpec::of::<$module::$model, _, _, _, _>()),*];

        impl ModelSpec {
            /// Calls `visitor` with this model's type.
            pub fn visit<V: Visitor>(&self, visitor: V) -> V::Output {
                $(if self.name == <$module::$model as NeuralMass<_, _, _, _>>::NAME {
                    return visitor.visit::<$module::$model, _, _, _, _>();
                })*
                unreachable!("every ModelSpec is made from the list of models")
            }
        }
    };
}

models![
    fitzhugh_nagumo::FitzHughNagumo,
    wilson_cowan::WilsonCowan,
    wilson_cowan_brainpy::WilsonCowanBrainPy,
    stuart_landau::StuartLandau,
    montbrio_pazo_roxin::MontbrioPazoRoxin,
    feedback_fitzhugh_nagumo::FeedbackFitzHughNagumo,
    threshold_linear::ThresholdLinear,
];
