//! The equations of harmonic balance linearised about an orbit, and their preconditioner.

use num_complex::Complex64;

use super::PeriodicOrbit;
use super::packing::{pack_coefficients, unpack_coefficients};
use super::sampled::{Sampled, felt_in_time};
use crate::continuation::delay::characteristic::Characteristic;
use crate::continuation::delay::solve::Factored;
use crate::continuation::linear::dot;
use crate::continuation::network::number::{D1, d1};
use crate::continuation::network::{Arrivals, Linearisation};

/// The equations linearised about an orbit, bordered by the two conditions.
pub(super) struct Linear<'a> {
    pub(super) state: &'a Sampled<'a>,
    /// The network linearised at every point in time.
    pub(super) parts: Vec<Linearisation>,
    /// Derivatives of the residual by the frequency and the parameter, packed.
    pub(super) by_omega: Vec<f64>,
    pub(super) by_parameter: Vec<f64>,
    /// The phase condition and the other one, packed.
    pub(super) rows: [Vec<f64>; 2],
}

impl Sampled<'_> {
    /// The equations linearised, with the rows of the two conditions.
    pub(super) fn linear(&self, rows: [Vec<f64>; 2]) -> Linear<'_> {
        let (network, dim, p) = (self.network, self.dim, self.orbit.p);
        let omega = self.orbit.omega;
        let times = || self.arrivals.iter().enumerate();
        let parts: Vec<Linearisation> = times()
            .map(|(time, arrivals)| network.linearisation_with(self.state(time), p, arrivals))
            .collect();
        // By the frequency: i k c_k, and what arrives is later by k d omega.
        let (delays, edges) = (&self.wiring.delays, &self.wiring.edges);
        let (feedback_delays, slower) = network.feedback_delays(p);
        let turned = |k: usize, by: f64| Complex64::new(0.0, -(k as f64) * by);
        let later = self.arriving_weighted(
            &self.lines,
            |k, edge| turned(k, delays[edges[edge].delay]),
            |k, own| turned(k, feedback_delays[own]),
        );
        let mut by_omega = self.sampling.coefficients(&felt_in_time(&parts, &later));
        for (at, out) in by_omega.iter_mut().enumerate() {
            *out = Complex64::new(0.0, (at / dim) as f64) * self.orbit.coefficients[at] - *out;
        }
        // By the parameter: where it acts on the nodes, on what they send, and through the delays.
        let slopes = network.delay_slopes(p);
        let mut moved = self.arriving_weighted(
            &self.lines,
            |k, edge| {
                let at = [edges[edge].target, edges[edge].source];
                turned(k, omega * slopes.as_ref().map_or(0.0, |s| s[at]))
            },
            |k, own| turned(k, omega * slower[own]),
        );
        if self.plain.is_none() {
            let otherwise = self.series_of_lines(&self.orbit.coefficients, |time| {
                let u: Vec<D1> = self.state(time).iter().map(|&u| D1::constant(u)).collect();
                let lines = network.lines(&u, D1::variable(p));
                lines.into_iter().map(D1::derivative).collect()
            });
            for (moved, more) in moved.iter_mut().zip(self.arriving(&otherwise)) {
                let add = |to: &mut [f64], from: Vec<f64>| {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
                };
                add(&mut moved.sums, more.sums);
                add(&mut moved.fed_back, more.fed_back);
            }
        }
        let mut drift = Vec::with_capacity(self.states.len());
        for ((time, arrivals), moved) in times().zip(&moved) {
            let u: Vec<D1> = self.state(time).iter().map(|&u| D1::constant(u)).collect();
            let moving = |values: &[f64], slopes: &[f64]| -> Vec<D1> {
                values.iter().zip(slopes).map(|(&v, &s)| d1(v, s)).collect()
            };
            let arrivals = Arrivals {
                sums: moving(&arrivals.sums, &moved.sums),
                fed_back: moving(&arrivals.fed_back, &moved.fed_back),
            };
            let f = network.drift(&u, D1::variable(p), &arrivals);
            drift.extend(f.into_iter().map(D1::derivative));
        }
        let by_parameter: Vec<Complex64> = self
            .sampling
            .coefficients(&drift)
            .into_iter()
            .map(|c| -c)
            .collect();
        Linear {
            state: self,
            parts,
            by_omega: pack_coefficients(&by_omega, dim),
            by_parameter: pack_coefficients(&by_parameter, dim),
            rows,
        }
    }
}

impl Linear<'_> {
    /// The linearised equations times a packed vector.
    pub(super) fn apply(&self, z: &[f64]) -> Vec<f64> {
        let state = self.state;
        let dim = state.dim;
        let coefficients = unpack_coefficients(&z[..z.len() - 2], dim);
        let drift = state.felt_of(&self.parts, &coefficients);
        let mut out = pack_coefficients(&state.balanced(&coefficients, &drift), dim);
        let [omega, parameter] = [z[z.len() - 2], z[z.len() - 1]];
        for (k, out) in out.iter_mut().enumerate() {
            *out += omega * self.by_omega[k] + parameter * self.by_parameter[k];
        }
        out.extend(self.rows.iter().map(|row| dot(&[], row, z)));
        out
    }

    /// The network linearised about the mean of all points in time.
    pub(super) fn averaged(&self) -> Characteristic {
        let mean = Linearisation::mean(&self.parts);
        self.state.wiring.with_parts(mean)
    }
}

/// Harmonic by harmonic solves with the averaged network. The two borders are left to GMRES: the
/// mean network does not feel the parameter in its first harmonic, so bordering it would be
/// singular.
pub(super) struct Preconditioner<'a> {
    harmonics: Vec<Factored<'a>>,
    dim: usize,
}

impl<'a> Preconditioner<'a> {
    /// The linearised equations about `orbit` without the coupling of harmonics, factored; `None` if that is
    /// singular.
    pub(super) fn new(averaged: &'a Characteristic, orbit: &PeriodicOrbit) -> Option<Self> {
        let lambda = |k: usize| Complex64::new(0.0, k as f64 * orbit.omega);
        let harmonics = (0..=orbit.n_harmonics()).map(|k| averaged.factored(lambda(k)));
        Some(Self {
            harmonics: harmonics.collect::<Option<_>>()?,
            dim: orbit.dim,
        })
    }

    pub(super) fn solve(&self, r: &[f64]) -> Vec<f64> {
        let n = r.len() - 2;
        let coefficients = unpack_coefficients(&r[..n], self.dim);
        let rows = coefficients.chunks_exact(self.dim).zip(&self.harmonics);
        let solved: Vec<Complex64> = rows
            .flat_map(|(row, harmonic)| harmonic.solve(row))
            .collect();
        let mut y = pack_coefficients(&solved, self.dim);
        y.extend(&r[n..]);
        y
    }
}
