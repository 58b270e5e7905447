//! The saddle that a cycle of a long period comes near.

use num_complex::Complex64;

use crate::continuation::curve::{Convergence, largest};
use crate::continuation::equilibrium::equilibria::Equilibria;
use crate::continuation::linear::{distance, eigenvalues, norm};
use crate::continuation::problem::Problem;

/// The cycle comes this near to the saddle, as a share of its extent.
const AT_SADDLE: f64 = 1e-2;

/// A saddle with the eigenvalues on both sides of the axis that are nearest to it.
pub(super) struct Saddle {
    pub state: Vec<f64>,
    /// Real part of the nearest eigenvalue to the right of the axis.
    pub unstable: f64,
    /// Real part of the nearest one to the left.
    pub stable: f64,
    /// All of them, rightmost first.
    pub eigenvalues: Vec<Complex64>,
}

impl Saddle {
    /// The saddle near the slowest point of a profile `[n_points, n]`; none if that is not near one.
    pub fn near(problem: &dyn Problem, profile: &[f64], parameters: [f64; 2]) -> Option<Self> {
        let n = problem.dimension();
        let near = &profile[n * slowest(problem, profile, parameters)..][..n];
        let mut curve = Equilibria::new(problem, &parameters, 0);
        let x: Vec<f64> = near.iter().copied().chain([parameters[0]]).collect();
        let convergence = Convergence {
            tolerance: 1e-12,
            max_iterations: 30,
            early: false,
        };
        let on = curve.at(&x, convergence).ok()?;
        if distance(&on.x[..n], near) > AT_SADDLE * extent(profile, n) {
            return None;
        }
        let values = eigenvalues(curve.jacobian(&on.x));
        let unstable = values.iter().rev().find(|e| e.re > 0.0)?.re;
        let stable = values.iter().find(|e| e.re < 0.0)?.re;
        Some(Self {
            state: on.x[..n].to_vec(),
            unstable,
            stable,
            eigenvalues: values,
        })
    }

    /// How fast orbits that pass it come near the connection: `exp(-rate time)`.
    pub fn rate(&self) -> f64 {
        self.unstable.min(-self.stable)
    }

    /// The sum of both eigenvalues.
    pub fn quantity(&self) -> f64 {
        self.unstable + self.stable
    }
}

/// The point of a profile where it moves slowest.
pub(super) fn slowest(problem: &dyn Problem, profile: &[f64], parameters: [f64; 2]) -> usize {
    let n = problem.dimension();
    let mut rates = vec![0.0; n];
    let mut speed = |u: &[f64]| {
        problem.value(u, &parameters, &mut rates);
        norm(&rates)
    };
    let speeds: Vec<f64> = profile.chunks_exact(n).map(&mut speed).collect();
    let least = (0..speeds.len()).min_by(|a, b| speeds[*a].total_cmp(&speeds[*b]));
    least.unwrap_or(0)
}

/// The largest range of a state over a profile `[n_points, n]`.
pub(super) fn extent(profile: &[f64], n: usize) -> f64 {
    largest((0..n).map(|i| {
        let values = profile[i..].iter().step_by(n);
        let [low, high] = values.fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], v| {
            [a.min(*v), b.max(*v)]
        });
        high - low
    }))
}
