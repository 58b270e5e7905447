//! Curves of folds and Hopf points of networks in two numbers: against closed forms, against the chart of one node, and against
//! branches in one number.

use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::Arc;

use brainsweep::Control;
use brainsweep::branches::{Found, Kind};
use brainsweep::connectome::Connectome;
use brainsweep::continuation::delay::branch::{NetworkBranch, NetworkBranchSettings};
use brainsweep::continuation::network_plane::NetworkPlane;
use brainsweep::continuation::{Chart, Event, EventKind, Locus, Settings};
use brainsweep::model;
use brainsweep::run::{Request, bifurcate, varied};
use brainsweep::study::{Start, Study, Values};

use super::closed_forms::HUTCHINSON;
use super::{EVENT, tutorial};
use crate::continuation::common::{TUTORIAL, wilson_cowan};

/// A curve passes a point that a branch in one number locates within this, absolutely.
const ON_CURVE: f64 = 1e-8;

/// Every curve of a study in two numbers.
#[track_caller]
fn charted(study: &Study, numbers: [(&str, [f64; 2]); 2], delays: bool) -> Found {
    let numbers = numbers.map(|(name, range)| varied(study, name, range).unwrap());
    let mut request = Request::new(study, numbers.to_vec());
    request.delays = delays;
    request.settings.step_max *= 3.0;
    let found = bifurcate(study, &request, &Control::default());
    let found = found.unwrap().found;
    assert_eq!(found.n_stopped(), 0, "{:?}", found.stopped);
    found
}

fn hutchinson() -> Study {
    let mut study = Study::new(
        model::intern("hutchinson", HUTCHINSON).unwrap(),
        Arc::new(Connectome::uncoupled(1)),
    );
    study.initial.state[0] = Start::Given(Values::Uniform(1.0));
    study
}

/// Hutchinson's Hopf points lie where r delay = pi/2 + 2 pi k, with frequency r: two such curves pass these ranges, one of which
/// the study's own r does not meet.
#[test]
fn hutchinsons_hopf_points_lie_on_hyperbolas() {
    let ranges = [("delay", [0.5, 3.0]), ("parameters.r", [0.3, 3.0])];
    let found = charted(&hutchinson(), ranges, true);
    let curves: Vec<_> = found.of(Kind::Hopfs).collect();
    assert_eq!(curves.len(), 2);
    for (k, curve) in curves.iter().enumerate() {
        for point in &curve.points {
            let [delay, r] = point.parameters[..] else {
                panic!("two numbers")
            };
            let phase = FRAC_PI_2 + 2.0 * PI * k as f64;
            assert!((r * delay - phase).abs() < EVENT, "{delay} {r}");
            assert!((point.period_ms.unwrap() - 2.0 * PI / r).abs() < EVENT);
            // The pairs of the curves below have crossed already.
            assert_eq!(point.n_unstable, Some(2 * k));
        }
    }
}

/// As a network of one node without delays, the tutorial's Wilson-Cowan node has the curves of its chart: cusps, Bogdanov-Takens
/// and generalised Hopf points lie where the chart has them.
#[test]
fn one_node_has_the_curves_of_its_chart() {
    let ranges = [[-4.0, 8.0], [-5.0, 5.0]];
    let settings = Settings {
        cycles: false,
        ..Settings::new(-4.0, 8.0)
    };
    let node = wilson_cowan("wilson-cowan", 0.0);
    let chart = Chart::new(&node, node.start(), ranges, &settings).unwrap();
    let of = |curves: &[Locus], kind: EventKind| -> Vec<Event> {
        let events = curves.iter().flat_map(Locus::events);
        events.filter(|event| event.kind == kind).cloned().collect()
    };

    let mut study = Study::new(
        model::find("wilson-cowan").unwrap(),
        Arc::new(Connectome::uncoupled(1)),
    );
    for (name, value) in TUTORIAL {
        study
            .set_number(&format!("parameters.{name}"), value)
            .unwrap();
    }
    let plane = NetworkPlane::new(&study, ["input.x", "input.y"], false).unwrap();
    let curve = |event: &Event, kind| plane.curve(event, kind, 0.0, ranges, &settings).unwrap();
    let takens = &of(&chart.curves, EventKind::BogdanovTakens)[0];
    let folds = curve(takens, EventKind::Fold);
    let begin = Event {
        omega: Some(0.0),
        ..takens.clone()
    };
    let hopfs = curve(&begin, EventKind::Hopf);
    let mut n_checked = 0;
    for (curve, kinds) in [
        (&folds, [EventKind::Cusp, EventKind::BogdanovTakens]),
        (
            &hopfs,
            [EventKind::GeneralizedHopf, EventKind::BogdanovTakens],
        ),
    ] {
        for event in curve.events().filter(|event| kinds.contains(&event.kind)) {
            let near = |other: &&Event| {
                let off = |k: usize| (other.parameters[k] - event.parameters[k]).abs();
                off(0).max(off(1)) < 1e-6
            };
            let same = of(&chart.curves, event.kind);
            let same = same.iter().find(near);
            let same = same.unwrap_or_else(|| panic!("{event} is not on the chart"));
            if let (Some(a), Some(b)) = (event.coefficient, same.coefficient) {
                assert!(
                    (a.abs() - b.abs()).abs() < 1e-4 * b.abs(),
                    "{event}, {same}"
                );
            }
            n_checked += 1;
        }
    }
    assert!(n_checked >= 4, "{n_checked}");
    // The curve begins in a Bogdanov-Takens point and does not go on beyond it.
    assert!(hopfs.points.iter().all(|point| point.omega >= Some(0.0)));
    assert!(hopfs.points.iter().any(|point| point.omega == Some(0.0)));
}

/// Points of the HCP network's Hopf curve in (x_ext, g) and (x_ext, speed) are the Hopf points of branches in x_ext alone.
#[test]
fn the_delayed_networks_hopf_curve_passes_the_hopf_points_of_branches() {
    let (study, network) = tutorial();
    let branch = NetworkBranchSettings::new((0.83, 0.84));
    let mut points = NetworkBranch::new(&network, &network.start(&study), branch).unwrap();
    let event = points.find_map(|point| point.unwrap().events.into_iter().next());
    let event = Event::from(&event.expect("the first Hopf point"));
    for (path, own, range) in [
        ("coupling.g", 1.0, [0.5, 2.0]),
        ("coupling.conduction_speed", 20.0, [5.0, 40.0]),
    ] {
        let plane = NetworkPlane::new(&study, ["input.x", path], true).unwrap();
        let ranges = [[0.7, 1.3], range];
        let settings = Settings {
            max_points: 4,
            step: 0.02,
            step_max: 0.02,
            ..Settings::new(0.7, 1.3)
        };
        let curve = plane.curve(&event, EventKind::Hopf, own, ranges, &settings);
        let curve = curve.unwrap();
        assert!(curve.stopped.is_empty(), "{:?}", curve.stopped);
        assert!(plane.passes(&curve, &event, own, ranges, &settings));
        for point in [&curve.points[0], &curve.points[curve.points.len() - 1]] {
            let [x_ext, second] = point.parameters;
            assert!((second - own).abs() > 1e-3, "{path} moves");
            let network = plane.network(0, [x_ext, second]).unwrap();
            let around = NetworkBranchSettings::new((x_ext - 1e-3, x_ext + 1e-3));
            let branch = NetworkBranch::new(&network, &point.state, around).unwrap();
            let located = branch.flat_map(|point| point.unwrap().events);
            let nearest = located
                .map(|event| (event.equilibrium.p - x_ext).abs())
                .fold(f64::INFINITY, f64::min);
            assert!(nearest < ON_CURVE, "{path}: {nearest:e}");
        }
    }
}

/// One number in both places is refused, and one that belongs to all nodes with the same of one node.
#[test]
fn one_number_is_not_two() {
    let (study, _) = tutorial();
    for paths in [["input.x", "x_ext"], ["input.x", "input[3]"]] {
        let refused = NetworkPlane::new(&study, paths, true).unwrap_err();
        assert!(refused.to_string().contains("--vary"), "{refused}");
    }
    NetworkPlane::new(&study, ["x_ext[3]", "x_ext[4]"], true).unwrap();
}
