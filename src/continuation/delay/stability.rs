//! The rightmost characteristic roots of an equilibrium, complete by certificate.

use num_complex::Complex64;

use super::certificate::Certificate;
use super::characteristic::{At, Characteristic};
use super::root::Root;
use crate::Control;
use crate::continuation::equilibrium::equilibria::on_axis;
use crate::error::{ContinuationError, Error, Result};

/// The rightmost characteristic roots of an equilibrium.
#[derive(Debug, Clone)]
pub struct RightmostRoots {
    /// Rightmost first, each complex pair once, by its upper half; complete to the right of
    /// `certificate.right_of`.
    pub roots: Vec<Root>,
    /// Roots to the left of that line that were met: there may be more. Known at the next equilibrium, they
    /// spare a search and make the count short.
    pub beyond: Vec<Root>,
    /// Roots with a positive real part; both of a complex pair count.
    pub n_unstable: usize,
    /// What makes sure that none was missed.
    pub certificate: Certificate,
}

impl RightmostRoots {
    /// The roots `found`, complete by `certificate`.
    fn new(mut found: Vec<Root>, certificate: Certificate) -> Self {
        found.sort_by(|a, b| b.lambda.re.total_cmp(&a.lambda.re));
        let n_right = found.partition_point(|root| root.lambda.re > certificate.right_of);
        let beyond = found.split_off(n_right);
        let unstable = found.iter().filter(|root| root.lambda.re > 0.0);
        Self {
            n_unstable: unstable.map(Root::count).sum(),
            roots: found,
            beyond: beyond.into_iter().take(SPARE).collect(),
            certificate,
        }
    }
}

/// Rounds of looking for what the count says is missing.
const MAX_ROUNDS: usize = 12;
/// Lines nearer the axis that are tried where too many roots lie to the right of one.
const MAX_RETREATS: usize = 10;
/// Two roots closer than this, relatively, with parallel vectors are the same.
pub(super) const SAME: f64 = 1e-8;
/// Candidates beyond those asked for, so that the line can pass through a wide gap.
pub(super) const SPARE: usize = 8;

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
        self.rightmost_unless(known, n_roots, &Control::default())
    }

    /// The same, unless `control` ends the search before.
    pub(crate) fn rightmost_unless(
        &self,
        known: &[(Complex64, Vec<Complex64>)],
        n_roots: usize,
        control: &Control,
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
            if control.is_stopped() {
                return Err(Error::Interrupted);
            }
            found.sort_by(|a: &Root, b: &Root| b.lambda.re.total_cmp(&a.lambda.re));
            let line = line_behind(&found, n_roots);
            let certificate = self.count(&found, line, n_roots, control);
            last = certificate.clone().or(last);
            match certificate {
                Some(certificate) if certificate.missing == 0 => {
                    return Ok(RightmostRoots::new(found, certificate));
                }
                Some(certificate) if certificate.missing > 0 => {
                    let before = found.len();
                    self.look_along(&mut found, &certificate, control);
                    if found.len() == before {
                        self.add_multiples(&mut found);
                    }
                    if found.len() == before {
                        self.look_beside(&mut found, &certificate);
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

    /// Counts the roots to the right of `line` that are not found. Where many more than `n_roots` lie
    /// there, as roots crowd along the imaginary axis where coupling is strong, to the right of a line
    /// nearer the axis that leaves about as many as are wanted.
    fn count(
        &self,
        found: &[Root],
        line: f64,
        n_roots: usize,
        control: &Control,
    ) -> Option<Certificate> {
        let counted: Vec<_> = found.iter().map(|root| (root.lambda, 1)).collect();
        let mut certificate = self.certify(&counted, line)?;
        // Most roots are pairs.
        let (wanted, most) = (2 * n_roots as i64, 4 * n_roots as i64);
        if certificate.missing <= most {
            return Some(certificate);
        }
        // Between a line with too many to the right and one with too few.
        let (mut left, mut right) = (line, 0.0);
        for _ in 0..MAX_RETREATS {
            let line = certificate.right_of;
            let known = found.iter().filter(|root| root.lambda.re > line);
            let n = known.map(Root::count).sum::<usize>() as i64 + certificate.missing;
            if control.is_stopped() || (wanted..=most).contains(&n) {
                break;
            }
            if n > most {
                left = line;
            } else {
                right = line;
            }
            let Some(nearer) = self.certify(&counted, 0.5 * (left + right)) else {
                break;
            };
            certificate = nearer;
        }
        Some(certificate)
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
                return Some(RightmostRoots::new(std::mem::take(found), certificate));
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
