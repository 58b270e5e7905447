//! Single nodes against `points.npz`: equilibria with their eigenvalues, folds, Hopf points and neutral saddles, all computed for this
//! project from the closed-form conditions, to 1e-14.

use std::path::Path;

use brainsweep::continuation::{Diagram, Event, EventKind, NodeProblem, Problem, Settings};
use brainsweep::io::npz::read_f64;
use brainsweep::model::find;
use num_complex::Complex64;

use crate::continuation::common::{TUTORIAL, close, equilibria, fitzhugh_nagumo, wilson_cowan};

/// Located parameters.
const EVENT: f64 = 1e-10;
/// First Lyapunov coefficients, which near a Bogdanov-Takens point are large.
const COEFFICIENT: f64 = 1e-6;

fn rows(name: &str) -> Vec<Vec<f64>> {
    let table = read_f64(Path::new("tests/library/continuation/points.npz"), name).unwrap();
    table
        .outer_iter()
        .map(|row| row.iter().copied().collect())
        .collect()
}

fn kind(code: f64) -> EventKind {
    [EventKind::Fold, EventKind::Hopf, EventKind::NeutralSaddle][code as usize]
}

/// The one of `events` that is of a kind and at a place; its coefficient, if there is one to compare with.
#[track_caller]
fn present<'a>(events: impl IntoIterator<Item = &'a Event>, [code, at, l1]: [f64; 3]) {
    let same = |event: &&&Event| {
        event.kind == kind(code) && (event.parameters[0] - at).abs() < EVENT * (1.0 + at.abs())
    };
    let events: Vec<&Event> = events.into_iter().collect();
    let found: Vec<_> = events.iter().filter(same).collect();
    let [event] = &found[..] else {
        panic!("{} at {at}: {events:#?}", kind(code))
    };
    if l1.is_finite() {
        close(event.coefficient.unwrap(), l1, COEFFICIENT);
    }
}

/// As many equilibria as there are, where they are, with their eigenvalues.
#[test]
fn equilibria_have_their_places_and_eigenvalues() {
    let defaults = NodeProblem::new(find("wilson-cowan").unwrap(), &[], &["x_ext"]).unwrap();
    let cases: [Box<dyn Problem>; 6] = [
        Box::new(fitzhugh_nagumo()),
        Box::new(wilson_cowan("wilson-cowan", 0.0)),
        Box::new(wilson_cowan("wilson-cowan", -1.0)),
        Box::new(wilson_cowan("wilson-cowan", 2.0)),
        Box::new(defaults),
        Box::new(wilson_cowan("wilson-cowan-brainpy", 0.0)),
    ];
    let parameters: [&[f64]; 6] = [
        &[0.0, -1.5],
        &[0.0, 0.0],
        &[0.0, -1.0],
        &[0.0, 2.0],
        &[0.0],
        &[0.0, 0.0],
    ];
    let table = rows("equilibria");
    for (case, (node, parameters)) in cases.iter().zip(parameters).enumerate() {
        let of_case: Vec<&Vec<f64>> = table.iter().filter(|row| row[0] == case as f64).collect();
        let inputs = || of_case.iter().map(|row| row[1]);
        let [low, high] = [
            inputs().fold(f64::INFINITY, f64::min),
            inputs().fold(f64::NEG_INFINITY, f64::max),
        ];
        let settings = Settings::new(low, high);
        let diagram: Diagram = equilibria(node.as_ref(), parameters, &settings);
        for row in &of_case {
            let there = diagram.equilibria_at(node.as_ref(), parameters, row[1], &settings);
            assert_eq!(
                there.len(),
                inputs().filter(|x_ext| *x_ext == row[1]).count()
            );
            let away = |u: &[f64]| (u[0] - row[2]).abs() + (u[1] - row[3]).abs();
            let near = there.iter().map(|(_, point)| point);
            let point = near
                .min_by(|a, b| away(&a.state).total_cmp(&away(&b.state)))
                .unwrap();
            assert!(away(&point.state) < EVENT, "case {case}: {row:?} {point:?}");
            for (found, expected) in point.eigenvalues.iter().zip(row[4..].chunks_exact(2)) {
                let miss = (found - Complex64::new(expected[0], expected[1])).norm();
                assert!(miss < 1e-9, "case {case}: {row:?} {found}");
            }
        }
    }
}

/// Folds and Hopf points of FitzHugh-Nagumo over x_ext, at 90 values of four other parameters: these, and no others.
#[test]
fn fitzhugh_nagumo_has_its_points_whatever_the_parameters() {
    let table = rows("two_parameter");
    let names = ["beta", "gamma", "tau", "alpha"];
    let mut first = 0;
    while first < table.len() {
        let [which, value] = [table[first][0], table[first][1]];
        let slice = table[first..]
            .iter()
            .take_while(|row| row[..2] == [which, value]);
        let slice: Vec<&Vec<f64>> = slice.collect();
        let name = names[which as usize];
        let model = find("fitzhugh-nagumo").unwrap();
        let node = NodeProblem::new(model, &[(name, value)], &["x_ext"]).unwrap();
        let diagram = equilibria(&node, &[0.0], &Settings::new(-1.0, 3.0));
        let is_one = |event: &&Event| matches!(event.kind, EventKind::Fold | EventKind::Hopf);
        let events: Vec<&Event> = diagram.events().map(|(_, e)| e).filter(is_one).collect();
        assert_eq!(events.len(), slice.len(), "{name} = {value}: {events:#?}");
        for row in &slice {
            present(events.iter().copied(), [row[2], row[3], row[4]]);
        }
        first += slice.len();
    }
}

/// Points of Wilson-Cowan's curves of folds, Hopf points and neutral saddles in both inputs are met at their y_ext.
#[test]
fn wilson_cowan_curves_pass_their_points() {
    for row in rows("curves") {
        let [code, x_ext, y_ext, l1] = row[..] else {
            panic!("{row:?}")
        };
        let node = wilson_cowan("wilson-cowan", y_ext);
        let settings = Settings::new(x_ext - 0.3, x_ext + 0.2);
        let diagram = equilibria(&node, &[x_ext, y_ext], &settings);
        present(diagram.events().map(|(_, event)| event), [code, x_ext, l1]);
    }
}

/// The same over y_ext, at three values of x_ext: these, and no others.
#[test]
fn wilson_cowan_has_its_points_over_the_other_input() {
    let table = rows("sweeps");
    for x_ext in [0.5, 1.25, 4.6] {
        let mut set = TUTORIAL.to_vec();
        set.push(("x_ext", x_ext));
        let node = NodeProblem::new(find("wilson-cowan").unwrap(), &set, &["y_ext"]).unwrap();
        let diagram = equilibria(&node, &[0.0], &Settings::new(-8.0, 10.0));
        let is_one = |event: &&Event| event.kind != EventKind::NodeFocus;
        let events: Vec<&Event> = diagram.events().map(|(_, e)| e).filter(is_one).collect();
        let slice: Vec<_> = table.iter().filter(|row| row[0] == x_ext).collect();
        assert_eq!(events.len(), slice.len(), "x_ext {x_ext}: {events:#?}");
        for row in slice {
            present(events.iter().copied(), [row[1], row[2], row[3]]);
        }
    }
}
