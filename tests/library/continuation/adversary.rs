//! Diagrams of random nodes against a brute-force scan and simulations: nothing may be missing and nothing may be surplus.
//!
//! The scan knows nothing of continuation. At many parameter values Newton's method starts from a grid of states, and the
//! determinant and the trace of the Jacobian say what each equilibrium is. Between two values an equilibrium that turns from stable to
//! unstable is a Hopf point, and two that appear or vanish are a fold. Simulations say which attractors there are.
//!
//! ```sh
//! SETS=1000 cargo test --release --test library adversary -- --nocapture
//! ```

use brainsweep::continuation::{Cycle, Diagram, EventKind, NodeProblem, Problem, Settings};
use brainsweep::model::find;

/// Values of the parameter in the scan.
const VALUES: usize = 160;
/// Starts of Newton's method along each state, over the box.
const STARTS: usize = 14;
const BOX: [f64; 2] = [-2.0, 2.0];

/// Uniform numbers from a linear congruence.
struct Random(u64);

impl Random {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        let Self(state) = self;
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * (*state >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A model, the ranges of its numbers, and that of the one that varies.
type Case = (&'static str, &'static [(&'static str, f64, f64)], [f64; 2]);

const CASES: [Case; 3] = [
    (
        "fitzhugh-nagumo",
        &[
            ("alpha", 2.0, 4.0),
            ("beta", 3.0, 5.0),
            ("gamma", -2.0, 0.6),
            ("delta", -0.4, 0.4),
            ("epsilon", 0.3, 1.2),
            ("tau", 4.0, 25.0),
            ("y_ext", -0.3, 0.3),
        ],
        [-2.0, 3.0],
    ),
    (
        "wilson-cowan",
        &[
            ("wEE", 10.0, 20.0),
            ("wIE", 8.0, 16.0),
            ("wEI", 7.0, 20.0),
            ("wII", 0.0, 5.0),
            ("E_a", 1.0, 2.0),
            ("I_a", 1.0, 2.0),
            ("E_theta", 2.5, 4.5),
            ("I_theta", 2.5, 4.5),
            ("E_tau", 0.3, 2.0),
            ("I_tau", 0.5, 2.5),
            ("y_ext", -2.0, 2.5),
        ],
        [-3.0, 8.0],
    ),
    (
        "stuart-landau",
        &[("a", -0.5, 1.0), ("w", 0.1, 0.8), ("y_ext", -0.3, 0.3)],
        [-1.5, 1.5],
    ),
];

/// An equilibrium as the scan sees it.
#[derive(Clone, Copy)]
struct Found {
    u: [f64; 2],
    determinant: f64,
    trace: f64,
}

impl Found {
    fn n_unstable(&self) -> usize {
        match (self.determinant > 0.0, self.trace > 0.0) {
            (false, _) => 1,
            (true, true) => 2,
            (true, false) => 0,
        }
    }
}

/// f and its Jacobian, by rows.
fn linearised(node: &NodeProblem, u: [f64; 2], parameter: f64) -> ([f64; 2], [f64; 4]) {
    let (mut value, mut slopes) = ([0.0; 2], [0.0; 6]);
    node.derivative(&u, &[parameter], &mut value, &mut slopes);
    (value, [slopes[0], slopes[2], slopes[1], slopes[3]])
}

/// Newton's method from `u`.
fn newton(node: &NodeProblem, mut u: [f64; 2], parameter: f64) -> Option<Found> {
    for _ in 0..40 {
        let (f, [a, b, c, d]) = linearised(node, u, parameter);
        let determinant = a * d - b * c;
        let step = [
            (d * f[0] - b * f[1]) / determinant,
            (a * f[1] - c * f[0]) / determinant,
        ];
        let size = step[0].abs().max(step[1].abs());
        if !size.is_finite() || size > 100.0 {
            return None;
        }
        u = [u[0] - step[0], u[1] - step[1]];
        if size < 1e-12 {
            let trace = a + d;
            return Some(Found {
                u,
                determinant,
                trace,
            });
        }
    }
    None
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).abs().max((a[1] - b[1]).abs())
}

/// All equilibria at one value: from a grid, and from those at the value before.
fn scan(node: &NodeProblem, parameter: f64, before: &[Found]) -> Vec<Found> {
    let place = |k: usize| BOX[0] + (BOX[1] - BOX[0]) * (k as f64 + 0.5) / STARTS as f64;
    let grid = (0..STARTS * STARTS).map(|k| [place(k / STARTS), place(k % STARTS)]);
    let mut all: Vec<Found> = Vec::new();
    for start in before.iter().map(|found| found.u).chain(grid) {
        if let Some(found) = newton(node, start, parameter)
            && all.iter().all(|other| distance(other.u, found.u) > 1e-7)
        {
            all.push(found);
        }
    }
    all
}

fn runge_kutta(node: &NodeProblem, u: [f64; 2], parameter: f64, h: f64) -> [f64; 2] {
    let rate = |u: [f64; 2]| {
        let mut value = [0.0; 2];
        node.value(&u, &[parameter], &mut value);
        value
    };
    let ahead = |k: [f64; 2], h: f64| [u[0] + h * k[0], u[1] + h * k[1]];
    let a = rate(u);
    let b = rate(ahead(a, 0.5 * h));
    let c = rate(ahead(b, 0.5 * h));
    let d = rate(ahead(c, h));
    let sum = |i: usize| u[i] + h / 6.0 * (a[i] + 2.0 * (b[i] + c[i]) + d[i]);
    [sum(0), sum(1)]
}

/// Lowest and highest value of each state after a long simulation.
fn attractor(node: &NodeProblem, mut u: [f64; 2], parameter: f64) -> [[f64; 2]; 2] {
    const STEP: f64 = 0.05;
    let mut range = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    for step in 0..60_000 {
        u = runge_kutta(node, u, parameter, STEP);
        if step >= 40_000 {
            for (range, u) in range.iter_mut().zip(u) {
                *range = [range[0].min(u), range[1].max(u)];
            }
        }
    }
    range
}

/// What is wrong with the diagram of a node, in words.
fn faults(node: &NodeProblem, range: [f64; 2], random: &mut Random) -> Vec<String> {
    let settings = Settings::new(range[0], range[1]);
    let diagram = match Diagram::new(node, node.start(), &settings) {
        Ok(diagram) => diagram,
        Err(error) => return vec![error.to_string()],
    };
    let mut faults: Vec<String> = diagram
        .stopped
        .iter()
        .map(|remark| remark.report())
        .collect();
    faults.extend(against_scan(node, &diagram, &settings));
    faults.extend(against_simulations(node, &diagram, &settings, random));
    faults
}

fn against_scan(node: &NodeProblem, diagram: &Diagram, settings: &Settings) -> Vec<String> {
    let [low, high] = settings.range;
    let mut faults = Vec::new();
    // The last value whose equilibria are known, and these.
    let mut last: Option<(f64, Vec<Found>)> = None;
    let inside = |u: &[f64]| u.iter().all(|u| (BOX[0]..=BOX[1]).contains(u));
    let parameter = |k: usize| low + (high - low) * (k as f64 + 0.37) / (VALUES as f64 + 1.0);
    let is_near_event = |p: f64| {
        let off = |event: &brainsweep::continuation::Event| (event.parameters[0] - p).abs();
        diagram.events().any(|(_, event)| off(event) < 1e-6)
    };
    for k in 0..VALUES {
        let p = parameter(k);
        let before = last.as_ref().map_or(&[][..], |(_, found)| found);
        let here = scan(node, p, before);
        // The indices of all equilibria add up to 1, so that their number is odd. Beside a fold the scan sees two as one.
        if here.len().is_multiple_of(2) {
            continue;
        }
        let known = diagram.equilibria_at(node, node.start(), p, settings);
        for found in &here {
            let same = |state: &[f64]| distance(found.u, [state[0], state[1]]) < 1e-5;
            match known.iter().find(|(_, point)| same(&point.state)) {
                None if inside(&found.u) => {
                    faults.push(format!("{p}: the equilibrium {:?} is missing", found.u));
                }
                Some((_, point)) if point.n_unstable != found.n_unstable() && !is_near_event(p) => {
                    faults.push(format!(
                        "{p}: {:?} has {} unstable eigenvalues, not {}",
                        found.u,
                        found.n_unstable(),
                        point.n_unstable
                    ));
                }
                _ => (),
            }
        }
        if let Some((from, before)) = &last {
            faults.extend(against_events(diagram, [*from, p], [before, &here]));
        }
        last = Some((p, here));
    }
    faults
}

/// Between two values of the scan: as many Hopf points as equilibria change their stability, as many folds as pairs of them appear
/// or vanish; or two more, which the scan does not see between its values.
fn against_events(
    diagram: &Diagram,
    [from, to]: [f64; 2],
    [before, after]: [&[Found]; 2],
) -> Vec<String> {
    let between = |kind: fn(EventKind) -> bool| {
        let events = diagram.events().map(|(_, event)| event);
        let here = events.filter(|e| kind(e.kind) && (from..to).contains(&e.parameters[0]));
        here.count()
    };
    let (hopfs, folds) = (
        between(EventKind::is_hopf),
        between(|kind| kind == EventKind::Fold),
    );
    let branch_points = between(|kind| kind == EventKind::BranchPoint);
    if branch_points > 0 {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let vanished = before.len().abs_diff(after.len());
    if vanished % 2 == 1 || folds < vanished / 2 || (folds - vanished / 2) % 2 == 1 {
        faults.push(format!(
            "{from} to {to}: {} equilibria become {}, but {folds} folds are known",
            before.len(),
            after.len()
        ));
    }
    if vanished == 0 && folds == 0 {
        let changed = before.iter().filter(|found| {
            let nearest = after
                .iter()
                .min_by(|a, b| distance(a.u, found.u).total_cmp(&distance(b.u, found.u)));
            nearest.is_some_and(|there| there.n_unstable() != found.n_unstable())
        });
        let changed = changed.count();
        if hopfs < changed || (hopfs - changed) % 2 == 1 {
            faults.push(format!(
                "{from} to {to}: {changed} equilibria change their stability, but {hopfs} Hopf points are known"
            ));
        }
    }
    faults
}

fn against_simulations(
    node: &NodeProblem,
    diagram: &Diagram,
    settings: &Settings,
    random: &mut Random,
) -> Vec<String> {
    let [low, high] = settings.range;
    let mut faults = Vec::new();
    for _ in 0..5 {
        let p = random.between(low, high);
        let points = diagram.equilibria_at(node, node.start(), p, settings);
        let branches = diagram.cycles.iter();
        let cycles: Vec<Cycle> = branches
            .flat_map(|branch| branch.cycles_at(node, node.start(), 0, p, settings))
            .collect();
        for _ in 0..3 {
            let start = [0, 1].map(|_| random.between(-0.5, 1.0));
            let range = attractor(node, start, p);
            let size = range.map(|[low, high]| high - low);
            if size.iter().any(|size| !size.is_finite()) {
                continue;
            }
            let is_here = |state: &[f64]| {
                let off = |i: usize| (state[i] - range[i][0]).abs();
                off(0).max(off(1)) < 1e-3
            };
            let at_rest = size[0].max(size[1]) < 1e-3;
            let is_cycle = |cycle: &Cycle| {
                let off = |i: usize| {
                    let [low, high] = range[i];
                    (cycle.minima[i] - low)
                        .abs()
                        .max((cycle.maxima[i] - high).abs())
                };
                cycle.is_stable() && (0..2).all(|i| off(i) < 0.02 * size[i] + 1e-3)
            };
            let near_rest = |point: &[f64]| {
                let within = |i: usize| {
                    let slack = 0.05 + size[i];
                    (range[i][0] - slack..=range[i][1] + slack).contains(&point[i])
                };
                within(0) && within(1)
            };
            let known = match at_rest {
                true => points.iter().any(|(_, point)| is_here(&point.state)),
                false => cycles.iter().any(is_cycle),
            };
            // Near a bifurcation a simulation does not settle in any time.
            let slow = points
                .iter()
                .any(|(_, point)| point.eigenvalues[0].re.abs() < 0.01 && near_rest(&point.state))
                || cycles
                    .iter()
                    .any(|cycle| (cycle.multipliers[0].re - 1.0).abs() < 0.05);
            if !known && !slow {
                faults.push(format!(
                    "{p}: a simulation from {start:?} settles on {range:?}, which is missing"
                ));
            }
        }
        for cycle in cycles
            .iter()
            .filter(|cycle| cycle.is_stable() && cycle.profile.len() > 2)
        {
            let steps = (cycle.period / 0.02).ceil().max(400.0);
            let first = [cycle.profile[0][0], cycle.profile[0][1]];
            let mut u = first;
            for _ in 0..steps as usize {
                u = runge_kutta(node, u, p, cycle.period / steps);
            }
            let size = (0..2)
                .map(|i| cycle.maxima[i] - cycle.minima[i])
                .fold(0.0, f64::max);
            if distance(u, first) > 0.01 * size {
                faults.push(format!(
                    "{p}: the cycle of period {} misses itself by {:e} of its size",
                    cycle.period,
                    distance(u, first) / size
                ));
            }
        }
    }
    faults
}

/// How many sets of parameters a model is tried with, and what was wrong.
pub fn tried(sets: usize) -> Vec<String> {
    let mut all = Vec::new();
    for (model, ranges, range) in CASES {
        let mut random = Random(20);
        for set in 0..sets {
            let values: Vec<(&str, f64)> = ranges
                .iter()
                .map(|&(name, low, high)| (name, random.between(low, high)))
                .collect();
            let node = NodeProblem::new(find(model).unwrap(), &values, &["x_ext"]).unwrap();
            let mut own = Random(set as u64);
            for fault in faults(&node, range, &mut own) {
                let told: Vec<String> = values
                    .iter()
                    .map(|(n, v)| format!("--set {n}={v}"))
                    .collect();
                all.push(format!("{model} {set}: {fault}\n    {}", told.join(" ")));
            }
        }
    }
    all
}

#[test]
fn nothing_is_missing_and_nothing_is_surplus() {
    let sets = std::env::var("SETS")
        .ok()
        .and_then(|sets| sets.parse().ok());
    let wrong = tried(sets.unwrap_or(20));
    assert!(
        wrong.is_empty(),
        "{} faults\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
