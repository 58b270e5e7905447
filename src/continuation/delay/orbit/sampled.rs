//! An orbit at points in time.

use std::f64::consts::TAU;

use num_complex::Complex64;

use super::Orbit;
use super::balance::{Balance, Linear};
use super::packing::pack_coefficients;
use crate::continuation::delay::characteristic::Characteristic;
use crate::continuation::network::Linearisation;
use crate::continuation::network::node::{D1, d1};

/// Sampling of a series of `n_harmonics`: enough points that cubes are not aliased.
pub(super) fn n_times(n_harmonics: usize) -> usize {
    4 * n_harmonics + 2
}

/// Points in time at which the drift is evaluated, and the sines that lead there and back.
pub(super) struct Sampling {
    pub(super) n_harmonics: usize,
    /// `e^(2 pi i j / n)` for j below the number of points n.
    pub(super) turns: Vec<Complex64>,
}

impl Sampling {
    pub(super) fn new(n_harmonics: usize) -> Self {
        let n = n_times(n_harmonics);
        let turns = (0..n)
            .map(|j| Complex64::cis(TAU * j as f64 / n as f64))
            .collect();
        Self { n_harmonics, turns }
    }

    pub(super) fn n_times(&self) -> usize {
        self.turns.len()
    }

    /// `[n_harmonics + 1, width]` coefficients to `[n_times, width]` values.
    pub(super) fn values(&self, coefficients: &[Complex64]) -> Vec<f64> {
        let (n, width) = (self.n_times(), coefficients.len() / (self.n_harmonics + 1));
        let mut values = vec![0.0; n * width];
        if width == 0 {
            return values;
        }
        for (time, values) in values.chunks_exact_mut(width).enumerate() {
            for (harmonic, row) in coefficients.chunks_exact(width).enumerate() {
                let turn = self.turns[harmonic * time % n] * if harmonic == 0 { 1.0 } else { 2.0 };
                for (value, c) in values.iter_mut().zip(row) {
                    *value += c.re * turn.re - c.im * turn.im;
                }
            }
        }
        values
    }

    /// `[n_times, width]` values to `[n_harmonics + 1, width]` coefficients.
    pub(super) fn coefficients(&self, values: &[f64]) -> Vec<Complex64> {
        let n = self.n_times();
        let width = values.len() / n;
        let mut coefficients = vec![Complex64::ZERO; (self.n_harmonics + 1) * width];
        for (harmonic, row) in coefficients.chunks_exact_mut(width).enumerate() {
            for (time, values) in values.chunks_exact(width).enumerate() {
                let turn = self.turns[harmonic * time % n].conj() / n as f64;
                for (c, value) in row.iter_mut().zip(values) {
                    *c += turn * *value;
                }
            }
        }
        coefficients
    }
}

/// An orbit in time: what the nodes hear, and what is left of the equations.
pub(super) struct Sampled<'a> {
    pub(super) balance: &'a Balance<'a>,
    pub(super) sampling: Sampling,
    pub(super) orbit: Orbit,
    /// Linearised network at the orbit's mean, for its wiring.
    pub(super) wiring: Characteristic,
    pub(super) factors: Vec<Vec<Complex64>>,
    /// Per point in time: states, arrivals (without g), fed-back states.
    pub(super) states: Vec<f64>,
    pub(super) arrivals: Vec<f64>,
    pub(super) fed_back: Vec<f64>,
    /// Coefficients of `du/dt - drift`.
    pub(super) residual: Vec<Complex64>,
}

impl<'a> Sampled<'a> {
    pub(super) fn new(balance: &'a Balance<'a>, orbit: &Orbit) -> Self {
        let (network, dim) = (balance.network, balance.dim);
        let n_harmonics = orbit.n_harmonics();
        let sampling = Sampling::new(n_harmonics);
        let mean: Vec<f64> = orbit.coefficients[..dim].iter().map(|c| c.re).collect();
        let wiring = Characteristic::new(network, &mean, orbit.p);
        let factors: Vec<Vec<Complex64>> = (0..=n_harmonics)
            .map(|k| wiring.factors(Complex64::new(0.0, k as f64 * orbit.omega)))
            .collect();
        let mut state = Self {
            balance,
            states: sampling.values(&orbit.coefficients),
            sampling,
            orbit: orbit.clone(),
            wiring,
            factors,
            arrivals: Vec::new(),
            fed_back: Vec::new(),
            residual: Vec::new(),
        };
        state.arrivals = state.sampling.values(&state.arriving(
            &orbit.coefficients,
            |_, _| Complex64::ONE,
            true,
        ));
        state.fed_back = state
            .sampling
            .values(&state.feeding(&orbit.coefficients, |_, _| Complex64::ONE));
        let n = state.sampling.n_times();
        let n_nodes = network.n_nodes();
        let mut drift = Vec::with_capacity(n * dim);
        for time in 0..n {
            let u = &state.states[time * dim..][..dim];
            let arrivals = &state.arrivals[time * n_nodes..][..n_nodes];
            drift.extend(network.drift(u, orbit.p, arrivals, state.fed(time)));
        }
        state.residual = state.balanced(&orbit.coefficients, &drift);
        state
    }

    pub(super) fn fed(&self, time: usize) -> &[f64] {
        let width = self.fed_back.len() / self.sampling.n_times();
        &self.fed_back[time * width..][..width]
    }

    /// Coefficients of what arrives (without g), each delay's contribution times `weight(harmonic, edge)`; with the leak if asked for.
    pub(super) fn arriving(
        &self,
        coefficients: &[Complex64],
        weight: impl Fn(usize, usize) -> Complex64,
        leak: bool,
    ) -> Vec<Complex64> {
        let (network, dim) = (self.balance.network, self.balance.dim);
        let (n_nodes, n_states) = (network.n_nodes(), network.n_states());
        let mut arriving = Vec::with_capacity(coefficients.len() / n_states);
        for (harmonic, row) in coefficients.chunks_exact(dim).enumerate() {
            let mut sums = vec![Complex64::ZERO; n_nodes];
            for (k, edge) in self.wiring.edges.iter().enumerate() {
                let w = network.weights()[[edge.target, edge.source]];
                let sent = self.factors[harmonic][edge.delay] * row[edge.source * n_states];
                sums[edge.target] += sent * weight(harmonic, k) * w;
            }
            if leak {
                for (node, sum) in sums.iter_mut().enumerate() {
                    *sum -= row[node * n_states] * network.leak(node);
                }
            }
            arriving.extend(sums);
        }
        arriving
    }

    /// Coefficients of the delayed self feedback, times `weight(harmonic, node)`; empty without.
    pub(super) fn feeding(
        &self,
        coefficients: &[Complex64],
        weight: impl Fn(usize, usize) -> Complex64,
    ) -> Vec<Complex64> {
        let Some((state, _)) = self.wiring.feedback() else {
            return Vec::new();
        };
        let (dim, n_states) = (self.balance.dim, self.balance.network.n_states());
        let rows = coefficients.chunks_exact(dim).enumerate();
        rows.flat_map(|(harmonic, row)| {
            let lambda = Complex64::new(0.0, harmonic as f64 * self.orbit.omega);
            let nodes = row.chunks_exact(n_states).enumerate();
            nodes
                .map(|(node, own)| {
                    own[state] * self.wiring.feedback_factor(node, lambda) * weight(harmonic, node)
                })
                .collect::<Vec<_>>()
        })
        .collect()
    }

    /// `i k omega c_k` minus the coefficients of `drift` (`[n_times, dim]`).
    pub(super) fn balanced(&self, coefficients: &[Complex64], drift: &[f64]) -> Vec<Complex64> {
        let dim = self.balance.dim;
        let mut out = self.sampling.coefficients(drift);
        for (at, out) in out.iter_mut().enumerate() {
            let rate = Complex64::new(0.0, (at / dim) as f64 * self.orbit.omega);
            *out = rate * coefficients[at] - *out;
        }
        out
    }

    /// The equations linearised, with the rows of the two conditions.
    pub(super) fn linear(&self, rows: [Vec<f64>; 2]) -> Linear<'_> {
        let (network, dim) = (self.balance.network, self.balance.dim);
        let (n, n_nodes) = (self.sampling.n_times(), network.n_nodes());
        let at = |time: usize| {
            (
                &self.states[time * dim..][..dim],
                &self.arrivals[time * n_nodes..][..n_nodes],
            )
        };
        let parts: Vec<Linearisation> = (0..n)
            .map(|time| {
                let (u, arrivals) = at(time);
                network.linearisation_with(u, self.orbit.p, arrivals, self.fed(time))
            })
            .collect();
        let mut mean = parts[0].clone();
        for (out, part) in [
            (
                &mut mean.local,
                (|p: &Linearisation| &p.local) as fn(&Linearisation) -> &Vec<f64>,
            ),
            (&mut mean.input, |p| &p.input),
            (&mut mean.feedback, |p| &p.feedback),
        ] {
            for (k, out) in out.iter_mut().enumerate() {
                *out = parts.iter().map(|p| part(p)[k]).sum::<f64>() / n as f64;
            }
        }
        let series = &self.orbit.coefficients[..];
        // By the frequency: i k c_k, and what arrives is later by k d omega.
        let delays = &self.wiring.delays;
        let edges = &self.wiring.edges;
        let later =
            |k: usize, edge: usize| Complex64::new(0.0, -(k as f64) * delays[edges[edge].delay]);
        let arrivals = self.sampling.values(&self.arriving(series, later, false));
        let own = |k: usize, node: usize| {
            Complex64::new(
                0.0,
                -(k as f64) * network.feedback_delay(node, self.orbit.p).0,
            )
        };
        let fed = self.sampling.values(&self.feeding(series, own));
        let mut by_omega = self
            .sampling
            .coefficients(&self.felt(&parts, &arrivals, &fed));
        for (at, out) in by_omega.iter_mut().enumerate() {
            *out = Complex64::new(0.0, (at / dim) as f64) * self.orbit.coefficients[at] - *out;
        }
        // By the parameter: where it acts on the nodes, and through the delays.
        let mut drift = Vec::with_capacity(n * dim);
        let slopes = network.delay_slopes(self.orbit.p);
        let slower = |k: usize, edge: usize| {
            let slope = slopes
                .as_ref()
                .map_or(0.0, |s| s[[edges[edge].target, edges[edge].source]]);
            Complex64::new(0.0, -(k as f64) * self.orbit.omega * slope)
        };
        let arrivals = self.sampling.values(&self.arriving(series, slower, false));
        let own = |k: usize, node: usize| {
            Complex64::new(
                0.0,
                -(k as f64) * self.orbit.omega * network.feedback_delay(node, self.orbit.p).1,
            )
        };
        let fed = self.sampling.values(&self.feeding(series, own));
        for time in 0..n {
            let (u, held) = at(time);
            let u: Vec<D1> = u.iter().map(|&u| D1::constant(u)).collect();
            let moving = held
                .iter()
                .zip(&arrivals[time * n_nodes..])
                .map(|(&v, &s)| d1(v, s));
            let width = fed.len() / n;
            let own = self
                .fed(time)
                .iter()
                .zip(&fed[time * width..])
                .map(|(&v, &s)| d1(v, s));
            let arrivals: Vec<D1> = moving.collect();
            let own: Vec<D1> = own.collect();
            let f = network.drift(&u, D1::variable(self.orbit.p), &arrivals, &own);
            drift.extend(f.into_iter().map(D1::derivative));
        }
        let by_parameter = self
            .sampling
            .coefficients(&drift)
            .into_iter()
            .map(|c| -c)
            .collect::<Vec<_>>();
        Linear {
            state: self,
            averaged: self.wiring.with_parts(mean),
            parts,
            by_omega: pack_coefficients(&by_omega, dim),
            by_parameter: pack_coefficients(&by_parameter, dim),
            rows,
        }
    }

    /// What the drift feels of `arrivals` (without g) and `fed` back, `[n_times, dim]`.
    pub(super) fn felt(&self, parts: &[Linearisation], arrivals: &[f64], fed: &[f64]) -> Vec<f64> {
        let network = self.balance.network;
        let (n_nodes, n_states) = (network.n_nodes(), network.n_states());
        let width = fed.len() / parts.len();
        let mut out = Vec::with_capacity(parts.len() * self.balance.dim);
        for (time, part) in parts.iter().enumerate() {
            for (k, b) in part.input.iter().enumerate() {
                let node = k / n_states;
                let heard = part.g * b * arrivals[time * n_nodes + node];
                let own = part
                    .feedback
                    .get(k)
                    .map_or(0.0, |f| f * fed[time * width + node]);
                out.push(heard + own);
            }
        }
        out
    }
}
