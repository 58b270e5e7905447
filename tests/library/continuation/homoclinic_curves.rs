//! Curves of homoclinic connections, and folds on cycles, in two parameters: Wilson-Cowan's, whose values come from scipy
//! (connections by shooting along the saddle's directions, saddle-nodes by the orbit that leaves them).

use brainsweep::continuation::{
    BranchEnd, Chart, CycleBranch, Event, EventKind, Locus, Problem, Settings,
};

use crate::continuation::common::{close, equilibria, field, of_kind, runge_kutta, wilson_cowan};

/// The curve through the connection at y_ext = 2.2.
fn curve(y_range: [f64; 2]) -> Locus {
    let node = wilson_cowan("wilson-cowan", 2.2);
    let mut settings = Settings::new(-3.0, 8.0);
    let at = [0.0, 2.2];
    let hopf: Vec<Event> = of_kind(&equilibria(&node, &at, &settings), EventKind::Hopf);
    settings.max_cycles = 300;
    let branch = CycleBranch::from_hopf(&node, &at, 0, &hopf[0], &hopf, &settings).unwrap();
    let mut events = branch.events();
    let event = events
        .find(|event| event.kind == EventKind::Homoclinic)
        .unwrap();
    close(event.parameters[0], 4.847545822, 1e-9);
    let cycle = branch.cycles.last().unwrap();
    let ranges = [[-3.0, 8.0], y_range];
    let curve = Locus::of_homoclinics(&node, event, cycle, 2.2, ranges, &settings).unwrap();
    assert!(curve.stopped.is_empty(), "{:?}", curve.stopped);
    curve
}

#[test]
fn connections_are_at_their_values_at_both_bounds() {
    let curve = curve([2.05, 2.25]);
    assert_eq!(curve.ends, [Some(BranchEnd::Bound); 2]);
    let mut ends = [curve.points.first(), curve.points.last()].map(|p| p.unwrap().parameters);
    ends.sort_by(|a, b| a[1].total_cmp(&b[1]));
    let right = [[4.665305780, 2.05], [4.910321728, 2.25]];
    for (end, right) in ends.iter().zip(right) {
        close(end[0], right[0], 2e-9);
        close(end[1], right[1], 1e-12);
    }
}

/// The orbit that leaves the saddle along its unstable direction, towards more or less of x, comes back to it within this, after it was
/// farther away than `far`. Steps of time are `step`.
fn comes_back(
    node: &dyn Problem,
    parameters: &[f64],
    saddle: &[f64],
    (far, step): (f64, f64),
) -> f64 {
    let mut derivative = [0.0; 8];
    let mut value = [0.0; 2];
    node.derivative(saddle, parameters, &mut value, &mut derivative);
    let [a, c, b, d] = [0, 1, 2, 3].map(|k| derivative[k]);
    let growth = 0.5 * (a + d + ((a - d).powi(2) + 4.0 * b * c).sqrt());
    let rates = field(node, parameters);
    let both = [-1e-6, 1e-6].map(|small| {
        let mut u = vec![saddle[0] + small, saddle[1] + small * (growth - a) / b];
        let away = |u: &[f64]| (u[0] - saddle[0]).hypot(u[1] - saddle[1]);
        let (mut left, mut nearest) = (false, f64::INFINITY);
        for _ in 0..40_000 {
            u = runge_kutta(&rates, &u, step);
            left |= away(&u) > far;
            nearest = if left { away(&u).min(nearest) } else { nearest };
        }
        nearest
    });
    both[0].min(both[1])
}

/// From the saddle-node where it becomes one of a saddle, through the neutral saddle where a curve of folds of cycles ends, to a
/// Bogdanov-Takens point.
#[test]
fn a_curve_of_connections_goes_from_a_saddle_node_to_a_bogdanov_takens_point() {
    let curve = curve([-5.0, 5.0]);
    assert_eq!(curve.ends, [Some(BranchEnd::Event); 2]);
    let right = [
        ("saddle-node-loop", [4.183379950, 1.344750602]),
        ("neutral-homoclinic", [4.618601809, 2.009653974]),
        ("bogdanov-takens", [6.098162166825, 3.277576533181]),
    ];
    let mut events: Vec<&Event> = curve.events().collect();
    events.sort_by(|a, b| a.parameters[0].total_cmp(&b.parameters[0]));
    assert_eq!(events.len(), right.len(), "{events:?}");
    for (event, (kind, at)) in events.iter().zip(right) {
        assert_eq!(event.kind.name(), kind);
        close(event.parameters[0], at[0], 3e-9);
        close(event.parameters[1], at[1], 3e-9);
    }
    let node = wilson_cowan("wilson-cowan", 2.2);
    let inside = curve
        .points
        .iter()
        .filter(|point| (4.3..5.6).contains(&point.parameters[0]));
    let inside: Vec<_> = inside.step_by(3).collect();
    assert!(inside.len() > 2);
    for point in inside {
        let [x, y] = point.parameters;
        let large = (0.05, 0.002);
        let on = comes_back(&node, &[x, y], &point.state, large);
        let beside = comes_back(&node, &[x + 1e-5, y], &point.state, large);
        assert!(
            on < 1e-4 && on < 0.2 * beside,
            "{x} {y}: {on:e}, beside {beside:e}"
        );
    }
}

/// Between two saddle-node loops a curve of folds lies on cycles, as at y_ext = -1 where cycles end in a SNIC.
#[test]
fn folds_lie_on_cycles_from_one_saddle_node_loop_to_another() {
    let node = wilson_cowan("wilson-cowan", -1.0);
    let mut settings = Settings::new(0.2, 0.7);
    settings.max_cycles = 200;
    let ranges = [[0.2, 0.7], [-1.4, -0.1]];
    let chart = Chart::new(&node, &[0.3, -1.0], ranges, &settings).unwrap();
    let folds = || {
        chart
            .curves
            .iter()
            .filter(|curve| curve.kind == EventKind::Fold)
    };
    let mut loops: Vec<&Event> = folds()
        .flat_map(Locus::events)
        .filter(|event| event.kind == EventKind::SaddleNodeLoop)
        .collect();
    loops.sort_by(|a, b| a.parameters[0].total_cmp(&b.parameters[0]));
    let right = [[0.321335561, -1.264076767], [0.528657750, -0.212884197]];
    assert_eq!(loops.len(), right.len(), "{loops:?}");
    for (event, right) in loops.iter().zip(right) {
        close(event.parameters[0], right[0], 1e-7);
        close(event.parameters[1], right[1], 1e-7);
    }
    // The saddle-nodes on the upper side of the cusp only.
    let on_cycles = folds()
        .flat_map(|curve| &curve.points)
        .filter(|p| p.kind == EventKind::Snic);
    let on_cycles: Vec<[f64; 2]> = on_cycles.map(|point| point.parameters).collect();
    assert!(on_cycles.len() > 5);
    let [low, high] = right;
    for [x, y] in on_cycles {
        assert!(
            (low[0]..high[0]).contains(&x) && (low[1]..high[1]).contains(&y),
            "{x} {y}"
        );
    }
    // A curve of connections leaves the Bogdanov-Takens point and ends in the upper one, a short way off.
    let connections = chart
        .curves
        .iter()
        .filter(|c| c.kind == EventKind::Homoclinic);
    let goes = |curve: &Locus| {
        let ends = [
            ("bogdanov-takens", [0.501917322, -0.242500531]),
            ("saddle-node-loop", right[1]),
        ];
        ends.iter().all(|(kind, at)| {
            curve.events().any(|event| {
                let miss = [0, 1].map(|k| (event.parameters[k] - at[k]).abs());
                event.kind.name() == *kind && miss[0].max(miss[1]) < 1e-7
            })
        })
    };
    let short: Vec<&Locus> = connections.filter(|curve| goes(curve)).collect();
    let [short] = &short[..] else {
        panic!("{} curves", short.len());
    };
    let mut inside = 0;
    for point in &short.points {
        let [x, y] = point.parameters;
        if (-0.23..-0.216).contains(&y) {
            let small = (0.002, 0.02);
            let on = comes_back(&node, &[x, y], &point.state, small);
            let beside = comes_back(&node, &[x + 1e-5, y], &point.state, small);
            assert!(
                on < 2e-6 && on < 0.2 * beside,
                "{x} {y}: {on:e}, beside {beside:e}"
            );
            inside += 1;
        }
    }
    assert!(inside > 0);
}
