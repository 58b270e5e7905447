//! Follows curves of equilibria of a network: the first point by pseudo-transient continuation or a
//! homotopy, the next ones by Newton's method in a plane across the tangent.
//!
//! Lengths along a curve are measured by the root mean square change of the states and the change
//! of the parameter together.
//!
//! Kelley & Keyes (1998), SIAM J. Numer. Anal. 35, 508 (pseudo-transient continuation); Keller
//! (1977), Applications of Bifurcation Theory, 359 (pseudo-arclength).

use faer::Mat;
use faer::linalg::solvers::Solve;

use super::Network;
use crate::Control;
use crate::continuation::Settings;
use crate::continuation::equilibrium::equilibria::Equilibria;
use crate::continuation::equilibrium::{homotopy, search};
use crate::continuation::linear::root_mean_square;
use crate::error::{Error, Result};
use crate::study::Study;

/// A Newton step below this, relatively, ends the iteration.
const STEP_TOLERANCE: f64 = 1e-12;
/// Newton's method is given up after this many steps.
const MAX_ITERATIONS: usize = 12;

/// An equilibrium and the direction in which the curve of equilibria goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkEquilibrium {
    /// The states, `[dim]`.
    pub u: Vec<f64>,
    /// The parameter.
    pub p: f64,
    /// Unit tangent of the curve: the states' part, `[dim]`.
    pub du: Vec<f64>,
    /// Unit tangent of the curve: the parameter's part.
    pub dp: f64,
    /// Largest time derivative left, per ms.
    pub residual: f64,
    /// Newton steps that it took.
    pub iterations: usize,
}

impl NetworkEquilibrium {
    /// Turns the direction round.
    pub(crate) fn turn(&mut self) {
        self.du.iter_mut().for_each(|du| *du = -*du);
        self.dp = -self.dp;
    }
}

impl Network {
    /// Where the study's simulations start, nodes drawn at random in the middle of their interval:
    /// `[dim]`.
    pub fn start(&self, study: &Study) -> Vec<f64> {
        let n_states = self.n_states();
        let mut u = vec![0.0; self.dim()];
        for (k, u) in u.iter_mut().enumerate() {
            *u = study.initial.state[k % n_states].middle(k / n_states);
        }
        u
    }

    /// The equilibrium that the network without delays settles to from `guess` (`[dim]`), with the
    /// parameter at `p`. If the network does not settle, as where it oscillates, a homotopy leads
    /// to an equilibrium that may be unstable: from `guess`, or else from the nodes' own
    /// equilibria.
    ///
    /// The tangent points to growing parameters.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) with the residual that is left, per ms, if there is none near.
    pub fn equilibrium(&self, guess: &[f64], p: f64) -> Result<NetworkEquilibrium> {
        self.equilibrium_unless(guess, p, &Control::default())
    }

    /// The same, unless `control` ends the search before.
    pub(crate) fn equilibrium_unless(
        &self,
        guess: &[f64],
        p: f64,
        control: &Control,
    ) -> Result<NetworkEquilibrium> {
        let settled = self.settled(guess, p, control);
        let found = settled.or_else(|moves| self.led_to(guess, p, control).ok_or(moves));
        let u = found.map_err(|moves| {
            let advice = "give another initial state, or begin at another value";
            self.not_converged("an equilibrium from the initial state", p, moves, advice)
        })?;
        self.nearest_equilibrium(&u, p)
    }

    /// The equilibrium that Newton's method reaches from `u` (`[dim]`) with the parameter at `p`.
    /// The tangent points to growing parameters.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) with the residual that is left, per ms.
    pub(crate) fn nearest_equilibrium(&self, u: &[f64], p: f64) -> Result<NetworkEquilibrium> {
        let start = NetworkEquilibrium {
            du: vec![0.0; u.len()],
            dp: 1.0,
            u: u.to_vec(),
            p,
            residual: 0.0,
            iterations: 0,
        };
        self.along(&start, 0.0)
    }

    /// The states of that equilibrium.
    ///
    /// # Errors
    /// As there.
    pub fn corrected(&self, u: &[f64], p: f64) -> Result<Vec<f64>> {
        self.nearest_equilibrium(u, p).map(|found| found.u)
    }

    /// The equilibria in a box of states (the same interval for each) that are not among `known`, as
    /// far as Newton's method finds them from points of the box.
    pub fn other_equilibria(
        &self,
        p: f64,
        known: &[Vec<f64>],
        search_box: [f64; 2],
        control: &Control,
    ) -> Vec<Vec<f64>> {
        let settings = Settings {
            search_box,
            control: control.clone(),
            ..Settings::new(p, p + 1.0)
        };
        search::others(&mut Equilibria::new(self, &[p], 0), p, known, &settings)
    }

    /// The equilibrium at the end of a homotopy, from `guess` or from the equilibria of the nodes
    /// without coupling.
    fn led_to(&self, guess: &[f64], p: f64, control: &Control) -> Option<Vec<f64>> {
        homotopy::equilibrium(self, guess, &[p], control).or_else(|| {
            let settings = Settings {
                control: control.clone(),
                ..Settings::new(p, p + 1.0)
            };
            let own = guess.chunks_exact(self.n_states()).enumerate();
            let alone = own.map(|(node, guess)| {
                let node = self.alone(node);
                let settled = node.settled(guess, p, control).ok();
                let led = || homotopy::equilibrium(&node, guess, &[p], control);
                settled.or_else(led).or_else(|| {
                    let mut curve = Equilibria::new(&node, &[p], 0);
                    let found = search::others(&mut curve, p, &[], &settings);
                    found.into_iter().next()
                })
            });
            let alone = alone.collect::<Option<Vec<_>>>()?.concat();
            homotopy::equilibrium(self, &alone, &[p], control)
        })
    }

    /// The state that implicit Euler steps from `guess` settle to; by how much it still moves, if
    /// they do not.
    fn settled(&self, guess: &[f64], p: f64, control: &Control) -> Result<Vec<f64>, f64> {
        let mut u = guess.to_vec();
        let mut residual = self.residual(&u, p);
        let mut size = root_mean_square(&residual);
        // Implicit Euler steps that grow as the residual shrinks; in the limit Newton's method.
        let mut time_step = 1.0 / (1e-3 + size);
        for _ in 0..MAX_TRANSIENT {
            if control.is_stopped() {
                break;
            }
            let mut matrix = self.jacobian(&u, p);
            for k in 0..u.len() {
                matrix[(k, k)] -= 1.0 / time_step;
            }
            let mut step = Mat::from_fn(u.len(), 1, |k, _| -residual[k]);
            matrix.partial_piv_lu().solve_in_place(&mut step);
            let next: Vec<f64> = u
                .iter()
                .enumerate()
                .map(|(k, u)| u + step[(k, 0)])
                .collect();
            let next_residual = self.residual(&next, p);
            let next_size = root_mean_square(&next_residual);
            if !next_size.is_finite() || next_size > 10.0 * size {
                time_step *= 0.1;
                continue;
            }
            let moved = step.norm_l2() / (u.len() as f64).sqrt();
            time_step *= (size / next_size.max(1e-300)).clamp(0.5, 1e3);
            (u, residual, size) = (next, next_residual, next_size);
            if moved < 1e-6 * (1.0 + root_mean_square(&u)) && size < 1e-6 {
                return Ok(u);
            }
        }
        Err(size)
    }

    /// The equilibrium at the distance `step` along the tangent of `from`; its own tangent keeps
    /// the direction.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) with the residual that is left, per ms: take a smaller step.
    pub fn along(&self, from: &NetworkEquilibrium, step: f64) -> Result<NetworkEquilibrium> {
        let dim = self.dim();
        let scale = 1.0 / dim as f64;
        let mut u: Vec<f64> = from
            .u
            .iter()
            .zip(&from.du)
            .map(|(u, du)| u + step * du)
            .collect();
        let mut p = from.p + step * from.dp;
        let mut residual = self.residual(&u, p);
        for iteration in 1..=MAX_ITERATIONS {
            let jacobian = self.jacobian(&u, p);
            let by_parameter = self.parameter_derivative(&u, p);
            let bordered = Mat::from_fn(dim + 1, dim + 1, |row, column| {
                match (row < dim, column < dim) {
                    (true, true) => jacobian[(row, column)],
                    (true, false) => by_parameter[row],
                    (false, true) => from.du[column] * scale,
                    (false, false) => from.dp,
                }
            });
            let lu = bordered.partial_piv_lu();
            let offset: f64 = (0..dim)
                .map(|k| from.du[k] * (u[k] - from.u[k]))
                .sum::<f64>()
                * scale
                + from.dp * (p - from.p);
            let mut right = Mat::zeros(dim + 1, 2);
            for k in 0..dim {
                right[(k, 0)] = -residual[k];
            }
            right[(dim, 0)] = step - offset;
            right[(dim, 1)] = 1.0;
            lu.solve_in_place(&mut right);
            for (k, u) in u.iter_mut().enumerate() {
                *u += right[(k, 0)];
            }
            p += right[(dim, 0)];
            let moved = (0..=dim).map(|k| right[(k, 0)].powi(2)).sum::<f64>() * scale;
            let size = 1.0 + root_mean_square(&u) + p.abs();
            residual = self.residual(&u, p);
            if moved.sqrt() <= STEP_TOLERANCE * size {
                let length = ((0..dim).map(|k| right[(k, 1)].powi(2)).sum::<f64>() * scale
                    + right[(dim, 1)].powi(2))
                .sqrt();
                return Ok(NetworkEquilibrium {
                    u,
                    p,
                    du: (0..dim).map(|k| right[(k, 1)] / length).collect(),
                    dp: right[(dim, 1)] / length,
                    residual: residual.iter().fold(0.0, |a, f| f64::max(a, f.abs())),
                    iterations: iteration,
                });
            }
            if !moved.is_finite() || moved.sqrt() > 1e3 * size {
                break;
            }
        }
        let residual = root_mean_square(&residual);
        Err(self.not_converged(
            "an equilibrium of the network",
            p,
            residual,
            "take a smaller step",
        ))
    }

    /// The error of an iteration that left a residual, per ms, with the parameter at `p`.
    pub(crate) fn not_converged(
        &self,
        what: impl Into<String>,
        p: f64,
        residual: f64,
        advice: &str,
    ) -> Error {
        Error::not_converged(
            what,
            format!("{} = {p:.9}", self.parameter()),
            residual,
            advice,
        )
    }
}

/// Implicit Euler steps at most.
const MAX_TRANSIENT: usize = 300;
