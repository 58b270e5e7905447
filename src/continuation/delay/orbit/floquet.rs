//! Floquet multipliers of a periodic orbit with delays: the eigenvalues of the monodromy operator.
//!
//! Of small networks all of the collocated operator are computed. Of large ones the matrix is never
//! formed: Arnoldi's method finds the largest multipliers.

use faer::Mat;
use num_complex::Complex64;

use super::PeriodicOrbit;
use super::monodromy::{DEGREE, Monodromy};
use crate::continuation::linear::{Arnoldi, add_scaled, eigenvalues, inner, norm};
use crate::continuation::network::Network;

/// The multipliers of an orbit.
#[derive(Debug, Clone, PartialEq)]
pub struct Multipliers {
    /// Largest modulus first, without the trivial one: of a small network those above
    /// [`NEGLIGIBLE`], of a large one those above [`LEAST`].
    pub values: Vec<Complex64>,
    /// By how much the trivial multiplier misses 1: how far the others may be trusted.
    pub trivial_error: f64,
}

impl Multipliers {
    /// How many lie outside the unit circle.
    pub fn n_unstable(&self) -> usize {
        self.values.iter().filter(|m| m.norm() > 1.0).count()
    }
}

/// What is smaller is rounding.
pub const NEGLIGIBLE: f64 = 1e-10;
/// Of large networks, multipliers with a smaller modulus are not looked for.
pub const LEAST: f64 = 0.5;
/// Points for every harmonic of the orbit, at first.
const PER_HARMONIC: usize = 4;
/// Intervals are halved until the trivial multiplier is as near to 1 as this, or there are this
/// many.
const TRIVIAL: f64 = 1e-8;
const MOST_INTERVALS: usize = 64;
/// A multiplier as near to 1 as this is beside the trivial one.
const BESIDE: f64 = 0.1;
/// Up to this many unknowns all multipliers are computed.
const SMALL: usize = 1200;
/// Vectors of an Arnoldi run, and runs at most.
const N_VECTORS: usize = 80;
const MAX_RUNS: usize = 6;
/// A Ritz value is a multiplier if its residual is below this.
const RITZ: f64 = 1e-8;

impl PeriodicOrbit {
    /// The Floquet multipliers of this orbit of `network`; `None` if Arnoldi's method
    /// finds no end.
    pub fn multipliers(&self, network: &Network) -> Option<Multipliers> {
        let wanted = (PER_HARMONIC * self.n_harmonics()).div_ceil(DEGREE);
        let mut n_intervals = wanted.max(4);
        loop {
            let mut values = Monodromy::new(network, self, n_intervals).leading()?;
            let trivial_error = remove_trivial(&mut values);
            if trivial_error <= TRIVIAL || 2 * n_intervals > MOST_INTERVALS {
                values.retain(|m| m.norm() > NEGLIGIBLE);
                return Some(Multipliers {
                    values,
                    trivial_error,
                });
            }
            n_intervals *= 2;
        }
    }
}

impl Monodromy {
    /// The multipliers, largest first.
    fn leading(&self) -> Option<Vec<Complex64>> {
        let size = self.size();
        let mut values = if size <= SMALL {
            let mut matrix = Mat::zeros(size, size);
            let mut unit = vec![0.0; size];
            for column in 0..size {
                unit[column] = 1.0;
                for (row, value) in self.apply(&unit).into_iter().enumerate() {
                    matrix[(row, column)] = value;
                }
                unit[column] = 0.0;
            }
            eigenvalues(matrix.as_ref())
        } else {
            self.arnoldi()?
        };
        sort(&mut values);
        values.iter().all(|m| m.is_finite()).then_some(values)
    }

    /// The multipliers above [`LEAST`]. What one run has found is taken out before the next one, so
    /// that a multiplier is found as often as it counts.
    fn arnoldi(&self) -> Option<Vec<Complex64>> {
        let size = self.size();
        let mut found: Vec<Complex64> = Vec::new();
        let mut known: Vec<Vec<Complex64>> = Vec::new();
        for run in 0..MAX_RUNS {
            let entry = |k: usize| Complex64::cis(((k + 1) * (k + 3 + run)) as f64);
            let mut first: Vec<Complex64> = (0..size).map(entry).collect();
            remove(&mut first, &known);
            let about = Arnoldi::new(first, N_VECTORS, |x| {
                let mut next = self.apply_complex(x);
                remove(&mut next, &known);
                next
            })?;
            let large = about.ritz.iter().take_while(|r| r.value.norm() >= LEAST);
            let mut more = false;
            for ritz in large {
                if ritz.residual > RITZ {
                    return None;
                }
                let mut vector = about.vector(ritz, 0..size);
                remove(&mut vector, &known);
                let length = norm(&vector);
                if length > 1e-6 {
                    vector.iter_mut().for_each(|z| *z /= length);
                    known.push(vector);
                    found.push(ritz.value);
                    more = true;
                }
            }
            if !more {
                return Some(found);
            }
        }
        None
    }

    fn apply_complex(&self, x: &[Complex64]) -> Vec<Complex64> {
        let re = self.apply(&x.iter().map(|z| z.re).collect::<Vec<_>>());
        let im = self.apply(&x.iter().map(|z| z.im).collect::<Vec<_>>());
        let pairs = re.into_iter().zip(im);
        pairs.map(|(re, im)| Complex64::new(re, im)).collect()
    }
}

/// Largest modulus first.
fn sort(values: &mut [Complex64]) {
    values.sort_by(|a, b| b.norm().total_cmp(&a.norm()).then(b.im.total_cmp(&a.im)));
}

/// Takes the trivial multiplier out, and tells by how much it misses 1.
///
/// Beside a fold of orbits another one is nearly 1, and an error e of the operator moves both by as
/// much as the square root of e, or makes a complex pair of them. Their sum and product hardly feel it:
/// the other multiplier is the sum less 1, and e is the product of their distances from 1.
fn remove_trivial(values: &mut Vec<Complex64>) -> f64 {
    let off = |m: &Complex64| (m - 1.0).norm();
    let nearest = |values: &[Complex64]| {
        (0..values.len()).min_by(|&a, &b| off(&values[a]).total_cmp(&off(&values[b])))
    };
    let Some(at) = nearest(values) else {
        return f64::INFINITY;
    };
    let trivial = values.remove(at);
    let Some(beside) = nearest(values) else {
        return off(&trivial);
    };
    let sum = trivial + values[beside];
    if off(&values[beside]) > BESIDE || sum.im.abs() > 1e-12 {
        return off(&trivial);
    }
    let error = off(&trivial) * off(&values[beside]) / BESIDE;
    values[beside] = Complex64::from(sum.re - 1.0);
    sort(values);
    error
}

/// Takes the parts along orthonormal vectors out of `x`, twice for the last digits.
fn remove(x: &mut [Complex64], vectors: &[Vec<Complex64>]) {
    for _ in 0..2 {
        for vector in vectors {
            let part = inner(vector, x);
            add_scaled(x, -part, vector);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ndarray::Array2;

    use super::*;
    use crate::connectome::{Connectome, Delays};
    use crate::continuation::delay::branch::{NetworkBranch, NetworkBranchSettings};
    use crate::continuation::delay::orbit::{OrbitBranch, OrbitSettings};
    use crate::study::{Study, Values};
    use crate::{coupling, model};

    /// Multipliers of both methods agree to this.
    const AGREED: f64 = 1e-9;

    /// An operator in which 1 and 1 - 1e-7 are moved to a complex pair, as beside a fold, and the same
    /// with a pair of its own beside the trivial one.
    #[test]
    fn a_multiplier_beside_the_trivial_one_comes_from_their_sum() {
        let pair = Complex64::new(1.0 - 5e-8, 3e-5);
        let mut values = vec![pair, pair.conj(), Complex64::from(-0.3)];
        let error = remove_trivial(&mut values);
        assert!((values[0] - (1.0 - 1e-7)).norm() < 1e-15, "{values:?}");
        assert_eq!((values.len(), values[1]), (2, Complex64::from(-0.3)));
        assert!((error - 9e-9).abs() < 1e-10, "{error}");
        let mut values = vec![Complex64::from(1.0 + 1e-9), pair, pair.conj()];
        assert!((remove_trivial(&mut values) - 1e-9).abs() < 1e-15);
        assert_eq!(values, [pair, pair.conj()]);
    }

    /// Three equal oscillators, each coupled to both others: besides the trivial multiplier there are
    /// single ones of all nodes alike, and double ones of nodes against each other.
    #[test]
    fn arnoldi_finds_the_large_multipliers_of_the_dense_operator() {
        let weights = Array2::from_shape_fn((3, 3), |(i, j)| f64::from(i != j));
        let delays = Delays::Milliseconds(weights.mapv(|w| 20.0 * w));
        let connectome = Connectome::new(None, weights, delays, None).unwrap();
        let oscillators = model::find("stuart-landau").unwrap();
        let mut study = Study::new(oscillators, Arc::new(connectome));
        study.couple(coupling::find("additive").unwrap());
        study.coupling.terms[0].parameters[0] = Values::Uniform(0.02);
        let network = Network::new(&study, "parameters.a").unwrap();
        let settings = NetworkBranchSettings::new((-0.5, 0.2));
        let branch = NetworkBranch::new(&network, &[0.0; 6], settings).unwrap();
        let mut events = branch.flat_map(|point| point.unwrap().events);
        let hopf = events.find(|e| e.multiplicity == 1).unwrap();
        let orbits = OrbitBranch::from_hopf(&network, &hopf, OrbitSettings::new((-0.5, 0.2)));
        let orbit = orbits.unwrap().nth(6).unwrap().unwrap();
        let monodromy = Monodromy::new(&network, &orbit, 12);
        let mut dense = monodromy.leading().unwrap();
        dense.retain(|m| m.norm() >= LEAST);
        let mut iterated = monodromy.arnoldi().unwrap();
        assert_eq!(iterated.len(), dense.len(), "{iterated:?}, not {dense:?}");
        let mut doubles = 0;
        for (k, multiplier) in dense.iter().enumerate() {
            let off = |other: &Complex64| (other - multiplier).norm();
            let nearest = (0..iterated.len())
                .min_by(|&a, &b| off(&iterated[a]).total_cmp(&off(&iterated[b])))
                .unwrap();
            let found = iterated.remove(nearest);
            assert!(off(&found) < AGREED, "{found}, not {multiplier}");
            let twins = dense[..k].iter().filter(|other| off(other) < AGREED);
            doubles += twins.count();
        }
        assert!(doubles > 0, "{dense:?}");
    }
}
