//! Computes periodic orbits of networks with delays, by harmonic balance.
//!
//! Every state is a Fourier series `sum_k c_k e^(i k omega t)`, `|k| <= H`: a delay is a factor
//! `e^(-i k omega d)`, exact for any number of distinct delays. A coupling sends a function of the
//! states. If that is not a state itself, it is sampled and gets a series of its own, of 2 H
//! harmonics. The drift is evaluated at points in time, and the series of both sides are equated
//! harmonic by harmonic. Newton's method solves for the coefficients, the frequency and the
//! parameter, its linear systems by GMRES. The preconditioner is the network linearised about the
//! orbit's mean drift: it couples no harmonics, and is factored as cheaply as a characteristic
//! matrix.
//!
//! Branches begin at Hopf points, or where the period doubles (`doubled`). Floquet multipliers
//! (`floquet`) say how stable an orbit is; `judged` finds the bifurcations between
//! two orbits by them.
//!
//! Krack & Gross (2019), Harmonic Balance for Nonlinear Vibration Problems, ch. 2-4.

mod balance;
mod doubled;
mod floquet;
mod judged;
mod linearised;
mod monodromy;
mod packing;
mod periodic;
mod sampled;

use num_complex::Complex64;

use super::branch::{NetworkEvent, NetworkEventKind};
use super::characteristic::Characteristic;
use super::hopf::first_states;
use crate::continuation::event::degenerate;
use crate::continuation::linear::{add_scaled, norm};
use crate::continuation::network::Network;
use crate::error::{ContinuationError, Result};
use balance::{Balance, Condition};
pub use floquet::{LEAST, Multipliers, NEGLIGIBLE};
pub use judged::{JudgedOrbit, JudgedOrbits, OrbitEvent};
use packing::{
    longer, oriented, outward, pack, packed_len, resized, resized_packed, unpack, weighted,
};
pub use periodic::PeriodicOrbit;

/// Bounds and steps of a branch of orbits.
#[derive(Debug, Clone, PartialEq)]
pub struct OrbitSettings {
    /// The branch ends where the parameter leaves this range, on its bound.
    pub range: (f64, f64),
    /// Amplitude of the first orbit: root mean square over all nodes' first harmonics.
    pub amplitude: f64,
    /// Longest step, in root mean square of the coefficients and the parameter together.
    pub step_max: f64,
    /// A step shorter than this is an error.
    pub step_min: f64,
    /// The series is made longer until its tail is below this.
    pub tail: f64,
    /// Harmonics at most.
    pub max_harmonics: usize,
    /// The branch ends after this many orbits.
    pub max_points: usize,
}

impl OrbitSettings {
    /// For a branch within `range`.
    pub fn new(range: (f64, f64)) -> Self {
        Self {
            range,
            amplitude: 1e-3,
            step_max: 0.05,
            step_min: 1e-7,
            tail: 1e-10,
            max_harmonics: 64,
            max_points: 1000,
        }
    }
}

/// A branch of periodic orbits that begins at a Hopf point, as an iterator.
#[derive(Debug)]
pub struct OrbitBranch<'a> {
    network: &'a Network,
    settings: OrbitSettings,
    last: Option<(PeriodicOrbit, Vec<f64>)>,
    first: Option<(PeriodicOrbit, Vec<f64>)>,
    /// How the tangent turned on the last step, per unit of the branch; none after a change of the
    /// number of harmonics.
    bend: Option<Vec<f64>>,
    step: f64,
    n_points: usize,
    doubled: bool,
    ends_in_doubling: bool,
}

/// The next orbit is guessed along a parabola where the tangent turns by less than this.
const STRAIGHT: f64 = 0.3;
/// Harmonics of the first orbit.
const FIRST_HARMONICS: usize = 8;

impl<'a> OrbitBranch<'a> {
    /// The orbits born at the Hopf point `event` of `network`.
    ///
    /// # Errors
    /// [`ContinuationError::WrongEvent`] if the event is no Hopf point,
    /// [`ContinuationError::Degenerate`] if it is degenerate, [`ContinuationError::NotConverged`]
    /// if the first orbit was not found.
    pub fn from_hopf(
        network: &'a Network,
        event: &NetworkEvent,
        settings: OrbitSettings,
    ) -> Result<Self> {
        let (NetworkEventKind::Hopf, Some(form)) = (event.kind, event.form) else {
            return Err(ContinuationError::WrongEvent {
                branch: "branch of periodic orbits",
                event: event.kind.name().into(),
                rule: "it must be a Hopf point with a normal form that is not degenerate",
            }
            .into());
        };
        if form.l1 == 0.0 {
            return Err(degenerate(network.parameter(), event.equilibrium.p));
        }
        let equilibrium = &event.equilibrium;
        let characteristic = Characteristic::new(network, &equilibrium.u, equilibrium.p);
        let dim = network.dim();
        let mut vector = characteristic.right_vector(&event.root);
        let size = first_states(&vector, network.n_states()).sqrt();
        vector.iter_mut().for_each(|v| *v /= size);
        // 2 Re(r q e^(i omega t)) with the root mean square of r |q_x| as asked for; |q_x| = 1.
        let radius = settings.amplitude * (network.n_nodes() as f64).sqrt();
        let square = radius * radius;
        let dp = -form.c1.re / form.crossing.re * square;
        let domega = form.c1.im * square + form.crossing.im * dp;
        let mut orbit = PeriodicOrbit {
            coefficients: vec![Complex64::ZERO; (FIRST_HARMONICS + 1) * dim],
            omega: event.root.lambda.im + domega,
            p: equilibrium.p + dp,
            residual: f64::INFINITY,
            tail: 0.0,
            iterations: 0,
            dim,
        };
        for (k, v) in vector.iter().enumerate() {
            orbit.coefficients[k] = equilibrium.u[k].into();
            orbit.coefficients[dim + k] = v * radius;
        }
        // Newton's method keeps the size of the first harmonic along q, so that it cannot fall back
        // to the equilibrium.
        let mut weights = vec![0.0; packed_len(dim, FIRST_HARMONICS)];
        for (k, v) in vector.iter().enumerate() {
            weights[dim + 2 * k] = v.re / radius;
            weights[dim + 2 * k + 1] = v.im / radius;
        }
        let base = pack(&orbit);
        let condition = Condition {
            weights,
            base,
            distance: 0.0,
        };
        let problem = Balance { network, dim };
        let (orbit, tangent) = problem.solve(orbit, &condition)?;
        let mut branch = Self {
            network,
            step: 2.0 * settings.amplitude,
            settings,
            last: None,
            first: None,
            bend: None,
            n_points: 0,
            doubled: false,
            ends_in_doubling: false,
        };
        let tangent = outward(&orbit, tangent);
        branch.first = Some(branch.refined(orbit, tangent)?);
        Ok(branch)
    }

    /// The network whose orbits these are.
    pub fn network(&self) -> &'a Network {
        self.network
    }

    /// Whether the branch, which began at a period doubling, ended in another one.
    pub fn ends_in_doubling(&self) -> bool {
        self.ends_in_doubling
    }

    /// The orbit at exactly the parameter `p`, from one near by.
    ///
    /// # Errors
    /// [`NotConverged`](crate::error::ContinuationError::NotConverged) with the residual that is left, per ms.
    pub fn orbit_at(&self, near: &PeriodicOrbit, p: f64) -> Result<PeriodicOrbit> {
        let mut near = near.clone();
        loop {
            let base = pack(&near);
            let mut weights = vec![0.0; base.len()];
            *weights.last_mut().expect("the parameter is an unknown") = 1.0;
            let distance = p - near.p;
            let condition = Condition {
                weights,
                base,
                distance,
            };
            let problem = Balance {
                network: self.network,
                dim: near.dim,
            };
            let (orbit, _) = problem.solve(near, &condition)?;
            if orbit.tail <= self.settings.tail
                || orbit.n_harmonics() >= self.settings.max_harmonics
            {
                return Ok(orbit);
            }
            let n_harmonics = longer(orbit.n_harmonics(), self.settings.max_harmonics);
            near = resized(&orbit, n_harmonics);
        }
    }

    /// The same orbit with as many harmonics as it needs.
    fn refined(
        &self,
        mut orbit: PeriodicOrbit,
        mut tangent: Vec<f64>,
    ) -> Result<(PeriodicOrbit, Vec<f64>)> {
        while orbit.tail > self.settings.tail && orbit.n_harmonics() < self.settings.max_harmonics {
            let n_harmonics = longer(orbit.n_harmonics(), self.settings.max_harmonics);
            let old = orbit.n_harmonics();
            orbit = resized(&orbit, n_harmonics);
            tangent = resized_packed(&tangent, orbit.dim, old, n_harmonics);
            let condition = Condition {
                weights: weighted(&tangent),
                base: pack(&orbit),
                distance: 0.0,
            };
            let problem = Balance {
                network: self.network,
                dim: orbit.dim,
            };
            let (next, next_tangent) = problem.solve(orbit, &condition)?;
            (orbit, tangent) = (next, oriented(next_tangent, &tangent));
        }
        Ok((orbit, tangent))
    }

    fn advance(
        &mut self,
        from: &PeriodicOrbit,
        tangent: &[f64],
    ) -> Result<Option<(PeriodicOrbit, Vec<f64>)>> {
        let (low, high) = (
            self.settings.range.0.min(self.settings.range.1),
            self.settings.range.0.max(self.settings.range.1),
        );
        loop {
            let base = pack(from);
            let mut guess = base.clone();
            add_scaled(&mut guess, self.step, tangent);
            if let Some(bend) = &self.bend
                && self.step * norm(bend) < STRAIGHT * norm(tangent)
            {
                add_scaled(&mut guess, 0.5 * self.step * self.step, bend);
            }
            let condition = Condition {
                weights: weighted(tangent),
                base,
                distance: self.step,
            };
            let problem = Balance {
                network: self.network,
                dim: from.dim,
            };
            let mut start = from.clone();
            unpack(&guess, &mut start);
            let found = problem.solve(start, &condition).and_then(|(orbit, next)| {
                let next = oriented(next, tangent);
                self.refined(orbit, next)
            });
            match found {
                Ok((orbit, next)) if !(low..=high).contains(&orbit.p) => {
                    let bound = if orbit.p > high { high } else { low };
                    // The last one lies on the bound.
                    self.n_points = self.settings.max_points - 1;
                    return Ok(Some((self.orbit_at(from, bound)?, next)));
                }
                Ok((orbit, _)) if self.doubled && doubled::is_beyond(from, &orbit) => {
                    self.ends_in_doubling = true;
                    return Ok(None);
                }
                Ok((orbit, next)) => {
                    let turned = next.iter().zip(tangent).map(|(n, t)| (n - t) / self.step);
                    self.bend = (next.len() == tangent.len()).then(|| turned.collect());
                    if orbit.iterations <= 4 {
                        self.step = (1.5 * self.step).min(self.settings.step_max);
                    }
                    return Ok(Some((orbit, next)));
                }
                Err(error) if self.step < self.settings.step_min => return Err(error),
                Err(_) => self.step *= 0.5,
            }
        }
    }
}

impl Iterator for OrbitBranch<'_> {
    type Item = Result<PeriodicOrbit>;

    /// The next orbit; after an error the branch ends, and what was handed out before stands.
    fn next(&mut self) -> Option<Result<PeriodicOrbit>> {
        if self.n_points == self.settings.max_points {
            return None;
        }
        let next = match self.last.take() {
            None => Ok(Some(self.first.take()?)),
            Some((orbit, tangent)) => self.advance(&orbit, &tangent),
        };
        match next {
            Ok(Some((orbit, tangent))) => {
                self.n_points += 1;
                self.last = Some((orbit.clone(), tangent));
                Some(Ok(orbit))
            }
            Ok(None) => {
                self.n_points = self.settings.max_points;
                None
            }
            Err(error) => {
                self.n_points = self.settings.max_points;
                Some(Err(error))
            }
        }
    }
}
