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
//! Branches begin at Hopf points, or where the period doubles (`doubled`), and are followed step by
//! step (`advance`), as far as a connection of a saddle with itself (`connection`). Floquet
//! multipliers (`floquet`) say how stable an orbit is; `judged` finds the bifurcations between two
//! orbits by them.
//!
//! Krack & Gross (2019), Harmonic Balance for Nonlinear Vibration Problems, ch. 2-4.

mod advance;
mod balance;
mod connection;
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
use crate::continuation::cycle::CycleEnd;
use crate::continuation::event::{Event, degenerate};
use crate::continuation::network::Network;
use crate::error::{ContinuationError, Result};
use balance::{Balance, Condition};
pub use floquet::{LEAST, Multipliers, NEGLIGIBLE};
pub use judged::{JudgedOrbit, JudgedOrbits, OrbitEvent};
use packing::{outward, pack, packed_len};
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
    /// Harmonics at most: the branch ends where an orbit needs more.
    pub max_harmonics: usize,
    /// The branch ends where the period passes this, ms.
    pub period_max: f64,
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
            max_harmonics: 256,
            period_max: 1e3,
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
    /// Hopf points in which it may end, states and parameters; parameters of period doublings.
    hopf_points: Vec<(Vec<f64>, f64)>,
    doublings: Vec<f64>,
    end: Option<CycleEnd>,
    connection: Option<Event>,
}

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
            weights[dim + 2 * k] = v.re;
            weights[dim + 2 * k + 1] = v.im;
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
            hopf_points: Vec::new(),
            doublings: Vec::new(),
            end: None,
            connection: None,
        };
        let tangent = outward(&orbit, tangent);
        branch.first = Some(branch.refined(orbit, tangent)?);
        Ok(branch)
    }

    /// The network whose orbits these are.
    pub fn network(&self) -> &'a Network {
        self.network
    }

    /// The same branch, with the Hopf points and the period doublings in which it may end.
    pub fn ending_in<'e>(
        mut self,
        hopf_points: &[NetworkEvent],
        doublings: impl IntoIterator<Item = &'e OrbitEvent>,
    ) -> Self {
        let places = hopf_points.iter().map(|event| &event.equilibrium);
        self.hopf_points = places.map(|at| (at.u.clone(), at.p)).collect();
        self.doublings = doublings.into_iter().map(|event| event.orbit.p).collect();
        self
    }

    /// Where the branch ended; `None` before the last orbit. The Hopf point or the period doubling is the
    /// one of [`OrbitBranch::ending_in`] that is nearest; where none is near, an estimate.
    pub fn end(&self) -> Option<&CycleEnd> {
        self.end.as_ref()
    }

    /// The connection in which the branch ended, if its periods grow to infinity there: the saddle
    /// and its parameter. The unstable multipliers are those of the last orbit, and not counted here.
    pub fn homoclinic(&self) -> Option<&Event> {
        self.connection.as_ref()
    }
}
