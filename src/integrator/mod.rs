//! One step of one node, generic over [`Scalar`].
//!
//! The input is held over the step: in every stage of Heun's and the Runge-Kutta method the neighbours, the noise process
//! and the constant input are those of the step's start, as in The Virtual Brain. A white kick (`sigma sqrt(dt) z` per
//! state) enters Heun's predictor and corrector alike, and is added to the other methods' result (Euler-Maruyama).

use crate::model::NeuralMass;
use crate::scalar::{Dual, Scalar};

/// The integrator of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Integrator {
    /// `v + dt phi(dt L) f`, `phi(z) = (e^z - 1)/z`, L the equation's derivative with respect to its own variable.
    ExponentialEuler,
    /// `v + dt f`
    Euler,
    /// Heun's second-order method.
    Heun,
    /// The classical fourth-order Runge-Kutta method.
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

    /// The state one step of `dt` ms after `state`, before any rectification.
    ///
    /// `kick` is the white noise of the step, per state; `None` where there is none.
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
        let drift = |state| M::drift(state, input, coefficients);
        let kicked = |k: usize, value: S| kick[k].map_or(value, |kick| value + kick);
        match self {
            Self::ExponentialEuler => {
                let (f, own) = drift_and_diagonal::<M, S, N, I, P, C>(state, input, coefficients);
                each(|k| kicked(k, state[k] + dt * (dt * own[k]).exprel() * f[k]))
            }
            Self::Euler => {
                let f = drift(state);
                each(|k| kicked(k, state[k] + dt * f[k]))
            }
            Self::Heun => {
                let f = drift(state);
                let g = drift(each(|k| kicked(k, state[k] + dt * f[k])));
                let half = S::lit(0.5) * dt;
                each(|k| kicked(k, state[k] + half * (f[k] + g[k])))
            }
            Self::Rk4 => {
                let half = S::lit(0.5) * dt;
                let sixth = S::lit(1.0 / 6.0) * dt;
                let a = drift(state);
                let b = drift(each(|k| state[k] + half * a[k]));
                let c = drift(each(|k| state[k] + half * b[k]));
                let d = drift(each(|k| state[k] + dt * c[k]));
                each(|k| {
                    let middle = b[k] + c[k];
                    kicked(k, state[k] + sixth * (a[k] + (middle + middle) + d[k]))
                })
            }
        }
    }
}

/// `std::array::from_fn`, inlined whatever the compiler thinks of it: it stands in SIMD code.
#[inline(always)]
pub(crate) fn each<T: Copy, const N: usize>(mut f: impl FnMut(usize) -> T) -> [T; N] {
    let mut values = [f(0); N];
    for (k, value) in values.iter_mut().enumerate().skip(1) {
        *value = f(k);
    }
    values
}

/// The drift, and of each equation the derivative with respect to its own variable.
#[inline(always)]
fn drift_and_diagonal<M, S, const N: usize, const I: usize, const P: usize, const C: usize>(
    state: [S; N],
    input: [S; I],
    coefficients: [S; C],
) -> ([S; N], [S; N])
where
    M: NeuralMass<N, I, P, C>,
    S: Scalar,
{
    let input = input.map(Dual::constant);
    let coefficients = coefficients.map(Dual::constant);
    let pairs: [(S, S); N] = each(|k| {
        let mut seeded = state.map(Dual::constant);
        seeded[k] = Dual::variable(state[k]);
        let f = M::drift(seeded, input, coefficients)[k];
        (f.value, f.derivative())
    });
    (pairs.map(|pair| pair.0), pairs.map(|pair| pair.1))
}
