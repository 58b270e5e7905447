//! Samples an orbit at points in time.

use std::f64::consts::TAU;

use num_complex::Complex64;

use super::PeriodicOrbit;
use crate::continuation::delay::characteristic::{Characteristic, add_felt, felt, sent};
use crate::continuation::linear::dot;
use crate::continuation::network::{Arrivals, Linearisation, Network};

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

    /// Points in time of the first quarter, and for each of them the same time before the period's end,
    /// half a period later, and before the half: there cosines and sines of every harmonic differ in
    /// their signs alone.
    fn quarter(&self) -> impl Iterator<Item = [usize; 4]> {
        let half = self.n_times() / 2;
        (0..=self.n_harmonics).map(move |t| [t, (2 * half - t) % (2 * half), half + t, half - t])
    }

    /// Coefficients of `width` series, harmonic by harmonic, to `[n_times, width]` values.
    pub(super) fn values(&self, coefficients: &[Complex64], width: usize) -> Vec<f64> {
        let n = self.n_times();
        let mut values = vec![0.0; n * width];
        if width == 0 {
            return values;
        }
        let parts =
            |of: fn(&Complex64) -> f64| -> Vec<f64> { coefficients.iter().map(of).collect() };
        let parts = [parts(|c| 2.0 * c.re), parts(|c| 2.0 * c.im)];
        // Sums over even and over odd harmonics, of real parts times cosines and of imaginary parts times
        // sines.
        let mut sums = [const { Vec::new() }; 4];
        for times in self.quarter() {
            for sum in &mut sums {
                sum.clear();
                sum.resize(width, 0.0);
            }
            sums[0].copy_from_slice(&parts[0][..width]);
            sums[0].iter_mut().for_each(|mean| *mean *= 0.5);
            for harmonic in 1..coefficients.len() / width {
                let turn = self.turns[harmonic * times[0] % n];
                for (part, factor) in [turn.re, turn.im].into_iter().enumerate() {
                    let row = &parts[part][harmonic * width..][..width];
                    for (sum, c) in sums[2 * part + harmonic % 2].iter_mut().zip(row) {
                        *sum += c * factor;
                    }
                }
            }
            let [even_cos, odd_cos, even_sin, odd_sin] = &sums;
            let signs = [(1.0, -1.0), (1.0, 1.0), (-1.0, -1.0), (-1.0, 1.0)];
            for (time, (half, sign)) in times.into_iter().zip(signs) {
                for (k, value) in values[time * width..][..width].iter_mut().enumerate() {
                    let (cos, sin) = (
                        even_cos[k] + half * odd_cos[k],
                        even_sin[k] + half * odd_sin[k],
                    );
                    *value = cos + sign * sin;
                }
            }
        }
        values
    }

    /// `[n_times, width]` values to the coefficients of as many harmonics as the orbit has,
    /// `[n_harmonics + 1, width]`.
    pub(super) fn coefficients(&self, values: &[f64]) -> Vec<Complex64> {
        self.coefficients_up_to(self.n_harmonics, values)
    }

    /// The same of another number of harmonics, up to twice as many.
    fn coefficients_up_to(&self, n_harmonics: usize, values: &[f64]) -> Vec<Complex64> {
        let n = self.n_times();
        let width = values.len() / n;
        let mut coefficients = vec![Complex64::ZERO; (n_harmonics + 1) * width];
        if width == 0 {
            return coefficients;
        }
        // What cosines and sines of even and of odd harmonics count with.
        let mut folded = [const { Vec::new() }; 4];
        for times in self.quarter() {
            let [at, before_end, after_half, before_half] =
                times.map(|time| &values[time * width..][..width]);
            // The first point and the half are their own images.
            let once = if times[0] == 0 { 0.0 } else { 1.0 };
            for k in 0..width {
                let [even, odd] = [at[k] + after_half[k], at[k] - after_half[k]];
                let [even_image, odd_image] = [
                    before_end[k] + before_half[k],
                    before_end[k] - before_half[k],
                ];
                folded[0].push(even + once * even_image);
                folded[1].push(odd + once * odd_image);
                folded[2].push(once * (even - even_image));
                folded[3].push(once * (odd - odd_image));
            }
        }
        let mut parts = [vec![0.0; width], vec![0.0; width]];
        for (harmonic, row) in coefficients.chunks_exact_mut(width).enumerate() {
            parts.iter_mut().for_each(|part| part.fill(0.0));
            for time in 0..=self.n_harmonics {
                let turn = self.turns[harmonic * time % n].conj() / n as f64;
                for (part, factor) in [turn.re, turn.im].into_iter().enumerate() {
                    let values = &folded[2 * part + harmonic % 2][time * width..][..width];
                    for (part, value) in parts[part].iter_mut().zip(values) {
                        *part += value * factor;
                    }
                }
            }
            for (k, c) in row.iter_mut().enumerate() {
                *c = Complex64::new(parts[0][k], parts[1][k]);
            }
        }
        coefficients
    }
}

/// An orbit in time: what the nodes receive, and what is left of the equations.
pub(super) struct Sampled<'a> {
    pub(super) network: &'a Network,
    pub(super) dim: usize,
    pub(super) sampling: Sampling,
    pub(super) orbit: PeriodicOrbit,
    /// Linearised network at the orbit's mean, for its wiring.
    pub(super) wiring: Characteristic,
    /// The states that lines hold, if they all hold one.
    pub(super) plain: Option<Vec<usize>>,
    /// What every connection carries, and every feedback (`[n_nodes, n_feedback]`), for every harmonic of the lines.
    carried: Vec<[Vec<Complex64>; 2]>,
    /// What goes into the lines, as series.
    pub(super) lines: Vec<Complex64>,
    /// Per point in time: the states, and what comes to every node.
    pub(super) states: Vec<f64>,
    pub(super) arrivals: Vec<Arrivals<f64>>,
    /// Coefficients of `du/dt - drift`.
    pub(super) residual: Vec<Complex64>,
}

impl<'a> Sampled<'a> {
    pub(super) fn new(network: &'a Network, orbit: &PeriodicOrbit) -> Self {
        let dim = orbit.dim;
        let n_harmonics = orbit.n_harmonics();
        let sampling = Sampling::new(n_harmonics);
        let mean: Vec<f64> = orbit.coefficients[..dim].iter().map(|c| c.re).collect();
        let wiring = Characteristic::new(network, &mean, orbit.p);
        let n_lines = network.layout().n_lines;
        let plain: Option<Vec<usize>> = (0..n_lines).map(|line| network.plain(line)).collect();
        // What is made of states has harmonics that they do not have.
        let of_lines = if plain.is_some() {
            n_harmonics
        } else {
            2 * n_harmonics
        };
        let carried = (0..=of_lines).map(|k| {
            let lambda = Complex64::new(0.0, k as f64 * orbit.omega);
            let factors = wiring.factors(lambda);
            let own = wiring.feedback_delays.iter();
            [
                wiring.carried(|_, edge| factors[edge.delay]),
                own.map(|delay| (-lambda * delay).exp()).collect(),
            ]
        });
        let mut state = Self {
            network,
            dim,
            states: sampling.values(&orbit.coefficients, dim),
            sampling,
            orbit: orbit.clone(),
            plain,
            carried: carried.collect(),
            wiring,
            lines: Vec::new(),
            arrivals: Vec::new(),
            residual: Vec::new(),
        };
        state.lines = state.series_of_lines(&orbit.coefficients, |time| {
            network.lines(state.state(time), orbit.p)
        });
        state.arrivals = state.arriving(&state.lines);
        let mut drift = Vec::with_capacity(state.states.len());
        for (time, arrivals) in state.arrivals.iter().enumerate() {
            drift.extend(network.drift(state.state(time), orbit.p, arrivals));
        }
        state.residual = state.balanced(&orbit.coefficients, &drift);
        state
    }

    /// All states at a point in time.
    pub(super) fn state(&self, time: usize) -> &[f64] {
        &self.states[time * self.dim..][..self.dim]
    }

    /// What goes into the lines, as series `[n_line_harmonics + 1, n_nodes * n_lines]`: from the
    /// coefficients of the states where lines hold states, else from its values in time.
    pub(super) fn series_of_lines(
        &self,
        coefficients: &[Complex64],
        at: impl Fn(usize) -> Vec<f64>,
    ) -> Vec<Complex64> {
        let n_states = self.network.n_states();
        match &self.plain {
            Some(plain) => {
                let nodes = coefficients.chunks_exact(n_states);
                nodes
                    .flat_map(|state| plain.iter().map(|&s| state[s]))
                    .collect()
            }
            None => {
                let values: Vec<f64> = (0..self.sampling.n_times()).flat_map(at).collect();
                self.sampling
                    .coefficients_up_to(self.carried.len() - 1, &values)
            }
        }
    }

    /// What comes to the nodes of `lines`, at every point in time.
    pub(super) fn arriving(&self, lines: &[Complex64]) -> Vec<Arrivals<f64>> {
        self.in_time(&self.arriving_series(lines))
    }

    /// The same, each connection's contribution times `weight(harmonic, edge)`, each feedback's times
    /// `own_weight(harmonic, node * n_feedback + feedback)`.
    pub(super) fn arriving_weighted(
        &self,
        lines: &[Complex64],
        weight: impl Fn(usize, usize) -> Complex64,
        own_weight: impl Fn(usize, usize) -> Complex64,
    ) -> Vec<Arrivals<f64>> {
        let n_channels = self.network.layout().channels.len();
        let weighted = |harmonic: usize| {
            let [carried, own] = &self.carried[harmonic];
            let carried = carried.iter().enumerate();
            let own = own.iter().enumerate();
            [
                carried
                    .map(|(at, z)| z * weight(harmonic, at / n_channels))
                    .collect(),
                own.map(|(at, z)| z * own_weight(harmonic, at)).collect(),
            ]
        };
        let carried: Vec<[Vec<Complex64>; 2]> = (0..self.carried.len()).map(weighted).collect();
        self.in_time(&self.series_of(lines, &carried))
    }

    /// What comes to the nodes of `lines`, as series: of the sums and of the feedbacks.
    pub(super) fn arriving_series(&self, lines: &[Complex64]) -> [Vec<Complex64>; 2] {
        self.series_of(lines, &self.carried)
    }

    fn series_of(
        &self,
        lines: &[Complex64],
        carried: &[[Vec<Complex64>; 2]],
    ) -> [Vec<Complex64>; 2] {
        let wiring = &self.wiring;
        let layout = self.network.layout();
        let n_feedback = layout.feedback.len();
        let width = layout.n_nodes * layout.n_lines;
        let (mut sums, mut fed_back) = (Vec::new(), Vec::new());
        for (harmonic, [carried, own]) in carried.iter().enumerate() {
            let row = &lines[harmonic * width..][..width];
            sums.extend(wiring.summed_lines(carried, row));
            fed_back.extend(wiring.fed_back(row, |node, k| own[node * n_feedback + k]));
        }
        [sums, fed_back]
    }

    /// Series of sums and of feedbacks at every point in time.
    fn in_time(&self, series: &[Vec<Complex64>; 2]) -> Vec<Arrivals<f64>> {
        let [sums, fed_back] = self.values_of(series);
        let times = 0..self.sampling.n_times();
        let at = |values: &[f64], time: usize| {
            let width = values.len() / self.sampling.n_times();
            values[time * width..][..width].to_vec()
        };
        times
            .map(|time| Arrivals {
                sums: at(&sums, time),
                fed_back: at(&fed_back, time),
            })
            .collect()
    }

    /// The same as tables, `[n_times, n_nodes * n_channels]` and `[n_times, n_nodes * n_feedback]`.
    fn values_of(&self, [sums, fed_back]: &[Vec<Complex64>; 2]) -> [Vec<f64>; 2] {
        let layout = self.network.layout();
        let n_sums = layout.n_nodes * layout.channels.len();
        let n_fed = layout.n_nodes * layout.feedback.len();
        [
            self.sampling.values(sums, n_sums),
            self.sampling.values(fed_back, n_fed),
        ]
    }

    /// `i k omega c_k` minus the coefficients of `drift` (`[n_times, dim]`).
    pub(super) fn balanced(&self, coefficients: &[Complex64], drift: &[f64]) -> Vec<Complex64> {
        let dim = self.dim;
        let mut out = self.sampling.coefficients(drift);
        for (at, out) in out.iter_mut().enumerate() {
            let rate = Complex64::new(0.0, (at / dim) as f64 * self.orbit.omega);
            *out = rate * coefficients[at] - *out;
        }
        out
    }

    /// What the drift feels of a small change of the states, a series: `[n_times, dim]`.
    pub(super) fn felt_of(&self, parts: &[Linearisation], coefficients: &[Complex64]) -> Vec<f64> {
        let (dim, n_states) = (self.dim, self.network.n_states());
        let values = self.sampling.values(coefficients, dim);
        let change = |time: usize| &values[time * dim..][..dim];
        let lines = self.series_of_lines(coefficients, |time| sent(&parts[time], change(time)));
        let arriving = self.values_of(&self.arriving_series(&lines));
        let [sums, fed_back] = arriving.each_ref().map(|values| {
            let width = values.len() / parts.len();
            move |time: usize| &values[time * width..][..width]
        });
        let mut drift = vec![0.0; values.len()];
        for (time, part) in parts.iter().enumerate() {
            let u = change(time);
            let drift = &mut drift[time * dim..][..dim];
            add_felt(part, sums(time), fed_back(time), drift);
            for (k, drift) in drift.iter_mut().enumerate() {
                let own = &u[k / n_states * n_states..][..n_states];
                *drift += dot(&[], &part.local[k * n_states..][..n_states], own);
            }
        }
        drift
    }
}

/// What the drift feels of what arrives, `[n_times, dim]`.
pub(super) fn felt_in_time(parts: &[Linearisation], arrivals: &[Arrivals<f64>]) -> Vec<f64> {
    let times = parts.iter().zip(arrivals);
    times
        .flat_map(|(part, arrivals)| felt(part, arrivals))
        .collect()
}
