//! Periodic orbits of the 80-node network with its delays.

use std::path::Path;

use brainsweep::continuation::delay::branch::NetworkBranchSettings;
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings};
use brainsweep::io::npz::read_f64;

use super::{events, number, reference, tutorial};

/// The orbits of the first branch have the reference's periods to 1e-10 and extrema to 1e-7 (where the reference samples), at
/// node 31 and, half peak to peak, at every node.
#[test]
fn orbits_have_the_reference_periods_and_extrema() {
    let (study, network) = tutorial();
    let first = events(
        &network,
        &network.start(&study),
        NetworkBranchSettings::new((0.8, 0.9)),
    );
    let orbits =
        OrbitBranch::from_hopf(&network, &first[0], OrbitSettings::new((0.8, 1.02))).unwrap();
    let near: Vec<_> = orbits.map(Result::unwrap).collect();
    let solver =
        OrbitBranch::from_hopf(&network, &first[0], OrbitSettings::new((0.8, 1.02))).unwrap();
    let arrays = Path::new("tests/library/continuation/networks.npz");
    let amplitudes = read_f64(arrays, "orbit_amplitude").unwrap();
    let orbits = reference();
    let orbits = orbits["delayed_orbits"].as_array().unwrap();
    assert_eq!(orbits.len(), amplitudes.shape()[0]);
    for (expected, amplitudes) in orbits.iter().zip(amplitudes.outer_iter()) {
        let p = number(expected, "x_ext");
        let start = near
            .iter()
            .min_by(|a, b| (a.p - p).abs().total_cmp(&(b.p - p).abs()))
            .unwrap();
        let orbit = solver.orbit_at(start, p).unwrap();
        let (least, greatest) = orbit.extrema(2 * 31);
        assert!(
            (orbit.period_ms() / number(expected, "period") - 1.0).abs() < 1e-10,
            "{p}: {}",
            orbit.period_ms()
        );
        assert!(
            (greatest - number(expected, "x_max")).abs() < 1e-7,
            "{p}: {greatest}"
        );
        assert!(
            (least - number(expected, "x_min")).abs() < 1e-7,
            "{p}: {least}"
        );
        for (found, expected) in orbit.amplitudes(2).iter().zip(amplitudes) {
            assert!((found - expected).abs() < 1e-7, "{p}: {found} {expected}");
        }
    }
}
