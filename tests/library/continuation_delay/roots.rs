//! The rightmost characteristic roots of the 80-node network, and the certificate that none was missed.

use brainsweep::continuation::delay::characteristic::Characteristic;
use brainsweep::continuation::network::Network;
use brainsweep::study::Values;
use num_complex::Complex64;

use super::{number, pair, reference, tutorial};

/// Characteristic roots agree to this, absolutely.
const ROOT: f64 = 1e-12;

/// The twelve rightmost roots at six inputs, all 3160 delays exact, none missing by certificate.
#[test]
fn the_rightmost_characteristic_roots_are_the_reference_ones() {
    let (study, network) = tutorial();
    for expected in reference()["delayed_roots"].as_array().unwrap() {
        let p = number(expected, "x_ext");
        let at = network.equilibrium(&network.start(&study), p).unwrap();
        let found = Characteristic::new(&network, &at.u, p)
            .rightmost(12)
            .unwrap();
        assert_eq!(found.n_unstable as f64, number(expected, "n_unstable"));
        assert_eq!(found.certificate.missing, 0);
        assert!(found.certificate.defect < 1e-9, "{:?}", found.certificate);
        for (found, expected) in found
            .roots
            .iter()
            .zip(expected["roots"].as_array().unwrap())
        {
            assert!(
                (found.lambda - pair(expected)).norm() < ROOT,
                "x_ext {p}: {} {expected}",
                found.lambda
            );
        }
    }
}

/// The certificate counts what it is not told: without any known root it finds as many missing as there are.
#[test]
fn the_certificate_counts_roots_it_does_not_know() {
    let (study, network) = tutorial();
    let at = network.equilibrium(&network.start(&study), 1.0).unwrap();
    let characteristic = Characteristic::new(&network, &at.u, 1.0);
    let roots = characteristic.rightmost(4).unwrap().roots;
    let counted =
        |known: &[(Complex64, usize)]| characteristic.certify(known, 0.0).unwrap().missing;
    assert_eq!(counted(&[]), 4);
    assert_eq!(counted(&[(roots[0].lambda, 1)]), 2);
    assert_eq!(
        counted(&[
            (roots[0].lambda, 1),
            (roots[1].lambda, 1),
            (roots[2].lambda, 1)
        ]),
        0
    );
    assert_eq!(
        counted(&[(roots[0].lambda, 2), (roots[1].lambda, 1)]),
        -2,
        "a root said twice is one too many"
    );
}

/// At 2 mm/ms delays reach 124 ms, and roots of their loops crowd by the axis beside those of single nodes. The certificate that
/// knows none of them counts as many to the right of the line as were found.
#[test]
fn long_delays_hide_no_root() {
    let (mut study, _) = tutorial();
    study.coupling.conduction_speed = 2.0;
    let network = Network::new(&study, "x_ext").unwrap();
    let at = network.equilibrium(&network.start(&study), 0.72).unwrap();
    let characteristic = Characteristic::new(&network, &at.u, at.p);
    let found = characteristic.rightmost(8).unwrap();
    assert!(found.roots.len() >= 8 && found.n_unstable == 0);
    assert!(found.roots.iter().all(|root| root.residual < 1e-12));
    let n_right: usize = found.roots.iter().map(|root| root.count()).sum();
    let alone = characteristic.certify(&[], found.certificate.right_of);
    assert_eq!(alone.unwrap().missing, n_right as i64);
}

/// With a coupling of 20 roots crowd along the axis. Those to the right of a line near it are found, as many as a
/// certificate counts that knows none. None of them is unstable: the determinant, computed with NumPy along the axis in
/// 15 000 places, turns by 160 quarters, once for every state.
#[test]
fn roots_that_crowd_where_coupling_is_strong_are_found() {
    let (mut study, _) = tutorial();
    study.coupling.terms[0].parameters[0] = Values::Uniform(20.0);
    let network = Network::new(&study, "x_ext").unwrap();
    let at = network.equilibrium(&network.start(&study), 0.8).unwrap();
    let characteristic = Characteristic::new(&network, &at.u, at.p);
    let found = characteristic.rightmost(8).unwrap();
    assert!(found.roots.len() >= 8 && found.n_unstable == 0);
    assert!(found.roots.iter().all(|root| root.residual < 1e-11));
    let n_right: usize = found.roots.iter().map(|root| root.count()).sum();
    let alone = characteristic.certify(&[], found.certificate.right_of);
    assert_eq!(alone.unwrap().missing, n_right as i64);
}
