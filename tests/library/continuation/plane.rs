//! Cycles of two unknowns, by what holds for every cycle in the plane: the flow carries each of its points to the next, it has one
//! multiplier, positive, the exponential of the integral of the divergence; and where its period ends at infinity, there is a
//! saddle or a fold on it.

use crate::random::Random;
use brainsweep::continuation::{
    BranchEnd, Cycle, CycleBranch, CycleEnd, Diagram, EventKind, Locus, NodeProblem, Problem,
    Settings,
};
use brainsweep::model::find;

use crate::continuation::adversary::cases::CASES;
use crate::continuation::common::{close, runge_kutta, wilson_cowan};

/// No cycle may miss the flow by more than this share of its amplitude.
const MISSED: f64 = 1e-3;

/// By how much `cycle` misses, from one of its points to the next, where the flow takes it, as a share of its amplitude; and the
/// integral of the divergence over its period.
fn missed_and_growth(node: &NodeProblem, cycle: &Cycle) -> (f64, f64) {
    let mut parameters = node.start().to_vec();
    parameters[0] = cycle.parameter;
    let with_divergence = |x: &[f64]| -> Vec<f64> {
        let (mut rates, mut slopes) = (vec![0.0; 2], vec![0.0; 4 + 2 * parameters.len()]);
        node.derivative(&x[..2], &parameters, &mut rates, &mut slopes);
        rates.push(slopes[0] + slopes[3]);
        rates
    };
    let size = |k: usize| cycle.maxima[k] - cycle.minima[k];
    let amplitude = 0.5 * size(0).max(size(1));
    let (mut missed, mut growth) = (0.0f64, 0.0);
    for (times, states) in cycle.times.windows(2).zip(cycle.profile.windows(2)) {
        let span = cycle.period * (times[1] - times[0]);
        let steps = (10.0 * span).ceil().max(8.0);
        let mut x = vec![states[0][0], states[0][1], 0.0];
        for _ in 0..steps as usize {
            x = runge_kutta(&with_divergence, &x, span / steps);
        }
        let miss = (x[0] - states[1][0]).abs().max((x[1] - states[1][1]).abs());
        missed = missed.max(miss / amplitude);
        growth += x[2];
    }
    (missed, growth)
}

/// All of that for every `every`th cycle of a branch.
#[track_caller]
fn check(node: &NodeProblem, branch: &CycleBranch, every: usize) {
    assert!(branch.unexplained.is_empty(), "{:?}", branch.unexplained);
    for event in branch.events() {
        let kind = event.kind;
        let impossible = [EventKind::PeriodDoubling, EventKind::Torus].contains(&kind);
        assert!(!impossible, "{event} in the plane");
    }
    let cycles = branch.cycles.iter().filter(|c| c.profile.len() > 2);
    for cycle in cycles.step_by(every) {
        let (missed, growth) = missed_and_growth(node, cycle);
        let at = format!("at {}, period {}", cycle.parameter, cycle.period);
        assert!(missed < MISSED, "{at}: the flow is missed by {missed:e}");
        assert!(
            cycle.multipliers[0].re >= 0.0,
            "{at}: {:?}",
            cycle.multipliers
        );
        // Nearer to 1 the two quadratures may differ.
        if growth.abs() > 0.02 * (1.0 + cycle.period / 100.0) {
            assert_eq!(cycle.is_stable(), growth < 0.0, "{at}: {growth}");
        }
    }
}

fn node(model: &str, set: &[(&str, f64)], vary: &str) -> NodeProblem {
    NodeProblem::new(find(model).unwrap(), set, &[vary]).unwrap()
}

/// Parameters of the connection of the saddle with itself, by shooting: for none of these inputs is a fold on the cycle.
#[test]
fn a_branch_ends_in_the_connection_and_not_in_a_fold_that_no_cycle_reaches() {
    for (y_ext, connection) in [
        (2.05, 4.665305780),
        (2.1, 4.724747515),
        (2.2, 4.847545822),
        (2.25, 4.910321728),
    ] {
        let wilson_cowan = wilson_cowan("wilson-cowan", y_ext);
        let settings = Settings::new(-4.0, 8.0);
        let diagram = Diagram::new(&wilson_cowan, &[0.0, y_ext], &settings).unwrap();
        assert_eq!(diagram.cycles.len(), 1);
        assert_eq!(diagram.cycles[0].end, CycleEnd::InfinitePeriod);
        let events: Vec<_> = diagram.cycles[0].events().collect();
        let last = events[events.len() - 1];
        assert_eq!(last.kind, EventKind::Homoclinic);
        close(last.parameters[0], connection, 1e-9);
        assert!(events.iter().all(|e| e.kind != EventKind::Snic));
    }
}

/// On meshes of 8 and 13 intervals this branch once left its cycles, for solutions that are none, with folds and period doublings.
#[test]
fn a_coarse_mesh_is_made_fine_enough_for_the_cycles() {
    let set = [
        ("E_tau", 0.3301254221488351),
        ("E_theta", 3.511150426208978),
        ("I_a", 1.9157158304010036),
        ("wEE", 14.653986344960055),
        ("wIE", 8.419438873144902),
        ("wEI", 7.598181748450433),
        ("r", 0.43863935230358275),
        ("wII", 4.005593718962839),
        ("E_a", 1.5115693138328417),
        ("I_theta", 4.036954526180018),
    ];
    let node = node("wilson-cowan", &set, "y_ext");
    for mesh in [8, 13, 40] {
        let mut settings = Settings::new(-3.297314136235542, 2.1311884898676587);
        settings.mesh = mesh;
        let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
        let [branch] = &diagram.cycles[..] else {
            panic!("{:?}", diagram.stopped)
        };
        check(&node, branch, 1);
        let kinds: Vec<_> = branch.events().map(|e| e.kind.name()).collect();
        assert_eq!(kinds, ["homoclinic"]);
        let at = branch.events().next().unwrap().parameters[0];
        close(at, 1.808921746, 1e-8);
    }
}

/// Cycles that grow explosively while gamma moves by 1e-6: their fold is told from the multiplier.
#[test]
fn a_canard_has_a_fold_of_cycles_and_no_period_doubling() {
    let set = [
        ("alpha", 3.9841941122150097),
        ("beta", 3.692791808797322),
        ("delta", 0.016145862045736592),
        ("epsilon", 0.7224698229213486),
        ("tau", 20.846085316116653),
        ("x_ext", 0.10801392536098409),
    ];
    let node = node("fitzhugh-nagumo", &set, "gamma");
    let diagram = Diagram::new(&node, node.start(), &Settings::new(-2.5, 1.0)).unwrap();
    let [branch] = &diagram.cycles[..] else {
        panic!("{:?}", diagram.stopped)
    };
    check(&node, branch, 3);
    assert!(matches!(branch.end, CycleEnd::Hopf(_)), "{:?}", branch.end);
    let folds: Vec<_> = branch.events().collect();
    assert_eq!(folds.len(), 1, "{folds:?}");
    assert_eq!(folds[0].kind, EventKind::CycleFold);
    close(folds[0].parameters[0], 0.521994684, 1e-8);
}

/// Both Hopf points are subcritical, and the cycles of each grow through a canard, with periods up to 800 and multipliers beyond
/// 1e300, to the large ones between. Those by simulation: x_ext, period, smallest and largest x.
#[test]
fn a_branch_goes_on_through_canard_explosions() {
    let set = [
        ("alpha", 2.2533346268068133),
        ("beta", 4.191390903587536),
        ("gamma", 0.44834246478349815),
        ("delta", -0.3072642621483761),
        ("epsilon", 0.3996224835575406),
        ("tau", 28.231971102174896),
        ("y_ext", -0.029351914814267122),
    ];
    let node = node("fitzhugh-nagumo", &set, "x_ext");
    let settings = Settings::new(-2.0, 3.0);
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    let [branch] = &diagram.cycles[..] else {
        panic!("{:?}", diagram.stopped)
    };
    assert!(matches!(branch.end, CycleEnd::Hopf(_)), "{:?}", branch.end);
    check(&node, branch, 50);
    for (x_ext, period) in [
        (-1.1151672230392329, 195.1058),
        (-0.9902934, 197.3161),
        (-0.8503746, 208.9718),
    ] {
        let cycles = branch.cycles_at(&node, node.start(), 0, x_ext, &settings);
        assert_eq!(cycles.len(), 1);
        close(cycles[0].period, period, 1e-6);
        assert!(cycles[0].is_stable());
        if x_ext < -1.0 {
            close(cycles[0].minima[0], -0.718138, 1e-6);
            close(cycles[0].maxima[0], 1.957977, 1e-6);
        }
    }
}

/// Random Wilson-Cowan nodes.
#[test]
fn every_cycle_of_random_nodes_is_a_cycle() {
    let mut random = Random(8);
    let case = CASES
        .iter()
        .find(|case| case.model == "wilson-cowan")
        .unwrap();
    let mut branches = 0;
    for _ in 0..24 {
        let set = case.set(&mut random);
        let node = node(case.model, &set, case.varies);
        let diagram = Diagram::new(&node, node.start(), &case.settings()).unwrap();
        assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
        for branch in &diagram.cycles {
            check(&node, branch, 2);
            branches += 1;
        }
    }
    assert!(branches > 5, "{branches}");
}

/// A curve of folds of cycles between two generalised Hopf points goes through canards that follow both unstable slow branches, where
/// it turns in the plane of the parameters within 1e-8. It is followed from one end to the other, as one curve.
#[test]
fn a_curve_of_folds_of_cycles_passes_a_double_canard() {
    let set = [
        ("alpha", 3.5990563278357617),
        ("beta", 3.5768566563602424),
        ("gamma", -0.14012946925941705),
        ("delta", -0.1472656342195937),
        ("tau", 24.522253577377874),
    ];
    let names = ["x_ext", "epsilon"];
    let node = NodeProblem::new(find("fitzhugh-nagumo").unwrap(), &set, &names).unwrap();
    let mut settings = Settings::new(-2.0, 3.0);
    settings.max_cycles = 60;
    let own = [0.0, 0.5];
    let mut still = settings.clone();
    still.cycles = false;
    let diagram = Diagram::new(&node, &own, &still).unwrap();
    let hopfs: Vec<_> = diagram
        .events()
        .filter(|(_, event)| event.kind == EventKind::Hopf)
        .map(|(_, event)| event.clone())
        .collect();
    let branch = CycleBranch::from_hopf(&node, &own, 0, &hopfs[0], &hopfs, &settings).unwrap();
    let fold = branch
        .events()
        .find(|event| event.kind == EventKind::CycleFold)
        .unwrap();
    let cycle = fold.cycle.clone().unwrap();
    settings.max_cycles = 2000;
    let ranges = [[-2.0, 3.0], [0.2, 2.0]];
    let curve = Locus::of_cycles(&node, fold, &cycle, 0.5, ranges, &settings).unwrap();
    assert_eq!(
        curve.ends,
        [Some(BranchEnd::Event); 2],
        "{:?}",
        curve.stopped
    );
    let mut ends: Vec<[f64; 2]> = curve
        .events()
        .filter(|event| event.kind == EventKind::GeneralizedHopf)
        .map(|event| [event.parameters[0], event.parameters[1]])
        .collect();
    ends.sort_by(|a, b| a[0].total_cmp(&b[0]));
    // On the Hopf curve 3 alpha x^2 - 2 beta x - gamma + epsilon / tau = 0; both points lie at one epsilon, by symmetry.
    assert_eq!(ends.len(), 2, "{ends:?}");
    close(ends[0][1], ends[1][1], 1e-9);
    let top = curve
        .points
        .iter()
        .map(|point| point.parameters[1])
        .fold(0.0, f64::max);
    close(top, 1.40981995, 1e-7);
    assert!(curve.points.len() < 600, "{}", curve.points.len());
}
