//! Points that fill a unit cube.
//!
//! Sobol: S. Joe & F. Y. Kuo (2008), SIAM J. Sci. Comput. 30, 2635, doi 10.1137/070709359, with the first of their direction numbers
//! `new-joe-kuo-6`; points in the order of the Gray code, the origin first. Latin hypercube: McKay, Beckman & Conover (1979),
//! Technometrics 21, 239, doi 10.2307/1268522. What is random comes from [`crate::noise`], keyed by the study's seed.

use rand::distr::{Distribution, StandardUniform, Uniform};

use super::description::{Method, Sample};
use crate::error::{Error, Result};
use crate::noise::{Philox, stream};

/// Degree, coefficients and first direction numbers of the primitive polynomials of dimensions 2, 3, ..
const SOBOL: [(u32, u32, &[u32]); 20] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
    (6, 19, &[1, 1, 1, 15, 7, 5]),
    (6, 22, &[1, 3, 1, 15, 13, 25]),
    (6, 25, &[1, 1, 5, 5, 19, 61]),
    (7, 1, &[1, 3, 7, 11, 23, 15, 103]),
    (7, 4, &[1, 3, 7, 13, 13, 15, 69]),
];

/// Dimensions that a Sobol sequence has here, at most.
pub const SOBOL_DIMENSIONS: usize = SOBOL.len() + 1;

/// Coordinate of point `k` of the Sobol sequence along dimension `axis`, as a fraction of 2^32.
///
/// # Panics
/// From dimension [`SOBOL_DIMENSIONS`] on.
pub fn sobol_point(axis: usize, k: u32) -> u32 {
    sobol_bits(&direction_numbers(axis).expect("a known dimension"), k)
}

/// Coordinates along dimension `axis` of every point, `[n]`, each from 0 up to 1.
///
/// # Errors
/// [`StudyError::Conflict`](crate::error::StudyError::Conflict) if a Sobol sequence of so many dimensions is not known here.
pub(super) fn coordinates(sample: Sample, axis: usize, seed: u64) -> Result<Vec<f64>> {
    let n = sample.n;
    let mut rng = Philox::new(seed, axis as u32, stream::SWEEP);
    Ok(match sample.method {
        Method::Sobol => {
            let numbers = direction_numbers(axis).ok_or_else(|| {
                let problem = format!(
                    "{sample} has more than {SOBOL_DIMENSIONS} dimensions, the most there are"
                );
                Error::conflict(problem, format!("say lhs:{n} or random:{n}"))
            })?;
            (0..n).map(|k| sobol(&numbers, k)).collect()
        }
        Method::Random => (0..n).map(|_| StandardUniform.sample(&mut rng)).collect(),
        Method::Lhs => {
            let mut parts: Vec<u32> = (0..n).collect();
            for k in (1..n).rev() {
                let other = Uniform::new_inclusive(0, k)
                    .expect("a range")
                    .sample(&mut rng);
                parts.swap(k as usize, other as usize);
            }
            let inside = |part: u32| -> f64 {
                let within: f64 = StandardUniform.sample(&mut rng);
                (f64::from(part) + within) / f64::from(n)
            };
            parts.into_iter().map(inside).collect()
        }
    })
}

/// The direction numbers of a dimension (from 0), as fractions of 2^32; `None` past the table.
fn direction_numbers(dimension: usize) -> Option<[u32; 32]> {
    let mut v = [0; 32];
    if dimension == 0 {
        for (k, v) in v.iter_mut().enumerate() {
            *v = 1 << (31 - k);
        }
        return Some(v);
    }
    let (degree, coefficients, first) = *SOBOL.get(dimension - 1)?;
    let s = degree as usize;
    for (k, m) in first.iter().enumerate() {
        v[k] = m << (31 - k);
    }
    for k in s..32 {
        v[k] = v[k - s] ^ (v[k - s] >> degree);
        for j in 1..s {
            if coefficients >> (s - 1 - j) & 1 == 1 {
                v[k] ^= v[k - j];
            }
        }
    }
    Some(v)
}

/// Coordinate of point `k`.
fn sobol(numbers: &[u32; 32], k: u32) -> f64 {
    f64::from(sobol_bits(numbers, k)) * 2f64.powi(-32)
}

fn sobol_bits(numbers: &[u32; 32], k: u32) -> u32 {
    let gray = k ^ (k >> 1);
    let bits = numbers
        .iter()
        .enumerate()
        .filter(|(b, _)| gray >> b & 1 == 1);
    bits.fold(0, |x, (_, v)| x ^ v)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(text: &str, n_axes: usize) -> Vec<Vec<f64>> {
        let sample = Sample::parse(text).unwrap();
        let axis = |axis| coordinates(sample, axis, 7).unwrap();
        (0..n_axes).map(axis).collect()
    }

    /// The first points of Joe & Kuo's sequence in three dimensions, and points 8 and 1000 in 21, as SciPy 1.17
    /// (`scipy.stats.qmc.Sobol(d, scramble=False, bits=32)`), which has the same direction numbers, gives them.
    #[test]
    fn sobol_points_are_the_published_ones() {
        let axes = points("sobol:1001", 21);
        let expected = [
            [0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25],
            [0.25, 0.75, 0.75],
            [0.375, 0.375, 0.625],
            [0.875, 0.875, 0.125],
            [0.625, 0.125, 0.875],
            [0.125, 0.625, 0.375],
        ];
        for (k, point) in expected.iter().enumerate() {
            assert_eq!([axes[0][k], axes[1][k], axes[2][k]], *point);
        }
        let sixteenths = [
            3, 5, 15, 7, 9, 5, 7, 15, 15, 5, 11, 1, 15, 15, 13, 15, 13, 13, 15, 5, 3,
        ];
        let later = [
            225, 99, 531, 693, 287, 929, 47, 921, 513, 71, 87, 261, 165, 393, 147, 379, 737, 353,
            1015, 743, 535,
        ];
        for axis in 0..21 {
            assert_eq!(
                axes[axis][8] * 16.0,
                f64::from(sixteenths[axis]),
                "axis {axis}"
            );
            assert_eq!(
                axes[axis][1000] * 1024.0,
                f64::from(later[axis]),
                "axis {axis}"
            );
        }
        let too_many = coordinates(Sample::parse("sobol:4").unwrap(), 21, 0);
        assert!(too_many.unwrap_err().report().contains("lhs:4"));
    }

    /// Every part of every axis has one point, and axes are shuffled independently.
    #[test]
    fn a_latin_hypercube_has_one_point_in_each_part() {
        let axes = points("lhs:100", 2);
        for axis in &axes {
            let mut parts: Vec<usize> = axis.iter().map(|x| (x * 100.0) as usize).collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..100).collect::<Vec<_>>());
        }
        assert_ne!(axes[0], axes[1]);
    }

    #[test]
    fn random_points_depend_on_the_seed_and_the_axis_only() {
        let sample = Sample::parse("random:1000").unwrap();
        let of = |axis, seed| coordinates(sample, axis, seed).unwrap();
        assert_eq!(of(1, 5), of(1, 5));
        assert_ne!(of(1, 5), of(0, 5));
        assert_ne!(of(1, 5), of(1, 6));
        let mean = of(0, 0).iter().sum::<f64>() / 1000.0;
        // Five standard errors of a uniform number's mean.
        assert!(
            (mean - 0.5).abs() < 5.0 * (1.0 / 12_000f64).sqrt(),
            "{mean}"
        );
    }
}
