//! What is found does not depend on how it is looked for, and what cannot be done is said.

use brainsweep::continuation::{
    BranchEnd, BranchStart, Chart, Diagram, EquilibriumBranch, EventKind, Locus, LocusPoint,
    NodeProblem, Problem, Settings,
};
use brainsweep::model::find;

use crate::continuation::common::{close, equations, equilibria, fitzhugh_nagumo, wilson_cowan};

/// Names and places of all events for steps from a quarter of the default to sixteen times, in both directions.
#[test]
fn the_events_are_the_same_for_any_step() {
    type Case = (&'static str, Box<dyn Problem>, Vec<f64>, [f64; 2]);
    let cases: [Case; 4] = [
        (
            "fhn",
            Box::new(fitzhugh_nagumo()),
            vec![0.0, -1.5],
            [0.0, 2.0],
        ),
        (
            "wc 0",
            Box::new(wilson_cowan("wilson-cowan", 0.0)),
            vec![-2.0, 0.0],
            [-2.0, 6.0],
        ),
        (
            "wc -1",
            Box::new(wilson_cowan("wilson-cowan", -1.0)),
            vec![-2.0, -1.0],
            [-2.0, 6.0],
        ),
        (
            "wc 2",
            Box::new(wilson_cowan("wilson-cowan", 2.0)),
            vec![-2.0, 2.0],
            [-2.0, 6.0],
        ),
    ];
    for (name, problem, parameters, [low, high]) in &cases {
        let mut reference: Option<Vec<(&str, f64)>> = None;
        for factor in [0.25, 1.0, 4.0, 16.0] {
            let mut settings = Settings::new(*low, *high);
            settings.step_max *= factor;
            settings.step *= factor;
            let start = BranchStart {
                state: vec![0.0, 0.0],
                parameters: parameters.clone(),
                active: 0,
                tangent: None,
            };
            let branch = EquilibriumBranch::through(problem.as_ref(), &start, &settings).unwrap();
            assert!(branch.unexplained.is_empty());
            let ahead: Vec<(&str, f64)> = branch
                .events()
                .map(|e| (e.kind.name(), e.parameters[0]))
                .collect();
            // And back from the far end.
            let last = branch.points.last().unwrap();
            let mut parameters = parameters.clone();
            parameters[0] = last.parameter;
            let back = BranchStart {
                state: last.state.clone(),
                parameters,
                active: 0,
                tangent: None,
            };
            let branch = EquilibriumBranch::through(problem.as_ref(), &back, &settings).unwrap();
            let mut behind: Vec<(&str, f64)> = branch
                .events()
                .map(|e| (e.kind.name(), e.parameters[0]))
                .collect();
            if (branch.points[0].parameter - last.parameter).abs() < 1e-9 {
                behind.reverse();
            }
            let reference = reference.get_or_insert_with(|| ahead.clone());
            for found in [&ahead, &behind] {
                assert_eq!(found.len(), reference.len(), "{name} x {factor}: {found:?}");
                for (found, expected) in found.iter().zip(reference.iter()) {
                    assert_eq!(found.0, expected.0, "{name} x {factor}");
                    close(found.1, expected.1, 1e-11);
                }
            }
        }
    }
}

#[test]
fn a_model_without_derivatives_is_refused_with_the_reason() {
    let refused = NodeProblem::new(find("threshold-linear").unwrap(), &[], &["e_ext"])
        .err()
        .unwrap();
    assert_eq!(
        refused.report(),
        "the model threshold-linear cannot be continued: continuation needs derivatives, and its response has a corner at input 0\nhint: simulate it instead"
    );
    let unknown = NodeProblem::new(find("fitzhugh-nagumo").unwrap(), &[], &["z_ext"])
        .err()
        .unwrap();
    assert_eq!(
        unknown.report(),
        r#"no number that moves an equilibrium named "z_ext"; known: parameters.alpha, parameters.beta, parameters.gamma, parameters.delta, parameters.epsilon, parameters.tau, x_ext, y_ext
hint: did you mean "x_ext"?"#
    );
}

/// Steps and Newton iterations of a few runs: a change here is a change of the algorithm.
#[test]
fn steps_and_iterations_are_pinned() {
    let mut text = String::new();
    for (name, problem, low, high) in [
        ("fitzhugh-nagumo", fitzhugh_nagumo(), 0.0, 2.0),
        (
            "wilson-cowan",
            wilson_cowan("wilson-cowan", -1.0),
            -2.0,
            6.0,
        ),
    ] {
        let settings = Settings::new(low, high);
        let mut parameters = problem.start().to_vec();
        parameters[0] = low;
        let start = BranchStart {
            state: vec![0.0; 2],
            parameters,
            active: 0,
            tangent: None,
        };
        let branch = EquilibriumBranch::through(&problem, &start, &settings).unwrap();
        let iterations: usize = branch.points.iter().map(|p| p.newton_iterations).sum();
        text += &format!(
            "{name}: {} points, {iterations} Newton iterations\n",
            branch.points.len()
        );
    }
    let node = fitzhugh_nagumo();
    let branch = &Diagram::new(&node, node.start(), &Settings::new(0.0, 2.0))
        .unwrap()
        .cycles[0];
    let iterations: usize = branch.cycles.iter().map(|c| c.newton_iterations).sum();
    text += &format!(
        "fitzhugh-nagumo: {} cycles, {iterations} Newton iterations\n",
        branch.cycles.len()
    );
    assert_eq!(
        text,
        "fitzhugh-nagumo: 34 points, 97 Newton iterations\n\
         wilson-cowan: 106 points, 348 Newton iterations\n\
         fitzhugh-nagumo: 36 cycles, 108 Newton iterations\n"
    );
}

equations!(Isola, [x], [p], |lit: fn(f64) -> _| {
    let radius = p * p + x * x;
    [lit(0.5) - lit(0.5) * radius]
});

/// x^2 + p^2 = 1: a closed branch with two folds, found by the search because it meets no bound.
#[test]
fn a_closed_branch_is_found_and_closes() {
    let diagram = equilibria(&Isola, &[0.0], &Settings::new(-2.0, 2.2));
    assert_eq!(diagram.branches.len(), 1);
    assert_eq!(diagram.branches[0].ends, [Some(BranchEnd::Closed); 2]);
    let mut places: Vec<f64> = diagram.events().map(|(_, e)| e.parameters[0]).collect();
    places.sort_by(f64::total_cmp);
    assert_eq!(places.len(), 2);
    close(places[0], -1.0, 1e-12);
    close(places[1], 1.0, 1e-12);
}

/// A second method: after 60 ms of simulation from a perturbed point, stable equilibria have been approached and unstable
/// ones left.
#[test]
fn simulations_stay_where_the_diagram_says_stable() {
    let node = wilson_cowan("wilson-cowan", -1.0);
    let settings = Settings::new(-2.0, 6.0);
    let diagram = equilibria(&node, &[0.0, -1.0], &settings);
    let mut checked = [0, 0];
    for point in diagram.branches[0].points.iter().step_by(4) {
        // Too near the axis to tell in that time.
        if point.eigenvalues.iter().any(|e| e.re.abs() < 0.1) {
            continue;
        }
        let mut x = [point.state[0] + 1e-4, point.state[1] - 7e-5];
        let (mut rate, mut farthest) = ([0.0; 2], 0.0f64);
        for _ in 0..60_000 {
            // Heun's method.
            node.value(&x, &[point.parameter, -1.0], &mut rate);
            let ahead = [x[0] + 1e-3 * rate[0], x[1] + 1e-3 * rate[1]];
            let mut then = [0.0; 2];
            node.value(&ahead, &[point.parameter, -1.0], &mut then);
            for i in 0..2 {
                x[i] += 5e-4 * (rate[i] + then[i]);
            }
            farthest = farthest.max((x[0] - point.state[0]).hypot(x[1] - point.state[1]));
        }
        let left = (x[0] - point.state[0]).hypot(x[1] - point.state[1]);
        if point.n_unstable == 0 {
            assert!(
                left < 1e-5,
                "stable at {}, but {left} away",
                point.parameter
            );
        } else {
            assert!(
                farthest > 1e-2,
                "unstable at {}, but never {farthest} away",
                point.parameter
            );
        }
        checked[usize::from(point.n_unstable > 0)] += 1;
    }
    assert!(checked[0] > 5 && checked[1] > 5, "{checked:?}");
}

/// At y_ext = -4 a long step over the first fold lands on another part of the branch, with much the same tangent: it is not taken.
#[test]
fn a_step_does_not_leave_for_another_part_of_the_branch() {
    let node = wilson_cowan("wilson-cowan", -4.0);
    let diagram = equilibria(&node, &[-4.0, -4.0], &Settings::new(-4.0, 8.0));
    assert_eq!(diagram.branches.len(), 1);
    assert_eq!(diagram.branches[0].ends, [Some(BranchEnd::Bound); 2]);
    let events = diagram.events().map(|(_, event)| event.kind.name());
    let bifurcations: Vec<_> = events.filter(|name| *name != "node-focus").collect();
    assert_eq!(bifurcations, ["fold", "neutral-saddle", "fold", "hopf"]);
}

/// The curve of folds of cycles of Wilson-Cowan runs towards long periods, where a mesh soon is too coarse for them: it is the same
/// curve from 30 intervals on as from 80, has no cusp, and ends in the same connection of a neutral saddle.
#[test]
fn a_curve_of_cycle_folds_does_not_depend_on_its_mesh() {
    let node = wilson_cowan("wilson-cowan", -2.0);
    let curves = [30, 80].map(|mesh| {
        let mut settings = Settings::new(-2.0, 4.0);
        settings.mesh = mesh;
        let ranges = [[-2.0, 4.0], [-3.0, -1.0]];
        let chart = Chart::new(&node, &[0.0, -2.0], ranges, &settings).unwrap();
        let is_one = |curve: &&Locus| curve.kind == EventKind::CycleFold;
        let [curve] = &chart.curves.iter().filter(is_one).collect::<Vec<_>>()[..] else {
            panic!("{:?}", chart.stopped)
        };
        let mut kinds: Vec<&str> = curve.events().map(|event| event.kind.name()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["generalized-hopf", "neutral-homoclinic"]);
        (*curve).clone()
    });
    let [a, b] = [0, 1].map(|k: usize| {
        let mut events = curves[k].events();
        let end = events.find(|event| event.kind == EventKind::NeutralHomoclinic);
        end.unwrap().parameters.clone()
    });
    close(a[0], b[0], 1e-6);
    close(a[1], b[1], 1e-6);
    // Where x_ext passes these, y_ext and the period, on a line between neighbours.
    for x_ext in [-0.3, 0.0, 0.05, 0.06, 0.0615] {
        let [a, b] = [0, 1].map(|k| {
            let passes = |pair: &&[LocusPoint]| {
                let [from, to] = [0, 1].map(|end: usize| pair[end].parameters[0] - x_ext);
                from * to <= 0.0
            };
            let pair = curves[k].points.windows(2).find(passes).unwrap();
            let [from, to] = [0, 1].map(|end: usize| &pair[end]);
            let share = (x_ext - from.parameters[0]) / (to.parameters[0] - from.parameters[0]);
            let period = |point: &LocusPoint| point.period.unwrap();
            [
                from.parameters[1] + share * (to.parameters[1] - from.parameters[1]),
                period(from) + share * (period(to) - period(from)),
            ]
        });
        let close = |k: usize, tolerance: f64| (a[k] / b[k] - 1.0).abs() < tolerance;
        assert!(
            close(0, 1e-4) && close(1, 1e-2),
            "x_ext {x_ext}: {a:?} {b:?}"
        );
    }
}
