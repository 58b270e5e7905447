//! One step of one node, generic over the number it runs on.
//!
//! An integrator gives the change of the state over the step, not the new state: `dynamics` adds it with the rounding
//! error of the step before, so that in 32 bits small steps do not stall and long orbits do not drift.
//!
//! With [`CouplingAt::Start`] the input is held over the step: in every stage of Heun's and the Runge-Kutta method the neighbours, the
//! noise process and the constant input are those of the step's start, as in The Virtual Brain. So the orders below are those of a node
//! alone; between coupled nodes every method then has order 1, with and without delays. With [`CouplingAt::Stages`] Heun's second stage
//! takes the input of the step's end, and Heun's method has order 2 in networks, too (`tests/library/convergence/` measures both).
//!
//! A white kick (`sigma sqrt(dt) z` per state) enters Heun's predictor and corrector alike, and is added to the other methods' result
//! (Euler-Maruyama).

use crate::model::Model;
use crate::scalar::Scalar;
use crate::word::words;

/// The integrator of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Integrator {
    /// `v + dt phi(dt L) f`, `phi(z) = (e^z - 1)/z`, L the equation's derivative with respect to its own variable.
    ExponentialEuler,
    /// `v + dt f`
    Euler,
    /// Heun's method, of second order for a node alone.
    Heun,
    /// The classical Runge-Kutta method, of fourth order for a node alone.
    Rk4,
}

words!(Integrator {
    ExponentialEuler = "exponential-euler",
    Euler = "euler",
    Heun = "heun",
    Rk4 = "rk4",
});

/// When in a step a node takes what it receives: from its neighbours, from its own past, from its noise process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CouplingAt {
    /// At the start, for all of the step.
    Start,
    /// At each stage of the integrator what is received then: at both ends of the step in Heun's method, the only one that has it.
    Stages,
}

words!(CouplingAt {
    Start = "start",
    Stages = "stages",
});

/// The inputs at the end of a step, from the states that are predicted there.
pub type AtEnd<'a, S> = &'a dyn Fn(&[S]) -> Vec<S>;

impl Integrator {
    /// Why no stage of the method can take what is received then; `None` of Heun's, which can.
    pub fn without_stages(self) -> Option<&'static str> {
        match self {
            Self::Heun => None,
            Self::ExponentialEuler | Self::Euler => {
                Some("takes the equations at the start of a step only, so it has no later stage")
            }
            Self::Rk4 => Some(
                "has stages in the middle of a step, where nodes have sent nothing: reading between two samples would cost its order 4",
            ),
        }
    }

    /// The order for a node alone, without noise: errors fall as the step to this power.
    pub fn order(self) -> u32 {
        match self {
            Self::ExponentialEuler | Self::Euler => 1,
            Self::Heun => 2,
            Self::Rk4 => 4,
        }
    }

    /// The state one step of `dt` ms later: `state` plus the [`change`](Self::change), added plainly.
    pub fn advance<S: Scalar>(
        self,
        model: &Model,
        state: &[S],
        input: &[S],
        coefficients: &[S],
        dt: S,
        kick: &[Option<S>],
    ) -> Vec<S> {
        let change = self.change(model, state, input, coefficients, dt, kick, None);
        sum(state, change)
    }

    /// How much the state changes over a step of `dt` ms.
    ///
    /// `kick` is the white noise of the step, per state; `None` where there is none. `end` gives the inputs at the step's end, from the
    /// states that are predicted there; `None`: they are held. Heun's method alone asks for them.
    #[expect(clippy::too_many_arguments, reason = "they are what a step depends on")]
    pub fn change<S: Scalar>(
        self,
        model: &Model,
        state: &[S],
        input: &[S],
        coefficients: &[S],
        dt: S,
        kick: &[Option<S>],
        end: Option<AtEnd<S>>,
    ) -> Vec<S> {
        let drift = |state: &[S]| model.drift(state, input, coefficients);
        let kicked = |change: Vec<S>| kicked(change, kick);
        match self {
            Self::ExponentialEuler => {
                let (f, own) = model.drift_and_diagonal(state, input, coefficients);
                let change = f.into_iter().zip(own);
                kicked(
                    change
                        .map(|(f, own)| dt * (dt * own).exprel() * f)
                        .collect(),
                )
            }
            Self::Euler => kicked(scaled(dt, drift(state))),
            Self::Heun => {
                let f = drift(state);
                let predicted = Self::predicted(model, state, input, coefficients, dt, kick);
                let g = match end {
                    Some(end) => model.drift(&predicted, &end(&predicted), coefficients),
                    None => drift(&predicted),
                };
                kicked(scaled(S::lit(0.5) * dt, sum(&f, g)))
            }
            Self::Rk4 => {
                let half = S::lit(0.5) * dt;
                let sixth = S::lit(1.0 / 6.0) * dt;
                let a = drift(state);
                let b = drift(&sum(state, scaled(half, a.clone())));
                let c = drift(&sum(state, scaled(half, b.clone())));
                let d = drift(&sum(state, scaled(dt, c.clone())));
                let middle = sum(&b, c);
                let twice = sum(&middle, middle.clone());
                kicked(scaled(sixth, sum(&sum(&a, twice), d)))
            }
        }
    }
}

impl Integrator {
    /// The state that Heun's method predicts at the end of a step; arguments as of [`change`](Self::change).
    pub fn predicted<S: Scalar>(
        model: &Model,
        state: &[S],
        input: &[S],
        coefficients: &[S],
        dt: S,
        kick: &[Option<S>],
    ) -> Vec<S> {
        let f = model.drift(state, input, coefficients);
        sum(state, kicked(scaled(dt, f), kick))
    }
}

fn scaled<S: Scalar>(factor: S, f: Vec<S>) -> Vec<S> {
    f.into_iter().map(|f| factor * f).collect()
}

fn kicked<S: Scalar>(change: Vec<S>, kick: &[Option<S>]) -> Vec<S> {
    let pairs = change.into_iter().zip(kick);
    pairs
        .map(|(change, kick)| kick.map_or(change, |kick| change + kick))
        .collect()
}

fn sum<S: Scalar>(a: &[S], b: Vec<S>) -> Vec<S> {
    a.iter().zip(b).map(|(&a, b)| a + b).collect()
}
