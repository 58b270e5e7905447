//! Branches that close, at no end of the range and at none of the parameter values that are searched.

use brainsweep::continuation::{
    BranchEnd, CycleBranch, CycleEnd, Diagram, EventKind, NodeProblem, PhasePlane, PlaneSettings,
    Settings,
};
use brainsweep::model::find;

use crate::continuation::common::{close, equations, equilibria, of_kind};

equations!(
    /// The winged cusp's: equilibria where (p - 0.3)^2 = 3 a^2 x - x^3 with a = 0.1: one branch of x < 0 over all p, and an isola of
    /// 0 <= x <= a sqrt(3) with folds at x = a; y follows.
    Winged, [x, y], [p], |lit: fn(f64) -> _| {
    let away = p - lit(0.3);
    [y - x * x * x + lit(0.03) * x - away * away - x, lit(2.0) * (x - y)]
});

#[test]
fn an_isola_of_equilibria_is_found_by_its_folds() {
    let settings = Settings::new(-2.0, 2.0);
    let diagram = equilibria(&Winged, &[-2.0], &settings);
    assert_eq!(diagram.branches.len(), 2);
    let closed = |branch: &&brainsweep::continuation::EquilibriumBranch| {
        branch.ends == [Some(BranchEnd::Closed); 2]
    };
    let isola = diagram.branches.iter().find(closed).expect("an isola");
    for point in &isola.points {
        let [x, p] = [point.state[0], point.parameter];
        close((p - 0.3).powi(2), 0.03 * x - x.powi(3), 1e-10);
        assert!((-1e-6..0.174).contains(&x));
    }
    let mut folds = of_kind(&diagram, EventKind::Fold);
    folds.sort_by(|a, b| a.parameters[0].total_cmp(&b.parameters[0]));
    let places: Vec<f64> = folds.iter().map(|fold| fold.parameters[0]).collect();
    assert_eq!(places.len(), 2, "{places:?}");
    close(places[0], 0.3 - 0.002f64.sqrt(), 1e-10);
    close(places[1], 0.3 + 0.002f64.sqrt(), 1e-10);
    close(folds[0].state[0], 0.1, 1e-9);
}

equations!(
    /// Cycles of the radius r where (r^2 - 1)^2 = 0.01 - (p - 0.2)^2, of the period 2 pi: an isola around an equilibrium that is
    /// stable for every p. Its middle is that of the range.
    Rings, [x, y], [p], |lit: fn(f64) -> _| {
    let off = x * x + y * y - lit(1.0);
    let away = p - lit(0.2);
    let growth = lit(0.01) - away * away - off * off;
    [growth * x - y, growth * y + x]
});

#[test]
fn an_isola_of_cycles_around_a_stable_equilibrium_is_found() {
    let settings = Settings::new(-0.3, 0.7);
    let diagram = Diagram::new(&Rings, &[-0.3], &settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    assert_eq!(
        diagram
            .events()
            .filter(|(_, e)| e.kind != EventKind::NodeFocus)
            .count(),
        0
    );
    let [isola] = &diagram.cycles[..] else {
        panic!("{} branches of cycles", diagram.cycles.len());
    };
    assert_eq!(isola.end, CycleEnd::Closed);
    for cycle in &isola.cycles {
        let radius = cycle.maxima[0];
        close(
            (radius * radius - 1.0).powi(2),
            0.01 - (cycle.parameter - 0.2).powi(2),
            1e-6,
        );
    }
    let mut folds: Vec<f64> = isola.events().map(|event| event.parameters[0]).collect();
    folds.sort_by(f64::total_cmp);
    assert_eq!(folds.len(), 2, "{folds:?}");
    close(folds[0], 0.1, 1e-8);
    close(folds[1], 0.3, 1e-8);
}

equations!(
    /// Equilibria where x^2 = p^2 + 0.001^2: two branches that pass each other at a distance of 0.002, each with a sharp bend; y follows.
    Passing, [x, y], [p], |lit: fn(f64) -> _| {
    [x * x - p * p - lit(1e-6) + y - x, lit(2.0) * (x - y)]
});

#[test]
fn a_long_step_follows_a_sharp_bend() {
    for step_max in [0.01, 0.05, 0.2, 0.37] {
        let settings = Settings {
            step_max,
            ..Settings::new(-1.0, 1.3)
        };
        let diagram = equilibria(&Passing, &[-1.0], &settings);
        let real = |kind| !matches!(kind, EventKind::NodeFocus | EventKind::NeutralSaddle);
        assert_eq!(diagram.events().filter(|(_, e)| real(e.kind)).count(), 0);
        assert_eq!(diagram.branches.len(), 2, "steps to {step_max}");
        for branch in &diagram.branches {
            assert_eq!(branch.ends, [Some(BranchEnd::Bound); 2]);
            assert!(branch.unexplained.is_empty());
            let side = branch.points[0].state[0].signum();
            for point in &branch.points {
                close(point.state[0], side * point.parameter.hypot(1e-3), 1e-9);
            }
        }
    }
}

/// Equilibria lie where x_ext^2 + y_ext^2 = s ((a - s)^2 + w^2), s = x^2 + y^2. For these numbers that leaves a closed branch, with
/// folds at the smaller zero of the derivative by s, beside which another one passes, at 0.05, with a sharp bend.
#[test]
fn an_isola_beside_a_sharp_bend_is_not_met_by_its_neighbour() {
    let (a, w, y_ext) = (
        0.9726515165477092f64,
        0.10953243878153146,
        0.10814014420210166,
    );
    let set = [("a", a), ("w", w), ("y_ext", y_ext)];
    let node = NodeProblem::new(find("stuart-landau").unwrap(), &set, &["x_ext"]).unwrap();
    let s = (2.0 * a - (a * a - 3.0 * w * w).sqrt()) / 3.0;
    let fold = (s * ((a - s).powi(2) + w * w) - y_ext * y_ext).sqrt();
    for factor in [0.5, 1.0, 2.0] {
        let mut settings = Settings::new(-1.5, 1.5);
        settings.step_max *= factor;
        let diagram = equilibria(&node, node.start(), &settings);
        assert_eq!(diagram.branches.len(), 2);
        let ends: Vec<_> = diagram.branches.iter().map(|branch| branch.ends).collect();
        assert!(ends.contains(&[Some(BranchEnd::Bound); 2]), "{ends:?}");
        assert!(ends.contains(&[Some(BranchEnd::Closed); 2]), "{ends:?}");
        let mut folds: Vec<f64> = of_kind(&diagram, EventKind::Fold)
            .iter()
            .map(|event| event.parameters[0])
            .collect();
        folds.sort_by(f64::total_cmp);
        assert_eq!(folds.len(), 2, "{folds:?}");
        close(folds[0], -fold, 1e-9);
        close(folds[1], fold, 1e-9);
    }
}

equations!(
    /// In the plane a stable focus, an unstable cycle of radius 1 and a stable one of radius sqrt(2 + p), all of period 2 pi; across it
    /// z = 0 is left for z = 1 or -1.
    Doubled, [x, y, z], [p], |lit: fn(f64) -> _| {
    let square = x * x + y * y;
    let growth = (square - lit(1.0)) * (lit(2.0) + p - square);
    [growth * x - y, growth * y + x, z - z * z * z]
});

/// No Hopf point leads to the stable cycles, and nothing that leaves the unstable equilibrium does: states of the box do.
#[test]
fn stable_cycles_of_three_states_are_found_from_the_box() {
    let settings = Settings::new(-0.2, 0.3);
    let diagram = Diagram::new(&Doubled, &[0.0], &settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    let mut heights = Vec::new();
    for branch in &diagram.cycles {
        for cycle in branch.cycles_at(&Doubled, &[0.0], 0, 0.1, &settings) {
            close(cycle.period, std::f64::consts::TAU, 1e-7);
            close(cycle.maxima[0], 2.1f64.sqrt(), 1e-6);
            assert!(cycle.is_stable());
            heights.push(cycle.minima[2]);
        }
    }
    heights.sort_by(f64::total_cmp);
    assert_eq!(heights.len(), 2, "{heights:?}");
    close(heights[0], -1.0, 1e-9);
    close(heights[1], 1.0, 1e-9);
}

/// Wilson-Cowan numbers whose cycles are born in connections of one saddle.
const CONNECTIONS: [(&str, f64); 11] = [
    ("wEE", 16.72042624656834),
    ("wIE", 10.514396595351094),
    ("wEI", 7.4069991869730885),
    ("wII", 0.4479150010662514),
    ("E_a", 1.242642068805635),
    ("I_a", 1.0974133133599682),
    ("E_theta", 3.9118577645592936),
    ("I_theta", 4.346040074837435),
    ("E_tau", 0.655118723726638),
    ("I_tau", 1.8421156112201909),
    ("y_ext", 2.3089463213011925),
];

/// Cycles born at two subcritical Hopf points end in connections of one saddle, at 2.0947 and 2.0956. From just below the second one up to 2.1
/// a larger stable cycle goes round both foci: an orbit that leaves the saddle beside the connection settles on it. The periods and
/// extrema are those of SciPy 1.17 (DOP853, tolerance 1e-12).
#[test]
fn a_cycle_that_is_there_beside_a_connection_only_is_found() {
    let node = NodeProblem::new(find("wilson-cowan").unwrap(), &CONNECTIONS, &["x_ext"]).unwrap();
    let right = [
        (2.0957, 23.36687467, [0.00970244, 0.48267773]),
        (2.0985, 22.2836502, [0.00984427, 0.48389285]),
    ];
    // The second and third range have one of the Hopf points only.
    for range in [[-3.0, 8.0], [2.08, 2.11], [2.09, 2.3]] {
        let settings = Settings::new(range[0], range[1]);
        let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
        assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
        for (x_ext, period, [low, high]) in right {
            let branches = diagram.cycles.iter();
            let at =
                |branch: &CycleBranch| branch.cycles_at(&node, node.start(), 0, x_ext, &settings);
            let cycles = branches.flat_map(at).filter(|cycle| cycle.is_stable());
            let cycles: Vec<_> = cycles.collect();
            let [cycle] = &cycles[..] else {
                panic!("{} stable cycles at {x_ext}, {range:?}", cycles.len());
            };
            close(cycle.period, period, 1e-5);
            close(cycle.minima[0], low, 1e-6);
            close(cycle.maxima[0], high, 1e-6);
        }
    }
}

/// An orbit of SciPy 1.17 (DOP853, tolerance 1e-12), backward in time from the saddle, winds onto an unstable cycle round the lower focus.
/// It is born in a connection at 2.0956; the Hopf point at which it ends lies outside of the range.
#[test]
fn an_unstable_cycle_that_no_hopf_point_in_the_range_leads_to_is_found() {
    let node = NodeProblem::new(find("wilson-cowan").unwrap(), &CONNECTIONS, &["x_ext"]).unwrap();
    let settings = Settings::new(2.09, 2.11);
    let diagram = Diagram::new(&node, node.start(), &settings).unwrap();
    assert!(diagram.stopped.is_empty(), "{:?}", diagram.stopped);
    for (x_ext, period, [low, high]) in [
        (2.0985, 20.123975014, [0.018806872, 0.234545202]),
        (2.103, 16.136859259, [0.027536875, 0.174356145]),
    ] {
        let at = |branch: &CycleBranch| branch.cycles_at(&node, node.start(), 0, x_ext, &settings);
        let cycles = diagram.cycles.iter().flat_map(at);
        let cycles: Vec<_> = cycles.filter(|cycle| !cycle.is_stable()).collect();
        let [cycle] = &cycles[..] else {
            panic!("{} unstable cycles at {x_ext}", cycles.len());
        };
        close(cycle.period, period, 1e-5);
        close(cycle.minima[0], low, 1e-6);
        close(cycle.maxima[0], high, 1e-6);
    }
}

/// The same cycles in phase planes, and no others: each as an orbit of SciPy 1.17 that leaves the saddle, forward or backward in time, winds
/// onto it. The connections at 2.0947 and 2.0956 are near enough for multipliers from 1e8 to 1e25.
#[test]
fn phase_planes_have_the_cycles_beside_connections() {
    type Row = (bool, f64, [f64; 2]);
    let planes: [(f64, &[Row]); 6] = [
        (2.093, &[(false, 17.187086654, [0.396454092, 0.437199988])]),
        (2.0946, &[(false, 31.216374598, [0.385300760, 0.441674308])]),
        (
            2.0956,
            &[
                (true, 23.688748, [0.009698, 0.482410]),
                (false, 60.684132854, [0.010174484, 0.444668280]),
            ],
        ),
        (
            2.0957,
            &[
                (true, 23.366874668, [0.009702444, 0.482677732]),
                (false, 37.116870641, [0.010564926, 0.368711081]),
            ],
        ),
        (
            2.101,
            &[
                (false, 17.430704218, [0.024036228, 0.194472071]),
                (true, 23.063608044, [0.010029809, 0.484217558]),
            ],
        ),
        (2.103, &[(false, 16.136859259, [0.027536875, 0.174356145])]),
    ];
    for (x_ext, expected) in planes {
        let mut set = CONNECTIONS.to_vec();
        set.push(("x_ext", x_ext));
        let node = NodeProblem::new(find("wilson-cowan").unwrap(), &set, &["x_ext"]).unwrap();
        let plane = PhasePlane::new(&node, node.start(), &PlaneSettings::default()).unwrap();
        assert!(plane.stopped.is_empty(), "{x_ext}: {:?}", plane.stopped);
        assert_eq!(plane.cycles.len(), expected.len(), "{x_ext}");
        for (cycle, (stable, period, [low, high])) in plane.cycles.iter().zip(expected) {
            assert_eq!(cycle.is_stable(), *stable, "{x_ext}");
            close(cycle.period, *period, 1e-5);
            close(cycle.minima[0], *low, 1e-5);
            close(cycle.maxima[0], *high, 1e-5);
        }
    }
}

/// A Morris-Lecar neuron with a stable cycle round an unstable one, far beyond the plane that equilibria are searched in: what leaves the
/// unstable cycle leads there. Its branch, followed from a Hopf point, has the same two cycles.
#[test]
fn a_phase_plane_reaches_as_far_as_its_cycles() {
    let set = [
        ("g_Ca", 4.973862769720018),
        ("g_K", 7.511744824070689),
        ("V1", -1.135821002443298),
        ("V3", 0.4782391593628579),
        ("V4", 25.54110243804937),
        ("phi", 0.10785637696228204),
    ];
    let node = NodeProblem::new(find("morris-lecar").unwrap(), &set, &["I"]).unwrap();
    let plane = PhasePlane::new(&node, &[165.721], &PlaneSettings::default()).unwrap();
    let [inner, outer] = &plane.cycles[..] else {
        panic!("{} cycles", plane.cycles.len());
    };
    assert_eq!([inner.is_stable(), outer.is_stable()], [false, true]);
    close(inner.period, 26.781529, 1e-5);
    close(outer.period, 39.000050, 1e-5);
}
