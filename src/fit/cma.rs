//! Evolution strategy with covariance matrix adaptation, with active weights.
//!
//! N. Hansen (2016), The CMA evolution strategy: a tutorial, arXiv 1604.00772; equations are numbered as there. The numbers live where
//! there are no bounds ([`super::bounds`] maps them into the box).

mod strategy;

use super::bounds::{clamped, inside, outside};
use super::eigen::Eigen;
use super::random::Generation;
use super::{Search, by_loss};
use strategy::Strategy;

/// A search that is all on one number ends when its losses differ by less.
const LEAST_DIFFERENCE: f64 = 1e-12;
/// It ends when its steps are smaller than this part of the first.
const LEAST_STEP: f64 = 1e-12;
/// It ends when they are larger than this multiple of the first.
const LARGEST_STEP: f64 = 1e4;
/// It ends when the longest axis of its steps is so many times the shortest, squared.
const LARGEST_CONDITION: f64 = 1e14;

/// Why a run of the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The losses of the last generations are alike.
    Alike,
    /// The steps are too small to matter, or too large.
    Steps,
    /// The axes of the steps are too different.
    Condition,
    /// The losses have not become less for very long.
    Stagnation,
    /// It took as many generations as any run should.
    Generations,
}

/// One run of the search.
#[derive(Debug, Clone)]
pub struct Cma {
    seed: u64,
    restart: u32,
    strategy: Strategy,
    generation: u32,
    /// Where there are no bounds, `[n]`.
    mean: Vec<f64>,
    step: f64,
    first_step: f64,
    /// `[n, n]`.
    covariance: Vec<f64>,
    eigen: Eigen,
    /// The generation in which the axes were computed.
    eigen_of: u32,
    path_of_step: Vec<f64>,
    path_of_covariance: Vec<f64>,
    /// The least and the median loss of each generation.
    least: Vec<f64>,
    median: Vec<f64>,
    stop: Option<Stop>,
    /// The displacement of the last candidate of the next generation, if it is not to be drawn, `[n]`.
    injected: Option<Vec<f64>>,
}

impl Cma {
    /// Candidates of a generation that suit `n` numbers: 4 + 3 ln n (equation 48).
    pub fn population(n: usize) -> usize {
        4 + (3.0 * libm::log(n as f64)) as usize
    }

    /// A run from a `start` in the unit box, `[n]`, with steps of standard deviation `step`.
    ///
    /// # Panics
    /// Without a number, with fewer than four candidates, or with a step that is not above 0.
    pub fn new(start: &[f64], step: f64, population: usize, seed: u64, restart: u32) -> Self {
        let n = start.len();
        assert!(n > 0 && population >= 4 && step > 0.0);
        let mut identity = vec![0.0; n * n];
        for k in 0..n {
            identity[k * n + k] = 1.0;
        }
        Self {
            seed,
            restart,
            strategy: Strategy::new(n, population),
            generation: 0,
            mean: start.iter().map(|&y| outside(y)).collect(),
            step,
            first_step: step,
            eigen: Eigen::of(&identity, n),
            eigen_of: 0,
            covariance: identity,
            path_of_step: vec![0.0; n],
            path_of_covariance: vec![0.0; n],
            least: Vec::new(),
            median: Vec::new(),
            stop: None,
            injected: None,
        }
    }

    /// Why it has ended; none while it goes on.
    pub fn stop(&self) -> Option<Stop> {
        self.stop
    }

    /// How much of the covariance was learnt, from 0 to 1; the rest is that of the first generation.
    pub fn learnt(&self) -> f64 {
        let kept = 1.0 - self.strategy.c_one - self.strategy.c_mu;
        1.0 - libm::pow(kept, f64::from(self.generation))
    }

    /// Candidates of a generation.
    pub fn n_candidates(&self) -> usize {
        self.strategy.weights.len()
    }

    /// Where the search is now: its mean, in the unit box, `[n]`.
    pub fn mean(&self) -> Vec<f64> {
        self.mean.iter().map(|&x| inside(x)).collect()
    }

    /// The covariance of the next generation in the unit box, as long as it is away from the bounds, `[n, n]` row by row.
    pub fn covariance(&self) -> Vec<f64> {
        let square = self.step * self.step;
        self.covariance.iter().map(|c| c * square).collect()
    }

    /// The candidates' displacements from the mean over the step, `[n_candidates][n]`.
    fn displacements(&self) -> Vec<Vec<f64>> {
        let n = self.strategy.n;
        let generation = Generation {
            seed: self.seed,
            restart: self.restart,
            number: self.generation,
        };
        let displacement = |candidate| {
            let mut normals = generation.candidate(candidate).normals(n);
            for (z, value) in normals.iter_mut().zip(&self.eigen.values) {
                *z *= value.sqrt();
            }
            times(&self.eigen.vectors, &normals)
        };
        let mut all: Vec<Vec<f64>> = (0..self.n_candidates()).map(displacement).collect();
        if let (Some(last), Some(injected)) = (all.last_mut(), &self.injected) {
            last.clone_from(injected);
        }
        all
    }

    /// A point of the unit box as the search sees it: from its mean on, in standard deviations of its next candidates along each of
    /// their axes, `[n]`.
    pub(super) fn seen(&self, point: &[f64]) -> Vec<f64> {
        let at = point.iter().zip(&self.mean);
        let y: Vec<f64> = at
            .map(|(&point, mean)| (outside(point) - mean) / self.step)
            .collect();
        self.whitened(&y)
    }

    /// Lets the last candidate of the next generation stand at `z`, as [`Cma::seen`] sees it.
    pub(super) fn inject(&mut self, z: &[f64]) {
        let n = self.strategy.n;
        let vectors = &self.eigen.vectors;
        let along = |k: usize| -> f64 {
            let part = (0..n).map(|row| vectors[row * n + k] * z[row]).sum::<f64>();
            part * self.eigen.values[k].sqrt()
        };
        let mut y = times(vectors, &(0..n).map(along).collect::<Vec<f64>>());
        for (y, mean) in y.iter_mut().zip(&self.mean) {
            // Not mirrored: the model knows no points beyond the bounds.
            *y = (clamped(mean + self.step * *y) - mean) / self.step;
        }
        self.injected = Some(y);
    }

    /// Whether a candidate of the next generation is not drawn.
    pub(super) fn is_injected(&self) -> bool {
        self.injected.is_some()
    }

    /// How far from the mean such a candidate may stand, as [`Cma::seen`] sees it: N. Hansen (2011), Injecting external solutions into
    /// CMA-ES, arXiv 1110.4181.
    pub(super) fn longest_injected(&self) -> f64 {
        let n = self.strategy.n as f64;
        n.sqrt() + 2.0 * n / (n + 2.0)
    }

    /// `C^-1/2 y`.
    fn whitened(&self, y: &[f64]) -> Vec<f64> {
        let n = self.strategy.n;
        let vectors = &self.eigen.vectors;
        let mut along = vec![0.0; n];
        for k in 0..n {
            for row in 0..n {
                along[k] += vectors[row * n + k] * y[row];
            }
            along[k] /= self.eigen.values[k].sqrt();
        }
        times(vectors, &along)
    }

    /// Moves the mean, the paths, the covariance and the step by the displacements, the best first.
    fn adapt(&mut self, ranked: &[&Vec<f64>]) {
        let s = self.strategy.clone();
        let n = s.n;
        let mut moved = vec![0.0; n];
        for (weight, y) in s.weights[..s.n_better].iter().zip(ranked) {
            for k in 0..n {
                moved[k] += weight * y[k];
            }
        }
        for k in 0..n {
            self.mean[k] += self.step * moved[k];
        }
        // Equations 43 and 44.
        let white = self.whitened(&moved);
        let pull = (s.c_step * (2.0 - s.c_step) * s.mu_eff).sqrt();
        for k in 0..n {
            self.path_of_step[k] = (1.0 - s.c_step) * self.path_of_step[k] + pull * white[k];
        }
        let length = norm(&self.path_of_step);
        let lived = 2.0 * f64::from(self.generation + 1);
        let unbiased = (1.0 - libm::pow(1.0 - s.c_step, lived)).sqrt();
        let is_short = length / unbiased < (1.4 + 2.0 / (n as f64 + 1.0)) * s.length;
        // Equation 45.
        let pull = match is_short {
            true => (s.c_path * (2.0 - s.c_path) * s.mu_eff).sqrt(),
            false => 0.0,
        };
        for k in 0..n {
            let path = &mut self.path_of_covariance[k];
            *path = (1.0 - s.c_path) * *path + pull * moved[k];
        }
        // Equations 46 and 47.
        let lost = if is_short {
            0.0
        } else {
            s.c_path * (2.0 - s.c_path)
        };
        let sum: f64 = s.weights.iter().sum();
        let keep = 1.0 + s.c_one * lost - s.c_one - s.c_mu * sum;
        let weights: Vec<f64> = s
            .weights
            .iter()
            .zip(ranked)
            .map(|(&weight, y)| {
                if weight >= 0.0 {
                    return weight;
                }
                let white = self.whitened(y);
                let squared: f64 = white.iter().map(|x| x * x).sum();
                weight * n as f64 / squared.max(f64::MIN_POSITIVE)
            })
            .collect();
        for row in 0..n {
            for column in 0..=row {
                let path = self.path_of_covariance[row] * self.path_of_covariance[column];
                let mut c = keep * self.covariance[row * n + column] + s.c_one * path;
                for k in 0..ranked.len() {
                    c += s.c_mu * weights[k] * ranked[k][row] * ranked[k][column];
                }
                self.covariance[row * n + column] = c;
                self.covariance[column * n + row] = c;
            }
        }
        let change = (s.c_step / s.d_step * (length / s.length - 1.0)).min(1.0);
        self.step *= libm::exp(change);
    }

    /// Computes the axes of the steps.
    fn find_axes(&mut self) {
        self.eigen = Eigen::of(&self.covariance, self.strategy.n);
        self.eigen_of = self.generation;
        let largest = self.eigen.values.last().copied().unwrap_or(1.0);
        // Rounding, and negative weights, may leave a little less than nothing.
        for value in &mut self.eigen.values {
            *value = value.max(largest / (10.0 * LARGEST_CONDITION));
        }
    }

    /// Whether the search has come to its end.
    fn judge(&self, losses: &[f64]) -> Option<Stop> {
        let s = &self.strategy;
        let (n, population) = (s.n as f64, self.n_candidates() as f64);
        let values = &self.eigen.values;
        if values[s.n - 1] > LARGEST_CONDITION * values[0] {
            return Some(Stop::Condition);
        }
        let widths = (0..s.n).map(|k| {
            let width = self.covariance[k * s.n + k].sqrt();
            self.step * width.max(self.path_of_covariance[k].abs())
        });
        let width = widths.fold(0.0, f64::max);
        let longest = self.step * values[s.n - 1].sqrt();
        if width < LEAST_STEP * self.first_step || longest > LARGEST_STEP * self.first_step {
            return Some(Stop::Steps);
        }
        // Section B.3: as many generations as are looked back on.
        let n_back = 10 + (30.0 * n / population).ceil() as usize;
        let range = |values: &[f64]| {
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            most - values.iter().copied().fold(f64::INFINITY, f64::min)
        };
        if self.least.len() >= n_back {
            let back = &self.least[self.least.len() - n_back..];
            // What never has a loss is alike, too.
            let alike = |range: f64| range.is_nan() || range < LEAST_DIFFERENCE;
            if alike(range(back)) && alike(range(losses)) {
                return Some(Stop::Alike);
            }
        }
        if self.is_stagnant() {
            return Some(Stop::Stagnation);
        }
        let most = 100.0 + 150.0 * (n + 3.0) * (n + 3.0) / population.sqrt();
        (f64::from(self.generation) > most).then_some(Stop::Generations)
    }

    /// Whether neither the least nor the median loss is less than long ago: over the last fifth of the run, and of 120 generations at
    /// least.
    fn is_stagnant(&self) -> bool {
        let (n, population) = (self.strategy.n as f64, self.n_candidates() as f64);
        let fewest = 120 + (30.0 * n / population) as usize;
        let length = fewest.max(self.least.len() / 5).min(20_000);
        if self.least.len() < length + fewest {
            return false;
        }
        let not_less = |all: &[f64]| {
            let window = &all[all.len() - length..];
            let part = (3 * length).div_ceil(10);
            median(&window[length - part..]) >= median(&window[..part])
        };
        not_less(&self.least) && not_less(&self.median)
    }
}

impl Search for Cma {
    fn ask(&self) -> Vec<Vec<f64>> {
        let point = |y: Vec<f64>| {
            let at = self.mean.iter().zip(&y);
            at.map(|(mean, y)| inside(mean + self.step * y)).collect()
        };
        self.displacements().into_iter().map(point).collect()
    }

    /// Takes the first of each candidate's losses.
    fn tell(&mut self, losses: &[Vec<f64>]) {
        let displacements = self.displacements();
        assert_eq!(losses.len(), displacements.len());
        let first: Vec<f64> = losses.iter().map(|losses| losses[0]).collect();
        let mut order: Vec<usize> = (0..first.len()).collect();
        // Equals in the order of their numbers.
        order.sort_by(|&a, &b| by_loss(first[a], first[b]));
        let sorted: Vec<f64> = order.iter().map(|&k| first[k]).collect();
        if sorted[0].is_finite() {
            let ranked: Vec<&Vec<f64>> = order.iter().map(|&k| &displacements[k]).collect();
            self.adapt(&ranked);
        }
        self.injected = None;
        self.generation += 1;
        if self.generation >= self.eigen_of + self.strategy.gap() {
            self.find_axes();
        }
        self.least.push(sorted[0]);
        self.median.push(sorted[sorted.len() / 2]);
        self.stop = self.judge(&sorted);
    }
}

/// `matrix x`, `[n, n]` by `[n]`.
fn times(matrix: &[f64], x: &[f64]) -> Vec<f64> {
    let n = x.len();
    let mut product = vec![0.0; n];
    for row in 0..n {
        for column in 0..n {
            product[row] += matrix[row * n + column] * x[column];
        }
    }
    product
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| by_loss(*a, *b));
    sorted[sorted.len() / 2]
}
