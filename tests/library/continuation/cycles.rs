//! Cycles whose radius, period and multipliers are known exactly.

use brainsweep::continuation::{CycleBranch, CycleEnd, EventKind, Locus, Settings};
use std::f64::consts::TAU;

use crate::continuation::common::{close, equations, equilibria, of_kind};
use crate::continuation::normal_forms::{Bautin, Hopf};

/// z' = (p + i) z - z|z|^2: radius sqrt(p), period 2 pi, multiplier exp(-4 pi p).
#[test]
fn a_round_cycle_has_its_radius_period_and_multiplier() {
    let settings = Settings::new(-0.5, 0.3);
    let diagram = equilibria(&Hopf, &[0.0], &settings);
    let hopf = of_kind(&diagram, EventKind::Hopf);
    let branch = CycleBranch::from_hopf(&Hopf, &[0.0], 0, &hopf[0], &hopf, &settings).unwrap();
    assert_eq!(branch.end, CycleEnd::Bound);
    for cycle in branch.cycles.iter().skip(1) {
        close(cycle.period, TAU, 1e-9);
        close(cycle.maxima[0], cycle.parameter.sqrt(), 1e-8);
        close(cycle.minima[1], -cycle.parameter.sqrt(), 1e-8);
        close(
            cycle.multipliers[0].re,
            (-2.0 * TAU * cycle.parameter).exp(),
            1e-7,
        );
    }
}

/// With q = 1 the unstable cycle of radius^2 = 1/2 - sqrt(1/4 + p) turns round at p = -1/4.
#[test]
fn a_subcritical_branch_turns_round_in_a_fold_of_cycles() {
    let settings = Settings::new(-1.0, 1.0);
    let diagram = equilibria(&Bautin, &[0.0, 1.0], &settings);
    let hopf = of_kind(&diagram, EventKind::Hopf);
    let branch =
        CycleBranch::from_hopf(&Bautin, &[0.0, 1.0], 0, &hopf[0], &hopf, &settings).unwrap();
    let events: Vec<_> = branch.events().collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].kind, EventKind::CycleFold);
    assert_eq!(
        (events[0].n_unstable_before, events[0].n_unstable_after),
        (1, 0)
    );
    close(events[0].parameters[0], -0.25, 1e-10);
    close(
        events[0].state[0].hypot(events[0].state[1]),
        0.5f64.sqrt(),
        1e-8,
    );
}

/// Folds of cycles lie at p = -q^2/4, q > 0.
#[test]
fn a_curve_of_folds_of_cycles_is_a_parabola() {
    let settings = Settings::new(-1.0, 1.0);
    let diagram = equilibria(&Bautin, &[0.0, 1.0], &settings);
    let hopf = of_kind(&diagram, EventKind::Hopf);
    let branch =
        CycleBranch::from_hopf(&Bautin, &[0.0, 1.0], 0, &hopf[0], &hopf, &settings).unwrap();
    let near = branch.cycles.iter().find(|c| !c.events.is_empty()).unwrap();
    let ranges = [[-0.8, 0.5], [0.3, 1.5]];
    let locus = Locus::of_cycles(&Bautin, &near.events[0], near, 1.0, ranges, &settings).unwrap();
    assert!(
        locus.points.len() > 5 && locus.stopped.is_empty(),
        "{:?}",
        locus.stopped
    );
    for point in &locus.points {
        let [p, q] = point.parameters;
        close(p, -q * q / 4.0, 1e-9);
    }
    let reach = locus.points.iter().map(|p| p.parameters[1]);
    close(reach.clone().fold(0.0, f64::max), 1.5, 1e-9);
    close(reach.fold(2.0, f64::min), 0.3, 1e-9);
}

equations!(
    /// z' = (p + i + q s - s^3) z with s = |z|^2 - 1.
    Swallow, [x, y], [p, q], |lit: fn(f64) -> _| {
    let s = x * x + y * y - lit(1.0);
    let growth = p + q * s - s * s * s;
    [growth * x - y, growth * y + x]
});

/// Folds of cycles lie at q = 3 s^2, p = -2 s^3: they meet in a cusp at s = 0, and one curve ends at s = -1, where the cycle has
/// no size, in a generalised Hopf point with l2 = 12 (the normal form's coefficient of z|z|^4 is 3, twice two for |q| = 1).
#[test]
fn folds_of_cycles_meet_in_a_cusp_and_end_in_a_generalised_hopf_point() {
    let settings = Settings::new(-1.0, 1.0);
    let diagram = equilibria(&Swallow, &[0.0, 0.3], &settings);
    let hopf = of_kind(&diagram, EventKind::Hopf);
    let branch =
        CycleBranch::from_hopf(&Swallow, &[0.0, 0.3], 0, &hopf[0], &hopf, &settings).unwrap();
    let folds: Vec<_> = branch.events().collect();
    assert_eq!(folds.len(), 2, "{folds:?}");
    for fold in folds {
        assert_eq!(fold.kind, EventKind::CycleFold);
        close(fold.parameters[0].abs(), 2.0 * 0.1f64.powf(1.5), 1e-10);
    }
    let near = branch.cycles.iter().find(|c| !c.events.is_empty()).unwrap();
    let ranges = [[-3.0, 3.0], [-1.0, 4.0]];
    let locus = Locus::of_cycles(&Swallow, &near.events[0], near, 0.3, ranges, &settings).unwrap();
    assert!(locus.stopped.is_empty(), "{:?}", locus.stopped);
    for point in &locus.points {
        let [p, q] = point.parameters;
        close(27.0 * p * p, 4.0 * q.powi(3), 1e-8);
    }
    let mut events: Vec<_> = locus.events().collect();
    assert_eq!(events.len(), 2, "{events:?}");
    events.sort_by_key(|event| event.kind);
    assert_eq!(events[0].kind, EventKind::Cusp);
    close(events[0].parameters[0], 0.0, 1e-10);
    close(events[0].parameters[1], 0.0, 1e-10);
    close(events[0].period.unwrap(), TAU, 1e-9);
    assert_eq!(events[1].kind, EventKind::GeneralizedHopf);
    close(events[1].parameters[0], 2.0, 1e-10);
    close(events[1].parameters[1], 3.0, 1e-10);
    close(events[1].coefficient.unwrap(), 12.0, 1e-8);
    assert!(
        locus
            .ends
            .contains(&Some(brainsweep::continuation::BranchEnd::Event))
    );
}

equations!(
    /// A round cycle of radius 1, and beside it a pair whose growth along it is p - 1.
    Beside, [a, b, c, d], [p], |lit: fn(f64) -> _| {
    let (r1, r2) = (a * a + b * b, c * c + d * d);
    let (g1, g2) = (lit(1.0) - r1, p - r1 - r2);
    let w = lit(2f64.sqrt());
    [g1 * a - b, g1 * b + a, g2 * c - w * d, g2 * d + w * c]
});

/// Its multipliers are exp(2 pi (p - 1 +- i sqrt 2)), so a torus is born at p = 1.
#[test]
fn a_torus_is_born_where_the_pair_leaves_the_circle() {
    let settings = Settings::new(0.5, 1.5);
    let orbit = |t: f64| vec![(TAU * t).cos(), (TAU * t).sin(), 0.0, 0.0];
    let branch =
        CycleBranch::from_orbit(&Beside, &[0.6], 0, (&orbit, TAU), true, &settings).unwrap();
    let events: Vec<_> = branch.events().collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].kind, EventKind::Torus);
    close(events[0].parameters[0], 1.0, 1e-9);
}

equations!(
    /// A cycle of radius 1 in the plane z = 0; the vectors across it turn by half a turn per period, growing with p in one
    /// direction and shrinking with 1 in the other.
    Moebius, [x, y, z], [p], |lit: fn(f64) -> _| {
    use brainsweep::testing::scalar::Scalar;
    let r2 = x * x + y * y;
    let r = Scalar::sqrt(r2);
    let (c, s, e) = (x * r.recip(), y * r.recip(), r - lit(1.0));
    let (mean, half) = ((p - lit(1.0)) * lit(0.5), (p + lit(1.0)) * lit(0.5));
    let de = (mean + half * c) * e + (half * s - lit(0.5)) * z - e * (e * e + z * z);
    let dz = (half * s + lit(0.5)) * e + (mean - half * c) * z - z * (e * e + z * z);
    [c * de - y, s * de + x, dz]
});

/// Its multipliers are -exp(2 pi p) and -exp(-2 pi).
#[test]
fn a_period_doubles_where_a_multiplier_passes_minus_1() {
    let settings = Settings::new(-0.5, 0.5);
    let orbit = |t: f64| vec![(TAU * t).cos(), (TAU * t).sin(), 0.0];
    let branch =
        CycleBranch::from_orbit(&Moebius, &[-0.4], 0, (&orbit, TAU), true, &settings).unwrap();
    for cycle in &branch.cycles {
        close(
            cycle.multipliers[0].re,
            -(TAU * cycle.parameter).exp(),
            1e-6,
        );
        close(cycle.multipliers[1].re, -(-TAU).exp(), 1e-8);
    }
    let events: Vec<_> = branch.events().collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].kind, EventKind::PeriodDoubling);
    close(events[0].parameters[0], 0.0, 1e-9);
}
