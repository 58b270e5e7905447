//! Periodic orbits of networks with delays: the 80-node network, and two nodes.

use std::path::Path;
use std::sync::Arc;

use brainsweep::connectome::synthetic;
use brainsweep::continuation::CycleEnd;
use brainsweep::continuation::delay::branch::{NetworkBranchSettings, NetworkEventKind};
use brainsweep::continuation::delay::orbit::{OrbitBranch, OrbitSettings};
use brainsweep::continuation::network::Network;
use brainsweep::coupling;
use brainsweep::io::npz::read_f64;
use brainsweep::model;
use brainsweep::study::{Study, Values};

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

/// Two nodes that differ a little have four Hopf points. The orbits born at the first end in the last, where they shrink to the
/// equilibrium: they do not come back to where they began.
#[test]
fn orbits_between_two_hopf_points_end_in_the_other_one() {
    let node = model::find("fitzhugh-nagumo").unwrap();
    let mut study = Study::new(node, Arc::new(synthetic::pair(0.2)));
    study.couple(coupling::find("diffusive").unwrap());
    study.coupling.terms[0].parameters[0] = Values::Uniform(0.1);
    study.coupling.conduction_speed = 0.05;
    let beta = node.parameters.iter().position(|p| p.name == "beta");
    study.parameters[beta.unwrap()] = Values::PerNode(vec![4.0, 4.1]);
    let network = Network::new(&study, "x_ext").unwrap();
    let range = (0.5, 2.0);
    let start = network.start(&study);
    let hopf = events(&network, &start, NetworkBranchSettings::new(range));
    assert_eq!(hopf.len(), 4);
    assert!(hopf.iter().all(|e| e.kind == NetworkEventKind::Hopf));
    let mut settings = OrbitSettings::new(range);
    settings.step_max = 0.075;
    settings.max_points = 200;
    let branch = OrbitBranch::from_hopf(&network, &hopf[0], settings).unwrap();
    let mut branch = branch.ending_in(&hopf, []);
    let orbits: Vec<_> = branch.by_ref().map(Result::unwrap).collect();
    let end = hopf[3].equilibrium.p;
    assert_eq!(branch.end(), Some(&CycleEnd::Hopf(end)));
    assert!(orbits.windows(2).all(|pair| pair[0].p < pair[1].p));
    let last = orbits.last().unwrap();
    assert!(last.p < end && end - last.p < 0.1, "{}", last.p);
    let omega = hopf[3].root.lambda.im;
    assert!((last.omega - omega).abs() < 0.05 * omega, "{}", last.omega);
}
