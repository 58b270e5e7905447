//! From events of cycles onto the branches that cross there: known exactly, simulated, or computed in extended precision.

use brainsweep::continuation::{Cycle, CycleBranch, CycleEnd, Diagram, Event, EventKind, Settings};
use std::f64::consts::TAU;

use crate::continuation::common::{close, equations, field, runge_kutta};
use crate::continuation::cycles::Moebius;
use crate::continuation::textbook::Lorenz;

equations!(
    /// A round cycle of radius 1 with multiplier exp(-4 pi), and across it a pitchfork.
    Arms, [x, y, z], [p], |lit: fn(f64) -> _| {
    let growth = lit(1.0) - x * x - y * y;
    [growth * x - y, growth * y + x, p * z - z * z * z]
});
equations!(
    /// The same with a transcritical point across it.
    Crossing, [x, y, z], [p], |lit: fn(f64) -> _| {
    let growth = lit(1.0) - x * x - y * y;
    [growth * x - y, growth * y + x, p * z - z * z]
});

fn round(t: f64) -> Vec<f64> {
    vec![(TAU * t).cos(), (TAU * t).sin(), 0.0]
}

fn only(branch: &CycleBranch, kind: EventKind) -> Event {
    let events: Vec<&Event> = branch.events().collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].kind, kind);
    assert!(branch.unexplained.is_empty());
    events[0].clone()
}

/// z = +-sqrt(p) on the arms, with multiplier exp(-4 pi p) there.
#[test]
fn both_arms_leave_a_pitchfork_of_cycles() {
    let settings = Settings::new(-0.5, 0.5);
    let trunk = CycleBranch::from_orbit(&Arms, &[-0.4], 0, (&round, TAU), true, &settings).unwrap();
    let event = only(&trunk, EventKind::BranchPoint);
    close(event.parameters[0], 0.0, 1e-10);
    close(event.period.unwrap(), TAU, 1e-10);
    let mut signs = Vec::new();
    for ahead in [true, false] {
        let arm = CycleBranch::from_event(&Arms, &[0.0], 0, &event, ahead, &[], &settings).unwrap();
        assert_eq!(
            (arm.end.clone(), arm.events().count()),
            (CycleEnd::Bound, 0)
        );
        let last = arm.cycles.last().unwrap();
        close(last.parameter, 0.5, 1e-14);
        signs.push(last.maxima[2].signum());
        for cycle in arm.cycles.iter().skip(1) {
            close(cycle.maxima[2].powi(2), cycle.parameter, 1e-9);
            close(cycle.minima[2], cycle.maxima[2], 1e-9);
            close(
                cycle.multipliers[0].re,
                (-2.0 * TAU * cycle.parameter).exp(),
                1e-7,
            );
            assert!(cycle.is_stable());
        }
        // Back down the arm: the branch point is met where it turns, and the other arm follows.
        let orbit = profile(last);
        let back =
            CycleBranch::from_orbit(&Arms, &[0.5], 0, (&orbit, last.period), false, &settings)
                .unwrap();
        close(only(&back, EventKind::BranchPoint).parameters[0], 0.0, 1e-9);
        assert_eq!(back.end, CycleEnd::Bound);
        close(back.cycles.last().unwrap().maxima[2], -last.maxima[2], 1e-7);
    }
    signs.sort_by(f64::total_cmp);
    assert_eq!(signs, [-1.0, 1.0]);
}

/// The state of a cycle at a fraction of its period, by straight lines: a guess for Newton's method.
fn profile(cycle: &Cycle) -> impl Fn(f64) -> Vec<f64> {
    let (times, points) = (cycle.times.clone(), cycle.profile.clone());
    move |t: f64| {
        let k = times
            .partition_point(|&end| end <= t)
            .clamp(1, times.len() - 1);
        let part = (t - times[k - 1]) / (times[k] - times[k - 1]);
        let ends = points[k - 1].iter().zip(&points[k]);
        ends.map(|(a, b)| a + part * (b - a)).collect()
    }
}

/// z = p with multiplier exp(-2 pi p): the cycles exchange their stability.
#[test]
fn two_branches_of_cycles_cross() {
    let settings = Settings::new(-0.5, 0.5);
    let trunk =
        CycleBranch::from_orbit(&Crossing, &[-0.4], 0, (&round, TAU), true, &settings).unwrap();
    let event = only(&trunk, EventKind::BranchPoint);
    close(event.parameters[0], 0.0, 1e-10);
    assert_eq!((event.n_unstable_before, event.n_unstable_after), (0, 1));
    let mut ends = Vec::new();
    for ahead in [true, false] {
        let other =
            CycleBranch::from_event(&Crossing, &[0.0], 0, &event, ahead, &[], &settings).unwrap();
        for cycle in other.cycles.iter().skip(1) {
            close(cycle.maxima[2], cycle.parameter, 1e-9);
            assert_eq!(cycle.is_stable(), cycle.parameter > 0.0);
        }
        ends.push(other.cycles.last().unwrap().parameter);
    }
    ends.sort_by(f64::total_cmp);
    assert_eq!(ends, [-0.5, 0.5]);
}

/// In the turning frame the doubled cycle lies at distance sqrt(p), with multipliers exp(-8 pi p) and exp(-4 pi (1 + p)).
#[test]
fn a_doubled_cycle_is_born_at_a_period_doubling() {
    let settings = Settings::new(-0.5, 0.5);
    let single =
        CycleBranch::from_orbit(&Moebius, &[-0.4], 0, (&round, TAU), true, &settings).unwrap();
    let event = only(&single, EventKind::PeriodDoubling);
    let double =
        CycleBranch::from_event(&Moebius, &[0.0], 0, &event, true, &[], &settings).unwrap();
    assert_eq!(
        (double.end.clone(), double.events().count()),
        (CycleEnd::Bound, 0)
    );
    for cycle in double.cycles.iter().skip(1) {
        let p = cycle.parameter;
        close(cycle.period, 2.0 * TAU, 1e-9);
        close(cycle.maxima[2], p.sqrt(), 1e-7);
        close(cycle.multipliers[0].re, (-4.0 * TAU * p).exp(), 1e-6);
        close(
            cycle.multipliers[1].re,
            (-2.0 * TAU * (1.0 + p)).exp(),
            1e-6,
        );
    }
}

equations!(
    /// The pitchfork of cycles born at a Hopf point: radius sqrt(p), and z = +-sqrt(p - 1/4) from p = 1/4 on.
    Branching, [x, y, z], [p], |lit: fn(f64) -> _| {
    let growth = p - x * x - y * y;
    [growth * x - y, growth * y + x, (x * x + y * y - lit(0.25) - z * z) * z]
});

/// A diagram follows both arms by itself, each once.
#[test]
fn a_diagram_holds_the_cycles_that_branch_off() {
    let mut settings = Settings::new(-0.5, 0.5);
    settings.search_box = [-0.1, 0.1];
    let diagram = Diagram::new(&Branching, &[-0.5], &settings).unwrap();
    assert_eq!(diagram.cycles.len(), 3);
    let event = only(&diagram.cycles[0], EventKind::BranchPoint);
    close(event.parameters[0], 0.25, 1e-10);
    let mut tops: Vec<f64> = diagram.cycles[1..]
        .iter()
        .map(|branch| branch.cycles.last().unwrap().maxima[2])
        .collect();
    tops.sort_by(f64::total_cmp);
    close(tops[0], -0.5, 1e-9);
    close(tops[1], 0.5, 1e-9);
    settings.switches = 0;
    assert_eq!(
        Diagram::new(&Branching, &[-0.5], &settings)
            .unwrap()
            .cycles
            .len(),
        1
    );
}

/// The first three doublings of the cascade that falls from rho = 229.4: one cycle is simulated, the others are switched to.
#[test]
fn lorenz_cycles_double_their_period_three_times() {
    let from = 229.6;
    let f = field(&Lorenz, &[229.6]);
    let dt = 1e-4;
    let mut x = vec![-10.0, -10.0, 200.0];
    for _ in 0..200_000 {
        x = runge_kutta(&f, &x, dt);
    }
    let mut orbit = vec![x];
    for k in 0..7000 {
        orbit.push(runge_kutta(&f, &orbit[k], dt));
    }
    let miss = |k: &usize| -> f64 { (0..3).map(|i| (orbit[*k][i] - orbit[0][i]).powi(2)).sum() };
    let closes = (3000..7000)
        .min_by(|a, b| miss(a).total_cmp(&miss(b)))
        .unwrap();
    let at = |t: f64| orbit[(t * closes as f64).round() as usize].clone();
    let mut settings = Settings::new(215.0, 230.0);
    settings.mesh = 60;
    let simulated = (&at as &dyn Fn(f64) -> Vec<f64>, closes as f64 * dt);
    settings.range[0] = 229.0;
    let mut branch =
        CycleBranch::from_orbit(&Lorenz, &[from], 0, simulated, false, &settings).unwrap();
    for (low, rho, period) in [
        (218.0, 229.40670856144604, 0.4808668203110935),
        (215.9, 218.21012777781903, 0.9879489363826881),
        (215.8, 215.96593063242247, 1.9867523715616193),
    ] {
        let event = only(&branch, EventKind::PeriodDoubling);
        close(event.parameters[0], rho, 1e-7);
        close(event.period.unwrap(), period, 1e-7);
        assert_eq!((event.n_unstable_before, event.n_unstable_after), (0, 1));
        settings.range[0] = low;
        branch = CycleBranch::from_event(&Lorenz, &[rho], 0, &event, true, &[], &settings).unwrap();
        assert_eq!(branch.end, CycleEnd::Bound);
        assert!(branch.cycles[2].is_stable());
    }
}

equations!(
    /// Roessler (1976), Phys. Lett. A 57, 397, with a = b = 0.2.
    Roessler, [x, y, z], [c], |lit: fn(f64) -> _| [
    lit(0.0) - y - z,
    x + lit(0.2) * y,
    lit(0.2) + z * (x - c),
]);

/// A second method: in the return map of the simulation the maxima of x alternate beyond the period doubling, and the squares of
/// their differences grow from 0 there.
#[test]
fn a_poincare_map_doubles_where_the_branch_does() {
    // Successive maxima of x, by the parabola through three points of the simulation.
    let maxima = |c: f64| -> [f64; 2] {
        let parameters = [c];
        let f = field(&Roessler, &parameters);
        let dt = 0.01;
        let mut x = vec![-4.0, 0.0, 0.0];
        let mut before = [0.0; 2];
        let mut found = [0.0; 2];
        for _ in 0..400_000 {
            let next = runge_kutta(&f, &x, dt);
            let [a, b, c] = [before[1], x[0], next[0]];
            if b > a && b >= c {
                let top = b - (c - a).powi(2) / (8.0 * (a - 2.0 * b + c));
                found = [found[1], top];
            }
            before = [before[1], x[0]];
            x = next;
        }
        found
    };
    let start = 2.6;
    let f = field(&Roessler, &[2.6]);
    let dt = 1e-3;
    let mut x = vec![-4.0, 0.0, 0.0];
    for _ in 0..500_000 {
        x = runge_kutta(&f, &x, dt);
    }
    let mut orbit = vec![x];
    for k in 0..7000 {
        orbit.push(runge_kutta(&f, &orbit[k], dt));
    }
    let miss = |k: &usize| -> f64 { (0..3).map(|i| (orbit[*k][i] - orbit[0][i]).powi(2)).sum() };
    let closes = (4000..7000)
        .min_by(|a, b| miss(a).total_cmp(&miss(b)))
        .unwrap();
    let at = |t: f64| orbit[(t * closes as f64).round() as usize].clone();
    let settings = Settings::new(2.5, 3.2);
    let simulated = (&at as &dyn Fn(f64) -> Vec<f64>, closes as f64 * dt);
    let single =
        CycleBranch::from_orbit(&Roessler, &[start], 0, simulated, true, &settings).unwrap();
    let event = only(&single, EventKind::PeriodDoubling);
    let place = event.parameters[0];
    // d^2 is smooth and vanishes at the doubling: a parabola through three of its values finds it.
    let offsets = [0.06, 0.1, 0.14];
    let squares = offsets.map(|offset| {
        let [a, b] = maxima(place + offset);
        (a - b) * (a - b)
    });
    let parabola: f64 = (0..3)
        .map(|k| {
            let others = (0..3).filter(|i| *i != k);
            let factor: f64 = others
                .map(|i| -offsets[i] / (offsets[k] - offsets[i]))
                .product();
            factor * squares[k]
        })
        .sum();
    let slope = (squares[1] - squares[0]) / (offsets[1] - offsets[0]);
    assert!((parabola / slope).abs() < 3e-3, "{}", parabola / slope);
    // The doubled branch has the simulated maximum.
    let double =
        CycleBranch::from_event(&Roessler, &[place], 0, &event, true, &[], &settings).unwrap();
    for offset in offsets {
        let cycles = double.cycles_at(&Roessler, &[place], 0, place + offset, &settings);
        assert_eq!(cycles.len(), 1);
        let [a, b] = maxima(place + offset);
        close(cycles[0].maxima[0], a.max(b), 1e-5);
    }
}
