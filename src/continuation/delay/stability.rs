//! The rightmost characteristic roots of an equilibrium, complete by certificate.

use num_complex::Complex64;

use super::certificate::Certificate;
use super::characteristic::{At, Characteristic};
use super::coincide::coincide;
use super::generator::{Generator, Seed};
use super::root::Root;
use crate::continuation::equilibrium::equilibria::on_axis;
use crate::continuation::linear::{add_scaled, inner, norm};
use crate::error::{ContinuationError, Result};

/// The rightmost characteristic roots of an equilibrium.
#[derive(Debug, Clone)]
pub struct RightmostRoots {
    /// Rightmost first, each complex pair once, by its upper half; complete to the right of
    /// `certificate.right_of`.
    pub roots: Vec<Root>,
    /// Roots with a positive real part; both of a complex pair count.
    pub n_unstable: usize,
    /// What makes sure that none was missed.
    pub certificate: Certificate,
}

/// Vectors of an Arnoldi run.
const N_VECTORS: usize = 60;
/// Points of the collocated generator at frequency 0, and at most.
const N_POINTS: f64 = 16.0;
const N_POINTS_MAX: f64 = 120.0;
/// Arnoldi runs of one round at most.
const MAX_RUNS: usize = 60;
/// Rounds of looking for what the count says is missing.
const MAX_ROUNDS: usize = 12;
/// Two roots closer than this, relatively, with parallel vectors are the same.
pub(super) const SAME: f64 = 1e-8;
/// Sine of the angle below which vectors are parallel.
const PARALLEL: f64 = 1e-5;
/// Candidates beyond those asked for, so that the line can pass through a wide gap.
const SPARE: usize = 8;

impl Characteristic {
    /// The `n_roots` rightmost roots or more, all unstable ones among them.
    ///
    /// # Errors
    /// [`ContinuationError::IncompleteSpectrum`] if the count of roots and those found could not be made to agree.
    pub fn rightmost(&self, n_roots: usize) -> Result<RightmostRoots> {
        self.rightmost_from(&[], n_roots)
    }

    /// The same, first trying to follow `known` roots (of a neighbouring equilibrium).
    ///
    /// # Errors
    /// As [`Characteristic::rightmost`].
    pub fn rightmost_from(
        &self,
        known: &[(Complex64, Vec<Complex64>)],
        n_roots: usize,
    ) -> Result<RightmostRoots> {
        let mut found = Vec::new();
        for (lambda, x) in known {
            self.add(&mut found, *lambda, x);
        }
        if found.len() < n_roots {
            self.sow(&mut found, n_roots + SPARE);
        }
        let mut last = None;
        for _ in 0..MAX_ROUNDS {
            found.sort_by(|a: &Root, b: &Root| b.lambda.re.total_cmp(&a.lambda.re));
            let line = line_behind(&found, n_roots);
            let counted: Vec<_> = found.iter().map(|root| (root.lambda, 1)).collect();
            let certificate = self.certify(&counted, line);
            last = certificate.or(last);
            match certificate {
                Some(certificate) if certificate.missing == 0 => {
                    found.retain(|root| root.lambda.re > line);
                    let unstable = found.iter().filter(|root| root.lambda.re > 0.0);
                    return Ok(RightmostRoots {
                        n_unstable: unstable.map(Root::count).sum(),
                        roots: found,
                        certificate,
                    });
                }
                Some(certificate) if certificate.missing > 0 => {
                    let before = found.len();
                    self.look_along(&mut found, &certificate);
                    if found.len() == before {
                        self.add_multiples(&mut found);
                    }
                    if found.len() == before {
                        break;
                    }
                }
                // The line runs too close to a root that is not known, or something was found
                // twice.
                _ => {
                    let before = found.len();
                    self.sow(&mut found, before + SPARE);
                    if found.len() == before {
                        break;
                    }
                }
            }
        }
        if let Some(unstable) = self.unstable_alone(&mut found) {
            return Ok(unstable);
        }
        Err(ContinuationError::IncompleteSpectrum {
            why: match last {
                Some(Certificate {
                    missing, right_of, ..
                }) => format!(
                    "{missing} more than the {} found lie to the right of {right_of:.6}",
                    found.len()
                ),
                None => "the count along the imaginary axis did not converge".into(),
            },
            n_found: found.len(),
            longest_delay_ms: self.longest_delay(),
        }
        .into())
    }

    /// The roots to the right of a line near the imaginary axis, where the count comes to an end
    /// although it does not farther left: there `e^(-lambda delay)` grows beyond all digits.
    fn unstable_alone(&self, found: &mut Vec<Root>) -> Option<RightmostRoots> {
        let stable = found
            .iter()
            .map(|root| root.lambda.re)
            .filter(|re| *re < -1e-9);
        let nearest = stable.fold(f64::NEG_INFINITY, f64::max);
        let slowest = -1.0 / self.longest_delay();
        for share in [1.0, 0.1, 0.0] {
            let line = share * (0.5 * nearest).max(slowest);
            let counted: Vec<_> = found.iter().map(|root| (root.lambda, 1)).collect();
            let Some(certificate) = self.certify(&counted, line) else {
                continue;
            };
            if certificate.missing == 0 {
                found.retain(|root| root.lambda.re > line);
                found.sort_by(|a, b| b.lambda.re.total_cmp(&a.lambda.re));
                let unstable = found.iter().filter(|root| root.lambda.re > 0.0);
                return Some(RightmostRoots {
                    n_unstable: unstable.map(Root::count).sum(),
                    roots: std::mem::take(found),
                    certificate,
                });
            }
        }
        None
    }

    /// Without delays: all eigenvalues, rightmost first, `[degree]`; those on the imaginary axis to
    /// rounding exactly on it.
    ///
    /// # Errors
    /// [`ContinuationError::NotFinite`] if the linearised network holds numbers that are not finite.
    pub fn spectrum(&self) -> Result<Vec<Complex64>> {
        let full = self.full(Complex64::ZERO);
        let matrix = faer::Mat::from_fn(self.degree(), self.degree(), |i, j| -full[(i, j)].re);
        let mut spectrum = matrix
            .eigenvalues()
            .map_err(|_| ContinuationError::NotFinite)?;
        on_axis(&mut spectrum, matrix.norm_max());
        spectrum.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
        Ok(spectrum)
    }

    /// The `n_wanted` rightmost roots, as far as a few Arnoldi runs tell.
    fn sow(&self, found: &mut Vec<Root>, n_wanted: usize) {
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
    fn look_along(&self, found: &mut Vec<Root>, count: &Certificate) {
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
        let mut omega = count.suspect;
        for run in 0..MAX_RUNS {
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
    fn add(&self, found: &mut Vec<Root>, lambda: Complex64, x: &[Complex64]) {
        if let Some(root) = self.polish(lambda, x) {
            keep(found, root);
        }
    }

    /// At every root found: the other vectors that M annihilates there.
    fn add_multiples(&self, found: &mut Vec<Root>) {
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

    /// How many vectors M annihilates at a root, and every node's share of the space that they span.
    ///
    /// A singular value is 0 that a root nearer than `small`, relative to 1 + |lambda|, explains.
    pub(super) fn null_space(&self, lambda: Complex64, small: f64) -> (usize, Vec<f64>) {
        let n = self.order();
        let mut shares = vec![0.0; self.n_nodes()];
        let At { matrix, derivative } = self.at(lambda);
        let Ok(svd) = matrix.svd() else {
            return (0, shares);
        };
        let scale = derivative.norm_max() * (1.0 + lambda.norm());
        let is_null = |k: &usize| svd.S()[*k].re <= small * scale;
        let null: Vec<usize> = (0..n).rev().take_while(is_null).collect();
        for &k in &null {
            for i in 0..n {
                shares[i * self.n_nodes() / n] += svd.V()[(i, k)].norm_sqr() / null.len() as f64;
            }
        }
        (null.len(), shares)
    }

    /// A frequency above which no root is expected to the right of the line: there `den - num w`
    /// has dominant rows. For nodes that receive from no other, and with self feedback, above which
    /// their own rows forbid it; so too where nothing is eliminated.
    fn highest_frequency(&self, line: f64) -> f64 {
        let bound = self.root_bound(line);
        if !self.is_reduced() {
            return bound;
        }
        let growth = |delay: f64| (-line * delay).max(0.0).exp();
        let layout = self.layout();
        let mut sums = vec![0.0; self.n_nodes()];
        if !layout.channels.is_empty() {
            for edge in &self.edges {
                sums[edge.target] += self.weight(edge, 0).abs() * growth(self.delays[edge.delay]);
            }
        }
        let own_bound = |node: usize| {
            let n = self.n_states();
            let size = |row: &[f64]| row.iter().map(|x| x.abs()).sum::<f64>();
            let rows = self.parts.local(node).chunks_exact(n).enumerate();
            let sizes = rows.map(|(row, local)| {
                let fed = layout.feedback.iter().enumerate().map(|(k, &line)| {
                    let sent = size(self.parts.sent(node, line));
                    let column = self.parts.feedback(node, k)[row].abs();
                    column * sent * growth(self.feedback_delay(node, k))
                });
                size(local) + fed.sum::<f64>()
            });
            sizes.fold(0.0, f64::max)
        };
        let dominant = |omega: f64| {
            (0..self.n_nodes()).all(|node| {
                let [den, _, num, _] = self.fraction(node, Complex64::new(line, omega));
                let alone = sums[node] == 0.0 || !layout.feedback.is_empty();
                num.norm() * sums[node] < den.norm() && (!alone || omega > own_bound(node))
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
            if super::root::normalise(&mut own).is_some() {
                basis.push(own);
            }
        }
    }
    basis.iter().for_each(|vector| remove(&mut rest, vector));
    if norm(&rest) > PARALLEL {
        found.push(root);
    }
}

/// A line to the left of the `n_roots` rightmost roots and of the imaginary axis, in the widest of
/// the next few gaps.
fn line_behind(found: &[Root], n_roots: usize) -> f64 {
    let unstable = found
        .iter()
        .take_while(|root| root.lambda.re >= -1e-9)
        .count();
    let first = n_roots.max(unstable).clamp(1, found.len().max(1));
    let gaps = (first..found.len().min(first + SPARE / 2))
        .map(|k| (found[k - 1].lambda.re, found[k].lambda.re));
    let widest = gaps.max_by(|a, b| (a.0 - a.1).total_cmp(&(b.0 - b.1)));
    match (widest, found.last()) {
        (Some((right, left)), _) if right - left > 1e-12 => 0.5 * (right + left).min(0.0),
        (_, Some(last)) => (last.lambda.re - 1e-6).min(0.0),
        (_, None) => 0.0,
    }
}

fn remove(x: &mut [Complex64], unit: &[Complex64]) {
    let part = inner(unit, x);
    add_scaled(x, -part, unit);
}

fn parallel(a: &[Complex64], b: &[Complex64]) -> bool {
    inner(a, b).norm() > (1.0 - 1e-4) * norm(a) * norm(b)
}
