//! Coefficients as real unknowns: the means, then real and imaginary parts harmonic by harmonic,
//! then frequency and parameter.

use num_complex::Complex64;

use super::PeriodicOrbit;
use crate::continuation::linear::{dot, norm};

/// The derivative of a shift in time: the phase condition, packed, of unit length.
pub(super) fn phase_row(orbit: &PeriodicOrbit) -> Vec<f64> {
    let shifted: Vec<Complex64> = orbit
        .coefficients
        .iter()
        .enumerate()
        .map(|(at, c)| c * Complex64::new(0.0, (at / orbit.dim) as f64))
        .collect();
    let mut row = pack_coefficients(&shifted, orbit.dim);
    let length = norm(&row);
    row.iter_mut().for_each(|r| *r /= length);
    row.extend([0.0, 0.0]);
    row
}

/// The number of packed unknowns: real means, real and imaginary parts of the harmonics, frequency,
/// parameter.
pub(super) fn packed_len(dim: usize, n_harmonics: usize) -> usize {
    dim * (2 * n_harmonics + 1) + 2
}

pub(super) fn pack_coefficients(coefficients: &[Complex64], dim: usize) -> Vec<f64> {
    let (mean, harmonics) = coefficients.split_at(dim);
    let mean = mean.iter().map(|c| c.re);
    mean.chain(harmonics.iter().flat_map(|c| [c.re, c.im]))
        .collect()
}

/// The coefficients of a packed vector without its two last entries.
pub(super) fn unpack_coefficients(packed: &[f64], dim: usize) -> Vec<Complex64> {
    let (mean, harmonics) = packed.split_at(dim);
    let mean = mean.iter().map(|&re| Complex64::from(re));
    let harmonics = harmonics
        .chunks_exact(2)
        .map(|c| Complex64::new(c[0], c[1]));
    mean.chain(harmonics).collect()
}

pub(super) fn pack(orbit: &PeriodicOrbit) -> Vec<f64> {
    let mut packed = pack_coefficients(&orbit.coefficients, orbit.dim);
    packed.extend([orbit.omega, orbit.p]);
    packed
}

/// What an orbit is without its mean, packed.
pub(super) fn swing(orbit: &PeriodicOrbit) -> Vec<f64> {
    let mut packed = pack_coefficients(&orbit.coefficients, orbit.dim);
    packed.drain(..orbit.dim);
    packed
}

pub(super) fn unpack(packed: &[f64], orbit: &mut PeriodicOrbit) {
    let n = packed.len();
    orbit.coefficients = unpack_coefficients(&packed[..n - 2], orbit.dim);
    (orbit.omega, orbit.p) = (packed[n - 2], packed[n - 1]);
}

/// A vector's own row in the inner product that measures steps: mean square over nodes, and the
/// parameter; not the frequency.
pub(super) fn weighted(tangent: &[f64]) -> Vec<f64> {
    let n = tangent.len();
    let scale = 1.0 / n as f64;
    let mut row: Vec<f64> = tangent.iter().map(|t| t * scale).collect();
    (row[n - 2], row[n - 1]) = (0.0, tangent[n - 1]);
    row
}

/// The tangent with the sign that goes on along `before`.
pub(super) fn oriented(tangent: Vec<f64>, before: &[f64]) -> Vec<f64> {
    let sign = dot(&[], &weighted(before), &tangent).signum();
    tangent.into_iter().map(|t| t * sign).collect()
}

/// The tangent with the sign that lets the first harmonics grow.
pub(super) fn outward(orbit: &PeriodicOrbit, tangent: Vec<f64>) -> Vec<f64> {
    let first = orbit.dim..3 * orbit.dim;
    let growth = dot(&[], &pack(orbit)[first.clone()], &tangent[first]);
    tangent.into_iter().map(|t| t * growth.signum()).collect()
}

pub(super) fn resized(orbit: &PeriodicOrbit, n_harmonics: usize) -> PeriodicOrbit {
    let mut orbit = orbit.clone();
    orbit
        .coefficients
        .resize((n_harmonics + 1) * orbit.dim, Complex64::ZERO);
    orbit
}

pub(super) fn resized_packed(packed: &[f64], dim: usize, old: usize, new: usize) -> Vec<f64> {
    let end = packed_len(dim, old) - 2;
    let mut resized = packed[..end].to_vec();
    resized.resize(packed_len(dim, new) - 2, 0.0);
    resized.extend(&packed[end..]);
    resized
}

pub(super) fn longer(n_harmonics: usize, max: usize) -> usize {
    (n_harmonics + n_harmonics / 2).min(max)
}

pub(super) fn tail(orbit: &PeriodicOrbit) -> f64 {
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
