//! Begins the orbits of twice the period at a period doubling.
//!
//! Gone round twice, an orbit is a series in half its frequency, whose odd harmonics are 0. A multiplier
//! of -1 belongs to a small perturbation that changes its sign from one period to the next: a series of
//! odd harmonics alone, which the equations linearised about the orbit annihilate. The orbits of twice
//! the period leave along it; the parameter changes with the square of the distance.

use num_complex::Complex64;

use super::balance::{Balance, Condition};
use super::linearised::Preconditioner;
use super::packing::{pack, pack_coefficients, packed_len, phase_row, unpack};
use super::sampled::Sampled;
use super::{OrbitBranch, OrbitEvent, OrbitSettings, PeriodicOrbit};
use crate::continuation::event::EventKind;
use crate::continuation::linear::{dot, gmres, norm};
use crate::continuation::network::Network;
use crate::error::{ContinuationError, Result};

/// The first distance from the event, as a share of the orbit's size.
const AWAY: f64 = 0.02;
/// Reduction that GMRES reaches, and vectors at most.
const REDUCTION: f64 = 1e-8;
const MAX_VECTORS: usize = 300;

impl<'a> OrbitBranch<'a> {
    /// The orbits of twice the period that branch off at the period doubling `event` of `network`. They
    /// may have half as many harmonics again as the orbit there needs, where that is more than
    /// `settings` allow.
    ///
    /// # Errors
    /// [`ContinuationError::WrongEvent`] if the event is no period doubling,
    /// [`ContinuationError::NotConverged`] if the first orbit was not found.
    pub fn from_doubling(
        network: &'a Network,
        event: &OrbitEvent,
        mut settings: OrbitSettings,
    ) -> Result<Self> {
        if event.kind != EventKind::PeriodDoubling {
            return Err(ContinuationError::WrongEvent {
                branch: "branch of orbits of twice the period",
                event: event.kind.to_string(),
                rule: "it must be a period doubling",
            }
            .into());
        }
        let twice = gone_round_twice(&event.orbit);
        let problem = Balance {
            network,
            dim: twice.dim,
        };
        let mode = problem
            .odd_mode(&twice)
            .ok_or_else(|| problem.failed(&twice))?;
        let base = pack(&twice);
        let n = base.len();
        let distance = AWAY * norm(&base[twice.dim..n - 2]);
        let guess: Vec<f64> = base
            .iter()
            .zip(&mode)
            .map(|(u, v)| u + distance * v)
            .collect();
        let most = 3 * event.orbit.n_harmonics();
        settings.max_harmonics = settings.max_harmonics.max(most);
        let mut start = twice;
        unpack(&guess, &mut start);
        let condition = Condition {
            weights: mode.clone(),
            base,
            distance,
        };
        let (orbit, tangent) = problem.solve(start, &condition)?;
        let away = dot(&[], &mode, &tangent).signum();
        let tangent: Vec<f64> = tangent.into_iter().map(|t| t * away).collect();
        let mut branch = Self {
            network,
            step: (distance / (n as f64).sqrt()).min(settings.step_max),
            settings,
            last: None,
            first: None,
            bend: None,
            n_points: 0,
            doubled: true,
            hopf_points: Vec::new(),
            doublings: Vec::new(),
            end: None,
            connection: None,
        };
        branch.first = Some(branch.refined(orbit, tangent)?);
        Ok(branch)
    }
}

/// The same orbit as one of twice the period.
fn gone_round_twice(orbit: &PeriodicOrbit) -> PeriodicOrbit {
    let dim = orbit.dim;
    let mut coefficients = vec![Complex64::ZERO; (2 * orbit.n_harmonics() + 1) * dim];
    for (harmonic, row) in orbit.coefficients.chunks_exact(dim).enumerate() {
        coefficients[2 * harmonic * dim..][..dim].copy_from_slice(row);
    }
    PeriodicOrbit {
        coefficients,
        omega: 0.5 * orbit.omega,
        ..orbit.clone()
    }
}

/// The odd harmonics of a series, packed; the others 0.
fn odd(coefficients: &[Complex64], dim: usize) -> Vec<f64> {
    let entries = coefficients.iter().enumerate();
    let alone: Vec<Complex64> = entries
        .map(|(at, c)| {
            if at / dim % 2 == 1 {
                *c
            } else {
                Complex64::ZERO
            }
        })
        .collect();
    pack_coefficients(&alone, dim)
}

/// Whether a branch of orbits of twice the period has passed a period doubling on the way from `a` to
/// `b`: beyond it the same orbits come again, half their period later, with odd harmonics of the
/// opposite sign.
pub(super) fn is_beyond(a: &PeriodicOrbit, b: &PeriodicOrbit) -> bool {
    let [a, b] = [a, b].map(|orbit| odd(&orbit.coefficients, orbit.dim));
    dot(&[], &a, &b) < 0.0
}

impl Balance<'_> {
    /// The series of odd harmonics that the equations linearised about `twice` annihilate, packed, of
    /// unit length.
    fn odd_mode(&self, twice: &PeriodicOrbit) -> Option<Vec<f64>> {
        let n = packed_len(self.dim, twice.n_harmonics());
        let state = Sampled::new(self.network, twice);
        // An irregular border has something of every mode.
        let irregular: Vec<Complex64> = (0..twice.coefficients.len())
            .map(|k| Complex64::cis((k * k) as f64 + 0.3))
            .collect();
        let mut border = odd(&irregular, self.dim);
        let length = norm(&border);
        border.iter_mut().for_each(|b| *b /= length);
        let mut mode = border.clone();
        mode.resize(n, 0.0);
        // Once more, with the mode itself in place of an arbitrary row.
        for _ in 0..2 {
            let mut linear = state.linear([phase_row(twice), mode]);
            linear.by_parameter.clone_from(&border);
            let averaged = linear.averaged();
            let preconditioner = Preconditioner::new(&averaged, twice)?;
            let mut unit = vec![0.0; n];
            unit[n - 1] = 1.0;
            let solved = gmres(
                |z| linear.apply(z),
                |z| preconditioner.solve(z),
                &unit,
                REDUCTION,
                MAX_VECTORS,
            );
            if solved.residual > 1e-4 || !solved.residual.is_finite() {
                return None;
            }
            mode = solved.y;
            mode[n - 2..].fill(0.0);
            let length = norm(&mode);
            mode.iter_mut().for_each(|v| *v /= length);
        }
        Some(mode)
    }
}
