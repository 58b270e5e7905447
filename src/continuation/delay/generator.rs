//! Seeds for characteristic roots: the generator of the delayed network, collocated at Chebyshev
//! points, and Arnoldi's method on its inverse about a shift.
//!
//! What a node put into a line is a polynomial on `[-d_max, 0]`; every delay, rounded to nothing,
//! is read off it by barycentric interpolation. The matrix that results has
//! `n_nodes (n_states + n_lines n_points)` rows, but is never formed: `(A - sigma)^-1` acts by one
//! small solve per line's history and one solve with the characteristic matrix at `sigma`.
//!
//! Breda, Maset & Vermiglio (2005), SIAM J. Sci. Comput. 27, 482 (collocation of the generator);
//! Jarlebring, Meerbergen & Michiels (2010), SIAM J. Sci. Comput. 32, 3278 (Arnoldi on it).

use std::f64::consts::PI;

use faer::Mat;
use num_complex::Complex64;

use super::characteristic::Characteristic;
use super::solve::Factored;
use crate::continuation::linear::{Arnoldi, ComplexLu, Ritz, add_to};
use crate::continuation::network::{Arrivals, NetworkLayout};

/// The generator of a delayed network, collocated.
#[derive(Debug)]
pub struct Generator<'a> {
    characteristic: &'a Characteristic,
    /// d/dt at the points other than 0, `[n_points, n_points + 1]`, 1/ms; column 0 belongs to time
    /// 0.
    derivative: Mat<f64>,
    /// Interpolation weights of every distinct delay, `[n_delays][n_points + 1]`.
    reading: Vec<Vec<f64>>,
    /// The same of every node's feedbacks, `[n_nodes, n_feedback]`.
    feedback_reading: Vec<Vec<f64>>,
}

/// An approximate characteristic root and what M annihilates there.
#[derive(Debug, Clone)]
pub struct Seed {
    /// lambda, 1/ms.
    pub lambda: Complex64,
    /// `[order]`
    pub x: Vec<Complex64>,
}

/// What Arnoldi's method found about one shift.
#[derive(Debug, Clone)]
pub struct Seeds {
    /// Nearest the shift first.
    pub seeds: Vec<Seed>,
    /// All roots nearer to the shift than this are among the seeds, as far as Arnoldi's method can
    /// tell.
    pub reach: f64,
    /// Where Arnoldi's method places roots, converged or not.
    pub ritz: Vec<Complex64>,
}

/// Residual, relative, below which a Ritz value is a seed.
const SEED_RESIDUAL: f64 = 1e-4;

impl<'a> Generator<'a> {
    /// The generator of the network linearised in `characteristic`, with `n_points` points beside
    /// time 0.
    ///
    /// Roots of modulus r are resolved by about `12 + r d_max` points.
    pub fn new(characteristic: &'a Characteristic, n_points: usize) -> Self {
        let span = characteristic.longest_delay().max(f64::MIN_POSITIVE);
        // Chebyshev's points, from 1 (time 0) to -1 (time -span).
        let points: Vec<f64> = (0..=n_points)
            .map(|k| (PI * k as f64 / n_points as f64).cos())
            .collect();
        let weight = |k: usize| {
            let end = if k == 0 || k == n_points { 0.5 } else { 1.0 };
            if k.is_multiple_of(2) { end } else { -end }
        };
        let scale = 2.0 / span;
        let mut derivative = Mat::zeros(n_points, n_points + 1);
        for row in 1..=n_points {
            let mut diagonal = 0.0;
            for column in (0..=n_points).filter(|&column| column != row) {
                let entry = weight(column) / weight(row) / (points[row] - points[column]) * scale;
                derivative[(row - 1, column)] = entry;
                diagonal -= entry;
            }
            derivative[(row - 1, row)] = diagonal;
        }
        let read = |delay: f64| -> Vec<f64> {
            let at = 1.0 - scale * delay;
            if let Some(exact) = points.iter().position(|point| *point == at) {
                return (0..=n_points)
                    .map(|k| f64::from(u8::from(k == exact)))
                    .collect();
            }
            let terms: Vec<f64> = (0..=n_points)
                .map(|k| weight(k) / (at - points[k]))
                .collect();
            let sum: f64 = terms.iter().sum();
            terms.into_iter().map(|term| term / sum).collect()
        };
        Self {
            characteristic,
            derivative,
            reading: characteristic
                .delays
                .iter()
                .map(|&delay| read(delay))
                .collect(),
            feedback_reading: characteristic
                .feedback_delays
                .iter()
                .map(|&delay| read(delay))
                .collect(),
        }
    }

    /// The number of unknowns of the collocated generator.
    pub fn dim(&self) -> usize {
        let c = self.characteristic;
        c.degree() + c.layout().n_lines * c.n_nodes() * self.derivative.nrows()
    }

    /// Roots about `shift`, by `n_vectors` steps of Arnoldi's method.
    pub fn seeds(&self, shift: Complex64, n_vectors: usize) -> Option<Seeds> {
        let inverse = Inverse::new(self, shift)?;
        let dim = self.dim();
        let n_vectors = n_vectors.min(dim - 1).max(1);
        let first = (0..dim).map(start_entry).collect();
        let about = Arnoldi::new(first, n_vectors, |x| inverse.apply(x))?;
        // Eigenvalues of the inverse: the largest belong to the roots nearest the shift.
        let root = |ritz: &Ritz| shift + ritz.value.inv();
        let mut seeds = Vec::new();
        let mut reach = None;
        for ritz in &about.ritz {
            if ritz.residual > SEED_RESIDUAL * ritz.value.norm() {
                reach.get_or_insert(ritz.value.inv().norm());
                continue;
            }
            let state = about.vector(ritz, 0..self.characteristic.degree());
            seeds.push(Seed {
                lambda: root(ritz),
                x: self.characteristic.annihilated(state),
            });
        }
        Some(Seeds {
            seeds,
            reach: reach.unwrap_or(f64::INFINITY),
            ritz: about.ritz.iter().map(root).collect(),
        })
    }
}

/// `(A - shift)^-1`, factored.
struct Inverse<'a> {
    generator: &'a Generator<'a>,
    /// Of the history: `(D - shift)^-1`, `[n_points, n_points]`.
    history: Mat<Complex64>,
    /// How the state at time 0 shows in the history, `[n_points]`.
    echo: Vec<Complex64>,
    matrix: Factored<'a>,
}

impl<'a> Inverse<'a> {
    fn new(generator: &'a Generator<'a>, shift: Complex64) -> Option<Self> {
        let c = generator.characteristic;
        let n_points = generator.derivative.nrows();
        let shifted = Mat::from_fn(n_points, n_points, |row, column| {
            let diagonal = if row == column {
                shift
            } else {
                Complex64::ZERO
            };
            generator.derivative[(row, column + 1)] - diagonal
        });
        let identity = Mat::<Complex64>::identity(n_points, n_points);
        let history = ComplexLu::new(shifted.as_ref()).solve_matrix(&identity);
        let echo = (0..n_points)
            .map(|row| {
                -(0..n_points)
                    .map(|l| history[(row, l)] * generator.derivative[(l, 0)])
                    .sum::<Complex64>()
            })
            .collect();
        Some(Self {
            generator,
            history,
            echo,
            matrix: c.factored(shift)?,
        })
    }

    /// `(A - shift)^-1 r`: states at time 0 first (`[dim]` of the network), then the histories,
    /// node by node and line by line.
    fn apply(&self, r: &[Complex64]) -> Vec<Complex64> {
        let generator = self.generator;
        let c = generator.characteristic;
        let n_points = self.echo.len();
        let (now, past) = r.split_at(c.degree());
        // What the histories would be if what is sent at time 0 were 0.
        let mut free = vec![Complex64::ZERO; past.len()];
        for (free, past) in free
            .chunks_exact_mut(n_points)
            .zip(past.chunks_exact(n_points))
        {
            for (column, past) in self.history.col_iter().zip(past) {
                for (free, entry) in free.iter_mut().zip(column.iter()) {
                    add_to(free, entry * past);
                }
            }
        }
        let NetworkLayout {
            n_lines,
            ref channels,
            ref feedback,
            ..
        } = *c.layout();
        let read = |reading: &[f64], at: usize| -> Complex64 {
            let history = &free[at * n_points..][..n_points];
            let mut sum = Complex64::ZERO;
            for (w, y) in reading[1..].iter().zip(history) {
                add_to(&mut sum, y * *w);
            }
            sum
        };
        let mut arrivals = Arrivals {
            sums: vec![Complex64::ZERO; c.n_nodes() * channels.len()],
            fed_back: Vec::new(),
        };
        for edge in &c.edges {
            for (k, channel) in channels.iter().enumerate() {
                let at = edge.source * n_lines + channel.line;
                arrivals.sums[edge.target * channels.len() + k] +=
                    read(&generator.reading[edge.delay], at) * c.weight(edge, k);
            }
        }
        for node in 0..c.n_nodes() {
            for (k, line) in feedback.iter().enumerate() {
                let reading = &generator.feedback_reading[node * feedback.len() + k];
                arrivals.fed_back.push(read(reading, node * n_lines + line));
            }
        }
        let felt = c.felt(&arrivals);
        let forced: Vec<Complex64> = felt.iter().zip(now).map(|(felt, now)| felt - now).collect();
        let mut out = self.matrix.solve(&forced);
        let sent = c.sent(&out);
        for (free, sent) in free.chunks_exact(n_points).zip(sent) {
            let history = free.iter().zip(&self.echo);
            out.extend(history.map(|(free, echo)| free + echo * sent));
        }
        out
    }
}

/// Entry `k` of the first vector of every Arnoldi run: fixed, and in no symmetry's way (fractional
/// parts of the golden angle).
fn start_entry(k: usize) -> Complex64 {
    let turn = |by: f64| ((k + 1) as f64 * by).fract() - 0.5;
    Complex64::new(turn(0.618_033_988_749_895), turn(0.754_877_666_246_693))
}
