//! One step of one node, generic over [`Scalar`].
//!
//! An integrator gives the change of the state over the step, not the new state: [`crate::dynamics`] adds it with the rounding
//! error of the step before, so that in 32 bits small steps do not stall and long orbits do not drift.
//!
//! The input is held over the step: in every stage of Heun's and the Runge-Kutta method the neighbours, the noise process
//! and the constant input are those of the step's start, as in The Virtual Brain. A white kick (`sigma sqrt(dt) z` per
//! state) enters Heun's predictor and corrector alike, and is added to the other methods' result (Euler-Maruyama).
//!
//! So the orders below are those of a node alone. Between coupled nodes every method has order 1, with and without delays, here as in
//! The Virtual Brain and BrainPy (`tests/convergence/networks.rs` measures it).

use crate::model::NeuralMass;
use crate::scalar::{Dual, Scalar, Varies};

/// An array whose element `k` is an expression in `k`: `std::array::from_fn` without the closure, which the compiler might
/// leave as a call to code without the caller's CPU features.
macro_rules! each {
    ($initial:expr; $k:ident < $n:expr => $element:expr) => {{
        let mut values = [$initial; $n];
        for $k in 0..$n {
            values[$k] = $element;
        }
        values
    }};
}
pub(crate) use each;

/// The integrator of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
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

impl Integrator {
    /// Every integrator.
    pub const ALL: [Self; 4] = [Self::ExponentialEuler, Self::Euler, Self::Heun, Self::Rk4];

    /// Its name in study files.
    pub fn name(self) -> &'static str {
        match self {
            Self::ExponentialEuler => "exponential-euler",
            Self::Euler => "euler",
            Self::Heun => "heun",
            Self::Rk4 => "rk4",
        }
    }

    /// The state one step of `dt` ms later: `state` plus the [`change`](Self::change), added plainly.
    #[inline(always)]
    pub fn advance<M, S, const N: usize, const I: usize, const P: usize, const C: usize>(
        self,
        state: [S; N],
        input: [S; I],
        coefficients: [S; C],
        dt: S,
        kick: [Option<S>; N],
    ) -> [S; N]
    where
        M: NeuralMass<N, I, P, C>,
        S: Scalar,
    {
        let factors = [None; N];
        let change = self.change::<M, S, N, I, P, C>(state, input, coefficients, dt, factors, kick);
        each!(S::lit(0.0); k < N => state[k] + change[k])
    }

    /// How much the state changes over a step of `dt` ms.
    ///
    /// `factors` are those of [`exponential_factors`], of states where they are constant; `None` elsewhere, or where they have
    /// to be computed. `kick` is the white noise of the step, per state; `None` where there is none.
    #[inline(always)]
    pub fn change<M, S, const N: usize, const I: usize, const P: usize, const C: usize>(
        self,
        state: [S; N],
        input: [S; I],
        coefficients: [S; C],
        dt: S,
        factors: [Option<S>; N],
        kick: [Option<S>; N],
    ) -> [S; N]
    where
        M: NeuralMass<N, I, P, C>,
        S: Scalar,
    {
        let zero = S::lit(0.0);
        match self {
            Self::ExponentialEuler => {
                let (f, own) = drift_and_diagonal::<M, S, N, I, P, C>(state, input, coefficients);
                each!(zero; k < N => {
                    let factor = match factors[k] {
                        Some(factor) => factor,
                        None => dt * (dt * own[k]).exprel(),
                    };
                    kicked(kick[k], factor * f[k])
                })
            }
            Self::Euler => {
                let f = M::drift(state, input, coefficients);
                each!(zero; k < N => kicked(kick[k], dt * f[k]))
            }
            Self::Heun => {
                let f = M::drift(state, input, coefficients);
                let predicted = each!(zero; k < N => state[k] + kicked(kick[k], dt * f[k]));
                let g = M::drift(predicted, input, coefficients);
                let half = S::lit(0.5) * dt;
                each!(zero; k < N => kicked(kick[k], half * (f[k] + g[k])))
            }
            Self::Rk4 => {
                let half = S::lit(0.5) * dt;
                let sixth = S::lit(1.0 / 6.0) * dt;
                let a = M::drift(state, input, coefficients);
                let b = M::drift(
                    each!(zero; k < N => state[k] + half * a[k]),
                    input,
                    coefficients,
                );
                let c = M::drift(
                    each!(zero; k < N => state[k] + half * b[k]),
                    input,
                    coefficients,
                );
                let d = M::drift(
                    each!(zero; k < N => state[k] + dt * c[k]),
                    input,
                    coefficients,
                );
                each!(zero; k < N => {
                    let middle = b[k] + c[k];
                    kicked(kick[k], sixth * (a[k] + (middle + middle) + d[k]))
                })
            }
        }
    }
}

/// A change with the white noise of the step.
#[inline(always)]
pub fn kicked<S: Scalar>(kick: Option<S>, change: S) -> S {
    match kick {
        Some(kick) => change + kick,
        None => change,
    }
}

#[inline(always)]
fn constants<S: Scalar, const K: usize>(values: [S; K]) -> [Dual<S>; K] {
    each!(Dual::lit(0.0); k < K => Dual::constant(values[k]))
}

/// The drift, and of each equation the derivative with respect to its own variable.
#[inline(always)]
pub fn drift_and_diagonal<M, S, const N: usize, const I: usize, const P: usize, const C: usize>(
    state: [S; N],
    input: [S; I],
    coefficients: [S; C],
) -> ([S; N], [S; N])
where
    M: NeuralMass<N, I, P, C>,
    S: Scalar,
{
    let (input, coefficients) = (constants(input), constants(coefficients));
    let (mut f, mut own) = ([S::lit(0.0); N], [S::lit(0.0); N]);
    // One after the other, not in a loop, which the compiler might keep: which slopes are 0 or 1 has to be known when this is compiled.
    macro_rules! equations {
        ($($k:literal),*) => {$(
            if $k < N {
                let mut seeded = constants(state);
                seeded[$k] = Dual::variable(state[$k]);
                let equation = M::drift(seeded, input, coefficients)[$k];
                f[$k] = equation.value;
                own[$k] = equation.derivative();
            }
        )*};
    }
    const { assert!(N <= 4, "one more number below for every further state") };
    equations!(0, 1, 2, 3);
    (f, own)
}

/// `dt phi(dt L)` of every state, of which only those are meant that [`constant_factors`] names.
pub fn exponential_factors<M, const N: usize, const I: usize, const P: usize, const C: usize>(
    coefficients: [f32; C],
    dt: f32,
) -> [f32; N]
where
    M: NeuralMass<N, I, P, C>,
{
    let (state, input) = ([0.0; N], [0.0; I]);
    let (_, own) = drift_and_diagonal::<M, f32, N, I, P, C>(state, input, coefficients);
    own.map(|own| dt * (dt * own).exprel())
}

/// Of which states `L`, the derivative of the equation with respect to its own variable, depends on coefficients only.
#[inline(always)]
pub fn constant_factors<M, const N: usize, const I: usize, const P: usize, const C: usize>()
-> [bool; N]
where
    M: NeuralMass<N, I, P, C>,
{
    let (varies, constant) = (Varies(true), Varies(false));
    let (_, own) =
        drift_and_diagonal::<M, Varies, N, I, P, C>([varies; N], [varies; I], [constant; C]);
    own.map(|own| !own.0)
}
