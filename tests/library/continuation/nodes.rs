//! The neural masses of the firing-rate tutorial, against values computed in extended precision for this project
//! (independent root finding of the closed-form conditions; cycles by a return map; agreement with AUTO-07p where it runs).

use brainsweep::continuation::{CycleEnd, Diagram, EventKind, Locus, Settings, Stability};

use crate::continuation::common::{
    close, equilibria, fitzhugh_nagumo, locus_events, of_kind, wilson_cowan,
};

#[test]
fn fitzhugh_nagumo_has_two_hopf_points_and_nothing_else() {
    let diagram = equilibria(&fitzhugh_nagumo(), &[0.0, -1.5], &Settings::new(0.0, 2.0));
    let kinds: Vec<_> = diagram.events().map(|(_, e)| e.kind.name()).collect();
    assert_eq!(kinds, ["node-focus", "hopf", "hopf", "node-focus"]);
    let expected = [
        0.459479173332544,
        0.726058290075352,
        1.331554878648928,
        1.598133995391735,
    ];
    for ((_, event), expected) in diagram.events().zip(expected) {
        close(event.parameters[0], expected, 1e-13);
    }
    for hopf in of_kind(&diagram, EventKind::Hopf) {
        close(hopf.omega.unwrap(), 0.22220486043288973, 1e-12);
        close(hopf.coefficient.unwrap(), -14.350126572389792, 1e-11);
    }
}

/// The tutorial's count: 86 stable nodes, 53 stable foci, 61 unstable foci on its grid of 200 inputs.
#[test]
fn the_tutorials_grid_has_its_types() {
    let node = fitzhugh_nagumo();
    let settings = Settings::new(0.0, 2.0);
    let diagram = equilibria(&node, &[0.0, -1.5], &settings);
    let mut types = Vec::new();
    for k in 0..200 {
        let parameter = f64::from(k) * 0.01;
        for (_, point) in diagram.equilibria_at(&node, &[0.0, -1.5], parameter, &settings) {
            types.push(point.stability);
        }
    }
    let count = |stability| types.iter().filter(|s| **s == stability).count();
    assert_eq!(count(Stability::StableNode), 86);
    assert_eq!(count(Stability::StableFocus), 53);
    assert_eq!(count(Stability::UnstableFocus), 61);
    assert_eq!(types.len(), 200);
}

#[test]
fn fitzhugh_nagumo_cycles_fill_the_interval() {
    let node = fitzhugh_nagumo();
    let diagram = Diagram::new(&node, &[0.0, -1.5], &Settings::new(0.0, 2.0)).unwrap();
    assert_eq!(diagram.cycles.len(), 1);
    let branch = &diagram.cycles[0];
    assert_eq!(
        branch.end,
        CycleEnd::Hopf(diagram.events().nth(2).unwrap().1.parameters[0])
    );
    assert_eq!(branch.events().count(), 0, "no fold of cycles");
    assert!(
        branch
            .cycles
            .iter()
            .all(|c| c.is_stable() && c.trivial_error < 1e-6)
    );
}

/// parameter, period, x_min, x_max
const CYCLES: [[f64; 4]; 5] = [
    [0.75, 33.359182274886, 0.129634462453, 0.475747523075],
    [0.80, 34.700223355497, 0.074524009267, 0.650184161489],
    [1.00, 30.545461877010, 0.101834437506, 0.771656686345],
    [1.20, 32.720042522588, 0.179626957805, 0.813106385049],
    [1.30, 34.547963994866, 0.368754127684, 0.779914123094],
];

#[test]
fn fitzhugh_nagumo_cycles_have_their_period_and_extrema() {
    let node = fitzhugh_nagumo();
    for [parameter, period, low, high] in CYCLES {
        // The range ends at the wanted input, so that the branch lands on it.
        let mut settings = Settings::new(0.0, 2.0);
        settings.mesh = 60;
        let all = equilibria(&node, &[0.0, -1.5], &settings);
        let hopf_points = of_kind(&all, EventKind::Hopf);
        settings.range = [0.0, parameter];
        let branch = brainsweep::continuation::CycleBranch::from_hopf(
            &node,
            &[0.0, -1.5],
            0,
            &hopf_points[0],
            &hopf_points,
            &settings,
        )
        .unwrap();
        assert_eq!(branch.end, CycleEnd::Bound);
        let cycle = branch.cycles.last().unwrap();
        close(cycle.parameter, parameter, 1e-14);
        close(cycle.period, period, 1e-8);
        close(cycle.minima[0], low, 1e-7);
        close(cycle.maxima[0], high, 1e-7);
    }
}

#[test]
fn the_slip_gives_the_tutorials_two_folds_and_580_equilibria() {
    let node = wilson_cowan("wilson-cowan-brainpy", 0.0);
    let settings = Settings::new(-2.0, 2.0);
    let diagram = equilibria(&node, &[0.0, 0.0], &settings);
    let mut folds: Vec<f64> = diagram.events().map(|(_, e)| e.parameters[0]).collect();
    folds.sort_by(f64::total_cmp);
    assert_eq!(folds.len(), 2);
    close(folds[0], -1.150550578015591, 1e-13);
    close(folds[1], -0.259920378583834, 1e-13);
    let count: usize = (0..400)
        .map(|k| -2.0 + f64::from(k) * 0.01)
        .map(|p| {
            diagram
                .equilibria_at(&node, &[0.0, 0.0], p, &settings)
                .len()
        })
        .sum();
    assert_eq!(count, 580);
}

/// y_ext, then kind, x_ext and coefficient in order along the branch (the sign of a fold's is a matter of orientation).
type Slice = (f64, &'static [(&'static str, f64, f64)]);
const SLICES: [Slice; 3] = [
    (
        0.0,
        &[
            ("hopf", 0.6998112779944594, -108.94408629696768),
            ("hopf", 2.8538746545332843, -31.30167416195994),
        ],
    ),
    (
        -1.0,
        &[
            ("fold", 0.34610628577000707, 9.174129715734761),
            ("neutral-saddle", 0.1795867214082932, 0.0),
            ("fold", -0.11280075413237385, 9.954408667196427),
            ("hopf", 1.2553081351668438, -21.762732545799857),
        ],
    ),
    (
        2.0,
        &[
            ("hopf", 4.520873879678749, -8.12925426560663),
            ("fold", 4.965572869616625, 38.87828333267032),
            ("neutral-saddle", 4.616385649735767, 0.0),
            ("fold", 4.264099716380003, 16.588467924330626),
        ],
    ),
];

#[test]
fn wilson_cowan_slices_have_their_events_and_no_others() {
    for (y_ext, expected) in SLICES {
        let node = wilson_cowan("wilson-cowan", y_ext);
        let diagram = equilibria(&node, &[0.0, y_ext], &Settings::new(-2.0, 6.0));
        assert_eq!(diagram.branches.len(), 1);
        let found: Vec<_> = diagram
            .events()
            .map(|(_, event)| event)
            .filter(|event| event.kind != EventKind::NodeFocus)
            .collect();
        assert_eq!(found.len(), expected.len());
        for (event, (kind, parameter, coefficient)) in found.iter().zip(expected) {
            assert_eq!(event.kind.name(), *kind);
            close(event.parameters[0], *parameter, 1e-12);
            let size = event.coefficient.unwrap_or(0.0);
            let size = if *kind == "fold" { size.abs() } else { size };
            close(size, *coefficient, 1e-9);
        }
    }
}

#[test]
fn wilson_cowan_cycles_end_in_a_snic_and_in_a_homoclinic_connection() {
    let snic = Diagram::new(
        &wilson_cowan("wilson-cowan", -1.0),
        &[0.0, -1.0],
        &Settings::new(-2.0, 6.0),
    )
    .unwrap();
    let branch = &snic.cycles[0];
    assert_eq!(branch.end, CycleEnd::InfinitePeriod);
    let end = branch.events().last().unwrap();
    assert_eq!(end.kind, EventKind::Snic);
    close(end.parameters[0], 0.34610628577000707, 1e-12);
    // The limit of period sqrt(distance), extrapolated from periods of about 1000.
    close(end.coefficient.unwrap(), 3.689798794146445, 1e-5);

    let connection = Diagram::new(
        &wilson_cowan("wilson-cowan", 2.0),
        &[0.0, 2.0],
        &Settings::new(-2.0, 6.0),
    )
    .unwrap();
    let branch = &connection.cycles[0];
    assert_eq!(branch.end, CycleEnd::InfinitePeriod);
    let end = branch.events().last().unwrap();
    assert_eq!(end.kind, EventKind::Homoclinic);
    close(end.parameters[0], 4.60761759748118, 1e-10);
    close(end.state[0], 0.37143674204529276, 1e-8);
    close(end.coefficient.unwrap(), -0.02236131062903871, 1e-7);
}

/// kind, x_ext, y_ext, coefficient: a b of a Bogdanov-Takens point, l2, c.
const CODIMENSION_2: [(&str, f64, f64, f64); 8] = [
    (
        "bogdanov-takens",
        0.5019173222692639,
        -0.2425005306832604,
        3.2728232819927783 * -11.858661493295042,
    ),
    (
        "bogdanov-takens",
        6.098162166826408,
        3.277576533181106,
        21.92888001155892 * 10.36363267292961,
    ),
    (
        "generalized-hopf",
        5.023607380171502,
        2.3241474925009387,
        1086.5346997878069,
    ),
    (
        "bogdanov-takens",
        4.206156213425409,
        1.1063737602201662,
        -14.25457972102441 * 10.655837123282529,
    ),
    (
        "bogdanov-takens",
        -2.7492507103254264,
        -4.2778266568133825,
        16.285681408234716 * 25.639048881857736,
    ),
    (
        "generalized-hopf",
        -0.6541412992625426,
        -2.2396063170016,
        1502.0176891462156,
    ),
    (
        "cusp",
        4.031304604848674,
        0.8602853755233544,
        -163.21739763620369,
    ),
    (
        "cusp",
        0.5509845538236731,
        -0.16702897957959084,
        -138.35189779439608,
    ),
];

#[test]
fn wilson_cowan_curves_have_their_eight_codimension_2_points() {
    let mut found = Vec::new();
    for y_ext in [-1.0, 2.0] {
        let node = wilson_cowan("wilson-cowan", y_ext);
        let settings = Settings::new(-2.0, 6.0);
        let diagram = equilibria(&node, &[0.0, y_ext], &settings);
        for kind in [EventKind::Fold, EventKind::Hopf] {
            let event = of_kind(&diagram, kind).remove(0);
            let ranges = [[-8.0, 10.0], [-10.0, 10.0]];
            let locus = Locus::through(&node, &event, kind, y_ext, ranges, &settings).unwrap();
            assert!(locus.stopped.is_empty());
            found.extend(locus.events().cloned());
        }
    }
    for (kind, x_ext, y_ext, coefficient) in CODIMENSION_2 {
        let event = found
            .iter()
            .find(|e| e.kind.name() == kind && (e.parameters[0] - x_ext).abs() < 1e-6)
            .unwrap_or_else(|| panic!("no {kind} at {x_ext}"));
        close(event.parameters[0], x_ext, 1e-11);
        close(event.parameters[1], y_ext, 1e-11);
        close(event.coefficient.unwrap(), coefficient, 1e-7);
    }
    // Each Bogdanov-Takens point is met on a fold and on a Hopf curve; nothing else is found.
    assert_eq!(found.len(), 8 + 4);
}

/// Both at the same gamma, by the symmetry of the diagram.
#[test]
fn fitzhugh_nagumo_has_two_generalised_hopf_points() {
    let node = fitzhugh_nagumo();
    let settings = Settings::new(0.0, 2.0);
    let diagram = equilibria(&node, &[0.0, -1.5], &settings);
    let hopf = of_kind(&diagram, EventKind::Hopf).remove(0);
    let ranges = [[-3.0, 3.0], [-2.0, 1.0]];
    let locus = Locus::through(&node, &hopf, EventKind::Hopf, -1.5, ranges, &settings).unwrap();
    let found = locus_events(&locus, EventKind::GeneralizedHopf);
    assert_eq!((found.len(), locus.events().count()), (2, 2));
    for event in &found {
        close(event.parameters[1], -0.7652777777777777, 1e-11);
        close(event.coefficient.unwrap(), -93.00649142245612, 1e-8);
    }
    let mut places: Vec<f64> = found.iter().map(|e| e.parameters[0]).collect();
    places.sort_by(f64::total_cmp);
    close(places[0], 0.2661261671984324, 1e-11);
    close(places[1], 1.138400581772761, 1e-11);
}
