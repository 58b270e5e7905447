//! A periodic orbit as a Fourier series.

use std::f64::consts::TAU;
use std::iter::successors;

use num_complex::Complex64;

/// A periodic orbit.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodicOrbit {
    /// Fourier coefficients, `[n_harmonics + 1, dim]` row by row; row 0 is the mean, and is real.
    pub coefficients: Vec<Complex64>,
    /// Angular frequency, 1/ms.
    pub omega: f64,
    /// The parameter.
    pub p: f64,
    /// Largest coefficient of the residual of the equations, per ms.
    pub residual: f64,
    /// Truncation: the largest of the last two harmonics, relative to the largest of all but the
    /// mean.
    pub tail: f64,
    /// Newton steps that it took.
    pub iterations: usize,
    pub(super) dim: usize,
}

impl PeriodicOrbit {
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
        let series: Vec<Complex64> = self.coefficients[k..]
            .iter()
            .step_by(self.dim)
            .copied()
            .collect();
        let turned = Complex64::cis(TAU * turn);
        sampled(&series, successors(Some(turned), |z| Some(z * turned)))
    }

    /// Least and greatest value of unknown `k` over the period: true extrema of the series, not of
    /// samples.
    pub fn extrema(&self, k: usize) -> (f64, f64) {
        let n = 16 * (self.n_harmonics() + 1);
        let turn = |sample: usize| Complex64::cis(TAU * sample as f64 / n as f64);
        let turns: Vec<Complex64> = (0..n).map(turn).collect();
        let series: Vec<Complex64> = self.coefficients[k..]
            .iter()
            .step_by(self.dim)
            .copied()
            .collect();
        let samples: Vec<(f64, f64)> = (0..n)
            .map(|sample| {
                let places = successors(Some(sample), |at| Some((at + sample) % n));
                sampled(&series, places.map(|at| turns[at]))
            })
            .collect();
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for (sample, &(value, rate)) in samples.iter().enumerate() {
            let (mut a, mut b) = (sample as f64 / n as f64, (sample + 1) as f64 / n as f64);
            (least, greatest) = (least.min(value), greatest.max(value));
            if (rate > 0.0) != (samples[(sample + 1) % n].1 > 0.0) {
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

    /// Fractions of the period from 0 to 1, four for each harmonic, and the states there.
    pub fn profile(&self) -> (Vec<f64>, Vec<Vec<f64>>) {
        let n_times = 4 * self.n_harmonics();
        let times: Vec<f64> = (0..=n_times).map(|k| k as f64 / n_times as f64).collect();
        let state = |&turn: &f64| (0..self.dim).map(|k| self.at(k, turn).0).collect();
        let profile = times.iter().map(state).collect();
        (times, profile)
    }

    /// Half the peak-to-peak of every node's first state, `[n_nodes]`.
    pub fn amplitudes(&self, n_states: usize) -> Vec<f64> {
        let nodes = (0..self.dim).step_by(n_states).map(|k| self.extrema(k));
        nodes
            .map(|(least, greatest)| 0.5 * (greatest - least))
            .collect()
    }
}

/// The value of a real series, its mean first, and its rate per turn, where harmonics have turned by
/// `turned`, the first one first.
fn sampled(series: &[Complex64], turned: impl Iterator<Item = Complex64>) -> (f64, f64) {
    let (mut value, mut rate) = (series[0].re, 0.0);
    for ((harmonic, coefficient), turned) in series.iter().enumerate().skip(1).zip(turned) {
        let term = coefficient * turned * 2.0;
        value += term.re;
        rate -= TAU * harmonic as f64 * term.im;
    }
    (value, rate)
}
