//! The equations of harmonic balance, and Newton's method on them.

use std::cell::OnceCell;

use super::PeriodicOrbit;
use super::linearised::Preconditioner;
use super::packing::{pack, pack_coefficients, phase_row, swing, tail, unpack, weighted};
use super::sampled::Sampled;
use crate::continuation::linear::{dot, gmres, norm, root_mean_square};
use crate::continuation::network::Network;
use crate::error::{Error, Result};

/// A Newton step below this, relatively, ends the iteration.
const STEP_TOLERANCE: f64 = 1e-11;
/// Newton's method is given up after this many steps.
const MAX_ITERATIONS: usize = 10;
/// Reduction that GMRES reaches in each Newton step, and for the tangent.
const FORCING: f64 = 1e-6;
/// GMRES is given up after this many vectors.
const MAX_VECTORS: usize = 300;
/// The last equation next to the phase condition: `weights . (unknowns - base) = distance`.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) weights: Vec<f64>,
    pub(super) base: Vec<f64>,
    pub(super) distance: f64,
}

/// The equations of harmonic balance.
pub(super) struct Balance<'a> {
    pub(super) network: &'a Network,
    pub(super) dim: usize,
}

impl Balance<'_> {
    /// The orbit near `start` that satisfies `condition`, and the tangent of the branch there,
    /// packed.
    pub(super) fn solve(
        &self,
        start: PeriodicOrbit,
        condition: &Condition,
    ) -> Result<(PeriodicOrbit, Vec<f64>)> {
        let mut orbit = start;
        let phase = phase_row(&orbit);
        let phase_base = pack(&orbit);
        let scale = |z: &[f64]| 1.0 + root_mean_square(z);
        // That of the first step serves the others, too: they are short.
        let averaged = OnceCell::new();
        let mut preconditioner = None;
        // The first step promises nothing.
        let mut before = 0.0;
        for iteration in 1..=MAX_ITERATIONS {
            let state = Sampled::new(self.network, &orbit);
            let unknowns = pack(&orbit);
            let moved: Vec<f64> = unknowns
                .iter()
                .zip(&condition.base)
                .map(|(u, b)| u - b)
                .collect();
            let drifted: Vec<f64> = unknowns
                .iter()
                .zip(&phase_base)
                .map(|(u, b)| u - b)
                .collect();
            let mut right: Vec<f64> = pack_coefficients(&state.residual, self.dim);
            right.push(dot(&[], &phase, &drifted));
            right.push(dot(&[], &condition.weights, &moved) - condition.distance);
            right.iter_mut().for_each(|r| *r = -*r);
            let linear = state.linear([phase.clone(), condition.weights.clone()]);
            if preconditioner.is_none() {
                let averaged = averaged.get_or_init(|| linear.averaged());
                preconditioner = Preconditioner::new(averaged, &orbit);
            }
            let Some(preconditioner) = &preconditioner else {
                return Err(self.failed(&orbit));
            };
            let apply = |z: &[f64]| linear.apply(z);
            let solved = gmres(
                apply,
                |z| preconditioner.solve(z),
                &right,
                FORCING,
                MAX_VECTORS,
            );
            if solved.residual > 1e-2 || !solved.residual.is_finite() {
                return Err(self.failed(&orbit));
            }
            let next: Vec<f64> = unknowns.iter().zip(&solved.y).map(|(u, d)| u + d).collect();
            let step = root_mean_square(&solved.y);
            // The next step is shorter than this one by as much as this one by the one before.
            let promised = step * (step / before).min(1.0);
            before = step;
            unpack(&next, &mut orbit);
            if !step.is_finite() || step > 10.0 * scale(&next) || orbit.omega <= 0.0 {
                return Err(self.failed(&orbit));
            }
            if promised <= STEP_TOLERANCE * scale(&next) {
                let mut unit = vec![0.0; next.len()];
                *unit.last_mut().expect("two conditions") = 1.0;
                // Beside a Hopf point the equations hold the tangent by as little as the orbit swings.
                let forcing = FORCING * norm(&swing(&orbit)).min(1.0);
                let solve = |z: &[f64]| preconditioner.solve(z);
                let tangent = gmres(apply, solve, &unit, forcing, MAX_VECTORS).y;
                let size = dot(&[], &weighted(&tangent), &tangent).sqrt();
                let state = Sampled::new(self.network, &orbit);
                orbit.residual = state
                    .residual
                    .iter()
                    .fold(0.0, |a, r| f64::max(a, r.norm()));
                orbit.tail = tail(&orbit);
                orbit.iterations = iteration;
                return Ok((orbit, tangent.into_iter().map(|t| t / size).collect()));
            }
        }
        Err(self.failed(&orbit))
    }

    pub(super) fn failed(&self, orbit: &PeriodicOrbit) -> Error {
        let state = Sampled::new(self.network, orbit);
        let left = state
            .residual
            .iter()
            .fold(0.0, |a, r| f64::max(a, r.norm()));
        let what = format!("a periodic orbit with {} harmonics", orbit.n_harmonics());
        let advice = "allow more harmonics or shorter steps";
        self.network.not_converged(what, orbit.p, left, advice)
    }
}
