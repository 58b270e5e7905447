//! The monodromy operator of a periodic orbit with delays, collocated.
//!
//! A small perturbation of the orbit satisfies the network linearised about it,
//!
//! ```text
//! dv_i/dt = K_i(t) v_i + F_i(t) s_i(t - d_i) v_i(t - d_i) + sum_j B_i(t) w_ij r_j(t - d_ij) v_j(t - d_ij)
//! ```
//!
//! The operator takes what nodes sent during the longest delay, and the states now, one period on.
//! The perturbation is a polynomial on each of equal intervals, which satisfies the equation at
//! Chebyshev's points; what was sent is read off these polynomials at the exact delays.
//!
//! Breda, Maset & Vermiglio (2012), SIAM J. Numer. Anal. 50, 1456.

use std::f64::consts::{PI, TAU};

use faer::Mat;
use faer::linalg::solvers::{PartialPivLu, Solve};
use num_complex::Complex64;

use super::PeriodicOrbit;
use super::sampled::Sampled;
use crate::continuation::curve::lagrange_through;
use crate::continuation::delay::characteristic::{Characteristic, felt, sent};
use crate::continuation::network::{Arrivals, Linearisation, Network};

/// Points of an interval.
pub(super) const DEGREE: usize = 8;

/// Where a delayed value is read: so many intervals back, with these weights of the interval's
/// points.
struct Reading {
    back: usize,
    weights: Vec<f64>,
}

/// The monodromy operator, collocated.
pub(super) struct Monodromy {
    /// Wiring and delays.
    wiring: Characteristic,
    /// The network linearised at every point of every interval, the first of the next left out.
    parts: Vec<Linearisation>,
    n_intervals: usize,
    /// Intervals of the history.
    n_past: usize,
    /// Derivative at point 1 + j of the polynomial that is 1 at the interval's first point, 1/ms.
    first: Vec<f64>,
    /// Of every point but the first: of every distinct delay, and of every node's feedbacks.
    readings: Vec<[Vec<Reading>; 2]>,
    /// Of every interval: the equations at its points.
    factored: Vec<PartialPivLu<f64>>,
}

impl Monodromy {
    pub(super) fn new(network: &Network, orbit: &PeriodicOrbit, n_intervals: usize) -> Self {
        let state = Sampled::new(network, orbit);
        let places: Vec<f64> = (0..=DEGREE)
            .map(|k| 0.5 - 0.5 * (PI * k as f64 / DEGREE as f64).cos())
            .collect();
        let step = orbit.period_ms() / n_intervals as f64;
        let arriving = state.arriving_series(&state.lines);
        let parts = (0..n_intervals * DEGREE).map(|point| {
            let at = (point / DEGREE) as f64 + places[point % DEGREE];
            let turn = at / n_intervals as f64;
            let u: Vec<f64> = (0..orbit.dim).map(|k| orbit.at(k, turn).0).collect();
            network.linearisation_with(&u, orbit.p, &state.arrivals_at(&arriving, turn))
        });
        let parts: Vec<Linearisation> = parts.collect();
        let wiring = state.wiring.clone();
        let read = |point: usize, delay: f64| {
            let at = places[point] - delay / step;
            let back = (-at.floor()).max(0.0);
            Reading {
                back: back as usize,
                weights: lagrange_through(&places, at + back),
            }
        };
        let readings = (1..=DEGREE).map(|point| {
            [&wiring.delays, &wiring.feedback_delays]
                .map(|delays| delays.iter().map(|&delay| read(point, delay)).collect())
        });
        let slopes = derivatives(&places, step);
        let mut monodromy = Self {
            n_past: (wiring.longest_delay() / step).ceil() as usize,
            readings: readings.collect(),
            first: slopes.iter().map(|row| row[0]).collect(),
            factored: Vec::new(),
            parts,
            n_intervals,
            wiring,
        };
        for interval in 0..n_intervals {
            let matrix = monodromy.matrix(interval, &slopes);
            monodromy.factored.push(matrix.partial_piv_lu());
        }
        monodromy
    }

    fn dim(&self) -> usize {
        self.wiring.degree()
    }

    /// Lines of all nodes.
    fn width(&self) -> usize {
        self.wiring.n_nodes() * self.wiring.layout().n_lines
    }

    /// The number of rows of the operator.
    pub(super) fn size(&self) -> usize {
        self.dim() + self.n_past * DEGREE * self.width()
    }

    /// The network linearised at a point of an interval, both ends included.
    fn part(&self, interval: usize, point: usize) -> &Linearisation {
        &self.parts[(interval * DEGREE + point) % self.parts.len()]
    }

    /// The equations at the points of an interval but the first, for the values there.
    fn matrix(&self, interval: usize, slopes: &[Vec<f64>]) -> Mat<f64> {
        let dim = self.dim();
        let n_states = self.wiring.n_states();
        let layout = self.wiring.layout();
        let mut matrix = Mat::zeros(DEGREE * dim, DEGREE * dim);
        for (j, slopes) in slopes.iter().enumerate() {
            let part = self.part(interval, j + 1);
            for (k, slope) in slopes[1..].iter().enumerate() {
                for i in 0..dim {
                    matrix[(j * dim + i, k * dim + i)] += *slope;
                }
            }
            for node in 0..self.wiring.n_nodes() {
                for (at, k) in part.local(node).iter().enumerate() {
                    let (row, column) = (at / n_states, at % n_states);
                    let offset = j * dim + node * n_states;
                    matrix[(offset + row, offset + column)] -= *k;
                }
            }
            // What arrives from within the interval.
            let mut add = |reading: &Reading, target: usize, column: &[f64], from: [usize; 2]| {
                if reading.back > 0 {
                    return;
                }
                let [source, line] = from;
                for (k, weight) in reading.weights[1..].iter().enumerate() {
                    let sent = self.part(interval, k + 1).sent(source, line);
                    for (row, b) in column.iter().enumerate() {
                        for (entry, r) in sent.iter().enumerate() {
                            let at = (
                                j * dim + target * n_states + row,
                                k * dim + source * n_states + entry,
                            );
                            matrix[at] -= b * weight * r;
                        }
                    }
                }
            };
            let [delays, own] = &self.readings[j];
            for edge in &self.wiring.edges {
                for (c, channel) in layout.channels.iter().enumerate() {
                    let weight = self.wiring.weight(edge, c);
                    let column: Vec<f64> = part
                        .input(edge.target, c)
                        .iter()
                        .map(|b| b * weight)
                        .collect();
                    let from = [edge.source, channel.line];
                    add(&delays[edge.delay], edge.target, &column, from);
                }
            }
            for node in 0..self.wiring.n_nodes() {
                for (k, &line) in layout.feedback.iter().enumerate() {
                    let reading = &own[node * layout.feedback.len() + k];
                    add(reading, node, part.feedback(node, k), [node, line]);
                }
            }
        }
        matrix
    }

    /// One period on: the states, then the lines at the points of the history but the last, which is
    /// now.
    pub(super) fn apply(&self, x: &[f64]) -> Vec<f64> {
        let (dim, width) = (self.dim(), self.width());
        let (now, past) = x.split_at(dim);
        let mut y = now.to_vec();
        let mut lines = past.to_vec();
        lines.extend(sent(&self.parts[0], &y));
        for interval in 0..self.n_intervals {
            let mut right = Mat::zeros(DEGREE * dim, 1);
            for j in 0..DEGREE {
                let part = self.part(interval, j + 1);
                let known = felt(part, &self.arrivals(interval, j, &lines));
                for i in 0..dim {
                    right[(j * dim + i, 0)] = known[i] - self.first[j] * y[i];
                }
            }
            self.factored[interval].solve_in_place(&mut right);
            for k in 0..DEGREE {
                y = (0..dim).map(|i| right[(k * dim + i, 0)]).collect();
                lines.extend(sent(self.part(interval, k + 1), &y));
            }
        }
        let begin = self.n_intervals * DEGREE * width;
        y.extend_from_slice(&lines[begin..][..self.n_past * DEGREE * width]);
        y
    }

    /// What arrives at point 1 + `j` of an interval from what is known when it begins.
    fn arrivals(&self, interval: usize, j: usize, lines: &[f64]) -> Arrivals<f64> {
        let layout = self.wiring.layout();
        let (width, n_lines) = (self.width(), layout.n_lines);
        let read = |reading: &Reading, line: usize| -> f64 {
            let begin = (self.n_past + interval - reading.back) * DEGREE;
            // Within the interval itself only its first point is known.
            let known = if reading.back > 0 { DEGREE + 1 } else { 1 };
            (0..known)
                .map(|k| reading.weights[k] * lines[(begin + k) * width + line])
                .sum()
        };
        let [delays, own] = &self.readings[j];
        let mut sums = vec![0.0; self.wiring.n_nodes() * layout.channels.len()];
        for edge in &self.wiring.edges {
            for (c, channel) in layout.channels.iter().enumerate() {
                let line = edge.source * n_lines + channel.line;
                sums[edge.target * layout.channels.len() + c] +=
                    self.wiring.weight(edge, c) * read(&delays[edge.delay], line);
            }
        }
        let mut fed_back = Vec::new();
        for node in 0..self.wiring.n_nodes() {
            for (k, line) in layout.feedback.iter().enumerate() {
                let reading = &own[node * layout.feedback.len() + k];
                fed_back.push(read(reading, node * n_lines + line));
            }
        }
        Arrivals { sums, fed_back }
    }
}

/// Derivatives, per ms, at all `places` but the first of the polynomials that are 1 at one of them,
/// over an interval of width `step`.
fn derivatives(places: &[f64], step: f64) -> Vec<Vec<f64>> {
    let n = places.len();
    let weight = |k: usize| -> f64 {
        let others = (0..n).filter(|&i| i != k);
        others
            .map(|i| places[k] - places[i])
            .product::<f64>()
            .recip()
    };
    let row = |j: usize| {
        let mut row: Vec<f64> = (0..n)
            .map(|k| match j == k {
                true => 0.0,
                false => weight(k) / weight(j) / (places[j] - places[k]) / step,
            })
            .collect();
        row[j] = -row.iter().sum::<f64>();
        row
    };
    (1..n).map(row).collect()
}

impl Sampled<'_> {
    /// What comes to the nodes at a fraction of the period, from its series.
    fn arrivals_at(&self, [sums, fed_back]: &[Vec<Complex64>; 2], turn: f64) -> Arrivals<f64> {
        let n_nodes = self.network.n_nodes();
        let layout = self.network.layout();
        let at = |series: &[Complex64], width: usize| -> Vec<f64> {
            let mut values = vec![0.0; width];
            if width == 0 {
                return values;
            }
            for (harmonic, row) in series.chunks_exact(width).enumerate() {
                let factor = if harmonic == 0 { 1.0 } else { 2.0 };
                let phase = Complex64::cis(TAU * harmonic as f64 * turn) * factor;
                for (value, c) in values.iter_mut().zip(row) {
                    *value += (c * phase).re;
                }
            }
            values
        };
        Arrivals {
            sums: at(sums, n_nodes * layout.channels.len()),
            fed_back: at(fed_back, n_nodes * layout.feedback.len()),
        }
    }
}
