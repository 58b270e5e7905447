//! Curves of period doublings and tori in two parameters.

use std::f64::consts::TAU;

use brainsweep::continuation::{
    BranchEnd, CycleBranch, Event, EventKind, Locus, LocusPoint, Problem, Settings,
};

use crate::continuation::common::{close, equations, equilibria, of_kind, time_map};

equations!(
    /// Beside the cycle of radius 1, whose angle is t, the plane of u and v turns by half of t; in it one direction grows at the
    /// rate p^2 + q^2 - 1, the other one at -1, and larger deviations shrink.
    Moebius, [x, y, u, v], [p, q], |lit: fn(f64) -> _| {
    let square = x * x + y * y;
    let (a, b) = (p * p + q * q - lit(1.0), lit(-1.0));
    let (mean, half) = (lit(0.5) * (a + b), lit(0.5) * (a - b));
    let away = u * u + v * v;
    [
        x - y - x * square,
        x + y - y * square,
        mean * u + half * (x * u + y * v) - lit(0.5) * v - u * away,
        mean * v + half * (y * u - x * v) + lit(0.5) * u - v * away,
    ]
});

/// The multipliers are -exp(2 pi (p^2 + q^2 - 1)) and -exp(-2 pi) and what the radius gives: periods double on the unit circle.
#[test]
fn periods_double_on_a_circle() {
    let mut settings = Settings::new(-1.5, 1.5);
    settings.mesh = 10;
    let at = [0.0, 0.3];
    let round = |t: f64| vec![(TAU * t).cos(), (TAU * t).sin(), 0.0, 0.0];
    let orbit = (&round as &dyn Fn(f64) -> Vec<f64>, TAU);
    let branch = CycleBranch::from_orbit(&Moebius, &at, 0, orbit, true, &settings).unwrap();
    let with_event = branch.cycles.iter().find(|cycle| !cycle.events.is_empty());
    let (cycle, event) = with_event.map(|cycle| (cycle, &cycle.events[0])).unwrap();
    assert_eq!(event.kind, EventKind::PeriodDoubling);
    close(event.parameters[0], (1.0f64 - 0.09).sqrt(), 1e-8);
    let ranges = [[-1.5, 1.5], [-1.5, 1.5]];
    let curve = Locus::of_cycles(&Moebius, event, cycle, 0.3, ranges, &settings).unwrap();
    assert!(curve.stopped.is_empty(), "{:?}", curve.stopped);
    assert_eq!(curve.ends, [Some(BranchEnd::Closed); 2]);
    assert!(curve.points.len() > 20);
    for point in &curve.points {
        close(point.parameters[0].hypot(point.parameters[1]), 1.0, 1e-8);
        close(point.period.unwrap(), TAU, 1e-8);
    }
}

equations!(
    /// AUTO's demo `tor`, with beta as its second parameter.
    Oscillator, [x, y, z], [nu, beta], |lit: fn(f64) -> _| {
    let gamma = lit(-0.6);
    let (a3, b3) = (lit(0.328578), lit(0.933578));
    let across = y - x;
    let cube = b3 * across * across * across;
    [
        lit(1.0 / 0.6) * (beta * y - (beta + nu) * x - a3 * x * x * x + cube),
        beta * x - (beta + gamma) * y - z - cube,
        y,
    ]
});

equations!(
    /// Beside the cycle of radius 1, whose angle is t, the plane of u and v turns by half of t; in it a damped oscillator moves,
    /// w'' + p w' + q w = 0.
    HalfTurned, [x, y, u, v], [p, q], |lit: fn(f64) -> _| {
    let square = x * x + y * y;
    let half = lit(0.5);
    let (s, t) = (half * p, half * (lit(1.0) - q));
    let (cos, sin) = (s * x - t * y, s * y + t * x);
    let turn = lit(-0.5) * q;
    [
        x - y - x * square,
        x + y - y * square,
        cos * u + sin * v - half * p * u - turn * v,
        sin * u - cos * v - half * p * v + turn * u,
    ]
});

equations!(
    /// The same without the turn.
    Unturned, [x, y, u, v], [p, q], |_lit: fn(f64) -> _| {
    let square = x * x + y * y;
    [x - y - x * square, x + y - y * square, v, -q * u - p * v]
});

/// The curve of tori of one of these, from q = 0.04.
fn tori(problem: &dyn Problem) -> Locus {
    let mut settings = Settings::new(-0.6, 1.0);
    settings.mesh = 10;
    let at = [-0.6, 0.04];
    let round = |t: f64| vec![(TAU * t).cos(), (TAU * t).sin(), 0.0, 0.0];
    let orbit = (&round as &dyn Fn(f64) -> Vec<f64>, TAU);
    let branch = CycleBranch::from_orbit(problem, &at, 0, orbit, true, &settings).unwrap();
    let mut events = branch
        .cycles
        .iter()
        .flat_map(|c| c.events.iter().map(move |e| (c, e)));
    let (cycle, event) = events.find(|(_, e)| e.kind == EventKind::Torus).unwrap();
    let ranges = [[-1.0, 1.0], [-0.1, 0.1]];
    Locus::of_cycles(problem, event, cycle, 0.04, ranges, &settings).unwrap()
}

/// Where p = 0 the multipliers of the oscillator are exp(+-2 pi i sqrt(q)), after half a turn the negative ones of these.
#[test]
fn curves_of_tori_pass_weak_resonances_and_end_in_strong_ones() {
    let (turned, unturned) = (tori(&HalfTurned), tori(&Unturned));
    let cases = [
        (
            turned,
            [
                ("resonance-1-2", 0.0),
                ("resonance-1-3", 1.0 / 36.0),
                ("resonance-1-4", 1.0 / 16.0),
            ]
            .to_vec(),
        ),
        (
            unturned,
            [("resonance-1-1", 0.0), ("resonance-1-4", 1.0 / 16.0)].to_vec(),
        ),
    ];
    for (mut curve, right) in cases {
        assert!(curve.stopped.is_empty(), "{:?}", curve.stopped);
        for point in &curve.points {
            close(point.parameters[0], 0.0, 1e-8);
        }
        let mut ends = curve.ends;
        ends.sort_by_key(|end| *end == Some(BranchEnd::Event));
        assert_eq!(ends, [Some(BranchEnd::Bound), Some(BranchEnd::Event)]);
        if curve.points[0].parameters[1] > 0.05 {
            curve.points.reverse();
        }
        let mut events: Vec<&Event> = curve.events().collect();
        events.sort_by(|a, b| a.parameters[1].total_cmp(&b.parameters[1]));
        assert_eq!(events.len(), right.len(), "{events:?}");
        for (event, (kind, q)) in events.iter().zip(right) {
            assert_eq!(event.kind.name(), kind);
            close(event.parameters[1], q, 1e-7);
        }
    }
}

/// The multipliers of the cycle of a point of a curve: the characteristic polynomial, integrated with the flow, at `at`, and the
/// determinant.
fn characteristic(point: &LocusPoint, at: f64) -> [f64; 2] {
    let period = point.period.unwrap();
    let (_, m) = time_map(&Oscillator, &point.parameters, &point.state, period, 4000);
    let determinant = |shift: f64| {
        let m = |r: usize, c: usize| m[3 * c + r] - if r == c { shift } else { 0.0 };
        let minor = |a: usize, b: usize| m(1, a) * m(2, b) - m(1, b) * m(2, a);
        m(0, 0) * minor(1, 2) - m(0, 1) * minor(0, 2) + m(0, 2) * minor(0, 1)
    };
    [determinant(at), determinant(0.0)]
}

/// On the curve of tori the cycle's multipliers are 1 and a pair on the circle, so their product is 1; on that of period doublings
/// one is -1. The tori end where the pair becomes 1, and in the zero-Hopf point of the origin, whose rates are
/// ((beta (y - x) - nu x) / 0.6, beta (x - y) + 0.6 y - z, y): at nu = -beta = -0.6.
#[test]
fn tors_tori_and_period_doublings_in_two_parameters() {
    let settings = Settings::new(-0.9, -0.4);
    let at = [-0.9, 0.5];
    let hopf = of_kind(&equilibria(&Oscillator, &at, &settings), EventKind::Hopf);
    let mut narrow = settings.clone();
    narrow.range = [-0.62, -0.4];
    let branch = CycleBranch::from_hopf(&Oscillator, &at, 0, &hopf[0], &hopf, &narrow).unwrap();
    let crossing = branch.events().last().unwrap();
    let arm = CycleBranch::from_event(&Oscillator, &at, 0, crossing, true, &hopf, &narrow).unwrap();
    let ranges = [[-0.8, -0.3], [0.4, 0.7]];
    let curve = |kind: EventKind| {
        let mut events = arm
            .cycles
            .iter()
            .flat_map(|c| c.events.iter().map(move |e| (c, e)));
        let (cycle, event) = events.find(|(_, event)| event.kind == kind).unwrap();
        let curve = Locus::of_cycles(&Oscillator, event, cycle, 0.5, ranges, &settings).unwrap();
        assert!(curve.stopped.is_empty(), "{:?}", curve.stopped);
        curve
    };
    let tori = curve(EventKind::Torus);
    assert_eq!(tori.ends, [Some(BranchEnd::Event); 2]);
    let mut kinds: Vec<_> = tori.events().map(|event| event.kind.name()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["resonance-1-1", "zero-hopf"]);
    let zero_hopf = tori
        .events()
        .find(|event| event.kind == EventKind::ZeroHopf)
        .unwrap();
    close(zero_hopf.parameters[0], -0.6, 1e-9);
    close(zero_hopf.parameters[1], 0.6, 1e-9);
    let inside = &tori.points[1..tori.points.len() - 1];
    for point in inside.iter().step_by(7) {
        let angle = point.omega.unwrap() * point.period.unwrap();
        let [at_one, product] = characteristic(point, 1.0);
        close(product, 1.0, 1e-6);
        close(at_one, 0.0, 1e-6);
        // Of the polynomial (1 - x)(x^2 - 2 cos(angle) x + 1).
        close(
            characteristic(point, -1.0)[0],
            4.0 + 4.0 * angle.cos(),
            1e-5,
        );
    }
    let doublings = curve(EventKind::PeriodDoubling);
    assert_eq!(doublings.ends, [Some(BranchEnd::Bound); 2]);
    for point in doublings.points.iter().step_by(7) {
        close(characteristic(point, -1.0)[0], 0.0, 1e-6);
    }
}
