//! One step of one node.

/// The integrator of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
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
