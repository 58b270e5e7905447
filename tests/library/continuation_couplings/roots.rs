//! Characteristic matrices and roots, against matrices assembled from differences and another discretisation of the delays.

use std::f64::consts::PI;

use brainsweep::continuation::delay::change::Change;
use brainsweep::continuation::delay::characteristic::Characteristic;
use brainsweep::continuation::network::Network;
use brainsweep::study::Study;
use faer::Mat;
use ndarray::Array2;
use num_complex::Complex64;

use super::{Reference, networks, randoms, somewhere};

/// A network about a constant state, by differences of its closed form: who acts on whom, how late.
struct Delayed {
    dim: usize,
    now: Array2<f64>,
    /// Delay, and the derivative by what is that late.
    late: Vec<(f64, Array2<f64>)>,
}

impl Delayed {
    fn new(study: &Study, u: &[f64]) -> Self {
        let (n_nodes, n) = (study.connectome.n_nodes(), study.model.states.len());
        let dim = u.len();
        let state = |j: usize| u[j * n..(j + 1) * n].to_vec();
        let reference = Reference(study);
        // Central differences of fourth order with respect to some of the numbers.
        let by = |rates: &dyn Fn(f64) -> Vec<f64>| -> Vec<f64> {
            let h = 1e-3;
            let [a, b, c, d] = [2.0, 1.0, -1.0, -2.0].map(|k| rates(k * h));
            (0..dim)
                .map(|k| (8.0 * (b[k] - c[k]) - (a[k] - d[k])) / (12.0 * h))
                .collect()
        };
        let mut now = Array2::zeros((dim, dim));
        for column in 0..dim {
            let slopes = by(&|by| {
                let mut u = u.to_vec();
                u[column] += by;
                reference.rates(&u, &|_, j| state(j), &|i, _| state(i))
            });
            now.column_mut(column)
                .assign(&ndarray::Array1::from(slopes));
        }
        let mut late = Vec::new();
        let lengths = match &study.connectome.delays {
            brainsweep::connectome::Delays::TractLengths(lengths) => lengths,
            _ => panic!("lengths are known"),
        };
        let mut add = |delay: f64, source: usize, rates: &dyn Fn(usize, f64) -> Vec<f64>| {
            let mut matrix = Array2::zeros((dim, dim));
            for s in 0..n {
                let slopes = by(&|by| rates(s, by));
                let mut column = matrix.column_mut(source * n + s);
                column.assign(&ndarray::Array1::from(slopes));
            }
            if matrix.iter().any(|x| *x != 0.0) {
                late.push((delay, matrix));
            }
        };
        for i in 0..n_nodes {
            for j in (0..n_nodes).filter(|&j| j != i) {
                let delay = lengths[[i, j]] / study.coupling.conduction_speed;
                add(delay, j, &|s, by| {
                    let of = |target: usize, source: usize| {
                        let mut state = state(source);
                        if (target, source) == (i, j) {
                            state[s] += by;
                        }
                        state
                    };
                    reference.rates(u, &of, &|i, _| state(i))
                });
            }
            for (k, feedback) in study.model.feedback.iter().enumerate() {
                let delay = study.parameters[feedback.delay].at(i);
                add(delay, i, &|s, by| {
                    let own = |node: usize, which: usize| {
                        let mut state = state(node);
                        if (node, which) == (i, k) {
                            state[s] += by;
                        }
                        state
                    };
                    reference.rates(u, &|_, j| state(j), &own)
                });
            }
        }
        Self { dim, now, late }
    }

    fn matrix(&self, lambda: Complex64) -> Mat<Complex64> {
        Mat::from_fn(self.dim, self.dim, |i, j| {
            let mut entry = Complex64::from(-self.now[[i, j]]);
            if i == j {
                entry += lambda;
            }
            for (delay, matrix) in &self.late {
                entry -= (-lambda * *delay).exp() * matrix[[i, j]];
            }
            entry
        })
    }

    /// Eigenvalues of the generator on polynomials through `n + 1` Chebyshev points of the past (Breda, Maset & Vermiglio 2005).
    fn eigenvalues(&self, n: usize) -> Vec<Complex64> {
        let span = self
            .late
            .iter()
            .map(|(delay, _)| *delay)
            .fold(0.0, f64::max);
        let points: Vec<f64> = (0..=n)
            .map(|k| 0.5 * span * ((PI * k as f64 / n as f64).cos() - 1.0))
            .collect();
        let basis = |k: usize, at: f64| -> f64 {
            let others = (0..=n).filter(|&l| l != k);
            others
                .map(|l| (at - points[l]) / (points[k] - points[l]))
                .product()
        };
        let slope = |k: usize, at: usize| -> f64 {
            (0..=n)
                .filter(|&l| l != k)
                .map(|l| {
                    let rest = (0..=n).filter(|&m| m != k && m != l);
                    let product: f64 = rest
                        .map(|m| (points[at] - points[m]) / (points[k] - points[m]))
                        .product();
                    product / (points[k] - points[l])
                })
                .sum()
        };
        let dim = self.dim;
        let mut generator = Mat::<f64>::zeros(dim * (n + 1), dim * (n + 1));
        for i in 0..dim {
            for j in 0..dim {
                generator[(i, j)] += self.now[[i, j]];
            }
        }
        for (delay, matrix) in &self.late {
            for k in 0..=n {
                let read = basis(k, -delay);
                for ((i, j), entry) in matrix.indexed_iter() {
                    generator[(i, k * dim + j)] += read * entry;
                }
            }
        }
        for row in 1..=n {
            for k in 0..=n {
                let slope = slope(k, row);
                for i in 0..dim {
                    generator[(row * dim + i, k * dim + i)] = slope;
                }
            }
        }
        generator.eigenvalues().unwrap()
    }
}

/// Roots up to this modulus are compared, 1/ms.
const SLOW: f64 = 1.6;

fn multiplied(matrix: &Mat<Complex64>, v: &[Complex64]) -> f64 {
    let rows = (0..matrix.nrows()).map(|i| {
        let sum: Complex64 = v.iter().enumerate().map(|(j, v)| matrix[(i, j)] * v).sum();
        sum.norm_sqr()
    });
    rows.sum::<f64>().sqrt()
}

/// The whole characteristic matrix is that of the closed forms, and the reduced one has its determinant.
#[test]
fn determinants_are_those_of_the_closed_forms() {
    let mut n_reduced = 0;
    for (name, study) in networks() {
        let mut random = randoms(17);
        let u = somewhere(&study, &mut random);
        let network = Network::new(&study, &study.coupling.number_names()[0]).unwrap();
        let characteristic = Characteristic::new(&network, &u, network.parameter_start());
        // The study's own numbers: per node, as they are (`coupling.g` varies, and is one number).
        let mut alike = study.clone();
        let first = &study.coupling.number_names()[0];
        alike.set_number(first, network.parameter_start()).unwrap();
        let delayed = Delayed::new(&alike, &u);
        n_reduced += usize::from(characteristic.order() < characteristic.degree());
        for _ in 0..3 {
            let lambda = Complex64::new(0.3 * random() - 0.1, random());
            let expected = delayed.matrix(lambda);
            let full = characteristic.full(lambda);
            for j in 0..u.len() {
                for i in 0..u.len() {
                    let miss = (full[(i, j)] - expected[(i, j)]).norm();
                    assert!(miss < 1e-8, "{name}: {i} {j}: {miss:e}");
                }
            }
            let expected = full.determinant();
            let found = characteristic.matrix(lambda).determinant();
            assert!(
                (found / expected - 1.0).norm() < 1e-10,
                "{name}: {found} {expected}"
            );
        }
    }
    assert!(n_reduced > 12, "{n_reduced} of the networks are reduced");
}

/// The certified rightmost roots are the eigenvalues of the discretised past to the right of the certificate's line: none is missing,
/// none is more.
#[test]
fn rightmost_roots_are_those_of_another_discretisation() {
    for (name, study) in networks().step_by(5) {
        let mut random = randoms(19);
        let u = somewhere(&study, &mut random);
        let path = study.any_number().unwrap();
        let network = Network::new(&study, &path).unwrap();
        let mut alike = study.clone();
        alike.set_number(&path, network.parameter_start()).unwrap();
        let characteristic = Characteristic::new(&network, &u, network.parameter_start());
        let found = characteristic
            .rightmost(5)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let line = found.certificate.right_of;
        let expected = Delayed::new(&alike, &u).eigenvalues(22);
        // 22 points of 6 ms resolve slow ones.
        let upper = |z: &&Complex64| z.im >= -1e-9 && z.norm() < SLOW;
        let expected: Vec<Complex64> = expected.iter().filter(upper).copied().collect();
        let right = expected.iter().filter(|z| z.re > line + 1e-5);
        for z in right {
            let near = found.roots.iter().map(|root| (root.lambda - z).norm());
            let miss = near.fold(f64::INFINITY, f64::min);
            assert!(
                miss < 2e-6 * (1.0 + z.norm()),
                "{name}: {z} is missing, {miss:e}"
            );
        }
        for root in found.roots.iter().filter(|root| root.lambda.norm() < SLOW) {
            let near = expected.iter().map(|z| (z - root.lambda).norm());
            let miss = near.fold(f64::INFINITY, f64::min);
            let size = 1.0 + root.lambda.norm();
            assert!(
                miss < 2e-6 * size,
                "{name}: {} is no root, {miss:e}",
                root.lambda
            );
        }
        if expected.iter().any(|z| z.re.abs() < 1e-9) {
            // Phases may all turn together.
            continue;
        }
        let unstable = expected.iter().filter(|z| z.re > 0.0);
        let n_unstable: usize = unstable
            .map(|z| if z.im.abs() < 1e-8 { 1 } else { 2 })
            .sum();
        assert_eq!(found.n_unstable, n_unstable, "{name}");
    }
}

/// Both vectors of every root are vectors of the whole matrix, its shares add up, and its speed along a direction in states and
/// parameter is what differences say: for couplings' numbers, models' numbers, delays of feedbacks, and the conduction speed.
#[test]
fn vectors_and_speeds_of_roots() {
    let mut n_compared = 0;
    for (seed, (name, study)) in networks().enumerate().step_by(5) {
        let mut random = randoms(23);
        let u = somewhere(&study, &mut random);
        let du: Vec<f64> = u.iter().map(|_| random() - 0.5).collect();
        let mut paths = vec![
            "coupling.conduction_speed".to_string(),
            study.coupling.number_names()[seed % study.coupling.number_names().len()].clone(),
            format!("{}[0]", study.coupling.number_names()[0]),
        ];
        let parameters = &study.model.parameters;
        paths.push(format!(
            "parameters.{}",
            parameters[seed % parameters.len()].name
        ));
        for path in paths {
            let network = Network::new(&study, &path).unwrap();
            let p = network.parameter_start();
            let dp = 0.3;
            let at = |s: f64| {
                let u: Vec<f64> = u.iter().zip(&du).map(|(u, du)| u + s * du).collect();
                Characteristic::new(&network, &u, p + s * dp)
            };
            let characteristic = at(0.0);
            let change = Change::new(&characteristic, &network, (&u, p), (&du, dp));
            let roots = characteristic
                .rightmost(3)
                .unwrap_or_else(|error| panic!("{name}, {path}: {error}"))
                .roots;
            for root in roots.iter().take(3) {
                assert!((root.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                let full = characteristic.full(root.lambda);
                let (v, w) = (
                    characteristic.right_vector(root),
                    characteristic.left_vector(root),
                );
                let norm = |v: &[Complex64]| v.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
                let off = multiplied(&full, &v) / norm(&v) / full.norm_max();
                assert!(off < 1e-9, "{name}, {path}: right {off:e}");
                let off = multiplied(&full.transpose().to_owned(), &w) / norm(&w) / full.norm_max();
                assert!(off < 1e-9, "{name}, {path}: left {off:e}");
                // Where two roots pass each other they turn too fast for differences.
                let others = roots.iter().filter(|other| other.lambda != root.lambda);
                if others
                    .map(|other| (other.lambda - root.lambda).norm())
                    .any(|gap| gap < 0.02)
                {
                    continue;
                }
                n_compared += 1;
                let h = 1e-4;
                let moved = |s: f64| at(s).polish(root.lambda, &root.x).map(|root| root.lambda);
                let [a, b, c, d] = [2.0, 1.0, -1.0, -2.0].map(|k| moved(k * h).unwrap());
                let expected = (8.0 * (b - c) - (a - d)) / (12.0 * h);
                let found = characteristic.speed(root, &change);
                let miss = (found - expected).norm() / (1.0 + expected.norm());
                assert!(
                    miss < 1e-6,
                    "{name}, {path}: {} moves by {found}, {expected}",
                    root.lambda
                );
            }
        }
    }
    assert!(n_compared > 40, "{n_compared}");
}
