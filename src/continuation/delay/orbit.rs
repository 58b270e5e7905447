//! Periodic orbits of networks with delays, by harmonic balance.
//!
//! Every state is a Fourier series `sum_k c_k e^(i k omega t)`, `|k| <= H`: a delay is a factor `e^(-i k omega d)`, exact for any number of
//! distinct delays. The drift is evaluated at points in time, and the series of both sides are equated harmonic by harmonic.
//! Newton's method solves for the coefficients, the frequency and the parameter, its linear systems by GMRES: the network
//! linearised about the orbit's mean drift couples no harmonics, and is factored as cheaply as a characteristic matrix.
//!
//! Krack & Gross (2019), Harmonic Balance for Nonlinear Vibration Problems, ch. 2-4.

use std::f64::consts::TAU;

use num_complex::Complex64;

use super::branch::{Event, EventKind};
use super::characteristic::Characteristic;
use super::krylov::gmres;
use super::solve::Factored;
use crate::continuation::network::node::{D1, d1};
use crate::continuation::network::{Linearisation, Network};
use crate::error::{Error, Result};

/// A periodic orbit.
#[derive(Debug, Clone, PartialEq)]
pub struct Orbit {
    /// Fourier coefficients, `[n_harmonics + 1, dim]` row by row; row 0 is the mean, and is real.
    pub coefficients: Vec<Complex64>,
    /// Angular frequency, 1/ms.
    pub omega: f64,
    /// The parameter.
    pub p: f64,
    /// Largest coefficient of what is left of the equations, per ms.
    pub residual: f64,
    /// Largest of the last two harmonics relative to the largest beside the mean: what is cut off.
    pub tail: f64,
    /// Newton steps that it took.
    pub iterations: usize,
    dim: usize,
}

impl Orbit {
    /// The period, ms.
    pub fn period_ms(&self) -> f64 {
        TAU / self.omega
    }

    /// The number of harmonics.
    pub fn n_harmonics(&self) -> usize {
        self.coefficients.len() / self.dim - 1
    }

    /// Unknown `k` (a state of a node) at the fraction `turn` of the period, and its rate per turn.
    pub fn at(&self, k: usize, turn: f64) -> (f64, f64) {
        let mut value = self.coefficients[k].re;
        let mut rate = 0.0;
        for harmonic in 1..=self.n_harmonics() {
            let angle = TAU * harmonic as f64;
            let term =
                self.coefficients[harmonic * self.dim + k] * Complex64::cis(angle * turn) * 2.0;
            value += term.re;
            rate -= angle * term.im;
        }
        (value, rate)
    }

    /// Least and greatest value of unknown `k` over the period: true extrema of the series, not of samples.
    pub fn extrema(&self, k: usize) -> (f64, f64) {
        let n = 16 * (self.n_harmonics() + 1);
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for sample in 0..n {
            let (mut a, mut b) = (sample as f64 / n as f64, (sample + 1) as f64 / n as f64);
            let (value, rate) = self.at(k, a);
            (least, greatest) = (least.min(value), greatest.max(value));
            if (rate > 0.0) != (self.at(k, b).1 > 0.0) {
                for _ in 0..50 {
                    let middle = 0.5 * (a + b);
                    if (self.at(k, middle).1 > 0.0) == (rate > 0.0) {
                        a = middle
                    } else {
                        b = middle
                    }
                }
                let value = self.at(k, a).0;
                (least, greatest) = (least.min(value), greatest.max(value));
            }
        }
        (least, greatest)
    }

    /// Half the peak-to-peak of every node's first state, `[n_nodes]`.
    pub fn amplitudes(&self, n_states: usize) -> Vec<f64> {
        let nodes = (0..self.dim).step_by(n_states).map(|k| self.extrema(k));
        nodes
            .map(|(least, greatest)| 0.5 * (greatest - least))
            .collect()
    }
}

/// Bounds and steps of a branch of orbits.
#[derive(Debug, Clone, PartialEq)]
pub struct OrbitSettings {
    /// The branch ends where the parameter leaves this range.
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

/// The last equation beside the phase condition: `weights . (unknowns - base) = distance`.
#[derive(Debug, Clone)]
struct Condition {
    weights: Vec<f64>,
    base: Vec<f64>,
    distance: f64,
}

/// A branch of periodic orbits that begins at a Hopf point, as an iterator.
#[derive(Debug)]
pub struct OrbitBranch<'a> {
    network: &'a Network,
    settings: OrbitSettings,
    last: Option<(Orbit, Vec<f64>)>,
    first: Option<(Orbit, Vec<f64>)>,
    step: f64,
    n_points: usize,
}

/// A Newton step below this, relatively, ends the iteration.
const STEP_TOLERANCE: f64 = 1e-11;
/// Newton's method is given up after this many steps.
const MAX_ITERATIONS: usize = 10;
/// Reduction that GMRES reaches in each Newton step.
const FORCING: f64 = 1e-8;
/// GMRES is given up after this many vectors.
const MAX_VECTORS: usize = 300;
/// Harmonics of the first orbit.
const FIRST_HARMONICS: usize = 8;

impl<'a> OrbitBranch<'a> {
    /// The orbits born at the Hopf point `event` of `network`.
    ///
    /// # Errors
    /// [`Error::BadValue`] if the event is no Hopf point, or the first orbit was not found.
    pub fn from_hopf(network: &'a Network, event: &Event, settings: OrbitSettings) -> Result<Self> {
        let (EventKind::Hopf, Some(form)) = (event.kind, event.form) else {
            let rule = "orbits are born at Hopf points (with a normal form that is not degenerate)";
            return Err(Error::bad_value("the event", event.kind.name(), rule));
        };
        let equilibrium = &event.equilibrium;
        let characteristic = Characteristic::new(network, &equilibrium.u, equilibrium.p);
        let dim = network.dim();
        let vector = characteristic.right_vector(&event.root);
        // 2 Re(r q e^(i omega t)) with the root mean square of r |q_x| as asked for; |q_x| = 1.
        let radius = settings.amplitude * (network.n_nodes() as f64).sqrt();
        let square = radius * radius;
        let dp = -form.c1.re / form.crossing.re * square;
        let domega = form.c1.im * square + form.crossing.im * dp;
        let mut orbit = Orbit {
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
        // Newton's method keeps the size of the first harmonic along q, so that it cannot fall back to the equilibrium.
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
            n_points: 0,
        };
        let tangent = outward(&orbit, tangent);
        branch.first = Some(branch.refined(orbit, tangent)?);
        Ok(branch)
    }

    /// The orbit at exactly the parameter `p`, from one near by.
    ///
    /// # Errors
    /// [`Error::BadValue`] with the residual that is left, if Newton's method does not converge.
    pub fn orbit_at(&self, near: &Orbit, p: f64) -> Result<Orbit> {
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
    fn refined(&self, mut orbit: Orbit, mut tangent: Vec<f64>) -> Result<(Orbit, Vec<f64>)> {
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

    fn advance(&mut self, from: &Orbit, tangent: &[f64]) -> Result<Option<(Orbit, Vec<f64>)>> {
        let (low, high) = (
            self.settings.range.0.min(self.settings.range.1),
            self.settings.range.0.max(self.settings.range.1),
        );
        loop {
            let base = pack(from);
            let guess: Vec<f64> = base
                .iter()
                .zip(tangent)
                .map(|(u, t)| u + self.step * t)
                .collect();
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
                Ok((orbit, _)) if !(low..=high).contains(&orbit.p) => return Ok(None),
                Ok((orbit, next)) => {
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
    type Item = Result<Orbit>;

    /// The next orbit; after an error the branch ends, and what was handed out before stands.
    fn next(&mut self) -> Option<Result<Orbit>> {
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

/// The equations of harmonic balance.
struct Balance<'a> {
    network: &'a Network,
    dim: usize,
}

/// Sampling of a series of `n_harmonics`: enough points that cubes are not aliased.
fn n_times(n_harmonics: usize) -> usize {
    4 * n_harmonics + 2
}

/// Points in time at which the drift is evaluated, and the sines that lead there and back.
struct Sampling {
    n_harmonics: usize,
    /// `e^(2 pi i j / n)` for j below the number of points n.
    turns: Vec<Complex64>,
}

impl Sampling {
    fn new(n_harmonics: usize) -> Self {
        let n = n_times(n_harmonics);
        let turns = (0..n)
            .map(|j| Complex64::cis(TAU * j as f64 / n as f64))
            .collect();
        Self { n_harmonics, turns }
    }

    fn n_times(&self) -> usize {
        self.turns.len()
    }

    /// `[n_harmonics + 1, width]` coefficients to `[n_times, width]` values.
    fn values(&self, coefficients: &[Complex64]) -> Vec<f64> {
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
    fn coefficients(&self, values: &[f64]) -> Vec<Complex64> {
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

impl Balance<'_> {
    /// The orbit near `start` that satisfies `condition`, and the tangent of the branch there, packed.
    fn solve(&self, start: Orbit, condition: &Condition) -> Result<(Orbit, Vec<f64>)> {
        let mut orbit = start;
        let phase = phase_row(&orbit);
        let phase_base = pack(&orbit);
        let scale =
            |z: &[f64]| 1.0 + (z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64).sqrt();
        for iteration in 1..=MAX_ITERATIONS {
            let state = State::new(self, &orbit);
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
            right.push(dot(&phase, &drifted));
            right.push(dot(&condition.weights, &moved) - condition.distance);
            right.iter_mut().for_each(|r| *r = -*r);
            let linear = state.linear([phase.clone(), condition.weights.clone()]);
            let preconditioner = linear.preconditioner().ok_or_else(|| self.failed(&orbit))?;
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
            let step = (solved.y.iter().map(|d| d * d).sum::<f64>() / next.len() as f64).sqrt();
            unpack(&next, &mut orbit);
            if !step.is_finite() || step > 10.0 * scale(&next) || orbit.omega <= 0.0 {
                return Err(self.failed(&orbit));
            }
            if step <= STEP_TOLERANCE * scale(&next) {
                let mut unit = vec![0.0; next.len()];
                *unit.last_mut().expect("two conditions") = 1.0;
                let tangent = gmres(
                    apply,
                    |z| preconditioner.solve(z),
                    &unit,
                    FORCING,
                    MAX_VECTORS,
                )
                .y;
                let size = dot(&weighted(&tangent), &tangent).sqrt();
                let state = State::new(self, &orbit);
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

    fn failed(&self, orbit: &Orbit) -> Error {
        let state = State::new(self, orbit);
        let left = state
            .residual
            .iter()
            .fold(0.0, |a, r| f64::max(a, r.norm()));
        Error::bad_value(
            self.network.parameter(),
            orbit.p,
            format!(
                "no periodic orbit was reached there with {} harmonics: {left:.1e} per ms is left; allow more harmonics or \
                 shorter steps",
                orbit.n_harmonics()
            ),
        )
    }
}

/// An orbit in time: what the nodes hear, and what is left of the equations.
struct State<'a> {
    balance: &'a Balance<'a>,
    sampling: Sampling,
    orbit: Orbit,
    /// Linearised network at the orbit's mean, for its wiring.
    wiring: Characteristic,
    factors: Vec<Vec<Complex64>>,
    /// Per point in time: states, arrivals (without g), fed-back states.
    states: Vec<f64>,
    arrivals: Vec<f64>,
    fed_back: Vec<f64>,
    /// Coefficients of `du/dt - drift`.
    residual: Vec<Complex64>,
}

impl<'a> State<'a> {
    fn new(balance: &'a Balance<'a>, orbit: &Orbit) -> Self {
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

    fn fed(&self, time: usize) -> &[f64] {
        let width = self.fed_back.len() / self.sampling.n_times();
        &self.fed_back[time * width..][..width]
    }

    /// Coefficients of what arrives (without g), each delay's contribution times `weight(harmonic, edge)`; with the leak if asked for.
    fn arriving(
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
    fn feeding(
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
    fn balanced(&self, coefficients: &[Complex64], drift: &[f64]) -> Vec<Complex64> {
        let dim = self.balance.dim;
        let mut out = self.sampling.coefficients(drift);
        for (at, out) in out.iter_mut().enumerate() {
            let rate = Complex64::new(0.0, (at / dim) as f64 * self.orbit.omega);
            *out = rate * coefficients[at] - *out;
        }
        out
    }

    /// The equations linearised, with the rows of the two conditions.
    fn linear(&self, rows: [Vec<f64>; 2]) -> Linear<'_> {
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
    fn felt(&self, parts: &[Linearisation], arrivals: &[f64], fed: &[f64]) -> Vec<f64> {
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

/// The equations linearised about an orbit, bordered by the two conditions.
struct Linear<'a> {
    state: &'a State<'a>,
    /// The network linearised at every point in time, and about their mean.
    parts: Vec<Linearisation>,
    averaged: Characteristic,
    /// Derivatives of the residual by the frequency and the parameter, packed.
    by_omega: Vec<f64>,
    by_parameter: Vec<f64>,
    /// The phase condition and the other one, packed.
    rows: [Vec<f64>; 2],
}

impl Linear<'_> {
    /// The linearised equations times a packed vector.
    fn apply(&self, z: &[f64]) -> Vec<f64> {
        let state = self.state;
        let network = state.balance.network;
        let (dim, n_states) = (state.balance.dim, network.n_states());
        let coefficients = unpack_coefficients(z, dim);
        let values = state.sampling.values(&coefficients);
        let arrivals =
            state
                .sampling
                .values(&state.arriving(&coefficients, |_, _| Complex64::ONE, false));
        let fed = state
            .sampling
            .values(&state.feeding(&coefficients, |_, _| Complex64::ONE));
        let mut drift = state.felt(&self.parts, &arrivals, &fed);
        for (time, part) in self.parts.iter().enumerate() {
            let u = &values[time * dim..][..dim];
            for (k, drift) in drift[time * dim..][..dim].iter_mut().enumerate() {
                let own = &u[k / n_states * n_states..][..n_states];
                *drift += part.local[k * n_states..][..n_states]
                    .iter()
                    .zip(own)
                    .map(|(k, u)| k * u)
                    .sum::<f64>();
            }
        }
        let mut out = pack_coefficients(&state.balanced(&coefficients, &drift), dim);
        let [omega, parameter] = [z[z.len() - 2], z[z.len() - 1]];
        for (k, out) in out.iter_mut().enumerate() {
            *out += omega * self.by_omega[k] + parameter * self.by_parameter[k];
        }
        out.extend(self.rows.iter().map(|row| dot(row, z)));
        out
    }

    /// The same without the coupling of harmonics, factored; `None` if that is singular.
    fn preconditioner(&self) -> Option<Preconditioner<'_>> {
        let orbit = &self.state.orbit;
        let harmonics = (0..=orbit.n_harmonics())
            .map(|k| {
                self.averaged
                    .factored(Complex64::new(0.0, k as f64 * orbit.omega))
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Preconditioner {
            harmonics,
            dim: self.state.balance.dim,
        })
    }
}

/// Harmonic by harmonic solves with the averaged network. The two borders are left to GMRES: the mean network does not feel the
/// parameter in its first harmonic, so bordering it would be singular.
struct Preconditioner<'a> {
    harmonics: Vec<Factored<'a>>,
    dim: usize,
}

impl Preconditioner<'_> {
    fn solve(&self, r: &[f64]) -> Vec<f64> {
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

/// The derivative of a shift in time: the phase condition, packed, of unit length.
fn phase_row(orbit: &Orbit) -> Vec<f64> {
    let shifted: Vec<Complex64> = orbit
        .coefficients
        .iter()
        .enumerate()
        .map(|(at, c)| c * Complex64::new(0.0, (at / orbit.dim) as f64))
        .collect();
    let mut row = pack_coefficients(&shifted, orbit.dim);
    let length = dot(&row, &row).sqrt();
    row.iter_mut().for_each(|r| *r /= length);
    row.extend([0.0, 0.0]);
    row
}

/// The number of packed unknowns: real means, real and imaginary parts of the harmonics, frequency, parameter.
fn packed_len(dim: usize, n_harmonics: usize) -> usize {
    dim * (2 * n_harmonics + 1) + 2
}

fn pack_coefficients(coefficients: &[Complex64], dim: usize) -> Vec<f64> {
    let (mean, harmonics) = coefficients.split_at(dim);
    let mean = mean.iter().map(|c| c.re);
    mean.chain(harmonics.iter().flat_map(|c| [c.re, c.im]))
        .collect()
}

/// The coefficients of a packed vector, with or without its two last entries.
fn unpack_coefficients(packed: &[f64], dim: usize) -> Vec<Complex64> {
    let (mean, harmonics) = packed.split_at(dim);
    let n = harmonics.len() / (2 * dim) * dim;
    let mean = mean.iter().map(|&re| Complex64::from(re));
    let harmonics = harmonics
        .chunks_exact(2)
        .take(n)
        .map(|c| Complex64::new(c[0], c[1]));
    mean.chain(harmonics).collect()
}

fn pack(orbit: &Orbit) -> Vec<f64> {
    let mut packed = pack_coefficients(&orbit.coefficients, orbit.dim);
    packed.extend([orbit.omega, orbit.p]);
    packed
}

fn unpack(packed: &[f64], orbit: &mut Orbit) {
    orbit.coefficients = unpack_coefficients(packed, orbit.dim);
    let n = packed.len();
    (orbit.omega, orbit.p) = (packed[n - 2], packed[n - 1]);
}

/// A vector's own row in the inner product that measures steps: mean square over nodes, and the parameter; not the frequency.
fn weighted(tangent: &[f64]) -> Vec<f64> {
    let n = tangent.len();
    let scale = 1.0 / n as f64;
    let mut row: Vec<f64> = tangent.iter().map(|t| t * scale).collect();
    (row[n - 2], row[n - 1]) = (0.0, tangent[n - 1]);
    row
}

/// The tangent with the sign that goes on along `before`.
fn oriented(tangent: Vec<f64>, before: &[f64]) -> Vec<f64> {
    let sign = dot(&weighted(before), &tangent).signum();
    tangent.into_iter().map(|t| t * sign).collect()
}

/// The tangent with the sign that lets the first harmonics grow.
fn outward(orbit: &Orbit, tangent: Vec<f64>) -> Vec<f64> {
    let first = orbit.dim..3 * orbit.dim;
    let growth = dot(&pack(orbit)[first.clone()], &tangent[first]);
    tangent.into_iter().map(|t| t * growth.signum()).collect()
}

fn resized(orbit: &Orbit, n_harmonics: usize) -> Orbit {
    let mut orbit = orbit.clone();
    orbit
        .coefficients
        .resize((n_harmonics + 1) * orbit.dim, Complex64::ZERO);
    orbit
}

fn resized_packed(packed: &[f64], dim: usize, old: usize, new: usize) -> Vec<f64> {
    let end = packed_len(dim, old) - 2;
    let mut resized = packed[..end].to_vec();
    resized.resize(packed_len(dim, new) - 2, 0.0);
    resized.extend(&packed[end..]);
    resized
}

fn longer(n_harmonics: usize, max: usize) -> usize {
    (n_harmonics + n_harmonics / 2).min(max)
}

fn tail(orbit: &Orbit) -> f64 {
    let largest = |row: &[Complex64]| row.iter().fold(0.0, |a, c| f64::max(a, c.norm()));
    let rows: Vec<f64> = orbit
        .coefficients
        .chunks_exact(orbit.dim)
        .skip(1)
        .map(largest)
        .collect();
    let all = rows.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    rows.iter().rev().take(2).copied().fold(0.0, f64::max) / all
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
