//! Random input: which process, how strong, and what one step makes of it.

use std::sync::Arc;

use ndarray::Array2;

use super::Values;
use crate::word::words;

/// Random input to the nodes.
#[derive(Debug, Clone)]
pub struct Noise {
    /// Which process.
    pub kind: NoiseKind,
    /// How a step advances it.
    pub scheme: NoiseScheme,
    /// Correlation time of the Ornstein-Uhlenbeck process, ms.
    pub tau: f64,
    /// Mean of the Ornstein-Uhlenbeck process, per noise target.
    pub mean: Vec<Values>,
    /// Strength per noise target, in the state's unit per ms^1/2 (for a white kick) or input unit per ms^1/2.
    pub sigma: Vec<Values>,
    /// Stored standard normals in place of the generator, per noise target `[n_steps, n_nodes]`.
    pub replay: Option<StoredNormals<f64>>,
}

/// Stored standard normals, `[n_steps, n_nodes]` for each noise target that has them.
pub type StoredNormals<T> = Vec<Option<Arc<Array2<T>>>>;

/// Which random process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoiseKind {
    /// None at all.
    None,
    /// dX = (mean - X)/tau dt + sigma dW, added to the input; X starts at its mean. Stationary variance sigma^2 tau / 2.
    OrnsteinUhlenbeck,
    /// sigma dW, added to the state.
    White,
}

words!(NoiseKind {
    OrnsteinUhlenbeck = "ornstein-uhlenbeck",
    White = "white",
    None = "none",
});

/// How a step advances the noise. `z` is a standard normal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoiseScheme {
    /// Euler-Maruyama, as BrainPy and The Virtual Brain. An Ornstein-Uhlenbeck process becomes
    /// `X + (mean - X) dt/tau + sigma sqrt(dt) z`; a white kick is `sigma sqrt(dt) z`.
    Euler,
    /// The distribution of the equation itself, at any step.
    ///
    /// An Ornstein-Uhlenbeck process becomes `mean + (X - mean) e^(-dt/tau) + sigma sqrt(tau/2 (1 - e^(-2 dt/tau))) z` (Gillespie
    /// 1996, Phys. Rev. E 54, 2084, eq. 2.6). A white kick has the variance `sigma^2 (e^(2 L dt) - 1)/(2 L)`, L the
    /// derivative of the state's equation by the state itself at the step's start: what exponential Euler needs to be exact for a
    /// linear node.
    Exact,
}

words!(NoiseScheme {
    Euler = "euler",
    Exact = "exact",
});

impl Noise {
    /// How far an Ornstein-Uhlenbeck process moves towards its mean in a step of `dt` ms, as a part of the distance; 0 for other noise.
    pub fn rate(&self, dt: f64) -> f64 {
        match (self.kind, self.scheme) {
            (NoiseKind::OrnsteinUhlenbeck, NoiseScheme::Euler) => dt / self.tau,
            (NoiseKind::OrnsteinUhlenbeck, NoiseScheme::Exact) => -(-dt / self.tau).exp_m1(),
            (NoiseKind::White | NoiseKind::None, _) => 0.0,
        }
    }

    /// What the standard normal number of a noise target is multiplied with in a step of `dt` ms at a node.
    pub fn amplitude(&self, target: usize, node: usize, dt: f64) -> f64 {
        let time = match (self.kind, self.scheme) {
            (NoiseKind::OrnsteinUhlenbeck, NoiseScheme::Exact) => {
                -0.5 * self.tau * (-2.0 * dt / self.tau).exp_m1()
            }
            // What the equation's derivative adds to an exact white kick is the step's to know.
            _ => dt,
        };
        self.sigma[target].at(node) * time.sqrt()
    }

    /// The stationary standard deviation of the Ornstein-Uhlenbeck process of a noise target at a node, in steps of `dt` ms.
    ///
    /// `sigma sqrt(tau/2)` if the scheme is exact, `sigma sqrt(tau/(2 - dt/tau))` if it is Euler's; `None` for other noise, and
    /// where Euler's steps of two `tau` or more let the process grow without end.
    pub fn stationary_sd(&self, target: usize, node: usize, dt: f64) -> Option<f64> {
        let rate = self.rate(dt);
        let is_stationary = 0.0 < rate && rate < 2.0;
        // X' = X + (mean - X) rate + amplitude z.
        let variance = self.amplitude(target, node, dt).powi(2) / (rate * (2.0 - rate));
        is_stationary.then(|| variance.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(scheme: NoiseScheme) -> Noise {
        Noise {
            kind: NoiseKind::OrnsteinUhlenbeck,
            scheme,
            tau: 5.0,
            mean: vec![Values::Uniform(0.0)],
            sigma: vec![Values::Uniform(0.3)],
            replay: None,
        }
    }

    /// Against the closed forms; and exact steps compose: two of dt/2 are one of dt.
    #[test]
    fn the_stationary_sd_is_that_of_the_scheme() {
        let limit = 0.3 * 2.5f64.sqrt();
        for (dt, ratio) in [(0.1, 1.010), (0.5, 1.053), (1.0, 1.111)] {
            let variance = |scheme| noise(scheme).stationary_sd(0, 0, dt).unwrap().powi(2);
            let found = variance(NoiseScheme::Euler) / limit.powi(2);
            assert!((found - ratio).abs() < 5e-4, "dt {dt}: {found}");
            let exact = variance(NoiseScheme::Exact) / limit.powi(2);
            assert!((exact - 1.0).abs() < 1e-14, "dt {dt}: {exact}");
            let exact = noise(NoiseScheme::Exact);
            let (half, amplitude) = (1.0 - exact.rate(dt / 2.0), exact.amplitude(0, 0, dt / 2.0));
            assert!((half * half - (1.0 - exact.rate(dt))).abs() < 1e-14);
            let twice = amplitude.powi(2) * (1.0 + half * half);
            assert!((twice - exact.amplitude(0, 0, dt).powi(2)).abs() < 1e-14);
        }
        assert_eq!(noise(NoiseScheme::Euler).stationary_sd(0, 0, 10.0), None);
        assert!(
            noise(NoiseScheme::Exact)
                .stationary_sd(0, 0, 10.0)
                .is_some()
        );
    }
}
