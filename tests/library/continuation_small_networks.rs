//! Branches of small networks, with delays and without, on which continuation once stopped: equal nodes, symmetric ones, real roots
//! that meet and become a pair, roots that no count tells apart far from the imaginary axis.

use std::path::Path;
use std::sync::Arc;

use brainsweep::Control;
use brainsweep::branches::{Branch, Found, Kind};
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::continuation::{Event, EventKind};
use brainsweep::io::study;
use brainsweep::model;
use brainsweep::run::{Request, bifurcate, varied};
use brainsweep::study::{Study, Values};
use ndarray::Array2;

use crate::random::Random;

/// A study of `tests/cases/networks` with some numbers set.
fn loaded(name: &str, numbers: &[(&str, f64)]) -> Study {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/networks");
    let set = numbers
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    study::load(Some(&folder.join(name)), &set.collect::<Vec<_>>()).unwrap()
}

/// What is found over a range; every branch has to come to an end of its own.
#[track_caller]
fn found(study: &Study, name: &str, range: [f64; 2], delays: bool) -> Found {
    let mut request = Request::new(study, vec![varied(study, name, range).unwrap()]);
    request.delays = delays;
    let found = bifurcate(study, &request, &Control::default())
        .unwrap()
        .found;
    assert_eq!(found.n_stopped(), 0, "{:?}", found.stopped);
    found
}

/// Kinds and places of the events of a branch.
fn events(branch: &Branch) -> Vec<(EventKind, f64)> {
    branch.events().map(|e| (e.kind, e.parameters[0])).collect()
}

#[track_caller]
fn agree(found: &[(EventKind, f64)], right: &[(EventKind, f64)], tolerance: f64) {
    assert_eq!(found.len(), right.len(), "{found:?}");
    for (found, right) in found.iter().zip(right) {
        assert_eq!(found.0, right.0, "{found:?}");
        assert!(
            (found.1 - right.1).abs() < tolerance,
            "{found:?}, not {right:?}"
        );
    }
}

/// Two identical nodes leave the symmetric state in a pitchfork and come back to it in another one.
#[test]
fn a_symmetric_pair_has_its_pitchforks_and_their_arms() {
    let found = found(&loaded("pair.toml", &[]), "x_ext", [-2.0, 2.0], false);
    let right = [
        (EventKind::Fold, 0.25524301),
        (EventKind::BranchPoint, 0.24884772),
        (EventKind::BranchPoint, -0.69242190),
        (EventKind::Fold, -0.70129695),
    ];
    agree(&events(&found.branches[0]), &right, 1e-8);
    // Two arms, mirror images of each other, from one pitchfork to the other.
    let arms: Vec<&Branch> = found.branches[1..].iter().collect();
    assert_eq!(arms.len(), 2);
    let [a, b] = [arms[0], arms[1]];
    assert_eq!(
        a.ends,
        [
            "branch-point at 0.248847716",
            "branch-point at -0.692421898"
        ]
    );
    assert_eq!(a.ends, b.ends);
    let [left, right] = [a, b].map(|arm| arm.points[arm.points.len() / 2].clone());
    assert!((left.state[0] - left.state[2]).abs() > 1e-3);
    assert!(
        (left.state[0] - right.state[2]).abs() < 0.1,
        "{left:?} {right:?}"
    );
}

/// Equal nodes without coupling: what happens in one node happens in all at once.
#[test]
fn nodes_that_cross_at_once_are_one_event() {
    let found = found(&loaded("uncoupled.toml", &[]), "x_ext", [0.5, 1.0], false);
    let events: Vec<&Event> = found.branches[0].events().collect();
    let [hopf] = events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(hopf.kind, EventKind::Hopf);
    assert!((hopf.parameters[0] - 0.726058290075352).abs() < 1e-11);
    assert!((hopf.omega.unwrap() - 0.222204860432825).abs() < 1e-11);
    assert_eq!((hopf.n_unstable_before, hopf.n_unstable_after), (0, 6));
    assert_eq!(hopf.coefficient, None);
    assert!(hopf.coefficients.contains(&("multiplicity", 3.0)));
    for share in &found.modes[0].shares {
        assert!(
            (share - 1.0 / 3.0).abs() < 1e-9,
            "{:?}",
            found.modes[0].shares
        );
    }
}

/// Nothing happens at 0.0706, 0.1763 and 0.4366 but that real roots, far from the imaginary axis, become a pair.
#[test]
fn real_roots_that_become_a_pair_stop_no_branch() {
    for (name, range) in [
        ("delayed_20.toml", [-0.5, 2.0]),
        ("delayed_21.toml", [0.0, 0.4]),
        ("double_root.toml", [0.43, 0.45]),
    ] {
        let found = found(&loaded(name, &[]), "x_ext", range, true);
        let branch = &found.branches[0];
        assert_eq!(
            branch.points.last().unwrap().parameters[0],
            range[1],
            "{name}"
        );
    }
}

/// The eighth pair that becomes unstable is one more than are followed on each side of the axis. At the trivial equilibrium the
/// determinant of (lambda - a)^2 + w^2 - (lambda - a) g W e^(-lambda d) is 0 there, by Newton's method in numpy.
#[test]
fn one_unstable_pair_more_than_are_followed_stops_no_branch() {
    let study = loaded("ring_of_delays.toml", &[]);
    let found = found(&study, "coupling.g", [0.72, 0.75], true);
    let events: Vec<&Event> = found.branches[0].events().collect();
    let [hopf] = events[..] else {
        panic!("{events:?}");
    };
    assert_eq!((hopf.n_unstable_before, hopf.n_unstable_after), (15, 17));
    assert!(
        (hopf.parameters[0] - 0.735045823234795).abs() < 1e-9,
        "{hopf:?}"
    );
    assert!((hopf.omega.unwrap() - 0.656346769638957).abs() < 1e-9);
}

/// The fold of the cubic is at the closed form, and with it the other two equilibria.
#[test]
fn a_node_with_feedback_has_all_its_equilibria() {
    let study = loaded("feedback.toml", &[]);
    let found = found(&study, "x_ext", [0.0, 2.0], true);
    let folds = found
        .events()
        .filter(|(_, event)| event.kind == EventKind::Fold);
    let folds: Vec<f64> = folds.map(|(_, event)| event.parameters[0]).collect();
    assert_eq!(folds.len(), 1, "{folds:?}");
    assert!((folds[0] - 0.336720408).abs() < 1e-8, "{folds:?}");
    let at = |p: f64| {
        let branches = found.of(Kind::Equilibria).flat_map(|b| b.points.windows(2));
        let across =
            branches.filter(|pair| (pair[0].parameters[0] - p) * (pair[1].parameters[0] - p) < 0.0);
        across.count()
    };
    assert_eq!([at(0.2), at(0.5)], [3, 1]);
}

/// Five different nodes on random weights and different delays, numbered in one order and in another: the same bifurcations, with the states of
/// the nodes where these now stand.
#[test]
fn the_order_of_nodes_does_not_matter() {
    let n_nodes = 5;
    let mut random = Random(5);
    let weights = Array2::from_shape_fn((n_nodes, n_nodes), |(i, j)| match i == j {
        true => 0.0,
        false => random.between(0.05, 0.5),
    });
    let delays_ms = Array2::from_shape_fn((n_nodes, n_nodes), |(i, j)| {
        1.0 + 0.7 * i.abs_diff(j) as f64
    });
    let taus: Vec<f64> = (0..n_nodes).map(|_| random.between(15.0, 25.0)).collect();
    let ordered = |order: [usize; 5]| {
        let placed = |matrix: &Array2<f64>| {
            Array2::from_shape_fn((n_nodes, n_nodes), |(i, j)| matrix[[order[i], order[j]]])
        };
        let delays = Delays::Milliseconds(placed(&delays_ms));
        let connectome = Connectome::new(None, placed(&weights), delays, None).unwrap();
        let model = model::find("fitzhugh-nagumo").unwrap();
        let mut study = Study::new(model, Arc::new(connectome));
        study.parameters[5] = Values::PerNode(order.map(|k| taus[k]).to_vec());
        study
    };
    let order = [3, 0, 4, 2, 1];
    let (first, second) = (ordered([0, 1, 2, 3, 4]), ordered(order));
    for delays in [false, true] {
        let [first, second] =
            [&first, &second].map(|study| found(study, "x_ext", [0.0, 1.6], delays));
        let both = || first.branches[0].events().zip(second.branches[0].events());
        let n_hopfs = both().filter(|(a, _)| a.kind.is_hopf()).count();
        assert!(n_hopfs > 1, "{n_hopfs} Hopf points");
        let places = [&first, &second].map(|found| events(&found.branches[0]));
        agree(&places[1], &places[0], 1e-10);
        for (a, b) in both() {
            for (i, k) in order.into_iter().enumerate() {
                for state in 0..2 {
                    let off = a.state[2 * k + state] - b.state[2 * i + state];
                    assert!(off.abs() < 1e-9, "node {k}: {off}");
                }
            }
            let coefficients = [a, b].map(|event| event.coefficient.unwrap_or_default());
            let off = (coefficients[0] - coefficients[1]).abs();
            assert!(off < 1e-6 * coefficients[0].abs(), "{coefficients:?}");
        }
    }
}
