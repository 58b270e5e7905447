//! Nodes with random parameters on which diagrams were once wrong. What is right was established independently: by shooting, by
//! closed forms, by Newton's method from a fine grid.

use brainsweep::continuation::{
    Chart, CycleBranch, CycleEnd, Diagram, Event, EventKind, Locus, NodeProblem, PhasePlane,
    PlaneSettings, Settings,
};
use brainsweep::model::find;

use crate::continuation::common::{close, wilson_cowan};

fn node(model: &str, set: &[(&str, f64)], vary: &[&str]) -> NodeProblem {
    NodeProblem::new(find(model).unwrap(), set, vary).unwrap()
}

/// A relaxation oscillator with canards.
const CANARDS: [(&str, f64); 7] = [
    ("alpha", 2.2533346268068133),
    ("beta", 4.191390903587536),
    ("gamma", 0.44834246478349815),
    ("delta", -0.3072642621483761),
    ("epsilon", 0.3996224835575406),
    ("parameters.tau", 28.231971102174896),
    ("y_ext", -0.029351914814267122),
];

fn ends_in(branch: &CycleBranch, kind: EventKind) -> Vec<&Event> {
    branch.events().filter(|event| event.kind == kind).collect()
}

/// Between two saddle-nodes on the cycle, on a branch that no Hopf point leads to.
#[test]
fn cycles_between_two_snics_are_found() {
    let set = [
        ("a", 0.8267754763194632),
        ("w", 0.4367166776484108),
        ("y_ext", 0.19781083014682932),
    ];
    let node = node("stuart-landau", &set, &["x_ext"]);
    let settings = Settings::new(-1.5, 1.5);
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    let between = |branch: &&CycleBranch| ends_in(branch, EventKind::Snic).len() == 2;
    let branches: Vec<&CycleBranch> = diagram.cycles.iter().filter(between).collect();
    let [branch] = branches[..] else {
        panic!("{} branches between SNICs", branches.len());
    };
    assert_eq!(branch.begin, Some(CycleEnd::InfinitePeriod));
    assert_eq!(branch.end, CycleEnd::InfinitePeriod);
    let snics = ends_in(branch, EventKind::Snic);
    close(snics[0].parameters[0], -0.324194926, 1e-8);
    close(snics[1].parameters[0], 0.324194926, 1e-8);
    // The diagram is symmetric about 0.
    let [a, b] = [0, 1].map(|k: usize| snics[k].coefficient.unwrap());
    close(a / b, 1.0, 1e-8);
    for (x_ext, period) in [(-0.3085467, 50.6659), (-0.0103646, 16.50284)] {
        let cycles = branch.cycles_at(&node, node.start(), 0, x_ext, &settings);
        assert_eq!(cycles.len(), 1);
        assert!(cycles[0].is_stable());
        close(cycles[0].period / period, 1.0, 1e-5);
    }
}

/// The cycle of the relaxation oscillator is one, and its extrema are those of fine simulations.
#[test]
fn a_relaxation_oscillator_has_one_cycle_in_the_plane() {
    let mut set = CANARDS.to_vec();
    set.push(("x_ext", -1.1151672230392329));
    let node = node("fitzhugh-nagumo", &set, &["x_ext"]);
    let plane = PhasePlane::new(&node, node.start(), &PlaneSettings::default()).unwrap();
    let [cycle] = &plane.cycles[..] else {
        panic!("{} cycles", plane.cycles.len());
    };
    assert!(cycle.is_stable());
    close(cycle.period, 195.1058, 1e-3);
    close(cycle.minima[0], -0.718138, 1e-4);
    close(cycle.maxima[0], 1.957977, 1e-4);
}

/// Towards a Bogdanov-Takens point the first Lyapunov coefficient grows without bound; its sign in the point itself is rounding.
#[test]
fn no_generalised_hopf_point_lies_beside_a_bogdanov_takens_point() {
    let first = [
        ("E_tau", 1.5479256566360677),
        ("E_a", 1.3036454625756173),
        ("E_theta", 4.478315727835217),
        ("I_tau", 2.632012851479135),
        ("I_a", 1.092472179638027),
        ("I_theta", 2.679250007612724),
        ("wEE", 16.159765729387153),
        ("wIE", 12.659810433506031),
        ("wEI", 9.764727380015618),
        ("wII", 4.348186620774261),
        ("r", 0.6253554271437534),
    ];
    let second = [
        ("wEE", 17.31137751540758),
        ("wIE", 15.715490822981057),
        ("wEI", 17.973445316687425),
        ("wII", 3.2538666962923917),
        ("E_a", 1.6632965109297497),
        ("I_a", 1.5990873128302052),
        ("E_theta", 3.379993286139302),
        ("I_theta", 3.3828924909554194),
        ("E_tau", 1.6609298460652213),
        ("r", 1.0629133664120856),
    ];
    type Case<'a> = (&'a [(&'a str, f64)], &'a str, [f64; 2], [f64; 2]);
    let cases: [Case<'_>; 2] = [
        (&first, "y_ext", [-6.0, 6.0], [3.590136570, 1.246664446]),
        (&second, "I_tau", [0.5, 6.0], [4.71214, 1.2166]),
    ];
    for (set, other, range, at) in cases {
        let node = node("wilson-cowan", set, &["x_ext", other]);
        let mut settings = Settings::new(-3.0, 8.0);
        settings.cycles = false;
        let chart = Chart::new(&node, node.start(), [[-3.0, 8.0], range], &settings).unwrap();
        let events: Vec<&Event> = chart.curves.iter().flat_map(Locus::events).collect();
        let is_near = |event: &&&Event| {
            (event.parameters[0] - at[0]).hypot(event.parameters[1] - at[1]) < 0.01
        };
        let near: Vec<&str> = events
            .iter()
            .filter(is_near)
            .map(|e| e.kind.name())
            .collect();
        assert!(near.contains(&"bogdanov-takens"), "{near:?}");
        assert!(!near.contains(&"generalized-hopf"), "{near:?}");
    }
}

/// Curves of folds of cycles end at infinite period in the connection of a neutral saddle.
#[test]
fn curves_of_folds_of_cycles_end_in_neutral_saddles() {
    let right = [
        (-2.0, [[-2.0, 4.0], [-3.0, -1.0]], [0.0809582, -1.6503023]),
        (2.2, [[4.0, 6.0], [1.5, 3.0]], [4.6186018, 2.0096540]),
    ];
    for (y_ext, ranges, at) in right {
        let node = wilson_cowan("wilson-cowan", y_ext);
        let settings = Settings::new(ranges[0][0], ranges[0][1]);
        let chart = Chart::new(&node, &[0.0, y_ext], ranges, &settings).unwrap();
        let curves = chart
            .curves
            .iter()
            .filter(|c| c.kind == EventKind::CycleFold);
        let ends: Vec<&Event> = curves
            .flat_map(Locus::events)
            .filter(|event| event.kind == EventKind::NeutralHomoclinic)
            .collect();
        let [end] = ends[..] else {
            panic!("{} ends: {:?}", ends.len(), chart.stopped);
        };
        close(end.parameters[0], at[0], 1e-6);
        close(end.parameters[1], at[1], 1e-6);
        let sum: f64 = end.eigenvalues.iter().map(|value| value.re).sum();
        assert!(sum.abs() < 1e-6, "{sum}");
    }
}

/// In the bend of a steep sigmoid Newton's method finds an equilibrium from few starts only.
#[test]
fn equilibria_of_small_basin_are_found() {
    let set = [
        ("wEE", 20.895537819032484),
        ("wEI", 10.757705035104424),
        ("wII", 5.036606586432166),
        ("E_a", 1.8039044755131353),
        ("I_a", 1.0162616315146733),
        ("E_theta", 2.4814122810644323),
        ("I_theta", 4.70627927842067),
    ];
    let node = node("wilson-cowan", &set, &["wIE"]);
    let mut settings = Settings::new(7.830540917822088, 7.849956766996965);
    settings.cycles = false;
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    let points = diagram.equilibria_at(&node, node.start(), 7.839359883644821, &settings);
    let is_there = points.iter().any(|(_, point)| {
        (point.state[0] - 0.04912418418691185).abs() < 1e-8
            && (point.state[1] - 0.005409885377346189).abs() < 1e-8
    });
    assert!(is_there, "{} equilibria", points.len());
}

/// Over a range of hundreds a branch turns within one unit.
#[test]
fn a_wide_range_hides_no_fold() {
    let set = [
        ("E_tau", -2.1348096946708752),
        ("E_theta", 4.232383782535569),
        ("I_tau", 0.5469451516465309),
        ("I_a", 0.9158307617895474),
        ("I_theta", 2.0150036687974135),
        ("wII", 5.947342899451094),
        ("wEE", 15.909393079153006),
        ("wIE", 12.05827850083519),
        ("E_a", 1.1313272819015399),
    ];
    let node = node("wilson-cowan", &set, &["wEI"]);
    let mut settings = Settings::new(-690.361629960332, 1026.3442820551732);
    settings.cycles = false;
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    let folds = diagram
        .events()
        .filter(|(_, event)| event.kind == EventKind::Fold);
    let folds: Vec<f64> = folds.map(|(_, event)| event.parameters[0]).collect();
    let there = folds
        .iter()
        .filter(|fold| (*fold - 4.258349263).abs() < 1e-6);
    assert_eq!(there.count(), 1, "{folds:?}");
}

/// A range as narrow as 1e-8 holds one branch with its Hopf point.
#[test]
fn a_narrow_range_is_followed() {
    let node = node("fitzhugh-nagumo", &[], &["x_ext"]);
    let (low, high) = (0.726058285, 0.726058295);
    let mut settings = Settings::new(low, high);
    settings.step_min = 1e-4 * settings.step_max;
    settings.cycles = false;
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    let events: Vec<&Event> = diagram.events().map(|(_, event)| event).collect();
    assert_eq!((diagram.branches.len(), events.len()), (1, 1));
    assert_eq!(events[0].kind, EventKind::Hopf);
    close(events[0].parameters[0], 0.726058290075352, 1e-12);
}
