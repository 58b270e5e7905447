//! Searches for characteristic roots: by Arnoldi's method on the generator, beside the places where a
//! count saw that roots are missing, and along the line of the count.

use num_complex::Complex64;

use super::certificate::Certificate;
use super::characteristic::Characteristic;
use super::coincide::coincide;
use super::generator::{Generator, Seed};
use super::root::{Root, normalise};
use super::stability::{SAME, SPARE};
use crate::Control;
use crate::continuation::linear::{add_scaled, inner, norm};

/// Vectors of an Arnoldi run.
const N_VECTORS: usize = 60;
/// Points of the collocated generator at frequency 0, and at most.
const N_POINTS: f64 = 16.0;
const N_POINTS_MAX: f64 = 120.0;
/// Arnoldi runs of one round at most.
const MAX_RUNS: usize = 60;
/// Sine of the angle below which vectors are parallel.
const PARALLEL: f64 = 1e-5;

impl Characteristic {
    /// Looks for roots that a count misses beside the places where the determinant varied fastest.
    pub(super) fn look_beside(&self, found: &mut Vec<Root>, count: &Certificate) {
        let most = count.missing as usize + SPARE;
        for &omega in count.suspects.iter().take(most) {
            let place = Complex64::new(count.right_of, omega);
            if let Some(x) = self.vector_near(place) {
                self.add(found, place, &x);
            }
        }
    }

    /// The `n_wanted` rightmost roots, as far as a few Arnoldi runs tell.
    pub(super) fn sow(&self, found: &mut Vec<Root>, n_wanted: usize) {
        if self.longest_delay() == 0.0 {
            return self.sow_spectrum(found, n_wanted);
        }
        let right = 1e-3 * self.root_bound(0.0);
        let highest = self.highest_frequency(0.0);
        let run = |re: f64, omega: f64| {
            self.generator_for(omega)
                .seeds(Complex64::new(re, omega), N_VECTORS)
        };
        let mut seeds: Vec<Seed> = Vec::new();
        // From the right Arnoldi's method sees where roots crowd; from among them it finds them.
        if let Some(about) = run(right, 0.0) {
            let mut crowd: Vec<f64> = about
                .ritz
                .iter()
                .map(|z| z.re)
                .filter(|re| *re < 0.0)
                .collect();
            crowd.sort_by(|a, b| b.total_cmp(a));
            seeds.extend(about.seeds);
            if let Some(&re) = crowd.get(n_wanted.min(crowd.len().saturating_sub(1))) {
                seeds.extend(run(re, 0.0).map_or(Vec::new(), |about| about.seeds));
            }
        }
        seeds.extend(run(right, 0.5 * highest).map_or(Vec::new(), |about| about.seeds));
        self.polish_rightmost(found, seeds, n_wanted);
    }

    /// Looks for the roots that a count misses: where the determinant varied fastest, then on the
    /// line from the real axis up, until there are enough or no root can be.
    pub(super) fn look_along(&self, found: &mut Vec<Root>, count: &Certificate, control: &Control) {
        let (line, missing) = (count.right_of, count.missing as usize);
        if self.longest_delay() == 0.0 {
            let n_wanted = found.len() + missing;
            return self.sow_spectrum(found, n_wanted);
        }
        let count_right = |found: &[Root]| {
            let right = found.iter().filter(|root| root.lambda.re > line);
            right.map(Root::count).sum::<usize>()
        };
        let goal = count_right(found) + missing;
        let highest = self.highest_frequency(line);
        // Roots of one loop of delays lie 2 pi / delay apart.
        let least_stride = 0.25 / self.longest_delay();
        let mut omega = count.suspects.first().copied().unwrap_or(0.0);
        for run in 0..MAX_RUNS {
            if control.is_stopped() {
                return;
            }
            let Some(reach) = self.look_about(found, Complex64::new(line, omega)) else {
                return;
            };
            omega = if run == 0 {
                0.0
            } else {
                omega + reach.max(least_stride)
            };
            if omega > highest || count_right(found) >= goal {
                return;
            }
        }
    }

    /// Keeps the roots that Arnoldi's method finds to the right of a shift, and tells how far about
    /// it they are complete.
    fn look_about(&self, found: &mut Vec<Root>, shift: Complex64) -> Option<f64> {
        let generator = self.generator_for(shift.im);
        let about = generator.seeds(shift, 2 * N_VECTORS)?;
        let left = shift.re - 0.1 * about.reach;
        let right = about.seeds.into_iter().filter(|seed| seed.lambda.re > left);
        self.polish_rightmost(found, right.collect(), usize::MAX);
        Some(about.reach)
    }

    /// A generator that resolves roots about the frequency `omega`.
    fn generator_for(&self, omega: f64) -> Generator<'_> {
        let turns = omega * self.longest_delay();
        Generator::new(self, (N_POINTS + turns).min(N_POINTS_MAX).ceil() as usize)
    }

    /// Without delays: from all eigenvectors at once.
    fn sow_spectrum(&self, found: &mut Vec<Root>, n_wanted: usize) {
        let full = self.full(Complex64::ZERO);
        let matrix = faer::Mat::from_fn(self.degree(), self.degree(), |i, j| -full[(i, j)].re);
        let Ok(eigen) = matrix.eigen() else { return };
        let seeds = (0..self.degree())
            .map(|k| Seed {
                lambda: eigen.S()[k],
                x: self.annihilated(eigen.U().col(k).iter().copied().collect()),
            })
            .collect();
        self.polish_rightmost(found, seeds, n_wanted);
    }

    /// Polishes the `n_wanted` rightmost seeds that are new.
    fn polish_rightmost(&self, found: &mut Vec<Root>, mut seeds: Vec<Seed>, n_wanted: usize) {
        seeds.retain(|seed| seed.lambda.is_finite());
        for seed in &mut seeds {
            if seed.lambda.im < 0.0 {
                seed.lambda = seed.lambda.conj();
                seed.x.iter_mut().for_each(|x| *x = x.conj());
            }
        }
        seeds.sort_by(|a, b| b.lambda.re.total_cmp(&a.lambda.re));
        let mut taken: Vec<Seed> = Vec::new();
        for seed in seeds {
            let near =
                |other: Complex64| (other - seed.lambda).norm() < 1e-5 * (1.0 + other.norm());
            let twin = taken
                .iter()
                .any(|t| near(t.lambda) && parallel(&t.x, &seed.x));
            if twin {
                continue;
            }
            if taken.len() == n_wanted {
                break;
            }
            taken.push(seed);
        }
        for seed in taken {
            self.add(found, seed.lambda, &seed.x);
        }
    }

    /// Polishes one approximate root and keeps it, if it is new.
    pub(super) fn add(&self, found: &mut Vec<Root>, lambda: Complex64, x: &[Complex64]) {
        if let Some(root) = self.polish(lambda, x) {
            keep(found, root);
        }
    }

    /// At every root found: the other vectors that M annihilates there.
    pub(super) fn add_multiples(&self, found: &mut Vec<Root>) {
        let mut values: Vec<Complex64> = found.iter().map(|root| root.lambda).collect();
        values.dedup_by(|a, b| (*a - *b).norm() < SAME);
        for lambda in values {
            let matrix = self.matrix(lambda);
            let Ok(svd) = matrix.svd() else { continue };
            let n = self.order();
            let largest = svd.S()[0].re;
            for k in (0..n)
                .rev()
                .take_while(|&k| svd.S()[k].re < 1e-10 * largest)
            {
                let x: Vec<Complex64> = (0..n).map(|i| svd.V()[(i, k)]).collect();
                self.add(found, lambda, &x);
            }
        }
    }

    /// A frequency above which no root is expected to the right of the line: there `den - num w`
    /// has dominant rows. For nodes that receive from no other, and with self feedback, above which
    /// their own rows forbid it; so too where nothing is eliminated.
    fn highest_frequency(&self, line: f64) -> f64 {
        let bound = self.root_bound(line);
        if !self.is_reduced() {
            return bound;
        }
        let sums = self.inflows(line);
        let has_feedback = !self.layout().feedback.is_empty();
        let dominant = |omega: f64| {
            (0..self.n_nodes()).all(|node| {
                let [den, _, num, _] = self.fraction(node, Complex64::new(line, omega));
                let alone = sums[node] == 0.0 || has_feedback;
                let is_free = || omega > self.own_bound(node, line);
                num.norm() * sums[node] < den.norm() && (!alone || is_free())
            })
        };
        let mut omega = bound;
        while omega > 1e-3 * bound && dominant(0.9 * omega) {
            omega *= 0.9;
        }
        omega
    }
}

/// Keeps `root` unless it is among `found`, or a combination of those with the same value.
fn keep(found: &mut Vec<Root>, root: Root) {
    let mut rest = root.x.clone();
    let mut basis: Vec<Vec<Complex64>> = Vec::new();
    for other in found.iter() {
        if coincide(other.lambda, root.lambda) {
            let mut own = other.x.clone();
            basis.iter().for_each(|vector| remove(&mut own, vector));
            if normalise(&mut own).is_some() {
                basis.push(own);
            }
        }
    }
    basis.iter().for_each(|vector| remove(&mut rest, vector));
    if norm(&rest) > PARALLEL {
        found.push(root);
    }
}

fn remove(x: &mut [Complex64], unit: &[Complex64]) {
    let part = inner(unit, x);
    add_scaled(x, -part, unit);
}

fn parallel(a: &[Complex64], b: &[Complex64]) -> bool {
    inner(a, b).norm() > (1.0 - 1e-4) * norm(a) * norm(b)
}
