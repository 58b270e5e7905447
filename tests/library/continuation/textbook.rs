//! Systems of the textbooks and of AUTO's demos. The numbers were computed for this project in extended precision from the
//! equations; AUTO-07p's manual prints the same to its accuracy.

use brainsweep::continuation::{Criticality, CycleBranch, Event, EventKind, Settings};

use crate::continuation::common::{close, equations, equilibria, of_kind};

equations!(
    /// A -> B (AUTO's demo `ab`; Uppal, Ray & Poore 1974, Chem. Eng. Sci. 29, 967), p3 = 2.
    Reaction, [u, v], [p1, p2], |lit: fn(f64) -> _| {
    let rate = p1 * (lit(1.0) - u) * brainsweep::testing::scalar::Scalar::exp(v);
    [rate - u, p2 * rate - v - lit(2.0) * v]
});
equations!(Brusselator, [x, y], [b], |lit: fn(f64) -> _| [
    lit(1.0) - (b + lit(1.0)) * x + x * x * y,
    b * x - x * x * y,
]);
equations!(Lorenz, [x, y, z], [rho], |lit: fn(f64) -> _| [
    lit(10.0) * (y - x),
    rho * x - y - x * z,
    x * y - lit(8.0 / 3.0) * z,
]);

/// p2, then kind, p1 and l1 of folds and the Hopf point.
#[test]
fn the_reaction_has_its_folds_and_hopf_point() {
    for (p2, folds, hopf, l1) in [
        (
            14.0,
            [0.10573897827165066, 0.08893184618577281],
            0.13090004482004333,
            -0.3889545355274055,
        ),
        (
            15.0,
            [0.09590571923641088, 0.07025594565925936],
            0.10356262113461727,
            -0.39840251364334894,
        ),
        (
            18.0,
            [0.07540308502487733, 0.03287335227528897],
            0.04874466387347251,
            -0.4256193197608469,
        ),
    ] {
        let mut settings = Settings::new(0.0, 0.15);
        settings.search_box = [0.0, 8.0];
        let diagram = equilibria(&Reaction, &[0.0, p2], &settings);
        let mut found: Vec<f64> = of_kind(&diagram, EventKind::Fold)
            .iter()
            .map(|e| e.parameters[0])
            .collect();
        found.sort_by(|a, b| b.total_cmp(a));
        assert_eq!(found.len(), 2);
        close(found[0], folds[0], 1e-12);
        close(found[1], folds[1], 1e-12);
        let found = of_kind(&diagram, EventKind::Hopf);
        assert_eq!(found.len(), 1);
        close(found[0].parameters[0], hopf, 1e-12);
        close(found[0].coefficient.unwrap(), l1, 1e-9);
    }
}

/// Hopf point at b = 1 + a^2 with l1 = -1/2 (a = 1), and cycles to a multiplier of 2.5e-4.
#[test]
fn the_brusselator_oscillates_from_b_2() {
    let mut settings = Settings::new(1.0, 3.0);
    let diagram = equilibria(&Brusselator, &[1.0], &settings);
    let hopf = of_kind(&diagram, EventKind::Hopf);
    assert_eq!(hopf.len(), 1);
    close(hopf[0].parameters[0], 2.0, 1e-12);
    close(hopf[0].omega.unwrap(), 1.0, 1e-12);
    close(hopf[0].coefficient.unwrap(), -0.5, 1e-11);
    settings.mesh = 60;
    let branch =
        CycleBranch::from_hopf(&Brusselator, &[1.0], 0, &hopf[0], &hopf, &settings).unwrap();
    let cycle = branch.cycles.last().unwrap();
    close(cycle.parameter, 3.0, 1e-14);
    close(cycle.period, 7.15691992117988, 1e-8);
    close(cycle.maxima[0], 3.7517739112336606, 1e-7);
    close(cycle.minima[1], 0.8523255020666852, 1e-7);
    assert!((cycle.multipliers[0].re / 0.00025163757998897094 - 1.0).abs() < 1e-5);
}

/// Pitchfork at 1, subcritical Hopf points at 470/19 on both arms.
#[test]
fn lorenz_has_a_pitchfork_and_subcritical_hopf_points() {
    let mut settings = Settings::new(0.0, 30.0);
    settings.search_box = [-10.0, 30.0];
    let diagram = equilibria(&Lorenz, &[0.0], &settings);
    assert_eq!(diagram.branches.len(), 2);
    for event in of_kind(&diagram, EventKind::BranchPoint) {
        close(event.parameters[0], 1.0, 1e-10);
        assert_eq!(event.criticality, Some(Criticality::Supercritical));
    }
    let hopf: Vec<Event> = of_kind(&diagram, EventKind::Hopf);
    assert_eq!(hopf.len(), 2);
    for event in hopf {
        close(event.parameters[0], 470.0 / 19.0, 1e-12);
        assert_eq!(event.criticality, Some(Criticality::Subcritical));
    }
}
