//! Hopf points of the 80-node network with its 3160 delays.

use brainsweep::continuation::delay::branch::NetworkBranchSettings;
use brainsweep::continuation::network::Network;

use super::{EVENT, events, number, pair, reference, tutorial};

/// Every Hopf point of the homogeneous state in x_ext with frequency, mode and normal form; the first at 0.8364632949, localised
/// on node 31, supercritical. The list is the same for any step.
#[test]
fn the_delayed_network_has_its_four_hopf_points_at_any_step() {
    let (study, network) = tutorial();
    let reference = reference();
    let expected = reference["delayed_hopf"].as_array().unwrap();
    for step_max in [0.02, 0.3] {
        let mut settings = NetworkBranchSettings::new((0.7, 1.3));
        settings.step_max = step_max;
        let found = events(&network, &network.start(&study), settings);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            let form = found.form.unwrap();
            assert!((found.equilibrium.p - number(expected, "x_ext")).abs() < EVENT);
            assert!((found.root.lambda.im - number(expected, "omega")).abs() < EVENT);
            assert!(
                (found.root.participation() / number(expected, "participation_nodes") - 1.0).abs()
                    < 1e-9
            );
            assert_eq!(
                found.root.leading_node() as f64,
                number(expected, "leading_node")
            );
            assert!(
                (form.c1 / pair(&expected["c1"]) - 1.0).norm() < 1e-9,
                "{form:?} {expected}"
            );
            assert!(
                (form.crossing - pair(&expected["dlambda_dpar"])).norm() < 1e-9,
                "{form:?} {expected}"
            );
            assert!(form.supercritical());
        }
    }
}

/// A Hopf point found in one parameter is found in every other: on the way in g, in the speed, in one node's input.
#[test]
fn a_hopf_point_is_the_same_in_any_parameter() {
    let (mut study, network) = tutorial();
    let first = events(
        &network,
        &network.start(&study),
        NetworkBranchSettings::new((0.8, 0.9)),
    );
    study.set_number("input.x", first[0].equilibrium.p).unwrap();
    for (path, range, value) in [
        ("coupling.g", (0.95, 1.04), 1.0),
        ("coupling.conduction_speed", (18.0, 23.0), 20.0),
        ("input[31]", (0.8, 0.9), first[0].equilibrium.p),
    ] {
        let network = Network::new(&study, path).unwrap();
        let found = events(
            &network,
            &network.start(&study),
            NetworkBranchSettings::new(range),
        );
        let at = found
            .iter()
            .find(|event| (event.equilibrium.p - value).abs() < 1e-6);
        let at = at.unwrap_or_else(|| {
            panic!(
                "{path}: {:?}",
                found.iter().map(|e| e.equilibrium.p).collect::<Vec<_>>()
            )
        });
        assert!(
            (at.equilibrium.p / value - 1.0).abs() < EVENT,
            "{path}: {}",
            at.equilibrium.p
        );
        assert!(
            (at.root.lambda.im - first[0].root.lambda.im).abs() < EVENT,
            "{path}"
        );
    }
}
