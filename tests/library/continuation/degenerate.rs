//! What a symmetry makes 0 is said to be 0, and nothing is made of its rounding.

use brainsweep::continuation::{
    BranchEnd, Criticality, CycleBranch, CycleEnd, Diagram, Equations, EventKind, NodeProblem,
    Scalar, Settings, Stability,
};
use brainsweep::model::find;
use std::f64::consts::{PI, TAU};

use crate::continuation::common::{close, equations};

/// A node of Montbrió, Pazó and Roxin's model; the trace of its Jacobian is `4 v / tau`.
fn montbrio(set: &[(&str, f64)], vary: &str) -> NodeProblem {
    NodeProblem::new(find("montbrio-pazo-roxin").unwrap(), set, &[vary]).unwrap()
}

/// At v = 0 the equations do not change under (v, t) -> (-v, -t): a centre. There r_ext = - delta / (pi tau), and the first Lyapunov
/// coefficient is 0 whatever the parameters are.
#[test]
fn a_centre_is_a_degenerate_hopf_point_from_which_no_cycles_are_followed() {
    for [tau, delta, eta, j, v_ext] in [
        [1.0, 0.3702756359933056, -5.0, 15.0, 0.0],
        [
            1.8253461530024693,
            1.3346306366356766,
            -5.0,
            30.73146120520338,
            1.0406248787126824,
        ],
        [
            2.1763246419556177,
            2.0397776086671264,
            -7.741649641480553,
            25.981960610788768,
            0.0,
        ],
        [
            0.8408590342848206,
            1.0,
            -2.3572169143020485,
            27.195747786131797,
            0.0,
        ],
        [
            1.0,
            0.815571490314962,
            -2.9295113513879567,
            11.453942767646655,
            0.0,
        ],
        [
            1.0,
            2.0944415771196154,
            -5.027173846818785,
            15.0,
            -0.6500915199271328,
        ],
        [12.5, 0.02, -1.1, 0.9, 3.0],
        [0.4, 4.0, -11.0, 20.0, 2.0],
    ] {
        let set = [
            ("tau", tau),
            ("delta", delta),
            ("eta", eta),
            ("J", j),
            ("v_ext", v_ext),
        ];
        let node = montbrio(&set, "r_ext");
        let centre = -delta / (PI * tau);
        let mut settings = Settings::new(centre - 1.5, centre + 2.0);
        settings.search_box = [-6.0, 6.0];
        let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
        let hopf: Vec<_> = diagram
            .events()
            .filter(|(_, event)| event.kind.is_hopf())
            .map(|(_, event)| event)
            .collect();
        assert!(!hopf.is_empty(), "{set:?}");
        for event in hopf {
            assert_eq!(event.kind.name(), "degenerate-hopf", "{set:?}: {event}");
            assert_eq!(event.criticality, None);
            assert_eq!(event.coefficient, Some(0.0));
            close(event.parameters[0], centre, 1e-10);
        }
        assert!(diagram.cycles.is_empty(), "{set:?}");
        assert!(!diagram.stopped.is_empty(), "{set:?}");
        for why in &diagram.stopped {
            assert!(
                why.what.contains("degenerate") && why.report().contains("centre"),
                "{why}"
            );
        }
    }
}

/// FitzHugh-Nagumo's first Lyapunov coefficient changes its sign at gamma = -0.765277777...: however near to that, it is not 0.
#[test]
fn a_small_first_lyapunov_coefficient_keeps_its_sign() {
    let bautin = -551.0 / 720.0;
    for off in [1e-3, 1e-6, 1e-9] {
        let criticality = [-off, off].map(|off| {
            let set = [("gamma", bautin + off)];
            let node =
                NodeProblem::new(find("fitzhugh-nagumo").unwrap(), &set, &["x_ext"]).unwrap();
            let mut settings = Settings::new(0.0, 2.0);
            settings.cycles = false;
            let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
            let hopf = diagram
                .events()
                .filter(|(_, event)| event.kind == EventKind::Hopf);
            let all: Vec<_> = hopf.map(|(_, event)| event.criticality).collect();
            assert_eq!(all.len(), 2, "{off}");
            assert_eq!(all[0], all[1], "{off}");
            all[0].unwrap()
        });
        let expected = [Criticality::Supercritical, Criticality::Subcritical];
        assert_eq!(criticality, expected, "{off}");
    }
}

/// With delta = 0 a branch has v = 0, and with it the trace 0, from end to end: nothing crosses.
#[test]
fn a_trace_that_is_zero_all_along_crosses_nothing() {
    for (set, vary, range) in [
        (&[("delta", 0.0), ("v_ext", 6.0)][..], "J", [5.0, 20.0]),
        (&[("delta", 0.0), ("J", 12.0)], "v_ext", [5.5, 9.0]),
        (
            &[("delta", 0.0), ("J", 12.0), ("tau", 1.3)],
            "eta",
            [0.5, 9.0],
        ),
    ] {
        let node = montbrio(set, vary);
        let settings = Settings::new(range[0], range[1]);
        let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
        let crossings: Vec<String> = diagram
            .events()
            .filter(|(_, event)| event.kind.is_hopf() || event.kind == EventKind::NeutralSaddle)
            .map(|(_, event)| event.to_string())
            .collect();
        assert!(crossings.is_empty(), "{set:?}: {crossings:?}");
        let centres = diagram.branches.iter().flat_map(|branch| &branch.points);
        let centres = centres.filter(|point| point.stability == Stability::Centre);
        assert!(centres.count() > 10, "{set:?}");
        assert!(diagram.cycles.is_empty());
    }
}

/// Without rotation and input every point of the circle x^2 + y^2 = a is an equilibrium of the Stuart-Landau node.
#[test]
fn equilibria_that_fill_a_curve_are_said_not_to_be_isolated() {
    let node = NodeProblem::new(find("stuart-landau").unwrap(), &[("w", 0.0)], &["x_ext"]).unwrap();
    for range in [[-1.0, 1.0], [0.0, 1.0], [-0.3, 0.5]] {
        let settings = Settings::new(range[0], range[1]);
        let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
        let told = diagram
            .stopped
            .iter()
            .filter(|why| why.what.contains("not isolated at x_ext = 0:"));
        assert_eq!(told.count(), 1, "{range:?}: {:?}", diagram.stopped);
        // The cubic x^3 - a x = x_ext is there all the same, with its folds at 2 (a/3)^(3/2).
        let fold = 2.0 * (0.25f64 / 3.0).powf(1.5);
        let folds = diagram
            .events()
            .filter(|(_, event)| event.kind == EventKind::Fold);
        let folds: Vec<f64> = folds.map(|(_, event)| event.parameters[0]).collect();
        assert!(!folds.is_empty(), "{range:?}");
        for found in folds {
            close(found.abs(), fold, 1e-9);
        }
    }
}

equations!(Degenerate, [x, y], [p], |lit: fn(f64) -> _| {
    [lit(0.0) * x, p - y]
});

/// Equilibria that fill a plane in states and parameter are no branch; that is found out in no time.
#[test]
fn equilibria_at_every_value_of_a_state_end_the_search() {
    let settings = Settings::new(-1.0, 1.0);
    let outcome = Diagram::new(&Degenerate, &[0.0], &settings);
    assert!(outcome.map_or(true, |diagram| diagram.branches.is_empty()));
}

/// A control is asked before the first point.
#[test]
fn a_control_that_is_stopped_ends_the_work_at_once() {
    let node = NodeProblem::new(find("wilson-cowan").unwrap(), &[], &["x_ext"]).unwrap();
    let settings = Settings::new(-2.0, 4.0);
    settings.control.stop();
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    assert!(diagram.branches.is_empty() && diagram.cycles.is_empty());
}

/// A box of states that holds no equilibrium does not hide the one outside; and where there is none, that is an error.
#[test]
fn an_equilibrium_outside_of_the_box_is_found() {
    let model = find("fitzhugh-nagumo").unwrap();
    let node = NodeProblem::new(model, &[("epsilon", 0.92)], &["x_ext"]).unwrap();
    let mut settings = Settings::new(0.5, 3.0);
    settings.cycles = false;
    settings.search_box = [-1e-3, 1e-3];
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    let last = diagram.branches[0].points.last().unwrap();
    close(last.parameter, 3.0, 1e-12);

    equations!(Nowhere, [x], [p], |lit: fn(f64) -> _| {
        [lit(1.0) + x * x + p * p]
    });
    let none = Diagram::new(&Nowhere, &[0.0], &Settings::new(-1.0, 1.0)).unwrap_err();
    assert!(none.to_string().contains("an equilibrium"), "{none}");
}

/// A circle of radius 1 and period 2 pi, and z' = (1/2 - p) - exp(z): z = ln(1/2 - p) runs away to where it has no effect.
struct RunsAway;

impl Equations for RunsAway {
    fn unknowns(&self) -> Vec<String> {
        ["x", "y", "z"].map(String::from).to_vec()
    }
    fn parameters(&self) -> Vec<String> {
        vec!["p".into()]
    }
    fn rates<S: Scalar>(&self, u: &[S], p: &[S], rates: &mut [S]) {
        let growth = S::lit(1.0) - u[0] * u[0] - u[1] * u[1];
        rates[0] = growth * u[0] - u[1];
        rates[1] = growth * u[1] + u[0];
        rates[2] = S::lit(0.5) - p[0] - u[2].exp();
    }
}

/// The branch of cycles ends, named, at p = 1/2: it used to go on until --points, its multiplier at 1 to rounding and no event adding up.
#[test]
fn a_branch_of_cycles_ends_where_a_state_runs_away() {
    let settings = Settings::new(-1.0, 1.0);
    let z = f64::ln(0.5 - 0.2);
    let orbit = |t: f64| vec![(TAU * t).cos(), (TAU * t).sin(), z];
    let branch =
        CycleBranch::through_orbit(&RunsAway, &[0.2], 0, (&orbit, TAU), &settings).unwrap();
    assert_eq!(branch.begin, Some(CycleEnd::Bound));
    assert_eq!(branch.end, CycleEnd::RunsAway);
    assert!(branch.unexplained.is_empty(), "{:?}", branch.unexplained);
    assert_eq!(branch.events().count(), 0);
    let last = branch.cycles.last().unwrap();
    assert!((last.parameter - 0.5).abs() < 1e-9, "{}", last.parameter);
    assert!(branch.cycles.len() < 400, "{}", branch.cycles.len());
    for cycle in &branch.cycles[..branch.cycles.len() / 2] {
        let z = f64::ln(0.5 - cycle.parameter);
        assert!((cycle.maxima[2] - z).abs() < 1e-6, "{}", cycle.parameter);
        // z' = -exp(z) (z - z0): its multiplier.
        let multiplier = f64::exp(-TAU * (0.5 - cycle.parameter));
        assert!(
            cycle
                .multipliers
                .iter()
                .any(|m| (m.re - multiplier).abs() < 1e-6),
            "{}",
            cycle.parameter
        );
    }
}

/// Larter and Breakspear's node with the numbers of a random set, over I.
fn larter_breakspear() -> NodeProblem {
    let set = [
        ("d_V", 0.6899785208334734),
        ("aee", 0.2133053573684335),
        ("aei", 2.008060849138789),
        ("aie", 1.528824540859571),
        ("b", 0.2251250736062793),
    ];
    NodeProblem::new(find("larter-breakspear").unwrap(), &set, &["I"]).unwrap()
}

/// Z grows to minus infinity where no inhibition is needed any more for V to rest where Z does: at a value that SciPy's brentq
/// solves from these two equations. At the other end V does, at I = 0. The whole branch is there; it used to be left out, as
/// one that fills a curve.
#[test]
fn a_branch_on_which_a_state_runs_away_is_kept() {
    let node = larter_breakspear();
    let mut settings = Settings::new(0.0, 0.8);
    settings.cycles = false;
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    let [branch] = &diagram.branches[..] else {
        panic!("{} branches", diagram.branches.len())
    };
    assert_eq!(branch.ends, [Some(BranchEnd::RunsAway); 2]);
    let [first, .., last] = &branch.points[..] else {
        panic!()
    };
    // To Newton's tolerance.
    close(first.parameter, 0.24713066424403257, 1e-11);
    close(first.state[0], -0.11866503095356859, 1e-11);
    assert!(first.state[2] < -5.0, "{}", first.state[2]);
    close(last.parameter, 0.0, 1e-9);
    assert!(last.state[0] < -5.0, "{}", last.state[0]);
    let kinds: Vec<EventKind> = branch.events().map(|event| event.kind).collect();
    let n = |kind: EventKind| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!(
        [n(EventKind::Fold), n(EventKind::Hopf)],
        [2, 2],
        "{kinds:?}"
    );
}

equations!(
    /// A well near -60, far outside of the box of the search, beside a slope that leads to 1.
    FarWell, [x], [p], |lit: fn(f64) -> _| {
    let away = x + lit(60.0);
    [p + away * (-(away * away)).exp() + lit(0.001) * (lit(1.0) - x)]
});

/// Both zeros near -60 were missed: they add nothing to the sum of the indices. Their places are those of SciPy's brentq.
#[test]
fn equilibria_of_one_state_are_found_outside_of_the_box() {
    let settings = Settings::new(-0.02, 0.02);
    let diagram = Diagram::new(&FarWell, &[0.0], &settings).unwrap();
    let mut found: Vec<(f64, usize)> = diagram
        .equilibria_at(&FarWell, &[0.0], 0.0, &settings)
        .into_iter()
        .map(|(_, point)| (point.state[0], point.n_unstable))
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert_eq!(found.len(), 3, "{found:?}");
    for ((x, unstable), (at, n)) in
        found
            .into_iter()
            .zip([(-61.83724667984994, 0), (-60.06129110531622, 1), (1.0, 0)])
    {
        close(x, at, 1e-11);
        assert_eq!(unstable, n);
    }
}
