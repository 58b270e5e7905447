//! `brainsweep phase-plane`, and the phase planes behind it: against closed forms and published values.

use crate::program;

use std::f64::consts::TAU;
use std::path::Path;

use brainsweep::Control;
use brainsweep::continuation::{Equations, NodeProblem, PhasePlane, PlaneSettings, Stability};
use brainsweep::io::npz::read_f64;
use brainsweep::model::find;
use brainsweep::testing::scalar::Scalar;
use ndarray::Axis;

/// Radius moves by r' = r (mu + r^2 - r^4) and the phase by 1 per ms (Kuznetsov 2004, section 8.3: beyond a Bautin point).
struct TwoCycles;

impl Equations for TwoCycles {
    fn unknowns(&self) -> Vec<String> {
        ["x", "y"].map(String::from).to_vec()
    }
    fn parameters(&self) -> Vec<String> {
        vec!["mu".into()]
    }
    fn rates<S: Scalar>(&self, u: &[S], p: &[S], rates: &mut [S]) {
        let (x, y) = (u[0], u[1]);
        let square = x * x + y * y;
        let growth = p[0] + square - square * square;
        rates[0] = growth * x - y;
        rates[1] = growth * y + x;
    }
}

/// At mu = -0.1 an unstable cycle lies inside a stable one, r^2 = (1 -+ sqrt(0.6))/2, both of period 2 pi, with multipliers
/// exp(2 pi (2 r^2 - 4 r^4)). Between them and the stable focus every orbit runs from the one to the other.
#[test]
fn stable_and_unstable_cycles_are_the_closed_forms() {
    let plane = PhasePlane::new(&TwoCycles, &[-0.1], &PlaneSettings::default()).unwrap();
    assert_eq!(plane.equilibria.len(), 1);
    assert_eq!(plane.equilibria[0].stability, Stability::StableFocus);
    assert_eq!((plane.cycles.len(), plane.stopped.len()), (2, 0));
    for (sign, stable) in [(-1.0, false), (1.0, true)] {
        let square = 0.5 * (1.0 + sign * 0.6f64.sqrt());
        let near = |r: f64| (r - square.sqrt()).abs() < 1e-7;
        let cycle = plane.cycles.iter().find(|c| near(c.maxima[0])).unwrap();
        assert_eq!(cycle.is_stable(), stable);
        assert!(near(-cycle.minima[1]) && (cycle.period - TAU).abs() < 1e-8);
        let multiplier = f64::exp(TAU * (2.0 * square - 4.0 * square * square));
        assert!((cycle.multipliers[0].re / multiplier - 1.0).abs() < 1e-5);
    }
    let ends = plane
        .orbits
        .iter()
        .map(|orbit| orbit.states.last().unwrap());
    assert!(
        ends.into_iter()
            .all(|u| (u[0].hypot(u[1]) - 0.9419651451).abs() < 1e-6)
    );
}

/// Just beyond the fold of cycles at mu = -1/4 both cycles lie between two neighbouring starts of the search.
#[test]
fn two_cycles_beside_their_fold_are_found() {
    let plane = PhasePlane::new(&TwoCycles, &[-0.25 + 1e-5], &PlaneSettings::default()).unwrap();
    assert!(plane.stopped.is_empty(), "{:?}", plane.stopped);
    let mut radii: Vec<(bool, f64)> = plane
        .cycles
        .iter()
        .map(|cycle| (cycle.is_stable(), cycle.maxima[0]))
        .collect();
    radii.sort_by(|a, b| a.1.total_cmp(&b.1));
    let [(false, inner), (true, outer)] = radii[..] else {
        panic!("{radii:?}")
    };
    for (radius, sign) in [(inner, -1.0), (outer, 1.0)] {
        let square: f64 = 0.5 * (1.0 + sign * 4e-5f64.sqrt());
        assert!((radius - square.sqrt()).abs() < 1e-7, "{radius}");
    }
}

/// The tutorial's FitzHugh-Nagumo node at input 1: one unstable focus on the nullclines' crossing, one stable cycle.
#[test]
fn fitzhugh_nagumo_runs_on_its_cycle() {
    let model = find("fitzhugh-nagumo").unwrap();
    let node = NodeProblem::new(model, &[("x_ext", 1.0)], &["x_ext"]).unwrap();
    let plane = PhasePlane::new(&node, node.start(), &PlaneSettings::default()).unwrap();
    let [equilibrium] = &plane.equilibria[..] else {
        panic!("{:?}", plane.equilibria)
    };
    assert_eq!(equilibrium.stability, Stability::UnstableFocus);
    assert!((equilibrium.state[1] - 2.0 * equilibrium.state[0]).abs() < 1e-12);
    let [cycle] = &plane.cycles[..] else {
        panic!("{:?}", plane.cycles)
    };
    // Extrema and period of a simulation in steps of 1e-3 ms, and half of their last digit.
    let expected = [0.101834, 0.771657, 0.782024, 0.944002, 30.5455];
    let halves = [5e-7, 5e-7, 5e-7, 5e-7, 5e-5];
    let found = [
        cycle.minima[0],
        cycle.maxima[0],
        cycle.minima[1],
        cycle.maxima[1],
        cycle.period,
    ];
    for ((found, expected), half) in found.iter().zip(expected).zip(halves) {
        assert!((found - expected).abs() < half, "{found} {expected}");
    }
    let [x_curves, y_curves] = &plane.nullclines;
    for [x, y] in x_curves.iter().flatten() {
        assert!((((4.0 - 3.0 * x) * x - 1.5) * x - y + 1.0).abs() < 1e-9);
    }
    assert!(
        y_curves
            .iter()
            .flatten()
            .all(|[x, y]| (y - 2.0 * x).abs() < 1e-9)
    );
    assert!(plane.window[0][0] < cycle.minima[0] && cycle.maxima[0] < plane.window[0][1]);
}

/// Runs the command; its exit code and what it says.
fn phase_plane(arguments: &[&str], folder: &Path) -> (Option<i32>, String, String) {
    program::run(&["phase-plane"], arguments, folder)
}

/// The tutorial's Wilson-Cowan node at input -0.5 rests in one of two nodes; the saddle between them sends one half of its
/// unstable manifold to each. Files, figures and JSON agree.
#[test]
fn the_command_writes_the_two_stable_states_and_what_parts_them() {
    let home = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = phase_plane(
        &[
            "wilson_cowan",
            "--set",
            "x_ext=-0.5",
            "--out",
            "wc",
            "--json",
        ],
        home.path(),
    );
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    let found: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let types: Vec<_> = found["equilibria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["type"])
        .collect();
    assert_eq!(types, ["stable node", "saddle", "stable node"]);
    let arrays = home.path().join("wc/phase_plane.npz");
    let equilibria = read_f64(&arrays, "equilibria").unwrap();
    let expected = [
        0.04124413, 0.01066041, 0.30841756, 0.29564540, 0.45715565, 0.45429936,
    ];
    for (found, expected) in equilibria.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-8, "{found} {expected}");
    }
    let mut ends = Vec::new();
    for k in 1..=4 {
        let way = read_f64(&arrays, &format!("separatrix_{k}")).unwrap();
        let end: Vec<f64> = way
            .index_axis(Axis(0), way.shape()[0] - 1)
            .iter()
            .copied()
            .collect();
        let at = |row: usize| (end[1] - equilibria[[row, 0]]).hypot(end[2] - equilibria[[row, 1]]);
        ends.extend([0, 2].into_iter().filter(|&row| at(row) < 1e-3));
    }
    ends.sort();
    assert_eq!(ends, [0, 2]);
    for file in ["manifest.json", "phase_plane.svg", "phase_plane.png"] {
        assert!(home.path().join("wc").join(file).exists(), "{file}");
    }
}

/// Without rotation the cycle of Stuart and Landau is a circle of equilibria: no cycles are looked for round each of them.
#[test]
fn equilibria_that_fill_a_circle_are_said_to() {
    let node = NodeProblem::new(find("stuart-landau").unwrap(), &[("w", 0.0)], &["x_ext"]).unwrap();
    let plane = PhasePlane::new(&node, node.start(), &PlaneSettings::default()).unwrap();
    assert!(
        plane.stopped[0].what.contains("not isolated"),
        "{:?}",
        plane.stopped
    );
    assert!(plane.cycles.is_empty());
    let isolated = plane
        .equilibria
        .iter()
        .find(|e| e.state[0].hypot(e.state[1]) < 1e-9);
    assert_eq!(isolated.unwrap().stability, Stability::UnstableNode);
}

/// Morris-Lecar neurons, whose states are mV and shares: the plane grows from -2:2 to what there is. Orbits that wind slowly,
/// beside a Hopf point and beside a cycle of a multiplier near 1, are decided: nothing is said of them. Periods and lowest voltages
/// by SciPy's DOP853, backward in time for the unstable cycles.
#[test]
fn slow_orbits_are_decided_in_a_plane_as_large_as_needed() {
    type Expected = &'static [(bool, f64, f64)];
    let names = ["g_Ca", "g_K", "V1", "V3", "V4", "phi"];
    let slow = [
        4.485683113627896,
        7.857778109350229,
        -0.6876347954621185,
        2.8853752499530243,
        28.82646127307444,
        0.211189551957358,
    ];
    let weak = [
        4.355608829378026,
        7.746623862790084,
        -2.445842349942179,
        12.131865899808778,
        15.109395919379097,
        0.14061205761148585,
    ];
    let large = [
        4.958290569862547,
        7.023309387584282,
        -0.05603352081249824,
        2.2121781467064743,
        31.767770678267997,
        0.03371374392575477,
    ];
    let quiet = [
        4.426380691654992,
        8.613381554237359,
        0.841979097295507,
        4.054755288702517,
        28.023826442565195,
        0.1849283707055508,
    ];
    let planes: [(_, f64, Expected); 4] = [
        (slow, 164.3191444924735, &[(true, 25.590256308, -10.31166)]),
        (weak, 3.394304359147462, &[(false, 17.671337445, 5.68298)]),
        (
            large,
            88.19645639075584,
            &[
                (false, 95.195137427, -28.36106),
                (true, 124.294918663, -53.52061),
            ],
        ),
        // The growth rate at its focus is -5e-6 per ms.
        (quiet, 221.0234674663202, &[]),
    ];
    for (values, current, expected) in planes {
        let set: Vec<_> = names.into_iter().zip(values).collect();
        let node = NodeProblem::new(find("morris-lecar").unwrap(), &set, &["I"]).unwrap();
        let plane = PhasePlane::new(&node, &[current], &PlaneSettings::default()).unwrap();
        assert!(plane.stopped.is_empty(), "{current}: {:?}", plane.stopped);
        assert_eq!(plane.cycles.len(), expected.len(), "{current}");
        for (cycle, (stable, period, low)) in plane.cycles.iter().zip(expected) {
            assert_eq!(cycle.is_stable(), *stable, "{current}");
            assert!(
                (cycle.period / period - 1.0).abs() < 1e-6,
                "{}",
                cycle.period
            );
            assert!((cycle.minima[0] - low).abs() < 1e-3, "{}", cycle.minima[0]);
        }
    }
}

/// x' = mu - x^2, which has no equilibrium for mu < 0.
struct Passing;

impl Equations for Passing {
    fn unknowns(&self) -> Vec<String> {
        ["x", "y"].map(String::from).to_vec()
    }
    fn parameters(&self) -> Vec<String> {
        vec!["mu".into()]
    }
    fn rates<S: Scalar>(&self, u: &[S], p: &[S], rates: &mut [S]) {
        rates[0] = p[0] - u[0] * u[0];
        rates[1] = -u[1];
    }
}

/// Where there is nothing, that is said; far from where the search begins, what there is is found.
#[test]
fn fixed_points_are_found_far_away_or_said_to_be_none() {
    let plane = |mu: f64| PhasePlane::new(&Passing, &[mu], &PlaneSettings::default()).unwrap();
    let empty = plane(-0.5);
    assert!(empty.equilibria.is_empty());
    let said = &empty.stopped[0].what;
    assert!(
        said.contains("no fixed point was found") && said.contains("x from -2 to 2"),
        "{said}"
    );
    let far = plane(90_000.0);
    let states: Vec<f64> = far.equilibria.iter().map(|e| e.state[0]).collect();
    assert_eq!(states.len(), 2, "{states:?}");
    assert!((states[0] + 300.0).abs() < 1e-6 && (states[1] - 300.0).abs() < 1e-6);
    assert!(far.stopped.is_empty(), "{:?}", far.stopped);
}

/// What a signal does: the rest of the work takes no time.
#[test]
fn a_phase_plane_can_be_stopped() {
    let node = NodeProblem::new(find("fitzhugh-nagumo").unwrap(), &[], &["x_ext"]).unwrap();
    let control = Control::default();
    control.stop();
    let settings = PlaneSettings {
        control,
        ..PlaneSettings::default()
    };
    let plane = PhasePlane::new(&node, &[1.0], &settings).unwrap();
    assert!(plane.cycles.is_empty());
    assert!(plane.orbits.iter().all(|orbit| orbit.states.len() <= 1));
}

/// What cannot be drawn is said in one line, with what to do.
#[test]
fn what_cannot_be_drawn_is_refused_in_words() {
    let home = tempfile::tempdir().unwrap();
    for (arguments, part) in [
        (&["threshold-linear"][..], "corner"),
        (&["feedback-fitzhugh-nagumo"], "delayed feedback"),
        (&["fitzhugh-nagum"], "did you mean \"fitzhugh-nagumo\"?"),
        (
            &["fitzhugh-nagumo", "--window", "z=0:1"],
            "state of fitzhugh-nagumo",
        ),
        (&["fitzhugh-nagumo", "--window", "x=1:0"], "LOW:HIGH"),
        (&["fitzhugh-nagumo", "--from", "1"], "two finite numbers"),
        (&["fitzhugh-nagumo", "--node", "1"], "nodes 0 to 0"),
    ] {
        let (code, stdout, stderr) = phase_plane(arguments, home.path());
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(
            stderr.starts_with("error: ") && stderr.contains(part),
            "{stderr}"
        );
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}
