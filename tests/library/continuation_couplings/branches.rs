//! Branches over the numbers of couplings.

use brainsweep::continuation::delay::branch::{NetworkBranch, NetworkBranchSettings};
use brainsweep::continuation::network::Network;
use brainsweep::study::{Study, Values};

use super::{FORMS, Reference, connectome, model, randoms, term};

/// Over every number of every form, of all nodes and of one, and with two couplings: the branch reaches the other bound (or comes back),
/// its points are equilibria of the closed forms, and its events add up to the change in stability.
#[test]
fn every_number_of_a_coupling_can_vary() {
    let mut n_events = 0;
    for (seed, form) in FORMS.into_iter().enumerate() {
        let mut random = randoms(300 + seed as u64);
        let (name, pairs): (&str, &[(&str, &str)]) = match seed % 3 {
            0 => ("fitzhugh-nagumo", &[("x", "x_ext"), ("y", "y_ext")]),
            1 => ("two-signals", &[("rate", "x_ext"), ("y", "y_ext")]),
            _ => ("stuart-landau", &[("x", "x_ext"), ("y", "y_ext")]),
        };
        let mut study = Study::new(model(name), connectome(3, &mut random));
        study.coupling.terms = vec![term(&study, form, pairs, &mut random)];
        if name == "stuart-landau" {
            let each = (0..3).map(|_| 0.3 * random());
            study.parameters[0] = Values::PerNode(each.collect());
        }
        if seed % 2 == 1 {
            let mut second = term(&study, FORMS[(seed + 4) % 9], &pairs[1..], &mut random);
            second.name = "second".into();
            study.coupling.terms.push(second);
        }
        let names = study.coupling.number_names();
        for path in names
            .iter()
            .flat_map(|name| [name.clone(), format!("{name}[2]")])
        {
            let network = Network::new(&study, &path).unwrap().without_delays();
            let from = if path.contains("per_node") {
                0.0
            } else {
                network.parameter_start()
            };
            let range = (from, from + 1.0);
            let branch = NetworkBranch::new(
                &network,
                &network.start(&study),
                NetworkBranchSettings::new(range),
            );
            let branch = branch.unwrap_or_else(|error| panic!("{form}, {path}: {error}"));
            let points: Vec<_> = branch
                .map(|point| point.unwrap_or_else(|error| panic!("{form}, {path}: {error}")))
                .collect();
            let last = points.last().unwrap();
            assert!(
                last.equilibrium.p == range.1 || last.equilibrium.p == range.0 && points.len() > 2,
                "{form}, {path}: {}",
                last.equilibrium.p
            );
            for point in &points {
                let mut at = study.clone();
                at.set_number(&path, point.equilibrium.p).unwrap();
                let left = Reference(&at).at_rest(&point.equilibrium.u);
                let most = left.iter().fold(0.0, |a: f64, f| a.max(f.abs()));
                assert!(most < 1e-10, "{form}, {path}: {most:e}");
            }
            let events: Vec<_> = points.iter().flat_map(|point| &point.events).collect();
            let located: i64 = events
                .iter()
                .map(|event| event.n_unstable_after as i64 - event.n_unstable_before as i64)
                .sum();
            let change = last.n_unstable as i64 - points[0].n_unstable as i64;
            assert_eq!(located, change, "{form}, {path}");
            n_events += events.len();
        }
    }
    assert!(n_events > 0, "{n_events} events on the way");
}

/// A pattern of a coupling's number over the nodes; the speed has none.
#[test]
fn a_couplings_number_may_follow_a_pattern() {
    let mut random = randoms(9);
    let mut study = Study::new(model("fitzhugh-nagumo"), connectome(3, &mut random));
    study.coupling.terms = vec![term(&study, "diffusive", &[("x", "x_ext")], &mut random)];
    let pattern = [1.0, 0.5, 2.0];
    let network = Network::new(&study, "coupling.g")
        .unwrap()
        .with_pattern(&pattern)
        .unwrap();
    let u = [0.2, 0.1, -0.3, 0.4, 0.6, 0.2];
    let each = pattern.iter().map(|factor| 0.3 * factor).collect();
    study.coupling.terms[0].parameters[0] = Values::PerNode(each);
    let expected = Reference(&study).at_rest(&u);
    for (found, expected) in network.residual(&u, 0.3).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-14, "{found} {expected}");
    }
    let speed = Network::new(&study, "coupling.conduction_speed").unwrap();
    let error = speed.with_pattern(&pattern).unwrap_err().report();
    assert!(
        error.contains("one number for the whole network"),
        "{error}"
    );
}
