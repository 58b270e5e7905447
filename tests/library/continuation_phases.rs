//! Networks of phases, whose equilibria turn: what is locked, against closed forms.

use std::f64::consts::{PI, TAU};
use std::sync::Arc;

use brainsweep::Control;
use brainsweep::branches::{Found, Kind};
use brainsweep::connectome::{Connectome, Delays};
use brainsweep::continuation::network::Network;
use brainsweep::continuation::{EventKind, Rotating};
use brainsweep::coupling;
use brainsweep::model;
use brainsweep::run::{Request, Start, bifurcate, varied};
use brainsweep::study::{Study, Values};
use ndarray::Array2;

fn study(weights: Array2<f64>, omega: Vec<f64>) -> Study {
    let connectome = Connectome::new(None, weights, Delays::None, None).unwrap();
    let mut study = Study::new(model::find("kuramoto").unwrap(), Arc::new(connectome));
    study.couple(coupling::find("kuramoto").unwrap());
    study.parameters[0] = Values::PerNode(omega);
    study.set_g(0.05);
    study
}

fn ring(n: usize) -> Array2<f64> {
    Array2::from_shape_fn((n, n), |(i, j)| {
        f64::from(u8::from((i + 1) % n == j || (j + 1) % n == i))
    })
}

fn found(study: &Study, request: &Request) -> Found {
    let found = bifurcate(study, request, &Control::default())
        .unwrap()
        .found;
    assert!(found.stopped.is_empty(), "{:?}", found.stopped);
    found
}

#[track_caller]
fn close(found: f64, right: f64) {
    assert!((found - right).abs() < 1e-9, "{found}, not {right}");
}

/// d(phi)/dt = 0.03 - 2 g sin(phi): locked from g = 0.015 on, at two differences, and both phases turn at the mean of their
/// frequencies.
#[test]
fn two_oscillators_lock_in_a_fold() {
    let study = study(ring(2), vec![0.1, 0.13]);
    let mut request = Request::new(&study, vec![varied(&study, "g", [0.0, 0.1]).unwrap()]);
    request.at = vec![0.05];
    let found = found(&study, &request);
    let events: Vec<_> = found.events().map(|(_, event)| event).collect();
    let [fold] = events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(fold.kind, EventKind::Fold);
    close(fold.parameters[0], 0.015);
    close(fold.state[1], 0.5 * PI);
    let [mode] = &found.modes[..] else {
        panic!("{:?}", found.modes)
    };
    close(mode.participation, 2.0);
    let mut locked: Vec<_> = found.solutions.iter().map(|s| &s.point).collect();
    locked.sort_by(|a, b| a.state[1].total_cmp(&b.state[1]));
    let near = (0.03f64 / 0.1).asin();
    assert_eq!(locked.len(), 2);
    for (point, right) in locked.iter().zip([near, PI - near]) {
        close(point.state[0], 0.0);
        close(point.state[1], right);
        assert_eq!(point.eigenvalues.len(), 1);
        close(point.eigenvalues[0].re, -0.1 * right.cos());
        close(found.measures[0].of(&point.state, &point.parameters), 0.115);
    }
}

/// Five equal oscillators in a ring, twisted by one turn: theta_k = 2 pi k / 5, with the eigenvalues
/// `g cos(2 pi / 5) (2 cos(2 pi m / 5) - 2)` (Wiley, Strogatz & Girvan 2006, Chaos 16, 015103).
#[test]
fn a_twisted_ring_has_the_eigenvalues_of_its_modes() {
    let study = study(ring(5), vec![0.2; 5]);
    let mut request = Request::new(&study, vec![varied(&study, "g", [0.02, 0.08]).unwrap()]);
    request.from = Some(Start {
        state: (0..5).map(|k| TAU * f64::from(k) / 5.0).collect(),
        orbit: None,
    });
    request.at = vec![0.04];
    let found = found(&study, &request);
    assert_eq!(found.of(Kind::Equilibria).count(), 1);
    let [solution] = &found.solutions[..] else {
        panic!("{:?}", found.solutions)
    };
    let mut values: Vec<f64> = solution.point.eigenvalues.iter().map(|e| e.re).collect();
    values.sort_by(f64::total_cmp);
    let angle = TAU / 5.0;
    let of_mode = |m: f64| 0.04 * angle.cos() * (2.0 * (m * angle).cos() - 2.0);
    assert_eq!(values.len(), 4);
    for (value, m) in values.iter().zip([2.0, 2.0, 1.0, 1.0]) {
        close(*value, of_mode(m));
    }
    assert_eq!(solution.point.n_unstable, Some(0));
}

/// What is not followed in a frame that turns is refused; and an equation that feels its unknowns themselves has no such frame.
#[test]
fn delays_and_second_numbers_are_refused() {
    let study = study(ring(3), vec![0.1, 0.11, 0.12]);
    let of = |name: &str, range| varied(&study, name, range).unwrap();
    let mut request = Request::new(&study, vec![of("g", [0.0, 0.1])]);
    request.delays = true;
    let refused = |request: &Request| {
        let error = bifurcate(&study, request, &Control::default()).unwrap_err();
        error.report()
    };
    let told = refused(&request);
    assert!(
        told.contains("--delays") && told.contains("turn together"),
        "{told}"
    );
    request.delays = false;
    request.varied.push(of("omega", [0.05, 0.2]));
    let told = refused(&request);
    assert!(
        told.contains("--and") && told.contains("turn together"),
        "{told}"
    );

    let connectome = Connectome::new(None, ring(3), Delays::None, None).unwrap();
    let mut other = Study::new(
        model::find("fitzhugh-nagumo").unwrap(),
        Arc::new(connectome),
    );
    other.set_g(0.5);
    let network = Network::new(&other, "x_ext").unwrap().without_delays();
    assert!(Rotating::new(&network, &[0.1], vec![0, 2, 4]).is_none());
}
