//! Networks without delays: derivatives, modes, equilibria and their events.

use std::path::Path;
use std::sync::Arc;

use brainsweep::connectome::{Connectome, Delays, synthetic};
use brainsweep::continuation;
use brainsweep::continuation::delay::branch::{
    NetworkBranch, NetworkBranchSettings, NetworkEventKind,
};
use brainsweep::continuation::delay::characteristic::Characteristic;
use brainsweep::continuation::network::Network;
use brainsweep::continuation::network::modes::Modes;
use brainsweep::coupling;
use brainsweep::io::connectome::hcp;
use brainsweep::io::npz::read_f64;
use brainsweep::model::{self, MODELS, Model, Signal};
use brainsweep::study::{Study, Values};
use num_complex::Complex64;

/// Located parameters agree with the reference to this, absolutely.
const EVENT: f64 = 1e-10;

fn reference() -> serde_json::Value {
    serde_json::from_str(include_str!("continuation/networks.json")).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

/// FitzHugh-Nagumo at every node of the HCP connectome.
fn tutorial() -> Study {
    Study::new(model::find("fitzhugh-nagumo").unwrap(), hcp())
}

/// The tutorial's network without delays, node i driven by `x_ext (1 + 0.2 cos(2 pi i / 80))`.
fn heterogeneous() -> Network {
    let pattern: Vec<f64> = (0..80)
        .map(|i| 1.0 + 0.2 * (std::f64::consts::TAU * f64::from(i) / 80.0).cos())
        .collect();
    let network = Network::new(&tutorial(), "x_ext").unwrap();
    network.without_delays().with_pattern(&pattern).unwrap()
}

fn events(
    network: &Network,
    start: &[f64],
    settings: NetworkBranchSettings,
) -> Vec<(NetworkEventKind, f64, f64)> {
    let points: Vec<_> = NetworkBranch::new(network, start, settings)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let located: i64 = points
        .iter()
        .flat_map(|point| &point.events)
        .map(|event| event.n_unstable_after as i64 - event.n_unstable_before as i64)
        .sum();
    let (first, last) = (points.first().unwrap(), points.last().unwrap());
    assert_eq!(
        located,
        last.n_unstable as i64 - first.n_unstable as i64,
        "the audit holds over the branch"
    );
    let all = points.into_iter().flat_map(|point| point.events);
    all.map(|event| {
        (
            event.kind,
            event.equilibrium.p,
            event.form.map_or(f64::NAN, |form| form.l1),
        )
    })
    .collect()
}

/// Central differences of the residual, the only finite differences there are, agree with the automatic derivatives for every
/// smooth model, both couplings, and every kind of parameter.
#[test]
fn derivatives_agree_with_differences() {
    let connectome = Arc::new(synthetic::random(4, 0.7, 30.0, 3));
    let is_carried = |model: &&&Model| {
        model.not_smooth.is_none() && model.transmits == [Signal::State(0)] && model.receives == [0]
    };
    for model in MODELS.iter().filter(is_carried) {
        for kind in ["diffusive", "additive"] {
            let mut study = Study::new(model, connectome.clone());
            study.couple(coupling::find(kind).unwrap());
            study.input[0] = Values::PerNode(vec![0.3, 0.1, -0.2, 0.4]);
            let parameter = format!(
                "parameters.{}",
                model.parameters.last().expect("a parameter").name
            );
            for path in [
                "coupling.g",
                "input",
                "input[2]",
                &parameter,
                &format!("{parameter}[1]"),
            ] {
                let network = Network::new(&study, path).unwrap();
                let p = network.parameter_start();
                let u: Vec<f64> = (0..network.dim())
                    .map(|k| 0.3 + 0.1 * (k as f64).sin())
                    .collect();
                let jacobian = network.jacobian(&u, p);
                let h = 1e-5;
                let difference = |plus: Vec<f64>, minus: Vec<f64>| -> Vec<f64> {
                    plus.iter()
                        .zip(minus)
                        .map(|(a, b)| (a - b) / (2.0 * h))
                        .collect()
                };
                let close = |a: f64, b: f64| (a - b).abs() < 1e-6 * (1.0 + b.abs());
                for column in 0..network.dim() {
                    let at = |by: f64| {
                        let mut u = u.clone();
                        u[column] += by;
                        network.residual(&u, p)
                    };
                    let expected = difference(at(h), at(-h));
                    for (row, expected) in expected.iter().enumerate() {
                        let found = jacobian[(row, column)];
                        assert!(
                            close(found, *expected),
                            "{} {path} {row} {column}: {found} {expected}",
                            model.name
                        );
                    }
                }
                let expected = difference(network.residual(&u, p + h), network.residual(&u, p - h));
                for (found, expected) in network.parameter_derivative(&u, p).iter().zip(expected) {
                    assert!(
                        close(*found, expected),
                        "{} {path}: {found} {expected}",
                        model.name
                    );
                }
            }
        }
    }
}

/// A number that moves no equilibrium, a node that is not there, a model with corners: each is refused in words.
#[test]
fn what_cannot_be_continued_is_said() {
    let refused = |study: &Study, path: &str| Network::new(study, path).unwrap_err().report();
    assert!(
        refused(&tutorial(), "noise.tau").contains("neither equilibria nor delays depend on it")
    );
    assert!(refused(&tutorial(), "input[80]").contains("nodes 0 to 79"));
    assert!(refused(&tutorial(), "coupling.G").contains("did you mean \"coupling.g\"?"));
    let corner = Study::new(model::find("threshold-linear").unwrap(), hcp());
    assert!(refused(&corner, "input").contains("corner"));
    let pattern = Network::new(&tutorial(), "input")
        .unwrap()
        .with_pattern(&[1.0; 3]);
    assert!(pattern.unwrap_err().report().contains("80 nodes"));
}

/// All 160 eigenvalues of the homogeneous state come from the Laplacian's modes; each solves
/// (lambda - a + g mu)(lambda + epsilon/tau) + 1/tau = 0.
#[test]
fn laplacian_modes_give_the_whole_spectrum() {
    let network = Network::new(&tutorial(), "x_ext").unwrap().without_delays();
    let at = network
        .equilibrium(&network.start(&tutorial()), 0.72)
        .unwrap();
    let modes = Modes::new(&network).unwrap();
    for (found, expected) in modes
        .eigenvalues
        .iter()
        .zip(numbers(&reference()["laplacian_eigenvalues"]))
    {
        assert!(
            (found.re - expected).abs() < 1e-12 && found.im == 0.0,
            "{found} {expected}"
        );
    }
    let spectrum = modes.spectrum(&network, &at.u, at.p).unwrap();
    let x = at.u[0];
    let a = -9.0 * x * x + 8.0 * x - 1.5;
    for (k, lambda) in spectrum.iter().enumerate() {
        let mu = modes.eigenvalues[k / 2];
        let left = (lambda - a + mu) * (lambda + 0.025) + 0.05;
        assert!(left.norm() < 1e-12, "{lambda}: {left}");
    }
    let arrays = Path::new("tests/library/continuation/networks.npz");
    let [re, im] = ["spectrum_re", "spectrum_im"].map(|name| read_f64(arrays, name).unwrap());
    for (re, im) in re.iter().zip(&im) {
        let away = |lambda: &Complex64| (lambda - Complex64::new(*re, *im)).norm();
        let nearest = spectrum.iter().map(away).fold(f64::INFINITY, f64::min);
        assert!(nearest < 1e-9, "{re} + {im} i: {nearest:e}");
    }
    let whole = Characteristic::new(&network, &at.u, at.p)
        .spectrum()
        .unwrap();
    for lambda in &spectrum {
        let nearest = whole
            .iter()
            .map(|z| (z - lambda).norm())
            .fold(f64::INFINITY, f64::min);
        assert!(
            nearest < 1e-9,
            "{lambda} is {nearest} from the full spectrum"
        );
    }
}

/// The homogeneous branch has a pair of Hopf points per mode with g mu < 0.2528, and the network's l1 is the node's over 80.
#[test]
fn the_homogeneous_branch_has_a_pair_of_hopf_points_per_slow_mode() {
    let reference = reference();
    for (g, expected) in reference["diffusive_hopf"].as_object().unwrap() {
        let mut study = tutorial();
        study.set_g(g.parse().unwrap());
        let network = Network::new(&study, "x_ext").unwrap().without_delays();
        let mut found = events(
            &network,
            &network.start(&study),
            NetworkBranchSettings::new((0.7, 1.36)),
        );
        assert!(found.iter().all(|event| event.0 == NetworkEventKind::Hopf));
        found.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut expected = numbers(expected);
        expected.sort_by(f64::total_cmp);
        assert_eq!(found.len(), expected.len(), "g = {g}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found.1 - expected).abs() < EVENT,
                "g = {g}: {found:?} {expected}"
            );
        }
        let l1 = reference["l1"]["l1_network"].as_f64().unwrap();
        assert!((found[0].2 / l1 - 1.0).abs() < 1e-9, "{found:?} {l1}");
    }
}

/// With node i driven by x_ext (1 + 0.2 cos(2 pi i / 80)) the branch is heterogeneous; four Hopf points with their l1.
#[test]
fn heterogeneous_input_has_its_four_hopf_points() {
    let network = heterogeneous();
    let found = events(
        &network,
        &network.start(&tutorial()),
        NetworkBranchSettings::new((0.5, 1.6)),
    );
    let expected = reference();
    let expected = expected["heterogeneous_hopf"].as_array().unwrap();
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found.1 - expected["x_ext"].as_f64().unwrap()).abs() < EVENT,
            "{found:?} {expected}"
        );
        let l1 = expected["l1"].as_f64().unwrap();
        assert!((found.2 / l1 - 1.0).abs() < 1e-8, "{found:?} {expected}");
    }
}

/// That branch has the reference's states at nodes 0, 20, 40 and 79, and as many unstable eigenvalues.
#[test]
fn heterogeneous_equilibria_are_the_references() {
    let network = heterogeneous();
    let mut u = network.start(&tutorial());
    for expected in reference()["heterogeneous_equilibria"].as_array().unwrap() {
        let expected = numbers(expected);
        let found = network.equilibrium(&u, expected[0]).unwrap();
        for (node, expected_x) in [0, 20, 40, 79].into_iter().zip(&expected[1..5]) {
            let miss = found.u[2 * node] - expected_x;
            assert!(
                miss.abs() < EVENT,
                "x_ext {}, node {node}: {miss:e}",
                expected[0]
            );
        }
        let eigenvalues = network.jacobian(&found.u, found.p).eigenvalues().unwrap();
        let n_unstable = eigenvalues.iter().filter(|lambda| lambda.re > 0.0).count();
        assert_eq!(n_unstable as f64, expected[5], "x_ext {}", expected[0]);
        u = found.u;
    }
}

/// With additive coupling and no input the origin loses stability at g = (epsilon/tau - gamma)/(largest eigenvalue of the weights),
/// and a real root crosses at g = (1/epsilon - gamma)/(that eigenvalue), where other states branch off.
#[test]
fn the_resting_state_of_the_additive_network_loses_stability_in_g() {
    let mut study = tutorial();
    study.couple(coupling::find("additive").unwrap());
    let network = Network::new(&study, "coupling.g").unwrap().without_delays();
    let found = events(
        &network,
        &vec![0.0; 160],
        NetworkBranchSettings::new((0.3, 1.47)),
    );
    let hopf: Vec<f64> = found
        .iter()
        .filter(|e| e.0 == NetworkEventKind::Hopf)
        .map(|e| e.1)
        .collect();
    let expected = reference();
    for (found, expected) in hopf
        .iter()
        .zip(numbers(&expected["additive_trivial"]["hopf_g"]))
    {
        assert!((found - expected).abs() < EVENT, "{found} {expected}");
    }
    let branch_points: Vec<f64> = found
        .iter()
        .filter(|e| e.0 == NetworkEventKind::BranchPoint)
        .map(|e| e.1)
        .collect();
    let expected = numbers(&expected["additive_trivial"]["branch_point_g"]);
    assert_eq!(branch_points.len(), 1);
    assert!(
        (branch_points[0] - expected[0]).abs() < EVENT,
        "{branch_points:?}"
    );
}

/// All 64 Hopf points and both folds of the additive network's branch, in order, whatever the step. (With 0.2, one step holds the
/// two points of a mode that crosses and comes back while it mixes with another.)
#[test]
fn the_additive_branch_has_its_sixty_four_hopf_points_at_any_step() {
    let mut study = tutorial();
    study.couple(coupling::find("additive").unwrap());
    let network = Network::new(&study, "x_ext").unwrap().without_delays();
    let reference = reference();
    let expected = reference["additive"].as_array().unwrap();
    for step_max in [0.03, 0.2, 0.5] {
        let mut settings = NetworkBranchSettings::new((-1.0, 1.5));
        settings.step_max = step_max;
        let found = events(&network, &network.start(&study), settings);
        assert_eq!(found.len(), expected.len(), "step_max {step_max}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(
                found.0.name(),
                expected[0].as_str().unwrap(),
                "step_max {step_max}: {found:?}"
            );
            assert!(
                (found.1 - expected[1].as_f64().unwrap()).abs() < EVENT,
                "step_max {step_max}: {found:?} {expected}"
            );
        }
    }
}

/// The reference's points of that branch are equilibria here: y = x / epsilon, and nothing moves.
#[test]
fn points_of_the_additive_branch_are_equilibria() {
    let mut study = tutorial();
    study.couple(coupling::find("additive").unwrap());
    let network = Network::new(&study, "x_ext").unwrap().without_delays();
    let arrays = Path::new("tests/library/continuation/networks.npz");
    let [x_ext, x] = ["additive_x_ext", "additive_x"].map(|name| read_f64(arrays, name).unwrap());
    for (x_ext, x) in x_ext.iter().zip(x.outer_iter()) {
        let u: Vec<f64> = x.iter().flat_map(|x| [*x, *x / 0.5]).collect();
        let moved = network.residual(&u, *x_ext);
        let most = moved.iter().fold(0.0, |most, f| f64::max(most, f.abs()));
        assert!(most < 1e-10, "x_ext {x_ext}: {most:e}");
    }
}

/// A symmetric ring has coinciding pairs; the spectrum at the homogeneous state still counts each.
#[test]
fn a_ring_of_nodes_has_pairs_of_equal_modes() {
    let weights = ndarray::Array2::from_shape_fn((6, 6), |(i, j)| {
        if (i + 1) % 6 == j || (j + 1) % 6 == i {
            1.0
        } else {
            0.0
        }
    });
    let ring = brainsweep::connectome::Connectome::new(
        None,
        weights,
        brainsweep::connectome::Delays::None,
        None,
    );
    let study = Study::new(
        model::find("fitzhugh-nagumo").unwrap(),
        Arc::new(ring.unwrap()),
    );
    let network = Network::new(&study, "x_ext").unwrap();
    let modes = Modes::new(&network).unwrap();
    for (found, expected) in modes.eigenvalues.iter().zip([0.0, 1.0, 1.0, 3.0, 3.0, 4.0]) {
        assert!(
            (found - Complex64::from(expected)).norm() < 1e-14,
            "{found}"
        );
    }
}

/// Lengths, or delays given in steps: nothing takes time at infinite speed.
#[test]
fn at_infinite_speed_a_network_has_no_delays() {
    use brainsweep::connectome::{Connectome, Delays};
    let whole = ndarray::array![[0.0, 1.0], [1.0, 0.0]];
    for delays in [
        Delays::Steps(whole.mapv(|w| 20 * w as u32)),
        Delays::TractLengths(&whole * 40.0),
    ] {
        let pair = Connectome::new(None, whole.clone(), delays, None).unwrap();
        let mut study = Study::new(model::find("fitzhugh-nagumo").unwrap(), Arc::new(pair));
        let delays_ms = |study: &Study| Network::new(study, "x_ext").unwrap().delays_ms(0.5);
        assert_eq!(delays_ms(&study), Some(&whole * 2.0));
        study.coupling.conduction_speed = f64::INFINITY;
        assert_eq!(delays_ms(&study), None);
    }
}

/// Weights between 0.1 and 1 of a chain (0), a full network (1) or a ring (2).
fn wired(n_nodes: usize, wiring: usize, random: &mut impl FnMut() -> f64) -> Arc<Connectome> {
    let weights = ndarray::Array2::from_shape_fn((n_nodes, n_nodes), |(i, j)| {
        let apart = i.abs_diff(j);
        let there = match wiring {
            0 => apart == 1,
            1 => apart > 0,
            _ => apart == 1 || apart + 1 == n_nodes && apart > 0,
        };
        if there { 0.1 + 0.9 * random() } else { 0.0 }
    });
    Arc::new(Connectome::new(None, weights, Delays::None, None).unwrap())
}

/// Numbers from 0 to 1, the same every time.
fn randoms() -> impl FnMut() -> f64 {
    let mut state = 88172645463325252u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Small networks from g = 0 on, where nodes do not receive from each other and eigenvectors sit on one node each: every branch reaches the
/// other bound, whether the nodes rest or oscillate.
#[test]
fn branches_of_small_networks_begin_without_coupling() {
    let mut random = randoms();
    for round in 0..48 {
        let model = ["fitzhugh-nagumo", "stuart-landau"][round % 2];
        let n_nodes = 2 + round % 5;
        let connectome = wired(n_nodes, round / 2 % 3, &mut random);
        let mut study = Study::new(model::find(model).unwrap(), connectome);
        let kind = ["diffusive", "additive"][round / 6 % 2];
        study.couple(coupling::find(kind).unwrap());
        let mut nodes = |low: f64, high: f64| -> Values {
            Values::PerNode(
                (0..n_nodes)
                    .map(|_| low + (high - low) * random())
                    .collect(),
            )
        };
        if model == "stuart-landau" {
            // At rest in the origin; their own parameters keep the nodes apart.
            study.parameters[0] = nodes(-1.0, -0.1);
            study.parameters[1] = nodes(0.1, 0.6);
        } else {
            study.parameters[0] = nodes(2.5, 3.5);
            study.parameters[5] = nodes(10.0, 25.0);
            study.input[0] = nodes(0.0, 1.3);
        }
        let network = Network::new(&study, "coupling.g").unwrap().without_delays();
        let settings = NetworkBranchSettings::new((0.0, 2.0));
        let branch = NetworkBranch::new(&network, &network.start(&study), settings);
        let branch = branch.unwrap_or_else(|error| panic!("round {round}: {error}"));
        let points: Vec<_> = branch
            .map(|point| point.unwrap_or_else(|error| panic!("round {round}: {error}")))
            .collect();
        let last = points.last().unwrap();
        let (p, u) = (last.equilibrium.p, &last.equilibrium.u);
        assert!(
            p == 2.0 || p == 0.0 && points.len() > 2,
            "round {round}: {p}"
        );
        assert!(network.residual(u, p).iter().all(|f| f.abs() < 1e-9));
    }
}

/// The equilibrium of nodes that oscillate is found where they do not settle, with coupling and without, and is that of the branch
/// from where they rest.
#[test]
fn an_equilibrium_that_nodes_oscillate_about_is_found() {
    let weights = ndarray::array![[0.0, 0.7], [0.4, 0.0]];
    let connectome = Connectome::new(None, weights, Delays::None, None).unwrap();
    let mut study = Study::new(
        model::find("fitzhugh-nagumo").unwrap(),
        Arc::new(connectome),
    );
    let per_node = |values: [f64; 2]| Values::PerNode(values.to_vec());
    study.parameters[0] = per_node([2.9318, 2.9]);
    study.parameters[1] = per_node([4.1769, 4.2]);
    study.parameters[2] = per_node([-1.2657, -1.3]);
    study.parameters[5] = per_node([11.38, 12.0]);
    study.set_g(0.3);
    let network = Network::new(&study, "x_ext").unwrap().without_delays();
    let origin = vec![0.0; 4];
    for x_ext in [0.9738, 1.0, 1.1] {
        let found = network.equilibrium(&origin, x_ext).unwrap();
        let branch =
            NetworkBranch::new(&network, &origin, NetworkBranchSettings::new((0.0, x_ext)))
                .unwrap();
        let last = branch.map(Result::unwrap).last().unwrap().equilibrium;
        assert_eq!(last.p, x_ext);
        for (found, expected) in found.u.iter().zip(&last.u) {
            assert!(
                (found - expected).abs() < 1e-9,
                "{x_ext}: {found} {expected}"
            );
        }
    }
}

/// Nodes of Montbrió, Pazó and Roxin's model: two equations of degree 2, where neither time steps nor a homotopy from everywhere
/// arrive; each has an equilibrium, and so has the network.
#[test]
fn the_equilibrium_of_montbrio_networks_is_found() {
    let mut random = randoms();
    for round in 0..24 {
        let n_nodes = 2 + round % 4;
        let model = model::find("montbrio-pazo-roxin").unwrap();
        let mut study = Study::new(model, wired(n_nodes, 1, &mut random));
        let kind = ["diffusive", "additive"][round / 4 % 2];
        study.couple(coupling::find(kind).unwrap());
        let mut nodes = |low: f64, high: f64| -> Values {
            Values::PerNode(
                (0..n_nodes)
                    .map(|_| low + (high - low) * random())
                    .collect(),
            )
        };
        study.parameters[model.parameter("eta").unwrap()] = nodes(-8.0, 1.0);
        study.parameters[model.parameter("J").unwrap()] = nodes(8.0, 25.0);
        let network = Network::new(&study, "coupling.g").unwrap().without_delays();
        let found = network.equilibrium(&network.start(&study), 0.0);
        let found = found.unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert!(
            network
                .residual(&found.u, 0.0)
                .iter()
                .all(|f| f.abs() < 1e-8)
        );
    }
}

/// Two nodes of Montbrió, Pazó and Roxin's model that pass their centres one after the other.
#[test]
fn centres_of_networks_have_no_criticality() {
    let weights = ndarray::array![[0.0, 1.0], [1.0, 0.0]];
    let connectome = Connectome::new(None, weights, Delays::None, None).unwrap();
    let model = model::find("montbrio-pazo-roxin").unwrap();
    let at = |name: &str| model.parameter(name).unwrap();
    let mut study = Study::new(model, Arc::new(connectome));
    study.parameters[at("delta")] = Values::PerNode(vec![1.0, 0.6]);
    study.set_g(0.0);
    let network = Network::new(&study, "input.r").unwrap().without_delays();
    let start = [-0.3, 1.0, -0.3, 1.0];
    let points =
        NetworkBranch::new(&network, &start, NetworkBranchSettings::new((0.2, -1.0))).unwrap();
    let events: Vec<_> = points.flat_map(|point| point.unwrap().events).collect();
    let hopf = events
        .iter()
        .filter(|event| event.kind == NetworkEventKind::Hopf);
    let hopf: Vec<_> = hopf.collect();
    assert!(!hopf.is_empty());
    for event in hopf {
        let event = continuation::Event::from(event);
        assert_eq!(event.kind.name(), "degenerate-hopf", "{event}");
        assert_eq!(event.criticality, None);
    }
}
