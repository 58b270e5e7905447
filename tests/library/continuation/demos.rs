//! AUTO's demos `tor`, `pp2` and `abcb`: closed forms where there are some, else what AUTO-07p prints (EPSS 1e-5, so to about 1e-5).

use brainsweep::continuation::{
    BranchEnd, CycleBranch, CycleEnd, Event, EventKind, Locus, Settings,
};

use crate::continuation::common::{close, equations, equilibria, of_kind};

equations!(
    /// An electronic oscillator (Freire, Rodriguez-Luis, Gamero & Ponce 1993, Physica D 62, 230), as `tor` has it.
    Oscillator, [x, y, z], [nu], |lit: fn(f64) -> _| {
    let (beta, gamma) = (lit(0.5), lit(-0.6));
    let (a3, b3) = (lit(0.328578), lit(0.933578));
    let across = y - x;
    let cube = b3 * across * across * across;
    [
        lit(1.0 / 0.6) * (beta * y - (beta + nu) * x - a3 * x * x * x + cube),
        beta * x - (beta + gamma) * y - z - cube,
        y,
    ]
});

/// A torus and a period doubling on the cycles that branch off from those of the Hopf point; AUTO-07p prints -0.591650 and
/// -0.614955.
#[test]
fn tor_has_its_torus_on_the_other_branch_of_cycles() {
    let settings = Settings::new(-0.9, -0.4);
    let diagram = equilibria(&Oscillator, &[-0.9], &settings);
    let hopf: Vec<Event> = of_kind(&diagram, EventKind::Hopf);
    let mut narrow = settings.clone();
    narrow.range = [-0.62, -0.4];
    let branch = CycleBranch::from_hopf(&Oscillator, &[-0.9], 0, &hopf[0], &hopf, &narrow).unwrap();
    let kinds: Vec<_> = branch.events().map(|event| event.kind.name()).collect();
    assert_eq!(kinds, ["cycle-fold", "branch-point"]);
    let crossing = branch.events().last().unwrap();
    let mut found = Vec::new();
    // Both arms of the pitchfork are the same but for the signs of all states.
    for ahead in [true, false] {
        let arm = CycleBranch::from_event(&Oscillator, &[-0.9], 0, crossing, ahead, &hopf, &narrow)
            .unwrap();
        let events: Vec<Event> = arm.events().cloned().collect();
        let kinds: Vec<_> = events.iter().map(|event| event.kind.name()).collect();
        assert_eq!(kinds, ["torus", "period-doubling"]);
        close(events[0].parameters[0], -0.591650, 1e-6);
        close(events[1].parameters[0], -0.614955, 1e-6);
        assert!(arm.unexplained.is_empty());
        found.push([events[0].parameters[0], events[1].parameters[0]]);
    }
    close(found[0][0], found[1][0], 1e-10);
    close(found[0][1], found[1][1], 1e-10);
}

equations!(
    /// Prey and predators with harvesting, as `pp2` has them.
    Harvest, [prey, predators], [p1], |lit: fn(f64) -> _| {
    use brainsweep::testing::scalar::Scalar;
    let caught = p1 * (lit(1.0) - Scalar::exp(lit(-5.0) * prey));
    [
        lit(3.0) * prey * (lit(1.0) - prey) - prey * predators - caught,
        lit(3.0) * prey * predators - predators,
    ]
});

/// Without predators p1 = 3 u (1 - u) / (1 - exp(-5 u)): it branches from u = 0 at 3/5, has a fold, and meets the predators' branch,
/// where u = 1/3, at 2/3 / (1 - exp(-5/3)). On that one the trace vanishes at a Hopf point.
#[test]
fn pp2_has_its_events_at_their_closed_forms() {
    // Towards p1 = 0 a branch of negative states goes to infinity.
    let settings = Settings::new(0.1, 1.0);
    let diagram = equilibria(&Harvest, &[0.1], &settings);
    let places = |kind: EventKind| -> Vec<f64> {
        let mut places: Vec<f64> = of_kind(&diagram, kind)
            .iter()
            .map(|event| event.parameters[0])
            .collect();
        places.sort_by(f64::total_cmp);
        places.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        places
    };
    let saturation = 1.0 - (-5.0f64 / 3.0).exp();
    let crossings = places(EventKind::BranchPoint);
    assert_eq!(crossings.len(), 2, "{crossings:?}");
    close(crossings[0], 0.6, 1e-10);
    close(crossings[1], 2.0 / 3.0 / saturation, 1e-10);
    // The fold: bisection of the closed form's derivative.
    let slope = |u: f64| {
        (1.0 - 2.0 * u) * (1.0 - (-5.0 * u).exp()) - u * (1.0 - u) * 5.0 * (-5.0 * u).exp()
    };
    let (mut low, mut high) = (0.1, 0.5);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if slope(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let folds = places(EventKind::Fold);
    assert_eq!(folds.len(), 1);
    close(
        folds[0],
        3.0 * low * (1.0 - low) / (1.0 - (-5.0 * low).exp()),
        1e-12,
    );
    // With v = 2 - 3 p1 (1 - e) and e = exp(-5/3) the trace 1 - v - 5 p1 e vanishes.
    let e = 1.0 - saturation;
    let hopf = of_kind(&diagram, EventKind::Hopf);
    assert_eq!(hopf.len(), 1);
    let expected = 1.0 / (3.0 * saturation - 5.0 * e);
    close(hopf[0].parameters[0], expected, 1e-12);
    // Its cycles end in a connection at infinite period, along the axis without predators.
    let branch = CycleBranch::from_hopf(&Harvest, &[0.1], 0, &hopf[0], &hopf, &settings).unwrap();
    assert_eq!(
        (branch.end.clone(), branch.events().count()),
        (CycleEnd::InfinitePeriod, 1)
    );
    assert!(branch.events().next().unwrap().state[1].abs() < 1e-10);
}

equations!(
    /// A -> B -> C (Doedel & Heinemann 1983, Chem. Eng. Sci. 38, 1493), as `abcb` has it.
    Chain, [x, y, z], [d, alpha], |lit: fn(f64) -> _| {
    use brainsweep::testing::scalar::Scalar;
    let rate = d * Scalar::exp(z);
    let (rest, second) = (lit(1.0) - x, lit(0.04) * y);
    [
        rate * rest - x,
        rate * (rest - second) - y,
        lit(8.0) * rate * (rest + alpha * second) - lit(2.55) * z,
    ]
});

/// Its four Hopf points, the two folds on the cycles of the first, and the curve of these folds over d and alpha: from a generalised
/// Hopf point through a cusp to another one. Second methods: both ends lie on the curve of Hopf points, where the equilibrium alone
/// says where l1 vanishes; and the cycles at a point of the curve come twice.
#[test]
fn abcb_has_folds_of_cycles_from_one_generalised_hopf_point_to_another() {
    let mut settings = Settings::new(0.0, 1.0);
    settings.search_box = [0.0, 8.0];
    let diagram = equilibria(&Chain, &[0.0, 1.0], &settings);
    let hopf = of_kind(&diagram, EventKind::Hopf);
    assert_eq!(hopf.len(), 4);
    let branch =
        CycleBranch::from_hopf(&Chain, &[0.0, 1.0], 0, &hopf[0], &hopf, &settings).unwrap();
    assert_eq!(branch.end, CycleEnd::Hopf(hopf[3].parameters[0]));
    let folds: Vec<&Event> = branch.events().collect();
    assert!(folds.iter().all(|event| event.kind == EventKind::CycleFold));
    assert_eq!(folds.len(), 2);
    let between = 0.5 * (folds[0].parameters[0] + folds[1].parameters[0]);
    let beyond = folds[0].parameters[0] + 1e-3;
    for (d, count) in [(between, 3), (beyond, 1)] {
        let cycles = branch.cycles_at(&Chain, &[0.0, 1.0], 0, d, &settings);
        assert_eq!(cycles.len(), count);
    }
    let near = branch.cycles.iter().find(|c| !c.events.is_empty()).unwrap();
    let ranges = [[0.1, 0.5], [0.5, 2.0]];
    let locus = Locus::of_cycles(&Chain, folds[0], near, 1.0, ranges, &settings).unwrap();
    assert_eq!(locus.ends, [Some(BranchEnd::Event); 2]);
    let kinds: Vec<_> = locus.events().map(|event| event.kind.name()).collect();
    assert_eq!(kinds, ["generalized-hopf", "cusp", "generalized-hopf"]);
    let curve = Locus::through(&Chain, &hopf[0], EventKind::Hopf, 1.0, ranges, &settings).unwrap();
    for event in locus
        .events()
        .filter(|event| event.kind == EventKind::GeneralizedHopf)
    {
        let same = curve.events().any(|other| {
            other.kind == event.kind && (other.parameters[0] - event.parameters[0]).abs() < 1e-9
        });
        assert!(same, "{event}");
    }
}
