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
use ndarray::array;

use super::coinciding::study as wired;
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

/// Two different nodes at a Hopf point beyond which cycles grow slowly at first: 4e-5 of the parameter for the first orbit. The
/// branch's direction at so small an orbit is held by little; with a wrong one the next step falls to the equilibrium. From one
/// orbit to the next all grow, one multiplier stays outside the unit circle, and nothing else happens.
#[test]
fn orbits_of_a_steep_hopf_point_do_not_fall_to_the_equilibrium() {
    let weights = array![[0.0, 0.27381841324263373], [0.6740822055637683, 0.0]];
    let delays = array![[0.0, 2.954330580555447], [6.175680057068272, 0.0]];
    let numbers: [(&str, &[f64]); 6] = [
        ("alpha", &[3.487467396188548, 3.0137689729352894]),
        ("beta", &[4.765951453591642, 3.3113359308864796]),
        ("gamma", &[-1.3219641846507517, -1.7245351993407392]),
        ("delta", &[0.18613195133384502, -0.02624034554357718]),
        ("epsilon", &[0.3607353402404982, 0.7511664912700857]),
        ("tau", &[28.435209761091468, 13.166943314001383]),
    ];
    let mut study = wired(
        "fitzhugh-nagumo",
        ("diffusive", 0.4),
        weights,
        delays,
        &numbers,
    );
    study.input[0] = Values::Uniform(0.15);
    let network = Network::new(&study, "coupling.g").unwrap();
    let hopf = &events(
        &network,
        &[0.0; 4],
        NetworkBranchSettings::new((0.47, 0.53)),
    )[0];
    let off = hopf.equilibrium.p - 0.492902340765;
    assert!(off.abs() < 1e-10, "{off:e}");
    let mut settings = OrbitSettings::new((0.47, 0.53));
    settings.step_max = 0.003;
    settings.max_points = 6;
    let branch = OrbitBranch::from_hopf(&network, hopf, settings).unwrap();
    let orbits: Vec<_> = branch.judged().map(Result::unwrap).collect();
    assert_eq!(orbits.len(), 6);
    for pair in orbits.windows(2) {
        let swings = [0, 1].map(|k| pair[k].orbit.amplitudes(2)[0]);
        assert!(swings[1] > swings[0], "{swings:?}");
        assert!(pair[1].orbit.p > pair[0].orbit.p);
    }
    for orbit in &orbits {
        assert!(orbit.is_explained && orbit.events.is_empty());
        assert_eq!(orbit.multipliers.as_ref().unwrap().n_unstable(), 1);
    }
}
