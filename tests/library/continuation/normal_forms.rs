//! Normal forms, whose events and coefficients are known exactly. Tolerances: 1e-10 for places, 1e-9 for coefficients.

use brainsweep::continuation::{
    BranchStart, Criticality, EquilibriumBranch, EventKind, Locus, Settings,
};

use crate::continuation::common::{close, equations, equilibria, locus_events, of_kind};

equations!(Fold, [x], [p], |_| [p - x * x]);
equations!(Transcritical, [x], [p], |_| [p * x - x * x]);
equations!(Pitchfork, [x], [p], |_| [p * x - x * x * x]);
equations!(Cusp, [x], [p, q], |_| [p + q * x - x * x * x]);
equations!(
    /// z' = (p + i) z + s z|z|^2, s = -1.
    Hopf, [x, y], [p], |_| {
    let r2 = x * x + y * y;
    [p * x - y - x * r2, p * y + x - y * r2]
});
equations!(Subcritical, [x, y], [p], |_| {
    let r2 = x * x + y * y;
    [p * x - y + x * r2, p * y + x + y * r2]
});
equations!(
    /// z' = (p + i) z + q z|z|^2 - z|z|^4
    Bautin, [x, y], [p, q], |_| {
    let r2 = x * x + y * y;
    let growth = p + q * r2 - r2 * r2;
    [growth * x - y, growth * y + x]
});
equations!(BogdanovTakens, [x, y], [p, q], |_| [
    y,
    p + q * x + x * x - x * y
]);
equations!(ZeroHopf, [x, y, z], [p, q], |_| [
    p + x * x - y * y - z * z,
    (q + x) * y - z,
    (q + x) * z + y,
]);
equations!(HopfHopf, [a, b, c, d], [p, q], |lit: fn(f64) -> _| {
    let (r1, r2) = (a * a + b * b, c * c + d * d);
    let (g1, g2) = (p - r1 - lit(2.0) * r2, q - lit(3.0) * r1 - r2);
    let w = lit(2f64.sqrt());
    [g1 * a - b, g1 * b + a, g2 * c - w * d, g2 * d + w * c]
});

fn settings() -> Settings {
    Settings::new(-1.0, 1.3)
}

#[test]
fn a_fold_lies_at_0_with_coefficient_minus_1() {
    let diagram = equilibria(&Fold, &[0.0], &settings());
    let folds = of_kind(&diagram, EventKind::Fold);
    assert_eq!((diagram.branches.len(), folds.len()), (1, 1));
    close(folds[0].parameters[0], 0.0, 1e-12);
    close(folds[0].coefficient.unwrap(), -1.0, 1e-12);
}

#[test]
fn a_transcritical_point_joins_two_branches() {
    let diagram = equilibria(&Transcritical, &[0.0], &settings());
    assert_eq!(diagram.branches.len(), 2);
    for event in of_kind(&diagram, EventKind::BranchPoint) {
        close(event.parameters[0], 0.0, 1e-10);
        close(event.coefficient.unwrap(), -1.0, 1e-9);
    }
    assert_eq!(diagram.events().count(), 2, "met once from each branch");
}

/// Met from the trunk, and from an arm, where the determinant of the Jacobian keeps its sign.
#[test]
fn a_pitchfork_is_found_from_trunk_and_arm() {
    let diagram = equilibria(&Pitchfork, &[0.0], &settings());
    assert_eq!(diagram.branches.len(), 2);
    let events = of_kind(&diagram, EventKind::BranchPoint);
    assert_eq!((events.len(), diagram.events().count()), (2, 2));
    for event in events {
        close(event.parameters[0], 0.0, 1e-10);
        close(event.coefficient.unwrap(), -1.0, 1e-8);
        assert_eq!(event.criticality, Some(Criticality::Supercritical));
    }
    let arm =
        EquilibriumBranch::through(&Pitchfork, &BranchStart::at(1.0, &[1.0]), &settings()).unwrap();
    assert_eq!(arm.events().count(), 1);
    close(arm.events().next().unwrap().parameters[0], 0.0, 1e-10);
}

/// With q of length 1 the amplitude of z is sqrt(2) of that of the normal form, so l1 = 2 s.
#[test]
fn hopf_points_have_the_sign_and_size_of_their_cubic_term() {
    for (diagram, l1) in [
        (equilibria(&Hopf, &[0.0], &settings()), -2.0),
        (equilibria(&Subcritical, &[0.0], &settings()), 2.0),
    ] {
        let events = of_kind(&diagram, EventKind::Hopf);
        assert_eq!(events.len(), 1);
        close(events[0].parameters[0], 0.0, 1e-12);
        close(events[0].omega.unwrap(), 1.0, 1e-12);
        close(events[0].coefficient.unwrap(), l1, 1e-11);
        assert_eq!(events[0].criticality, Criticality::of(l1));
    }
}

const RANGES: [[f64; 2]; 2] = [[-2.0, 2.0], [-2.0, 2.0]];

#[test]
fn two_folds_meet_in_a_cusp() {
    let diagram = equilibria(&Cusp, &[0.0, 1.0], &settings());
    let folds = of_kind(&diagram, EventKind::Fold);
    assert_eq!(folds.len(), 2);
    let expected = 2.0 / 27f64.sqrt();
    close(folds[0].parameters[0].abs(), expected, 1e-12);
    let locus =
        Locus::through(&Cusp, &folds[0], EventKind::Fold, 1.0, RANGES, &settings()).unwrap();
    let cusps: Vec<_> = locus.events().collect();
    assert_eq!(cusps.len(), 1, "{cusps:?}");
    assert_eq!(cusps[0].kind, EventKind::Cusp);
    close(cusps[0].parameters[0], 0.0, 1e-10);
    close(cusps[0].parameters[1], 0.0, 1e-10);
    close(cusps[0].coefficient.unwrap(), -1.0, 1e-9);
    for point in &locus.points {
        let [p, q] = point.parameters;
        close(27.0 * p * p, 4.0 * q.powi(3), 1e-10);
    }
}

#[test]
fn a_generalised_hopf_point_has_its_second_coefficient() {
    let diagram = equilibria(&Bautin, &[0.0, 1.0], &settings());
    let hopf = of_kind(&diagram, EventKind::Hopf).remove(0);
    close(hopf.coefficient.unwrap(), 2.0, 1e-11);
    let locus = Locus::through(&Bautin, &hopf, EventKind::Hopf, 1.0, RANGES, &settings()).unwrap();
    let events: Vec<_> = locus.events().collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].kind, EventKind::GeneralizedHopf);
    close(events[0].parameters[1], 0.0, 1e-10);
    close(events[0].coefficient.unwrap(), -4.0, 1e-9);
}

/// On the fold curve p = q^2/4 and on the Hopf curve p = 0, q < 0, which goes on as neutral saddles.
#[test]
fn fold_and_hopf_curves_meet_in_a_bogdanov_takens_point() {
    let diagram = equilibria(&BogdanovTakens, &[0.0, -1.0], &settings());
    let fold = of_kind(&diagram, EventKind::Fold).remove(0);
    close(fold.parameters[0], 0.25, 1e-12);
    let hopf = of_kind(&diagram, EventKind::Hopf).remove(0);
    for (event, kind) in [(fold, EventKind::Fold), (hopf, EventKind::Hopf)] {
        let locus =
            Locus::through(&BogdanovTakens, &event, kind, -1.0, RANGES, &settings()).unwrap();
        let found = locus_events(&locus, EventKind::BogdanovTakens);
        assert_eq!((found.len(), locus.events().count()), (1, 1));
        close(found[0].parameters[0], 0.0, 1e-10);
        close(found[0].parameters[1], 0.0, 1e-10);
        close(found[0].coefficient.unwrap(), -1.0, 1e-9);
        if kind == EventKind::Hopf {
            let saddles = locus
                .points
                .iter()
                .filter(|p| p.kind == EventKind::NeutralSaddle);
            assert!(saddles.count() > 3);
        }
    }
}

#[test]
fn a_fold_curve_passes_a_zero_hopf_point() {
    let diagram = equilibria(&ZeroHopf, &[0.0, 0.5], &settings());
    let fold = of_kind(&diagram, EventKind::Fold).remove(0);
    let locus =
        Locus::through(&ZeroHopf, &fold, EventKind::Fold, 0.5, RANGES, &settings()).unwrap();
    let found = locus_events(&locus, EventKind::ZeroHopf);
    assert_eq!(found.len(), 1, "{:?}", locus.events().collect::<Vec<_>>());
    close(found[0].parameters[1], 0.0, 1e-10);
    let coefficient = |name| {
        found[0]
            .coefficients
            .iter()
            .find(|c| c.0 == name)
            .unwrap()
            .1
    };
    close(coefficient("g200"), 1.0, 1e-9);
    close(coefficient("g011"), -2.0, 1e-9);
    close(coefficient("g110"), 1.0, 1e-9);
}

#[test]
fn a_hopf_curve_passes_a_hopf_hopf_point() {
    let diagram = equilibria(&HopfHopf, &[0.0, 0.5], &settings());
    let hopf = of_kind(&diagram, EventKind::Hopf).remove(0);
    let locus =
        Locus::through(&HopfHopf, &hopf, EventKind::Hopf, 0.5, RANGES, &settings()).unwrap();
    let found = locus_events(&locus, EventKind::HopfHopf);
    assert_eq!(found.len(), 1, "{:?}", locus.events().collect::<Vec<_>>());
    close(found[0].parameters[1], 0.0, 1e-10);
    let mut products: Vec<f64> = found[0].coefficients.iter().map(|c| c.1).collect();
    products.sort_by(f64::total_cmp);
    for (found, expected) in products.iter().zip([-6.0, -4.0, -2.0, -2.0]) {
        close(*found, expected, 1e-9);
    }
}
